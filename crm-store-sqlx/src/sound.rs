//! Reads every text that reaches a database, in builds with debug assertions: so each test of a store is a test of these
//! rules too.
//!
//! - Each mention of a table names the organisation, and that is the first parameter.
//! - No value stands in a text: literals are the few that the library itself writes.
//! - Locks are taken kind by kind in the canonical order, and rows of a kind in the order of their key.
//!
//! Invariant: only a text that says so ([`ACROSS`]) may look at more than one organisation.

use std::collections::BTreeMap;

use crm_core::describe::Kind;

use crate::entry;
use crate::leases::CONSUMERS;
use crate::load::{CLAIMS, COMMANDS, REMEMBERED};
use crate::statement::{ACROSS, ORGANIZATION};

/// What may stand between quotes, beside the signs of patterns.
const LITERALS: [&str; 6] =
    ["1 microsecond", "advisory", "crm.marked", "repeatable read", "subsec", "transaction_isolation"];

/// Large numbers: what four bytes hold, and half of it; the microseconds of a second.
const NUMBERS: [&str; 3] = ["2147483648", "4294967295", "1000000"];

/// What is wrong with a text, if anything is.
pub(crate) fn fault(text: &str) -> Option<String> {
    if text.starts_with(ACROSS) {
        return None;
    }
    let tokens = tokens(text);
    literals(&tokens).or_else(|| organizations(&tokens)).or_else(|| locks(text))
}

/// A word (a name without its quotes, a number, a place or a mark of punctuation), or a literal.
#[derive(Debug, PartialEq, Eq)]
enum Token<'t> {
    Word(&'t str),
    Literal(&'t str),
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let is_of_word = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
    let (mut found, mut rest) = (Vec::new(), text.trim_start());
    while let Some(first) = rest.chars().next() {
        let (token, length) = if first == '\'' || first == '"' {
            let inside = rest.get(1..).unwrap_or_default();
            let inside = inside.split(first).next().unwrap_or_default();
            let token = if first == '"' { Token::Word(inside) } else { Token::Literal(inside) };
            (token, inside.len() + 2)
        } else {
            let length = rest.find(|letter| !is_of_word(letter)).unwrap_or(rest.len()).max(first.len_utf8());
            (Token::Word(rest.get(..length).unwrap_or_default()), length)
        };
        found.push(token);
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    found
}

fn literals(tokens: &[Token<'_>]) -> Option<String> {
    let numbers_a_branch = |at: usize| {
        tokens.get(at + 1..).is_some_and(|rest| rest.starts_with(&[Token::Word("AS"), Token::Word("part")]))
    };
    tokens.iter().enumerate().find_map(|(at, token)| match token {
        Token::Literal(text)
            if !LITERALS.contains(text) && !text.chars().all(|sign| matches!(sign, '%' | '_' | '\\')) =>
        {
            Some(format!("a value in the text: '{text}'"))
        }
        Token::Word(word)
            if word.len() > 2
                && word.starts_with(|first: char| first.is_ascii_digit())
                && !NUMBERS.contains(word)
                && !numbers_a_branch(at) =>
        {
            Some(format!("a value in the text: {word}"))
        }
        _ => None,
    })
}

/// Is this a table of the library? On SQLite their names begin with a mark.
fn is_table(name: &str) -> bool {
    let name = name.strip_prefix("crm_").unwrap_or(name);
    let others = [entry::TABLE, entry::EVENTS, CLAIMS, REMEMBERED, COMMANDS, CONSUMERS];
    Kind::ALL.iter().any(|kind| kind.name() == name) || others.contains(&name)
}

/// For each name of a table there is one comparison with the organisation.
fn organizations(tokens: &[Token<'_>]) -> Option<String> {
    let word = |at: usize| match tokens.get(at) {
        Some(Token::Word(word)) => *word,
        _ => "",
    };
    let mut open: BTreeMap<&str, i32> = BTreeMap::new();
    for at in 0..tokens.len() {
        if ["FROM", "JOIN", "INTO", "UPDATE", "USING"].contains(&word(at)) {
            let name = if word(at + 2) == "." { at + 3 } else { at + 1 };
            if !is_table(word(name)) {
                continue;
            }
            let alias = if word(name + 1) == "AS" { word(name + 2) } else { "" };
            if word(at) == "INTO" {
                let rest = tokens.get(name..).unwrap_or_default();
                if !is_added_to_one(rest) {
                    return Some(format!("a row of `{}` without its organization", word(name)));
                }
            } else {
                *open.entry(alias).or_default() += 1;
            }
        }
        if word(at) == "organization_id" && word(at + 1) == "=" && word(at + 2) == ORGANIZATION {
            let alias = if at > 1 && word(at - 1) == "." { word(at - 2) } else { "" };
            *open.entry(alias).or_default() -= 1;
        }
    }
    let (alias, _) = open.into_iter().find(|(_, count)| *count > 0)?;
    Some(format!("`{alias}` is not of one organization"))
}

/// After `INTO <table> [AS <alias>]`: the organisation is the first column, and the first parameter its value.
fn is_added_to_one(tokens: &[Token<'_>]) -> bool {
    let mut words = tokens.iter().map(|token| match token {
        Token::Word(word) | Token::Literal(word) => *word,
    });
    let first = words.by_ref().find(|word| *word == "(").and_then(|_| words.next());
    let value = words
        .by_ref()
        .find(|word| ["SELECT", "VALUES"].contains(word))
        .and_then(|verb| if verb == "VALUES" { words.nth(1) } else { words.next() });
    first == Some("organization_id") && value == Some(ORGANIZATION)
}

/// The guard takes its locks in the canonical order: that of one row where it stands, that of several by the step that locks
/// them, in the order of their key.
fn locks(text: &str) -> Option<String> {
    let names = || Kind::ALL.iter().map(|kind| kind.name()).chain(["claim", "answer"]);
    let unordered = names().filter(|name| *name != "answer").find(|name| {
        let step = text.split_once(&format!("lock_{name} AS MATERIALIZED (")).map_or("", |(_, step)| step);
        let body = step.split(" FOR ").next().unwrap_or_default();
        !body.is_empty() && !body.contains("ORDER BY")
    });
    if let Some(name) = unordered {
        return Some(format!("rows of `{name}` are locked in no order"));
    }
    let guard = text.split_once("guard AS MATERIALIZED (").map_or("", |(_, guard)| guard);
    let guard = outside(guard, " THEN ");
    let places = guard.match_indices("FROM ").filter_map(|(at, _)| {
        let name = guard.get(at + 5..)?.split([' ', ')']).next()?;
        let name = name.rsplit('.').next()?.trim_matches('"').trim_start_matches("lock_");
        names().position(|known| known == name).map(|place| (place, name))
    });
    let mut before = None;
    for (place, name) in places {
        if before.is_some_and(|before| place <= before) {
            return Some(format!("`{name}` is locked out of order"));
        }
        before = Some(place);
    }
    None
}

/// What stands before a mark that is outside of all parentheses.
fn outside<'t>(text: &'t str, mark: &str) -> &'t str {
    let is_outside = |at: usize| {
        let before = text.get(..at).unwrap_or_default();
        before.matches('(').count() == before.matches(')').count()
    };
    let end = text.match_indices(mark).find(|(at, _)| is_outside(*at)).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_keep_the_rules_pass() {
        for text in [
            "SELECT t.id FROM \"crm\".\"deal\" AS t WHERE t.\"organization_id\" = $1 AND t.id IN ($2, $3)",
            "INSERT INTO \"crm_deal\" (organization_id, \"id\") VALUES ($1, $2)",
            "UPDATE crm_consumer SET lease = 1 WHERE organization_id = $1 AND name = $2",
            "/* across organizations */ SELECT 1 FROM \"crm\".\"deal\" AS t",
            "SELECT pg_advisory_xact_lock($2)",
        ] {
            assert_eq!(fault(text), None, "{text}");
        }
    }

    #[test]
    fn each_rule_is_noticed_when_it_is_broken() {
        let step = |kind: &str, order: &str| {
            format!(
                "lock_{kind} AS MATERIALIZED (SELECT t.id FROM \"crm\".\"{kind}\" AS t WHERE t.organization_id = $1{order} \
                 FOR SHARE OF t)"
            )
        };
        let one = |kind: &str| {
            format!(
                "(SELECT t.id FROM \"crm\".\"{kind}\" AS t WHERE t.organization_id = $1 FOR SHARE OF t) IS NOT NULL"
            )
        };
        let many = |kind: &str| format!("(SELECT count(*) FROM lock_{kind}) = $2");
        let guard = |steps: &str, locks: [&str; 2]| {
            let locks = locks.join(" AND ");
            format!(
                "WITH {steps}, guard AS MATERIALIZED (SELECT CASE WHEN {locks} THEN TRUE ELSE FALSE END AS ok) SELECT ok"
            )
        };
        let deals = step("deal", " ORDER BY t.id");
        for part in [1, 184] {
            let branch = format!(
                "SELECT {part} AS part, t.id FROM \"crm\".\"lead\" AS t WHERE t.organization_id = $1"
            );
            assert_eq!(fault(&branch), None, "a union of many branches");
        }
        for locks in [[&*one("contact"), &many("deal")], [&many("deal"), &one("task")]] {
            assert_eq!(fault(&guard(&deals, locks)), None);
        }
        for (text, told) in [
            ("SELECT 1 FROM \"crm\".\"deal\" AS t WHERE t.id = $2".to_owned(), "`t` is not of one"),
            ("DELETE FROM \"crm_claim\" WHERE value = $2".to_owned(), "`` is not of one"),
            (
                "SELECT 1 FROM \"crm\".\"deal\" AS t JOIN \"crm\".\"task\" AS x ON x.deal = t.id \
                 WHERE t.organization_id = $1"
                    .to_owned(),
                "`x` is not of one",
            ),
            ("INSERT INTO \"crm\".\"deal\" (id) SELECT $2".to_owned(), "a row of `deal` without"),
            (
                "INSERT INTO \"crm\".\"deal\" (organization_id) SELECT $2".to_owned(),
                "a row of `deal` without",
            ),
            ("SELECT 1 WHERE 'Iris' = $2".to_owned(), "a value in the text: 'Iris'"),
            ("SELECT 1 LIMIT 500".to_owned(), "a value in the text: 500"),
            (guard(&deals, [&one("task"), &many("deal")]), "`deal` is locked out of order"),
            (guard(&deals, [&many("deal"), &one("contact")]), "`contact` is locked out of order"),
            (
                guard(&step("deal", ""), [&many("deal"), &one("task")]),
                "rows of `deal` are locked in no order",
            ),
        ] {
            let found = fault(&text).unwrap_or_default();
            assert!(found.contains(told), "{text}: {found}");
        }
    }
}

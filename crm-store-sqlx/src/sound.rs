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
    tokens.iter().find_map(|token| match token {
        Token::Literal(text)
            if !LITERALS.contains(text) && !text.chars().all(|sign| matches!(sign, '%' | '_' | '\\')) =>
        {
            Some(format!("a value in the text: '{text}'"))
        }
        // The branches of a union have numbers, and few things are more than a hundred.
        Token::Word(word)
            if word.len() > 2
                && word.starts_with(|first: char| first.is_ascii_digit())
                && !NUMBERS.contains(word) =>
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

/// Steps that lock come in the canonical order, and so do the rows of each.
fn locks(text: &str) -> Option<String> {
    let place = |name: &str| {
        let kinds = Kind::ALL.iter().map(|kind| kind.name()).chain(["claim", "answer"]);
        kinds.enumerate().find(|(_, known)| *known == name).map(|(at, _)| at)
    };
    let mut before = None;
    for step in text.split("lock_").skip(1).filter(|step| step.contains(" AS MATERIALIZED (SELECT")) {
        let name = step.split(' ').next().unwrap_or_default();
        let body = step.split(" FOR ").next().unwrap_or_default();
        if place(name).is_none() || place(name) <= before {
            return Some(format!("`{name}` is locked out of order"));
        }
        if name != "answer" && !body.contains("ORDER BY") {
            return Some(format!("rows of `{name}` are locked in no order"));
        }
        before = place(name);
    }
    None
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
        let lock = |kind: &str, order: &str| {
            format!(
                "lock_{kind} AS MATERIALIZED (SELECT t.id FROM \"crm\".\"{kind}\" AS t WHERE t.organization_id = $1{order} \
                 FOR SHARE OF t)"
            )
        };
        let locks = |one: &str, two: &str| format!("WITH {one}, {two} SELECT 1");
        let (deal, task) = (lock("deal", " ORDER BY t.id"), lock("task", " ORDER BY t.id"));
        assert_eq!(fault(&locks(&deal, &task)), None);
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
            (locks(&task, &deal), "`deal` is locked out of order"),
            (locks(&lock("deal", ""), &task), "rows of `deal` are locked in no order"),
        ] {
            let found = fault(&text).unwrap_or_default();
            assert!(found.contains(told), "{text}: {found}");
        }
    }
}

//! Texts with variables: `"Hello {{name}}"`.
//!
//! Invariant: a text is filled in whole, or it is said which variable is missing; what a variable holds is never read as a
//! template itself.

use std::collections::BTreeMap;

/// What variables hold, by name.
pub(super) type Variables = BTreeMap<String, String>;

/// A piece of a template.
enum Piece<'a> {
    Text(&'a str),
    Variable(&'a str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, (name, after))) =
        rest.split_once("{{").and_then(|(before, opened)| Some((before, opened.split_once("}}")?)))
    {
        pieces.push(Piece::Text(before));
        pieces.push(Piece::Variable(name.trim()));
        rest = after;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

/// The variables that a text names.
pub(super) fn names(text: &str) -> Vec<&str> {
    let named = pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Variable(name) => Some(name),
        Piece::Text(_) => None,
    });
    named.collect()
}

/// Fills in a text; or names the variable that is missing.
pub(super) fn fill(text: &str, variables: &Variables) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Variable(name) => {
                filled.push_str(variables.get(name).ok_or_else(|| name.to_owned())?);
            }
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in_once() {
        let variables = Variables::from([
            ("name".to_owned(), "Ann {{stage}}".to_owned()),
            ("stage".to_owned(), "new".to_owned()),
            ("empty".to_owned(), String::new()),
        ]);
        for (text, wanted) in [
            ("Hello {{name}}, {{ stage }}!", Ok("Hello Ann {{stage}}, new!")),
            ("{{empty}}", Ok("")),
            ("no variables {name} }} {{", Ok("no variables {name} }} {{")),
            ("{{name}} {{who}}", Err("who")),
            ("{{}}", Err("")),
        ] {
            assert_eq!(fill(text, &variables), wanted.map(str::to_owned).map_err(str::to_owned), "{text}");
        }
        assert_eq!(names("{{a}} {{ b }} {c} {{d"), ["a", "b"]);
    }
}

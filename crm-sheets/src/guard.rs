//! Texts that a spreadsheet would run.
//!
//! A cell that begins with `=` is a formula to a spreadsheet, whoever wrote it; an apostrophe before it makes it text
//! again. The apostrophe is taken away when the file is read.
//!
//! Invariant: `unguarded(guarded(x)) == x`.

use std::borrow::Cow;

/// Does a spreadsheet take a text that begins so for something to calculate?
fn runs(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
}

/// The text with an apostrophe before it, where a spreadsheet would run it; also where the text itself is one with an
/// apostrophe, so that it can be told apart.
pub(crate) fn guarded(text: &str) -> Cow<'_, str> {
    if runs(text.trim_start_matches('\'')) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text that was guarded.
pub(crate) fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if runs(rest.trim_start_matches('\'')) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_run_is_text() {
        for (text, shown) in [
            ("=1+1", "'=1+1"),
            ("+7 901", "'+7 901"),
            ("-", "'-"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("'tis", "'tis"),
            ("a=1", "a=1"),
            ("", ""),
        ] {
            assert_eq!(guarded(text), shown);
            assert_eq!(unguarded(shown), text);
        }
    }

    proptest! {
        #[test]
        fn guarding_is_undone(text in "['=+@a-]{0,6}") {
            let shown = guarded(&text);
            prop_assert_eq!(unguarded(&shown), text.as_str());
            prop_assert!(!runs(&shown));
        }
    }
}

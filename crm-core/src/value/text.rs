//! Text with bounds on its length.
//!
//! Names, titles and descriptions differ only in how long they may be, so the bounds are part of the type
//! and one rule serves all of them.
//!
//! Invariant: no white space at either end, no NUL character (some databases cannot hold one), and a number
//! of characters from `MIN` to `MAX`.

use std::fmt;
use std::sync::Arc;

use super::Problem;
use super::wire::text_form;

/// Trimmed text of `MIN` to `MAX` characters; cheap to clone.
///
/// ```
/// use crm_core::value::{Line, Problem};
///
/// assert_eq!(Line::parse("  Ada Lovelace ")?.as_str(), "Ada Lovelace");
/// assert_eq!(Line::parse("   "), Err(Problem::TooShort { min: 1 }));
/// # Ok::<(), Problem>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MIN: usize, const MAX: usize>(Arc<str>);

/// One line: a name or a title.
pub type Line = Text<1, 255>;

/// A longer text: a description or a note.
pub type Prose = Text<1, 100_000>;

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// Reads the text after trimming it.
    ///
    /// # Errors
    /// When it is too short or too long, or has a NUL character.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        if text.contains('\0') {
            return Err(Problem::malformed("text without NUL characters"));
        }
        let length = text.chars().count();
        if length < MIN {
            return Err(Problem::TooShort { min: count(MIN) });
        }
        if length > MAX {
            return Err(Problem::TooLong { max: count(MAX) });
        }
        Ok(Self(text.into()))
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn count(bound: usize) -> u32 {
    u32::try_from(bound).unwrap_or(u32::MAX)
}

impl<const MIN: usize, const MAX: usize> fmt::Display for Text<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<const MIN: usize, const MAX: usize> AsRef<str> for Text<MIN, MAX> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

text_form!(Text<MIN, MAX>, const MIN: usize, const MAX: usize);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn length_is_counted_in_characters_after_trimming() {
        let full = "я".repeat(255);
        assert_eq!(Line::parse(&format!("\u{2003}{full}\n")).unwrap().as_str(), full);
        assert_eq!(Line::parse(&"я".repeat(256)), Err(Problem::TooLong { max: 255 }));
        assert_eq!(Line::parse("\u{a0}\t"), Err(Problem::TooShort { min: 1 }));
        assert_eq!(Text::<3, 9>::parse("ab"), Err(Problem::TooShort { min: 3 }));
        assert!(Text::<0, 9>::parse("").is_ok());
    }

    #[test]
    fn nul_is_refused() {
        assert_eq!(Line::parse("a\0b").unwrap_err().code(), "malformed");
        assert_eq!(Line::parse("\0").unwrap_err().code(), "malformed");
    }

    #[test]
    fn json_is_checked_too() {
        let line: Line = serde_json::from_str("\" a \"").unwrap();
        assert_eq!(serde_json::to_string(&line).unwrap(), "\"a\"");
        let refused = serde_json::from_str::<Line>("\"\"").unwrap_err();
        assert!(refused.to_string().starts_with("must have at least 1 character"), "{refused}");
        assert!(serde_json::from_str::<Line>("1").is_err());
    }

    proptest! {
        #[test]
        fn what_was_accepted_is_accepted_unchanged(text in any::<String>()) {
            if let Ok(line) = Line::parse(&text) {
                prop_assert_eq!(Line::parse(line.as_str()), Ok(line.clone()));
                prop_assert_eq!(line.as_str(), text.trim());
            }
        }
    }
}

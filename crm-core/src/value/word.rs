//! A word of a vocabulary: the name of a role, a status, a stage or a kind.
//!
//! The vocabulary itself is data that a host chooses, so a word is text and no enum; but one with a single
//! spelling, so that comparing two words is comparing two texts.
//!
//! Invariant: `[a-z][a-z0-9_]{0,39}`.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use super::Problem;
use super::wire::text_form;

const LONGEST: u32 = 40;

/// A word of a vocabulary, in its one spelling; cheap to clone.
///
/// ```
/// use crm_core::value::Word;
///
/// assert_eq!(Word::parse("In Progress")?, "in_progress");
/// assert_eq!(Word::parse("in-progress")?, "in_progress");
/// assert!(Word::parse("2nd").is_err());
/// # Ok::<(), crm_core::value::Problem>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(Arc<str>);

impl Word {
    /// Reads a word in any letter case, with spaces or hyphens for its underscores.
    ///
    /// # Errors
    /// When it is longer than 40 characters, or anything but a letter followed by letters, digits and
    /// underscores, all of ASCII.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let word: String = text.trim().chars().map(spelled).collect();
        if !is_word(&word) {
            return Err(Problem::malformed("a word such as `in_progress`"));
        }
        if word.len() > LONGEST as usize {
            return Err(Problem::TooLong { max: LONGEST });
        }
        Ok(Self(word.into()))
    }

    /// The word as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn spelled(char: char) -> char {
    match char {
        ' ' | '-' => '_',
        other => other.to_ascii_lowercase(),
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Word {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Word {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Word {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Word {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

text_form!(Word);

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_meet() {
        for text in ["on_hold", "ON HOLD", " On-Hold\n"] {
            assert_eq!(Word::parse(text).unwrap(), "on_hold");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", " ", "_a", "1a", "-a", "a.b", "a\tb", "é", "ПАПА", "a\0"] {
            assert_eq!(Word::parse(text).unwrap_err().code(), "malformed", "{text:?}");
        }
        assert!(Word::parse(&"a".repeat(40)).is_ok());
        assert_eq!(Word::parse(&"a".repeat(41)), Err(Problem::TooLong { max: 40 }));
    }

    #[test]
    fn a_map_of_words_is_looked_up_by_text() {
        let map = BTreeMap::from([(Word::parse("won").unwrap(), 1)]);
        assert_eq!(map.get("won"), Some(&1));
    }

    proptest! {
        #[test]
        fn what_was_accepted_survives_json(text in "[ A-Za-z0-9_-]{0,45}") {
            if let Ok(word) = Word::parse(&text) {
                let json = serde_json::to_string(&word).unwrap();
                prop_assert_eq!(serde_json::from_str::<Word>(&json).unwrap(), word);
            }
        }
    }
}

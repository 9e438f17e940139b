//! A telephone number as a person wrote it.
//!
//! Numbers carry extensions, notes and national habits; so the text is kept, and search uses its digits.
//!
//! Invariant: 1 to 50 characters, trimmed, without NUL.

use std::fmt;

use super::wire::text_form;
use super::{Problem, Text, phone_digits};

/// A telephone number, kept as typed; cheap to clone.
///
/// ```
/// use crm_core::value::Phone;
///
/// let phone = Phone::parse(" +44 20 7946-0958 ")?;
/// assert_eq!(phone.as_str(), "+44 20 7946-0958");
/// assert_eq!(phone.digits(), "442079460958");
/// # Ok::<(), crm_core::value::Problem>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(Text<1, 50>);

impl Phone {
    /// Reads a number after trimming it.
    ///
    /// # Errors
    /// When it is empty, longer than 50 characters, or has a NUL character.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        Text::parse(text).map(Self)
    }

    /// The number as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The digits of the number, for search.
    #[must_use]
    pub fn digits(&self) -> String {
        phone_digits(self.as_str())
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl AsRef<str> for Phone {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

text_form!(Phone);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds() {
        assert_eq!(Phone::parse(" "), Err(Problem::TooShort { min: 1 }));
        assert!(Phone::parse(&"1".repeat(50)).is_ok());
        assert_eq!(Phone::parse(&"1".repeat(51)), Err(Problem::TooLong { max: 50 }));
        assert_eq!(Phone::parse("1\0").unwrap_err().code(), "malformed");
    }

    #[test]
    fn json_is_the_text() {
        let phone = Phone::parse("ask for Ann").unwrap();
        let json = serde_json::to_string(&phone).unwrap();
        assert_eq!(json, "\"ask for Ann\"");
        assert_eq!(serde_json::from_str::<Phone>(&json).unwrap(), phone);
        assert_eq!(phone.digits(), "");
    }
}

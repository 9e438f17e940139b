//! What a password must be, as data.
//!
//! Invariant: everything that a password lacks is named, not only the first.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// More characters than any person types; hashing must not be made to work for longer.
pub(crate) const MOST_CHARACTERS: u32 = 1_024;

/// What a password must have.
///
/// ```
/// use crm_accounts::{PasswordPolicy, Shortcoming};
///
/// let policy = PasswordPolicy { digit: true, ..PasswordPolicy::default() };
/// assert_eq!(policy.shortcomings("horse"), [Shortcoming::TooShort { min: 8 }, Shortcoming::Digit]);
/// assert_eq!(policy.shortcomings("correct horse 9"), []);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordPolicy {
    /// The fewest characters.
    pub min_length: u32,
    /// Must there be a letter in upper case?
    pub upper: bool,
    /// Must there be a letter in lower case?
    pub lower: bool,
    /// Must there be a digit?
    pub digit: bool,
}

impl Default for PasswordPolicy {
    /// Eight characters of any kind: length is worth more than rules about kinds.
    fn default() -> Self {
        Self { min_length: 8, upper: false, lower: false, digit: false }
    }
}

/// One thing that a password lacks, or has too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Shortcoming {
    /// It has too few characters.
    TooShort {
        /// The fewest allowed.
        min: u32,
    },
    /// It has too many characters.
    TooLong {
        /// The most allowed.
        max: u32,
    },
    /// It has no letter in upper case.
    Upper,
    /// It has no letter in lower case.
    Lower,
    /// It has no digit.
    Digit,
}

impl fmt::Display for Shortcoming {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { min } => write!(out, "at least {min} characters"),
            Self::TooLong { max } => write!(out, "at most {max} characters"),
            Self::Upper => out.write_str("a letter in upper case"),
            Self::Lower => out.write_str("a letter in lower case"),
            Self::Digit => out.write_str("a digit"),
        }
    }
}

impl PasswordPolicy {
    /// Everything that a password lacks.
    #[must_use]
    pub fn shortcomings(&self, password: &str) -> Vec<Shortcoming> {
        let length = characters(password);
        let lacks = |demanded: bool, is: fn(char) -> bool| demanded && !password.chars().any(is);
        let found = [
            (length < self.min_length, Shortcoming::TooShort { min: self.min_length }),
            (length > MOST_CHARACTERS, Shortcoming::TooLong { max: MOST_CHARACTERS }),
            (lacks(self.upper, char::is_uppercase), Shortcoming::Upper),
            (lacks(self.lower, char::is_lowercase), Shortcoming::Lower),
            (lacks(self.digit, char::is_numeric), Shortcoming::Digit),
        ];
        found.into_iter().filter(|(lacking, _)| *lacking).map(|(_, shortcoming)| shortcoming).collect()
    }

    pub(crate) fn check(&self, password: &str) -> Result<(), Error> {
        let shortcomings = self.shortcomings(password);
        if shortcomings.is_empty() { Ok(()) } else { Err(Error::WeakPassword(shortcomings)) }
    }
}

/// Is it longer than any password that was ever accepted?
pub(crate) fn is_too_long(password: &str) -> bool {
    characters(password) > MOST_CHARACTERS
}

fn characters(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_missing_is_named() {
        let strict = PasswordPolicy { min_length: 3, upper: true, lower: true, digit: true };
        let all =
            [Shortcoming::TooShort { min: 3 }, Shortcoming::Upper, Shortcoming::Lower, Shortcoming::Digit];
        assert_eq!(strict.shortcomings(""), all);
        assert_eq!(strict.shortcomings("ЖУК"), [Shortcoming::Lower, Shortcoming::Digit]);
        assert_eq!(strict.shortcomings("Жук7"), []);
        let error = strict.check("a").unwrap_err();
        assert_eq!(error.code(), "weak_password");
        assert_eq!(
            error.to_string(),
            "the password lacks: at least 3 characters, a letter in upper case, a digit"
        );
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        let policy = PasswordPolicy::default();
        assert_eq!(policy.shortcomings(&"я".repeat(8)), []);
        assert_eq!(policy.shortcomings(&"я".repeat(7)), [Shortcoming::TooShort { min: 8 }]);
        assert_eq!(policy.shortcomings(&"я".repeat(1_024)), []);
        assert_eq!(policy.shortcomings(&"я".repeat(1_025)), [Shortcoming::TooLong { max: 1_024 }]);
    }

    #[test]
    fn a_policy_is_data() {
        let read: PasswordPolicy = serde_json::from_str(r#"{ "min_length": 12 }"#).unwrap();
        assert_eq!(read, PasswordPolicy { min_length: 12, ..PasswordPolicy::default() });
        assert!(serde_json::from_str::<PasswordPolicy>(r#"{ "symbol": true }"#).is_err());
    }
}

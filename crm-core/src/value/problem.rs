//! Why a value was refused.
//!
//! A value does not know which field it is meant for, so a problem tells only what is wrong with it; the
//! caller adds the name of the field.
//!
//! Invariant: `code` is stable and equals the `code` in JSON; the text for people may change.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Refused input may be of any size; a message repeats only its beginning.
const SHOWN: usize = 60;

/// Why a value was refused.
///
/// ```
/// use crm_core::value::{Email, Problem};
///
/// let problem = Email::parse("nobody").unwrap_err();
/// assert_eq!(problem, Problem::malformed("an e-mail address"));
/// assert_eq!(problem.code(), "malformed");
/// assert_eq!(problem.to_string(), "must be an e-mail address");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Problem {
    /// There is no value where one is needed.
    Required,
    /// There is a value where none is used.
    NotUsed,
    /// The text has too few characters.
    TooShort {
        /// The fewest characters allowed.
        min: u32,
    },
    /// The text has too many characters.
    TooLong {
        /// The most characters allowed.
        max: u32,
    },
    /// The value does not have the form it must have.
    Malformed {
        /// What it must be, as a short phrase: "an e-mail address".
        expected: String,
    },
    /// The value is not in its list.
    OneOf {
        /// What was given, cut when it is long.
        given: String,
        /// The list.
        allowed: Vec<String>,
    },
    /// The value has the right form but breaks a bound.
    OutOfRange {
        /// What it must be, as a short phrase: "a number >= 0".
        rule: String,
    },
    /// The value is fine by itself, and not allowed here.
    Forbidden {
        /// The reason, as a short phrase.
        why: String,
    },
}

impl Problem {
    /// The value must be `expected`, a short phrase with its article.
    pub fn malformed(expected: impl Into<String>) -> Self {
        Self::Malformed { expected: expected.into() }
    }

    /// The value must be `rule`, a short phrase with its article.
    pub fn out_of_range(rule: impl Into<String>) -> Self {
        Self::OutOfRange { rule: rule.into() }
    }

    /// The value is not allowed here, because of `why`.
    pub fn forbidden(why: impl Into<String>) -> Self {
        Self::Forbidden { why: why.into() }
    }

    /// The text `given` is none of the `allowed` ones.
    ///
    /// ```
    /// use crm_core::value::Problem;
    ///
    /// let problem = Problem::one_of("boss", ["owner", "member"]);
    /// assert_eq!(problem.to_string(), "must be one of `owner`, `member`, not `boss`");
    /// ```
    pub fn one_of<T: ToString>(given: &str, allowed: impl IntoIterator<Item = T>) -> Self {
        let allowed = allowed.into_iter().map(|word| word.to_string()).collect();
        Self::OneOf { given: shortened(given), allowed }
    }

    /// The stable name of the kind of problem, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::NotUsed => "not_used",
            Self::TooShort { .. } => "too_short",
            Self::TooLong { .. } => "too_long",
            Self::Malformed { .. } => "malformed",
            Self::OneOf { .. } => "one_of",
            Self::OutOfRange { .. } => "out_of_range",
            Self::Forbidden { .. } => "forbidden",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Required => f.write_str("a value is required"),
            Self::NotUsed => f.write_str("no value is used here"),
            Self::TooShort { min } => write!(f, "must have at least {min} {}", characters(*min)),
            Self::TooLong { max } => write!(f, "must have at most {max} {}", characters(*max)),
            Self::Malformed { expected } => write!(f, "must be {expected}"),
            Self::OneOf { given, allowed } => {
                write!(f, "must be one of `{}`, not `{given}`", allowed.join("`, `"))
            }
            Self::OutOfRange { rule } => write!(f, "must be {rule}"),
            Self::Forbidden { why } => write!(f, "is not allowed: {why}"),
        }
    }
}

impl std::error::Error for Problem {}

fn characters(count: u32) -> &'static str {
    if count == 1 { "character" } else { "characters" }
}

fn shortened(text: &str) -> String {
    let mut chars = text.chars();
    let mut shown: String = chars.by_ref().take(SHOWN).collect();
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every() -> Vec<Problem> {
        vec![
            Problem::Required,
            Problem::NotUsed,
            Problem::TooShort { min: 1 },
            Problem::TooLong { max: 255 },
            Problem::malformed("an e-mail address"),
            Problem::one_of("x", ["a", "b"]),
            Problem::out_of_range("a number >= 0"),
            Problem::forbidden("the deal is closed"),
        ]
    }

    #[test]
    fn the_code_in_json_is_the_code() {
        for problem in every() {
            let json = serde_json::to_value(&problem).unwrap();
            assert_eq!(json["code"], problem.code());
            assert_eq!(serde_json::from_value::<Problem>(json).unwrap(), problem);
        }
    }

    #[test]
    fn texts_are_lower_case_without_a_full_stop() {
        for problem in every() {
            let text = problem.to_string();
            assert!(text.starts_with(char::is_lowercase), "{text}");
            assert!(!text.ends_with('.'), "{text}");
        }
    }

    #[test]
    fn counts_agree_with_their_noun() {
        assert_eq!(Problem::TooShort { min: 1 }.to_string(), "must have at least 1 character");
        assert_eq!(Problem::TooLong { max: 40 }.to_string(), "must have at most 40 characters");
    }

    #[test]
    fn long_input_is_not_repeated_whole() {
        let Problem::OneOf { given, .. } = Problem::one_of(&"я".repeat(5_000), ["a"]) else { panic!() };
        assert_eq!(given.chars().count(), SHOWN + 1);
        assert_eq!(shortened(&"y".repeat(SHOWN)), "y".repeat(SHOWN));
    }
}

//! What can go wrong with accounts, said so that a host can answer with it.
//!
//! Invariant: an error holds nothing of what was sent: no address, no password, no token.

use crm_core::FieldProblem;
use crm_core::store::StoreError;
use crm_core::value::{Instant, Problem};
use serde::Serialize;

use crate::policy::Shortcoming;

/// Why a request about accounts was refused or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value that cannot be accepted, with its field.
    #[error("{0}")]
    Invalid(FieldProblem),
    /// The password is not what the policy demands.
    #[error("the password lacks: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    WeakPassword(Vec<Shortcoming>),
    /// Somebody has this e-mail address.
    #[error("an account with this e-mail address already exists")]
    EmailTaken,
    /// Somebody has this username.
    #[error("an account with this username already exists")]
    UsernameTaken,
    /// There is no such account, or the password is another: which of the two is not said.
    #[error("no account with this name and password")]
    BadCredentials,
    /// The password is right, and the account is locked after too many wrong ones.
    #[error("the account is locked until {until}")]
    Locked {
        /// When it can be tried again.
        until: Instant,
    },
    /// The account is switched off.
    #[error("the account is not active")]
    Inactive,
    /// It is no token of this installation, of another kind, or one that was revoked.
    #[error("the token is not valid")]
    TokenInvalid,
    /// The time of the token is over.
    #[error("the token has expired")]
    TokenExpired,
    /// The refresh token was used before: it may be in the wrong hands, so every token of its log-in is revoked.
    #[error("the token was used before")]
    TokenReused,
    /// There is no account with this id.
    #[error("no such account")]
    NotFound,
    /// The engine refused the organisation, and so there is no account either.
    #[error(transparent)]
    Refused(crm_core::Error),
    /// The store failed.
    #[error("the store failed: {0}")]
    Store(#[from] StoreError),
    /// A defect of the library.
    #[error("internal: {0}")]
    Internal(&'static str),
}

impl Error {
    pub(crate) fn field(field: &str, problem: Problem) -> Self {
        Self::Invalid(FieldProblem::new(field, problem))
    }

    /// The stable name of what went wrong, in snake case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::WeakPassword(_) => "weak_password",
            Self::EmailTaken => "email_taken",
            Self::UsernameTaken => "username_taken",
            Self::BadCredentials => "bad_credentials",
            Self::Locked { .. } => "locked",
            Self::Inactive => "inactive",
            Self::TokenInvalid => "token_invalid",
            Self::TokenExpired => "token_expired",
            Self::TokenReused => "token_reused",
            Self::NotFound => "not_found",
            Self::Refused(error) => error.code(),
            Self::Store(_) => "store",
            Self::Internal(_) => "internal",
        }
    }

    /// What went wrong, as data: for a response body or a log line.
    #[must_use]
    pub fn details(&self) -> serde_json::Value {
        use serde_json::json;
        match self {
            Self::Invalid(problem) => json!({ "fields": [problem] }),
            Self::WeakPassword(shortcomings) => {
                let fields = shortcomings.iter();
                let fields =
                    fields.map(|shortcoming| Lacking { field: "password", shortcoming: *shortcoming });
                json!({ "fields": fields.collect::<Vec<_>>() })
            }
            Self::EmailTaken => json!({ "field": "email" }),
            Self::UsernameTaken => json!({ "field": "username" }),
            Self::Locked { until } => json!({ "until": until }),
            Self::Refused(error) => error.details(),
            _ => json!({}),
        }
    }

    /// Can the same call succeed if it is made again, unchanged?
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Refused(error) => error.is_retryable(),
            Self::Store(error) => error.is_retryable(),
            _ => false,
        }
    }
}

/// A shortcoming, in the form of every other problem of a field.
#[derive(Serialize)]
struct Lacking {
    field: &'static str,
    #[serde(flatten)]
    shortcoming: Shortcoming,
}

impl From<crm_core::Error> for Error {
    fn from(error: crm_core::Error) -> Self {
        match error {
            crm_core::Error::Store(error) => Self::Store(error),
            refused => Self::Refused(refused),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_name_the_fields() {
        // As data: the order of keys hangs on who else is in the build.
        use serde_json::json;
        let weak = Error::WeakPassword(vec![Shortcoming::TooShort { min: 8 }, Shortcoming::Digit]);
        let short = json!({ "code": "too_short", "field": "password", "min": 8 });
        let digit = json!({ "code": "digit", "field": "password" });
        assert_eq!(weak.details(), json!({ "fields": [short, digit] }));
        let invalid = Error::field("email", Problem::Required);
        assert_eq!(invalid.details(), json!({ "fields": [{ "code": "required", "field": "email" }] }));
        assert_eq!(Error::EmailTaken.details(), json!({ "field": "email" }));
    }
}

//! Who acts.
//!
//! Invariant: a command has no author field; the actor comes from the session and from nowhere else.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::value::{Line, UserId};

/// Who acts in an organisation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Actor {
    /// A person; must be an active member.
    Person(UserId),
    /// A program that acts for a person: it may do what the person may, as far as the profile trusts agents.
    Agent {
        /// Which program.
        name: Line,
        /// For whom.
        on_behalf_of: UserId,
    },
    /// The host itself, with its reason.
    System {
        /// Why it acts.
        reason: Line,
    },
    /// Somebody unknown: may do what the profile grants to everybody, by default nothing.
    Anonymous,
}

impl Actor {
    /// The person that acts or is acted for.
    #[must_use]
    pub fn person(&self) -> Option<UserId> {
        match self {
            Self::Person(user) | Self::Agent { on_behalf_of: user, .. } => Some(*user),
            Self::System { .. } | Self::Anonymous => None,
        }
    }
}

impl From<UserId> for Actor {
    fn from(user: UserId) -> Self {
        Self::Person(user)
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(user) => write!(out, "user {user}"),
            Self::Agent { name, on_behalf_of } => write!(out, "agent `{name}` for user {on_behalf_of}"),
            Self::System { reason } => write!(out, "the system ({reason})"),
            Self::Anonymous => out.write_str("an anonymous caller"),
        }
    }
}

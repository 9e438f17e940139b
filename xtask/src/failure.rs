//! What a verb says when it cannot go on: one text for the person at the keyboard.
//!
//! No caller in xtask tells one failure from another, so a type that carries the text is enough.
//! Invariant: the text names the file, the command or the argument it is about.

use std::fmt;

/// Why a verb did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure(pub(crate) String);

impl Failure {
    /// A failure with this text.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// For `map_err`: puts what was attempted before what went wrong.
    pub(crate) fn while_trying<E: fmt::Display>(what: &str) -> impl FnOnce(E) -> Self {
        move |error| Self(format!("{what}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

//! How a store fails.
//!
//! Invariant: a failed expectation is not a failure (see [`Commit`](super::Commit)); these are.

use std::error::Error as StdError;

type Source = Box<dyn StdError + Send + Sync>;

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It cannot be reached, or gave up for now. A commit that ends so may have been applied.
    #[error("the store is unavailable")]
    Unavailable(#[source] Source),
    /// The surrounding transaction of the host is lost; the host must roll it back.
    #[error("the surrounding transaction is lost")]
    TransactionLost(#[source] Source),
    /// It holds something that it cannot read, or was asked for something that it cannot do.
    #[error("the store is broken: {0}")]
    Broken(String, #[source] Option<Source>),
}

impl StoreError {
    /// A store that is broken.
    #[must_use]
    pub fn broken(why: impl Into<String>) -> Self {
        Self::Broken(why.into(), None)
    }

    /// Can the same call succeed if it is made again?
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// Must the host roll back its transaction?
    #[must_use]
    pub fn lost_transaction(&self) -> bool {
        matches!(self, Self::TransactionLost(_))
    }
}

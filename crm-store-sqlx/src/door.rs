//! The one narrow door through which every statement goes.
//!
//! A store makes texts and values; a door runs them: on a connection of a pool, on one that the host lends, or on
//! whatever a host in another language has. So the store needs no runtime of its own, and there is one place to count
//! statements at.
//!
//! Invariant: what runs between [`Door::savepoint`] and [`Door::release`] is kept whole or not at all, and an error says
//! whether the surrounding transaction still lives.

use std::error::Error as StdError;
use std::fmt;

use async_trait::async_trait;
use crm_core::describe::Value;
use crm_core::store::StoreError;

use crate::value::Param;

/// One row of an answer.
pub(crate) type Row = Vec<Value>;

type Source = Box<dyn StdError + Send + Sync>;

/// Why a statement did not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DoorError {
    /// Somebody else has just taken the same unique key.
    #[error("a unique key is taken")]
    Taken(#[source] Source),
    /// The database let another transaction go first.
    #[error("another transaction went first")]
    GaveWay(#[source] Source),
    /// The database cannot be reached, or gave up for now.
    #[error("the database is unavailable")]
    Unavailable(#[source] Source),
    /// Anything else.
    #[error("a statement failed")]
    Failed(#[source] Source),
}

impl DoorError {
    /// What a store says where there is no transaction of a host.
    pub(crate) fn alone(self) -> StoreError {
        match self {
            Self::Unavailable(source) | Self::GaveWay(source) => StoreError::Unavailable(source),
            Self::Taken(source) | Self::Failed(source) => {
                StoreError::Broken("a statement failed".to_owned(), Some(source))
            }
        }
    }

    /// What a store says inside a transaction of a host, which the failure has ended.
    pub(crate) fn within(self) -> StoreError {
        match self {
            Self::Unavailable(source)
            | Self::GaveWay(source)
            | Self::Taken(source)
            | Self::Failed(source) => StoreError::TransactionLost(source),
        }
    }
}

/// A connection, for as long as one call of a store takes.
#[async_trait]
pub(crate) trait Door: fmt::Debug + Send {
    /// Runs a text with numbered placeholders, and gives the rows that it answers.
    async fn run(&mut self, text: &str, values: &[Param]) -> Result<Vec<Row>, DoorError>;

    /// From here on everything is kept together.
    async fn savepoint(&mut self) -> Result<(), DoorError>;

    /// Keeps what was done since [`Door::savepoint`].
    async fn release(&mut self) -> Result<(), DoorError>;

    /// Undoes what was done since [`Door::savepoint`].
    async fn rollback_to(&mut self) -> Result<(), DoorError>;
}

/// What a call is going to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It only reads.
    Read,
    /// It writes.
    Write,
}

/// Where doors come from.
#[async_trait]
pub(crate) trait Doors: fmt::Debug + Send + Sync {
    /// Opens a door. What an earlier call left half done, because nobody waited for its end, is undone first.
    async fn open(&self, purpose: Purpose) -> Result<Box<dyn Door + '_>, DoorError>;
}

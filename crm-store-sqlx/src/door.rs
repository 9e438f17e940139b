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
use tokio::sync::{Mutex, MutexGuard};

use crate::value::Param;

/// One row of an answer.
pub type Row = Vec<Value>;

type Source = Box<dyn StdError + Send + Sync>;

/// Why a statement did not run.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
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

/// A connection in a transaction of a host, by whatever driver the host has: what a session works over.
///
/// One call is made after the other. Nothing here needs a runtime of its own.
#[async_trait]
pub trait Connection: fmt::Debug + Send {
    /// Runs a text with numbered placeholders (`$1` and so on), and gives the rows that it answers.
    ///
    /// On PostgreSQL a cell is a `Bool`, `Int`, `Decimal`, `Text`, `Uuid`, `Instant`, `Date` or `Null`, after the type of its
    /// column; on SQLite it is an `Int`, a `Text`, a `Uuid` for a blob of 16 bytes, or `Null`.
    async fn run(&mut self, text: &str, values: &[Param]) -> Result<Vec<Row>, DoorError>;

    /// Runs a text that has no placeholders and answers nothing.
    async fn execute(&mut self, text: &'static str) -> Result<(), DoorError> {
        self.run(text, &[]).await.map(|_| ())
    }

    /// Nobody waits for the end of a commit any more. What can be undone without waiting, is: the host may never call again,
    /// and commit. [`UNDO`] is the text of it.
    fn abandoned(&mut self) {}
}

/// What undoes a commit that was not finished.
pub const UNDO: &str = "ROLLBACK TO SAVEPOINT crm";

/// The host's connection, and whether a call left a savepoint on it.
#[derive(Debug)]
pub(crate) struct Lent<C>(Mutex<Held<C>>);

#[derive(Debug)]
struct Held<C> {
    connection: C,
    inside: bool,
}

impl<C> Lent<C> {
    pub(crate) fn new(connection: C) -> Self {
        Self(Mutex::new(Held { connection, inside: false }))
    }
}

#[async_trait]
impl<C: Connection> Doors for Lent<C> {
    async fn open(&self, _: Purpose) -> Result<Box<dyn Door + '_>, DoorError> {
        let mut held = self.0.lock().await;
        // The first answer may be of the statement that nobody waited for, and say that it failed.
        if held.inside && held.undo().await.is_err() {
            held.undo().await?;
        }
        Ok(Box::new(Guard(held)))
    }
}

#[derive(Debug)]
struct Guard<'a, C: Connection>(MutexGuard<'a, Held<C>>);

#[async_trait]
impl<C: Connection> Door for Guard<'_, C> {
    async fn run(&mut self, text: &str, values: &[Param]) -> Result<Vec<Row>, DoorError> {
        self.0.connection.run(text, values).await
    }

    async fn savepoint(&mut self) -> Result<(), DoorError> {
        // One that is made and not noted stays empty, and ends with the host's transaction.
        self.0.connection.execute("SAVEPOINT crm").await?;
        self.0.inside = true;
        Ok(())
    }

    async fn release(&mut self) -> Result<(), DoorError> {
        // Everything is written, so there is nothing to undo, also if nobody waits for the end of this.
        self.0.inside = false;
        self.0.connection.execute("RELEASE SAVEPOINT crm").await
    }

    async fn rollback_to(&mut self) -> Result<(), DoorError> {
        self.0.undo().await
    }
}

impl<C: Connection> Drop for Guard<'_, C> {
    fn drop(&mut self) {
        if self.0.inside {
            self.0.connection.abandoned();
        }
    }
}

impl<C: Connection> Held<C> {
    /// Undoing twice does no harm, because the savepoint is there until it is released.
    async fn undo(&mut self) -> Result<(), DoorError> {
        self.connection.execute(UNDO).await?;
        self.inside = false;
        self.connection.execute("RELEASE SAVEPOINT crm").await
    }
}

//! SQLite's doors: pools of the store's own, or a connection that the host lends.
//!
//! Invariant: a connection that was left in the middle of a commit is closed, or rolled back before it is used again.

use std::future::Future as _;
use std::pin::pin;
use std::task::{Context, Waker};

use async_trait::async_trait;
use crm_core::describe::Value;
use crm_core::value::Uuid;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments as _, AssertSqlSafe, Executor as _, Row as _, Sqlite as Database, SqliteConnection};
use sqlx::{TypeInfo as _, ValueRef as _};

use super::plain::Plain;
use crate::door::{Connection, Door, DoorError, Doors, Purpose, Row, UNDO};
use crate::pool::{Pool, Taken};
use crate::value::Param;

/// One connection that writes, and several that read.
#[derive(Debug)]
pub(crate) struct Pools {
    pub(crate) writer: Pool<Database>,
    pub(crate) readers: Pool<Database>,
}

#[async_trait]
impl Doors for Pools {
    async fn open(&self, purpose: Purpose) -> Result<Box<dyn Door + '_>, DoorError> {
        let pool = match purpose {
            Purpose::Read => &self.readers,
            Purpose::Write => &self.writer,
        };
        Ok(Box::new(Pooled { taken: pool.take().await.map_err(failure)?, inside: false }))
    }
}

/// A connection of a pool.
#[derive(Debug)]
struct Pooled<'a> {
    taken: Taken<'a, Database>,
    inside: bool,
}

impl Pooled<'_> {
    async fn execute(&mut self, text: &'static str) -> Result<(), DoorError> {
        let answer = execute(self.taken.connection()?, text).await;
        self.taken.answered(answer)
    }
}

impl Drop for Pooled<'_> {
    fn drop(&mut self) {
        if self.inside {
            self.taken.discard();
        }
    }
}

#[async_trait]
impl Door for Pooled<'_> {
    async fn run(&mut self, text: &str, values: &[Param]) -> Result<Vec<Row>, DoorError> {
        let answer = run(self.taken.connection()?, text, values).await;
        self.taken.answered(answer)
    }

    async fn savepoint(&mut self) -> Result<(), DoorError> {
        self.inside = true;
        self.execute("BEGIN IMMEDIATE").await
    }

    async fn release(&mut self) -> Result<(), DoorError> {
        self.execute("COMMIT").await?;
        self.inside = false;
        Ok(())
    }

    async fn rollback_to(&mut self) -> Result<(), DoorError> {
        self.execute("ROLLBACK").await?;
        self.inside = false;
        Ok(())
    }
}

/// A connection that the host lends, of the driver that is used here or of one of its own.
#[derive(Debug)]
pub(super) enum Hosts<'c> {
    Ours(&'c mut SqliteConnection),
    /// It borrows nothing, so that a session holds on to its connection no longer than it is used.
    Other(Box<dyn Connection>),
}

#[async_trait]
impl Connection for Hosts<'_> {
    async fn run(&mut self, text: &str, values: &[Param]) -> Result<Vec<Row>, DoorError> {
        match self {
            Self::Ours(connection) => run(connection, text, values).await,
            Self::Other(connection) => connection.run(text, values).await,
        }
    }

    async fn execute(&mut self, text: &'static str) -> Result<(), DoorError> {
        match self {
            Self::Ours(connection) => execute(connection, text).await,
            Self::Other(connection) => connection.execute(text).await,
        }
    }

    fn abandoned(&mut self) {
        match self {
            // The first poll hands it to the connection's thread, which does it before anything that comes later.
            Self::Ours(connection) => {
                let _ = pin!(execute(connection, UNDO)).poll(&mut Context::from_waker(Waker::noop()));
            }
            Self::Other(connection) => connection.abandoned(),
        }
    }
}

async fn execute(connection: &mut SqliteConnection, text: &'static str) -> Result<(), DoorError> {
    connection.execute(text).await.map(|_| ()).map_err(failure)
}

async fn run(connection: &mut SqliteConnection, text: &str, values: &[Param]) -> Result<Vec<Row>, DoorError> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        add(&mut arguments, value).map_err(DoorError::Failed)?;
    }
    let query = sqlx::query_with(AssertSqlSafe(text.to_owned()), arguments);
    let rows = connection.fetch_all(query).await.map_err(failure)?;
    rows.iter().map(read).collect::<Result<_, _>>().map_err(failure)
}

fn add(to: &mut SqliteArguments, param: &Param) -> Result<(), sqlx::error::BoxDynError> {
    match Plain::of(param) {
        Plain::Null => to.add(None::<i64>),
        Plain::Int(number) => to.add(number),
        Plain::Text(text) => to.add(text),
        Plain::Blob(bytes) => to.add(bytes),
    }
}

fn read(row: &SqliteRow) -> Result<Row, sqlx::Error> {
    (0..row.len())
        .map(|at| {
            let raw = row.try_get_raw(at)?;
            let name = raw.type_info().name().to_owned();
            Ok(match name.as_str() {
                _ if raw.is_null() => Value::Null,
                "INTEGER" | "BOOLEAN" => Value::Int(row.try_get_unchecked(at)?),
                "TEXT" => Value::text(row.try_get_unchecked::<&str, _>(at)?),
                "BLOB" => {
                    let bytes: &[u8] = row.try_get_unchecked(at)?;
                    let id = Uuid::from_slice(bytes).map_err(|error| sqlx::Error::Decode(error.into()))?;
                    Value::Uuid(id)
                }
                other => return Err(sqlx::Error::Decode(format!("a column of type {other}").into())),
            })
        })
        .collect()
}

/// What an error of the driver means.
pub(crate) fn failure(error: sqlx::Error) -> DoorError {
    let is_busy = |error: &sqlx::Error| {
        let code = error.as_database_error().and_then(|error| error.code().map(std::borrow::Cow::into_owned));
        // SQLITE_BUSY and SQLITE_LOCKED, with whatever their upper byte adds.
        code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| matches!(code & 0xff, 5 | 6))
    };
    match error {
        sqlx::Error::Database(ref of) if of.is_unique_violation() => DoorError::Taken(Box::new(error)),
        error if is_busy(&error) => DoorError::GaveWay(Box::new(error)),
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => DoorError::Unavailable(Box::new(error)),
        error => DoorError::Failed(Box::new(error)),
    }
}

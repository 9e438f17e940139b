//! SQLite's doors: pools of the store's own, or a connection that the host lends.
//!
//! Invariant: a connection that was left in the middle of a commit is closed, or rolled back before it is used again.

use std::future::Future as _;
use std::pin::pin;
use std::task::{Context, Waker};

use async_trait::async_trait;
use crm_core::describe::Value;
use crm_core::value::Uuid;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{
    Arguments as _, AssertSqlSafe, Executor as _, Row as _, Sqlite as Database, SqliteConnection, SqlitePool,
};
use sqlx::{TypeInfo as _, ValueRef as _};
use tokio::sync::{Mutex, MutexGuard};

use crate::door::{Door, DoorError, Doors, Purpose, Row};
use crate::sortable::to_sortable;
use crate::value::Param;

/// One connection that writes, and several that read.
#[derive(Debug)]
pub(crate) struct Pools {
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
}

#[async_trait]
impl Doors for Pools {
    async fn open(&self, purpose: Purpose) -> Result<Box<dyn Door + '_>, DoorError> {
        let pool = match purpose {
            Purpose::Read => &self.readers,
            Purpose::Write => &self.writer,
        };
        let connection = pool.acquire().await.map_err(failure)?;
        Ok(Box::new(Pooled { connection, inside: false }))
    }
}

/// A connection of a pool.
#[derive(Debug)]
struct Pooled {
    connection: PoolConnection<Database>,
    inside: bool,
}

impl Drop for Pooled {
    fn drop(&mut self) {
        if self.inside {
            self.connection.close_on_drop();
        }
    }
}

#[async_trait]
impl Door for Pooled {
    async fn run(&mut self, text: &str, values: &[Param]) -> Result<Vec<Row>, DoorError> {
        run(&mut self.connection, text, values).await
    }

    async fn savepoint(&mut self) -> Result<(), DoorError> {
        self.inside = true;
        execute(&mut self.connection, "BEGIN IMMEDIATE").await
    }

    async fn release(&mut self) -> Result<(), DoorError> {
        execute(&mut self.connection, "COMMIT").await?;
        self.inside = false;
        Ok(())
    }

    async fn rollback_to(&mut self) -> Result<(), DoorError> {
        execute(&mut self.connection, "ROLLBACK").await?;
        self.inside = false;
        Ok(())
    }
}

/// The host's connection, and whether a call left a savepoint on it.
#[derive(Debug)]
pub(crate) struct Lent<'c>(Mutex<Held<'c>>);

#[derive(Debug)]
struct Held<'c> {
    connection: &'c mut SqliteConnection,
    inside: bool,
}

impl<'c> Lent<'c> {
    pub(crate) fn new(connection: &'c mut SqliteConnection) -> Self {
        Self(Mutex::new(Held { connection, inside: false }))
    }
}

#[async_trait]
impl Doors for Lent<'_> {
    async fn open(&self, _: Purpose) -> Result<Box<dyn Door + '_>, DoorError> {
        let mut door = self.0.lock().await;
        if door.inside {
            door.rollback_to().await?;
        }
        Ok(Box::new(Guard(door)))
    }
}

#[derive(Debug)]
struct Guard<'a, 'c>(MutexGuard<'a, Held<'c>>);

#[async_trait]
impl Door for Guard<'_, '_> {
    async fn run(&mut self, text: &str, values: &[Param]) -> Result<Vec<Row>, DoorError> {
        run(self.0.connection, text, values).await
    }

    async fn savepoint(&mut self) -> Result<(), DoorError> {
        // One that is made and not noted stays empty, and ends with the host's transaction.
        execute(self.0.connection, "SAVEPOINT crm").await?;
        self.0.inside = true;
        Ok(())
    }

    async fn release(&mut self) -> Result<(), DoorError> {
        // Everything is written. What is on its way to the connection is done, whether somebody waits for it or not.
        self.0.inside = false;
        execute(self.0.connection, "RELEASE crm").await
    }

    async fn rollback_to(&mut self) -> Result<(), DoorError> {
        self.0.rollback_to().await
    }
}

/// A commit that nobody waits for any more is undone at once: the host may never call again, and commit.
impl Drop for Guard<'_, '_> {
    fn drop(&mut self) {
        if self.0.inside {
            let mut undo = pin!(execute(self.0.connection, "ROLLBACK TO crm"));
            // The first poll hands it to the connection's thread, which does it before anything that comes later.
            let _ = undo.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }
    }
}

impl Held<'_> {
    /// Undoing twice does no harm, because the savepoint is there until it is released.
    async fn rollback_to(&mut self) -> Result<(), DoorError> {
        execute(self.connection, "ROLLBACK TO crm").await?;
        self.inside = false;
        execute(self.connection, "RELEASE crm").await
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
    match param {
        Param::One(value) | Param::Typed(_, value) => match value {
            Value::Null => to.add(None::<i64>),
            Value::Bool(flag) => to.add(i64::from(*flag)),
            Value::Int(number) => to.add(*number),
            Value::Decimal(number) => to.add(to_sortable(*number)),
            Value::Text(text) => to.add(text.to_string()),
            Value::Uuid(id) => to.add(id.as_bytes().to_vec()),
            Value::Instant(at) => to.add(at.unix_micros()),
            Value::Date(day) => to.add(day.to_string()),
            Value::Json(json) => to.add(json.canonical()),
        },
        Param::Many(_, values) => {
            let texts = values.iter().map(|value| match value {
                Value::Uuid(id) => id.simple().to_string(),
                other => other.to_string(),
            });
            to.add(serde_json::to_string(&texts.collect::<Vec<_>>())?)
        }
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

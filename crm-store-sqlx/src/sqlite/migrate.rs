//! Making and updating the tables in a SQLite database.
//!
//! Invariant: one transaction that holds the write lock reads the version and applies what is missing, so that any number
//! of programs can migrate at once.

use crm_core::store::StoreError;
use sqlx::{AssertSqlSafe, Executor as _, Row as _, SqliteConnection};

use super::door::failure;
use crate::migration::{Migration, pending};

/// The migrations, oldest first, as plain SQL: for a host whose own tool runs them.
#[must_use]
pub fn migrations() -> Vec<Migration> {
    vec![
        Migration {
            version: 1,
            name: "tables",
            sql: include_str!("../../migrations/sqlite/0001_tables.sql").to_owned(),
        },
        Migration {
            version: 2,
            name: "consumers",
            sql: include_str!("../../migrations/sqlite/0002_consumers.sql").to_owned(),
        },
    ]
}

/// Makes or updates the tables over a connection that is not in a transaction.
///
/// # Errors
/// The database refuses, or its tables are of a later version of the library.
pub async fn migrate(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    execute(connection, "BEGIN IMMEDIATE".to_owned()).await?;
    let outcome = apply(connection).await;
    execute(connection, if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" }.to_owned()).await?;
    outcome
}

async fn apply(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let table =
        "CREATE TABLE IF NOT EXISTS crm_migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT";
    execute(connection, table.to_owned()).await?;
    let row = connection.fetch_one("SELECT coalesce(max(version), 0) FROM crm_migration").await;
    let version: i64 = row.and_then(|row| row.try_get(0)).map_err(|error| failure(error).alone())?;
    for Migration { version, name, sql } in pending(migrations(), version)? {
        execute(connection, sql).await?;
        execute(connection, format!("INSERT INTO crm_migration VALUES ({version}, '{name}')")).await?;
    }
    Ok(())
}

pub(super) async fn execute(connection: &mut SqliteConnection, text: String) -> Result<(), StoreError> {
    let done = connection.execute(sqlx::raw_sql(AssertSqlSafe(text))).await;
    done.map(|_| ()).map_err(|error| failure(error).alone())
}

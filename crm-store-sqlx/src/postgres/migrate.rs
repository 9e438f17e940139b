//! Making and updating the tables in a PostgreSQL database.
//!
//! Invariant: one transaction that holds a lock of its own reads the version and applies what is missing, so that any
//! number of programs can migrate at once.

use crm_core::store::StoreError;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Row as _};

use super::door::failure;
use crate::migration::{Migration, pending};

/// What stands for the schema in the texts.
pub(crate) const SCHEMA_MARK: &str = "{schema}";

/// The key of the lock, which is nobody else's.
const LOCK: i64 = 0x0063_726d_6d69_6772;

pub(super) fn migrations(schema: &str) -> Vec<Migration> {
    let text = |text: &str| text.replace(SCHEMA_MARK, schema);
    vec![
        Migration {
            version: 1,
            name: "tables",
            sql: text(include_str!("../../migrations/postgres/0001_tables.sql")),
        },
        Migration {
            version: 2,
            name: "members",
            sql: text(include_str!("../../migrations/postgres/0002_members.sql")),
        },
        Migration {
            version: 3,
            name: "commit",
            sql: text(include_str!("../../migrations/postgres/0003_commit.sql")),
        },
        Migration {
            version: 4,
            name: "consumers",
            sql: text(include_str!("../../migrations/postgres/0004_consumers.sql")),
        },
    ]
}

pub(super) async fn migrate(connection: &mut PgConnection, schema: &str) -> Result<(), StoreError> {
    execute(connection, "BEGIN".to_owned()).await?;
    let outcome = apply(connection, schema).await;
    execute(connection, if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" }.to_owned()).await?;
    outcome
}

async fn apply(connection: &mut PgConnection, schema: &str) -> Result<(), StoreError> {
    execute(connection, format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    let exists = format!("SELECT to_regclass('\"{schema}\".\"migration\"') IS NOT NULL");
    let version: i64 = if get(connection, exists).await? {
        get(connection, format!("SELECT coalesce(max(version), 0) FROM \"{schema}\".\"migration\"")).await?
    } else {
        let table = "(version bigint PRIMARY KEY, name text NOT NULL)";
        let text = format!(
            "CREATE SCHEMA IF NOT EXISTS \"{schema}\"; CREATE TABLE \"{schema}\".\"migration\" {table}"
        );
        execute(connection, text).await?;
        0
    };
    for Migration { version, name, sql } in pending(migrations(schema), version)? {
        execute(connection, sql).await?;
        let note = format!("INSERT INTO \"{schema}\".\"migration\" VALUES ({version}, '{name}')");
        execute(connection, note).await?;
    }
    Ok(())
}

async fn get<T>(connection: &mut PgConnection, text: String) -> Result<T, StoreError>
where
    T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    let row = connection.fetch_one(sqlx::query(AssertSqlSafe(text))).await;
    row.and_then(|row| row.try_get(0)).map_err(|error| failure(error).alone())
}

async fn execute(connection: &mut PgConnection, text: String) -> Result<(), StoreError> {
    let done = connection.execute(sqlx::raw_sql(AssertSqlSafe(text))).await;
    done.map(|_| ()).map_err(|error| failure(error).alone())
}

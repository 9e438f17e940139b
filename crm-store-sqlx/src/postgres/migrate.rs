//! Making and updating the tables in a PostgreSQL database.
//!
//! Invariant: one transaction that holds a lock of its own reads the version and applies what is missing, so that any
//! number of programs can migrate at once.

use crm_core::store::StoreError;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Row as _};

use super::dialect::schema_name;
use super::door::failure;
use crate::migration::{Migration, pending};

/// What stands for the schema in the texts.
pub(crate) const SCHEMA_MARK: &str = "{schema}";

/// The key of the lock, which is nobody else's.
pub(super) const LOCK: i64 = 0x0063_726d_6d69_6772;

/// How many partitions tables can have. More than some tens cost more than they give.
const MOST_PARTITIONS: u32 = 1_024;

/// Where the tables stand.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) schema: String,
    /// Into how many partitions each table is divided by organisation; 0 if into none.
    pub(super) partitions: u32,
}

impl Place {
    pub(super) fn of(schema: &str, partitions: u32) -> Result<Self, StoreError> {
        if partitions > MOST_PARTITIONS {
            return Err(StoreError::broken(format!(
                "{partitions} partitions are more than {MOST_PARTITIONS}"
            )));
        }
        Ok(Self { schema: schema_name(schema)?, partitions })
    }

    /// A migration's text for this place. Each table that it makes is followed by its partitions.
    fn text(&self, text: &str) -> String {
        let mut placed = String::with_capacity(text.len());
        let mut made = None;
        for line in text.lines() {
            let name = line.strip_prefix("CREATE TABLE ").and_then(|rest| rest.strip_suffix(" ("));
            made = name.or(made);
            match made {
                Some(name) if line == ");" && self.partitions > 0 => {
                    placed.push_str(") PARTITION BY HASH (organization_id);\n");
                    (0..self.partitions).for_each(|number| placed.push_str(&self.partition(name, number)));
                    made = None;
                }
                _ => {
                    placed.push_str(line);
                    placed.push('\n');
                }
            }
        }
        placed.replace(SCHEMA_MARK, &self.schema)
    }

    /// The partition of a table, whose name is quoted.
    fn partition(&self, table: &str, number: u32) -> String {
        let name = table.trim_end_matches('"');
        let modulus = self.partitions;
        format!(
            "CREATE TABLE {name}_{number}\" PARTITION OF {table} FOR VALUES WITH (MODULUS {modulus}, REMAINDER {number});\n"
        )
    }
}

pub(super) fn migrations(place: &Place) -> Vec<Migration> {
    let text = |text: &str| place.text(text);
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

pub(super) async fn migrate(connection: &mut PgConnection, place: &Place) -> Result<(), StoreError> {
    execute(connection, "BEGIN".to_owned()).await?;
    let outcome = apply(connection, place).await;
    execute(connection, if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" }.to_owned()).await?;
    outcome
}

async fn apply(connection: &mut PgConnection, place: &Place) -> Result<(), StoreError> {
    let Place { schema, partitions } = place;
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
    if version > 0 {
        let text =
            format!("SELECT count(*) FROM pg_inherits WHERE inhparent = '\"{schema}\".\"deal\"'::regclass");
        let there: i64 = get(connection, text).await?;
        if there != i64::from(*partitions) {
            let text = format!("its tables are in {there} partitions, and not in {partitions}");
            return Err(StoreError::broken(text));
        }
    }
    for Migration { version, name, sql } in pending(migrations(place), version)? {
        execute(connection, sql).await?;
        let note = format!("INSERT INTO \"{schema}\".\"migration\" VALUES ({version}, '{name}')");
        execute(connection, note).await?;
    }
    Ok(())
}

pub(super) async fn get<T>(connection: &mut PgConnection, text: String) -> Result<T, StoreError>
where
    T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    let row = connection.fetch_one(sqlx::query(AssertSqlSafe(text))).await;
    row.and_then(|row| row.try_get(0)).map_err(|error| failure(error).alone())
}

pub(super) async fn execute(connection: &mut PgConnection, text: String) -> Result<(), StoreError> {
    let done = connection.execute(sqlx::raw_sql(AssertSqlSafe(text))).await;
    done.map(|_| ()).map_err(|error| failure(error).alone())
}

//! Migrations: forward only, numbered, never run by themselves.
//!
//! Invariant: a database is never touched by a library that is older than its tables.

use crm_core::store::StoreError;

/// One step from an earlier form of the tables to a later one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its number; the first is 1.
    pub version: i64,
    /// What it does.
    pub name: &'static str,
    /// The statements.
    pub sql: String,
}

/// The migrations that a database at a version still needs.
pub(crate) fn pending(all: Vec<Migration>, version: i64) -> Result<Vec<Migration>, StoreError> {
    let latest = all.last().map_or(0, |migration| migration.version);
    if version > latest {
        return Err(StoreError::broken(format!(
            "its tables are of version {version}, and this library knows {latest}"
        )));
    }
    Ok(all.into_iter().filter(|migration| migration.version > version).collect())
}

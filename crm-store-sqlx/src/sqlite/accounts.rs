//! Accounts in SQLite, beside the engine's tables.
//!
//! Invariant: a registration is one `BEGIN IMMEDIATE` transaction, and so kept whole or not at all; everything else is one
//! statement.

use crm_accounts::{Entry, Error};
use crm_core::store::StoreError;
use crm_core::{CreateOrganization, Crm, Registered};
use sqlx::{Connection as _, Row as _, SqliteConnection};

use super::door::{Hosts, Pools, failure};
use super::migrate::execute;
use super::{SqliteSession, SqliteStore};
use crate::accounts::{Tables, account_store, alone, outside, unfinished};
use crate::door::{Door, DoorError, Doors as _, Lent, Purpose};
use crate::migration::{Migration, pending};

/// A store of accounts, in the file of a store of the engine. Share it as an `Arc<dyn AccountStore>`.
///
/// ```
/// use std::sync::Arc;
/// use crm_accounts::{Accounts, Secret};
/// use crm_core::{Crm, Profile};
/// use crm_store_sqlx::{SqliteAccounts, SqliteStore};
///
/// # async fn open(path: &std::path::Path, secret: Secret) -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::open(path).await?;
/// store.migrate().await?;
/// let accounts = SqliteAccounts::beside(&store);
/// accounts.migrate().await?;
/// let accounts = Accounts::new(Arc::new(accounts), secret);
/// let crm = Crm::new(Arc::new(store), Profile::preset("general")?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SqliteAccounts {
    doors: Pools,
    tables: Tables,
}

/// The migrations of the accounts, oldest first, as plain SQL: for a host whose own tool runs them.
#[must_use]
pub fn account_migrations() -> Vec<Migration> {
    let sql = include_str!("../../migrations/sqlite/accounts/0001_accounts.sql").to_owned();
    vec![Migration { version: 1, name: "accounts", sql }]
}

impl SqliteAccounts {
    /// Works over the connections of a store: there is still one that writes.
    #[must_use]
    pub fn beside(store: &SqliteStore) -> Self {
        let Pools { writer, readers } = &store.sql.doors;
        let tables =
            Tables { account: "crm_auth_account".to_owned(), session: "crm_auth_session".to_owned() };
        Self { doors: Pools { writer: writer.clone(), readers: readers.clone() }, tables }
    }

    /// Makes or updates the tables. What is up to date is left alone.
    ///
    /// # Errors
    /// The database refuses, or its tables are of a later version of the library.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let failed = |error| failure(error).alone();
        let mut connection = self.doors.writer.acquire().await.map_err(failed)?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
        apply(&mut transaction).await?;
        transaction.commit().await.map_err(failed)
    }

    async fn door(&self, purpose: Purpose) -> Result<Box<dyn Door + '_>, StoreError> {
        self.doors.open(purpose).await.map_err(DoorError::alone)
    }

    async fn registered(
        &self,
        entry: &Entry,
        crm: &Crm,
        organization: CreateOrganization,
    ) -> Result<Registered, Error> {
        let failed = |error| unfinished(failure(error));
        let mut connection = self.doors.writer.acquire().await.map_err(failed)?;
        // Dropped before its end, by any of the question marks below, the transaction is rolled back.
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
        {
            let lent = Lent::new(Hosts::Ours(&mut transaction));
            let mut door = lent.open(Purpose::Write).await.map_err(unfinished)?;
            self.tables.add(&mut *door, entry).await.map_err(alone)?.map_or(Ok(()), Err)?;
        }
        let registered = {
            let session = SqliteSession::new(&mut transaction);
            let registered = crm.register_on(&session, entry.account.id, organization).await;
            registered.map_err(|error| outside(error, failure))?
        };
        transaction.commit().await.map_err(failed)?;
        Ok(registered)
    }
}

account_store!(SqliteAccounts);

async fn apply(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let table = "CREATE TABLE IF NOT EXISTS crm_auth_migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT";
    execute(connection, table.to_owned()).await?;
    let read = sqlx::query("SELECT coalesce(max(version), 0) FROM crm_auth_migration");
    let row = read.fetch_one(&mut *connection).await;
    let version: i64 = row.and_then(|row| row.try_get(0)).map_err(|error| failure(error).alone())?;
    for Migration { version, name, sql } in pending(account_migrations(), version)? {
        execute(connection, sql).await?;
        execute(connection, format!("INSERT INTO crm_auth_migration VALUES ({version}, '{name}')")).await?;
    }
    Ok(())
}

//! Accounts in PostgreSQL, beside the engine's tables.
//!
//! The tables belong to no organisation, so no policy is put on them: a host that works as a role of few rights lets it use
//! them (`GRANT SELECT, INSERT, UPDATE, DELETE`).
//!
//! Invariant: a registration is one transaction, and so kept whole or not at all; everything else is one statement.

use crm_accounts::{Entry, Error};
use crm_core::store::StoreError;
use crm_core::{CreateOrganization, Crm, Registered};
use sqlx::{Connection as _, PgConnection};

use super::dialect::{Form, Postgres, schema_name};
use super::door::{Hosts, failure};
use super::migrate::{LOCK, SCHEMA_MARK, execute, get};
use super::{PgSession, PgStore};
use crate::accounts::{Tables, account_store, alone, outside, unfinished};
use crate::door::{Door, DoorError, Doors as _, Lent, Purpose};
use crate::migration::{Migration, pending};
use crate::pool::Pool;

/// A store of accounts, in the database and the schema of a store of the engine. Share it as an `Arc<dyn AccountStore>`.
///
/// ```
/// use std::sync::Arc;
/// use crm_accounts::{Accounts, Secret};
/// use crm_core::{Crm, Profile};
/// use crm_store_sqlx::{PgAccounts, PgStore};
///
/// # async fn open(secret: Secret) -> Result<(), Box<dyn std::error::Error>> {
/// let store = PgStore::connect("postgres://localhost/app").await?;
/// store.migrate().await?;
/// let accounts = PgAccounts::beside(&store);
/// accounts.migrate().await?;
/// let accounts = Accounts::new(Arc::new(accounts), secret);
/// let crm = Crm::new(Arc::new(store), Profile::preset("general")?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PgAccounts {
    doors: Pool<sqlx::Postgres>,
    tables: Tables,
    schema: String,
    form: Form,
}

/// The migrations of the accounts into a schema, oldest first, as plain SQL: for a host whose own tool runs them.
///
/// # Errors
/// The name of the schema is not one.
pub fn account_migrations(schema: &str) -> Result<Vec<Migration>, StoreError> {
    let sql = include_str!("../../migrations/postgres/accounts/0001_accounts.sql");
    let sql = sql.replace(SCHEMA_MARK, &schema_name(schema)?);
    Ok(vec![Migration { version: 1, name: "accounts", sql }])
}

impl PgAccounts {
    /// Works over the pool of a store, in its schema, and registers as it commits.
    #[must_use]
    pub fn beside(store: &PgStore) -> Self {
        let Postgres { form, .. } = store.sql.dialect;
        let schema = store.sql.dialect.schema().to_owned();
        let table = |name: &str| format!("\"{schema}\".\"{name}\"");
        let tables = Tables { account: table("auth_account"), session: table("auth_session") };
        Self { doors: store.sql.doors.clone(), tables, schema, form }
    }

    /// Makes or updates the tables. What is up to date is left alone.
    ///
    /// # Errors
    /// The database refuses, or its tables are of a later version of the library.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let failed = |error| failure(error).alone();
        let mut connection = self.doors.acquire().await.map_err(failed)?;
        connection.close_on_drop();
        let mut transaction = connection.begin().await.map_err(failed)?;
        apply(&mut transaction, &self.schema).await?;
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
        let mut connection = self.doors.acquire().await.map_err(|error| unfinished(failure(error)))?;
        // Given up while it begins, the driver would hand the connection on with the transaction open.
        connection.close_on_drop();
        // Dropped before its end, by any of the question marks below, the transaction is rolled back.
        let mut transaction = connection.begin().await.map_err(|error| unfinished(failure(error)))?;
        {
            let lent = Lent::new(Hosts::Ours(&mut transaction));
            let mut door = lent.open(Purpose::Write).await.map_err(unfinished)?;
            self.tables.add(&mut *door, entry).await.map_err(alone)?.map_or(Ok(()), Err)?;
        }
        let registered = {
            let session = self.session(&mut transaction)?;
            let registered = crm.register_on(&session, entry.account.id, organization).await;
            registered.map_err(|error| outside(error, failure))?
        };
        transaction.commit().await.map_err(|error| unfinished(failure(error)))?;
        Ok(registered)
    }

    /// The engine's store in a transaction, which commits as the store beside.
    fn session<'c>(&self, connection: &'c mut PgConnection) -> Result<PgSession<'c>, StoreError> {
        let session = PgSession::new(connection).in_schema(&self.schema)?;
        Ok(match self.form {
            Form::Statement => session,
            Form::Function => session.by_function(),
            Form::Protected => session.protected(),
        })
    }
}

account_store!(PgAccounts);

async fn apply(connection: &mut PgConnection, schema: &str) -> Result<(), StoreError> {
    execute(connection, format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    let table = format!("\"{schema}\".\"auth_migration\"");
    let made = format!(
        "CREATE SCHEMA IF NOT EXISTS \"{schema}\"; \
         CREATE TABLE IF NOT EXISTS {table} (version bigint PRIMARY KEY, name text NOT NULL)"
    );
    execute(connection, made).await?;
    let version = get(connection, format!("SELECT coalesce(max(version), 0) FROM {table}")).await?;
    for Migration { version, name, sql } in pending(account_migrations(schema)?, version)? {
        execute(connection, sql).await?;
        execute(connection, format!("INSERT INTO {table} VALUES ({version}, '{name}')")).await?;
    }
    Ok(())
}

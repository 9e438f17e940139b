//! PostgreSQL: each commit is one statement.
//!
//! The statement locks what the decision rests on, checks it, and writes only if all of it holds. A stale version writes
//! nothing and raises nothing, so a transaction of the host lives on.
//!
//! Invariant: the store itself never opens a transaction; it works by single statements, or inside the host's.

#[cfg(feature = "accounts")]
mod accounts;
mod advisory;
mod commit;
mod dialect;
mod door;
mod function;
#[cfg(test)]
mod functions;
mod migrate;
mod protect;
mod search;
mod settled;
mod work;
mod write;

use crm_core::store::StoreError;
use crm_core::value::Precision;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, PgPool};

use self::dialect::{Form, schema_name};
use self::door::{Hosts, failure};
use self::migrate::Place;
use crate::consumer::Consumer;
use crate::door::{Connection, Lent};
use crate::migration::Migration;
use crate::pool::Pool;
use crate::store::{Sql, store};

#[cfg(feature = "accounts")]
pub use self::accounts::{PgAccounts, account_migrations};
pub(crate) use self::dialect::Postgres;
pub use self::door::refused;
#[cfg(test)]
pub(crate) use self::migrate::SCHEMA_MARK;

/// The schema in which the tables stand, unless a host names another.
pub const SCHEMA: &str = "crm";

/// The migrations into a schema, oldest first, as plain SQL: for a host whose own tool runs them.
///
/// # Errors
/// The name of the schema is not one.
pub fn migrations(schema: &str) -> Result<Vec<Migration>, StoreError> {
    partitioned_migrations(schema, 0)
}

/// The same for tables that are divided into partitions by organisation; see [`PgStore::migrate_partitioned`].
///
/// # Errors
/// The name of the schema is not one, or there are more than 1,024 partitions.
pub fn partitioned_migrations(schema: &str, partitions: u32) -> Result<Vec<Migration>, StoreError> {
    Place::of(schema, partitions).map(|place| migrate::migrations(&place))
}

/// The statements of [`PgStore::protect`], for a host whose own tool runs them.
///
/// # Errors
/// The name of the schema or of the role is not one.
pub fn policies(schema: &str, role: &str) -> Result<String, StoreError> {
    protect::policies(schema, role)
}

/// The statements of [`PgStore::index_search`], for a host whose own tool runs them, in one transaction.
///
/// # Errors
/// The name of the schema is not one.
pub fn search_indexes(schema: &str) -> Result<String, StoreError> {
    search::indexes(schema)
}

/// Makes or updates the tables in a schema, over a connection that is not in a transaction.
///
/// # Errors
/// The database refuses, its tables are of a later version of the library, or the name of the schema is not one.
pub async fn migrate(connection: &mut PgConnection, schema: &str) -> Result<(), StoreError> {
    migrate::migrate(connection, &Place::of(schema, 0)?).await
}

/// A store over a pool of connections. Share it as an `Arc<dyn Store>`.
///
/// ```
/// use std::sync::Arc;
/// use crm_core::{Crm, Profile};
/// use crm_store_sqlx::PgStore;
///
/// # async fn open() -> Result<(), Box<dyn std::error::Error>> {
/// let store = PgStore::connect("postgres://localhost/app").await?;
/// store.migrate().await?;
/// let crm = Crm::new(Arc::new(store), Profile::preset("general")?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PgStore {
    sql: Sql<Pool<sqlx::Postgres>, Postgres>,
}

impl PgStore {
    /// Works over the host's pool, in the schema `crm`.
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self::over(Pool::of_host(pool))
    }

    fn over(pool: Pool<sqlx::Postgres>) -> Self {
        Self { sql: Sql::new(pool, Postgres::new(SCHEMA), false) }
    }

    /// Works over a pool of its own, of at most ten connections. A host that wants other limits makes a pool and gives it to
    /// [`PgStore::new`]; it should switch `test_before_acquire` off, as this does, because it costs a round trip for each
    /// call. The driver spends another one whenever it gets a connection back, which only a pool of the store's own is
    /// spared.
    ///
    /// # Errors
    /// The address cannot be read, or nobody answers there.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let failed = |error| failure(error).alone();
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(StoreError::broken("the address of a PostgreSQL database begins with postgres://"));
        }
        let options: PgConnectOptions = url.parse().map_err(failed)?;
        // A pool would try for half a minute, and then say only that it was too late.
        options.connect().await.map_err(failed)?.close().await.map_err(failed)?;
        Ok(Self::over(Pool::own(PgPoolOptions::new().test_before_acquire(false).connect_lazy_with(options))))
    }

    /// The same in another schema.
    ///
    /// # Errors
    /// The name is not one: a letter or an underscore, then letters, digits and underscores, at most 63, in lower case.
    pub fn in_schema(self, schema: &str) -> Result<Self, StoreError> {
        let dialect = self.sql.dialect.in_schema(schema_name(schema)?);
        Ok(Self { sql: Sql { dialect, ..self.sql } })
    }

    /// Commits by calling a function of the database, instead of by a statement: what it does is the same.
    #[must_use]
    pub fn by_function(self) -> Self {
        let dialect = self.sql.dialect.in_form(Form::Function);
        Self { sql: Sql { dialect, ..self.sql } }
    }

    /// Puts policies of row-level security on the tables, which bind everybody but a superuser, and lets a role use them
    /// that cannot go round them. Do it as the owner of the tables, after each migration; then work as that role, over a
    /// store that is [`PgStore::protected`].
    ///
    /// # Errors
    /// The database refuses; or the role is not there, or no policy binds it, or its name is none of small letters, digits
    /// and underscores.
    pub async fn protect(&self, role: &str) -> Result<(), StoreError> {
        let mut connection = self.sql.doors.acquire().await.map_err(|error| failure(error).alone())?;
        protect::protect(&mut connection, self.sql.dialect.schema(), role).await
    }

    /// Makes indexes for the search of parts of words, in all kinds that are searched. They need the extensions `pg_trgm`
    /// and `btree_gin`, which come with PostgreSQL; making them takes the right to create in the database. Without the
    /// indexes a search reads all rows of its organisation. Do it once, after [`PgStore::migrate`]: nobody can write to a table while
    /// its index is made, and commits take longer from then on.
    ///
    /// # Errors
    /// The database refuses, or has not got the extensions.
    pub async fn index_search(&self) -> Result<(), StoreError> {
        let text = search::indexes(self.sql.dialect.schema())?;
        let mut connection = self.sql.doors.acquire().await.map_err(|error| failure(error).alone())?;
        let done = sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut *connection).await;
        done.map(|_| ()).map_err(|error| failure(error).alone())
    }

    /// Makes or updates the tables. What is up to date is left alone.
    ///
    /// # Errors
    /// The database refuses, or its tables are of a later version of the library.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        self.migrate_partitioned(0).await
    }

    /// The same with each table divided by organisation into so many partitions: every statement then works on one of
    /// each. That is chosen when the tables are made, and said again with each later migration; near 8 is a good number.
    ///
    /// # Errors
    /// As for [`PgStore::migrate`], or the tables are in another number of partitions, or in more than 1,024.
    pub async fn migrate_partitioned(&self, partitions: u32) -> Result<(), StoreError> {
        let place = Place::of(self.sql.dialect.schema(), partitions)?;
        let mut connection = self.sql.doors.acquire().await.map_err(|error| failure(error).alone())?;
        // A migration that nobody waited for leaves a transaction open.
        connection.close_on_drop();
        migrate::migrate(&mut connection, &place).await
    }

    /// A consumer of the outbox, by its name: a word such as `mailer`. Each name has a place of its own in the outbox of
    /// every organisation, and begins where that begins.
    ///
    /// # Errors
    /// The name is no word.
    pub fn consumer(&self, name: &str) -> Result<Consumer<'_>, StoreError> {
        Consumer::of(&self.sql, name)
    }

    /// Works under policies of row-level security ([`PgStore::protect`]): each call first names the organisation that it is
    /// about, in a statement of its own where it reads, and in the function by which it commits.
    #[must_use]
    pub fn protected(self) -> Self {
        let dialect = self.sql.dialect.in_form(Form::Protected);
        Self { sql: Sql { dialect, ..self.sql } }
    }

    /// How many statements were run so far.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.sql.statements()
    }

    /// Waits for what is under way, and closes the pool, also for the host whose pool it is.
    pub async fn close(&self) {
        self.sql.doors.close().await;
    }
}

store!([] PgStore, Precision::Micros);

/// The store inside a transaction of the host, on the connection that it lends.
///
/// The host begins and ends the transaction, at `READ COMMITTED` or `SERIALIZABLE`. A conflict or a refused command leaves
/// it as it was; a failure that ended it is [`StoreError::TransactionLost`].
#[derive(Debug)]
pub struct PgSession<'c> {
    sql: Sql<Lent<Hosts<'c>>, Postgres>,
}

impl<'c> PgSession<'c> {
    /// Works on this connection, in the schema `crm`.
    #[must_use]
    pub fn new(connection: &'c mut PgConnection) -> Self {
        Self { sql: Sql::new(Lent::new(Hosts::Ours(connection)), Postgres::new(SCHEMA), true) }
    }

    /// Works on a connection of another driver, in the schema `crm`. The server has to be told no types of values: what is
    /// not clear is cast in the texts.
    #[must_use]
    pub fn over(connection: impl Connection + 'static) -> Self {
        let connection = Hosts::Other(Box::new(connection));
        Self { sql: Sql::new(Lent::new(connection), Postgres::new(SCHEMA), true) }
    }

    /// The same in another schema.
    ///
    /// # Errors
    /// The name is not one; see [`PgStore::in_schema`].
    pub fn in_schema(self, schema: &str) -> Result<Self, StoreError> {
        let dialect = self.sql.dialect.in_schema(schema_name(schema)?);
        Ok(Self { sql: Sql { dialect, ..self.sql } })
    }

    /// Commits by calling a function of the database, instead of by a statement: what it does is the same.
    #[must_use]
    pub fn by_function(self) -> Self {
        let dialect = self.sql.dialect.in_form(Form::Function);
        Self { sql: Sql { dialect, ..self.sql } }
    }

    /// Works under policies of row-level security ([`PgStore::protect`]): each call first names the organisation that it is
    /// about, in a statement of its own where it reads, and in the function by which it commits.
    #[must_use]
    pub fn protected(self) -> Self {
        let dialect = self.sql.dialect.in_form(Form::Protected);
        Self { sql: Sql { dialect, ..self.sql } }
    }

    /// How many statements were run so far.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.sql.statements()
    }
}

store!(['c] PgSession<'c>, Precision::Micros);

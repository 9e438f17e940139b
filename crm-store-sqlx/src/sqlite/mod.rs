//! SQLite: the embedded store that lasts.
//!
//! A file, and nothing to install or start. One connection writes and several read beside it (write-ahead log); a commit
//! takes the write lock first, so that nothing can change between looking and writing.
//!
//! Invariant: a commit is one `BEGIN IMMEDIATE` transaction, or one savepoint of the host's.

#[cfg(feature = "accounts")]
mod accounts;
mod commit;
mod dialect;
pub(crate) mod door;
mod migrate;
mod plain;

use std::path::Path;
use std::time::Duration;

use crm_core::store::StoreError;
use crm_core::value::Precision;
use sqlx::SqliteConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use self::door::{Hosts, Pools, failure};
use crate::consumer::Consumer;
use crate::door::{Connection, Lent};
use crate::pool::Pool;
use crate::store::{Sql, store};

#[cfg(feature = "accounts")]
pub use self::accounts::{SqliteAccounts, account_migrations};
pub(crate) use self::dialect::Sqlite;
pub use self::migrate::{migrate, migrations};
pub use self::plain::{Plain, statements};

/// How long a writer waits for another program that writes to the same file.
const BUSY: Duration = Duration::from_secs(5);
/// Connections that read at the same time.
const READERS: u32 = 4;

/// A store in a file. Share it as an `Arc<dyn Store>`.
///
/// ```
/// use std::sync::Arc;
/// use crm_core::{Crm, Profile};
/// use crm_store_sqlx::SqliteStore;
///
/// # async fn open(path: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::open(path).await?;
/// store.migrate().await?;
/// let crm = Crm::new(Arc::new(store), Profile::preset("general")?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SqliteStore {
    sql: Sql<Pools, Sqlite>,
}

impl SqliteStore {
    /// Opens a file; creates it where there is none. Its tables are made by [`SqliteStore::migrate`].
    ///
    /// # Errors
    /// The file cannot be opened.
    pub async fn open(file: impl AsRef<Path>) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
        Self::connect(options).await
    }

    /// Opens a database with settings of the host's own. The write-ahead log, foreign keys and a wait for other writers
    /// are always on.
    ///
    /// # Errors
    /// The database cannot be opened.
    pub async fn connect(options: SqliteConnectOptions) -> Result<Self, StoreError> {
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(BUSY);
        let pool = |most| SqlitePoolOptions::new().max_connections(most).test_before_acquire(false);
        let failed = |error| failure(error).alone();
        let writer = Pool::own(pool(1).connect_with(options.clone()).await.map_err(failed)?);
        let readers = Pool::own(pool(READERS).connect_lazy_with(options));
        Ok(Self { sql: Sql::new(Pools { writer, readers }, Sqlite, false) })
    }

    /// Makes or updates the tables. What is up to date is left alone.
    ///
    /// # Errors
    /// The database refuses, or its tables are of a later version of the library.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let failed = |error| failure(error).alone();
        let mut connection = self.sql.doors.writer.acquire().await.map_err(failed)?;
        migrate(&mut connection).await
    }

    /// A consumer of the outbox, by its name: a word such as `mailer`. Each name has a place of its own in the outbox of
    /// every organisation, and begins where that begins.
    ///
    /// # Errors
    /// The name is no word.
    pub fn consumer(&self, name: &str) -> Result<Consumer<'_>, StoreError> {
        Consumer::of(&self.sql, name)
    }

    /// How many statements were run so far.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.sql.statements()
    }

    /// Waits for what is under way, and closes the file.
    pub async fn close(&self) {
        self.sql.doors.readers.close().await;
        self.sql.doors.writer.close().await;
    }
}

store!([] SqliteStore, Precision::Micros);

/// The store inside a transaction of the host, on the connection that it lends.
///
/// The host begins and ends the transaction; `BEGIN IMMEDIATE` is the right way, because a transaction that has read
/// cannot always go on to write. Each command is a savepoint of its own.
#[derive(Debug)]
pub struct SqliteSession<'c> {
    sql: Sql<Lent<Hosts<'c>>, Sqlite>,
}

impl<'c> SqliteSession<'c> {
    /// Works on this connection.
    #[must_use]
    pub fn new(connection: &'c mut SqliteConnection) -> Self {
        Self { sql: Sql::new(Lent::new(Hosts::Ours(connection)), Sqlite, true) }
    }

    /// Works on a connection of another driver. [`Plain`] says how it sends values; a text may be several statements, which
    /// [`statements`] gives one by one.
    #[must_use]
    pub fn over(connection: impl Connection + 'static) -> Self {
        let connection = Hosts::Other(Box::new(connection));
        Self { sql: Sql::new(Lent::new(connection), Sqlite, true) }
    }

    /// How many statements were run so far.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.sql.statements()
    }
}

store!(['c] SqliteSession<'c>, Precision::Micros);

//! Where the probes take place: memory, a file of SQLite, a schema of PostgreSQL.
//!
//! Invariant: a place is empty at first, and whoever opens it again, here or in another process, finds what is there.

use std::sync::Arc;

use crm_core::store::Store;
use crm_store_memory::MemoryStore;

use crate::support::at_once::at_once;
use crate::support::runtime::block_on;

/// Something that keeps what is written, until it is dropped.
pub(crate) struct Place {
    pub(crate) name: &'static str,
    kept: Kept,
}

enum Kept {
    Memory(Arc<MemoryStore>),
    #[cfg(feature = "sqlite")]
    File(crate::support::folder::Folder),
    #[cfg(feature = "postgres")]
    Schema(crate::support::server::Schema),
}

impl Place {
    /// One of each, all empty.
    pub(crate) fn all() -> Vec<Self> {
        let mut places = vec![Self { name: "memory", kept: Kept::Memory(Arc::new(MemoryStore::new())) }];
        #[cfg(feature = "sqlite")]
        places.push(Self { name: "SQLite", kept: Kept::File(crate::support::folder::Folder::new()) });
        #[cfg(feature = "postgres")]
        places.push(Self {
            name: "PostgreSQL",
            kept: Kept::Schema(block_on(crate::support::server::Schema::new())),
        });
        places
    }

    /// A store over the place; over a file with connections of its own.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        match (&self.kept, self.address()) {
            (Kept::Memory(store), _) => store.clone(),
            (_, Some(address)) => store_at(&address),
            (_, None) => panic!("a place without an address"),
        }
    }

    /// Writes past the engine, as another program might, to the table of leads; not into memory.
    pub(crate) fn by_hand(&self, text: &str) -> Option<Result<u64, sqlx::Error>> {
        match &self.kept {
            Kept::Memory(_) => None,
            #[cfg(feature = "sqlite")]
            Kept::File(folder) => Some(block_on(sqlite::run(folder.file("crm.db"), text))),
            #[cfg(feature = "postgres")]
            Kept::Schema(schema) => {
                let text = text.replace("{lead}", &format!("\"{}\".lead", schema.name));
                let done = block_on(sqlx::query(sqlx::AssertSqlSafe(text)).execute(&schema.pool));
                Some(done.map(|done| done.rows_affected()))
            }
        }
    }

    /// Under which another process finds the place.
    pub(crate) fn address(&self) -> Option<String> {
        match &self.kept {
            Kept::Memory(_) => None,
            #[cfg(feature = "sqlite")]
            Kept::File(folder) => Some(format!("sqlite:{}", folder.file("crm.db").display())),
            #[cfg(feature = "postgres")]
            Kept::Schema(schema) => Some(format!("postgres:{}", schema.name)),
        }
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use sqlx::AssertSqlSafe;
    use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

    /// Runs a statement on a file, and says how many rows it changed.
    pub(super) async fn run(file: std::path::PathBuf, text: &str) -> Result<u64, sqlx::Error> {
        let text = text.replace("{lead}", "crm_lead");
        let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(file)).await?;
        let done = sqlx::query(AssertSqlSafe(text)).execute(&pool).await;
        pool.close().await;
        done.map(|done| done.rows_affected())
    }
}

/// A store over the place at this address, with its tables.
pub(crate) fn store_at(address: &str) -> Arc<dyn Store> {
    match address.split_once(':') {
        #[cfg(feature = "sqlite")]
        Some(("sqlite", file)) => at_once(block_on(async {
            let store = crm_store_sqlx::SqliteStore::open(file).await.unwrap();
            store.migrate().await.unwrap();
            Arc::new(store)
        })),
        #[cfg(feature = "postgres")]
        Some(("postgres", schema)) => at_once(block_on(async {
            let pool = crate::support::server::pool("CRM_TEST_POSTGRES_URL");
            let store = crm_store_sqlx::PgStore::new(pool).in_schema(schema).unwrap();
            store.migrate().await.unwrap();
            Arc::new(store)
        })),
        _ => panic!("no place is at {address}"),
    }
}

//! All stores side by side, each of them empty: memory, a SQLite file, PostgreSQL over a pool, PostgreSQL inside one
//! transaction of a host, and PostgreSQL with its tables in partitions.
//!
//! Invariant: all of them answer at once, and the first is the memory store.

use std::sync::Arc;

use crm_core::store::Store;
use crm_store_memory::MemoryStore;

use crate::support::at_once::at_once;
use crate::support::runtime::block_on;

/// A store under its name.
pub(crate) type Named = (&'static str, Arc<dyn Store>);

/// Where the stores of a test keep what they keep.
pub(crate) struct Rig {
    #[cfg(feature = "sqlite")]
    file: sqlite::File,
    #[cfg(feature = "postgres")]
    schemas: postgres::Schemas,
}

impl Rig {
    pub(crate) fn new() -> Self {
        block_on(async {
            Self {
                #[cfg(feature = "sqlite")]
                file: sqlite::File::new(),
                #[cfg(feature = "postgres")]
                schemas: postgres::Schemas::new().await,
            }
        })
    }

    /// The stores, all empty. Those of an earlier call are not used any more.
    pub(crate) fn empty(&mut self) -> Vec<Named> {
        let mut stores: Vec<Named> = vec![("memory", Arc::new(MemoryStore::new()))];
        #[cfg(feature = "sqlite")]
        stores.push(("SQLite", at_once(block_on(self.file.empty()))));
        #[cfg(feature = "postgres")]
        block_on(self.schemas.empty())
            .into_iter()
            .for_each(|(name, store)| stores.push((name, at_once(store))));
        stores
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use std::sync::Arc;

    use crm_core::store::Store;
    use crm_store_sqlx::SqliteStore;

    use crate::support::folder::Folder;

    pub(super) struct File {
        folder: Folder,
        number: u32,
    }

    impl File {
        pub(super) fn new() -> Self {
            Self { folder: Folder::new(), number: 0 }
        }

        pub(super) async fn empty(&mut self) -> Arc<dyn Store> {
            self.number += 1;
            let store = SqliteStore::open(self.folder.file(&format!("crm{}.db", self.number))).await.unwrap();
            store.migrate().await.unwrap();
            Arc::new(store)
        }
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use std::sync::Arc;

    use crm_core::store::Store;
    use crm_store_sqlx::{PgSession, PgStore};
    use sqlx::{Connection as _, Executor as _, PgConnection};
    use tokio::sync::Mutex;

    use super::Named;
    use crate::support::emptied::empty;
    use crate::support::server::Schema;
    use crate::support::within::within;

    within!(Within, Box<PgConnection>, |lent| PgSession::new(lent.0).in_schema(lent.1)?);

    /// Into how many partitions tables are divided.
    const PARTITIONS: u32 = 4;

    /// One schema for the pool, one in which nothing is ever committed, and one with partitions.
    pub(super) struct Schemas {
        pooled: Schema,
        within: Schema,
        divided: Schema,
    }

    async fn schema(partitions: u32) -> Schema {
        let schema = Schema::new().await;
        let store = PgStore::new(schema.pool.clone()).in_schema(&schema.name).unwrap();
        store.migrate_partitioned(partitions).await.unwrap();
        schema
    }

    /// Empties the tables, and gives the store over them.
    async fn emptied(schema: &Schema) -> PgStore {
        empty(schema).await;
        PgStore::new(schema.pool.clone()).in_schema(&schema.name).unwrap()
    }

    impl Schemas {
        pub(super) async fn new() -> Self {
            Self { pooled: schema(0).await, within: schema(0).await, divided: schema(PARTITIONS).await }
        }

        pub(super) async fn empty(&self) -> [Named; 3] {
            let Self { pooled, within, divided } = self;
            // One that is not of the pool: it can be dropped anywhere, and its transaction goes with it.
            let options = within.pool.connect_options();
            let mut connection = Box::new(PgConnection::connect_with(&options).await.unwrap());
            connection.execute("BEGIN").await.unwrap();
            let inside: Arc<dyn Store> =
                Arc::new(Within { connection: Mutex::new(connection), schema: within.name.clone() });
            [
                ("PostgreSQL, pool", Arc::new(emptied(pooled).await)),
                ("PostgreSQL, in a transaction", inside),
                ("PostgreSQL, in partitions", Arc::new(emptied(divided).await)),
            ]
        }
    }
}

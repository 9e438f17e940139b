//! Races of real threads over one pool: SQLite and PostgreSQL.
//!
//! `CRM_CASES` multiplies the rounds; 50 makes them 1,000.
#![cfg(any(feature = "sqlite", feature = "postgres"))]
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

mod support {
    #[cfg(feature = "sqlite")]
    pub(crate) mod folder;
    pub(crate) mod runtime;
    #[cfg(feature = "postgres")]
    pub(crate) mod server;
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use std::sync::Arc;

    use crm_core::store::Store;
    use crm_store_sqlx::SqliteStore;
    use crm_testkit::cases::rounds;

    use crate::support::folder::Folder;
    use crate::support::runtime::block_on;

    async fn empty() -> (Arc<dyn Store>, Folder) {
        let folder = Folder::new();
        let store = SqliteStore::open(folder.file("crm.db")).await.unwrap();
        store.migrate().await.unwrap();
        (Arc::new(store), folder)
    }

    crm_testkit::store_races!(empty, block_on, rounds(20));
}

#[cfg(feature = "postgres")]
mod postgres {
    use std::sync::Arc;

    use crm_core::store::Store;
    use crm_store_sqlx::PgStore;
    use crm_testkit::cases::rounds;

    use crate::support::runtime::block_on;
    use crate::support::server::Schema;

    /// Holds a schema while a race runs, and sees in the end that no two transactions waited for each other.
    struct NoDeadlock {
        schema: Schema,
        before: i64,
    }

    impl NoDeadlock {
        async fn count(schema: &Schema) -> i64 {
            let text = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
            sqlx::query_scalar(text).fetch_one(&schema.pool).await.unwrap()
        }
    }

    impl Drop for NoDeadlock {
        fn drop(&mut self) {
            if std::thread::panicking() {
                return;
            }
            // A connection reports what it counted at most once a second.
            std::thread::sleep(std::time::Duration::from_millis(1_200));
            let after = block_on(Self::count(&self.schema));
            assert_eq!(after - self.before, 0, "deadlocks");
        }
    }

    async fn pooled() -> (PgStore, NoDeadlock) {
        let schema = Schema::new().await;
        let store = PgStore::new(schema.pool.clone()).in_schema(&schema.name).unwrap();
        store.migrate().await.unwrap();
        let before = NoDeadlock::count(&schema).await;
        (store, NoDeadlock { schema, before })
    }

    async fn empty() -> (Arc<dyn Store>, NoDeadlock) {
        let (store, held) = pooled().await;
        (Arc::new(store), held)
    }

    crm_testkit::store_races!(empty, block_on, rounds(20));

    mod by_function {
        use super::*;

        async fn empty() -> (Arc<dyn Store>, NoDeadlock) {
            let (store, held) = pooled().await;
            (Arc::new(store.by_function()), held)
        }

        crm_testkit::store_races!(empty, block_on, rounds(20));
    }
}

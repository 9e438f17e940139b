//! The stores of accounts keep every sentence of their suite: in SQLite, and in PostgreSQL in each of the engine's three
//! forms of a commit.
#![cfg(feature = "accounts")]
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

mod support {
    #[cfg(feature = "postgres")]
    pub(crate) mod emptied;
    #[cfg(feature = "sqlite")]
    pub(crate) mod folder;
    #[cfg(feature = "postgres")]
    pub(crate) mod guarded;
    pub(crate) mod runtime;
    #[cfg(feature = "postgres")]
    pub(crate) mod server;
    #[cfg(feature = "postgres")]
    pub(crate) mod tables;
}

use std::sync::Arc;

use crm_accounts::AccountStore;
use crm_core::store::Store;

use crate::support::runtime::block_on;

/// Both stores of a database.
type Beside = (Arc<dyn AccountStore>, Arc<dyn Store>);

#[cfg(feature = "sqlite")]
mod sqlite {
    use crm_store_sqlx::{SqliteAccounts, SqliteStore};

    use super::{AccountStore, Arc, Beside, Store, block_on};
    use crate::support::folder::Folder;

    async fn empty() -> (Beside, Folder) {
        let folder = Folder::new();
        let store = SqliteStore::open(folder.file("crm.db")).await.unwrap();
        store.migrate().await.unwrap();
        let accounts = SqliteAccounts::beside(&store);
        accounts.migrate().await.unwrap();
        accounts.migrate().await.unwrap();
        let accounts: Arc<dyn AccountStore> = Arc::new(accounts);
        let store: Arc<dyn Store> = Arc::new(store);
        ((accounts, store), folder)
    }

    crm_accounts::account_store_conformance!(empty, block_on);
}

#[cfg(feature = "postgres")]
mod postgres {
    use crm_store_sqlx::{PgAccounts, PgStore};
    use sqlx::{AssertSqlSafe, Executor as _};

    use super::{AccountStore, Arc, Beside, Store, block_on};
    use crate::support::guarded::{self, ROLE};
    use crate::support::server::Schema;
    use crate::support::tables::{PLAIN, PROTECTED};

    fn beside(store: PgStore) -> Beside {
        let accounts: Arc<dyn AccountStore> = Arc::new(PgAccounts::beside(&store));
        let store: Arc<dyn Store> = Arc::new(store);
        (accounts, store)
    }

    fn over(tables: &Schema) -> PgStore {
        PgStore::new(tables.pool.clone()).in_schema(&tables.name).unwrap()
    }

    async fn migrated(tables: &Schema) -> PgStore {
        let store = over(tables);
        let accounts = PgAccounts::beside(&store);
        accounts.migrate().await.unwrap();
        accounts.migrate().await.unwrap();
        store
    }

    mod by_statement {
        use super::*;
        use crate::support::tables::Tables;

        async fn empty() -> (Beside, Tables) {
            let tables = PLAIN.take().await;
            (beside(migrated(&tables).await), tables)
        }

        crm_accounts::account_store_conformance!(empty, block_on);
    }

    mod by_function {
        use super::*;
        use crate::support::tables::Tables;

        async fn empty() -> (Beside, Tables) {
            let tables = PLAIN.take().await;
            (beside(migrated(&tables).await.by_function()), tables)
        }

        crm_accounts::account_store_conformance!(empty, block_on);
    }

    /// Policies bind the role that works; it may use the tables of the accounts.
    mod protected {
        use super::*;
        use crate::support::tables::Tables;

        async fn empty() -> (Beside, Tables) {
            let tables = PROTECTED.take().await;
            drop(migrated(&tables).await);
            for name in ["auth_account", "auth_session"] {
                let text = format!(
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON \"{}\".\"{name}\" TO {ROLE}",
                    tables.name
                );
                tables.pool.execute(sqlx::raw_sql(AssertSqlSafe(text))).await.unwrap();
            }
            let pool = guarded::pool().await;
            let store = PgStore::new(pool).in_schema(&tables.name).unwrap().protected();
            (beside(store), tables)
        }

        crm_accounts::account_store_conformance!(empty, block_on);
    }
}

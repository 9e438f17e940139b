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
use std::time::Duration;

use crm_accounts::{AccountStore, Accounts, Cost, NewAccount, Secret};
use crm_core::store::Store;
use crm_core::{CreateOrganization, Crm, Profile};

use crate::support::runtime::block_on;

/// Both stores of a database.
type Beside = (Arc<dyn AccountStore>, Arc<dyn Store>);

fn accounts((accounts, engine): Beside) -> (Accounts, Crm) {
    let crm = Crm::new(engine, Profile::preset("general").unwrap());
    let secret = Secret::new("of a test, and not a secret at all").unwrap();
    (Accounts::new(accounts, secret).with_cost(Cost::for_tests()), crm)
}

/// A registration that is given up after so many times 50 microseconds. Did it end before?
async fn impatient(accounts: &Accounts, crm: &Crm, number: u64) -> bool {
    let new = NewAccount::new(&*format!("{number}@example.com"), "Ada", "correct horse");
    let registered = accounts.register(crm, new, CreateOrganization::new().name("House"));
    tokio::time::timeout(Duration::from_micros(number * 50), registered).await.is_ok()
}

/// Registrations that are given up at more and more advanced points leave both or neither, and the store usable.
async fn given_up(beside: Beside) {
    let (accounts, crm) = accounts(beside);
    let (mut ended, mut there) = (0, 0);
    for number in 0..120 {
        ended += u32::from(impatient(&accounts, &crm, number).await);
        if let Some(account) = accounts.find_by_email(&format!("{number}@example.com")).await.unwrap() {
            there += 1;
            assert_eq!(crm.organizations_of(account.id).await.unwrap().len(), 1);
        }
    }
    assert!(ended <= there && there < 120, "{ended} {there}");
    let ada = NewAccount::new("ada@example.com", "Ada", "correct horse");
    accounts.register(&crm, ada, CreateOrganization::new().name("House")).await.unwrap();
}

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

    #[test]
    fn a_registration_that_is_given_up_leaves_both_or_neither() {
        block_on(async {
            let (beside, _kept) = empty().await;
            super::given_up(beside).await;
        });
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use crm_store_sqlx::{PgAccounts, PgStore};
    use sqlx::postgres::PgPoolOptions;
    use sqlx::{AssertSqlSafe, Executor as _, Row as _};

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

    /// Whoever gets the connection next would write into it, and nobody would see that.
    #[test]
    fn a_registration_that_is_given_up_leaves_no_transaction_open() {
        block_on(async {
            let tables = PLAIN.take().await;
            drop(migrated(&tables).await);
            let options = tables.pool.connect_options();
            let alone = PgPoolOptions::new().max_connections(1).test_before_acquire(false);
            let pool = alone.connect_with((*options).clone()).await.unwrap();
            let store = PgStore::new(pool.clone()).in_schema(&tables.name).unwrap();
            let (accounts, crm) = crate::accounts(beside(store));
            for number in 0..120 {
                crate::impatient(&accounts, &crm, number).await;
                // In one message a statement is its own transaction, unless one is open.
                pool.execute(sqlx::raw_sql("SELECT 1")).await.unwrap();
                let row =
                    pool.fetch_one(sqlx::raw_sql("SELECT now() = statement_timestamp()")).await.unwrap();
                let outside: bool = row.get(0);
                assert!(outside, "registration {number} left a transaction open");
            }
        });
    }

    mod by_statement {
        use super::*;
        use crate::support::tables::Tables;

        async fn empty() -> (Beside, Tables) {
            let tables = PLAIN.take().await;
            (beside(migrated(&tables).await), tables)
        }

        crm_accounts::account_store_conformance!(empty, block_on);

        #[test]
        fn a_registration_that_is_given_up_leaves_both_or_neither() {
            block_on(async {
                let (beside, _kept) = empty().await;
                crate::given_up(beside).await;
            });
        }
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

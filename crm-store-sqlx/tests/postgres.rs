//! The PostgreSQL store keeps every sentence of the conformance suite: over a pool, and inside a transaction of the host;
//! committing by a statement, and by a function; with tables in partitions; and behind PgBouncer, which hands connections out by session.
#![cfg(feature = "postgres")]
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

mod support {
    pub(crate) mod bouncer;
    pub(crate) mod emptied;
    pub(crate) mod guarded;
    pub(crate) mod runtime;
    pub(crate) mod server;
    pub(crate) mod tables;
    pub(crate) mod within;
}

use std::sync::Arc;

use crm_core::store::Store;
use crm_store_sqlx::{PgSession, PgStore};
use sqlx::pool::PoolConnection;
use sqlx::{Executor as _, PgPool, Postgres};
use tokio::sync::Mutex;

use crate::support::runtime::block_on;
use crate::support::tables::{Free, PLAIN, PROTECTED, Tables};
use crate::support::within::within;

within!(Within, PoolConnection<Postgres>, |lent| PgSession::new(lent.0).in_schema(lent.1)?);
within!(WithinByFunction, PoolConnection<Postgres>, |lent| {
    PgSession::new(lent.0).in_schema(lent.1)?.by_function()
});

/// A store over a pool.
fn over(pool: &PgPool, tables: &Tables) -> PgStore {
    PgStore::new(pool.clone()).in_schema(&tables.name).unwrap()
}

/// A connection in a transaction, over empty tables.
async fn begun() -> (Mutex<PoolConnection<Postgres>>, Tables) {
    let tables = PLAIN.take().await;
    let mut connection = tables.pool.acquire().await.unwrap();
    connection.close_on_drop();
    connection.execute("BEGIN").await.unwrap();
    (Mutex::new(connection), tables)
}

mod over_a_pool {
    use super::*;

    async fn empty() -> (Arc<dyn Store>, Tables) {
        let tables = PLAIN.take().await;
        (Arc::new(over(&tables.pool, &tables)), tables)
    }

    crm_testkit::store_conformance!(empty, block_on);
}

mod over_a_pool_by_function {
    use super::*;

    async fn empty() -> (Arc<dyn Store>, Tables) {
        let tables = PLAIN.take().await;
        (Arc::new(over(&tables.pool, &tables).by_function()), tables)
    }

    crm_testkit::store_conformance!(empty, block_on);
}

mod in_partitions {
    use super::*;

    static DIVIDED: Free = Free::none(false, 4);

    async fn empty() -> (Arc<dyn Store>, Tables) {
        let tables = DIVIDED.take().await;
        (Arc::new(over(&tables.pool, &tables)), tables)
    }

    crm_testkit::store_conformance!(empty, block_on);
}

mod behind_pgbouncer {
    use super::*;

    async fn empty() -> (Arc<dyn Store>, Tables) {
        let tables = PLAIN.take().await;
        (Arc::new(over(&support::bouncer::pool(), &tables)), tables)
    }

    crm_testkit::store_conformance!(empty, block_on);
}

/// Policies bind the role that works, and the store names each organisation.
mod protected {
    use super::*;

    async fn empty() -> (Arc<dyn Store>, Tables) {
        let tables = PROTECTED.take().await;
        let pool = support::guarded::pool().await;
        (Arc::new(over(&pool, &tables).protected()), tables)
    }

    crm_testkit::store_conformance!(empty, block_on);
}

mod within_a_transaction {
    use super::*;

    async fn empty() -> (Arc<dyn Store>, Tables) {
        let (connection, tables) = begun().await;
        (Arc::new(Within { connection, schema: tables.name.clone() }), tables)
    }

    crm_testkit::store_conformance!(empty, block_on);
}

mod within_a_transaction_by_function {
    use super::*;

    async fn empty() -> (Arc<dyn Store>, Tables) {
        let (connection, tables) = begun().await;
        (Arc::new(WithinByFunction { connection, schema: tables.name.clone() }), tables)
    }

    crm_testkit::store_conformance!(empty, block_on);
}

//! The PostgreSQL store keeps every sentence of the conformance suite: over a pool, and inside a transaction of the host;
//! committing by a statement, and by a function; and behind PgBouncer, which hands connections out by session.
#![cfg(feature = "postgres")]
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

mod support {
    pub(crate) mod bouncer;
    pub(crate) mod guarded;
    pub(crate) mod runtime;
    pub(crate) mod server;
    pub(crate) mod within;
}

use std::sync::Arc;

use crm_core::store::Store;
use crm_store_sqlx::{PgSession, PgStore};
use sqlx::pool::PoolConnection;
use sqlx::{Executor as _, Postgres};
use tokio::sync::Mutex;

use crate::support::runtime::block_on;
use crate::support::server::Schema;
use crate::support::within::within;

within!(Within, PoolConnection<Postgres>, |lent| PgSession::new(lent.0).in_schema(lent.1)?);
within!(WithinByFunction, PoolConnection<Postgres>, |lent| {
    PgSession::new(lent.0).in_schema(lent.1)?.by_function()
});

/// A store over the pool, with its tables.
async fn pooled() -> (PgStore, Schema) {
    let schema = Schema::new().await;
    let store = PgStore::new(schema.pool.clone()).in_schema(&schema.name).unwrap();
    store.migrate().await.unwrap();
    (store, schema)
}

/// A connection in a transaction, over tables.
async fn begun() -> (Mutex<PoolConnection<Postgres>>, Schema) {
    let (_, schema) = pooled().await;
    let mut connection = schema.pool.acquire().await.unwrap();
    connection.close_on_drop();
    connection.execute("BEGIN").await.unwrap();
    (Mutex::new(connection), schema)
}

mod over_a_pool {
    use super::*;

    async fn empty() -> (Arc<dyn Store>, Schema) {
        let (store, schema) = pooled().await;
        (Arc::new(store), schema)
    }

    crm_testkit::store_conformance!(empty, block_on);
}

mod behind_pgbouncer {
    use super::*;

    async fn empty() -> (Arc<dyn Store>, Schema) {
        let schema = Schema::behind_pgbouncer().await;
        let store = PgStore::new(schema.pool.clone()).in_schema(&schema.name).unwrap();
        store.migrate().await.unwrap();
        (Arc::new(store), schema)
    }

    crm_testkit::store_conformance!(empty, block_on);
}

/// Policies bind the role that works, and the store names each organisation.
mod protected {
    use super::*;

    async fn empty() -> (Arc<dyn Store>, Schema) {
        let (store, schema) = pooled().await;
        let guarded = support::guarded::pool().await;
        store.protect(support::guarded::ROLE).await.unwrap();
        let store = PgStore::new(guarded).in_schema(&schema.name).unwrap().protected();
        (Arc::new(store), schema)
    }

    crm_testkit::store_conformance!(empty, block_on);
}

mod within_a_transaction {
    use super::*;

    async fn empty() -> (Arc<dyn Store>, Schema) {
        let (connection, schema) = begun().await;
        (Arc::new(Within { connection, schema: schema.name.clone() }), schema)
    }

    crm_testkit::store_conformance!(empty, block_on);
}

mod over_a_pool_by_function {
    use super::*;

    async fn empty() -> (Arc<dyn Store>, Schema) {
        let (store, schema) = pooled().await;
        (Arc::new(store.by_function()), schema)
    }

    crm_testkit::store_conformance!(empty, block_on);
}

mod within_a_transaction_by_function {
    use super::*;

    async fn empty() -> (Arc<dyn Store>, Schema) {
        let (connection, schema) = begun().await;
        (Arc::new(WithinByFunction { connection, schema: schema.name.clone() }), schema)
    }

    crm_testkit::store_conformance!(empty, block_on);
}

//! The PostgreSQL store keeps every sentence of the conformance suite: over a pool, and inside a transaction of the host.
#![cfg(feature = "postgres")]
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

mod support {
    pub(crate) mod runtime;
    pub(crate) mod server;
    pub(crate) mod within;
}

mod over_a_pool {
    use std::sync::Arc;

    use crm_core::store::Store;
    use crm_store_sqlx::PgStore;

    use crate::support::runtime::block_on;
    use crate::support::server::Schema;

    async fn empty() -> (Arc<dyn Store>, Schema) {
        let schema = Schema::new().await;
        let store = PgStore::new(schema.pool.clone()).in_schema(&schema.name).unwrap();
        store.migrate().await.unwrap();
        (Arc::new(store), schema)
    }

    crm_testkit::store_conformance!(empty, block_on);
}

mod within_a_transaction {
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

    async fn empty() -> (Arc<dyn Store>, Schema) {
        let schema = Schema::new().await;
        PgStore::new(schema.pool.clone()).in_schema(&schema.name).unwrap().migrate().await.unwrap();
        let mut connection = schema.pool.acquire().await.unwrap();
        connection.close_on_drop();
        connection.execute("BEGIN").await.unwrap();
        (Arc::new(Within { connection: Mutex::new(connection), schema: schema.name.clone() }), schema)
    }

    crm_testkit::store_conformance!(empty, block_on);
}

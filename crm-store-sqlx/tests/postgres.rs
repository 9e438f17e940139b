//! The PostgreSQL store keeps every sentence of the conformance suite: over a pool, and inside a transaction of the host.
#![cfg(feature = "postgres")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test panics where it fails")]

#[path = "support/mod.rs"]
mod support;
#[path = "support/server.rs"]
mod server;

mod over_a_pool {
    use std::sync::Arc;

    use crm_core::store::Store;
    use crm_store_sqlx::PgStore;

    use crate::server::Schema;
    use crate::support::block_on;

    async fn empty() -> (Arc<dyn Store>, Schema) {
        let schema = Schema::new().await;
        let store = PgStore::new(schema.pool.clone()).in_schema(&schema.name).unwrap();
        store.migrate().await.unwrap();
        (Arc::new(store), schema)
    }

    crm_testkit::store_conformance!(empty, block_on);
}

//! The SQLite store keeps every sentence of the conformance suite, by itself and inside a transaction of the host.
#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

#[path = "support/mod.rs"]
mod support;

use std::sync::Arc;

use crm_core::store::Store;
use crm_store_sqlx::SqliteStore;

use support::{Folder, block_on};

mod by_itself {
    use super::{Arc, Folder, SqliteStore, Store, block_on};

    async fn empty() -> (Arc<dyn Store>, Folder) {
        let folder = Folder::new();
        let store = SqliteStore::open(folder.file("crm.db")).await.unwrap();
        store.migrate().await.unwrap();
        (Arc::new(store), folder)
    }

    crm_testkit::store_conformance!(empty, block_on);
}

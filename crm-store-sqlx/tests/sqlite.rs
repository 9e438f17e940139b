//! The SQLite store keeps every sentence of the conformance suite, by itself and inside a transaction of the host.
#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

mod support {
    pub(crate) mod folder;
    pub(crate) mod runtime;
    pub(crate) mod within;
}

use std::sync::Arc;

use crm_core::store::Store;
use crm_store_sqlx::SqliteStore;

use support::folder::Folder;
use support::runtime::block_on;

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

mod within_a_transaction {
    use crm_core::store::Store;
    use crm_store_sqlx::SqliteSession;
    use sqlx::sqlite::SqliteConnectOptions;
    use sqlx::{ConnectOptions as _, Executor as _, SqliteConnection};
    use tokio::sync::Mutex;

    use super::{Arc, Folder, block_on};
    use crate::support::within::within;

    within!(Within, Box<SqliteConnection>, |lent| SqliteSession::new(lent.0));

    async fn empty() -> (Arc<dyn Store>, Folder) {
        let folder = Folder::new();
        let options = SqliteConnectOptions::new().filename(folder.file("host.db")).create_if_missing(true);
        let mut connection = options.foreign_keys(true).connect().await.unwrap();
        crm_store_sqlx::sqlite::migrate(&mut connection).await.unwrap();
        connection.execute("BEGIN IMMEDIATE").await.unwrap();
        let schema = String::new();
        (Arc::new(Within { connection: Mutex::new(Box::new(connection)), schema }), folder)
    }

    crm_testkit::store_conformance!(empty, block_on);
}

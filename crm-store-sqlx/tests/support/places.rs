//! Stores that several processes open at once: a SQLite file, PostgreSQL, and PostgreSQL by its function.
//!
//! Invariant: whoever opens a place by its words finds what all others there have written.
#![expect(clippy::panic, reason = "a test panics where it fails")]

use std::any::Any;
use std::sync::Arc;

use crm_core::store::Store;

use crate::support::runtime::block_on;

/// Where a store is, and what has to stay for as long as it is used.
pub(crate) struct Place {
    pub(crate) name: &'static str,
    /// With these another process opens it.
    pub(crate) words: String,
    _kept: Box<dyn Any>,
}

/// All places, each of them empty.
pub(crate) fn places() -> Vec<Place> {
    block_on(async {
        vec![
            #[cfg(feature = "sqlite")]
            sqlite::place().await,
            #[cfg(feature = "postgres")]
            postgres::place("PostgreSQL", "pool").await,
            #[cfg(feature = "postgres")]
            postgres::place("PostgreSQL, by function", "function").await,
        ]
    })
}

/// The store of a place.
pub(crate) async fn open(words: &str) -> Arc<dyn Store> {
    match words.split_once(' ').unwrap() {
        #[cfg(feature = "sqlite")]
        ("file", file) => sqlite::open(file).await,
        #[cfg(feature = "postgres")]
        ("pool", schema) => Arc::new(postgres::open(schema)),
        #[cfg(feature = "postgres")]
        ("function", schema) => Arc::new(postgres::open(schema).by_function()),
        _ => panic!("no place: {words}"),
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use std::sync::Arc;

    use crm_core::store::Store;
    use crm_store_sqlx::SqliteStore;

    use super::Place;
    use crate::support::folder::Folder;

    pub(super) async fn place() -> Place {
        let folder = Folder::new();
        let file = folder.file("crm.db");
        SqliteStore::open(&file).await.unwrap().migrate().await.unwrap();
        let words = format!("file {}", file.display());
        Place { name: "SQLite", words, _kept: Box::new(folder) }
    }

    pub(super) async fn open(file: &str) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(file).await.unwrap())
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use crm_store_sqlx::PgStore;
    use sqlx::postgres::PgPoolOptions;

    use super::Place;
    use crate::support::server::{Schema, url};

    pub(super) async fn place(name: &'static str, form: &str) -> Place {
        let schema = Schema::new().await;
        let store = PgStore::new(schema.pool.clone()).in_schema(&schema.name).unwrap();
        store.migrate().await.unwrap();
        Place { name, words: format!("{form} {}", schema.name), _kept: Box::new(schema) }
    }

    /// Over a pool of its own, as each process has one.
    pub(super) fn open(schema: &str) -> PgStore {
        let pool = PgPoolOptions::new().max_connections(8);
        let pool = pool.connect_lazy(&url("CRM_TEST_POSTGRES_URL")).unwrap();
        PgStore::new(pool).in_schema(schema).unwrap()
    }
}

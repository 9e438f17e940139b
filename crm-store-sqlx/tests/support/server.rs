//! The PostgreSQL server that the tests use: `cargo xtask test` starts one, and says where it is.
#![expect(clippy::expect_used, reason = "a test panics where it fails")]

use std::sync::LazyLock;

use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Executor as _, PgPool};

use crate::support::runtime::{RUNTIME, unique};

static POOL: LazyLock<PgPool> = LazyLock::new(|| pool("CRM_TEST_POSTGRES_URL"));

/// The address that is in a variable.
pub(crate) fn url(variable: &str) -> String {
    let url = std::env::var(variable).unwrap_or_default();
    assert!(
        !url.is_empty(),
        "{variable} is not set: run `cargo xtask test`, or `cargo xtask postgres -- cargo test ..`"
    );
    url
}

/// A pool to the server whose address is in a variable.
pub(crate) fn pool(variable: &str) -> PgPool {
    let options = PgPoolOptions::new().max_connections(40).test_before_acquire(false);
    options.connect_lazy(&url(variable)).expect("an address")
}

/// A schema of its own.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) name: String,
    pub(crate) pool: PgPool,
}

impl Schema {
    pub(crate) async fn new() -> Self {
        let name = unique("t");
        Self { name, pool: POOL.clone() }
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let text = format!("DROP SCHEMA IF EXISTS \"{}\" CASCADE", self.name);
        let pool = self.pool.clone();
        // The schema goes away in its own time; the server is thrown away in the end.
        drop(RUNTIME.spawn(async move { pool.execute(sqlx::raw_sql(AssertSqlSafe(text))).await }));
    }
}

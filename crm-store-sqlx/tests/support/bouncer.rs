//! PgBouncer in front of the server that the tests use.

use std::sync::LazyLock;

use sqlx::PgPool;

use crate::support::server::{Schema, pool};

const VARIABLE: &str = "CRM_TEST_PGBOUNCER_URL";

static POOL: LazyLock<Option<PgPool>> = LazyLock::new(|| {
    if std::env::var_os(VARIABLE).is_none() {
        eprintln!("{VARIABLE} is not set: the server is asked straight, which shows nothing new");
        return None;
    }
    Some(pool(VARIABLE))
});

impl Schema {
    /// One that is reached through PgBouncer.
    pub(crate) async fn behind_pgbouncer() -> Self {
        let mut schema = Self::new().await;
        if let Some(pool) = &*POOL {
            schema.pool = pool.clone();
        }
        schema
    }
}

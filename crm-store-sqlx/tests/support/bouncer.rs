//! PgBouncer in front of the server that the tests use.

use std::sync::LazyLock;

use sqlx::PgPool;

use crate::support::server;

const VARIABLE: &str = "CRM_TEST_PGBOUNCER_URL";

static POOL: LazyLock<PgPool> = LazyLock::new(|| {
    if std::env::var_os(VARIABLE).is_some() {
        return server::pool(VARIABLE);
    }
    eprintln!("{VARIABLE} is not set: the server is asked straight, which shows nothing new");
    server::pool("CRM_TEST_POSTGRES_URL")
});

/// A pool to the server through PgBouncer.
pub(crate) fn pool() -> PgPool {
    POOL.clone()
}

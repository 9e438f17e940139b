//! A role that policies bind, and a pool whose connections work as it.

use sqlx::postgres::PgPoolOptions;
use sqlx::{Executor as _, PgPool};
use tokio::sync::OnceCell;

use crate::support::server::url;

pub(crate) const ROLE: &str = "crm_guarded";

static POOL: OnceCell<PgPool> = OnceCell::const_new();

/// The pool; the role is made with it.
pub(crate) async fn pool() -> PgPool {
    POOL.get_or_init(open).await.clone()
}

async fn open() -> PgPool {
    let url = url("CRM_TEST_POSTGRES_URL");
    let once = PgPoolOptions::new().max_connections(1).connect(&url).await.unwrap();
    let text = "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'crm_guarded') THEN \
                CREATE ROLE crm_guarded NOLOGIN; END IF; END $$";
    once.execute(text).await.unwrap();
    let options = PgPoolOptions::new().max_connections(20).test_before_acquire(false);
    let options = options.after_connect(|connection, _| {
        Box::pin(async move { connection.execute("SET ROLE crm_guarded").await.map(|_| ()) })
    });
    options.connect(&url).await.unwrap()
}

//! A pool of connections to PostgreSQL: the host's, or the store's own.
//!
//! The driver asks a connection whether it lives each time that it gets it back, which is one more round trip for each call.
//! So a store with a pool of its own keeps the connections that are free, and gives them back once a minute, so that
//! everything the driver does for them is still done. A pool of the host is not kept from: who else waits for a connection
//! of it is not known here.
//!
//! Invariant: on a connection of a pool nothing but single statements runs, so a call that nobody waits for leaves no
//! transaction behind; and a connection is kept only if its last statement was answered, and nobody waits for one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use sqlx::PgPool;
use sqlx::pool::PoolConnection;

use super::door::{failure, run};
use crate::door::{Door, DoorError, Doors, Purpose, Row};
use crate::value::Param;

/// How long a connection is kept from the driver's pool.
const KEPT: Duration = Duration::from_secs(60);

type Connected = PoolConnection<sqlx::Postgres>;

/// The pool.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pool: PgPool,
    /// What is kept of a pool that nobody else has.
    kept: Option<Arc<Kept>>,
}

/// Connections that are free, the last used last.
#[derive(Debug, Default)]
struct Kept(Mutex<Free>);

#[derive(Debug, Default)]
struct Free {
    connections: Vec<Fresh>,
    /// How many calls wait for a connection of the driver's pool.
    waiting: usize,
}

/// A connection, and when the driver's pool gave it.
#[derive(Debug)]
struct Fresh {
    connection: Connected,
    since: Instant,
}

impl Kept {
    fn lock(&self) -> MutexGuard<'_, Free> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Kept {
    /// The driver would have a task of a runtime take them back, and there may be none any more.
    fn drop(&mut self) {
        for fresh in self.lock().connections.drain(..) {
            drop(fresh.connection.detach());
        }
    }
}

/// A call that waits for a connection of the driver's pool.
struct Waiting<'a>(&'a Kept);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
    }
}

impl Pool {
    /// The host's.
    pub(crate) fn of_host(pool: PgPool) -> Self {
        Self { pool, kept: None }
    }

    /// The store's own.
    pub(crate) fn own(pool: PgPool) -> Self {
        Self { pool, kept: Some(Arc::default()) }
    }

    /// A connection for whatever; it goes back to the driver's pool.
    pub(crate) async fn acquire(&self) -> Result<Connected, sqlx::Error> {
        Ok(self.fresh().await?.connection)
    }

    async fn fresh(&self) -> Result<Fresh, sqlx::Error> {
        let _waiting = match &self.kept {
            None => None,
            Some(kept) => {
                let mut free = kept.lock();
                while let Some(fresh) = free.connections.pop() {
                    if fresh.since.elapsed() < KEPT {
                        return Ok(fresh);
                    }
                }
                // Whoever is done with a connection from now on gives it to the driver's pool, and so to this call.
                free.waiting += 1;
                Some(Waiting(kept))
            }
        };
        Ok(Fresh { connection: self.pool.acquire().await?, since: Instant::now() })
    }

    fn keep(&self, fresh: Fresh) {
        let Some(kept) = &self.kept else { return };
        let mut free = kept.lock();
        if free.waiting == 0 && fresh.since.elapsed() < KEPT && !self.pool.is_closed() {
            free.connections.push(fresh);
        }
    }

    /// Has the driver ask all that are kept whether they live.
    fn doubt(&self) {
        if let Some(kept) = &self.kept {
            kept.lock().connections.clear();
        }
    }

    /// Waits for what is under way, and closes the pool.
    pub(crate) async fn close(&self) {
        let closed = self.pool.close();
        self.doubt();
        closed.await;
    }
}

#[async_trait]
impl Doors for Pool {
    async fn open(&self, _: Purpose) -> Result<Box<dyn Door + '_>, DoorError> {
        let fresh = self.fresh().await.map_err(failure)?;
        Ok(Box::new(Pooled { pool: self, fresh: Some(fresh), is_at_rest: true }))
    }
}

/// A connection of the pool. Each statement is kept whole or not at all by itself.
#[derive(Debug)]
struct Pooled<'a> {
    pool: &'a Pool,
    /// There until the end.
    fresh: Option<Fresh>,
    /// Was the last statement answered?
    is_at_rest: bool,
}

impl Drop for Pooled<'_> {
    fn drop(&mut self) {
        if let Some(fresh) = self.fresh.take().filter(|_| self.is_at_rest) {
            self.pool.keep(fresh);
        }
    }
}

#[async_trait]
impl Door for Pooled<'_> {
    async fn run(&mut self, text: &str, values: &[Param]) -> Result<Vec<Row>, DoorError> {
        self.is_at_rest = false;
        let Some(fresh) = &mut self.fresh else {
            return Err(DoorError::Failed("a connection that was given back".into()));
        };
        let answered = run(&mut fresh.connection, text, values).await;
        self.is_at_rest = answered.is_ok();
        if let Err(DoorError::Unavailable(_)) = answered {
            self.pool.doubt();
        }
        answered
    }

    async fn savepoint(&mut self) -> Result<(), DoorError> {
        Ok(())
    }

    async fn release(&mut self) -> Result<(), DoorError> {
        Ok(())
    }

    async fn rollback_to(&mut self) -> Result<(), DoorError> {
        Ok(())
    }
}

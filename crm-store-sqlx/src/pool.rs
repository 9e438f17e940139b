//! A pool of connections: the host's, or the store's own.
//!
//! The driver asks a connection whether it lives each time that it gets it back, which is one more way to the database and
//! back for each call. So a store with a pool of its own keeps the connections that are free, and gives them back once a
//! minute, so that everything the driver does for them is still done. A pool of the host is not kept from: who else waits
//! for a connection of it is not known here.
//!
//! Invariant: a connection is kept only if the last that was asked of it was answered, and nobody waits for one.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::Database;
use sqlx::pool::PoolConnection;

use crate::door::DoorError;

/// How long a connection is kept from the driver's pool.
const KEPT: Duration = Duration::from_secs(60);

/// The pool.
pub(crate) struct Pool<DB: Database> {
    pool: sqlx::Pool<DB>,
    /// What is kept of a pool that nobody else has.
    kept: Option<Arc<Kept<DB>>>,
}

/// What is kept.
struct Kept<DB: Database> {
    free: Mutex<Free<DB>>,
    /// For how long.
    most: Duration,
}

struct Free<DB: Database> {
    /// Connections that are free, the last used last.
    connections: Vec<Fresh<DB>>,
    /// How many calls wait for a connection of the driver's pool.
    waiting: usize,
}

/// A connection, and when the driver's pool gave it.
struct Fresh<DB: Database> {
    connection: PoolConnection<DB>,
    since: Instant,
}

impl<DB: Database> Clone for Pool<DB> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone(), kept: self.kept.clone() }
    }
}

impl<DB: Database> fmt::Debug for Pool<DB> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Pool").field("pool", &self.pool).finish_non_exhaustive()
    }
}

impl<DB: Database> Kept<DB> {
    fn lock(&self) -> MutexGuard<'_, Free<DB>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<DB: Database> Drop for Kept<DB> {
    /// The driver would have a task of a runtime take them back, and there may be none any more.
    fn drop(&mut self) {
        for fresh in self.lock().connections.drain(..) {
            drop(fresh.connection.detach());
        }
    }
}

/// A call that waits for a connection of the driver's pool.
struct Waiting<'a, DB: Database>(&'a Kept<DB>);

impl<DB: Database> Drop for Waiting<'_, DB> {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
    }
}

impl<DB: Database> Pool<DB> {
    /// The host's.
    #[cfg(feature = "postgres")]
    pub(crate) fn of_host(pool: sqlx::Pool<DB>) -> Self {
        Self { pool, kept: None }
    }

    /// The store's own.
    pub(crate) fn own(pool: sqlx::Pool<DB>) -> Self {
        Self::keeping(pool, KEPT)
    }

    fn keeping(pool: sqlx::Pool<DB>, most: Duration) -> Self {
        let free = Mutex::new(Free { connections: Vec::new(), waiting: 0 });
        Self { pool, kept: Some(Arc::new(Kept { free, most })) }
    }

    /// A connection for whatever is to be done with it; it goes back to the driver's pool.
    pub(crate) async fn acquire(&self) -> Result<PoolConnection<DB>, sqlx::Error> {
        Ok(self.fresh().await?.connection)
    }

    /// A connection for statements.
    pub(crate) async fn take(&self) -> Result<Taken<'_, DB>, sqlx::Error> {
        Ok(Taken { pool: self, fresh: Some(self.fresh().await?), is_at_rest: true })
    }

    async fn fresh(&self) -> Result<Fresh<DB>, sqlx::Error> {
        let _waiting = match &self.kept {
            None => None,
            Some(kept) => {
                let mut free = kept.lock();
                while let Some(fresh) = free.connections.pop() {
                    if fresh.since.elapsed() < kept.most {
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

    fn keep(&self, fresh: Fresh<DB>) {
        let Some(kept) = &self.kept else { return };
        let mut free = kept.lock();
        if free.waiting == 0 && fresh.since.elapsed() < kept.most && !self.pool.is_closed() {
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

/// A connection, as long as a call has it.
pub(crate) struct Taken<'a, DB: Database> {
    pool: &'a Pool<DB>,
    /// There until the end.
    fresh: Option<Fresh<DB>>,
    is_at_rest: bool,
}

impl<DB: Database> fmt::Debug for Taken<'_, DB> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Taken").field("is_at_rest", &self.is_at_rest).finish_non_exhaustive()
    }
}

impl<DB: Database> Taken<'_, DB> {
    /// The connection, which is not at rest until [`Taken::answered`] is told so.
    pub(crate) fn connection(&mut self) -> Result<&mut PoolConnection<DB>, DoorError> {
        self.is_at_rest = false;
        let fresh =
            self.fresh.as_mut().ok_or_else(|| DoorError::Failed("a connection that is gone".into()))?;
        Ok(&mut fresh.connection)
    }

    /// What came of what was asked.
    pub(crate) fn answered<T>(&mut self, answer: Result<T, DoorError>) -> Result<T, DoorError> {
        self.is_at_rest = answer.is_ok();
        if let Err(DoorError::Unavailable(_)) = answer {
            self.pool.doubt();
        }
        answer
    }

    /// Closes it, instead of giving it back to anybody.
    #[cfg(feature = "sqlite")]
    pub(crate) fn discard(&mut self) {
        if let Some(mut fresh) = self.fresh.take() {
            fresh.connection.close_on_drop();
        }
    }
}

impl<DB: Database> Drop for Taken<'_, DB> {
    fn drop(&mut self) {
        if let Some(fresh) = self.fresh.take().filter(|_| self.is_at_rest) {
            self.pool.keep(fresh);
        }
    }
}

#[cfg(all(test, feature = "sqlite"))]
#[expect(clippy::unwrap_used, reason = "a test panics where it fails")]
mod tests {
    use sqlx::Sqlite;
    use sqlx::sqlite::SqlitePoolOptions;

    use super::*;

    fn pool(most: Duration) -> Pool<Sqlite> {
        let pool = SqlitePoolOptions::new().max_connections(1).connect_lazy("sqlite::memory:").unwrap();
        Pool::keeping(pool, most)
    }

    fn kept(pool: &Pool<Sqlite>) -> usize {
        pool.kept.as_ref().unwrap().lock().connections.len()
    }

    #[tokio::test]
    async fn what_was_answered_is_kept_and_nothing_else() {
        let pool = pool(KEPT);
        for (answer, wanted) in [
            (Some(Ok(())), 1),
            (None, 0),
            (Some(Err(DoorError::Failed("no such table".into()))), 0),
            (Some(Err(DoorError::Unavailable("gone".into()))), 0),
            (Some(Ok(())), 1),
        ] {
            let mut taken = pool.take().await.unwrap();
            assert_eq!(kept(&pool), 0, "whoever takes it has it alone");
            taken.connection().unwrap();
            if let Some(answer) = answer {
                drop(taken.answered(answer));
            }
            drop(taken);
            assert_eq!(kept(&pool), wanted);
        }
        pool.close().await;
        assert_eq!(kept(&pool), 0);
    }

    #[tokio::test]
    async fn what_was_kept_for_long_goes_back() {
        let pool = pool(Duration::ZERO);
        drop(pool.take().await.unwrap());
        assert_eq!(kept(&pool), 0);
    }

    #[tokio::test]
    async fn whoever_waits_gets_what_another_gives_back() {
        let pool = pool(KEPT);
        for _ in 0..100 {
            let taken = pool.take().await.unwrap();
            let waiting = {
                let pool = pool.clone();
                tokio::spawn(async move { drop(pool.take().await.unwrap()) })
            };
            tokio::task::yield_now().await;
            drop(taken);
            waiting.await.unwrap();
        }
        // A call that nobody waits for is no longer one that waits.
        let taken = pool.take().await.unwrap();
        let waiting = pool.clone();
        let waiting = tokio::spawn(async move { waiting.take().await.map(drop) });
        tokio::task::yield_now().await;
        waiting.abort();
        assert!(waiting.await.unwrap_err().is_cancelled());
        drop(taken);
        assert_eq!(kept(&pool), 1);
    }
}

//! A store that counts what it is asked.
//!
//! Invariant: every call is passed on as it is.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use crm_core::draft::{ChangeSet, ReadSet, Snapshot};
use crm_core::store::{Answer, Commit, Question, Store, StoreError, Tenant};
use crm_testkit::layer::Layer;

/// How often each verb was called.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    loads: AtomicU64,
    commits: AtomicU64,
    asks: AtomicU64,
}

impl Counted {
    /// Loads, commits and questions since the last time.
    pub(crate) fn take(&self) -> [u64; 3] {
        [&self.loads, &self.commits, &self.asks].map(|count| count.swap(0, Ordering::Relaxed))
    }
}

#[async_trait]
impl Layer for Counted {
    async fn load(&self, under: &dyn Store, tenant: Tenant, want: &ReadSet) -> Result<Snapshot, StoreError> {
        self.loads.fetch_add(1, Ordering::Relaxed);
        under.load(tenant, want).await
    }

    async fn commit(&self, under: &dyn Store, changes: &ChangeSet) -> Result<Commit, StoreError> {
        self.commits.fetch_add(1, Ordering::Relaxed);
        under.commit(changes).await
    }

    async fn ask(
        &self,
        under: &dyn Store,
        tenant: Tenant,
        questions: &[Question],
    ) -> Result<Vec<Answer>, StoreError> {
        self.asks.fetch_add(1, Ordering::Relaxed);
        under.ask(tenant, questions).await
    }
}

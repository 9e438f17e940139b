//! A store that counts: how often it is asked, and how much it hands out.
//!
//! Invariant: it answers as the store in memory does.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use crm_core::Event;
use crm_core::draft::{ChangeSet, ReadSet, Snapshot};
use crm_core::store::{Answer, Capabilities, Commit, Question, Seat, Store, StoreError, Tenant};
use crm_core::value::{EventId, UserId};
use crm_store_memory::MemoryStore;

/// A store that counts what it is asked, and what it hands out.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    pub(crate) under: MemoryStore,
    /// How many times it was asked to load.
    pub(crate) loads: AtomicUsize,
    /// How many rows of sets and lists it handed out.
    pub(crate) rows: AtomicUsize,
}

#[async_trait]
impl Store for Counting {
    fn capabilities(&self) -> Capabilities {
        self.under.capabilities()
    }

    async fn load(&self, tenant: Tenant, want: &ReadSet) -> Result<Snapshot, StoreError> {
        self.loads.fetch_add(1, Ordering::Relaxed);
        let found = self.under.load(tenant, want).await?;
        self.rows.fetch_add(found.sets.values().map(Vec::len).sum(), Ordering::Relaxed);
        Ok(found)
    }

    async fn commit(&self, changes: &ChangeSet) -> Result<Commit, StoreError> {
        self.under.commit(changes).await
    }

    async fn ask(&self, tenant: Tenant, questions: &[Question]) -> Result<Vec<Answer>, StoreError> {
        let found = self.under.ask(tenant, questions).await?;
        let rows =
            found.iter().map(|answer| if let Answer::Rows(rows) = answer { rows.rows.len() } else { 0 });
        self.rows.fetch_add(rows.sum(), Ordering::Relaxed);
        Ok(found)
    }

    async fn events(
        &self,
        tenant: Tenant,
        after: Option<EventId>,
        most: u32,
    ) -> Result<Vec<Event>, StoreError> {
        self.under.events(tenant, after, most).await
    }

    async fn seats(&self, user: UserId) -> Result<Vec<Seat>, StoreError> {
        self.under.seats(user).await
    }
}

//! The first half of a command: everything up to its commit.
//!
//! A [`Capture`] stands in front of a store, lets reads through, and keeps the change set of a commit instead of
//! writing it. The engine believes that it was applied, so its answer comes out together with what it would have
//! written; the test then commits that whenever it wants. A plan shows the same, but not under an idempotency key and
//! not for the founding of an organisation.
//!
//! Invariant: nothing is ever written through a capture.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use crm_core::Event;
use crm_core::describe::Key;
use crm_core::draft::{ChangeSet, ReadSet, Snapshot};
use crm_core::ledger::LedgerEntry;
use crm_core::store::{
    Capabilities, Commit, Group, ListQuery, Measure, Rows, Seat, Store, StoreError, Tenant, View,
};
use crm_core::value::{EventId, UserId};

/// A store that keeps the last change set for itself.
#[derive(Debug)]
pub(crate) struct Capture {
    under: Arc<dyn Store>,
    taken: Mutex<Option<ChangeSet>>,
}

impl Capture {
    pub(crate) fn over(under: Arc<dyn Store>) -> Self {
        Self { under, taken: Mutex::new(None) }
    }

    /// What was to be committed; `None` if nothing was.
    pub(crate) fn take(&self) -> Option<ChangeSet> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[async_trait]
impl Store for Capture {
    fn capabilities(&self) -> Capabilities {
        self.under.capabilities()
    }

    async fn load(&self, tenant: Tenant, want: &ReadSet) -> Result<Snapshot, StoreError> {
        self.under.load(tenant, want).await
    }

    async fn commit(&self, changes: &ChangeSet) -> Result<Commit, StoreError> {
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) = Some(changes.clone());
        Ok(Commit::Applied)
    }

    async fn list(&self, view: &View, query: &ListQuery) -> Result<Rows, StoreError> {
        self.under.list(view, query).await
    }

    async fn measure(&self, view: &View, measure: &Measure) -> Result<Vec<Group>, StoreError> {
        self.under.measure(view, measure).await
    }

    async fn history(&self, tenant: Tenant, subject: Key) -> Result<Vec<LedgerEntry>, StoreError> {
        self.under.history(tenant, subject).await
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

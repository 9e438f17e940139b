//! Stores that stand in front of another store.
//!
//! The [`Store`] trait has no default methods, so that no wrapper forgets one. A [`Layer`] has them: each passes the call
//! on to the store under it, and a layer says only what it does otherwise. [`Over`] makes a store of it.
//!
//! Invariant: what a layer does not mention, the store under it answers.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use crm_core::Event;
use crm_core::draft::{ChangeSet, ReadSet, Snapshot};
use crm_core::store::{Answer, Capabilities, Commit, Question, Seat, Store, StoreError, Tenant};
use crm_core::value::{EventId, UserId};

/// What a store in front of another one does otherwise.
#[async_trait]
pub trait Layer: fmt::Debug + Send + Sync {
    /// See [`Store::capabilities`].
    fn capabilities(&self, under: &dyn Store) -> Capabilities {
        under.capabilities()
    }

    /// See [`Store::load`].
    async fn load(&self, under: &dyn Store, tenant: Tenant, want: &ReadSet) -> Result<Snapshot, StoreError> {
        under.load(tenant, want).await
    }

    /// See [`Store::commit`].
    async fn commit(&self, under: &dyn Store, changes: &ChangeSet) -> Result<Commit, StoreError> {
        under.commit(changes).await
    }

    /// See [`Store::ask`].
    async fn ask(
        &self,
        under: &dyn Store,
        tenant: Tenant,
        questions: &[Question],
    ) -> Result<Vec<Answer>, StoreError> {
        under.ask(tenant, questions).await
    }

    /// See [`Store::events`].
    async fn events(
        &self,
        under: &dyn Store,
        tenant: Tenant,
        after: Option<EventId>,
        most: u32,
    ) -> Result<Vec<Event>, StoreError> {
        under.events(tenant, after, most).await
    }

    /// See [`Store::seats`].
    async fn seats(&self, under: &dyn Store, user: UserId) -> Result<Vec<Seat>, StoreError> {
        under.seats(user).await
    }
}

/// A layer over a store.
#[derive(Debug)]
pub struct Over<L> {
    /// What is done otherwise.
    pub layer: L,
    /// The store under it.
    pub under: Arc<dyn Store>,
}

impl<L: Layer> Over<L> {
    /// Puts a layer over a store.
    #[must_use]
    pub fn new(layer: L, under: Arc<dyn Store>) -> Self {
        Self { layer, under }
    }
}

#[async_trait]
impl<L: Layer> Store for Over<L> {
    fn capabilities(&self) -> Capabilities {
        self.layer.capabilities(&*self.under)
    }

    async fn load(&self, tenant: Tenant, want: &ReadSet) -> Result<Snapshot, StoreError> {
        self.layer.load(&*self.under, tenant, want).await
    }

    async fn commit(&self, changes: &ChangeSet) -> Result<Commit, StoreError> {
        self.layer.commit(&*self.under, changes).await
    }

    async fn ask(&self, tenant: Tenant, questions: &[Question]) -> Result<Vec<Answer>, StoreError> {
        self.layer.ask(&*self.under, tenant, questions).await
    }

    async fn events(
        &self,
        tenant: Tenant,
        after: Option<EventId>,
        most: u32,
    ) -> Result<Vec<Event>, StoreError> {
        self.layer.events(&*self.under, tenant, after, most).await
    }

    async fn seats(&self, user: UserId) -> Result<Vec<Seat>, StoreError> {
        self.layer.seats(&*self.under, user).await
    }
}

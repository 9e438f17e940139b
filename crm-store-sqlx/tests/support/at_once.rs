//! A store that answers at once, though it waits for a database: each call blocks its thread.
//!
//! The harnesses of crm-testkit poll a future once; with this they run over any store.
//!
//! Invariant: every call is ready on its first poll, and is otherwise that of the store under it.

use std::sync::Arc;

use async_trait::async_trait;
use crm_core::Event;
use crm_core::draft::{ChangeSet, ReadSet, Snapshot};
use crm_core::store::{Answer, Commit, Question, Seat, Store, StoreError, Tenant};
use crm_core::value::{EventId, UserId};
use crm_testkit::layer::{Layer, Over};

use crate::support::runtime::block_on;

/// Makes a store answer at once.
pub(crate) fn at_once(under: Arc<dyn Store>) -> Arc<dyn Store> {
    Arc::new(Over::new(AtOnce, under))
}

#[derive(Debug)]
struct AtOnce;

#[async_trait]
impl Layer for AtOnce {
    async fn load(&self, under: &dyn Store, tenant: Tenant, want: &ReadSet) -> Result<Snapshot, StoreError> {
        block_on(under.load(tenant, want))
    }

    async fn commit(&self, under: &dyn Store, changes: &ChangeSet) -> Result<Commit, StoreError> {
        block_on(under.commit(changes))
    }

    async fn ask(
        &self,
        under: &dyn Store,
        tenant: Tenant,
        questions: &[Question],
    ) -> Result<Vec<Answer>, StoreError> {
        block_on(under.ask(tenant, questions))
    }

    async fn events(
        &self,
        under: &dyn Store,
        tenant: Tenant,
        after: Option<EventId>,
        most: u32,
    ) -> Result<Vec<Event>, StoreError> {
        block_on(under.events(tenant, after, most))
    }

    async fn seats(&self, under: &dyn Store, user: UserId) -> Result<Vec<Seat>, StoreError> {
        block_on(under.seats(user))
    }
}

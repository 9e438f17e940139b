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
use crm_core::draft::ChangeSet;
use crm_core::store::{Commit, Store, StoreError};

use crate::layer::{Layer, Over};

/// A store that keeps the last change set for itself.
pub(crate) type Capture = Over<Kept>;

/// The last change set.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<Option<ChangeSet>>);

impl Capture {
    pub(crate) fn before(under: Arc<dyn Store>) -> Self {
        Self::new(Kept::default(), under)
    }

    /// What was to be committed; `None` if nothing was.
    pub(crate) fn take(&self) -> Option<ChangeSet> {
        self.layer.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[async_trait]
impl Layer for Kept {
    async fn commit(&self, _: &dyn Store, changes: &ChangeSet) -> Result<Commit, StoreError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(changes.clone());
        Ok(Commit::Applied)
    }
}

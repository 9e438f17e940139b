//! Reading from another store than the one that is written to.
//!
//! A replica follows its database at a distance. What decides about a write is always asked where it is written; what
//! only reads may be asked of the replica.
//!
//! Invariant: a session that has tried to write, or was answered from memory that it had, reads what was written.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Crm, Session};
use crate::store::Store;

/// Where a session and its copies may read.
#[derive(Clone, Debug)]
pub(super) struct Replica<'a> {
    store: &'a dyn Store,
    is_left: Arc<AtomicBool>,
}

impl<'a> Replica<'a> {
    pub(super) fn of(crm: &'a Crm) -> Option<Self> {
        let store = crm.replica.as_deref()?;
        Some(Self { store, is_left: Arc::default() })
    }
}

impl Crm {
    /// Reads from another store, which follows this one: a replica of its database. Sessions list, count, report, explain
    /// and look up there; commands and plans rest on the first store alone, and so do events, which a replica cannot tell
    /// to be complete.
    ///
    /// A session that applies a command reads from the first store from then on. What others wrote, or the same user in another
    /// session, a replica knows a little later, access that was taken away included; [`Session::fresh`] does not wait.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use crm_core::{Crm, Profile};
    /// # use crm_core::store::Store;
    /// # fn open(database: Arc<dyn Store>, replica: Arc<dyn Store>) -> Result<Crm, Box<dyn std::error::Error>> {
    /// let crm = Crm::new(database, Profile::preset("general")?).reading_from(replica);
    /// # Ok(crm)
    /// # }
    /// ```
    #[must_use]
    pub fn reading_from(mut self, replica: Arc<dyn Store>) -> Self {
        self.replica = Some(replica);
        self
    }
}

impl<'a> Session<'a> {
    /// Reads what is true now, also where there is a replica: for a user who has just written in another session.
    ///
    /// ```
    /// # use crm_core::{Crm, Error, List, Deal};
    /// # use crm_core::value::{OrganizationId, UserId};
    /// # async fn after_a_redirect(crm: &Crm, house: OrganizationId, ada: UserId) -> Result<(), Error> {
    /// let deals = crm.act(house, ada).fresh().list(List::<Deal>::new()).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn fresh(mut self) -> Self {
        self.replica = None;
        self
    }

    /// The store that a read asks.
    pub(super) fn reads(&self) -> &'a dyn Store {
        match &self.replica {
            Some(replica) if !replica.is_left.load(Ordering::Relaxed) => replica.store,
            _ => self.store,
        }
    }

    /// Something is about to be written: whatever comes of it, nothing is read from a replica any more.
    pub(super) fn leave_replica(&self) {
        if let Some(replica) = &self.replica {
            replica.is_left.store(true, Ordering::Relaxed);
        }
    }
}

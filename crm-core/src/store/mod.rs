//! The contract of a store.
//!
//! A store keeps records, claims of unique keys, the ledger, the outbox and remembered answers, each for one
//! organisation. It decides nothing: it loads what a decision asks for, and commits what was decided if the facts it
//! rests on still hold. Whoever writes one proves it with `crm-testkit`.
//!
//! The trait has no default methods on purpose: a wrapper that forgot one would bypass what it wraps.
//!
//! Invariant: a commit is wholly applied or leaves no trace, and a row of one organisation is never seen or touched
//! through another.

mod error;
mod measure;
mod query;
mod question;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::describe::Key;
use crate::draft::{ChangeSet, ReadSet, SetQuery, Snapshot, UniqueKey};
use crate::event::Event;
use crate::membership::Membership;
use crate::organization::Organization;
use crate::value::{EventId, OrganizationId, Precision, UserId};

pub use self::error::StoreError;
pub use self::measure::{Group, Measure, Sum, groups};
pub use self::query::{Cursor, Filter, ListQuery, Lookup, Order, PerGroup, Position, Rows, Window};
pub use self::question::{Answer, Answers, HistoryQuery, Question};

/// One organisation, as a store sees it. A [`Session`](crate::Session) holds one; it is never an argument of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tenant(OrganizationId);

impl Tenant {
    /// The tenant of an organisation. For stores and their tests; a host calls [`Crm::act`](crate::Crm::act).
    #[must_use]
    pub const fn of(organization: OrganizationId) -> Self {
        Self(organization)
    }

    /// The organisation.
    #[must_use]
    pub const fn organization(self) -> OrganizationId {
        self.0
    }
}

/// What a store can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// How exactly it keeps time. Time is cut to this before a decision, so that no store ever rounds.
    pub time_precision: Precision,
    /// Does it run inside a transaction of the host, which the host ends?
    pub joins_transaction: bool,
}

/// What became of a commit. A conflict is an answer, not an error: the shell decides again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Commit {
    /// Everything was written.
    Applied,
    /// Nothing was written, because these facts no longer hold.
    Conflict(Vec<Conflict>),
}

/// A fact that no longer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The record has another version than the decision saw.
    Version(Key),
    /// The record is gone.
    Gone(Key),
    /// The record exists already.
    Exists(Key),
    /// Other rows match than the decision saw.
    Set(SetQuery),
    /// Somebody else holds the unique key, or nobody does any more.
    Claim(UniqueKey),
    /// The idempotency key was used in the meantime.
    Idempotency,
}

impl fmt::Display for Conflict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(key) => write!(out, "{key} has changed"),
            Self::Gone(key) => write!(out, "{key} is gone"),
            Self::Exists(key) => write!(out, "{key} exists"),
            Self::Set(set) => write!(out, "the {}s that match have changed", set.kind),
            Self::Claim(key) => write!(out, "a unique key of a {} has moved", key.kind),
            Self::Idempotency => out.write_str("the idempotency key is in use"),
        }
    }
}

/// A membership together with its organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// The organisation.
    pub organization: Arc<Organization>,
    /// The membership in it.
    pub membership: Arc<Membership>,
}

/// A store. Implementations are used as `Arc<dyn Store>` or lent for the length of a session.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync {
    /// What this store can do.
    fn capabilities(&self) -> Capabilities;

    /// Loads everything a decision asks for, from one consistent state, in one round trip. What is not there is in the
    /// snapshot as absent, and a deleted row as it is.
    async fn load(&self, tenant: Tenant, want: &ReadSet) -> Result<Snapshot, StoreError>;

    /// Checks every expectation and writes everything, or nothing.
    async fn commit(&self, changes: &ChangeSet) -> Result<Commit, StoreError>;

    /// Answers questions about many rows, all from one consistent state: one answer for each, in their order, of the
    /// question's kind.
    async fn ask(&self, tenant: Tenant, questions: &[Question]) -> Result<Vec<Answer>, StoreError>;

    /// Events in the order of their commits, from after the given one.
    async fn events(
        &self,
        tenant: Tenant,
        after: Option<EventId>,
        most: u32,
    ) -> Result<Vec<Event>, StoreError>;

    /// The live memberships of a user in live organisations, oldest first. The only question that is not asked of one
    /// organisation.
    async fn seats(&self, user: UserId) -> Result<Vec<Seat>, StoreError>;
}

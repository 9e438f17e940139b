//! What was decided: everything that one command writes, and the facts it rests on.
//!
//! Only a [`Draft`](super::Draft) makes one. A store takes it apart by its [`Parts`], all of them by name, so that a
//! new kind of write does not compile until every store knows it.
//!
//! Invariant: each record is written at most once, every write has an expectation, and all maps are ordered, so rows
//! are locked in one order everywhere.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::read_set::{IdempotencyKey, SetQuery, UniqueKey};
use super::snapshot::Remembered;
use crate::describe::{Key, Record};
use crate::event::Event;
use crate::ledger::LedgerEntry;
use crate::store::Tenant;
use crate::value::CommandId;

/// A fact about a record that must still hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expect {
    /// There is no such record, not even a deleted one.
    Absent,
    /// It is there and live.
    Present,
    /// It is at this version.
    Version(u64),
}

/// Who held a unique key, and who will.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The holder that the decision saw.
    pub was: Option<Uuid>,
    /// The holder after the commit.
    pub now: Option<Uuid>,
}

/// An answer to remember.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remember {
    /// Under which key.
    pub key: IdempotencyKey,
    /// The outdated entry that it replaces; normally none.
    pub replaces: Option<Remembered>,
    /// What to remember.
    pub entry: Remembered,
}

/// The parts of a [`ChangeSet`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The organisation.
    pub tenant: Tenant,
    /// The command that decided this.
    pub command: CommandId,
    /// Facts about records. A record that is written is among them.
    pub expect: BTreeMap<Key, Expect>,
    /// The ids that the sets must still have. A store checks them when it holds the locks of all other expectations.
    pub sets: BTreeMap<SetQuery, BTreeSet<Uuid>>,
    /// Unique keys that change hands.
    pub claims: BTreeMap<UniqueKey, Claim>,
    /// The new state of each written record.
    pub writes: BTreeMap<Key, Record>,
    /// One entry for each write.
    pub ledger: Vec<LedgerEntry>,
    /// The outbox.
    pub events: Vec<Event>,
    /// The answer to remember.
    pub remember: Option<Remember>,
}

/// Everything that one command writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSet {
    parts: Parts,
}

impl ChangeSet {
    pub(super) fn new(parts: Parts) -> Self {
        Self { parts }
    }

    /// The parts, for a store to take apart by name.
    #[must_use]
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The command that decided this.
    #[must_use]
    pub fn command(&self) -> CommandId {
        self.parts.command
    }

    /// Is there nothing to write?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Parts { tenant: _, command: _, expect: _, sets: _, claims, writes, ledger, events, remember } =
            &self.parts;
        claims.is_empty() && writes.is_empty() && ledger.is_empty() && events.is_empty() && remember.is_none()
    }
}

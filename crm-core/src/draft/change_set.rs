//! What was decided: everything that one command writes, and the facts it rests on.
//!
//! Only a [`Draft`](super::Draft) makes one. A store takes it apart by its [`Parts`], all of them by name, so that a
//! new kind of write does not compile until every store knows it.
//!
//! Invariant: each record is written at most once, every write has an expectation, and all maps are ordered, so rows
//! are locked in one order everywhere.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::read_set::{IdempotencyKey, ReadSet, SetQuery, UniqueKey};
use super::snapshot::{Remembered, Snapshot};
use crate::describe::{Key, Record};
use crate::event::Event;
use crate::ledger::LedgerEntry;
use crate::store::{Conflict, Tenant};
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

    /// What a store must look at to tell whether the expectations hold.
    #[must_use]
    pub fn rests_on(&self) -> ReadSet {
        let Parts { tenant: _, command: _, expect, sets, claims, writes: _, ledger: _, events: _, remember } =
            &self.parts;
        ReadSet {
            keys: expect.keys().copied().collect(),
            referred: BTreeSet::new(),
            claims: claims.keys().cloned().collect(),
            sets: sets.keys().cloned().collect(),
            lists: Vec::new(),
            idempotency: remember.as_ref().map(|remember| remember.key.clone()),
            command: None,
        }
    }

    /// The expectations that do not hold, where this is what [`ChangeSet::rests_on`] asks for. It is the definition of a
    /// conflict for every store.
    #[must_use]
    pub fn conflicts(&self, now: &Snapshot) -> Vec<Conflict> {
        let Parts { tenant: _, command: _, expect, sets, claims, writes: _, ledger: _, events: _, remember } =
            &self.parts;
        let record = |key: &Key| now.rows.get(key).and_then(Option::as_ref);
        let mut found: Vec<_> =
            expect.iter().filter_map(|(key, expect)| expect.conflict(*key, record(key))).collect();
        for (set, seen) in sets {
            let ids: Option<BTreeSet<_>> =
                now.sets.get(set).map(|rows| rows.iter().map(Record::id).collect());
            if ids.as_ref() != Some(seen) {
                found.push(Conflict::Set(set.clone()));
            }
        }
        for (key, claim) in claims {
            if now.claims.get(key).copied().flatten() != claim.was {
                found.push(Conflict::Claim(key.clone()));
            }
        }
        if let Some(Remember { key, replaces, entry: _ }) = remember
            && now.remembered.get(key).and_then(Option::as_ref) != replaces.as_ref()
        {
            found.push(Conflict::Idempotency);
        }
        found
    }
}

impl Expect {
    fn conflict(self, key: Key, record: Option<&Record>) -> Option<Conflict> {
        match (self, record) {
            (Self::Absent, Some(_)) => Some(Conflict::Exists(key)),
            (Self::Present, record) if record.is_none_or(|record| !record.is_live()) => {
                Some(Conflict::Gone(key))
            }
            (Self::Version(_), None) => Some(Conflict::Gone(key)),
            (Self::Version(version), Some(record)) if record.version() != version => {
                Some(Conflict::Version(key))
            }
            _ => None,
        }
    }
}

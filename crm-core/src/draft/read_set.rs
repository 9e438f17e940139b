//! What a decision asks a store for.
//!
//! Invariant: a read set names records by key, sets of records by equal fields, and unique keys by their normal form;
//! it never names an organisation.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::describe::{FieldId, Id, Key, Kind, Record, Value};
use crate::store::ListQuery;
use crate::value::CommandId;

/// Everything that is to be loaded in one go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadSet {
    /// Records by key.
    pub keys: BTreeSet<Key>,
    /// Records by key, and with each of them the record that one of its fields refers to, whichever that is.
    pub referred: BTreeSet<(Key, FieldId)>,
    /// Holders of unique keys.
    pub claims: BTreeSet<UniqueKey>,
    /// Sets of records.
    pub sets: BTreeSet<SetQuery>,
    /// Lists to look at. A load passes them over: the shell asks for them by [`Store::ask`](crate::store::Store::ask).
    pub lists: Vec<ListQuery>,
    /// A remembered answer.
    pub idempotency: Option<IdempotencyKey>,
    /// Was this command committed?
    pub command: Option<CommandId>,
}

impl ReadSet {
    /// Asks for nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for a record too.
    #[must_use]
    pub fn with(mut self, id: impl Id) -> Self {
        self.keys.insert(id.key());
        self
    }

    /// Asks for a record too, and for the one that a field of it refers to.
    #[must_use]
    pub fn with_referred(mut self, key: Key, field: FieldId) -> Self {
        self.referred.insert((key, field));
        self
    }

    /// Asks for a set of records too.
    #[must_use]
    pub fn with_set(mut self, set: SetQuery) -> Self {
        self.sets.insert(set);
        self
    }

    /// Asks for all that the other asks for too.
    pub fn extend(&mut self, other: Self) {
        self.keys.extend(other.keys);
        self.referred.extend(other.referred);
        self.claims.extend(other.claims);
        self.sets.extend(other.sets);
        self.lists.extend(other.lists);
        self.idempotency = self.idempotency.take().or(other.idempotency);
        self.command = self.command.or(other.command);
    }

    /// Does the other ask for nothing that this one does not?
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.keys.is_superset(&other.keys)
            && self.referred.is_superset(&other.referred)
            && self.claims.is_superset(&other.claims)
            && self.sets.is_superset(&other.sets)
            && other.lists.iter().all(|list| self.lists.contains(list))
            && (other.idempotency.is_none() || self.idempotency == other.idempotency)
            && (other.command.is_none() || self.command == other.command)
    }
}

impl From<Key> for ReadSet {
    fn from(key: Key) -> Self {
        Self { keys: BTreeSet::from([key]), ..Self::default() }
    }
}

/// A set of records: those of a kind whose fields have these values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetQuery {
    /// The kind.
    pub kind: Kind,
    /// Fields and their values. At least one of the fields is indexed, or the kind has few records.
    pub equals: Vec<(FieldId, Value)>,
    /// The deleted records instead of the live ones?
    pub deleted: bool,
}

impl SetQuery {
    /// The live records of a kind with these values.
    #[must_use]
    pub fn live(kind: Kind, equals: Vec<(FieldId, Value)>) -> Self {
        Self { kind, equals, deleted: false }
    }

    /// Does a record belong to the set?
    #[must_use]
    pub fn holds(&self, record: &Record) -> bool {
        record.kind() == self.kind
            && record.is_live() != self.deleted
            && self.equals.iter().all(|(field, value)| record.view(*field) == value.view())
    }
}

/// A value that only one live record may have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UniqueKey {
    /// The kind of record.
    pub kind: Kind,
    /// The field.
    pub field: FieldId,
    /// The normal form of its value.
    pub value: Arc<str>,
}

/// Under what an answer is remembered: the same key of another actor or for another operation is another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IdempotencyKey {
    /// Who asked.
    pub actor: Actor,
    /// The command's name.
    pub operation: String,
    /// The key as the caller chose it.
    pub key: String,
}

//! What a store loaded: the facts that a decision can rest on.
//!
//! Invariant: what was asked for is in it, present or absent; what was not asked for is not, and a decision that needs
//! it asks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::read_set::{IdempotencyKey, ReadSet, SetQuery, UniqueKey};
use crate::describe::{FieldId, Json, Key, Record};
use crate::store::{ListQuery, Rows};
use crate::value::{CommandId, Instant};

/// Facts from one consistent state of an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Records, deleted ones included; `None` for those that are not there.
    pub rows: BTreeMap<Key, Option<Record>>,
    /// Who holds a unique key.
    pub claims: BTreeMap<UniqueKey, Option<Uuid>>,
    /// Sets of records, each in the order of ids.
    pub sets: BTreeMap<SetQuery, Vec<Record>>,
    /// Lists that were looked at; no store fills them in a load.
    pub lists: Vec<(ListQuery, Rows)>,
    /// The remembered answer.
    pub remembered: BTreeMap<IdempotencyKey, Option<Remembered>>,
    /// Whether a command was committed.
    pub committed: BTreeMap<CommandId, bool>,
}

impl Snapshot {
    /// Does it answer everything that was asked?
    #[must_use]
    pub fn answers(&self, want: &ReadSet) -> bool {
        let has = |key: &Key| self.rows.contains_key(key);
        want.keys.iter().all(has)
            && want.referred.iter().all(|(key, field)| {
                has(key) && self.referred(*key, *field).is_none_or(|referred| has(&referred))
            })
            && want.claims.iter().all(|key| self.claims.contains_key(key))
            && want.sets.iter().all(|set| self.sets.contains_key(set))
            && want.idempotency.iter().all(|key| self.remembered.contains_key(key))
            && want.command.iter().all(|id| self.committed.contains_key(id))
    }

    /// What a record that was loaded refers to.
    #[must_use]
    pub fn referred(&self, key: Key, field: FieldId) -> Option<Key> {
        self.rows.get(&key)?.as_ref()?.referred(field)
    }

    /// A record of a set or of a list was loaded, so a decision that writes it need not ask for it again.
    #[must_use]
    pub(crate) fn with_rows_of_sets(mut self) -> Self {
        let listed = self.lists.iter().flat_map(|(_, list)| &list.rows);
        for record in self.sets.values().flatten().chain(listed) {
            self.rows.entry(record.key()).or_insert_with(|| Some(record.clone()));
        }
        self
    }
}

/// A remembered answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// The digest of the request.
    pub digest: String,
    /// What was answered.
    pub answer: Json,
    /// When.
    pub at: Instant,
}

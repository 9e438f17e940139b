//! One organisation's records, claims, ledger, outbox and remembered answers.
//!
//! Invariant: the index holds exactly the records, under each value of their indexed fields, and each order exactly the
//! live ones.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use crm_core::Event;
use crm_core::describe::{CREATED_AT, FieldId, Key, Kind, Record, Value};
use crm_core::draft::{
    ChangeSet, IdempotencyKey, Parts, ReadSet, Remember, Remembered, SetQuery, Snapshot, UniqueKey,
};
use crm_core::ledger::LedgerEntry;
use crm_core::store::{Commit, Order, Position};
use crm_core::value::{CommandId, EventId, Uuid};

/// An organisation's rows and all that belongs to them.
#[derive(Debug, Default)]
pub(crate) struct House {
    pub(crate) rows: BTreeMap<Key, Row>,
    pub(crate) index: BTreeMap<(Kind, FieldId, Value), BTreeSet<Uuid>>,
    /// The live records in the order of each field that lists are sorted by.
    pub(crate) sorted: BTreeMap<(Kind, FieldId), BTreeSet<Place>>,
    pub(crate) claims: BTreeMap<UniqueKey, Uuid>,
    pub(crate) ledger: BTreeMap<Key, Vec<LedgerEntry>>,
    pub(crate) outbox: Vec<Event>,
    /// Where in the outbox each event stands.
    pub(crate) places: BTreeMap<EventId, usize>,
    pub(crate) remembered: BTreeMap<IdempotencyKey, Remembered>,
    pub(crate) commands: BTreeSet<CommandId>,
}

/// Where a live record stands: empty values come last.
pub(crate) type Place = (bool, Value, Uuid);

/// A record, with the text that a search looks at.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) record: Record,
    pub(crate) search: Arc<str>,
}

impl House {
    pub(crate) fn record(&self, key: Key) -> Option<&Record> {
        self.rows.get(&key).map(|row| &row.record)
    }

    pub(crate) fn live(&self, key: Key) -> Option<&Record> {
        self.record(key).filter(|record| record.is_live())
    }

    /// Every row of a kind.
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Row> {
        let (first, last) = (Key { kind, id: Uuid::nil() }, Key { kind, id: Uuid::max() });
        self.rows.range(first..=last).map(|(_, row)| row)
    }

    /// Have more than so many records this value in an indexed field?
    pub(crate) fn has_more(&self, kind: Kind, field: FieldId, value: &Value, most: usize) -> bool {
        self.index.get(&(kind, field, value.clone())).is_some_and(|ids| ids.len() > most)
    }

    /// The ids of the records with this value in an indexed field; `None` for a field that is not indexed.
    pub(crate) fn indexed(&self, kind: Kind, field: FieldId, value: &Value) -> Option<Vec<Uuid>> {
        kind.describe(field).filter(|field| field.indexed)?;
        let ids = self.index.get(&(kind, field, value.clone()));
        Some(ids.map(|ids| ids.iter().copied().collect()).unwrap_or_default())
    }

    /// The live rows of a kind in an order, from after a position; `None` if the order is by a field that no list is
    /// sorted by.
    pub(crate) fn in_order(
        &self,
        kind: Kind,
        order: Order,
        after: Option<&Position>,
    ) -> Option<Box<dyn Iterator<Item = &Row> + '_>> {
        kind.describe(order.field).filter(|field| field.sorted)?;
        let Some(places) = self.sorted.get(&(kind, order.field)) else {
            return Some(Box::new(std::iter::empty()));
        };
        let first = (false, Value::Null, Uuid::nil());
        let first_empty = (true, Value::Null, Uuid::nil());
        let after = after.map(|after| (after.value.is_null(), after.value.clone(), after.id));
        let from_empty = after.clone().filter(|(empty, ..)| *empty);
        let full: Box<dyn Iterator<Item = &Place>> = match (after, order.descending) {
            (Some((true, ..)), _) => Box::new(std::iter::empty()),
            (Some(after), false) => {
                Box::new(places.range((Bound::Excluded(after), Bound::Excluded(first_empty.clone()))))
            }
            (Some(after), true) => Box::new(places.range(first..after).rev()),
            (None, false) => Box::new(places.range(first..first_empty.clone())),
            (None, true) => Box::new(places.range(first..first_empty.clone()).rev()),
        };
        let empty: Box<dyn Iterator<Item = &Place>> = match (from_empty, order.descending) {
            (Some(after), false) => Box::new(places.range((Bound::Excluded(after), Bound::Unbounded))),
            (Some(after), true) => Box::new(places.range(first_empty..after).rev()),
            (None, false) => Box::new(places.range(first_empty..)),
            (None, true) => Box::new(places.range(first_empty..).rev()),
        };
        Some(Box::new(full.chain(empty).filter_map(move |(_, _, id)| self.rows.get(&Key { kind, id: *id }))))
    }

    /// How many live rows of a kind there are.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.sorted.get(&(kind, CREATED_AT)).map_or(0, BTreeSet::len)
    }

    /// The live rows of a kind whose field is in a range; `None` if no list is sorted by the field, or by another form of
    /// it, as texts are.
    pub(crate) fn in_range(
        &self,
        kind: Kind,
        field: FieldId,
        (from, to): (&Bound<Value>, &Bound<Value>),
    ) -> Option<impl Iterator<Item = Uuid> + '_> {
        kind.describe(field).filter(|field| field.sorted)?;
        let is_text = |bound: &Bound<Value>| {
            matches!(bound, Bound::Included(Value::Text(_)) | Bound::Excluded(Value::Text(_)))
        };
        if is_text(from) || is_text(to) {
            return None;
        }
        let place = |value: &Value, id| (false, value.clone(), id);
        let (first, last) = (Uuid::nil(), Uuid::max());
        let start = match from {
            Bound::Included(value) => place(value, first),
            Bound::Excluded(value) => place(value, last),
            Bound::Unbounded => place(&Value::Null, first),
        };
        let end = match to {
            Bound::Included(value) => place(value, last),
            Bound::Excluded(value) => place(value, first),
            Bound::Unbounded => (true, Value::Null, first),
        };
        let places = self.sorted.get(&(kind, field)).filter(|_| start <= end);
        Some(
            places
                .into_iter()
                .flat_map(move |places| places.range(start.clone()..=end.clone()))
                .map(|(_, _, id)| *id),
        )
    }

    pub(crate) fn load(&self, want: &ReadSet) -> Snapshot {
        let ReadSet { keys, referred, claims, sets, lists: _, idempotency, command } = want;
        let referring = referred.iter().filter_map(|(key, field)| self.record(*key)?.referred(*field));
        let all = keys.iter().copied().chain(referred.iter().map(|(key, _)| *key)).chain(referring);
        Snapshot {
            rows: all.map(|key| (key, self.record(key).cloned())).collect(),
            claims: claims.iter().map(|key| (key.clone(), self.claims.get(key).copied())).collect(),
            sets: sets.iter().map(|set| (set.clone(), self.set(set))).collect(),
            lists: Vec::new(),
            remembered: idempotency
                .iter()
                .map(|key| (key.clone(), self.remembered.get(key).cloned()))
                .collect(),
            committed: command.iter().map(|id| (*id, self.commands.contains(id))).collect(),
        }
    }

    /// The records of a set, in the order of their ids.
    fn set(&self, query: &SetQuery) -> Vec<Record> {
        let candidates =
            query.equals.iter().find_map(|(field, value)| self.indexed(query.kind, *field, value));
        let holds = |record: &&Record| query.holds(record);
        match candidates {
            Some(ids) => {
                let keys = ids.into_iter().map(|id| Key { kind: query.kind, id });
                keys.filter_map(|key| self.record(key)).filter(holds).cloned().collect()
            }
            None => self.of_kind(query.kind).map(|row| &row.record).filter(holds).cloned().collect(),
        }
    }

    pub(crate) fn commit(&mut self, changes: &ChangeSet) -> Commit {
        let conflicts = changes.conflicts(&self.load(&changes.rests_on()));
        if !conflicts.is_empty() {
            return Commit::Conflict(conflicts);
        }
        let Parts { tenant: _, command, expect: _, sets: _, claims, writes, ledger, events, remember } =
            changes.parts();
        for (key, claim) in claims {
            match claim.now {
                Some(holder) => self.claims.insert(key.clone(), holder),
                None => self.claims.remove(key),
            };
        }
        for record in writes.values() {
            self.store(record.clone());
        }
        for entry in ledger {
            self.ledger.entry(entry.subject).or_default().push(entry.clone());
        }
        for event in events {
            self.places.insert(event.id, self.outbox.len());
            self.outbox.push(event.clone());
        }
        if let Some(Remember { key, replaces: _, entry }) = remember {
            self.remembered.insert(key.clone(), entry.clone());
        }
        self.commands.insert(*command);
        Commit::Applied
    }

    /// Puts a record in, and its index entries right.
    pub(crate) fn store(&mut self, record: Record) {
        let key = record.key();
        let (old, new) = (self.live(key).map(places).unwrap_or_default(), places(&record));
        // Most writes leave a record where it is in most orders.
        for (field, place) in old.iter().filter(|place| !new.contains(place)) {
            self.sorted.entry((key.kind, *field)).or_default().remove(place);
        }
        for (field, place) in new.into_iter().filter(|place| !old.contains(place)) {
            self.sorted.entry((key.kind, field)).or_default().insert(place);
        }
        if let Some(old) = self.rows.get(&key).map(|row| row.record.clone()) {
            for entry in index_entries(&old) {
                if let Some(ids) = self.index.get_mut(&entry) {
                    ids.remove(&key.id);
                    if ids.is_empty() {
                        self.index.remove(&entry);
                    }
                }
            }
        }
        for entry in index_entries(&record) {
            self.index.entry(entry).or_default().insert(key.id);
        }
        let search = record.search_text().into();
        self.rows.insert(key, Row { record, search });
    }

    /// Events after the given one. An event that is not there any more starts from the beginning: nothing is missed.
    pub(crate) fn events(&self, after: Option<EventId>, most: u32) -> Vec<Event> {
        let start = after.and_then(|id| self.places.get(&id)).map_or(0, |place| place + 1);
        self.outbox.iter().skip(start).take(most as usize).cloned().collect()
    }
}

/// Where a live record stands in each order.
fn places(record: &Record) -> Vec<(FieldId, Place)> {
    let fields =
        record.kind().fields().iter().enumerate().filter(|(_, field)| field.sorted && record.is_live());
    let ids = fields.filter_map(|(at, _)| u8::try_from(at).ok().map(FieldId));
    let place = |field| {
        let Position { value, id } = Order { field, descending: false }.position(record);
        (field, (value.is_null(), value, id))
    };
    ids.map(place).collect()
}

fn index_entries(record: &Record) -> Vec<(Kind, FieldId, Value)> {
    let kind = record.kind();
    let fields = kind.fields().iter().enumerate().filter(|(_, field)| field.indexed);
    let ids = fields.filter_map(|(at, _)| u8::try_from(at).ok().map(FieldId));
    ids.map(|field| (kind, field, record.value(field))).collect()
}

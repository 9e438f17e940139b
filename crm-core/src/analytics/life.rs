//! A record's whole past, rebuilt from its ledger.
//!
//! Invariant: the states of a life are in order of time, one for each write, and each is the record as it was from then
//! until the next.

use std::sync::Arc;

use crate::describe::{Entity, Key, Record, Value};
use crate::error::Error;
use crate::ledger::LedgerEntry;
use crate::value::Instant;

/// A record's past.
#[derive(Clone, Debug)]
pub struct Life<E: Entity> {
    /// Whose.
    pub id: E::Id,
    /// Its states, oldest first; at least one.
    pub states: Vec<State<E>>,
}

/// A record from one write to the next.
#[derive(Clone, Debug)]
pub struct State<E> {
    /// Since when it was so. Where the clock went back between two writes, the later one counts from the earlier.
    pub since: Instant,
    /// How it was.
    pub row: Arc<E>,
    /// Was it there, as opposed to deleted?
    pub live: bool,
}

impl<E: Entity> Life<E> {
    /// The lives that a ledger tells of, whose entries come record by record, each oldest first.
    ///
    /// # Errors
    /// An entry cannot be read.
    pub fn all(entries: &[LedgerEntry]) -> Result<Vec<Self>, Error> {
        entries.chunk_by(|one, next| one.subject == next.subject).map(Self::one).collect()
    }

    fn one(entries: &[LedgerEntry]) -> Result<Self, Error> {
        let mut values = vec![Value::Null; E::FIELDS.len()];
        let mut states: Vec<State<E>> = Vec::with_capacity(entries.len());
        let mut id = None;
        for entry in entries {
            entry.replay(&mut values);
            let since = states.last().map_or(entry.at, |last| last.since.max(entry.at));
            let row = row::<E>(entry.subject, entry.version, &values)?;
            id = Some(row.id());
            let live = Record::is_live(&Arc::clone(&row).record());
            states.push(State { since, row, live });
        }
        let id = id.ok_or_else(|| Error::Internal("a life without a state".to_owned()))?;
        Ok(Self { id, states })
    }

    /// The record as it was at a time; `None` if it was not there, or deleted.
    #[must_use]
    pub fn at(&self, at: Instant) -> Option<&Arc<E>> {
        let state = self.states.iter().rev().find(|state| state.since <= at)?;
        state.live.then_some(&state.row)
    }

    /// Was it there before or at that time, live or deleted?
    #[must_use]
    pub fn known(&self, at: Instant) -> bool {
        self.states.first().is_some_and(|state| state.since <= at)
    }

    /// The record as it is now; `None` if it is deleted.
    #[must_use]
    pub fn now(&self) -> Option<&Arc<E>> {
        self.states.last().filter(|state| state.live).map(|state| &state.row)
    }

    /// Each state with the time at which it ended; the last one has not.
    pub fn spans(&self) -> impl Iterator<Item = (&State<E>, Option<Instant>)> {
        let ends = self.states.iter().skip(1).map(|next| Some(next.since)).chain([None]);
        self.states.iter().zip(ends)
    }
}

fn row<E: Entity>(subject: Key, version: u64, values: &[Value]) -> Result<Arc<E>, Error> {
    let row = E::from_values(subject.id, version, values);
    row.map(Arc::new).map_err(|damage| Error::Damaged { key: subject, damage })
}

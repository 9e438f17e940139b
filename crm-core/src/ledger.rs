//! The ledger: what was changed, when, by whom, by which command, from what to what.
//!
//! Timelines of fields, audits, records as they were, and every report on the past read this one structure.
//!
//! Invariant: each write of a record appends exactly one entry, in the same commit, whose `before` is the value really
//! replaced. Entries are never changed.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::describe::{FieldId, Key, Record, Value};
use crate::value::{CommandId, Instant};

/// One write of one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// The record.
    pub subject: Key,
    /// The version that this write made.
    pub version: u64,
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: Actor,
    /// The command's id: what one command wrote shares it.
    pub command: CommandId,
    /// The command's name.
    pub cause: String,
    /// What happened to the record.
    pub change: Change,
    /// The fields that changed. For a new record, every field that is not empty.
    pub fields: Vec<FieldChange>,
}

impl LedgerEntry {
    /// Does to a record's values, in the order of [`Kind::fields`](crate::describe::Kind::fields), what this write did.
    pub(crate) fn replay(&self, values: &mut [Value]) {
        for change in &self.fields {
            let field = self.subject.kind.field(&change.field);
            if let Some(slot) = field.and_then(|(field, _)| values.get_mut(usize::from(field.0))) {
                *slot = change.after.clone();
            }
        }
    }
}

/// What happened to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It was created.
    Created,
    /// It was changed.
    Updated,
    /// It was deleted.
    Deleted,
    /// It was brought back.
    Restored,
}

impl Change {
    /// What a write is, seen from before and after.
    #[must_use]
    pub fn between(before: Option<&Record>, after: &Record) -> Self {
        match (before.map(Record::is_live), after.is_live()) {
            (None, _) => Self::Created,
            (Some(true), false) => Self::Deleted,
            (Some(false), true) => Self::Restored,
            _ => Self::Updated,
        }
    }

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
        }
    }
}

/// One changed field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The field's name.
    pub field: String,
    /// What it held.
    pub before: Value,
    /// What it holds now.
    pub after: Value,
}

impl fmt::Display for FieldChange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {} -> {}", self.field, self.before, self.after)
    }
}

/// The fields in which two states of a record differ. Of a secret field only that it differs is told.
#[must_use]
pub fn differences(before: Option<&Record>, after: &Record) -> Vec<FieldChange> {
    let fields = after.kind().fields().iter().zip(after.values()).enumerate();
    let changes = fields.filter_map(|(at, (field, new))| {
        let at = u8::try_from(at).ok()?;
        let old = before.map_or(Value::Null, |before| before.value(FieldId(at)));
        (old != new).then(|| {
            let (before, after) = if field.secret { (Value::Null, Value::Null) } else { (old, new) };
            FieldChange { field: field.name.to_owned(), before, after }
        })
    });
    changes.collect()
}

/// A record as it was at a time, rebuilt from its ledger; `None` if it was not there yet. Its secret fields are empty.
#[must_use]
pub fn as_of(entries: &[LedgerEntry], at: Instant) -> Option<Record> {
    let seen: Vec<_> = entries.iter().filter(|entry| entry.at <= at).collect();
    let last = seen.last()?;
    let kind = last.subject.kind;
    let mut values = vec![Value::Null; kind.fields().len()];
    seen.iter().for_each(|entry| entry.replay(&mut values));
    Record::from_values(kind, last.subject.id, last.version, &values).ok()
}

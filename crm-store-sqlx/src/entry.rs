//! Ledger entries and events as rows.
//!
//! Both are written once and never changed. What only people and other systems read of them, the actor and the changed
//! fields, is kept as JSON.
//!
//! Invariant: what is written is read again as it was.

use crm_core::Event;
use crm_core::access::Actor;
use crm_core::describe::{Key, Kind, Value};
use crm_core::ledger::{Change, FieldChange, LedgerEntry};
use crm_core::store::StoreError;
use crm_core::value::{CommandId, EventId, Instant, Uuid};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::dialect::Dialect;
use crate::door::Row;
use crate::table::quoted;
use crate::value::{Type, restore};

/// The ledger's table.
pub(crate) const TABLE: &str = "ledger";

/// The ledger's columns after the organisation.
pub(crate) const COLUMNS: &[(&str, Type)] = &[
    ("kind", Type::Text),
    ("subject", Type::Uuid),
    ("version", Type::Int),
    ("at", Type::Instant),
    ("actor", Type::Json),
    ("command", Type::Uuid),
    ("cause", Type::Text),
    ("change", Type::Text),
    ("fields", Type::Json),
];

/// The outbox's table.
pub(crate) const EVENTS: &str = "event";

/// The outbox's columns after the organisation.
pub(crate) const EVENT_COLUMNS: &[(&str, Type)] = &[
    ("id", Type::Uuid),
    ("name", Type::Text),
    ("kind", Type::Text),
    ("subject", Type::Uuid),
    ("version", Type::Int),
    ("at", Type::Instant),
    ("actor", Type::Json),
    ("command", Type::Uuid),
    ("data", Type::Json),
];

/// The ledger's columns, as they are read.
pub(crate) fn selected(dialect: &dyn Dialect, alias: &str) -> Vec<(String, Type)> {
    read_columns(dialect, alias, COLUMNS)
}

/// The outbox's columns, as they are read.
pub(crate) fn selected_events(dialect: &dyn Dialect, alias: &str) -> Vec<(String, Type)> {
    read_columns(dialect, alias, EVENT_COLUMNS)
}

fn read_columns(dialect: &dyn Dialect, alias: &str, columns: &[(&str, Type)]) -> Vec<(String, Type)> {
    columns.iter().map(|(name, of)| (dialect.read(&quoted(alias, name), *of), *of)).collect()
}

/// An entry's values, in the order of [`COLUMNS`].
pub(crate) fn values(entry: &LedgerEntry) -> Result<Vec<Value>, StoreError> {
    let LedgerEntry { subject, version, at, actor, command, cause, change, fields } = entry;
    Ok(vec![
        Value::text(subject.kind.name()),
        Value::Uuid(subject.id),
        number(*version),
        Value::Instant(*at),
        json(actor)?,
        Value::Uuid((*command).into()),
        Value::text(cause),
        Value::text(change.name()),
        json(fields)?,
    ])
}

/// An event's values, in the order of [`EVENT_COLUMNS`].
pub(crate) fn event_values(event: &Event) -> Result<Vec<Value>, StoreError> {
    let Event { id, name, subject, version, at, actor, command, data } = event;
    Ok(vec![
        Value::Uuid((*id).into()),
        Value::text(name),
        Value::text(subject.kind.name()),
        Value::Uuid(subject.id),
        number(*version),
        Value::Instant(*at),
        json(actor)?,
        Value::Uuid((*command).into()),
        json(data)?,
    ])
}

pub(crate) fn number(version: u64) -> Value {
    Value::Int(i64::try_from(version).unwrap_or(i64::MAX))
}

/// The text of the JSON form of anything of the engine.
pub(crate) fn json(of: &impl Serialize) -> Result<Value, StoreError> {
    let written = serde_json::to_string(of);
    written
        .map(|text| Value::text(&text))
        .map_err(|error| StoreError::Broken("something has no JSON form".to_owned(), Some(Box::new(error))))
}

/// An entry, from what [`selected`] gave.
pub(crate) fn read(row: Row) -> Result<LedgerEntry, StoreError> {
    let mut cells = Cells::of(row, COLUMNS);
    let entry = cells.entry();
    entry.ok_or_else(|| StoreError::broken("a damaged entry of the ledger"))
}

/// An event, from what [`selected_events`] gave.
pub(crate) fn read_event(row: Row) -> Result<Event, StoreError> {
    let mut cells = Cells::of(row, EVENT_COLUMNS);
    let event = cells.event();
    event.ok_or_else(|| StoreError::broken("a damaged event"))
}

/// The cells of a row, one after the other.
pub(crate) struct Cells {
    cells: std::vec::IntoIter<Value>,
    types: std::slice::Iter<'static, (&'static str, Type)>,
}

impl Cells {
    pub(crate) fn of(row: Row, columns: &'static [(&'static str, Type)]) -> Self {
        Self { cells: row.into_iter(), types: columns.iter() }
    }

    fn next(&mut self) -> Option<Value> {
        let (_, of) = self.types.next()?;
        restore(*of, self.cells.next()?, None)
    }

    fn entry(&mut self) -> Option<LedgerEntry> {
        Some(LedgerEntry {
            subject: self.key()?,
            version: self.number()?,
            at: self.instant()?,
            actor: self.json::<Actor>()?,
            command: CommandId::from_uuid(self.uuid()?),
            cause: self.text()?,
            change: self.change()?,
            fields: self.json::<Vec<FieldChange>>()?,
        })
    }

    fn event(&mut self) -> Option<Event> {
        Some(Event {
            id: EventId::from_uuid(self.uuid()?),
            name: self.text()?,
            subject: self.key()?,
            version: self.number()?,
            at: self.instant()?,
            actor: self.json::<Actor>()?,
            command: CommandId::from_uuid(self.uuid()?),
            data: self.json()?,
        })
    }

    fn key(&mut self) -> Option<Key> {
        let kind: Kind = self.text()?.parse().ok()?;
        Some(Key { kind, id: self.uuid()? })
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        match self.next()? {
            Value::Int(number) => u64::try_from(number).ok(),
            _ => None,
        }
    }

    pub(crate) fn instant(&mut self) -> Option<Instant> {
        match self.next()? {
            Value::Instant(at) => Some(at),
            _ => None,
        }
    }

    pub(crate) fn uuid(&mut self) -> Option<Uuid> {
        self.next()?.as_uuid()
    }

    pub(crate) fn text(&mut self) -> Option<String> {
        self.next()?.as_text().map(str::to_owned)
    }

    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> Option<T> {
        match self.next()? {
            Value::Json(json) => serde_json::from_value(json.as_json().clone()).ok(),
            _ => None,
        }
    }

    fn change(&mut self) -> Option<Change> {
        let name = self.text()?;
        [Change::Created, Change::Updated, Change::Deleted, Change::Restored]
            .into_iter()
            .find(|change| change.name() == name)
    }
}

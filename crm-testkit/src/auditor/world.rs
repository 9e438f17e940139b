//! What the auditor knows of an organisation: its rows, as plain maps of fields.
//!
//! Invariant: rows are read from a store as they are and judged by nobody; the auditor writes only to a copy of its own.

use std::collections::BTreeMap;

use crm_core::Stage;
use crm_core::describe::{FieldId, Json, Key, Kind, Record, Value};
use crm_core::draft::{ReadSet, SetQuery};
use crm_core::store::{Store, Tenant};
use crm_core::value::{OrganizationId, Uuid};

use crate::ready::now;

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Which one.
    pub key: Key,
    /// How often it was written.
    pub version: u64,
    /// Its fields by their names. A field that is not named is one of which nothing is known.
    pub fields: BTreeMap<&'static str, Value>,
}

impl Row {
    /// With nothing in it.
    #[must_use]
    pub fn new(key: Key) -> Self {
        Self { key, version: 0, fields: BTreeMap::new() }
    }

    fn of(record: &Record) -> Self {
        let kind = record.kind();
        let fields = kind.fields().iter().zip(0_u8..);
        let fields = fields.map(|(field, at)| (field.name, record.value(FieldId(at)))).collect();
        Self { key: Key { kind, id: record.id() }, version: record.version(), fields }
    }

    /// A field; `Null` for one of which nothing is known.
    #[must_use]
    pub fn get(&self, field: &str) -> &Value {
        self.fields.get(field).unwrap_or(&Value::Null)
    }

    /// The text in a field.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        self.get(field).as_text()
    }

    /// The id in a field.
    #[must_use]
    pub fn id(&self, field: &str) -> Option<Uuid> {
        self.get(field).as_uuid()
    }

    /// Is this flag set?
    #[must_use]
    pub fn is(&self, field: &str) -> bool {
        *self.get(field) == Value::Bool(true)
    }

    /// Is there something in the field?
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        !self.get(field).is_null()
    }

    /// Is it live?
    #[must_use]
    pub fn is_live(&self) -> bool {
        !self.has("deleted_at")
    }

    /// Writes a field.
    pub fn set(&mut self, field: &'static str, value: Value) {
        self.fields.insert(field, value);
    }

    /// The stages of a pipeline.
    #[must_use]
    pub fn stages(&self) -> Vec<Stage> {
        match self.get("stages") {
            Value::Json(json) => serde_json::from_value(json.as_json().clone()).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// Gives a pipeline other stages.
    pub fn set_stages(&mut self, stages: &[Stage]) {
        self.set("stages", Value::Json(Json::new(serde_json::to_value(stages).unwrap_or_default())));
    }
}

/// All rows of an organisation, the deleted ones too.
pub type Rows = BTreeMap<Key, Row>;

/// Reads all rows of an organisation.
///
/// # Panics
/// The store failed.
#[must_use]
#[expect(clippy::expect_used, reason = "without its rows there is nothing to judge")]
pub fn rows_of(store: &dyn Store, organization: OrganizationId) -> Rows {
    let mut want = ReadSet::new().with(organization);
    for kind in Kind::ALL.iter().copied().filter(|kind| *kind != Kind::Organization) {
        for deleted in [false, true] {
            want.sets.insert(SetQuery { kind, equals: Vec::new(), deleted });
        }
    }
    let snapshot = now(store.load(Tenant::of(organization), &want)).expect("a store");
    let all = snapshot.rows.values().flatten().chain(snapshot.sets.values().flatten());
    all.map(Row::of).map(|row| (row.key, row)).collect()
}

//! Committing by a function of the database.
//!
//! The function does what the statement of [`super::write`] does, in the same order, and is made from the same tables of
//! fields. It says first which organisation it is about, so policies of row-level security hold inside it; it takes
//! everything in one value, so its text is always the same; and it undoes a collision of keys by itself.
//!
//! Invariant: what the function answers means what the statement's answer means.

use crm_core::describe::{Record, Value};
use crm_core::draft::{ChangeSet, Parts, Remember};
use crm_core::store::{StoreError, Tenant};
use serde_json::{Map, Value as Json, json};

use super::advisory::Lock;
use super::dialect::Postgres;
use super::work::{Held, Keys, Rows, claim_row, kinds_of_sets, query};
use crate::dialect::Dialect;
use crate::entry;
use crate::load::{CLAIM_COLUMNS, answer_columns, answer_values, idempotency_values};
use crate::statement::{ORGANIZATION, Values};
use crate::table::Table;
use crate::value::Type;

/// A call of the function.
pub(super) struct Call {
    pub(super) text: String,
    pub(super) values: Values,
    /// How many rows it writes.
    pub(super) written: i64,
}

impl Call {
    pub(super) fn of(dialect: &Postgres, changes: &ChangeSet, alone: bool) -> Result<Self, StoreError> {
        let Parts { tenant, command, expect: _, sets, claims: _, writes: _, ledger, events, remember } =
            changes.parts();
        let mut written = 1;
        let mut change = Map::new();
        for rows in Rows::of(changes) {
            written += rows.new.len() + rows.old.len();
            if let Some(part) = of_kind(dialect, &rows) {
                change.insert(rows.kind.name().to_owned(), part);
            }
        }
        let Keys { free, held, gone, moved, new } = Keys::of(changes);
        written += gone.len() + moved.len() + new.len();
        let keys = [("free", free), ("held", held), ("gone", gone), ("moved", moved), ("taken", new)];
        for (name, keys) in keys {
            put(&mut change, name, keys.into_iter().map(claim).collect());
        }
        let mut asked = Vec::with_capacity(sets.len());
        for (set, seen) in sets {
            let (query, wanted) = query(dialect, set)?;
            let wanted: Vec<Json> = wanted.iter().map(plain).collect();
            asked.push(json!({ "query": query, "wanted": wanted, "seen": seen }));
        }
        put(&mut change, "sets", asked);
        let class = Lock::Sets.class(dialect, *tenant);
        let locks = kinds_of_sets(changes);
        put(&mut change, "set_locks", locks.iter().map(|kind| json!([class, *kind as i64])).collect());
        let ledger = ledger.iter().map(|entry| Ok(row(entry::COLUMNS, &entry::values(entry)?)));
        let ledger = ledger.collect::<Result<Vec<_>, StoreError>>()?;
        let events = events.iter().map(|event| Ok(row(entry::EVENT_COLUMNS, &entry::event_values(event)?)));
        let events = events.collect::<Result<Vec<_>, StoreError>>()?;
        written += ledger.len() + events.len();
        put(&mut change, "ledger", ledger);
        if !events.is_empty() {
            change.insert("mark".to_owned(), json!(Lock::Numbers.class(dialect, *tenant)));
        }
        put(&mut change, "event", events);
        if let Some(remember) = remember {
            written += 1;
            change.insert("remembered".to_owned(), answer(remember)?);
        }
        change.insert("command".to_owned(), json!(command));
        change.insert("joins".to_owned(), json!(!alone));
        Ok(Self::with(dialect, *tenant, &Json::Object(change), written))
    }

    fn with(dialect: &Postgres, tenant: Tenant, change: &Json, written: usize) -> Self {
        let mut values = Values::of(tenant);
        let change = values.one(Value::text(&change.to_string()));
        let function = dialect.table("commit");
        let text = format!("SELECT ok, written, blind FROM {function}({ORGANIZATION}, {change}::jsonb)");
        Self { text, values, written: i64::try_from(written).unwrap_or(i64::MAX) }
    }
}

/// What is not empty.
fn put(into: &mut Map<String, Json>, name: &str, items: Vec<Json>) {
    if !items.is_empty() {
        into.insert(name.to_owned(), Json::Array(items));
    }
}

fn of_kind(dialect: &Postgres, rows: &Rows<'_>) -> Option<Json> {
    let Rows { kind, absent, present, strength, new, old } = rows;
    let mut part = Map::new();
    put(&mut part, "absent", absent.iter().map(|id| json!(id)).collect());
    if !present.is_empty() {
        let locked = present.iter().map(|(id, version)| json!({ "id": id, "version": version }));
        put(&mut part, "present", locked.collect());
        part.insert("strength".to_owned(), json!(strength));
    }
    let columns = Table::new(dialect, *kind).columns();
    let record = |record: &&Record| {
        let cells = columns
            .iter()
            .map(|column| (column.name.clone().into_owned(), plain(&Table::value(record, column.source))));
        Json::Object(cells.collect())
    };
    put(&mut part, "new", new.iter().map(record).collect());
    put(&mut part, "old", old.iter().map(record).collect());
    (!part.is_empty()).then_some(Json::Object(part))
}

fn claim(held: Held<'_>) -> Json {
    row(CLAIM_COLUMNS, &claim_row(held))
}

fn answer(remember: &Remember) -> Result<Json, StoreError> {
    let answer = answer_values(&remember.entry);
    let cells: Vec<Value> = idempotency_values(&remember.key)?.into_iter().chain(answer).collect();
    let mut answer = row(&answer_columns(), &cells);
    if let (Some(old), Json::Object(answer)) = (&remember.replaces, &mut answer) {
        answer.insert("old_digest".to_owned(), json!(old.digest));
        answer.insert("old_at".to_owned(), plain(&Value::Instant(old.at)));
    }
    Ok(answer)
}

fn row(columns: &[(&str, Type)], cells: &[Value]) -> Json {
    let named = columns.iter().zip(cells).map(|((name, _), cell)| ((*name).to_owned(), plain(cell)));
    Json::Object(named.collect())
}

/// A value as the function reads it: a document as its text, so that nothing in it is read another way.
fn plain(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => json!(flag),
        Value::Int(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Json(document) => json!(document.canonical()),
        Value::Decimal(_) | Value::Uuid(_) | Value::Instant(_) | Value::Date(_) => json!(value.to_string()),
    }
}

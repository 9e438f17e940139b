//! Loading everything that a decision asks for, in one statement.
//!
//! Invariant: what was asked for is in the snapshot, present or absent.

use crm_core::describe::{Json, Kind, Value};
use crm_core::draft::{IdempotencyKey, ReadSet, Remembered, SetQuery, Snapshot, UniqueKey};
use crm_core::store::{StoreError, Tenant};
use crm_core::value::Uuid;

use crate::dialect::Dialect;
use crate::door::Row;
use crate::entry::{Cells, json};
use crate::filter::equals;
use crate::statement::{Branch, ORGANIZATION, Union, Values};
use crate::table::{Table, quoted};
use crate::value::Type;

/// Who holds unique keys.
pub(crate) const CLAIMS: &str = "claim";
/// Answers that were given under an idempotency key.
pub(crate) const REMEMBERED: &str = "remembered";
/// Commands that were committed.
pub(crate) const COMMANDS: &str = "command";

/// The columns of a remembered answer after its key.
pub(crate) const ANSWER_COLUMNS: &[(&str, Type)] =
    &[("digest", Type::Text), ("answer", Type::Json), ("at", Type::Instant)];

const ROW: &str = "t";

/// What a branch of the statement answers.
#[derive(Debug)]
enum Part<'w> {
    Rows(Kind),
    Set(&'w SetQuery),
    Claims,
    Answer(&'w IdempotencyKey),
    Command,
}

/// A load on its way.
#[derive(Debug)]
pub(crate) struct Load<'w> {
    want: &'w ReadSet,
    parts: Vec<Part<'w>>,
    pub(crate) values: Values,
    pub(crate) union: Union,
}

impl<'w> Load<'w> {
    pub(crate) fn of(dialect: &dyn Dialect, tenant: Tenant, want: &'w ReadSet) -> Result<Self, StoreError> {
        let ReadSet { keys, claims, sets, idempotency, command } = want;
        let mut values = Values::of(tenant);
        let (mut parts, mut branches) = (Vec::new(), Vec::new());
        for kind in Kind::ALL {
            let ids: Vec<Uuid> = keys.iter().filter(|key| key.kind == *kind).map(|key| key.id).collect();
            if !ids.is_empty() {
                parts.push(Part::Rows(*kind));
                branches.push(rows(dialect, *kind, ids, &mut values));
            }
        }
        for set in sets {
            parts.push(Part::Set(set));
            branches.push(self::set(dialect, set, &mut values)?);
        }
        if !claims.is_empty() {
            parts.push(Part::Claims);
            branches.push(held(dialect, claims.iter(), &mut values));
        }
        if let Some(key) = idempotency {
            parts.push(Part::Answer(key));
            branches.push(answer(dialect, key, &mut values)?);
        }
        if let Some(command) = command {
            parts.push(Part::Command);
            let id = values.one(Value::Uuid((*command).into()));
            let table = dialect.table(COMMANDS);
            let from = format!(
                "FROM {table} AS {ROW} WHERE {ROW}.organization_id = {ORGANIZATION} AND {ROW}.id = {id}"
            );
            branches.push(Branch { columns: vec![(format!("{ROW}.id"), Type::Uuid)], from });
        }
        Ok(Self { want, parts, values, union: Union::of(dialect, &branches) })
    }

    /// Is there nothing to ask for?
    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The snapshot, from the rows of the statement.
    pub(crate) fn snapshot(&self, dialect: &dyn Dialect, rows: Vec<Row>) -> Result<Snapshot, StoreError> {
        let ReadSet { keys, claims, sets: _, idempotency, command } = self.want;
        let mut snapshot = Snapshot {
            rows: keys.iter().map(|key| (*key, None)).collect(),
            claims: claims.iter().map(|key| (key.clone(), None)).collect(),
            sets: std::collections::BTreeMap::new(),
            remembered: idempotency.iter().map(|key| (key.clone(), None)).collect(),
            committed: command.iter().map(|id| (*id, false)).collect(),
        };
        for (part, rows) in self.parts.iter().zip(self.union.split(rows)?) {
            match part {
                Part::Rows(kind) => {
                    for row in rows {
                        let record = Table::new(dialect, *kind).record(row)?;
                        snapshot.rows.insert(record.key(), Some(record));
                    }
                }
                Part::Set(set) => {
                    let records = rows.into_iter().map(|row| Table::new(dialect, set.kind).record(row));
                    let mut records = records.collect::<Result<Vec<_>, _>>()?;
                    records.sort_by_key(crm_core::describe::Record::id);
                    snapshot.sets.insert((*set).clone(), records);
                }
                Part::Claims => {
                    for row in rows {
                        let (key, holder) = claim(row)?;
                        snapshot.claims.insert(key, Some(holder));
                    }
                }
                Part::Answer(key) => {
                    for row in rows {
                        snapshot.remembered.insert((*key).clone(), Some(remembered(row)?));
                    }
                }
                Part::Command => {
                    snapshot.committed = command.iter().map(|id| (*id, !rows.is_empty())).collect();
                }
            }
        }
        Ok(snapshot)
    }
}

fn rows(dialect: &dyn Dialect, kind: Kind, ids: Vec<Uuid>, values: &mut Values) -> Branch {
    let table = Table::new(dialect, kind);
    let among = dialect.among(&quoted(ROW, "id"), &values.ids(ids));
    let from =
        format!("FROM {} AS {ROW} WHERE {ROW}.organization_id = {ORGANIZATION} AND {among}", table.name());
    Branch { columns: table.selected(ROW), from }
}

fn set(dialect: &dyn Dialect, set: &SetQuery, values: &mut Values) -> Result<Branch, StoreError> {
    let table = Table::new(dialect, set.kind);
    Ok(Branch { columns: table.selected(ROW), from: members(dialect, set, values)? })
}

/// Where the rows of a set come from.
pub(crate) fn members(
    dialect: &dyn Dialect,
    set: &SetQuery,
    values: &mut Values,
) -> Result<String, StoreError> {
    let SetQuery { kind, equals: wanted, deleted } = set;
    let table = Table::new(dialect, *kind);
    let live = if *deleted { "IS NOT NULL" } else { "IS NULL" };
    let mut from = format!(
        "FROM {} AS {ROW} WHERE {ROW}.organization_id = {ORGANIZATION} AND {ROW}.deleted_at {live}",
        table.name()
    );
    for (field, value) in wanted {
        from.push_str(" AND ");
        from.push_str(&equals((table, ROW), *field, value, values)?);
    }
    Ok(from)
}

fn held<'k>(dialect: &dyn Dialect, keys: impl Iterator<Item = &'k UniqueKey>, values: &mut Values) -> Branch {
    let wanted: Vec<String> = keys
        .map(|key| {
            let [kind, field, value] = claim_values(key).map(|value| values.one(value));
            format!("({kind}, {field}, {value})")
        })
        .collect();
    let from = format!(
        "FROM {} AS {ROW} WHERE {ROW}.organization_id = {ORGANIZATION} AND ({ROW}.kind, {ROW}.field, {ROW}.value) IN \
         (VALUES {})",
        dialect.table(CLAIMS),
        wanted.join(", ")
    );
    let text = |name: &str| (quoted(ROW, name), Type::Text);
    Branch {
        columns: vec![text("kind"), text("field"), text("value"), (quoted(ROW, "holder"), Type::Uuid)],
        from,
    }
}

/// A unique key as its columns.
pub(crate) fn claim_values(key: &UniqueKey) -> [Value; 3] {
    let field = key.kind.describe(key.field).map_or("", |field| field.name);
    [Value::text(key.kind.name()), Value::text(field), Value::Text(key.value.clone())]
}

fn claim(row: Row) -> Result<(UniqueKey, Uuid), StoreError> {
    let read = || {
        let [kind, field, value, holder] = <[Value; 4]>::try_from(row).ok()?;
        let kind: Kind = kind.as_text()?.parse().ok()?;
        let (field, _) = kind.field(field.as_text()?)?;
        let Value::Text(value) = value else { return None };
        Some((UniqueKey { kind, field, value }, holder.as_uuid()?))
    };
    read().ok_or_else(|| StoreError::broken("a damaged claim of a unique key"))
}

/// An idempotency key as its columns: the actor, the operation, the key.
pub(crate) fn idempotency_values(key: &IdempotencyKey) -> Result<[Value; 3], StoreError> {
    let actor = match json(&key.actor)? {
        Value::Json(json) => Value::text(&json.canonical()),
        other => other,
    };
    Ok([actor, Value::text(&key.operation), Value::text(&key.key)])
}

fn answer(dialect: &dyn Dialect, key: &IdempotencyKey, values: &mut Values) -> Result<Branch, StoreError> {
    let [actor, operation, key] = idempotency_values(key)?.map(|value| values.one(value));
    let from = format!(
        "FROM {} AS {ROW} WHERE {ROW}.organization_id = {ORGANIZATION} AND {ROW}.actor = {actor} AND \
         {ROW}.operation = {operation} AND {ROW}.key = {key}",
        dialect.table(REMEMBERED)
    );
    let columns = ANSWER_COLUMNS.iter().map(|(name, of)| (dialect.read(&quoted(ROW, name), *of), *of));
    Ok(Branch { columns: columns.collect(), from })
}

fn remembered(row: Row) -> Result<Remembered, StoreError> {
    let mut cells = Cells::of(row, ANSWER_COLUMNS);
    let mut read =
        || Some(Remembered { digest: cells.text()?, answer: Json::new(cells.json()?), at: cells.instant()? });
    read().ok_or_else(|| StoreError::broken("a damaged remembered answer"))
}

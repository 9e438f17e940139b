//! Loading everything that a decision asks for, in one statement.
//!
//! Invariant: what was asked for is in the snapshot, present or absent.

use std::collections::BTreeSet;
use std::sync::Arc;

use crm_core::describe::{FieldId, FieldKind, Json, Kind, Value};
use crm_core::draft::{IdempotencyKey, ReadSet, Remembered, SetQuery, Snapshot, UniqueKey};
use crm_core::store::{StoreError, Tenant};
use crm_core::value::Uuid;

use crate::dialect::Dialect;
use crate::door::Row;
use crate::entry::{Cells, json};
use crate::filter::equals;
use crate::statement::{Branch, FEW, ORGANIZATION, Place, Union, Values};
use crate::table::{Table, quoted};
use crate::text::{Shape, Texts};
use crate::value::Type;

/// Who holds unique keys.
pub(crate) const CLAIMS: &str = "claim";
/// Answers that were given under an idempotency key.
pub(crate) const REMEMBERED: &str = "remembered";
/// Commands that were committed.
pub(crate) const COMMANDS: &str = "command";

/// The columns of a unique key and its holder.
pub(crate) const CLAIM_COLUMNS: &[(&str, Type)] =
    &[("kind", Type::Text), ("field", Type::Text), ("value", Type::Text), ("holder", Type::Uuid)];

/// The columns by which a remembered answer is found.
const ANSWER_KEY: &[(&str, Type)] = &[("actor", Type::Text), ("operation", Type::Text), ("key", Type::Text)];

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

/// The statements that were made so far.
static UNIONS: Texts<Union> = Texts::new();

/// A load on its way.
#[derive(Debug)]
pub(crate) struct Load<'w> {
    want: &'w ReadSet,
    parts: Vec<Part<'w>>,
    pub(crate) values: Values,
    pub(crate) union: Arc<Union>,
}

/// A load that is being put together.
struct Builder<'w, 'd> {
    dialect: &'d dyn Dialect,
    parts: Vec<Part<'w>>,
    values: Values,
    shape: Shape,
    /// The branches of the statement, if its text is wanted.
    branches: Option<Vec<Branch>>,
}

impl<'w> Load<'w> {
    pub(crate) fn of(dialect: &dyn Dialect, tenant: Tenant, want: &'w ReadSet) -> Result<Self, StoreError> {
        let Builder { parts, values, shape, .. } = Builder::of(dialect, tenant, want, None)?;
        let union = UNIONS.of(shape, || {
            let all = Builder::of(dialect, tenant, want, Some(Vec::new()))?;
            Ok(Union::of(dialect, &all.branches.unwrap_or_default()))
        })?;
        Ok(Self { want, parts, values, union })
    }

    /// Is there nothing to ask for?
    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The snapshot, from the rows of the statement.
    pub(crate) fn snapshot(&self, dialect: &dyn Dialect, rows: Vec<Row>) -> Result<Snapshot, StoreError> {
        let ReadSet { keys, referred, claims, sets: _, lists: _, idempotency, command } = self.want;
        let referring = referred.iter().map(|(key, _)| key);
        let mut snapshot = Snapshot {
            rows: keys.iter().chain(referring).map(|key| (*key, None)).collect(),
            claims: claims.iter().map(|key| (key.clone(), None)).collect(),
            sets: std::collections::BTreeMap::new(),
            lists: Vec::new(),
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
        for (key, field) in referred {
            if let Some(key) = snapshot.referred(*key, *field) {
                snapshot.rows.entry(key).or_insert(None);
            }
        }
        Ok(snapshot)
    }
}

impl<'w, 'd> Builder<'w, 'd> {
    fn of(
        dialect: &'d dyn Dialect,
        tenant: Tenant,
        want: &'w ReadSet,
        branches: Option<Vec<Branch>>,
    ) -> Result<Self, StoreError> {
        let ReadSet { keys, referred, claims, sets, lists: _, idempotency, command } = want;
        let (values, shape) = (Values::of(tenant), Shape::of(dialect));
        let mut build = Self { dialect, parts: Vec::new(), values, shape, branches };
        for kind in Kind::ALL {
            let referring = referred.iter().map(|(key, _)| key);
            let of_kind = keys.iter().chain(referring).filter(|key| key.kind == *kind);
            let ids: BTreeSet<Uuid> = of_kind.map(|key| key.id).collect();
            if !ids.is_empty() {
                build.rows(*kind, ids);
            }
        }
        let fields: BTreeSet<_> = referred.iter().map(|(key, field)| (key.kind, *field)).collect();
        for (kind, field) in fields {
            let of_field = referred.iter().filter(|(key, other)| key.kind == kind && *other == field);
            build.referred((kind, field), of_field.map(|(key, _)| key.id).collect())?;
        }
        for set in sets {
            build.set(set)?;
        }
        if !claims.is_empty() {
            build.claims(claims)?;
        }
        if let Some(key) = idempotency {
            build.answer(key)?;
        }
        if let Some(command) = command {
            build.command((*command).into());
        }
        Ok(build)
    }

    /// A part of the load, and the branch of the statement that answers it.
    fn part(&mut self, part: Part<'w>, branch: impl FnOnce(&'d dyn Dialect) -> Branch) {
        self.parts.push(part);
        if let Some(branches) = &mut self.branches {
            branches.push(branch(self.dialect));
        }
    }

    fn rows(&mut self, kind: Kind, ids: BTreeSet<Uuid>) {
        self.shape.part(b'k');
        self.shape.kind(kind);
        self.shape.rows(ids.len());
        let among = self.values.ids(ids);
        self.part(Part::Rows(kind), |dialect| {
            let table = Table::new(dialect, kind);
            let among = among.holds(dialect, &quoted(ROW, "id"));
            Branch { columns: table.selected(ROW), from: from(&table.name(), &among) }
        });
    }

    /// The records that a field of some records refers to.
    fn referred(&mut self, (kind, field): (Kind, FieldId), ids: BTreeSet<Uuid>) -> Result<(), StoreError> {
        let Some(FieldKind::Reference(to)) = kind.describe(field).map(|field| field.kind) else {
            return Ok(());
        };
        self.shape.part(b'r');
        self.shape.kind(kind);
        self.shape.field(field);
        self.shape.rows(ids.len());
        let (column, _) = Table::new(self.dialect, kind).field("r", field)?;
        let among = self.values.ids(ids);
        self.part(Part::Rows(to), |dialect| {
            let (referring, table) = (Table::new(dialect, kind).name(), Table::new(dialect, to));
            let among = among.holds(dialect, "r.id");
            let condition = format!(
                "{ROW}.id IN (SELECT {column} FROM {referring} AS r WHERE r.organization_id = {ORGANIZATION} AND {among})"
            );
            Branch { columns: table.selected(ROW), from: from(&table.name(), &condition) }
        });
        Ok(())
    }

    fn set(&mut self, set: &'w SetQuery) -> Result<(), StoreError> {
        self.shape.part(b's');
        self.shape.kind(set.kind);
        self.shape.part(u8::from(set.deleted));
        self.shape.part(u8::try_from(set.equals.len()).unwrap_or(u8::MAX));
        for (field, value) in &set.equals {
            self.shape.field(*field);
            self.shape.part(u8::from(value.is_null()));
        }
        let from = members(self.dialect, set, &mut self.values)?;
        self.part(Part::Set(set), |dialect| Branch {
            columns: Table::new(dialect, set.kind).selected(ROW),
            from,
        });
        Ok(())
    }

    fn claims(&mut self, keys: &'w BTreeSet<UniqueKey>) -> Result<(), StoreError> {
        self.shape.part(b'c');
        self.shape.rows(keys.len());
        let (mut few, mut many) = (Vec::new(), None);
        if keys.len() > FEW {
            let texts = keys.iter().map(|key| json(&claim_texts(key))).collect::<Result<Vec<_>, _>>()?;
            many = Some(self.values.many(Type::Text, texts));
        } else {
            few.extend(keys.iter().map(|key| claim_values(key).map(|value| self.values.one(value))));
        }
        self.part(Part::Claims, |dialect| {
            let wanted = many.map_or_else(
                || {
                    let row = |[kind, field, value]: &[Place; 3]| format!("({kind}, {field}, {value})");
                    format!("VALUES {}", few.iter().map(row).collect::<Vec<_>>().join(", "))
                },
                |place| dialect.triples(place),
            );
            let condition = format!("({ROW}.kind, {ROW}.field, {ROW}.value) IN ({wanted})");
            let text = |name: &str| (quoted(ROW, name), Type::Text);
            let holder = (quoted(ROW, "holder"), Type::Uuid);
            Branch {
                columns: vec![text("kind"), text("field"), text("value"), holder],
                from: from(&dialect.table(CLAIMS), &condition),
            }
        });
        Ok(())
    }

    fn answer(&mut self, key: &'w IdempotencyKey) -> Result<(), StoreError> {
        self.shape.part(b'a');
        let [actor, operation, text] = idempotency_values(key)?.map(|value| self.values.one(value));
        self.part(Part::Answer(key), |dialect| {
            let condition =
                format!("{ROW}.actor = {actor} AND {ROW}.operation = {operation} AND {ROW}.key = {text}");
            let columns =
                ANSWER_COLUMNS.iter().map(|(name, of)| (dialect.read(&quoted(ROW, name), *of), *of));
            Branch { columns: columns.collect(), from: from(&dialect.table(REMEMBERED), &condition) }
        });
        Ok(())
    }

    fn command(&mut self, id: Uuid) {
        self.shape.part(b'd');
        let id = self.values.one(Value::Uuid(id));
        self.part(Part::Command, |dialect| Branch {
            columns: vec![(format!("{ROW}.id"), Type::Uuid)],
            from: from(&dialect.table(COMMANDS), &format!("{ROW}.id = {id}")),
        });
    }
}

fn from(table: &str, condition: &str) -> String {
    format!("FROM {table} AS {ROW} WHERE {ROW}.organization_id = {ORGANIZATION} AND {condition}")
}

/// Where the rows of a set come from.
fn members(dialect: &dyn Dialect, set: &SetQuery, values: &mut Values) -> Result<String, StoreError> {
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

/// A unique key as its columns.
pub(crate) fn claim_values(key: &UniqueKey) -> [Value; 3] {
    claim_texts(key).map(Value::text)
}

fn claim_texts(key: &UniqueKey) -> [&str; 3] {
    [key.kind.name(), key.kind.describe(key.field).map_or("", |field| field.name), &key.value]
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
    Ok([json(&key.actor)?, Value::text(&key.operation), Value::text(&key.key)])
}

/// The columns of a remembered answer.
pub(crate) fn answer_columns() -> Vec<(&'static str, Type)> {
    ANSWER_KEY.iter().chain(ANSWER_COLUMNS).copied().collect()
}

/// What is remembered, in the order of [`ANSWER_COLUMNS`].
pub(crate) fn answer_values(answer: &Remembered) -> [Value; 3] {
    let Remembered { digest, answer, at } = answer;
    [Value::text(digest), Value::Json(answer.clone()), Value::Instant(*at)]
}

fn remembered(row: Row) -> Result<Remembered, StoreError> {
    let mut cells = Cells::of(row, ANSWER_COLUMNS);
    let mut read =
        || Some(Remembered { digest: cells.text()?, answer: Json::new(cells.json()?), at: cells.instant()? });
    read().ok_or_else(|| StoreError::broken("a damaged remembered answer"))
}

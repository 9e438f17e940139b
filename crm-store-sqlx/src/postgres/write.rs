//! The statement of a commit.
//!
//! Rows are locked kind by kind in the canonical order, and within a kind by id, so commits wait for each other in one
//! order and never in a circle. What a text names depends on the kinds that are written and on how many rows of each, up
//! to a few; so there are few texts, and a connection keeps them prepared.
//!
//! Invariant: every step that writes does so only if the guard found all expectations to hold under their locks.

use std::collections::BTreeSet;
use std::sync::Arc;

use crm_core::describe::{Kind, Record, Value};
use crm_core::draft::{ChangeSet, Parts, Remember, SetQuery};
use crm_core::store::{StoreError, Tenant};
use crm_core::value::Uuid;

use super::advisory::Lock;
use super::dialect::{Postgres, element, written};
use super::settled;
use super::work::{Held, Keys, Rows, claim_row, kinds_of_sets, query, takes_keys};
use crate::dialect::Dialect;
use crate::entry;
use crate::load::{
    ANSWER_COLUMNS, CLAIM_COLUMNS, CLAIMS, COMMANDS, REMEMBERED, answer_columns, answer_values,
    idempotency_values,
};
use crate::statement::{FEW, ORGANIZATION, Place, Values};
use crate::table::Table;
use crate::text::{Shape, Texts};
use crate::value::Type;

/// The statements that were made so far.
static STATEMENTS: Texts<String> = Texts::new();

const GUARD: &str = "(SELECT ok FROM guard)";

/// The statement of a commit.
pub(super) struct Statement {
    pub(super) text: Arc<String>,
    pub(super) values: Values,
    /// How many rows it writes.
    pub(super) written: i64,
    /// Must a collision of keys be expected, and undone? A pool undoes it by itself.
    pub(super) can_collide: bool,
}

/// A statement that is being put together.
struct Builder<'d> {
    dialect: &'d Postgres,
    values: Values,
    shape: Shape,
    /// The text, if it is wanted.
    text: Option<Text>,
    written: usize,
    can_collide: bool,
    has_sets: bool,
}

/// The parts of a text.
#[derive(Default)]
struct Text {
    /// Common table expressions, in order.
    steps: Vec<String>,
    /// Conditions that take locks, in the order in which they are taken.
    locks: Vec<String>,
    /// Conditions that are looked at under the locks.
    facts: Vec<String>,
    /// The names of the steps that write.
    writes: Vec<String>,
}

/// Rows of values as a table of the statement.
struct Given<'c> {
    columns: Vec<(&'c str, Type)>,
    places: Places,
}

enum Places {
    /// They stand in the text: a plan that is made once looks them up by their keys.
    Few(Vec<Vec<Place>>),
    /// Column by column, as arrays.
    Many(Vec<Place>),
}

impl Statement {
    pub(super) fn of(dialect: &Postgres, changes: &ChangeSet, alone: bool) -> Result<Self, StoreError> {
        let Builder { values, shape, written, can_collide, .. } = Builder::of(dialect, changes, alone, None)?;
        let text = STATEMENTS.of(shape, || {
            let Builder { text, has_sets, .. } = Builder::of(dialect, changes, alone, Some(Text::default()))?;
            Ok(text.unwrap_or_default().join(has_sets))
        })?;
        Ok(Self { text, values, written: i64::try_from(written).unwrap_or(i64::MAX), can_collide })
    }
}

impl Text {
    fn join(self, has_sets: bool) -> String {
        let Self { steps, writes, .. } = self;
        let written: Vec<String> = writes.iter().map(|name| format!("SELECT 1 FROM {name}")).collect();
        let repeatable =
            if has_sets { "current_setting('transaction_isolation') = 'repeatable read'" } else { "FALSE" };
        format!(
            "WITH {}\nSELECT ok, (SELECT count(*) FROM ({}) AS written), {repeatable} FROM guard",
            steps.join(",\n"),
            written.join(" UNION ALL ")
        )
    }

    fn guard(&mut self) {
        let all = |conditions: &[String]| {
            if conditions.is_empty() { "TRUE".to_owned() } else { conditions.join(" AND ") }
        };
        let (locks, facts) = (all(&self.locks), all(&self.facts));
        self.steps.push(format!(
            "guard AS MATERIALIZED (SELECT CASE WHEN {locks} THEN {facts} ELSE FALSE END AS ok)"
        ));
    }
}

impl Given<'_> {
    /// The table, under an alias.
    fn from(&self, alias: &str) -> String {
        let names: Vec<String> = self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let names = names.join(", ");
        match &self.places {
            Places::Few(rows) => {
                let cell = |((_, of), place): (&(&str, Type), &Place)| format!("{place}::{}", element(*of));
                let row = |row: &Vec<Place>| {
                    let cells: Vec<String> = self.columns.iter().zip(row).map(cell).collect();
                    format!("({})", cells.join(", "))
                };
                let rows: Vec<String> = rows.iter().map(row).collect();
                format!("(VALUES {}) AS {alias}({names})", rows.join(", "))
            }
            Places::Many(places) => {
                let columns = self.columns.iter().zip(places);
                let arrays: Vec<String> =
                    columns.map(|((_, of), place)| format!("{place}::{}[]", element(*of))).collect();
                format!("unnest({}) AS {alias}({names})", arrays.join(", "))
            }
        }
    }

    /// The start of a statement that adds them to a table.
    fn insert_into(&self, table: &str) -> String {
        let columns = self.columns.iter().filter(|(name, _)| *name != PLACE);
        let names: String = columns.clone().map(|(name, _)| format!(", \"{name}\"")).collect();
        let cells: String =
            columns.map(|(name, of)| format!(", {}", written(&format!("v.\"{name}\""), *of))).collect();
        let from = self.from("v");
        format!(
            "INSERT INTO {table} (organization_id{names}) SELECT {ORGANIZATION}{cells} FROM {from} WHERE {GUARD}"
        )
    }
}

/// Where a row stands among those that are added with it.
const PLACE: &str = "place";

impl<'d> Builder<'d> {
    fn of(
        dialect: &'d Postgres,
        changes: &ChangeSet,
        alone: bool,
        text: Option<Text>,
    ) -> Result<Self, StoreError> {
        let Parts { tenant, command, expect: _, sets, claims: _, writes: _, ledger, events, remember } =
            changes.parts();
        let (rows, keys) = (Rows::of(changes), Keys::of(changes));
        let mut build = Self {
            dialect,
            values: Values::of(*tenant),
            shape: Shape::of(dialect),
            text,
            written: 0,
            can_collide: alone || takes_keys(changes),
            has_sets: !sets.is_empty(),
        };
        for rows in &rows {
            build.expect(rows);
        }
        build.expect_keys(&keys);
        build.expect_answer(remember.as_ref())?;
        build.lock_sets(*tenant, kinds_of_sets(changes));
        for (set, seen) in sets {
            build.expect_set(set, seen.iter().copied())?;
        }
        if !events.is_empty() {
            build.announce(*tenant);
        }
        let command = build.expect_command((*command).into());
        if let Some(text) = &mut build.text {
            text.guard();
        }
        for rows in &rows {
            build.insert(rows.kind, &rows.new);
            build.update(rows.kind, &rows.old);
        }
        build.write_keys(keys);
        build.write_answer(remember.as_ref())?;
        let ledger = ledger.iter().map(entry::values).collect::<Result<Vec<_>, _>>()?;
        build.append(b'L', entry::TABLE, entry::COLUMNS.to_vec(), ledger);
        build.tell(events.iter().map(entry::event_values).collect::<Result<Vec<_>, _>>()?);
        build.write_command(command);
        Ok(build)
    }

    /// A part of the statement that depends on a kind and on how many rows there are.
    fn part(&mut self, part: u8, kind: Option<Kind>, rows: usize) {
        self.shape.part(part);
        kind.into_iter().for_each(|kind| self.shape.kind(kind));
        self.shape.rows(rows);
    }

    fn step(&mut self, step: impl FnOnce(&Postgres) -> String) {
        if let Some(text) = &mut self.text {
            text.steps.push(step(self.dialect));
        }
    }

    fn fact(&mut self, fact: impl FnOnce(&Postgres) -> String) {
        if let Some(text) = &mut self.text {
            text.facts.push(fact(self.dialect));
        }
    }

    /// All rows of a step that locks must be there.
    fn lock(&mut self, name: &str, count: usize) {
        let count = self.values.one(Value::Int(i64::try_from(count).unwrap_or(i64::MAX)));
        if let Some(text) = &mut self.text {
            text.locks.push(format!("(SELECT count(*) FROM lock_{name}) = {count}::bigint"));
        }
    }

    /// A step that writes so many rows.
    fn writing(&mut self, name: &str, rows: usize, step: impl FnOnce(&Postgres) -> String) {
        self.written += rows;
        if let Some(text) = &mut self.text {
            let name = format!("write_{name}");
            text.steps.push(format!("{name} AS ({} RETURNING 1)", step(self.dialect)));
            text.writes.push(name);
        }
    }

    fn given<'c>(&mut self, columns: Vec<(&'c str, Type)>, rows: Vec<Vec<Value>>) -> Given<'c> {
        let places = if rows.len() <= FEW {
            let row = |row: Vec<Value>| {
                let cells = columns.iter().zip(row);
                cells.map(|((_, of), value)| self.values.typed(*of, value)).collect()
            };
            Places::Few(rows.into_iter().map(row).collect())
        } else {
            let mut by_column: Vec<Vec<Value>> =
                columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
            for row in rows {
                by_column.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
            }
            let arrays = columns.iter().zip(by_column);
            Places::Many(arrays.map(|((_, of), values)| self.values.many(*of, values)).collect())
        };
        Given { columns, places }
    }

    /// Locks the expected rows of a kind.
    fn expect(&mut self, rows: &Rows<'_>) {
        let Rows { kind, absent, present, strength, new: _, old: _ } = rows;
        if !absent.is_empty() {
            self.part(b'a', Some(*kind), absent.len());
            let among = self.values.ids(absent.iter().copied());
            self.fact(|dialect| {
                let (table, among) = (dialect.table(kind.name()), among.holds(dialect, "t.id"));
                format!(
                    "NOT EXISTS (SELECT 1 FROM {table} AS t WHERE t.organization_id = {ORGANIZATION} AND {among})"
                )
            });
        }
        if present.is_empty() {
            return;
        }
        self.part(b'l', Some(*kind), present.len());
        strength.bytes().for_each(|byte| self.shape.part(byte));
        let known = |version: Option<u64>| version.map_or(Value::Null, entry::number);
        let (alive, strength) = ("t.deleted_at IS NULL", *strength);
        if let [(id, version)] = present[..] {
            // One row needs no step of its own.
            let (id, version) =
                (self.values.one(Value::Uuid(id)), self.values.typed(Type::Int, known(version)));
            if let Some(text) = &mut self.text {
                let table = self.dialect.table(kind.name());
                text.locks.push(format!(
                    "(SELECT t.id FROM {table} AS t WHERE t.organization_id = {ORGANIZATION} AND t.id = {id} AND \
                     CASE WHEN {version}::bigint IS NULL THEN {alive} ELSE t.version = {version}::bigint END \
                     FOR {strength} OF t) IS NOT NULL"
                ));
            }
            return;
        }
        let row = |(id, version): &(Uuid, Option<u64>)| vec![Value::Uuid(*id), known(*version)];
        let columns = vec![("id", Type::Uuid), ("version", Type::Int)];
        let given = self.given(columns, present.iter().map(row).collect());
        self.step(|dialect| {
            let (table, from) = (dialect.table(kind.name()), given.from("e"));
            format!(
                "lock_{kind} AS MATERIALIZED (SELECT t.id FROM {table} AS t JOIN {from} ON t.id = e.id \
                 WHERE t.organization_id = {ORGANIZATION} AND \
                 CASE WHEN e.version IS NULL THEN {alive} ELSE t.version = e.version END \
                 ORDER BY t.id FOR {strength} OF t)"
            )
        });
        self.lock(kind.name(), present.len());
    }

    fn expect_keys(&mut self, keys: &Keys<'_>) {
        let matching = "c.kind = e.kind AND c.field = e.field AND c.value = e.value";
        if !keys.free.is_empty() {
            let given = self.keys(b'f', keys.free.clone());
            self.fact(|dialect| {
                let (table, from) = (dialect.table(CLAIMS), given.from("e"));
                format!(
                    "NOT EXISTS (SELECT 1 FROM {table} AS c JOIN {from} ON {matching} \
                     WHERE c.organization_id = {ORGANIZATION})"
                )
            });
        }
        if !keys.held.is_empty() {
            let given = self.keys(b'h', keys.held.clone());
            self.step(|dialect| {
                let (table, from) = (dialect.table(CLAIMS), given.from("e"));
                format!(
                    "lock_claim AS MATERIALIZED (SELECT 1 FROM {table} AS c JOIN {from} ON {matching} \
                     WHERE c.organization_id = {ORGANIZATION} AND c.holder = e.holder \
                     ORDER BY c.kind, c.field, c.value FOR UPDATE OF c)"
                )
            });
            self.lock("claim", keys.held.len());
        }
    }

    /// Unique keys and who holds them, as a table.
    fn keys(&mut self, part: u8, keys: Vec<Held<'_>>) -> Given<'static> {
        self.part(part, None, keys.len());
        self.given(CLAIM_COLUMNS.to_vec(), keys.into_iter().map(claim_row).collect())
    }

    /// The condition that finds a remembered answer.
    fn answer_is(&mut self, remember: &Remember) -> Result<String, StoreError> {
        let [actor, operation, key] = idempotency_values(&remember.key)?.map(|value| self.values.one(value));
        Ok(format!(
            "r.organization_id = {ORGANIZATION} AND r.actor = {actor} AND r.operation = {operation} AND r.key = {key}"
        ))
    }

    fn expect_answer(&mut self, remember: Option<&Remember>) -> Result<(), StoreError> {
        // A new one is kept out by the key of the table, if it is there already.
        let Some((remember, old)) =
            remember.and_then(|remember| Some((remember, remember.replaces.as_ref()?)))
        else {
            return Ok(());
        };
        self.shape.part(b'r');
        let is_its = self.answer_is(remember)?;
        let digest = self.values.one(Value::text(&old.digest));
        let at = self.values.one(Value::Instant(old.at));
        self.step(|dialect| {
            let table = dialect.table(REMEMBERED);
            format!(
                "lock_answer AS MATERIALIZED (SELECT 1 FROM {table} AS r WHERE {is_its} AND r.digest = {digest} \
                 AND r.at = {at} FOR UPDATE)"
            )
        });
        self.lock("answer", 1);
        Ok(())
    }

    /// Commits that rest on sets of the same kind follow each other.
    fn lock_sets(&mut self, tenant: Tenant, kinds: BTreeSet<Kind>) {
        for kind in kinds {
            self.shape.part(b's');
            let class = self.values.one(Value::Int(Lock::Sets.class(self.dialect, tenant)));
            let kind = self.values.one(Value::Int(kind as i64));
            self.fact(|_| {
                format!("(SELECT pg_advisory_xact_lock({class}::bigint::int, {kind}::bigint::int)::text) IS NOT NULL")
            });
        }
    }

    /// The ids of a set are looked up by a function, which sees what was committed while this statement waited.
    fn expect_set(&mut self, set: &SetQuery, seen: impl Iterator<Item = Uuid>) -> Result<(), StoreError> {
        let (query, wanted) = query(self.dialect, set)?;
        self.shape.part(b'q');
        let query = self.values.one(Value::text(&query));
        let wanted = self.values.many(Type::Text, wanted);
        let seen = self.values.many(Type::Uuid, seen.map(Value::Uuid));
        self.fact(|dialect| {
            let function = dialect.table("members");
            format!("{function}({query}, {ORGANIZATION}, {wanted}::text[]) = {seen}::uuid[]")
        });
        Ok(())
    }

    /// Says that numbers of events are about to be drawn; see [`super::settled`].
    fn announce(&mut self, tenant: Tenant) {
        self.shape.part(b'm');
        let mark = settled::mark(self.dialect, tenant, &mut self.values);
        self.fact(|_| mark);
    }

    /// Where a collision would cost the host its transaction, and no savepoint is worth its round trips.
    fn expect_command(&mut self, id: Uuid) -> Place {
        let command = self.values.one(Value::Uuid(id));
        if !self.can_collide {
            self.shape.part(b'd');
            self.fact(|dialect| {
                let table = dialect.table(COMMANDS);
                format!(
                    "NOT EXISTS (SELECT 1 FROM {table} AS c WHERE c.organization_id = {ORGANIZATION} AND c.id = {command})"
                )
            });
        }
        command
    }

    fn write_command(&mut self, command: Place) {
        self.writing("command", 1, |dialect| {
            let table = dialect.table(COMMANDS);
            format!(
                "INSERT INTO {table} (organization_id, id) SELECT {ORGANIZATION}, {command} WHERE {GUARD}"
            )
        });
    }

    fn append(&mut self, part: u8, table: &str, columns: Vec<(&str, Type)>, rows: Vec<Vec<Value>>) {
        if rows.is_empty() {
            return;
        }
        let count = rows.len();
        self.part(part, None, count);
        let given = self.given(columns, rows);
        self.writing(table, count, |dialect| given.insert_into(&dialect.table(table)));
    }

    /// Events draw their numbers in order.
    fn tell(&mut self, rows: Vec<Vec<Value>>) {
        if rows.is_empty() {
            return;
        }
        let count = rows.len();
        self.part(b'E', None, count);
        let places = (0..).map(Value::Int);
        let rows = rows.into_iter().zip(places).map(|(row, place)| row.into_iter().chain([place]).collect());
        let columns = entry::EVENT_COLUMNS.iter().copied().chain([(PLACE, Type::Int)]).collect();
        let given = self.given(columns, rows.collect());
        self.writing(entry::EVENTS, count, |dialect| {
            format!("{} ORDER BY v.{PLACE}", given.insert_into(&dialect.table(entry::EVENTS)))
        });
    }

    fn insert(&mut self, kind: Kind, records: &[&Record]) {
        let columns = Table::new(self.dialect, kind).columns();
        let row =
            |record: &&Record| columns.iter().map(|column| Table::value(record, column.source)).collect();
        let names = columns.iter().map(|column| (&*column.name, column.of)).collect();
        if !records.is_empty() {
            self.shape.kind(kind);
            self.append(b'i', kind.name(), names, records.iter().map(row).collect());
        }
    }

    fn update(&mut self, kind: Kind, records: &[&Record]) {
        if records.is_empty() {
            return;
        }
        self.part(b'u', Some(kind), records.len());
        let columns = Table::new(self.dialect, kind).columns();
        let row =
            |record: &&Record| columns.iter().map(|column| Table::value(record, column.source)).collect();
        let names = columns.iter().map(|column| (&*column.name, column.of)).collect();
        let given = self.given(names, records.iter().map(row).collect());
        self.writing(&format!("{kind}_change"), records.len(), |dialect| {
            let set = given.columns.iter().filter(|(name, _)| *name != "id");
            let set: Vec<String> = set
                .map(|(name, of)| format!("\"{name}\" = {}", written(&format!("v.\"{name}\""), *of)))
                .collect();
            format!(
                "UPDATE {} AS t SET {} FROM {} WHERE t.organization_id = {ORGANIZATION} AND t.id = v.id AND {GUARD}",
                dialect.table(kind.name()),
                set.join(", "),
                given.from("v")
            )
        });
    }

    fn write_keys(&mut self, keys: Keys<'_>) {
        let Keys { free: _, held: _, gone, moved, new } = keys;
        let matching = format!(
            "c.organization_id = {ORGANIZATION} AND c.kind = e.kind AND c.field = e.field AND c.value = e.value \
             AND {GUARD}"
        );
        if !gone.is_empty() {
            let count = gone.len();
            let given = self.keys(b'g', gone);
            self.writing("claim_gone", count, |dialect| {
                format!(
                    "DELETE FROM {} AS c USING {} WHERE {matching}",
                    dialect.table(CLAIMS),
                    given.from("e")
                )
            });
        }
        if !moved.is_empty() {
            let count = moved.len();
            let given = self.keys(b'v', moved);
            self.writing("claim_moved", count, |dialect| {
                let (table, from) = (dialect.table(CLAIMS), given.from("e"));
                format!("UPDATE {table} AS c SET holder = e.holder FROM {from} WHERE {matching}")
            });
        }
        self.append(b'n', CLAIMS, CLAIM_COLUMNS.to_vec(), new.into_iter().map(claim_row).collect());
    }

    fn write_answer(&mut self, remember: Option<&Remember>) -> Result<(), StoreError> {
        let Some(remember) = remember else { return Ok(()) };
        let answer = answer_values(&remember.entry);
        if remember.replaces.is_none() {
            let columns = answer_columns();
            let row = idempotency_values(&remember.key)?.into_iter().chain(answer).collect();
            self.append(b'w', REMEMBERED, columns, vec![row]);
            return Ok(());
        }
        self.shape.part(b'x');
        let is_its = self.answer_is(remember)?;
        let set = ANSWER_COLUMNS.iter().zip(answer).map(|((name, of), value)| {
            let place = self.values.one(value);
            format!("\"{name}\" = {}", written(&place.to_string(), *of))
        });
        let set = set.collect::<Vec<_>>().join(", ");
        self.writing(REMEMBERED, 1, |dialect| {
            format!("UPDATE {} AS r SET {set} WHERE {is_its} AND {GUARD}", dialect.table(REMEMBERED))
        });
        Ok(())
    }
}

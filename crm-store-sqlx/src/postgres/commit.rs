//! Committing on PostgreSQL: one statement that locks, checks and writes.
//!
//! Rows are locked kind by kind in the canonical order, and within a kind by id, so commits wait for each other in one
//! order and never in a circle. Which columns a text names depends on the kinds that are written, so there are few texts,
//! and a connection keeps them prepared.
//!
//! Invariant: nothing is written unless every expectation holds while its lock is held, and what was written is counted.

use std::collections::BTreeSet;

use async_trait::async_trait;
use crm_core::describe::{Key, Kind, Record, Value};
use crm_core::draft::{ChangeSet, Claim, Expect, Parts, Remember, SetQuery, UniqueKey};
use crm_core::store::{Commit, StoreError, Tenant};
use crm_core::value::Uuid;

use super::advisory::Lock;
use super::dialect::{Postgres, element, type_name, written};
use super::settled;
use crate::dialect::Dialect;
use crate::door::{DoorError, Row};
use crate::entry;
use crate::load::{ANSWER_COLUMNS, CLAIMS, COMMANDS, REMEMBERED, claim_values, idempotency_values};
use crate::statement::{ORGANIZATION, Values};
use crate::store::{Backend, Failure, Gate};
use crate::table::{Source, Table};
use crate::value::Type;

#[async_trait]
impl Backend for Postgres {
    async fn commit(&self, gate: &mut Gate<'_>, changes: &ChangeSet) -> Result<Commit, Failure> {
        let Statement { text, values, written, can_collide } = Statement::of(self, changes, gate.alone)?;
        if can_collide {
            gate.savepoint().await?;
        }
        match gate.run(&text, values.as_slice()).await {
            Ok(rows) => {
                if can_collide {
                    gate.release().await?;
                }
                match verdict(&rows)? {
                    Verdict::Written(count) if count == written => return Ok(Commit::Applied),
                    Verdict::Written(count) => {
                        let text = format!("a commit of {written} rows wrote {count}");
                        return Err(StoreError::broken(text).into());
                    }
                    Verdict::Stale => {}
                }
            }
            Err(DoorError::Taken(_)) if can_collide => gate.rollback_to().await?,
            // Nothing was written, and the next decision may be luckier.
            Err(DoorError::GaveWay(_)) if gate.alone => {}
            Err(error) => return Err(error.into()),
        }
        // What exactly has changed is looked up only now, because it is seldom asked.
        let now = gate.load(self, changes.parts().tenant, &changes.rests_on()).await?;
        Ok(Commit::Conflict(changes.conflicts(&now)))
    }

    async fn settled(&self, gate: &mut Gate<'_>, tenant: Tenant) -> Result<Option<i64>, Failure> {
        settled::up_to(self, gate, tenant).await.map(Some)
    }
}

enum Verdict {
    Written(i64),
    Stale,
}

fn verdict(rows: &[Row]) -> Result<Verdict, StoreError> {
    match rows.first().map(Vec::as_slice) {
        Some([Value::Bool(true), Value::Int(count), _]) => Ok(Verdict::Written(*count)),
        Some([Value::Bool(false), _, Value::Bool(true)]) => Err(StoreError::broken(
            "a transaction at REPEATABLE READ cannot see whether a set of rows still holds; \
             READ COMMITTED and SERIALIZABLE can",
        )),
        Some([Value::Bool(false), ..]) => Ok(Verdict::Stale),
        _ => Err(StoreError::broken("a commit without an answer")),
    }
}

/// The statement of a commit.
struct Statement {
    text: String,
    values: Values,
    /// How many rows it writes.
    written: i64,
    /// Must a collision of keys be expected, and undone? A pool undoes it by itself.
    can_collide: bool,
}

/// A statement being put together.
struct Builder<'d> {
    dialect: &'d Postgres,
    values: Values,
    /// Common table expressions, in order.
    steps: Vec<String>,
    /// Conditions that take locks, in the order in which they are taken.
    locks: Vec<String>,
    /// Conditions that are looked at under the locks.
    facts: Vec<String>,
    /// The names of the steps that write.
    writes: Vec<String>,
    written: usize,
    can_collide: bool,
}

const GUARD: &str = "(SELECT ok FROM guard)";

impl Statement {
    fn of(dialect: &Postgres, changes: &ChangeSet, alone: bool) -> Result<Self, StoreError> {
        let Parts { tenant, command, expect, sets, claims, writes, ledger, events, remember } =
            changes.parts();
        let writes_keys = expect.values().any(|expect| *expect == Expect::Absent)
            || claims.values().any(|claim| claim.was.is_none())
            || remember.as_ref().is_some_and(|remember| remember.replaces.is_none());
        let mut build = Builder {
            dialect,
            values: Values::of(*tenant),
            steps: Vec::new(),
            locks: Vec::new(),
            facts: Vec::new(),
            writes: Vec::new(),
            written: 0,
            can_collide: alone || writes_keys,
        };
        for kind in Kind::ALL {
            let of_kind = |key: &Key| key.kind == *kind;
            let expected: Vec<_> = expect.iter().filter(|(key, _)| of_kind(key)).collect();
            let written: Vec<_> = writes.iter().filter(|(key, _)| of_kind(key)).map(|(_, row)| row).collect();
            build.expect(*kind, &expected, &written);
        }
        build.expect_claims(claims.iter());
        build.expect_answer(remember.as_ref())?;
        build.lock_sets(*tenant, sets.keys().map(|set| set.kind));
        for (set, seen) in sets {
            build.expect_set(set, seen.iter().copied())?;
        }
        if !events.is_empty() {
            let mark = settled::mark(dialect, *tenant, &mut build.values);
            build.facts.push(mark);
        }
        let command = build.values.one(Value::Uuid((*command).into()));
        let commands = dialect.table(COMMANDS);
        if !build.can_collide {
            // Where a collision would cost the host its transaction, and no savepoint is worth its round trips.
            build.facts.push(format!(
                "NOT EXISTS (SELECT 1 FROM {commands} AS c WHERE c.organization_id = {ORGANIZATION} AND c.id = {command})"
            ));
        }
        build.guard();
        for kind in Kind::ALL {
            let of_kind = writes.iter().filter(|(key, _)| key.kind == *kind);
            let (new, old): (Vec<_>, Vec<_>) =
                of_kind.partition(|(key, _)| expect.get(key) == Some(&Expect::Absent));
            build.insert(*kind, &new.into_iter().map(|(_, row)| row).collect::<Vec<_>>());
            build.update(*kind, &old.into_iter().map(|(_, row)| row).collect::<Vec<_>>());
        }
        build.write_claims(claims.iter());
        build.write_answer(remember.as_ref())?;
        let ledger = ledger.iter().map(entry::values).collect::<Result<Vec<_>, _>>()?;
        build.append(entry::TABLE, entry::COLUMNS, ledger);
        build.tell(events.iter().map(entry::event_values).collect::<Result<Vec<_>, _>>()?);
        build.written += 1;
        build.writing(
            "command",
            &format!("INSERT INTO {commands} (organization_id, id) SELECT {ORGANIZATION}, {command} WHERE {GUARD} RETURNING 1"),
        );
        Ok(build.finish(!sets.is_empty()))
    }
}

impl Builder<'_> {
    fn array(&mut self, of: Type, values: impl IntoIterator<Item = Value>) -> String {
        format!("{}::{}[]", self.values.many(of, values), element(of))
    }

    fn ids(&mut self, ids: impl IntoIterator<Item = Uuid>) -> String {
        self.array(Type::Uuid, ids.into_iter().map(Value::Uuid))
    }

    /// Locks the expected rows of a kind, as strongly as the strongest of them needs: one lock a kind keeps the order.
    fn expect(&mut self, kind: Kind, expected: &[(&Key, &Expect)], written: &[&Record]) {
        let table = self.dialect.table(kind.name());
        // A row that is written is kept out by the key of the table, if it is there already.
        let is_absent = |key: &Key, expect: Expect| {
            expect == Expect::Absent && !written.iter().any(|record| record.id() == key.id)
        };
        let absent = expected.iter().filter(|(key, expect)| is_absent(key, **expect));
        let absent: Vec<Uuid> = absent.map(|(key, _)| key.id).collect();
        if !absent.is_empty() {
            let ids = self.ids(absent);
            self.facts.push(format!(
                "NOT EXISTS (SELECT 1 FROM {table} AS t WHERE t.organization_id = {ORGANIZATION} AND t.id = ANY({ids}))"
            ));
        }
        let present: Vec<_> = expected.iter().filter(|(_, expect)| **expect != Expect::Absent).collect();
        if present.is_empty() {
            return;
        }
        let strength = strength(&present, written);
        let ids = self.ids(present.iter().map(|(key, _)| key.id));
        let versions = present.iter().map(|(_, expect)| match expect {
            Expect::Version(version) => entry::number(*version),
            Expect::Present | Expect::Absent => Value::Null,
        });
        let versions = self.array(Type::Int, versions);
        self.steps.push(format!(
            "lock_{kind} AS MATERIALIZED (SELECT t.id FROM {table} AS t JOIN unnest({ids}, {versions}) AS e(id, version) \
             ON t.id = e.id WHERE t.organization_id = {ORGANIZATION} AND \
             CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END \
             ORDER BY t.id FOR {strength} OF t)"
        ));
        self.locks.push(format!("(SELECT count(*) FROM lock_{kind}) = cardinality({ids})"));
    }

    fn claim_arrays<'k>(&mut self, keys: impl Iterator<Item = &'k UniqueKey>) -> [String; 3] {
        let (mut kinds, mut fields, mut texts) = (Vec::new(), Vec::new(), Vec::new());
        for key in keys {
            let [kind, field, text] = claim_values(key);
            kinds.push(kind);
            fields.push(field);
            texts.push(text);
        }
        [kinds, fields, texts].map(|values| self.array(Type::Text, values))
    }

    fn expect_claims<'k>(&mut self, claims: impl Iterator<Item = (&'k UniqueKey, &'k Claim)>) {
        let table = self.dialect.table(CLAIMS);
        let matching = "c.kind = e.kind AND c.field = e.field AND c.value = e.value";
        let (held, free): (Vec<_>, Vec<_>) = claims.partition(|(_, claim)| claim.was.is_some());
        // One that is taken is kept out by the key of the table, if somebody has it already.
        let free: Vec<_> = free.into_iter().filter(|(_, claim)| claim.now.is_none()).collect();
        if !free.is_empty() {
            let [kinds, fields, texts] = self.claim_arrays(free.iter().map(|(key, _)| *key));
            self.facts.push(format!(
                "NOT EXISTS (SELECT 1 FROM {table} AS c JOIN unnest({kinds}, {fields}, {texts}) AS e(kind, field, value) \
                 ON {matching} WHERE c.organization_id = {ORGANIZATION})"
            ));
        }
        if !held.is_empty() {
            let [kinds, fields, texts] = self.claim_arrays(held.iter().map(|(key, _)| *key));
            let holders = self.ids(held.iter().filter_map(|(_, claim)| claim.was));
            self.steps.push(format!(
                "lock_claim AS MATERIALIZED (SELECT 1 FROM {table} AS c \
                 JOIN unnest({kinds}, {fields}, {texts}, {holders}) AS e(kind, field, value, holder) ON {matching} \
                 WHERE c.organization_id = {ORGANIZATION} AND c.holder = e.holder \
                 ORDER BY c.kind, c.field, c.value FOR UPDATE OF c)"
            ));
            self.locks.push(format!("(SELECT count(*) FROM lock_claim) = cardinality({kinds})"));
        }
    }

    fn answer_is(&mut self, remember: &Remember) -> Result<String, StoreError> {
        let [actor, operation, key] = idempotency_values(&remember.key)?.map(|value| self.values.one(value));
        Ok(format!(
            "r.organization_id = {ORGANIZATION} AND r.actor = {actor} AND r.operation = {operation} AND r.key = {key}"
        ))
    }

    fn expect_answer(&mut self, remember: Option<&Remember>) -> Result<(), StoreError> {
        let Some(remember) = remember else { return Ok(()) };
        match &remember.replaces {
            // The key of the table sees to that.
            None => {}
            Some(old) => {
                let table = self.dialect.table(REMEMBERED);
                let is_its = self.answer_is(remember)?;
                let digest = self.values.one(Value::text(&old.digest));
                let at = self.values.one(Value::Instant(old.at));
                self.steps.push(format!(
                    "lock_answer AS MATERIALIZED (SELECT 1 FROM {table} AS r WHERE {is_its} AND r.digest = {digest} \
                     AND r.at = {at} FOR UPDATE)"
                ));
                self.locks.push("(SELECT count(*) FROM lock_answer) = 1".to_owned());
            }
        }
        Ok(())
    }

    /// Commits that rest on sets of the same kind follow each other.
    fn lock_sets(&mut self, tenant: Tenant, kinds: impl Iterator<Item = Kind>) {
        for kind in kinds.collect::<BTreeSet<_>>() {
            let class = self.values.one(Value::Int(Lock::Sets.class(self.dialect, tenant)));
            let kind = self.values.one(Value::Int(kind as i64));
            self.facts.push(format!(
                "(SELECT pg_advisory_xact_lock({class}::bigint::int, {kind}::bigint::int)::text) IS NOT NULL"
            ));
        }
    }

    /// The ids of a set are looked up by a function, which sees what was committed while this statement waited.
    fn expect_set(&mut self, set: &SetQuery, seen: impl Iterator<Item = Uuid>) -> Result<(), StoreError> {
        let SetQuery { kind, equals, deleted } = set;
        let table = Table::new(self.dialect, *kind);
        let live = if *deleted { "IS NOT NULL" } else { "IS NULL" };
        let mut query = format!(
            "SELECT coalesce(array_agg(t.id ORDER BY t.id), '{{}}') FROM {} AS t \
             WHERE t.organization_id = $1 AND t.deleted_at {live}",
            table.name()
        );
        let mut wanted = Vec::new();
        for (field, value) in equals {
            let (column, of) = table.field("t", *field)?;
            if value.is_null() {
                query.push_str(&format!(" AND {column} IS NULL"));
            } else {
                wanted.push(Value::text(&value.to_string()));
                query.push_str(&format!(" AND {column} = ($2)[{}]::{}", wanted.len(), type_name(of)));
            }
        }
        let function = self.dialect.table("members");
        let query = self.values.one(Value::text(&query));
        let wanted = self.array(Type::Text, wanted);
        let seen = self.ids(seen);
        self.facts.push(format!("{function}({query}, {ORGANIZATION}, {wanted}) = {seen}"));
        Ok(())
    }

    fn guard(&mut self) {
        let locks = if self.locks.is_empty() { "TRUE".to_owned() } else { self.locks.join(" AND ") };
        let facts = if self.facts.is_empty() { "TRUE".to_owned() } else { self.facts.join(" AND ") };
        self.steps.push(format!(
            "guard AS MATERIALIZED (SELECT CASE WHEN {locks} THEN {facts} ELSE FALSE END AS ok)"
        ));
    }

    fn writing(&mut self, name: &str, text: &str) {
        let name = format!("write_{name}");
        self.steps.push(format!("{name} AS ({text})"));
        self.writes.push(name);
    }

    /// Rows as the columns of a table function, and how they are written.
    fn unnested(&mut self, columns: &[(&str, Type)], rows: Vec<Vec<Value>>) -> (String, Vec<String>) {
        let mut by_column: Vec<Vec<Value>> = columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
        for row in rows {
            by_column.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        }
        let arrays: Vec<String> =
            columns.iter().zip(by_column).map(|((_, of), values)| self.array(*of, values)).collect();
        let names: Vec<String> = columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let cells = columns.iter().map(|(name, of)| written(&format!("v.\"{name}\""), *of));
        (format!("unnest({}) AS v({})", arrays.join(", "), names.join(", ")), cells.collect())
    }

    fn append(&mut self, table: &str, columns: &[(&str, Type)], rows: Vec<Vec<Value>>) {
        if rows.is_empty() {
            return;
        }
        self.written += rows.len();
        let (from, written) = self.unnested(columns, rows);
        let names: Vec<String> = columns.iter().map(|(name, _)| format!(", \"{name}\"")).collect();
        let text = format!(
            "INSERT INTO {} (organization_id{}) SELECT {ORGANIZATION}, {} FROM {from} WHERE {GUARD} RETURNING 1",
            self.dialect.table(table),
            names.concat(),
            written.join(", ")
        );
        self.writing(table, &text);
    }

    /// Events draw their numbers in order, behind a mark that says a commit is on its way; see [`super::settled`].
    fn tell(&mut self, rows: Vec<Vec<Value>>) {
        if rows.is_empty() {
            return;
        }
        self.written += rows.len();
        let (columns, table) = (entry::EVENT_COLUMNS, self.dialect.table(entry::EVENTS));
        let (from, written) = self.unnested(columns, rows);
        let from = from.replacen(" AS v(", " WITH ORDINALITY AS v(", 1);
        let from = format!("{}, place)", from.trim_end_matches(')'));
        let names: Vec<String> = columns.iter().map(|(name, _)| format!(", \"{name}\"")).collect();
        let text = format!(
            "INSERT INTO {table} (organization_id{}) SELECT {ORGANIZATION}, {} FROM {from} WHERE {GUARD} \
             ORDER BY v.place RETURNING 1",
            names.concat(),
            written.join(", ")
        );
        self.writing(entry::EVENTS, &text);
    }

    fn insert(&mut self, kind: Kind, records: &[&Record]) {
        if records.is_empty() {
            return;
        }
        let columns = Table::new(self.dialect, kind).columns();
        let names: Vec<_> = columns.iter().map(|column| (&*column.name, column.of)).collect();
        let row =
            |record: &&Record| columns.iter().map(|column| Table::value(record, column.source)).collect();
        self.append(kind.name(), &names, records.iter().map(row).collect());
    }

    fn update(&mut self, kind: Kind, records: &[&Record]) {
        if records.is_empty() {
            return;
        }
        self.written += records.len();
        let table = Table::new(self.dialect, kind);
        let columns = table.columns();
        let names: Vec<_> = columns.iter().map(|column| (&*column.name, column.of)).collect();
        let row =
            |record: &&Record| columns.iter().map(|column| Table::value(record, column.source)).collect();
        let (from, written) = self.unnested(&names, records.iter().map(row).collect());
        let set = columns.iter().zip(written).filter(|(column, _)| column.source != Source::Id);
        let set: Vec<String> = set.map(|(column, value)| format!("\"{}\" = {value}", column.name)).collect();
        let text = format!(
            "UPDATE {} AS t SET {} FROM {from} WHERE t.organization_id = {ORGANIZATION} AND t.id = v.id AND {GUARD} \
             RETURNING 1",
            table.name(),
            set.join(", ")
        );
        self.writing(&format!("{kind}_change"), &text);
    }

    fn write_claims<'k>(&mut self, claims: impl Iterator<Item = (&'k UniqueKey, &'k Claim)>) {
        let table = self.dialect.table(CLAIMS);
        let (mut new, mut moved, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        for (key, claim) in claims {
            match (claim.was, claim.now) {
                (None, Some(holder)) => new.push((key, holder)),
                (Some(was), Some(holder)) if was != holder => moved.push((key, holder)),
                (Some(_), None) => gone.push(key),
                _ => {}
            }
        }
        self.written += moved.len() + gone.len();
        let matching = format!(
            "c.organization_id = {ORGANIZATION} AND c.kind = e.kind AND c.field = e.field AND c.value = e.value \
             AND {GUARD} RETURNING 1"
        );
        if !gone.is_empty() {
            let [kinds, fields, texts] = self.claim_arrays(gone.into_iter());
            let from = format!("unnest({kinds}, {fields}, {texts}) AS e(kind, field, value)");
            self.writing("claim_gone", &format!("DELETE FROM {table} AS c USING {from} WHERE {matching}"));
        }
        if !moved.is_empty() {
            let holders = self.ids(moved.iter().map(|(_, holder)| *holder));
            let [kinds, fields, texts] = self.claim_arrays(moved.iter().map(|(key, _)| *key));
            let from =
                format!("unnest({kinds}, {fields}, {texts}, {holders}) AS e(kind, field, value, holder)");
            let text = format!("UPDATE {table} AS c SET holder = e.holder FROM {from} WHERE {matching}");
            self.writing("claim_moved", &text);
        }
        if !new.is_empty() {
            let columns =
                [("kind", Type::Text), ("field", Type::Text), ("value", Type::Text), ("holder", Type::Uuid)];
            let row = |(key, holder)| claim_values(key).into_iter().chain([Value::Uuid(holder)]).collect();
            self.append(CLAIMS, &columns, new.into_iter().map(row).collect());
        }
    }

    fn write_answer(&mut self, remember: Option<&Remember>) -> Result<(), StoreError> {
        let Some(remember) = remember else { return Ok(()) };
        let entry = &remember.entry;
        let answer =
            [Value::text(&entry.digest), Value::Json(entry.answer.clone()), Value::Instant(entry.at)];
        if remember.replaces.is_none() {
            let key = [("actor", Type::Text), ("operation", Type::Text), ("key", Type::Text)];
            let columns: Vec<_> = key.iter().chain(ANSWER_COLUMNS).copied().collect();
            let row = idempotency_values(&remember.key)?.into_iter().chain(answer).collect();
            self.append(REMEMBERED, &columns, vec![row]);
            return Ok(());
        }
        self.written += 1;
        let is_its = self.answer_is(remember)?;
        let set: Vec<String> = ANSWER_COLUMNS
            .iter()
            .zip(answer)
            .map(|((name, of), value)| {
                let place = self.values.one(value);
                format!("\"{name}\" = {}", written(&place, *of))
            })
            .collect();
        let table = self.dialect.table(REMEMBERED);
        let text =
            format!("UPDATE {table} AS r SET {} WHERE {is_its} AND {GUARD} RETURNING 1", set.join(", "));
        self.writing(REMEMBERED, &text);
        Ok(())
    }

    fn finish(self, has_sets: bool) -> Statement {
        let counts: Vec<String> =
            self.writes.iter().map(|name| format!("(SELECT count(*) FROM {name})")).collect();
        let repeatable =
            if has_sets { "current_setting('transaction_isolation') = 'repeatable read'" } else { "FALSE" };
        let text = format!(
            "WITH {}\nSELECT ok, {}, {repeatable} FROM guard",
            self.steps.join(",\n"),
            counts.join(" + ")
        );
        Statement {
            text,
            values: self.values,
            written: i64::try_from(self.written).unwrap_or(i64::MAX),
            can_collide: self.can_collide,
        }
    }
}

/// A row that is deleted or comes back is locked against whoever only rests on its presence, too.
fn strength(present: &[&(&Key, &Expect)], written: &[&Record]) -> &'static str {
    if written.is_empty() {
        let only_present = present.iter().all(|(_, expect)| **expect == Expect::Present);
        return if only_present { "KEY SHARE" } else { "SHARE" };
    }
    let is_old = |row: &&&Record| present.iter().any(|(key, _)| key.id == row.id());
    let old: Vec<_> = written.iter().filter(is_old).collect();
    if old.iter().any(|row| !row.is_live()) {
        "UPDATE"
    } else if old.is_empty() {
        "SHARE"
    } else {
        "NO KEY UPDATE"
    }
}

//! Committing on SQLite: look under the write lock, then write row by row.
//!
//! Invariant: what was looked at cannot change before it is written, because nobody else writes meanwhile.

use async_trait::async_trait;
use crm_core::describe::{Record, Value};
use crm_core::draft::{ChangeSet, Claim, Expect, Parts, Remember, Snapshot, UniqueKey};
use crm_core::ledger::LedgerEntry;
use crm_core::store::{Commit, StoreError, Tenant};

use super::dialect::Sqlite;
use crate::dialect::Dialect;
use crate::entry;
use crate::load::{
    CLAIM_COLUMNS, CLAIMS, COMMANDS, REMEMBERED, answer_columns, answer_values, claim_values,
    idempotency_values,
};
use crate::statement::{ORGANIZATION, Values};
use crate::store::{Backend, Failure, Gate};
use crate::table::Table;

/// Values in one text; SQLite takes no more than 32,766.
const MOST_VALUES: usize = 16_000;

#[async_trait]
impl Backend for Sqlite {
    async fn commit(&self, gate: &mut Gate<'_>, changes: &ChangeSet) -> Result<Commit, Failure> {
        gate.savepoint().await?;
        let outcome = write(self, gate, changes).await;
        match outcome {
            Ok(conflicts) if conflicts.is_empty() => {
                gate.release().await?;
                Ok(Commit::Applied)
            }
            Ok(conflicts) => {
                gate.rollback_to().await?;
                Ok(Commit::Conflict(conflicts))
            }
            Err(failure) => {
                gate.rollback_to().await?;
                Err(failure)
            }
        }
    }

    /// One transaction writes at a time.
    async fn settled(&self, _: &mut Gate<'_>, _: Tenant) -> Result<Option<i64>, Failure> {
        Ok(None)
    }
}

/// Writes everything if every expectation holds; else gives those that do not.
async fn write(
    dialect: &Sqlite,
    gate: &mut Gate<'_>,
    changes: &ChangeSet,
) -> Result<Vec<crm_core::store::Conflict>, Failure> {
    let tenant = changes.parts().tenant;
    let now = gate.load(dialect, tenant, &changes.rests_on()).await?;
    let conflicts = changes.conflicts(&now);
    if conflicts.is_empty() {
        for Script { texts, values } in scripts(dialect, changes, &now)? {
            gate.run(&texts.join(";\n"), values.as_slice()).await?;
        }
    }
    Ok(conflicts)
}

/// Some statements, and the values of all of them.
struct Script {
    texts: Vec<String>,
    values: Values,
}

impl Script {
    fn of(tenant: Tenant) -> Self {
        Self { texts: Vec::new(), values: Values::of(tenant) }
    }

    /// Adds a row to a table.
    fn insert<'c>(
        &mut self,
        table: &str,
        columns: impl Iterator<Item = &'c str>,
        values: impl IntoIterator<Item = Value>,
    ) {
        let columns: Vec<String> = columns.map(|column| format!(", \"{column}\"")).collect();
        let places: Vec<String> =
            values.into_iter().map(|value| format!(", {}", self.values.one(value))).collect();
        self.texts.push(format!(
            "INSERT INTO {table} (organization_id{}) VALUES ({ORGANIZATION}{})",
            columns.concat(),
            places.concat()
        ));
    }
}

/// The writes, of records that stand as they were found now.
fn scripts(dialect: &Sqlite, changes: &ChangeSet, now: &Snapshot) -> Result<Vec<Script>, StoreError> {
    let Parts { tenant, command, expect, sets: _, claims, writes, ledger, events, remember } =
        changes.parts();
    let mut done = Vec::new();
    let mut script = Script::of(*tenant);
    let mut next = |script: &mut Script| {
        if script.values.as_slice().len() > MOST_VALUES {
            done.push(std::mem::replace(script, Script::of(*tenant)));
        }
    };
    let id = Value::Uuid((*command).into());
    script.insert(&dialect.table(COMMANDS), ["id"].into_iter(), [id]);
    for (key, claim) in claims {
        next(&mut script);
        write_claim(&mut script, dialect, key, *claim);
    }
    for (key, record) in writes {
        next(&mut script);
        let table = Table::new(dialect, key.kind);
        if expect.get(key) == Some(&Expect::Absent) {
            insert_record(&mut script, table, record);
        } else {
            update_record(&mut script, table, record, now.rows.get(key).and_then(Option::as_ref));
        }
    }
    for entry in ledger {
        next(&mut script);
        append(&mut script, dialect, entry)?;
    }
    for event in events {
        next(&mut script);
        let columns = entry::EVENT_COLUMNS.iter().map(|(name, _)| *name);
        script.insert(&dialect.table(entry::EVENTS), columns, entry::event_values(event)?);
    }
    if let Some(remember) = remember {
        write_answer(&mut script, dialect, remember)?;
    }
    done.push(script);
    Ok(done)
}

fn write_claim(script: &mut Script, dialect: &Sqlite, key: &UniqueKey, claim: Claim) {
    let table = dialect.table(CLAIMS);
    let columns = CLAIM_COLUMNS.iter().map(|(name, _)| *name);
    if claim.was.is_some() {
        let equal = columns.clone().zip(claim_values(key));
        let equal = equal.map(|(column, value)| format!(" AND {column} = {}", script.values.one(value)));
        let equal: String = equal.collect();
        script.texts.push(format!("DELETE FROM {table} WHERE organization_id = {ORGANIZATION}{equal}"));
    }
    if let Some(holder) = claim.now {
        let values = claim_values(key).into_iter().chain([Value::Uuid(holder)]);
        script.insert(&table, columns, values);
    }
}

fn insert_record(script: &mut Script, table: Table<'_>, record: &Record) {
    let columns = table.columns();
    let values = columns.iter().map(|column| Table::value(record, column.source));
    script.insert(&table.name(), columns.iter().map(|column| &*column.name), values);
}

/// Writes what differs: an index is written anew for every column that an update names, whether that has changed or not.
fn update_record(script: &mut Script, table: Table<'_>, record: &Record, before: Option<&Record>) {
    let mut set = Vec::new();
    for column in table.columns() {
        let value = Table::value(record, column.source);
        if before.is_none_or(|before| Table::value(before, column.source) != value) {
            set.push(format!("\"{}\" = {}", column.name, script.values.one(value)));
        }
    }
    let id = script.values.one(Value::Uuid(record.id()));
    script.texts.push(format!(
        "UPDATE {} SET {} WHERE organization_id = {ORGANIZATION} AND id = {id}",
        table.name(),
        set.join(", ")
    ));
}

fn append(script: &mut Script, dialect: &Sqlite, entry: &LedgerEntry) -> Result<(), StoreError> {
    let columns = entry::COLUMNS.iter().map(|(name, _)| *name);
    script.insert(&dialect.table(entry::TABLE), columns, entry::values(entry)?);
    Ok(())
}

fn write_answer(script: &mut Script, dialect: &Sqlite, remember: &Remember) -> Result<(), StoreError> {
    let Remember { key, replaces: _, entry } = remember;
    let key = idempotency_values(key)?;
    let columns = answer_columns();
    let columns = columns.iter().map(|(name, _)| *name);
    script.insert(&dialect.table(REMEMBERED), columns, key.into_iter().chain(answer_values(entry)));
    if let Some(text) = script.texts.last_mut() {
        text.push_str(
            " ON CONFLICT (organization_id, actor, operation, \"key\") \
             DO UPDATE SET digest = excluded.digest, answer = excluded.answer, \"at\" = excluded.\"at\"",
        );
    }
    Ok(())
}

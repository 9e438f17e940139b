//! Bringing rows in from elsewhere, as they are.
//!
//! An import takes rows with their own ids and times and writes no automatic entries. History that today's rules would
//! refuse is accepted and listed in the report; what would break the house is not: references, uniqueness, amounts below
//! zero. Rows come in the JSON form in which records go out.
//!
//! Invariant: one row never decides over another: each is imported, found to be there already, or rejected with its
//! reason; running the same import again changes nothing.

mod row;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::row::ImportRow;
use crate::access::Action;
use crate::command::{Command, Rules};
use crate::describe::{Id, Kind};
use crate::draft::{Draft, Halt, Permit, ReadSet, for_each};
use crate::error::{Error, Rule};

/// Brings rows in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Import {
    /// The rows: `{ "record": "deal", "id": …, "title": …, "created_at": … }`, in any order.
    pub rows: Vec<serde_json::Value>,
}

/// What became of the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// One line for each row, in the order of the rows.
    pub rows: Vec<RowReport>,
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowReport {
    /// The row's id, where it could be read.
    pub id: Option<Uuid>,
    /// What became of it.
    pub outcome: RowOutcome,
    /// What today's rules would not have accepted.
    pub findings: Vec<String>,
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// It was written.
    Imported,
    /// A record with this id is there already; it was left alone.
    Present,
    /// It was not written.
    Rejected(String),
}

impl ImportReport {
    /// How many rows were written.
    #[must_use]
    pub fn imported(&self) -> usize {
        self.rows.iter().filter(|row| row.outcome == RowOutcome::Imported).count()
    }

    /// The rows that were not written, with their places.
    pub fn rejected(&self) -> impl Iterator<Item = (usize, &RowReport)> {
        self.rows.iter().enumerate().filter(|(_, row)| matches!(row.outcome, RowOutcome::Rejected(_)))
    }
}

impl Command for Import {
    type Output = ImportReport;

    fn name(&self) -> &'static str {
        "import"
    }

    fn hints(&self) -> ReadSet {
        let mut want = ReadSet::new();
        for row in self.rows.iter().filter_map(|row| ImportRow::read(row).ok()) {
            want.extend(row.references());
        }
        want
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<ImportReport, Halt> {
        let permit = tx.allow(Action::ImportRun, None)?;
        let mut rows: Vec<_> = self.rows.iter().map(ImportRow::read).enumerate().collect();
        let mut reports = vec![None; rows.len()];
        // What is pointed at comes before what points at it.
        rows.sort_by_key(|(_, row)| row.as_ref().map(ImportRow::rank).ok());
        for_each(rows, |(at, row)| {
            let report = match row {
                Ok(row) => import(tx, &permit, &row)?,
                Err(error) => RowReport { id: None, outcome: rejected(&error), findings: vec![] },
            };
            if let Some(slot) = reports.get_mut(at) {
                *slot = Some(report);
            }
            Ok(())
        })?;
        Ok(ImportReport { rows: reports.into_iter().flatten().collect() })
    }
}

fn rejected(error: &Error) -> RowOutcome {
    RowOutcome::Rejected(error.to_string())
}

/// Imports one row. Only missing facts stop the whole import.
fn import(tx: &mut Draft<'_>, permit: &Permit, row: &ImportRow) -> Result<RowReport, Halt> {
    let id = Some(row.key.id);
    match write(tx, permit, row) {
        Ok(Some(findings)) => Ok(RowReport { id, outcome: RowOutcome::Imported, findings }),
        Ok(None) => Ok(RowReport { id, outcome: RowOutcome::Present, findings: vec![] }),
        Err(Halt::Reject(Error::Limit { limit, most })) => Err(Error::Limit { limit, most }.into()),
        Err(Halt::Reject(error)) => Ok(RowReport { id, outcome: rejected(&error), findings: vec![] }),
        Err(need @ Halt::Need(_)) => Err(need),
    }
}

fn write(tx: &mut Draft<'_>, permit: &Permit, row: &ImportRow) -> Result<Option<Vec<String>>, Halt> {
    let mut findings = Vec::new();
    let record = row.record(tx, &mut findings)?;
    if record.kind() == Kind::Organization {
        return Err(Rule::other("not_importable", "an organization is registered, not imported").into());
    }
    Ok(record.import(tx, permit, &mut findings)?.then_some(findings))
}

/// `false` when a record with this id is there already.
pub(crate) fn write_as<E: Rules>(
    tx: &mut Draft<'_>,
    permit: &Permit,
    row: &E,
    findings: &mut Vec<String>,
) -> Result<bool, Halt> {
    if tx.has(row.id().key())? {
        return Ok(false);
    }
    let mut row = row.clone();
    findings.extend(E::findings(tx, &mut row)?);
    tx.create_past(permit, row)?;
    Ok(true)
}

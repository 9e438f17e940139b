//! Taking a run back.
//!
//! Invariant: only what is still as the run left it is undone; of everything else it is said why it was left.

use crm_core::describe::Kind;
use crm_core::ledger::FieldChange;
use crm_core::value::Uuid;
use crm_core::{Error, Session};
use serde::{Deserialize, Serialize};

use crate::kinds::{Fields, delete, update};
use crate::report::{Outcome, Report};

/// What became of the records of a run that was taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reverted {
    /// One line for each row that had written something, the last first.
    pub rows: Vec<RevertedRow>,
}

/// What became of the record of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevertedRow {
    /// The row's number in the file.
    pub row: u64,
    /// The record.
    pub id: Uuid,
    /// Empty: it was undone. Else why it was left as it is, by a stable name and for a person.
    pub left: Option<(String, String)>,
}

impl Reverted {
    /// The rows whose records were left as they are.
    pub fn left(&self) -> impl Iterator<Item = &RevertedRow> {
        self.rows.iter().filter(|row| row.left.is_some())
    }

    /// How many records were undone.
    #[must_use]
    pub fn undone(&self) -> usize {
        self.rows.iter().filter(|row| row.left.is_none()).count()
    }
}

/// Undoes what a run did, the last row first: deletes what it created, and gives changed fields the values that they had.
/// A record that was changed since is left, and so is one that a rule protects by now. Of a dry run there is nothing to
/// undo.
pub async fn revert(session: &Session<'_>, report: &Report) -> Reverted {
    let mut reverted = Reverted::default();
    for row in report.rows.iter().rev().filter(|_| !report.dry) {
        let (id, undone) = match &row.outcome {
            Outcome::Created { id, version } => (*id, delete(session, report.kind, *id, *version).await),
            Outcome::Changed { id, version, fields } => {
                (*id, give_back(session, report.kind, (*id, *version), fields).await)
            }
            _ => continue,
        };
        let left = undone.err().map(|error| (error.code().to_owned(), error.to_string()));
        reverted.rows.push(RevertedRow { row: row.row, id, left });
    }
    reverted
}

async fn give_back(
    session: &Session<'_>,
    kind: Kind,
    record: (Uuid, u64),
    changes: &[FieldChange],
) -> Result<(), Error> {
    let before: Fields = changes.iter().map(|it| (it.field.clone(), it.before.to_json())).collect();
    update(session, kind, record, &before).await
}

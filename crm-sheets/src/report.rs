//! What became of each row.
//!
//! Invariant: every row that was looked at has one line, in the order of the file, and the report has all that is needed
//! to take the run back.

use crm_core::Error;
use crm_core::describe::Kind;
use crm_core::ledger::FieldChange;
use crm_core::value::{Problem, Uuid};
use serde::{Deserialize, Serialize};

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What each row is.
    pub kind: Kind,
    /// Was it only asked what would become of it? Then nothing was written.
    pub dry: bool,
    /// One line for each row, in the order of the file.
    pub rows: Vec<RowReport>,
    /// The columns that are no field and are kept nowhere.
    pub unknown_columns: Vec<String>,
    /// The records that no row means, where the mapping asks for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<Uuid>,
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowReport {
    /// Its number in the file.
    pub row: u64,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// What was understood in a way that a person should know of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It is a new record.
    Created {
        /// The record.
        id: Uuid,
        /// Its version.
        version: u64,
    },
    /// It changed a record.
    Changed {
        /// The record.
        id: Uuid,
        /// Its version after that.
        version: u64,
        /// What changed, with what was there.
        fields: Vec<FieldChange>,
    },
    /// The record says all that it says.
    Unchanged {
        /// The record.
        id: Uuid,
    },
    /// The record is there, and the policy leaves it alone.
    Skipped {
        /// The record.
        id: Uuid,
    },
    /// An earlier row has the same key. This one was not written.
    Duplicate {
        /// The number of that row.
        of: u64,
    },
    /// It was not written.
    Rejected {
        /// Everything that is wrong with it.
        reasons: Vec<Reason>,
    },
    /// The store failed while writing it, and could not say whether it did.
    Unknown,
}

/// Why a row was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The column, by its header, if it is one's fault.
    pub column: Option<String>,
    /// The field, if it is one's fault.
    pub field: Option<String>,
    /// The stable name of what is wrong.
    pub code: String,
    /// What is wrong, for a person.
    pub why: String,
}

impl Reason {
    pub(crate) fn of_cell(column: Option<&str>, field: Option<&str>, problem: &Problem) -> Self {
        Self {
            column: column.map(str::to_owned),
            field: field.map(str::to_owned),
            code: problem.code().to_owned(),
            why: problem.to_string(),
        }
    }

    /// The reasons of a refusal, each with the column that the field comes from.
    pub(crate) fn of_error<'c>(error: &Error, column_of: &dyn Fn(&str) -> Option<&'c str>) -> Vec<Self> {
        match error {
            Error::InBatch { source, .. } => Self::of_error(source, column_of),
            Error::Invalid(problems) => {
                let each = problems.iter();
                each.map(|it| Self::of_cell(column_of(&it.field), Some(&it.field), &it.problem)).collect()
            }
            other => {
                let field = match other {
                    Error::AlreadyExists { field, .. } => Some(field.clone()),
                    _ => None,
                };
                let column = field.as_deref().and_then(column_of).map(str::to_owned);
                vec![Self { column, field, code: other.code().to_owned(), why: other.to_string() }]
            }
        }
    }
}

/// How many rows became what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// New records.
    pub created: usize,
    /// Changed records.
    pub changed: usize,
    /// Records that say it all already.
    pub unchanged: usize,
    /// Records that were left alone.
    pub skipped: usize,
    /// Rows with the key of an earlier one.
    pub duplicates: usize,
    /// Rows that were refused.
    pub rejected: usize,
    /// Rows of which nobody knows.
    pub unknown: usize,
}

impl Report {
    /// How many rows became what.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for row in &self.rows {
            let slot = match row.outcome {
                Outcome::Created { .. } => &mut counts.created,
                Outcome::Changed { .. } => &mut counts.changed,
                Outcome::Unchanged { .. } => &mut counts.unchanged,
                Outcome::Skipped { .. } => &mut counts.skipped,
                Outcome::Duplicate { .. } => &mut counts.duplicates,
                Outcome::Rejected { .. } => &mut counts.rejected,
                Outcome::Unknown => &mut counts.unknown,
            };
            *slot += 1;
        }
        counts
    }

    /// The rows that were refused, with their reasons.
    pub fn rejected(&self) -> impl Iterator<Item = (u64, &[Reason])> {
        self.rows.iter().filter_map(|row| match &row.outcome {
            Outcome::Rejected { reasons } => Some((row.row, reasons.as_slice())),
            _ => None,
        })
    }
}

//! Bringing units and prices in from files: by natural key, row by row.
//!
//! Invariant: a merge never deletes and never changes what a record is known by; one row never decides over another;
//! running the same merge again changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::label::Identity;
use crate::command::{Asked, Rules, check_given, new_row, patched};
use crate::describe::{FieldId, FieldType};
use crate::draft::{Draft, Halt, Permit, for_each};
use crate::error::Error;
use crate::value::{ComplexId, Decimal, Number, Problem, parse_money_text};

/// A cell of a file: a number, or text as somebody typed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// Text; a number in it is read as people write numbers: `1 234,50`.
    Text(String),
    /// A number.
    Number(Number),
}

impl Cell {
    /// The text.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.trim().to_owned(),
            Self::Number(number) => number.0.normalize().to_string(),
        }
    }

    /// The number.
    pub(crate) fn number(&self) -> Result<Decimal, Problem> {
        match self {
            Self::Text(text) => parse_money_text(text),
            Self::Number(number) => Ok(number.0),
        }
    }

    /// The whole number.
    pub(crate) fn whole(&self) -> Result<i64, Problem> {
        let whole = self.number()?.normalize();
        let whole = Some(whole).filter(|whole| whole.scale() == 0);
        whole.and_then(|whole| i64::try_from(whole).ok()).ok_or_else(|| Problem::malformed("a whole number"))
    }

    /// The share: a number up to 1, or a number of per cent.
    pub(crate) fn share(&self) -> Result<Decimal, Problem> {
        let Self::Text(text) = self else { return self.number() };
        match text.trim().strip_suffix('%') {
            None => self.number(),
            Some(percent) => {
                let share = parse_money_text(percent)?.checked_div(Decimal::ONE_HUNDRED);
                share.ok_or_else(|| Problem::malformed("a share"))
            }
        }
    }

    /// A cell that says nothing.
    pub(crate) fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl From<Decimal> for Cell {
    fn from(number: Decimal) -> Self {
        Self::Number(number.into())
    }
}

/// What became of the rows of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeReport {
    /// One line for each row, in the order of the rows.
    pub rows: Vec<MergedRow>,
    /// The records of the complex that no row names. They are left alone.
    pub missing: Vec<Uuid>,
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedRow {
    /// The record, where there is one.
    pub id: Option<Uuid>,
    /// What became of the row.
    pub outcome: MergeOutcome,
    /// What a person should look at.
    pub findings: Vec<String>,
}

/// What became of one row; with a dry run, what would become of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeOutcome {
    /// It made a new record.
    Applied,
    /// It changed these fields of the record that was there.
    Changed(Vec<String>),
    /// The record that was there says the same.
    Unchanged,
    /// It was left out.
    Rejected(String),
}

impl MergeReport {
    /// How many rows made or changed a record.
    #[must_use]
    pub fn written(&self) -> usize {
        let wrote =
            |row: &&MergedRow| matches!(row.outcome, MergeOutcome::Applied | MergeOutcome::Changed(_));
        self.rows.iter().filter(wrote).count()
    }

    /// The rows that were left out, with their places.
    pub fn rejected(&self) -> impl Iterator<Item = (usize, &MergedRow)> {
        self.rows.iter().enumerate().filter(|(_, row)| matches!(row.outcome, MergeOutcome::Rejected(_)))
    }
}

/// A record with a natural key within a complex.
pub(super) trait Keyed: Rules {
    /// The field of its complex.
    const COMPLEX: FieldId;
    /// The field of its key.
    const IDENTITY: FieldId;

    /// Judges its values and settles its key.
    fn settle(&mut self) -> Result<(), Error>;

    /// Its key.
    fn key(&self) -> Option<&Identity>;
}

/// A row, read.
pub(super) struct Wanted<E: Keyed> {
    /// The natural key.
    pub(super) key: Identity,
    /// The fields of a new record.
    pub(super) all: E::Edits,
    /// Those of them that change a record which is there.
    pub(super) changes: E::Edits,
}

/// What a merge works on.
pub(super) struct Merge<'a, E: Keyed> {
    pub(super) permit: &'a Permit,
    pub(super) complex: ComplexId,
    pub(super) rows: &'a [Result<Wanted<E>, Error>],
    pub(super) dry_run: bool,
}

/// What a merge found: its report, and the record of each row as it was before.
pub(super) struct Merged<E> {
    pub(super) report: MergeReport,
    pub(super) before: Vec<Option<Arc<E>>>,
}

impl<E: Keyed> Merge<'_, E> {
    /// Merges the rows into what is there.
    pub(super) fn run(&self, tx: &mut Draft<'_>) -> Result<Merged<E>, Halt> {
        let present = tx.rows::<E>(vec![(E::COMPLEX, self.complex.to_value())])?;
        let by_key: BTreeMap<_, _> = present.iter().filter_map(|row| Some((row.key()?, row))).collect();
        let keys = self.rows.iter().flatten().map(|wanted| &wanted.key);
        let new = keys.filter(|key| !by_key.contains_key(key));
        for_each(new, |key| tx.holder::<E>(E::IDENTITY, key.as_str()).map(|_| ()))?;
        let mut seen = BTreeSet::new();
        let mut report = MergeReport::default();
        let mut before = Vec::with_capacity(self.rows.len());
        for row in self.rows {
            let found = row.as_ref().ok().and_then(|wanted| by_key.get(&wanted.key).copied());
            let line = match row {
                Err(error) => rejected::<E>(None, error.to_string()),
                Ok(wanted) if !seen.insert(&wanted.key) => {
                    rejected(found, format!("a row before it is the same {}", E::NAME))
                }
                Ok(wanted) => self.one(tx, wanted, found)?,
            };
            report.rows.push(line);
            before.push(found.map(Arc::clone));
        }
        let unnamed = by_key.iter().filter(|(key, _)| !seen.contains(**key));
        report.missing = unnamed.map(|(_, row)| row.id().into()).collect();
        Ok(Merged { report, before })
    }

    /// Merges one row. Only missing facts and limits stop the whole merge.
    fn one(&self, tx: &mut Draft<'_>, wanted: &Wanted<E>, found: Option<&Arc<E>>) -> Result<MergedRow, Halt> {
        match self.write(tx, wanted, found) {
            Ok((id, outcome)) => Ok(MergedRow { id, outcome, findings: Vec::new() }),
            Err(Halt::Reject(error)) if !matches!(error, Error::Limit { .. }) => {
                Ok(rejected(found, error.to_string()))
            }
            Err(halt) => Err(halt),
        }
    }

    fn write(
        &self,
        tx: &mut Draft<'_>,
        wanted: &Wanted<E>,
        found: Option<&Arc<E>>,
    ) -> Result<(Option<Uuid>, MergeOutcome), Halt> {
        let Some(before) = found else {
            let given = tx.given::<E>(&wanted.all)?;
            let id: E::Id = tx.next_id()?;
            let mut row = new_row::<E>(tx, id, Asked(&given))?;
            check_given(tx.profile(), &Arc::new(row.clone()).record())?;
            row.settle()?;
            if self.dry_run {
                return Ok((None, MergeOutcome::Applied));
            }
            tx.create(self.permit, row)?;
            return Ok((Some(id.into()), MergeOutcome::Applied));
        };
        let id = Some(before.id().into());
        let given = tx.given::<E>(&wanted.changes)?;
        let mut after = patched::<E>(before, &given)?;
        after.settle()?;
        let fields = changed_fields(before.as_ref(), &after);
        if fields.is_empty() {
            return Ok((id, MergeOutcome::Unchanged));
        }
        if !self.dry_run {
            tx.put(self.permit, after)?;
        }
        Ok((id, MergeOutcome::Changed(fields)))
    }
}

fn changed_fields<E: Rules>(before: &E, after: &E) -> Vec<String> {
    let fields = E::FIELDS.iter().enumerate().filter(|(at, _)| {
        u8::try_from(*at).is_ok_and(|at| before.view(FieldId(at)) != after.view(FieldId(at)))
    });
    fields.map(|(_, field)| field.name.to_owned()).collect()
}

fn rejected<E: Rules>(found: Option<&Arc<E>>, why: String) -> MergedRow {
    let id = found.map(|row| row.id().into());
    MergedRow { id, outcome: MergeOutcome::Rejected(why), findings: Vec::new() }
}

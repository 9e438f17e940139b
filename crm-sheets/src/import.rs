//! Bringing a file in.
//!
//! Rows go in batches, each batch one command; where a batch is refused its rows go one by one, so that a bad row harms no
//! other. Nothing is ever deleted.
//!
//! Invariant: a row is written by the common commands of its kind, so every rule holds; and running a file again writes
//! nothing.

use std::collections::{BTreeMap, BTreeSet};

use crm_core::describe::{Field, Value};
use crm_core::value::Uuid;
use crm_core::{Batch, Class, Error, Session};

use crate::find::{KeyValues, find, others};
use crate::kinds::{Fields, then_write};
use crate::mapping::{Fitted, Mapping, MappingProblem, Policy, Rest};
use crate::prepare::{Prepared, prepare};
use crate::report::{Outcome, Reason, Report, RowReport};
use crate::table::Table;
use crate::write::Written;

/// How many rows are one command, where it is not said.
const BATCH: usize = 50;

/// A file and its mapping, to be asked or run over a session. It needs no permission of its own: each row needs what the
/// same command needs.
#[derive(Clone, Debug)]
pub struct ImportFile {
    table: Table,
    mapping: Mapping,
    batch: usize,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Rows of which it is known what becomes of them.
    pub done: usize,
    /// All rows.
    pub rows: usize,
}

/// Why a file was not brought in, or not to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The mapping does not fit. Nothing was written.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Mapping(Vec<MappingProblem>),
    /// The engine could not be asked what is there. Nothing was written.
    #[error(transparent)]
    Engine(#[from] Error),
    /// The store failed on the way. What the report says was done was done; running the file again does the rest.
    #[error("after {} rows: {source}", report.rows.len())]
    Stopped {
        /// What became of the rows so far.
        report: Box<Report>,
        /// What failed.
        #[source]
        source: Error,
    },
}

/// A row that is to be written.
struct Planned {
    place: usize,
    id: Option<Uuid>,
    fields: Fields,
}

impl ImportFile {
    /// Of a table, by a mapping.
    #[must_use]
    pub fn new(table: Table, mapping: Mapping) -> Self {
        Self { table, mapping, batch: BATCH }
    }

    /// With so many rows in one command; at least one.
    #[must_use]
    pub fn batches_of(mut self, rows: usize) -> Self {
        self.batch = rows.max(1);
        self
    }

    /// What would become of each row. Nothing is written. Rows that only collide with each other, other than by their key,
    /// are not noticed unless they are in one batch.
    ///
    /// # Errors
    /// The mapping does not fit, or the store failed.
    pub async fn dry_run(&self, session: &Session<'_>) -> Result<Report, ImportError> {
        self.go(session, true, &mut |_| {}).await
    }

    /// Brings the rows in.
    ///
    /// # Errors
    /// The mapping does not fit, or the store failed; what was done until then the error says.
    pub async fn run(&self, session: &Session<'_>) -> Result<Report, ImportError> {
        self.go(session, false, &mut |_| {}).await
    }

    /// Brings the rows in, and tells after each batch how far it has come.
    ///
    /// # Errors
    /// As [`ImportFile::run`].
    pub async fn run_telling(
        &self,
        session: &Session<'_>,
        mut tell: impl FnMut(Progress) + Send,
    ) -> Result<Report, ImportError> {
        self.go(session, false, &mut tell).await
    }

    async fn go(
        &self,
        session: &Session<'_>,
        dry: bool,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Report, ImportError> {
        let fitted =
            self.mapping.fit(session.profile(), &self.table.headers).map_err(ImportError::Mapping)?;
        let prepared = prepare(session, &fitted, &self.table).await?;
        let found = self.find_all(session, &fitted, &prepared).await?;
        let within = within(&fitted, &prepared);
        let mut run = Run::new(session, &fitted, dry, prepared.len());
        let planned = run.sort_out(prepared, &found);
        tell(run.progress());
        for batch in planned.chunks(self.batch) {
            if let Err(source) = run.write(batch).await {
                let report = Box::new(run.report());
                return Err(ImportError::Stopped { report, source });
            }
            tell(run.progress());
        }
        let mut report = run.report();
        if let Some((field, values)) = within {
            let meant = found.into_values().flatten().chain(created(&report)).collect();
            match others(session, self.mapping.kind, field, &values, &meant).await {
                Ok(absent) => report.absent = absent,
                Err(source) => return Err(ImportError::Stopped { report: Box::new(report), source }),
            }
        }
        Ok(report)
    }

    async fn find_all(
        &self,
        session: &Session<'_>,
        fitted: &Fitted<'_>,
        prepared: &[Prepared],
    ) -> Result<BTreeMap<KeyValues, Vec<Uuid>>, Error> {
        let asked = prepared.iter().filter_map(|row| row.asked.as_ref().ok());
        let wanted: BTreeSet<KeyValues> = asked.map(|asked| asked.key.clone()).collect();
        if wanted.is_empty() {
            return Ok(BTreeMap::new());
        }
        find(session, self.mapping.kind, &fitted.key, &wanted, self.mapping.compare).await
    }
}

/// The field within which absent records are looked for, and the values that the rows have in it.
fn within(fitted: &Fitted<'_>, prepared: &[Prepared]) -> Option<(&'static Field, BTreeSet<Value>)> {
    let name = fitted.mapping.absent_within.as_ref()?;
    let at = fitted.key.iter().position(|(_, field)| field.name == name)?;
    let (_, field) = fitted.key.get(at)?;
    let asked = prepared.iter().filter_map(|row| row.asked.as_ref().ok());
    let values = asked.filter_map(|asked| asked.key.get(at)).filter(|value| !value.is_null());
    Some((*field, values.cloned().collect()))
}

fn created(report: &Report) -> Vec<Uuid> {
    let each = report.rows.iter().filter(|_| !report.dry);
    let created = each.filter_map(|row| match &row.outcome {
        Outcome::Created { id, .. } => Some(*id),
        _ => None,
    });
    created.collect()
}

/// A run on its way.
struct Run<'a> {
    session: &'a Session<'a>,
    fitted: &'a Fitted<'a>,
    dry: bool,
    rows: Vec<(u64, Vec<String>, Option<Outcome>)>,
}

impl<'a> Run<'a> {
    fn new(session: &'a Session<'a>, fitted: &'a Fitted<'a>, dry: bool, rows: usize) -> Self {
        Self { session, fitted, dry, rows: Vec::with_capacity(rows) }
    }

    fn progress(&self) -> Progress {
        let done = self.rows.iter().filter(|(_, _, outcome)| outcome.is_some()).count();
        Progress { done, rows: self.rows.len() }
    }

    fn settle(&mut self, place: usize, outcome: Outcome) {
        if let Some((_, _, slot)) = self.rows.get_mut(place) {
            *slot = Some(outcome);
        }
    }

    /// Tells the rows that are to be written from those of which it is known already what becomes of them.
    fn sort_out(&mut self, prepared: Vec<Prepared>, found: &BTreeMap<KeyValues, Vec<Uuid>>) -> Vec<Planned> {
        let mut seen: BTreeMap<KeyValues, u64> = BTreeMap::new();
        let mut planned = Vec::new();
        for (place, Prepared { row, warnings, asked }) in prepared.into_iter().enumerate() {
            let outcome = match asked {
                Err(reasons) => Some(Outcome::Rejected { reasons }),
                Ok(asked) => {
                    let ids = found.get(&asked.key).map_or(&[][..], Vec::as_slice);
                    let first = *seen.entry(asked.key).or_insert(row);
                    match ids {
                        _ if first != row => Some(Outcome::Duplicate { of: first }),
                        [_, _, ..] => Some(self.ambiguous(ids.len())),
                        [id] if self.fitted.mapping.policy == Policy::Skip => {
                            Some(Outcome::Skipped { id: *id })
                        }
                        ids => {
                            planned.push(Planned { place, id: ids.first().copied(), fields: asked.fields });
                            None
                        }
                    }
                }
            };
            self.rows.push((row, warnings, outcome));
        }
        planned
    }

    fn ambiguous(&self, count: usize) -> Outcome {
        let mapping = self.fitted.mapping;
        let why = format!("{count} {}s have this key", mapping.kind);
        let field = mapping.key.first().cloned();
        let column = field.as_deref().and_then(|field| self.column_of(field)).map(str::to_owned);
        Outcome::Rejected { reasons: vec![Reason { column, field, code: "ambiguous".to_owned(), why }] }
    }

    fn column_of(&self, field: &str) -> Option<&'a str> {
        let found = self.fitted.columns.iter().find(|column| column.field.name == field);
        found.map(|column| column.column.column.as_str())
    }

    fn batch(&self, rows: &[Planned]) -> Batch {
        let Mapping { kind, policy, .. } = self.fitted.mapping;
        rows.iter().fold(Batch::new(), |batch, row| then_write(batch, *kind, row.id, &row.fields, *policy))
    }

    /// Writes rows as one command, or asks what it would do.
    async fn apply(&self, rows: &[Planned]) -> Result<Vec<Written>, Error> {
        let batch = self.batch(rows);
        let answers = if self.dry {
            self.session.plan(&batch).await?.into_verdict()?
        } else {
            self.session.apply(batch).await?
        };
        let read = answers.into_iter().map(serde_json::from_value).collect::<Result<Vec<Written>, _>>();
        read.map_err(|error| Error::Internal(error.to_string()))
    }

    /// Writes a batch; where it is refused, row by row.
    ///
    /// # Errors
    /// The store failed.
    async fn write(&mut self, rows: &[Planned]) -> Result<(), Error> {
        match self.apply(rows).await {
            Ok(written) => self.settle_all(rows, written),
            Err(error) if is_failure(&error) => return self.give_up(rows, error),
            Err(_) => {
                for row in rows.chunks(1) {
                    match self.apply(row).await {
                        Ok(written) => self.settle_all(row, written),
                        Err(error) if is_failure(&error) => return self.give_up(row, error),
                        Err(error) => self.reject(row, &error),
                    }
                }
            }
        }
        Ok(())
    }

    fn settle_all(&mut self, rows: &[Planned], written: Vec<Written>) {
        for (row, written) in rows.iter().zip(written) {
            let Written { id, version, created, fields } = written;
            let outcome = match (created, fields.is_empty()) {
                (true, _) => Outcome::Created { id, version },
                (false, true) => Outcome::Unchanged { id },
                (false, false) => Outcome::Changed { id, version, fields },
            };
            self.settle(row.place, outcome);
        }
    }

    fn reject(&mut self, rows: &[Planned], error: &Error) {
        let reasons = Reason::of_error(error, &|field| self.column_of(field));
        for row in rows {
            self.settle(row.place, Outcome::Rejected { reasons: reasons.clone() });
        }
    }

    fn give_up(&mut self, rows: &[Planned], error: Error) -> Result<(), Error> {
        if matches!(error, Error::OutcomeUnknown { .. }) {
            for row in rows {
                self.settle(row.place, Outcome::Unknown);
            }
        }
        Err(error)
    }

    fn report(self) -> Report {
        let mapping = self.fitted.mapping;
        let others = self.fitted.others.iter().map(|(_, header)| header.clone());
        let unknown_columns = if mapping.rest == Rest::Report { others.collect() } else { Vec::new() };
        let told = self.rows.into_iter().filter_map(|(row, warnings, outcome)| {
            outcome.map(|outcome| RowReport { row, outcome, warnings })
        });
        let absent = Vec::new();
        Report { kind: mapping.kind, dry: self.dry, rows: told.collect(), unknown_columns, absent }
    }
}

/// Did the store fail, as opposed to a rule that says no?
fn is_failure(error: &Error) -> bool {
    matches!(error.class(), Class::Unavailable | Class::Internal)
}

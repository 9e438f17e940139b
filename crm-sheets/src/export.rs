//! Writing lists, reports and tables as CSV.
//!
//! Invariant: a list is written page by page, so its length costs no memory; a text that a spreadsheet would run is
//! written as text, unless the caller says otherwise.

use std::borrow::Cow;
use std::io::Write;

use crm_core::analytics::Report;
use crm_core::describe::{DELETED_AT, DELETED_BY, Entity, FieldId, Kind, Value};
use crm_core::value::{Decimal, Problem};
use crm_core::{Error, List, Profile, Session};
use serde::Serialize;
use serde_json::Value as Json;

use crate::guard::guarded;
use crate::table::Table;

/// How a file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvWriting {
    /// The columns: each a field, or `id` or `version`, and its header. Empty: `id` and every field that the profile uses.
    pub columns: Vec<(String, String)>,
    /// Also fields with personal data.
    pub private: bool,
    /// What separates columns.
    pub delimiter: u8,
    /// With the mark at the beginning by which some spreadsheets know UTF-8.
    pub mark: bool,
    /// Are texts that a spreadsheet would run written with an apostrophe before them?
    pub guard: bool,
}

impl Default for CsvWriting {
    fn default() -> Self {
        Self { columns: Vec::new(), private: false, delimiter: b',', mark: false, guard: true }
    }
}

/// Why a file was not written to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// A column is none of the kind's, or holds personal data that was not asked for; or the engine refused or failed.
    #[error(transparent)]
    Engine(#[from] Error),
    /// The file could not be written.
    #[error("the file could not be written: {0}")]
    Write(String),
}

impl From<csv::Error> for ExportError {
    fn from(error: csv::Error) -> Self {
        Self::Write(error.to_string())
    }
}

impl From<std::io::Error> for ExportError {
    fn from(error: std::io::Error) -> Self {
        Self::Write(error.to_string())
    }
}

/// What a column shows of a record.
#[derive(Clone, Copy)]
enum Source {
    Id,
    Version,
    Field(FieldId),
}

/// Writes a list, whatever its length: the paging of the list is the writer's. Answers how many records were written.
///
/// # Errors
/// A column is none of the kind's, or private and not asked for; the actor may not list, or the store failed; or the file
/// could not be written.
pub async fn csv<E: Entity>(
    to: impl Write,
    session: &Session<'_>,
    list: List<E>,
    how: &CsvWriting,
) -> Result<u64, ExportError> {
    let columns = columns(E::KIND, session.profile(), how)?;
    let mut file = Writer::begin(to, how)?;
    file.line(columns.iter().map(|(header, _)| how.shown(header)))?;
    let size = session.profile().page_limit(E::KIND).most;
    let list = list.without_total();
    let (mut next, mut count) = (list.clone().first(size), 0_u64);
    loop {
        let page = session.list(next).await?;
        for row in &page.items {
            file.line(columns.iter().map(|(_, source)| how.cell(&value_of(row.as_ref(), *source))))?;
            count = count.saturating_add(1);
        }
        match page.next {
            Some(cursor) => next = list.clone().after(cursor, size),
            None => break,
        }
    }
    file.end()?;
    Ok(count)
}

/// Writes the figures of a report: a row for each, its name as a path into the report's data and what it is.
///
/// # Errors
/// The report was refused or the store failed, or the file could not be written.
pub async fn report<R: Report>(
    to: impl Write,
    session: &Session<'_>,
    report: &R,
    how: &CsvWriting,
) -> Result<(), ExportError>
where
    R::Figures: Serialize,
{
    let figures = session.report(report).await?;
    let figures = serde_json::to_value(&figures).map_err(|error| Error::Internal(error.to_string()))?;
    let mut lines = Vec::new();
    flatten("", &figures, &mut lines);
    let mut file = Writer::begin(to, how)?;
    file.line(["figure", "value"].into_iter().map(Cow::Borrowed))?;
    for (name, value) in lines {
        file.line([how.shown(&name).into_owned(), value].into_iter().map(Cow::Owned))?;
    }
    file.end()
}

/// Writes a table, such as one that was read.
///
/// # Errors
/// A cell cannot be read, or the file could not be written.
pub fn table(to: impl Write, table: &Table, how: &CsvWriting) -> Result<(), ExportError> {
    let mut file = Writer::begin(to, how)?;
    file.line(table.headers.iter().map(|header| how.shown(header)))?;
    for row in &table.rows {
        let mut cells = Vec::with_capacity(row.cells.len());
        for cell in &row.cells {
            let text = cell.to_text().map_err(|problem| Error::field("cell", problem))?;
            let plain = matches!(cell, crate::table::Cell::Number(_));
            cells.push(if plain { text } else { how.shown(&text).into_owned() });
        }
        file.line(cells.into_iter().map(Cow::Owned))?;
    }
    file.end()
}

impl CsvWriting {
    fn shown<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.guard { guarded(text) } else { Cow::Borrowed(text) }
    }

    /// A number is one, whatever sign it begins with; everything else is text.
    fn cell(&self, value: &Value) -> Cow<'static, str> {
        match value {
            Value::Null => Cow::Borrowed(""),
            Value::Decimal(number) => Cow::Owned(unmistakable(*number)),
            Value::Int(number) => Cow::Owned(number.to_string()),
            value => Cow::Owned(self.shown(&value.to_string()).into_owned()),
        }
    }
}

/// A number whose point nobody takes for one between groups of three digits.
fn unmistakable(number: Decimal) -> String {
    let text = number.to_string();
    if number.scale() == 3 { text + "0" } else { text }
}

fn value_of<E: Entity>(row: &E, source: Source) -> Value {
    match source {
        Source::Id => Value::Uuid(row.id().into()),
        Source::Version => i64::try_from(row.version()).map_or(Value::Null, Value::Int),
        Source::Field(field) => row.value(field),
    }
}

fn columns(kind: Kind, profile: &Profile, how: &CsvWriting) -> Result<Vec<(String, Source)>, Error> {
    if !how.columns.is_empty() {
        let chosen = how.columns.iter();
        return chosen.map(|(name, header)| Ok((header.clone(), chosen_column(kind, name, how)?))).collect();
    }
    let mut all = vec![("id".to_owned(), Source::Id)];
    for (at, field) in kind.fields().iter().enumerate() {
        let Ok(id) = u8::try_from(at).map(FieldId) else { continue };
        let shown = (how.private || !field.private) && profile.uses(kind, id);
        if shown && id != DELETED_AT && id != DELETED_BY {
            all.push((field.name.to_owned(), Source::Field(id)));
        }
    }
    Ok(all)
}

fn chosen_column(kind: Kind, name: &str, how: &CsvWriting) -> Result<Source, Error> {
    match (name, kind.field(name)) {
        ("id", _) => Ok(Source::Id),
        ("version", _) => Ok(Source::Version),
        (_, Some((_, field))) if field.private && !how.private => {
            Err(Error::field(name, Problem::forbidden("it holds personal data, which was not asked for")))
        }
        (_, Some((id, _))) => Ok(Source::Field(id)),
        (_, None) => {
            Err(Error::field("columns", Problem::one_of(name, kind.fields().iter().map(|field| field.name))))
        }
    }
}

/// The leaves of a document with their paths.
fn flatten(path: &str, json: &Json, lines: &mut Vec<(String, String)>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match json {
        Json::Object(entries) => {
            entries.iter().for_each(|(name, json)| flatten(&below(name), json, lines));
        }
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(at, json)| flatten(&below(&at.to_string()), json, lines));
        }
        Json::Null => lines.push((path.to_owned(), String::new())),
        Json::String(text) => lines.push((path.to_owned(), text.clone())),
        plain => lines.push((path.to_owned(), plain.to_string())),
    }
}

/// A file that is being written.
struct Writer<W: Write> {
    csv: csv::Writer<W>,
}

impl<W: Write> Writer<W> {
    fn begin(mut to: W, how: &CsvWriting) -> Result<Self, ExportError> {
        if how.mark {
            to.write_all("\u{feff}".as_bytes())?;
        }
        let csv = csv::WriterBuilder::new().delimiter(how.delimiter).flexible(true).from_writer(to);
        Ok(Self { csv })
    }

    fn line<'c>(&mut self, cells: impl Iterator<Item = Cow<'c, str>>) -> Result<(), ExportError> {
        for cell in cells {
            self.csv.write_field(cell.as_ref())?;
        }
        self.csv.write_record(None::<&[u8]>)?;
        Ok(())
    }

    fn end(mut self) -> Result<(), ExportError> {
        Ok(self.csv.flush()?)
    }
}

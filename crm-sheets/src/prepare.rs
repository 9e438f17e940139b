//! From the rows of a table to what each asks of the engine.
//!
//! Invariant: a row is refused with everything that is wrong with it, before anything is asked of a store.

use std::collections::{BTreeMap, BTreeSet};

use crm_core::describe::{FieldId, FieldKind, Value};
use crm_core::value::{Problem, Uuid, Zone, normal};
use crm_core::{Error, Profile, Session};
use serde_json::{Value as Json, json};

use crate::convert::sent;
use crate::find::{KeyValues, find, form};
use crate::kinds::{Fields, read_fields};
use crate::mapping::{Fitted, FittedColumn, Mapping, Rest, Unmapped};
use crate::report::Reason;
use crate::table::{Cell, Row, Table};

/// A row as the engine would be asked to write it, or why it would not.
pub(crate) struct Prepared {
    pub(crate) row: u64,
    pub(crate) warnings: Vec<String>,
    pub(crate) asked: Result<Asked, Vec<Reason>>,
}

/// What a row asks.
pub(crate) struct Asked {
    pub(crate) key: KeyValues,
    pub(crate) fields: Fields,
}

/// The records that references mean: for each column, by the text of the cell.
type References = BTreeMap<usize, BTreeMap<String, Result<Uuid, Problem>>>;

/// Prepares all rows of a table.
pub(crate) async fn prepare(
    session: &Session<'_>,
    fitted: &Fitted<'_>,
    table: &Table,
) -> Result<Vec<Prepared>, Error> {
    let zone = session.organization().await?.time_zone;
    let mut references = References::new();
    for column in &fitted.columns {
        if column.by.is_some() {
            let found = resolve(session, fitted.mapping, column, table).await?;
            references.insert(column.at, found);
        }
    }
    let desk = Desk { fitted, references, zone, profile: session.profile(), width: table.headers.len() };
    Ok(table.rows.iter().map(|row| desk.prepare(row)).collect())
}

/// Finds the records that the cells of a column mean.
async fn resolve(
    session: &Session<'_>,
    mapping: &Mapping,
    column: &FittedColumn<'_>,
    table: &Table,
) -> Result<BTreeMap<String, Result<Uuid, Problem>>, Error> {
    let mut answers = BTreeMap::new();
    let Some((kind, (id, field))) = column.by else { return Ok(answers) };
    let cells = table.rows.iter().filter_map(|row| row.cells.get(column.at));
    let texts: BTreeSet<String> = cells.filter_map(|cell| cell.to_text().ok()).collect();
    let mut keys: BTreeMap<String, KeyValues> = BTreeMap::new();
    for text in texts.into_iter().filter(|text| !text.is_empty()) {
        let value = sent(&Cell::Text(text.clone()), field.kind, column.column, Zone::default());
        let read = value.and_then(|value| {
            let fields = Fields::from_iter([(field.name.to_owned(), value)]);
            let given = read_fields(kind, &fields, session.profile().field_rules(kind));
            let given = given.map_err(|refused| {
                refused.into_iter().next().map_or(Problem::Required, |refused| refused.problem)
            })?;
            let given = given.into_iter().find(|given| given.field == id);
            given.map(|given| given.value).ok_or(Problem::Required)
        });
        match read {
            Ok(value) => {
                keys.insert(text, vec![form(field, &value, mapping.compare)]);
            }
            Err(problem) => {
                answers.insert(text, Err(problem));
            }
        }
    }
    let wanted: BTreeSet<KeyValues> = keys.values().cloned().collect();
    let found = find(session, kind, &[(id, field)], &wanted, mapping.compare).await?;
    for (text, key) in keys {
        let answer = match found.get(&key).map(Vec::as_slice) {
            Some([one]) => Ok(*one),
            Some(several) if !several.is_empty() => {
                let count = several.len();
                Err(Problem::forbidden(format!("{count} {kind}s have the {} `{text}`", field.name)))
            }
            _ => Err(Problem::forbidden(format!("no {kind} has the {} `{text}`", field.name))),
        };
        answers.insert(text, answer);
    }
    Ok(answers)
}

/// What rows are prepared with.
struct Desk<'a> {
    fitted: &'a Fitted<'a>,
    references: References,
    zone: Zone,
    profile: &'a Profile,
    width: usize,
}

impl Desk<'_> {
    fn prepare(&self, row: &Row) -> Prepared {
        let mut warnings = Vec::new();
        let asked = self.ask(row, &mut warnings);
        Prepared { row: row.number, warnings, asked }
    }

    fn ask(&self, row: &Row, warnings: &mut Vec<String>) -> Result<Asked, Vec<Reason>> {
        let mapping = self.fitted.mapping;
        let mut reasons = Vec::new();
        if row.cells.len() > self.width {
            let problem = Problem::forbidden("the row has more cells than there are headers");
            return Err(vec![Reason::of_cell(None, None, &problem)]);
        }
        let mut fields = mapping.constants.clone();
        for column in &self.fitted.columns {
            match self.read(column, row.cells.get(column.at).unwrap_or(&Cell::Empty), warnings) {
                Ok(Some(value)) => {
                    fields.insert(column.field.name.to_owned(), value);
                }
                Ok(None) => {}
                Err(problem) => {
                    let (header, field) = (&column.column.column, column.field.name);
                    reasons.push(Reason::of_cell(Some(header), Some(field), &problem));
                }
            }
        }
        self.keep_others(row, &mut fields, &mut reasons);
        let rules = self.profile.field_rules(mapping.kind);
        let given = read_fields(mapping.kind, &fields, rules).map_err(Error::Invalid);
        if let Err(refused) = &given {
            reasons.extend(Reason::of_error(refused, &|field| self.column_of(field)));
        }
        let given = given.unwrap_or_default();
        let value = |id: FieldId| given.iter().find(|given| given.field == id).map(|given| &given.value);
        let key = self.fitted.key.iter();
        let key: KeyValues =
            key.map(|(id, field)| form(field, value(*id).unwrap_or(&Value::Null), mapping.compare)).collect();
        if reasons.is_empty() && key.iter().all(Value::is_null) {
            let field = mapping.key.first().map(String::as_str);
            let problem = Problem::Required;
            reasons.push(Reason::of_cell(field.and_then(|field| self.column_of(field)), field, &problem));
        }
        if reasons.is_empty() { Ok(Asked { key, fields }) } else { Err(reasons) }
    }

    fn column_of(&self, field: &str) -> Option<&str> {
        let found = self.fitted.columns.iter().find(|column| column.field.name == field);
        found.map(|column| column.column.column.as_str())
    }

    /// What a cell says of its field; `None` for nothing.
    fn read(
        &self,
        column: &FittedColumn<'_>,
        cell: &Cell,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Json>, Problem> {
        if cell.is_empty() {
            return Ok(column.column.clear_blank.then_some(Json::Null));
        }
        if !column.values.is_empty() {
            let label = cell.to_text()?;
            if let Some(value) = column.values.get(&normal(&label)) {
                return Ok(Some((*value).clone()));
            }
            match &column.column.unmapped {
                Unmapped::Keep => {}
                Unmapped::Reject => {
                    return Err(Problem::one_of(&label, column.column.values.keys()));
                }
                Unmapped::Use(value) => {
                    let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    warnings.push(format!("`{}`: `{label}` was taken as `{shown}`", column.column.column));
                    return Ok(Some(value.clone()));
                }
            }
        }
        if column.by.is_some() {
            let found = self.references.get(&column.at).and_then(|found| found.get(&cell.to_text().ok()?));
            return match found {
                Some(answer) => answer.clone().map(|id| Some(json!(id))),
                None => cell.to_text().and(Err(Problem::malformed("a record that can be found"))),
            };
        }
        let kind = self.fitted.mapping.kind;
        if let (FieldKind::Word, Ok(label)) = (column.field.kind, cell.to_text())
            && let Some(word) = self.profile.word_of(kind, column.field.name, &label)
        {
            return Ok(Some(json!(word)));
        }
        sent(cell, column.field.kind, column.column, self.zone).map(Some)
    }

    /// The columns that are no field, as a document.
    fn keep_others(&self, row: &Row, fields: &mut Fields, reasons: &mut Vec<Reason>) {
        let Rest::Into(name) = &self.fitted.mapping.rest else { return };
        let mut kept = Fields::new();
        for (at, header) in &self.fitted.others {
            let Some(cell) = row.cells.get(*at).filter(|cell| !cell.is_empty()) else { continue };
            match cell.to_text() {
                Ok(text) => {
                    kept.insert(header.clone(), json!(text));
                }
                Err(problem) => reasons.push(Reason::of_cell(Some(header), Some(name), &problem)),
            }
        }
        if !kept.is_empty() {
            fields.insert(name.clone(), Json::Object(kept));
        }
    }
}

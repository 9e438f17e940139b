//! Records in the shape of somebody else's documents, written straight into bytes.
//!
//! Invariant: what is shown of a field is what the engine's own JSON says of it, or a number, a word in capitals or a truth
//! value made of that.

use std::io::Write as _;

use crm_core::describe::{FieldId, Kind, Record, ValueRef};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_json::to_writer;

use crate::errors::Failure;
use crate::lists::Page;
use crate::record::Row;

/// What stands in a column.
#[derive(Debug)]
enum Column {
    Id,
    /// A field, as the engine writes it.
    Field(FieldId),
    /// A decimal as a number, with two decimals at least.
    Number(FieldId),
    /// A word in capitals.
    Capitals(FieldId),
    /// Has the field this word?
    Is(FieldId, String),
    /// What is said with each call, such as the organisation.
    Here,
}

/// Which columns a document has, and under which names.
#[derive(Debug)]
#[pyclass(frozen, module = "crm._crm")]
pub(crate) struct Shape {
    columns: Vec<(String, Column)>,
}

impl Shape {
    fn read(kind: &str, columns: Vec<(String, String, String)>) -> Result<Self, Failure> {
        let kind: Kind = kind.parse().map_err(|_| Failure::Input(format!("no kind `{kind}`")))?;
        let field = |name: &str| {
            let found = kind.field(name).map(|(at, _)| at);
            found.ok_or_else(|| Failure::Input(format!("a {kind} has no `{name}`")))
        };
        let read = |(shown, how, of): (String, String, String)| {
            let column = match how.as_str() {
                "id" => Column::Id,
                "here" => Column::Here,
                "field" => Column::Field(field(&of)?),
                "number" => Column::Number(field(&of)?),
                "capitals" => Column::Capitals(field(&of)?),
                "is" => {
                    let (name, word) = of.split_once('=').unwrap_or((&of, ""));
                    Column::Is(field(name)?, word.to_owned())
                }
                _ => return Err(Failure::Input(format!("no way `{how}` to show a field"))),
            };
            Ok((format!("{}:", serde_json::Value::String(shown)), column))
        };
        Ok(Self { columns: columns.into_iter().map(read).collect::<Result<_, _>>()? })
    }

    fn write(&self, out: &mut Vec<u8>, record: &Record, here: &str) -> Result<(), serde_json::Error> {
        let mut before = b'{';
        for (name, column) in &self.columns {
            out.push(before);
            before = b',';
            out.extend_from_slice(name.as_bytes());
            match column {
                Column::Id => to_writer(&mut *out, &record.id())?,
                Column::Here => to_writer(&mut *out, here)?,
                Column::Field(field) => value(out, &record.view(*field))?,
                Column::Number(field) => match record.view(*field) {
                    ValueRef::Decimal(number) => {
                        let digits = usize::try_from(number.scale()).unwrap_or_default().max(2);
                        write!(out, "{number:.digits$}").map_err(serde_json::Error::io)?;
                    }
                    other => value(out, &other)?,
                },
                Column::Capitals(field) => match record.view(*field) {
                    ValueRef::Text(word) => to_writer(&mut *out, &word.to_uppercase())?,
                    other => value(out, &other)?,
                },
                Column::Is(field, word) => {
                    to_writer(&mut *out, &(record.view(*field) == ValueRef::Text(word)))?;
                }
            }
        }
        out.push(b'}');
        Ok(())
    }
}

fn value(out: &mut Vec<u8>, value: &ValueRef<'_>) -> Result<(), serde_json::Error> {
    match value {
        ValueRef::Null => to_writer(out, &()),
        ValueRef::Bool(flag) => to_writer(out, flag),
        ValueRef::Int(number) => to_writer(out, number),
        ValueRef::Decimal(number) => to_writer(out, number),
        ValueRef::Text(text) => to_writer(out, text),
        ValueRef::Uuid(id) => to_writer(out, id),
        ValueRef::Instant(at) => to_writer(out, at),
        ValueRef::Date(day) => to_writer(out, day),
        ValueRef::Json(json) => to_writer(out, json.as_json()),
    }
}

fn told(py: Python<'_>, written: Result<Vec<u8>, serde_json::Error>) -> PyResult<Bound<'_, PyBytes>> {
    let bytes = written.map_err(|error| Failure::Defect(error.to_string()).raise(py))?;
    Ok(PyBytes::new(py, &bytes))
}

#[pymethods]
impl Shape {
    #[new]
    fn new(py: Python<'_>, kind: &str, columns: Vec<(String, String, String)>) -> PyResult<Self> {
        Self::read(kind, columns).map_err(|failure| failure.raise(py))
    }

    /// A record in this shape.
    fn record<'py>(
        &self,
        py: Python<'py>,
        record: &Bound<'py, Row>,
        here: &str,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let mut out = Vec::new();
        let done = self.write(&mut out, record.get().record(), here);
        told(py, done.map(|()| out))
    }

    /// The records of a page in this shape, as an array.
    fn rows<'py>(
        &self,
        py: Python<'py>,
        page: &Bound<'py, Page>,
        here: &str,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let page = page.get();
        let written = py.detach(|| {
            let mut out = vec![b'['];
            for (at, record) in page.records().iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                self.write(&mut out, record, here)?;
            }
            out.push(b']');
            Ok(out)
        });
        told(py, written)
    }
}

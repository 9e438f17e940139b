//! A transaction of the host, on a connection of a driver of Python.
//!
//! A call is driven by the task that waits for it: it asks for a statement, that task runs it on its own connection, and
//! says what came of it. So it is one transaction with what the host writes, in the host's own task and thread.
//!
//! Invariant: one statement is asked for at a time, and what is left of a call that was given up is undone before the next.

use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use async_trait::async_trait;
use crm_core::describe::Value;
use crm_store_sqlx::sqlite::{Plain, statements};
use crm_store_sqlx::{Connection, DoorError, Param, Row, UNDO, postgres};
use pyo3::IntoPyObjectExt as _;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};

use crate::convert::{cell, value};

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    Postgres,
    Sqlite,
}

/// A statement that the host is asked to run.
#[derive(Debug)]
enum Asked {
    Postgres(String, Vec<Param>),
    Sqlite(String, Vec<Plain>),
    Undo,
}

/// What a call and the task that drives it say to each other.
#[derive(Debug, Default)]
struct Said {
    asked: Option<Asked>,
    answered: Option<Result<Vec<Row>, DoorError>>,
}

/// The driver of the host, and what is said to it.
#[derive(Debug)]
pub(crate) struct Host {
    /// An object of the Python layer: it drives operations.
    pub(crate) driver: Py<PyAny>,
    exchange: Exchange,
}

#[derive(Clone, Debug, Default)]
struct Exchange(Arc<Mutex<Said>>);

impl Exchange {
    fn said(&self) -> MutexGuard<'_, Said> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, asked: Asked) -> Result<Vec<Row>, DoorError> {
        *self.said() = Said { asked: Some(asked), answered: None };
        poll_fn(|_| self.said().answered.take().map_or(Poll::Pending, Poll::Ready)).await
    }
}

impl Host {
    pub(crate) fn new(driver: Py<PyAny>) -> Self {
        Self { driver, exchange: Exchange::default() }
    }

    /// A connection that asks this host.
    pub(crate) fn connection(&self, database: Database) -> HostConnection {
        HostConnection { exchange: self.exchange.clone(), database }
    }

    /// What is to be run now: a text and its values.
    pub(crate) fn asked<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let Some(asked) = self.exchange.said().asked.take() else { return Ok(None) };
        let (text, values) = match asked {
            Asked::Postgres(text, values) => (text, list(py, &values, sent)?),
            Asked::Sqlite(text, values) => (text, list(py, &values, plain)?),
            Asked::Undo => (UNDO.to_owned(), PyList::empty(py)),
        };
        Ok(Some((text, values).into_pyobject(py)?))
    }

    /// What came of it.
    pub(crate) fn answer(&self, rows: &Bound<'_, PyAny>) {
        let read =
            |row: Bound<'_, PyAny>| row.try_iter()?.map(|found| cell(&found?)).collect::<PyResult<Row>>();
        let rows = rows.try_iter().and_then(|rows| rows.map(|row| read(row?)).collect::<PyResult<Vec<_>>>());
        self.exchange.said().answered =
            Some(rows.map_err(|error| DoorError::Failed(Box::new(Told(error.to_string())))));
    }

    /// It failed: with an SQLSTATE or, on SQLite, with the name of an error of it.
    pub(crate) fn refuse(&self, state: &str, message: String) {
        let error = Box::new(Told(message));
        let refused = match state {
            "SQLITE_CONSTRAINT_UNIQUE" | "SQLITE_CONSTRAINT_PRIMARYKEY" => DoorError::Taken(error),
            state if state.starts_with("SQLITE_BUSY") || state.starts_with("SQLITE_LOCKED") => {
                DoorError::GaveWay(error)
            }
            state => postgres::refused(state, error),
        };
        self.exchange.said().answered = Some(Err(refused));
    }
}

/// What the host's driver said.
#[derive(Debug)]
struct Told(String);

impl fmt::Display for Told {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Told {}

/// The connection, as a store sees it.
#[derive(Debug)]
pub(crate) struct HostConnection {
    exchange: Exchange,
    database: Database,
}

#[async_trait]
impl Connection for HostConnection {
    async fn run(&mut self, text: &str, values: &[Param]) -> Result<Vec<Row>, DoorError> {
        if self.database == Database::Postgres {
            return self.exchange.ask(Asked::Postgres(text.to_owned(), values.to_vec())).await;
        }
        let mut rows = Vec::new();
        for (text, values) in statements(text, values) {
            rows = self.exchange.ask(Asked::Sqlite(text, values)).await?;
        }
        Ok(rows)
    }

    fn abandoned(&mut self) {
        *self.exchange.said() = Said { asked: Some(Asked::Undo), answered: None };
    }
}

fn list<'py, T>(
    py: Python<'py>,
    values: &[T],
    object: fn(Python<'py>, &T) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyList>> {
    let objects = values.iter().map(|value| object(py, value));
    PyList::new(py, objects.collect::<PyResult<Vec<_>>>()?)
}

/// A parameter as drivers of PostgreSQL take it, which learn from the server what it is to be.
fn sent<'py>(py: Python<'py>, param: &Param) -> PyResult<Bound<'py, PyAny>> {
    // Where a text says which type it wants, it casts; a decimal travels as text then, which keeps its digits.
    let typed = |one: &Value| match one {
        Value::Decimal(number) => number.to_string().into_bound_py_any(py),
        one => text_of_json(py, one),
    };
    match param {
        Param::One(one) => text_of_json(py, one),
        Param::Typed(_, one) => typed(one),
        Param::Many(_, values) => {
            Ok(PyList::new(py, values.iter().map(typed).collect::<PyResult<Vec<_>>>()?)?.into_any())
        }
    }
}

fn text_of_json<'py>(py: Python<'py>, one: &Value) -> PyResult<Bound<'py, PyAny>> {
    match one {
        Value::Json(json) => json.canonical().into_bound_py_any(py),
        one => value(py, &one.view()),
    }
}

fn plain<'py>(py: Python<'py>, value: &Plain) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Plain::Null => Ok(py.None().into_bound(py)),
        Plain::Int(number) => number.into_bound_py_any(py),
        Plain::Text(text) => text.into_bound_py_any(py),
        Plain::Blob(bytes) => Ok(PyBytes::new(py, bytes).into_any()),
    }
}

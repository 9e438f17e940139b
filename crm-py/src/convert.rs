//! Values on their way to Python and back.
//!
//! Invariant: a decimal stays exact, a time is aware and in UTC, and what has no zone is refused.

use crm_core::describe::{Value, ValueRef};
use crm_core::value::{Date, Instant, Uuid};
use pyo3::IntoPyObjectExt as _;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use serde_json::Value as Json;

use crate::errors::Failure;

/// Classes of Python's library, looked up once.
struct Classes {
    uuid: Py<PyAny>,
    decimal: Py<PyAny>,
    date: Py<PyAny>,
    datetime: Py<PyAny>,
    delta: Py<PyAny>,
    /// The first of January 1970 in UTC.
    epoch: Py<PyAny>,
    loads: Py<PyAny>,
}

static CLASSES: PyOnceLock<Classes> = PyOnceLock::new();

fn classes(py: Python<'_>) -> PyResult<&Classes> {
    CLASSES.get_or_try_init(py, || {
        let of = |module: &str, name: &str| py.import(module)?.getattr(name);
        let datetime = of("datetime", "datetime")?;
        let zone = of("datetime", "timezone")?.getattr("utc")?;
        Ok(Classes {
            uuid: of("uuid", "UUID")?.unbind(),
            decimal: of("decimal", "Decimal")?.unbind(),
            date: of("datetime", "date")?.unbind(),
            delta: of("datetime", "timedelta")?.unbind(),
            epoch: datetime.call1((1970, 1, 1, 0, 0, 0, 0, zone))?.unbind(),
            datetime: datetime.unbind(),
            loads: of("json", "loads")?.unbind(),
        })
    })
}

/// An id.
pub(crate) fn uuid(py: Python<'_>, id: Uuid) -> PyResult<Bound<'_, PyAny>> {
    // Hexadecimal digits are read quicker than the fields are checked.
    let mut digits = Uuid::encode_buffer();
    classes(py)?.uuid.bind(py).call1((&*id.simple().encode_lower(&mut digits),))
}

/// The id in an object of Python's class of ids, or of a class made of it; nothing if it is something else. Its text would
/// be put together in Python, its bytes are not.
pub(crate) fn id_in(given: &Bound<'_, PyAny>) -> PyResult<Option<Uuid>> {
    if !given.is_instance(classes(given.py())?.uuid.bind(given.py()))? {
        return Ok(None);
    }
    let bytes = given.getattr("bytes")?.cast_into::<PyBytes>()?;
    let id = Uuid::from_slice(bytes.as_bytes()).map_err(|_| wrong(given, "an id that cannot be read"))?;
    Ok(Some(id))
}

/// A point in time: aware, in UTC.
pub(crate) fn instant(py: Python<'_>, at: Instant) -> PyResult<Bound<'_, PyAny>> {
    let classes = classes(py)?;
    let since = classes.delta.bind(py).call1((0, 0, at.unix_micros()))?;
    classes.epoch.bind(py).add(since)
}

fn date(py: Python<'_>, day: Date) -> PyResult<Bound<'_, PyAny>> {
    classes(py)?.date.bind(py).call1(day.ymd())
}

/// The content of a field.
pub(crate) fn value<'py>(py: Python<'py>, value: &ValueRef<'_>) -> PyResult<Bound<'py, PyAny>> {
    match value {
        ValueRef::Null => Ok(py.None().into_bound(py)),
        ValueRef::Bool(flag) => flag.into_bound_py_any(py),
        ValueRef::Int(number) => number.into_bound_py_any(py),
        ValueRef::Decimal(number) => classes(py)?.decimal.bind(py).call1((number.to_string(),)),
        ValueRef::Text(text) => text.into_bound_py_any(py),
        ValueRef::Uuid(id) => uuid(py, *id),
        ValueRef::Instant(at) => instant(py, *at),
        ValueRef::Date(day) => date(py, *day),
        ValueRef::Json(json) => loads(py, &json.as_json().to_string()),
    }
}

/// A JSON document as dictionaries, lists and plain values.
pub(crate) fn loads<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    classes(py)?.loads.bind(py).call1((text,))
}

/// Deeper than any document that a person would write; a list can hold itself.
const MOST_DEPTH: u32 = 64;

/// What Python gave, in the JSON form of the engine.
pub(crate) fn json(given: &Bound<'_, PyAny>) -> PyResult<Json> {
    nested(given, MOST_DEPTH)
}

fn nested(given: &Bound<'_, PyAny>, depth: u32) -> PyResult<Json> {
    if depth == 0 {
        return Err(wrong(given, "something that holds itself, or is too deep"));
    }
    let depth = depth - 1;
    if given.is_none() {
        return Ok(Json::Null);
    }
    if let Ok(text) = given.cast::<PyString>() {
        let text = text.to_str().map_err(|_| wrong(given, "a text with half a character"))?;
        return Ok(Json::String(text.to_owned()));
    }
    if let Ok(flag) = given.cast::<PyBool>() {
        return Ok(Json::Bool(flag.is_true()));
    }
    if let Ok(number) = given.cast::<PyInt>() {
        // A number of Python has no size; what no number of JSON holds is sent by its digits.
        return match number.extract::<i64>() {
            Ok(number) => Ok(number.into()),
            Err(_) => Ok(Json::String(number.str()?.to_str()?.to_owned())),
        };
    }
    if given.is_instance_of::<PyFloat>() {
        let number = serde_json::Number::from_f64(given.extract()?);
        return number.map(Json::Number).ok_or_else(|| wrong(given, "a number that is not finite"));
    }
    if let Ok(dict) = given.cast::<PyDict>() {
        let pairs = dict.iter().map(|(name, value)| Ok((name.extract::<String>()?, nested(&value, depth)?)));
        return Ok(Json::Object(pairs.collect::<PyResult<_>>()?));
    }
    if given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>() {
        let items = given.try_iter()?.map(|item| nested(&item?, depth));
        return Ok(Json::Array(items.collect::<PyResult<_>>()?));
    }
    if let Some(id) = id_in(given)? {
        return Ok(Json::String(id.to_string()));
    }
    let py = given.py();
    let classes = classes(py)?;
    if given.is_instance(classes.decimal.bind(py))? {
        // Without an exponent, which no amount is written with.
        return Ok(Json::String(given.call_method1("__format__", ("f",))?.extract()?));
    }
    if is_time(given)? || given.is_instance(classes.date.bind(py))? {
        return Ok(Json::String(given.call_method0("isoformat")?.extract()?));
    }
    Err(PyTypeError::new_err(format!("a value of type `{}` cannot be sent", given.get_type().name()?)))
}

/// What cannot be sent is the caller's error.
fn wrong(given: &Bound<'_, PyAny>, what: &str) -> PyErr {
    Failure::Input(what.to_owned()).raise(given.py())
}

/// Is it a point in time? One without a zone is refused.
fn is_time(given: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = given.py();
    if !given.is_instance(classes(py)?.datetime.bind(py))? {
        return Ok(false);
    }
    if given.call_method0("utcoffset")?.is_none() {
        return Err(wrong(given, "a time without a zone; give it one, such as `datetime.UTC`"));
    }
    Ok(true)
}

/// A cell of a row that a driver of Python gave.
pub(crate) fn cell(given: &Bound<'_, PyAny>) -> PyResult<Value> {
    let py = given.py();
    let classes = classes(py)?;
    if given.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(text) = given.cast::<PyString>() {
        return Ok(Value::text(text.to_str()?));
    }
    if let Ok(flag) = given.cast::<PyBool>() {
        return Ok(Value::Bool(flag.is_true()));
    }
    if given.is_instance_of::<PyInt>() {
        return Ok(Value::Int(given.extract()?));
    }
    let wrong = |what: &str| wrong(given, &format!("{what} that cannot be read"));
    if let Ok(bytes) = given.cast::<PyBytes>() {
        return Uuid::from_slice(bytes.as_bytes()).map(Value::Uuid).map_err(|_| wrong("an id"));
    }
    if let Some(id) = id_in(given)? {
        return Ok(Value::Uuid(id));
    }
    if given.is_instance(classes.decimal.bind(py))? {
        let digits = given.call_method1("__format__", ("f",))?;
        let number = digits.extract::<String>()?.parse().map_err(|_| wrong("a number"))?;
        return Ok(Value::Decimal(number));
    }
    if is_time(given)? {
        let since = given.sub(classes.epoch.bind(py))?;
        let part = |name: &str| since.getattr(name)?.extract::<i64>();
        let micros = (part("days")? * 86_400 + part("seconds")?) * 1_000_000 + part("microseconds")?;
        return Instant::from_unix_micros(micros).map(Value::Instant).ok_or_else(|| wrong("a time"));
    }
    if given.is_instance(classes.date.bind(py))? {
        let text: String = given.call_method0("isoformat")?.extract()?;
        return Date::parse(&text).map(Value::Date).map_err(|_| wrong("a day"));
    }
    Err(PyTypeError::new_err(format!("a column gave a `{}`", given.get_type().name()?)))
}

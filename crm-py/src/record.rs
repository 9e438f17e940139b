//! Records: immutable objects over what the engine shares. Nothing is copied until a field is asked for.
//!
//! Invariant: a class of Python has the fields of the entity's table, and no list of its own.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use crm_core::describe::{Entity, Field, FieldId, Kind, Record};
use pyo3::exceptions::{PyAttributeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyType};

use crate::convert::{json, loads, uuid, value};
use crate::errors::Failure;

/// A record of any kind.
#[derive(Debug)]
#[pyclass(frozen, subclass, module = "crm", name = "Record")]
pub(crate) struct Row {
    record: Record,
}

impl Row {
    /// The record itself.
    pub(crate) fn record(&self) -> &Record {
        &self.record
    }
}

#[pymethods]
impl Row {
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        uuid(py, self.record.id())
    }

    #[getter]
    fn version(&self) -> u64 {
        self.record.version()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().record == self.record)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.record.kind(), self.record.id(), self.record.version()).hash(&mut hasher);
        hasher.finish()
    }

    /// Without what it holds: that may be somebody's name.
    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let Self { record } = slf.get();
        Ok(format!("<{} {} version {}>", slf.get_type().name()?, record.id(), record.version()))
    }

    /// As JSON, in the form of the engine.
    fn to_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let text = text(&self.record).map_err(|failure| failure.raise(py))?;
        Ok(PyBytes::new(py, text.as_bytes()))
    }

    /// Every field by its name.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("id", uuid(py, self.record.id())?)?;
        dict.set_item("version", self.record.version())?;
        for (at, field) in (0..).zip(self.record.kind().fields()) {
            dict.set_item(field.name, value(py, &self.record.view(FieldId(at)))?)?;
        }
        Ok(dict)
    }

    /// The same record with other values of these fields; nothing is written, and no rule is asked.
    #[pyo3(signature = (**fields))]
    fn replace(&self, py: Python<'_>, fields: Option<&Bound<'_, PyDict>>) -> PyResult<Py<PyAny>> {
        let wrong = |error: serde_json::Error| Failure::Input(error.to_string()).raise(py);
        let mut record = serde_json::to_value(&self.record).map_err(wrong)?;
        for (name, value) in fields.into_iter().flatten() {
            let name: String = name.extract()?;
            match record.get_mut(&name) {
                Some(place) if name != "record" => *place = json(&value)?,
                _ => return Err(PyTypeError::new_err(format!("the record has no field `{name}`"))),
            }
        }
        object(py, serde_json::from_value(record).map_err(wrong)?)
    }

    /// It cannot change, so it is its own copy.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        let text = serde_json::to_string(&self.record)
            .map_err(|error| Failure::Defect(error.to_string()).raise(py))?;
        Ok((py.import("crm._crm")?.getattr("_record")?, (text,)))
    }
}

/// A field of a class: reading it makes an object of what is there.
#[derive(Debug)]
#[pyclass(frozen, module = "crm._crm", name = "Field")]
pub(crate) struct Descriptor {
    at: FieldId,
    field: &'static Field,
}

#[pymethods]
impl Descriptor {
    fn __get__<'py>(
        slf: &Bound<'py, Self>,
        of: &Bound<'py, PyAny>,
        _class: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if of.is_none() {
            return Ok(slf.clone().into_any());
        }
        value(slf.py(), &of.cast::<Row>()?.get().record.view(slf.get().at))
    }

    fn __set__(&self, _of: &Bound<'_, PyAny>, _value: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(PyAttributeError::new_err("a record does not change; a command makes a new version of it"))
    }

    #[getter]
    fn __doc__(&self) -> &'static str {
        self.field.doc
    }

    #[getter]
    fn __name__(&self) -> &'static str {
        self.field.name
    }
}

macro_rules! classes {
    ($($name:ident,)*) => {
        mod class {
            use super::{Row, pyclass};
            $(
                #[derive(Debug)]
                #[pyclass(frozen, extends = Row, module = "crm")]
                pub(crate) struct $name;
            )*
        }

        /// The object of a record.
        pub(crate) fn object(py: Python<'_>, record: Record) -> PyResult<Py<PyAny>> {
            match record {
                $(Record::$name(_) => Ok(Py::new(py, (class::$name, Row { record }))?.into_any()),)*
            }
        }

        /// The JSON of a record, with its fields in the order of the table.
        pub(crate) fn text(record: &Record) -> Result<String, Failure> {
            let text = match record {
                $(Record::$name(row) => serde_json::to_string(row),)*
            };
            text.map_err(|error| Failure::Defect(error.to_string()))
        }

        /// Adds the classes to the module, each with the fields of its table.
        pub(crate) fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
            module.add_class::<Row>()?;
            module.add("_KINDS", vec![$((stringify!($name), Kind::$name.name())),*])?;
            $(
                module.add_class::<class::$name>()?;
                describe(&module.py().get_type::<class::$name>(), Kind::$name)?;
            )*
            Ok(())
        }
    };
}

crm_core::every_record!(classes);

fn describe(class: &Bound<'_, PyType>, kind: Kind) -> PyResult<()> {
    for (at, field) in (0..).zip(kind.fields()) {
        class.setattr(field.name, Descriptor { at: FieldId(at), field })?;
    }
    class.setattr("record_kind", kind.name())
}

/// The object of an entity.
pub(crate) fn shared<E: Entity>(py: Python<'_>, entity: Arc<E>) -> PyResult<Py<PyAny>> {
    object(py, entity.record())
}

/// A record again, from what it was pickled as.
#[pyfunction]
#[pyo3(name = "_record")]
pub(crate) fn unpickled(py: Python<'_>, text: &str) -> PyResult<Py<PyAny>> {
    let record: Record =
        serde_json::from_str(text).map_err(|error| Failure::Input(error.to_string()).raise(py))?;
    object(py, record)
}

/// The fields of a kind, for whoever makes something of them.
#[pyfunction]
#[pyo3(name = "_fields")]
pub(crate) fn fields<'py>(py: Python<'py>, kind: &str) -> PyResult<Bound<'py, PyAny>> {
    let kind: Kind = kind.parse().map_err(|_| Failure::Input(format!("no kind `{kind}`")).raise(py))?;
    let lines = kind.fields().iter().map(|field| {
        serde_json::json!({
            "name": field.name, "doc": field.doc, "kind": format!("{:?}", field.kind), "required": field.required,
            "given": field.given,
        })
    });
    loads(py, &serde_json::Value::from_iter(lines).to_string())
}

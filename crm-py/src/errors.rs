//! Failures on their way to Python, where they are exceptions of `crm.errors`.
//!
//! Invariant: nothing fails with anything else, a panic included.

use std::any::Any;
use std::error::Error as _;

use crm_core::Error;
use crm_core::webhook::Refusal;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// Why a call failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The engine refused it, or its store failed.
    Engine(Box<Error>),
    /// The accounts refused it.
    Account(Box<crm_accounts::Error>),
    /// A webhook's signature was refused.
    Webhook(Refusal),
    /// A file cannot be read, or its mapping does not fit: code, message, details.
    Sheet(&'static str, String, serde_json::Value),
    /// The engine failed while a file was brought in; what was done until then.
    Stopped(Box<Error>, serde_json::Value),
    /// What came from Python is not what is wanted.
    Input(String),
    /// The handle belongs to another process: it was made by the first and used in the second.
    Forked(u32, u32),
    /// The handle was closed.
    Closed,
    /// A defect of this package.
    Defect(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Engine(Box::new(error))
    }
}

impl Failure {
    /// What a panic said.
    pub(crate) fn panic(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        Self::Defect(text.unwrap_or_else(|| "a panic without words".to_owned()))
    }

    /// The exception. Where even that fails, the reason of that.
    pub(crate) fn raise(&self, py: Python<'_>) -> PyErr {
        self.exception(py).map_or_else(|error| error, PyErr::from_value)
    }

    fn exception<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let module = py.import("crm.errors")?;
        let made = |class: &str, code: &str, message: &str, details: &str, retryable: bool| {
            made(py, class, (code, message, details), retryable)
        };
        match self {
            Self::Stopped(error, report) => {
                let told = Self::of_engine(py, error)?;
                let report = crate::convert::loads(py, &report.to_string())?;
                told.getattr("details")?.set_item("report", report)?;
                Ok(told)
            }
            Self::Engine(error) => Self::of_engine(py, error),
            Self::Account(error) => {
                let details = error.details().to_string();
                let class = crate::accounts::class(error);
                made(class, error.code(), &error.to_string(), &details, error.is_retryable())
            }
            // That there is no secret is the host's own fault, and not the caller's.
            Self::Webhook(refusal) => {
                let none = matches!(refusal, Refusal::NoSecret);
                let class = if none { "internal" } else { "unauthenticated" };
                made(class, crate::webhook::code(*refusal), &refusal.to_string(), "{}", false)
            }
            Self::Sheet(code, message, details) => {
                made("invalid", code, message, &details.to_string(), false)
            }
            Self::Input(message) => made("invalid", "invalid", message, "{}", false),
            Self::Defect(message) => made("internal", "internal", message, "{}", false),
            Self::Closed => module.getattr("ClosedError")?.call0(),
            Self::Forked(owner, here) => module.getattr("ForkError")?.call1((*owner, *here)),
        }
    }

    /// The exception of a failure of the engine.
    fn of_engine<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
        let class = serde_json::to_value(error.class()).unwrap_or_default();
        let class = class.as_str().unwrap_or("internal");
        let details = error.details().to_string();
        let made = made(py, class, (error.code(), &error.to_string(), &details), error.is_retryable())?;
        // What it comes from is for whoever reads the traceback, and not part of the message.
        let mut cause = error.source();
        while let Some(one) = cause {
            made.call_method1("add_note", (format!("caused by: {one}"),))?;
            cause = one.source();
        }
        Ok(made)
    }
}

fn made<'py>(
    py: Python<'py>,
    class: &str,
    (code, message, details): (&str, &str, &str),
    retryable: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let details = PyString::new(py, details);
    py.import("crm.errors")?.getattr("made")?.call1((class, code, message, details, retryable))
}

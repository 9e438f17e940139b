//! The engine as a native module of Python; the package `crm` is a typed layer over it.
//!
//! Nothing here decides: values come in, the engine is called, values go out.
//!
//! Invariant: whatever fails, panics included, is an exception of `crm.errors` or one that Python itself has for it.

mod accounts;
mod bridge;
mod commands;
mod convert;
mod engine;
mod errors;
mod host;
mod integration;
mod lists;
mod module_reports;
mod op;
mod reads;
mod record;
mod reports;
mod runtime;
mod session;
mod shape;
mod sheets;
mod webhook;

use pyo3::prelude::*;

#[pymodule(name = "_crm", gil_used = true)]
fn native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    record::install(module)?;
    module.add_class::<accounts::NativeAccounts>()?;
    module.add_class::<bridge::Bridge>()?;
    module.add_class::<commands::Plan>()?;
    module.add_class::<engine::Engine>()?;
    module.add_class::<engine::PyClock>()?;
    module.add_class::<session::NativeSession>()?;
    module.add_class::<lists::Page>()?;
    module.add_class::<op::Op>()?;
    module.add_class::<record::Descriptor>()?;
    module.add_class::<shape::Shape>()?;
    module.add_class::<sheets::PyTable>()?;
    module.add_function(wrap_pyfunction!(integration::integration, module)?)?;
    module.add_function(wrap_pyfunction!(record::fields, module)?)?;
    module.add_function(wrap_pyfunction!(record::unpickled, module)?)?;
    module.add_function(wrap_pyfunction!(sheets::mapping_of_fields, module)?)?;
    module.add_function(wrap_pyfunction!(sheets::read_csv, module)?)?;
    module.add_function(wrap_pyfunction!(sheets::read_xlsx, module)?)?;
    module.add_function(wrap_pyfunction!(webhook::sign, module)?)?;
    module.add_function(wrap_pyfunction!(webhook::sign_sender, module)?)?;
    module.add_function(wrap_pyfunction!(webhook::verify, module)?)?;
    module.add_function(wrap_pyfunction!(webhook::verify_at, module)?)?;
    module.add_function(wrap_pyfunction!(webhook::verify_sender, module)?)?;
    module.add("COMMANDS", commands::NAMES)?;
    module.add("VERSION", env!("CARGO_PKG_VERSION"))
}

//! Signatures of webhooks, over the raw body.
//!
//! Invariant: what does not fit is refused with the name of the reason, and never with a plain `False` that nobody looks at.

use crm_core::webhook::{self, Refusal, weak};
use pyo3::prelude::*;

use crate::engine::read;
use crate::errors::Failure;

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Webhook(refusal)
    }
}

/// The stable name of a refusal.
pub(crate) fn code(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NoSecret => "no_secret",
        Refusal::MissingSignature => "missing_signature",
        Refusal::MissingTimestamp => "missing_timestamp",
        Refusal::MalformedTimestamp => "malformed_timestamp",
        Refusal::OutsideTolerance => "outside_tolerance",
        _ => "signature_mismatch",
    }
}

fn raised<T>(py: Python<'_>, answer: Result<T, Refusal>) -> PyResult<T> {
    answer.map_err(|refusal| Failure::from(refusal).raise(py))
}

/// Signs a body, with the time where that is signed too.
#[pyfunction]
#[pyo3(name = "_sign")]
pub(crate) fn sign(py: Python<'_>, secret: &[u8], body: &[u8], timestamp: Option<&str>) -> PyResult<String> {
    raised(py, timestamp.map_or_else(|| webhook::sign(secret, body), |at| webhook::sign_at(secret, at, body)))
}

/// Verifies the signature of a body.
#[pyfunction]
#[pyo3(name = "_verify")]
#[expect(clippy::needless_pass_by_value, reason = "what is extracted from Python is handed over")]
pub(crate) fn verify(
    py: Python<'_>,
    secrets: Vec<Vec<u8>>,
    body: &[u8],
    signature: Option<&str>,
) -> PyResult<()> {
    let secrets: Vec<&[u8]> = secrets.iter().map(Vec::as_slice).collect();
    raised(py, webhook::verify(&secrets, body, signature))
}

/// Verifies the signature of a body with its timestamp.
#[pyfunction]
#[pyo3(name = "_verify_at")]
#[expect(clippy::needless_pass_by_value, reason = "what is extracted from Python is handed over")]
pub(crate) fn verify_at(
    py: Python<'_>,
    secrets: Vec<Vec<u8>>,
    body: &[u8],
    timestamp: Option<&str>,
    signature: Option<&str>,
    now: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let secrets: Vec<&[u8]> = secrets.iter().map(Vec::as_slice).collect();
    raised(py, webhook::verify_at(&secrets, body, timestamp, signature, read(now, "a time")?))
}

/// Signs who sends, and nothing else.
#[pyfunction]
#[pyo3(name = "_sign_sender")]
pub(crate) fn sign_sender(py: Python<'_>, secret: &[u8], client: &str, account: &str) -> PyResult<String> {
    raised(py, weak::sign(secret, client, account))
}

/// Verifies who sends, and nothing else.
#[pyfunction]
#[pyo3(name = "_verify_sender")]
#[expect(clippy::needless_pass_by_value, reason = "what is extracted from Python is handed over")]
pub(crate) fn verify_sender(
    py: Python<'_>,
    secrets: Vec<Vec<u8>>,
    client: &str,
    account: &str,
    signature: Option<&str>,
) -> PyResult<()> {
    let secrets: Vec<&[u8]> = secrets.iter().map(Vec::as_slice).collect();
    raised(py, weak::verify(&secrets, client, account, signature))
}

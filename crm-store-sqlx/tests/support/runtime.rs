//! What the tests of the stores share: a runtime, and names of their own.
//!
//! Invariant: all tests of a program share one runtime, because pools belong to it.

use std::future::Future;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::runtime::Runtime;

pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
});

/// Runs a future to its end.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    RUNTIME.block_on(future)
}

/// A name that nobody else has.
pub(crate) fn unique(what: &str) -> String {
    static NUMBERS: AtomicU32 = AtomicU32::new(0);
    format!("{what}_{}_{}", std::process::id(), NUMBERS.fetch_add(1, Ordering::Relaxed))
}

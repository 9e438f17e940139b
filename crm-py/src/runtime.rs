//! The runtime that waits for databases.
//!
//! Its threads never touch Python: what they finish is picked up by a thread that is in Python anyway, so none of them
//! can be in the way when the interpreter ends, and none waits for its lock.
//!
//! Invariant: a runtime is used by the process that made it, and never by a child that was forked from it.

use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Runtime};

use crate::errors::Failure;

/// One thread waits for databases more cheaply than two, which wake each other; a service that has more to do has more
/// worker processes. `CRM_RUNTIME_THREADS` says otherwise.
const THREADS: usize = 1;

/// The runtime of a process. It lives as long as the process: ending it would mean to wait for what it does.
static RUNTIME: Mutex<Option<(u32, &'static Runtime)>> = Mutex::new(None);

/// The runtime of this process, made when it is first needed.
pub(crate) fn runtime() -> Result<&'static Runtime, Failure> {
    let mut slot = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if let Some((owner, runtime)) = *slot
        && owner == process
    {
        return Ok(runtime);
    }
    let threads = std::env::var("CRM_RUNTIME_THREADS").ok().and_then(|text| text.parse().ok());
    let made = Builder::new_multi_thread()
        .worker_threads(threads.filter(|threads| *threads > 0).unwrap_or(THREADS))
        .thread_name("crm-rt")
        .enable_all()
        .build();
    let runtime: &'static Runtime =
        Box::leak(Box::new(made.map_err(|error| Failure::Defect(format!("no runtime: {error}")))?));
    *slot = Some((process, runtime));
    Ok(runtime)
}

//! From the runtime's threads to an event loop.
//!
//! There is one bridge for each loop. What a thread of the runtime has finished goes into a queue, and the first that
//! finds the queue empty writes a byte to a socket that the loop watches: one wake for all that is there by then.
//!
//! Invariant: whoever is in the runtime touches no object of Python; a loop that is gone is told nothing.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use tokio::task::AbortHandle;

use crate::op::{Outcome, Work, caught, finished};
use crate::runtime::runtime;

/// What the threads of the runtime and the loop share.
struct Shared {
    done: Mutex<Vec<(u64, Outcome)>>,
    wake: UnixStream,
}

/// Calls on their way, by number, and the futures that wait for them.
#[derive(Debug, Default)]
struct Waiting {
    last: u64,
    futures: HashMap<u64, Py<PyAny>>,
}

/// The bridge to one event loop.
#[pyclass(frozen, module = "crm._crm")]
pub(crate) struct Bridge {
    shared: Arc<Shared>,
    ready: UnixStream,
    waiting: Mutex<Waiting>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Bridge {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Bridge").field("ready", &self.ready).finish_non_exhaustive()
    }
}

impl Shared {
    fn finish(&self, number: u64, outcome: Outcome) {
        let mut done = lock(&self.done);
        done.push((number, outcome));
        if done.len() == 1 {
            // It cannot be written if nobody reads any more, and then nobody waits either.
            drop((&self.wake).write(&[1]));
        }
    }
}

#[pymethods]
impl Bridge {
    #[new]
    fn new() -> PyResult<Self> {
        let (ready, wake) = UnixStream::pair()?;
        ready.set_nonblocking(true)?;
        wake.set_nonblocking(true)?;
        let shared = Arc::new(Shared { done: Mutex::new(Vec::new()), wake });
        Ok(Self { shared, ready, waiting: Mutex::new(Waiting::default()) })
    }

    /// What the loop watches.
    fn fileno(&self) -> i32 {
        self.ready.as_raw_fd()
    }

    /// How many calls are on their way.
    fn __len__(&self) -> usize {
        lock(&self.waiting).futures.len()
    }

    /// Hands over what is finished; the loop calls it.
    fn drain(&self, py: Python<'_>) -> PyResult<()> {
        drop((&self.ready).read(&mut [0; 16]));
        let done = std::mem::take(&mut *lock(&self.shared.done));
        for (number, outcome) in done {
            let Some(future) = lock(&self.waiting).futures.remove(&number) else { continue };
            let future = future.bind(py);
            if future.call_method0("done")?.is_truthy()? {
                continue;
            }
            match finished(py, outcome) {
                Ok(answer) => future.call_method1("set_result", (answer,))?,
                Err(error) => future.call_method1("set_exception", (error.into_value(py),))?,
            };
        }
        Ok(())
    }
}

/// A call that the runtime works on.
#[derive(Debug)]
pub(crate) struct Task {
    bridge: Py<Bridge>,
    number: u64,
    handle: AbortHandle,
}

impl Task {
    /// Nobody waits for it any more.
    pub(crate) fn abort(&self) {
        self.handle.abort();
        // The future goes when the lock is free: whatever its end sets off may come back here.
        let gone = lock(&self.bridge.get().waiting).futures.remove(&self.number);
        drop(gone);
    }
}

impl Bridge {
    /// Has the runtime do the work, and the loop finish the future.
    pub(crate) fn submit(bridge: &Bound<'_, Self>, future: &Bound<'_, PyAny>, work: Work) -> PyResult<Task> {
        let this = bridge.get();
        let runtime = runtime().map_err(|failure| failure.raise(bridge.py()))?;
        let number = {
            let mut waiting = lock(&this.waiting);
            waiting.last += 1;
            let number = waiting.last;
            waiting.futures.insert(number, future.clone().unbind());
            number
        };
        let shared = this.shared.clone();
        let task = runtime.spawn(async move {
            let outcome = caught(work).await;
            shared.finish(number, outcome);
        });
        Ok(Task { bridge: bridge.clone().unbind(), number, handle: task.abort_handle() })
    }
}

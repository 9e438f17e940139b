//! A call that was begun and not yet waited for. It can be awaited, and it can be waited for.
//!
//! Awaiting what is ready at once costs no more than a coroutine does; only what must wait for a database goes to the
//! runtime.
//!
//! Invariant: an operation runs once; whoever gives it up ends it, and its connection is clean afterwards.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use pyo3::exceptions::{PyRuntimeError, PyStopIteration};
use pyo3::prelude::*;
use tokio::task::AbortHandle;

use crate::bridge::Bridge;
use crate::errors::Failure;
use crate::runtime::runtime;

/// How an answer becomes an object, once somebody is in Python.
pub(crate) type Answer = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

/// What a call comes to.
pub(crate) type Outcome = Result<Answer, Failure>;

/// An answer that is made of what was found.
pub(crate) fn answered(
    make: impl for<'py> FnOnce(Python<'py>) -> PyResult<Py<PyAny>> + Send + 'static,
) -> Outcome {
    Ok(Box::new(make))
}

/// A call.
pub(crate) type Work = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// How often a thread that waits looks for a signal, such as that of Ctrl-C.
const TICK: Duration = Duration::from_millis(100);

/// A call that was begun.
#[pyclass(frozen, module = "crm._crm")]
pub(crate) struct Op {
    state: Mutex<State>,
    /// Does it need no runtime, because it never waits?
    ready: bool,
}

enum State {
    New(Work),
    Waiting { inner: Py<PyAny>, task: AbortHandle },
    Over,
}

impl std::fmt::Debug for Op {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Op").field("ready", &self.ready).finish_non_exhaustive()
    }
}

impl Op {
    /// A call that may wait for something.
    pub(crate) fn waiting(work: Work) -> Self {
        Self { state: Mutex::new(State::New(work)), ready: false }
    }

    /// A call that is ready when it is looked at.
    pub(crate) fn ready(work: Work) -> Self {
        Self { state: Mutex::new(State::New(work)), ready: true }
    }

    fn take(&self) -> State {
        std::mem::replace(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner), State::Over)
    }

    fn put(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Goes on until the loop has to be waited for.
    fn advance(&self, py: Python<'_>, inner: Py<PyAny>, task: AbortHandle) -> PyResult<Py<PyAny>> {
        let waits_for = inner.bind(py).call_method1("send", (py.None(),))?.unbind();
        self.put(State::Waiting { inner, task });
        Ok(waits_for)
    }
}

#[pymethods]
impl Op {
    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self.take() {
            State::New(mut work) => {
                if self.ready
                    && let Poll::Ready(outcome) = looked_at(py, &mut work)
                {
                    return Err(PyStopIteration::new_err((finished(py, outcome)?,)));
                }
                let (future, bridge) = here(py)?;
                let task = bridge.get().submit(py, &future, work)?;
                self.advance(py, future.call_method0("__await__")?.unbind(), task)
            }
            State::Waiting { inner, task } => self.advance(py, inner, task),
            State::Over => Err(PyRuntimeError::new_err("an operation can be awaited once")),
        }
    }

    fn send(&self, py: Python<'_>, value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let _ = value;
        self.__next__(py)
    }

    /// Gives it up: what was being done is ended.
    fn throw(&self, py: Python<'_>, error: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        if let State::Waiting { inner, task } = self.take() {
            task.abort();
            inner.bind(py).call_method1("throw", (error,))?;
        }
        Err(PyErr::from_value(error.clone()))
    }

    fn close(&self) {
        if let State::Waiting { task, .. } = self.take() {
            task.abort();
        }
    }

    /// Waits for it in this thread. Signals are seen meanwhile, and other threads go on.
    fn wait(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let State::New(mut work) = self.take() else {
            return Err(PyRuntimeError::new_err("an operation can be waited for once"));
        };
        if self.ready
            && let Poll::Ready(outcome) = looked_at(py, &mut work)
        {
            return finished(py, outcome);
        }
        let runtime = runtime().map_err(|failure| failure.raise(py))?;
        let outcome = py.detach(|| {
            runtime.block_on(async {
                let mut work = std::pin::pin!(caught(work));
                loop {
                    let look = tokio::time::timeout(TICK, &mut work);
                    match look.await {
                        Ok(outcome) => return Ok(outcome),
                        Err(_) => signals()?,
                    }
                }
            })
        });
        finished(py, outcome.map_err(|error: PyErr| error)?)
    }
}

/// Has somebody asked this process for something meanwhile, such as to end?
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method is not general enough in its lifetime"
)]
fn signals() -> PyResult<()> {
    Python::attach(|py| py.check_signals())
}

/// A future of the running loop, and the bridge to the loop.
fn here(py: Python<'_>) -> PyResult<(Bound<'_, PyAny>, Bound<'_, Bridge>)> {
    let (future, bridge): (Bound<'_, PyAny>, Bound<'_, Bridge>) =
        py.import("crm._loops")?.getattr("waiting")?.call0()?.extract()?;
    Ok((future, bridge))
}

/// Looks once, outside any runtime.
fn looked_at(py: Python<'_>, work: &mut Work) -> Poll<Outcome> {
    py.detach(|| {
        let mut context = Context::from_waker(Waker::noop());
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut context)))
            .unwrap_or_else(|payload| Poll::Ready(Err(Failure::panic(&*payload))))
    })
}

/// The same work, whose panics are failures.
pub(crate) async fn caught(mut work: Work) -> Outcome {
    poll_fn(move |context| {
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)))
            .unwrap_or_else(|payload| Poll::Ready(Err(Failure::panic(&*payload))))
    })
    .await
}

/// What Python gets of it.
pub(crate) fn finished(py: Python<'_>, outcome: Outcome) -> PyResult<Py<PyAny>> {
    match outcome {
        Ok(answer) => answer(py),
        Err(failure) => Err(failure.raise(py)),
    }
}

//! A call that was begun and not yet waited for. It can be awaited, and it can be waited for.
//!
//! Awaiting what is ready at once costs no more than a coroutine does; only what must wait for a database goes to the
//! runtime.
//!
//! Invariant: an operation runs once; whoever gives it up ends it, and its connection is clean afterwards.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use pyo3::exceptions::{PyRuntimeError, PyStopIteration};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyTuple;

use crate::bridge::{Bridge, Task};
use crate::errors::Failure;
use crate::host::Host;
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
    how: How,
}

/// What a call waits by.
#[derive(Debug)]
pub(crate) enum How {
    /// It never waits: it is ready when it is looked at.
    Ready,
    /// It waits for what the runtime waits for.
    Runtime,
    /// It waits for statements that the host runs in its own transaction.
    Host(Arc<Host>),
}

enum State {
    New(Work),
    Waiting { inner: Py<PyAny>, task: Task },
    Over,
}

impl std::fmt::Debug for Op {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Op").field("how", &self.how).finish_non_exhaustive()
    }
}

impl Op {
    /// A call that was begun.
    pub(crate) fn new(work: Work, how: How) -> Self {
        Self { state: Mutex::new(State::New(work)), how }
    }

    fn take(&self) -> State {
        std::mem::replace(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner), State::Over)
    }

    fn put(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn host(&self) -> PyResult<&Host> {
        match &self.how {
            How::Host(host) => Ok(host),
            How::Ready | How::Runtime => Err(PyRuntimeError::new_err("no operation of a host's transaction")),
        }
    }

    /// Looks until a statement is asked for.
    fn go_on<'py>(&self, py: Python<'py>, host: &Host) -> PyResult<Bound<'py, PyTuple>> {
        let State::New(mut work) = self.take() else {
            return Err(PyRuntimeError::new_err("an operation can be awaited once"));
        };
        match looked_at(py, &mut work) {
            Poll::Ready(outcome) => Err(PyStopIteration::new_err((finished(py, outcome)?,))),
            Poll::Pending => {
                self.put(State::New(work));
                host.asked(py)?.ok_or_else(|| {
                    PyRuntimeError::new_err(
                        "a transaction runs one call at a time, and another one is on its way",
                    )
                })
            }
        }
    }

    /// Goes on until the loop has to be waited for.
    fn advance(&self, py: Python<'_>, inner: Py<PyAny>, task: Task) -> PyResult<Py<PyAny>> {
        let waits_for = inner.bind(py).call_method1("send", (py.None(),))?.unbind();
        self.put(State::Waiting { inner, task });
        Ok(waits_for)
    }
}

#[pymethods]
impl Op {
    fn __await__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        match &slf.get().how {
            How::Host(host) => {
                host.driver.bind(slf.py()).call_method1("drive", (&slf,))?.call_method0("__await__")
            }
            How::Ready | How::Runtime => Ok(slf.into_any()),
        }
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self.take() {
            State::New(mut work) => {
                if matches!(self.how, How::Ready)
                    && let Poll::Ready(outcome) = looked_at(py, &mut work)
                {
                    return Err(PyStopIteration::new_err((finished(py, outcome)?,)));
                }
                let (future, bridge) = here(py)?;
                let task = Bridge::submit(&bridge, &future, work)?;
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

    /// Gives it up. The host is told what is left to undo, if anything is.
    fn close<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        match self.take() {
            State::Waiting { task, .. } => task.abort(),
            State::New(work) => drop(work),
            State::Over => {}
        }
        match &self.how {
            How::Host(host) => host.asked(py),
            How::Ready | How::Runtime => Ok(None),
        }
    }

    /// Goes on with the rows of the statement that was asked for; with none at first. Gives the next statement: a text
    /// and its values. What the call answers is the value of `StopIteration`.
    fn resume<'py>(&self, py: Python<'py>, rows: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
        let host = self.host()?;
        if !rows.is_none() {
            host.answer(rows);
        }
        self.go_on(py, host)
    }

    /// Goes on after the statement that was asked for has failed.
    fn refuse<'py>(&self, py: Python<'py>, state: &str, message: String) -> PyResult<Bound<'py, PyTuple>> {
        let host = self.host()?;
        host.refuse(state, message);
        self.go_on(py, host)
    }

    /// Waits for it in this thread. Signals are seen meanwhile, and other threads go on.
    fn wait(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let (this, py) = (slf.get(), slf.py());
        if let How::Host(host) = &this.how {
            return Ok(host.driver.bind(py).call_method1("drive_now", (slf,))?.unbind());
        }
        let State::New(mut work) = this.take() else {
            return Err(PyRuntimeError::new_err("an operation can be waited for once"));
        };
        if matches!(this.how, How::Ready)
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

/// Has somebody asked this process for something meanwhile, such as to end? An interpreter that ends asks nothing more.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method is not general enough in its lifetime"
)]
fn signals() -> PyResult<()> {
    Python::try_attach(|py| py.check_signals()).unwrap_or(Ok(()))
}

/// A future of the running loop, and the bridge to the loop.
fn here(py: Python<'_>) -> PyResult<(Bound<'_, PyAny>, Bound<'_, Bridge>)> {
    static WAITING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let (future, bridge): (Bound<'_, PyAny>, Bound<'_, Bridge>) =
        WAITING.import(py, "crm._loops", "waiting")?.call0()?.extract()?;
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

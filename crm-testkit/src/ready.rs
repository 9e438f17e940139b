//! Running a future without a runtime.
//!
//! Invariant: a store that answers at once makes every call of the engine ready on its first poll; a future that is not
//! is a failed test.

use std::future::{Future, IntoFuture};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// The output of a future that is ready on its first poll.
///
/// # Panics
/// It is not.
#[expect(clippy::panic, reason = "it is how a test fails")]
pub fn now<F: IntoFuture>(future: F) -> F::Output {
    let mut future = pin!(future.into_future());
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future was not ready on its first poll"),
    }
}

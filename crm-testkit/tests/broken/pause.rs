//! Letting others go first.

use std::future::poll_fn;
use std::task::Poll;

/// Is ready on its second poll.
pub(crate) async fn pause() {
    let mut waited = false;
    poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

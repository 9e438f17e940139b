//! A limit that several share, because they keep one window where all of them see it.
//!
//! Invariant: however many they are, in one window no more is let through than the limit says.

#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use crm_core::integration::{RateLimit, Window};
use crm_core::value::{Instant, TimeDelta};

/// What is kept where all processes see it: the window as text, as a host keeps it.
#[derive(Default)]
struct Kept(Mutex<Option<String>>);

impl Kept {
    /// One more call at this time, by whichever process. Is it let through, or how long is to be waited?
    fn ask(&self, limit: RateLimit, now: Instant) -> Result<(), TimeDelta> {
        let mut kept = self.0.lock().unwrap();
        let window = kept.as_deref().map(|text| serde_json::from_str::<Window>(text).unwrap());
        let open = limit.ask(window, now)?;
        *kept = Some(serde_json::to_string(&open).unwrap());
        Ok(())
    }
}

#[test]
fn whoever_shares_a_window_shares_its_limit() {
    let limit = RateLimit { most: 30, seconds: 60 };
    let (kept, start) = (Kept::default(), "2026-03-02T09:00:00Z".parse::<Instant>().unwrap());
    for window in 0..3 {
        let now = start.checked_add(TimeDelta::seconds(window * 100)).unwrap();
        let passed = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for process in 0..4 {
                let (kept, passed) = (&kept, &passed);
                scope.spawn(move || {
                    // Their clocks differ by some seconds.
                    for call in 0..20 {
                        let at = now.checked_add(TimeDelta::seconds(call + process)).unwrap();
                        match kept.ask(limit, at) {
                            Ok(()) => {
                                passed.fetch_add(1, Ordering::Relaxed);
                            }
                            Err(wait) => assert!(wait > TimeDelta::zero() && wait <= TimeDelta::seconds(63)),
                        }
                    }
                });
            }
        });
        assert_eq!(passed.into_inner(), 30, "window {window}: of 80 calls by four");
    }
}

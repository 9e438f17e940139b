//! Where time comes from.
//!
//! Rules never ask the machine for the time: the shell reads a [`Clock`] once per attempt and hands the instant to
//! the decision, so that the same decision can be made again.
//!
//! Invariant: this file is the only one that reads the system's clock.

use std::fmt;
use std::sync::Mutex;
use std::sync::PoisonError;

use chrono::TimeDelta;

use crate::value::Instant;

/// A source of the current time.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time now.
    fn now(&self) -> Instant;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the system's clock is read")]
    fn now(&self) -> Instant {
        Instant::try_from(chrono::Utc::now()).unwrap_or(Instant::MAX)
    }
}

/// A clock that stands still until it is told to move: for tests and for replays.
///
/// ```
/// use crm_core::clock::{Clock, ManualClock};
/// let clock = ManualClock::at("2026-03-01T09:00:00Z".parse()?);
/// clock.advance_hours(2);
/// assert_eq!(clock.now().to_string(), "2026-03-01T11:00:00Z");
/// # Ok::<(), crm_core::value::Problem>(())
/// ```
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<Instant>,
}

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: Instant) -> Self {
        Self { now: Mutex::new(now) }
    }

    /// Sets the time, forward or backward.
    pub fn set(&self, now: Instant) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Moves the clock. Beyond the calendar's end it stays where it is.
    pub fn advance(&self, by: TimeDelta) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.checked_add(by).unwrap_or(*now);
    }

    /// Moves the clock by hours.
    pub fn advance_hours(&self, hours: i32) {
        self.advance(TimeDelta::hours(hours.into()));
    }

    /// Moves the clock by days of 24 hours.
    pub fn advance_days(&self, days: i32) {
        self.advance(TimeDelta::days(days.into()));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

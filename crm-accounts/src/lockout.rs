//! How many wrong passwords lock an account, and for how long.
//!
//! While an account is locked, its right password is still told that it is locked, so that a person knows what to wait
//! for; but only until as many wrong ones again have come. So a guesser learns nothing from a lock: in one period at most
//! twice as many guesses as are allowed are judged at all, and none of them lets in after the first half.
//!
//! Invariant: what a wrong password does to an account is [`Standing::after_failure`], in every store.

use crm_core::value::{Instant, TimeDelta};

/// After how many wrong passwords an account is locked, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lockout {
    /// The wrong password that locks; at least 1.
    pub failures: u32,
    /// For how long.
    pub time: TimeDelta,
}

impl Default for Lockout {
    /// Ten, and fifteen minutes.
    fn default() -> Self {
        Self { failures: 10, time: TimeDelta::minutes(15) }
    }
}

impl Lockout {
    /// The wrong password that locks.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.failures.max(1)
    }

    /// Until when an account is locked that is locked now.
    #[must_use]
    pub fn until(&self, now: Instant) -> Instant {
        now.checked_add(self.time).unwrap_or(Instant::MAX)
    }
}

/// How an account stands: its wrong passwords since the last right one, and whether they locked it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Wrong passwords in a row.
    pub failures: u32,
    /// Until when it is locked. A time that is past locks nothing.
    pub locked_until: Option<Instant>,
}

impl Standing {
    /// The end of the lock, if there is one now.
    #[must_use]
    pub fn lock(&self, now: Instant) -> Option<Instant> {
        self.locked_until.filter(|until| *until > now)
    }

    /// The standing after one more wrong password: a lock that is over has wiped out what was before it, and one that is
    /// not over is not made longer.
    #[must_use]
    pub fn after_failure(self, now: Instant, lockout: Lockout) -> Self {
        let is_over = self.locked_until.is_some_and(|until| until <= now);
        let failures = if is_over { 1 } else { self.failures.saturating_add(1) };
        let locks = failures >= lockout.limit();
        let locked_until = self.lock(now).or_else(|| locks.then(|| lockout.until(now)));
        Self { failures, locked_until }
    }

    /// Is it locked, and has it been told so often enough? Then no password is judged.
    #[must_use]
    pub fn is_silent(&self, now: Instant, lockout: Lockout) -> bool {
        self.lock(now).is_some() && self.failures >= lockout.limit().saturating_mul(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_allowed_failure_locks_and_a_lock_that_is_over_begins_anew() {
        let lockout = Lockout { failures: 2, time: TimeDelta::minutes(15) };
        let now: Instant = "2026-03-01T09:00:00Z".parse().unwrap();
        let later = |minutes| now.checked_add(TimeDelta::minutes(minutes)).unwrap();
        let one = Standing::default().after_failure(now, lockout);
        assert_eq!(one, Standing { failures: 1, locked_until: None });
        let two = one.after_failure(now, lockout);
        assert_eq!(two, Standing { failures: 2, locked_until: Some(later(15)) });
        assert!(two.lock(later(14)).is_some() && !two.is_silent(later(14), lockout));
        // Further ones are counted, and make it no longer.
        let four = two.after_failure(later(3), lockout).after_failure(later(4), lockout);
        assert_eq!(four, Standing { failures: 4, locked_until: Some(later(15)) });
        assert!(four.is_silent(later(14), lockout) && !four.is_silent(later(15), lockout));
        assert_eq!(four.after_failure(later(15), lockout), Standing { failures: 1, locked_until: None });
        // No limit is taken for the least there is.
        let strict = Lockout { failures: 0, ..lockout };
        assert!(Standing::default().after_failure(now, strict).lock(now).is_some());
    }
}

//! How much somebody may ask in a while: the arithmetic alone. The host keeps the windows, where all its processes see
//! them, under a key that no client can choose.
//!
//! Invariant: in one window no more is let through than the limit says, and who is turned away learns for how long.

use serde::{Deserialize, Serialize};

use super::breaker::later;
use crate::value::{Instant, TimeDelta};

/// So many calls in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateLimit {
    /// How many calls.
    pub most: u32,
    /// In how many seconds.
    pub seconds: u32,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self { most: 100, seconds: 3_600 }
    }
}

/// A stretch of time, and what was asked in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// When it began: with the first call.
    pub since: Instant,
    /// How many calls it let through.
    pub used: u32,
}

impl RateLimit {
    /// Asks for one more call in the window that is kept, if there is one. The answer is the window to keep.
    ///
    /// # Errors
    /// The window is full; so long it is to wait.
    pub fn ask(&self, kept: Option<Window>, now: Instant) -> Result<Window, TimeDelta> {
        match self.open(kept, now) {
            Some(window) if window.used >= self.most => Err(later(window.since, self.seconds).since(now)),
            Some(window) => Ok(Window { used: window.used.saturating_add(1), ..window }),
            None if self.most == 0 => Err(TimeDelta::seconds(self.seconds.into())),
            None => Ok(Window { since: now, used: 1 }),
        }
    }

    /// How many more calls the window lets through.
    #[must_use]
    pub fn left(&self, kept: Option<Window>, now: Instant) -> u32 {
        self.most.saturating_sub(self.open(kept, now).map_or(0, |window| window.used))
    }

    /// The window, if it is open. Clocks of several processes differ: one that is behind is in the window that another
    /// one has begun, unless it is behind by more than a window.
    fn open(&self, kept: Option<Window>, now: Instant) -> Option<Window> {
        kept.filter(|window| {
            window.since < later(now, self.seconds) && now < later(window.since, self.seconds)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u32) -> Instant {
        later(Instant::EPOCH, seconds)
    }

    #[test]
    fn a_window_lets_so_many_through_and_says_how_long_to_wait() {
        let limit = RateLimit { most: 2, seconds: 60 };
        let one = limit.ask(None, at(10)).unwrap();
        assert_eq!((one, limit.left(Some(one), at(10))), (Window { since: at(10), used: 1 }, 1));
        let two = limit.ask(Some(one), at(40)).unwrap();
        assert_eq!((two.since, two.used, limit.left(Some(two), at(40))), (at(10), 2, 0));
        for (now, wait) in [(40, 30), (69, 1)] {
            assert_eq!(limit.ask(Some(two), at(now)), Err(TimeDelta::seconds(wait)));
        }
        assert_eq!(limit.ask(Some(two), at(70)), Ok(Window { since: at(70), used: 1 }), "the next window");
        assert_eq!(limit.left(Some(two), at(70)), 2);
        assert_eq!(limit.ask(Some(two), at(9)), Err(TimeDelta::seconds(61)), "a clock that is behind");
        let late = Window { since: at(100), used: 2 };
        assert_eq!(limit.ask(Some(late), at(41)), Err(TimeDelta::seconds(119)));
        let back = Ok(Window { since: at(40), used: 1 });
        assert_eq!(limit.ask(Some(late), at(40)), back, "a clock that went back by a window");
    }

    #[test]
    fn the_usual_limit_and_none_at_all() {
        assert_eq!(RateLimit::default(), RateLimit { most: 100, seconds: 3_600 });
        let none = RateLimit { most: 0, seconds: 60 };
        assert_eq!((none.ask(None, at(0)), none.left(None, at(0))), (Err(TimeDelta::seconds(60)), 0));
    }
}

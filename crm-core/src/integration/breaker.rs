//! The circuit breaker: whether a system that failed again and again is called at all.
//!
//! ```text
//! closed --(so many failures in a row)--> open --(so much later)--> half open --(success)--> closed
//!                                           ^                            |
//!                                           +---------(failure)----------+
//! ```
//!
//! Each change of the state begins a new turn. A call belongs to the turn in which it was let through, and a report from an
//! earlier turn changes nothing: a call from before the breaker opened neither closes it nor opens it again.
//!
//! Invariant: a breaker that is half open has one probe out at a time, and lets nothing else through until that reports or
//! its time is over.

use serde::{Deserialize, Serialize};

use crate::profile::Faults;
use crate::value::{Instant, TimeDelta};

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BreakerRule {
    /// After how many failures in a row it opens.
    pub failures: u32,
    /// For how many seconds it is open.
    pub open_seconds: u32,
    /// For how many seconds a probe is waited for.
    pub probe_seconds: u32,
}

impl Default for BreakerRule {
    fn default() -> Self {
        Self { failures: 5, open_seconds: 60, probe_seconds: 60 }
    }
}

impl BreakerRule {
    pub(crate) fn check(&self, place: &str, faults: &mut Faults) {
        let whole = self.failures > 0 && self.open_seconds > 0 && self.probe_seconds > 0;
        faults.demand(place, whole, "a number of 1 or more for each of the three");
    }
}

/// How a breaker stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Calls are let through.
    #[default]
    Closed,
    /// Calls are turned away.
    Open,
    /// One call is let through, to see.
    HalfOpen,
}

impl BreakerState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// A circuit breaker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaker {
    /// How it stands.
    pub state: BreakerState,
    /// How many calls failed in a row.
    pub failures: u32,
    /// How often its state changed.
    pub turn: u64,
    /// Until when it is open.
    pub open_until: Option<Instant>,
    /// Until when its probe is waited for.
    pub probe_until: Option<Instant>,
}

/// What a breaker says to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pass {
    /// It goes through, and so does every other.
    Free,
    /// It goes through, alone.
    Probe,
    /// It is turned away; asking again makes sense from this time. It was no attempt.
    Away {
        /// From when.
        until: Instant,
    },
}

/// How a call ended, for a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// The other side answered; also where it refused.
    Answered,
    /// It did not.
    Failed,
}

impl Breaker {
    /// Asks for a call. The breaker must be kept as it comes back, before the call is made, where the pass is a probe.
    #[must_use]
    pub fn ask(self, rule: &BreakerRule, now: Instant) -> (Self, Pass) {
        let until = match self.state {
            BreakerState::Closed => return (self, Pass::Free),
            BreakerState::Open => self.open_until,
            BreakerState::HalfOpen => self.probe_until,
        };
        match until.filter(|until| *until > now) {
            Some(until) => (self, Pass::Away { until }),
            None => {
                let probe_until = Some(later(now, rule.probe_seconds));
                let turn = self.turn.saturating_add(1);
                (Self { state: BreakerState::HalfOpen, turn, probe_until, ..self }, Pass::Probe)
            }
        }
    }

    /// Reports on a call that was let through in this turn.
    #[must_use]
    pub fn report(self, rule: &BreakerRule, turn: u64, call: Call, now: Instant) -> Self {
        if turn != self.turn {
            return self;
        }
        let failures = self.failures.saturating_add(1);
        match (self.state, call) {
            (BreakerState::Open, _) => self,
            (BreakerState::Closed, Call::Answered) => Self { failures: 0, ..self },
            (BreakerState::HalfOpen, Call::Answered) => {
                Self { turn: self.turn.saturating_add(1), ..Self::default() }
            }
            (BreakerState::Closed, Call::Failed) if failures < rule.failures => Self { failures, ..self },
            (BreakerState::Closed | BreakerState::HalfOpen, Call::Failed) => Self {
                state: BreakerState::Open,
                failures,
                turn: self.turn.saturating_add(1),
                open_until: Some(later(now, rule.open_seconds)),
                probe_until: None,
            },
        }
    }
}

/// The time so many seconds later.
pub(crate) fn later(now: Instant, seconds: u32) -> Instant {
    now.checked_add(TimeDelta::seconds(seconds.into())).unwrap_or(Instant::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: u32) -> Instant {
        later(Instant::EPOCH, seconds)
    }

    const RULE: BreakerRule = BreakerRule { failures: 5, open_seconds: 60, probe_seconds: 30 };

    /// Fails so often, at time 0.
    fn failed(times: u32) -> Breaker {
        (0..times).fold(Breaker::default(), |it, _| it.report(&RULE, it.turn, Call::Failed, at(0)))
    }

    #[test]
    fn the_fifth_failure_in_a_row_opens_it() {
        assert_eq!(BreakerRule::default().failures, 5);
        for times in 0..5 {
            assert_eq!((failed(times).state, failed(times).failures), (BreakerState::Closed, times));
            assert_eq!(failed(times).ask(&RULE, at(0)), (failed(times), Pass::Free));
        }
        let open = failed(5);
        assert_eq!((open.state, open.open_until), (BreakerState::Open, Some(at(60))));
        let answered = failed(4).report(&RULE, 0, Call::Answered, at(0));
        assert_eq!(
            answered.report(&RULE, 0, Call::Failed, at(0)).state,
            BreakerState::Closed,
            "not in a row"
        );
    }

    #[test]
    fn what_each_state_says_at_each_time() {
        let (half, _) = failed(5).ask(&RULE, at(60));
        for (breaker, now, wanted) in [
            (Breaker::default(), 0, Pass::Free),
            (failed(5), 0, Pass::Away { until: at(60) }),
            (failed(5), 59, Pass::Away { until: at(60) }),
            (failed(5), 60, Pass::Probe),
            (failed(5), 600, Pass::Probe),
            (half, 60, Pass::Away { until: at(90) }),
            (half, 89, Pass::Away { until: at(90) }),
            (half, 90, Pass::Probe),
        ] {
            let (after, pass) = breaker.ask(&RULE, at(now));
            assert_eq!(pass, wanted, "{breaker:?} at {now}");
            assert_eq!(after == breaker, pass != Pass::Probe, "only a probe changes it");
        }
    }

    #[test]
    fn a_probe_closes_it_or_opens_it_again() {
        let (half, _) = failed(5).ask(&RULE, at(60));
        assert_eq!(half.state, BreakerState::HalfOpen);
        let closed = half.report(&RULE, half.turn, Call::Answered, at(61));
        assert_eq!((closed.state, closed.failures, closed.open_until), (BreakerState::Closed, 0, None));
        let open = half.report(&RULE, half.turn, Call::Failed, at(61));
        assert_eq!((open.state, open.open_until), (BreakerState::Open, Some(at(121))));
    }

    #[test]
    fn a_report_from_an_earlier_turn_changes_nothing() {
        let open = failed(5);
        let (half, _) = open.ask(&RULE, at(60));
        let (again, pass) = half.ask(&RULE, at(90));
        assert_eq!(pass, Pass::Probe, "the first probe never reported");
        for call in [Call::Answered, Call::Failed] {
            assert_eq!(open.report(&RULE, 0, call, at(1)), open, "made while it was closed");
            assert_eq!(half.report(&RULE, open.turn, call, at(61)), half);
            assert_eq!(again.report(&RULE, half.turn, call, at(91)), again, "the probe that is late");
            assert_ne!(again.report(&RULE, again.turn, call, at(91)), again);
        }
    }

    #[test]
    fn of_a_hundred_that_ask_one_probes() {
        let mut breaker = failed(5);
        let mut passed = 0;
        for _ in 0..100 {
            let (after, pass) = breaker.ask(&RULE, at(75));
            breaker = after;
            passed += u32::from(pass == Pass::Probe);
            assert_ne!(pass, Pass::Free);
        }
        assert_eq!(passed, 1);
    }

    proptest! {
        /// Whatever happens, in whatever order: no second probe before the first has reported or its time is over.
        #[test]
        fn one_probe_at_a_time(steps in proptest::collection::vec((0..40_u32, 0..4_u8), 1..200)) {
            let (mut breaker, mut now, mut out): (_, _, Option<(u64, Instant)>) = (Breaker::default(), 0, None);
            for (wait, what) in steps {
                now += wait;
                match what {
                    0 | 1 => {
                        let call = if what == 0 { Call::Failed } else { Call::Answered };
                        let turn = out.map_or(breaker.turn, |(turn, _)| turn);
                        breaker = breaker.report(&RULE, turn, call, at(now));
                        out = None;
                    }
                    _ => {
                        let (after, pass) = breaker.ask(&RULE, at(now));
                        breaker = after;
                        if pass == Pass::Probe {
                            prop_assert!(out.is_none_or(|(_, until)| until <= at(now)));
                            out = Some((breaker.turn, at(now + RULE.probe_seconds)));
                        }
                        prop_assert!(pass != Pass::Free || breaker.state == BreakerState::Closed);
                    }
                }
            }
        }
    }
}

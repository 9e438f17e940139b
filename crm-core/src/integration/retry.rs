//! When a call that failed is made again.
//!
//! Invariant: the time before the next attempt is never longer than the rule's longest, never shorter than half of what
//! the rule says, and the same for the same draw.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::profile::{Fault, Faults};
use crate::seed::Randomness;
use crate::value::{Decimal as Exact, TimeDelta, Word};

const MICROS_PER_MILLISECOND: u32 = 1_000;

/// How often, and when, a call is made again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetryRule {
    /// How often it is made in all.
    pub attempts: u32,
    /// The time before the second attempt, in milliseconds.
    pub base_ms: u32,
    /// The longest time before an attempt, in milliseconds.
    pub max_ms: u32,
    /// By how much each time is longer than the one before.
    pub factor: Exact,
    /// After which failures it is made again.
    pub after: Vec<FailureKind>,
}

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// No connection was made.
    Connection,
    /// No answer came in time.
    Timeout,
    /// A database or a queue gave way to somebody else: a deadlock, a serialization failure, busy.
    Transient,
    /// The other side said that it cannot now: 5xx, and 408, 425 and 429.
    Unable,
    /// The other side refused: the other 4xx.
    Refused,
    /// Anything else.
    Other,
}

/// Why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// No connection was made.
    Connection,
    /// No answer came in time.
    Timeout,
    /// A deadlock, a serialization failure, busy.
    Transient,
    /// The other side answered with this HTTP status.
    Status(u16),
    /// Anything else.
    Other,
}

impl Failure {
    /// What kind of failure it was.
    #[must_use]
    pub const fn kind(self) -> FailureKind {
        match self {
            Self::Connection => FailureKind::Connection,
            Self::Timeout => FailureKind::Timeout,
            Self::Transient => FailureKind::Transient,
            Self::Status(408 | 425 | 429 | 500..=599) => FailureKind::Unable,
            Self::Status(400..=499) => FailureKind::Refused,
            Self::Status(_) | Self::Other => FailureKind::Other,
        }
    }

    /// Did the other side answer, and blame the caller? Then it is well: such a call is no failure for a breaker.
    #[must_use]
    pub const fn is_answer(self) -> bool {
        matches!(self, Self::Status(400..=499))
    }
}

impl RetryRule {
    /// For anything: 3 attempts, after 1 s and 2 s, whatever went wrong, except that the other side refused.
    #[must_use]
    pub fn general() -> Self {
        let after = vec![
            FailureKind::Connection,
            FailureKind::Timeout,
            FailureKind::Transient,
            FailureKind::Unable,
            FailureKind::Other,
        ];
        Self { attempts: 3, base_ms: 1_000, max_ms: 60_000, factor: Decimal::TWO, after }
    }

    /// For HTTP calls that may have had an effect: made again only where none was had, or no answer came.
    #[must_use]
    pub fn http() -> Self {
        let after = vec![FailureKind::Connection, FailureKind::Timeout];
        Self { max_ms: 30_000, after, ..Self::general() }
    }

    /// For databases: 5 attempts, only where another transaction was in the way.
    #[must_use]
    pub fn database() -> Self {
        let factor = Decimal::new(15, 1);
        Self { attempts: 5, base_ms: 500, max_ms: 10_000, factor, after: vec![FailureKind::Transient] }
    }

    /// For calls of other systems that carry a key, so that the same call twice has one effect.
    #[must_use]
    pub fn external_api() -> Self {
        Self { base_ms: 2_000, ..Self::general() }
    }

    /// The rules that every profile has, by name.
    #[must_use]
    pub fn presets() -> BTreeMap<Word, Self> {
        let rules = [
            ("default", Self::general()),
            ("http", Self::http()),
            ("database", Self::database()),
            ("external_api", Self::external_api()),
        ];
        rules.into_iter().filter_map(|(name, rule)| Some((Word::parse(name).ok()?, rule))).collect()
    }

    /// Is a call made again that failed like this, and was made so often?
    #[must_use]
    pub fn tries_again(&self, made: u32, failure: Failure) -> bool {
        made < self.attempts && self.after.contains(&failure.kind())
    }

    /// The time before the next attempt of a call that was made so often: `min(base × factor^(made − 1), max) × u`, where
    /// the draw stands for a `u` from 0.5 to less than 1.
    #[must_use]
    pub fn delay(&self, made: u32, draw: u32) -> TimeDelta {
        let micros = Decimal::from(MICROS_PER_MILLISECOND);
        let longest = Decimal::from(self.max_ms) * micros;
        let mut step = (Decimal::from(self.base_ms) * micros).min(longest);
        for _ in 1..made {
            if step >= longest || self.factor <= Decimal::ONE {
                break;
            }
            step = step.checked_mul(self.factor).map_or(longest, |longer| longer.min(longest));
        }
        let whole = u128::from(step.trunc().to_u64().unwrap_or(0));
        let share = (1_u128 << 32) + u128::from(draw);
        TimeDelta::microseconds(i64::try_from((whole * share) >> 33).unwrap_or(i64::MAX))
    }

    pub(crate) fn check(&self, place: &str, faults: &mut Faults) {
        if self.attempts == 0 || self.base_ms == 0 || self.max_ms < self.base_ms {
            let what = "1 attempt or more, and a longest time that is not less than the first, are needed";
            faults.add(place, Fault::Nonsense(what.to_owned()));
        }
        faults.demand(&format!("{place}.factor"), self.factor >= Decimal::ONE, "a factor of 1 or more");
    }
}

/// A draw from randomness that is handed in.
#[must_use]
pub fn draw(randomness: &dyn Randomness) -> u32 {
    first(randomness.bytes())
}

/// The draw that belongs to an id of the command, so that the same decision draws the same.
pub(crate) fn draw_of(id: Uuid) -> u32 {
    first(Sha256::digest(id.as_bytes()).into())
}

fn first([a, b, c, d, ..]: [u8; 32]) -> u32 {
    u32::from_be_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::seed::SeededRandomness;

    #[test]
    fn the_time_grows_by_the_factor_up_to_the_longest() {
        for (rule, wanted) in [
            (RetryRule::general(), [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]),
            (RetryRule::http(), [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]),
            (RetryRule::external_api(), [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]),
        ] {
            let halves = (1..=8).map(|made| rule.delay(made, 0).num_milliseconds() * 2);
            assert_eq!(halves.collect::<Vec<_>>(), wanted);
        }
        let micros = |made| RetryRule::database().delay(made, 0).num_microseconds().unwrap() * 2;
        let wanted =
            [500_000, 750_000, 1_125_000, 1_687_500, 2_531_250, 3_796_874, 5_695_312, 8_542_968, 10_000_000];
        assert_eq!((1..=9).map(micros).collect::<Vec<_>>(), wanted, "the last digit is cut, then halved");
    }

    #[test]
    fn the_draw_spreads_it_from_a_half_to_less_than_the_whole() {
        let rule = RetryRule::general();
        assert_eq!(rule.delay(1, 0), TimeDelta::milliseconds(500));
        assert_eq!(rule.delay(1, 1 << 31), TimeDelta::milliseconds(750));
        assert_eq!(rule.delay(1, u32::MAX), TimeDelta::microseconds(999_999));
        assert_eq!(rule.delay(0, 0), rule.delay(1, 0), "nothing was made yet");
        assert_eq!(rule.delay(u32::MAX, 0), TimeDelta::seconds(30));
        let still = RetryRule { factor: Decimal::ONE, ..rule };
        assert_eq!(still.delay(u32::MAX, 0), TimeDelta::milliseconds(500));
    }

    #[test]
    fn each_preset_repeats_what_is_safe_to_repeat() {
        use Failure::{Connection, Other, Status, Timeout, Transient};
        let all = [Connection, Timeout, Transient, Status(503), Status(429), Status(404), Status(302), Other];
        for (rule, wanted) in [
            (RetryRule::general(), [true, true, true, true, true, false, true, true]),
            (RetryRule::http(), [true, true, false, false, false, false, false, false]),
            (RetryRule::database(), [false, false, true, false, false, false, false, false]),
            (RetryRule::external_api(), [true, true, true, true, true, false, true, true]),
        ] {
            assert_eq!(all.map(|failure| rule.tries_again(1, failure)), wanted);
            let last = rule.attempts;
            let after = |made| rule.tries_again(made, kind_of(rule.after[0]));
            assert!(after(last - 1) && !after(last) && !after(last + 1), "{last}");
        }
    }

    fn kind_of(kind: FailureKind) -> Failure {
        if kind == FailureKind::Transient { Failure::Transient } else { Failure::Connection }
    }

    #[test]
    fn a_refusal_is_an_answer_and_everything_else_is_none() {
        for (status, answer) in
            [(399, false), (400, true), (404, true), (429, true), (499, true), (500, false)]
        {
            assert_eq!(Failure::Status(status).is_answer(), answer, "{status}");
        }
        assert!(
            !Failure::Timeout.is_answer() && !Failure::Connection.is_answer() && !Failure::Other.is_answer()
        );
    }

    #[test]
    fn the_rules_come_by_name_and_survive_json() {
        let rules = RetryRule::presets();
        let names: Vec<_> = rules.keys().map(Word::as_str).collect();
        assert_eq!(names, ["database", "default", "external_api", "http"]);
        let json = serde_json::to_string(&rules).unwrap();
        assert_eq!(serde_json::from_str::<BTreeMap<Word, RetryRule>>(&json).unwrap(), rules);
    }

    proptest! {
        #[test]
        fn no_time_is_longer_or_shorter_than_the_rule_says(
            made in 1..40_u32, drawn in any::<u32>(), base in 1..100_000_u32, more in 0..1_000_000_u32, tenths in 10..40_i64,
        ) {
            let factor = Decimal::new(tenths, 1);
            let rule = RetryRule { base_ms: base, max_ms: base + more, factor, ..RetryRule::general() };
            let (delay, next) = (rule.delay(made, drawn), rule.delay(made + 1, drawn));
            prop_assert!(delay <= TimeDelta::milliseconds((base + more).into()));
            prop_assert!(delay * 2 >= TimeDelta::milliseconds(base.into()) - TimeDelta::microseconds(2));
            prop_assert!(next >= delay);
        }

        #[test]
        fn the_same_seed_draws_the_same(seed in any::<u64>()) {
            let of = |seed| draw(&SeededRandomness::from_seed(seed));
            prop_assert_eq!(of(seed), of(seed));
        }
    }
}

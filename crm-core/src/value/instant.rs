//! A point in time, in UTC.
//!
//! Databases keep microseconds, or milliseconds, and years of four digits; a value beyond that would come
//! back changed, so it cannot be built.
//!
//! Invariant: whole microseconds, from year 1 to year 9999.

use std::fmt;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Problem;
use super::wire::text_form;

const FIRST_MICROS: i64 = -62_135_596_800_000_000;
const LAST_MICROS: i64 = 253_402_300_799_999_999;
const MICROS_PER_HOUR: i64 = 3_600_000_000;
const MICROS_PER_DAY: i64 = 24 * MICROS_PER_HOUR;

/// A point in time; as text it is RFC 3339 in UTC.
///
/// ```
/// use crm_core::value::Instant;
///
/// let instant: Instant = "2026-01-31T12:30:00.250+03:00".parse()?;
/// assert_eq!(instant.to_string(), "2026-01-31T09:30:00.250000Z");
/// assert!("2026-01-31T12:30:00".parse::<Instant>().is_err()); // whose half past twelve?
/// # Ok::<(), crm_core::value::Problem>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(DateTime<Utc>);

/// How finely a store keeps time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Microseconds.
    Micros,
    /// Milliseconds.
    Millis,
}

impl Instant {
    /// The first instant of year 1.
    pub const MIN: Self = Self::clamped(FIRST_MICROS);
    /// The last microsecond of year 9999.
    pub const MAX: Self = Self::clamped(LAST_MICROS);
    /// The first instant of 1970.
    pub const EPOCH: Self = Self::clamped(0);

    /// Reads a date and time with an offset; digits beyond microseconds are cut.
    ///
    /// # Errors
    /// When it is anything else, has no offset, or is not within years 1 to 9999.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let read = DateTime::parse_from_rfc3339(text.trim()).map_err(|_| {
            Problem::malformed("a date and time with an offset, such as `2026-01-31T09:30:00Z`")
        })?;
        Self::try_from(read.to_utc())
    }

    /// The instant so many microseconds after 1970, if it is within years 1 to 9999.
    #[must_use]
    pub const fn from_unix_micros(micros: i64) -> Option<Self> {
        if FIRST_MICROS <= micros && micros <= LAST_MICROS { Some(Self::clamped(micros)) } else { None }
    }

    /// Microseconds since 1970.
    #[must_use]
    pub const fn unix_micros(self) -> i64 {
        self.0.timestamp_micros()
    }

    const fn clamped(micros: i64) -> Self {
        let micros = if micros < FIRST_MICROS {
            FIRST_MICROS
        } else if micros > LAST_MICROS {
            LAST_MICROS
        } else {
            micros
        };
        // Every instant between the bounds is one of chrono's.
        match DateTime::from_timestamp_micros(micros) {
            Some(instant) => Self(instant),
            None => Self(DateTime::UNIX_EPOCH),
        }
    }

    /// The same instant as a store of this precision keeps it: cut, never moved forward.
    #[must_use]
    pub fn truncated(self, precision: Precision) -> Self {
        match precision {
            Precision::Micros => self,
            Precision::Millis => Self::clamped(self.unix_micros().div_euclid(1_000) * 1_000),
        }
    }

    /// The instant so much later, or earlier when negative, if it is within years 1 to 9999.
    #[must_use]
    pub fn checked_add(self, delta: TimeDelta) -> Option<Self> {
        Self::from_unix_micros(self.unix_micros().checked_add(delta.num_microseconds()?)?)
    }

    /// The instant so many hours later, or the nearest one there is.
    #[must_use]
    pub fn plus_hours(self, hours: i64) -> Self {
        Self::clamped(self.unix_micros().saturating_add(hours.saturating_mul(MICROS_PER_HOUR)))
    }

    /// The instant so many times 24 hours later, or the nearest one there is.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self::clamped(self.unix_micros().saturating_add(days.saturating_mul(MICROS_PER_DAY)))
    }

    /// How much time lies between the two; negative when the other is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> TimeDelta {
        self.0 - earlier.0
    }
}

/// Takes what chrono holds, cut to microseconds.
impl TryFrom<DateTime<Utc>> for Instant {
    type Error = Problem;

    fn try_from(instant: DateTime<Utc>) -> Result<Self, Problem> {
        Self::from_unix_micros(instant.timestamp_micros())
            .ok_or_else(|| Problem::out_of_range("within years 1 to 9999"))
    }
}

impl From<Instant> for DateTime<Utc> {
    fn from(instant: Instant) -> Self {
        instant.0
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Instant({self})")
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.0.timestamp_subsec_micros() == 0;
        let digits = if whole { SecondsFormat::Secs } else { SecondsFormat::Micros };
        f.pad(&self.0.to_rfc3339_opts(digits, true))
    }
}

text_form!(Instant);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn any_offset_means_the_same_instant() {
        for text in ["2024-02-29T21:00:00+00:00", "2024-03-01T02:00:00+05:00", "2024-02-29t13:30:00-07:30"] {
            assert_eq!(at(text).to_string(), "2024-02-29T21:00:00Z");
        }
    }

    #[test]
    fn fractions_are_shown_only_where_they_are() {
        for (text, shown) in [
            ("2024-01-01T00:00:00.000Z", "2024-01-01T00:00:00Z"),
            ("2024-01-01T00:00:00.5Z", "2024-01-01T00:00:00.500000Z"),
            ("2024-01-01T00:00:00.000001Z", "2024-01-01T00:00:00.000001Z"),
            ("2024-01-01T00:00:00.999999999Z", "2024-01-01T00:00:00.999999Z"),
            ("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ] {
            assert_eq!(at(text).to_string(), shown);
        }
    }

    #[test]
    fn naive_times_and_other_text_are_refused() {
        for text in ["", "2024-01-01", "2024-01-01T00:00:00", "2024-02-30T00:00:00Z", "now", "1700000000"] {
            assert_eq!(Instant::parse(text).unwrap_err().code(), "malformed", "{text}");
        }
    }

    #[test]
    fn years_are_bounded() {
        assert_eq!(Instant::MIN.to_string(), "0001-01-01T00:00:00Z");
        assert_eq!(Instant::MAX.to_string(), "9999-12-31T23:59:59.999999Z");
        for text in ["0000-12-31T23:59:59Z", "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00"] {
            assert_eq!(Instant::parse(text).unwrap_err().code(), "out_of_range", "{text}");
        }
        assert_eq!(Instant::from_unix_micros(LAST_MICROS + 1), None);
        assert_eq!(Instant::from_unix_micros(FIRST_MICROS - 1), None);
    }

    #[test]
    fn arithmetic_stays_within_bounds() {
        assert_eq!(Instant::EPOCH.plus_hours(25).plus_days(-1), at("1970-01-01T01:00:00Z"));
        for far in [i64::MAX, i64::MIN] {
            let end = if far > 0 { Instant::MAX } else { Instant::MIN };
            assert_eq!((Instant::EPOCH.plus_days(far), Instant::EPOCH.plus_hours(far)), (end, end));
        }
        assert_eq!(Instant::MAX.checked_add(TimeDelta::microseconds(1)), None);
        assert_eq!(Instant::EPOCH.checked_add(TimeDelta::MAX), None);
        let second = Instant::EPOCH.checked_add(TimeDelta::seconds(1)).unwrap();
        assert_eq!(second.since(Instant::EPOCH), TimeDelta::seconds(1));
    }

    proptest! {
        #[test]
        fn json_round_trip(micros in FIRST_MICROS..=LAST_MICROS) {
            let instant = Instant::from_unix_micros(micros).unwrap();
            prop_assert_eq!(instant.unix_micros(), micros);
            let json = serde_json::to_string(&instant).unwrap();
            prop_assert_eq!(serde_json::from_str::<Instant>(&json).unwrap(), instant);
        }

        #[test]
        fn truncating_never_moves_forward(micros in FIRST_MICROS..=LAST_MICROS) {
            let instant = Instant::from_unix_micros(micros).unwrap();
            let cut = instant.truncated(Precision::Millis);
            prop_assert!(cut <= instant && instant.since(cut) < TimeDelta::milliseconds(1));
            prop_assert_eq!(cut.truncated(Precision::Millis), cut);
            prop_assert_eq!(instant.truncated(Precision::Micros), instant);
        }
    }
}

//! A time zone: what calendar day an instant belongs to.
//!
//! "Overdue", "today" and "this month" mean the day of a place. Its midnight may not exist, and may come
//! twice; all of that is decided here once.
//!
//! Invariant: `date_of(start_of(day)) == day`, for every day that the place has.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use chrono::{
    DateTime, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::Tz;

use super::wire::text_form;
use super::{Date, Instant, Problem};

/// No clock has ever been further from UTC, not even beside a change of the date line.
const FARTHEST_SECONDS: i64 = 26 * 3_600;

/// A time zone by its IANA name; UTC by default.
///
/// ```
/// use crm_core::value::{Date, Zone};
///
/// let zone: Zone = "Asia/Tashkent".parse()?;
/// let day: Date = "2026-01-31".parse()?;
/// assert_eq!(zone.start_of(day).to_string(), "2026-01-30T19:00:00Z");
/// assert_eq!(zone.date_of("2026-01-30T19:00:00Z".parse()?), day);
/// # Ok::<(), crm_core::value::Problem>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(Tz::UTC);

    /// Reads the name of a zone, spelled as the IANA does.
    ///
    /// # Errors
    /// When there is no such zone.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        text.trim()
            .parse()
            .map(Self)
            .map_err(|_| Problem::malformed("the IANA name of a time zone, such as `Europe/Paris`"))
    }

    /// The IANA name.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        self.0.name()
    }

    /// The calendar day of the instant, here.
    #[must_use]
    pub fn date_of(self, instant: Instant) -> Date {
        Date::clamped(self.local_date(instant.into()))
    }

    /// How many seconds of its day the clocks here show at the instant: 0 to 86 399. It is what people see on the wall, so
    /// on a day on which clocks change it is not the time since midnight.
    #[must_use]
    pub fn seconds_of_day(self, instant: Instant) -> u32 {
        DateTime::<Utc>::from(instant).with_timezone(&self.0).num_seconds_from_midnight()
    }

    /// The first instant of the day, here; that of the next day, where a change of the date line skipped it.
    #[must_use]
    pub fn start_of(self, date: Date) -> Instant {
        let date = NaiveDate::from(date);
        let midnight = date.and_time(NaiveTime::MIN);
        let start = match self.0.from_local_datetime(&midnight) {
            LocalResult::Single(start) | LocalResult::Ambiguous(start, _) => start.to_utc(),
            LocalResult::None => self.first_after_gap(date, midnight),
        };
        // Only the first and the last day there are can start out of bounds.
        let end = if start.timestamp() < 0 { Instant::MIN } else { Instant::MAX };
        Instant::try_from(start).unwrap_or(end)
    }

    /// The first instant after the day, here: the start of the next day.
    #[must_use]
    pub fn end_of(self, date: Date) -> Instant {
        if date == Date::MAX { Instant::MAX } else { self.start_of(date.plus_days(1)) }
    }

    fn local_date(self, instant: DateTime<Utc>) -> NaiveDate {
        instant.with_timezone(&self.0).date_naive()
    }

    /// Clocks jumped over midnight: searches the second at which they did, by halving.
    fn first_after_gap(self, date: NaiveDate, midnight: NaiveDateTime) -> DateTime<Utc> {
        let utc = midnight.and_utc();
        let (mut before, mut after) = (-FARTHEST_SECONDS, FARTHEST_SECONDS);
        while before + 1 < after {
            let middle = i64::midpoint(before, after);
            if self.local_date(utc + TimeDelta::seconds(middle)) < date {
                before = middle;
            } else {
                after = middle;
            }
        }
        utc + TimeDelta::seconds(after)
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::UTC
    }
}

impl PartialOrd for Zone {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Zone {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({self})")
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

text_form!(Zone);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::parse(name).unwrap()
    }

    fn on(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn days_start_where_clocks_say_even_beside_a_change() {
        for (name, day, start) in [
            ("UTC", "2024-01-01", "2024-01-01T00:00:00Z"),
            ("Asia/Tashkent", "2024-03-31", "2024-03-30T19:00:00Z"),
            // Midnight does not exist.
            ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"),
            ("Asia/Beirut", "2024-03-31", "2024-03-30T22:00:00Z"),
            ("Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00Z"),
            ("America/Havana", "2024-03-10", "2024-03-10T05:00:00Z"),
            // The hour before midnight comes twice.
            ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z"),
            ("Asia/Beirut", "2024-10-27", "2024-10-26T22:00:00Z"),
            // Midnight comes twice.
            ("America/Havana", "2024-11-03", "2024-11-03T04:00:00Z"),
            // Midnight, a minute, and once more the hour before it.
            ("America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z"),
            // Clocks jumped from half past eleven.
            ("America/Toronto", "1919-03-31", "1919-03-31T04:30:00Z"),
            // A day that never was.
            ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
            ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"),
        ] {
            assert_eq!(zone(name).start_of(on(day)).to_string(), start, "{name} {day}");
        }
    }

    #[test]
    fn a_day_ends_where_the_next_one_starts() {
        let sao_paulo = zone("America/Sao_Paulo");
        let hours = |day| (sao_paulo.end_of(on(day))).since(sao_paulo.start_of(on(day))).num_hours();
        assert_eq!((hours("2018-11-04"), hours("2018-02-17"), hours("2018-06-01")), (23, 25, 24));
    }

    #[test]
    fn the_ends_of_time_are_bounds() {
        for name in ["UTC", "Asia/Tokyo", "America/Los_Angeles"] {
            assert_eq!(zone(name).end_of(Date::MAX), Instant::MAX);
            assert_eq!(zone(name).date_of(Instant::MAX), Date::MAX);
            assert_eq!(zone(name).date_of(Instant::MIN), Date::MIN);
            assert!(zone(name).start_of(Date::MIN) < zone(name).end_of(Date::MIN));
        }
        assert_eq!(zone("Asia/Tokyo").start_of(Date::MIN), Instant::MIN);
    }

    #[test]
    fn every_day_of_a_century_starts_with_itself() {
        for name in [
            "Africa/Cairo",
            "Africa/Casablanca",
            "America/Asuncion",
            "America/Havana",
            "America/Sao_Paulo",
            "America/Scoresbysund",
            "America/St_Johns",
            "Antarctica/Troll",
            "Asia/Amman",
            "Asia/Beirut",
            "Asia/Gaza",
            "Asia/Manila",
            "Asia/Tehran",
            "Atlantic/Azores",
            "Europe/Moscow",
            "Pacific/Apia",
        ] {
            let mut day = on("1940-01-01");
            while day < on("2040-01-01") {
                assert_first(zone(name), day);
                day = day.plus_days(1);
            }
        }
    }

    fn assert_first(zone: Zone, day: Date) {
        let start = zone.start_of(day);
        let skipped = start == zone.end_of(day);
        assert_eq!(zone.date_of(start), if skipped { day.plus_days(1) } else { day }, "{zone} {day}");
        let before = start.checked_add(TimeDelta::microseconds(-1)).unwrap();
        assert!(zone.date_of(before) < day, "{zone} {day}");
    }

    #[test]
    fn names_are_checked() {
        for name in ["", "Mars/Olympus", "+03:00", "europe"] {
            assert_eq!(Zone::parse(name).unwrap_err().code(), "malformed", "{name}");
        }
        assert_eq!(Zone::default(), zone("UTC"));
        assert!(zone("Africa/Cairo") < zone("Asia/Beirut"));
        let json = serde_json::to_string(&zone("Asia/Tashkent")).unwrap();
        assert_eq!(json, "\"Asia/Tashkent\"");
        assert_eq!(serde_json::from_str::<Zone>(&json).unwrap(), zone("Asia/Tashkent"));
    }

    proptest! {
        #[test]
        fn every_zone_agrees_with_itself(at in 0..chrono_tz::TZ_VARIANTS.len(), days in 10_i64..3_652_000) {
            assert_first(Zone(chrono_tz::TZ_VARIANTS[at]), Date::MIN.plus_days(days));
        }
    }
}

//! A calendar day without a time.
//!
//! Which instants belong to it depends on a place; see `Zone`.
//!
//! Invariant: from year 1 to year 9999, so that the text has always ten characters and sorts as the day does.

use std::fmt;

use chrono::{Datelike, Days, Months, NaiveDate};

use super::Problem;
use super::wire::text_form;

/// A calendar day; as text it is `YYYY-MM-DD`.
///
/// ```
/// use crm_core::value::Date;
///
/// let date: Date = "2026-01-31".parse()?;
/// assert_eq!(date.plus_days(1).to_string(), "2026-02-01");
/// assert_eq!(date.plus_months(1).to_string(), "2026-02-28");
/// # Ok::<(), crm_core::value::Problem>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(NaiveDate);

impl Date {
    /// The first day of year 1.
    pub const MIN: Self = Self(match NaiveDate::from_ymd_opt(1, 1, 1) {
        Some(date) => date,
        None => NaiveDate::MIN,
    });
    /// The last day of year 9999.
    pub const MAX: Self = Self(match NaiveDate::from_ymd_opt(9999, 12, 31) {
        Some(date) => date,
        None => NaiveDate::MAX,
    });

    /// Reads a day written `YYYY-MM-DD`.
    ///
    /// # Errors
    /// When it is anything else, or there is no such day.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        parts(text.trim())
            .and_then(|(year, month, day)| Self::from_ymd(year, month, day))
            .ok_or_else(|| Problem::malformed("a date such as `2026-01-31`"))
    }

    /// The day of this year, month and day of month, if there is one.
    #[must_use]
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).and_then(|date| Self::try_from(date).ok())
    }

    /// Year, month and day of month.
    #[must_use]
    pub fn ymd(self) -> (i32, u32, u32) {
        (self.0.year(), self.0.month(), self.0.day())
    }

    /// The day so many days later, or earlier when negative, or the nearest one there is.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        let count = Days::new(days.unsigned_abs());
        if days < 0 {
            self.0.checked_sub_days(count).map_or(Self::MIN, Self::clamped)
        } else {
            self.0.checked_add_days(count).map_or(Self::MAX, Self::clamped)
        }
    }

    /// The same day of month so many months later, or the last one that month has, or the last day there is.
    #[must_use]
    pub fn plus_months(self, months: u32) -> Self {
        self.0.checked_add_months(Months::new(months)).map_or(Self::MAX, Self::clamped)
    }

    /// How many days lie between the two; negative when the other is later.
    #[must_use]
    pub fn days_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).num_days()
    }

    /// How many days after a Monday it is: 0 to 6.
    #[must_use]
    pub fn days_since_monday(self) -> u32 {
        self.0.weekday().num_days_from_monday()
    }

    pub(super) fn clamped(date: NaiveDate) -> Self {
        Self(date).clamp(Self::MIN, Self::MAX)
    }
}

fn parts(text: &str) -> Option<(i32, u32, u32)> {
    // Digits and hyphens only, at their places: `parse` alone would take a sign or a short month.
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let mut numbers = text.split('-');
    let (year, month, day) = (numbers.next()?, numbers.next()?, numbers.next()?);
    shape.then_some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

impl TryFrom<NaiveDate> for Date {
    type Error = Problem;

    fn try_from(date: NaiveDate) -> Result<Self, Problem> {
        let within = (Self::MIN.0..=Self::MAX.0).contains(&date);
        within.then_some(Self(date)).ok_or_else(|| Problem::out_of_range("within years 1 to 9999"))
    }
}

impl From<Date> for NaiveDate {
    fn from(date: Date) -> Self {
        date.0
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Date({self})")
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

text_form!(Date);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn on(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn anything_but_the_iso_form_is_refused() {
        for text in [
            "",
            "2024-1-05",
            "24-01-05",
            "+2024-1-5",
            "2024-01-+5",
            "2024/01/05",
            "20240105",
            "05-01-2024",
            "2024-02-30",
            "2023-02-29",
            "2024-13-01",
            "0000-01-01",
            "2024-01-05T00:00:00Z",
            "２０２４-01-05",
            "2024-W01-1",
        ] {
            assert_eq!(Date::parse(text).unwrap_err().code(), "malformed", "{text}");
        }
        assert_eq!(on(" 2024-02-29 "), Date::from_ymd(2024, 2, 29).unwrap());
    }

    #[test]
    fn months_are_clipped_to_their_end() {
        for (from, months, to) in [
            ("2024-01-31", 1, "2024-02-29"),
            ("2023-01-31", 1, "2023-02-28"),
            ("2023-12-31", 2, "2024-02-29"),
            ("2024-03-31", 0, "2024-03-31"),
            ("2024-03-15", 12, "2025-03-15"),
            ("9999-12-01", 1, "9999-12-31"),
            ("2024-01-01", u32::MAX, "9999-12-31"),
        ] {
            assert_eq!(on(from).plus_months(months), on(to), "{from} + {months}");
        }
    }

    #[test]
    fn days_stay_within_bounds() {
        assert_eq!(on("2024-03-01").plus_days(-1), on("2024-02-29"));
        assert_eq!(on("2024-03-01").days_since(on("2023-03-01")), 366);
        for days in [1, i64::MAX] {
            assert_eq!(Date::MAX.plus_days(days), Date::MAX);
            assert_eq!(Date::MIN.plus_days(-days), Date::MIN);
        }
        assert_eq!(Date::MAX.plus_days(i64::MIN), Date::MIN);
        assert_eq!(Date::from_ymd(10_000, 1, 1), None);
        assert_eq!(Date::from_ymd(0, 12, 31), None);
    }

    proptest! {
        #[test]
        fn text_round_trips_and_sorts_as_the_day(a in 0_i64..3_652_059, b in 0_i64..3_652_059) {
            let (a, b) = (Date::MIN.plus_days(a), Date::MIN.plus_days(b));
            let json = serde_json::to_string(&a).unwrap();
            prop_assert_eq!(serde_json::from_str::<Date>(&json).unwrap(), a);
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
            prop_assert_eq!(b.plus_days(a.days_since(b)), a);
        }
    }
}

//! A deadline: by the end of a day, or by an instant.
//!
//! Some tasks are due on a day and some at a time; both kinds are judged by the same two questions.
//!
//! Invariant: what is due on a day is not overdue before that day is over, in the zone that is asked about.

use serde::{Deserialize, Serialize};

use super::{Date, Instant, Zone};

/// When something is due.
///
/// ```
/// use crm_core::value::{Deadline, Zone};
///
/// let deadline = Deadline::On("2026-01-31".parse()?);
/// let zone: Zone = "America/New_York".parse()?;
/// assert!(!deadline.is_overdue("2026-02-01T04:59:59Z".parse()?, zone));
/// assert!(deadline.is_overdue("2026-02-01T05:00:00Z".parse()?, zone));
/// # Ok::<(), crm_core::value::Problem>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deadline {
    /// By the end of the day.
    On(Date),
    /// By the instant.
    At(Instant),
}

impl Deadline {
    /// The deadline that the two fields of a record make; the instant says more than the day.
    #[must_use]
    pub fn of(date: Option<Date>, instant: Option<Instant>) -> Option<Self> {
        instant.map(Self::At).or(date.map(Self::On))
    }

    /// Whether its calendar day in the zone is before `today`.
    #[must_use]
    pub fn is_before_day(self, today: Date, zone: Zone) -> bool {
        let day = match self {
            Self::On(date) => date,
            Self::At(instant) => zone.date_of(instant),
        };
        day < today
    }

    /// Whether it has passed: the instant lies before `now`, or the day is over in the zone.
    #[must_use]
    pub fn is_overdue(self, now: Instant, zone: Zone) -> bool {
        match self {
            Self::On(date) => zone.end_of(date) <= now,
            Self::At(instant) => instant < now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn on(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn an_instant_is_overdue_only_after_itself() {
        let deadline = Deadline::At(at("2024-05-01T10:00:00Z"));
        assert!(!deadline.is_overdue(at("2024-05-01T10:00:00Z"), Zone::UTC));
        assert!(deadline.is_overdue(at("2024-05-01T10:00:00.000001Z"), Zone::UTC));
    }

    #[test]
    fn a_day_is_overdue_when_it_is_over() {
        let deadline = Deadline::On(on("2024-05-01"));
        assert!(!deadline.is_overdue(at("2024-05-01T23:59:59.999999Z"), Zone::UTC));
        assert!(deadline.is_overdue(at("2024-05-02T00:00:00Z"), Zone::UTC));
    }

    #[test]
    fn the_calendar_day_is_that_of_the_zone() {
        let tashkent = Zone::parse("Asia/Tashkent").unwrap();
        let deadline = Deadline::At(at("2024-05-01T20:00:00Z"));
        assert!(deadline.is_before_day(on("2024-05-02"), Zone::UTC));
        assert!(!deadline.is_before_day(on("2024-05-02"), tashkent));
        assert!(Deadline::On(on("2024-05-01")).is_before_day(on("2024-05-02"), tashkent));
        assert!(!Deadline::On(on("2024-05-02")).is_before_day(on("2024-05-02"), tashkent));
    }

    #[test]
    fn an_instant_is_preferred_to_a_day() {
        let (date, instant) = (on("2024-05-01"), at("2024-05-01T20:00:00Z"));
        assert_eq!(Deadline::of(None, None), None);
        assert_eq!(Deadline::of(Some(date), None), Some(Deadline::On(date)));
        assert_eq!(Deadline::of(Some(date), Some(instant)), Some(Deadline::At(instant)));
    }

    #[test]
    fn json_round_trip() {
        let deadline = Deadline::On(on("2024-05-01"));
        let json = serde_json::to_string(&deadline).unwrap();
        assert_eq!(json, r#"{"on":"2024-05-01"}"#);
        assert_eq!(serde_json::from_str::<Deadline>(&json).unwrap(), deadline);
    }
}

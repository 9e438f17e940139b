//! Spans of days and how they are cut into months and the like.
//!
//! Invariant: the steps of a span lie in it, one after the other, without a gap.

use serde::{Deserialize, Serialize};

use crate::describe::{FieldId, Value};
use crate::error::Error;
use crate::store::Filter;
use crate::value::{Date, Instant, Problem, Zone};

/// More steps than any chart shows; a bound so that a typing error does not take all memory.
const MOST_STEPS: usize = 4_000;

/// Days of the organisation's calendar: from the first up to, and without, the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Days {
    /// The first day.
    pub from: Date,
    /// The day after the last.
    pub to: Date,
}

impl Days {
    /// The days from the first up to, and without, the end.
    #[must_use]
    pub fn new(from: Date, to: Date) -> Self {
        Self { from, to }
    }

    /// Refuses a span without a day.
    pub(super) fn check(self) -> Result<Self, Error> {
        if self.from < self.to {
            return Ok(self);
        }
        Err(Error::field("to", Problem::out_of_range(format!("a day after {}", self.from))))
    }

    /// Is the instant on one of these days?
    #[must_use]
    pub fn holds(self, at: Instant, zone: Zone) -> bool {
        self.has(zone.date_of(at))
    }

    /// Is the day one of these?
    #[must_use]
    pub fn has(self, day: Date) -> bool {
        self.from <= day && day < self.to
    }

    /// Rows whose instant is on one of these days.
    pub(super) fn instants(self, field: FieldId, zone: Zone) -> Filter {
        let instant = |day| Value::Instant(zone.start_of(day));
        Filter::between(field, instant(self.from), instant(self.to))
    }

    /// Rows whose day is one of these.
    pub(super) fn dates(self, field: FieldId) -> Filter {
        Filter::between(field, Value::Date(self.from), Value::Date(self.to))
    }

    /// These days, cut into steps. The first and the last step are cut short where the span is.
    ///
    /// # Errors
    /// The span has no day, or more steps than a report has.
    pub fn steps(self, step: Step) -> Result<Vec<Self>, Error> {
        let mut steps = Vec::new();
        let mut from = self.check()?.from;
        while from < self.to {
            let to = step.of(from).to.min(self.to);
            steps.push(Self { from, to });
            if steps.len() > MOST_STEPS {
                return Err(Error::Limit { limit: "steps of a report", most: MOST_STEPS as u64 });
            }
            from = to;
        }
        Ok(steps)
    }
}

/// Which days a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// The last so many days of the organisation's calendar, today included: 1 to 3660.
    Last(u32),
    /// These days.
    Days(Days),
}

impl Default for Period {
    fn default() -> Self {
        Self::Last(30)
    }
}

impl From<Days> for Period {
    fn from(days: Days) -> Self {
        Self::Days(days)
    }
}

impl Period {
    /// The days, seen from today.
    ///
    /// # Errors
    /// There is no day in it, or too many.
    pub fn days(self, today: Date) -> Result<Days, Error> {
        match self {
            Self::Days(days) => days.check(),
            Self::Last(days) if (1..=3_660).contains(&days) => {
                let to = today.plus_days(1);
                Ok(Days { from: to.plus_days(-i64::from(days)), to })
            }
            Self::Last(_) => {
                let problem = Problem::out_of_range("a number of days from 1 to 3660");
                Err(Error::field("period", problem))
            }
        }
    }
}

/// How days are taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Each by itself.
    Day,
    /// From Monday to Sunday.
    Week,
    /// By calendar months.
    Month,
    /// By quarters of a calendar year.
    Quarter,
    /// By calendar years.
    Year,
}

impl Step {
    /// The step that a day belongs to.
    #[must_use]
    pub fn of(self, day: Date) -> Days {
        let (year, month, _) = day.ymd();
        let first = |month| Date::from_ymd(year, month, 1).unwrap_or(day);
        let from = match self {
            Self::Day => day,
            Self::Week => day.plus_days(-i64::from(day.days_since_monday())),
            Self::Month => first(month),
            Self::Quarter => first(month - (month - 1) % 3),
            Self::Year => first(1),
        };
        let to = match self {
            Self::Day => from.plus_days(1),
            Self::Week => from.plus_days(7),
            Self::Month => from.plus_months(1),
            Self::Quarter => from.plus_months(3),
            Self::Year => from.plus_months(12),
        };
        Days { from, to }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_belongs_to_its_step() {
        let table = [
            (Step::Day, "2026-08-19", "2026-08-20"),
            (Step::Week, "2026-08-17", "2026-08-24"),
            (Step::Month, "2026-08-01", "2026-09-01"),
            (Step::Quarter, "2026-07-01", "2026-10-01"),
            (Step::Year, "2026-01-01", "2027-01-01"),
        ];
        for (step, from, to) in table {
            assert_eq!(step.of(day("2026-08-19")), Days::new(day(from), day(to)));
        }
    }

    #[test]
    fn a_span_without_a_day_is_refused() {
        let same = Days::new(day("2026-01-01"), day("2026-01-01"));
        assert_eq!(same.steps(Step::Day).unwrap_err().code(), "invalid");
        assert_eq!(Days::new(Date::MIN, Date::MAX).steps(Step::Day).unwrap_err().code(), "limit");
    }

    #[test]
    fn the_last_days_end_with_today() {
        let today = day("2026-03-01");
        for (last, from) in [(1, "2026-03-01"), (2, "2026-02-28"), (30, "2026-01-31")] {
            assert_eq!(Period::Last(last).days(today).unwrap(), Days::new(day(from), day("2026-03-02")));
        }
        let none = Period::from(Days::new(today, today));
        for wrong in [Period::Last(0), Period::Last(3_661), none] {
            assert_eq!(wrong.days(today).unwrap_err().code(), "invalid");
        }
    }

    proptest! {
        #[test]
        fn steps_fill_their_span(from in 0_i64..20_000, length in 1_i64..900, step in 0..5_usize) {
            let step = [Step::Day, Step::Week, Step::Month, Step::Quarter, Step::Year][step];
            let first = day("1990-01-01").plus_days(from);
            let span = Days::new(first, first.plus_days(length));
            let steps = span.steps(step).unwrap();
            prop_assert_eq!(steps.first().unwrap().from, span.from);
            prop_assert_eq!(steps.last().unwrap().to, span.to);
            prop_assert!(steps.windows(2).all(|pair| pair[0].to == pair[1].from && step.of(pair[1].from).from == pair[1].from));
        }
    }
}

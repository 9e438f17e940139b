//! Schedules: how a total is cut into lines with amounts and days.
//!
//! Invariant: the lines of a schedule add up to its total exactly, no line is zero, and no day drifts.

use serde::{Deserialize, Serialize};

use crate::value::{Date, Decimal, Money, Number, Problem};

/// The most months that a schedule can have.
pub const MOST_MONTHS: u32 = 60;
/// The most lines that a schedule can have: its months, a down payment and a final one.
pub const MOST_LINES: u32 = MOST_MONTHS + 2;

/// What a line is in its schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The whole total at once.
    Full,
    /// What is paid first.
    Down,
    /// One of the equal parts.
    Monthly,
    /// What is paid last.
    Final,
}

impl Role {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Down => "down",
            Self::Monthly => "monthly",
            Self::Final => "final",
        }
    }
}

/// A line of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its number, from 1.
    pub number: u32,
    /// What it is.
    pub role: Role,
    /// How much is due.
    pub amount: Decimal,
    /// When it is due.
    pub due_on: Date,
}

/// Cuts a total into equal parts, one a month from the first day on. What rounding leaves over goes to the earliest.
///
/// ```
/// use crm_core::schedule::lines;
/// use crm_core::value::{Currency, Date, Money};
///
/// let total = Money { amount: 100.into(), currency: Currency::USD };
/// let lines = lines(total, 2, Date::parse("2026-01-31")?, 3)?;
/// let told: Vec<_> = lines.iter().map(|line| format!("{} {}", line.due_on, line.amount)).collect();
/// assert_eq!(told, ["2026-01-31 33.34", "2026-02-28 33.33", "2026-03-31 33.33"]);
/// # Ok::<(), crm_core::value::Problem>(())
/// ```
///
/// # Errors
/// The total is not above zero, has more decimals than that or too few units for so many lines; there are not 1 to 60
/// months; or a day lies beyond the calendar.
pub fn lines(total: Money, decimals: u32, first: Date, months: u32) -> Result<Vec<Line>, Problem> {
    let mut schedule = Building { decimals, first, lines: Vec::new() };
    schedule.monthly(total, 0, months)?;
    Ok(schedule.lines)
}

/// The usual shapes of a schedule.
///
/// A down payment is due on the first day, and the first monthly line a month later; without one the first monthly line
/// is due on the first day. A part of nothing is no line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// All at once.
    Full,
    /// Something at once, and the rest in equal parts.
    Instalment {
        /// What is paid at once; nothing when it is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        down: Option<Number>,
        /// In how many parts the rest is paid, one a month.
        months: u32,
    },
    /// Something at once, equal parts, and something in the last month.
    Hybrid {
        /// What is paid at once; nothing when it is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        down: Option<Number>,
        /// What is paid in the last month.
        last: Number,
        /// How many months there are after the down payment; the rest is paid in all of them but the last, or in the
        /// only one.
        months: u32,
    },
}

impl Shape {
    /// The lines of a total in this shape.
    ///
    /// # Errors
    /// As [`lines`]; also if the parts are below zero or come to more than the total.
    pub fn lines(&self, total: Money, decimals: u32, first: Date) -> Result<Vec<Line>, Problem> {
        positive(total)?;
        let mut schedule = Building { decimals, first, lines: Vec::new() };
        match *self {
            Self::Full => schedule.push(Role::Full, total, 0)?,
            Self::Instalment { down, months } => {
                bounded(months)?;
                let (rest, offset) = schedule.down(total, down)?;
                if !rest.amount.is_zero() {
                    schedule.monthly(rest, offset, months)?;
                }
            }
            Self::Hybrid { down, last, months } => {
                bounded(months)?;
                let (rest, offset) = schedule.down(total, down)?;
                let last = part(total, last)?;
                let rest = less(rest, last)?;
                if !rest.amount.is_zero() {
                    schedule.monthly(rest, offset, (months - 1).max(1))?;
                }
                if !last.amount.is_zero() {
                    schedule.push(Role::Final, last, offset + months - 1)?;
                }
            }
        }
        Ok(schedule.lines)
    }
}

/// A schedule in the making.
struct Building {
    decimals: u32,
    first: Date,
    lines: Vec<Line>,
}

impl Building {
    /// Adds the down payment; answers the rest, and how many months after the first day it begins.
    fn down(&mut self, total: Money, down: Option<Number>) -> Result<(Money, u32), Problem> {
        let down = part(total, down.unwrap_or(Number(Decimal::ZERO)))?;
        if down.amount.is_zero() {
            return Ok((total, 0));
        }
        self.push(Role::Down, down, 0)?;
        Ok((less(total, down)?, 1))
    }

    /// Adds equal parts, one a month.
    fn monthly(&mut self, total: Money, offset: u32, months: u32) -> Result<(), Problem> {
        positive(total)?;
        bounded(months)?;
        for (at, amount) in (offset..).zip(total.split(self.decimals, months)?) {
            self.push(Role::Monthly, amount, at)?;
        }
        Ok(())
    }

    fn push(&mut self, role: Role, money: Money, months: u32) -> Result<(), Problem> {
        if money.amount.normalize().scale() > self.decimals {
            return Err(Problem::out_of_range(format!("amounts with at most {} decimals", self.decimals)));
        }
        if money.amount <= Decimal::ZERO {
            return Err(Problem::out_of_range("a total with something for every line"));
        }
        let number = u32::try_from(self.lines.len()).unwrap_or(u32::MAX).saturating_add(1);
        let due_on = months_after(self.first, months)?;
        self.lines.push(Line { number, role, amount: money.amount, due_on });
        Ok(())
    }
}

fn bounded(months: u32) -> Result<(), Problem> {
    if (1..=MOST_MONTHS).contains(&months) {
        return Ok(());
    }
    Err(Problem::out_of_range(format!("a number of months from 1 to {MOST_MONTHS}")))
}

fn positive(total: Money) -> Result<(), Problem> {
    if total.amount > Decimal::ZERO {
        return Ok(());
    }
    Err(Problem::out_of_range("a total above zero"))
}

/// A part of the total that was named.
fn part(total: Money, part: Number) -> Result<Money, Problem> {
    if part.0.is_sign_negative() && !part.0.is_zero() {
        return Err(Problem::out_of_range("parts of zero or more"));
    }
    Ok(Money { amount: part.0, ..total })
}

fn less(total: Money, part: Money) -> Result<Money, Problem> {
    if part.amount > total.amount {
        return Err(Problem::out_of_range("parts that come to no more than the total"));
    }
    total.checked_sub(part)
}

/// The day so many calendar months after the first, counted from it each time, so that a short month shifts nothing.
fn months_after(first: Date, months: u32) -> Result<Date, Problem> {
    let due_on = first.plus_months(months);
    let month_of = |day: Date| i64::from(day.ymd().0) * 12 + i64::from(day.ymd().1);
    if month_of(due_on) == month_of(first) + i64::from(months) {
        return Ok(due_on);
    }
    Err(Problem::out_of_range("days before the year 10000"))
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;

//! What is to be paid by plans, and how much of it was: collected, pending, overdue, in time.
//!
//! Only lines of live plans count: a line that was cancelled is due no more.
//!
//! Invariant: what is due is what is collected, pending and overdue, for each currency.

use std::ops::Bound;

use serde::Serialize;

use super::figure::{Tally, percent};
use super::period::Days;
use super::{Answered, Frame, Report, Selection};
use crate::describe::{Kind, Value};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::list::{List, overdue_on};
use crate::payment::installment::{AMOUNT, CURRENCY, DUE_ON, ON_TIME, OUTSTANDING, PAID, PLAN, STATUS};
use crate::payment::{self, Installment};
use crate::store::{Filter, Question};
use crate::value::Decimal;

/// How the lines of a list are paid, whatever its page.
#[derive(Clone, Debug, Default)]
pub struct Collections {
    lines: List<Installment>,
    due: Option<Days>,
}

impl Collections {
    /// The lines of a list.
    #[must_use]
    pub fn of(lines: List<Installment>) -> Self {
        Self { lines, due: None }
    }

    /// Only lines that are due on these days.
    #[must_use]
    pub fn due(mut self, days: Days) -> Self {
        self.due = Some(days);
        self
    }
}

/// What [`Collections`] tells, by what was paid until now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CollectionsFigures {
    /// All lines, and what they come to.
    pub due: Tally,
    /// The same lines, and what was paid on them; a line on which a part was paid counts with that part.
    pub collected: Tally,
    /// Open lines whose day is today or later, and what is outstanding on them.
    pub pending: Tally,
    /// Open lines whose day is over, and what is outstanding on them.
    pub overdue: Tally,
    /// Lines that are paid in full, and what they come to.
    pub paid: Tally,
    /// Lines that were paid in full on their day or before, and what they come to.
    pub on_time: Tally,
    /// These, of the lines that are paid in full or overdue, in per cent.
    pub on_time_rate: Decimal,
}

impl Report for Collections {
    type Figures = CollectionsFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        let today = tx.today()?;
        let live = Filter::text(payment::STATUS, "live");
        let mut lines = Selection::of(tx, &self.lines)?
            .and(Filter::OneOf(STATUS, [Value::text("open"), Value::text("paid")].into()))
            .and(Filter::Via(PLAN, Kind::PaymentPlan, Box::new(live)));
        if let Some(days) = self.due {
            lines = lines.and(days.check()?.dates(DUE_ON));
        }
        let overdue = lines.clone().and(overdue_on(today));
        let pending = lines.clone().and(Filter::text(STATUS, "open")).and(Filter::Range(
            DUE_ON,
            Bound::Included(Value::Date(today)),
            Bound::Unbounded,
        ));
        Ok(vec![
            lines.clone().sum(AMOUNT, &[STATUS, ON_TIME, CURRENCY]),
            lines.sum(PAID, &[CURRENCY]),
            pending.sum(OUTSTANDING, &[CURRENCY]),
            overdue.sum(OUTSTANDING, &[CURRENCY]),
        ])
    }

    fn fold(&self, _: &Frame<'_>, answers: &mut Answered) -> Result<CollectionsFigures, Error> {
        let (amounts, collected) = (answers.cut()?, answers.cut()?.all()?);
        let (pending, overdue) = (answers.cut()?.all()?, answers.cut()?.all()?);
        let paid = amounts.tally(&Filter::text(STATUS, "paid"))?;
        let on_time = amounts.tally(&Filter::Equals(ON_TIME, Value::Bool(true)))?;
        Ok(CollectionsFigures {
            on_time_rate: percent(on_time.count, paid.count + overdue.count),
            due: amounts.all()?,
            collected,
            pending,
            overdue,
            paid,
            on_time,
        })
    }
}

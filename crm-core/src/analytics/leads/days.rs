//! How many leads come a day.
//!
//! Invariant: the steps lie in the period, one after the other, and their leads add up to all of it.

use serde::Serialize;

use super::days_of;
use crate::analytics::ratio::Ratio;
use crate::analytics::{Answered, Days, Frame, Period, Report, Selection, Step, Tally};
use crate::describe::CREATED_AT;
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::lead::Lead;
use crate::list::List;
use crate::store::Question;

/// The leads that were created in a period, step by step.
///
/// | figure | formula |
/// |---|---|
/// | leads per day | leads that were created in the period / days of the period |
#[derive(Clone, Debug)]
pub struct LeadDays {
    period: Period,
    step: Step,
    leads: List<Lead>,
}

impl LeadDays {
    /// Of a period, day by day.
    #[must_use]
    pub fn of(period: impl Into<Period>) -> Self {
        Self { period: period.into(), step: Step::Day, leads: List::new() }
    }

    /// By weeks, months, quarters or years.
    #[must_use]
    pub fn by(mut self, step: Step) -> Self {
        self.step = step;
        self
    }

    /// Only the leads of this list, whatever its page.
    #[must_use]
    pub fn leads(mut self, leads: List<Lead>) -> Self {
        self.leads = leads;
        self
    }
}

impl Default for LeadDays {
    fn default() -> Self {
        Self::of(Period::default())
    }
}

/// What [`LeadDays`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeadDaysFigures {
    /// The days of the period.
    pub days: Days,
    /// All leads.
    pub leads: Tally,
    /// Leads / days.
    pub per_day: Ratio,
    /// Each step of the period, also those without a lead.
    pub steps: Vec<LeadStep>,
}

/// The leads of one step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeadStep {
    /// Its days.
    pub days: Days,
    /// The leads.
    pub leads: Tally,
}

impl Report for LeadDays {
    type Figures = LeadDaysFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        let (days, zone) = (self.period.days(tx.today()?)?, tx.organization()?.time_zone);
        days.steps(self.step)?;
        let leads = Selection::of(tx, &self.leads)?.and(days.instants(CREATED_AT, zone));
        Ok(vec![leads.measure(&[CREATED_AT])])
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<LeadDaysFigures, Error> {
        let (cut, days) = (answers.cut()?, days_of(self.period, frame)?);
        let leads = cut.all()?;
        let step =
            |days: Days| Ok(LeadStep { days, leads: cut.tally(&days.instants(CREATED_AT, frame.zone))? });
        Ok(LeadDaysFigures {
            per_day: Ratio::of(leads.count.into(), days.to.days_since(days.from).into())?,
            steps: days.steps(self.step)?.into_iter().map(step).collect::<Result<_, Error>>()?,
            days,
            leads,
        })
    }
}

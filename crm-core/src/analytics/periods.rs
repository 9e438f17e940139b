//! What happened to deals in each month or the like, from the ledger.
//!
//! A deal that was won, reopened and won again was won twice and reopened once, each in its own period, so the figures of
//! a past period stay.
//!
//! Invariant: an event counts on the day on which it happened in the organisation's time zone: a deal is opened when it
//! was created, and won or lost when it closed, never when it was last edited.

use std::collections::BTreeMap;

use serde::Serialize;

use super::period::{Days, Step};
use super::selection::too_many_digits;
use super::{Answered, Frame, Life, Report, Selection};
use crate::deal::Deal;
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::list::List;
use crate::store::{Question, Sum};
use crate::value::{Currency, DealId, Instant, Money};

/// What happened to deals on some days.
#[derive(Clone, Debug)]
pub struct Periods {
    days: Days,
    step: Step,
    deals: List<Deal>,
}

impl Periods {
    /// What happened on these days, by months.
    #[must_use]
    pub fn of(days: Days) -> Self {
        Self { days, step: Step::Month, deals: List::new() }
    }

    /// By days, weeks, quarters or years.
    #[must_use]
    pub fn by(mut self, step: Step) -> Self {
        self.step = step;
        self
    }

    /// Only to the deals of this list, whatever its page.
    #[must_use]
    pub fn deals(mut self, deals: List<Deal>) -> Self {
        self.deals = deals;
        self
    }
}

/// What [`Periods`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PeriodsFigures {
    /// Every period, in order, also those in which nothing happened.
    pub periods: Vec<PeriodFigures>,
}

/// What happened in one period.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PeriodFigures {
    /// The days.
    pub days: Days,
    /// How many deals were created.
    pub opened: u64,
    /// How often a deal was won.
    pub won: u64,
    /// How often a deal was lost.
    pub lost: u64,
    /// How often a won or lost deal was opened again.
    pub reopened: u64,
    /// What was won.
    pub won_amounts: Vec<Money>,
    /// Every event.
    #[serde(skip)]
    pub events: Vec<DealEvent>,
}

/// Something that happened to a deal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DealEvent {
    /// The deal.
    pub deal: DealId,
    /// When.
    pub at: Instant,
    /// What.
    pub what: What,
    /// What the deal was worth then.
    pub worth: Option<Money>,
}

/// What can happen to a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It was created.
    Opened,
    /// It was won.
    Won,
    /// It was lost.
    Lost,
    /// It was won or lost, and is not any more.
    Reopened,
}

impl Report for Periods {
    type Figures = PeriodsFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        self.days.steps(self.step)?;
        Ok(vec![Selection::of(tx, &self.deals)?.history(None)])
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<PeriodsFigures, Error> {
        let steps = self.days.steps(self.step)?;
        let mut events: Vec<Vec<DealEvent>> = vec![Vec::new(); steps.len()];
        let lives = answers.lives::<Deal>()?;
        for event in lives.iter().filter(|life| life.now().is_some()).flat_map(happened) {
            let day = frame.zone.date_of(event.at);
            let place = steps.partition_point(|step| step.to <= day);
            if steps.get(place).is_some_and(|step| step.has(day)) {
                events.get_mut(place).into_iter().for_each(|events| events.push(event.clone()));
            }
        }
        let periods = steps.into_iter().zip(events).map(|(days, events)| figures(days, events));
        Ok(PeriodsFigures { periods: periods.collect::<Result<_, _>>()? })
    }
}

/// Everything that happened to a deal.
fn happened(life: &Life<Deal>) -> Vec<DealEvent> {
    let mut events = Vec::new();
    let mut tell = |what, at, deal: &Deal| {
        events.push(DealEvent { deal: life.id, at, what, worth: deal.money() });
    };
    let mut before = None;
    for state in &life.states {
        let deal = state.row.as_ref();
        if before.is_none() {
            tell(What::Opened, deal.created_at, deal);
        }
        let ending = deal.outcome.as_ref().map(|outcome| (outcome.clone(), deal.closed_at));
        let ended = before.flatten();
        if ending != ended {
            if ended.is_some() {
                tell(What::Reopened, state.since, deal);
            }
            match &ending {
                Some((outcome, Some(at))) if *outcome == "won" => tell(What::Won, *at, deal),
                Some((outcome, Some(at))) if *outcome == "lost" => tell(What::Lost, *at, deal),
                _ => {}
            }
        }
        before = Some(ending);
    }
    events
}

fn figures(days: Days, events: Vec<DealEvent>) -> Result<PeriodFigures, Error> {
    let count = |what| events.iter().filter(|event| event.what == what).count() as u64;
    let won = events.iter().filter(|event| event.what == What::Won).filter_map(|event| event.worth);
    Ok(PeriodFigures {
        days,
        opened: count(What::Opened),
        won: count(What::Won),
        lost: count(What::Lost),
        reopened: count(What::Reopened),
        won_amounts: sums(won)?,
        events,
    })
}

/// What amounts add up to, for each currency.
pub(super) fn sums(amounts: impl IntoIterator<Item = Money>) -> Result<Vec<Money>, Error> {
    let mut sums: BTreeMap<Currency, Sum> = BTreeMap::new();
    for money in amounts {
        sums.entry(money.currency).or_default().add(money.amount);
    }
    let total = |(currency, sum): (Currency, Sum)| {
        Ok(Money { amount: sum.exact().ok_or_else(too_many_digits)?, currency })
    };
    sums.into_iter().map(total).collect()
}

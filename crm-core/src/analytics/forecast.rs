//! What open deals promise, by when they should close and by pipeline.
//!
//! Invariant: only deals whose status is open are in a forecast; a lost, won, parked or archived one never is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::figure::Tally;
use super::period::{Days, Step};
use super::selection::{Cut, too_many_digits};
use super::{Answered, Frame, Report, Selection, all_pipelines};
use crate::deal::{
    AMOUNT, CURRENCY, Deal, EXPECTED_CLOSE_AT, EXPECTED_CLOSE_DATE, PIPELINE, PROBABILITY, STAGE, STATUS,
};
use crate::describe::{FieldType, Percent, Value};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::list::List;
use crate::pipeline::Pipeline;
use crate::profile::DealStatus;
use crate::store::{Filter, Group, Question, Sum};
use crate::value::{Currency, Date, Money, PipelineId, Word, Zone};

/// What the open deals of a list promise.
#[derive(Clone, Debug)]
pub struct Forecast {
    deals: List<Deal>,
    step: Step,
}

impl Forecast {
    /// The open deals of a list, whatever its page.
    #[must_use]
    pub fn of(deals: List<Deal>) -> Self {
        Self { deals, step: Step::Month }
    }

    /// By days, weeks, quarters or years; by months when it is not said.
    #[must_use]
    pub fn by(mut self, step: Step) -> Self {
        self.step = step;
        self
    }
}

impl Default for Forecast {
    fn default() -> Self {
        Self::of(List::new())
    }
}

/// What [`Forecast`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ForecastFigures {
    /// All open deals.
    pub all: Tally,
    /// Their amounts, each times its probability.
    pub weighted: Vec<Money>,
    /// The same by pipeline and time of expected close. Deals without a pipeline or without an expected close are lines
    /// too, so the lines add up to the whole.
    pub lines: Vec<ForecastLine>,
}

/// The open deals of one pipeline that should close in one period.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ForecastLine {
    /// The pipeline.
    pub pipeline: Option<PipelineId>,
    /// When they should close.
    pub expected: Option<Days>,
    /// The deals.
    #[serde(flatten)]
    pub tally: Tally,
    /// Their amounts, each times its probability.
    pub weighted: Vec<Money>,
}

impl Report for Forecast {
    type Figures = ForecastFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        let states = &tx.profile().spec().deals.status.states;
        let open = states.iter().filter(|state| state.kind == DealStatus::Open);
        let open: BTreeSet<_> = open.map(|state| state.name.to_value()).collect();
        let deals = Selection::of(tx, &self.deals)?.and(Filter::OneOf(STATUS, open));
        let by = [PIPELINE, STAGE, PROBABILITY, CURRENCY, EXPECTED_CLOSE_DATE, EXPECTED_CLOSE_AT];
        Ok(vec![deals.sum(AMOUNT, &by), all_pipelines()])
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<ForecastFigures, Error> {
        let (cut, pipelines) = (answers.cut()?, answers.rows::<Pipeline>()?);
        let chances = Chances::of(&pipelines);
        let mut lines: BTreeMap<(Option<PipelineId>, Option<Days>), Vec<&Group>> = BTreeMap::new();
        for group in cut.groups() {
            let pipeline = cut.value(group, PIPELINE).and_then(PipelineId::from_value);
            let expected = expected_day(&cut, group, frame.zone).map(|day| self.step.of(day));
            lines.entry((pipeline, expected)).or_default().push(group);
        }
        let line = |((pipeline, expected), groups): ((Option<PipelineId>, Option<Days>), Vec<&Group>)| {
            let here = Filter::Equals(PIPELINE, pipeline.to_value()).and(expected_in(expected, frame.zone));
            Ok(ForecastLine {
                pipeline,
                expected,
                weighted: weighted(&cut, &chances, groups.iter().copied())?,
                tally: cut.tally_of(groups, here)?,
            })
        };
        Ok(ForecastFigures {
            all: cut.all()?,
            weighted: weighted(&cut, &chances, cut.groups())?,
            lines: lines.into_iter().map(line).collect::<Result<_, Error>>()?,
        })
    }
}

fn expected_day(cut: &Cut, group: &Group, zone: Zone) -> Option<Date> {
    match (cut.value(group, EXPECTED_CLOSE_DATE), cut.value(group, EXPECTED_CLOSE_AT)) {
        (Some(Value::Date(day)), _) => Some(*day),
        (_, Some(Value::Instant(at))) => Some(zone.date_of(*at)),
        _ => None,
    }
}

/// Deals that should close on one of these days; without a day, those of which it is not known.
fn expected_in(days: Option<Days>, zone: Zone) -> Filter {
    match days {
        Some(days) => Filter::Any(vec![
            days.dates(EXPECTED_CLOSE_DATE),
            Filter::Empty(EXPECTED_CLOSE_DATE).and(days.instants(EXPECTED_CLOSE_AT, zone)),
        ]),
        None => Filter::Empty(EXPECTED_CLOSE_DATE).and(Filter::Empty(EXPECTED_CLOSE_AT)),
    }
}

fn weighted<'g>(
    cut: &Cut,
    chances: &Chances,
    groups: impl IntoIterator<Item = &'g Group>,
) -> Result<Vec<Money>, Error> {
    let mut weights = Weights::default();
    for group in groups {
        let value = |field| cut.value(group, field);
        let own = value(PROBABILITY).and_then(Percent::from_value);
        let pipeline = value(PIPELINE).and_then(PipelineId::from_value);
        let stage = value(STAGE).and_then(Word::from_value);
        let chance = own.unwrap_or_else(|| chances.at(pipeline, stage.as_ref()));
        if let Some(currency) = value(CURRENCY).and_then(Currency::from_value) {
            weights.add(Money { amount: group.sum, currency }, chance);
        }
    }
    weights.totals()
}

/// How likely deals are won by the stage they are in.
#[derive(Debug, Default)]
pub(super) struct Chances(BTreeMap<(PipelineId, Word), Percent>);

impl Chances {
    pub(super) fn of<'p>(pipelines: impl IntoIterator<Item = &'p Arc<Pipeline>>) -> Self {
        let stages =
            pipelines.into_iter().flat_map(|row| row.stages.0.iter().map(move |stage| (row.id, stage)));
        Self(stages.map(|(id, stage)| ((id, stage.key.clone()), stage.probability)).collect())
    }

    fn at(&self, pipeline: Option<PipelineId>, stage: Option<&Word>) -> Percent {
        let place = pipeline.zip(stage.cloned());
        place.and_then(|place| self.0.get(&place).copied()).unwrap_or_default()
    }

    /// How likely a deal is won: as was set by hand, else by its stage; without a stage, 0.
    pub(super) fn of_deal(&self, deal: &Deal) -> Percent {
        deal.probability.unwrap_or_else(|| self.at(deal.pipeline, deal.stage.as_ref()))
    }
}

/// Sums of amounts times probabilities, for each currency.
#[derive(Debug, Default)]
pub(super) struct Weights(BTreeMap<Currency, Sum>);

impl Weights {
    pub(super) fn add(&mut self, money: Money, chance: Percent) {
        self.0.entry(money.currency).or_default().add_percent(money.amount, chance);
    }

    pub(super) fn totals(self) -> Result<Vec<Money>, Error> {
        let total = |(currency, sum): (Currency, Sum)| {
            Ok(Money { amount: sum.exact().ok_or_else(too_many_digits)?, currency })
        };
        self.0.into_iter().map(total).collect()
    }
}

//! Why deals were won and lost, where they were then, and how long it took.

use std::time::Duration;

use serde::Serialize;

use super::figure::{Tally, average, percent, rounded};
use super::period::Days;
use super::selection::Cut;
use super::{Answered, Frame, Report, Selection};
use crate::deal::{AMOUNT, CLOSED_AT, CLOSED_FROM, CURRENCY, Deal, LOST_REASON, OUTCOME, PIPELINE, STATUS};
use crate::describe::{CREATED_AT, FieldType, Value};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::list::List;
use crate::profile::DealStatus;
use crate::store::{Filter, Group, Question};
use crate::value::{Currency, Decimal, Instant, Line, Money, PipelineId, Word};

/// Why the deals that closed on some days were won or lost, and where they were then.
#[derive(Clone, Debug)]
pub struct Outcomes {
    days: Option<Days>,
    deals: List<Deal>,
}

impl Outcomes {
    /// All deals of a list that were won or lost, whenever.
    #[must_use]
    pub fn of(deals: List<Deal>) -> Self {
        Self { days: None, deals }
    }

    /// Only those that closed on these days.
    #[must_use]
    pub fn closed(mut self, days: Days) -> Self {
        self.days = Some(days);
        self
    }
}

/// What [`Outcomes`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutcomesFigures {
    /// All that were won.
    pub won: Tally,
    /// All that were lost.
    pub lost: Tally,
    /// Won, of both, in per cent.
    pub win_rate: Decimal,
    /// The lost ones by reason, in the order of the texts; those without one are a line too.
    pub lost_for: Vec<LostFor>,
    /// All of them by the stage that they were in before they closed; those of which it is not known are a line too.
    pub last_stages: Vec<StageEnd>,
}

/// Deals that were lost for one reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LostFor {
    /// The reason.
    pub reason: Option<Line>,
    /// The deals.
    #[serde(flatten)]
    pub tally: Tally,
    /// Of all lost ones, in per cent.
    pub share: Decimal,
}

/// Deals that closed from one stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StageEnd {
    /// Its pipeline.
    pub pipeline: Option<PipelineId>,
    /// The stage.
    pub stage: Option<Word>,
    /// Those that were won.
    pub won: Tally,
    /// Those that were lost.
    pub lost: Tally,
    /// Won, of both, in per cent.
    pub win_rate: Decimal,
}

fn how(outcome: &str) -> Filter {
    Filter::text(OUTCOME, outcome)
}

fn ended() -> Filter {
    Filter::OneOf(OUTCOME, ["won", "lost"].map(Value::text).into())
}

impl Report for Outcomes {
    type Figures = OutcomesFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        let mut deals = Selection::of(tx, &self.deals)?.and(ended());
        if let Some(days) = self.days {
            deals = deals.and(days.check()?.instants(CLOSED_AT, tx.organization()?.time_zone));
        }
        Ok(vec![deals.sum(AMOUNT, &[OUTCOME, LOST_REASON, PIPELINE, CLOSED_FROM, CURRENCY])])
    }

    fn fold(&self, _: &Frame<'_>, answers: &mut Answered) -> Result<OutcomesFigures, Error> {
        let cut = answers.cut()?;
        let (won, lost) = (cut.tally(&how("won"))?, cut.tally(&how("lost"))?);
        let losses = cut.within(how("lost"));
        let lost_for = |reason: Value| {
            let tally = losses.tally(&Filter::Equals(LOST_REASON, reason.clone()))?;
            Ok(LostFor { reason: Line::from_value(&reason), share: tally.share_of(lost.count), tally })
        };
        let mut last_stages = Vec::new();
        for pipeline in cut.values(PIPELINE) {
            let here = cut.within(Filter::Equals(PIPELINE, pipeline.clone()));
            for stage in here.values(CLOSED_FROM) {
                last_stages.push(StageEnd::of(&here, &pipeline, &stage)?);
            }
        }
        Ok(OutcomesFigures {
            win_rate: percent(won.count, won.count + lost.count),
            lost_for: losses.values(LOST_REASON).into_iter().map(lost_for).collect::<Result<_, Error>>()?,
            last_stages,
            won,
            lost,
        })
    }
}

impl StageEnd {
    fn of(here: &Cut, pipeline: &Value, stage: &Value) -> Result<Self, Error> {
        let there = here.within(Filter::Equals(CLOSED_FROM, stage.clone()));
        let (won, lost) = (there.tally(&how("won"))?, there.tally(&how("lost"))?);
        Ok(Self {
            pipeline: PipelineId::from_value(pipeline),
            stage: Word::from_value(stage),
            win_rate: percent(won.count, won.count + lost.count),
            won,
            lost,
        })
    }
}

/// How long deals take until they close, and how fast money comes in.
#[derive(Clone, Debug)]
pub struct Velocity {
    days: Option<Days>,
    deals: List<Deal>,
}

impl Velocity {
    /// All deals of a list, whatever its page.
    #[must_use]
    pub fn of(deals: List<Deal>) -> Self {
        Self { days: None, deals }
    }

    /// Counts only those for closed that closed on these days.
    #[must_use]
    pub fn closed(mut self, days: Days) -> Self {
        self.days = Some(days);
        self
    }
}

/// What [`Velocity`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VelocityFigures {
    /// From creation until it was won.
    pub to_win: Cycle,
    /// From creation until it was lost.
    pub to_lose: Cycle,
    /// How fast money comes in, for each currency.
    pub speeds: Vec<Speed>,
}

/// How long deals took.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cycle {
    /// The deals.
    pub deals: Tally,
    /// Those of which it is not known when they closed, or that closed before they were created; only an import brings
    /// such. They are in no time below.
    pub unknown: u64,
    /// All their times together.
    pub total: Duration,
    /// The time of a deal on average: total / deals of known time; 0 when there are none.
    pub average: Duration,
    /// The time that half of them did not exceed: the middle one, of two the mean; 0 when there are none.
    pub median: Duration,
}

/// How fast money comes in, in one currency.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Speed {
    /// The currency.
    pub currency: Currency,
    /// How many deals are open now.
    pub open: u64,
    /// How many were won.
    pub won: u64,
    /// Won, of those that were won or lost, in per cent.
    pub win_rate: Decimal,
    /// What a won deal is worth on average.
    pub average_won: Money,
    /// open * win rate * average won / days until a deal is won, for a day; empty where no deal was won or took no time.
    pub per_day: Option<Money>,
}

impl Report for Velocity {
    type Figures = VelocityFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        let deals = Selection::of(tx, &self.deals)?;
        let states = &tx.profile().spec().deals.status.states;
        let open = states.iter().filter(|state| state.kind == DealStatus::Open);
        let open = Filter::OneOf(STATUS, open.map(|state| state.name.to_value()).collect());
        let mut closed = deals.clone().and(ended());
        if let Some(days) = self.days {
            closed = closed.and(days.check()?.instants(CLOSED_AT, tx.organization()?.time_zone));
        }
        let by = [OUTCOME, CURRENCY, CREATED_AT, CLOSED_AT];
        Ok(vec![closed.sum(AMOUNT, &by), deals.and(open).sum(AMOUNT, &[CURRENCY])])
    }

    fn fold(&self, _: &Frame<'_>, answers: &mut Answered) -> Result<VelocityFigures, Error> {
        let (closed, open) = (answers.cut()?, answers.cut()?.all()?);
        let (won, lost) = (closed.within(how("won")), closed.within(how("lost")));
        let mut speeds = Vec::new();
        for currency in won.values(CURRENCY).iter().filter_map(Currency::from_value) {
            let here = Filter::Equals(CURRENCY, currency.to_value());
            let cycle = Cycle::of(&won.within(here.clone()))?;
            let lost = lost.tally(&here)?.count;
            speeds.push(Speed::of(currency, &open, &cycle, lost));
        }
        Ok(VelocityFigures { to_win: Cycle::of(&won)?, to_lose: Cycle::of(&lost)?, speeds })
    }
}

impl Cycle {
    fn of(cut: &Cut) -> Result<Self, Error> {
        let mut unknown = 0;
        let mut times: Vec<(Duration, u64)> = Vec::new();
        for group in cut.groups() {
            match time_of(cut, group) {
                Some(time) => times.push((time, group.count)),
                None => unknown += group.count,
            }
        }
        times.sort_unstable();
        let count: u64 = times.iter().map(|(_, count)| count).sum();
        let total = times.iter().map(|(time, count)| micros(*time) * u128::from(*count)).sum();
        let average = if count == 0 { 0 } else { total / u128::from(count) };
        Ok(Self {
            deals: cut.all()?,
            unknown,
            total: duration(total),
            average: duration(average),
            median: median(&times, count),
        })
    }
}

fn time_of(cut: &Cut, group: &Group) -> Option<Duration> {
    let instant = |field| cut.value(group, field).and_then(Instant::from_value);
    instant(CLOSED_AT)?.since(instant(CREATED_AT)?).to_std().ok()
}

/// The middle of so many times, which come in order with how often each is there.
fn median(times: &[(Duration, u64)], count: u64) -> Duration {
    let nth = |wanted: u64| {
        let mut passed = 0;
        let found = times.iter().find(|(_, count)| {
            passed += count;
            passed > wanted
        });
        found.map_or(0, |(time, _)| micros(*time))
    };
    if count == 0 { Duration::ZERO } else { duration(u128::midpoint(nth((count - 1) / 2), nth(count / 2))) }
}

fn micros(time: Duration) -> u128 {
    time.as_micros()
}

fn duration(micros: u128) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

impl Speed {
    fn of(currency: Currency, open: &Tally, cycle: &Cycle, lost: u64) -> Self {
        let open = open.totals.iter().find(|total| total.currency == currency).map_or(0, |total| total.count);
        let won = cycle.deals.count;
        let sum = cycle.deals.money(currency).amount;
        Self {
            currency,
            open,
            won,
            win_rate: percent(won, won + lost),
            average_won: Money { amount: average(sum, won), currency },
            per_day: per_day(open, won + lost, sum, cycle).map(|amount| Money { amount, currency }),
        }
    }
}

/// open * (won / ended) * (sum / won) / days = open * sum / (ended * days), rounded once. No days, nothing to divide by.
fn per_day(open: u64, ended: u64, sum: Decimal, cycle: &Cycle) -> Option<Decimal> {
    const MICROS_OF_A_DAY: u64 = 86_400_000_000;
    let known = cycle.deals.count.checked_sub(cycle.unknown)?;
    let total = u64::try_from(micros(cycle.total)).ok()?;
    // days = total / known / a day
    let numerator =
        sum.checked_mul(open.into())?.checked_mul(known.into())?.checked_mul(MICROS_OF_A_DAY.into())?;
    let quotient = numerator.checked_div(Decimal::from(ended).checked_mul(total.into())?)?;
    Some(rounded(quotient, 2))
}

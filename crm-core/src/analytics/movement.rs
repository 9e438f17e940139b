//! The pipeline as it was, and how it came from one time to another.
//!
//! A deal is in the pipeline while it is there and its status is open.
//!
//! Invariant: what was there at the start, and the parts of the movement, add up to what was there at the end.

use std::collections::BTreeMap;

use serde::Serialize;

use super::periods::sums;
use super::{Answered, Frame, Life, Report, Selection, pipelines_until, stage_order};
use crate::deal::Deal;
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::list::List;
use crate::pipeline::Pipeline;
use crate::profile::DealStatus;
use crate::store::Question;
use crate::value::{DealId, Instant, Money, PipelineId, Problem, Word};

/// The open deals as they were at a time.
#[derive(Clone, Debug)]
pub struct PipelineAsOf {
    at: Instant,
    deals: List<Deal>,
}

impl PipelineAsOf {
    /// All deals that were open at that time, as they were then.
    #[must_use]
    pub fn at(at: Instant) -> Self {
        Self { at, deals: List::new() }
    }

    /// Only those that are in this list now, or were when they were deleted.
    #[must_use]
    pub fn deals(mut self, deals: List<Deal>) -> Self {
        self.deals = deals;
        self
    }
}

/// What [`PipelineAsOf`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PipelineAsOfFigures {
    /// When.
    pub at: Instant,
    /// How many deals were open.
    pub count: u64,
    /// What they were worth.
    pub totals: Vec<Money>,
    /// The same by stage, in the order of the pipelines as they were; the lines add up to the whole.
    pub stages: Vec<StageAsOf>,
}

/// The open deals of one stage as they were.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StageAsOf {
    /// The pipeline.
    pub pipeline: Option<PipelineId>,
    /// The stage.
    pub stage: Option<Word>,
    /// How many.
    pub count: u64,
    /// What they were worth.
    pub totals: Vec<Money>,
    /// Which, and what each was worth.
    #[serde(skip)]
    pub deals: Vec<(DealId, Option<Money>)>,
}

type Place = (Option<PipelineId>, Option<Word>);

fn place(deal: &Deal) -> Place {
    (deal.pipeline, deal.stage.clone())
}

fn is_open(frame: &Frame<'_>, deal: &Deal) -> bool {
    frame.meaning(&deal.status) == Some(DealStatus::Open)
}

/// The deal as it was, if it was in the pipeline.
pub(super) fn open_at<'l>(frame: &Frame<'_>, life: &'l Life<Deal>, at: Instant) -> Option<&'l Deal> {
    life.at(at).map(AsRef::as_ref).filter(|deal| is_open(frame, deal))
}

/// Pipelines as they were at the end of their ledger.
pub(super) fn last_states(lives: &[Life<Pipeline>]) -> impl Iterator<Item = &std::sync::Arc<Pipeline>> {
    lives.iter().filter_map(|life| life.states.last()).map(|state| &state.row)
}

impl Report for PipelineAsOf {
    type Figures = PipelineAsOfFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        let deals = Selection::of(tx, &self.deals)?;
        Ok(vec![deals.history(Some(self.at)), pipelines_until(self.at)])
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<PipelineAsOfFigures, Error> {
        let (lives, pipelines) = (answers.lives::<Deal>()?, answers.lives::<Pipeline>()?);
        let mut places: BTreeMap<Place, Vec<(DealId, Option<Money>)>> = BTreeMap::new();
        for deal in lives.iter().filter_map(|life| open_at(frame, life, self.at)) {
            places.entry(place(deal)).or_default().push((deal.id, deal.money()));
        }
        let all = places.values().flatten();
        let (count, totals) = (all.clone().count() as u64, sums(all.filter_map(|(_, money)| *money))?);
        let stage = |((pipeline, stage), deals): (Place, Vec<(DealId, Option<Money>)>)| {
            let totals = sums(deals.iter().filter_map(|(_, money)| *money))?;
            Ok(StageAsOf { pipeline, stage, count: deals.len() as u64, totals, deals })
        };
        let mut stages = places.into_iter().map(stage).collect::<Result<Vec<_>, Error>>()?;
        let order = stage_order(last_states(&pipelines));
        stages.sort_by_key(|line| order(line.pipeline, line.stage.as_ref()));
        Ok(PipelineAsOfFigures { at: self.at, count, totals, stages })
    }
}

/// How the pipeline came from one time to another.
#[derive(Clone, Debug)]
pub struct Movement {
    from: Instant,
    to: Instant,
    deals: List<Deal>,
}

impl Movement {
    /// From one time to a later one.
    #[must_use]
    pub fn between(from: Instant, to: Instant) -> Self {
        Self { from, to, deals: List::new() }
    }

    /// Only deals that are in this list now, or were when they were deleted.
    #[must_use]
    pub fn deals(mut self, deals: List<Deal>) -> Self {
        self.deals = deals;
        self
    }
}

/// What [`Movement`] tells: `start + opened + returned + raised - lowered - won - lost - left = end`, for each currency.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MovementFigures {
    /// What was in the pipeline at the start.
    pub start: Moved,
    /// New deals.
    pub opened: Moved,
    /// Deals that were known at the start and not open, and are now; also what a deal is worth in its new currency.
    pub returned: Moved,
    /// How much more deals are worth.
    pub raised: Moved,
    /// How much less deals are worth.
    pub lowered: Moved,
    /// Deals that were won; what they were worth at the start.
    pub won: Moved,
    /// Deals that were lost; what they were worth at the start.
    pub lost: Moved,
    /// Deals that were parked, filed away or deleted; also what a deal was worth in its old currency.
    pub left: Moved,
    /// What is in the pipeline at the end.
    pub end: Moved,
    /// Deals that were open at both times and changed their stage. They change no total.
    pub moved: Vec<StageMove>,
}

/// One part of a movement.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Moved {
    /// How many deals.
    pub count: u64,
    /// How much, for each currency.
    pub totals: Vec<Money>,
    /// Which deals, and how much each.
    #[serde(skip)]
    pub deals: Vec<(DealId, Option<Money>)>,
}

/// Deals that went from one stage to another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StageMove {
    /// From which pipeline and stage.
    pub from: (Option<PipelineId>, Option<Word>),
    /// To which.
    pub to: (Option<PipelineId>, Option<Word>),
    /// What they are worth at the end.
    #[serde(flatten)]
    pub moved: Moved,
}

impl Moved {
    fn push(&mut self, deal: DealId, money: Option<Money>) {
        self.deals.push((deal, money));
    }

    fn summed(mut self) -> Result<Self, Error> {
        self.count = self.deals.len() as u64;
        self.totals = sums(self.deals.iter().filter_map(|(_, money)| *money))?;
        Ok(self)
    }
}

#[derive(Default)]
struct Parts {
    start: Moved,
    opened: Moved,
    returned: Moved,
    raised: Moved,
    lowered: Moved,
    won: Moved,
    lost: Moved,
    left: Moved,
    end: Moved,
    moved: BTreeMap<(Place, Place), Moved>,
}

impl Report for Movement {
    type Figures = MovementFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        if self.from >= self.to {
            let problem = Problem::out_of_range(format!("a time after {}", self.from));
            return Err(Error::field("to", problem).into());
        }
        Ok(vec![Selection::of(tx, &self.deals)?.history(Some(self.to))])
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<MovementFigures, Error> {
        let mut parts = Parts::default();
        for life in &answers.lives::<Deal>()? {
            parts.take(frame, self, life)?;
        }
        parts.figures()
    }
}

impl Parts {
    fn take(&mut self, frame: &Frame<'_>, movement: &Movement, life: &Life<Deal>) -> Result<(), Error> {
        let before = open_at(frame, life, movement.from);
        let after = open_at(frame, life, movement.to);
        let id = life.id;
        before.iter().for_each(|deal| self.start.push(id, deal.money()));
        after.iter().for_each(|deal| self.end.push(id, deal.money()));
        match (before, after) {
            (None, None) => {}
            (None, Some(deal)) if life.known(movement.from) => self.returned.push(id, deal.money()),
            (None, Some(deal)) => self.opened.push(id, deal.money()),
            (Some(deal), None) => {
                let outcome = life.at(movement.to).and_then(|now| now.outcome.as_ref());
                let part = match outcome.map(Word::as_str) {
                    Some("won") => &mut self.won,
                    Some("lost") => &mut self.lost,
                    _ => &mut self.left,
                };
                part.push(id, deal.money());
            }
            (Some(before), Some(after)) => self.stayed(before, after)?,
        }
        Ok(())
    }

    /// A deal that was open at both times.
    fn stayed(&mut self, before: &Deal, after: &Deal) -> Result<(), Error> {
        let id = before.id;
        if place(before) != place(after) {
            self.moved.entry((place(before), place(after))).or_default().push(id, after.money());
        }
        let worth = |deal: &Deal| Money { amount: deal.amount.unwrap_or_default(), currency: deal.currency };
        if before.currency != after.currency {
            self.left.push(id, Some(worth(before)));
            self.returned.push(id, Some(worth(after)));
            return Ok(());
        }
        let more =
            worth(after).checked_sub(worth(before)).map_err(|problem| Error::field("amount", problem))?;
        if more.amount > rust_decimal::Decimal::ZERO {
            self.raised.push(id, Some(more));
        } else if more.amount < rust_decimal::Decimal::ZERO {
            self.lowered.push(id, Some(Money { amount: -more.amount, ..more }));
        }
        Ok(())
    }

    fn figures(self) -> Result<MovementFigures, Error> {
        let moved =
            |((from, to), moved): ((Place, Place), Moved)| Ok(StageMove { from, to, moved: moved.summed()? });
        Ok(MovementFigures {
            start: self.start.summed()?,
            opened: self.opened.summed()?,
            returned: self.returned.summed()?,
            raised: self.raised.summed()?,
            lowered: self.lowered.summed()?,
            won: self.won.summed()?,
            lost: self.lost.summed()?,
            left: self.left.summed()?,
            end: self.end.summed()?,
            moved: self.moved.into_iter().map(moved).collect::<Result<_, Error>>()?,
        })
    }
}

//! How long deals stay in each stage, from the ledger.
//!
//! Invariant: every stay begins when a deal came into a stage and ends when it left it, was won, lost or archived, or was
//! deleted; coming back is another stay, and nothing is overwritten.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::{Answered, Frame, Life, Report, Selection, all_pipelines, stage_order};
use crate::deal::Deal;
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::list::List;
use crate::pipeline::Pipeline;
use crate::profile::Meaning;
use crate::store::Question;
use crate::value::{DealId, Instant, PipelineId, Word};

/// How long the deals of a list have been in each stage.
#[derive(Clone, Debug)]
pub struct StageTimes {
    deals: List<Deal>,
}

impl StageTimes {
    /// The deals of a list, whatever its page; their whole past.
    #[must_use]
    pub fn of(deals: List<Deal>) -> Self {
        Self { deals }
    }
}

impl Default for StageTimes {
    fn default() -> Self {
        Self::of(List::new())
    }
}

/// What [`StageTimes`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StageTimeFigures {
    /// Every stage that a deal was ever in, in the order of the pipelines; stages that are gone come last.
    pub stages: Vec<StageTime>,
}

/// How long deals were in one stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StageTime {
    /// Its pipeline.
    pub pipeline: Option<PipelineId>,
    /// The stage.
    pub stage: Word,
    /// How many deals have ever been in it.
    pub deals: u64,
    /// How many are in it now.
    pub running: u64,
    /// All their times together; those that are in it now, until now.
    pub total: Duration,
    /// The time of a deal on average, all of its stays together.
    pub average: Duration,
    /// Every stay.
    #[serde(skip)]
    pub stays: Vec<Stay>,
}

/// One stay of a deal in a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stay {
    /// The deal.
    pub deal: DealId,
    /// Since when.
    pub from: Instant,
    /// Until when; empty while it lasts.
    pub until: Option<Instant>,
}

impl Stay {
    /// How long, until now if it lasts.
    #[must_use]
    pub fn time(&self, now: Instant) -> Duration {
        self.until.unwrap_or(now).since(self.from).to_std().unwrap_or_default()
    }
}

type Place = (Option<PipelineId>, Word);

impl Report for StageTimes {
    type Figures = StageTimeFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        Ok(vec![Selection::of(tx, &self.deals)?.history(None), all_pipelines()])
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<StageTimeFigures, Error> {
        let (lives, pipelines) = (answers.lives::<Deal>()?, answers.rows::<Pipeline>()?);
        let mut places: BTreeMap<Place, Vec<Stay>> = BTreeMap::new();
        for life in lives.iter().filter(|life| life.now().is_some()) {
            for (place, stay) in stays(frame, life) {
                places.entry(place).or_default().push(stay);
            }
        }
        let order = stage_order(&pipelines);
        let mut stages: Vec<_> = places
            .into_iter()
            .map(|((pipeline, stage), stays)| stage_time(frame, pipeline, stage, stays))
            .collect();
        stages.sort_by_key(|time| order(time.pipeline, Some(&time.stage)));
        Ok(StageTimeFigures { stages })
    }
}

/// Where a deal is, while it is there and has not ended.
pub(super) fn place(frame: &Frame<'_>, deal: &Deal) -> Option<Place> {
    let ended = frame.meaning(&deal.status).is_some_and(Meaning::is_end);
    let stage = deal.stage.clone().filter(|_| !ended)?;
    Some((deal.pipeline, stage))
}

/// Every stay of a deal. Writes that leave it where it is do not end one.
fn stays(frame: &Frame<'_>, life: &Life<Deal>) -> Vec<(Place, Stay)> {
    let mut stays: Vec<(Place, Stay)> = Vec::new();
    let mut here: Option<Place> = None;
    for (state, until) in life.spans() {
        let now = place(frame, &state.row).filter(|_| state.live);
        if let (Some(place), true) = (&now, now != here) {
            stays.push((place.clone(), Stay { deal: life.id, from: state.since, until }));
        } else if let (Some(_), Some((_, stay))) = (&now, stays.last_mut()) {
            stay.until = until;
        }
        here = now;
    }
    stays
}

fn stage_time(frame: &Frame<'_>, pipeline: Option<PipelineId>, stage: Word, stays: Vec<Stay>) -> StageTime {
    let deals = stays.chunk_by(|one, next| one.deal == next.deal).count();
    let total: Duration = stays.iter().map(|stay| stay.time(frame.now)).sum();
    StageTime {
        pipeline,
        stage,
        deals: deals as u64,
        running: stays.iter().filter(|stay| stay.until.is_none()).count() as u64,
        total,
        average: u32::try_from(deals).map_or(Duration::ZERO, |deals| total / deals.max(1)),
        stays,
    }
}

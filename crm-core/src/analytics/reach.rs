//! How far deals ever came in a pipeline, from the ledger.
//!
//! Where deals are now tells of those that are left; how far they came tells of all of them. A deal that was lost has
//! reached every stage that it was in.
//!
//! Invariant: a deal reaches a stage once, however often it comes back; whoever reached a stage reached those before it.

use serde::Serialize;

use super::figure::percent;
use super::{Answered, Frame, Life, Report, Selection, all_pipelines};
use crate::deal::Deal;
use crate::describe::Id as _;
use crate::draft::{Draft, Halt, ReadSet};
use crate::error::Error;
use crate::list::List;
use crate::pipeline::{Pipeline, Stage, StageKind};
use crate::store::Question;
use crate::value::{DealId, Decimal, PipelineId, Word};

/// How far the deals of a list ever came in a pipeline.
#[derive(Clone, Debug)]
pub struct Reach {
    pipeline: PipelineId,
    deals: List<Deal>,
}

impl Reach {
    /// All deals that were ever in this pipeline.
    #[must_use]
    pub fn of(pipeline: PipelineId) -> Self {
        Self { pipeline, deals: List::new() }
    }

    /// Only the deals of this list, whatever its page: those created in a month, say.
    #[must_use]
    pub fn deals(mut self, deals: List<Deal>) -> Self {
        self.deals = deals;
        self
    }
}

/// What [`Reach`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReachFigures {
    /// Every stage in which deals are worked on or won, in order.
    pub stages: Vec<ReachedStage>,
    /// Deals that were in the pipeline and ended won, and are so now.
    pub won: Vec<DealId>,
    /// Deals that were in the pipeline and ended lost, and are so now.
    pub lost: Vec<DealId>,
}

/// How many deals ever reached a stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReachedStage {
    /// The stage.
    pub stage: Stage,
    /// How many.
    pub count: u64,
    /// Of those that reached the stage before, in per cent; 100 for the first stage, 0 where none reached that before.
    pub conversion_rate: Decimal,
    /// Of those that reached the first stage, in per cent.
    pub share: Decimal,
    /// Which deals.
    #[serde(skip)]
    pub deals: Vec<DealId>,
}

impl Report for Reach {
    type Figures = ReachFigures;

    fn hints(&self) -> ReadSet {
        self.pipeline.key().into()
    }

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        tx.get(self.pipeline)?;
        Ok(vec![Selection::of(tx, &self.deals)?.history(None), all_pipelines()])
    }

    fn fold(&self, _: &Frame<'_>, answers: &mut Answered) -> Result<ReachFigures, Error> {
        let (lives, pipelines) = (answers.lives::<Deal>()?, answers.rows::<Pipeline>()?);
        let pipeline = pipelines.iter().find(|row| row.id == self.pipeline);
        let stages: Vec<&Stage> = pipeline
            .iter()
            .flat_map(|row| &row.stages.0)
            .filter(|stage| matches!(stage.kind, StageKind::Open | StageKind::Won))
            .collect();
        let mut reached: Vec<Vec<DealId>> = vec![Vec::new(); stages.len()];
        let (mut won, mut lost) = (Vec::new(), Vec::new());
        for (life, deal) in lives.iter().filter_map(|life| Some((life, life.now()?))) {
            let Some(furthest) = self.furthest(life, &stages) else { continue };
            reached.iter_mut().take(furthest).for_each(|deals| deals.push(life.id));
            match deal.outcome.as_ref().map(Word::as_str) {
                Some("won") => won.push(life.id),
                Some("lost") => lost.push(life.id),
                _ => {}
            }
        }
        Ok(ReachFigures { stages: figures(&stages, reached), won, lost })
    }
}

impl Reach {
    /// How many of the stages a deal reached; `None` if it never was in the pipeline.
    fn furthest(&self, life: &Life<Deal>, stages: &[&Stage]) -> Option<usize> {
        let here = life.states.iter().filter(|state| state.live && state.row.pipeline == Some(self.pipeline));
        let place = |stage: &Word| stages.iter().position(|known| known.key == *stage).map_or(0, |at| at + 1);
        here.map(|state| state.row.stage.as_ref().map_or(0, place)).max()
    }
}

fn figures(stages: &[&Stage], reached: Vec<Vec<DealId>>) -> Vec<ReachedStage> {
    let count = |deals: Option<&Vec<DealId>>| deals.map_or(0, Vec::len) as u64;
    let counts: Vec<u64> = reached.iter().map(|deals| count(Some(deals))).collect();
    let first = counts.first().copied().unwrap_or_default();
    let before = std::iter::once(None).chain(counts.iter().map(|count| Some(*count)));
    let each = stages.iter().zip(reached).zip(before).map(|((stage, deals), before)| {
        let count = deals.len() as u64;
        ReachedStage {
            stage: (*stage).clone(),
            count,
            conversion_rate: before.map_or_else(|| percent(1, 1), |before| percent(count, before)),
            share: percent(count, first),
            deals,
        }
    });
    each.collect()
}

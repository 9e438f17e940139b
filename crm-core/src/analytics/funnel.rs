//! The funnel of a pipeline: where its deals are now.
//!
//! Which stages deals ever reached is another question, and another report: [`Reach`](super::Reach).

use serde::Serialize;

use super::figure::{Tally, percent};
use super::sales::StatusFigures;
use super::{Answered, Frame, Report, Selection, all_pipelines};
use crate::deal::{AMOUNT, CURRENCY, Deal, PIPELINE, STAGE, STATUS};
use crate::describe::{FieldType, Id as _, Value};
use crate::draft::{Draft, Halt, ReadSet};
use crate::error::Error;
use crate::list::List;
use crate::pipeline::{Pipeline, Stage};
use crate::store::{Filter, Question};
use crate::value::{Decimal, PipelineId};

/// The funnel of a pipeline.
#[derive(Clone, Debug)]
pub struct Funnel {
    pipeline: PipelineId,
    deals: List<Deal>,
}

impl Funnel {
    /// The funnel of a pipeline, with all of its deals.
    #[must_use]
    pub fn of(pipeline: PipelineId) -> Self {
        Self { pipeline, deals: List::new() }
    }

    /// Only with the deals of this list, whatever its page.
    #[must_use]
    pub fn deals(mut self, deals: List<Deal>) -> Self {
        self.deals = deals;
        self
    }
}

/// What [`Funnel`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FunnelFigures {
    /// All deals of the pipeline.
    pub all: Tally,
    /// Every stage, in order, also those without a deal.
    pub stages: Vec<FunnelStage>,
    /// Deals of the pipeline that are in none of its stages; only an import brings such.
    pub elsewhere: Tally,
}

/// The deals that are now in a stage, whatever their status.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FunnelStage {
    /// The stage.
    pub stage: Stage,
    /// Its deals.
    #[serde(flatten)]
    pub tally: Tally,
    /// The same by status: those that there are.
    pub by_status: Vec<StatusFigures>,
    /// Its number of that of the stage before, in per cent; 100 for the first stage, 0 where the stage before has none.
    pub conversion_rate: Decimal,
    /// Its number of all deals of the pipeline, in per cent.
    pub share: Decimal,
}

impl Report for Funnel {
    type Figures = FunnelFigures;

    fn hints(&self) -> ReadSet {
        self.pipeline.key().into()
    }

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        tx.get(self.pipeline)?;
        let here = Filter::Equals(PIPELINE, self.pipeline.to_value());
        let deals = Selection::of(tx, &self.deals)?.and(here);
        Ok(vec![deals.sum(AMOUNT, &[STAGE, STATUS, CURRENCY]), all_pipelines()])
    }

    fn fold(&self, _: &Frame<'_>, answers: &mut Answered) -> Result<FunnelFigures, Error> {
        let (cut, pipelines) = (answers.cut()?, answers.rows::<Pipeline>()?);
        let all = cut.all()?;
        let pipeline = pipelines.iter().find(|row| row.id == self.pipeline);
        let mut stages: Vec<FunnelStage> = Vec::new();
        for stage in pipeline.iter().flat_map(|row| &row.stages.0) {
            let here = Filter::word(STAGE, &stage.key);
            let tally = cut.tally(&here)?;
            let by_status = StatusFigures::each(cut.within(here).by_word(STATUS, [])?, tally.count);
            let conversion_rate = match stages.last() {
                None => percent(1, 1),
                Some(before) => percent(tally.count, before.tally.count),
            };
            let share = tally.share_of(all.count);
            stages.push(FunnelStage { stage: stage.clone(), tally, by_status, conversion_rate, share });
        }
        let known =
            |value: &Value| stages.iter().any(|stage| Some(stage.stage.key.as_str()) == value.as_text());
        let strange = cut.values(STAGE).into_iter().filter(|value| !known(value)).collect();
        Ok(FunnelFigures { all, elsewhere: cut.tally(&Filter::OneOf(STAGE, strange))?, stages })
    }
}

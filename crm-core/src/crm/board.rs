//! The board of a pipeline: its deals by stage, with counts and sums.
//!
//! Invariant: counts and sums are of all deals in a stage, however many cards are shown; amounts of different currencies
//! are never added; cards, counts and sums are from one state.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Session;
use crate::access::Action;
use crate::deal::{self, Deal};
use crate::describe::{Entity, Id, Value};
use crate::error::Error;
use crate::list::List;
use crate::pipeline::{Pipeline, Stage};
use crate::store::{Filter, Group, ListQuery, Measure, PerGroup, Question};
use crate::value::{Currency, Money, PipelineId};

/// A pipeline with its deals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Board {
    /// The pipeline.
    pub pipeline: Arc<Pipeline>,
    /// One column for each stage, in order.
    pub columns: Vec<Column>,
}

/// A stage with its deals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// The stage.
    pub stage: Stage,
    /// How many deals are in it.
    pub count: u64,
    /// What they are worth, for each currency.
    pub totals: Vec<Money>,
    /// The first of them, in the list's order.
    pub cards: Vec<Arc<Deal>>,
}

impl Session<'_> {
    /// The board of a pipeline. The list says which deals, in which order, and how many cards a column shows.
    ///
    /// # Errors
    /// There is no such pipeline that the actor may see, they may not read reports, or as [`Session::list`].
    pub async fn board(&self, pipeline: PipelineId, list: List<Deal>) -> Result<Board, Error> {
        let (pipeline, mut query) = self
            .read(pipeline.key().into(), |tx| {
                let pipeline = tx.get(pipeline)?;
                tx.allow(Action::ReportRead, None)?;
                Ok((pipeline, list.resolve(tx)?))
            })
            .await?;
        let here = Filter::Equals(deal::PIPELINE, Value::Uuid(pipeline.id.into()));
        query.filter = here.and(query.filter);
        query.total = false;
        query.per_group = Some(PerGroup { field: deal::STAGE, most: query.window.most });
        query.window.most = u32::MAX;
        let by = vec![deal::STAGE, deal::CURRENCY];
        let ListQuery { kind, visible, filter, .. } = query.clone();
        let measure = Measure { kind, visible, filter, by, sum: Some(deal::AMOUNT) };
        let mut answers = self.ask(&[Question::Measure(measure), Question::List(query)]).await?;
        let (groups, cards) = (answers.groups()?, answers.rows()?);
        let cards: Vec<_> = cards.rows.iter().filter_map(Deal::from_record).cloned().collect();
        let columns = pipeline.stages.0.iter().map(|stage| column(stage, &groups, &cards)).collect();
        Ok(Board { pipeline, columns })
    }
}

fn column(stage: &Stage, groups: &[Group], cards: &[Arc<Deal>]) -> Column {
    let here = |group: &&Group| group.key.first().and_then(Value::as_text) == Some(stage.key.as_str());
    let total = |group: &Group| {
        let currency =
            group.key.get(1).and_then(Value::as_text).and_then(|code| Currency::parse(code).ok())?;
        Some(Money { amount: group.sum, currency })
    };
    Column {
        stage: stage.clone(),
        count: groups.iter().filter(here).map(|group| group.count).sum(),
        totals: groups.iter().filter(here).filter_map(total).collect(),
        cards: cards.iter().filter(|deal| deal.stage.as_ref() == Some(&stage.key)).cloned().collect(),
    }
}

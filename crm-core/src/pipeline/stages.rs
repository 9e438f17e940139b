//! Editing the stages of a pipeline one at a time.
//!
//! Each is a short way to write a new list of stages; the list is judged as a whole. Removing a stage also moves its
//! deals, which a new list alone cannot.
//!
//! Invariant: a stage is removed together with the move of its deals, in one commit.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Pipeline, PipelineEdits, Stage, Stages, deals_in};
use crate::access::Action;
use crate::command::{Command, update};
use crate::deal::Deal;
use crate::describe::{Id, Key, Percent};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::profile::Requirement;
use crate::value::{Line, Patch, PipelineId, Problem, Word};

/// Adds a stage.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AddStage {
    /// To which pipeline.
    pub pipeline: PipelineId,
    /// The stage.
    pub stage: Stage,
    /// Before which other stage; at the end when empty.
    #[serde(default)]
    pub before: Option<Word>,
}

/// Changes a stage; its key stays.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EditStage {
    /// Of which pipeline.
    pub pipeline: PipelineId,
    /// Which stage.
    pub stage: Word,
    /// A new label.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub label: Patch<Line>,
    /// A new probability.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub probability: Patch<Percent>,
    /// What a deal must have to enter from now on; `Clear` for nothing.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub requires: Patch<Vec<Requirement>>,
    /// Where a deal can go from here; `Clear` for anywhere.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub to: Patch<Vec<Word>>,
}

impl EditStage {
    /// With nothing to change yet.
    #[must_use]
    pub fn of(pipeline: PipelineId, stage: Word) -> Self {
        Self {
            pipeline,
            stage,
            label: Patch::Keep,
            probability: Patch::Keep,
            requires: Patch::Keep,
            to: Patch::Keep,
        }
    }

    fn edit(&self, stage: &mut Stage) {
        let Self { pipeline: _, stage: _, label, probability, requires, to } = self;
        label.clone().write_option(&mut stage.label);
        probability.write_or_default(&mut stage.probability);
        requires.clone().write_or_default(&mut stage.requires);
        to.clone().write_option(&mut stage.to);
    }
}

/// Puts the stages into another order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReorderStages {
    /// Of which pipeline.
    pub pipeline: PipelineId,
    /// All of its stages, in the new order.
    pub order: Vec<Word>,
}

/// Removes a stage and moves its deals to another.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemoveStage {
    /// Of which pipeline.
    pub pipeline: PipelineId,
    /// Which stage.
    pub stage: Word,
    /// Where its deals go. Without it, a stage that has deals is not removed.
    #[serde(default)]
    pub move_deals_to: Option<Word>,
}

/// All that these commands have in common: they answer the pipeline, and are about it.
macro_rules! stage_command {
    ($command:ident, $name:literal, |$this:ident, $tx:ident, $stages:ident, $row:ident| $edit:block) => {
        impl Command for $command {
            type Output = Arc<Pipeline>;

            fn name(&self) -> &'static str {
                $name
            }

            fn target(&self) -> Option<Key> {
                Some(self.pipeline.key())
            }

            fn decide(&self, $tx: &mut Draft<'_>) -> Result<Arc<Pipeline>, Halt> {
                let $this = self;
                let $row = $tx.get(self.pipeline)?;
                let $stages = $row.stages.0.clone();
                let $stages = $edit;
                let edits = PipelineEdits { stages: Patch::Set($stages), ..Default::default() };
                update::<Pipeline>($tx, self.pipeline, &edits)
            }
        }
    };
}

stage_command!(AddStage, "add_stage", |this, tx, stages, row| {
    let at = match &this.before {
        Some(before) => place(&row, before, "before")?,
        None => stages.len(),
    };
    let mut stages = stages;
    stages.insert(at, this.stage.clone());
    stages
});

stage_command!(EditStage, "edit_stage", |this, tx, stages, row| {
    let at = place(&row, &this.stage, "stage")?;
    let mut stages = stages;
    if let Some(stage) = stages.get_mut(at) {
        this.edit(stage);
    }
    stages
});

stage_command!(ReorderStages, "reorder_stages", |this, tx, stages, row| {
    let known = stages.len();
    let ordered: Vec<_> =
        this.order.iter().filter_map(|key| row.stage(key).map(|(_, stage)| stage.clone())).collect();
    if ordered.len() != known || this.order.len() != known {
        let problem = Problem::malformed("every stage of the pipeline, once each");
        return Err(Error::field("order", problem).into());
    }
    ordered
});

stage_command!(RemoveStage, "remove_stage", |this, tx, stages, row| {
    let mut stages = stages;
    stages.remove(place(&row, &this.stage, "stage")?);
    for stage in &mut stages {
        if let Some(to) = &mut stage.to {
            to.retain(|key| *key != this.stage);
        }
    }
    if let Some(to) = &this.move_deals_to {
        let rest = Pipeline { stages: Stages(stages.clone()), ..row.as_ref().clone() };
        place(&rest, to, "move_deals_to")?;
        move_deals(tx, &row, &this.stage, to)?;
    }
    stages
});

fn place(row: &Pipeline, key: &Word, field: &str) -> Result<usize, Error> {
    let found = row.stage(key).map(|(at, _)| at);
    found.ok_or_else(|| Error::field(field, Problem::one_of(key.as_str(), row.keys())))
}

/// The deals go where they are told, whatever gates stand there: the stage they were in is gone.
fn move_deals(tx: &mut Draft<'_>, pipeline: &Pipeline, from: &Word, to: &Word) -> Result<(), Halt> {
    let permit = tx.allow(Action::PipelineManage, None)?;
    for deal in deals_in(tx, pipeline, from)? {
        tx.put(&permit, Deal { stage: Some(to.clone()), ..deal.as_ref().clone() })?;
    }
    Ok(())
}

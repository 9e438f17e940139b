//! Pipelines: the ordered stages through which deals move.
//!
//! A profile seeds them; from then on they are rows of the organisation. A pipeline and its stages are one record, so
//! every decision about a stage rests on one version.
//!
//! Invariant: no live deal is in a stage that its pipeline does not have.

mod stages;

use serde::{Deserialize, Serialize};

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, names, refuse_dependents};
use crate::deal::{self, Deal};
use crate::describe::{
    Entity, FieldId, FieldKind, FieldType, Json, Kind, Percent, Value, ValueRef, entity, field_id,
};
use crate::draft::{Draft, Halt, Permit};
use crate::error::{Error, FieldProblem, Rule};
use crate::profile::{Coupling, LimitsSpec, Requirement};
use crate::value::{Line, Problem, Word};

pub use self::stages::{AddStage, EditStage, RemoveStage, ReorderStages};

entity! {
    /// A way that deals go.
    Pipeline(PipelineId) = "pipeline", PipelineEdits;
    given {
        /// What it is called.
        name: Line [search, sort, unique];
        /// Its stages, in order.
        stages: Stages;
    }
    kept {}
}

const STAGES: FieldId = field_id(Pipeline::FIELDS, "stages");

/// A stage of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// What deals, boards and reports call it. It stays when the label changes.
    pub key: Word,
    /// What people read.
    #[serde(default)]
    pub label: Option<Line>,
    /// What it means for a deal to be here.
    #[serde(default)]
    pub kind: StageKind,
    /// How likely a deal that is here is to be won.
    #[serde(default)]
    pub probability: Percent,
    /// What a deal must have to enter.
    #[serde(default)]
    pub requires: Vec<Requirement>,
    /// Where a deal can go from here; anywhere when empty.
    #[serde(default)]
    pub to: Option<Vec<Word>>,
}

impl Stage {
    /// An open stage with nothing special about it.
    #[must_use]
    pub fn open(key: Word, probability: Percent) -> Self {
        Self { key, label: None, kind: StageKind::Open, probability, requires: Vec::new(), to: None }
    }
}

/// What it means for a deal to be in a stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageKind {
    /// It is worked on.
    #[default]
    Open,
    /// It is won.
    Won,
    /// It is lost.
    Lost,
    /// It has come to an end, either way.
    Closed,
}

/// The stages of a pipeline, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Stages(pub Vec<Stage>);

impl FieldType for Stages {
    type Input = Vec<Stage>;
    const KIND: FieldKind = FieldKind::Json;

    fn read(input: &Vec<Stage>) -> Result<Self, Problem> {
        Ok(Self(input.clone()))
    }

    fn view(&self) -> ValueRef<'_> {
        ValueRef::Json(Json::new(serde_json::to_value(&self.0).unwrap_or_default()))
    }

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Json(json) => serde_json::from_value(json.as_json().clone()).ok(),
            _ => None,
        }
    }
}

impl Pipeline {
    /// The stage with this key, and its place.
    #[must_use]
    pub fn stage(&self, key: &Word) -> Option<(usize, &Stage)> {
        self.stages.0.iter().enumerate().find(|(_, stage)| stage.key == *key)
    }

    /// Where deals start: the first open stage.
    #[must_use]
    pub fn first_stage(&self) -> Option<&Stage> {
        self.stages.0.iter().find(|stage| stage.kind == StageKind::Open)
    }

    /// Where a deal ends that was won or lost: the stage of that kind, else the closing stage.
    #[must_use]
    pub fn end_stage(&self, kind: StageKind) -> Option<&Stage> {
        let of = |kind| self.stages.0.iter().find(|stage| stage.kind == kind);
        of(kind).or_else(|| of(StageKind::Closed))
    }

    /// The keys of the stages, in order.
    pub fn keys(&self) -> impl Iterator<Item = &Word> {
        self.stages.0.iter().map(|stage| &stage.key)
    }
}

impl Rules for Pipeline {
    const CRUD: Crud = Crud::managed(Action::PipelineRead, Action::PipelineManage);
    const NAMES: crate::command::Names = names!("pipeline");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(vec![])
    }

    fn judge(
        tx: &mut Draft<'_>,
        before: Option<&Self>,
        after: &mut Self,
        asked: &Asked<'_>,
    ) -> Result<(), Halt> {
        if !asked.has(STAGES) {
            return Ok(());
        }
        let spec = tx.profile().spec();
        let mut problems = check_stages(&after.stages.0, &spec.limits, spec.deals.coupling);
        let demands = after.stages.0.iter().flat_map(|stage| &stage.requires);
        for demand in demands.filter(|demand| !tx.profile().can_satisfy(Kind::Deal, demand)) {
            problems.push(Problem::forbidden(format!(
                "no command can satisfy a demand for `{}`",
                demand.field()
            )));
        }
        if !problems.is_empty() {
            let named = problems.into_iter().map(|problem| FieldProblem::new("stages", problem));
            return Err(Error::Invalid(named.collect()).into());
        }
        let gone = before.into_iter().flat_map(Self::keys).filter(|key| after.stage(key).is_none());
        for key in gone {
            let deals = deals_in(tx, after, key)?;
            refuse_deals(deals.len())?;
        }
        Ok(())
    }

    fn before_delete(tx: &mut Draft<'_>, _: &Permit, row: &Self) -> Result<(), Halt> {
        if tx.organization()?.default_pipeline == Some(row.id) {
            return Err(Rule::other("default_pipeline", "the default pipeline cannot be deleted").into());
        }
        let deals = tx.rows::<Deal>(vec![(deal::PIPELINE, row.id.to_value())])?;
        Ok(refuse_deals(deals.len())?)
    }
}

/// The live deals in a stage.
fn deals_in(
    tx: &mut Draft<'_>,
    pipeline: &Pipeline,
    stage: &Word,
) -> Result<Vec<std::sync::Arc<Deal>>, Halt> {
    tx.rows::<Deal>(vec![(deal::PIPELINE, pipeline.id.to_value()), (deal::STAGE, stage.to_value())])
}

fn refuse_deals(count: usize) -> Result<(), Rule> {
    refuse_dependents(Kind::Pipeline, Kind::Deal, count)
}

/// What is wrong with a list of stages. A profile's pipelines and an organisation's obey the same.
pub(crate) fn check_stages(stages: &[Stage], limits: &LimitsSpec, coupling: Coupling) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for stage in stages.iter().filter(|stage| !seen.insert(&stage.key)) {
        problems.push(Problem::forbidden(format!("the stage `{}` is there twice", stage.key)));
    }
    for to in stages.iter().flat_map(|stage| stage.to.iter().flatten()).filter(|to| !seen.contains(to)) {
        problems.push(Problem::one_of(to.as_str(), seen.iter().map(|key| key.as_str())));
    }
    if stages.len() > limits.stages as usize {
        problems.push(Problem::out_of_range(format!("at most {} stages", limits.stages)));
    }
    let mut needed = vec![StageKind::Open];
    if coupling == Coupling::StageIsStatus {
        needed.extend([StageKind::Won, StageKind::Lost]);
    }
    for kind in needed.into_iter().filter(|kind| !stages.iter().any(|stage| stage.kind == *kind)) {
        problems.push(Problem::forbidden(format!("a stage of kind {kind:?} is missing").to_lowercase()));
    }
    problems
}

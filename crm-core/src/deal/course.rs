//! How a deal moves: its status, its stage, and what they have to do with each other.
//!
//! A patch is judged in this order: where the caller wants the deal on each axis, what the coupling adds, whether the
//! machine and the pipeline have these moves, whether the actor may make them, and whether the resulting deal has what
//! its new status and stage demand.
//!
//! Invariant: this file is the only writer of a deal's outcome and closing time, and the only judge of its moves.

use std::sync::Arc;

use super::{Deal, PIPELINE, STAGE, STATUS};
use crate::access::Action;
use crate::command::Asked;
use crate::describe::{Entity, Kind};
use crate::draft::{Draft, Halt, Permit};
use crate::error::{Error, Rule};
use crate::pipeline::{Pipeline, Stage, StageKind};
use crate::profile::{Coupling, DealStatus, DealsSpec, Meaning, ProfileSpec, Requirement, State, demand};
use crate::value::{Problem, Word};

/// One change of a deal's status and stage.
pub(super) struct Course<'a> {
    before: Option<&'a Deal>,
    spec: &'a DealsSpec,
    pipeline: Option<Arc<Pipeline>>,
    /// The status before; of a new deal the initial one.
    from: Word,
    /// Does the status change?
    moved: bool,
}

impl<'a> Course<'a> {
    pub(super) fn judge(
        tx: &mut Draft<'_>,
        before: Option<&Deal>,
        after: &mut Deal,
        asked: &Asked<'_>,
    ) -> Result<(), Halt> {
        let concerned = before.is_none() || [STATUS, STAGE, PIPELINE].iter().any(|field| asked.has(*field));
        if !concerned {
            return keep_demands(tx, after, asked);
        }
        let spec = &tx.profile().spec().deals;
        let from = before.map_or_else(|| spec.status.initial.clone(), |before| before.status.clone());
        let pipeline = match after.pipeline {
            Some(id) => tx.rely_on(id)?,
            None => None,
        };
        let mut course = Course { before, spec, pipeline, from, moved: false };
        course.place_stage(after, asked)?;
        course.couple_stage_to_status(after, asked)?;
        course.judge_status(tx, after, asked)?;
        let automatic = course.couple_status_to_stage(after, asked);
        course.judge_stage(tx, after, automatic.as_ref())?;
        course.settle_outcome(tx, after);
        course.judge_demands(after, asked)?;
        Ok(())
    }

    fn meaning(&self, status: &Word) -> Option<DealStatus> {
        self.spec.status.meaning(status)
    }

    fn old_stage(&self) -> Option<&'a Word> {
        self.before.and_then(|before| before.stage.as_ref())
    }

    /// A stage that the pipeline has: the one asked for, the one the deal was in, or the first.
    fn place_stage(&self, after: &mut Deal, asked: &Asked<'_>) -> Result<(), Error> {
        let Some(pipeline) = &self.pipeline else {
            return match (&after.stage, after.pipeline) {
                (None, _) | (_, Some(_)) => Ok(()),
                (Some(_), None) => Err(Error::field("stage", Problem::forbidden("a stage needs a pipeline"))),
            };
        };
        if self.before.is_none() && !self.spec.stage_at_creation {
            after.stage = pipeline.first_stage().map(|stage| stage.key.clone());
            return Ok(());
        }
        match &after.stage {
            Some(key) if pipeline.stage(key).is_some() => Ok(()),
            Some(key) if asked.has(STAGE) => {
                Err(Error::field("stage", Problem::one_of(key.as_str(), pipeline.keys())))
            }
            _ => {
                after.stage = self.natural_stage(pipeline, &after.status).map(|stage| stage.key.clone());
                Ok(())
            }
        }
    }

    /// Where a deal of this status is in a pipeline that it enters.
    fn natural_stage<'p>(&self, pipeline: &'p Pipeline, status: &Word) -> Option<&'p Stage> {
        match self.meaning(status) {
            Some(DealStatus::Won) if self.spec.coupling != Coupling::Independent => {
                pipeline.end_stage(StageKind::Won)
            }
            Some(DealStatus::Lost) if self.spec.coupling != Coupling::Independent => {
                pipeline.end_stage(StageKind::Lost)
            }
            _ => pipeline.first_stage(),
        }
    }

    /// Where stage and status are one thing, a stage that was asked for decides the status.
    fn couple_stage_to_status(&self, after: &mut Deal, asked: &Asked<'_>) -> Result<(), Error> {
        if self.spec.coupling != Coupling::StageIsStatus || !asked.has(STAGE) {
            return Ok(());
        }
        let Some(stage) = self.stage(after.stage.as_ref()) else { return Ok(()) };
        let wanted = match stage.kind {
            StageKind::Won => DealStatus::Won,
            StageKind::Lost => DealStatus::Lost,
            StageKind::Open | StageKind::Closed => DealStatus::Open,
        };
        let fits =
            |kind: DealStatus| kind == wanted || wanted == DealStatus::Open && kind == DealStatus::Parked;
        if self.meaning(&after.status).is_some_and(fits) {
            return Ok(());
        }
        if asked.has(STATUS) {
            let problem =
                Problem::forbidden(format!("a deal in stage `{}` cannot be `{}`", stage.key, after.status));
            return Err(Error::field("stage", problem));
        }
        if let Some(state) = self.spec.status.first_of(wanted) {
            after.status = state.name.clone();
        }
        Ok(())
    }

    fn judge_status(&mut self, tx: &mut Draft<'_>, after: &Deal, asked: &Asked<'_>) -> Result<(), Halt> {
        let asked = self.before.is_some() && asked.has(STATUS) || self.from != after.status;
        if !asked {
            return Ok(());
        }
        self.moved = self.spec.status.judge(Kind::Deal, &self.from, &after.status)?;
        if !self.moved {
            return Ok(());
        }
        if let Some(before) = self.before {
            let record = Arc::new(before.clone()).record();
            tx.allow(Action::DealTransition, Some(&record))?;
            if self.reopens(after) {
                tx.allow(Action::DealReopen, Some(&record))?;
            }
        }
        Ok(())
    }

    fn reopens(&self, after: &Deal) -> bool {
        let ended = |status: &Word| self.meaning(status).is_some_and(Meaning::is_end);
        self.moved && ended(&self.from) && !ended(&after.status)
    }

    /// Where the status decides the stage, moves the deal there. Answers the stage from which a further move is judged.
    fn couple_status_to_stage(&self, after: &mut Deal, asked: &Asked<'_>) -> Option<Word> {
        if !self.moved || self.spec.coupling == Coupling::Independent {
            return None;
        }
        let pipeline = self.pipeline.as_ref()?;
        let end = match self.meaning(&after.status)? {
            DealStatus::Won => pipeline.end_stage(StageKind::Won),
            DealStatus::Lost => pipeline.end_stage(StageKind::Lost),
            DealStatus::Open if self.reopens(after) => self.stage_before_closing(pipeline),
            _ => None,
        };
        let key = end?.key.clone();
        if !asked.has(STAGE) {
            after.stage = Some(key.clone());
        }
        Some(key)
    }

    fn stage_before_closing<'p>(&self, pipeline: &'p Pipeline) -> Option<&'p Stage> {
        let was =
            self.before.and_then(|before| before.closed_from.as_ref()).and_then(|key| pipeline.stage(key));
        was.map(|(_, stage)| stage)
            .filter(|stage| stage.kind == StageKind::Open)
            .or_else(|| pipeline.first_stage())
    }

    fn stage(&self, key: Option<&Word>) -> Option<&Stage> {
        let pipeline = self.pipeline.as_ref()?;
        pipeline.stage(key?).map(|(_, stage)| stage)
    }

    /// Judges the move to the stage that was asked for. What the coupling did is not judged.
    fn judge_stage(&self, tx: &mut Draft<'_>, after: &Deal, automatic: Option<&Word>) -> Result<(), Halt> {
        let (Some(before), Some(pipeline), Some(to)) = (self.before, &self.pipeline, &after.stage) else {
            return Ok(());
        };
        if before.pipeline != after.pipeline {
            return Ok(());
        }
        let Some((start, from)) = automatic.or(self.old_stage()).and_then(|from| pipeline.stage(from)) else {
            return Ok(());
        };
        if from.key == *to {
            return Ok(());
        }
        let backward = pipeline.stage(to).is_some_and(|(end, _)| end < start);
        if backward && !self.reopens(after) {
            tx.allow(Action::DealMoveBack, Some(&Arc::new(before.clone()).record()))?;
        }
        match &from.to {
            Some(allowed) if !allowed.contains(to) => {
                Err(Rule::StageMove { from: from.key.clone(), to: to.clone(), allowed: allowed.clone() }
                    .into())
            }
            _ => Ok(()),
        }
    }

    /// Keeps how and when the deal ended.
    fn settle_outcome(&self, tx: &Draft<'_>, after: &mut Deal) {
        if !self.moved {
            return;
        }
        if self.meaning(&after.status) == Some(DealStatus::Archived) {
            // One that had ended keeps its time; where that is not known, it is not known now either.
            if after.outcome.is_none() {
                after.closed_at = after.closed_at.or(Some(tx.now()));
            }
            return;
        }
        after.outcome = outcome_of(tx.profile().spec(), &after.status);
        after.closed_at = after.outcome.as_ref().map(|_| tx.now());
        after.closed_from = after.outcome.as_ref().and_then(|_| self.old_stage().cloned());
        if after.outcome.as_ref().is_none_or(|outcome| *outcome != "lost") {
            after.lost_reason = None;
        }
    }

    /// What the new status and the new stage demand must be there.
    fn judge_demands(&self, after: &Deal, asked: &Asked<'_>) -> Result<(), Rule> {
        let record = Arc::new(after.clone()).record();
        let state = self.spec.status.state(&after.status);
        let judged = |state: &&State<DealStatus>| {
            self.moved || self.before.is_none() || touches(asked, &state.requires)
        };
        if let Some(state) = state.filter(judged) {
            demand(&state.name, &state.requires, &record)?;
        }
        let entered = self
            .before
            .is_none_or(|before| (before.pipeline, &before.stage) != (after.pipeline, &after.stage));
        match self.stage(after.stage.as_ref()).filter(|_| entered) {
            Some(stage) => demand(&stage.key, &stage.requires, &record),
            None => Ok(()),
        }
    }
}

/// How a deal of this status ended.
fn outcome_of(spec: &ProfileSpec, status: &Word) -> Option<Word> {
    let outcome = match spec.deals.status.meaning(status)? {
        DealStatus::Won => "won",
        DealStatus::Lost => "lost",
        DealStatus::Open | DealStatus::Parked | DealStatus::Archived => return None,
    };
    Word::parse(outcome).ok()
}

/// A deal keeps what its status demands. Old rows that lack it can be changed otherwise.
fn keep_demands(tx: &Draft<'_>, after: &Deal, asked: &Asked<'_>) -> Result<(), Halt> {
    let Some(state) = tx.profile().spec().deals.status.state(&after.status) else { return Ok(()) };
    if touches(asked, &state.requires) {
        demand(&state.name, &state.requires, &Arc::new(after.clone()).record())?;
    }
    Ok(())
}

fn touches(asked: &Asked<'_>, requires: &[Requirement]) -> bool {
    requires.iter().filter_map(|each| Kind::Deal.field(each.field())).any(|(field, _)| asked.has(field))
}

impl Course<'_> {
    /// Did the caller move the stage, or did it follow from the new status?
    pub(super) fn stage_was_requested(
        tx: &Draft<'_>,
        before: &Deal,
        after: &Deal,
        asked: &Asked<'_>,
    ) -> bool {
        let follows = tx.profile().spec().deals.coupling != Coupling::Independent;
        let by_status = follows && asked.has(STATUS) && before.status != after.status;
        (asked.has(STAGE) || asked.has(PIPELINE)) && !by_status
    }

    /// The pipeline may have changed while the deal was deleted.
    pub(super) fn settle_restored(tx: &mut Draft<'_>, permit: &Permit, was: &Deal) -> Result<(), Halt> {
        let pipeline = match was.pipeline {
            Some(id) => tx.rely_on(id)?,
            None => None,
        };
        let (Some(pipeline), Some(back)) = (pipeline, tx.rely_on(was.id)?) else { return Ok(()) };
        let known = back.stage.as_ref().is_some_and(|stage| pipeline.stage(stage).is_some());
        if !known {
            let stage = pipeline.first_stage().map(|stage| stage.key.clone());
            tx.put(permit, Deal { stage, ..back.as_ref().clone() })?;
        }
        Ok(())
    }

    /// What today's rules find wrong with a deal from elsewhere.
    pub(super) fn findings(tx: &mut Draft<'_>, row: &mut Deal) -> Result<Vec<String>, Halt> {
        let mut found = Vec::new();
        row.outcome = row.outcome.take().or_else(|| outcome_of(tx.profile().spec(), &row.status));
        if row.outcome.is_some() && row.closed_at.is_none() {
            found.push("it is not known when it closed".to_owned());
        }
        let record = Arc::new(row.clone()).record();
        let pipeline = match row.pipeline {
            Some(id) => tx.rely_on(id)?,
            None => None,
        };
        let machine = &tx.profile().spec().deals.status;
        match machine.state(&row.status) {
            Some(state) => {
                found
                    .extend(demand(&state.name, &state.requires, &record).err().map(|rule| rule.to_string()));
            }
            None => found.push(format!("there is no status `{}`", row.status)),
        }
        if let (Some(stage), Some(pipeline)) = (&row.stage, pipeline) {
            match pipeline.stage(stage) {
                Some((_, stage)) => {
                    found.extend(
                        demand(&stage.key, &stage.requires, &record).err().map(|rule| rule.to_string()),
                    );
                }
                None => found.push(format!("there is no stage `{stage}`")),
            }
        }
        Ok(found)
    }
}

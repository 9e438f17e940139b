//! How a lead moves from stage to stage, by hand and by what else happens to it.
//!
//! A stage that is asked for is judged by the machine, then by what its meaning demands. What moves a lead by itself
//! (its rating, a callback) moves it only where the machine has the way, and never into or out of an end.
//!
//! Invariant: this file is the only judge of a lead's moves and the only writer of when and from where it was closed.

use std::sync::Arc;

use super::{CLOSE_REASON, Lead, LeadStage, LeadsSpec, NEXT_CONTACT_AT, STAGE, WonBy, settings, told};
use crate::access::Action;
use crate::command::Asked;
use crate::describe::{Entity, Kind};
use crate::draft::{Draft, Halt, Permit};
use crate::error::{Error, Rule};
use crate::profile::demand;
use crate::task;
use crate::value::{Instant, LeadId, Problem, TaskId, Word};

/// Judges the stage of a lead as a caller would have it.
pub(super) fn judge(
    tx: &mut Draft<'_>,
    before: Option<&Lead>,
    after: &mut Lead,
    asked: &Asked<'_>,
) -> Result<(), Halt> {
    let spec = settings(tx)?;
    follow_rating(spec, before, after, asked);
    let from = before.map_or(&spec.stages.initial, |before| &before.stage).clone();
    let wanted = before.is_some() && asked.has(STAGE) || from != after.stage;
    let moved = wanted && spec.stages.judge(Kind::Lead, &from, &after.stage)?;
    if moved {
        if let Some(before) = before.filter(|_| spec.is_end(&from)) {
            tx.allow(Action::LeadReopen, Some(&Arc::new(before.clone()).record()))?;
        }
        settle(tx, spec, &from, after, asked.has(CLOSE_REASON));
    }
    judge_reason(spec, moved, after, asked)?;
    let state = spec.stages.state(&after.stage);
    let touched = |field: &str| Kind::Lead.field(field).is_some_and(|(field, _)| asked.has(field));
    match state.filter(|state| moved || state.requires.iter().any(|each| touched(each.field()))) {
        Some(state) => Ok(demand(&state.name, &state.requires, &Arc::new(after.clone()).record())?),
        None => Ok(()),
    }
}

/// Where the profile says so, a new rating is a step of the work.
fn follow_rating(spec: &LeadsSpec, before: Option<&Lead>, after: &mut Lead, asked: &Asked<'_>) {
    let rated = before.is_some_and(|before| before.rating != after.rating);
    if rated && !asked.has(STAGE) {
        move_by_itself(spec, after, spec.rating_moves_to.as_ref());
    }
}

/// Moves a lead that is not over, where the machine has the way and the lead has what the stage demands.
fn move_by_itself(spec: &LeadsSpec, lead: &mut Lead, to: Option<&Word>) {
    let Some(state) = to.and_then(|to| spec.stages.state(to)) else { return };
    let open = !spec.is_end(&lead.stage);
    if open && spec.stages.judge(Kind::Lead, &lead.stage, &state.name).is_ok_and(|moved| moved) {
        let record = Arc::new(Lead { stage: state.name.clone(), ..lead.clone() }).record();
        if demand(&state.name, &state.requires, &record).is_ok() {
            lead.stage = state.name.clone();
        }
    }
}

/// Keeps from where and when a lead was closed, as long as it is.
fn settle(tx: &Draft<'_>, spec: &LeadsSpec, from: &Word, after: &mut Lead, reason_is_new: bool) {
    if spec.is_end(&after.stage) {
        after.closed_at = Some(tx.now());
        if !spec.is_end(from) {
            after.closed_from = Some(from.clone());
        }
    } else {
        (after.closed_from, after.closed_at) = (None, None);
    }
    if !reason_is_new {
        after.close_reason = None;
    }
}

/// A lead that is lost says why; one that is open has nothing to say; one is won by hand where the profile lets it.
fn judge_reason(spec: &LeadsSpec, moved: bool, after: &Lead, asked: &Asked<'_>) -> Result<(), Halt> {
    let meaning = spec.stages.meaning(&after.stage);
    if moved && meaning == Some(LeadStage::Won) && spec.won_by == WonBy::Conversion {
        return Err(Rule::other("won_by_rules", "a lead is won by its conversion or by a contract").into());
    }
    let demanded = match meaning {
        Some(LeadStage::Lost) => true,
        Some(LeadStage::Won) => moved && spec.won_by == WonBy::Reason,
        _ => false,
    };
    let over = spec.is_end(&after.stage);
    match &after.close_reason {
        None if demanded && (moved || asked.has(CLOSE_REASON)) => {
            Err(Error::field("close_reason", Problem::Required).into())
        }
        Some(_) if !over && asked.has(CLOSE_REASON) => {
            let why = Problem::forbidden("only a closed lead has a reason for it");
            Err(Error::field("close_reason", why).into())
        }
        _ => Ok(()),
    }
}

/// Writes a lead that the rules have changed, its stage perhaps too. The machine must have the way.
pub(crate) fn write_by_rules(
    tx: &mut Draft<'_>,
    permit: &Permit,
    before: &Arc<Lead>,
    mut after: Lead,
) -> Result<Arc<Lead>, Halt> {
    let spec = settings(tx)?;
    if before.stage != after.stage && spec.stages.judge(Kind::Lead, &before.stage, &after.stage)? {
        let reason_is_new = before.close_reason != after.close_reason;
        settle(tx, spec, &before.stage, &mut after, reason_is_new);
        if let Some(state) = spec.stages.state(&after.stage) {
            demand(&state.name, &state.requires, &Arc::new(after.clone()).record())?;
        }
    }
    if after == **before {
        return Ok(Arc::clone(before));
    }
    if tx.person().is_some() {
        after.touched_at = tx.now();
    }
    let after = tx.put(permit, after)?;
    told(tx, permit, Some(before), &after)?;
    Ok(after)
}

/// The stage in which a lead is won.
///
/// # Errors
/// It is over already, otherwise than won.
pub(crate) fn winning_stage(tx: &Draft<'_>, lead: &Lead) -> Result<Word, Halt> {
    let spec = settings(tx)?;
    match (spec.stages.meaning(&lead.stage), spec.stages.first_of(LeadStage::Won)) {
        (Some(LeadStage::Lost), _) => Err(is_closed().into()),
        (Some(LeadStage::Won), _) | (_, None) => Ok(lead.stage.clone()),
        (_, Some(state)) => Ok(state.name.clone()),
    }
}

/// Where a lead that was closed goes back to: where it came from, if there is still a way, or else the first stage that
/// can be reached and is no end.
pub(crate) fn stage_before_closing(tx: &Draft<'_>, lead: &Lead) -> Result<Word, Halt> {
    let spec = settings(tx)?;
    let targets = spec.stages.targets(&lead.stage);
    let from = lead.closed_from.as_ref().filter(|from| targets.contains(from));
    let open = from.or_else(|| targets.iter().find(|to| !spec.is_end(to)));
    Ok(open.unwrap_or(&spec.stages.initial).clone())
}

/// What became of a callback: it was planned, was made, or is for another time. One that is not open is for no time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallbackChange {
    pub(crate) task: TaskId,
    pub(crate) planned: bool,
    pub(crate) made: bool,
    pub(crate) was: Option<Instant>,
    pub(crate) is: Option<Instant>,
}

/// What a callback does to its lead. One that is gone stays gone.
pub(crate) fn callback_changed(
    tx: &mut Draft<'_>,
    permit: &Permit,
    lead: LeadId,
    change: CallbackChange,
) -> Result<(), Halt> {
    let made = change.made && tx.person().is_some();
    if !change.planned && !made && change.was == change.is {
        return Ok(());
    }
    let Some(before) = tx.rely_on(lead)? else { return Ok(()) };
    let spec = settings(tx)?;
    let mut after = before.as_ref().clone();
    if change.planned {
        move_by_itself(spec, &mut after, spec.callback_moves_to.as_ref());
    }
    if change.planned || made {
        after.touched_at = tx.now();
    }
    after.next_contact_at = next_contact(tx, &before, change)?;
    write_by_rules(tx, permit, &before, after).map(|_| ())
}

/// When the lead is called next: at its soonest callback to come. A sooner time that somebody set by hand stays.
fn next_contact(tx: &mut Draft<'_>, lead: &Lead, change: CallbackChange) -> Result<Option<Instant>, Halt> {
    let kept = lead.next_contact_at;
    if !tx.profile().uses(Kind::Lead, NEXT_CONTACT_AT) {
        return Ok(kept);
    }
    let over = kept.is_some_and(|at| at < tx.now()) && change.is.is_some();
    if over || change.was.is_some() && kept == change.was {
        let others = task::callbacks_to_come(tx, lead.id, change.task)?;
        return Ok(others.into_iter().chain(change.is).min());
    }
    match change.is {
        Some(is) => Ok(kept.into_iter().chain([is]).min()),
        None => Ok(kept),
    }
}

/// Somebody worked on a lead without changing it: a call, a note, a callback that was made.
pub(crate) fn worked_on(tx: &mut Draft<'_>, permit: &Permit, lead: LeadId) -> Result<(), Halt> {
    let Some(before) = tx.rely_on(lead)?.filter(|_| tx.person().is_some()) else { return Ok(()) };
    let after = Lead { touched_at: tx.now(), ..before.as_ref().clone() };
    write_by_rules(tx, permit, &before, after).map(|_| ())
}

pub(super) fn is_closed() -> Rule {
    Rule::other("lead_closed", "the lead is closed; reopen it first")
}

/// What today's rules find wrong with the stage of a lead from elsewhere.
pub(super) fn findings(spec: &LeadsSpec, row: &Lead) -> Vec<String> {
    let mut found = Vec::new();
    let Some(state) = spec.stages.state(&row.stage) else {
        return vec![format!("there is no stage `{}`", row.stage)];
    };
    let record = Arc::new(row.clone()).record();
    found.extend(demand(&state.name, &state.requires, &record).err().map(|rule| rule.to_string()));
    if spec.is_end(&row.stage) && row.closed_at.is_none() {
        found.push("it is not known when it closed".to_owned());
    }
    if state.kind == LeadStage::Lost && row.close_reason.is_none() {
        found.push("it is not known why it was lost".to_owned());
    }
    found
}

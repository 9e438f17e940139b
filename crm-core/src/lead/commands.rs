//! The verbs of a lead: where it goes, and whose it is.
//!
//! Invariant: a verb that changes what a caller could change by a patch takes the same way as the patch.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Lead, LeadEdits, LeadStage, course, owner, settings, stage_before_closing};
use crate::access::Action;
use crate::command::{Command, update};
use crate::describe::{Entity, Id, Key, Kind};
use crate::draft::{Draft, Halt, Permit};
use crate::error::{Error, Rule};
use crate::value::{LeadId, Patch, UserId};

/// Moves a lead to another stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveLead {
    /// Which lead.
    pub id: LeadId,
    /// The new stage.
    pub stage: String,
}

/// Closes a lead that will not become a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseLead {
    /// Which lead.
    pub id: LeadId,
    /// Why.
    pub reason: String,
    /// The stage; the first one of kind lost when empty.
    #[serde(default)]
    pub stage: Option<String>,
}

/// Takes a lead out of a stage that had ended it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReopenLead {
    /// Which lead.
    pub id: LeadId,
    /// To which stage; to the one it came from when empty.
    #[serde(default)]
    pub stage: Option<String>,
}

/// Gives a lead to somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignLead {
    /// Which lead.
    pub id: LeadId,
    /// To whom; whom the profile's policy chooses when empty.
    #[serde(default)]
    pub to: Option<UserId>,
}

/// Puts a lead back into the pool of those that nobody has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseLead {
    /// Which lead.
    pub id: LeadId,
}

/// Takes a lead from the pool for oneself. Of many who try it at the same time one gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeLead {
    /// Which lead.
    pub id: LeadId,
}

impl MoveLead {
    /// Of this lead, to this stage.
    #[must_use]
    pub fn of(id: LeadId, stage: impl Into<String>) -> Self {
        Self { id, stage: stage.into() }
    }
}

impl CloseLead {
    /// Of this lead, for this reason.
    #[must_use]
    pub fn of(id: LeadId, reason: impl Into<String>) -> Self {
        Self { id, reason: reason.into(), stage: None }
    }
}

impl ReopenLead {
    /// Of this lead, to where it came from.
    #[must_use]
    pub fn of(id: LeadId) -> Self {
        Self { id, stage: None }
    }
}

impl AssignLead {
    /// Of this lead, to this member.
    #[must_use]
    pub fn to(id: LeadId, member: UserId) -> Self {
        Self { id, to: Some(member) }
    }

    /// Of this lead, to whom the policy chooses.
    #[must_use]
    pub fn by_policy(id: LeadId) -> Self {
        Self { id, to: None }
    }
}

impl ReleaseLead {
    /// Of this lead.
    #[must_use]
    pub fn of(id: LeadId) -> Self {
        Self { id }
    }
}

impl TakeLead {
    /// Of this lead.
    #[must_use]
    pub fn of(id: LeadId) -> Self {
        Self { id }
    }
}

/// Ties a verb to its name and its decision.
macro_rules! lead_command {
    ($command:ident = $name:literal, |$this:ident, $tx:ident| $decision:expr) => {
        impl Command for $command {
            type Output = Arc<Lead>;

            fn name(&self) -> &'static str {
                $name
            }

            fn target(&self) -> Option<Key> {
                Some(self.id.key())
            }

            fn decide(&self, $tx: &mut Draft<'_>) -> Result<Arc<Lead>, Halt> {
                let $this = self;
                $decision
            }
        }
    };
}

lead_command!(MoveLead = "move_lead", |this, tx| to_stage(tx, this.id, this.stage.clone(), Patch::Keep));
lead_command!(CloseLead = "close_lead", |this, tx| close(tx, this));
lead_command!(ReopenLead = "reopen_lead", |this, tx| reopen(tx, this));
lead_command!(AssignLead = "assign_lead", |this, tx| assign(tx, this));
lead_command!(ReleaseLead = "release_lead", |this, tx| {
    let (lead, permit) = assignable(tx, this.id)?;
    owner::give(tx, &permit, &lead, None, None)
});
lead_command!(TakeLead = "take_lead", |this, tx| take(tx, this.id));

fn to_stage(
    tx: &mut Draft<'_>,
    id: LeadId,
    stage: String,
    close_reason: Patch<String>,
) -> Result<Arc<Lead>, Halt> {
    update::<Lead>(tx, id, &LeadEdits { stage: Patch::Set(stage), close_reason, ..LeadEdits::default() })
}

fn close(tx: &mut Draft<'_>, asked: &CloseLead) -> Result<Arc<Lead>, Halt> {
    let lost = || settings(tx)?.stages.first_of(LeadStage::Lost).ok_or_else(no_lost_stage);
    let stage = match &asked.stage {
        Some(stage) => stage.clone(),
        None => lost()?.name.to_string(),
    };
    to_stage(tx, asked.id, stage, Patch::Set(asked.reason.clone()))
}

fn no_lost_stage() -> Rule {
    Rule::other("no_such_status", "leads have no stage that means lost here")
}

fn reopen(tx: &mut Draft<'_>, asked: &ReopenLead) -> Result<Arc<Lead>, Halt> {
    let lead = tx.get(asked.id)?;
    let open = !settings(tx)?.is_end(&lead.stage);
    let stage = match &asked.stage {
        Some(stage) => stage.clone(),
        None if open => lead.stage.to_string(),
        None => stage_before_closing(tx, &lead)?.to_string(),
    };
    to_stage(tx, asked.id, stage, Patch::Keep)
}

/// A lead that the actor may give to somebody.
fn assignable(tx: &mut Draft<'_>, id: LeadId) -> Result<(Arc<Lead>, Permit), Halt> {
    let lead = tx.get(id)?;
    let permit = tx.allow(Action::LeadAssign, Some(&Arc::clone(&lead).record()))?;
    Ok((lead, permit))
}

fn assign(tx: &mut Draft<'_>, asked: &AssignLead) -> Result<Arc<Lead>, Halt> {
    let (lead, permit) = assignable(tx, asked.id)?;
    if let Some(to) = asked.to {
        return owner::give(tx, &permit, &lead, Some(to), None);
    }
    if !settings(tx)?.assignment.policy.chooses() {
        return Err(Rule::other("assigned_by_hand", "no policy chooses here; name a member").into());
    }
    match owner::choose(tx, lead.id)? {
        Some(chosen) => owner::give(tx, &permit, &lead, Some(chosen.member), Some(&chosen.why)),
        None => Err(Rule::other("nobody_available", "there is nobody who could take the lead").into()),
    }
}

/// Whoever takes a lead need not see it before: what is in the pool is there to be taken.
fn take(tx: &mut Draft<'_>, id: LeadId) -> Result<Arc<Lead>, Halt> {
    let me = tx.person().ok_or_else(|| Rule::other("not_a_member", "only a member can take a lead"))?;
    let unknown = || Error::NotFound { resource: Kind::Lead, id: id.into() };
    let lead = tx.rely_on(id)?.ok_or_else(unknown)?;
    let mine = Lead { owner: Some(me), ..lead.as_ref().clone() };
    let permit = tx.allow(Action::LeadTake, Some(&Arc::new(mine).record()))?;
    match lead.owner {
        Some(owner) if owner != me => Err(Rule::other("lead_taken", "somebody else has the lead").into()),
        None if settings(tx)?.is_end(&lead.stage) => Err(course::is_closed().into()),
        _ => owner::give(tx, &permit, &lead, Some(me), Some("taken from the pool")),
    }
}

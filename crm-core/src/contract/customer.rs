//! What signing and cancelling do to the lead.
//!
//! Invariant: a lead has at most one contract in force; it is closed by that, and open again when it is cancelled.

use std::sync::Arc;

use serde_json::json;

use super::{Contract, LEAD, STATUS, taken};
use crate::describe::{Entity, FieldId, FieldType, Id, Value};
use crate::draft::{Draft, Halt, Permit};
use crate::error::Rule;
use crate::lead::Lead;
use crate::profile::{LeadStage, LeadsSpec, Meaning};
use crate::value::{LeadId, Word};

/// The lead is there, seen, and has no other contract in force.
pub(super) fn demand_free(tx: &mut Draft<'_>, contract: &Contract) -> Result<(), Halt> {
    let Some(lead) = contract.lead else { return Ok(()) };
    tx.demand_reference(lead.key(), "lead")?;
    tx.rely_on(lead)?;
    if in_force(tx, lead, contract)? { Err(taken("lead")) } else { Ok(()) }
}

/// The contracts of a lead that are in force.
pub(super) fn signed_with(lead: LeadId) -> Vec<(FieldId, Value)> {
    vec![(LEAD, lead.to_value()), (STATUS, Value::text(super::Status::Signed.name()))]
}

/// Has the lead another contract that is in force?
fn in_force(tx: &mut Draft<'_>, lead: LeadId, but: &Contract) -> Result<bool, Halt> {
    let rows = tx.rows::<Contract>(signed_with(lead))?;
    Ok(rows.iter().any(|row| row.id != but.id))
}

/// Closes the lead with whom the contract was signed, and gives it copies of the figures.
pub(super) fn close(tx: &mut Draft<'_>, permit: &Permit, contract: &Contract) -> Result<(), Halt> {
    let Some(lead) = find(tx, contract)? else { return Ok(()) };
    let Some(spec) = tx.profile().spec().leads.as_ref() else { return Ok(()) };
    let won = spec.stages.first_of(LeadStage::Won);
    let won = won.ok_or_else(|| Rule::other("no_such_stage", "leads have no stage that means won here"))?;
    let ended = is_over(spec, &lead.stage);
    // One that was closed by hand keeps the stage from which that was done.
    let closed_from = lead.closed_from.clone().filter(|_| ended).or_else(|| Some(lead.stage.clone()));
    let mut closed = Lead {
        stage: won.name.clone(),
        closed_from,
        closed_at: Some(tx.now()),
        touched_at: tx.now(),
        ..without_offer(&lead)
    };
    // Beside a budget in another currency the figures would be read wrongly; the contract has them.
    if lead.budget.is_none() || lead.currency == contract.currency {
        closed.currency = contract.currency;
        closed.offer_total = Some(contract.total);
        closed.offer_price = contract.price;
        closed.offer_down = contract.down;
        closed.offer_share = contract.share;
    }
    let closed = tx.put(permit, closed)?;
    tell_stage(tx, &lead, &closed)
}

/// Takes the lead back to where it was before, unless another contract or a person has moved it since.
pub(super) fn reopen(tx: &mut Draft<'_>, permit: &Permit, contract: &Contract) -> Result<(), Halt> {
    let Some(lead) = find(tx, contract)? else { return Ok(()) };
    let Some(spec) = tx.profile().spec().leads.as_ref() else { return Ok(()) };
    if in_force(tx, lead.id, contract)? {
        return Ok(());
    }
    let mut open = without_offer(&lead);
    if spec.stages.meaning(&lead.stage) == Some(LeadStage::Won) {
        let before = lead
            .closed_from
            .clone()
            .filter(|stage| spec.stages.state(stage).is_some() && !is_over(spec, stage));
        open.stage = before.unwrap_or_else(|| spec.stages.initial.clone());
        open.closed_from = None;
        open.closed_at = None;
        open.touched_at = tx.now();
    }
    let open = tx.put(permit, open)?;
    tell_stage(tx, &lead, &open)
}

fn find(tx: &mut Draft<'_>, contract: &Contract) -> Result<Option<Arc<Lead>>, Halt> {
    match contract.lead {
        Some(lead) => tx.rely_on(lead),
        None => Ok(None),
    }
}

fn is_over(spec: &LeadsSpec, stage: &Word) -> bool {
    spec.stages.meaning(stage).is_some_and(Meaning::is_end)
}

fn without_offer(lead: &Lead) -> Lead {
    Lead {
        offer_total: None,
        offer_price: None,
        offer_down: None,
        offer_share: None,
        offer_monthly: None,
        offer_final: None,
        ..lead.clone()
    }
}

fn tell_stage(tx: &mut Draft<'_>, before: &Lead, after: &Arc<Lead>) -> Result<(), Halt> {
    if before.stage == after.stage {
        return Ok(());
    }
    let moved = json!({ "from": before.stage, "to": after.stage });
    tx.emit("lead.stage_changed".to_owned(), &Arc::clone(after).record(), moved)
}

//! What hangs on a lead: the units that it holds, and what was agreed with it and paid by it.
//!
//! Invariant: a lead that is deleted, or over without a sale or a deal, holds no unit; one with a contract, a live plan or
//! money that stands is not deleted.

use super::course::is_closed;
use super::{Lead, LeadsSpec, settings};
use crate::command::refuse_dependents;
use crate::contract::{self, open_contracts};
use crate::describe::{Entity, FieldType, Id, Kind};
use crate::draft::{Draft, Halt, Permit, for_each};
use crate::inventory::let_go;
use crate::payment::{self, live_plans, money_of};
use crate::profile::Module;
use crate::value::LeadId;

type Step = fn(&mut Draft<'_>, &Permit, LeadId) -> Result<(), Halt>;

/// A lead that is deleted gives its units free. What was said and planned of it stays with it, and is there again when
/// it is.
pub(super) fn cut(tx: &mut Draft<'_>, permit: &Permit, lead: LeadId) -> Result<(), Halt> {
    let steps: [Step; 2] = [refuse_owed, let_go];
    for_each(steps, |step| step(tx, permit, lead)).map(|_| ())
}

/// What is about money needs its lead.
fn refuse_owed(tx: &mut Draft<'_>, _: &Permit, lead: LeadId) -> Result<(), Halt> {
    if !Module::Contracts.is_on(tx.profile().spec()) {
        return Ok(());
    }
    let counts = for_each([Kind::Contract, Kind::PaymentPlan, Kind::Payment], |kind| {
        let count = match kind {
            Kind::Contract => open_contracts(tx, (contract::LEAD, lead.to_value())),
            Kind::PaymentPlan => live_plans(tx, (payment::LEAD, lead.to_value())),
            _ => money_of(tx, (payment::entry::LEAD, lead.to_value())),
        };
        Ok((kind, count?))
    })?;
    for (kind, count) in counts {
        refuse_dependents(Lead::KIND, kind, count)?;
    }
    Ok(())
}

/// A lead that comes to its end without a deal holds no unit any more.
pub(super) fn settle(
    tx: &mut Draft<'_>,
    permit: &Permit,
    before: Option<&Lead>,
    after: &Lead,
) -> Result<(), Halt> {
    let spec = settings(tx)?;
    let ends = before.is_some_and(|before| !is_done_with(spec, before)) && is_done_with(spec, after);
    if ends { let_go(tx, permit, after.id) } else { Ok(()) }
}

/// Is it over, with no deal to come of it?
fn is_done_with(spec: &LeadsSpec, lead: &Lead) -> bool {
    spec.is_end(&lead.stage) && lead.converted_at.is_none()
}

/// A unit is held for a lead only while something can come of it. The decision rests on the lead.
pub(crate) fn demand_open(tx: &mut Draft<'_>, lead: LeadId) -> Result<(), Halt> {
    tx.demand_reference(lead.key(), "lead")?;
    let spec = settings(tx)?;
    match tx.rely_on(lead)? {
        Some(lead) if is_done_with(spec, &lead) => Err(is_closed().into()),
        _ => Ok(()),
    }
}

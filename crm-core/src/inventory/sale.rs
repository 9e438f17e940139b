//! Selling a unit, and taking the sale back.
//!
//! Invariant: what is sold was free or held for the same lead; a hold that was bought out of is used up.

use std::sync::Arc;

use super::{Hold, Unit};
use crate::describe::{Entity, FieldId, field_id};
use crate::draft::{Draft, Halt, Permit};
use crate::error::Rule;
use crate::value::{LeadId, Problem, UnitId, Word};

const SLOT: FieldId = field_id(Hold::FIELDS, "slot");

/// Sells a unit that is free, or held for this lead.
pub(crate) fn sell(
    tx: &mut Draft<'_>,
    permit: &Permit,
    unit: UnitId,
    lead: Option<LeadId>,
) -> Result<Arc<Unit>, Halt> {
    let row = tx.get(unit)?;
    if row.sold {
        return Err(Rule::other("unit_sold", "the unit is sold").into());
    }
    if let Some(hold) = tx.holder::<Hold>(SLOT, &unit.to_string())? {
        let live = hold.status == "live" && hold.until > tx.now();
        if live && Some(hold.lead) != lead {
            return Err(Rule::other("unit_held", "the unit is held for another lead").into());
        }
        let status = word(if live { "used" } else { "expired" })?;
        let ended_at = Some(if live { tx.now() } else { hold.until });
        tx.put(permit, Hold { status, ended_at, slot: None, ..hold.as_ref().clone() })?;
    }
    tx.put(permit, Unit { sold: true, held_until: None, ..row.as_ref().clone() })
}

/// Makes a unit free again whose sale was cancelled. One that was deleted meanwhile stays as it is.
pub(crate) fn give_back(tx: &mut Draft<'_>, permit: &Permit, unit: UnitId) -> Result<(), Halt> {
    if let Some(row) = tx.rely_on(unit)? {
        tx.put(permit, Unit { sold: false, held_until: None, ..row.as_ref().clone() })?;
    }
    Ok(())
}

fn word(name: &str) -> Result<Word, Halt> {
    Word::parse(name).map_err(|problem: Problem| crate::error::Error::field("status", problem).into())
}

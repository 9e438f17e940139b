//! Selling a unit, and giving it back: what contracts do to inventory.
//!
//! Invariant: a unit that is sold, or held for somebody else, is not sold; the decision rests on the unit and on who has
//! its slot, so of any number of sales at once one is done.

use std::sync::Arc;

use super::hold::{self, close, expire, held, not_there};
use super::unit::{Unit, sold};
use crate::draft::{Draft, Halt, Permit};
use crate::value::{LeadId, UnitId};

/// Sells a unit that is free, or held for this lead; its hold is then used.
pub(crate) fn sell(
    tx: &mut Draft<'_>,
    permit: &Permit,
    unit: UnitId,
    lead: Option<LeadId>,
) -> Result<Arc<Unit>, Halt> {
    let found = tx.rely_on(unit)?.ok_or_else(|| not_there(unit))?;
    if found.sold {
        return Err(sold(&found).into());
    }
    match hold::of_slot(tx, unit)? {
        Some(over) if !over.is_live(tx.now()) => expire(tx, permit, &over)?,
        Some(own) if lead == Some(own.lead) => {
            close(tx, permit, &own, "used")?;
        }
        Some(foreign) => return Err(held(tx, &foreign)?.into()),
        None => {}
    }
    tx.put(permit, Unit { sold: true, held_until: None, ..found.as_ref().clone() })
}

/// Takes a sale back: the unit is free again. One that is not sold stays as it is.
pub(crate) fn give_back(tx: &mut Draft<'_>, permit: &Permit, unit: UnitId) -> Result<(), Halt> {
    match tx.rely_on(unit)? {
        Some(found) if found.sold => {
            tx.put(permit, Unit { sold: false, held_until: None, ..found.as_ref().clone() }).map(|_| ())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "sale_tests.rs"]
mod tests;

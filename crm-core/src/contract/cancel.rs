//! Cancelling a contract: all that signing did is undone, and what happened stays in the ledger.
//!
//! Invariant: unit, lead and plan are free of a cancelled contract in the same commit; its number stays taken.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::life::{Status, no_way};
use super::{Contract, customer};
use crate::access::Action;
use crate::command::{Command, ruled};
use crate::describe::{Entity, FieldId, FieldType, Id, Key, field_id};
use crate::draft::{Draft, Halt, Permit, ReadSet};
use crate::error::Error;
use crate::inventory::give_back;
use crate::payment::{PaymentPlan, cancel_live_plan};
use crate::value::{ContractId, Line};

/// Cancels a signed contract. Its unit is free again, and its lead is where it was before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelContract {
    /// Which contract.
    pub id: ContractId,
    /// Why.
    pub reason: String,
}

impl CancelContract {
    /// Of this contract, for this reason.
    #[must_use]
    pub fn of(id: ContractId, reason: impl Into<String>) -> Self {
        Self { id, reason: reason.into() }
    }
}

impl Command for CancelContract {
    type Output = Arc<Contract>;

    fn name(&self) -> &'static str {
        "cancel_contract"
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn hints(&self) -> ReadSet {
        ruled::<Contract>(self.id)
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<Contract>, Halt> {
        let reason = Line::parse(&self.reason).map_err(|problem| Error::field("reason", problem))?;
        let contract = tx.get(self.id)?;
        let permit = tx.allow(Action::ContractCancel, Some(&Arc::clone(&contract).record()))?;
        let status = Status::Cancelled.word()?;
        if !contract.is_signed() {
            return Err(no_way(&contract, &status));
        }
        let cancelled = Contract {
            status,
            cancelled_at: Some(tx.now()),
            cancel_reason: Some(reason),
            slot: None,
            ..contract.as_ref().clone()
        };
        let cancelled = tx.put(&permit, cancelled)?;
        if let Some(unit) = cancelled.unit {
            give_back(tx, &permit, unit)?;
        }
        customer::reopen(tx, &permit, &cancelled)?;
        cancel_plan_of(tx, &permit, &cancelled)?;
        // Why it was cancelled may tell of a person, so who may know reads it in the contract.
        let facts = json!({
            "number": cancelled.number, "unit": cancelled.unit, "lead": cancelled.lead,
            "total": cancelled.total.to_string(), "currency": cancelled.currency,
        });
        tx.emit("contract.cancelled".to_owned(), &Arc::clone(&cancelled).record(), facts)?;
        Ok(cancelled)
    }
}

const PLAN_CONTRACT: FieldId = field_id(PaymentPlan::FIELDS, "contract");

/// Cancels the live plan of a contract, for the same reason. What was paid stays paid.
fn cancel_plan_of(tx: &mut Draft<'_>, permit: &Permit, contract: &Contract) -> Result<(), Halt> {
    let Some(reason) = &contract.cancel_reason else { return Ok(()) };
    let plans = tx.rows::<PaymentPlan>(vec![(PLAN_CONTRACT, contract.id.to_value())])?;
    for plan in plans.iter().filter(|plan| plan.is_live()) {
        cancel_live_plan(tx, permit, plan, reason.clone())?;
    }
    Ok(())
}

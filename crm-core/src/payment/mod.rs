//! Plans: how a total is paid.
//!
//! Invariant: the lines of a plan add up to its total exactly, and a contract has at most one live plan.

mod allocation;
mod entry;
mod expense;
mod installment;
pub mod schedule;

use rust_decimal::Decimal;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Value, entity};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{ContractId, Currency, Date, LeadId, Text, Word};

pub use self::allocation::{Allocation, AllocationEdits};
pub use self::entry::{Payment, PaymentEdits};
pub use self::expense::{Expense, ExpenseEdits};
pub use self::installment::{Installment, InstallmentEdits};

entity! {
    /// How a total is paid.
    PaymentPlan(PaymentPlanId) = "payment_plan", PaymentPlanEdits;
    given {
        /// The contract it pays.
        contract: Option<ContractId>;
        /// The lead that pays.
        lead: Option<LeadId>;
        /// What it is: one of the profile's kinds.
        kind: Word [index];
        /// What is paid in all.
        total: Decimal [sort];
        /// In which currency.
        currency: Currency;
        /// The day of its first line.
        starts_on: Date [sort];
    }
    kept {
        /// How it stands: `live`, `replaced` or `cancelled`.
        status: Word [index];
        /// Which version of the plan it is, from 1.
        edition: i64;
        /// What it pays, while it is live: a contract, or else a lead, has one slot.
        slot: Option<Text<1, 50>> [identity];
    }
}

impl Rules for PaymentPlan {
    const CRUD: Crud = Crud {
        read: Action::PlanRead,
        create: Action::PlanManage,
        update: Action::PlanManage,
        delete: Action::PlanManage,
        restore: Action::PlanManage,
    };
    const MODULE: Option<Module> = Some(Module::Contracts);
    const NAMES: crate::command::Names = names!("payment_plan");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("payment_plan"))
    }
}

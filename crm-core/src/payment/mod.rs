//! Plans: how a total is paid.
//!
//! Invariant: the lines of a plan add up to its total exactly, and a contract has at most one live plan.

mod account;
mod allocation;
mod decide;
pub(crate) mod entry;
mod expense;
mod fees;
mod flow;
pub(crate) mod installment;
mod overdue;
pub(crate) mod plan;
mod receive;
pub mod schedule;
mod statement;

use rust_decimal::Decimal;

use self::account::Account;
use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, names, word, written_by_rules};
use crate::describe::{Entity, FieldId, Value, entity, field_id};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{ContractId, Currency, Date, LeadId, Line, PaymentPlanId, Text, Word};

pub use self::allocation::{Allocation, AllocationEdits};
pub use self::decide::{ApproveExpense, PayExpense, RejectExpense};
pub use self::entry::{Payment, PaymentEdits};
pub use self::expense::{Expense, ExpenseEdits};
pub(crate) use self::fees::fees_of;
pub use self::fees::{Fee, commission, percentage};
pub use self::installment::{Installment, InstallmentEdits, LineStanding};
pub use self::overdue::NoteOverdue;
pub(crate) use self::plan::cancel_live_plan;
pub use self::plan::{CancelPlan, PlanPayments, PlannedLine};
pub use self::receive::{ReceivePayment, ReversePayment};
pub(crate) use self::statement::questions as statement_questions;
pub use self::statement::{Statement, StatementLabel, StatementLine, StatementOf, StatementTotal};

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
        /// The plan that it took the place of.
        replaces: Option<PaymentPlanId>;
        /// Why it was cancelled.
        cancel_reason: Option<Line>;
        /// What it pays, while it is live: a contract, or else a lead, has one slot.
        slot: Option<Text<1, 50>> [identity];
    }
}

pub(crate) const CONTRACT: FieldId = field_id(PaymentPlan::FIELDS, "contract");
pub(crate) const LEAD: FieldId = field_id(PaymentPlan::FIELDS, "lead");
pub(crate) const KIND: FieldId = field_id(PaymentPlan::FIELDS, "kind");
pub(crate) const STATUS: FieldId = field_id(PaymentPlan::FIELDS, "status");
const TOTAL: FieldId = field_id(PaymentPlan::FIELDS, "total");
const CURRENCY: FieldId = field_id(PaymentPlan::FIELDS, "currency");

/// How a plan can stand.
pub(crate) const PLAN_STATUSES: [&str; 3] = ["live", "replaced", "cancelled"];

impl PaymentPlan {
    /// Is it the one that counts?
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.status == "live" && self.deleted_at.is_none()
    }
}

/// How many payments stand that name a record: what came in and was not taken back.
pub(crate) fn money_of(tx: &mut Draft<'_>, of: (FieldId, Value)) -> Result<usize, Halt> {
    Ok(tx.rows::<Payment>(vec![of])?.iter().filter(|payment| payment.counts()).count())
}

/// How many live plans name a record.
pub(crate) fn live_plans(tx: &mut Draft<'_>, of: (FieldId, Value)) -> Result<usize, Halt> {
    Ok(tx.rows::<PaymentPlan>(vec![of])?.iter().filter(|plan| plan.is_live()).count())
}

impl Rules for PaymentPlan {
    const CRUD: Crud = Crud::managed(Action::PlanRead, Action::PlanManage);
    const MODULE: Option<Module> = Some(Module::Contracts);
    const NAMES: crate::command::Names = names!("payment_plan");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    written_by_rules!("payment_plan");

    fn findings(_: &mut Draft<'_>, row: &mut Self) -> Result<Vec<String>, Halt> {
        let account = Account::of_plan(row)?;
        row.slot = if row.is_live() { Some(account.slot()?) } else { None };
        Ok(Vec::new())
    }
}

//! Instalments: the lines of a plan.
//!
//! Invariant: a line is there once for its plan and number, and what was paid on it is the sum of its allocations.

use rust_decimal::Decimal;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Value, entity};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{Currency, Date, LeadId, PaymentPlanId, Text, Word};

entity! {
    /// A line of a plan: what is due on a day.
    Installment(InstallmentId) = "installment", InstallmentEdits;
    given {
        /// Of which plan.
        plan: PaymentPlanId;
        /// Its number in the plan, from 1.
        number: i64 [sort];
        /// What it is: `down`, `monthly` or `final`.
        role: Word;
        /// How much is due.
        amount: Decimal [sort];
        /// When it is due.
        due_on: Date [sort];
    }
    kept {
        /// The plan's lead: a copy, so that own lines are found.
        lead: Option<LeadId>;
        /// The plan's currency: a copy.
        currency: Currency;
        /// How much of it was paid.
        paid: Decimal;
        /// The day on which it was paid in full; empty while it is not.
        paid_on: Option<Date> [sort];
        /// How it stands: `open`, `paid` or `cancelled`. Overdue is what is open and past its day.
        status: Word [index];
        /// Plan and number: no two lines share it.
        identity: Option<Text<1, 100>> [identity];
    }
}

impl Rules for Installment {
    const CRUD: Crud = Crud {
        read: Action::PlanRead,
        create: Action::PlanManage,
        update: Action::PlanManage,
        delete: Action::PlanManage,
        restore: Action::PlanManage,
    };
    const MODULE: Option<Module> = Some(Module::Contracts);
    const NAMES: crate::command::Names = names!("installment");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("installment"))
    }
}

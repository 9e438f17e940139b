//! Allocations: which line a payment paid.
//!
//! Invariant: the allocations of a payment never come to more than it.

use rust_decimal::Decimal;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, names, written_by_rules};
use crate::describe::{Entity, FieldId, Value, entity, field_id};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{Currency, Date, InstallmentId, LeadId, PaymentId, PaymentPlanId};

entity! {
    /// What of a payment went to a line.
    Allocation(AllocationId) = "allocation", AllocationEdits;
    given {}
    kept {
        /// The payment.
        payment: PaymentId;
        /// The line.
        installment: InstallmentId;
        /// The line's plan: a copy.
        plan: PaymentPlanId;
        /// The payment's lead: a copy, so that own allocations are found.
        lead: Option<LeadId>;
        /// How much.
        amount: Decimal;
        /// In which currency.
        currency: Currency;
        /// The day the payment came in: a copy.
        received_on: Date;
        /// Was it taken back? A reversal does that, and the end of the plan, which lets the money go elsewhere.
        reversed: bool;
    }
}

pub(crate) const PLAN: FieldId = field_id(Allocation::FIELDS, "plan");
pub(crate) const PAYMENT: FieldId = field_id(Allocation::FIELDS, "payment");

impl Rules for Allocation {
    const CRUD: Crud = Crud {
        read: Action::PaymentRead,
        create: Action::PaymentReceive,
        update: Action::PaymentReceive,
        delete: Action::PaymentReverse,
        restore: Action::PaymentReverse,
    };
    const MODULE: Option<Module> = Some(Module::Contracts);
    const NAMES: crate::command::Names = names!("allocation");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    written_by_rules!("allocation");
}

//! Allocations: which line a payment paid.
//!
//! Invariant: the allocations of a payment never come to more than it.

use rust_decimal::Decimal;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Value, entity};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{Currency, InstallmentId, PaymentId};

entity! {
    /// What of a payment went to a line.
    Allocation(AllocationId) = "allocation", AllocationEdits;
    given {}
    kept {
        /// The payment.
        payment: PaymentId;
        /// The line.
        installment: InstallmentId;
        /// How much.
        amount: Decimal;
        /// In which currency.
        currency: Currency;
        /// Was it taken back by a reversal?
        reversed: bool;
    }
}

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

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("allocation"))
    }
}

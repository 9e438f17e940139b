//! Payments: money that came in, entry by entry.
//!
//! Invariant: an entry is never changed or deleted; what was wrong is reversed by another entry.

use rust_decimal::Decimal;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Value, entity};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{ContractId, Currency, Date, LeadId, Line, PaymentId, PaymentPlanId, UserId, Word};

entity! {
    /// Money that came in, or a reversal of it.
    Payment(PaymentId) = "payment", PaymentEdits;
    given {
        /// The plan it pays.
        plan: Option<PaymentPlanId>;
        /// The contract it pays.
        contract: Option<ContractId>;
        /// Who paid.
        lead: Option<LeadId>;
        /// How much.
        amount: Decimal [sort];
        /// In which currency.
        currency: Currency;
        /// The day it came in.
        received_on: Date [sort];
        /// How it came: one of the profile's words.
        method: Option<Word> [index];
        /// What for.
        note: Option<Line>;
    }
    kept {
        /// Who entered it.
        author: Option<UserId>;
        /// The payment that this entry reverses. Such an entry counts as minus.
        reverses: Option<PaymentId>;
        /// The entry that reversed this one.
        reversed_by: Option<PaymentId>;
    }
}

impl Rules for Payment {
    const CRUD: Crud = Crud {
        read: Action::PaymentRead,
        create: Action::PaymentReceive,
        update: Action::PaymentReceive,
        delete: Action::PaymentReverse,
        restore: Action::PaymentReverse,
    };
    const MODULE: Option<Module> = Some(Module::Contracts);
    const NAMES: crate::command::Names = names!("payment");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("payment"))
    }
}

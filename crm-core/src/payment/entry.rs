//! Payments: money that came in, entry by entry.
//!
//! Invariant: an entry is never changed or deleted; what was wrong is reversed by another entry.

use rust_decimal::Decimal;

use super::account::Account;
use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, names, written_by_rules};
use crate::describe::{Entity, FieldId, Value, entity, field_id};
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
        /// What the entry is: `received` or `reversal`. A reversal counts as minus.
        entry: Word [index];
        /// Who entered it.
        author: Option<UserId>;
        /// The payment that this entry reverses.
        reverses: Option<PaymentId>;
        /// The entry that reversed this one.
        reversed_by: Option<PaymentId>;
    }
}

pub(crate) const PLAN: FieldId = field_id(Payment::FIELDS, "plan");
pub(crate) const CONTRACT: FieldId = field_id(Payment::FIELDS, "contract");
pub(crate) const LEAD: FieldId = field_id(Payment::FIELDS, "lead");
pub(crate) const AMOUNT: FieldId = field_id(Payment::FIELDS, "amount");
pub(crate) const CURRENCY: FieldId = field_id(Payment::FIELDS, "currency");
pub(crate) const RECEIVED_ON: FieldId = field_id(Payment::FIELDS, "received_on");
pub(crate) const METHOD: FieldId = field_id(Payment::FIELDS, "method");
pub(super) const NOTE: FieldId = field_id(Payment::FIELDS, "note");
pub(crate) const ENTRY: FieldId = field_id(Payment::FIELDS, "entry");

/// What an entry can be.
pub(crate) const ENTRIES: [&str; 2] = ["received", "reversal"];

impl Payment {
    /// Is it money that came in and was not taken back?
    #[must_use]
    pub fn counts(&self) -> bool {
        self.entry == "received" && self.reversed_by.is_none() && self.deleted_at.is_none()
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

    written_by_rules!("payment");

    fn findings(tx: &mut Draft<'_>, row: &mut Self) -> Result<Vec<String>, Halt> {
        Account::of_payment(row)?;
        let later = row.received_on > tx.today()?;
        Ok(later.then(|| "it came in on a day that is not yet".to_owned()).into_iter().collect())
    }
}

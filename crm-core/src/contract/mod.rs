//! Contracts: what was agreed, with whom, about what.
//!
//! Invariant: a unit has at most one live contract, a number is used once in its scope, and cancelling undoes what signing did.

mod buyer;
mod counter;
mod spec;

use rust_decimal::Decimal;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Json, Value, entity};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{
    BuyerId, ComplexId, Currency, Date, DealId, Instant, LeadId, Line, Text, UnitId, UserId, Word,
};

pub use self::buyer::{Buyer, BuyerEdits};
pub use self::counter::{Counter, CounterEdits};
pub use self::spec::{ContractsSpec, ExpenseStatus};

entity! {
    /// An agreement to sell.
    Contract(ContractId) = "contract", ContractEdits;
    given {
        /// Its number; given by the caller, or the next of its scope.
        number: Option<Text<1, 50>> [search];
        /// The day it is dated.
        dated_on: Date [sort];
        /// The deal it is about.
        deal: Option<DealId>;
        /// The lead it is made with.
        lead: Option<LeadId>;
        /// The unit it sells.
        unit: Option<UnitId>;
        /// Who signs it.
        buyer: Option<BuyerId>;
        /// What a square metre costs.
        price: Option<Decimal>;
        /// What is taken off the price, for the reason given.
        discount: Option<Decimal>;
        /// What is put on the price, for the reason given.
        surcharge: Option<Decimal>;
        /// Why the total is not price times area.
        adjustment_reason: Option<Line>;
        /// What it comes to.
        total: Decimal [sort];
        /// In which currency.
        currency: Currency;
        /// Which share is paid at once.
        share: Option<Decimal>;
        /// What is paid at once.
        down: Option<Decimal>;
        /// The sales department.
        department: Option<Line>;
        /// What a register knows and no field keeps.
        details: Option<Json> [private];
    }
    kept {
        /// How it stands: `draft`, `signed` or `cancelled`.
        status: Word [index];
        /// Who issued it.
        author: Option<UserId>;
        /// The complex of the unit: the scope of its number.
        complex: Option<ComplexId>;
        /// The unit's block when it was sold: a copy.
        block: Option<Text<1, 50>>;
        /// The unit's floor: a copy.
        floor: Option<i64>;
        /// The unit's number: a copy.
        unit_number: Option<Text<1, 20>>;
        /// The unit's rooms: a copy.
        rooms: Option<i64>;
        /// The unit's size: a copy.
        area: Option<Decimal>;
        /// When it was signed.
        signed_at: Option<Instant> [sort];
        /// When it was cancelled.
        cancelled_at: Option<Instant> [sort];
        /// Why it was cancelled.
        cancel_reason: Option<Line>;
        /// Scope and number in canonical form: no two contracts share it, cancelled ones included.
        identity: Option<Text<1, 200>> [identity];
        /// The unit, while the contract is signed: a unit has one slot.
        slot: Option<Text<1, 50>> [identity];
    }
}

impl Rules for Contract {
    const CRUD: Crud = Crud {
        read: Action::ContractRead,
        create: Action::ContractIssue,
        update: Action::ContractIssue,
        delete: Action::ContractCancel,
        restore: Action::ContractCancel,
    };
    const MODULE: Option<Module> = Some(Module::Contracts);
    const NAMES: crate::command::Names = names!("contract");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("contract"))
    }
}

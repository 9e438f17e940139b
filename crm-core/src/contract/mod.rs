//! Contracts: what was agreed, with whom, about what.
//!
//! Invariant: a unit has at most one live contract, a number is used once in its scope, and cancelling undoes what signing did.

mod buyer;
mod cancel;
mod commands;
mod counter;
mod customer;
mod life;
mod number;
mod signing;
mod spec;
mod terms;

use rust_decimal::Decimal;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, names, refuse_dependents};
use crate::describe::{Entity, FieldId, FieldType, Json, Kind, Value, entity, field_id};
use crate::draft::{Draft, Halt, Permit, ReadSet};
use crate::error::{Error, Rule};
use crate::payment::{self, money_of};
use crate::profile::Module;
use crate::value::{
    BuyerId, ComplexId, Currency, Date, DealId, Instant, LeadId, Line, Text, UnitId, UserId, Word,
};

use self::life::Status;

pub use self::buyer::{Buyer, BuyerEdits, EraseBuyer};
pub use self::cancel::CancelContract;
pub use self::commands::SignContract;
pub use self::counter::{Counter, CounterEdits};
pub(crate) use self::life::statuses;
pub use self::spec::{ContractsSpec, ExpenseStatus, FeeBase, FeeRule};

entity! {
    /// An agreement to sell.
    Contract(ContractId) = "contract", ContractEdits;
    given {
        /// Its number; given by the caller, or the next of its scope when it is signed.
        number: Option<Text<1, 50>> [search];
        /// The day it is dated; today when nothing is said.
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
        share: Option<Decimal> [measure];
        /// What is paid at once.
        down: Option<Decimal>;
        /// The sales department.
        department: Option<Line>;
        /// What a register knows and no field keeps.
        details: Option<Json> [private];
        /// How it stands: `draft`, `signed` or `cancelled`. It is signed at once unless it is made as a draft.
        status: Word [index];
    }
    kept {
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
        area: Option<Decimal> [measure];
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

pub(crate) const DEAL: FieldId = field_id(Contract::FIELDS, "deal");
pub(crate) const LEAD: FieldId = field_id(Contract::FIELDS, "lead");
pub(crate) const UNIT: FieldId = field_id(Contract::FIELDS, "unit");
pub(crate) const BUYER: FieldId = field_id(Contract::FIELDS, "buyer");
pub(crate) const STATUS: FieldId = field_id(Contract::FIELDS, "status");
const DATED_ON: FieldId = field_id(Contract::FIELDS, "dated_on");
const CURRENCY: FieldId = field_id(Contract::FIELDS, "currency");
const AUTHOR: FieldId = field_id(Contract::FIELDS, "author");
const IDENTITY: FieldId = field_id(Contract::FIELDS, "identity");
const SLOT: FieldId = field_id(Contract::FIELDS, "slot");

impl Rules for Contract {
    const RULED_BY: &'static [FieldId] = &[UNIT, LEAD];
    const CRUD: Crud = Crud {
        read: Action::ContractRead,
        create: Action::ContractIssue,
        update: Action::ContractIssue,
        delete: Action::ContractCancel,
        restore: Action::ContractCancel,
    };
    const MODULE: Option<Module> = Some(Module::Contracts);
    const NAMES: crate::command::Names = names!("contract");

    fn looks_at(edits: &ContractEdits) -> ReadSet {
        signing::looks_at(edits)
    }

    fn defaults(tx: &mut Draft<'_>, given: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        let currency = match terms::currency_of(tx, given)? {
            Some(currency) => currency,
            None => tx.own_currency()?,
        };
        Ok(vec![
            (DATED_ON, tx.today()?.to_value()),
            (CURRENCY, currency.to_value()),
            (STATUS, Status::Signed.word()?.to_value()),
            (AUTHOR, tx.person().to_value()),
        ])
    }

    fn judge(
        tx: &mut Draft<'_>,
        before: Option<&Self>,
        after: &mut Self,
        asked: &Asked<'_>,
    ) -> Result<(), Halt> {
        match life::judge(before, after, asked)? {
            life::Step::Rest => Ok(()),
            life::Step::Draft => signing::prepare(tx, before, after),
            life::Step::Sign => signing::sign(tx, before, after),
        }
    }

    fn follow(
        tx: &mut Draft<'_>,
        permit: &Permit,
        before: Option<&Self>,
        after: &Self,
        _: &Asked<'_>,
    ) -> Result<(), Halt> {
        let was_signed = before.is_some_and(Self::is_signed);
        if after.is_signed() && !was_signed { signing::tell(tx, permit, after) } else { Ok(()) }
    }

    fn before_delete(tx: &mut Draft<'_>, _: &Permit, row: &Self) -> Result<(), Halt> {
        if Status::of(row) != Some(Status::Draft) {
            return Err(stays());
        }
        let money = money_of(tx, (payment::entry::CONTRACT, row.id.to_value()))?;
        Ok(refuse_dependents(Kind::Contract, Kind::Payment, money)?)
    }

    fn after_restore(_: &mut Draft<'_>, _: &Permit, was: &Self) -> Result<(), Halt> {
        if Status::of(was) == Some(Status::Draft) { Ok(()) } else { Err(stays()) }
    }

    fn findings(tx: &mut Draft<'_>, row: &mut Self) -> Result<Vec<String>, Halt> {
        signing::findings(tx, row)
    }
}

impl Contract {
    /// Is it signed, and not cancelled?
    #[must_use]
    pub fn is_signed(&self) -> bool {
        Status::of(self) == Some(Status::Signed)
    }

    /// Was it cancelled? What it is about is free of it then.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        Status::of(self) == Some(Status::Cancelled)
    }
}

/// What the profile says of contracts and what is paid for them.
pub(crate) fn settings<'s>(tx: &Draft<'s>) -> Result<&'s ContractsSpec, Rule> {
    tx.section(Module::Contracts, |spec| &spec.contracts)
}

/// How many contracts about a record are not cancelled: it cannot be taken from under them.
pub(crate) fn open_contracts(tx: &mut Draft<'_>, about: (FieldId, Value)) -> Result<usize, Halt> {
    if !Module::Contracts.is_on(tx.profile().spec()) {
        return Ok(0);
    }
    let contracts = tx.rows::<Contract>(vec![about])?;
    Ok(contracts.iter().filter(|contract| !contract.is_cancelled()).count())
}

/// A number or a place that another contract has.
fn taken(field: &str) -> Halt {
    Error::AlreadyExists { resource: Contract::KIND, field: field.to_owned() }.into()
}

fn stays() -> Halt {
    Rule::other("contract_stays", "only a draft is deleted and brought back; a signed contract is cancelled")
        .into()
}

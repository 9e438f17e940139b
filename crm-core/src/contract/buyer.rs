//! Buyers: who signs a contract.
//!
//! Invariant: personal papers are in this record and nowhere else, not even in the ledger, and reading it is a right of
//! its own. What is erased is gone.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{BUYER, Contract};
use crate::access::{Action, Crud};
use crate::command::{Asked, Command, Rules, names, refuse_dependents};
use crate::describe::{Entity, FieldId, FieldType, Id, Key, Kind, Value, entity};
use crate::draft::{Draft, Halt, Permit};
use crate::error::{Error, Rule};
use crate::profile::Module;
use crate::value::{BuyerId, Date, Email, Instant, Line, Phone, Problem, Text};

entity! {
    /// The person or company that signs a contract.
    Buyer(BuyerId) = "buyer", BuyerEdits;
    given {
        /// The full name; empty only when it was erased.
        name: Option<Line> [search, sort, secret];
        /// Series and number of the passport.
        passport: Option<Text<1, 50>> [secret];
        /// The personal identification number.
        personal_id: Option<Text<1, 50>> [secret];
        /// Who issued the passport.
        issued_by: Option<Line> [secret];
        /// When the passport was issued.
        issued_on: Option<Date> [secret];
        /// The address.
        address: Option<Line> [secret];
        /// The phone number.
        phone: Option<Phone> [secret];
        /// The e-mail address.
        email: Option<Email> [secret];
    }
    kept {
        /// When its personal data was erased.
        erased_at: Option<Instant>;
    }
}

impl Rules for Buyer {
    const CRUD: Crud = Crud::managed(Action::BuyerRead, Action::BuyerManage);
    const MODULE: Option<Module> = Some(Module::Contracts);
    const NAMES: crate::command::Names = names!("buyer");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    fn judge(
        _: &mut Draft<'_>,
        before: Option<&Self>,
        after: &mut Self,
        asked: &Asked<'_>,
    ) -> Result<(), Halt> {
        if before.is_some_and(|before| before.erased_at.is_some()) && !asked.is_empty() {
            return Err(Rule::other("buyer_erased", "what was erased is not written again").into());
        }
        if after.name.is_none() && after.erased_at.is_none() {
            return Err(Error::field("name", Problem::Required).into());
        }
        Ok(())
    }

    fn findings(_: &mut Draft<'_>, row: &mut Self) -> Result<Vec<String>, Halt> {
        let nameless = row.name.is_none() && row.erased_at.is_none();
        Ok(nameless.then(|| "it has no name".to_owned()).into_iter().collect())
    }

    fn before_delete(tx: &mut Draft<'_>, _: &Permit, row: &Self) -> Result<(), Halt> {
        let contracts = tx.rows::<Contract>(vec![(BUYER, row.id.to_value())])?;
        Ok(refuse_dependents(Kind::Buyer, Kind::Contract, contracts.len())?)
    }
}

/// Erases the personal data of a buyer, also of a deleted one. The record stays, so that contracts still point at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EraseBuyer {
    /// Which buyer.
    pub id: BuyerId,
}

impl EraseBuyer {
    /// Of this buyer.
    #[must_use]
    pub fn of(id: BuyerId) -> Self {
        Self { id }
    }
}

impl Command for EraseBuyer {
    type Output = Arc<Buyer>;

    fn name(&self) -> &'static str {
        "erase_buyer"
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<Buyer>, Halt> {
        let none = || Error::NotFound { resource: Kind::Buyer, id: self.id.uuid() };
        let buyer = tx.get_any(self.id)?.ok_or_else(none)?;
        let permit = tx.allow(Action::BuyerManage, Some(&Arc::clone(&buyer).record()))?;
        if buyer.erased_at.is_some() {
            return Ok(buyer);
        }
        let erased = Buyer {
            name: None,
            passport: None,
            personal_id: None,
            issued_by: None,
            issued_on: None,
            address: None,
            phone: None,
            email: None,
            erased_at: Some(tx.now()),
            ..buyer.as_ref().clone()
        };
        tx.put(&permit, erased)
    }
}

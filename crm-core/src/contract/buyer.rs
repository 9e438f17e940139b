//! Buyers: who signs a contract.
//!
//! Invariant: personal papers are in this record and nowhere else, and reading it is a right of its own.

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Value, entity};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{Date, Email, Line, Phone, Text};

entity! {
    /// The person or company that signs a contract.
    Buyer(BuyerId) = "buyer", BuyerEdits;
    given {
        /// The full name.
        name: Line [search, sort, private];
        /// Series and number of the passport.
        passport: Option<Text<1, 50>> [private];
        /// The personal identification number.
        personal_id: Option<Text<1, 50>> [private];
        /// Who issued the passport.
        issued_by: Option<Line> [private];
        /// When the passport was issued.
        issued_on: Option<Date> [private];
        /// The address.
        address: Option<Line> [private];
        /// The phone number.
        phone: Option<Phone> [private];
        /// The e-mail address.
        email: Option<Email> [private];
    }
    kept {}
}

impl Rules for Buyer {
    const CRUD: Crud = Crud {
        read: Action::BuyerRead,
        create: Action::BuyerManage,
        update: Action::BuyerManage,
        delete: Action::BuyerManage,
        restore: Action::BuyerManage,
    };
    const MODULE: Option<Module> = Some(Module::Contracts);
    const NAMES: crate::command::Names = names!("buyer");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("buyer"))
    }
}

//! Prices: one for each floor and share that is paid at once.
//!
//! Invariant: a price is looked up by its key, and a missing one is an error; what a price was stays in the ledger.

use rust_decimal::Decimal;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Value, entity};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{ComplexId, Text};

entity! {
    /// The price of a square metre on a floor, for whoever pays this share at once.
    Price(PriceId) = "price", PriceEdits;
    given {
        /// In which complex.
        complex: ComplexId;
        /// On which floor.
        floor: i64;
        /// Which share is paid at once: 1 is everything.
        share: Decimal;
        /// What a square metre costs.
        amount: Decimal;
    }
    kept {
        /// The canonical form of complex, floor and share: no two prices share it.
        identity: Option<Text<1, 200>> [identity];
    }
}

impl Rules for Price {
    const CRUD: Crud = Crud {
        read: Action::InventoryRead,
        create: Action::InventoryManage,
        update: Action::InventoryManage,
        delete: Action::InventoryManage,
        restore: Action::InventoryManage,
    };
    const MODULE: Option<Module> = Some(Module::Inventory);
    const NAMES: crate::command::Names = names!("price");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("price"))
    }
}

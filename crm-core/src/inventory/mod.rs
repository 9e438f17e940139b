//! Complexes: places whose units are sold.
//!
//! Invariant: a complex is known by its name.

mod hold;
mod price;
mod sale;
mod spec;
mod unit;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Value, entity};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{Currency, Date, Line, Prose, Text};

pub use self::hold::{Hold, HoldEdits};
pub use self::price::{Price, PriceEdits};
pub(crate) use self::sale::{give_back, sell};
pub use self::spec::InventorySpec;
pub use self::unit::{Unit, UnitEdits};

entity! {
    /// A place whose units are sold: a housing complex.
    Complex(ComplexId) = "complex", ComplexEdits;
    given {
        /// What it is called.
        name: Line [search, sort];
        /// Its name in links.
        slug: Option<Text<1, 100>> [unique];
        /// City.
        city: Option<Text<1, 100>>;
        /// Street and number.
        address: Option<Line>;
        /// More about it.
        description: Option<Prose>;
        /// The currency of its prices.
        currency: Currency;
        /// For how many months from the start instalments may run.
        term_months: i64;
        /// From which day the term counts.
        term_starts_on: Option<Date>;
        /// May a plan leave a final payment for the end?
        hybrid_allowed: bool;
    }
    kept {
        /// The canonical name: one complex of a name.
        identity: Option<Text<1, 200>> [identity];
    }
}

impl Rules for Complex {
    const CRUD: Crud = Crud {
        read: Action::InventoryRead,
        create: Action::InventoryManage,
        update: Action::InventoryManage,
        delete: Action::InventoryManage,
        restore: Action::InventoryManage,
    };
    const MODULE: Option<Module> = Some(Module::Inventory);
    const NAMES: crate::command::Names = names!("complex");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("complex"))
    }
}

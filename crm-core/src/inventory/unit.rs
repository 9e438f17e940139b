//! Units: what exists once, can be held by one, and is sold once.
//!
//! Invariant: a unit is known by complex, block, floor and number in canonical form, and is never found by less.

use rust_decimal::Decimal;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Value, entity};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{ComplexId, Instant, Line, Text, Word};

entity! {
    /// Something that exists once and is sold once: a flat, an office.
    Unit(UnitId) = "unit", UnitEdits;
    given {
        /// Where it is.
        complex: ComplexId;
        /// The block, as it is written.
        block: Text<1, 50>;
        /// The floor.
        floor: i64;
        /// The number in the block, as it is written.
        number: Text<1, 20> [search];
        /// What it is: one of the profile's words.
        category: Option<Word> [index];
        /// How many rooms.
        rooms: Option<i64>;
        /// How large, in square metres.
        area: Option<Decimal>;
        /// Where it came from: a row of a file.
        origin: Option<Line>;
    }
    kept {
        /// The canonical form of complex, block, floor and number: no two units share it.
        identity: Option<Text<1, 200>> [identity];
        /// Is it sold? Only a contract sets this, and only its cancellation takes it back.
        sold: bool;
        /// Until when somebody holds it; passed or empty: nobody does.
        held_until: Option<Instant>;
    }
}

impl Rules for Unit {
    const CRUD: Crud = Crud {
        read: Action::InventoryRead,
        create: Action::InventoryManage,
        update: Action::InventoryManage,
        delete: Action::InventoryManage,
        restore: Action::InventoryManage,
    };
    const MODULE: Option<Module> = Some(Module::Inventory);
    const NAMES: crate::command::Names = names!("unit");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("unit"))
    }
}

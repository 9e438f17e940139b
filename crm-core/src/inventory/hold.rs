//! Holds: a unit kept for one lead until a time.
//!
//! Invariant: at most one hold of a unit is live, whoever comes at the same time: the live one has the unit's only slot.

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Value, entity};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{Instant, LeadId, Line, Text, UnitId, UserId, Word};

entity! {
    /// A unit kept for a lead until a time.
    Hold(HoldId) = "hold", HoldEdits;
    given {
        /// Which unit.
        unit: UnitId;
        /// For which lead.
        lead: LeadId;
        /// Until when.
        until: Instant [sort];
        /// Anything else.
        note: Option<Line>;
    }
    kept {
        /// Who holds it for the lead; empty: the host or a visitor.
        holder: Option<UserId>;
        /// How it stands: `live`, `released`, `expired` or `used`. A live one whose time is over holds nothing.
        status: Word [index];
        /// How often it was extended.
        extensions: i64;
        /// When it ended, other than by time.
        ended_at: Option<Instant>;
        /// The unit, while the hold is live: a unit has one slot.
        slot: Option<Text<1, 50>> [identity];
    }
}

impl Rules for Hold {
    const CRUD: Crud = Crud {
        read: Action::HoldRead,
        create: Action::HoldCreate,
        update: Action::HoldExtend,
        delete: Action::HoldRelease,
        restore: Action::HoldRelease,
    };
    const MODULE: Option<Module> = Some(Module::Inventory);
    const NAMES: crate::command::Names = names!("hold");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("hold"))
    }
}

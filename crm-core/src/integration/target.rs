//! Targets: the systems that deliveries go to, and whether they answer.
//!
//! Invariant: a breaker that is half open lets one probe through.

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Value, entity};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{Instant, Text, Word};

entity! {
    /// A system that deliveries go to: its circuit breaker.
    Target(TargetId) = "target", TargetEdits;
    given {}
    kept {
        /// Which system: one row for each.
        name: Text<1, 100> [identity];
        /// How the breaker stands: `closed`, `open` or `half_open`.
        breaker: Word;
        /// How many calls failed in a row.
        failures: i64;
        /// When it was opened.
        opened_at: Option<Instant>;
        /// Until when the one probe is out.
        probe_until: Option<Instant>;
    }
}

impl Rules for Target {
    const CRUD: Crud = Crud {
        read: Action::DeliveryRead,
        create: Action::DeliveryWork,
        update: Action::DeliveryWork,
        delete: Action::DeliveryManage,
        restore: Action::DeliveryManage,
    };
    const MODULE: Option<Module> = Some(Module::Integrations);
    const NAMES: crate::command::Names = names!("target");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("target"))
    }
}

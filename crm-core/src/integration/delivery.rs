//! Deliveries: what we have to tell other systems, each until it is done.
//!
//! Invariant: the deliveries to a target about one record go out one at a time and in order; one that was claimed and not reported comes back when its lease is over.

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Json, Value, entity};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{Instant, LeadId, Line, Text, Word};

entity! {
    /// Something to tell another system.
    Delivery(DeliveryId) = "delivery", DeliveryEdits;
    given {
        /// Which system or address.
        target: Word [index];
        /// What happened, by name.
        event: Text<1, 100>;
        /// What it is about: deliveries of one lane go out in order.
        lane: Text<1, 100> [index];
        /// What to tell.
        content: Json [private];
    }
    kept {
        /// The lead it is about.
        lead: Option<LeadId>;
        /// How it stands: `pending`, `sending`, `done`, `dead` or `cancelled`.
        status: Word [index];
        /// How often it was tried.
        attempts: i64;
        /// When it may be tried.
        next_at: Instant [sort];
        /// Until when whoever claimed it has it.
        lease_until: Option<Instant>;
        /// Which claim is good.
        lease: i64;
        /// What went wrong last.
        last_error: Option<Line>;
        /// What it is called there, once it was told.
        external_id: Option<Text<1, 200>>;
        /// When it was done with.
        settled_at: Option<Instant> [sort];
    }
}

impl Rules for Delivery {
    const CRUD: Crud = Crud {
        read: Action::DeliveryRead,
        create: Action::DeliveryManage,
        update: Action::DeliveryWork,
        delete: Action::DeliveryManage,
        restore: Action::DeliveryManage,
    };
    const MODULE: Option<Module> = Some(Module::Integrations);
    const NAMES: crate::command::Names = names!("delivery");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("delivery"))
    }
}

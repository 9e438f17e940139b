//! External references: what other systems call our records.
//!
//! Invariant: a system's id of a kind names one record here, and stays taken when that record is deleted.

mod delivery;
mod incoming;
mod spec;
mod target;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Value, entity};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{ContactId, DealId, Instant, LeadId, Text, UserId, Word};

pub use self::delivery::{Delivery, DeliveryEdits};
pub use self::incoming::{Incoming, IncomingEdits};
pub use self::spec::IntegrationsSpec;
pub use self::target::{Target, TargetEdits};

entity! {
    /// What another system calls a record of ours.
    Reference(ReferenceId) = "reference", ReferenceEdits;
    given {
        /// Which system.
        system: Word [index];
        /// What the thing is there: a lead, a contact, a user.
        kind: Word;
        /// Its id there.
        external_id: Text<1, 200>;
        /// The lead that it is here.
        lead: Option<LeadId>;
        /// The contact that it is here.
        contact: Option<ContactId>;
        /// The deal that it is here.
        deal: Option<DealId>;
        /// The member that it is here.
        member: Option<UserId>;
    }
    kept {
        /// System, kind and id in one: no two references share it.
        identity: Option<Text<1, 300>> [identity];
        /// The newest version of the thing that was applied here.
        remote_version: Option<i64>;
        /// Its time there, where it has no version.
        remote_at: Option<Instant>;
        /// Was it deleted there? Then only a restore there, or a user here, brings it back.
        gone: bool;
    }
}

impl Rules for Reference {
    const CRUD: Crud = Crud {
        read: Action::ReferenceRead,
        create: Action::ReferenceManage,
        update: Action::ReferenceManage,
        delete: Action::ReferenceManage,
        restore: Action::ReferenceManage,
    };
    const MODULE: Option<Module> = Some(Module::Integrations);
    const NAMES: crate::command::Names = names!("reference");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("reference"))
    }
}

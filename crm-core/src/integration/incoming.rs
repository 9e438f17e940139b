//! The inbox: what other systems told us, each once.
//!
//! Invariant: an event is taken once whoever delivers it how often, and its fate is always told: applied, skipped, waiting, quarantined or dead.

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Json, Value, entity};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{Instant, LeadId, Line, Text, Word};

entity! {
    /// An event from another system.
    Incoming(IncomingId) = "incoming", IncomingEdits;
    given {
        /// Which system.
        system: Word [index];
        /// What the thing is there.
        kind: Word;
        /// What happened to it: `add`, `update`, `delete`, `restore`, `status` or `responsible`.
        action: Word;
        /// Its id there.
        external_id: Text<1, 200> [index];
        /// The sender's id of the event, where it has one.
        event_id: Option<Text<1, 200>>;
        /// The version of the thing there.
        remote_version: Option<i64>;
        /// The time of the event there.
        remote_at: Option<Instant>;
        /// What the sender says of the thing.
        content: Json [private];
    }
    kept {
        /// The key under which it is taken once.
        identity: Option<Text<1, 300>> [identity];
        /// What became of it: `applied`, `skipped`, `waiting`, `quarantined` or `dead`.
        status: Word [index];
        /// Why.
        reason: Option<Line>;
        /// The lead that it changed.
        lead: Option<LeadId>;
        /// How often it was tried.
        attempts: i64;
        /// When it was dealt with.
        settled_at: Option<Instant> [sort];
    }
}

impl Rules for Incoming {
    const CRUD: Crud = Crud {
        read: Action::InboxRead,
        create: Action::InboxReceive,
        update: Action::InboxResolve,
        delete: Action::InboxResolve,
        restore: Action::InboxResolve,
    };
    const MODULE: Option<Module> = Some(Module::Integrations);
    const NAMES: crate::command::Names = names!("incoming");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("incoming"))
    }
}

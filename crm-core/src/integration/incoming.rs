//! The inbox: what other systems told us, each once.
//!
//! Invariant: an event is taken once whoever delivers it how often, and its fate is always told: applied, skipped, waiting,
//! quarantined or dead.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::apply::{Verdict, apply};
use super::word;
use crate::access::{Action, Crud, Scope};
use crate::command::{Asked, Rules, by_rules_only, names, written_by_rules};
use crate::describe::{Entity, FieldId, Json, Value, entity, field_id};
use crate::draft::{Draft, Halt, Permit};
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
        /// The identity of the reference that it waits for.
        waits_for: Option<Text<1, 300>> [index];
        /// The lead that it changed.
        lead: Option<LeadId>;
        /// How often it was tried.
        attempts: i64;
        /// When it was dealt with.
        settled_at: Option<Instant> [sort];
    }
}

pub(super) const IDENTITY: FieldId = field_id(Incoming::FIELDS, "identity");
pub(super) const STATUS: FieldId = field_id(Incoming::FIELDS, "status");
const WAITS_FOR: FieldId = field_id(Incoming::FIELDS, "waits_for");

pub(super) const WAITING: &str = Fate::Waiting.name();

/// What became of an event from another system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It was applied.
    Applied,
    /// There was nothing to do: it is older than what was applied, or about something that was deleted.
    Skipped,
    /// It is about something that is not known yet.
    Waiting,
    /// It cannot be understood until somebody extends the profile; nothing was changed.
    Quarantined,
    /// It was refused, or it waited too long.
    Dead,
    /// It was here before; nothing was changed.
    Duplicate,
}

impl Fate {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Skipped => "skipped",
            Self::Waiting => "waiting",
            Self::Quarantined => "quarantined",
            Self::Dead => "dead",
            Self::Duplicate => "duplicate",
        }
    }
}

impl Incoming {
    /// Has it waited longer than the profile lets an event wait? Then it is dead, whether or not anybody noted that.
    #[must_use]
    pub fn waited_too_long(&self, waiting_hours: u32, now: Instant) -> bool {
        self.status == WAITING && self.created_at.plus_hours(waiting_hours.into()) <= now
    }

    /// Notes what became of it.
    pub(super) fn note(&mut self, verdict: &Verdict, now: Instant) -> Result<(), Halt> {
        self.status = word(verdict.fate.name())?;
        self.reason.clone_from(&verdict.reason);
        self.waits_for.clone_from(&verdict.waits_for);
        self.lead = verdict.lead.or(self.lead);
        self.attempts = self.attempts.saturating_add(1);
        self.settled_at = (verdict.fate != Fate::Waiting).then_some(now);
        Ok(())
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
        Err(by_rules_only("incoming"))
    }

    written_by_rules!("incoming");
}

/// Tries to apply an event by itself: one that is refused is dead, and has changed nothing.
pub(super) fn tried(tx: &mut Draft<'_>, permit: &Permit, row: &Incoming) -> Result<Verdict, Halt> {
    let tried = tx.attempt(|tx| apply(tx, permit, row))?;
    Ok(tried.unwrap_or_else(|error| Verdict::dead(&error.to_string())))
}

/// Applies what waited for a reference, in the order in which it happened there. Who may not take events in leaves it
/// waiting.
pub(super) fn wake(tx: &mut Draft<'_>, permit: &Permit, identity: &Text<1, 300>) -> Result<(), Halt> {
    if tx.profile().scope(tx.standing(), Action::InboxReceive) == Scope::None {
        return Ok(());
    }
    let hours = tx.profile().spec().integrations.as_ref().map_or(0, |spec| spec.waiting_hours);
    let now = tx.now();
    let mut waiting = tx.rows::<Incoming>(vec![(WAITS_FOR, Value::text(identity.as_str()))])?;
    waiting.retain(|row| !row.waited_too_long(hours, now));
    waiting.sort_by_key(|row| (row.remote_version, row.remote_at, row.id));
    for row in waiting {
        retry(tx, permit, &row)?;
    }
    Ok(())
}

/// Tries an event once more, and notes what became of it.
pub(super) fn retry(tx: &mut Draft<'_>, permit: &Permit, row: &Incoming) -> Result<Arc<Incoming>, Halt> {
    let verdict = tried(tx, permit, row)?;
    let mut after = row.clone();
    after.note(&verdict, tx.now())?;
    let after = tx.put_told(permit, after)?;
    verdict.tell(tx, &after)?;
    Ok(after)
}

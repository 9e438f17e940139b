//! Taking up the events that wait.
//!
//! Whoever links what an event waits for applies it at once, where they may. What is linked by somebody who may not, or
//! comes in an import, leaves the event waiting; and one that waits too long is dead, but nobody has noted it. Nothing
//! depends on this: whether an event waits or is dead follows from its row, its reference and the time.
//!
//! Invariant: an event that waited too long is not applied by a replay, and one whose reference is not there stays as it is.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::apply::Verdict;
use super::incoming::{Incoming, STATUS, WAITING, retry};
use super::reference::{IDENTITY, Reference};
use crate::access::Action;
use crate::command::{Command, SWEEP};
use crate::describe::{CREATED_AT, Id};
use crate::draft::{Draft, Halt, Permit, first_of, for_each};
use crate::store::{Filter, Order};
use crate::value::IncomingId;

const OLDEST: Order = Order { field: CREATED_AT, descending: false };

/// Takes up events that wait, the oldest first, at most 500: those whose reference is there by now are applied, and those
/// that have waited too long are noted as dead.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReplayIncoming {
    /// Goes on after this event; from the oldest when it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<IncomingId>,
}

/// What a replay came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// The events that do not wait as they did.
    pub events: Vec<Arc<Incoming>>,
    /// After which event the next replay goes on; empty when all were looked at.
    pub next: Option<IncomingId>,
}

impl Command for ReplayIncoming {
    type Output = Replayed;

    fn name(&self) -> &'static str {
        "replay_incoming"
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Replayed, Halt> {
        let permit = tx.allow(Action::InboxResolve, None)?;
        let mut list = first_of::<Incoming>(Filter::text(STATUS, WAITING), OLDEST, SWEEP);
        if let Some(after) = self.after {
            let last = tx.look_at_any(after.key())?;
            list.window.after = Some(OLDEST.position(&last));
        }
        let part = tx.first::<Incoming>(&list)?;
        let last = part.rows.last().map(|row| row.id).filter(|_| part.next.is_some());
        let taken = for_each(&part.rows, |row| take_up(tx, &permit, row))?;
        Ok(Replayed { events: taken.into_iter().flatten().collect(), next: last })
    }
}

fn take_up(tx: &mut Draft<'_>, permit: &Permit, row: &Arc<Incoming>) -> Result<Option<Arc<Incoming>>, Halt> {
    if row.status != WAITING {
        return Ok(None);
    }
    let hours = tx.profile().spec().integrations.as_ref().map_or(0, |spec| spec.waiting_hours);
    if row.waited_too_long(hours, tx.now()) {
        let verdict = Verdict::dead("it waited too long");
        let mut after = Incoming::clone(row);
        after.note(&verdict, tx.now())?;
        after.attempts = row.attempts;
        let after = tx.put_told(permit, after)?;
        verdict.tell(tx, &after)?;
        return Ok(Some(after));
    }
    match &row.waits_for {
        Some(identity) if tx.holder::<Reference>(IDENTITY, identity.as_str())?.is_none() => Ok(None),
        _ => retry(tx, permit, row).map(Some),
    }
}

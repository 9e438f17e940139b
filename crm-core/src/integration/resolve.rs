//! What somebody does about an event that could not be applied.
//!
//! Invariant: an event that was applied or skipped is done with; nobody applies it twice.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::apply::Verdict;
use super::incoming::{Incoming, retry};
use crate::access::Action;
use crate::command::Command;
use crate::describe::{Entity, Id, Key};
use crate::draft::{Draft, Halt, Permit};
use crate::error::{Error, Rule};
use crate::value::{IncomingId, Line};

/// Tries an event again that waits, is quarantined, or is dead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryIncoming {
    /// Which event.
    pub id: IncomingId,
}

/// Gives an event up that waits or is quarantined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiveUpIncoming {
    /// Which event.
    pub id: IncomingId,
    /// Why.
    pub reason: String,
}

impl Command for RetryIncoming {
    type Output = Arc<Incoming>;

    fn name(&self) -> &'static str {
        "retry_incoming"
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<Incoming>, Halt> {
        let (permit, row) = unsettled(tx, self.id, &["waiting", "quarantined", "dead"])?;
        retry(tx, &permit, &row)
    }
}

impl Command for GiveUpIncoming {
    type Output = Arc<Incoming>;

    fn name(&self) -> &'static str {
        "give_up_incoming"
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<Incoming>, Halt> {
        let reason = Line::parse(&self.reason).map_err(|problem| Error::field("reason", problem))?;
        let (permit, row) = unsettled(tx, self.id, &["waiting", "quarantined"])?;
        let mut after = Incoming::clone(&row);
        after.note(&Verdict::dead(reason.as_str()), tx.now())?;
        after.attempts = row.attempts;
        tx.put(&permit, after)
    }
}

fn unsettled(tx: &mut Draft<'_>, id: IncomingId, from: &[&str]) -> Result<(Permit, Arc<Incoming>), Halt> {
    let row = tx.get(id)?;
    let permit = tx.allow(Action::InboxResolve, Some(&Arc::clone(&row).record()))?;
    if !from.contains(&row.status.as_str()) {
        let why = format!("an event that is {} is not taken up again", row.status);
        return Err(Rule::other("incoming_settled", why).into());
    }
    Ok((permit, row))
}

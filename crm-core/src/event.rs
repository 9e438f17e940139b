//! The outbox: what other systems are told, written in the commit that it tells of.
//!
//! An event names records and fields; it holds no personal data. Whoever may see the content reads it.
//!
//! Invariant: a commit's events are stored with it or not at all, in the order in which they were made.

use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::describe::Key;
use crate::value::{CommandId, EventId, Instant};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// What happened: the noun, a full stop, the verb in the past: `deal.updated`, `deal.won`.
    pub name: String,
    /// The record it happened to.
    pub subject: Key,
    /// The record's version after it.
    pub version: u64,
    /// When.
    pub at: Instant,
    /// Who did it.
    pub actor: Actor,
    /// The command.
    pub command: CommandId,
    /// Facts without personal data: names of changed fields, old and new status.
    pub data: serde_json::Value,
}

//! Taking in what other systems tell.
//!
//! Invariant: each event of a batch stands alone: a bad one is kept with its reason, and the good ones are applied.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Document, json};

use super::apply::Verdict;
use super::incoming::{Fate, IDENTITY, Incoming, tried};
use super::{digest, line, text, word};
use crate::access::Action;
use crate::command::Command;
use crate::describe::{FieldType, Json, Kind, Record};
use crate::draft::{Draft, Halt, Permit, for_each};
use crate::error::Error;
use crate::profile::Profile;
use crate::value::{IncomingId, Instant, LeadId, Line, Problem, Text, Word};

/// Most events of one command.
const MOST_EVENTS: usize = 1_000;

/// What another system tells. Nothing in it is trusted: what cannot be read makes this event a dead one, and no other.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct IncomingEvent {
    /// Which system tells it: one of the profile's.
    pub system: String,
    /// What the thing is there: `lead` or `contact`; anything else is kept and skipped.
    pub kind: String,
    /// What happened to it: `add`, `update`, `delete`, `restore`, `status` or `responsible`.
    pub action: String,
    /// Its id there.
    pub external_id: String,
    /// The sender's id of the event. Where there is none, the same content is the same event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// The version of the thing there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_version: Option<i64>,
    /// The time of the event there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_at: Option<Instant>,
    /// What it says: `fields` by the names that the record has here, and by their ids there `pipeline` and `status`,
    /// `responsible` and `contact`.
    #[serde(skip_serializing_if = "Document::is_null")]
    pub content: Document,
}

/// Personal data stays out of debug output.
impl fmt::Debug for IncomingEvent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { system, kind, action, external_id, .. } = self;
        write!(out, "IncomingEvent({system} {kind} {external_id}: {action})")
    }
}

/// Takes in what other systems tell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReceiveEvents {
    /// The events, in the order in which they came.
    pub events: Vec<IncomingEvent>,
}

/// What became of a batch of events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// Is every event applied, or safely kept for later?
    pub status: ReceivedStatus,
    /// How many are.
    pub events_processed: u32,
    /// Those that are not, and why.
    pub errors: Vec<ItemError>,
    /// What became of each, in their order.
    pub items: Vec<ItemOutcome>,
}

/// What became of a batch as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceivedStatus {
    /// Every event is applied, or safely kept for later.
    Success,
    /// Some are dead.
    PartialSuccess,
}

/// An event that is dead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemError {
    /// Its place in the batch, counted from 0.
    pub at: usize,
    /// Why.
    pub reason: String,
}

/// What became of one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemOutcome {
    /// Its row in the inbox.
    pub id: IncomingId,
    /// What became of it.
    pub fate: Fate,
    /// Why.
    pub reason: Option<Line>,
    /// The lead that it changed.
    pub lead: Option<LeadId>,
}

impl Command for ReceiveEvents {
    type Output = Received;

    fn name(&self) -> &'static str {
        RECEIVE_EVENTS
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Received, Halt> {
        let permit = tx.allow(Action::InboxReceive, None)?;
        if self.events.len() > MOST_EVENTS {
            return Err(Error::Limit { limit: "events of one command", most: MOST_EVENTS as u64 }.into());
        }
        for_each(&self.events, |event| receive(tx, &permit, event)).map(Received::of)
    }
}

/// The name of [`ReceiveEvents`].
pub(crate) const RECEIVE_EVENTS: &str = "receive_events";

impl Received {
    fn of(items: Vec<ItemOutcome>) -> Self {
        let dead = items.iter().enumerate().filter(|(_, item)| item.fate == Fate::Dead);
        let reason = |item: &ItemOutcome| item.reason.as_ref().map(ToString::to_string).unwrap_or_default();
        let errors: Vec<_> = dead.map(|(at, item)| ItemError { at, reason: reason(item) }).collect();
        let status = if errors.is_empty() { ReceivedStatus::Success } else { ReceivedStatus::PartialSuccess };
        let processed = items.len().saturating_sub(errors.len());
        Self { status, events_processed: u32::try_from(processed).unwrap_or(u32::MAX), errors, items }
    }
}

fn receive(tx: &mut Draft<'_>, permit: &Permit, event: &IncomingEvent) -> Result<ItemOutcome, Halt> {
    let key = event.key();
    if let Some(known) = tx.holder::<Incoming>(IDENTITY, &key)? {
        let reason = Some(known.status.as_str()).and_then(|status| line(&format!("it is here: {status}")));
        return Ok(ItemOutcome { id: known.id, fate: Fate::Duplicate, reason, lead: known.lead });
    }
    let (mut row, unread) = event.row(tx, &key)?;
    let verdict = match unread {
        None => tried(tx, permit, &row)?,
        Some(why) => Verdict::dead(&why),
    };
    row.note(&verdict, tx.now())?;
    let row = tx.create_told(permit, row)?;
    verdict.tell(tx, &row)?;
    Ok(ItemOutcome { id: row.id, fate: verdict.fate, reason: verdict.reason, lead: row.lead })
}

impl IncomingEvent {
    /// What makes it the same event as another: the sender's id, else all of it.
    fn key(&self) -> String {
        if let Some(event_id) = self.event_id.as_ref().filter(|id| !id.trim().is_empty()) {
            return digest(&["event", &self.system, event_id.trim()]);
        }
        let version = self.remote_version.map(|version| version.to_string()).unwrap_or_default();
        let at = self.remote_at.map(|at| at.to_string()).unwrap_or_default();
        let content = Json::new(self.content.clone()).canonical();
        digest(&[
            "content",
            &self.system,
            &self.kind,
            &self.external_id,
            &self.action,
            &version,
            &at,
            &content,
        ])
    }

    /// The row of the inbox, and why it cannot be read. What cannot be read is kept whole.
    fn row(&self, tx: &mut Draft<'_>, key: &str) -> Result<(Incoming, Option<String>), Halt> {
        let profile = tx.profile();
        let read = self.read(profile);
        let raw = || json!({ "raw": without_nul(serde_json::to_value(self).unwrap_or_default()) });
        let (parts, content, unread) = match read {
            Ok((parts, content)) => (parts, content, None),
            Err(why) => {
                let named = |name: &str| Word::parse(name).or_else(|_| Word::parse("unread"));
                let word = |name: &str| named(name).map_err(|problem| Error::Internal(problem.to_string()));
                let id = line(&self.external_id).and_then(|id| {
                    let cut: String = id.as_str().chars().take(200).collect();
                    Text::parse(&cut).ok()
                });
                let external_id = match id {
                    Some(id) => id,
                    None => text("unread")?,
                };
                let parts = Parts {
                    system: word(&self.system)?,
                    kind: word(&self.kind)?,
                    action: word(&self.action)?,
                    external_id,
                    event_id: None,
                };
                (parts, Json::new(raw()), Some(why))
            }
        };
        let row = Incoming {
            id: tx.next_id::<IncomingId>()?,
            version: 1,
            system: parts.system,
            kind: parts.kind,
            action: parts.action,
            external_id: parts.external_id,
            event_id: parts.event_id,
            remote_version: self.remote_version,
            remote_at: self.remote_at,
            content,
            identity: Some(text(key)?),
            status: word("waiting")?,
            reason: None,
            waits_for: None,
            lead: None,
            attempts: 0,
            created_at: tx.now(),
            updated_at: tx.now(),
            settled_at: None,
            deleted_at: None,
            deleted_by: None,
        };
        Ok((row, unread))
    }

    fn read(&self, profile: &Profile) -> Result<(Parts, Json), String> {
        let named = |what: &str, problem: Problem| format!("{what}: {problem}");
        let word = |what: &str, text: &str| Word::parse(text).map_err(|problem| named(what, problem));
        let system = word("system", &self.system)?;
        let systems = profile.spec().integrations.as_ref().map_or(&[][..], |spec| &spec.systems);
        if !systems.contains(&system) {
            return Err(named("system", Problem::one_of(system.as_str(), systems)));
        }
        let id = |what: &str, text: &str| Text::parse(text).map_err(|problem| named(what, problem));
        let parts = Parts {
            system,
            kind: word("kind", &self.kind)?,
            action: word("action", &self.action)?,
            external_id: id("external_id", &self.external_id)?,
            event_id: self.event_id.as_ref().map(|text| id("event_id", text)).transpose()?,
        };
        let content = if self.content.is_null() { json!({}) } else { self.content.clone() };
        let content = <Json as FieldType>::read(&content).map_err(|problem| named("content", problem))?;
        Ok((parts, content))
    }
}

struct Parts {
    system: Word,
    kind: Word,
    action: Word,
    external_id: Text<1, 200>,
    event_id: Option<Text<1, 200>>,
}

/// Stores cannot hold NUL characters; what was sent with some is kept without.
fn without_nul(document: Document) -> Document {
    match document {
        Document::String(text) => Document::String(text.replace('\0', "\u{fffd}")),
        Document::Array(items) => items.into_iter().map(without_nul).collect(),
        Document::Object(entries) => {
            let entries = entries.into_iter();
            entries.map(|(key, value)| (key.replace('\0', "\u{fffd}"), without_nul(value))).collect()
        }
        plain => plain,
    }
}

impl Verdict {
    /// Somebody has to look at what is quarantined or dead.
    pub(super) fn tell(&self, tx: &mut Draft<'_>, row: &Arc<Incoming>) -> Result<(), Halt> {
        if !matches!(self.fate, Fate::Quarantined | Fate::Dead) {
            return Ok(());
        }
        let record: Record = Record::Incoming(Arc::clone(row));
        let name = format!("{}.{}", Kind::Incoming, self.fate.name());
        tx.emit(name, &record, json!({ "system": row.system, "kind": row.kind, "action": row.action }))
    }
}

//! Everything that a store holds of an organisation, read through its contract alone.
//!
//! Which records there are is told by the outbox, because every write tells an event; which unique keys there may be is
//! told by all values that a record ever had. So two stores can be compared whole, whatever they keep it in.
//!
//! Invariant: what a commit writes is in the dump: records, claims, ledger, events, answers, commands, seats.

use std::collections::BTreeSet;
use std::sync::Arc;

use crm_core::describe::{Key, Kind, Record, Value};
use crm_core::draft::{IdempotencyKey, ReadSet, Remembered, UniqueKey};
use crm_core::ledger::LedgerEntry;
use crm_core::store::{Answers, Filter, HistoryQuery, Question, Store, StoreError, Tenant};
use crm_core::value::{CommandId, UserId, Uuid, normal};
use crm_core::{Event, Membership, Organization};
use serde::Serialize;

/// What a store holds of an organisation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dump {
    /// Every record, deleted ones too.
    pub records: Vec<Option<Record>>,
    /// Who holds which unique key.
    pub claims: Vec<(UniqueKey, Uuid)>,
    /// The whole ledger.
    pub ledger: Vec<LedgerEntry>,
    /// The whole outbox.
    pub events: Vec<Event>,
    /// What is remembered under the keys that were asked for.
    pub answers: Vec<(IdempotencyKey, Option<Remembered>)>,
    /// Commands that told an event and are not known to be committed: none, in a store that is right.
    pub unknown_commands: Vec<CommandId>,
    /// Where each member has a seat, in any organisation.
    pub seats: Vec<(Arc<Organization>, Arc<Membership>)>,
}

/// What a store holds of an organisation, and what it remembers under these keys.
///
/// # Errors
/// The store fails.
pub async fn dump(
    store: &dyn Store,
    tenant: Tenant,
    keys: &BTreeSet<IdempotencyKey>,
) -> Result<Dump, StoreError> {
    let events = store.events(tenant, None, u32::MAX).await?;
    let subjects: BTreeSet<Key> = events.iter().map(|event| event.subject).collect();
    let commands: BTreeSet<CommandId> = events.iter().map(|event| event.command).collect();
    let ledger = ledger(store, tenant).await?;
    let want = ReadSet { keys: subjects.clone(), claims: ever_used(&ledger), ..ReadSet::new() };
    let snapshot = store.load(tenant, &want).await?;
    let mut answers = Vec::new();
    for key in keys {
        let want = ReadSet { idempotency: Some(key.clone()), ..ReadSet::new() };
        let found = store.load(tenant, &want).await?.remembered.remove(key).flatten();
        answers.push((key.clone(), found));
    }
    let mut unknown_commands = Vec::new();
    for command in commands {
        let want = ReadSet { command: Some(command), ..ReadSet::new() };
        if store.load(tenant, &want).await?.committed.get(&command) != Some(&true) {
            unknown_commands.push(command);
        }
    }
    let mut seats = Vec::new();
    for member in subjects.iter().filter(|key| key.kind == Kind::Membership) {
        let found = store.seats(UserId::from_uuid(member.id)).await?;
        seats.extend(found.into_iter().map(|seat| (seat.organization, seat.membership)));
    }
    let claims = snapshot.claims.into_iter().filter_map(|(key, holder)| holder.map(|holder| (key, holder)));
    Ok(Dump {
        claims: claims.collect(),
        records: snapshot.rows.into_values().collect(),
        ledger,
        events,
        answers,
        unknown_commands,
        seats,
    })
}

/// The ledger of all records, deleted ones too.
async fn ledger(store: &dyn Store, tenant: Tenant) -> Result<Vec<LedgerEntry>, StoreError> {
    let all = |kind: &Kind| {
        let (visible, filter) = (Filter::All, Filter::All);
        Question::History(HistoryQuery { kind: *kind, visible, filter, until: None })
    };
    let questions: Vec<Question> = Kind::ALL.iter().map(all).collect();
    let mut answers = Answers::new(store.ask(tenant, &questions).await?);
    let mut entries = Vec::new();
    for _ in &questions {
        entries.extend(answers.entries()?);
    }
    Ok(entries)
}

/// Every value of a text that a record ever had, as the unique key that it would be.
fn ever_used(ledger: &[LedgerEntry]) -> BTreeSet<UniqueKey> {
    let mut keys = BTreeSet::new();
    for entry in ledger {
        for change in &entry.fields {
            let field = entry.subject.kind.field(&change.field);
            if let (Some((field, _)), Value::Text(text)) = (field, &change.after) {
                keys.insert(UniqueKey { kind: entry.subject.kind, field, value: normal(text).into() });
            }
        }
    }
    keys
}

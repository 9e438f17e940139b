//! The writing half of a draft.
//!
//! Invariant: every reference that is set points at a live record of the organisation, every unique value is claimed,
//! and every write becomes one ledger entry and one event.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use super::{ChangeSet, Claim, Draft, Expect, Halt, Parts, Permit, ReadSet, Remember, UniqueKey};
use crate::describe::{Entity, FieldId, FieldKind, Id, Key, Kind, Record, Value};
use crate::error::Error;
use crate::event::Event;
use crate::ledger::{Change, LedgerEntry, differences};
use crate::value::{Problem, normal, phone_digits};

/// A record before this draft, and as the draft leaves it.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) before: Option<Record>,
    pub(super) after: Record,
}

/// How strictly references are taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum References {
    /// They must point at live records, and at active members.
    Live,
    /// The same, whoever sees them: the rules set them, not the caller.
    Kept,
    /// They must point at live records; members may have left.
    Settled,
    /// They must point at records that exist or existed: history.
    Known,
    /// The same, and whoever sees them: an entry that the rules write tells of what happened.
    Told,
}

impl Draft<'_> {
    /// Writes a new record.
    ///
    /// # Errors
    /// The id is taken, a reference or a unique key is, or facts are missing.
    pub(crate) fn create<E: Entity>(&mut self, permit: &Permit, row: E) -> Result<Arc<E>, Halt> {
        self.create_with(*permit, row, References::Live)
    }

    /// Writes a new record of the past: its members may have left and its references may have been deleted.
    pub(crate) fn create_past<E: Entity>(&mut self, permit: &Permit, row: E) -> Result<Arc<E>, Halt> {
        self.create_with(*permit, row, References::Known)
    }

    /// Writes a new record that the rules make, not the caller: it points at what it tells of, even at what the caller
    /// does not see and at what was deleted.
    pub(crate) fn create_told<E: Entity>(&mut self, permit: &Permit, row: E) -> Result<Arc<E>, Halt> {
        self.create_with(*permit, row, References::Told)
    }

    fn create_with<E: Entity>(
        &mut self,
        _: Permit,
        mut row: E,
        references: References,
    ) -> Result<Arc<E>, Halt> {
        self.demand_new(row.id().key())?;
        row.stamp(1, self.now());
        self.write(None, row, references)
    }

    fn demand_new(&self, key: Key) -> Result<(), Halt> {
        self.expect_version(key, 0)?;
        match self.look(key)? {
            Some(_) => Err(Error::AlreadyExists { resource: key.kind, field: "id".to_owned() }.into()),
            None => Ok(()),
        }
    }

    /// Writes a new state of a record that was read through this draft.
    ///
    /// # Errors
    /// A reference or a unique key is refused, or facts are missing.
    pub(crate) fn put<E: Entity>(&mut self, _: &Permit, row: E) -> Result<Arc<E>, Halt> {
        let before = self.look(row.id().key())?;
        let revived = before.as_ref().is_some_and(|before| !before.is_live());
        self.write(before.as_ref(), row, if revived { References::Settled } else { References::Live })
    }

    /// The same for a record that tells of others: it points at what it tells of, even at what was deleted.
    pub(crate) fn put_told<E: Entity>(&mut self, _: &Permit, row: E) -> Result<Arc<E>, Halt> {
        let before = self.look(row.id().key())?;
        self.write(before.as_ref(), row, References::Told)
    }

    /// Marks a record deleted. It stays in the store, for its history and for a restore.
    ///
    /// # Errors
    /// Facts are missing.
    pub(crate) fn delete<E: Entity>(&mut self, permit: &Permit, row: &E) -> Result<Arc<E>, Halt> {
        let mut gone = row.clone();
        gone.bury(Some((self.now(), self.command_id())));
        self.put(permit, gone)
    }

    /// Brings a deleted record back.
    ///
    /// # Errors
    /// What it points at is gone, a unique key has been taken, or facts are missing.
    pub(crate) fn restore<E: Entity>(&mut self, permit: &Permit, row: &E) -> Result<Arc<E>, Halt> {
        let mut back = row.clone();
        back.bury(None);
        self.put(permit, back)
    }

    fn write<E: Entity>(
        &mut self,
        before: Option<&Record>,
        mut row: E,
        references: References,
    ) -> Result<Arc<E>, Halt> {
        let original = match self.pending.get(&row.id().key()) {
            Some(pending) => pending.before.clone(),
            None => before.cloned(),
        };
        // One version and one time, however often this draft writes the row.
        row.stamp(original.as_ref().map_or(0, Record::version) + 1, self.now());
        let row = Arc::new(row);
        self.keep(before, original, Arc::clone(&row).record(), references)?;
        Ok(row)
    }

    fn keep(
        &mut self,
        before: Option<&Record>,
        original: Option<Record>,
        after: Record,
        references: References,
    ) -> Result<(), Halt> {
        let key = after.key();
        if after.is_live() {
            self.point_at_all(before, &after, references)?;
        }
        self.claim_all(before, &after)?;
        let expect = original.as_ref().map_or(Expect::Absent, |original| Expect::Version(original.version()));
        self.expect.insert(key, expect);
        self.pending.insert(key, Pending { before: original, after });
        let most = self.profile().spec().limits.rows_per_command;
        if self.pending.len() > most as usize {
            return Err(Error::Limit { limit: "rows written by one command", most: most.into() }.into());
        }
        Ok(())
    }

    fn point_at_all(&mut self, before: Option<&Record>, after: &Record, how: References) -> Result<(), Halt> {
        for (at, field) in after.kind().fields().iter().enumerate() {
            let (FieldKind::Reference(kind), Ok(at)) = (field.kind, u8::try_from(at)) else { continue };
            let new = after.value(FieldId(at));
            let same =
                how == References::Live && before.is_some_and(|before| before.value(FieldId(at)) == new);
            let how = match (field.given, how) {
                (false, References::Live) => References::Kept,
                (false, References::Settled) => References::Told,
                (_, how) => how,
            };
            if let (false, Value::Uuid(id)) = (same, new) {
                self.point_at(Key { kind, id }, field.name, how)?;
            }
        }
        Ok(())
    }

    /// A record that is pointed at must exist and be seen.
    pub(crate) fn demand_reference(&mut self, target: Key, field: &str) -> Result<(), Halt> {
        self.point_at(target, field, References::Live)
    }

    fn point_at(&mut self, target: Key, field: &str, how: References) -> Result<(), Halt> {
        let found = self.look(target)?;
        let usable = match &found {
            None => false,
            Some(_) if matches!(how, References::Known | References::Told) => true,
            Some(Record::Membership(_)) if how == References::Settled => true,
            Some(record) if !record.is_live() => false,
            Some(Record::Membership(seat)) => seat.active,
            // Whoever makes a record in this very commit may point at it, even who sees none of its kind.
            Some(_) if self.pending.get(&target).is_some_and(|pending| pending.before.is_none()) => true,
            Some(record) => how == References::Kept || self.sees(&record.clone())?,
        };
        if !usable {
            let what = if target.kind == Kind::Membership { "an active member" } else { target.kind.name() };
            let problem = Problem::malformed(format!("the id of {what} of this organization"));
            return Err(Error::field(field, problem).into());
        }
        match (&found, how) {
            (_, References::Known) => {}
            (Some(Record::Membership(seat)), References::Live | References::Kept) => {
                self.rest_on(target, seat.version)?;
            }
            (Some(Record::Membership(_)), _) => {}
            (Some(record), References::Told) if !record.is_live() => {}
            _ => self.expect_present(target),
        }
        Ok(())
    }

    fn claim_all(&mut self, before: Option<&Record>, after: &Record) -> Result<(), Halt> {
        let had = before.map(|before| self.unique_keys(before)).unwrap_or_default();
        let has = self.unique_keys(after);
        let me = after.id();
        for key in had.difference(&has) {
            if self.claim(key)?.now == Some(me) {
                self.set_claim(key, None)?;
            }
        }
        for key in &has {
            match self.claim(key)?.now {
                Some(holder) if holder == me => {}
                None => self.set_claim(key, Some(me))?,
                Some(_) => {
                    let field = key.kind.describe(key.field).map_or("id", |field| field.name).to_owned();
                    return Err(Error::AlreadyExists { resource: key.kind, field }.into());
                }
            }
        }
        Ok(())
    }

    /// The unique keys that a record claims; a deleted one claims none.
    fn unique_keys(&self, record: &Record) -> BTreeSet<UniqueKey> {
        let kind = record.kind();
        let fields = kind.fields().iter().enumerate().filter(|_| record.is_live());
        let demanded = fields.filter(|(_, field)| {
            field.identity || field.unique && self.profile().is_unique(kind, field.name)
        });
        let keys = demanded.filter_map(|(at, field)| {
            let at = FieldId(u8::try_from(at).ok()?);
            let value = record.value(at);
            let text = value.as_text()?;
            // A phone without digits ("ask at reception") is a text like any other.
            let digits = Some(phone_digits(text))
                .filter(|digits| field.kind == FieldKind::Phone && !digits.is_empty());
            let text = digits.unwrap_or_else(|| normal(text));
            Some(UniqueKey { kind, field: at, value: text.into() })
        });
        keys.collect()
    }

    /// The live record that has this value in a field in which no two have the same. The decision rests on the record; on
    /// there being none it rests only where it then writes one with this value.
    pub(crate) fn holder<E: Entity>(&mut self, field: FieldId, value: &str) -> Result<Option<Arc<E>>, Halt> {
        let key = UniqueKey { kind: E::KIND, field, value: normal(value).into() };
        match self.claim(&key)?.now {
            Some(id) => self.rely_on(E::Id::from(id)),
            None => Ok(None),
        }
    }

    /// Which of these values live records have in a field in which no two have the same. The decision rests on it only
    /// where it then writes one of them.
    pub(crate) fn taken(&self, kind: Kind, field: FieldId, values: &[String]) -> Result<Vec<bool>, Halt> {
        let key = |value: &String| UniqueKey { kind, field, value: normal(value).into() };
        let keys: Vec<_> = values.iter().map(key).collect();
        let unknown =
            |key: &&UniqueKey| !self.claims.contains_key(key) && !self.snapshot.claims.contains_key(key);
        let lacking: BTreeSet<_> = keys.iter().filter(unknown).cloned().collect();
        if !lacking.is_empty() {
            return Err(ReadSet { claims: lacking, ..ReadSet::new() }.into());
        }
        keys.iter().map(|key| Ok(self.claim(key)?.now.is_some())).collect()
    }

    fn claim(&self, key: &UniqueKey) -> Result<Claim, Halt> {
        if let Some(claim) = self.claims.get(key) {
            return Ok(*claim);
        }
        let need = || Halt::from(ReadSet { claims: BTreeSet::from([key.clone()]), ..ReadSet::new() });
        let holder = self.snapshot.claims.get(key).copied().ok_or_else(need)?;
        Ok(Claim { was: holder, now: holder })
    }

    fn set_claim(&mut self, key: &UniqueKey, now: Option<Uuid>) -> Result<(), Halt> {
        let was = self.claim(key)?.was;
        self.claims.insert(key.clone(), Claim { was, now });
        Ok(())
    }

    /// What was decided.
    pub(crate) fn finish(mut self, remember: Option<Remember>) -> Result<ChangeSet, Halt> {
        self.tell()?;
        let pending = std::mem::take(&mut self.pending);
        let mut ledger = Vec::with_capacity(pending.len());
        let mut told = Vec::with_capacity(pending.len() + self.events.len());
        for Pending { before, after } in pending.values() {
            let entry = self.ledger_entry(before.as_ref(), after);
            told.push(self.written_event(&entry)?);
            ledger.push(entry);
        }
        told.append(&mut self.events);
        let claims = std::mem::take(&mut self.claims).into_iter().filter(|(_, claim)| claim.was != claim.now);
        Ok(ChangeSet::new(Parts {
            tenant: self.context.tenant,
            command: self.command_id(),
            claims: claims.collect(),
            writes: pending
                .into_iter()
                .map(|(key, pending)| (key, pending.after))
                .collect::<BTreeMap<_, _>>(),
            ledger,
            events: told,
            remember,
            expect: self.expect,
            sets: self.sets,
        }))
    }

    fn ledger_entry(&self, before: Option<&Record>, after: &Record) -> LedgerEntry {
        LedgerEntry {
            subject: after.key(),
            version: after.version(),
            at: self.now(),
            actor: self.actor().clone(),
            command: self.command_id(),
            cause: self.context.command.to_owned(),
            change: Change::between(before, after),
            fields: differences(before, after),
        }
    }

    fn written_event(&mut self, entry: &LedgerEntry) -> Result<Event, Halt> {
        let fields: Vec<_> = entry.fields.iter().map(|change| change.field.as_str()).collect();
        Ok(Event {
            id: self.next_id()?,
            name: format!("{}.{}", entry.subject.kind, entry.change.name()),
            subject: entry.subject,
            version: entry.version,
            at: entry.at,
            actor: entry.actor.clone(),
            command: entry.command,
            data: json!({ "fields": fields }),
        })
    }
}

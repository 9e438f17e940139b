//! The in-memory transaction in which a command decides.
//!
//! Reading through a draft records what the decision rests on, so that an author cannot forget it; writing needs a
//! [`Permit`], which only a granted access decision gives, and is not open to hosts: a command of a host's own reads, and
//! calls other commands. References and unique keys are looked after here, for every
//! entity alike.
//!
//! | on the draft | meaning | the commit expects |
//! |---|---|---|
//! | [`Draft::get`] | the decision rests on this record | its version |
//! | [`Draft::organization`] | the decision rests on its flag and its settings | its version |
//! | [`Draft::peek`] | looked at; may change without harm | nothing |
//! | [`Draft::rows`] | the decision rests on which records match | the same ids |
//! | `glance` | which records match, looked at; may change without harm | nothing |
//! | `first` | the first of a list, looked at; may change without harm | nothing |
//! | `create` | a new record | that there is none |
//! | `put`, `delete`, `restore` | a new state of a record | its version |
//! | a reference that is set | it must exist | its presence (of a member: the version) |
//! | a unique field that is set | nobody else has the value | who holds the key |
//!
//! Invariant: a draft is pure. The same snapshot, command, actor, time and seed give the same change set.

mod attempt;
mod change_set;
mod glimpse;
mod read_set;
mod secrets;
mod snapshot;
mod standing;
mod told;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

pub use self::change_set::{ChangeSet, Claim, Expect, Parts, Remember};
pub(crate) use self::glimpse::first_of;
pub use self::read_set::{IdempotencyKey, ReadSet, SetQuery, UniqueKey};
pub use self::snapshot::{Remembered, Snapshot};
pub use self::standing::Permit;
pub(crate) use self::told::Happening;
use self::write::Pending;
use crate::access::{Action, Actor, Standing};
use crate::describe::{Edits, Entity, FieldId, Given, Id, Key, Record, Value};
use crate::error::{Error, Rule};
use crate::event::Event;
use crate::organization::Organization;
use crate::profile::{Module, Profile, ProfileSpec};
use crate::seed::Seed;
use crate::store::Tenant;
use crate::value::{CommandId, Currency, Date, Instant, Precision, UserId, Word};

/// Why a decision stopped.
#[derive(Debug)]
pub enum Halt {
    /// It lacks facts.
    Need(Box<ReadSet>),
    /// The answer is no.
    Reject(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Reject(error)
    }
}

impl From<Rule> for Halt {
    fn from(rule: Rule) -> Self {
        Self::Reject(Error::Rule(rule))
    }
}

impl From<ReadSet> for Halt {
    fn from(want: ReadSet) -> Self {
        Self::Need(Box::new(want))
    }
}

impl From<Key> for Halt {
    fn from(key: Key) -> Self {
        ReadSet::from(key).into()
    }
}

/// Takes a step for each of many things, and asks at once for what any of them lacks: else each would be a load of its own.
/// What is done after the first lack is thrown away with the draft, and serves to find out what else is lacking.
pub(crate) fn for_each<T, U>(
    things: impl IntoIterator<Item = T>,
    mut step: impl FnMut(T) -> Result<U, Halt>,
) -> Result<Vec<U>, Halt> {
    let (mut done, mut lacking): (Vec<U>, Option<Box<ReadSet>>) = (Vec::new(), None);
    for thing in things {
        match (step(thing), &mut lacking) {
            (Ok(result), _) => done.push(result),
            (Err(Halt::Need(need)), Some(lacking)) => lacking.extend(*need),
            (Err(Halt::Need(need)), None) => lacking = Some(need),
            (Err(refused), None) => return Err(refused),
            (Err(Halt::Reject(_)), Some(_)) => {}
        }
    }
    lacking.map_or(Ok(done), |need| Err(Halt::Need(need)))
}

/// What a decision is made under, besides the facts.
#[derive(Clone, Copy, Debug)]
pub struct Context<'c> {
    /// The organisation.
    pub tenant: Tenant,
    /// The rules.
    pub profile: &'c Profile,
    /// Who acts.
    pub actor: &'c Actor,
    /// The time, as exact as the store keeps it.
    pub now: Instant,
    /// Where ids come from.
    pub seed: Seed,
    /// How exactly the store keeps time.
    pub precision: Precision,
    /// The command's name.
    pub command: &'c str,
    /// The version that the caller expects the command's target to have.
    pub expected: Option<(Key, u64)>,
}

/// A transaction in memory. See the module's head.
#[derive(Debug)]
pub struct Draft<'s> {
    snapshot: &'s Snapshot,
    context: Context<'s>,
    standing: Standing,
    ids: u32,
    /// The ids made here: no store has a record of one yet, so none is asked.
    made: BTreeSet<Uuid>,
    expect: BTreeMap<Key, Expect>,
    sets: BTreeMap<SetQuery, BTreeSet<Uuid>>,
    claims: BTreeMap<UniqueKey, Claim>,
    pending: BTreeMap<Key, Pending>,
    events: Vec<Event>,
    asked: Vec<(Action, Option<bool>)>,
    /// The last permit given: what follows from what was written rests on it.
    granted: Option<Permit>,
    /// Which other system told us of a change of a record.
    heard: BTreeMap<Key, Word>,
}

impl<'s> Draft<'s> {
    /// Opens a draft for an actor of an organisation that exists.
    ///
    /// # Errors
    /// The actor is not an active member, or facts are missing.
    pub(crate) fn admit(snapshot: &'s Snapshot, context: Context<'s>) -> Result<Self, Halt> {
        let mut draft = Self::bare(snapshot, context);
        draft.standing = draft.find_standing()?;
        Ok(draft)
    }

    /// Opens a draft for an organisation that is just being founded: there is nobody to ask yet.
    pub(crate) fn found(snapshot: &'s Snapshot, context: Context<'s>) -> Self {
        Self { standing: Standing::System, ..Self::bare(snapshot, context) }
    }

    fn bare(snapshot: &'s Snapshot, context: Context<'s>) -> Self {
        Self {
            snapshot,
            context,
            standing: Standing::Unknown,
            ids: 0,
            made: BTreeSet::new(),
            expect: BTreeMap::new(),
            sets: BTreeMap::new(),
            claims: BTreeMap::new(),
            pending: BTreeMap::new(),
            events: Vec::new(),
            asked: Vec::new(),
            granted: None,
            heard: BTreeMap::new(),
        }
    }

    /// The profile.
    #[must_use]
    pub fn profile(&self) -> &'s Profile {
        self.context.profile
    }

    /// The organisation that the draft belongs to.
    #[must_use]
    pub(crate) fn tenant(&self) -> Tenant {
        self.context.tenant
    }

    /// The time of the decision.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.context.now
    }

    /// A value as exact as the store keeps it, so that no store ever rounds.
    #[must_use]
    pub(crate) fn cut(&self, value: Value) -> Value {
        match value {
            Value::Instant(at) => Value::Instant(at.truncated(self.context.precision)),
            value => value,
        }
    }

    /// What a caller sent, judged field by field.
    pub(crate) fn given<E: Entity>(&self, edits: &E::Edits) -> Result<Vec<Given>, Error> {
        let given = edits.read(self.profile().field_rules(E::KIND)).map_err(Error::Invalid)?;
        Ok(self.all_cut(given))
    }

    fn all_cut(&self, mut given: Vec<Given>) -> Vec<Given> {
        for given in &mut given {
            given.value = self.cut(std::mem::replace(&mut given.value, Value::Null));
        }
        given
    }

    /// The calendar day of the decision, in the organisation's time zone.
    ///
    /// # Errors
    /// Facts are missing.
    pub fn today(&mut self) -> Result<Date, Halt> {
        Ok(self.organization()?.time_zone.date_of(self.now()))
    }

    /// The currency of what names none: the organisation's.
    ///
    /// # Errors
    /// Facts are missing.
    pub(crate) fn own_currency(&mut self) -> Result<Currency, Halt> {
        Ok(self.organization()?.default_currency.unwrap_or(self.profile().spec().currency))
    }

    /// What the profile says of a part of the engine.
    pub(crate) fn section<T>(
        &self,
        module: Module,
        of: fn(&ProfileSpec) -> &Option<T>,
    ) -> Result<&'s T, Rule> {
        let why = || format!("the profile has no section `{}`", module.name());
        of(self.profile().spec()).as_ref().ok_or_else(|| Rule::other("module_off", why()))
    }

    /// The name of the command.
    pub(crate) fn command_name(&self) -> &'s str {
        self.context.command
    }

    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> &'s Actor {
        self.context.actor
    }

    /// The person who acts or is acted for.
    #[must_use]
    pub fn person(&self) -> Option<UserId> {
        self.context.actor.person()
    }

    /// The organisation. The decision rests on its flag and its settings, so on its version.
    ///
    /// # Errors
    /// Facts are missing, or there is none.
    pub fn organization(&mut self) -> Result<Arc<Organization>, Halt> {
        let id = self.context.tenant.organization();
        match self.look(id.key())? {
            Some(Record::Organization(row)) if row.deleted_at.is_none() => {
                if !self.pending.contains_key(&id.key()) {
                    self.expect.insert(id.key(), Expect::Version(row.version));
                }
                Ok(row)
            }
            _ => Err(Error::NotMember { organization: id }.into()),
        }
    }

    /// The state of a record now, with what this draft has written to it. Records nothing.
    fn look(&self, key: Key) -> Result<Option<Record>, Halt> {
        if let Some(pending) = self.pending.get(&key) {
            return Ok(Some(pending.after.clone()));
        }
        if self.made.contains(&key.id) {
            return Ok(None);
        }
        self.snapshot.rows.get(&key).cloned().ok_or_else(|| key.into())
    }

    /// A live record that the actor may see, and on which the decision rests.
    ///
    /// # Errors
    /// There is none that the actor may see, or facts are missing.
    pub fn get<I: Id>(&mut self, id: I) -> Result<Arc<I::Entity>, Halt> {
        row_of(&self.visible_record(id.key())?, id)
    }

    fn visible_record(&mut self, key: Key) -> Result<Record, Halt> {
        match self.look(key)?.filter(Record::is_live) {
            Some(record) if self.sees(&record)? => {
                self.rest_on(key, record.version())?;
                Ok(record)
            }
            _ => Err(not_found(key).into()),
        }
    }

    /// A live record, whoever may see it, which may change without harm to the decision.
    ///
    /// # Errors
    /// Facts are missing.
    pub fn peek<I: Id>(&mut self, id: I) -> Result<Option<Arc<I::Entity>>, Halt> {
        let record = self.look(id.key())?.filter(Record::is_live);
        Ok(record.as_ref().and_then(I::Entity::from_record).cloned())
    }

    /// A live record, whoever may see it, on which the decision rests.
    ///
    /// # Errors
    /// Facts are missing.
    pub fn rely_on<I: Id>(&mut self, id: I) -> Result<Option<Arc<I::Entity>>, Halt> {
        let row = self.peek(id)?;
        if let Some(row) = &row {
            self.rest_on(id.key(), row.version())?;
        }
        Ok(row)
    }

    /// A deleted record.
    ///
    /// # Errors
    /// There is none, or facts are missing.
    pub(crate) fn get_deleted<I: Id>(&mut self, id: I) -> Result<Arc<I::Entity>, Halt> {
        row_of(&self.deleted_record(id.key())?, id)
    }

    fn deleted_record(&mut self, key: Key) -> Result<Record, Halt> {
        let record = self.look(key)?.filter(|record| !record.is_live()).ok_or_else(|| not_found(key))?;
        self.rest_on(key, record.version())?;
        Ok(record)
    }

    /// A record in whatever state, to be written over.
    pub(crate) fn get_any<I: Id>(&mut self, id: I) -> Result<Option<Arc<I::Entity>>, Halt> {
        Ok(self.any_record(id.key())?.as_ref().and_then(I::Entity::from_record).cloned())
    }

    fn any_record(&mut self, key: Key) -> Result<Option<Record>, Halt> {
        let record = self.look(key)?;
        if let Some(record) = &record {
            self.rest_on(key, record.version())?;
        }
        Ok(record)
    }

    /// Is there a record of this key, live or deleted? The decision does not rest on it.
    pub(crate) fn has(&self, key: Key) -> Result<bool, Halt> {
        Ok(self.look(key)?.is_some())
    }

    /// A record that the actor may see, live or deleted.
    pub(crate) fn look_at_any(&mut self, key: Key) -> Result<Record, Halt> {
        match self.look(key)? {
            Some(record) if self.sees(&record)? => Ok(record),
            _ => Err(not_found(key).into()),
        }
    }

    /// The records that match, in the order of their ids. The decision rests on which they are; a record that is then
    /// written must also still be as it was. What a decision reads of the others, it asks for by [`Draft::get`] or
    /// [`Draft::rely_on`] too.
    ///
    /// # Errors
    /// Facts are missing.
    pub fn rows<E: Entity>(&mut self, equals: Vec<(FieldId, Value)>) -> Result<Vec<Arc<E>>, Halt> {
        self.rows_of(SetQuery::live(E::KIND, equals))
    }

    pub(crate) fn rows_of<E: Entity>(&mut self, query: SetQuery) -> Result<Vec<Arc<E>>, Halt> {
        Ok(typed(&self.records_of(query)?))
    }

    /// What does not depend on the type of the rows is written once, and so compiled once.
    fn records_of(&mut self, query: SetQuery) -> Result<Vec<Record>, Halt> {
        let Some(seen) = self.snapshot.sets.get(&query) else {
            return Err(ReadSet::new().with_set(query).into());
        };
        self.sets.insert(query.clone(), seen.iter().map(Record::id).collect());
        let mut rows: BTreeMap<Key, Record> = seen.iter().map(|row| (row.key(), row.clone())).collect();
        for (key, pending) in &self.pending {
            if query.holds(&pending.after) {
                rows.insert(*key, pending.after.clone());
            } else {
                rows.remove(key);
            }
        }
        Ok(rows.into_values().collect())
    }

    /// The records that match, which may change without harm to the decision, in the order of their ids. One that is then
    /// written must still be as it was, where it is asked for by [`Draft::rely_on`] too.
    pub(crate) fn glance<E: Entity>(&mut self, equals: Vec<(FieldId, Value)>) -> Result<Vec<Arc<E>>, Halt> {
        let query = SetQuery::live(E::KIND, equals);
        let known = self.sets.contains_key(&query);
        let records = self.records_of(query.clone())?;
        if !known {
            self.sets.remove(&query);
        }
        Ok(typed(&records))
    }

    /// The commit must find this version, and so must the caller's own expectation.
    fn rest_on(&mut self, key: Key, version: u64) -> Result<(), Halt> {
        if self.pending.contains_key(&key) {
            return Ok(());
        }
        self.expect_version(key, version)?;
        self.expect.insert(key, Expect::Version(version));
        Ok(())
    }

    /// The caller may have said which version the command's target has; a new record would have had version 0.
    fn expect_version(&self, key: Key, found: u64) -> Result<(), Error> {
        match self.context.expected {
            Some((target, expected)) if target == key && expected != found => {
                Err(Error::StaleVersion { key, expected, found })
            }
            _ => Ok(()),
        }
    }

    fn expect_present(&mut self, key: Key) {
        if !self.pending.contains_key(&key) {
            self.expect.entry(key).or_insert(Expect::Present);
        }
    }

    /// The command's own id.
    #[must_use]
    pub fn command_id(&self) -> CommandId {
        self.context.seed.id(0).unwrap_or_default().into()
    }

    /// A new id.
    ///
    /// # Errors
    /// The command has used up its ids.
    pub fn next_id<I: From<Uuid>>(&mut self) -> Result<I, Halt> {
        self.ids += 1;
        let most = crate::seed::IDS_PER_COMMAND;
        let id = self.context.seed.id(self.ids);
        self.made.extend(id);
        id.map(I::from).ok_or_else(|| Error::Limit { limit: "ids of one command", most: most.into() }.into())
    }

    /// Tells other systems of something that happened to a record, beyond that it was written.
    ///
    /// # Errors
    /// The command has used up its ids.
    pub fn emit(&mut self, name: String, subject: &Record, data: serde_json::Value) -> Result<(), Halt> {
        let event = Event {
            id: self.next_id()?,
            name,
            subject: subject.key(),
            version: subject.version(),
            at: self.now(),
            actor: self.actor().clone(),
            command: self.command_id(),
            data,
        };
        self.events.push(event);
        Ok(())
    }

    /// The access decisions made so far.
    pub(crate) fn asked(&self) -> &[(Action, Option<bool>)] {
        &self.asked
    }

    /// How the actor stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.standing
    }
}

fn row_of<I: Id>(record: &Record, id: I) -> Result<Arc<I::Entity>, Halt> {
    I::Entity::from_record(record).cloned().ok_or_else(|| not_found(id.key()).into())
}

fn typed<E: Entity>(records: &[Record]) -> Vec<Arc<E>> {
    records.iter().filter_map(E::from_record).cloned().collect()
}

fn not_found(key: Key) -> Error {
    Error::NotFound { resource: key.kind, id: key.id }
}

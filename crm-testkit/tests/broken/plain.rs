//! A store whose commits can be bent.
//!
//! Change sets are made by the engine alone, so a layer cannot change one on its way down. A [`Plain`] store keeps books
//! of its own and takes the [`Parts`] of a change set, which anybody may change.
//!
//! Invariant: without a bend it is a store like any other; the suite says so.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use crm_core::Event;
use crm_core::describe::{Id, Key, Kind, Record, Value};
use crm_core::draft::{
    ChangeSet, Expect, IdempotencyKey, Parts, ReadSet, Remember, Remembered, SetQuery, Snapshot, UniqueKey,
};
use crm_core::ledger::LedgerEntry;
use crm_core::store::{
    Answer, Capabilities, Commit, Conflict, Filter, ListQuery, Position, Question, Rows, Seat, Store,
    StoreError, Tenant, groups,
};
use crm_core::value::{CommandId, EventId, Precision, UserId, Uuid};

use crate::pause::pause;

/// What one organisation has.
#[derive(Clone, Debug, Default)]
pub(crate) struct House {
    pub(crate) rows: BTreeMap<Key, Record>,
    pub(crate) claims: BTreeMap<UniqueKey, Uuid>,
    pub(crate) ledger: BTreeMap<Key, Vec<LedgerEntry>>,
    pub(crate) events: Vec<Event>,
    pub(crate) remembered: BTreeMap<IdempotencyKey, Remembered>,
    pub(crate) commands: BTreeSet<CommandId>,
}

/// All organisations.
#[derive(Debug, Default)]
pub(crate) struct World(pub(crate) BTreeMap<Tenant, House>);

type Bend = Box<dyn Fn(&mut World, &Parts) -> Commit + Send + Sync>;

/// The store.
pub(crate) struct Plain {
    world: Mutex<World>,
    commit: Bend,
    /// Does it look away between its checks and its writes?
    torn: bool,
}

/// A store that commits as it is told here.
pub(crate) fn plain(commit: impl Fn(&mut World, &Parts) -> Commit + Send + Sync + 'static) -> Arc<dyn Store> {
    Arc::new(Plain { world: Mutex::default(), commit: Box::new(commit), torn: false })
}

/// A store that commits other parts than it was given.
pub(crate) fn parts(change: impl Fn(&mut Parts) + Send + Sync + 'static) -> Arc<dyn Store> {
    plain(move |world, parts| {
        let mut parts = parts.clone();
        change(&mut parts);
        world.commit(&parts)
    })
}

/// A store in which others can write between a commit's checks and its writes.
pub(crate) fn torn() -> Arc<dyn Store> {
    Arc::new(Plain { world: Mutex::default(), commit: Box::new(World::commit), torn: true })
}

impl World {
    pub(crate) fn house(&mut self, tenant: Tenant) -> &mut House {
        self.0.entry(tenant).or_default()
    }

    pub(crate) fn commit(&mut self, parts: &Parts) -> Commit {
        self.house(parts.tenant).commit(parts)
    }
}

impl House {
    pub(crate) fn commit(&mut self, parts: &Parts) -> Commit {
        let facts = self.conflicts(parts);
        if facts.is_empty() { self.write(parts) } else { Commit::Conflict(facts) }
    }

    pub(crate) fn set(&self, query: &SetQuery) -> Vec<Record> {
        self.rows.values().filter(|row| query.holds(row)).cloned().collect()
    }

    fn ids(&self, query: &SetQuery) -> BTreeSet<Uuid> {
        self.rows.values().filter(|row| query.holds(row)).map(Record::id).collect()
    }

    pub(crate) fn conflicts(&self, parts: &Parts) -> Vec<Conflict> {
        let rows = parts.expect.iter().filter_map(|(key, expect)| self.conflict(*key, *expect));
        let sets = parts.sets.iter().filter(|(set, seen)| self.ids(set) != **seen);
        let claims = parts.claims.iter().filter(|(key, claim)| self.claims.get(*key).copied() != claim.was);
        let answers = parts
            .remember
            .iter()
            .filter(|remember| self.remembered.get(&remember.key) != remember.replaces.as_ref());
        rows.chain(sets.map(|(set, _)| Conflict::Set(set.clone())))
            .chain(claims.map(|(key, _)| Conflict::Claim(key.clone())))
            .chain(answers.map(|_| Conflict::Idempotency))
            .collect()
    }

    fn conflict(&self, key: Key, expect: Expect) -> Option<Conflict> {
        match (expect, self.rows.get(&key)) {
            (Expect::Absent, None) => None,
            (Expect::Absent, Some(_)) => Some(Conflict::Exists(key)),
            (Expect::Present, Some(row)) if row.is_live() => None,
            (Expect::Version(version), Some(row)) if row.version() == version => None,
            (Expect::Version(_), Some(_)) => Some(Conflict::Version(key)),
            (Expect::Present | Expect::Version(_), _) => Some(Conflict::Gone(key)),
        }
    }

    /// Writes everything, whatever holds.
    pub(crate) fn write(&mut self, parts: &Parts) -> Commit {
        let Parts { tenant: _, command, expect: _, sets: _, claims, writes, ledger, events, remember } =
            parts;
        for (key, claim) in claims {
            match claim.now {
                Some(holder) => self.claims.insert(key.clone(), holder),
                None => self.claims.remove(key),
            };
        }
        self.rows.extend(writes.iter().map(|(key, row)| (*key, row.clone())));
        for entry in ledger {
            self.ledger.entry(entry.subject).or_default().push(entry.clone());
        }
        self.events.extend(events.iter().cloned());
        if let Some(Remember { key, replaces: _, entry }) = remember {
            self.remembered.insert(key.clone(), entry.clone());
        }
        self.commands.insert(*command);
        Commit::Applied
    }

    fn load(&self, want: &ReadSet) -> Snapshot {
        let remembered = want.idempotency.iter().map(|key| (key.clone(), self.remembered.get(key).cloned()));
        let referred = want.referred.iter().filter_map(|(key, field)| self.rows.get(key)?.referred(*field));
        let keys = want.keys.iter().chain(want.referred.iter().map(|(key, _)| key)).copied().chain(referred);
        Snapshot {
            rows: keys.map(|key| (key, self.rows.get(&key).cloned())).collect(),
            claims: want.claims.iter().map(|key| (key.clone(), self.claims.get(key).copied())).collect(),
            sets: want.sets.iter().map(|set| (set.clone(), self.set(set))).collect(),
            lists: Vec::new(),
            remembered: remembered.collect(),
            committed: want.command.iter().map(|id| (*id, self.commands.contains(id))).collect(),
        }
    }

    fn matching(&self, kind: Kind, visible: &Filter, filter: &Filter) -> impl Iterator<Item = &Record> {
        let find = |key: Key| self.rows.get(&key).cloned();
        let rows = self.rows.values().filter(move |row| row.kind() == kind);
        rows.filter(move |row| visible.matches(row, &find) && filter.matches(row, &find))
    }

    fn answer(&self, question: &Question) -> Answer {
        match question {
            Question::List(query) => {
                let rows = self.matching(query.kind, &query.visible, &query.filter);
                Answer::Rows(cut(rows.filter(|row| row.is_live()).cloned().collect(), query))
            }
            Question::Measure(measure) => {
                let rows = self.matching(measure.kind, &measure.visible, &measure.filter);
                Answer::Groups(groups(rows.filter(|row| row.is_live()), measure).unwrap())
            }
            Question::History(query) => {
                let rows = self.matching(query.kind, &query.visible, &query.filter);
                let entries = rows.filter_map(|row| self.ledger.get(&row.key())).flatten();
                let in_time = |entry: &&LedgerEntry| query.until.is_none_or(|until| entry.at <= until);
                Answer::Entries(entries.filter(in_time).cloned().collect())
            }
        }
    }
}

/// The window of a list over the rows that match.
pub(crate) fn cut(rows: Vec<Record>, query: &ListQuery) -> Rows {
    cut_by(rows, query, |row| query.order.position(row), |one, two| query.order.compare(one, two))
}

/// As [`cut`], in an order of one's own.
pub(crate) fn cut_by(
    mut rows: Vec<Record>,
    query: &ListQuery,
    place: impl Fn(&Record) -> Position,
    compare: impl Fn(&Position, &Position) -> Ordering,
) -> Rows {
    rows.sort_by(|one, two| compare(&place(one), &place(two)));
    let total = query.total.then_some(rows.len() as u64);
    if let Some(group) = query.per_group {
        let mut taken: BTreeMap<Value, u32> = BTreeMap::new();
        rows.retain(|row| {
            let taken = taken.entry(row.value(group.field)).or_default();
            *taken += 1;
            *taken <= group.most
        });
    }
    if let Some(after) = &query.window.after {
        rows.retain(|row| compare(&place(row), after).is_gt());
    }
    let skip = usize::try_from(query.window.skip).unwrap_or(usize::MAX).min(rows.len());
    let mut rows = rows.split_off(skip);
    let more = rows.len() > query.window.most as usize;
    rows.truncate(query.window.most as usize);
    Rows { rows, more, total }
}

impl fmt::Debug for Plain {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a plain store")
    }
}

impl Plain {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for Plain {
    fn capabilities(&self) -> Capabilities {
        Capabilities { time_precision: Precision::Micros, joins_transaction: false }
    }

    async fn load(&self, tenant: Tenant, want: &ReadSet) -> Result<Snapshot, StoreError> {
        Ok(self.world().house(tenant).load(want))
    }

    async fn commit(&self, changes: &ChangeSet) -> Result<Commit, StoreError> {
        let parts = changes.parts();
        if !self.torn {
            return Ok((self.commit)(&mut self.world(), parts));
        }
        let facts = self.world().house(parts.tenant).conflicts(parts);
        if !facts.is_empty() {
            return Ok(Commit::Conflict(facts));
        }
        pause().await;
        Ok(self.world().house(parts.tenant).write(parts))
    }

    async fn ask(&self, tenant: Tenant, questions: &[Question]) -> Result<Vec<Answer>, StoreError> {
        let mut world = self.world();
        let house = world.house(tenant);
        Ok(questions.iter().map(|question| house.answer(question)).collect())
    }

    async fn events(
        &self,
        tenant: Tenant,
        after: Option<EventId>,
        most: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let mut world = self.world();
        let events = &world.house(tenant).events;
        let place = after.and_then(|id| events.iter().position(|event| event.id == id));
        Ok(events.iter().skip(place.map_or(0, |at| at + 1)).take(most as usize).cloned().collect())
    }

    async fn seats(&self, user: UserId) -> Result<Vec<Seat>, StoreError> {
        let world = self.world();
        let seat = |(tenant, house): (&Tenant, &House)| {
            let Some(Record::Organization(organization)) = house.rows.get(&tenant.organization().key())
            else {
                return None;
            };
            let Some(Record::Membership(membership)) = house.rows.get(&user.key()) else { return None };
            let live = organization.deleted_at.is_none() && membership.deleted_at.is_none();
            live.then(|| Seat { organization: organization.clone(), membership: membership.clone() })
        };
        let mut seats: Vec<_> = world.0.iter().filter_map(seat).collect();
        seats.sort_by_key(|seat| (seat.membership.created_at, seat.organization.id));
        Ok(seats)
    }
}

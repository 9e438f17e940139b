//! A layer over the memory store that answers one verb otherwise.
//!
//! Invariant: what is not bent, the memory store answers.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use crm_core::Event;
use crm_core::describe::{Key, Kind, Record};
use crm_core::draft::{ChangeSet, ReadSet, SetQuery, Snapshot};
use crm_core::ledger::LedgerEntry;
use crm_core::store::{
    Answer, Commit, Filter, Group, HistoryQuery, ListQuery, Lookup, Measure, Question, Rows, Seat, Store,
    StoreError, Tenant, Window, groups,
};
use crm_core::value::{EventId, UserId};
use crm_store_memory::MemoryStore;
use crm_testkit::layer::{Layer, Over};
use crm_testkit::ready::now;

use crate::plain::cut;

/// The memory store under a bend, and all organisations that were ever written to.
pub(crate) struct Under<'a> {
    store: &'a dyn Store,
    pub(crate) tenants: Vec<Tenant>,
}

impl Under<'_> {
    pub(crate) fn load(&self, tenant: Tenant, want: &ReadSet) -> Snapshot {
        now(self.store.load(tenant, want)).unwrap()
    }

    pub(crate) fn commit(&self, changes: &ChangeSet) -> Commit {
        now(self.store.commit(changes)).unwrap()
    }

    pub(crate) fn ask(&self, tenant: Tenant, questions: &[Question]) -> Vec<Answer> {
        now(self.store.ask(tenant, questions)).unwrap()
    }

    pub(crate) fn one(&self, tenant: Tenant, question: &Question) -> Answer {
        self.ask(tenant, std::slice::from_ref(question)).remove(0)
    }

    pub(crate) fn list(&self, tenant: Tenant, query: &ListQuery) -> Rows {
        match self.one(tenant, &Question::List(query.clone())) {
            Answer::Rows(rows) => rows,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn groups(&self, tenant: Tenant, measure: &Measure) -> Vec<Group> {
        match self.one(tenant, &Question::Measure(measure.clone())) {
            Answer::Groups(groups) => groups,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn entries(&self, tenant: Tenant, query: &HistoryQuery) -> Vec<LedgerEntry> {
        match self.one(tenant, &Question::History(query.clone())) {
            Answer::Entries(entries) => entries,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn events(&self, tenant: Tenant, after: Option<EventId>, most: u32) -> Vec<Event> {
        now(self.store.events(tenant, after, most)).unwrap()
    }

    pub(crate) fn seats(&self, user: UserId) -> Vec<Seat> {
        now(self.store.seats(user)).unwrap()
    }

    pub(crate) fn row(&self, tenant: Tenant, key: Key) -> Option<Record> {
        self.load(tenant, &key.into()).rows.remove(&key).flatten()
    }

    pub(crate) fn set(&self, tenant: Tenant, query: &SetQuery) -> Vec<Record> {
        self.load(tenant, &ReadSet::new().with_set(query.clone())).sets.remove(query).unwrap_or_default()
    }

    /// Every row of a kind, the deleted ones or the live ones.
    pub(crate) fn all(&self, tenant: Tenant, kind: Kind, deleted: bool) -> Vec<Record> {
        self.set(tenant, &SetQuery { kind, equals: vec![], deleted })
    }

    /// Every row that a list is about, whatever its window.
    pub(crate) fn whole(&self, tenant: Tenant, query: &ListQuery) -> Vec<Record> {
        let window = Window { skip: 0, after: None, most: u32::MAX };
        self.list(tenant, &ListQuery { window, per_group: None, ..query.clone() }).rows
    }

    /// Every live row that a measure is about.
    pub(crate) fn measured(&self, tenant: Tenant, measure: &Measure) -> Vec<Record> {
        let find = |key| self.row(tenant, key);
        let Measure { kind, visible, filter, .. } = measure;
        let mut rows = self.all(tenant, *kind, false);
        rows.retain(|row| visible.matches(row, &find) && filter.matches(row, &find));
        rows
    }
}

type Load = Box<dyn Fn(&Under<'_>, Tenant, &ReadSet) -> Snapshot + Send + Sync>;
type Committing = Box<dyn Fn(&Under<'_>, &ChangeSet) -> Commit + Send + Sync>;
type Ask = Box<dyn Fn(&Under<'_>, Tenant, &[Question]) -> Vec<Answer> + Send + Sync>;
type Events = Box<dyn Fn(&Under<'_>, Tenant, Option<EventId>, u32) -> Vec<Event> + Send + Sync>;
type Seats = Box<dyn Fn(&Under<'_>, UserId) -> Vec<Seat> + Send + Sync>;

/// What is answered otherwise.
#[derive(Default)]
pub(crate) struct Bent {
    tenants: Mutex<BTreeSet<Tenant>>,
    load: Option<Load>,
    commit: Option<Committing>,
    ask: Option<Ask>,
    events: Option<Events>,
    seats: Option<Seats>,
}

/// What a store thinks of a condition; `None` if nothing else than it should.
pub(crate) type Opinion = fn(&Filter, &Record) -> Option<bool>;

impl Bent {
    pub(crate) fn load(
        self,
        bend: impl Fn(&Under<'_>, Tenant, &ReadSet) -> Snapshot + Send + Sync + 'static,
    ) -> Self {
        Self { load: Some(Box::new(bend)), ..self }
    }

    /// A load that is changed on its way out.
    pub(crate) fn loaded(self, bend: impl Fn(&mut Snapshot) + Send + Sync + 'static) -> Self {
        self.load(move |under, tenant, want| {
            let mut snapshot = under.load(tenant, want);
            bend(&mut snapshot);
            snapshot
        })
    }

    pub(crate) fn commit(
        self,
        bend: impl Fn(&Under<'_>, &ChangeSet) -> Commit + Send + Sync + 'static,
    ) -> Self {
        Self { commit: Some(Box::new(bend)), ..self }
    }

    pub(crate) fn ask(
        self,
        bend: impl Fn(&Under<'_>, Tenant, &[Question]) -> Vec<Answer> + Send + Sync + 'static,
    ) -> Self {
        Self { ask: Some(Box::new(bend)), ..self }
    }

    pub(crate) fn answers(
        self,
        bend: impl Fn(&Under<'_>, Tenant, &Question) -> Answer + Send + Sync + 'static,
    ) -> Self {
        self.ask(move |under, tenant, questions| {
            questions.iter().map(|question| bend(under, tenant, question)).collect()
        })
    }

    pub(crate) fn lists(
        self,
        bend: impl Fn(&Under<'_>, Tenant, &ListQuery) -> Rows + Send + Sync + 'static,
    ) -> Self {
        self.answers(move |under, tenant, question| match question {
            Question::List(query) => Answer::Rows(bend(under, tenant, query)),
            other => under.one(tenant, other),
        })
    }

    pub(crate) fn measures(
        self,
        bend: impl Fn(&Under<'_>, Tenant, &Measure) -> Vec<Group> + Send + Sync + 'static,
    ) -> Self {
        self.answers(move |under, tenant, question| match question {
            Question::Measure(measure) => Answer::Groups(bend(under, tenant, measure)),
            other => under.one(tenant, other),
        })
    }

    pub(crate) fn histories(
        self,
        bend: impl Fn(&Under<'_>, Tenant, &HistoryQuery) -> Vec<LedgerEntry> + Send + Sync + 'static,
    ) -> Self {
        self.answers(move |under, tenant, question| match question {
            Question::History(query) => Answer::Entries(bend(under, tenant, query)),
            other => under.one(tenant, other),
        })
    }

    /// Lists and measures under filters that mean something else.
    pub(crate) fn filters(self, opinion: Opinion) -> Self {
        self.answers(move |under, tenant, question| {
            let find = |key| under.row(tenant, key);
            let rows = |kind, visible: &Filter, filter: &Filter| {
                let mut rows = under.all(tenant, kind, false);
                rows.retain(|row| {
                    matches(visible, row, &find, opinion) && matches(filter, row, &find, opinion)
                });
                rows
            };
            match question {
                Question::List(query) => {
                    Answer::Rows(cut(rows(query.kind, &query.visible, &query.filter), query))
                }
                Question::Measure(measure) => {
                    let rows = rows(measure.kind, &measure.visible, &measure.filter);
                    Answer::Groups(groups(rows.iter(), measure).unwrap())
                }
                other @ Question::History(_) => under.one(tenant, other),
            }
        })
    }

    pub(crate) fn events(
        self,
        bend: impl Fn(&Under<'_>, Tenant, Option<EventId>, u32) -> Vec<Event> + Send + Sync + 'static,
    ) -> Self {
        Self { events: Some(Box::new(bend)), ..self }
    }

    pub(crate) fn seats(
        self,
        bend: impl Fn(&Under<'_>, UserId) -> Vec<Seat> + Send + Sync + 'static,
    ) -> Self {
        Self { seats: Some(Box::new(bend)), ..self }
    }

    /// Over an empty memory store.
    pub(crate) fn store(self) -> Arc<dyn Store> {
        Arc::new(Over::new(self, Arc::new(MemoryStore::new())))
    }

    fn under<'a>(&self, store: &'a dyn Store) -> Under<'a> {
        let tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        Under { store, tenants: tenants.iter().copied().collect() }
    }
}

/// As [`Filter::matches`], where nobody has another opinion.
fn matches(filter: &Filter, row: &Record, find: Lookup<'_>, opinion: Opinion) -> bool {
    if let Some(answer) = opinion(filter, row) {
        return answer;
    }
    match filter {
        Filter::Every(all) => all.iter().all(|one| matches(one, row, find, opinion)),
        Filter::Any(any) => any.iter().any(|one| matches(one, row, find, opinion)),
        other => other.matches(row, find),
    }
}

/// A store with one bend.
pub(crate) fn bent() -> Bent {
    Bent::default()
}

impl fmt::Debug for Bent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a bent store")
    }
}

#[async_trait]
impl Layer for Bent {
    async fn load(&self, under: &dyn Store, tenant: Tenant, want: &ReadSet) -> Result<Snapshot, StoreError> {
        match &self.load {
            Some(bend) => Ok(bend(&self.under(under), tenant, want)),
            None => under.load(tenant, want).await,
        }
    }

    async fn commit(&self, under: &dyn Store, changes: &ChangeSet) -> Result<Commit, StoreError> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner).insert(changes.parts().tenant);
        match &self.commit {
            Some(bend) => Ok(bend(&self.under(under), changes)),
            None => under.commit(changes).await,
        }
    }

    async fn ask(
        &self,
        under: &dyn Store,
        tenant: Tenant,
        questions: &[Question],
    ) -> Result<Vec<Answer>, StoreError> {
        match &self.ask {
            Some(bend) => Ok(bend(&self.under(under), tenant, questions)),
            None => under.ask(tenant, questions).await,
        }
    }

    async fn events(
        &self,
        under: &dyn Store,
        tenant: Tenant,
        after: Option<EventId>,
        most: u32,
    ) -> Result<Vec<Event>, StoreError> {
        match &self.events {
            Some(bend) => Ok(bend(&self.under(under), tenant, after, most)),
            None => under.events(tenant, after, most).await,
        }
    }

    async fn seats(&self, under: &dyn Store, user: UserId) -> Result<Vec<Seat>, StoreError> {
        match &self.seats {
            Some(bend) => Ok(bend(&self.under(under), user)),
            None => under.seats(user).await,
        }
    }
}

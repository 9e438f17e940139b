//! One organisation over the store under test, and a book of everything that was written to it.
//!
//! The book is filled from the change sets, never from the store, so what the store answers is held against what it was
//! given. Its lists and measures are the engine's own definitions of them.
//!
//! Invariant: only an applied commit is entered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crm_core::access::Actor;
use crm_core::clock::ManualClock;
use crm_core::command::Command;
use crm_core::describe::{CREATED_AT, FieldId, Key, Kind, Record, Value};
use crm_core::draft::{ChangeSet, Parts, ReadSet, SetQuery, Snapshot, UniqueKey};
use crm_core::ledger::{FieldChange, LedgerEntry};
use crm_core::seed::SeededIds;
use crm_core::store::{
    Answer, Answers, Commit, Filter, Group, HistoryQuery, ListQuery, Measure, Order, Question, Rows, Store,
    Tenant, Window, groups,
};
use crm_core::value::{CommandId, OrganizationId, PipelineId, UserId, Uuid, normal};
use crm_core::{AddMember, CreateOrganization, Crm, Event, Import, Profile, RowOutcome, Session};
use serde_json::{Value as Json, json};

use super::filling::{self, Style};
use crate::ask;
use crate::capture::Capture;

/// The general preset, with everything unique that can be, and with room for large amounts.
const PROFILE: &str = r#"{
    "extends": "general", "name": "conformance",
    "unique": ["contact.email", "contact.phone", "pipeline.name"],
    "money": { "integer_digits": 20, "decimals": 2, "excess": "refuse", "zero": true },
    "leads": { "duplicates": "allow", "stages": { "initial": "new", "free": true, "states": [
        { "name": "new", "kind": "new" }, { "name": "won", "kind": "won" } ] } },
    "marketing": { "platforms": ["site"], "statuses": ["active"] },
    "inventory": { "categories": ["flat"], "hold_hours": 72, "hold_hours_most": 336, "extensions": 1 },
    "contracts": { "number_prefix": "C-", "number_digits": 4, "plans": ["full"], "methods": ["cash"], "categories": ["other"],
        "expenses": { "initial": "draft", "states": [
            { "name": "draft", "kind": "open", "to": ["paid"] }, { "name": "paid", "kind": "paid" } ] } },
    "attendance": { "statuses": ["present"] },
    "integrations": { "systems": ["other"] },
    "notifications": { "channels": ["email"] }
}"#;

/// When every scene begins.
pub(super) const BEGIN: &str = "2026-03-02T09:00:00.123456Z";

/// Everything that was written.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) rows: BTreeMap<Key, Record>,
    pub(super) ledger: BTreeMap<Key, Vec<LedgerEntry>>,
    pub(super) events: Vec<Event>,
    pub(super) commands: Vec<CommandId>,
}

impl Book {
    fn enter(&mut self, changes: &ChangeSet) {
        let Parts { command, writes, ledger, events, .. } = changes.parts();
        self.rows.extend(writes.iter().map(|(key, record)| (*key, record.clone())));
        for entry in ledger {
            self.ledger.entry(entry.subject).or_default().push(entry.clone());
        }
        self.events.extend(events.iter().cloned());
        self.commands.push(*command);
    }

    /// The rows of a kind that match both, deleted ones too.
    fn matching(&self, kind: Kind, visible: &Filter, filter: &Filter) -> Vec<Record> {
        let find = |key: Key| self.rows.get(&key).cloned();
        let rows = self.rows.values().filter(|row| row.kind() == kind);
        let seen = rows.filter(|row| visible.matches(row, &find) && filter.matches(row, &find));
        seen.cloned().collect()
    }

    fn live(&self, kind: Kind, visible: &Filter, filter: &Filter) -> Vec<Record> {
        self.matching(kind, visible, filter).into_iter().filter(Record::is_live).collect()
    }

    /// What any question must be answered.
    pub(super) fn answer(&self, question: &Question) -> Answer {
        match question {
            Question::List(query) => Answer::Rows(self.list(query)),
            Question::Measure(measure) => Answer::Groups(self.measure(measure)),
            Question::History(query) => Answer::Entries(self.history(query)),
        }
    }

    /// What a history must answer.
    pub(super) fn history(&self, query: &HistoryQuery) -> Vec<LedgerEntry> {
        let rows = self.matching(query.kind, &query.visible, &query.filter);
        let entries = rows.iter().filter_map(|row| self.ledger.get(&row.key())).flatten();
        entries.filter(|entry| query.until.is_none_or(|until| entry.at <= until)).cloned().collect()
    }

    /// What a list must answer.
    pub(super) fn list(&self, query: &ListQuery) -> Rows {
        let order = query.order;
        let mut rows = self.live(query.kind, &query.visible, &query.filter);
        rows.sort_by(|left, right| order.compare(&order.position(left), &order.position(right)));
        let total = query.total.then_some(rows.len() as u64);
        if let Some(per_group) = query.per_group {
            let mut taken: BTreeMap<Value, u32> = BTreeMap::new();
            rows.retain(|row| {
                let taken = taken.entry(row.value(per_group.field)).or_default();
                *taken += 1;
                *taken <= per_group.most
            });
        }
        if let Some(after) = &query.window.after {
            rows.retain(|row| order.compare(&order.position(row), after).is_gt());
        }
        let skip = usize::try_from(query.window.skip).unwrap_or(usize::MAX).min(rows.len());
        let mut rows = rows.split_off(skip);
        let most = query.window.most as usize;
        let more = rows.len() > most;
        rows.truncate(most);
        Rows { rows, more, total }
    }

    /// What a measure must answer.
    pub(super) fn measure(&self, measure: &Measure) -> Vec<Group> {
        let rows = self.live(measure.kind, &measure.visible, &measure.filter);
        groups(rows.iter(), measure).expect("sums that fit")
    }
}

/// An organisation in the store under test.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) store: Arc<dyn Store>,
    pub(super) crm: Crm,
    pub(super) clock: Arc<ManualClock>,
    pub(super) organization: OrganizationId,
    pub(super) owner: UserId,
    pub(super) pipeline: PipelineId,
    book: Mutex<Book>,
}

impl Scene {
    /// Founds the first organisation.
    pub(super) async fn open(store: Arc<dyn Store>) -> Self {
        Self::open_as(store, 1).await
    }

    /// Founds an organisation with a number of its own. The founder is the same user in all of them.
    pub(super) async fn open_as(store: Arc<dyn Store>, number: u128) -> Self {
        let profile = Profile::from_json(PROFILE).expect("the suite's profile is sound");
        let clock = Arc::new(ManualClock::at(BEGIN.parse().expect("a time")));
        let ids = Arc::new(SeededIds::from_seed(u64::try_from(number).expect("small")));
        let capture = Arc::new(Capture::before(store.clone()));
        let make = |store: Arc<dyn Store>| {
            Crm::new(store, profile.clone()).with_clock(clock.clone()).with_ids(ids.clone())
        };
        let organization = OrganizationId::from_uuid(id(0xA000 + number));
        let founded = make(capture.clone())
            .register(user(1), CreateOrganization::with_id(organization).name("House"))
            .await
            .expect("an organisation can be founded in an empty store");
        let scene = Self {
            crm: make(store.clone()),
            store,
            clock: clock.clone(),
            organization,
            owner: user(1),
            pipeline: founded.pipelines.first().map(|row| row.id).expect("the profile has a pipeline"),
            book: Mutex::default(),
        };
        scene.applied(&capture.take().expect("founding writes")).await;
        scene
    }

    pub(super) fn tenant(&self) -> Tenant {
        Tenant::of(self.organization)
    }

    pub(super) fn session(&self) -> Session<'_> {
        self.crm.act(self.organization, self.owner)
    }

    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides a command, and writes nothing.
    pub(super) async fn decide<C: Command>(&self, command: C) -> ChangeSet {
        self.decide_as(self.owner, command).await
    }

    /// Decides a command of somebody else.
    pub(super) async fn decide_as<C: Command>(&self, actor: impl Into<Actor>, command: C) -> ChangeSet {
        let plan = self.crm.act(self.organization, actor).plan(&command).await.expect("the store answers");
        if let Err(refused) = plan.verdict() {
            panic!("{command:?} is refused: {refused}");
        }
        plan.change_set().cloned().expect("a plan that is possible has a change set")
    }

    /// Decides a command under an idempotency key, and writes nothing.
    pub(super) async fn decide_keyed<C: Command>(
        &self,
        actor: impl Into<Actor>,
        command: C,
        key: &str,
    ) -> ChangeSet {
        let capture = Capture::before(self.store.clone());
        let session = self.crm.act_on(&capture, self.organization, actor);
        session.apply(command).with_key(key).await.expect("the command is possible");
        capture.take().expect("the command was not answered from memory")
    }

    /// Commits, and keeps the book.
    pub(super) async fn commit(&self, changes: &ChangeSet) -> Commit {
        let outcome = self.store.commit(changes).await.expect("the store commits");
        if outcome == Commit::Applied {
            self.book().enter(changes);
        }
        outcome
    }

    /// Commits what nothing stands against.
    pub(super) async fn applied(&self, changes: &ChangeSet) {
        assert_eq!(self.commit(changes).await, Commit::Applied, "nothing stands against this commit");
    }

    /// Commits what must be refused; `true` if one of the facts was named by the store.
    pub(super) async fn refused(&self, changes: &ChangeSet) -> Vec<crm_core::store::Conflict> {
        match self.commit(changes).await {
            Commit::Applied => panic!("a commit was applied although a fact that it rests on no longer held"),
            Commit::Conflict(facts) => facts,
        }
    }

    /// Applies a command, in two steps.
    pub(super) async fn write<C: Command>(&self, command: C) -> C::Output {
        self.write_as(self.owner, command).await
    }

    /// Applies a command of somebody else.
    pub(super) async fn write_as<C: Command>(&self, actor: impl Into<Actor>, command: C) -> C::Output {
        let session = self.crm.act(self.organization, actor);
        let plan = session.plan(&command).await.expect("the store answers");
        let changes = plan.change_set().cloned();
        match session.carry_out(plan).await {
            Ok(output) => {
                if let Some(changes) = changes.filter(|changes| !changes.is_empty()) {
                    self.book().enter(&changes);
                }
                output
            }
            Err(error) => panic!("{command:?} failed: {error}"),
        }
    }

    /// Brings rows in; all of them.
    pub(super) async fn import(&self, rows: Vec<Json>) {
        let count = rows.len();
        let report = self.write(Import { rows }).await;
        assert_eq!(report.imported(), count, "{:?}", report.rejected().collect::<Vec<_>>());
    }

    /// Brings in rows of every kind, as they are filled in every style. A module's rules may refuse some of its rows; every
    /// kind has some.
    pub(super) async fn fill(&self) {
        let precision = self.store.capabilities().time_precision;
        for style in Style::ALL {
            let kinds = Kind::ALL.iter().filter(|kind| **kind != Kind::Organization);
            let rows = kinds.clone().map(|kind| filling::row(*kind, style, precision)).collect();
            let report = self.write(Import { rows }).await;
            for (kind, row) in kinds.zip(&report.rows) {
                let taken = matches!(row.outcome, RowOutcome::Imported);
                assert!(taken || kind.module().is_some(), "{kind}: {row:?}");
            }
        }
        let there: BTreeSet<Kind> = self.book().rows.keys().map(|key| key.kind).collect();
        let missing: Vec<_> = Kind::ALL.iter().filter(|kind| !there.contains(kind)).collect();
        assert!(missing.is_empty(), "no row of {missing:?} was taken");
    }

    /// Adds a member.
    pub(super) async fn member(&self, number: u128, role: &str) -> UserId {
        self.write(AddMember::with_id(user(number)).role(role)).await;
        user(number)
    }

    pub(super) async fn load(&self, want: &ReadSet) -> Snapshot {
        let snapshot = self.store.load(self.tenant(), want).await.expect("the store loads");
        assert!(snapshot.answers(want), "a load answers everything that was asked");
        snapshot
    }

    /// One row as the store has it.
    pub(super) async fn row(&self, key: Key) -> Option<Record> {
        self.load(&key.into()).await.rows.remove(&key).flatten()
    }

    /// The rows of a set as the store has them.
    pub(super) async fn set(&self, query: &SetQuery) -> Vec<Record> {
        let want = ReadSet::new().with_set(query.clone());
        self.load(&want).await.sets.remove(query).unwrap_or_default()
    }

    /// Who holds a unique key.
    pub(super) async fn holder(&self, key: &UniqueKey) -> Option<Uuid> {
        let want = ReadSet { claims: [key.clone()].into(), ..ReadSet::new() };
        self.load(&want).await.claims.remove(key).flatten()
    }

    pub(super) async fn is_committed(&self, command: CommandId) -> bool {
        let want = ReadSet { command: Some(command), ..ReadSet::new() };
        self.load(&want).await.committed.get(&command) == Some(&true)
    }

    /// Asks one question.
    async fn ask(&self, question: Question) -> Answers {
        ask::one(&*self.store, self.tenant(), question).await.expect("the store answers")
    }

    pub(super) async fn list(&self, query: &ListQuery) -> Rows {
        self.ask(Question::List(query.clone())).await.rows().expect("a list")
    }

    pub(super) async fn measure(&self, measure: &Measure) -> Vec<Group> {
        self.ask(Question::Measure(measure.clone())).await.groups().expect("a measure")
    }

    /// The ledger of one record.
    pub(super) async fn history(&self, subject: Key) -> Vec<LedgerEntry> {
        ask::history(&*self.store, self.tenant(), subject).await.expect("the store has a ledger")
    }

    pub(super) async fn events(&self) -> Vec<Event> {
        self.store.events(self.tenant(), None, u32::MAX).await.expect("the store has an outbox")
    }

    /// Every question must be answered as the book says, when all are asked at once; the answers.
    pub(super) async fn check(&self, questions: &[Question]) -> Answers {
        let wanted: Vec<_> = questions.iter().map(|question| self.book().answer(question)).collect();
        let found = self.store.ask(self.tenant(), questions).await.expect("the store answers");
        assert_eq!(found.len(), wanted.len(), "one answer for each question");
        for ((found, wanted), question) in found.iter().zip(&wanted).zip(questions) {
            agree(found, wanted, question);
        }
        Answers::new(found)
    }

    /// A list must be what the book says; what it is.
    pub(super) async fn check_list(&self, query: &ListQuery) -> Rows {
        self.check(&[Question::List(query.clone())]).await.rows().expect("a list")
    }

    /// A measure must be what the book says; what it is.
    pub(super) async fn check_measure(&self, measure: &Measure) -> Vec<Group> {
        self.check(&[Question::Measure(measure.clone())]).await.groups().expect("a measure")
    }

    /// The whole store must be what the book says: rows, ledger, outbox.
    pub(super) async fn check_all(&self) {
        let keys: BTreeSet<Key> = self.book().rows.keys().copied().collect();
        let snapshot = self.load(&ReadSet { keys: keys.clone(), ..ReadSet::new() }).await;
        for (key, wanted) in &self.book().rows {
            match snapshot.rows.get(key) {
                Some(Some(found)) => same(found, wanted),
                other => panic!("{key} was written and is not there: {other:?}"),
            }
        }
        let mut ids: BTreeMap<Kind, BTreeSet<Uuid>> = BTreeMap::new();
        for key in keys {
            ids.entry(key.kind).or_default().insert(key.id);
        }
        let ledger = |(kind, ids)| {
            let (visible, filter) = (Filter::All, Filter::Ids(ids));
            Question::History(HistoryQuery { kind, visible, filter, until: None })
        };
        self.check(&ids.into_iter().map(ledger).collect::<Vec<_>>()).await;
        let found = self.events().await;
        assert_eq!(found, self.book().events, "the outbox");
    }
}

/// An answer is what the book says, down to the written form of every value.
fn agree(found: &Answer, wanted: &Answer, question: &Question) {
    match (found, wanted) {
        (Answer::Rows(found), Answer::Rows(wanted)) => {
            let ids = |rows: &Rows| rows.rows.iter().map(Record::id).collect::<Vec<_>>();
            assert_eq!(ids(found), ids(wanted), "rows of {question:?}");
            found.rows.iter().zip(&wanted.rows).for_each(|(found, wanted)| same(found, wanted));
            assert_eq!((found.more, found.total), (wanted.more, wanted.total), "ends of {question:?}");
        }
        (Answer::Entries(found), Answer::Entries(wanted)) => {
            assert_eq!(found, wanted, "{question:?}");
            found.iter().zip(wanted).for_each(|(found, wanted)| same_fields(found, wanted));
        }
        _ => assert_eq!(found, wanted, "{question:?}"),
    }
}

/// Two records are the same in every field, down to the scale of decimals.
pub(super) fn same(found: &Record, wanted: &Record) {
    assert_eq!(found.key(), wanted.key());
    assert_eq!(found.version(), wanted.version(), "the version of {}", wanted.key());
    let values = found.values().into_iter().zip(wanted.values());
    for (field, (found, wanted)) in wanted.kind().fields().iter().zip(values) {
        assert_eq!(found, wanted, "the field `{}`", field.name);
        assert_eq!(found.to_json(), wanted.to_json(), "the written form of `{}`", field.name);
    }
}

/// The values of two entries are written the same, down to the scale of decimals.
fn same_fields(found: &LedgerEntry, wanted: &LedgerEntry) {
    for (found, wanted) in found.fields.iter().zip(&wanted.fields) {
        let written = |change: &FieldChange| (change.before.to_json(), change.after.to_json());
        assert_eq!(written(found), written(wanted), "the written form of `{}`", wanted.field);
    }
}

/// The id with this number.
pub(super) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// The user with this number.
pub(super) fn user(number: u128) -> UserId {
    UserId::from_uuid(id(0xF000 + number))
}

/// The key with this number.
pub(super) fn key(kind: Kind, number: u128) -> Key {
    Key { kind, id: id(number) }
}

/// A field by its name.
pub(super) fn field(kind: Kind, name: &str) -> FieldId {
    kind.field(name).map(|(field, _)| field).expect("a field of this name")
}

/// A unique key by the field's name.
pub(super) fn unique(kind: Kind, name: &str, value: &str) -> UniqueKey {
    UniqueKey { kind, field: field(kind, name), value: normal(value).into() }
}

/// A whole list of a kind, the oldest first.
pub(super) fn all(kind: Kind) -> ListQuery {
    ListQuery {
        kind,
        visible: Filter::All,
        filter: Filter::All,
        order: Order { field: CREATED_AT, descending: false },
        window: Window { skip: 0, after: None, most: 1_000 },
        per_group: None,
        total: true,
    }
}

/// The ids of rows, as numbers.
pub(super) fn numbers(rows: &Rows) -> Vec<u128> {
    rows.rows.iter().map(|row| row.id().as_u128()).collect()
}

/// A contact to bring in.
pub(super) fn contact(number: u128, name: &str) -> Json {
    json!({ "record": "contact", "id": id(number), "kind": "person", "name": name })
}

/// A deal to bring in.
pub(super) fn deal(number: u128, title: &str) -> Json {
    json!({ "record": "deal", "id": id(number), "title": title, "status": "open", "currency": "USD" })
}

/// A row with one more field.
pub(super) fn with(mut row: Json, field: &str, value: impl Into<Json>) -> Json {
    if let Some(object) = row.as_object_mut() {
        object.insert(field.to_owned(), value.into());
    }
    row
}

//! What must hold of every sequence.
//!
//! - **Twin tenant:** beside an organisation with identical ids in every table, a sequence has the same answers and
//!   leaves the same rows as alone, and does not touch the twin.
//! - **Hints change nothing**, and neither does asking twice: the same answers and rows without hints, and again.
//! - **A plan writes nothing**, says what applying says, and carried out writes the same.
//! - **A refused command leaves no trace**, and who is nobody here writes nothing.
//! - **Every write has its expectation**, one ledger entry with the value really replaced, and one event.
//! - **No sequence leaves the machines**: each change of a status in the ledger is a move of the profile.
//! - **History is exact:** each record, rebuilt from its ledger, is as it was read then.
//!
//! Invariant: the harness compares whole answers and whole exports, never a selection of them.
#![expect(clippy::panic, clippy::expect_used, reason = "it is how a test fails")]

use std::collections::BTreeMap;
use std::sync::Arc;

use crm_core::Session;
use crm_core::describe::{Key, Kind, Record, Value};
use crm_core::draft::{ChangeSet, Expect, Parts, ReadSet, SetQuery};
use crm_core::ledger::{Change, as_of, differences};
use crm_core::store::{Store, Tenant};
use crm_core::value::{Instant, OrganizationId, Uuid, Word};
use crm_store_memory::MemoryStore;
use serde_json::Value as Json;

use super::registry::{Answer, How};
use super::world::{HOME, TWIN};
use super::{Build, Step, Who, World, of_modules, queries, run};
use crate::ask;
use crate::auditor::{Rows, rows_of, violations, wrong_moves};
use crate::ready::now;

/// How much was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Commands run in the organisation.
    pub commands: u64,
    /// Of these, how many were refused.
    pub refused: u64,
    /// Queries.
    pub queries: u64,
}

/// One run of a sequence over a world.
struct Run {
    store: Arc<MemoryStore>,
    world: World,
}

impl Run {
    fn over(build: Build, organizations: &[u128]) -> Self {
        let store = Arc::new(MemoryStore::new());
        let shared: Arc<dyn Store> = store.clone();
        let world = World::build(&shared, build, organizations);
        Self { store, world }
    }

    fn session(&self, step: &Step) -> Session<'_> {
        self.world.crm.act(self.world.home, step.who.actor())
    }

    /// Is the actor somebody who must be refused everything? Who was removed may have come back, and what is granted to
    /// everybody is granted to strangers too.
    fn is_nobody(&self, step: &Step) -> bool {
        let granted = &self.world.crm.profile().spec().actors.anonymous;
        if step.who == Who::Anonymous && !granted.is_empty() {
            return false;
        }
        let actor = step.who.actor();
        let seat = actor.person().map(|user| Key { kind: Kind::Membership, id: user.into() });
        let seat = seat.and_then(|key| load(self, key));
        match seat {
            Some(Record::Membership(seat)) => seat.deleted_at.is_some() || !seat.active,
            _ => step.who.is_nobody(),
        }
    }

    fn rows(&self) -> Rows {
        rows_of(&*self.store, self.world.home)
    }

    /// The rows as they are now, which must be as the documents want them, also as what became of these.
    fn audited(&self, before: &Rows, step: &Step) -> Rows {
        let (spec, rows) = (self.world.crm.profile().spec(), self.rows());
        let mut found = violations(spec, &rows);
        found.extend(wrong_moves(spec, before, &rows));
        assert!(found.is_empty(), "after {step:?}: {found:#?}");
        rows
    }

    fn apply(&self, step: &Step) -> Answer {
        run(&self.session(step), step, How::Apply)
    }

    /// Everything that the store holds, as text.
    fn text(&self) -> String {
        self.store.export().expect("an export")
    }

    /// Everything that the store holds of an organisation.
    fn dump(&self, organization: u128) -> Json {
        let whole: Json = serde_json::from_str(&self.text()).expect("JSON");
        let id = OrganizationId::from_uuid(Uuid::from_u128(organization)).to_string();
        whole.get("organizations").and_then(|all| all.get(&id)).cloned().unwrap_or_default()
    }
}

/// Runs a sequence in every way that must come to the same.
///
/// # Panics
/// It does not; the message tells the story.
#[must_use]
pub fn check(preset: &'static str, steps: &[Step]) -> Checked {
    let build = Build { preset, hints: true };
    let (alone, beside) = (Run::over(build, &[HOME]), Run::over(build, &[TWIN, HOME]));
    let unhinted = Run::over(Build { hints: false, ..build }, &[HOME]);
    let planned = Run::over(build, &[HOME]);
    let twin = beside.dump(TWIN);
    let mut checked = Checked::default();
    let mut seen = BTreeMap::new();
    let mut rows = alone.rows();
    for step in steps {
        for each in [&alone, &beside, &unhinted, &planned] {
            each.world.clock.advance_hours(1);
        }
        let before = alone.text();
        let nobody = alone.is_nobody(step);
        let plan = run(&alone.session(step), step, How::Plan);
        for other in [&beside, &unhinted] {
            assert_eq!(run(&other.session(step), step, How::Plan), plan, "planned again: {step:?}");
        }
        assert!(alone.text() == before, "a plan wrote: {step:?}");
        let answer = alone.apply(step);
        assert_eq!(beside.apply(step), answer, "beside a twin: {step:?}");
        assert_eq!(unhinted.apply(step), answer, "without hints: {step:?}");
        if nobody {
            assert!(answer.is_err(), "nobody may: {step:?}");
        }
        if answer.is_err() {
            assert!(alone.text() == before, "a refused command left a trace: {step:?}");
            checked.refused += 1;
        }
        let asked = [queries(&alone.session(step)), of_modules(&alone.session(step))].concat();
        let found = [queries(&beside.session(step)), of_modules(&beside.session(step))].concat();
        assert_eq!(asked, found, "queries beside a twin after {step:?}");
        rows = alone.audited(&rows, step);
        follow_plan(&planned, step, &plan, &answer);
        remember(&alone, &mut seen);
        checked.commands += 1;
        checked.queries += asked.len() as u64;
    }
    same(&beside.dump(TWIN), &twin, &format!("the twin was touched by {steps:#?}"));
    same(&beside.dump(HOME), &alone.dump(HOME), &format!("beside a twin: {steps:#?}"));
    same(&unhinted.dump(HOME), &alone.dump(HOME), &format!("without hints: {steps:#?}"));
    check_history(&alone, &seen);
    checked
}

/// Two exports are the same; the message names the first difference only.
fn same(left: &Json, right: &Json, what: &str) {
    if let Some(difference) = difference(left, right) {
        panic!("{what}\nfirst difference: {difference}");
    }
}

fn difference(left: &Json, right: &Json) -> Option<String> {
    let within = |at: String| move |inner: String| format!("{at}.{inner}");
    match (left, right) {
        (Json::Object(left), Json::Object(right)) if left.len() == right.len() => {
            left.iter().find_map(|(key, one)| {
                let other = right.get(key).unwrap_or(&Json::Null);
                difference(one, other).map(within(key.clone()))
            })
        }
        (Json::Array(left), Json::Array(right)) if left.len() == right.len() => {
            let pairs = left.iter().zip(right).enumerate();
            pairs
                .into_iter()
                .find_map(|(at, (one, other))| difference(one, other).map(within(at.to_string())))
        }
        _ if left == right => None,
        _ => Some(format!(" {left} is not {right}")),
    }
}

/// Where a step has no key and no version, its plan says what applying says, and carrying it out answers the same.
fn follow_plan(planned: &Run, step: &Step, plan: &Answer, answer: &Answer) {
    if step.key.is_some() || step.version.is_some() {
        let _ = run(&planned.session(step), step, How::Apply);
        return;
    }
    assert_eq!(plan.is_ok(), answer.is_ok(), "a plan is no promise: {step:?}: {plan:?}, {answer:?}");
    let carried = run(&planned.session(step), step, How::CarryOut);
    assert_eq!(carried.is_ok(), answer.is_ok(), "carried out: {step:?}");
    if let (Err(one), Err(two)) = (&carried, answer) {
        assert_eq!(one.0, two.0, "carried out: {step:?}");
    }
}

/// What every change set must be like, held against the rows that it replaces.
pub(super) fn inspect(session: &Session<'_>, step: &Step, changes: Option<&ChangeSet>) {
    let Some(changes) = changes else { return };
    let Parts { tenant: _, command, expect, sets: _, claims: _, writes, ledger, events, remember: _ } =
        changes.parts();
    let written: Vec<Key> = writes.keys().copied().collect();
    let entered: Vec<Key> = ledger.iter().map(|entry| entry.subject).collect();
    assert_eq!(written, entered, "one ledger entry a write, in order: {step:?}");
    assert!(events.len() >= writes.len(), "an event a write: {step:?}");
    for (entry, record) in ledger.iter().zip(writes.values()) {
        assert_eq!((entry.version, entry.command), (record.version(), *command), "{step:?}");
        let replaced = match expect.get(&record.key()) {
            Some(Expect::Absent) => None,
            Some(Expect::Version(version)) => Some(*version),
            other => panic!("a write without its expectation: {other:?}: {step:?}"),
        };
        assert_eq!(record.version(), replaced.unwrap_or(0) + 1, "{step:?}");
        assert_eq!(entry.change == Change::Created, replaced.is_none(), "{step:?}");
        assert_eq!(entry.actor, *session.actor(), "the actor is the session's: {step:?}");
    }
}

/// Every record as it is read now, with the time.
fn remember(run: &Run, seen: &mut BTreeMap<Key, Vec<(Instant, Record)>>) {
    let at = crm_core::clock::Clock::now(run.world.clock.as_ref());
    let mut want = ReadSet::new();
    // Of what is secret the ledger knows that it changed, and not to what.
    let told = |kind: &Kind| !kind.fields().iter().any(|field| field.secret);
    for kind in Kind::ALL.iter().copied().filter(|kind| *kind != Kind::Organization).filter(told) {
        for deleted in [false, true] {
            want.sets.insert(SetQuery { kind, equals: Vec::new(), deleted });
        }
    }
    let all = now(run.store.load(Tenant::of(run.world.home), &want)).expect("a store");
    for record in all.sets.into_values().flatten() {
        seen.entry(record.key()).or_default().push((at, record));
    }
}

fn load(run: &Run, key: Key) -> Option<Record> {
    let tenant = Tenant::of(run.world.home);
    let snapshot = now(run.store.load(tenant, &ReadSet::from(key))).expect("a store");
    snapshot.rows.get(&key).cloned().flatten()
}

/// The ledger tells every state that was seen, as a chain without a gap, along the moves of the profile.
fn check_history(run: &Run, seen: &BTreeMap<Key, Vec<(Instant, Record)>>) {
    for (key, states) in seen {
        let tenant = Tenant::of(run.world.home);
        let entries = now(ask::history(&*run.store, tenant, *key)).expect("a store");
        for (at, state) in states {
            assert_eq!(as_of(&entries, *at).as_ref(), Some(state), "{key} as of {at}");
        }
        let mut last: Option<Record> = None;
        for (entry, version) in entries.iter().zip(1..) {
            assert_eq!(entry.version, version, "{key}: the versions are a chain");
            let state = as_of_version(&entries, version);
            assert_eq!(entry.fields, differences(last.as_ref(), &state), "{key}: the values really replaced");
            // A batch may make several moves, of which the ledger tells the first and the last state.
            if entry.cause != "batch" {
                check_move(run, last.as_ref(), &state);
            }
            last = Some(state);
        }
    }
}

fn as_of_version(entries: &[crm_core::ledger::LedgerEntry], version: u64) -> Record {
    let some: Vec<_> = entries.iter().filter(|entry| entry.version <= version).cloned().collect();
    as_of(&some, Instant::MAX).expect("a record")
}

/// A change of status is a move of the profile's machine.
fn check_move(run: &Run, before: Option<&Record>, after: &Record) {
    let kind = after.kind();
    let Some((field, _)) = kind.field("status") else { return };
    let word = |record: &Record| record.value(field).as_text().and_then(|text| Word::parse(text).ok());
    let (Some(from), Some(to)) = (before.and_then(word), word(after)) else { return };
    let spec = run.world.crm.profile().spec();
    let allowed = match kind {
        Kind::Deal => spec.deals.status.targets(&from),
        Kind::Task => spec.tasks.status.targets(&from),
        _ => return,
    };
    assert!(from == to || allowed.contains(&to), "{}: {from} -> {to}", after.key());
    if let (Kind::Deal, Some((stage, _))) = (kind, kind.field("stage")) {
        assert!(!matches!(after.value(stage), Value::Text(text) if text.is_empty()));
    }
}

//! Any two commands at once end as they would one after the other.
//!
//! A command has two steps: it loads and decides, and it commits. Two commands have six orders of their four steps. Each
//! order is run over a world of its own, made of the same commits; on a conflict the command decides again, as the
//! engine does. Then both answers and everything in the store must be as after one of the two serial orders.
//!
//! Times and ids are fixed for each command, so answers and rows are compared as they are. The outbox is compared
//! record by record: where two commands touch different records, its order is that of their commits, and neither is wrong.
//!
//! Invariant: the harness knows commands by their names and answers only; a new command is a row in [`catalogue`].
#![expect(clippy::expect_used, reason = "the harness is a test: it ends in a panic when a store fails")]

mod catalogue;
mod world;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crm_core::describe::{Key, Kind, Record};
use crm_core::draft::{ChangeSet, ReadSet, Remembered, SetQuery};
use crm_core::ledger::LedgerEntry;
use crm_core::store::{Commit, Store, Tenant};
use crm_core::{Error, Event};
use serde_json::Value as Json;

use crate::ask;
use crate::capture::Capture;

pub use self::catalogue::catalogue;
pub use self::world::World;

/// What a command answered: its answer as JSON, or the code and the details of its refusal.
pub type Answer = Result<Json, (String, Json)>;

/// Begins to decide a command over a capture, with the ids that belong to a number.
type Decide = dyn Fn(&World, Arc<Capture>, u64) -> Deciding;

type Deciding = Pin<Box<dyn Future<Output = Result<Json, Error>>>>;

/// A command of the catalogue: who gives it, under which key, and how it is decided.
pub struct Move {
    name: String,
    place: usize,
    decide: Box<Decide>,
}

impl Move {
    /// What it is called in messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for Move {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)
    }
}

/// How far a command has come.
enum Stand {
    /// It has decided, and holds what it would commit, if anything.
    Decided(Answer, Option<Box<ChangeSet>>),
    /// It has answered.
    Answered(Answer),
}

/// The six orders: which of the two makes the next step.
pub const ORDERS: [[usize; 4]; 6] =
    [[0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 0], [1, 0, 0, 1], [1, 0, 1, 0], [1, 1, 0, 0]];

/// Everything in a store, as far as two commands can change it.
#[derive(Debug, PartialEq)]
struct Dump {
    rows: BTreeMap<Key, Record>,
    ledger: BTreeMap<Key, Vec<LedgerEntry>>,
    events: BTreeMap<Key, Vec<Event>>,
    claims: BTreeMap<String, Option<crm_core::value::Uuid>>,
    remembered: Vec<Option<Remembered>>,
}

/// What one order came to.
#[derive(Debug, PartialEq)]
struct Outcome {
    answers: Vec<Answer>,
    dumps: Vec<Dump>,
}

/// What a run over pairs came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many ordered pairs were run.
    pub pairs: u64,
    /// In how many orders a commit met a conflict and the command decided again.
    pub conflicts: u64,
    /// Every order that ended as neither serial order does, with what is different.
    pub violations: Vec<String>,
}

/// Runs every pair of the catalogue, also each command against itself, in all six orders.
///
/// `make` gives an empty store. The six orders of a pair are those of the pair turned round, so each is run once and
/// counted for both.
///
/// # Panics
/// The store fails, or a command alone meets a conflict.
pub async fn check_all_pairs(world: &World, make: impl Fn() -> Arc<dyn Store>) -> Tally {
    let moves = catalogue(world);
    let mut tally = Tally::default();
    for (at, first) in moves.iter().enumerate() {
        for (turn, second) in moves.iter().skip(at).enumerate() {
            let ordered = if turn == 0 { 1 } else { 2 };
            let found = check_pair(world, [first, second], &make).await;
            tally.pairs += ordered;
            tally.conflicts += ordered * found.conflicts;
            tally.violations.extend(found.violations);
        }
    }
    tally
}

/// Runs two commands in all six orders.
///
/// # Panics
/// As [`check_all_pairs`].
pub async fn check_pair(world: &World, moves: [&Move; 2], make: &impl Fn() -> Arc<dyn Store>) -> Tally {
    let (serial, crossed): (Vec<_>, Vec<_>) = ORDERS.into_iter().partition(|order| is_serial(*order));
    let mut wanted = Vec::new();
    for order in serial {
        let (outcome, retried) = run(world, moves, order, make()).await;
        assert_eq!(retried, 0, "a command alone meets no conflict: {moves:?}");
        wanted.push(outcome);
    }
    let mut tally = Tally { pairs: 1, ..Tally::default() };
    for order in crossed {
        let (outcome, retried) = run(world, moves, order, make()).await;
        tally.conflicts += u64::from(retried > 0);
        if !wanted.contains(&outcome) {
            let why = explain(&outcome, &wanted);
            tally.violations.push(format!("{moves:?} in the order {order:?}:\n{why}"));
        }
    }
    tally
}

fn is_serial(order: [usize; 4]) -> bool {
    matches!(order, [first, second, ..] if first == second)
}

/// Where an outcome differs from the serial ones.
fn explain(outcome: &Outcome, serial: &[Outcome]) -> String {
    let mut text = format!("answers {:?}\n", outcome.answers);
    for (name, wanted) in ["first, second", "second, first"].iter().zip(serial) {
        text += &format!("after {name}: answers equal: {}\n", outcome.answers == wanted.answers);
        for (found, wanted) in outcome.dumps.iter().zip(&wanted.dumps) {
            text += &differences(found, wanted);
        }
    }
    text
}

fn differences(found: &Dump, wanted: &Dump) -> String {
    let mut text = String::new();
    let keys = found.rows.keys().chain(wanted.rows.keys());
    for key in keys.collect::<std::collections::BTreeSet<_>>() {
        if found.rows.get(key) != wanted.rows.get(key) {
            text += &format!("  row {:?}\n   vs {:?}\n", found.rows.get(key), wanted.rows.get(key));
        }
        if found.ledger.get(key) != wanted.ledger.get(key) {
            text += &format!("  the ledger of {key}\n");
        }
        if found.events.get(key) != wanted.events.get(key) {
            text += &format!("  the events of {key}\n");
        }
    }
    if found.claims != wanted.claims {
        text += &format!("  claims {:?}\n      vs {:?}\n", found.claims, wanted.claims);
    }
    text
}

/// Runs two commands in one order; the outcome, and how often a commit met a conflict.
async fn run(world: &World, moves: [&Move; 2], order: [usize; 4], store: Arc<dyn Store>) -> (Outcome, u32) {
    world.build(&*store).await;
    let mut stands: [Option<Stand>; 2] = [None, None];
    let mut retried = 0;
    for turn in order {
        let (Some(command), Some(stand)) = (moves.get(turn), stands.get_mut(turn)) else { continue };
        *stand = Some(match stand.take() {
            None => decide(world, command, turn, &store).await,
            Some(stand) => Stand::Answered(finish(world, command, turn, &store, stand, &mut retried).await),
        });
    }
    let answers = stands.into_iter().flatten().map(|stand| match stand {
        Stand::Answered(answer) | Stand::Decided(answer, _) => answer,
    });
    let outcome = Outcome { answers: answers.collect(), dumps: dump(world, &*store).await };
    (outcome, retried)
}

/// The first step. Each command has ids of its own, the same whenever it decides.
async fn decide(world: &World, command: &Move, turn: usize, store: &Arc<dyn Store>) -> Stand {
    let capture = Arc::new(Capture::before(store.clone()));
    let seed = 2 * command.place + turn;
    match (command.decide)(world, capture.clone(), seed as u64).await {
        Ok(answer) => Stand::Decided(Ok(answer), capture.take().map(Box::new)),
        Err(error) => Stand::Answered(Err((error.code().to_owned(), error.details()))),
    }
}

/// The second step, with as many further attempts as it takes.
async fn finish(
    world: &World,
    command: &Move,
    turn: usize,
    store: &Arc<dyn Store>,
    mut stand: Stand,
    retried: &mut u32,
) -> Answer {
    loop {
        let (answer, changes) = match stand {
            Stand::Answered(answer) | Stand::Decided(answer, None) => return answer,
            Stand::Decided(answer, Some(changes)) => (answer, changes),
        };
        if store.commit(&changes).await.expect("the store commits") == Commit::Applied {
            return answer;
        }
        *retried += 1;
        assert!(*retried < 8, "{command:?} meets conflicts without end");
        stand = decide(world, command, turn, store).await;
    }
}

/// All rows, live and deleted, of the organisations that the catalogue touches, with all that is told of them.
async fn dump(world: &World, store: &dyn Store) -> Vec<Dump> {
    let mut dumps = Vec::new();
    for tenant in world.tenants() {
        dumps.push(dump_one(world, tenant, store).await);
    }
    dumps
}

async fn dump_one(world: &World, tenant: Tenant, store: &dyn Store) -> Dump {
    let sets = Kind::ALL
        .iter()
        .flat_map(|kind| [false, true].map(|deleted| SetQuery { kind: *kind, equals: Vec::new(), deleted }));
    let (claims, idempotency) = (world.claims(), Some(world.idempotency()));
    let want = ReadSet { sets: sets.collect(), claims, idempotency, ..ReadSet::new() };
    let snapshot = store.load(tenant, &want).await.expect("the store loads");
    let remembered = snapshot.remembered.into_values().collect();
    let rows: BTreeMap<_, _> = snapshot.sets.into_values().flatten().map(|row| (row.key(), row)).collect();
    let mut ledger = BTreeMap::new();
    for key in rows.keys() {
        ledger.insert(*key, ask::history(store, tenant, *key).await.expect("the store has a ledger"));
    }
    let mut events: BTreeMap<Key, Vec<Event>> = BTreeMap::new();
    for event in store.events(tenant, None, u32::MAX).await.expect("the store has an outbox") {
        events.entry(event.subject).or_default().push(event);
    }
    let claims = snapshot.claims.into_iter().map(|(key, holder)| (key.value.to_string(), holder)).collect();
    Dump { rows, ledger, events, claims, remembered }
}

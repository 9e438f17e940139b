//! What must hold of a deed under faults, held against the same deed without any.
//!
//! - The world is as it was, or as the deed leaves it: nothing in between.
//! - A deed that answers was done, and its answer is the one it would have given without faults.
//! - A deed that fails was not done. Only where its outcome is unknown, or where nobody waited for it, may it have been.
//! - Where nothing failed, nothing but the time it took is different.
//!
//! Invariant: worlds are compared whole, as their exports.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crm_core::clock::ManualClock;
use crm_core::seed::SeededIds;
use crm_core::store::Store;
use crm_core::{Crm, Profile};
use crm_store_memory::MemoryStore;
use crm_testkit::fault::{Driven, Fault, Faults, Verb, drive};
use crm_testkit::layer::Over;
use crm_testkit::sequence::Answer;
use serde_json::Value as Json;

/// A deed that is being done.
type Doing<'c> = Pin<Box<dyn Future<Output = Answer> + Send + 'c>>;

/// Something done with an engine: a command, a plan, a read.
pub(crate) type Deed = Box<dyn for<'c> Fn(&'c Crm) -> Doing<'c>>;

/// A deed.
pub(crate) fn deed(run: impl for<'c> Fn(&'c Crm) -> Doing<'c> + 'static) -> Deed {
    Box::new(run)
}

/// How engines are made.
#[derive(Clone)]
pub(crate) struct Bench {
    pub(crate) profile: Profile,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) hints: bool,
    /// The ids of commands are made from it.
    pub(crate) seed: u64,
}

impl Bench {
    pub(crate) fn engine(&self, store: Arc<dyn Store>) -> Crm {
        let ids = Arc::new(SeededIds::from_seed(self.seed));
        let crm = Crm::new(store, self.profile.clone()).with_clock(self.clock.clone()).with_ids(ids);
        if self.hints { crm } else { crm.without_hints() }
    }
}

/// How much was tried, and what came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) cases: u64,
    pub(crate) faults: BTreeMap<Fault, u64>,
    pub(crate) waits: u64,
    pub(crate) dropped: u64,
    /// Ends by their name: `ok`, or the code of an error.
    pub(crate) ends: BTreeMap<String, u64>,
    /// Deeds that were not answered and had been done nevertheless.
    pub(crate) unseen: u64,
    pub(crate) retried: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.cases += other.cases;
        self.waits += other.waits;
        self.dropped += other.dropped;
        self.unseen += other.unseen;
        self.retried += other.retried;
        for (fault, count) in &other.faults {
            *self.faults.entry(*fault).or_default() += count;
        }
        for (end, count) in &other.ends {
            *self.ends.entry(end.clone()).or_default() += count;
        }
    }

    pub(crate) fn print(&self, what: &str) {
        let count = |fault| self.faults.get(&fault).copied().unwrap_or_default();
        println!(
            "{what}: {} cases; {} conflicts, {} times not reached, {} answers lost, {} waits, {} times given up; \
             {} retries; {} done unseen; 0 violations",
            self.cases,
            count(Fault::Conflict),
            count(Fault::Unavailable),
            count(Fault::LostAnswer),
            self.waits,
            self.dropped,
            self.retried,
            self.unseen,
        );
        println!("    ends: {:?}", self.ends);
    }
}

/// A deed over a world, and what comes of it without faults.
pub(crate) struct Trial<'d> {
    bench: Bench,
    name: String,
    deed: &'d Deed,
    before: String,
    answer: Answer,
    after: String,
    /// A store with the world before, where one is left over.
    spare: Option<Arc<MemoryStore>>,
    /// The world after a retry where the deed had not been done, and where it had.
    retries: [Option<String>; 2],
}

impl<'d> Trial<'d> {
    pub(crate) fn new(bench: &Bench, before: &str, name: String, deed: &'d Deed) -> Self {
        let twin = Arc::new(MemoryStore::import(before).unwrap());
        let Driven { output, waits } = drive(deed(&bench.engine(twin.clone())), None);
        assert_eq!(waits, 0, "a store in memory answers at once");
        let (answer, after) = (output.unwrap(), twin.export().unwrap());
        let before = before.to_owned();
        Self { bench: bench.clone(), name, deed, before, answer, after, spare: None, retries: [None, None] }
    }

    /// Does the deed write something?
    pub(crate) fn writes(&self) -> bool {
        self.before != self.after
    }

    /// What is called of the store under these faults.
    pub(crate) fn calls(&self, faults: Faults) -> Vec<Verb> {
        let over = Arc::new(Over::new(faults, Arc::new(MemoryStore::import(&self.before).unwrap())));
        let _ = drive((self.deed)(&self.bench.engine(over.clone())), None);
        over.layer.calls().iter().map(|call| call.verb).collect()
    }

    /// How often the deed waits under these faults.
    pub(crate) fn waits(&self, faults: Faults) -> u32 {
        let over = Arc::new(Over::new(faults, Arc::new(MemoryStore::import(&self.before).unwrap())));
        drive((self.deed)(&self.bench.engine(over)), None).waits
    }

    /// Does the deed under faults, drops it where told, and judges what came of it. The world that it leaves.
    pub(crate) fn judge(&mut self, faults: Faults, give_up_at: Option<u32>, tally: &mut Tally) -> String {
        let store = self.spare.take();
        let store = store.unwrap_or_else(|| Arc::new(MemoryStore::import(&self.before).unwrap()));
        let over = Arc::new(Over::new(faults, store.clone()));
        let driven = drive((self.deed)(&self.bench.engine(over.clone())), give_up_at);
        let world = store.export().unwrap();
        if world == self.before {
            self.spare = Some(store);
        }
        self.count(&over.layer, &driven, &world, tally);
        let told = || format!("{}\n  under {:?}\n  answered {:?}", self.name, over.layer, driven);
        assert!(world == self.before || world == self.after, "half a deed: {}", told());
        let happened = |fault| over.layer.calls().iter().any(|call| call.trouble.fault == Some(fault));
        match &driven.output {
            None => assert!(give_up_at.is_some(), "{}", told()),
            Some(Ok(_)) => {
                assert_eq!(driven.output.as_ref(), Some(&self.answer), "another answer: {}", told());
                assert!(world == self.after, "an answered deed is lost: {}", told());
            }
            Some(Err((code, _))) if code == "outcome_unknown" => {
                assert!(happened(Fault::LostAnswer) || happened(Fault::Unavailable), "no reason: {}", told());
            }
            Some(Err((code, _))) => {
                assert!(world == self.before, "a failed deed was done: {}", told());
                let excused = match code.as_str() {
                    "unavailable" => happened(Fault::LostAnswer) || happened(Fault::Unavailable),
                    "busy" | "plan_outdated" => happened(Fault::Conflict),
                    _ => false,
                };
                assert!(excused || driven.output.as_ref() == Some(&self.answer), "no reason: {}", told());
            }
        }
        world
    }

    fn count(&self, faults: &Faults, driven: &Driven<Answer>, world: &str, tally: &mut Tally) {
        tally.cases += 1;
        tally.waits += u64::from(driven.waits);
        for fault in faults.calls().iter().filter_map(|call| call.trouble.fault) {
            *tally.faults.entry(fault).or_default() += 1;
        }
        let end = match &driven.output {
            None => "given up",
            Some(Ok(_)) => "ok",
            Some(Err((code, _))) => code.as_str(),
        };
        *tally.ends.entry(end.to_owned()).or_default() += 1;
        tally.dropped += u64::from(driven.output.is_none());
        let unseen = !matches!(driven.output, Some(Ok(_))) && self.writes() && world == self.after;
        tally.unseen += u64::from(unseen);
    }

    /// The same request is made again under the same idempotency key, by an engine that makes other ids: it was, or is
    /// now, applied once, and answered. Only who has put themselves out by it is not let in any more. The world after it,
    /// which is found out once for each world that there can be before it.
    pub(crate) fn retry(&mut self, world: String, tally: &mut Tally) -> String {
        if self.answer.is_err() || !self.writes() {
            return world;
        }
        let place = usize::from(world == self.after);
        if self.retries[place].is_none() {
            tally.retried += 1;
            self.retries[place] = Some(self.again(&world));
        }
        self.retries[place].clone().unwrap()
    }

    /// The world after the same request came again.
    fn again(&self, world: &str) -> String {
        let store = Arc::new(MemoryStore::import(world).unwrap());
        let other = Bench { seed: self.bench.seed + 1_000_000, ..self.bench.clone() };
        let answer = drive((self.deed)(&other.engine(store.clone())), None).output.unwrap();
        let found = store.export().unwrap();
        let done = world == self.after;
        let put_out = done && matches!(&answer, Err((code, _)) if code == "not_member");
        assert!(answer.is_ok() || put_out, "a retry was refused: {}: {answer:?}", self.name);
        if done {
            assert!(
                answer == self.answer || put_out,
                "a retry has the first answer: {}: {answer:?}",
                self.name
            );
            assert!(found == world, "a retry wrote again: {}", self.name);
        }
        assert_eq!(commands(&found), commands(&self.before) + 1, "a retry was applied twice: {}", self.name);
        found
    }
}

/// How many commands are in the books of a world.
fn commands(world: &str) -> usize {
    let world: Json = serde_json::from_str(world).unwrap();
    let houses = world["organizations"].as_object().unwrap().values();
    houses.map(|house| house["commands"].as_array().unwrap().len()).sum()
}

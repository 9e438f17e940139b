//! Commands over a store that fails: whatever goes wrong, and wherever a caller gives up, a command is done whole or not
//! at all, and who was answered can rely on it.
//!
//! Random sequences meet random faults; and each of some commands meets each fault at each of its calls, alone and with
//! another one after it, and is given up at each point where it can wait.
//!
//! `CRM_CASES` multiplies the number of sequences.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test panics where it fails"
)]

mod catalogue;
mod judge;

use std::sync::{Arc, Mutex};

use crm_core::describe::Kind;
use crm_core::store::Store;
use crm_core::value::{DealId, OrganizationId, PipelineId, UserId, Uuid};
use crm_core::{Contact, Crm, Deal, List, Profile};
use crm_store_memory::MemoryStore;
use crm_testkit::cases;
use crm_testkit::fault::{Dice, Fault, Faults, Trouble, Verb};
use crm_testkit::sequence::{Answer, Build, How, Step, World, id_of, start, steps};
use proptest::prelude::any;
use proptest::test_runner::TestRunner;

use self::catalogue::requests;
use self::judge::{Bench, Deed, Tally, Trial, deed};

/// Where everything happens.
const HOME: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(0xA));

/// A furnished organisation under a preset, as an export, and how engines over it are made.
pub(crate) fn furnished(preset: &'static str) -> (Bench, String) {
    let store = Arc::new(MemoryStore::new());
    let shared: Arc<dyn Store> = store.clone();
    let world = World::build(&shared, Build { preset, hints: true }, &[0xA]);
    let profile = Profile::preset(preset).unwrap();
    let bench = Bench { profile, clock: world.clock.clone(), hints: true, seed: 7 };
    (bench, store.export().unwrap())
}

/// A step as a deed.
fn step_deed(step: &Step, how: How) -> Deed {
    let step = step.clone();
    deed(move |crm| {
        let step = step.clone();
        Box::pin(async move {
            let session = crm.act(HOME, step.who.actor());
            start(&session, &step, how).await
        })
    })
}

/// The answer of a read.
fn told<T: serde::Serialize>(answer: Result<T, crm_core::Error>) -> Answer {
    let json = |found: T| serde_json::to_value(found).unwrap();
    answer.map(json).map_err(|error| (error.code().to_owned(), error.details()))
}

/// Every kind of read, as the founder.
fn reads() -> Vec<(&'static str, Deed)> {
    macro_rules! read {
        ($name:literal, $crm:ident => $call:expr) => {
            ($name, deed(|$crm: &Crm| Box::pin(async move { told($call.await) })))
        };
    }
    fn session(crm: &Crm) -> crm_core::Session<'_> {
        crm.act(HOME, UserId::from_uuid(id_of(Kind::Membership, 0)))
    }
    fn deal() -> DealId {
        id_of(Kind::Deal, 0).into()
    }
    vec![
        read!("organization", crm => session(crm).organization()),
        read!("get", crm => session(crm).get(deal())),
        read!("get_many", crm => session(crm).get_many(&[deal(), id_of(Kind::Deal, 9).into()])),
        read!("list", crm => session(crm).list(List::<Deal>::new().order_by("amount", true).first(2))),
        read!("search", crm => session(crm).list(List::<Contact>::new().search("иван"))),
        read!("count", crm => session(crm).count(List::<Deal>::new())),
        read!("timeline", crm => session(crm).timeline(deal(), List::new().first(3))),
        read!("history", crm => session(crm).history(deal())),
        read!("as_of", crm => session(crm).as_of(deal(), "2026-03-02T12:00:00Z".parse().unwrap())),
        read!("board", crm => session(crm).board(PipelineId::from(id_of(Kind::Pipeline, 0)), List::new().first(2))),
        read!("explain", crm => session(crm).explain(crm_core::Action::DealUpdate, deal())),
        read!("grants", crm => session(crm).grants()),
        read!("organizations_of", crm => crm.organizations_of(UserId::from_uuid(id_of(Kind::Membership, 0)))),
        read!("events", crm => crm.events(HOME, None, 10)),
    ]
}

/// A deed under random faults, given up at random; the world that it leaves.
fn at_random(trial: &mut Trial<'_>, dice: &mut Dice, tally: &mut Tally) -> String {
    let give_up_at = (dice.roll(4) == 0).then(|| 1 + dice.count(6));
    let seed = dice.roll(u64::MAX);
    // Where nothing waits nobody gives up, and where nothing is loaded nothing is committed.
    let often = u64::from(give_up_at.is_none());
    let faults = Faults::random(seed, move |verb| if verb == Verb::Commit { 2 } else { 3 + 4 * often });
    trial.judge(faults, give_up_at, tally)
}

/// Steps one after the other, each under faults; what is left of one is where the next begins.
fn sequence(start: &(Bench, String), steps: &[Step], seed: u64) -> Tally {
    let mut tally = Tally::default();
    let mut dice = Dice(seed);
    let (mut bench, mut world) = start.clone();
    bench.clock = Arc::new(crm_core::clock::ManualClock::at(crm_core::clock::Clock::now(&*bench.clock)));
    let reads = reads();
    for (at, step) in steps.iter().enumerate() {
        bench.clock.advance_hours(1);
        bench.seed += 1;
        let mut step = step.clone();
        if dice.roll(2) == 0 {
            step.key = Some(u8::try_from(at).unwrap() + 10);
        }
        let plan = step_deed(&step, How::Plan);
        let left = at_random(
            &mut Trial::new(&bench, &world, format!("planned {step:?}"), &plan),
            &mut dice,
            &mut tally,
        );
        assert!(left == world, "a plan wrote: {step:?}");
        let (name, read) = &reads[usize::try_from(dice.roll(reads.len() as u64)).unwrap()];
        let left =
            at_random(&mut Trial::new(&bench, &world, (*name).to_owned(), read), &mut dice, &mut tally);
        assert!(left == world, "a read wrote: {name}");
        let how = if step.key.is_none() && dice.roll(3) == 0 { How::CarryOut } else { How::Apply };
        let done = step_deed(&step, how);
        let mut trial = Trial::new(&bench, &world, format!("{how:?} {step:?}"), &done);
        // The same step again and again from the same world, under other faults; the last one counts.
        for _ in 0..5 {
            let left = at_random(&mut trial, &mut dice, &mut tally);
            if step.key.is_some() {
                trial.retry(left, &mut tally);
            }
        }
        let left = at_random(&mut trial, &mut dice, &mut tally);
        // A caller with a key may try again whatever came of it.
        world = if step.key.is_some() { trial.retry(left, &mut tally) } else { left };
    }
    tally
}

fn sequences(preset: &'static str) {
    let config = cases::config(20);
    let cases = config.cases;
    let start = furnished(preset);
    let total = Mutex::new(Tally::default());
    let mut runner = TestRunner::new(config);
    let profile = Profile::preset(preset).unwrap();
    let outcome = runner.run(&(steps(profile.spec(), 25), any::<u64>()), |(steps, seed)| {
        let tally = sequence(&start, &steps, seed);
        total.lock().unwrap().add(&tally);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    let total = total.into_inner().unwrap();
    total.print(&format!("{preset}: {cases} sequences"));
    assert!(total.unseen > 0, "faults that are never dangerous prove nothing");
}

#[test]
fn sequences_under_the_general_preset() {
    sequences("general");
}

#[test]
fn sequences_under_the_mini_crm() {
    sequences("mini_crm_assignment");
}

const FAULTS: [Fault; 3] = [Fault::Conflict, Fault::Unavailable, Fault::LostAnswer];

/// Every fault at every call, alone and with another after it; everything given up everywhere.
fn everywhere(trial: &mut Trial<'_>, keyed: bool, tally: &mut Tally) {
    let mut judge = |trial: &mut Trial<'_>, faults: Faults, give_up_at| {
        let world = trial.judge(faults, give_up_at, tally);
        if keyed {
            trial.retry(world, tally);
        }
    };
    judge(trial, Faults::none(), None);
    let calls = trial.calls(Faults::none());
    for at in 0..calls.len() {
        for fault in FAULTS {
            judge(trial, Faults::script([(at, fault.into())]), None);
            // What comes after a fault is not what came after it without.
            let second = trial.calls(Faults::script([(at, fault.into())])).len() > at + 1;
            for other in FAULTS.into_iter().filter(|_| second) {
                judge(trial, Faults::script([(at, fault.into()), (at + 1, other.into())]), None);
            }
        }
    }
    for fault in FAULTS {
        judge(trial, Faults::by(move |_, _| fault.into()), None);
    }
    let slow = move |broken: Option<(usize, Fault)>| {
        Faults::by(move |at, _| Trouble {
            fault: broken.filter(|it| it.0 == at).map(|it| it.1),
            ..Trouble::SLOW
        })
    };
    let commit = calls.iter().position(|verb| *verb == Verb::Commit);
    let mut broken = vec![None];
    broken.extend(commit.map(|at| Some((at, Fault::LostAnswer))));
    broken.extend(commit.map(|at| Some((at, Fault::Conflict))));
    for broken in broken {
        for give_up_at in 1..=trial.waits(slow(broken)) {
            judge(trial, slow(broken), Some(give_up_at));
        }
        judge(trial, slow(broken), None);
    }
}

#[test]
fn every_fault_at_every_call_of_every_request() {
    let (bench, _) = furnished("general");
    let mut total = Tally::default();
    let mut requests_tried = 0;
    for request in requests() {
        let mut tally = Tally::default();
        for (how, deed) in &request.ways {
            // Without hints a command loads again and again: more calls, of one kind.
            for hints in if *how == "applied" { &[true, false][..] } else { &[true] } {
                let bench = Bench { hints: *hints, ..bench.clone() };
                let name = format!("{} ({how}, hints: {hints})", request.name);
                let mut trial = Trial::new(&bench, &request.world, name, deed);
                assert_eq!(trial.writes(), request.writes && *how != "planned", "{}: {how}", request.name);
                everywhere(&mut trial, *how == "with a key", &mut tally);
            }
        }
        requests_tried += 1;
        total.add(&tally);
    }
    total.print(&format!("{requests_tried} requests"));
    assert!(total.unseen > 0);
}

#[test]
fn every_fault_at_every_call_of_every_read() {
    let (bench, world) = furnished("general");
    let mut tally = Tally::default();
    for (name, read) in reads() {
        for hints in [true, false] {
            let bench = Bench { hints, ..bench.clone() };
            let mut trial = Trial::new(&bench, &world, name.to_owned(), &read);
            assert!(!trial.writes(), "{name} is a read");
            everywhere(&mut trial, false, &mut tally);
        }
    }
    tally.print("reads");
    assert_eq!(tally.unseen, 0);
}

#[test]
fn a_layer_without_faults_is_the_store_under_it() {
    let (bench, world) = furnished("general");
    for (name, read) in reads() {
        let mut trial = Trial::new(&bench, &world, name.to_owned(), &read);
        let mut tally = Tally::default();
        trial.judge(Faults::none(), None, &mut tally);
        assert_eq!((tally.waits, tally.faults.len()), (0, 0), "{name}");
    }
}

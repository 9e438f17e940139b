//! Four who do the same at the same time, as threads of this process or as processes of their own.
//!
//! Invariant: all of them are ready before the first one begins, and a process that fails fails the probe.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command as Program, Stdio};
use std::sync::{Arc, Barrier};

use crm_core::clock::ManualClock;
use crm_core::describe::Entity;
use crm_core::store::Store;
use crm_core::value::OrganizationId;
use crm_core::{Command, Crm, Error, List, Session};
use crm_testkit::ready::now;
use serde::de::DeserializeOwned;
use serde_json::Value as Document;

use crate::places::{Place, store_at};
use crate::support::office::{Office, user};
use crate::{connected, deliveries, inbox, sales, twice};

/// How many they are.
pub(crate) const CREW: u128 = 4;

/// In the environment of a process: where, in which organisation, what, and who of the four.
const ADDRESS: &str = "CRM_PROBE_ADDRESS";
const HOUSE: &str = "CRM_PROBE_HOUSE";
const WORK: &str = "CRM_PROBE_WORK";
const NUMBER: &str = "CRM_PROBE_NUMBER";
/// What stands before a line that a process tells.
const TOLD: &str = "told: ";

/// What one of them does, and what they say of it.
type Work = fn(&Hand) -> Vec<String>;

const WORKS: [(&str, Work); 7] = [
    ("hold", sales::hold),
    ("take", sales::take),
    ("receive", inbox::receive),
    ("claim", inbox::claim),
    ("probe", deliveries::probe),
    ("repeat", twice::repeat),
    ("plan", twice::plan),
];

/// How they act at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crew {
    Threads,
    Processes,
}

/// One of the four.
pub(crate) struct Hand {
    crm: Crm,
    house: OrganizationId,
    /// From zero.
    pub(crate) number: u128,
}

impl Hand {
    fn new(store: Arc<dyn Store>, house: OrganizationId, number: u128) -> Self {
        let clock = ManualClock::at("2026-02-02T09:00:00Z".parse().unwrap());
        Self { crm: Crm::new(store, connected()).with_clock(Arc::new(clock)), house, number }
    }

    pub(crate) fn session(&self, by: u128) -> Session<'_> {
        self.crm.act(self.house, user(by))
    }

    /// Does it, again and again where the store gave up for now.
    pub(crate) fn apply<C: Command + DeserializeOwned>(
        &self,
        by: u128,
        what: &Document,
    ) -> Result<C::Output, Error> {
        self.keep_on(|| now(self.session(by).apply(serde_json::from_value::<C>(what.clone()).unwrap())))
    }

    /// What is answered when it is not that the store gave up for now.
    pub(crate) fn keep_on<T>(&self, act: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
        loop {
            match act() {
                Err(error) if error.is_retryable() => {}
                answer => return answer,
            }
        }
    }

    /// The ids of all records of a kind, the same for each of the four.
    pub(crate) fn all<E: Entity>(&self) -> Vec<E::Id> {
        let list = List::<E>::new().order_by("created_at", false).first(100);
        now(self.session(1).list(list)).unwrap().items.iter().map(|row| row.id()).collect()
    }
}

/// The code of a refusal, or that it was done.
pub(crate) fn outcome<T>(answer: Result<T, Error>) -> &'static str {
    answer.map_or_else(|error| error.code(), |_| "done")
}

/// Lets the four work in an office at a place. Answers all that they said.
pub(crate) fn at_once(crew: Crew, place: &Place, office: &Office, work: &str) -> Vec<String> {
    match crew {
        Crew::Threads => threads(place, office.id, work),
        Crew::Processes => processes(&place.address().unwrap(), office.id, work),
    }
}

/// Every place with every crew that can be there, and the office that is opened in it.
pub(crate) fn offices() -> Vec<(Crew, Place, Office)> {
    let with = |crew| Place::all().into_iter().map(move |place| (crew, place));
    let can = |(crew, place): &(Crew, Place)| *crew == Crew::Threads || place.address().is_some();
    let open = |(crew, place): (Crew, Place)| {
        let office = Office::under(place.store(), connected(), 0);
        (crew, place, office)
    };
    with(Crew::Threads).chain(with(Crew::Processes)).filter(can).map(open).collect()
}

fn work_of(name: &str) -> Work {
    WORKS.into_iter().find(|(known, _)| *known == name).map(|(_, work)| work).unwrap()
}

fn threads(place: &Place, house: OrganizationId, work: &str) -> Vec<String> {
    let (work, store) = (work_of(work), place.store());
    let barrier = Barrier::new(usize::try_from(CREW).unwrap());
    std::thread::scope(|scope| {
        let start = |number| {
            let hand = Hand::new(store.clone(), house, number);
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                work(&hand)
            })
        };
        let started: Vec<_> = (0..CREW).map(start).collect();
        started.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

fn processes(address: &str, house: OrganizationId, work: &str) -> Vec<String> {
    let start = |number: u128| {
        let mut program = Program::new(std::env::current_exe().unwrap());
        program.args(["--exact", "crew::the_process", "--nocapture"]);
        program.env(ADDRESS, address).env(HOUSE, house.to_string()).env(WORK, work);
        program.env(NUMBER, number.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = program.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        (child, lines.filter_map(|line: String| line.split_once(TOLD).map(|(_, said)| said.to_owned())))
    };
    let mut started: Vec<(Child, _)> = (0..CREW).map(start).collect();
    for (_, lines) in &mut started {
        assert_eq!(lines.next().as_deref(), Some("ready"));
    }
    for (child, _) in &mut started {
        child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    }
    let mut said = Vec::new();
    for (mut child, lines) in started {
        said.extend(lines);
        assert!(child.wait().unwrap().success(), "a process failed");
    }
    said
}

/// One of four processes: the probes run this one.
#[test]
fn the_process() {
    let [Ok(address), Ok(house), Ok(work), Ok(number)] = [ADDRESS, HOUSE, WORK, NUMBER].map(std::env::var)
    else {
        return;
    };
    let hand = Hand::new(store_at(&address), house.parse().unwrap(), number.parse().unwrap());
    println!("{TOLD}ready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    for said in work_of(&work)(&hand) {
        println!("{TOLD}{said}");
    }
}

//! Races of real threads on a store.
//!
//! Each race is run many times, each time in an organisation of its own; the threads begin at a barrier. What must hold
//! afterwards holds after every round. [`store_races!`](crate::store_races) makes a test of each.
//!
//! The suite in [`conformance`](crate::conformance) is the same each time; this is what chance adds to it.
//!
//! Invariant: a race needs nothing but the contract, and finds the same in every store, whoever is first.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "the races are tests: they end in a panic when a store is wrong"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use crm_core::clock::ManualClock;
use crm_core::describe::{Id, Value};
use crm_core::seed::SeededIds;
use crm_core::store::Store;
use crm_core::value::{ContactId, DealId, EventId, OrganizationId, UserId, Uuid};
use crm_core::{
    Activity, AddMember, Batch, ChangeMember, Contact, CreateContact, CreateDeal, CreateOrganization, Crm,
    Deal, Error, Event, LeaveOrganization, List, LoseDeal, Membership, Profile, RemoveMember, ReopenDeal,
    Session, TransitionDeal, UpdateContact, UpdateDeal, WinDeal,
};

const THREADS: u64 = 4;

/// Something to wait for.
pub type Task<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Where races are run.
#[derive(Clone)]
pub struct Arena {
    /// The store.
    pub store: Arc<dyn Store>,
    /// How a thread waits for the end of a future; many threads do at once.
    pub wait: for<'a> fn(Task<'a>),
    /// How often a race is run.
    pub rounds: u64,
}

impl fmt::Debug for Arena {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} rounds over {:?}", self.rounds, self.store)
    }
}

/// Declares a test for each race.
///
/// `make_store` is an `async fn` that gives an empty store and something to hold on to while it is used, `block_on` waits
/// for a future, `rounds` is how often each race is run.
#[macro_export]
macro_rules! store_races {
    ($make:expr, $block_on:path, $rounds:expr $(,)?) => {
        $crate::declare_races!(
            { $make, $block_on, $rounds }
            an_owner_always_remains,
            a_deal_is_moved_by_one_of_four,
            a_deal_is_ended_by_one_of_four,
            ends_and_reopenings_are_a_chain,
            one_address_has_one_contact,
            one_user_is_added_once,
            one_key_is_executed_once,
            the_second_editor_is_told,
            batches_pass_each_other_in_any_order,
            a_reader_misses_no_event,
        );
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! declare_races {
    ({ $make:expr, $block_on:path, $rounds:expr } $($race:ident,)*) => {$(
        #[test]
        fn $race() {
            let (store, guard) = $block_on(async { ($make)().await });
            let wait: for<'a> fn($crate::races::Task<'a>) = |task| $block_on(task);
            $crate::races::$race(&$crate::races::Arena { store, wait, rounds: $rounds });
            drop(guard);
        }
    )*};
}

impl Arena {
    fn wait<F: IntoFuture<IntoFuture: Send, Output: Send>>(&self, future: F) -> F::Output {
        let mut slot = None;
        let future = future.into_future();
        (self.wait)(Box::pin(async { slot = Some(future.await) }));
        slot.expect("whoever waits does so to the end")
    }

    /// A new house of user 0.
    fn house(&self, profile: &Profile, round: u64) -> House<'_> {
        let crm = Crm::new(self.store.clone(), profile.clone())
            .with_clock(Arc::new(ManualClock::at("2026-03-02T09:00:00Z".parse().unwrap())))
            .with_ids(Arc::new(SeededIds::from_seed(1)));
        let id = OrganizationId::from_uuid(Uuid::from_u128(0xA000 + u128::from(round)));
        self.wait(crm.register(user(0), CreateOrganization::with_id(id).name("House"))).unwrap();
        House { arena: self, crm, id }
    }
}

/// An organisation in which a round takes place.
struct House<'a> {
    arena: &'a Arena,
    crm: Crm,
    id: OrganizationId,
}

impl House<'_> {
    fn act(&self, number: u64) -> Session<'_> {
        self.crm.act(self.id, user(number))
    }

    fn wait<F: IntoFuture<IntoFuture: Send, Output: Send>>(&self, future: F) -> F::Output {
        self.arena.wait(future)
    }
}

fn user(number: u64) -> UserId {
    UserId::from_uuid(Uuid::from_u128(0xF000 + u128::from(number)))
}

fn profile() -> Profile {
    Profile::from_json(r#"{ "extends": "general", "name": "races", "unique": ["contact.email"] }"#).unwrap()
}

/// The same for each thread, at once; the answers in the order of the threads.
fn race<T: Send>(house: &House<'_>, threads: u64, act: impl Fn(&House<'_>, u64) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(usize::try_from(threads).unwrap());
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|number| {
                let (barrier, act) = (&barrier, &act);
                scope.spawn(move || {
                    barrier.wait();
                    act(house, number)
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn code<T>(answer: Result<T, Error>) -> &'static str {
    answer.map_or_else(|error| error.code(), |_| "ok")
}

fn count(codes: &[&str], wanted: &str) -> usize {
    codes.iter().filter(|code| **code == wanted).count()
}

/// Prints what was found, and fails if it was anything.
fn report(race: &str, rounds: u64, violations: &[String]) {
    println!("race: {race}: {rounds} rounds, {} violations", violations.len());
    assert!(violations.is_empty(), "{race}: {:?}", violations.first());
}

fn active_owners(house: &House<'_>) -> Option<u64> {
    let system = crm_core::Actor::System { reason: "audit".parse().unwrap() };
    let list = List::<Membership>::new().role(["owner"]).active(true);
    house.wait(house.crm.act(house.id, system).list(list)).ok().and_then(|page| page.total)
}

/// Two owners take the role from each other, or go: one of them keeps it.
///
/// # Panics
/// The store does not keep it.
pub fn an_owner_always_remains(arena: &Arena) {
    let (profile, rounds) = (profile(), arena.rounds);
    let mut violations = Vec::new();
    for round in 0..rounds {
        let house = arena.house(&profile, round);
        let first = house.act(0);
        house.wait(first.apply(AddMember::with_id(user(1)).role("owner"))).unwrap();
        let answers = race(&house, 2, |house, number| {
            let (session, other) = (house.act(number), user(1 - number));
            match (round / if number == 0 { 1 } else { 4 }) % 4 {
                0 => code(house.wait(session.apply(ChangeMember::of(other).role("member")))),
                1 => code(house.wait(session.apply(RemoveMember { id: other, successor: None }))),
                2 => code(house.wait(session.apply(ChangeMember::of(other).active(false)))),
                _ => code(house.wait(session.apply(LeaveOrganization { successor: None }))),
            }
        });
        let owners = active_owners(&house);
        if owners != Some(1) || count(&answers, "ok") == 0 {
            violations.push(format!("round {round}: {owners:?} owners, {answers:?}"));
        }
    }
    report("last owner", rounds, &violations);
}

/// Four ways on for one deal, all decided on the same version: one is taken, three are told.
///
/// # Panics
/// The store does not keep it.
pub fn a_deal_is_moved_by_one_of_four(arena: &Arena) {
    let (profile, rounds) = (profile(), arena.rounds);
    let mut violations = Vec::new();
    let deal = DealId::from_uuid(Uuid::from_u128(1));
    for round in 0..rounds {
        let house = arena.house(&profile, round);
        let session = house.act(0);
        house.wait(session.apply(CreateDeal::with_id(deal).title("Deal").amount(10))).unwrap();
        house.wait(session.apply(TransitionDeal { id: deal, status: "parked".into() })).unwrap();
        house.wait(session.apply(TransitionDeal { id: deal, status: "open".into() })).unwrap();
        // All four have read version 3.
        let answers = race(&house, THREADS, |house, number| {
            let session = house.act(0);
            code(match number {
                0 => house.wait(session.apply(WinDeal { id: deal }).if_version(3)),
                1 => house.wait(session.apply(LoseDeal { id: deal, reason: None }).if_version(3)),
                2 => {
                    let park = TransitionDeal { id: deal, status: "parked".into() };
                    house.wait(session.apply(park).if_version(3))
                }
                _ => house.wait(session.apply(WinDeal { id: deal }).if_version(3)),
            })
        });
        let chain = chain(&house, deal);
        let told = told(&house, deal);
        if count(&answers, "ok") != 1 || count(&answers, "stale_version") != 3 || chain != Ok(4) || told != 3
        {
            violations.push(format!("round {round}: {answers:?}, chain {chain:?}, told {told}"));
        }
    }
    report("four ways on for one deal", rounds, &violations);
}

/// Winning and losing at once: the deal ends once, and whoever says otherwise is refused.
///
/// # Panics
/// The store does not keep it.
pub fn a_deal_is_ended_by_one_of_four(arena: &Arena) {
    let (profile, rounds) = (profile(), arena.rounds);
    let mut violations = Vec::new();
    let deal = DealId::from_uuid(Uuid::from_u128(1));
    for round in 0..rounds {
        let house = arena.house(&profile, round);
        let session = house.act(0);
        house.wait(session.apply(CreateDeal::with_id(deal).title("Deal").amount(10))).unwrap();
        let answers = race(&house, THREADS, |house, number| {
            let session = house.act(0);
            if number % 2 == 0 {
                house.wait(session.apply(WinDeal { id: deal })).map(|row| row.status.to_string())
            } else {
                let lose = LoseDeal { id: deal, reason: None };
                house.wait(session.apply(lose)).map(|row| row.status.to_string())
            }
        });
        // Winning what is won changes nothing and is no error; losing it is refused.
        let status = house.wait(session.get(deal)).unwrap().status.to_string();
        let agree = answers.iter().flatten().all(|answer| *answer == status);
        let refused = answers
            .iter()
            .filter(|answer| answer.as_ref().is_err_and(|error| error.code() == "invalid_transition"));
        let (refused, chain, told) = (refused.count(), chain(&house, deal), told(&house, deal));
        if !agree || refused != 2 || chain != Ok(2) || told != 1 {
            violations.push(format!("round {round}: {answers:?}, {status}, chain {chain:?}, told {told}"));
        }
    }
    report("win against lose", rounds, &violations);
}

/// A deal that is won, lost and reopened by many has a ledger without a gap.
///
/// # Panics
/// The store does not keep it.
pub fn ends_and_reopenings_are_a_chain(arena: &Arena) {
    let (profile, rounds) = (profile(), arena.rounds);
    let mut violations = Vec::new();
    let deal = DealId::from_uuid(Uuid::from_u128(1));
    for round in 0..rounds {
        let house = arena.house(&profile, round);
        let session = house.act(0);
        house.wait(session.apply(CreateDeal::with_id(deal).title("Deal").amount(10))).unwrap();
        race(&house, THREADS, |house, number| {
            let session = house.act(0);
            for turn in 0..6 {
                // Some of these are refused, and none of that matters.
                let _ = match (number + turn) % 3 {
                    0 => code(house.wait(session.apply(WinDeal { id: deal }))),
                    1 => code(house.wait(session.apply(LoseDeal { id: deal, reason: None }))),
                    _ => code(house.wait(session.apply(ReopenDeal { id: deal, status: None }))),
                };
            }
        });
        let (chain, told) = (chain(&house, deal), told(&house, deal));
        if chain != Ok(told + 1) {
            violations.push(format!("round {round}: chain {chain:?}, told {told}"));
        }
    }
    report("ends and reopenings", rounds, &violations);
}

/// How long the ledger of a deal is, if each entry begins where the one before it ended.
fn chain(house: &House<'_>, deal: DealId) -> Result<usize, String> {
    let entries = house.wait(house.act(0).history(deal)).unwrap();
    let mut status = Value::Null;
    for (at, entry) in entries.iter().enumerate() {
        if entry.version != at as u64 + 1 || entry.subject != deal.key() {
            return Err(format!("version {} at place {at}", entry.version));
        }
        for change in entry.fields.iter().filter(|change| change.field == "status") {
            if change.before != status {
                return Err(format!("{:?} after {status:?}", change.before));
            }
            status = change.after.clone();
        }
    }
    let now = house.wait(house.act(0).get(deal)).unwrap();
    (Value::text(now.status.as_str()) == status).then_some(entries.len()).ok_or("not the last".to_owned())
}

/// How many changes of status the timeline of a deal tells of.
fn told(house: &House<'_>, deal: DealId) -> usize {
    let page = house
        .wait(house.act(0).timeline(deal, List::<Activity>::new().kind(["status_changed"]).first(100)))
        .unwrap();
    page.items.len()
}

/// Many contacts with one unique address: one of them gets it.
///
/// # Panics
/// The store does not keep it.
pub fn one_address_has_one_contact(arena: &Arena) {
    let (profile, rounds) = (profile(), arena.rounds);
    let mut violations = Vec::new();
    for round in 0..rounds {
        let house = arena.house(&profile, round);
        let answers = race(&house, THREADS, |house, number| {
            let email = if number % 2 == 0 { "same@example.com" } else { "SAME@Example.Com" };
            let create = CreateContact::new().name("Contact").email(email);
            code(house.wait(house.act(0).apply(create)))
        });
        let total = house.wait(house.act(0).list(List::<Contact>::new())).unwrap().total;
        if (count(&answers, "ok"), count(&answers, "already_exists"), total) != (1, 3, Some(1)) {
            violations.push(format!("round {round}: {answers:?}, {total:?} contacts"));
        }
    }
    report("one unique address", rounds, &violations);
}

/// The same member added by many: once.
///
/// # Panics
/// The store does not keep it.
pub fn one_user_is_added_once(arena: &Arena) {
    let (profile, rounds) = (profile(), arena.rounds);
    let mut violations = Vec::new();
    for round in 0..rounds {
        let house = arena.house(&profile, round);
        let answers = race(&house, THREADS, |house, _| {
            code(house.wait(house.act(0).apply(AddMember::with_id(user(1)))))
        });
        let entries = house.wait(house.act(0).history(user(1))).unwrap().len();
        if (count(&answers, "ok"), count(&answers, "already_exists"), entries) != (1, 3, 1) {
            violations.push(format!("round {round}: {answers:?}, {entries} entries"));
        }
    }
    report("one new member", rounds, &violations);
}

/// The same request many times under one key: it is executed once, and all get its answer.
///
/// # Panics
/// The store does not keep it.
pub fn one_key_is_executed_once(arena: &Arena) {
    let (profile, rounds) = (profile(), arena.rounds);
    let mut violations = Vec::new();
    for round in 0..rounds {
        let house = arena.house(&profile, round);
        let answers = race(&house, THREADS, |house, _| {
            let create = CreateDeal::new().title("Deal");
            house.wait(house.act(0).apply(create).with_key("once"))
        });
        let answers: Vec<Arc<Deal>> = answers.into_iter().map(Result::unwrap).collect();
        let total = house.wait(house.act(0).list(List::<Deal>::new())).unwrap().total;
        if total != Some(1) || answers.iter().any(|row| *row != answers[0]) {
            violations.push(format!("round {round}: {total:?} deals"));
        }
    }
    report("one idempotency key", rounds, &violations);
}

/// Two editors who saw the same version: the second one is told.
///
/// # Panics
/// The store does not keep it.
pub fn the_second_editor_is_told(arena: &Arena) {
    let (profile, rounds) = (profile(), arena.rounds);
    let mut violations = Vec::new();
    let contact = ContactId::from_uuid(Uuid::from_u128(1));
    for round in 0..rounds {
        let house = arena.house(&profile, round);
        let session = house.act(0);
        house.wait(session.apply(CreateContact::with_id(contact).name("Contact"))).unwrap();
        let answers = race(&house, 2, |house, number| {
            let edit = UpdateContact::of(contact).name(format!("Editor {number}").as_str());
            code(house.wait(house.act(0).apply(edit).if_version(1)))
        });
        let version = house.wait(session.get(contact)).unwrap().version;
        if (count(&answers, "ok"), count(&answers, "stale_version"), version) != (1, 1, 2) {
            violations.push(format!("round {round}: {answers:?}, version {version}"));
        }
    }
    report("two editors", rounds, &violations);
}

/// Batches over the same deals in another order each, all at once: nobody waits in a circle, and every one of them is done.
///
/// # Panics
/// The store does not keep it.
pub fn batches_pass_each_other_in_any_order(arena: &Arena) {
    const DEALS: u64 = 6;
    const WRITERS: u64 = 8;
    let (profile, rounds) = (profile(), arena.rounds);
    let mut violations = Vec::new();
    let deal = |number: u64| DealId::from_uuid(Uuid::from_u128(1 + u128::from(number % DEALS)));
    for round in 0..rounds {
        let house = arena.house(&profile, round);
        let create =
            |batch: Batch, number| batch.then(CreateDeal::with_id(deal(number)).title("Deal").amount(10));
        house.wait(house.act(0).apply((0..DEALS).fold(Batch::new(), create))).unwrap();
        let answers = race(&house, WRITERS, |house, number| {
            // Each begins at another deal and goes up or down; every pair overlaps.
            let places =
                (0..4).map(|step| if number % 2 == 0 { number + step } else { number + 3 * DEALS - step });
            let title = format!("Writer {number}");
            let change = |batch: Batch, place| batch.then(UpdateDeal::of(deal(place)).title(title.as_str()));
            let answer = house.wait(house.act(0).apply(places.fold(Batch::new(), change)));
            answer.map_or_else(|error| format!("{error:?}"), |_| "ok".to_owned())
        });
        let entries: usize =
            (0..DEALS).map(|number| house.wait(house.act(0).history(deal(number))).unwrap().len()).sum();
        let wanted = usize::try_from(DEALS + 4 * WRITERS).unwrap();
        if answers.iter().any(|answer| answer != "ok") || entries != wanted {
            violations.push(format!("round {round}: {answers:?}, {entries} entries instead of {wanted}"));
        }
    }
    report("batches in any order", rounds, &violations);
}

/// Many write while a reader follows the outbox: it sees each event once, those of one record in order, and as they stand
/// in the end.
///
/// # Panics
/// The store does not keep it.
pub fn a_reader_misses_no_event(arena: &Arena) {
    const WRITERS: u64 = 8;
    const TURNS: u64 = 6;
    let (profile, rounds) = (profile(), arena.rounds.div_ceil(4));
    let (mut violations, mut total) = (Vec::new(), 0);
    let contact = |number: u64| ContactId::from_uuid(Uuid::from_u128(1 + u128::from(number)));
    for round in 0..rounds {
        let house = arena.house(&profile, round);
        for number in 0..3 {
            house.wait(house.act(0).apply(CreateContact::with_id(contact(number)).name("C"))).unwrap();
        }
        let done = AtomicBool::new(false);
        let (seen, answers) = thread::scope(|scope| {
            let reader = scope.spawn(|| follow(&house, &done));
            let answers = race(&house, WRITERS, |house, number| {
                let session = house.act(0);
                let one = |turn: u64| match turn % 3 {
                    0 => code(house.wait(session.apply(CreateDeal::new().title("Deal").amount(10)))),
                    _ => {
                        let name = format!("C {number} {turn}");
                        let rename = UpdateContact::of(contact((number + turn) % 3)).name(name.as_str());
                        code(house.wait(session.apply(rename)))
                    }
                };
                (0..TURNS).all(|turn| one(turn) == "ok")
            });
            done.store(true, Ordering::SeqCst);
            (reader.join().unwrap(), answers)
        });
        total += seen.len();
        let all = house.wait(house.crm.events(house.id, None, u32::MAX)).unwrap();
        let ids = |events: &[Event]| events.iter().map(|event| event.id).collect::<Vec<_>>();
        if !answers.iter().all(|ok| *ok) {
            violations.push(format!("round {round}: not every command was done"));
        }
        if ids(&seen) != ids(&all) {
            let (found, there): (BTreeSet<_>, BTreeSet<_>) =
                (ids(&seen).into_iter().collect(), ids(&all).into_iter().collect());
            violations.push(format!(
                "round {round}: {} events seen, {} of them different ones, {} missed of {}",
                seen.len(),
                found.len(),
                there.difference(&found).count(),
                all.len()
            ));
        }
        let mut last = BTreeMap::new();
        for event in &seen {
            if last.insert(event.subject, event.version).is_some_and(|before| before > event.version) {
                violations.push(format!("round {round}: {} goes back to {}", event.subject, event.version));
            }
        }
    }
    println!("race: a reader of events: {total} events");
    report("a reader of events", rounds, &violations);
}

/// Reads the outbox in small portions until everybody is done and nothing more comes.
fn follow(house: &House<'_>, done: &AtomicBool) -> Vec<Event> {
    let mut seen: Vec<Event> = Vec::new();
    loop {
        let is_last = done.load(Ordering::SeqCst);
        let after: Option<EventId> = seen.last().map(|event| event.id);
        let portion = house.wait(house.crm.events(house.id, after, 3)).unwrap();
        if portion.is_empty() && is_last {
            return seen;
        }
        if portion.is_empty() {
            thread::yield_now();
        }
        seen.extend(portion);
    }
}

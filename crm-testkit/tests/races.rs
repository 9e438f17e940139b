//! Races of real threads on the memory store.
//!
//! Each race is run many times from a state of its own; the threads begin at a barrier. What must hold afterwards holds
//! after every round.
#![expect(clippy::unwrap_used, reason = "the functions beside the tests are tests too")]

use std::future::IntoFuture;
use std::sync::{Arc, Barrier};
use std::thread;

use crm_core::clock::ManualClock;
use crm_core::describe::{Id, Value};
use crm_core::seed::SeededIds;
use crm_core::value::{ContactId, DealId, OrganizationId, UserId, Uuid};
use crm_core::{
    Activity, AddMember, ChangeMember, Contact, CreateContact, CreateDeal, CreateOrganization, Crm, Deal,
    Error, LeaveOrganization, List, LoseDeal, Membership, Profile, RemoveMember, ReopenDeal, Session,
    TransitionDeal, UpdateContact, WinDeal,
};
use crm_store_memory::MemoryStore;
use pollster::block_on;

const HOUSE: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(0xA));
const ROUNDS: u64 = 1_000;
const THREADS: u64 = 4;

fn user(number: u64) -> UserId {
    UserId::from_uuid(Uuid::from_u128(0xF000 + u128::from(number)))
}

fn profile() -> Profile {
    Profile::from_json(r#"{ "extends": "general", "name": "races", "unique": ["contact.email"] }"#).unwrap()
}

/// A new house of user 0.
fn house(profile: &Profile) -> Crm {
    let crm = Crm::new(Arc::new(MemoryStore::new()), profile.clone())
        .with_clock(Arc::new(ManualClock::at("2026-03-02T09:00:00Z".parse().unwrap())))
        .with_ids(Arc::new(SeededIds::from_seed(1)));
    block_on(crm.register(user(0), CreateOrganization::with_id(HOUSE).name("House")).into_future()).unwrap();
    crm
}

/// The same for each thread, at once; the answers in the order of the threads.
fn race<T: Send>(crm: &Crm, threads: u64, act: impl Fn(&Crm, u64) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(usize::try_from(threads).unwrap());
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|number| {
                let (barrier, act) = (&barrier, &act);
                scope.spawn(move || {
                    barrier.wait();
                    act(crm, number)
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

fn active_owners(session: &Session<'_>) -> Option<u64> {
    let list = List::<Membership>::new().role(["owner"]).active(true);
    block_on(session.list(list)).ok().and_then(|page| page.total)
}

#[test]
fn an_owner_always_remains() {
    let profile = profile();
    let mut violations = Vec::new();
    for round in 0..ROUNDS {
        let crm = house(&profile);
        let first = crm.act(HOUSE, user(0));
        block_on(first.apply(AddMember::with_id(user(1)).role("owner")).into_future()).unwrap();
        let answers = race(&crm, 2, |crm, number| {
            let (session, other) = (crm.act(HOUSE, user(number)), user(1 - number));
            match (round / if number == 0 { 1 } else { 4 }) % 4 {
                0 => code(block_on(session.apply(ChangeMember::of(other).role("member")).into_future())),
                1 => code(block_on(session.apply(RemoveMember { id: other, successor: None }).into_future())),
                2 => code(block_on(session.apply(ChangeMember::of(other).active(false)).into_future())),
                _ => code(block_on(session.apply(LeaveOrganization { successor: None }).into_future())),
            }
        });
        let system = crm_core::Actor::System { reason: "audit".parse().unwrap() };
        let owners = active_owners(&crm.act(HOUSE, system));
        if owners != Some(1) || count(&answers, "ok") == 0 {
            violations.push(format!("round {round}: {owners:?} owners, {answers:?}"));
        }
    }
    report("last owner", ROUNDS, &violations);
}

#[test]
fn a_deal_is_moved_by_one_of_four() {
    let profile = profile();
    let mut violations = Vec::new();
    let deal = DealId::from_uuid(Uuid::from_u128(1));
    for round in 0..ROUNDS {
        let crm = house(&profile);
        let session = crm.act(HOUSE, user(0));
        block_on(session.apply(CreateDeal::with_id(deal).title("Deal").amount(10)).into_future()).unwrap();
        block_on(session.apply(TransitionDeal { id: deal, status: "parked".into() }).into_future()).unwrap();
        block_on(session.apply(TransitionDeal { id: deal, status: "open".into() }).into_future()).unwrap();
        // All four have read version 3.
        let answers = race(&crm, THREADS, |crm, number| {
            let session = crm.act(HOUSE, user(0));
            code(match number {
                0 => block_on(session.apply(WinDeal { id: deal }).if_version(3).into_future()),
                1 => block_on(session.apply(LoseDeal { id: deal, reason: None }).if_version(3).into_future()),
                2 => {
                    let park = TransitionDeal { id: deal, status: "parked".into() };
                    block_on(session.apply(park).if_version(3).into_future())
                }
                _ => block_on(session.apply(WinDeal { id: deal }).if_version(3).into_future()),
            })
        });
        let chain = chain(&session, deal);
        let told = told(&session, deal);
        if count(&answers, "ok") != 1 || count(&answers, "stale_version") != 3 || chain != Ok(4) || told != 3
        {
            violations.push(format!("round {round}: {answers:?}, chain {chain:?}, told {told}"));
        }
    }
    report("four ways on for one deal", ROUNDS, &violations);
}

#[test]
fn a_deal_is_ended_by_one_of_four() {
    let profile = profile();
    let mut violations = Vec::new();
    let deal = DealId::from_uuid(Uuid::from_u128(1));
    for round in 0..ROUNDS {
        let crm = house(&profile);
        let session = crm.act(HOUSE, user(0));
        block_on(session.apply(CreateDeal::with_id(deal).title("Deal").amount(10)).into_future()).unwrap();
        let answers = race(&crm, THREADS, |crm, number| {
            let session = crm.act(HOUSE, user(0));
            if number % 2 == 0 {
                block_on(session.apply(WinDeal { id: deal }).into_future()).map(|row| row.status.to_string())
            } else {
                let lose = LoseDeal { id: deal, reason: None };
                block_on(session.apply(lose).into_future()).map(|row| row.status.to_string())
            }
        });
        // Winning what is won changes nothing and is no error; losing it is refused.
        let status = block_on(session.get(deal)).unwrap().status.to_string();
        let agree = answers.iter().flatten().all(|answer| *answer == status);
        let refused = answers
            .iter()
            .filter(|answer| answer.as_ref().is_err_and(|error| error.code() == "invalid_transition"));
        let (refused, chain, told) = (refused.count(), chain(&session, deal), told(&session, deal));
        if !agree || refused != 2 || chain != Ok(2) || told != 1 {
            violations.push(format!("round {round}: {answers:?}, {status}, chain {chain:?}, told {told}"));
        }
    }
    report("win against lose", ROUNDS, &violations);
}

#[test]
fn ends_and_reopenings_are_a_chain() {
    let profile = profile();
    let mut violations = Vec::new();
    let deal = DealId::from_uuid(Uuid::from_u128(1));
    for round in 0..200 {
        let crm = house(&profile);
        let session = crm.act(HOUSE, user(0));
        block_on(session.apply(CreateDeal::with_id(deal).title("Deal").amount(10)).into_future()).unwrap();
        race(&crm, THREADS, |crm, number| {
            let session = crm.act(HOUSE, user(0));
            for turn in 0..6 {
                // Some of these are refused, and none of that matters.
                let _ = match (number + turn) % 3 {
                    0 => code(block_on(session.apply(WinDeal { id: deal }).into_future())),
                    1 => code(block_on(session.apply(LoseDeal { id: deal, reason: None }).into_future())),
                    _ => code(block_on(session.apply(ReopenDeal { id: deal, status: None }).into_future())),
                };
            }
        });
        let (chain, told) = (chain(&session, deal), told(&session, deal));
        if chain != Ok(told + 1) {
            violations.push(format!("round {round}: chain {chain:?}, told {told}"));
        }
    }
    report("ends and reopenings", 200, &violations);
}

/// How long the ledger of a deal is, if each entry begins where the one before it ended.
fn chain(session: &Session<'_>, deal: DealId) -> Result<usize, String> {
    let entries = block_on(session.history(deal)).unwrap();
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
    let now = block_on(session.get(deal)).unwrap();
    (Value::text(now.status.as_str()) == status).then_some(entries.len()).ok_or("not the last".to_owned())
}

/// How many changes of status the timeline of a deal tells of.
fn told(session: &Session<'_>, deal: DealId) -> usize {
    let page = block_on(session.timeline(deal, List::<Activity>::new().kind(["status_changed"]).first(100)))
        .unwrap();
    page.items.len()
}

#[test]
fn one_address_has_one_contact() {
    let profile = profile();
    let mut violations = Vec::new();
    for round in 0..ROUNDS {
        let crm = house(&profile);
        let answers = race(&crm, THREADS, |crm, number| {
            let email = if number % 2 == 0 { "same@example.com" } else { "SAME@Example.Com" };
            let create = CreateContact::new().name("Contact").email(email);
            code(block_on(crm.act(HOUSE, user(0)).apply(create).into_future()))
        });
        let total = block_on(crm.act(HOUSE, user(0)).list(List::<Contact>::new())).unwrap().total;
        if (count(&answers, "ok"), count(&answers, "already_exists"), total) != (1, 3, Some(1)) {
            violations.push(format!("round {round}: {answers:?}, {total:?} contacts"));
        }
    }
    report("one unique address", ROUNDS, &violations);
}

#[test]
fn one_user_is_added_once() {
    let profile = profile();
    let mut violations = Vec::new();
    for round in 0..ROUNDS {
        let crm = house(&profile);
        let answers = race(&crm, THREADS, |crm, _| {
            code(block_on(crm.act(HOUSE, user(0)).apply(AddMember::with_id(user(1))).into_future()))
        });
        let entries = block_on(crm.act(HOUSE, user(0)).history(user(1))).unwrap().len();
        if (count(&answers, "ok"), count(&answers, "already_exists"), entries) != (1, 3, 1) {
            violations.push(format!("round {round}: {answers:?}, {entries} entries"));
        }
    }
    report("one new member", ROUNDS, &violations);
}

#[test]
fn one_key_is_executed_once() {
    let profile = profile();
    let mut violations = Vec::new();
    for round in 0..ROUNDS {
        let crm = house(&profile);
        let answers = race(&crm, THREADS, |crm, _| {
            let create = CreateDeal::new().title("Deal");
            block_on(crm.act(HOUSE, user(0)).apply(create).with_key("once").into_future())
        });
        let answers: Vec<Arc<Deal>> = answers.into_iter().map(Result::unwrap).collect();
        let total = block_on(crm.act(HOUSE, user(0)).list(List::<Deal>::new())).unwrap().total;
        if total != Some(1) || answers.iter().any(|row| *row != answers[0]) {
            violations.push(format!("round {round}: {total:?} deals"));
        }
    }
    report("one idempotency key", ROUNDS, &violations);
}

#[test]
fn the_second_editor_is_told() {
    let profile = profile();
    let mut violations = Vec::new();
    let contact = ContactId::from_uuid(Uuid::from_u128(1));
    for round in 0..ROUNDS {
        let crm = house(&profile);
        let session = crm.act(HOUSE, user(0));
        block_on(session.apply(CreateContact::with_id(contact).name("Contact")).into_future()).unwrap();
        let answers = race(&crm, 2, |crm, number| {
            let edit = UpdateContact::of(contact).name(format!("Editor {number}").as_str());
            code(block_on(crm.act(HOUSE, user(0)).apply(edit).if_version(1).into_future()))
        });
        let version = block_on(session.get(contact)).unwrap().version;
        if (count(&answers, "ok"), count(&answers, "stale_version"), version) != (1, 1, 2) {
            violations.push(format!("round {round}: {answers:?}, version {version}"));
        }
    }
    report("two editors", ROUNDS, &violations);
}

//! Deliveries to other systems, made by processes that are killed at any moment.
//!
//! Invariant: whoever is killed, each delivery has its effect once, and those of a record have theirs in order.

use std::future::IntoFuture as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crm_core::integration::deliver_round;
use crm_core::store::Store;
use crm_core::value::{ContactId, OrganizationId, UserId, Uuid};
use crm_core::{
    Actor, Batch, ClaimDeliveries, CreateContact, CreateOrganization, Crm, Delivery, Error, List, Profile,
    Session, UpdateContact,
};
use crm_testkit::cases::rounds;
use serde_json::json;

use crate::support::places::{Place, open, places};
use crate::support::processes::Process;
use crate::support::receiver::{Receiver, Wire};
use crate::support::runtime::block_on;

const ADA: UserId = UserId::from_uuid(Uuid::from_u128(0xADA));
const HOUSE: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(0xA));
/// How often each contact is written: once created, and then changed.
const VERSIONS: u64 = 20;
/// The targets, and how many of a contact's events each wants to know.
const TARGETS: [(&str, u64); 2] = [("everything", VERSIONS), ("arrivals", 1)];
/// How many processes work at the same time.
const WORKERS: usize = 2;
/// How many deliveries one takes at once, and for how many seconds.
const CLAIM: (u32, u32) = (20, 1);
/// Longer than anything takes.
const LONG: Duration = Duration::from_secs(120);
/// In the environment of a worker: where the store is, and where the receiver.
const PLACE: &str = "CRM_DELIVERIES_PLACE";
const RECEIVER: &str = "CRM_DELIVERIES_RECEIVER";

/// A claim is an attempt, whether or not its worker lives: what is never given up has more of them than workers die.
fn engine(store: Arc<dyn Store>) -> Crm {
    let attempts = rounds(3) + 10;
    let profile = json!({
        "extends": "general",
        "name": "killed",
        "integrations": {
            "systems": ["other"],
            "retries": { "patient": { "attempts": attempts, "base_ms": 1, "max_ms": 1, "factor": 1, "after": ["other"] } },
            "targets": [
                { "name": "everything", "events": ["contact.*"], "retry": "patient" },
                { "name": "arrivals", "events": ["contact.created"], "retry": "patient" },
            ],
        },
    });
    Crm::new(store, Profile::from_json(&profile.to_string()).unwrap())
}

fn host(crm: &Crm) -> Session<'_> {
    crm.act(HOUSE, Actor::System { reason: "courier".parse().unwrap() })
}

fn contact(number: u64) -> ContactId {
    ContactId::from_uuid(Uuid::from_u128(0xC000 + u128::from(number)))
}

/// May it be tried again? A commit may still have landed.
fn passes(error: &Error) -> bool {
    error.is_retryable() || matches!(error, Error::OutcomeUnknown { .. })
}

/// Whoever started it holds its input open.
fn ends_with_its_test() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_line(&mut String::new());
        std::process::exit(0);
    });
}

/// The process that delivers until it is killed: the test below runs this one.
#[test]
fn the_worker() {
    let [Ok(place), Ok(receiver)] = [PLACE, RECEIVER].map(std::env::var) else { return };
    ends_with_its_test();
    block_on(async {
        let (crm, wire) = (engine(open(&place).await), Wire::to(&receiver));
        loop {
            let mut done = 0;
            for (target, _) in TARGETS {
                let claim = ClaimDeliveries::of(target.parse().unwrap(), CLAIM.0, CLAIM.1);
                match deliver_round(&host(&crm), &wire, claim).await {
                    Ok(round) => done += round.done,
                    Err(error) => assert!(passes(&error), "{error:?}"),
                }
            }
            if done == 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    });
}

/// Creates contacts and changes them, many in one commit.
async fn write(crm: &Crm, contacts: u64) {
    let session = crm.act(HOUSE, ADA);
    for version in 1..=VERSIONS {
        let name = format!("Version {version}");
        for first in (0..contacts).step_by(20) {
            let commit = async || {
                let of = first..contacts.min(first + 20);
                let batch = of.map(contact).fold(Batch::new(), |batch, id| match version {
                    1 => batch.then(CreateContact::with_id(id).name(&*name)),
                    _ => batch.then(UpdateContact::of(id).name(&*name)),
                });
                session.apply(batch).with_key(format!("{version} {first}")).await
            };
            while let Err(error) = commit().await {
                assert!(passes(&error), "{error:?}");
            }
        }
    }
}

/// Numbers that look drawn by chance, and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Lets workers deliver, and kills so many of them, each somewhere in its share of the time that it takes.
fn deliver(place: &Place, receiver: &Receiver, deliveries: u64, kills: u64) {
    let start = || {
        let words = [(PLACE, place.words.as_str()), (RECEIVER, receiver.address.as_str())];
        Process::start("deliveries::the_worker", words)
    };
    let mut workers: Vec<_> = (0..WORKERS).map(|_| start()).collect();
    let mut dice = Dice(1);
    for kill in 0..kills {
        receiver.wait_for(deliveries * kill / kills + dice.below(deliveries / kills), LONG);
        std::thread::sleep(Duration::from_micros(dice.below(20_000)));
        let which = usize::try_from(dice.below(WORKERS as u64)).unwrap();
        std::mem::replace(&mut workers[which], start()).kill();
    }
    receiver.wait_for(deliveries, LONG);
    let (crm, begun) = (engine(block_on(open(&place.words))), Instant::now());
    while block_on(count(&crm, "done")) < deliveries {
        assert!(begun.elapsed() < LONG, "{}: what was delivered is not reported", place.name);
        std::thread::sleep(Duration::from_millis(50));
    }
}

async fn count(crm: &Crm, status: &str) -> u64 {
    let list = List::<Delivery>::new().has("status", [json!(status)]).page(1, 1);
    host(crm).list(list).await.unwrap().total.unwrap()
}

#[test]
fn each_delivery_has_its_effect_once_whoever_is_killed() {
    let (contacts, kills) = (rounds(20), rounds(3));
    let deliveries = contacts * TARGETS.iter().map(|(_, events)| events).sum::<u64>();
    for place in places() {
        let begun = Instant::now();
        let receiver = Receiver::open();
        let crm = engine(block_on(open(&place.words)));
        let found = CreateOrganization::with_id(HOUSE).name("House");
        block_on(crm.register(ADA, found).into_future()).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| block_on(write(&crm, contacts)));
            deliver(&place, &receiver, deliveries, kills);
        });
        let book = receiver.book();
        for status in ["pending", "sending", "dead", "cancelled"] {
            assert_eq!(block_on(count(&crm, status)), 0, "{}: {status}", place.name);
        }
        assert_eq!(book.effects.len() as u64, deliveries, "{}: each delivery once", place.name);
        assert_eq!(book.lanes.len() as u64, contacts * TARGETS.len() as u64, "{}", place.name);
        for ((target, lane), versions) in &book.lanes {
            let (_, events) = TARGETS.iter().find(|(name, _)| name == target).unwrap();
            let wanted: Vec<u64> = (1..=*events).collect();
            assert_eq!(versions, &wanted, "{}: {target} of {lane}, in order", place.name);
        }
        println!(
            "{}: {} events, {deliveries} deliveries, {kills} workers killed: none lost, {} came twice; {:?}",
            place.name,
            contacts * VERSIONS,
            book.twice,
            begun.elapsed(),
        );
    }
}

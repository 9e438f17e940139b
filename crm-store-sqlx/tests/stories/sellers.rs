//! Units under many sellers at once: threads of one process, and processes of one store.
//!
//! Invariant: each unit is sold once, whoever sells; who was too late is told so, and nothing else goes wrong.

use std::collections::BTreeSet;
use std::sync::{Arc, Barrier};
use std::time::Instant;

use crm_core::store::Store;
use crm_core::value::{ComplexId, OrganizationId, UnitId, UserId, Uuid};
use crm_core::{
    Batch, Contract, CreateComplex, CreateContract, CreateOrganization, CreateUnit, Crm, List, Profile, Unit,
};
use crm_store_memory::MemoryStore;
use crm_testkit::cases::rounds;
use serde_json::json;

use crate::support::places::{open, places};
use crate::support::processes::Process;
use crate::support::runtime::block_on;

const ADA: UserId = UserId::from_uuid(Uuid::from_u128(0xADA));
const HOUSE: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(0xA));
const COMPLEX: ComplexId = ComplexId::from_uuid(Uuid::from_u128(0xC));
const SELLERS: usize = 8;
/// In the environment of a process that sells: where the store is.
const PLACE: &str = "CRM_SELLERS_PLACE";
/// What stands before what such a process says.
const READY: &str = "ready: ";
const SOLD: &str = "sold: ";

fn engine(store: Arc<dyn Store>) -> Crm {
    Crm::new(store, Profile::preset("real_estate").unwrap())
}

fn unit(number: u64) -> UnitId {
    UnitId::from_uuid(Uuid::from_u128(0x0F00_0000 + u128::from(number)))
}

/// An organisation with a complex of so many units.
async fn build(crm: &Crm, units: u64) {
    crm.register(ADA, CreateOrganization::with_id(HOUSE).name("House")).await.unwrap();
    let complex = CreateComplex::with_id(COMPLEX).name("Riverside").term_months(36).hybrid_allowed(false);
    crm.act(HOUSE, ADA).apply(complex).await.unwrap();
    let row = |number: u64| CreateUnit::with_id(unit(number)).complex(COMPLEX).block("A").floor(1);
    let all = (0..units).map(|number| row(number).number(number.to_string()));
    crm.act(HOUSE, ADA).apply(all.fold(Batch::new(), Batch::then)).await.unwrap();
}

/// Sells one unit after the other, and tells how many of them it sold. Nobody gives a unit up before it is sold.
async fn sell(crm: &Crm, units: u64) -> u64 {
    let mut sold = 0;
    for number in 0..units {
        loop {
            match crm.act(HOUSE, ADA).apply(CreateContract::new().unit(unit(number)).total(1_000)).await {
                Ok(_) => sold += 1,
                Err(error) if error.is_retryable() => continue,
                Err(error) => assert!(matches!(error.code(), "unit_sold" | "already_exists"), "{error:?}"),
            }
            break;
        }
    }
    sold
}

/// As many contracts as units and sales, each with a unit and a number of its own, and no unit left over.
async fn audit(name: &str, crm: &Crm, units: u64, sold: u64) {
    assert_eq!(sold, units, "{name}: sales");
    let session = crm.act(HOUSE, ADA);
    let mut contracts = Vec::new();
    for skip in (0..=units).step_by(100) {
        let page = List::<Contract>::new().skip(skip, 100);
        contracts.extend(session.list(page).await.unwrap().items);
    }
    let of: BTreeSet<_> = contracts.iter().map(|contract| contract.unit.unwrap()).collect();
    let numbers: BTreeSet<_> = contracts.iter().map(|contract| contract.number.clone().unwrap()).collect();
    assert!(contracts.iter().all(|contract| contract.status == "signed"), "{name}");
    assert_eq!(
        (contracts.len(), of.len(), numbers.len()),
        (sold as usize, sold as usize, sold as usize),
        "{name}"
    );
    let left = List::<Unit>::new().has("sold", [json!(false)]).page(1, 1);
    assert_eq!(session.list(left).await.unwrap().total, Some(0), "{name}: left over");
}

#[test]
fn each_unit_is_sold_once_by_threads() {
    let units = rounds(25);
    let places = places();
    let stores = places.iter().map(|place| (place.name, block_on(open(&place.words))));
    let memory: (_, Arc<dyn Store>) = ("memory", Arc::new(MemoryStore::new()));
    for (name, store) in std::iter::once(memory).chain(stores) {
        let crm = engine(store);
        block_on(build(&crm, units));
        let (begun, gate) = (Instant::now(), Barrier::new(SELLERS));
        let seller = || {
            gate.wait();
            block_on(sell(&crm, units))
        };
        let sold = std::thread::scope(|scope| {
            let sellers: Vec<_> = (0..SELLERS).map(|_| scope.spawn(seller)).collect();
            sellers.into_iter().map(|seller| seller.join().unwrap()).sum()
        });
        block_on(audit(name, &crm, units, sold));
        println!("{name}: {units} units, {SELLERS} threads: {sold} sales; {:?}", begun.elapsed());
    }
}

/// The process that sells when it is told to, and tells how many: the test below runs it.
#[test]
fn the_seller() {
    let Ok(place) = std::env::var(PLACE) else { return };
    let crm = engine(block_on(open(&place)));
    println!("{READY}");
    let mut units = String::new();
    std::io::stdin().read_line(&mut units).unwrap();
    println!("{SOLD}{}", block_on(sell(&crm, units.trim().parse().unwrap())));
}

#[test]
fn each_unit_is_sold_once_by_processes() {
    let units = rounds(25);
    for place in places() {
        let crm = engine(block_on(open(&place.words)));
        block_on(build(&crm, units));
        let start = |_| Process::start("sellers::the_seller", [(PLACE, place.words.as_str())]);
        let mut sellers: Vec<_> = (0..SELLERS).map(start).collect();
        sellers.iter_mut().for_each(|seller| drop(seller.hear(READY)));
        let begun = Instant::now();
        sellers.iter_mut().for_each(|seller| seller.tell(&units.to_string()));
        let sold = sellers.iter_mut().map(|seller| seller.hear(SOLD).parse::<u64>().unwrap()).sum();
        block_on(audit(place.name, &crm, units, sold));
        println!("{}: {units} units, {SELLERS} processes: {sold} sales; {:?}", place.name, begun.elapsed());
    }
}

//! Many at once: what is sold once is sold once.

use std::collections::BTreeMap;
use std::thread;

use crm_core::value::UnitId;
use crm_core::{CancelContract, Contract, Error, List, SignContract};
use pollster::block_on as now;
use serde_json::json;

use super::{House, complex, create, house, id, lead, lead_row, terms, unit_row, user, with};

const SELLERS: u128 = 8;
const UNITS: u128 = 40;

fn unit(number: u128) -> UnitId {
    UnitId::from_uuid(id(10_000 + number))
}

fn town() -> House {
    let house = house();
    house.import((0..UNITS).map(|number| unit_row(unit(number), complex(0), 100 + number)));
    house
}

/// The contracts in force of each unit.
fn in_force(house: &House) -> BTreeMap<UnitId, usize> {
    let session = house.crm.act(house.id, user(1));
    let mut counts = BTreeMap::new();
    for page in 1..=10 {
        let found = now(session.list(List::<Contract>::new().page(page, 100))).unwrap();
        for contract in found.items.iter().filter(|contract| contract.is_signed()) {
            *counts.entry(contract.unit.unwrap()).or_default() += 1;
        }
    }
    counts
}

fn is_typed(error: &Error) -> bool {
    matches!(error.code(), "already_exists" | "unit_sold")
}

#[test]
fn a_unit_is_sold_again_only_when_its_contract_is_cancelled() {
    let house = town();
    thread::scope(|scope| {
        for _ in 0..SELLERS {
            scope.spawn(|| {
                for round in 0..40 {
                    match house.by(1, create(terms(unit(round % 4)))) {
                        Ok(contract) => {
                            house.do_(CancelContract::of(contract.id, "round and round"));
                        }
                        Err(error) => assert!(is_typed(&error), "{error}"),
                    }
                }
            });
        }
    });
    assert_eq!(in_force(&house), BTreeMap::new());
    let (signed, cancelled) = (house.events("contract.signed"), house.events("contract.cancelled"));
    assert_eq!(signed.len(), cancelled.len());
    let mut sold = BTreeMap::<String, i32>::new();
    let mut events: Vec<_> = now(house.crm.events(house.id, None, 100_000)).unwrap();
    events.retain(|event| matches!(event.name.as_str(), "contract.signed" | "contract.cancelled"));
    for event in events {
        let count = sold.entry(event.data["unit"].to_string()).or_default();
        *count += if event.name == "contract.signed" { 1 } else { -1 };
        assert!((0..=1).contains(count), "never two at a time");
    }
    for number in 0..4 {
        assert!(!house.get(unit(number)).sold);
        house.issue(terms(unit(number)));
    }
}

#[test]
fn of_many_contracts_with_one_lead_one_is_signed() {
    let house = town();
    house.import([lead_row(9, user(1))]);
    let done: usize = thread::scope(|scope| {
        let sell = |number: u128| {
            let house = &house;
            move || {
                usize::from(
                    house.by(1, create(with(terms(unit(number)), json!({ "lead": lead(9) })))).is_ok(),
                )
            }
        };
        let all: Vec<_> = (0..SELLERS).map(|number| scope.spawn(sell(number))).collect();
        all.into_iter().map(|each| each.join().unwrap()).sum()
    });
    assert_eq!((done, in_force(&house).len()), (1, 1));
}

#[test]
fn a_draft_is_signed_once() {
    let house = town();
    let draft = house.issue(with(terms(unit(1)), json!({ "status": "draft" }))).id;
    let done: usize = thread::scope(|scope| {
        let all: Vec<_> = (0..SELLERS)
            .map(|_| scope.spawn(|| usize::from(house.by(1, SignContract::of(draft)).is_ok())))
            .collect();
        all.into_iter().map(|each| each.join().unwrap()).sum()
    });
    assert_eq!(done, 1);
    assert_eq!(house.events("contract.signed").len(), 1);
}

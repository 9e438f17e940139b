//! Numbers: given or allocated, once in a scope.

use std::collections::BTreeSet;
use std::thread;

use crm_core::value::{CounterId, Uuid};
use crm_core::{
    CancelContract, Contract, Counter, CreateContract, Delete, DeleteContract, List, SignContract,
};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::{House, create, field, flat, house, house_with, id, sections, user};

fn loose(more: Json) -> CreateContract {
    create(super::with(json!({ "total": 10 }), more))
}

fn number(house: &House, fields: Json) -> String {
    house.do_(loose(fields)).number.clone().unwrap().to_string()
}

#[test]
fn each_scope_counts_for_itself() {
    let house = house();
    let in_unit = |unit| number(&house, json!({ "unit": flat(unit) }));
    assert_eq!([in_unit(1), in_unit(2), in_unit(5)], ["Д-0001", "Д-0002", "Д-0001"], "two complexes");
    assert_eq!(number(&house, json!({})), "Д-0001", "and the organisation");
    assert_eq!(number(&house, json!({})), "Д-0002");
    assert_eq!(in_unit(6), "Д-0002");
}

#[test]
fn prefix_and_digits_are_the_profiles() {
    let mut spec = sections()["contracts"].clone();
    spec["number_prefix"] = json!("K/");
    spec["number_digits"] = json!(1);
    let house = house_with(&[("/contracts", spec)]);
    let numbers: Vec<_> = (0..11).map(|_| number(&house, json!({}))).collect();
    assert_eq!((numbers[0].as_str(), numbers[9].as_str(), numbers[10].as_str()), ("K/1", "K/10", "K/11"));
}

#[test]
fn a_number_is_given_once_in_whatever_spelling() {
    let house = house();
    for (first, second, same) in [
        ("17/a", "17/A", true),
        ("17/b", "17/c", false),
        ("Д-0900", "Д-900", true),
        ("Д-901", "д- 0901", true),
        ("Д-902", "D-902", false),
        ("Д-0", "Д-00", true),
        ("Д-", "Д-0903", false),
        ("0904", "904", false),
        ("Д-9\u{661}", "Д-91", false),
        ("Д-1x", "Д-01x", false),
    ] {
        house.do_(loose(json!({ "number": first })));
        let again = house.by(1, loose(json!({ "number": second })));
        assert_eq!(again.is_err(), same, "{first} and {second}");
        if let Err(error) = again {
            assert_eq!((error.code(), field(&error)), ("already_exists", "number".to_owned()));
        }
    }
    house.do_(loose(json!({ "number": "17/a", "unit": flat(1) })));
    house.do_(loose(json!({ "number": "17/a", "unit": flat(5) })));
    house.refuses(1, loose(json!({ "number": "17/a", "unit": flat(2) })), "already_exists");
}

#[test]
fn a_cancelled_contract_keeps_its_number() {
    let house = house();
    let given = house.do_(loose(json!({ "number": "7", "unit": flat(1) })));
    house.do_(CancelContract::of(given.id, "why"));
    house.refuses(1, loose(json!({ "number": "7", "unit": flat(1) })), "already_exists");
    assert_eq!(number(&house, json!({ "unit": flat(1) })), "Д-0001");
}

#[test]
fn what_somebody_gave_is_skipped() {
    let house = house();
    for given in ["Д-1", "Д-0003", "Д-0004", "Д-99999"] {
        house.do_(loose(json!({ "number": given })));
    }
    let next: Vec<_> = (0..3).map(|_| number(&house, json!({}))).collect();
    assert_eq!(next, ["Д-0002", "Д-0005", "Д-0006"], "a large number burns none before it");
}

#[test]
fn a_register_that_was_imported_is_skipped_at_once() {
    let house = house();
    house.import((1..=400).map(|number| {
        json!({
            "record": "contract", "id": id(50_000 + number), "number": format!("Д-{number:04}"), "total": 1,
            "dated_on": "2025-01-01", "currency": "UZS", "status": "signed",
        })
    }));
    assert_eq!(number(&house, json!({})), "Д-0401");
    assert_eq!(number(&house, json!({})), "Д-0402");
}

#[test]
fn a_draft_has_a_number_when_it_is_given_one_and_else_when_it_is_signed() {
    let house = house();
    let draft = house.do_(loose(json!({ "status": "draft" })));
    assert_eq!(draft.number, None);
    let named = house.do_(loose(json!({ "status": "draft", "number": "Д-1" })));
    house.refuses(1, loose(json!({ "number": "Д-0001" })), "already_exists");
    assert_eq!(house.do_(SignContract::of(draft.id)).number.as_ref().unwrap().as_str(), "Д-0002");
    assert_eq!(house.do_(SignContract::of(named.id)).number.as_ref().unwrap().as_str(), "Д-1");
    let gone = house.do_(loose(json!({ "status": "draft", "number": "Z" })));
    house.do_(DeleteContract::of(gone.id));
    assert_eq!(number(&house, json!({ "number": "Z" })), "Z", "a deleted draft gives its number back");
}

#[test]
fn a_draft_that_moves_to_another_complex_moves_its_number() {
    let house = house();
    house.do_(loose(json!({ "number": "5", "unit": flat(5) })));
    let draft = house.do_(loose(json!({ "number": "5", "unit": flat(1), "status": "draft" })));
    let moved: crm_core::UpdateContract =
        serde_json::from_value(json!({ "id": draft.id, "unit": flat(6) })).unwrap();
    assert_eq!(field(&house.refuses(1, moved, "already_exists")), "number");
}

#[test]
fn a_number_that_was_drawn_in_vain_is_drawn_again() {
    let house = house();
    house.refuses(1, create(json!({ "unit": flat(1), "price": 1, "total": 7 })), "total_unexplained");
    assert_eq!(number(&house, json!({ "unit": flat(1) })), "Д-0001");
}

#[test]
fn nobody_writes_a_counter() {
    let house = house();
    house.do_(loose(json!({})));
    let session = house.crm.act(house.id, user(1));
    let counter = now(session.list(List::<Counter>::new())).unwrap().items.remove(0);
    assert_eq!((counter.scope.as_str(), counter.last), ("organization", 1));
    house.refuses(1, Delete::<Counter>::of(counter.id), "by_rules_only");
    house.refuses(1, crm_core::Create::<Counter>::new(), "by_rules_only");
    let other = CounterId::from_uuid(Uuid::from_u128(1));
    assert_eq!(house.code(crm_core::Update::<Counter>::of(other)), "not_found");
    house.refuses(1, crm_core::Update::<Counter>::of(counter.id), "by_rules_only");
}

#[test]
fn fifty_at_once_get_fifty_numbers() {
    let house = house();
    thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| house.do_(loose(json!({}))));
        }
    });
    let session = house.crm.act(house.id, user(1));
    let all = now(session.list(List::<Contract>::new().page(1, 100))).unwrap().items;
    let numbers: BTreeSet<_> =
        all.iter().map(|contract| contract.number.clone().unwrap().to_string()).collect();
    let wanted: BTreeSet<_> = (1..=50).map(|number| format!("Д-{number:04}")).collect();
    assert_eq!(numbers, wanted);
    assert_eq!(now(session.list(List::<Counter>::new())).unwrap().items.len(), 1);
}

#[test]
fn of_many_who_give_the_same_number_one_has_it() {
    let house = house();
    let done: usize = thread::scope(|scope| {
        let all: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| usize::from(house.by(1, loose(json!({ "number": "Д-5" }))).is_ok())))
            .collect();
        all.into_iter().map(|each| each.join().unwrap()).sum()
    });
    assert_eq!(done, 1);
}

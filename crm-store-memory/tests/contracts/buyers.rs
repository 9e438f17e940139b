//! Buyers: who sees their papers, and how they are erased.

use crm_core::value::BuyerId;
use crm_core::{Buyer, BuyerEdits, Contract, CreateBuyer, DeleteBuyer, EraseBuyer, List, UpdateBuyer};
use pollster::block_on as now;
use serde_json::json;

use super::{House, create, flat, house, id, terms, user, with};

const PAPERS: [&str; 8] = [
    "Ann Archer",
    "AB1234567",
    "31234567890123",
    "Office 7",
    "2020-05-06",
    "Elm 9",
    "+998901112233",
    "ann@example.com",
];

fn ann() -> CreateBuyer {
    serde_json::from_value(json!({
        "name": PAPERS[0], "passport": PAPERS[1], "personal_id": PAPERS[2], "issued_by": PAPERS[3],
        "issued_on": PAPERS[4], "address": PAPERS[5], "phone": PAPERS[6], "email": PAPERS[7],
    }))
    .unwrap()
}

fn shows_none(text: &str, what: &str) {
    for paper in PAPERS {
        assert!(!text.contains(paper), "{what} shows {paper}");
    }
}

fn all_of(house: &House) -> String {
    house.world()
}

#[test]
fn papers_are_read_only_by_who_may() {
    let house = house();
    let buyer = house.do_(ann()).id;
    let read = |number| now(house.crm.act(house.id, user(number)).get(buyer)).map(|row| row.name.is_some());
    assert_eq!(read(4).unwrap_err().code(), "forbidden");
    assert!(read(1).unwrap() && read(3).unwrap());
    let list = |number| now(house.crm.act(house.id, user(number)).list(List::<Buyer>::new()));
    assert_eq!(list(4).unwrap_err().code(), "forbidden");
    assert_eq!(list(3).unwrap().items.len(), 1);
    let history = |number| now(house.crm.act(house.id, user(number)).history(buyer));
    assert_eq!(history(4).unwrap_err().code(), "forbidden");
    assert_eq!(house.by(4, UpdateBuyer::of(buyer).address("x")).unwrap_err().code(), "forbidden");
    assert_eq!(house.by(4, EraseBuyer::of(buyer)).unwrap_err().code(), "forbidden");
}

#[test]
fn contracts_show_the_id_only() {
    let house = house();
    let buyer = house.do_(ann()).id;
    house.issue(with(terms(flat(1)), json!({ "buyer": buyer })));
    let rows = now(house.crm.act(house.id, user(4)).list(List::<Contract>::new())).unwrap().items;
    assert_eq!(rows[0].buyer, Some(buyer));
    let shown = serde_json::to_string(&rows).unwrap();
    assert!(shown.contains(&buyer.to_string()));
    shows_none(&shown, "the list");
}

#[test]
fn papers_are_absent_from_events_the_ledger_and_debug_output() {
    let house = house();
    let buyer = house.do_(ann());
    house.do_(UpdateBuyer::of(buyer.id).address("Oak 3"));
    house.do_(UpdateBuyer::of(buyer.id).address(PAPERS[5]));
    house.issue(with(terms(flat(1)), json!({ "buyer": buyer.id })));
    let events = now(house.crm.events(house.id, None, 1000)).unwrap();
    shows_none(&serde_json::to_string(&events).unwrap(), "an event");
    let ledger = now(house.crm.act(house.id, user(1)).history(buyer.id)).unwrap();
    shows_none(&serde_json::to_string(&ledger).unwrap(), "the ledger");
    let changed: Vec<_> = ledger[1].fields.iter().map(|change| change.field.as_str()).collect();
    assert_eq!((ledger.len(), changed), (3, vec!["address"]), "that it changed is told");
    shows_none(&format!("{buyer:?} {:?} {:?}", ann(), ann().fields), "debug output");
    assert!(format!("{:?}", ann().fields).contains("passport: \"…\""));
}

#[test]
fn what_is_erased_is_nowhere() {
    let house = house();
    let buyer = house.do_(ann()).id;
    let contract = house.issue(with(terms(flat(1)), json!({ "buyer": buyer }))).id;
    assert!(all_of(&house).contains(PAPERS[1]));
    let erased = house.do_(EraseBuyer::of(buyer));
    assert!(erased.erased_at.is_some());
    shows_none(&all_of(&house), "the store");
    assert_eq!(house.contract(contract).buyer, Some(buyer), "the contract still points at it");
    let found = now(house.crm.act(house.id, user(1)).list(List::<Buyer>::new().search("archer"))).unwrap();
    assert!(found.items.is_empty());
    let before = house.world();
    assert_eq!(house.do_(EraseBuyer::of(buyer)).version, erased.version, "again changes nothing");
    assert!(before == house.world());
    house.refuses(1, UpdateBuyer::of(buyer).name("Ann"), "buyer_erased");
    assert_eq!(house.code(EraseBuyer::of(BuyerId::from_uuid(id(9)))), "not_found");
}

#[test]
fn answers_that_are_remembered_keep_no_papers() {
    let house = house();
    let office = house.crm.act(house.id, user(1));
    let made = now(office.apply(ann()).with_key("a")).unwrap();
    let renamed = || UpdateBuyer::of(made.id).address(PAPERS[5]).name(PAPERS[0]);
    let change = || now(office.apply(renamed()).with_key("b"));
    let several = || now(office.apply(crm_core::Batch::new().then(renamed()).then(ann())).with_key("c"));
    let (changed, batch) = (change().unwrap(), several().unwrap());
    assert_eq!(
        (changed.version, changed.name.as_ref().map(ToString::to_string).as_deref()),
        (1, Some(PAPERS[0]))
    );
    let second: BuyerId = serde_json::from_value(batch[1]["id"].clone()).unwrap();
    let again = now(office.apply(ann()).with_key("a")).unwrap();
    assert_eq!((again.id, again.version, again.created_at), (made.id, made.version, made.created_at));
    assert_eq!(several().unwrap()[1]["id"], batch[1]["id"]);
    assert_eq!(again.passport, None, "what is remembered shows no papers: the record has them");
    house.do_(EraseBuyer::of(made.id));
    house.do_(EraseBuyer::of(second));
    shows_none(&all_of(&house), "the store");
    assert_eq!(change().unwrap().id, made.id, "and the key is still known");
}

#[test]
fn a_deleted_buyer_is_erased_too() {
    let house = house();
    let buyer = house.do_(ann()).id;
    house.do_(DeleteBuyer::of(buyer));
    assert!(all_of(&house).contains(PAPERS[0]), "a deleted one can come back");
    house.do_(EraseBuyer::of(buyer));
    shows_none(&all_of(&house), "the store");
}

#[test]
fn a_buyer_has_a_name() {
    let house = house();
    let error = house.refuses(1, CreateBuyer::new().passport("AB"), "invalid");
    assert_eq!(super::field(&error), "name");
    let buyer = house.do_(CreateBuyer::new().name("Ann")).id;
    house.refuses(
        1,
        UpdateBuyer {
            id: buyer,
            fields: BuyerEdits { name: crm_core::value::Patch::Clear, ..Default::default() },
        },
        "invalid",
    );
    assert_eq!(house.code(create(with(terms(flat(1)), json!({ "buyer": buyer })))), "done");
}

#[test]
fn a_buyer_from_elsewhere_without_a_name_is_found() {
    let house = house();
    let row =
        |number: u128, more| with(json!({ "record": "buyer", "id": id(number), "passport": "AB" }), more);
    let rows = vec![
        row(81, json!({})),
        row(82, json!({ "name": "Ann" })),
        row(83, json!({ "erased_at": "2026-01-01T00:00:00Z" })),
    ];
    let report = house.do_(crm_core::Import { rows });
    let found: Vec<_> = report.rows.iter().map(|row| row.findings.len()).collect();
    assert_eq!((report.imported(), found), (3, vec![1, 0, 0]), "{report:?}");
}

#[test]
fn who_may_not_read_papers_links_none() {
    let house = house();
    let buyer = house.do_(ann()).id;
    let mut profile = super::sections();
    profile["roles"]["member"]["grants"]["buyer.read"] = json!("none");
    let profile = crm_core::Profile::from_json(&profile.to_string()).unwrap();
    let crm = crm_core::Crm::new(house.store.clone(), profile).with_clock(house.clock.clone());
    let house = House { crm, store: house.store.clone(), clock: house.clock.clone(), id: house.id };
    house.refuses(2, create(with(terms(flat(1)), json!({ "buyer": buyer }))), "forbidden");
}

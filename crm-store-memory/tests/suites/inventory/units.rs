//! Complexes, units and prices: what they are known by, and what keeps them.

use crm_core::value::{Number, UnitId, Uuid};
use crm_core::{
    Class, CreateComplex, CreatePrice, CreateUnit, DeleteComplex, DeletePrice, DeleteUnit, Import, List,
    Price, RestoreComplex, RestoreUnit, Unit, UnitState, UpdateComplex, UpdatePrice, UpdateUnit,
};
use pollster::block_on as now;
use serde_json::json;

use super::{House, house, lead, user};

fn find(house: &House, unit: (&str, i64, &str), complex: crm_core::value::ComplexId) -> Option<UnitId> {
    let (block, floor, number) = unit;
    match now(house.crm.act(house.id, user(2)).unit(complex, block, floor, number)) {
        Ok(unit) => Some(unit.id),
        Err(error) => {
            assert_eq!((error.code(), error.class()), ("not_found", Class::NotFound), "{error}");
            None
        }
    }
}

#[test]
fn a_unit_is_found_by_its_labels_however_they_are_spelled_and_by_nothing_less() {
    let house = house();
    let complex = house.complex();
    let unit = house.unit(complex, "Блок 1", 3, "12А");
    for spelled in [("блок-1", 3, "12a"), ("Block 1", 3, "12-А"), ("БЛОК1", 3, " 12 A ")] {
        assert_eq!(find(&house, spelled, complex), Some(unit), "{spelled:?}");
    }
    for other in [
        ("1", 3, "12А"),
        ("Блок 2", 3, "12А"),
        ("Блок 1", 4, "12А"),
        ("Блок 1", 3, "12"),
        ("Блок 11", 3, "12А"),
    ] {
        assert_eq!(find(&house, other, complex), None, "the only unit is not taken for {other:?}");
    }
    let elsewhere = house.do_(CreateComplex::new().name("Hillside")).id;
    assert_eq!(find(&house, ("Блок 1", 3, "12А"), elsewhere), None);
    let blank = now(house.crm.act(house.id, user(2)).unit(complex, "—", 3, "12"));
    assert_eq!(blank.unwrap_err().code(), "invalid");
    house.do_(DeleteUnit::of(unit));
    assert_eq!(find(&house, ("Блок 1", 3, "12А"), complex), None);
}

#[test]
fn no_two_live_units_are_the_same() {
    let house = house();
    let complex = house.complex();
    let unit = house.unit(complex, "А", 1, "1");
    let again = || CreateUnit::new().complex(complex).block("a").floor(1).number("1");
    assert_eq!(house.code(1, again()), "already_exists");
    let other = house.unit(complex, "Б", 1, "1");
    assert_eq!(house.code(1, UpdateUnit::of(other).block("A")), "already_exists");
    assert_eq!(house.do_(UpdateUnit::of(unit).block("a")).block.as_str(), "a", "it may be spelled anew");
    house.do_(DeleteUnit::of(unit));
    let new = house.do_(again()).id;
    assert_eq!(house.code(1, RestoreUnit::of(unit)), "already_exists");
    house.do_(DeleteUnit::of(new));
    house.do_(RestoreUnit::of(unit));
}

#[test]
fn values_that_no_unit_has_are_refused() {
    let house = house();
    let complex = house.complex();
    let create = || CreateUnit::new().complex(complex).block("A").floor(1).number("1");
    for (command, field) in [
        (create().area(0), "area"),
        (create().rooms(-1), "rooms"),
        (create().floor(1_000), "floor"),
        (create().block(" - "), "block"),
        (create().number("#"), "number"),
        (create().category("garage"), "category"),
    ] {
        let refused = house.by(1, command).unwrap_err();
        assert_eq!(refused.details()["fields"][0]["field"], field, "{refused}");
    }
    for kept in ["sold", "held_until", "identity"] {
        let sent = json!({ "complex": complex, "block": "A", "floor": 1, "number": "1", kept: true });
        let read = serde_json::from_value::<CreateUnit>(sent).unwrap();
        let unit = house.do_(read);
        assert_eq!((unit.sold, unit.held_until), (false, None), "{kept}");
        house.do_(DeleteUnit::of(unit.id));
    }
}

#[test]
fn only_who_manages_inventory_changes_it() {
    let house = house();
    let complex = house.complex();
    let unit = house.unit(complex, "A", 1, "1");
    assert_eq!(house.code(2, CreateComplex::new().name("Mine")), "forbidden");
    assert_eq!(house.code(2, UpdateUnit::of(unit).rooms(3)), "forbidden");
    assert_eq!(house.code(2, DeleteUnit::of(unit)), "forbidden");
    assert!(house.anonymous(UpdateUnit::of(unit).rooms(3)).is_err());
    let seen = now(house.crm.act(house.id, crm_core::Actor::Anonymous).get(unit)).unwrap();
    assert_eq!(seen.id, unit, "everybody may look");
}

#[test]
fn a_held_unit_keeps_its_place() {
    let house = house();
    let complex = house.complex();
    let elsewhere = house.do_(CreateComplex::new().name("Hillside")).id;
    let unit = house.unit(complex, "A", 1, "1");
    let hold = house.hold(2, unit, 0).unwrap();
    assert_eq!(house.code(1, DeleteUnit::of(unit)), "unit_held");
    assert_eq!(house.code(1, UpdateUnit::of(unit).complex(elsewhere)), "unit_held");
    assert_eq!(house.code(1, UpdateUnit::of(unit).floor(2)), "unit_held");
    assert_eq!(house.code(1, UpdateUnit::of(unit).block("А").rooms(2)), "done", "its label is the same");
    house.pass(73);
    assert_eq!(house.code(1, UpdateUnit::of(unit).floor(2)), "done", "the hold is over");
    house.do_(DeleteUnit::of(unit));
    assert_eq!(now(house.crm.act(house.id, user(1)).get(hold)).unwrap().status.as_str(), "expired");
    house.do_(RestoreUnit::of(unit));
    house.hold(3, unit, 1).unwrap();
}

#[test]
fn a_complex_is_known_by_its_name_and_goes_with_its_prices_only() {
    let house = house();
    let complex = house.complex();
    assert_eq!(house.code(1, CreateComplex::new().name("RIVER-side")), "already_exists");
    let row = now(house.crm.act(house.id, user(1)).get(complex)).unwrap();
    assert_eq!((row.term_months, row.hybrid_allowed, row.currency.as_str()), (36, false, "USD"));
    assert_eq!(house.code(1, UpdateComplex::of(complex).term_months(61)), "invalid");
    assert_eq!(house.code(1, UpdateComplex::of(complex).currency("UZS".to_owned())), "done");
    house.price(complex, 1, "1", 100);
    assert_eq!(house.code(1, UpdateComplex::of(complex).currency("USD".to_owned())), "invalid");
    let unit = house.unit(complex, "A", 1, "1");
    assert_eq!(house.code(1, DeleteComplex::of(complex)), "has_dependents");
    house.do_(DeleteUnit::of(unit));
    house.do_(DeleteComplex::of(complex));
    let prices =
        || now(house.crm.act(house.id, user(1)).count(List::<Price>::new().complex(complex))).unwrap();
    assert_eq!(prices(), 0);
    house.do_(RestoreComplex::of(complex));
    assert_eq!(prices(), 1);
    assert_eq!(house.code(1, RestoreUnit::of(unit)), "done");
}

#[test]
fn a_price_is_looked_up_by_its_key_and_a_missing_one_is_named() {
    let house = house();
    let complex = house.complex();
    house.price(complex, 3, "0.7", 900);
    let look = |floor, share: &str| {
        let share: Number = share.parse().unwrap();
        now(house.crm.act(house.id, user(2)).price(complex, floor, share.0))
    };
    let price = look(3, "0.70").unwrap();
    assert_eq!(price.amount, 900.into());
    for (floor, share) in [(3, "1"), (4, "0.7"), (3, "0.71")] {
        let missing = look(floor, share).unwrap_err();
        assert_eq!(missing.code(), "price_missing");
        assert!(missing.to_string().contains(&format!("floor {floor} and share {share}")), "{missing}");
    }
    let same = CreatePrice::new().complex(complex).floor(3).share("0.7".parse::<Number>().unwrap()).amount(1);
    assert_eq!(house.code(1, same), "already_exists");
    for (share, amount, code) in
        [("0", 1, "invalid"), ("1.01", 1, "invalid"), ("1", 0, "invalid"), ("1", 1, "done")]
    {
        let share: Number = share.parse().unwrap();
        let create = CreatePrice::new().complex(complex).floor(9).share(share).amount(amount);
        assert_eq!(house.code(1, create), code, "{share} {amount}");
    }
    assert_eq!(house.code(1, UpdatePrice::of(price.id).floor(5)), "price_key");
    let before = house.time();
    house.pass(1);
    house.do_(UpdatePrice::of(price.id).amount(950));
    let then = now(house.crm.act(house.id, user(1)).as_of(price.id, before)).unwrap().unwrap();
    assert_eq!((then.amount, look(3, "0.7").unwrap().amount), (900.into(), 950.into()));
    house.do_(DeletePrice::of(price.id));
    assert_eq!(look(3, "0.7").unwrap_err().code(), "price_missing");
}

#[test]
fn lists_tell_how_units_stand_now() {
    let house = house();
    let complex = house.complex();
    let (one, two) = (house.unit(complex, "A", 1, "1"), house.unit(complex, "A", 2, "2"));
    house.hold(2, one, 0).unwrap();
    let list = |list: List<Unit>| {
        let page = now(house.crm.act(house.id, user(2)).list(list.complex(complex))).unwrap();
        page.items.iter().map(|unit| unit.id).collect::<Vec<_>>()
    };
    assert_eq!(list(List::<Unit>::new().state(UnitState::Held)), [one]);
    assert_eq!(list(List::<Unit>::new().state(UnitState::Available)), [two]);
    assert_eq!(list(List::<Unit>::new().floors(2, 9)), [two]);
    assert!(list(List::<Unit>::new().state(UnitState::Sold)).is_empty());
    let state = |at| now(house.crm.act(house.id, user(2)).get(one)).unwrap().state(at);
    assert_eq!(state(house.time()), UnitState::Held);
    let over = house.pass(72);
    assert_eq!(state(over), UnitState::Available, "at its last moment it is over");
    assert!(list(List::<Unit>::new().state(UnitState::Held)).is_empty());
    assert_eq!(list(List::<Unit>::new().state(UnitState::Available)).len(), 2);
}

#[test]
fn what_is_imported_is_known_by_its_labels_too() {
    let house = house();
    let complex = house.complex();
    let id = UnitId::from_uuid(Uuid::from_u128(77));
    let row = |id: UnitId| json!({ "record": "unit", "id": id, "complex": complex, "block": "Блок 1", "floor": 1, "number": "1" });
    assert_eq!(house.do_(Import { rows: vec![row(id)] }).imported(), 1);
    let unit = now(house.crm.act(house.id, user(1)).get(id)).unwrap();
    assert!(!unit.sold, "what a row does not say is not so");
    assert_eq!(find(&house, ("блок1", 1, "1"), complex), Some(id));
    let again = house.do_(Import { rows: vec![row(UnitId::from_uuid(Uuid::from_u128(78)))] });
    assert_eq!(again.imported(), 0);
    let hold = |number: u128, until: &str| {
        let id = Uuid::from_u128(number);
        json!({
            "record": "hold", "id": id, "unit": unit.id, "lead": lead(0), "until": until, "status": "live", "extensions": 0
        })
    };
    let old = house.do_(Import { rows: vec![hold(90, "2026-01-01T00:00:00Z")] });
    assert_eq!(old.rows[0].findings, ["its time is over"]);
    assert_eq!(house.do_(Import { rows: vec![hold(91, "2026-03-03T00:00:00Z")] }).imported(), 1);
    assert_eq!(
        house.do_(Import { rows: vec![hold(92, "2026-03-04T00:00:00Z")] }).imported(),
        0,
        "a unit has one slot"
    );
    assert_eq!(house.hold(2, id, 1).unwrap_err().code(), "unit_held");
}

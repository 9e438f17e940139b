//! Holds: one for a unit, each with an end.

use crm_core::value::{Instant, UnitId, Uuid};
use crm_core::{
    Delete, ExpireHolds, ExtendHold, Hold, HoldUnit, List, ReleaseHold, Restore, UnitState, Update,
};
use pollster::block_on as now;
use serde_json::json;

use super::{House, house, house_with, lead, user};

fn unit(house: &House) -> UnitId {
    house.unit(house.complex(), "A", 1, "1")
}

fn state(house: &House, unit: UnitId) -> UnitState {
    now(house.crm.act(house.id, user(1)).get(unit)).unwrap().state(house.time())
}

fn events(house: &House, name: &str) -> usize {
    let all = now(house.crm.events(house.id, None, 10_000)).unwrap();
    all.iter().filter(|event| event.name == name).count()
}

#[test]
fn a_hold_has_a_lead_and_an_end() {
    let house = house();
    let unit = unit(&house);
    for (sent, field) in [
        (json!({ "unit": unit }), "lead"),
        (json!({ "lead": lead(0) }), "unit"),
        (json!({ "unit": unit, "lead": Uuid::from_u128(99) }), "lead"),
        (json!({ "unit": Uuid::from_u128(99), "lead": lead(0) }), "unit"),
        (json!({ "unit": unit, "lead": lead(0), "until": null }), "until"),
        (json!({ "unit": unit, "lead": lead(0), "until": "2026-03-02T09:00:00Z" }), "until"),
        (json!({ "unit": unit, "lead": lead(0), "until": "2026-03-06T13:00:01Z" }), "until"),
    ] {
        let refused = house.by(2, serde_json::from_value::<HoldUnit>(sent.clone()).unwrap()).unwrap_err();
        assert_eq!(refused.details()["fields"][0]["field"], field, "{sent}: {refused}");
    }
    assert_eq!(state(&house, unit), UnitState::Available);
    let hold = house.by(2, HoldUnit::new().unit(unit).lead(lead(0)).note("by phone")).unwrap();
    assert_eq!(hold.until, house.time().plus_hours(72));
    assert_eq!((hold.holder, hold.status.as_str(), hold.extensions), (Some(user(2)), "live", 0));
    assert_eq!(state(&house, unit), UnitState::Held);
    assert_eq!(events(&house, "hold.created"), 1);
}

#[test]
fn a_unit_is_held_once_until_the_hold_is_over_and_no_job_runs() {
    let house = house();
    let unit = unit(&house);
    let first = house.hold(2, unit, 0).unwrap();
    for (by, number) in [(2, 0), (2, 1), (3, 1), (1, 2)] {
        assert_eq!(house.hold(by, unit, number).unwrap_err().code(), "unit_held");
    }
    house.pass(71);
    assert_eq!(house.hold(3, unit, 1).unwrap_err().code(), "unit_held");
    house.pass(1);
    assert_eq!(state(&house, unit), UnitState::Available);
    let second = house.hold(3, unit, 1).unwrap();
    let get = |id| now(house.crm.act(house.id, user(1)).get(id)).unwrap();
    assert_eq!(
        (get(first).status.as_str(), get(first).slot.clone(), get(first).ended_at),
        ("expired", None, None)
    );
    assert_eq!(get(second).status.as_str(), "live");
    let row = now(house.crm.act(house.id, user(1)).get(unit)).unwrap();
    assert_eq!(row.held_until, Some(get(second).until));
    assert_eq!(events(&house, "hold.expired"), 1);
    let held = |list: List<Hold>| now(house.crm.act(house.id, user(1)).count(list.unit(unit))).unwrap();
    assert_eq!(
        (
            held(List::<Hold>::new()),
            held(List::<Hold>::new().status(["live"])),
            held(List::<Hold>::new().lead(lead(0)))
        ),
        (2, 1, 1)
    );
}

#[test]
fn a_refusal_tells_until_when_and_for_whom_only_to_those_who_may_see_it() {
    let house = house();
    let unit = unit(&house);
    house.hold(2, unit, 5).unwrap();
    let told = |by| house.hold(by, unit, 1).unwrap_err().to_string();
    let until = house.time().plus_hours(72).to_string();
    for by in [1, 2, 3] {
        assert!(told(by).contains(&until), "{}", told(by));
    }
    let whom = lead(5).to_string();
    assert_eq!([1, 2, 3].map(|by| told(by).contains(&whom)), [true, true, false]);
}

#[test]
fn own_holds_are_released_by_sellers_and_all_by_the_owner() {
    let house = house();
    let unit = unit(&house);
    let hold = house.hold(2, unit, 0).unwrap();
    assert_eq!(house.code(4, ReleaseHold::of(hold)), "forbidden", "who sees no holds may not");
    assert_eq!(house.code(3, ReleaseHold::of(hold)), "not_found", "who sees own holds only does not find it");
    let released = house.by(2, ReleaseHold::of(hold)).unwrap();
    assert_eq!((released.status.as_str(), released.ended_at), ("released", Some(house.time())));
    assert_eq!(state(&house, unit), UnitState::Available);
    assert_eq!(house.code(2, ReleaseHold::of(hold)), "hold_over");
    let hold = house.hold(2, unit, 0).unwrap();
    assert_eq!(house.code(1, ReleaseHold::of(hold)), "done");
    let hold = house.hold(3, unit, 0).unwrap();
    house.pass(72);
    assert_eq!(house.by(3, ReleaseHold::of(hold)).unwrap().status.as_str(), "expired");
    assert_eq!(now(house.crm.act(house.id, user(1)).get(unit)).unwrap().held_until, None);
}

#[test]
fn a_hold_is_extended_as_often_as_the_profile_says_and_while_it_lasts() {
    let house = house();
    let unit = unit(&house);
    let hold = house.hold(2, unit, 0).unwrap();
    let end = house.time().plus_hours(72);
    assert_eq!(house.code(2, ExtendHold::of(hold).until(end)), "not_later");
    assert_eq!(house.code(2, ExtendHold::of(hold).until(house.time().plus_hours(101))), "invalid");
    assert_eq!(house.code(3, ExtendHold::of(hold)), "not_found");
    house.pass(10);
    let longer = house.by(2, ExtendHold::of(hold)).unwrap();
    assert_eq!((longer.until, longer.extensions), (house.time().plus_hours(100), 1), "as long as may be");
    assert_eq!(now(house.crm.act(house.id, user(1)).get(unit)).unwrap().held_until, Some(longer.until));
    assert_eq!(house.code(2, ExtendHold::of(hold)), "extensions_used");
    house.pass(99);
    assert_eq!(house.hold(3, unit, 1).unwrap_err().code(), "unit_held");
    house.pass(1);
    let second = house.hold(3, unit, 1).unwrap();
    assert_eq!(house.code(2, ExtendHold::of(hold)), "hold_over");
    house.pass(72);
    assert_eq!(house.code(3, ExtendHold::of(second).until(house.time().plus_hours(1))), "hold_over");
}

#[test]
fn nothing_else_changes_a_hold() {
    let house = house();
    let unit = unit(&house);
    let hold = house.hold(2, unit, 0).unwrap();
    let later: Instant = "2026-03-20T00:00:00Z".parse().unwrap();
    assert_eq!(house.code(1, Update::<Hold>::of(hold).until(later)), "by_rules_only");
    assert_eq!(house.code(1, Update::<Hold>::of(hold).lead(lead(1))), "by_rules_only");
    assert_eq!(house.code(1, Delete::<Hold>::of(hold)), "by_rules_only");
    assert_ne!(house.code(1, Restore::<Hold>::of(hold)), "done");
    assert_eq!(now(house.crm.act(house.id, user(1)).get(hold)).unwrap().version, 1);
}

#[test]
fn a_sweep_notes_what_is_over_and_changes_nothing_else() {
    let house = house();
    let complex = house.complex();
    let units: Vec<_> = (1..=3).map(|number| house.unit(complex, "A", 1, &number.to_string())).collect();
    let early = [house.hold(2, units[0], 0).unwrap(), house.hold(3, units[1], 1).unwrap()];
    house.pass(36);
    let late = house.hold(3, units[2], 2).unwrap();
    assert_eq!(house.do_(ExpireHolds::default()), []);
    house.pass(36);
    assert_eq!(house.code(2, ExpireHolds::default()), "not_owner");
    let mut swept = house.do_(ExpireHolds::default());
    swept.sort();
    assert_eq!(swept, early);
    assert_eq!(events(&house, "hold.expired"), 2);
    assert_eq!(house.do_(ExpireHolds::default()), []);
    assert_eq!(now(house.crm.act(house.id, user(1)).get(late)).unwrap().version, 1);
    let held = units.iter().map(|unit| now(house.crm.act(house.id, user(1)).get(*unit)).unwrap().held_until);
    assert_eq!(held.map(|until| until.is_some()).collect::<Vec<_>>(), [false, false, true]);
}

#[test]
fn holds_are_there_where_the_profile_has_inventory() {
    let house =
        house_with(&json!({ "inventory": { "hold_hours": 1, "hold_hours_most": 1, "extensions": 0 } }));
    let unit = unit(&house);
    let hold = house.hold(2, unit, 0).unwrap();
    assert_eq!(house.code(2, ExtendHold::of(hold)), "extensions_used");
    house.pass(1);
    house.hold(3, unit, 0).unwrap();
}

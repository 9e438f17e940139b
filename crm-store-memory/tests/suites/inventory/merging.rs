//! Files of units and prices: merged by what a row is about, as often as one likes.

use crm_core::value::{ComplexId, UnitId};
use crm_core::{
    Cell, CreateUnit, Import, List, MergeOutcome, MergePrices, MergeReport, MergeUnits, PriceRow,
    RetireUnits, Unit, UnitRow,
};
use pollster::block_on as now;
use serde_json::json;

use super::{House, house, user};

fn rows(cells: serde_json::Value) -> Vec<UnitRow> {
    serde_json::from_value(cells).unwrap()
}

fn merge(house: &House, complex: ComplexId, cells: serde_json::Value) -> MergeReport {
    house.do_(MergeUnits { complex, rows: rows(cells), dry_run: false })
}

fn outcomes(report: &MergeReport) -> Vec<&'static str> {
    let name = |outcome: &MergeOutcome| match outcome {
        MergeOutcome::Applied => "applied",
        MergeOutcome::Changed(_) => "changed",
        MergeOutcome::Unchanged => "unchanged",
        MergeOutcome::Rejected(_) => "rejected",
    };
    report.rows.iter().map(|row| name(&row.outcome)).collect()
}

fn file() -> serde_json::Value {
    json!([
        { "block": "Блок 1", "floor": "3", "number": 12, "category": "жилой", "rooms": 2, "area": "54,32", "origin": "row 2" },
        { "block": "Блок 1", "floor": 3.0, "number": "13", "area": "1 054,3" },
        { "block": "Блок 2", "floor": 1, "number": "1", "area": 40.5, "status": "Свободна" },
        { "block": "block-1", "floor": 3, "number": "12" },
        { "block": "Блок 2", "floor": "first", "number": "2" },
        { "block": "Блок 2", "floor": 1, "number": "3", "area": "1,234" },
        { "block": "Блок 2", "floor": 1, "number": "4", "category": "garage" },
        { "block": "", "floor": 1, "number": "5" }
    ])
}

#[test]
fn a_file_is_merged_row_by_row_and_again_without_effect() {
    let house = house();
    let complex = house.complex();
    let wanted =
        ["applied", "applied", "applied", "rejected", "rejected", "rejected", "rejected", "rejected"];
    let dry = house.do_(MergeUnits { complex, rows: rows(file()), dry_run: true });
    assert_eq!(outcomes(&dry), wanted);
    let count = || now(house.crm.act(house.id, user(1)).count(List::<Unit>::new())).unwrap();
    assert_eq!(count(), 0, "a dry run writes nothing");
    let report = merge(&house, complex, file());
    assert_eq!((outcomes(&report), report.written(), report.rejected().count()), (wanted.to_vec(), 3, 5));
    assert_eq!(count(), 3);
    let unit = now(house.crm.act(house.id, user(1)).unit(complex, "Блок 1", 3, "12")).unwrap();
    assert_eq!(unit.category.as_ref().unwrap().as_str(), "residential");
    assert_eq!((unit.rooms, unit.area.unwrap().to_string()), (Some(2), "54.32".to_owned()));
    let other = now(house.crm.act(house.id, user(1)).unit(complex, "Блок 1", 3, "13")).unwrap();
    assert_eq!(other.area.unwrap().to_string(), "1054.30");
    let again = merge(&house, complex, file());
    assert_eq!(outcomes(&again)[..4], ["unchanged", "unchanged", "unchanged", "rejected"]);
    assert_eq!(now(house.crm.act(house.id, user(1)).get(unit.id)).unwrap().version, 1);
    let changed = merge(
        &house,
        complex,
        json!([{ "block": "БЛОК1", "floor": 3, "number": "12", "rooms": 3, "area": "" }]),
    );
    assert_eq!(changed.rows[0].outcome, MergeOutcome::Changed(vec!["rooms".to_owned()]));
    let after = now(house.crm.act(house.id, user(1)).get(unit.id)).unwrap();
    assert_eq!((after.block.as_str(), after.rooms, after.area), ("Блок 1", Some(3), unit.area));
    assert_eq!(changed.missing.len(), 2, "units that no row names are told");
    assert_eq!(count(), 3, "and stay");
}

#[test]
fn a_file_sets_no_state_and_tears_nothing_apart() {
    let house = house();
    let complex = house.complex();
    let held = house.unit(complex, "A", 1, "1");
    let sold = UnitId::from_uuid(crm_core::value::Uuid::from_u128(7));
    let row = json!({ "record": "unit", "id": sold, "complex": complex, "block": "A", "floor": 1, "number": "2", "sold": true });
    assert_eq!(house.do_(Import { rows: vec![row] }).imported(), 1);
    let hold = house.hold(2, held, 0).unwrap();
    let report = merge(
        &house,
        complex,
        json!([
            { "block": "a", "floor": 1, "number": "1", "status": "СВОБОДНА", "rooms": 4 },
            { "block": "А", "floor": 1, "number": 2, "status": "available" },
            { "block": "A", "floor": 1, "number": "3", "status": "продана" },
            { "block": "A", "floor": 1, "number": "4", "status": "maybe" },
        ]),
    );
    assert_eq!(outcomes(&report), ["changed", "unchanged", "applied", "applied"]);
    let told: Vec<_> = report.rows.iter().map(|row| row.findings.join(";")).collect();
    assert!(told[0].contains("the unit is held") && told[1].contains("the unit is sold"), "{told:?}");
    assert!(told[2].contains("the unit is available") && told[3].contains("no state"), "{told:?}");
    let get = |id| now(house.crm.act(house.id, user(1)).get(id)).unwrap();
    assert!(get(sold).sold && get(held).held_until.is_some() && get(held).rooms == Some(4));
    assert_eq!(now(house.crm.act(house.id, user(1)).get(hold)).unwrap().unit, held);
    assert_eq!(house.hold(3, sold, 1).unwrap_err().code(), "unit_sold");
    assert_eq!(house.hold(3, held, 1).unwrap_err().code(), "unit_held");
    let new = now(house.crm.act(house.id, user(1)).unit(complex, "A", 1, "3")).unwrap().id;
    house.hold(3, new, 1).expect("what a file calls sold is not");
}

#[test]
fn units_are_taken_out_together_and_only_free_ones() {
    let house = house();
    let complex = house.complex();
    let units: Vec<_> = (1..=4).map(|number| house.unit(complex, "A", 1, &number.to_string())).collect();
    let sold = UnitId::from_uuid(crm_core::value::Uuid::from_u128(7));
    let row = json!({ "record": "unit", "id": sold, "complex": complex, "block": "A", "floor": 2, "number": "1", "sold": true });
    assert_eq!(house.do_(Import { rows: vec![row] }).imported(), 1);
    house.hold(2, units[2], 0).unwrap();
    let retire = |ids: &[UnitId]| RetireUnits { ids: ids.to_vec() };
    assert_eq!(house.code(2, retire(&units[..1])), "forbidden");
    assert_eq!(house.code(1, retire(&units)), "unit_held");
    assert_eq!(house.code(1, retire(&[units[0], sold])), "unit_sold");
    let count = || now(house.crm.act(house.id, user(1)).count(List::<Unit>::new())).unwrap();
    assert_eq!(count(), 5, "all or none");
    assert_eq!(house.do_(retire(&units[..2])).len(), 2);
    assert_eq!(count(), 3);
    assert_eq!(house.code(1, retire(&units[..1])), "not_found");
    house.pass(72);
    house.do_(retire(&units[2..]));
    assert_eq!(count(), 1);
}

#[test]
fn prices_are_merged_by_floor_and_share() {
    let house = house();
    let complex = house.complex();
    let file = |amount: &str| {
        let row = |floor: i64, share: &str, amount: &str| PriceRow {
            floor: floor.into(),
            share: share.into(),
            amount: amount.into(),
        };
        vec![row(3, "100%", "1 234,50"), row(3, "70 %", amount), row(3, "0.3", "lots"), row(3, "1", "9")]
    };
    let merge = |amount: &str, dry_run| house.do_(MergePrices { complex, rows: file(amount), dry_run });
    assert_eq!(outcomes(&merge("900", true)), ["applied", "applied", "rejected", "rejected"]);
    assert_eq!(outcomes(&merge("900", false)), ["applied", "applied", "rejected", "rejected"]);
    assert_eq!(outcomes(&merge("900", false))[..2], ["unchanged", "unchanged"]);
    let before = house.time();
    house.pass(1);
    assert_eq!(outcomes(&merge("950", false))[..2], ["unchanged", "changed"]);
    let look = |share: &str| now(house.crm.act(house.id, user(2)).price(complex, 3, share.parse().unwrap()));
    assert_eq!(look("1").unwrap().amount.to_string(), "1234.50");
    let price = look("0.7").unwrap();
    assert_eq!(price.amount.to_string(), "950.00");
    let then = now(house.crm.act(house.id, user(1)).as_of(price.id, before)).unwrap().unwrap();
    assert_eq!(then.amount.to_string(), "900.00");
    assert_eq!(look("0.3").unwrap_err().code(), "price_missing");
    assert_eq!(house.code(2, MergePrices { complex, rows: file("1"), dry_run: false }), "forbidden");
    assert_eq!(house.code(2, MergeUnits { complex, rows: vec![], dry_run: false }), "forbidden");
    let zero = PriceRow { floor: 3.into(), share: Cell::from("0.5"), amount: Cell::from("0") };
    assert_eq!(outcomes(&house.do_(MergePrices { complex, rows: vec![zero], dry_run: false })), ["rejected"]);
}

#[test]
fn a_merge_asks_for_all_it_needs_at_once() {
    let house = house();
    let complex = house.complex();
    house.do_(CreateUnit::new().complex(complex).block("A").floor(1).number("1"));
    let cells: Vec<_> =
        (1..=500).map(|number| json!({ "block": "A", "floor": 1, "number": number })).collect();
    let crm = house.crm.clone().without_hints();
    let command = MergeUnits { complex, rows: rows(cells.into()), dry_run: false };
    let report = now(crm.act(house.id, user(1)).apply(command)).unwrap();
    assert_eq!(report.written(), 499);
}

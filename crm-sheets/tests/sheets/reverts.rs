//! Runs that are taken back.

use crm_core::{CreateDeal, UpdateContact};
use crm_sheets::revert;
use pollster::block_on as now;
use serde_json::json;

use super::{contacts, file, house, words};

#[test]
fn what_a_run_did_is_undone() {
    let house = house();
    house.run(&contacts("name;phone;city\nAnn;1;\nBo;2;Graz\n"));
    let before: Vec<_> = house.contacts().iter().map(|row| (row.name.clone(), row.city.clone())).collect();
    let mapping = json!({ "key": ["phone"], "policy": "update" });
    let report = house.run(&file("contact", "name;phone;city\nAnna;1;Wien\nBo;2;Linz\nCy;3;\n", mapping));
    assert_eq!(words(&report), ["changed", "changed", "created"]);
    let undone = now(revert(&house.session(), &report));
    assert_eq!((undone.undone(), undone.left().count()), (3, 0));
    assert_eq!(undone.rows.iter().map(|row| row.row).collect::<Vec<_>>(), [4, 3, 2], "the last first");
    let after: Vec<_> = house.contacts().iter().map(|row| (row.name.clone(), row.city.clone())).collect();
    assert_eq!(after, before);
    assert_eq!(now(revert(&house.session(), &report)).undone(), 0, "once is enough");
}

#[test]
fn what_was_changed_since_is_left_and_told() {
    let house = house();
    house.run(&contacts("name;phone\nAnn;1\n"));
    let report = house.run(&contacts("name;phone;city\nAnn;1;Wien\nBo;2;\nCy;3;\nDi;4;\n"));
    let all = house.contacts();
    house.do_(UpdateContact::of(all[0].id).position("Boss")).unwrap();
    house.do_(UpdateContact::of(all[1].id).position("Boss")).unwrap();
    house.do_(CreateDeal::new().title("Roof").contact(all[2].id)).unwrap();
    let undone = now(revert(&house.session(), &report));
    let left: Vec<_> = undone.left().map(|row| (row.row, row.left.clone().unwrap().0)).collect();
    let expected = [(4, "has_dependents"), (3, "stale_version"), (2, "stale_version")];
    assert_eq!(left, expected.map(|(row, code)| (row, code.to_owned())));
    assert_eq!(undone.undone(), 1);
    let names: Vec<_> = house.contacts().iter().map(|row| row.name.to_string()).collect();
    assert_eq!(names, ["Ann", "Bo", "Cy"]);
}

#[test]
fn of_a_dry_run_there_is_nothing_to_undo() {
    let house = house();
    let report = now(contacts("name;phone\nAnn;1\n").dry_run(&house.session())).unwrap();
    assert!(now(revert(&house.session(), &report)).rows.is_empty());
}

//! References that a file says by a name.

use crm_core::{CreateContact, Deal, List};
use crm_sheets::ImportError;
use pollster::block_on as now;
use serde_json::json;

use super::{House, file, house, reasons, words};

fn deals(house: &House, csv: &str, compare: &str) -> crm_sheets::Report {
    let columns = json!([
        { "column": "title", "field": "title" },
        { "column": "contact", "field": "contact", "by": "name" },
    ]);
    house.run(&file("deal", csv, json!({ "key": ["title"], "compare": compare, "columns": columns })))
}

#[test]
fn a_record_is_found_by_its_name_or_the_row_is_refused() {
    let house = house();
    let ann = house.do_(CreateContact::new().name("Ann Archer")).unwrap();
    for _ in 0..2 {
        house.do_(CreateContact::new().name("Bo")).unwrap();
    }
    let csv = "title;contact\nA;Ann Archer\nB;ANN  archer\nC;Bo\nD;Cy\nE;\n";
    let report = deals(&house, csv, "exact");
    assert_eq!(words(&report), ["created", "rejected", "rejected", "rejected", "created"]);
    assert!(reasons(&report).iter().all(|(_, _, column)| column.as_deref() == Some("contact")));
    let why: Vec<_> = report.rejected().map(|(_, reasons)| reasons[0].why.clone()).collect();
    assert!(why[1].contains("2 contacts") && why[2].contains("no contact"), "{why:?}");
    assert_eq!(
        words(&deals(&house, csv, "loose")),
        ["unchanged", "created", "rejected", "rejected", "unchanged"]
    );
    let all = now(house.session().list(List::<Deal>::new().order_by("title", false))).unwrap().items;
    assert_eq!(all.iter().map(|deal| deal.contact).collect::<Vec<_>>(), [Some(ann.id), Some(ann.id), None]);
}

#[test]
fn a_reference_can_be_part_of_the_key() {
    let house = house();
    for name in ["Ann", "Bo"] {
        house.do_(CreateContact::new().name(name)).unwrap();
    }
    let columns = json!([
        { "column": "title", "field": "title" },
        { "column": "contact", "field": "contact", "by": "name" },
        { "column": "amount", "field": "amount" },
    ]);
    let lines =
        json!({ "key": ["contact", "title"], "columns": columns, "policy": "update", "compare": "loose" });
    let run = |csv| words(&house.run(&file("deal", csv, lines.clone())));
    assert_eq!(run("title;contact;amount\nRoof;Ann;5\nRoof;Bo;6\n"), ["created", "created"]);
    assert_eq!(
        run("title;contact;amount\nroof;ann;5\nROOF;bo;7\nRoof;;8\n"),
        ["changed", "changed", "created"]
    );
}

#[test]
fn an_id_is_a_reference_too() {
    let house = house();
    let ann = house.do_(CreateContact::new().name("Ann")).unwrap();
    let csv = format!("title;contact\nA;{}\nB;{}\nC;Ann\n", ann.id, super::user(77));
    let report = house.run(&file("deal", &csv, json!({ "key": ["title"] })));
    assert_eq!(words(&report), ["created", "rejected", "rejected"]);
    assert_eq!(reasons(&report)[1].1, "malformed");
}

#[test]
fn records_that_a_file_does_not_have_are_told_and_left_alone() {
    let house = house();
    for name in ["Ann", "Bo", "Cy"] {
        house.do_(CreateContact::new().name(name)).unwrap();
    }
    let columns = json!([
        { "column": "title", "field": "title" },
        { "column": "contact", "field": "contact", "by": "name" },
    ]);
    let with = |csv: &str, within: Option<&str>| {
        let lines = json!({ "key": ["contact", "title"], "columns": columns, "absent_within": within });
        file("deal", csv, lines)
    };
    house.run(&with("title;contact\nA;Ann\nB;Ann\nC;Bo\nD;Cy\n", None));
    let before = house.store.export().unwrap();
    let smaller = with("title;contact\nB;Ann\nE;Bo\nX;Nobody\n", Some("contact"));
    let dry = now(smaller.dry_run(&house.session())).unwrap();
    assert_eq!(house.store.export().unwrap(), before);
    let report = house.run(&smaller);
    assert_eq!(words(&report), ["unchanged", "created", "rejected"]);
    assert_eq!(dry.absent, report.absent, "what the run made is not absent");
    let deals = now(house.session().list(List::<Deal>::new().order_by("title", false))).unwrap().items;
    let absent = deals.iter().filter(|deal| report.absent.contains(&deal.id.into()));
    assert_eq!(absent.map(|deal| deal.title.to_string()).collect::<Vec<_>>(), ["A", "C"]);
    assert!(matches!(
        now(with("title;contact\n", Some("amount")).run(&house.session())),
        Err(ImportError::Mapping(_))
    ));
}

//! Imports: which rows come in, in which order, and what a row that says little is filled with.

use crm_core::value::{ContactId, Uuid};
use crm_core::{Activity, Contact, Import, ImportReport, List, RowOutcome};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::{House, house, house_with, user};

fn import(house: &House, rows: Vec<Json>) -> ImportReport {
    house.do_(Import { rows })
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

#[test]
fn rows_come_in_whatever_their_order_and_once() {
    let house = house();
    let rows = vec![
        json!({ "record": "activity", "id": id(5), "kind": "note", "deal": id(3), "body": "B" }),
        json!({ "record": "task", "id": id(4), "title": "T", "status": "todo", "deal": id(3) }),
        json!({ "record": "deal", "id": id(3), "title": "D", "status": "open", "currency": "USD", "contact": id(2) }),
        json!({ "record": "contact", "id": id(2), "kind": "person", "name": "Ann", "employer": id(6) }),
        json!({ "record": "contact", "id": id(6), "kind": "company", "name": "Archer", "employer": null }),
        json!({ "record": "contact", "id": id(7), "kind": "person", "name": "Bo", "employer": id(99) }),
        json!({ "record": "organization", "id": id(8), "name": "Other" }),
        json!({ "record": "planet", "id": id(9) }),
        json!({ "record": "contact", "id": "nine", "kind": "person", "name": "Cy" }),
    ];
    let shown = |report: &ImportReport| -> Vec<&'static str> {
        let each = report.rows.iter().map(|row| match row.outcome {
            RowOutcome::Imported => "new",
            RowOutcome::Present => "there",
            RowOutcome::Rejected(_) => "no",
        });
        each.collect()
    };
    let first = import(&house, rows.clone());
    assert_eq!(shown(&first), ["new", "new", "new", "new", "new", "no", "no", "no", "no"], "{first:?}");
    assert_eq!((first.imported(), first.rejected().map(|(at, _)| at).collect()), (5, vec![5, 6, 7, 8]));
    let ids: Vec<_> = first.rows.iter().map(|row| row.id).collect();
    assert_eq!(ids[4..], [Some(id(6)), Some(id(7)), Some(id(8)), None, None]);
    let again = import(&house, rows);
    assert_eq!(shown(&again), ["there", "there", "there", "there", "there", "no", "no", "no", "no"]);
    assert_eq!(again.imported(), 0);
}

#[test]
fn a_value_passes_the_type_of_its_field() {
    let long = |length: usize| json!("x".repeat(length));
    for (record, field, value, imported) in [
        ("contact", "name", long(255), true),
        ("contact", "name", long(256), false),
        ("contact", "name", json!("  "), false),
        ("contact", "name", Json::Null, false),
        ("contact", "name", json!("a\u{0}b"), false),
        ("contact", "name", json!(7), false),
        ("contact", "position", long(1), true),
        ("contact", "position", long(100), true),
        ("contact", "position", long(101), false),
        ("contact", "position", json!("  "), true),
        ("contact", "position", Json::Null, true),
        ("contact", "email", json!("a@example.com"), true),
        ("contact", "email", json!("a@b@c"), false),
        ("contact", "phone", json!("+43 1 234"), true),
        ("contact", "active", json!(false), true),
        ("contact", "active", json!("no"), false),
        ("contact", "owner", json!(user(1)), true),
        ("contact", "owner", json!("me"), false),
        ("contact", "created_at", json!("2020-01-01T00:00:00Z"), true),
        ("contact", "created_at", json!("yesterday"), false),
        ("deal", "amount", json!("12.34"), true),
        ("deal", "amount", json!("-1"), false),
        ("deal", "amount", json!([]), false),
        ("deal", "probability", json!(100), true),
        ("deal", "probability", json!(101), false),
        ("deal", "probability", json!(0.5), false),
        ("deal", "currency", json!("EUR"), true),
        ("deal", "currency", json!("Euro"), false),
        ("deal", "expected_close_date", json!("2026-02-29"), false),
        ("deal", "expected_close_date", json!("2026-02-28"), true),
    ] {
        let mut row = match record {
            "contact" => json!({ "record": "contact", "id": id(1), "kind": "person", "name": "Ann" }),
            _ => json!({ "record": "deal", "id": id(1), "title": "D", "status": "open", "currency": "USD" }),
        };
        row[field] = value;
        let report = import(&house(), vec![row.clone()]);
        assert_eq!(report.imported() == 1, imported, "{row}: {report:?}");
        if let RowOutcome::Rejected(why) = &report.rows[0].outcome {
            assert!(why.contains(&format!("`{field}`")) && !why.contains("damaged"), "{row}: {why}");
        }
    }
}

#[test]
fn what_a_rule_of_today_forbids_is_found_and_taken() {
    let house = house_with(json!({
        "money": { "integer_digits": 15, "decimals": 2, "excess": "refuse", "zero": false },
        "currencies": ["USD"],
        "fields": { "contact.city": { "presence": "required" } },
    }));
    let deal = |number, amount: &str, currency: &str| json!({ "record": "deal", "id": id(number), "title": "D", "status": "open", "amount": amount, "currency": currency });
    let contact = json!({ "record": "contact", "id": id(4), "kind": "person", "name": "Ann" });
    let report = import(&house, vec![deal(1, "5", "USD"), deal(2, "0", "USD"), deal(3, "5", "EUR"), contact]);
    assert_eq!(report.imported(), 4, "{report:?}");
    let found: Vec<_> = report.rows.iter().map(|row| row.findings.len()).collect();
    assert_eq!(found, [0, 1, 1, 1], "{report:?}");
    assert!(
        report.rows[1].findings[0].contains("`amount`") && report.rows[2].findings[0].contains("`currency`")
    );
    assert_eq!(report.rows[3].findings, ["`city` is empty"]);
}

#[test]
fn a_row_that_says_little_is_made_now_and_in_use() {
    let house = house();
    let rows = vec![
        json!({ "record": "contact", "id": id(1), "kind": "person", "name": "Ann" }),
        json!({ "record": "activity", "id": id(2), "kind": "note", "contact": id(1) }),
        json!({ "record": "contact", "id": id(3), "kind": "person", "name": "Bo", "created_at": "2020-01-01T00:00:00Z" }),
    ];
    assert_eq!(import(&house, rows).imported(), 3);
    let session = house.crm.act(house.id, user(1));
    let at = "2026-03-02T09:00:00Z".parse().unwrap();
    let contact = |number| now(session.get(ContactId::from_uuid(id(number)))).unwrap();
    assert_eq!((contact(1).created_at, contact(1).updated_at, contact(1).active), (at, at, true));
    assert_eq!(contact(3).created_at, "2020-01-01T00:00:00Z".parse().unwrap());
    assert_eq!((contact(1).deleted_at, &contact(1).owner), (None, &None));
    let told = now(session.list(List::<Activity>::new())).unwrap().items.remove(0);
    assert_eq!((told.occurred_at, told.payload.as_json().clone()), (at, json!({})));
    assert_eq!(now(session.count(List::<Contact>::new())).unwrap(), 2);
}

#[test]
fn a_text_that_must_be_there_is_too_short_when_it_is_empty() {
    let house = house();
    let row =
        |name: &str| json!({ "record": "contact", "id": id(1), "kind": "person", "name": name, "city": " " });
    let refused = import(&house, vec![row(" ")]);
    assert!(format!("{refused:?}").contains("at least 1 character"), "{refused:?}");
    assert_eq!(import(&house, vec![row("Ann")]).imported(), 1, "one that may be missing is missing");
}

//! What becomes of rows.

use crm_core::{Activity, CreateComplex, Deal, List, Task, Unit};
use crm_sheets::{Counts, ImportError, MappingProblem, Outcome, Progress};
use pollster::block_on as now;
use serde_json::json;

use super::{contacts, counted, file, house, house_with, mapped, read, reasons, user, words};

#[test]
fn a_future_can_be_sent() {
    fn sent<T: Send>(_: &T) {}
    let (house, file) = (house(), contacts("name;phone\n"));
    let session = house.session();
    sent(&file.run(&session));
    sent(&file.dry_run(&session));
}

#[test]
fn rows_become_records_and_a_second_run_writes_nothing() {
    let house = house();
    let file = contacts("name;phone;email\nAnn;+43 1;ann@example.com\nBo;112;\n");
    assert_eq!(words(&house.run(&file)), ["created", "created"]);
    let before = house.store.export().unwrap();
    assert_eq!(words(&house.run(&file)), ["unchanged", "unchanged"]);
    assert_eq!(house.store.export().unwrap(), before);
    let all = house.contacts();
    assert_eq!(all[0].email.as_ref().unwrap().as_str(), "ann@example.com");
    assert_eq!((all[1].email.as_ref(), all[1].phone.as_ref().unwrap().as_str()), (None, "112"));
}

#[test]
fn a_dry_run_tells_the_same_and_writes_nothing() {
    let house = house();
    house.run(&contacts("name;phone;city\nAnn;1;Wien\nBo;2;\nCy;3;Graz\n"));
    let file = contacts("name;phone;city\nAnn;1;Wien\nBo;2;Linz\nDi;4;\nEd;;\nAnn;1;\n");
    let before = house.store.export().unwrap();
    let dry = now(file.dry_run(&house.session())).unwrap();
    assert_eq!(house.store.export().unwrap(), before);
    assert!(dry.dry);
    assert_eq!(words(&dry), ["unchanged", "changed", "created", "rejected", "duplicate"]);
    assert_eq!(words(&house.run(&file)), words(&dry));
    assert_ne!(house.store.export().unwrap(), before);
}

#[test]
fn the_policy_says_what_becomes_of_what_is_there() {
    for (policy, name, city, outcome) in [
        ("merge", "Ann", "Graz", "changed"),
        ("update", "Anna", "Graz", "changed"),
        ("skip", "Ann", "", "skipped"),
    ] {
        let house = house();
        house.run(&contacts("name;phone;position\nAnn;1;Boss\n"));
        let csv = "name;phone;city;position\nAnna;1;Graz;\n";
        let report = house.run(&file("contact", csv, json!({ "key": ["phone"], "policy": policy })));
        assert_eq!(words(&report), [outcome], "{policy}");
        let all = house.contacts();
        let shown = all[0].city.as_ref().map_or("", |city| city.as_str());
        assert_eq!((all.len(), all[0].name.as_str(), shown), (1, name, city), "{policy}");
        assert_eq!(all[0].position.as_ref().unwrap().as_str(), "Boss", "an empty cell says nothing");
    }
}

#[test]
fn an_empty_cell_empties_a_field_only_if_the_mapping_says_so() {
    let house = house();
    house.run(&contacts("name;phone;city\nAnn;1;Graz\n"));
    let columns = json!([
        { "column": "name", "field": "name" },
        { "column": "phone", "field": "phone" },
        { "column": "city", "field": "city", "clear_blank": true },
    ]);
    let lines = json!({ "key": ["phone"], "policy": "update", "columns": columns });
    let report = house.run(&file("contact", "name;phone;city\nAnn;1;\n", lines));
    assert_eq!(words(&report), ["changed"]);
    assert_eq!(house.contacts()[0].city, None);
}

#[test]
fn one_bad_row_of_a_hundred_harms_no_other() {
    let house = house();
    let mut csv = "name;phone;email\n".to_owned();
    for number in 1..=100 {
        let email = if number == 57 { "nobody" } else { "somebody@example.com" };
        csv += &format!("Name {number};{number};{email}\n");
    }
    let report = house.run(&contacts(&csv));
    assert_eq!(counted(&report), Counts { created: 99, rejected: 1, ..Counts::default() });
    assert_eq!(reasons(&report), [(58, "malformed".to_owned(), Some("email".to_owned()))]);
}

/// What only the store can tell: two rows with the same e-mail address, where that must be unique.
#[test]
fn a_row_that_a_rule_refuses_harms_no_other() {
    let house = house_with(json!({ "unique": ["contact.email"] }));
    let mut csv = "name;phone;email\n".to_owned();
    for number in 1..=100 {
        csv += &format!("Name {number};{number};a{}@example.com\n", if number == 57 { 3 } else { number });
    }
    for batch in [1, 10, 100, 1000] {
        let file = contacts(&csv).batches_of(batch);
        let report = if batch == 1 { house.run(&file) } else { now(file.dry_run(&house.session())).unwrap() };
        assert_eq!(counted(&report).rejected, 1, "{batch}");
        assert_eq!(reasons(&report), [(58, "already_exists".to_owned(), Some("email".to_owned()))]);
    }
    let elsewhere = house_with(json!({ "unique": ["contact.email"] }));
    assert_eq!(counted(&elsewhere.run(&contacts(&csv))).created, 99);
    assert_eq!(
        counted(&elsewhere.run(&contacts(&csv))),
        Counts { unchanged: 99, rejected: 1, ..Counts::default() }
    );
}

#[test]
fn rows_of_a_file_with_the_same_key_are_told() {
    let house = house();
    let report = house.run(&contacts("name;phone\nAnn;1\nBo;2\nAnn again;1\nAnn;1\n"));
    assert_eq!(words(&report), ["created", "created", "duplicate", "duplicate"]);
    assert_eq!(report.rows[3].outcome, Outcome::Duplicate { of: 2 });
    assert_eq!(house.contacts().len(), 2);
}

#[test]
fn of_several_records_with_the_key_none_is_chosen() {
    let house = house();
    house.run(&file("contact", "name;phone\nAnn;1\nBo;1\n", json!({ "key": ["name"] })));
    let report = house.run(&contacts("name;phone\nCy;1\n"));
    assert_eq!(reasons(&report), [(2, "ambiguous".to_owned(), Some("phone".to_owned()))]);
}

#[test]
fn a_record_that_lists_hide_is_found_all_the_same() {
    let house = house();
    house.run(&contacts("name;phone;active\nAnn;1;no\n"));
    assert_eq!(words(&house.run(&contacts("name;phone\nAnn;1\n"))), ["unchanged"]);
}

#[test]
fn keys_are_compared_as_the_mapping_says() {
    for (compare, outcome) in [("exact", "created"), ("loose", "unchanged")] {
        let house = house();
        house.run(&contacts("name;phone;email\nAnn;+43 (1) 234;\n"));
        let lines = json!({ "key": ["phone"], "compare": compare });
        let report = house.run(&file("contact", "name;phone\nAnn;431 234\n", lines));
        assert_eq!(words(&report), [outcome], "{compare}");
    }
}

#[test]
fn a_key_can_be_of_several_fields() {
    let house = house();
    let lines = json!({ "key": ["name", "city"] });
    let csv = "name;city\nAnn;Graz\nAnn;Wien\nAnn;\nAnn;Graz\n;Graz\n";
    let report = house.run(&file("contact", csv, lines.clone()));
    assert_eq!(words(&report), ["created", "created", "created", "duplicate", "rejected"]);
    let again = house.run(&file("contact", csv, lines));
    assert_eq!(words(&again), ["unchanged", "unchanged", "unchanged", "duplicate", "rejected"]);
}

#[test]
fn labels_mean_what_the_mapping_says() {
    let house = house();
    let columns = |unmapped: serde_json::Value| {
        json!([
            { "column": "Имя", "field": "name" },
            { "column": "телефон", "field": "phone" },
            {
                "column": "Тип", "field": "kind", "unmapped": unmapped,
                "values": { "Фирма": "company", "частное лицо": "person", "-": null },
            },
        ])
    };
    let csv = "Имя;Телефон;тип\nАнна;1;ЧАСТНОЕ  ЛИЦО\nРога;2;фирма\nБорис;3;прочее\nВера;4;-\n";
    let with = |unmapped| {
        let table = read(csv);
        let mapping = json!({ "kind": "contact", "key": ["phone"], "columns": columns(unmapped) });
        crm_sheets::ImportFile::new(table, mapped(mapping))
    };
    for (unmapped, code) in [(json!("keep"), "malformed"), (json!("reject"), "one_of")] {
        let report = now(with(unmapped).dry_run(&house.session())).unwrap();
        assert_eq!(
            reasons(&report),
            [
                (4, code.to_owned(), Some("Тип".to_owned())),
                (5, "required".to_owned(), Some("Тип".to_owned())),
            ]
        );
    }
    let report = house.run(&with(json!({ "use": "person" })));
    assert_eq!(words(&report), ["created", "created", "created", "rejected"]);
    assert_eq!(report.rows[2].warnings, ["`Тип`: `прочее` was taken as `person`"]);
    assert!(report.rows[0].warnings.is_empty());
    let kinds: Vec<_> = house.contacts().iter().map(|contact| contact.kind.to_string()).collect();
    assert_eq!(kinds, ["person", "person", "company"]);
}

#[test]
fn nothing_unclear_becomes_a_zero_or_today() {
    let house = house();
    let csv = "title,amount,expected_close_date\nA,\"1 234,50\",2026-01-31\nB,\"1,234\",\nC,n/a,\nD,,2026-02-30\n\
               E,5,soon\nF,,\nG,-1,\n";
    let file = file("deal", csv, json!({ "key": ["title"] }));
    let report = house.run(&file);
    assert_eq!(
        words(&report),
        ["created", "rejected", "rejected", "rejected", "rejected", "created", "rejected"]
    );
    let columns: Vec<_> = report.rejected().map(|(_, reasons)| reasons[0].column.clone().unwrap()).collect();
    assert_eq!(columns, ["amount", "amount", "expected_close_date", "expected_close_date", "amount"]);
    let deals = now(house.session().list(List::<Deal>::new().order_by("title", false))).unwrap().items;
    assert_eq!(deals[0].amount.unwrap().to_string(), "1234.50");
    assert_eq!(deals[1].expected_close_date, None);
}

#[test]
fn every_fault_of_a_row_is_told_not_only_the_first() {
    let house = house();
    let csv = "title;amount;expected_close_date;probability\n ;x;soon;many\n";
    let report = house.run(&file("deal", csv, json!({ "key": ["title"] })));
    let columns: Vec<_> =
        report.rejected().flat_map(|(_, all)| all.iter().filter_map(|it| it.column.clone())).collect();
    assert_eq!(columns, ["amount", "expected_close_date", "probability"]);
    let report = house.run(&contacts("name;phone\n;1\nAnn\0;2\nAnn;3;4\n"));
    assert_eq!(
        reasons(&report),
        [
            (2, "required".to_owned(), Some("name".to_owned())),
            (3, "forbidden".to_owned(), Some("name".to_owned())),
            (4, "forbidden".to_owned(), None),
        ]
    );
}

#[test]
fn the_rules_of_the_kind_hold() {
    let house = house();
    let csv = "title;status;due_date\nA;todo;2026-03-01\nB;todo;2026-03-02\nC;nonsense;\n";
    let report = house.run(&file("task", csv, json!({ "key": ["title"] })));
    assert_eq!(words(&report), ["rejected", "created", "rejected"]);
    assert_eq!(reasons(&report)[0].2.as_deref(), Some("due_date"), "it lies in the past");
    assert_eq!(now(house.session().count(List::<Task>::new())).unwrap(), 1);
}

#[test]
fn a_file_can_do_no_more_than_who_runs_it() {
    let house = house();
    house.run(&contacts("name;phone\nAnn;1\n"));
    let mapping = json!({ "key": ["phone"], "policy": "update" });
    let csv = "name;phone\nAnna;1\nBo;2\n";
    let stranger = house.crm.act(house.id, user(9));
    assert!(matches!(now(file("contact", csv, mapping.clone()).run(&stranger)), Err(ImportError::Engine(_))));
    let member = house.crm.act(house.id, user(2));
    let report = now(file("contact", csv, mapping).run(&member)).unwrap();
    let codes: Vec<_> = reasons(&report).into_iter().map(|(_, code, _)| code).collect();
    assert_eq!((words(&report), codes), (vec!["rejected", "created"], vec!["not_owner".to_owned()]));
}

#[test]
fn a_mapping_that_does_not_fit_writes_nothing() {
    let house = house();
    let table = read("name;phone\nAnn;1\n");
    let columns = |more: serde_json::Value| {
        let mut columns = vec![
            json!({ "column": "name", "field": "name" }),
            json!({ "column": "phone", "field": "phone" }),
        ];
        columns.extend(more.as_array().unwrap().iter().cloned());
        columns
    };
    let mapping = mapped(json!({
        "kind": "contact",
        "columns": columns(json!([
            { "column": "name", "field": "nme" },
            { "column": "name", "field": "deleted_at" },
            { "column": "town", "field": "city" },
            { "column": "phone", "field": "phone" },
            { "column": "name", "field": "company", "by": "name" },
            { "column": "name", "field": "position", "values": { "a": "b", "A": "c" } },
        ])),
        "constants": { "country": 7 },
        "rest": { "into": "notes" },
        "key": ["email"],
    }));
    let Err(ImportError::Mapping(faults)) =
        now(crm_sheets::ImportFile::new(table.clone(), mapping).run(&house.session()))
    else {
        panic!("it was run");
    };
    let kinds: Vec<_> =
        faults.iter().map(|fault| serde_json::to_value(fault).unwrap()["problem"].clone()).collect();
    assert_eq!(
        kinds,
        ["unknown_field", "unknown_field", "no_column", "field", "field", "field", "twice", "key", "field",],
        "{faults:#?}"
    );
    let no_key = mapped(json!({ "kind": "contact", "columns": columns(json!([])), "key": [] }));
    assert_eq!(no_key.check(house.crm.profile(), &table.headers), Err(vec![MappingProblem::NoKey]));
    let unused = mapped(json!({ "kind": "lead", "columns": columns(json!([])), "key": ["phone"] }));
    assert!(unused.check(house.crm.profile(), &table.headers).is_err());
    assert!(
        serde_json::from_value::<crm_sheets::Mapping>(
            json!({ "kind": "contact", "columns": [], "key": [], "kee": 1 })
        )
        .is_err()
    );
    assert_eq!(house.contacts().len(), 0);
}

#[test]
fn columns_that_are_no_field_are_reported_or_kept() {
    let house = house();
    let csv = "name;phone;Shoe size;Pet\nAnn;1;38;\nBo;2;;Cat\n";
    let columns = json!([{ "column": "name", "field": "name" }, { "column": "phone", "field": "phone" }]);
    let report = house.run(&file("contact", csv, json!({ "key": ["phone"], "columns": columns })));
    assert_eq!(report.unknown_columns, ["Shoe size", "Pet"]);
    let ignored = file("contact", csv, json!({ "key": ["phone"], "columns": columns, "rest": "ignore" }));
    assert!(house.run(&ignored).unknown_columns.is_empty());
    let csv = "title;contact;Shoe size;Pet\nFirst;Ann;38;\nSecond;Bo;;\n";
    let lines = json!({
        "key": ["title"],
        "columns": [
            { "column": "title", "field": "title" },
            { "column": "contact", "field": "contact", "by": "name" },
        ],
        "constants": { "kind": "note" },
        "rest": { "into": "payload" },
    });
    let kept = file("activity", csv, lines);
    assert_eq!(words(&house.run(&kept)), ["created", "created"]);
    let told = now(house.session().list(List::<Activity>::new().kind(["note"]))).unwrap().items;
    let find = |title: &str| {
        told.iter().find(|entry| entry.title.as_ref().is_some_and(|it| it.as_str() == title)).unwrap()
    };
    assert_eq!(find("First").payload.as_json(), &json!({ "Shoe size": "38" }));
    assert_eq!(find("Second").payload.as_json(), &json!({}));
    assert_eq!(words(&house.run(&kept)), ["unchanged", "unchanged"]);
}

#[test]
fn progress_is_told_and_a_report_is_data() {
    let house = house();
    let csv: String = (0..25).map(|number| format!("Name {number};{number}\n")).collect();
    let file = contacts(&format!("name;phone\n{csv}bad;\n")).batches_of(10);
    let mut told = Vec::new();
    let report =
        now(file.run_telling(&house.session(), |Progress { done, rows }| told.push((done, rows)))).unwrap();
    assert_eq!(told, [(1, 26), (11, 26), (21, 26), (26, 26)]);
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<crm_sheets::Report>(&json).unwrap(), report);
}

/// A value that a mapping gives can be of a type that the field does not take.
#[test]
fn a_value_of_the_wrong_type_names_its_column() {
    let house = house();
    let columns = json!([
        { "column": "name", "field": "name" },
        { "column": "phone", "field": "phone" },
        { "column": "town", "field": "city", "values": { "G": 7, "W": "Wien" } },
    ]);
    let csv = "name;phone;town\nAnn;1;g\nBo;2;W\n";
    let report = house.run(&file("contact", csv, json!({ "key": ["phone"], "columns": columns })));
    assert_eq!(reasons(&report), [(2, "forbidden".to_owned(), Some("town".to_owned()))]);
    assert_eq!(house.contacts()[0].city.as_ref().unwrap().as_str(), "Wien");
    let lines = json!({ "key": ["phone"], "constants": { "country": 7, "city": "Graz" } });
    let Err(ImportError::Mapping(faults)) = now(file("contact", "name;phone\n", lines).run(&house.session()))
    else {
        panic!("it was run");
    };
    assert!(matches!(&faults[..], [MappingProblem::Field { field, .. }] if field == "country"), "{faults:?}");
}

#[test]
fn a_word_goes_by_its_label_in_the_profile() {
    let house = house_with(json!({ "inventory": {
        "categories": ["residential", "commercial"], "hold_hours": 72, "hold_hours_most": 100, "extensions": 1,
        "category_labels": { "Жилой": "residential", "нежилой": "commercial" },
    } }));
    let complex = house.do_(CreateComplex::new().name("Oak")).unwrap().id;
    let csv = "block;floor;number;category\nA;1;1;жилой\nA;1;2;Нежилой\nA;1;3;Residential\nA;1;4;сарай\n";
    let lines = json!({ "key": ["block", "floor", "number"], "constants": { "complex": complex } });
    let report = house.run(&file("unit", csv, lines));
    assert_eq!(words(&report), ["created", "created", "created", "rejected"]);
    assert_eq!(reasons(&report), [(5, "malformed".to_owned(), Some("category".to_owned()))]);
    let units = now(house.session().list(List::<Unit>::new().order_by("created_at", false))).unwrap().items;
    let words: Vec<_> = units.iter().map(|unit| unit.category.as_ref().unwrap().as_str()).collect();
    assert_eq!(words, ["residential", "commercial", "residential"]);
}

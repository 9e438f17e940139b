//! What goes out comes back, and whatever comes in harms nothing.

use crm_core::describe::Kind;
use crm_core::{Contact, Deal, List, Task};
use crm_sheets::{Cell, CsvReading, CsvWriting, ImportFile, Mapping, Row, Table, XlsxReading, export};
use pollster::block_on as now;
use proptest::prelude::*;
use serde_json::json;

use super::workbook::{texts, workbook};
use super::{House, file, house, words};

/// The list of a kind as a file with everything in it.
macro_rules! exported {
    ($house:expr, $entity:ident) => {{
        let mut file = Vec::new();
        let how = CsvWriting { private: true, ..CsvWriting::default() };
        let list = List::<$entity>::new().with_inactive();
        now(export::csv(&mut file, &$house.session(), list, &how)).unwrap();
        CsvReading { delimiter: Some(b','), ..CsvReading::default() }.read(&file).unwrap()
    }};
}

fn unchanged(house: &House, kind: Kind, key: &str, table: Table) {
    let rows = table.rows.len();
    let mapping = Mapping::of_fields(kind, table.headers.clone(), &[key]);
    let before = house.store.export().unwrap();
    let report = house.run(&ImportFile::new(table, mapping));
    assert_eq!(words(&report), vec!["unchanged"; rows], "{report:#?}");
    assert_eq!(house.store.export().unwrap(), before);
}

#[test]
fn what_was_exported_is_unchanged_when_it_is_imported() {
    let house = house();
    let people = "name;phone;email;active;notes;kind\nAnn;+43 1;a@example.com;yes;\"-1,5\n=2 \"\"x\"\"\";person\n\
                  'tis Bo;'=1;;no;;company\n";
    house.run(&file("contact", people, json!({ "key": ["name"] })));
    let deals = "title;amount;probability;expected_close_date;expected_close_at\n@Roof;1234.5;30;2026-05-01;\n\
                 Door;;;;2026-05-01T10:15:30.25+02:00\n";
    house.run(&file("deal", deals, json!({ "key": ["title"] })));
    house.run(&file("task", "title;due_date\n-call;2026-05-01\n", json!({ "key": ["title"] })));
    assert_eq!(house.contacts()[0].phone.as_ref().unwrap().as_str(), "=1", "the apostrophe is the guard's");
    unchanged(&house, Kind::Contact, "name", exported!(house, Contact));
    unchanged(&house, Kind::Deal, "title", exported!(house, Deal));
    unchanged(&house, Kind::Task, "title", exported!(house, Task));
}

fn any_cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        Just(Cell::Empty),
        "[ -~а-я\\n\"';,=+@-]{0,12}".prop_map(|text| Cell::text(&text)),
        any::<i32>().prop_map(|number| Cell::Number(number.into())),
        any::<bool>().prop_map(Cell::Bool),
        Just(Cell::Date("2026-01-31".parse().unwrap())),
        Just(Cell::Unreadable("broken".to_owned())),
    ]
}

fn any_table() -> impl Strategy<Value = Table> {
    let row = proptest::collection::vec(any_cell(), 0..6);
    proptest::collection::vec(row, 0..12).prop_map(|rows| {
        let headers = ["name", "phone", "email", "city", "active"].map(str::to_owned);
        let rows = rows.into_iter().zip(2..).map(|(cells, number)| Row { number, cells });
        Table { headers: headers.into(), rows: rows.collect() }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a table holds: each row has one line, the same dry and wet, and the second run finds nothing to do.
    #[test]
    fn any_table_comes_in_once(table in any_table(), batch in 1..5_usize) {
        let house = house();
        let mapping = Mapping::of_fields(Kind::Contact, table.headers.clone(), &["phone"]);
        let file = ImportFile::new(table.clone(), mapping).batches_of(batch);
        let dry = now(file.dry_run(&house.session())).unwrap();
        let first = house.run(&file);
        prop_assert_eq!(words(&dry), words(&first));
        let rows: Vec<_> = first.rows.iter().map(|row| row.row).collect();
        prop_assert_eq!(rows, table.rows.iter().map(|row| row.number).collect::<Vec<_>>());
        let before = house.store.export().unwrap();
        let again = house.run(&file);
        let expected: Vec<_> =
            words(&first).into_iter().map(|word| if word == "created" { "unchanged" } else { word }).collect();
        prop_assert_eq!(words(&again), expected);
        prop_assert_eq!(house.store.export().unwrap(), before);
        prop_assert_eq!(house.contacts().len(), first.counts().created);
        unchanged(&house, Kind::Contact, "phone", exported!(house, Contact));
    }

    /// A table of texts is the same after it was written and read.
    #[test]
    fn any_text_survives_a_file(
        rows in proptest::collection::vec(proptest::collection::vec("[ -~а-я\\n\"';,=+@-]{0,8}", 3), 1..8),
        delimiter in prop_oneof![Just(b','), Just(b';'), Just(b'\t')],
    ) {
        let cells = |row: Vec<String>| {
            let mut cells: Vec<Cell> = row.iter().map(|text| Cell::text(text)).collect();
            while cells.last().is_some_and(Cell::is_empty) {
                cells.pop();
            }
            cells
        };
        let rows = rows.into_iter().map(cells).filter(|cells| !cells.is_empty());
        let table = Table {
            headers: vec!["a".to_owned(), "b".to_owned(), "c".to_owned()],
            rows: rows.map(|cells| Row { number: 0, cells }).collect(),
        };
        let mut file = Vec::new();
        export::table(&mut file, &table, &CsvWriting { delimiter, ..CsvWriting::default() }).unwrap();
        let mut read = CsvReading { delimiter: Some(delimiter), ..CsvReading::default() }.read(&file).unwrap();
        read.rows.iter_mut().for_each(|row| row.number = 0);
        prop_assert_eq!(read, table);
    }

    /// No bytes make a reader panic, and no damage makes a workbook another one.
    #[test]
    fn any_bytes_are_a_table_or_an_error(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        at in any::<proptest::sample::Index>(),
        flip in 1..=255_u8,
    ) {
        let _ = CsvReading::default().read(&bytes);
        let _ = XlsxReading::default().read(&bytes);
        let whole = workbook(&(texts(1, &["a", "b"]) + &texts(2, &["1", "2"])));
        let mut damaged = whole.clone();
        let at = at.index(damaged.len());
        damaged[at] ^= flip;
        let _ = XlsxReading::default().read(&damaged);
        prop_assert!(XlsxReading::default().read(&whole[..at]).is_err());
    }
}

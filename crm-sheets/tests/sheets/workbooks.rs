//! xlsx files, whole and damaged.

use crm_sheets::{Cell, ImportFile, Limits, SheetError, Table, XlsxReading};
use serde_json::json;

use super::workbook::{pack, shared, texts, workbook, workbook_of};
use super::{house, mapped, reasons, words};

fn sheet(rows: &str) -> Result<Table, SheetError> {
    XlsxReading::default().read(&workbook(rows))
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Unreadable(why) => format!("unreadable: {why}"),
        cell => format!("{cell:?}"),
    }
}

#[test]
fn cells_are_what_the_file_says() {
    for (cell, expected) in [
        (r#"<c r="A2"><v>1234.5</v></c>"#, "Number(1234.5)"),
        (r#"<c r="A2"><v>0.1</v></c>"#, "Number(0.1)"),
        (r#"<c r="A2"><v>998901234567</v></c>"#, "Number(998901234567)"),
        (
            r#"<c r="A2"><v>1E+30</v></c>"#,
            "unreadable: it is a number of more digits than a spreadsheet keeps",
        ),
        (r#"<c r="A2" s="1"><v>45943</v></c>"#, "Date(Date(2025-10-13))"),
        (r#"<c r="A2" s="2"><v>45943.5</v></c>"#, "Moment(Date(2025-10-13), TimeOfDay { millis: 43200000 })"),
        (r#"<c r="A2" s="1"><v>60</v></c>"#, "unreadable: 60 is no day of a spreadsheet"),
        (r#"<c r="A2" s="1"><v>0.5</v></c>"#, "unreadable: 0.5 is no day of a spreadsheet"),
        (r#"<c r="A2" t="b"><v>1</v></c>"#, "Bool(true)"),
        (r#"<c r="A2" t="d"><v>2026-01-31</v></c>"#, "Date(Date(2026-01-31))"),
        (r#"<c r="A2" t="str"><f>A1</f><v> x </v></c>"#, "Text(\"x\")"),
        (r#"<c r="A2" t="e"><v>#REF!</v></c>"#, "unreadable: it is the error #REF!"),
        (r#"<c r="A2" t="inlineStr"><is><t>=1+1</t></is></c>"#, "Text(\"=1+1\")"),
    ] {
        let rows = texts(1, &["a", "b"]) + &format!(r#"<row r="2">{cell}<c r="B2"><v>1</v></c></row>"#);
        let table = sheet(&rows).unwrap();
        assert_eq!(shown(&table.rows[0].cells[0]), expected, "{cell}");
    }
}

#[test]
fn a_sheet_is_chosen_by_name_and_days_can_count_from_1904() {
    let second = texts(3, &["x", "y"]) + r#"<row r="5"><c r="B5" s="1"><v>44481</v></c></row>"#;
    let book = workbook_of(&[("One", &texts(1, &["a"])), ("Два", &second)], r#"<workbookPr date1904="1"/>"#);
    let named = |name: &str| XlsxReading { sheet: Some(name.to_owned()), ..XlsxReading::default() };
    assert_eq!(XlsxReading::default().read(&book).unwrap().headers, ["a"]);
    let table = named("Два").read(&book).unwrap();
    assert_eq!((table.headers.len(), table.rows[0].number), (2, 5));
    assert_eq!(table.rows[0].cells[..], [Cell::Empty, Cell::Date("2025-10-13".parse().unwrap())]);
    let Err(SheetError::NoSheet { known, .. }) = named("Three").read(&book) else { panic!("there is none") };
    assert_eq!(known, ["One", "Два"]);
}

#[test]
fn titles_above_the_headers_are_passed_over() {
    let rows = texts(1, &["Registry", "of", "May"]) + &texts(4, &["a", "b"]) + &texts(5, &["1", ""]);
    let table = XlsxReading { header_row: Some(4), ..XlsxReading::default() }.read(&workbook(&rows)).unwrap();
    assert_eq!((table.headers, table.rows[0].number), (vec!["a".to_owned(), "b".to_owned()], 5));
}

#[test]
fn a_file_that_is_not_whole_is_an_error() {
    let whole = workbook(&texts(1, &["a"]));
    for length in [0, 1, 10, whole.len() / 2, whole.len() - 1] {
        assert!(
            matches!(XlsxReading::default().read(&whole[..length]), Err(SheetError::Damaged(_))),
            "{length}"
        );
    }
    for (rows, why) in [
        ("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>7</v></c></row>", "a text that is not there"),
        ("<row r=\"1\"><c r=\"A1\" t=\"n\"><v>abc</v></c></row>", "a number that is none"),
        ("<row r=\"1\"><c r=\"A1\"><v>1</v></row>", "an element that is not closed"),
        ("<row r=\"1\"><c r=\"ZZZZZZZZ1\"><v>1</v></c></row>", "a column that is none"),
    ] {
        assert!(sheet(rows).is_err(), "{why}: {:?}", sheet(rows));
    }
    assert!(matches!(XlsxReading::default().read(b"name;phone\n"), Err(SheetError::Damaged(_))));
    assert!(XlsxReading::default().read(&pack([("a.txt", b"no workbook".as_slice())])).is_err());
}

#[test]
fn headers_are_told_apart_and_cells_stand_once() {
    assert!(matches!(sheet(&texts(2, &["a", "A"])), Err(SheetError::Header { row: 2, column: 2, .. })));
    let twice = r#"<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>"#;
    assert!(matches!(sheet(twice), Err(SheetError::Cell { row: 1, column: 1, .. })));
    assert_eq!(sheet(""), Err(SheetError::NoHeaders));
}

#[test]
fn a_small_file_that_unpacks_to_a_large_one_is_refused() {
    let zeros = vec![b'0'; 8 << 20];
    let bomb = pack([("xl/workbook.xml", zeros.as_slice()), ("xl/sharedStrings.xml", zeros.as_slice())]);
    assert!(bomb.len() < 100_000);
    let limits = Limits { unpacked: 10 << 20, ..Limits::default() };
    let read = XlsxReading { limits, ..XlsxReading::default() }.read(&bomb);
    assert!(matches!(read, Err(SheetError::TooLarge { what: "bytes of unpacked content", .. })), "{read:?}");
    // A file that says of itself that it is small: the sizes in its directory are a lie.
    let mut lie = pack([("xl/sharedStrings.xml", zeros.as_slice())]);
    let size = u32::try_from(zeros.len()).unwrap().to_le_bytes();
    let places: Vec<_> = (0..lie.len() - 4).filter(|at| lie[*at..*at + 4] == size).collect();
    assert!(!places.is_empty());
    for at in places {
        lie[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    let limits = Limits { unpacked: 1 << 20, ..Limits::default() };
    assert!(XlsxReading { limits, ..XlsxReading::default() }.read(&lie).is_err());
}

#[test]
fn every_limit_says_where() {
    let limits = Limits { rows: 2, columns: 3, cells: 6, unpacked: 1 << 20, bytes: 1 << 20 };
    let reading = XlsxReading { limits, ..XlsxReading::default() };
    let rows = |count: u32, cells: &[&str]| (1..=count).map(|row| texts(row, cells)).collect::<String>();
    for (rows, expected) in [
        (rows(3, &["a", "b"]), None),
        (rows(4, &["a"]), Some(("rows", Some(4), None))),
        (rows(1, &["a", "b", "c", "d"]), Some(("columns", Some(1), Some(4)))),
        (rows(3, &["a", "b", "c"]), Some(("cells", Some(3), Some(1)))),
        (
            r#"<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#.to_owned(),
            Some(("columns", Some(1_048_576), Some(16_384))),
        ),
    ] {
        let rows = rows.replacen(">b<", ">b2<", 1).replacen(">c<", ">c2<", 1);
        let found = match reading.read(&workbook(&rows)) {
            Err(SheetError::TooLarge { what, row, column, .. }) => Some((what, row, column)),
            Ok(_) => None,
            Err(error) => panic!("{error}"),
        };
        assert_eq!(found, expected, "{rows}");
    }
    let small = XlsxReading { limits: Limits { bytes: 10, ..Limits::default() }, ..XlsxReading::default() };
    assert!(matches!(small.read(&workbook("")), Err(SheetError::TooLarge { what: "bytes", .. })));
}

#[test]
fn a_text_that_many_cells_share_counts_for_each() {
    let cell = |row: u32| format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>"#);
    let rows: String = texts(1, &["a"]) + &(2..=1_001).map(cell).collect::<String>();
    let read = |unpacked| {
        let limits = Limits { unpacked, ..Limits::default() };
        XlsxReading { limits, ..XlsxReading::default() }.read(&workbook(&rows))
    };
    let table = read(1_000_001).unwrap();
    assert_eq!((table.rows.len(), &table.rows[999].cells[0]), (1000, &Cell::Text(shared())));
    assert!(rows.len() < 100_000, "the file itself is small");
    let refused = read(500_000);
    assert!(
        matches!(refused, Err(SheetError::TooLarge { what: "bytes of text", row: Some(501), .. })),
        "{refused:?}"
    );
}

#[test]
fn a_workbook_comes_in_as_a_csv_file_does() {
    let house = house();
    let rows = texts(1, &["Title", "Amount", "Close", "Sure"])
        + r#"<row r="2"><c r="A2" t="inlineStr"><is><t>Roof</t></is></c><c r="B2"><v>1234.5</v></c><c r="C2" s="1"><v>46143</v></c><c r="D2"><v>30</v></c></row>"#
        + r#"<row r="3"><c r="A3"><v>17</v></c><c r="B3" t="inlineStr"><is><t>1 000,25</t></is></c></row>"#
        + r#"<row r="5"><c r="A5" t="inlineStr"><is><t>Door</t></is></c><c r="B5" t="e"><v>#DIV/0!</v></c><c r="C5"><v>46143</v></c><c r="D5"><v>30.5</v></c></row>"#;
    let mapping = mapped(json!({
        "kind": "deal",
        "columns": [
            { "column": "title", "field": "title" },
            { "column": "amount", "field": "amount" },
            { "column": "close", "field": "expected_close_date" },
            { "column": "sure", "field": "probability" },
        ],
        "key": ["title"],
    }));
    let file = ImportFile::new(sheet(&rows).unwrap(), mapping);
    let report = house.run(&file);
    assert_eq!(words(&report), ["created", "created", "rejected"], "{report:?}");
    let columns: Vec<_> =
        reasons(&report).into_iter().map(|(row, _, column)| (row, column.unwrap())).collect();
    assert_eq!(columns, [(5, "amount".to_owned()), (5, "close".to_owned()), (5, "sure".to_owned())]);
    assert_eq!(words(&house.run(&file)), ["unchanged", "unchanged", "rejected"]);
}

//! Lists, reports and tables as files.

use crm_core::analytics::Sales;
use crm_core::{Contact, CreateContact, CreateDeal, Deal, List};
use crm_sheets::{CsvWriting, ExportError, export};
use pollster::block_on as now;

use super::{House, house, read, user};

fn written(house: &House, how: &CsvWriting) -> Result<String, ExportError> {
    let mut file = Vec::new();
    let list = List::<Contact>::new().order_by("name", false);
    now(export::csv(&mut file, &house.session(), list, how))?;
    Ok(String::from_utf8(file).unwrap())
}

fn columns(names: &[&str]) -> CsvWriting {
    let columns = names.iter().map(|name| ((*name).to_owned(), name.to_uppercase()));
    CsvWriting { columns: columns.collect(), private: true, ..CsvWriting::default() }
}

#[test]
fn what_a_spreadsheet_would_run_is_text() {
    let house = house();
    house.do_(CreateContact::new().name("=HYPERLINK(\"http://example.com\")").phone("+43 1")).unwrap();
    house.do_(CreateContact::new().name("a, \"b\"").phone("@me")).unwrap();
    let how = columns(&["name", "phone"]);
    let guarded = "NAME,PHONE\n\"'=HYPERLINK(\"\"http://example.com\"\")\",'+43 1\n\"a, \"\"b\"\"\",'@me\n";
    assert_eq!(written(&house, &how).unwrap(), guarded);
    let plain = written(&house, &CsvWriting { guard: false, ..how }).unwrap();
    assert_eq!(plain, guarded.replace('\'', ""));
    let (marked, table) =
        (written(&house, &CsvWriting { mark: true, ..columns(&["name"]) }).unwrap(), read(guarded));
    assert!(marked.starts_with('\u{feff}'));
    assert_eq!(table.rows[0].cells[0].to_text().unwrap(), "=HYPERLINK(\"http://example.com\")");
}

#[test]
fn personal_data_is_written_only_if_asked_for() {
    let house = house();
    house.do_(CreateContact::new().name("Ann").phone("112").city("Graz")).unwrap();
    let all = written(&house, &CsvWriting::default()).unwrap();
    assert!(all.contains("Graz") && !all.contains("112") && !all.contains("Ann"), "{all}");
    assert!(all.starts_with("id,created_at,updated_at,kind,"), "{all}");
    let with = written(&house, &CsvWriting { private: true, ..CsvWriting::default() }).unwrap();
    assert!(with.contains("112") && with.contains("Ann") && !with.contains("deleted"));
    let chosen = CsvWriting { private: false, ..columns(&["city", "phone"]) };
    assert!(written(&house, &chosen).unwrap_err().to_string().contains("`phone`"));
    assert!(written(&house, &columns(&["shoe_size"])).is_err());
}

#[test]
fn a_long_list_is_written_page_by_page() {
    let house = house();
    let most = house.crm.profile().page_limit(crm_core::describe::Kind::Contact).most;
    let count = u64::from(most) * 2 + 3;
    for number in 0..count {
        house.do_(CreateContact::new().name(format!("Name {number:05}"))).unwrap();
    }
    let mut file = Vec::new();
    let list = List::<Contact>::new().order_by("name", false).page(3, 7);
    let how = columns(&["version", "name"]);
    assert_eq!(now(export::csv(&mut file, &house.session(), list, &how)).unwrap(), count);
    let text = String::from_utf8(file).unwrap();
    let names: Vec<_> = text.lines().skip(1).map(str::to_owned).collect();
    assert_eq!(names, (0..count).map(|number| format!("1,Name {number:05}")).collect::<Vec<_>>());
}

#[test]
fn who_may_not_see_may_not_export() {
    let house = house();
    let stranger = house.crm.act(house.id, user(9));
    let how = CsvWriting::default();
    let asked = export::csv(Vec::new(), &stranger, List::<Deal>::new(), &how);
    assert!(matches!(now(asked), Err(ExportError::Engine(_))));
}

#[test]
fn figures_are_written_by_name() {
    let house = house();
    house.do_(CreateDeal::new().title("Roof").amount(5)).unwrap();
    let mut file = Vec::new();
    now(export::report(&mut file, &house.session(), &Sales::default(), &CsvWriting::default())).unwrap();
    let text = String::from_utf8(file).unwrap();
    assert!(text.starts_with("figure,value\n") && text.contains("\nall.count,1\n"), "{text}");
}

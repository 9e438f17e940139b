//! The one JSON form: snake case, decimals as text, UTC with `Z`, empty fields as null, patches that tell absent from
//! null.

#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

use crm_core::describe::{FieldId, Kind, Record, Value};
use crm_core::store::{Order, Position};
use crm_core::value::{DealId, Patch, Uuid};
use crm_core::{CreateDeal, Cursor, Paging, UpdateDeal};
use proptest::prelude::*;
use serde_json::json;

fn deal() -> Record {
    let values: Vec<Value> = Kind::Deal
        .fields()
        .iter()
        .map(|field| match field.name {
            "created_at" | "updated_at" => Value::Instant("2026-03-02T09:00:00.5Z".parse().unwrap()),
            "title" => Value::text("Roof"),
            "amount" => Value::Decimal("10.00".parse().unwrap()),
            "currency" => Value::text("EUR"),
            "status" => Value::text("open"),
            "expected_close_date" => Value::Date("2026-04-01".parse().unwrap()),
            _ => Value::Null,
        })
        .collect();
    Record::from_values(Kind::Deal, Uuid::from_u128(7), 3, &values).unwrap()
}

#[test]
fn a_record_goes_out_in_one_form_and_comes_back() {
    let json = serde_json::to_value(deal()).unwrap();
    assert_eq!(
        json,
        json!({
            "record": "deal", "id": "00000000-0000-0000-0000-000000000007", "version": 3,
            "title": "Roof", "description": null, "contact": null, "lead": null, "owner": null, "assignee": null,
            "amount": "10.00", "currency": "EUR", "status": "open", "pipeline": null, "stage": null,
            "probability": null, "expected_close_date": "2026-04-01", "expected_close_at": null, "lost_reason": null,
            "outcome": null, "closed_at": null, "closed_from": null,
            "created_at": "2026-03-02T09:00:00.500000Z", "updated_at": "2026-03-02T09:00:00.500000Z",
            "deleted_at": null, "deleted_by": null
        })
    );
    assert_eq!(serde_json::from_value::<Record>(json).unwrap(), deal());
}

#[test]
fn a_record_that_is_not_whole_is_refused_by_its_field() {
    let refusal = |change: fn(&mut serde_json::Map<String, serde_json::Value>)| {
        let mut json = serde_json::to_value(deal()).unwrap();
        change(json.as_object_mut().unwrap());
        serde_json::from_value::<Record>(json).unwrap_err().to_string()
    };
    assert_eq!(refusal(|row| drop(row.remove("title"))), "missing field `title`");
    assert_eq!(refusal(|row| drop(row.remove("version"))), "missing field `version`");
    assert!(refusal(|row| drop(row.insert("amount".to_owned(), json!([])))).starts_with("`amount`"));
    assert!(refusal(|row| drop(row.insert("id".to_owned(), json!(7)))).starts_with("`id`"));
    let mut whole = serde_json::to_value(deal()).unwrap();
    let row = whole.as_object_mut().unwrap();
    row.remove("description");
    row.insert("colour".to_owned(), json!("red"));
    assert_eq!(serde_json::from_value::<Record>(whole).unwrap(), deal());
}

#[test]
fn a_field_that_comes_twice_is_refused() {
    let twice = serde_json::from_str::<CreateDeal>(r#"{"title":"Roof","title":"Door"}"#).unwrap_err();
    assert!(twice.to_string().starts_with("duplicate field `title`"), "{twice}");
    let wrong = serde_json::from_str::<CreateDeal>(r#"{"title":7}"#).unwrap_err();
    assert!(wrong.to_string().starts_with("`title`: invalid type"), "{wrong}");
}

#[test]
fn debug_output_holds_no_personal_data() {
    let values: Vec<Value> = Kind::Contact
        .fields()
        .iter()
        .map(|field| match field.name {
            "created_at" | "updated_at" => Value::Instant("2026-03-02T09:00:00Z".parse().unwrap()),
            "kind" => Value::text("person"),
            "name" | "first_name" | "last_name" | "notes" | "address" => Value::text("Ann Archer"),
            "email" => Value::text("ann.archer@example.com"),
            "phone" => Value::text("+43 1 234"),
            "active" => Value::Bool(true),
            _ => Value::Null,
        })
        .collect();
    let record = Record::from_values(Kind::Contact, Uuid::from_u128(7), 1, &values).unwrap();
    let shown = format!("{record:?} {record:#?}");
    assert!(!shown.to_lowercase().contains("archer") && !shown.contains("234"), "{shown}");
}

#[test]
fn a_patch_tells_absent_from_null() {
    let id = DealId::from_uuid(Uuid::from_u128(7));
    let read = |text: &str| serde_json::from_str::<UpdateDeal>(text).unwrap();
    let sent =
        read(&format!(r#"{{"id":"{id}","description":null,"title":"Roof","amount":12.5,"colour":"red"}}"#));
    assert_eq!(sent.fields.description, Patch::Clear);
    assert_eq!(sent.fields.stage, Patch::Keep);
    assert_eq!(sent.fields.title, Patch::Set("Roof".to_owned()));
    let written = serde_json::to_value(&sent).unwrap();
    assert_eq!(written, json!({ "id": id, "description": null, "title": "Roof", "amount": "12.5" }));
    assert_eq!(read(&written.to_string()).fields, sent.fields);
    let chosen = CreateDeal::with_id(id).title("Roof").description(None);
    assert_eq!(
        serde_json::to_value(&chosen).unwrap(),
        json!({ "id": id, "title": "Roof", "description": null })
    );
}

#[test]
fn pages_can_be_asked_for_in_three_ways() {
    for (text, paging) in [
        (r#"{"number":2,"size":50}"#, Paging::Page { number: 2, size: Some(50) }),
        (r#"{"number":2,"size":null}"#, Paging::Page { number: 2, size: None }),
        (r#"{"skip":7,"limit":3}"#, Paging::Skip { skip: 7, limit: Some(3) }),
    ] {
        assert_eq!(serde_json::from_str::<Paging>(text).unwrap(), paging);
        assert_eq!(serde_json::to_string(&paging).unwrap(), text);
    }
}

#[test]
fn a_cursor_was_read_that_is_written_otherwise() {
    let hidden = |json: &str| json.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let id = Uuid::from_u128(7);
    let at = |number: &str| {
        hidden(&format!(r#"["deal",9,true,{{"value":{{"type":"decimal","value":"{number}"}},"id":"{id}"}}]"#))
    };
    let digits = at("50.00");
    assert!(format!("c1.{digits}").parse::<Cursor>().is_ok());
    let (signed, spaced) = (format!("+a{digits}"), hidden(" ") + &digits);
    for other in [at("050.00"), at("5e1"), digits.to_uppercase(), signed, spaced] {
        assert!(format!("c1.{other}").parse::<Cursor>().is_err(), "{other}");
    }
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (any::<i64>(), 0..8u32)
            .prop_map(|(units, scale)| Value::Decimal(rust_decimal::Decimal::new(units, scale))),
        any::<String>().prop_map(|text| Value::text(&text)),
        any::<u128>().prop_map(|id| Value::Uuid(Uuid::from_u128(id))),
    ]
}

proptest! {
    #[test]
    fn a_cursor_comes_back_from_its_text_and_fits_its_list_only(
        value in values(), id in any::<u128>(), field in 0..10u8, descending: bool,
    ) {
        let order = Order { field: FieldId(field), descending };
        let position = Position { value, id: Uuid::from_u128(id) };
        let cursor = Cursor::new(Kind::Deal, order, position.clone());
        let again: Cursor = cursor.to_string().parse().unwrap();
        prop_assert_eq!(&again, &cursor);
        prop_assert_eq!(again.clone().position_in(Kind::Deal, order).unwrap(), position);
        prop_assert!(again.clone().position_in(Kind::Task, order).is_err());
        let turned = Order { descending: !descending, ..order };
        prop_assert!(again.position_in(Kind::Deal, turned).is_err());
    }

    #[test]
    fn a_text_that_is_no_cursor_is_refused(text in ".{0,60}", digits in "c1\\.[0-9a-fé]{0,60}") {
        prop_assert!(text.parse::<Cursor>().is_err());
        prop_assert!(digits.parse::<Cursor>().is_err());
    }

    #[test]
    fn values_come_back_from_json_and_are_strictly_ordered(left in values(), right in values()) {
        let json = serde_json::to_string(&left).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Value>(&json).unwrap(), &left);
        prop_assert_eq!(left == right, left.cmp(&right).is_eq());
        prop_assert_eq!(left.cmp(&right), right.cmp(&left).reverse());
    }
}

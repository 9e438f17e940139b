//! Rows for every kind, made from the tables of fields: nothing filled in, everything, the shortest, the longest.
//!
//! A new field of an entity is in all of them without a change here; a new kind of field does not compile.
//!
//! Invariant: every field that a store must hold is filled in at least one row of its kind.

use crm_core::describe::{CREATED_AT, DELETED_AT, Field, FieldId, FieldKind, Kind, UPDATED_AT};
use crm_core::value::{Instant, Precision};
use serde_json::{Map, Value as Json, json};

use super::scene::id;

/// How a row is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Only what must be there.
    Bare,
    /// Everything, with ordinary values.
    Full,
    /// Everything, with the least values.
    Least,
    /// Everything, with the greatest values.
    Greatest,
    /// Everything, and deleted.
    Deleted,
}

impl Style {
    pub(super) const ALL: [Self; 5] = [Self::Bare, Self::Full, Self::Least, Self::Greatest, Self::Deleted];
}

/// The number of the row of a kind and a style.
pub(super) fn number(kind: Kind, style: Style) -> u128 {
    0x1000 * (1 + kind as u128) + style as u128
}

/// A row to bring in.
pub(super) fn row(kind: Kind, style: Style, precision: Precision) -> Json {
    let mut row = Map::new();
    row.insert("record".to_owned(), kind.name().into());
    row.insert("id".to_owned(), json!(id(number(kind, style))));
    for (at, field) in kind.fields().iter().enumerate() {
        let at = FieldId(u8::try_from(at).expect("fewer than 256 fields"));
        if let Some(value) = value(kind, at, field, style, precision) {
            row.insert(field.name.to_owned(), value);
        }
    }
    Json::Object(row)
}

fn value(kind: Kind, at: FieldId, field: &Field, style: Style, precision: Precision) -> Option<Json> {
    let deletion = at == DELETED_AT || field.name == "deleted_by";
    // What a plan or a payment is for, its rules demand.
    let required =
        field.required || matches!((kind, field.name), (Kind::PaymentPlan | Kind::Payment, "contract"));
    if deletion && style != Style::Deleted || style == Style::Bare && !required {
        return None;
    }
    if kind == Kind::Pipeline && field.name == "stages" {
        return Some(stages(style));
    }
    match field.name {
        "working_time" => return Some(json!("09:00-18:00")),
        "working_days" => return Some(json!("1111100")),
        _ => {}
    }
    if at == CREATED_AT || at == UPDATED_AT {
        return Some(json!(instant(style, precision)));
    }
    Some(sample(field.kind, style, number(kind, style), precision))
}

fn instant(style: Style, precision: Precision) -> Instant {
    let instant = match style {
        Style::Least => Instant::MIN,
        Style::Greatest => Instant::MAX,
        Style::Bare | Style::Full | Style::Deleted => "2024-02-29T23:59:59.987654Z".parse().expect("a time"),
    };
    instant.truncated(precision)
}

fn sample(kind: FieldKind, style: Style, number: u128, precision: Precision) -> Json {
    let by = |least: Json, ordinary: Json, greatest: Json| match style {
        Style::Least => least,
        Style::Greatest => greatest,
        Style::Bare | Style::Full | Style::Deleted => ordinary,
    };
    match kind {
        FieldKind::Text { min, max } => {
            let greatest = "\u{10ffff}".repeat(max.min(4_000) as usize);
            by(
                json!("x".repeat(min.max(1) as usize)),
                json!(format!("Ärger {number}, 'Ω' \"ё\"")),
                json!(greatest),
            )
        }
        FieldKind::Word => by(json!("a"), json!("in_progress"), json!(format!("z{}", "9".repeat(39)))),
        FieldKind::Email => json!(format!("Frau.Ö{number}@Example.COM")),
        FieldKind::Phone => json!(format!("+49 (0) {number}-{number} ext. 7")),
        FieldKind::Decimal => by(json!("0.00"), json!("10.00"), json!("99999999999999999999.99")),
        FieldKind::Currency => by(json!("AUD"), json!("EUR"), json!("USD")),
        FieldKind::Zone => json!("America/Argentina/ComodRivadavia"),
        FieldKind::Bool => by(json!(false), json!(false), json!(true)),
        FieldKind::Percent => by(json!(0), json!(37), json!(100)),
        FieldKind::Whole => by(json!(i64::MIN), json!(-7), json!(i64::MAX)),
        FieldKind::Instant => json!(instant(style, precision)),
        FieldKind::Date => by(json!("0001-01-01"), json!("2024-02-29"), json!("9999-12-31")),
        FieldKind::Command => by(json!(id(0)), json!(id(7)), json!(id(u128::MAX))),
        // Every bare row points at nothing, so that something can be pointed at.
        FieldKind::Reference(Kind::Membership) => json!(id(0xF001)),
        FieldKind::Reference(kind) => json!(id(self::number(kind, Style::Bare))),
        FieldKind::Json => by(json!({}), document(), document()),
    }
}

/// A document with everything that JSON has.
pub(super) fn document() -> Json {
    json!({
        "": "an empty name",
        "nested": { "list": [1, [2, [3, []]], {}, null], "deep": { "er": { "est": "ё\u{1f600}" } } },
        "null": null, "yes": true, "no": false,
        "least": i64::MIN, "greatest": u64::MAX, "fraction": 0.1, "negative": -2.5,
        "big": "170141183460469231731687303715884105727.000000000000000000001",
        "text": "line\nbreak\ttab \"quote\" \\ back / slash \u{7f} \u{2028} \u{feff}",
        "spaces": " \u{a0} around\t", " ": "", "ключ": "значение", "a.b": 1, "$ref": "#/x", "%": "_",
    })
}

fn stages(style: Style) -> Json {
    let open = json!({ "key": "first", "label": "Ärger \"ё\"", "probability": 37, "to": ["second"],
        "requires": [{ "present": "amount" }] });
    match style {
        Style::Bare | Style::Least => json!([{ "key": "first" }]),
        Style::Full | Style::Greatest | Style::Deleted => json!([open, { "key": "second", "kind": "won" },
            { "key": "third", "kind": "lost" }, { "key": "fourth", "kind": "closed", "probability": 100 }]),
    }
}

//! Values that a field of a kind can hold.
//!
//! Invariant: every value generated here is in the one form in which the field's type keeps it.

use crm_core::describe::{FieldKind, FieldType, Json, Percent, Value};
use crm_core::value::{Currency, Date, Decimal, Email, Instant, Phone, Uuid, Word, Zone};
use proptest::prelude::*;

use super::hostile::{decimals, inputs, texts};

/// The texts of a strategy that a type accepts, as the type keeps them; `spare` for the others.
fn kept<T: FieldType + 'static>(
    from: BoxedStrategy<String>,
    spare: &'static str,
    parse: fn(&str) -> Option<T>,
) -> BoxedStrategy<Value> {
    from.prop_map(move |text| {
        parse(&text).or_else(|| parse(spare)).map_or(Value::Null, |kept| kept.to_value())
    })
    .boxed()
}

fn text(min: u32, max: u32) -> BoxedStrategy<Value> {
    let cut = move |text: String| {
        let sound = text.trim().replace('\0', "");
        let cut: String = sound.trim().chars().take(max as usize).collect();
        let cut = cut.trim();
        if cut.chars().count() < min as usize { "x".repeat(min.max(1) as usize) } else { cut.to_owned() }
    };
    texts(min, max).prop_map(move |text| Value::text(&cut(text))).boxed()
}

/// Values that a field of this kind can hold; `Null` too where the field may be empty.
pub fn values(kind: FieldKind, required: bool) -> BoxedStrategy<Value> {
    let id = || any::<u128>().prop_map(|id| Value::Uuid(Uuid::from_u128(id))).boxed();
    let full = match kind {
        FieldKind::Text { min, max } => text(min, max),
        FieldKind::Word => kept("[A-Z a-z_-]{1,40}".boxed(), "word", |text| Word::parse(text).ok()),
        FieldKind::Email => kept(
            prop_oneof![
                "[A-Za-z0-9+]{1,20}@[A-Za-z]{1,9}\\.[a-z]{2,3}",
                texts(1, 60).prop_map(|x| format!("{x}@Пример.рф"))
            ]
            .boxed(),
            "Ann@example.com",
            |text| Email::parse(text).ok(),
        ),
        FieldKind::Phone => {
            kept(prop_oneof!["[+0-9() -]{1,50}", texts(1, 50)].boxed(), "112", |text| Phone::parse(text).ok())
        }
        FieldKind::Decimal => kept(decimals(), "1.50", |text| text.parse::<Decimal>().ok()),
        FieldKind::Currency => kept("[A-Za-z]{3}".boxed(), "USD", |text| Currency::parse(text).ok()),
        FieldKind::Zone => kept(
            prop::sample::select(vec!["UTC", "Europe/Vienna", "Asia/Kolkata", "Pacific/Apia"])
                .prop_map(str::to_owned)
                .boxed(),
            "UTC",
            |text| Zone::parse(text).ok(),
        ),
        FieldKind::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        FieldKind::Whole => any::<i64>().prop_map(Value::Int).boxed(),
        FieldKind::Percent => (0_i64..=100)
            .prop_map(|number| Percent::new(number).map_or(Value::Null, |percent| percent.to_value()))
            .boxed(),
        FieldKind::Instant => prop_oneof![
            (Instant::MIN.unix_micros()..=Instant::MAX.unix_micros()),
            Just(Instant::MIN.unix_micros()),
            Just(Instant::MAX.unix_micros()),
            Just(-1),
        ]
        .prop_map(|micros| Value::Instant(Instant::from_unix_micros(micros).unwrap_or(Instant::EPOCH)))
        .boxed(),
        FieldKind::Date => (0_i64..3_652_058).prop_map(|days| Value::Date(Date::MIN.plus_days(days))).boxed(),
        FieldKind::Command | FieldKind::Reference(_) => id(),
        FieldKind::Json => inputs(FieldKind::Json)
            .prop_map(|document| {
                let object =
                    if document.is_object() { document } else { serde_json::json!({ "in": document }) };
                Value::Json(Json::new(object))
            })
            .boxed(),
    };
    if required { full } else { prop_oneof![1 => Just(Value::Null), 3 => full].boxed() }
}

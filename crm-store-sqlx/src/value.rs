//! How a value is kept in a column, and how it comes back.
//!
//! Both databases give back what they were given, in types of their own; [`restore`] makes the engine's value of it.
//!
//! Invariant: `restore(kept(x)) == x` for every value of a field's type, down to the digits of a decimal; and values
//! compare in a column as they do in the engine.

use crm_core::describe::{FieldKind, Json, Value};
use crm_core::value::{Date, Decimal, Instant};

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Type {
    /// A truth value.
    Bool,
    /// A whole number.
    Int,
    /// An exact decimal.
    Decimal,
    /// A text.
    Text,
    /// An id.
    Uuid,
    /// A point in time.
    Instant,
    /// A day.
    Date,
    /// A JSON document, as the text that was written.
    Json,
}

impl Type {
    pub(crate) const fn of(kind: FieldKind) -> Self {
        match kind {
            FieldKind::Text { .. }
            | FieldKind::Word
            | FieldKind::Email
            | FieldKind::Phone
            | FieldKind::Currency
            | FieldKind::Zone => Self::Text,
            FieldKind::Decimal => Self::Decimal,
            FieldKind::Bool => Self::Bool,
            FieldKind::Percent => Self::Int,
            FieldKind::Instant => Self::Instant,
            FieldKind::Date => Self::Date,
            FieldKind::Command | FieldKind::Reference(_) => Self::Uuid,
            FieldKind::Json => Self::Json,
        }
    }
}

/// A parameter of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Param {
    /// One value that is there. A JSON document is sent as its text.
    One(Value),
    /// One value of a type, or nothing.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "SQLite's nothing has no type"))]
    Typed(Type, Value),
    /// Several values of one type; some may be empty.
    Many(Type, Vec<Value>),
}

/// The engine's value of what a column of this type gave. A decimal that the database keeps as sortable text needs its
/// scale, which stands in a column beside it.
pub(crate) fn restore(of: Type, kept: Value, scale: Option<u32>) -> Option<Value> {
    Some(match (of, kept) {
        (_, Value::Null) => Value::Null,
        (Type::Bool, Value::Int(number)) => Value::Bool(number != 0),
        (Type::Instant, Value::Int(micros)) => Value::Instant(Instant::from_unix_micros(micros)?),
        (Type::Date, Value::Text(text)) => Value::Date(Date::parse(&text).ok()?),
        (Type::Decimal, Value::Text(text)) => Value::Decimal(from_sortable(&text, scale?)?),
        (Type::Json, Value::Text(text)) => Value::Json(Json::new(serde_json::from_str(&text).ok()?)),
        (Type::Bool, value @ Value::Bool(_))
        | (Type::Int, value @ Value::Int(_))
        | (Type::Decimal, value @ Value::Decimal(_))
        | (Type::Text, value @ Value::Text(_))
        | (Type::Uuid, value @ Value::Uuid(_))
        | (Type::Instant, value @ Value::Instant(_))
        | (Type::Date, value @ Value::Date(_)) => value,
        _ => return None,
    })
}

/// Digits before the point that a decimal can have, and after it.
const WHOLE: usize = 29;
const FRACTION: usize = 28;

/// A text that compares as the number does: a digit for the sign, then all digits before and after the point; those of a
/// negative number are taken from nine.
#[cfg(any(feature = "sqlite", test))]
pub(crate) fn to_sortable(number: Decimal) -> String {
    let units = number.mantissa().unsigned_abs().to_string();
    let scale = number.scale() as usize;
    let units = format!("{units:0>width$}", width = scale + 1);
    let (whole, fraction) = units.split_at(units.len() - scale);
    let digits = format!("{whole:0>WHOLE$}{fraction:0<FRACTION$}");
    if number.is_sign_negative() && !number.is_zero() {
        let turned = digits.bytes().map(|digit| char::from(b'0' + (b'9' - digit)));
        std::iter::once('0').chain(turned).collect()
    } else {
        format!("1{digits}")
    }
}

fn from_sortable(text: &str, scale: u32) -> Option<Decimal> {
    if text.len() != 1 + WHOLE + FRACTION || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (sign, digits) = text.split_at(1);
    let digits = digits.get(..WHOLE + scale as usize)?;
    let units: i128 = if sign == "0" {
        let turned: String = digits.bytes().map(|digit| char::from(b'0' + (b'9' - digit))).collect();
        -turned.parse::<i128>().ok()?
    } else {
        digits.parse().ok()?
    };
    Decimal::try_from_i128_with_scale(units, scale).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn sortable_text_sorts_as_the_numbers_and_comes_back() {
        let sorted = [
            "-79228162514264337593543950335",
            "-10.01",
            "-10.0",
            "-9.99",
            "-0.0000000000000000000000000001",
            "0.00",
            "0.0000000000000000000000000001",
            "0.1",
            "1",
            "9.99",
            "10.000",
            "99999999999999999999.99",
            "79228162514264337593543950335",
        ];
        let texts: Vec<_> = sorted.iter().map(|text| to_sortable(number(text))).collect();
        assert!(texts.is_sorted_by(|one, two| one < two), "{texts:?}");
        for (text, sortable) in sorted.iter().zip(&texts) {
            assert_eq!(from_sortable(sortable, number(text).scale()).unwrap().to_string(), *text);
        }
        assert_eq!(to_sortable(number("1.0")), to_sortable(number("1.000")), "of equal worth, of equal text");
    }

    #[test]
    fn other_text_is_no_number() {
        for (text, scale) in [("", 0), ("12", 0), (&"x".repeat(58)[..], 2), (&"1".repeat(58), 40)] {
            assert_eq!(from_sortable(text, scale), None);
        }
    }
}

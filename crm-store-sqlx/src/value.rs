//! How a value is kept in a column, and how it comes back.
//!
//! Both databases give back what they were given, in types of their own; [`restore`] makes the engine's value of it.
//!
//! Invariant: `restore(kept(x)) == x` for every value of a field's type, down to the digits of a decimal; and values
//! compare in a column as they do in the engine.

use crm_core::describe::{FieldKind, Json, Value};
use crm_core::value::{Date, Instant};

use crate::sortable::from_sortable;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
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
            FieldKind::Percent | FieldKind::Whole => Self::Int,
            FieldKind::Instant => Self::Instant,
            FieldKind::Date => Self::Date,
            FieldKind::Command | FieldKind::Reference(_) => Self::Uuid,
            FieldKind::Json => Self::Json,
        }
    }
}

/// A parameter of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Param {
    /// One value that is there. A JSON document is sent as its text.
    One(Value),
    /// One value of a type, or nothing.
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

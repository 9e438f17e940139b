//! The one generic form of a field's content.
//!
//! The same values travel to filters, to the ledger, to JSON and to SQL, so there is one conversion to test and not
//! one per destination.
//!
//! Invariant: values have a total order, and texts are compared by their characters alone; no store's collation and
//! no floating-point number ever takes part.

use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::types::Json;
use crate::value::{Date, Instant};

/// The content of one field, of any entity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum Value {
    /// Nothing is there.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// A text, a word, an e-mail, a phone, a currency or a time zone.
    Text(Arc<str>),
    /// The id of a record.
    Uuid(Uuid),
    /// A point in time.
    Instant(Instant),
    /// A day of the calendar.
    Date(Date),
    /// A JSON document.
    Json(Json),
}

/// A field's content, looked at where it is: the same as a [`Value`], with nothing copied. Filters, orders and groups
/// read fields so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueRef<'a> {
    /// Nothing is there.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// A text, a word, an e-mail, a phone, a currency or a time zone.
    Text(&'a str),
    /// The id of a record.
    Uuid(Uuid),
    /// A point in time.
    Instant(Instant),
    /// A day of the calendar.
    Date(Date),
    /// A JSON document, which is shared.
    Json(Json),
}

impl ValueRef<'_> {
    /// Is nothing there?
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value, to keep.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => Value::Bool(*flag),
            Self::Int(number) => Value::Int(*number),
            Self::Decimal(number) => Value::Decimal(*number),
            Self::Text(text) => Value::text(text),
            Self::Uuid(id) => Value::Uuid(*id),
            Self::Instant(at) => Value::Instant(*at),
            Self::Date(day) => Value::Date(*day),
            Self::Json(json) => Value::Json(json.clone()),
        }
    }
}

impl Value {
    /// The same, to look at.
    #[must_use]
    pub fn view(&self) -> ValueRef<'_> {
        match self {
            Self::Null => ValueRef::Null,
            Self::Bool(flag) => ValueRef::Bool(*flag),
            Self::Int(number) => ValueRef::Int(*number),
            Self::Decimal(number) => ValueRef::Decimal(*number),
            Self::Text(text) => ValueRef::Text(text),
            Self::Uuid(id) => ValueRef::Uuid(*id),
            Self::Instant(at) => ValueRef::Instant(*at),
            Self::Date(day) => ValueRef::Date(*day),
            Self::Json(json) => ValueRef::Json(json.clone()),
        }
    }

    /// Is nothing there?
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// A text value.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(Arc::from(text))
    }

    /// The id inside, if this is one.
    #[must_use]
    pub fn as_uuid(&self) -> Option<Uuid> {
        match self {
            Self::Uuid(id) => Some(*id),
            _ => None,
        }
    }

    /// The text inside, if this is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The decimal inside, if this is one.
    #[must_use]
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Decimal(number) => Some(*number),
            _ => None,
        }
    }

    /// The plain JSON form: the content without its type.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(flag) => (*flag).into(),
            Self::Int(number) => (*number).into(),
            Self::Decimal(number) => number.to_string().into(),
            Self::Text(text) => text.as_ref().into(),
            Self::Uuid(id) => id.to_string().into(),
            Self::Instant(at) => at.to_string().into(),
            Self::Date(day) => day.to_string().into(),
            Self::Json(json) => json.as_json().clone(),
        }
    }
}

/// As in JSON, without quotes.
impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_json() {
            serde_json::Value::String(text) => out.write_str(&text),
            other => write!(out, "{other}"),
        }
    }
}

/// A stored value that its field's type refuses: the row was damaged outside of the library.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("field `{field}` holds a value that is not {expected}")]
pub struct Damaged {
    /// The field.
    pub field: String,
    /// What the field holds when it is sound.
    pub expected: String,
}

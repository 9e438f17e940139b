//! The types a field may have, and how each reads what a caller sends.
//!
//! A field type says what it accepts ([`FieldType::Input`]), how it is read from that, and how it becomes a
//! [`Value`] and comes back. A new field type is one impl here.
//!
//! Invariant: `from_value(to_value(x)) == x` for every type (a property in this crate's tests).

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::field::FieldKind;
use super::value::{Value, ValueRef};
use crate::value::{CommandId, Currency, Date, Email, Instant, Number, Phone, Problem, Text, Word, Zone};

/// A type that a field of an entity may have.
pub trait FieldType: Clone + PartialEq + Sized {
    /// What a caller sends for it.
    type Input: Clone + fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync;
    /// What a store must be able to hold.
    const KIND: FieldKind;
    /// Must a value always be there?
    const REQUIRED: bool = true;

    /// Reads what a caller sent.
    ///
    /// # Errors
    /// Says why the input was refused.
    fn read(input: &Self::Input) -> Result<Self, Problem>;

    /// Is the input as good as nothing? An optional field then becomes empty.
    #[must_use]
    fn is_blank(input: &Self::Input) -> bool {
        let _ = input;
        false
    }

    /// The generic form, to look at.
    fn view(&self) -> ValueRef<'_>;

    /// The generic form.
    fn to_value(&self) -> Value {
        self.view().to_value()
    }

    /// Back from the generic form; `None` when the value does not fit.
    fn from_value(value: &Value) -> Option<Self>;
}

impl<T: FieldType> FieldType for Option<T> {
    type Input = T::Input;
    const KIND: FieldKind = T::KIND;
    const REQUIRED: bool = false;

    fn read(input: &T::Input) -> Result<Self, Problem> {
        if T::is_blank(input) { Ok(None) } else { T::read(input).map(Some) }
    }

    fn view(&self) -> ValueRef<'_> {
        self.as_ref().map_or(ValueRef::Null, T::view)
    }

    fn from_value(value: &Value) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::from_value(value).map(Some) }
    }
}

/// Types that a caller writes as text and that parse themselves.
macro_rules! text_types {
    ($([$($generics:tt)*] $type:ty => $kind:expr;)*) => {$(
        impl $($generics)* FieldType for $type {
            type Input = String;
            const KIND: FieldKind = $kind;

            fn read(input: &String) -> Result<Self, Problem> {
                <$type>::parse(input)
            }

            fn is_blank(input: &String) -> bool {
                input.trim().is_empty()
            }

            fn view(&self) -> ValueRef<'_> {
                ValueRef::Text(self.as_str())
            }

            fn from_value(value: &Value) -> Option<Self> {
                value.as_text().and_then(|text| <$type>::parse(text).ok())
            }
        }
    )*};
}

text_types! {
    [<const MIN: usize, const MAX: usize>] Text<MIN, MAX> => FieldKind::Text { min: MIN as u32, max: MAX as u32 };
    [] Word => FieldKind::Word;
    [] Email => FieldKind::Email;
    [] Phone => FieldKind::Phone;
    [] Currency => FieldKind::Currency;
    [] Zone => FieldKind::Zone;
}

/// Types that a caller writes as they are.
macro_rules! plain_types {
    ($($type:ty => $kind:expr, $variant:ident($inner:ident) $to:expr, $from:expr;)*) => {$(
        impl FieldType for $type {
            type Input = Self;
            const KIND: FieldKind = $kind;

            fn read(input: &Self) -> Result<Self, Problem> {
                Ok(input.clone())
            }

            fn view(&self) -> ValueRef<'_> {
                let $inner = self;
                ValueRef::$variant($to)
            }

            fn from_value(value: &Value) -> Option<Self> {
                match value {
                    Value::$variant($inner) => $from,
                    _ => None,
                }
            }
        }
    )*};
}

plain_types! {
    bool => FieldKind::Bool, Bool(x) *x, Some(*x);
    i64 => FieldKind::Whole, Int(x) *x, Some(*x);
    Instant => FieldKind::Instant, Instant(x) *x, Some(*x);
    Date => FieldKind::Date, Date(x) *x, Some(*x);
    CommandId => FieldKind::Command, Uuid(x) (*x).into(), Some(Self::from_uuid(*x));
}

impl FieldType for Decimal {
    type Input = Number;
    const KIND: FieldKind = FieldKind::Decimal;

    fn read(input: &Number) -> Result<Self, Problem> {
        Ok(input.0)
    }

    fn view(&self) -> ValueRef<'_> {
        ValueRef::Decimal(*self)
    }

    fn from_value(value: &Value) -> Option<Self> {
        value.as_decimal()
    }
}

/// A whole number of per cent, 0 to 100.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Percent(u8);

impl Percent {
    /// Accepts 0 to 100.
    ///
    /// # Errors
    /// Refuses everything else.
    pub fn new(percent: i64) -> Result<Self, Problem> {
        match u8::try_from(percent) {
            Ok(small) if small <= 100 => Ok(Self(small)),
            _ => Err(Problem::OutOfRange { rule: "a whole number from 0 to 100".into() }),
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::new(i64::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

impl FieldType for Percent {
    type Input = i64;
    const KIND: FieldKind = FieldKind::Percent;

    fn read(input: &i64) -> Result<Self, Problem> {
        Self::new(*input)
    }

    fn view(&self) -> ValueRef<'_> {
        ValueRef::Int(self.0.into())
    }

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Int(number) => Self::new(*number).ok(),
            _ => None,
        }
    }
}

/// A shared JSON document. Two documents are equal, and ordered, by their compact text with sorted keys.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json(Arc<serde_json::Value>);

impl Json {
    /// Shares a document.
    #[must_use]
    pub fn new(document: serde_json::Value) -> Self {
        Self(Arc::new(document))
    }

    /// The document.
    #[must_use]
    pub fn as_json(&self) -> &serde_json::Value {
        &self.0
    }
}

impl Json {
    /// The compact text with sorted keys, whatever order the document keeps them in.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut text = Vec::with_capacity(64);
        // Neither writing into memory fails nor is what is written anything but text.
        let _ = canonical(&self.0, &mut text);
        String::from_utf8(text).unwrap_or_default()
    }
}

fn canonical(json: &serde_json::Value, text: &mut Vec<u8>) -> serde_json::Result<()> {
    match json {
        serde_json::Value::Array(items) => {
            text.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push(b',');
                }
                canonical(item, text)?;
            }
            text.push(b']');
        }
        serde_json::Value::Object(entries) => {
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_unstable_by_key(|(key, _)| *key);
            text.push(b'{');
            for (at, (key, value)) in sorted.into_iter().enumerate() {
                if at > 0 {
                    text.push(b',');
                }
                serde_json::to_writer(&mut *text, key)?;
                text.push(b':');
                canonical(value, text)?;
            }
            text.push(b'}');
        }
        plain => serde_json::to_writer(text, plain)?,
    }
    Ok(())
}

impl PartialOrd for Json {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Json {
    fn cmp(&self, other: &Self) -> Ordering {
        self.canonical().cmp(&other.canonical())
    }
}

impl Hash for Json {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical().hash(state);
    }
}

impl FieldType for Json {
    type Input = serde_json::Value;
    const KIND: FieldKind = FieldKind::Json;

    fn read(input: &serde_json::Value) -> Result<Self, Problem> {
        if !input.is_object() {
            return Err(Problem::malformed("a JSON object"));
        }
        if holds_nul(input) {
            return Err(Problem::malformed("text without NUL characters"));
        }
        Ok(Self::new(input.clone()))
    }

    fn view(&self) -> ValueRef<'_> {
        ValueRef::Json(self.clone())
    }

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Json(json) => Some(json.clone()),
            _ => None,
        }
    }
}

/// NUL characters are refused everywhere, because some stores cannot hold them.
fn holds_nul(json: &serde_json::Value) -> bool {
    match json {
        serde_json::Value::String(text) => text.contains('\0'),
        serde_json::Value::Array(items) => items.iter().any(holds_nul),
        serde_json::Value::Object(entries) => {
            entries.iter().any(|(key, value)| key.contains('\0') || holds_nul(value))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a document keeps the order of its keys is the choice of whoever builds the program.
    #[test]
    fn the_canonical_text_has_sorted_keys() {
        let json: serde_json::Value =
            serde_json::from_str(r#"{ "b": [1, { "z": null, "a": "ё\n" }], "a": 0.5 }"#).unwrap();
        assert_eq!(Json::new(json).canonical(), r#"{"a":0.5,"b":[1,{"a":"ё\n","z":null}]}"#);
    }
}

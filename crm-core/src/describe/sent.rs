//! The fields of a record or a patch as they come in, before each becomes its type.
//!
//! serde would derive a reader for each table, and compile it for each format. Here names and values are read once for all
//! tables.
//!
//! Invariant: fields come in any order and each at most once; what the table does not have is passed over.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value as Document;
use uuid::Uuid;

use super::field::{Field, FieldKind};
use super::types::{FieldType, Json, Percent};
use super::value::Value;
use crate::value::{Currency, Date, Email, Instant, Number, Patch, Phone, Problem, Word, Zone};

/// What was sent for the fields of a table. Used by the code that [`entity!`](super::entity) writes.
pub(crate) struct Sent {
    fields: BTreeMap<String, Document>,
    refused: Option<String>,
}

impl Sent {
    pub(crate) fn read<'de, D: Deserializer<'de>>(
        table: &'static [Field],
        from: D,
    ) -> Result<Self, D::Error> {
        from.deserialize_map(Named(table))
    }

    /// A whole record: its id, its version and its values, in the order of the table.
    pub(crate) fn row<'de, D: Deserializer<'de>>(
        table: &'static [Field],
        from: D,
    ) -> Result<(Uuid, u64, Vec<Value>), D::Error> {
        Self::read(table, from)?.values(table).map_err(D::Error::custom)
    }

    fn values(mut self, table: &[Field]) -> Result<(Uuid, u64, Vec<Value>), String> {
        let id = self.typed("id").ok_or("missing field `id`");
        let version = self.typed("version").ok_or("missing field `version`");
        let value = |field: &Field| match self.fields.get(field.name) {
            Some(sent) => read_value(field, sent).map_err(|problem| format!("`{}` {problem}", field.name)),
            None if field.required => Err(format!("missing field `{}`", field.name)),
            None => Ok(Value::Null),
        };
        let values = table.iter().map(value).collect::<Result<_, _>>();
        self.finish()?;
        Ok((id?, version?, values?))
    }

    /// What a field is to become; one that was not sent stays.
    pub(crate) fn patch<T: DeserializeOwned>(&mut self, name: &str) -> Patch<T> {
        self.typed(name).unwrap_or_default()
    }

    fn typed<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        match serde_json::from_value(self.fields.remove(name)?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.refused.get_or_insert_with(|| format!("`{name}`: {error}"));
                None
            }
        }
    }

    /// Was there a value that does not fit? The first one is named.
    pub(crate) fn finish(&mut self) -> Result<(), String> {
        self.refused.take().map_or(Ok(()), Err)
    }
}

struct Named(&'static [Field]);

impl<'de> Visitor<'de> for Named {
    type Value = Sent;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object with fields")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Sent, M::Error> {
        let mut fields = BTreeMap::new();
        while let Some(name) = map.next_key::<String>()? {
            if name != "id" && name != "version" && !self.0.iter().any(|field| field.name == name) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            match fields.entry(name) {
                Entry::Occupied(twice) => {
                    return Err(M::Error::custom(format!("duplicate field `{}`", twice.key())));
                }
                Entry::Vacant(first) => {
                    first.insert(map.next_value()?);
                }
            }
        }
        Ok(Sent { fields, refused: None })
    }
}

/// Reads one value by the kind of its field.
pub(crate) fn read_value(field: &Field, sent: &Document) -> Result<Value, Problem> {
    if sent.is_null() {
        return Ok(Value::Null);
    }
    let malformed = || Problem::malformed(format!("{:?}", field.kind).to_lowercase());
    let text = || sent.as_str().ok_or_else(malformed);
    match field.kind {
        FieldKind::Text { min, max } => {
            let text = text()?.trim();
            match text.chars().count() {
                0 if !field.required => Ok(Value::Null),
                length if length < min as usize => Err(Problem::TooShort { min }),
                length if length > max as usize => Err(Problem::TooLong { max }),
                _ if text.contains('\0') => Err(Problem::malformed("text without NUL characters")),
                _ => Ok(Value::text(text)),
            }
        }
        FieldKind::Word => Ok(Word::parse(text()?)?.to_value()),
        FieldKind::Email => Ok(Email::parse(text()?)?.to_value()),
        FieldKind::Phone => Ok(Phone::parse(text()?)?.to_value()),
        FieldKind::Currency => Ok(Currency::parse(text()?)?.to_value()),
        FieldKind::Zone => Ok(Zone::parse(text()?)?.to_value()),
        FieldKind::Bool => sent.as_bool().map(Value::Bool).ok_or_else(malformed),
        FieldKind::Percent => Ok(Percent::new(sent.as_i64().ok_or_else(malformed)?)?.to_value()),
        FieldKind::Whole => sent.as_i64().map(Value::Int).ok_or_else(malformed),
        FieldKind::Instant => Ok(Value::Instant(text()?.parse::<Instant>()?)),
        FieldKind::Date => Ok(Value::Date(text()?.parse::<Date>()?)),
        FieldKind::Command | FieldKind::Reference(_) => {
            Uuid::parse_str(text()?).map(Value::Uuid).map_err(|_| Problem::malformed("a UUID"))
        }
        FieldKind::Decimal => {
            let number: Number = serde_json::from_value(sent.clone()).map_err(|_| malformed())?;
            Ok(Value::Decimal(number.0))
        }
        FieldKind::Json => Ok(Value::Json(Json::new(sent.clone()))),
    }
}

//! The fields of a record or a patch as they come in, before each becomes its type.
//!
//! serde would derive a reader for each table, and compile it for each format. Here names and values are read once for all
//! tables.
//!
//! Invariant: fields come in any order and each at most once; what the table does not have is passed over.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value as Document;
use uuid::Uuid;

use super::field::Field;
use super::value::Value;
use crate::import::read_value;
use crate::value::Patch;

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
            } else if fields.contains_key(&name) {
                return Err(M::Error::custom(format!("duplicate field `{name}`")));
            } else {
                fields.insert(name, map.next_value()?);
            }
        }
        Ok(Sent { fields, refused: None })
    }
}

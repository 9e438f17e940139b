//! The written form of a receipt: it names fields, so that it means the same after a field was added.
//!
//! Invariant: what is read names fields of its kind with values that they can hold; whoever wrote it, a store is asked
//! nothing that it could not be asked otherwise.

use std::collections::BTreeSet;
use std::ops::Bound;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::selection::Selection;
use crate::describe::{FieldId, FieldKind, Kind, Value};
use crate::store::Filter;
use crate::value::{Problem, Uuid};

/// A selection as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: Kind,
    visible: Part,
    filter: Part,
}

/// A filter as it is written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    All,
    Nothing,
    Ids(BTreeSet<Uuid>),
    Equals(String, Value),
    OneOf(String, BTreeSet<Value>),
    Range(String, Bound<Value>, Bound<Value>),
    Empty(String),
    Search(String),
    Via(String, Box<Self>),
    Every(Vec<Self>),
    Any(Vec<Self>),
}

impl Serialize for Selection {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { kind, visible, filter } = self;
        let written = |filter| Part::of(*kind, filter).map_err(serde::ser::Error::custom);
        Written { kind: *kind, visible: written(visible)?, filter: written(filter)? }.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Selection {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Written { kind, visible, filter } = Written::deserialize(from)?;
        let read = |part: Part| part.read(kind).map_err(serde::de::Error::custom);
        Ok(Self { kind, visible: read(visible)?, filter: read(filter)? })
    }
}

impl Part {
    fn of(kind: Kind, filter: &Filter) -> Result<Self, Problem> {
        let name = |field: &FieldId| {
            let field = kind.describe(*field).ok_or_else(|| Problem::malformed("a field of the kind"))?;
            Ok(field.name.to_owned())
        };
        let parts = |all: &[Filter]| all.iter().map(|one| Self::of(kind, one)).collect::<Result<_, _>>();
        Ok(match filter {
            Filter::All => Self::All,
            Filter::Nothing => Self::Nothing,
            Filter::Ids(ids) => Self::Ids(ids.clone()),
            Filter::Equals(field, value) => Self::Equals(name(field)?, value.clone()),
            Filter::OneOf(field, values) => Self::OneOf(name(field)?, values.clone()),
            Filter::Range(field, from, to) => Self::Range(name(field)?, from.clone(), to.clone()),
            Filter::Empty(field) => Self::Empty(name(field)?),
            Filter::Search(text) => Self::Search(text.clone()),
            Filter::Via(field, of, inner) => Self::Via(name(field)?, Box::new(Self::of(*of, inner)?)),
            Filter::Every(all) => Self::Every(parts(all)?),
            Filter::Any(any) => Self::Any(parts(any)?),
        })
    }

    fn read(self, kind: Kind) -> Result<Filter, Problem> {
        let parts = |all: Vec<Self>| all.into_iter().map(|one| one.read(kind)).collect::<Result<_, _>>();
        Ok(match self {
            Self::All => Filter::All,
            Self::Nothing => Filter::Nothing,
            Self::Ids(ids) => Filter::Ids(ids),
            Self::Equals(name, value) => Filter::Equals(held(kind, &name, [&value])?, value),
            Self::OneOf(name, values) => Filter::OneOf(held(kind, &name, &values)?, values),
            Self::Range(name, from, to) => {
                Filter::Range(held(kind, &name, end(&from).into_iter().chain(end(&to)))?, from, to)
            }
            Self::Empty(name) => Filter::Empty(field(kind, &name)?.0),
            Self::Search(text) => Filter::Search(text),
            Self::Via(name, inner) => match field(kind, &name)? {
                (field, FieldKind::Reference(of)) => Filter::Via(field, of, Box::new(inner.read(of)?)),
                _ => return Err(Problem::malformed("a field that refers to a record")),
            },
            Self::Every(all) => Filter::Every(parts(all)?),
            Self::Any(any) => Filter::Any(parts(any)?),
        })
    }
}

fn end(bound: &Bound<Value>) -> Option<&Value> {
    match bound {
        Bound::Included(value) | Bound::Excluded(value) => Some(value),
        Bound::Unbounded => None,
    }
}

fn field(kind: Kind, name: &str) -> Result<(FieldId, FieldKind), Problem> {
    let found = kind.field(name).map(|(at, field)| (at, field.kind));
    found.ok_or_else(|| Problem::one_of(name, kind.fields().iter().map(|field| field.name)))
}

/// The field, if it can hold these values.
fn held<'v>(kind: Kind, name: &str, values: impl IntoIterator<Item = &'v Value>) -> Result<FieldId, Problem> {
    let (field, of) = field(kind, name)?;
    if values.into_iter().all(|value| fits(of, value)) {
        return Ok(field);
    }
    Err(Problem::malformed(format!("a value that `{name}` can hold")))
}

fn fits(kind: FieldKind, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) => kind == FieldKind::Bool,
        Value::Int(_) => matches!(kind, FieldKind::Percent | FieldKind::Whole),
        Value::Decimal(_) => kind == FieldKind::Decimal,
        Value::Text(_) => matches!(
            kind,
            FieldKind::Text { .. }
                | FieldKind::Word
                | FieldKind::Email
                | FieldKind::Phone
                | FieldKind::Currency
                | FieldKind::Zone
        ),
        Value::Uuid(_) => matches!(kind, FieldKind::Command | FieldKind::Reference(_)),
        Value::Instant(_) => kind == FieldKind::Instant,
        Value::Date(_) => kind == FieldKind::Date,
        Value::Json(_) => kind == FieldKind::Json,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_store_could_be_asked_is_refused() {
        let read = |filter: &str| {
            let text = format!(r#"{{"kind":"deal","visible":"all","filter":{filter}}}"#);
            serde_json::from_str::<Selection>(&text).map(|_| ()).map_err(|error| error.to_string())
        };
        assert!(read(r#"{"empty":"amount"}"#).is_ok());
        for (filter, why) in [
            (r#"{"empty":"no_field"}"#, "no_field"),
            (r#"{"equals":["amount",{"type":"text","value":"much"}]}"#, "`amount` can hold"),
            (
                r#"{"range":["amount","Unbounded",{"Included":{"type":"bool","value":true}}]}"#,
                "`amount` can hold",
            ),
            (r#"{"via":["title","all"]}"#, "refers to a record"),
            (r#"{"via":["contact",{"empty":"amount"}]}"#, "amount"),
            (r#""everything""#, "unknown variant"),
        ] {
            let told = read(filter).unwrap_err();
            assert!(told.contains(why), "{filter}: {told}");
        }
        let deep = format!("{}\"all\"{}", r#"{"every":["#.repeat(500), "]}".repeat(500));
        assert!(read(&deep).unwrap_err().contains("recursion"));
    }
}

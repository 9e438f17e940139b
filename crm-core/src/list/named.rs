//! Conditions on any field, by its name: for hosts that learn of a condition from data, and for kinds without filters of
//! their own.
//!
//! Invariant: a condition that names no field of the kind, or a value that the field cannot have, is refused by the field's
//! name.

use std::ops::Bound;

use serde_json::Value as Document;

use super::List;
use super::filters::Condition;
use crate::access::Action;
use crate::describe::{Entity, Field, FieldId, FieldKind, Kind, Value, read_value};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::store::Filter;
use crate::value::Problem;

impl<E: Entity> List<E> {
    /// Only records whose field has one of these values, in the form that they have in JSON; `null` stands for nothing.
    ///
    /// ```
    /// use crm_core::{Lead, List};
    /// use serde_json::json;
    /// let pool = List::<Lead>::new().has("owner", [json!(null)]).has("rating", [json!("warm"), json!("hot")]);
    /// ```
    #[must_use]
    pub fn has(self, field: &str, values: impl IntoIterator<Item = Document>) -> Self {
        self.when(Condition::Named(field.to_owned(), values.into_iter().collect()))
    }

    /// Only records whose field is at least this and less than that. An empty field is in no range.
    #[must_use]
    pub fn between(self, field: &str, from: Option<Document>, to: Option<Document>) -> Self {
        self.when(Condition::Range(field.to_owned(), from, to))
    }
}

/// One of these values.
pub(super) fn among(tx: &mut Draft<'_>, kind: Kind, name: &str, values: &[Document]) -> Result<Filter, Halt> {
    let (field, described) = find(kind, name)?;
    let values: Vec<Value> = values.iter().map(|value| read(described, value)).collect::<Result<_, _>>()?;
    let others = |value: &Value| value.as_uuid() != tx.person().map(Into::into);
    if name == "owner" && values.iter().any(|value| !value.is_null() && others(value)) {
        tx.allow(Action::FilterByOwner, None)?;
    }
    let (nothing, some): (Vec<_>, Vec<_>) = values.into_iter().partition(Value::is_null);
    let mut any = Vec::new();
    if !some.is_empty() {
        any.push(Filter::OneOf(field, some.into_iter().collect()));
    }
    if !nothing.is_empty() {
        any.push(Filter::Empty(field));
    }
    Ok(match any.pop() {
        None => Filter::Nothing,
        Some(only) if any.is_empty() => only,
        Some(last) => Filter::Any(any.into_iter().chain([last]).collect()),
    })
}

/// In this range.
pub(super) fn range(
    kind: Kind,
    name: &str,
    (from, to): (Option<&Document>, Option<&Document>),
) -> Result<Filter, Error> {
    let (field, described) = find(kind, name)?;
    let ordered = matches!(
        described.kind,
        FieldKind::Decimal | FieldKind::Instant | FieldKind::Date | FieldKind::Whole | FieldKind::Percent
    );
    if !ordered {
        let why = Problem::forbidden("a range is of numbers, days or times");
        return Err(Error::field(name, why));
    }
    let end = |end: Option<&Document>| {
        let value = end.map(|end| read(described, end)).transpose()?;
        Ok::<_, Error>(value.filter(|value| !value.is_null()))
    };
    let (from, to) = (end(from)?, end(to)?);
    if from.is_none() && to.is_none() {
        return Ok(Filter::All);
    }
    let from = from.map_or(Bound::Unbounded, Bound::Included);
    Ok(Filter::Range(field, from, to.map_or(Bound::Unbounded, Bound::Excluded)))
}

fn find(kind: Kind, name: &str) -> Result<(FieldId, &'static Field), Error> {
    let known = || kind.fields().iter().map(|field| field.name);
    let found = kind.field(name).filter(|(_, field)| field.kind != FieldKind::Json);
    found.ok_or_else(|| Error::field(name, Problem::one_of(name, known())))
}

fn read(field: &Field, value: &Document) -> Result<Value, Error> {
    read_value(field, value).map_err(|problem| Error::field(field.name, problem))
}

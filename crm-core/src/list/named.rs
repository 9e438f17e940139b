//! Lists by the value of a field that the caller names.
//!
//! Invariant: the name and the values are checked against the kind's table before a store is asked.

use std::collections::BTreeSet;

use crate::access::Action;
use crate::describe::{FieldKind, Kind, Value};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::store::Filter;
use crate::value::Problem;

/// A field that a caller names must be one of the kind's, and the values such as it can hold. Who looks by people needs
/// the same permission as in any other list.
pub(super) fn named(
    tx: &mut Draft<'_>,
    kind: Kind,
    name: &str,
    values: &BTreeSet<Value>,
) -> Result<Filter, Halt> {
    let Some((field, of)) = kind.field(name) else {
        let names = kind.fields().iter().map(|field| field.name);
        return Err(Error::field("filter", Problem::one_of(name, names)).into());
    };
    if !values.iter().all(|value| fits(of.kind, value)) {
        let problem = Problem::malformed(format!("a value that `{}` can hold", of.name));
        return Err(Error::field(of.name, problem).into());
    }
    let me = tx.person().map(|me| Value::Uuid(me.into()));
    let others = |value: &Value| !value.is_null() && Some(value) != me.as_ref();
    if of.kind == FieldKind::Reference(Kind::Membership) && values.iter().any(others) {
        tx.allow(Action::FilterByOwner, None)?;
    }
    let there: BTreeSet<_> = values.iter().filter(|value| !value.is_null()).cloned().collect();
    let with_empty = there.len() < values.len();
    let filter = Filter::OneOf(field, there);
    Ok(if with_empty { Filter::Any(vec![filter, Filter::Empty(field)]) } else { filter })
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
        Value::Json(_) => false,
    }
}

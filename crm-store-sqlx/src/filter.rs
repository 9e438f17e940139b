//! Filters as conditions.
//!
//! Invariant: a condition holds for exactly the rows that [`Filter::matches`] takes; where it is neither true nor false,
//! because a field is empty, nothing turns it round.

use std::ops::Bound;

use crm_core::describe::{FieldId, Value};
use crm_core::store::{Filter, StoreError};

use crate::dialect::Dialect;
use crate::statement::{ORGANIZATION, Values};
use crate::table::{Table, quoted};

const ALWAYS: &str = "TRUE";
const NEVER: &str = "FALSE";

/// The condition of a filter over the rows of an aliased table.
pub(crate) fn condition(
    dialect: &dyn Dialect,
    (table, alias): (Table<'_>, &str),
    filter: &Filter,
    values: &mut Values,
) -> Result<String, StoreError> {
    let here = (table, alias);
    Ok(match filter {
        Filter::All => ALWAYS.to_owned(),
        Filter::Nothing => NEVER.to_owned(),
        Filter::Ids(ids) => values.ids(ids.iter().copied()).holds(dialect, &quoted(alias, "id")),
        Filter::Equals(field, value) => equals(here, *field, value, values)?,
        Filter::OneOf(field, wanted) => {
            let each = wanted.iter().map(|value| equals(here, *field, value, values));
            joined(&each.collect::<Result<Vec<_>, _>>()?, " OR ", NEVER)
        }
        Filter::Range(field, from, to) => {
            let (column, _) = table.field(alias, *field)?;
            let mut parts = vec![format!("{column} IS NOT NULL")];
            parts.extend(bound(&column, [">=", ">"], from, values));
            parts.extend(bound(&column, ["<=", "<"], to, values));
            joined(&parts, " AND ", ALWAYS)
        }
        Filter::Empty(field) => format!("{} IS NULL", table.field(alias, *field)?.0),
        Filter::Search(wanted) => {
            let place = values.one(Value::text(wanted));
            dialect.contains(&quoted(alias, "search_text"), place)
        }
        Filter::Via(field, kind, inner) => {
            let (column, _) = table.field(alias, *field)?;
            let (other, beyond) = (Table::new(dialect, *kind), format!("{alias}x"));
            let inner = condition(dialect, (other, &beyond), inner, values)?;
            let (name, organization, id) =
                (other.name(), quoted(&beyond, "organization_id"), quoted(&beyond, "id"));
            format!(
                "EXISTS (SELECT 1 FROM {name} AS {beyond} WHERE {organization} = {ORGANIZATION} AND {id} = {column} \
                 AND {inner})"
            )
        }
        Filter::Every(all) => joined(&each(dialect, here, all, values)?, " AND ", ALWAYS),
        Filter::Any(any) => joined(&each(dialect, here, any, values)?, " OR ", NEVER),
    })
}

/// A field has a value, or is empty where the value is nothing.
pub(crate) fn equals(
    (table, alias): (Table<'_>, &str),
    field: FieldId,
    value: &Value,
    values: &mut Values,
) -> Result<String, StoreError> {
    let (column, _) = table.field(alias, field)?;
    Ok(if value.is_null() {
        format!("{column} IS NULL")
    } else {
        format!("{column} = {}", values.one(value.clone()))
    })
}

fn each(
    dialect: &dyn Dialect,
    here: (Table<'_>, &str),
    filters: &[Filter],
    values: &mut Values,
) -> Result<Vec<String>, StoreError> {
    filters.iter().map(|filter| condition(dialect, here, filter, values)).collect()
}

fn joined(parts: &[String], with: &str, none: &str) -> String {
    match parts {
        [] => none.to_owned(),
        [one] => one.clone(),
        _ => format!("({})", parts.join(with)),
    }
}

fn bound(
    column: &str,
    [or_equal, strict]: [&str; 2],
    bound: &Bound<Value>,
    values: &mut Values,
) -> Option<String> {
    let (operator, value) = match bound {
        Bound::Included(value) => (or_equal, value),
        Bound::Excluded(value) => (strict, value),
        Bound::Unbounded => return None,
    };
    Some(format!("{column} {operator} {}", values.one(value.clone())))
}

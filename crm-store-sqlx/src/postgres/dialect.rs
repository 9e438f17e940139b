//! PostgreSQL's way of saying things.
//!
//! Invariant: texts have the collation `C`, so values compare in these columns as they do in the engine.

use crm_core::store::StoreError;

use crate::dialect::Dialect;
use crate::statement::Place;
use crate::value::Type;

/// Tables stand in a schema of their own.
#[derive(Debug)]
pub(crate) struct Postgres {
    schema: String,
    pub(super) form: Form,
}

/// How a commit reaches the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Form {
    /// As one statement.
    #[default]
    Statement,
    /// As a call of one function.
    Function,
    /// The same, where policies of row-level security want to know whom every statement is about.
    Protected,
}

/// The name of a schema, if it is one.
pub(crate) fn schema_name(name: &str) -> Result<String, StoreError> {
    let starts = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
    let goes_on = name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if starts && goes_on && name.len() <= 63 {
        Ok(name.to_owned())
    } else {
        Err(StoreError::broken(format!("`{name}` is not the name of a schema")))
    }
}

impl Postgres {
    pub(crate) fn new(schema: &str) -> Self {
        Self { schema: schema.to_owned(), form: Form::default() }
    }

    pub(super) fn in_schema(self, schema: String) -> Self {
        Self { schema, ..self }
    }

    pub(super) fn in_form(self, form: Form) -> Self {
        Self { form, ..self }
    }

    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }
}

/// A cell of an array, as it is written into a column.
pub(super) fn written(place: &str, of: Type) -> String {
    match of {
        Type::Json => format!("{place}::json"),
        Type::Decimal => format!("{place}::numeric"),
        _ => place.to_owned(),
    }
}

/// What the elements of an array are called. Decimals travel as text, which keeps their digits, zeros included.
pub(super) fn element(of: Type) -> &'static str {
    if of == Type::Decimal { "text" } else { type_name(of) }
}

/// What a type is called.
pub(super) fn type_name(of: Type) -> &'static str {
    match of {
        Type::Bool => "boolean",
        Type::Int => "bigint",
        Type::Decimal => "numeric",
        Type::Text | Type::Json => "text",
        Type::Uuid => "uuid",
        Type::Instant => "timestamptz",
        Type::Date => "date",
    }
}

impl Dialect for Postgres {
    fn table(&self, name: &str) -> String {
        format!("\"{}\".\"{name}\"", self.schema)
    }

    fn slot(&self, of: Type) -> Type {
        if of == Type::Json { Type::Text } else { of }
    }

    /// A domain is not the type that it is made of: without the cast a union would convert row by row.
    fn cell(&self, column: &str, of: Type) -> String {
        format!("{column}::{}", type_name(of))
    }

    fn read(&self, column: &str, of: Type) -> String {
        if of == Type::Json { format!("{column}::text") } else { column.to_owned() }
    }

    fn among(&self, column: &str, of: Type, place: Place) -> String {
        format!("{column} = ANY({place}::{}[])", type_name(of))
    }

    fn triples(&self, place: Place) -> String {
        format!(
            "SELECT e.triple ->> 0, e.triple ->> 1, e.triple ->> 2 \
             FROM (SELECT unnest({place}::text[])::json AS triple) AS e"
        )
    }

    /// As a pattern, so that a trigram index can serve it; what is a wildcard there is plain here.
    fn contains(&self, column: &str, place: Place) -> String {
        let plain = format!(r"replace(replace(replace({place}, '\', '\\'), '%', '\%'), '_', '\_')");
        format!("{column} LIKE '%' || {plain} || '%'")
    }

    fn keeps_digits(&self) -> bool {
        true
    }

    fn now(&self) -> &'static str {
        "now()"
    }

    fn later(&self, place: Place) -> String {
        format!("now() + {place}::bigint * interval '1 microsecond'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_schema_cannot_be_anything_else() {
        for name in ["crm", "_a1", "tenant_7"] {
            assert_eq!(schema_name(name).unwrap(), name);
        }
        for name in ["", "1a", "Crm", "a b", "a\"; DROP SCHEMA crm", "é", &"a".repeat(64)] {
            assert!(schema_name(name).is_err(), "{name}");
        }
    }
}

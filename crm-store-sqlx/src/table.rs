//! The columns of a kind of record, made from the table of its fields.
//!
//! Beside the fields stand what lists and searches compare: the normal form of texts that lists are ordered by, and of
//! all searched text together. They are made by the engine, so that no collation of a database decides anything.
//!
//! Invariant: what is written comes back as the same record; a row that does not is reported with its table, its id and
//! the field.

use std::borrow::Cow;

use crm_core::describe::{Field, FieldId, Kind, Record, Value};
use crm_core::store::StoreError;
use crm_core::value::{Uuid, normal};

use crate::dialect::Dialect;
use crate::door::Row;
use crate::value::{Type, restore};

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Id,
    Version,
    Field(FieldId),
    /// How many digits after the point a decimal was written with.
    Scale(FieldId),
    /// The normal form of a text.
    Normal(FieldId),
    /// The normal form of all searched text.
    Search,
}

#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: Cow<'static, str>,
    pub(crate) of: Type,
    pub(crate) source: Source,
}

/// The table of a kind of record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table<'d> {
    dialect: &'d dyn Dialect,
    pub(crate) kind: Kind,
}

/// The column of a field's normal form.
pub(crate) fn normal_name(field: &str) -> String {
    format!("{field}_normal")
}

impl<'d> Table<'d> {
    pub(crate) fn new(dialect: &'d dyn Dialect, kind: Kind) -> Self {
        Self { dialect, kind }
    }

    pub(crate) fn name(self) -> String {
        self.dialect.table(self.kind.name())
    }

    fn fields(self) -> impl Iterator<Item = (FieldId, &'static Field)> {
        (0..).map(FieldId).zip(self.kind.fields())
    }

    /// Every column but that of the organisation, which comes first.
    pub(crate) fn columns(self) -> Vec<Column> {
        let column = |name: Cow<'static, str>, of, source| Column { name, of, source };
        let mut columns = self.kept();
        for (id, field) in self.fields().filter(|(_, field)| is_ordered_text(field)) {
            let name = Cow::Owned(normal_name(field.name));
            columns.push(column(name, Type::Text, Source::Normal(id)));
        }
        columns.push(column("search_text".into(), Type::Text, Source::Search));
        columns
    }

    /// The columns that a record is made of again.
    pub(crate) fn kept(self) -> Vec<Column> {
        let column = |name: Cow<'static, str>, of, source| Column { name, of, source };
        let mut columns = vec![
            column("id".into(), Type::Uuid, Source::Id),
            column("version".into(), Type::Int, Source::Version),
        ];
        for (id, field) in self.fields() {
            let of = Type::of(field.kind);
            columns.push(column(field.name.into(), of, Source::Field(id)));
            if of == Type::Decimal && !self.dialect.keeps_digits() {
                let name = Cow::Owned(format!("{}_scale", field.name));
                columns.push(column(name, Type::Int, Source::Scale(id)));
            }
        }
        columns
    }

    /// The columns that a record is made of again, as they are read.
    pub(crate) fn selected(self, alias: &str) -> Vec<(String, Type)> {
        let columns = self.kept().into_iter();
        columns
            .map(|column| (self.dialect.read(&quoted(alias, &column.name), column.of), column.of))
            .collect()
    }

    /// A field, as it is compared and grouped by.
    pub(crate) fn field(self, alias: &str, field: FieldId) -> Result<(String, Type), StoreError> {
        let Some(described) = self.kind.describe(field) else {
            return Err(StoreError::broken(format!("a {} has no field {}", self.kind, field.0)));
        };
        let of = Type::of(described.kind);
        Ok((self.dialect.read(&quoted(alias, described.name), of), of))
    }

    /// The column that a list is ordered by, and whether it can be empty.
    pub(crate) fn order(self, alias: &str, field: FieldId) -> Result<(String, bool), StoreError> {
        let (column, of) = self.field(alias, field)?;
        let described = self.kind.describe(field).filter(|field| field.sorted);
        match described {
            None => Err(StoreError::broken(format!("no list of {}s is ordered by {column}", self.kind))),
            Some(field) if of == Type::Text => Ok((quoted(alias, &normal_name(field.name)), !field.required)),
            Some(field) => Ok((column, !field.required)),
        }
    }

    /// What a record has in a column.
    pub(crate) fn value(record: &Record, source: Source) -> Value {
        match source {
            Source::Id => Value::Uuid(record.id()),
            Source::Version => Value::Int(i64::try_from(record.version()).unwrap_or(i64::MAX)),
            Source::Field(field) => record.value(field),
            Source::Scale(field) => match record.value(field) {
                Value::Decimal(number) => Value::Int(number.scale().into()),
                _ => Value::Null,
            },
            Source::Normal(field) => {
                record.value(field).as_text().map_or(Value::Null, |text| Value::text(&normal(text)))
            }
            Source::Search => Value::text(&record.search_text()),
        }
    }

    /// A record, from what [`Table::selected`] gave.
    pub(crate) fn record(self, row: Row) -> Result<Record, StoreError> {
        let mut cells = row.into_iter();
        let id = cells.next().as_ref().and_then(Value::as_uuid);
        let version = match cells.next() {
            Some(Value::Int(version)) => u64::try_from(version).ok(),
            _ => None,
        };
        let (Some(id), Some(version)) = (id, version) else {
            return Err(StoreError::broken(format!("a {} without id or version", self.kind)));
        };
        let mut values = Vec::with_capacity(self.kind.fields().len());
        for (_, field) in self.fields() {
            let kept = cells.next().unwrap_or(Value::Null);
            let of = Type::of(field.kind);
            let scale = if of == Type::Decimal && !self.dialect.keeps_digits() {
                scale(cells.next().as_ref())
            } else {
                None
            };
            values.push(restore(of, kept, scale).ok_or_else(|| self.damaged(id, field.name))?);
        }
        Record::from_values(self.kind, id, version, &values).map_err(|error| self.damaged(id, &error.field))
    }

    fn damaged(self, id: Uuid, field: &str) -> StoreError {
        StoreError::broken(format!("the {} {id} is damaged in `{field}`", self.kind))
    }
}

fn is_ordered_text(field: &Field) -> bool {
    field.sorted && Type::of(field.kind) == Type::Text
}

pub(crate) fn scale(cell: Option<&Value>) -> Option<u32> {
    match cell {
        Some(Value::Int(scale)) => u32::try_from(*scale).ok(),
        _ => None,
    }
}

/// A column of an aliased table.
pub(crate) fn quoted(alias: &str, column: &str) -> String {
    format!("{alias}.\"{column}\"")
}

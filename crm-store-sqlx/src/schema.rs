//! The tables as the engine's own tables of fields demand them.
//!
//! The migrations are texts that never change once they are released; this is what they are held against. While the first
//! one is not released, `CRM_BLESS=1 cargo test -p crm-store-sqlx --lib schema` writes it anew.
//!
//! Invariant: every key and every index begins with the organisation, and the database refuses what the engine's types
//! refuse.

use std::fmt::Write as _;

use crm_core::describe::{Field, FieldKind, Kind};

use crate::dialect::Dialect;
use crate::entry;
use crate::load::{CLAIM_COLUMNS, CLAIMS, COMMANDS, REMEMBERED, answer_columns};
use crate::table::{Column, Source, Table};
use crate::value::Type;

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// A value of its type.
    Any,
    /// A value of a field.
    Field(FieldKind),
    /// The version of a record.
    Version,
    /// The digits of a decimal behind the point.
    Scale,
}

/// What a database calls things in a definition.
trait Definition: Dialect {
    /// The name and type of a column, with what the database refuses to put there.
    fn column(&self, name: &str, of: Type, holds: Holds, required: bool) -> String;
    /// What columns are made of and must be there before them.
    fn types(&self) -> String;
    /// What follows the columns of a table.
    fn end(&self) -> &'static str;
    /// Is a table made together with its references, and if so, when are they checked?
    fn inline_references(&self) -> Option<&'static str>;
    fn event_order(&self) -> &'static str;
    /// The name of an index: in one schema with its table, or beside the host's.
    fn index(&self, name: &str) -> String;
}

fn tables(of: &dyn Definition, dialect: &dyn Dialect) -> String {
    let mut text = of.types();
    for kind in Kind::ALL {
        record_table(&mut text, of, Table::new(dialect, *kind));
    }
    if of.inline_references().is_none() {
        for kind in Kind::ALL {
            references(&mut text, of, Table::new(dialect, *kind));
        }
    }
    for kind in Kind::ALL {
        indexes(&mut text, of, Table::new(dialect, *kind));
    }
    let index = of.index("membership_seats");
    let membership = dialect.table(Kind::Membership.name());
    let _ =
        writeln!(text, "-- The one question that is not asked of an organisation: where a user is a member.");
    let _ = writeln!(text, "CREATE INDEX {index} ON {membership} (id, organization_id);\n");
    plain_table(&mut text, of, dialect, entry::TABLE, entry::COLUMNS, "kind, subject, version", "");
    let order = of.event_order();
    plain_table(&mut text, of, dialect, entry::EVENTS, entry::EVENT_COLUMNS, "id", order);
    let events = dialect.table(entry::EVENTS);
    let index = of.index("event_order");
    let _ = writeln!(text, "CREATE INDEX {index} ON {events} (organization_id, number);\n");
    plain_table(&mut text, of, dialect, CLAIMS, CLAIM_COLUMNS, "kind, field, value", "");
    plain_table(&mut text, of, dialect, REMEMBERED, &answer_columns(), "actor, operation, \"key\"", "");
    plain_table(&mut text, of, dialect, COMMANDS, &[("id", Type::Uuid)], "id", "");
    text
}

fn record_table(text: &mut String, of: &dyn Definition, table: Table<'_>) {
    let mut lines = vec![organization(of)];
    for column in table.columns() {
        lines.push(column_line(of, table.kind, &column));
    }
    lines.push("PRIMARY KEY (organization_id, id)".to_owned());
    if let Some(deferred) = of.inline_references() {
        lines.extend(foreign_keys(of, table).map(|key| format!("{key}{deferred}")));
    }
    write_table(text, &table.name(), &lines, of.end());
}

fn foreign_keys(of: &dyn Definition, table: Table<'_>) -> impl Iterator<Item = String> {
    table.kind.fields().iter().filter_map(|field| match field.kind {
        FieldKind::Reference(kind) => {
            let other = of.table(kind.name());
            Some(format!(
                "FOREIGN KEY (organization_id, \"{}\") REFERENCES {other} (organization_id, id)",
                field.name
            ))
        }
        _ => None,
    })
}

/// Tables refer to each other in circles, so the references come after all tables.
fn references(text: &mut String, of: &dyn Definition, table: Table<'_>) {
    let added: Vec<String> = foreign_keys(of, table).map(|key| format!("ADD {key}")).collect();
    if !added.is_empty() {
        let _ = writeln!(text, "ALTER TABLE {}\n    {};\n", table.name(), added.join(",\n    "));
    }
}

/// The column that begins every table and every key.
fn organization(of: &dyn Definition) -> String {
    of.column("organization_id", Type::Uuid, Holds::Any, true)
}

fn column_line(of: &dyn Definition, kind: Kind, column: &Column) -> String {
    let is_required = |field| kind.describe(field).is_some_and(|field| field.required);
    let (holds, required) = match column.source {
        Source::Id | Source::Search => (Holds::Any, true),
        Source::Version => (Holds::Version, true),
        Source::Scale(field) => (Holds::Scale, is_required(field)),
        Source::Normal(field) => (Holds::Any, is_required(field)),
        Source::Field(field) => {
            let holds = kind.describe(field).map_or(Holds::Any, |field| Holds::Field(field.kind));
            (holds, is_required(field))
        }
    };
    of.column(&format!("\"{}\"", column.name), column.of, holds, required)
}

fn plain_table(
    text: &mut String,
    of: &dyn Definition,
    dialect: &dyn Dialect,
    name: &str,
    columns: &[(&str, Type)],
    key: &str,
    more: &str,
) {
    let mut lines = vec![organization(of)];
    let line = |(name, kind): &(&str, Type)| of.column(&format!("\"{name}\""), *kind, Holds::Any, true);
    lines.extend(columns.iter().map(line));
    lines.extend(more.lines().map(str::to_owned));
    // SQLite numbers rows by a key of its own.
    let keyword = if more.contains("PRIMARY KEY") { "UNIQUE" } else { "PRIMARY KEY" };
    lines.push(format!("{keyword} (organization_id, {key})"));
    write_table(text, &dialect.table(name), &lines, of.end());
}

fn write_table(text: &mut String, name: &str, lines: &[String], end: &str) {
    let _ = writeln!(text, "CREATE TABLE {name} (\n    {}\n){end};\n", lines.join(",\n    "));
}

fn indexes(text: &mut String, of: &dyn Definition, table: Table<'_>) {
    let name = table.kind.name();
    for field in table.kind.fields() {
        if field.indexed {
            let index = of.index(&format!("{name}_of_{}", field.name));
            let _ = writeln!(
                text,
                "CREATE INDEX {index} ON {} (organization_id, \"{}\", id);",
                table.name(),
                field.name
            );
        }
        if field.sorted {
            let index = of.index(&format!("{name}_by_{}", field.name));
            let _ = writeln!(
                text,
                "CREATE INDEX {index} ON {} (organization_id, {}, id) WHERE deleted_at IS NULL;",
                table.name(),
                ordered(field)
            );
        }
    }
    let index = of.index(&format!("{name}_deleted_by"));
    let _ = writeln!(
        text,
        "CREATE INDEX {index} ON {} (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;\n",
        table.name()
    );
}

fn ordered(field: &Field) -> String {
    if Type::of(field.kind) == Type::Text {
        format!("\"{}\"", crate::table::normal_name(field.name))
    } else {
        format!("\"{}\"", field.name)
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use super::{Definition, FieldKind, Holds, Type};
    use crate::sqlite::Sqlite;

    impl Definition for Sqlite {
        fn column(&self, name: &str, of: Type, holds: Holds, required: bool) -> String {
            let required = if required { " NOT NULL" } else { "" };
            let check = check(name, of, holds).map_or(String::new(), |check| format!(" CHECK ({check})"));
            format!("{name} {}{required}{check}", type_name(of))
        }

        fn types(&self) -> String {
            String::new()
        }

        fn end(&self) -> &'static str {
            " STRICT"
        }

        /// A commit is several statements, so they are checked at the end of the transaction.
        fn inline_references(&self) -> Option<&'static str> {
            Some(" DEFERRABLE INITIALLY DEFERRED")
        }

        fn event_order(&self) -> &'static str {
            "number INTEGER PRIMARY KEY AUTOINCREMENT"
        }

        fn index(&self, name: &str) -> String {
            format!("\"crm_{name}\"")
        }
    }

    fn type_name(of: Type) -> &'static str {
        match of {
            Type::Bool | Type::Int | Type::Instant => "INTEGER",
            Type::Decimal | Type::Text | Type::Date | Type::Json => "TEXT",
            Type::Uuid => "BLOB",
        }
    }

    fn check(column: &str, of: Type, holds: Holds) -> Option<String> {
        Some(match (of, holds) {
            (_, Holds::Version) => format!("{column} >= 1"),
            (_, Holds::Scale) => format!("{column} BETWEEN 0 AND 28"),
            (Type::Bool, _) => format!("{column} IN (0, 1)"),
            (Type::Uuid, _) => format!("length({column}) = 16"),
            (Type::Json, _) => format!("json_valid({column})"),
            (Type::Decimal, _) => format!("length({column}) = 58 AND {column} NOT GLOB '*[^0-9]*'"),
            (Type::Date, _) => format!(
                "{column} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date({column}) = {column}"
            ),
            (Type::Instant, _) => format!("{column} BETWEEN -62135596800000000 AND 253402300799999999"),
            (Type::Int, Holds::Field(FieldKind::Percent)) => format!("{column} BETWEEN 0 AND 100"),
            (Type::Text, Holds::Field(kind)) => text(column, kind)?,
            _ => return None,
        })
    }

    fn text(column: &str, kind: FieldKind) -> Option<String> {
        Some(match kind {
            FieldKind::Text { min, max } => format!("length({column}) BETWEEN {min} AND {max}"),
            FieldKind::Word => format!(
                "length({column}) <= 40 AND {column} GLOB '[a-z]*' AND {column} NOT GLOB '*[^a-z0-9_]*'"
            ),
            FieldKind::Currency => format!("{column} GLOB '[A-Z][A-Z][A-Z]'"),
            FieldKind::Email => format!("length({column}) <= 255 AND {column} GLOB '?*@?*.?*'"),
            FieldKind::Phone => format!("length({column}) BETWEEN 1 AND 50"),
            FieldKind::Zone => format!("length({column}) BETWEEN 1 AND 64"),
            _ => return None,
        })
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use std::collections::BTreeMap;

    use super::{Definition, FieldKind, Holds, Kind, Type};
    use crate::dialect::Dialect as _;
    use crate::postgres::Postgres;

    impl Definition for Postgres {
        /// A check on a column is read and compiled again by each statement that writes to its table; that of a domain is
        /// kept by the connection. So each kind of value is a domain.
        fn column(&self, name: &str, of: Type, holds: Holds, required: bool) -> String {
            let required = if required { " NOT NULL" } else { "" };
            let of = match domain(of, holds) {
                Some((domain, _)) => self.table(&domain),
                None => base(of).to_owned(),
            };
            format!("{name} {of}{required}")
        }

        fn types(&self) -> String {
            let of_fields = Kind::ALL.iter().flat_map(|kind| kind.fields()).map(|field| {
                let of = Type::of(field.kind);
                (of, Holds::Field(field.kind))
            });
            let all = of_fields.chain([(Type::Int, Holds::Version)]);
            let domains: BTreeMap<String, (Type, String)> = all
                .filter_map(|(of, holds)| domain(of, holds).map(|(name, check)| (name, (of, check))))
                .collect();
            let lines = domains.into_iter().map(|(name, (of, check))| {
                format!("CREATE DOMAIN {} AS {} CHECK ({check});\n", self.table(&name), base(of))
            });
            lines.chain(["\n".to_owned()]).collect()
        }

        fn end(&self) -> &'static str {
            ""
        }

        /// Every commit is one statement, and references are checked at its end.
        fn inline_references(&self) -> Option<&'static str> {
            None
        }

        fn event_order(&self) -> &'static str {
            "number bigint NOT NULL GENERATED ALWAYS AS IDENTITY"
        }

        fn index(&self, name: &str) -> String {
            format!("\"{name}\"")
        }
    }

    fn base(of: Type) -> &'static str {
        match of {
            Type::Bool => "boolean",
            Type::Int => "bigint",
            Type::Decimal => "numeric",
            Type::Text => "text COLLATE \"C\"",
            Type::Uuid => "uuid",
            Type::Instant => "timestamptz",
            Type::Date => "date",
            Type::Json => "json",
        }
    }

    /// The domain of a kind of value, and what holds in it.
    fn domain(of: Type, holds: Holds) -> Option<(String, String)> {
        let (name, check) = match (of, holds) {
            (_, Holds::Version) => ("version", "VALUE >= 1"),
            (Type::Decimal, _) => {
                ("amount", "abs(VALUE) <= 79228162514264337593543950335 AND scale(VALUE) <= 28")
            }
            (Type::Instant, _) => {
                ("instant", "VALUE >= '0001-01-01 00:00:00+00' AND VALUE < '10000-01-01 00:00:00+00'")
            }
            (Type::Date, _) => ("day", "VALUE BETWEEN '0001-01-01' AND '9999-12-31'"),
            (_, Holds::Field(FieldKind::Percent)) => ("percent", "VALUE BETWEEN 0 AND 100"),
            (_, Holds::Field(FieldKind::Word)) => ("word", "VALUE ~ '^[a-z][a-z0-9_]{0,39}$'"),
            (_, Holds::Field(FieldKind::Currency)) => ("currency", "VALUE ~ '^[A-Z]{3}$'"),
            (_, Holds::Field(FieldKind::Email)) => {
                ("email", "char_length(VALUE) <= 255 AND VALUE LIKE '_%@_%._%'")
            }
            (_, Holds::Field(FieldKind::Phone)) => ("phone", "char_length(VALUE) BETWEEN 1 AND 50"),
            (_, Holds::Field(FieldKind::Zone)) => ("zone", "char_length(VALUE) BETWEEN 1 AND 64"),
            (_, Holds::Field(FieldKind::Text { min, max })) => {
                let check = format!("char_length(VALUE) BETWEEN {min} AND {max}");
                return Some((format!("text_{min}_to_{max}"), check));
            }
            _ => return None,
        };
        Some((name.to_owned(), check.to_owned()))
    }
}

/// A migration is what it should be.
pub(crate) fn held_against(file: &str, wanted: &str) {
    let path = format!("{}/migrations/{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("CRM_BLESS").is_some() {
        std::fs::write(&path, wanted).expect("the migration is written");
    }
    let found = std::fs::read_to_string(&path).expect("the migration is there");
    assert!(found == wanted, "{file} is not what the tables of fields demand");
}

#[cfg(feature = "sqlite")]
#[test]
fn the_first_migration_of_sqlite_is_what_the_fields_demand() {
    let dialect = crate::sqlite::Sqlite;
    held_against("sqlite/0001_tables.sql", &tables(&dialect, &dialect));
}

#[cfg(feature = "postgres")]
#[test]
fn the_first_migration_of_postgres_is_what_the_fields_demand() {
    let dialect = crate::postgres::Postgres::new(crate::postgres::SCHEMA_MARK);
    held_against("postgres/0001_tables.sql", &tables(&dialect, &dialect));
}

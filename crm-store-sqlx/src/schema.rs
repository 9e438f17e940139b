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

/// What a database calls things in a definition.
trait Definition: Dialect {
    fn column(&self, of: Type) -> &'static str;
    fn check(&self, column: &str, of: Type, kind: Option<FieldKind>) -> Option<String>;
    /// What follows the columns of a table.
    fn end(&self) -> &'static str;
    /// Is a table made together with its references, and if so, when are they checked?
    fn inline_references(&self) -> Option<&'static str>;
    fn event_order(&self) -> &'static str;
    /// The name of an index: in one schema with its table, or beside the host's.
    fn index(&self, name: &str) -> String;
}

fn tables(of: &dyn Definition, dialect: &dyn Dialect) -> String {
    let mut text = String::new();
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
    let mut lines = vec![format!("organization_id {} NOT NULL", of.column(Type::Uuid))];
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

fn column_line(of: &dyn Definition, kind: Kind, column: &Column) -> String {
    let (field, required) = match column.source {
        Source::Id | Source::Version | Source::Search => (None, true),
        Source::Field(field) => {
            let field = kind.describe(field);
            (field, field.is_some_and(|field| field.required))
        }
        Source::Scale(field) | Source::Normal(field) => {
            (None, kind.describe(field).is_some_and(|field| field.required))
        }
    };
    let mut line = format!("\"{}\" {}", column.name, of.column(column.of));
    if required {
        line.push_str(" NOT NULL");
    }
    let name = format!("\"{}\"", column.name);
    let check = match column.source {
        Source::Version => Some(format!("{name} >= 1")),
        Source::Scale(_) => Some(format!("{name} BETWEEN 0 AND 28")),
        _ => of.check(&name, column.of, field.map(|field| field.kind)),
    };
    if let Some(check) = check {
        let _ = write!(line, " CHECK ({check})");
    }
    line
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
    let mut lines = vec![format!("organization_id {} NOT NULL", of.column(Type::Uuid))];
    for (name, kind) in columns {
        let mut line = format!("\"{name}\" {} NOT NULL", of.column(*kind));
        if let Some(check) = of.check(&format!("\"{name}\""), *kind, None) {
            let _ = write!(line, " CHECK ({check})");
        }
        lines.push(line);
    }
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
            let index = of.index(&format!("{name}_{}", field.name));
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
    use super::{Definition, FieldKind, Type};
    use crate::sqlite::Sqlite;

    impl Definition for Sqlite {
        fn column(&self, of: Type) -> &'static str {
            match of {
                Type::Bool | Type::Int | Type::Instant => "INTEGER",
                Type::Decimal | Type::Text | Type::Date | Type::Json => "TEXT",
                Type::Uuid => "BLOB",
            }
        }

        fn check(&self, column: &str, of: Type, kind: Option<FieldKind>) -> Option<String> {
            Some(match (of, kind) {
                (Type::Bool, _) => format!("{column} IN (0, 1)"),
                (Type::Uuid, _) => format!("length({column}) = 16"),
                (Type::Json, _) => format!("json_valid({column})"),
                (Type::Decimal, _) => format!("length({column}) = 58 AND {column} NOT GLOB '*[^0-9]*'"),
                (Type::Date, _) => {
                    format!(
                        "{column} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date({column}) = {column}"
                    )
                }
                (Type::Instant, _) => {
                    format!("{column} BETWEEN -62135596800000000 AND 253402300799999999")
                }
                (Type::Int, Some(FieldKind::Percent)) => format!("{column} BETWEEN 0 AND 100"),
                (Type::Text, Some(kind)) => text(column, kind)?,
                _ => return None,
            })
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
    use super::{Definition, FieldKind, Type};
    use crate::postgres::Postgres;

    impl Definition for Postgres {
        fn column(&self, of: Type) -> &'static str {
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

        fn check(&self, column: &str, of: Type, kind: Option<FieldKind>) -> Option<String> {
            Some(match (of, kind) {
                (Type::Decimal, _) => {
                    format!("abs({column}) <= 79228162514264337593543950335 AND scale({column}) <= 28")
                }
                (Type::Instant, _) => {
                    format!("{column} >= '0001-01-01 00:00:00+00' AND {column} < '10000-01-01 00:00:00+00'")
                }
                (Type::Date, _) => format!("{column} BETWEEN '0001-01-01' AND '9999-12-31'"),
                (Type::Int, Some(FieldKind::Percent)) => format!("{column} BETWEEN 0 AND 100"),
                (Type::Text, Some(kind)) => text(column, kind)?,
                _ => return None,
            })
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

    fn text(column: &str, kind: FieldKind) -> Option<String> {
        Some(match kind {
            FieldKind::Text { min, max } => format!("char_length({column}) BETWEEN {min} AND {max}"),
            FieldKind::Word => format!("{column} ~ '^[a-z][a-z0-9_]{{0,39}}$'"),
            FieldKind::Currency => format!("{column} ~ '^[A-Z]{{3}}$'"),
            FieldKind::Email => format!("char_length({column}) <= 255 AND {column} LIKE '_%@_%._%'"),
            FieldKind::Phone => format!("char_length({column}) BETWEEN 1 AND 50"),
            FieldKind::Zone => format!("char_length({column}) BETWEEN 1 AND 64"),
            _ => return None,
        })
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

//! SQLite's way of saying things.
//!
//! Ids are blobs of 16 bytes, times are microseconds, decimals are sortable text with their scale beside it.
//!
//! Invariant: values compare in these columns as they do in the engine.

use crate::dialect::Dialect;
use crate::statement::Place;
use crate::value::Type;

/// Tables stand beside those of the host, so they have a prefix.
#[derive(Debug)]
pub(crate) struct Sqlite;

impl Dialect for Sqlite {
    fn table(&self, name: &str) -> String {
        format!("\"crm_{name}\"")
    }

    /// Columns have no types of their own here.
    fn slot(&self, _: Type) -> Type {
        Type::Text
    }

    fn cell(&self, column: &str, _: Type) -> String {
        column.to_owned()
    }

    fn read(&self, column: &str, _: Type) -> String {
        column.to_owned()
    }

    /// The ids are one blob, cut into pieces: a host's SQLite can be too old to make a blob of digits.
    fn among(&self, column: &str, of: Type, place: Place) -> String {
        if of != Type::Uuid {
            return format!("{column} IN (SELECT value FROM json_each({place}))");
        }
        format!(
            "{column} IN (WITH RECURSIVE piece(start) AS (SELECT 1 WHERE length({place}) > 0 UNION ALL \
             SELECT start + 16 FROM piece WHERE start + 16 < length({place})) \
             SELECT substr({place}, start, 16) FROM piece)"
        )
    }

    fn triples(&self, place: Place) -> String {
        format!("SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each({place})")
    }

    fn contains(&self, column: &str, place: Place) -> String {
        format!("instr({column}, {place}) > 0")
    }

    fn keeps_digits(&self) -> bool {
        false
    }

    /// It is the clock of the host, which the file is on; it counts milliseconds.
    fn now(&self) -> &'static str {
        "CAST(unixepoch('subsec') * 1000000 AS INTEGER)"
    }

    fn later(&self, place: Place) -> String {
        format!("{} + {place}", self.now())
    }
}

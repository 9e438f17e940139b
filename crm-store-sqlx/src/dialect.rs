//! What differs between the databases in statements that both understand.
//!
//! Invariant: a text depends on the shape of a question only, never on a value; values travel as parameters.

use std::fmt;

use crate::statement::Place;
use crate::value::Type;

/// A database's way of saying things.
pub(crate) trait Dialect: fmt::Debug + Send + Sync {
    /// The full name of a table.
    fn table(&self, name: &str) -> String;

    /// The type of the column of a union in which values of this type stand.
    fn slot(&self, of: Type) -> Type;

    /// A column or `NULL`, as a cell of a union, whose branches must have the same types.
    fn cell(&self, column: &str, of: Type) -> String;

    /// A column, as it is read, compared and grouped by.
    fn read(&self, column: &str, of: Type) -> String;

    /// Is a column's id or text among those of a parameter?
    fn among(&self, column: &str, of: Type, place: Place) -> String;

    /// The texts of a parameter, each a JSON array of three, as rows of three columns.
    fn triples(&self, place: Place) -> String;

    /// Does a column contain the text of a parameter?
    fn contains(&self, column: &str, place: Place) -> String;

    /// Does a column for decimals keep the digits that were written? If not, their number stands beside it.
    fn keeps_digits(&self) -> bool;

    /// The time on the database's clock.
    fn now(&self) -> &'static str;

    /// The time on the database's clock, and so many microseconds more as a parameter says.
    fn later(&self, place: Place) -> String;
}

//! Strategies for the values of fields, for records, and for what callers send.
//!
//! They are made from the tables of the entities, so a new field or entity is generated as soon as it is in its table.
//!
//! Invariant: [`values`] generates only what a field can hold; [`inputs`] generates anything that a caller can send.

mod hostile;
mod record;
mod value;

pub use self::hostile::{decimals, inputs, texts};
pub use self::record::{records, stages};
pub use self::value::values;

//! One description per entity.
//!
//! An entity's fields are written once, in an `entity!` table: name, type, flags, doc. From that table come the
//! typed struct, the patch a caller sends, the generic reading and writing of [`Value`]s, the ledger's before and
//! after, the JSON form, and what a store needs to filter, sort, index and bind.
//!
//! Invariant: nothing else lists the fields of an entity. Whoever needs "all fields" walks [`Entity::FIELDS`].

mod entity;
mod field;
mod record;
mod sent;
mod types;
mod value;

pub(crate) use self::entity::{EditReader, RowReader, entity, field_id};
pub use self::entity::{Edits, Entity, Given, Id};
pub use self::field::{CREATED_AT, DELETED_AT, DELETED_BY, Field, FieldId, FieldKind, UPDATED_AT};
pub use self::record::{Key, Kind, Record};
pub(crate) use self::sent::{Sent, read_value};
pub use self::types::{FieldType, Json, Percent};
pub use self::value::{Damaged, Value, ValueRef};

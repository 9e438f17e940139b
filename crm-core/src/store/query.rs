//! What a list asks of a store, and what the answer means.
//!
//! Typed filters of the entities ([`List`](crate::List)) come down to [`Filter`], which every store implements once.
//! [`Filter::matches`] and [`Order::position`] are its definition.
//!
//! Invariant: the order is strict. Empty fields come last in both directions, texts are compared by their normal form,
//! and ties are broken by id in the direction of the order.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Bound;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::describe::{CREATED_AT, FieldId, Key, Kind, Record, Value, ValueRef};
use crate::value::{Problem, Word, normal};

/// Which rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// All.
    All,
    /// None.
    Nothing,
    /// The row has one of these ids.
    Ids(BTreeSet<Uuid>),
    /// The field has this value.
    Equals(FieldId, Value),
    /// The field has one of these values.
    OneOf(FieldId, BTreeSet<Value>),
    /// The field has a value in this range. An empty field is in no range.
    Range(FieldId, Bound<Value>, Bound<Value>),
    /// The field is empty.
    Empty(FieldId),
    /// The normal form of a searched field contains this normal form.
    Search(String),
    /// The field points at a record of this kind that matches.
    Via(FieldId, Kind, Box<Self>),
    /// All of these match.
    Every(Vec<Self>),
    /// At least one of these matches.
    Any(Vec<Self>),
}

/// Finds a record that another one points at.
pub type Lookup<'a> = &'a dyn Fn(Key) -> Option<Record>;

impl Filter {
    /// Both this and that.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, one) | (one, Self::All) => one,
            (Self::Every(mut all), Self::Every(more)) => {
                all.extend(more);
                Self::Every(all)
            }
            (Self::Every(mut all), one) => {
                all.push(one);
                Self::Every(all)
            }
            (one, Self::Every(mut all)) => {
                all.insert(0, one);
                Self::Every(all)
            }
            (one, two) => Self::Every(vec![one, two]),
        }
    }

    /// Rows whose field is this text.
    #[must_use]
    pub fn text(field: FieldId, text: &str) -> Self {
        Self::Equals(field, Value::text(text))
    }

    /// Rows whose field is this word.
    #[must_use]
    pub fn word(field: FieldId, word: &Word) -> Self {
        Self::text(field, word.as_str())
    }

    /// Rows whose field is greater than this.
    #[must_use]
    pub fn after(field: FieldId, value: Value) -> Self {
        Self::Range(field, Bound::Excluded(value), Bound::Unbounded)
    }

    /// Rows whose field is at least this and less than that.
    #[must_use]
    pub fn between(field: FieldId, from: Value, to: Value) -> Self {
        Self::Range(field, Bound::Included(from), Bound::Excluded(to))
    }

    /// Does something with these values match? An id, a search and a reference cannot be told by values, and do not.
    pub(crate) fn holds<'v>(&self, value: &dyn Fn(FieldId) -> ValueRef<'v>) -> bool {
        match self {
            Self::All => true,
            Self::Nothing | Self::Ids(_) | Self::Search(_) | Self::Via(..) => false,
            Self::Equals(field, wanted) => value(*field) == wanted.view(),
            Self::OneOf(field, values) => values.contains(&value(*field).to_value()),
            Self::Range(field, from, to) => {
                let value = value(*field);
                let bounds = (from.as_ref().map(Value::view), to.as_ref().map(Value::view));
                !value.is_null() && std::ops::RangeBounds::contains(&bounds, &value)
            }
            Self::Empty(field) => value(*field).is_null(),
            Self::Every(all) => all.iter().all(|one| one.holds(value)),
            Self::Any(any) => any.iter().any(|one| one.holds(value)),
        }
    }

    /// Does a record match?
    #[must_use]
    pub fn matches(&self, record: &Record, find: Lookup<'_>) -> bool {
        match self {
            Self::Ids(ids) => ids.contains(&record.id()),
            Self::Search(wanted) => record.search_text().contains(wanted.as_str()),
            Self::Via(field, kind, inner) => {
                let ValueRef::Uuid(id) = record.view(*field) else { return false };
                find(Key { kind: *kind, id }).is_some_and(|record| inner.matches(&record, find))
            }
            Self::Every(all) => all.iter().all(|one| one.matches(record, find)),
            Self::Any(any) => any.iter().any(|one| one.matches(record, find)),
            told => told.holds(&|field| record.view(field)),
        }
    }
}

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    /// By which field.
    pub field: FieldId,
    /// From the greatest to the least?
    pub descending: bool,
}

impl Order {
    /// The newest first.
    pub const NEWEST: Self = Self { field: CREATED_AT, descending: true };

    /// Where a record stands in this order.
    #[must_use]
    pub fn position(self, record: &Record) -> Position {
        let value = match record.view(self.field) {
            ValueRef::Text(text) => Value::text(&normal(text)),
            value => value.to_value(),
        };
        Position { value, id: record.id() }
    }

    /// Compares two positions.
    #[must_use]
    pub fn compare(self, left: &Position, right: &Position) -> Ordering {
        let turned = |order: Ordering| if self.descending { order.reverse() } else { order };
        let values = match (left.value.is_null(), right.value.is_null()) {
            (false, false) => turned(left.value.cmp(&right.value)),
            (left, right) => left.cmp(&right),
        };
        values.then_with(|| turned(left.id.cmp(&right.id)))
    }
}

/// Where a record stands in an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The value ordered by; of a text its normal form.
    pub value: Value,
    /// The id.
    pub id: Uuid,
}

/// Which part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Rows to pass over.
    pub skip: u64,
    /// Begin after this position.
    pub after: Option<Position>,
    /// Most rows to return.
    pub most: u32,
}

/// At most so many rows for each value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerGroup {
    /// The field.
    pub field: FieldId,
    /// How many.
    pub most: u32,
}

/// What a list asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListQuery {
    /// The kind of row.
    pub kind: Kind,
    /// Which rows are seen by whoever asks. It has no default: seeing everything must be spelled.
    pub visible: Filter,
    /// Which of these.
    pub filter: Filter,
    /// In which order.
    pub order: Order,
    /// Which part.
    pub window: Window,
    /// At most so many of a group, counted in the list's order, before the window is cut.
    pub per_group: Option<PerGroup>,
    /// Is the number of all matching rows wanted, whatever the window?
    pub total: bool,
}

/// What a list answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The rows of the window, in order.
    pub rows: Vec<Record>,
    /// Are there rows after these?
    pub more: bool,
    /// How many rows match, whatever the window; only when asked for.
    pub total: Option<u64>,
}

/// A place in a list, to go on from. It is a position and nothing else: it carries no authority, and a list that it
/// does not belong to refuses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    kind: Kind,
    order: Order,
    position: Position,
}

impl Cursor {
    /// The place of a record in a list.
    #[must_use]
    pub fn at(kind: Kind, order: Order, record: &Record) -> Self {
        Self::new(kind, order, order.position(record))
    }

    /// A position in a list.
    #[must_use]
    pub fn new(kind: Kind, order: Order, position: Position) -> Self {
        Self { kind, order, position }
    }

    /// The position, if the cursor belongs to a list of this kind in this order.
    ///
    /// # Errors
    /// It belongs to another list.
    pub fn position_in(self, kind: Kind, order: Order) -> Result<Position, Problem> {
        if (self.kind, self.order) == (kind, order) {
            Ok(self.position)
        } else {
            Err(Problem::malformed("a cursor of this list"))
        }
    }
}

/// The written form: `c1.` and the hexadecimal digits of its JSON.
impl fmt::Display for Cursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Order { field, descending } = self.order;
        let json =
            serde_json::to_string(&(self.kind, field, descending, &self.position)).map_err(|_| fmt::Error)?;
        out.write_str("c1.")?;
        json.bytes().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

/// A place has one written form, so that two texts are the same place only if they are equal.
impl FromStr for Cursor {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let read = || {
            let digits = text.strip_prefix("c1.")?.as_bytes();
            let bytes = digits.chunks(2).map(|pair| {
                let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
                u8::from_str_radix(pair, 16).ok()
            });
            let json = bytes.collect::<Option<Vec<u8>>>()?;
            let (kind, field, descending, position) = serde_json::from_slice(&json).ok()?;
            Some(Self { kind, order: Order { field, descending }, position })
        };
        let written_so = |cursor: &Self| cursor.to_string() == text;
        read().filter(written_so).ok_or_else(|| Problem::malformed("a cursor"))
    }
}

impl Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

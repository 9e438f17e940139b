//! Counts and sums over groups of rows: the one question behind boards, totals and reports.
//!
//! Invariant: [`groups`] is the definition; a store that pushes the grouping down is held to it by tests.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::query::Filter;
use crate::describe::{FieldId, Kind, Record, Value};

/// Which rows to group, by what, and what to add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// The kind of row.
    pub kind: Kind,
    /// Which rows are seen by whoever asks. It has no default: seeing everything must be spelled.
    pub visible: Filter,
    /// Which of these.
    pub filter: Filter,
    /// By which fields they are grouped; all in one group when empty.
    pub by: Vec<FieldId>,
    /// The decimal field to add up; empty fields count as nothing.
    pub sum: Option<FieldId>,
}

/// One group of rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The values they share, in the order of [`Measure::by`].
    pub key: Vec<Value>,
    /// How many they are.
    pub count: u64,
    /// What they add up to.
    pub sum: Decimal,
}

/// Groups rows. The groups come in the order of their keys.
#[must_use]
pub fn groups<'r>(rows: impl Iterator<Item = &'r Record>, measure: &Measure) -> Vec<Group> {
    let mut found: BTreeMap<Vec<Value>, (u64, Decimal)> = BTreeMap::new();
    for row in rows {
        let key = measure.by.iter().map(|field| row.value(*field)).collect();
        let amount = measure.sum.and_then(|field| row.value(field).as_decimal());
        let (count, sum) = found.entry(key).or_default();
        *count += 1;
        *sum += amount.unwrap_or_default();
    }
    found.into_iter().map(|(key, (count, sum))| Group { key, count, sum }).collect()
}

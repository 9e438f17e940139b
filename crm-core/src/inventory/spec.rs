//! What a profile says of inventory.
//!
//! Invariant: what passes the check leaves no question open.

use serde::{Deserialize, Serialize};

use crate::profile::Faults;
use crate::value::Word;

/// What a profile says of inventory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InventorySpec {
    /// What a unit can be.
    pub categories: Vec<Word>,
    /// For how many hours a unit is held where nothing else is said.
    pub hold_hours: u32,
    /// For how many hours it may be held at most.
    pub hold_hours_most: u32,
    /// How often a hold may be extended.
    pub extensions: u32,
}

impl InventorySpec {
    pub(crate) fn check(&self, faults: &mut Faults) {
        faults.no_duplicates("inventory.categories", &self.categories);
        let hours = 1..=self.hold_hours_most;
        faults.demand(
            "inventory.hold_hours",
            hours.contains(&self.hold_hours),
            "a time of 1 hour or more, up to the most",
        );
    }
}

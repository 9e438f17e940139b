//! The typed filters of complexes, units, prices and holds.
//!
//! Invariant: how a unit stands is judged at the time when the list is asked.

use std::ops::Bound;

use super::List;
use super::filters::Condition;
use crate::describe::{FieldType, Value};
use crate::inventory::{
    COMPLEX, FLOOR, HOLD_LEAD, HOLD_STATUS, HOLD_UNIT, Hold, PRICE_COMPLEX, Price, Unit, UnitState,
};
use crate::store::Filter;
use crate::value::{ComplexId, LeadId, UnitId};

impl List<Unit> {
    /// Only units of this complex.
    #[must_use]
    pub fn complex(self, complex: ComplexId) -> Self {
        self.is(COMPLEX, complex.to_value())
    }

    /// Only units that stand so now. A hold whose time is over holds nothing.
    #[must_use]
    pub fn state(self, state: UnitState) -> Self {
        self.when(Condition::Unit(state))
    }

    /// Only units on floors from this to that.
    #[must_use]
    pub fn floors(self, lowest: i64, highest: i64) -> Self {
        let (lowest, highest) = (Value::Int(lowest), Value::Int(highest));
        let range = Filter::Range(FLOOR, Bound::Included(lowest), Bound::Included(highest));
        self.when(Condition::Fixed(range))
    }
}

impl List<Price> {
    /// Only prices of this complex.
    #[must_use]
    pub fn complex(self, complex: ComplexId) -> Self {
        self.is(PRICE_COMPLEX, complex.to_value())
    }
}

impl List<Hold> {
    /// Only holds of this unit.
    #[must_use]
    pub fn unit(self, unit: UnitId) -> Self {
        self.is(HOLD_UNIT, unit.to_value())
    }

    /// Only holds for this lead.
    #[must_use]
    pub fn lead(self, lead: LeadId) -> Self {
        self.is(HOLD_LEAD, lead.to_value())
    }

    /// Only holds of this status, as it was stored: one whose time is over may still be called `live`.
    #[must_use]
    pub fn status<S: AsRef<str>>(self, statuses: impl IntoIterator<Item = S>) -> Self {
        self.words(HOLD_STATUS, statuses)
    }
}

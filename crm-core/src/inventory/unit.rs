//! Units: what exists once, can be held by one, and is sold once.
//!
//! Invariant: a unit is known by complex, block, floor and number in canonical form, and is never found by less; one that
//! is sold or held keeps its place.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::hold::{self, held};
use super::label::{self, Identity};
use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, names, refuse_dependents};
use crate::contract::{Contract, open_contracts};
use crate::describe::{Entity, FieldId, FieldType, Kind, Value, entity, field_id};
use crate::draft::{Draft, Halt, Permit, SetQuery};
use crate::error::{Error, FieldProblem, Rule};
use crate::profile::Module;
use crate::store::Filter;
use crate::value::{ComplexId, Instant, Line, Problem, Text, UnitId, Word};

entity! {
    /// Something that exists once and is sold once: a flat, an office.
    Unit(UnitId) = "unit", UnitEdits;
    given {
        /// Where it is.
        complex: ComplexId;
        /// The block, as it is written.
        block: Text<1, 50>;
        /// The floor.
        floor: i64;
        /// The number in the block, as it is written.
        number: Text<1, 20> [search];
        /// What it is: one of the profile's words.
        category: Option<Word> [index];
        /// How many rooms.
        rooms: Option<i64>;
        /// How large, in square metres.
        area: Option<Decimal> [measure];
        /// Where it came from: a row of a file.
        origin: Option<Line>;
    }
    kept {
        /// The canonical form of complex, block, floor and number: no two units share it.
        identity: Option<Text<1, 200>> [identity];
        /// Is it sold? Only a contract sets this, and only its cancellation takes it back.
        sold: bool;
        /// Until when somebody holds it; passed or empty: nobody does.
        held_until: Option<Instant>;
    }
}

pub(crate) const COMPLEX: FieldId = field_id(Unit::FIELDS, "complex");
pub(crate) const FLOOR: FieldId = field_id(Unit::FIELDS, "floor");
pub(crate) const IDENTITY: FieldId = field_id(Unit::FIELDS, "identity");
pub(crate) const SOLD: FieldId = field_id(Unit::FIELDS, "sold");
pub(crate) const HELD_UNTIL: FieldId = field_id(Unit::FIELDS, "held_until");
const CONTRACT_UNIT: FieldId = field_id(Contract::FIELDS, "unit");

/// No building is higher or deeper.
const FLOORS: std::ops::RangeInclusive<i64> = -99..=999;
/// No unit has more rooms.
const ROOMS: std::ops::RangeInclusive<i64> = 0..=999;

/// How a unit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitState {
    /// It can be held and sold.
    Available,
    /// Somebody holds it.
    Held,
    /// It is sold.
    Sold,
}

impl fmt::Display for UnitState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Available => "available",
            Self::Held => "held",
            Self::Sold => "sold",
        })
    }
}

impl UnitState {
    /// The units that stand so at a time.
    pub(crate) fn filter(self, now: Instant) -> Filter {
        let sold = |sold| Filter::Equals(SOLD, Value::Bool(sold));
        let until = Value::Instant(now);
        match self {
            Self::Sold => sold(true),
            Self::Held => sold(false).and(Filter::after(HELD_UNTIL, until)),
            Self::Available => {
                let over =
                    Filter::Range(HELD_UNTIL, std::ops::Bound::Unbounded, std::ops::Bound::Included(until));
                sold(false).and(Filter::Any(vec![Filter::Empty(HELD_UNTIL), over]))
            }
        }
    }
}

impl Unit {
    /// How it stands at a time. A hold whose time is over holds nothing.
    #[must_use]
    pub fn state(&self, now: Instant) -> UnitState {
        match self.held_until {
            _ if self.sold => UnitState::Sold,
            Some(until) if until > now => UnitState::Held,
            _ => UnitState::Available,
        }
    }

    /// Judges its values and settles its identity.
    pub(super) fn settle(&mut self) -> Result<(), Error> {
        let mut problems = Vec::new();
        let mut demand = |field: &str, fits: bool, rule: &str| {
            if !fits {
                problems.push(FieldProblem::new(field, Problem::out_of_range(rule)));
            }
        };
        demand("floor", FLOORS.contains(&self.floor), "a number from -99 to 999");
        demand("rooms", self.rooms.is_none_or(|rooms| ROOMS.contains(&rooms)), "a number from 0 to 999");
        demand("area", self.area.is_none_or(|area| area > Decimal::ZERO), "a number > 0");
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        self.identity = Some(self.own_identity()?);
        Ok(())
    }

    fn own_identity(&self) -> Result<Identity, Error> {
        label::of_unit(self.complex, self.block.as_str(), self.floor, self.number.as_str())
    }
}

impl Rules for Unit {
    const RULED_BY: &'static [FieldId] = &[COMPLEX];
    const CRUD: Crud = Crud::managed(Action::InventoryRead, Action::InventoryManage);
    const MODULE: Option<Module> = Some(Module::Inventory);
    const NAMES: crate::command::Names = names!("unit");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(vec![(SOLD, Value::Bool(false))])
    }

    fn judge(tx: &mut Draft<'_>, before: Option<&Self>, after: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        after.settle()?;
        match before {
            Some(before) if before.identity != after.identity => refuse_taken(tx, before),
            _ => Ok(()),
        }
    }

    fn before_delete(tx: &mut Draft<'_>, permit: &Permit, row: &Self) -> Result<(), Halt> {
        refuse_taken(tx, row)?;
        let contracts = open_contracts(tx, (CONTRACT_UNIT, row.id.to_value()))?;
        refuse_dependents(Kind::Unit, Kind::Contract, contracts)?;
        match hold::of_slot(tx, row.id)? {
            Some(over) => hold::expire(tx, permit, &over),
            None => Ok(()),
        }
    }

    /// Whether it is sold is taken as it is: a unit that is wrongly taken for free would be sold twice. Who holds it is
    /// told by the holds.
    fn findings(_: &mut Draft<'_>, row: &mut Self) -> Result<Vec<String>, Halt> {
        let mut found: Vec<_> = row.settle().err().map(|error| error.to_string()).into_iter().collect();
        row.identity = Some(row.own_identity()?);
        if row.sold {
            found.push("it is sold, by whichever contract".to_owned());
        }
        Ok(found)
    }
}

/// The contracts about a unit.
pub(super) fn contracts_of(unit: UnitId) -> SetQuery {
    SetQuery::live(Kind::Contract, vec![(CONTRACT_UNIT, unit.to_value())])
}

/// The refusal of what cannot be done to a unit that is sold or held.
pub(super) fn refuse_taken(tx: &mut Draft<'_>, unit: &Unit) -> Result<(), Halt> {
    if unit.sold {
        return Err(sold(unit).into());
    }
    match hold::of_slot(tx, unit.id)? {
        Some(live) if live.is_live(tx.now()) => Err(held(tx, &live)?.into()),
        _ => Ok(()),
    }
}

/// The refusal of a unit that is sold.
pub(super) fn sold(unit: &Unit) -> Rule {
    let Unit { block, floor, number, .. } = unit;
    Rule::other("unit_sold", format!("unit {number} on floor {floor} of {block} is sold"))
}

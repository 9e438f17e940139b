//! The verbs of a hold: release, extend, expire; and reserving, which is a new lead and a hold in one.
//!
//! Invariant: nothing but these, a sale, and whoever comes after its time changes a hold.

use std::ops::Bound;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::hold::{self, Hold, HoldEdits, LIVE, STATUS, UNIT, UNTIL, judge_until, keep_in_step, spec};
use crate::access::Action;
use crate::command::{Command, Create, SWEEP, create};
use crate::describe::{Entity, Id, Key, Value};
use crate::draft::{Draft, Halt, ReadSet, first_of, for_each};
use crate::error::Rule;
use crate::lead::Lead;
use crate::store::{Filter, Order};
use crate::value::{HoldId, Instant, Patch, UnitId};

/// Gives a unit free again before its time. A hold that is over by time is only noted as such.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseHold {
    /// Which hold.
    pub id: HoldId,
}

impl ReleaseHold {
    /// Of this hold.
    #[must_use]
    pub fn of(id: HoldId) -> Self {
        Self { id }
    }
}

impl Command for ReleaseHold {
    type Output = Arc<Hold>;

    fn name(&self) -> &'static str {
        "release_hold"
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn hints(&self) -> ReadSet {
        ReadSet::new().with_referred(self.id.key(), UNIT)
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<Hold>, Halt> {
        let found = tx.get(self.id)?;
        let permit = tx.allow(Action::HoldRelease, Some(&Arc::clone(&found).record()))?;
        demand_open(&found)?;
        hold::release(tx, &permit, &found)?;
        tx.get(self.id)
    }
}

/// Holds a unit longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtendHold {
    /// Which hold.
    pub id: HoldId,
    /// Until when; as long again as usual, where it is not said and the profile allows it.
    #[serde(default)]
    pub until: Option<Instant>,
}

impl ExtendHold {
    /// Of this hold.
    #[must_use]
    pub fn of(id: HoldId) -> Self {
        Self { id, until: None }
    }

    /// Until this time.
    #[must_use]
    pub fn until(mut self, until: Instant) -> Self {
        self.until = Some(until);
        self
    }
}

impl Command for ExtendHold {
    type Output = Arc<Hold>;

    fn name(&self) -> &'static str {
        "extend_hold"
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn hints(&self) -> ReadSet {
        ReadSet::new().with_referred(self.id.key(), UNIT)
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<Hold>, Halt> {
        let found = tx.get(self.id)?;
        let permit = tx.allow(Action::HoldExtend, Some(&Arc::clone(&found).record()))?;
        demand_open(&found)?;
        if !found.is_live(tx.now()) {
            return Err(over("its time is over").into());
        }
        let spec = spec(tx)?;
        if found.extensions >= i64::from(spec.extensions) {
            let why = format!("a hold is extended at most {} time(s)", spec.extensions);
            return Err(Rule::other("extensions_used", why).into());
        }
        let most = tx.now().plus_hours(spec.hold_hours_most.into());
        let usual = found.until.plus_hours(spec.hold_hours.into()).min(most);
        let until = tx.cut(Value::Instant(self.until.unwrap_or(usual)));
        let Value::Instant(until) = until else { return Ok(found) };
        judge_until(tx, until)?;
        if until <= found.until {
            return Err(
                Rule::other("not_later", format!("the hold lasts until {} already", found.until)).into()
            );
        }
        let longer = Hold { until, extensions: found.extensions + 1, ..found.as_ref().clone() };
        let longer = tx.put(&permit, longer)?;
        keep_in_step(tx, &permit, found.unit, Some(until))?;
        Ok(longer)
    }
}

fn over(why: &str) -> Rule {
    Rule::other("hold_over", why)
}

fn demand_open(hold: &Hold) -> Result<(), Rule> {
    if hold.status == LIVE { Ok(()) } else { Err(over(&format!("the hold is `{}` already", hold.status))) }
}

/// Notes holds whose time is over, at most 500 of them, and tells others of them. It answers which; while there are some,
/// there may be more. Nothing depends on it: such a hold holds nothing anyway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpireHolds {}

impl Command for ExpireHolds {
    type Output = Vec<HoldId>;

    fn name(&self) -> &'static str {
        "expire_holds"
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Vec<HoldId>, Halt> {
        let permit = tx.allow(Action::HoldRelease, None)?;
        let now = tx.now();
        let over = Filter::Range(UNTIL, Bound::Unbounded, Bound::Included(Value::Instant(now)));
        let oldest = Order { field: UNTIL, descending: false };
        let over = first_of::<Hold>(Filter::text(STATUS, LIVE).and(over), oldest, SWEEP);
        let mut over = tx.first::<Hold>(&over)?.rows;
        over.retain(|hold| hold.status == LIVE && !hold.is_live(now));
        for_each(over, |hold| hold::release(tx, &permit, &hold).map(|()| hold.id))
    }
}

/// Creates a lead and holds a unit for it: both, or neither.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReserveUnit {
    /// The new lead.
    pub lead: Create<Lead>,
    /// Which unit.
    pub unit: UnitId,
    /// Until when; as long as usual, where it is not said.
    #[serde(default)]
    pub until: Option<Instant>,
}

/// A new lead, and the hold of its unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reserved {
    /// The lead.
    pub lead: Arc<Lead>,
    /// The hold.
    pub hold: Arc<Hold>,
}

impl ReserveUnit {
    /// This unit, for this lead.
    #[must_use]
    pub fn of(unit: UnitId, lead: Create<Lead>) -> Self {
        Self { lead, unit, until: None }
    }

    /// Until this time.
    #[must_use]
    pub fn until(mut self, until: Instant) -> Self {
        self.until = Some(until);
        self
    }
}

impl Command for ReserveUnit {
    type Output = Reserved;

    fn name(&self) -> &'static str {
        "reserve_unit"
    }

    fn hints(&self) -> ReadSet {
        let mut want = self.lead.hints();
        want.extend(ReadSet::new().with(self.unit));
        want
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Reserved, Halt> {
        let lead = self.lead.decide(tx)?;
        let fields = HoldEdits {
            unit: Patch::Set(self.unit),
            lead: Patch::Set(lead.id),
            until: self.until.map_or(Patch::Keep, Patch::Set),
            ..HoldEdits::default()
        };
        let id = tx.next_id()?;
        let hold = create::<Hold>(tx, id, &fields)?;
        Ok(Reserved { lead, hold })
    }
}

//! Holds: a unit kept for one lead until a time.
//!
//! Invariant: at most one hold of a unit is live, whoever comes at the same time: the live one has the unit's only slot.
//! One whose time is over holds nothing, and whoever comes next closes it.

use std::sync::Arc;

use super::InventorySpec;
use super::unit::{self, Unit, sold};
use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names, text, word};
use crate::describe::{Entity, FieldId, FieldType, Id, Value, entity, field_id};
use crate::draft::{Draft, Halt, Permit, UniqueKey, for_each};
use crate::error::{Error, Rule};
use crate::lead::demand_open;
use crate::profile::Module;
use crate::value::{Instant, LeadId, Line, Problem, Text, UnitId, UserId, Word};

entity! {
    /// A unit kept for a lead until a time.
    Hold(HoldId) = "hold", HoldEdits;
    given {
        /// Which unit.
        unit: UnitId;
        /// For which lead.
        lead: LeadId;
        /// Until when.
        until: Instant [sort];
        /// Anything else.
        note: Option<Line>;
    }
    kept {
        /// Who holds it for the lead; empty: the host or a visitor.
        holder: Option<UserId>;
        /// How it stands: `live`, `released`, `expired` or `used`. A live one whose time is over holds nothing.
        status: Word [index];
        /// How often it was extended.
        extensions: i64;
        /// When it ended, other than by time.
        ended_at: Option<Instant>;
        /// The unit, while the hold is live: a unit has one slot.
        slot: Option<Text<1, 50>> [identity];
    }
}

pub(crate) const UNIT: FieldId = field_id(Hold::FIELDS, "unit");
pub(crate) const LEAD: FieldId = field_id(Hold::FIELDS, "lead");
pub(crate) const UNTIL: FieldId = field_id(Hold::FIELDS, "until");
pub(crate) const STATUS: FieldId = field_id(Hold::FIELDS, "status");
const SLOT: FieldId = field_id(Hold::FIELDS, "slot");
const HOLDER: FieldId = field_id(Hold::FIELDS, "holder");
const EXTENSIONS: FieldId = field_id(Hold::FIELDS, "extensions");

pub(crate) const LIVE: &str = "live";

impl Hold {
    /// Does it hold its unit at this time?
    #[must_use]
    pub fn is_live(&self, now: Instant) -> bool {
        self.status == LIVE && self.until > now
    }
}

impl Rules for Hold {
    const RULED_BY: &'static [FieldId] = &[UNIT, LEAD];
    const CRUD: Crud = Crud {
        read: Action::HoldRead,
        create: Action::HoldCreate,
        update: Action::HoldExtend,
        delete: Action::HoldRelease,
        restore: Action::HoldRelease,
    };
    const MODULE: Option<Module> = Some(Module::Inventory);
    const NAMES: crate::command::Names = names!("hold");

    fn defaults(tx: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        let until = tx.now().plus_hours(spec(tx)?.hold_hours.into());
        let until = tx.cut(Value::Instant(until));
        let holder = tx.person().to_value();
        Ok(vec![(UNTIL, until), (STATUS, Value::text(LIVE)), (EXTENSIONS, Value::Int(0)), (HOLDER, holder)])
    }

    fn judge(tx: &mut Draft<'_>, before: Option<&Self>, after: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        if before.is_some() {
            return Err(by_rules_only("change of a hold"));
        }
        judge_until(tx, after.until)?;
        demand_open(tx, after.lead)?;
        tx.demand_reference(after.unit.key(), "unit")?;
        let unit = tx.rely_on(after.unit)?.ok_or_else(|| not_there(after.unit))?;
        if unit.sold {
            return Err(sold(&unit).into());
        }
        if let Some(old) = of_slot(tx, after.unit)? {
            if old.is_live(tx.now()) {
                return Err(held(tx, &old)?.into());
            }
            let permit = tx.allow(Action::HoldCreate, Some(&Arc::new(after.clone()).record()))?;
            expire(tx, &permit, &old)?;
        }
        after.slot = Some(slot(after.unit)?);
        Ok(())
    }

    fn follow(
        tx: &mut Draft<'_>,
        permit: &Permit,
        _: Option<&Self>,
        after: &Self,
        _: &Asked<'_>,
    ) -> Result<(), Halt> {
        keep_in_step(tx, permit, after.unit, Some(after.until))
    }

    fn before_delete(_: &mut Draft<'_>, _: &Permit, _: &Self) -> Result<(), Halt> {
        Err(by_rules_only("deletion of a hold"))
    }

    fn after_restore(_: &mut Draft<'_>, _: &Permit, _: &Self) -> Result<(), Halt> {
        Err(by_rules_only("hold"))
    }

    /// One whose time is over comes as what it is.
    fn findings(tx: &mut Draft<'_>, row: &mut Self) -> Result<Vec<String>, Halt> {
        row.slot = None;
        if row.status != LIVE {
            return Ok(Vec::new());
        }
        if row.is_live(tx.now()) {
            row.slot = Some(slot(row.unit)?);
            return Ok(Vec::new());
        }
        row.status = word("expired")?;
        Ok(vec!["its time is over".to_owned()])
    }
}

/// What the profile says of inventory.
pub(crate) fn spec<'s>(tx: &Draft<'s>) -> Result<&'s InventorySpec, Rule> {
    tx.section(Module::Inventory, |spec| &spec.inventory)
}

/// A hold ends some time, and not too late.
pub(super) fn judge_until(tx: &Draft<'_>, until: Instant) -> Result<(), Halt> {
    let most = spec(tx)?.hold_hours_most;
    if until > tx.now() && until <= tx.now().plus_hours(most.into()) {
        return Ok(());
    }
    let rule = format!("later than now, by at most {most} hours");
    Err(Error::field("until", Problem::out_of_range(rule)).into())
}

/// The hold that has the unit's slot. Its time may be over.
pub(crate) fn of_slot(tx: &mut Draft<'_>, unit: UnitId) -> Result<Option<Arc<Hold>>, Halt> {
    tx.holder::<Hold>(SLOT, &unit.to_string())
}

/// The unique key that the live hold of a unit has.
pub(crate) fn slot_key(unit: UnitId) -> UniqueKey {
    UniqueKey { kind: Hold::KIND, field: SLOT, value: unit.to_string().into() }
}

/// The refusal of a unit that is held: until when, and for whom only to those who may see it.
pub(super) fn held(tx: &mut Draft<'_>, hold: &Hold) -> Result<Rule, Halt> {
    let until = hold.until;
    let why = match tx.get(hold.id) {
        Ok(_) => format!("the unit is held until {until}, for lead `{}`", hold.lead),
        Err(Halt::Reject(_)) => format!("the unit is held until {until}"),
        Err(need @ Halt::Need(_)) => return Err(need),
    };
    Ok(Rule::other("unit_held", why))
}

/// Closes a hold: its unit's slot is free.
pub(super) fn close(
    tx: &mut Draft<'_>,
    permit: &Permit,
    hold: &Hold,
    status: &str,
) -> Result<Arc<Hold>, Halt> {
    let ended_at = (status != "expired").then(|| tx.now());
    let closed = Hold { status: word(status)?, slot: None, ended_at, ..hold.clone() };
    tx.put(permit, closed)
}

/// Closes a hold whose time is over, and tells others of it.
pub(super) fn expire(tx: &mut Draft<'_>, permit: &Permit, hold: &Hold) -> Result<(), Halt> {
    let closed = close(tx, permit, hold, "expired")?;
    let data = serde_json::json!({ "unit": hold.unit, "lead": hold.lead, "until": hold.until });
    tx.emit("hold.expired".to_owned(), &closed.record(), data)
}

/// Ends a hold before its time; one that is over is only noted as such. Either way its unit is free.
pub(super) fn release(tx: &mut Draft<'_>, permit: &Permit, hold: &Hold) -> Result<(), Halt> {
    if hold.is_live(tx.now()) {
        close(tx, permit, hold, "released")?;
    } else {
        expire(tx, permit, hold)?;
    }
    keep_in_step(tx, permit, hold.unit, None)
}

/// Gives free every unit that is held for a lead.
pub(crate) fn let_go(tx: &mut Draft<'_>, permit: &Permit, lead: LeadId) -> Result<(), Halt> {
    if !Module::Inventory.is_on(tx.profile().spec()) {
        return Ok(());
    }
    let holds = tx.rows::<Hold>(vec![(LEAD, lead.to_value()), (STATUS, Value::text(LIVE))])?;
    for_each(&holds, |hold| release(tx, permit, hold)).map(|_| ())
}

/// The unit tells until when it is held, so that lists can ask for it.
pub(super) fn keep_in_step(
    tx: &mut Draft<'_>,
    permit: &Permit,
    unit: UnitId,
    held_until: Option<Instant>,
) -> Result<(), Halt> {
    match tx.rely_on(unit)? {
        Some(unit) if unit.held_until != held_until => {
            tx.put(permit, Unit { held_until, ..unit.as_ref().clone() }).map(|_| ())
        }
        _ => Ok(()),
    }
}

pub(super) fn not_there(unit: UnitId) -> Error {
    Error::NotFound { resource: unit::Unit::KIND, id: unit.into() }
}

pub(super) fn slot(unit: UnitId) -> Result<Text<1, 50>, Error> {
    text(&unit.to_string())
}

//! Targets: the systems that deliveries go to, and whether they answer.
//!
//! Invariant: a breaker that is half open lets one probe through.

use std::sync::Arc;

use super::breaker::{Breaker, BreakerState};
use super::{text, word};
use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names, written_by_rules};
use crate::describe::{Entity, FieldId, Value, entity, field_id};
use crate::draft::{Draft, Halt, Permit};
use crate::profile::Module;
use crate::value::{Instant, TargetId, Text, Word};

entity! {
    /// A system that deliveries go to: its circuit breaker. There is none for one that never failed.
    Target(TargetId) = "target", TargetEdits;
    given {}
    kept {
        /// Which system: one row for each.
        name: Text<1, 100> [identity, index];
        /// How the breaker stands: `closed`, `open` or `half_open`.
        breaker: Word;
        /// How many calls failed in a row.
        failures: i64;
        /// How often the breaker's state changed.
        turn: i64;
        /// Until when it is open.
        open_until: Option<Instant>;
        /// Until when the one probe is out.
        probe_until: Option<Instant>;
    }
}

const NAME: FieldId = field_id(Target::FIELDS, "name");

impl Rules for Target {
    const CRUD: Crud = Crud {
        read: Action::DeliveryRead,
        create: Action::DeliveryWork,
        update: Action::DeliveryWork,
        delete: Action::DeliveryManage,
        restore: Action::DeliveryManage,
    };
    const MODULE: Option<Module> = Some(Module::Integrations);
    const NAMES: crate::command::Names = names!("target");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Err(by_rules_only("target"))
    }

    written_by_rules!("target");
}

impl Target {
    /// Its circuit breaker.
    #[must_use]
    pub fn circuit(&self) -> Breaker {
        let state = match self.breaker.as_str() {
            "open" => BreakerState::Open,
            "half_open" => BreakerState::HalfOpen,
            _ => BreakerState::Closed,
        };
        Breaker {
            state,
            failures: u32::try_from(self.failures).unwrap_or(u32::MAX),
            turn: u64::try_from(self.turn).unwrap_or_default(),
            open_until: self.open_until,
            probe_until: self.probe_until,
        }
    }
}

/// The breaker of a target, looked at: a call that goes through a closed one rests on nothing.
pub(super) fn look(tx: &mut Draft<'_>, name: &Word) -> Result<(Option<Arc<Target>>, Breaker), Halt> {
    let row = tx.glance::<Target>(vec![(NAME, Value::text(name.as_str()))])?.into_iter().next();
    let breaker = row.as_ref().map(|row| row.circuit()).unwrap_or_default();
    Ok((row, breaker))
}

/// Keeps a breaker that has changed. Who changed it at the same time makes the command be decided again.
pub(super) fn keep(
    tx: &mut Draft<'_>,
    permit: &Permit,
    name: &Word,
    was: Option<&Target>,
    breaker: Breaker,
) -> Result<(), Halt> {
    if was.map(Target::circuit).unwrap_or_default() == breaker {
        return Ok(());
    }
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let now = tx.now();
    let row = |id, version, created_at| -> Result<Target, Halt> {
        Ok(Target {
            id,
            version,
            name: text(name.as_str())?,
            breaker: word(breaker.state.name())?,
            failures: breaker.failures.into(),
            turn: number(breaker.turn),
            open_until: breaker.open_until,
            probe_until: breaker.probe_until,
            created_at,
            updated_at: now,
            deleted_at: None,
            deleted_by: None,
        })
    };
    match was {
        Some(was) => tx.put(permit, row(was.id, was.version, was.created_at)?)?,
        None => {
            let id = tx.next_id::<TargetId>()?;
            tx.create_told(permit, row(id, 1, now)?)?
        }
    };
    Ok(())
}

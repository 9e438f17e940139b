//! Changing a record.
//!
//! Invariant: a patch is judged as a whole, against the record that would result, and applied as a whole. A patch that
//! changes nothing writes nothing, but still needs the permission.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::create::references;
use super::{Asked, Command, Rules};
use crate::access::Action;
use crate::describe::{Edits, Entity, Given, Id, Key, Record, Value};
use crate::draft::{Draft, Halt, Permit, ReadSet};
use crate::error::Error;

/// Changes a record. What is not set stays; `None` clears.
///
/// ```
/// # use crm_core::{UpdateDeal, value::{DealId, Uuid}};
/// # let deal = DealId::from_uuid(Uuid::nil());
/// let command = UpdateDeal::of(deal).title("New roof").description(None);
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Update<E: Entity> {
    /// Which record.
    pub id: E::Id,
    /// What to change.
    #[serde(flatten)]
    pub fields: E::Edits,
}

impl<E: Entity> Update<E> {
    /// With nothing to change yet.
    #[must_use]
    pub fn of(id: E::Id) -> Self {
        Self { id, fields: E::Edits::default() }
    }
}

impl<E: Entity> fmt::Debug for Update<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Update<{}>({})", E::NAME, self.id)
    }
}

impl<E: Rules> Command for Update<E> {
    type Output = Arc<E>;

    fn name(&self) -> &'static str {
        E::NAMES.update
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn hints(&self) -> ReadSet {
        let mut want = references(self.fields.read(&[]).unwrap_or_default(), E::KIND, self.target());
        want.extend(ruled::<E>(self.id));
        want
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<E>, Halt> {
        update(tx, self.id, &self.fields)
    }
}

/// A record, and those that its rules mostly look at.
pub(crate) fn ruled<E: Rules>(id: E::Id) -> ReadSet {
    let fields = E::RULED_BY.iter();
    fields.fold(ReadSet::new().with(id), |want, field| want.with_referred(id.key(), *field))
}

/// Changes a record of any kind, by the rules of the kind.
pub(crate) fn update<E: Rules>(tx: &mut Draft<'_>, id: E::Id, edits: &E::Edits) -> Result<Arc<E>, Halt> {
    let given = tx.given::<E>(edits)?;
    let before = tx.get(id)?;
    let permit = permit_for(tx, &before, &given)?;
    change(tx, &permit, &before, &given)
}

/// Each field that was sent needs its action on the record as it is, whatever its value.
fn permit_for<E: Rules>(tx: &mut Draft<'_>, before: &Arc<E>, given: &[Given]) -> Result<Permit, Halt> {
    allow_all(tx, &Arc::clone(before).record(), given, E::action_for)
}

fn allow_all(
    tx: &mut Draft<'_>,
    record: &Record,
    given: &[Given],
    action_for: fn(&str) -> Action,
) -> Result<Permit, Halt> {
    let named = given.iter().filter_map(|given| record.kind().describe(given.field));
    let mut needed: BTreeSet<_> = named.map(|field| action_for(field.name)).collect();
    let first = needed.pop_first().unwrap_or(record.kind().crud().update);
    let permit = tx.allow(first, Some(record))?;
    for action in needed {
        tx.allow(action, Some(record))?;
    }
    Ok(permit)
}

/// Changes a record for which permission was given.
fn change<E: Rules>(
    tx: &mut Draft<'_>,
    permit: &Permit,
    before: &Arc<E>,
    given: &[Given],
) -> Result<Arc<E>, Halt> {
    let asked = Asked(given);
    let mut after = patched::<E>(before, given)?;
    E::judge(tx, Some(before), &mut after, &asked)?;
    if after == **before {
        return Ok(Arc::clone(before));
    }
    let after = tx.put(permit, after)?;
    E::follow(tx, permit, Some(before), &after, &asked)?;
    Ok(after)
}

pub(crate) fn patched<E: Entity>(before: &Arc<E>, given: &[Given]) -> Result<E, Halt> {
    let values = patched_values(&Arc::clone(before).record(), given);
    let key = before.id().key();
    E::from_values(key.id, before.version(), &values).map_err(|damage| Error::Damaged { key, damage }.into())
}

fn patched_values(before: &Record, given: &[Given]) -> Vec<Value> {
    let mut values = before.values();
    for Given { field, value } in given {
        if let Some(slot) = values.get_mut(usize::from(field.0)) {
            *slot = value.clone();
        }
    }
    values
}

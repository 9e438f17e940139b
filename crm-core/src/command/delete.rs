//! Deleting a record: a tombstone, with all that falls with it.
//!
//! Invariant: after a deletion nothing live points at the record, except where an entity's rules say otherwise.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Command, Rules};
use crate::describe::{Entity, Id, Key, Kind};
use crate::draft::{Draft, Halt};
use crate::error::Rule;

/// Deletes a record. It can be brought back by [`Restore`](super::Restore).
#[derive(Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Delete<E: Entity> {
    /// Which record.
    pub id: E::Id,
}

impl<E: Entity> Delete<E> {
    /// Of this record.
    #[must_use]
    pub fn of(id: E::Id) -> Self {
        Self { id }
    }
}

impl<E: Entity> fmt::Debug for Delete<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Delete<{}>({})", E::NAME, self.id)
    }
}

impl<E: Rules> Command for Delete<E> {
    type Output = Arc<E>;

    fn name(&self) -> &'static str {
        E::NAMES.delete
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<E>, Halt> {
        let row = tx.get(self.id)?;
        let permit = tx.allow(E::CRUD.delete, Some(&Arc::clone(&row).record()))?;
        delete(tx, &permit, &row)
    }
}

/// Deletes a record for which permission was given.
pub(crate) fn delete<E: Rules>(
    tx: &mut Draft<'_>,
    permit: &crate::draft::Permit,
    row: &Arc<E>,
) -> Result<Arc<E>, Halt> {
    E::before_delete(tx, permit, row)?;
    tx.delete(permit, row.as_ref())
}

/// Refuses to delete what others point at that cannot be without it.
pub(crate) fn refuse_dependents(subject: Kind, dependents: Kind, count: usize) -> Result<(), Rule> {
    match u64::try_from(count).unwrap_or(u64::MAX) {
        0 => Ok(()),
        count => Err(Rule::HasDependents { subject, dependents, count }),
    }
}

//! Bringing a deleted record back, with all that fell with it.
//!
//! Invariant: a restored record obeys the uniqueness of today, and points at live records only.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Command, Rules};
use crate::describe::{Entity, Id, Key};
use crate::draft::{Draft, Halt};

/// Brings a deleted record back.
#[derive(Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Restore<E: Entity> {
    /// Which record.
    pub id: E::Id,
}

impl<E: Entity> Restore<E> {
    /// Of this record.
    #[must_use]
    pub fn of(id: E::Id) -> Self {
        Self { id }
    }
}

impl<E: Entity> fmt::Debug for Restore<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Restore<{}>({})", E::NAME, self.id)
    }
}

impl<E: Rules> Command for Restore<E> {
    type Output = Arc<E>;

    fn name(&self) -> &'static str {
        E::NAMES.restore
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<E>, Halt> {
        let was = tx.get_deleted(self.id)?;
        let permit = tx.allow(E::CRUD.restore, Some(&Arc::clone(&was).record()))?;
        let back = tx.restore(&permit, was.as_ref())?;
        E::after_restore(tx, &permit, &was)?;
        Ok(back)
    }
}

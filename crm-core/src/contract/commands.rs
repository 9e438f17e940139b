//! Signing a draft. It names a change, and the common update judges it.
//!
//! Invariant: only a draft is signed, and only once.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::life::{Status, no_way};
use super::{Contract, ContractEdits};
use crate::access::Action;
use crate::command::{Command, ruled, update};
use crate::describe::{Entity, Id, Key};
use crate::draft::{Draft, Halt, ReadSet};
use crate::value::{ContractId, Patch};

/// Signs a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignContract {
    /// Which contract.
    pub id: ContractId,
}

impl SignContract {
    /// Of this contract.
    #[must_use]
    pub fn of(id: ContractId) -> Self {
        Self { id }
    }
}

impl Command for SignContract {
    type Output = Arc<Contract>;

    fn name(&self) -> &'static str {
        "sign_contract"
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn hints(&self) -> ReadSet {
        ruled::<Contract>(self.id)
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<Contract>, Halt> {
        let contract = tx.get(self.id)?;
        tx.allow(Action::ContractIssue, Some(&Arc::clone(&contract).record()))?;
        let signed = Status::Signed.word()?;
        if Status::of(&contract) != Some(Status::Draft) {
            return Err(no_way(&contract, &signed));
        }
        let status = Patch::Set(signed.to_string());
        update::<Contract>(tx, self.id, &ContractEdits { status, ..ContractEdits::default() })
    }
}

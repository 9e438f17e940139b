//! Reading what is due to others on a contract.
//!
//! Invariant: fees are counted anew from the contract each time; nothing of them is stored.

use super::Session;
use crate::describe::Id;
use crate::error::Error;
use crate::payment::{Fee, fees_of};
use crate::value::ContractId;

impl Session<'_> {
    /// The fees on a contract: each with the amount of which it is a share, and what it comes to.
    ///
    /// # Errors
    /// There is no such contract that the actor may see, or the store failed.
    pub async fn fees(&self, contract: ContractId) -> Result<Vec<Fee>, Error> {
        self.read(contract.key().into(), |tx| fees_of(tx, contract)).await
    }
}

//! Finding our record of what another system names.
//!
//! Invariant: who may not see references finds none.

use std::sync::Arc;

use super::Session;
use crate::access::Action;
use crate::draft::ReadSet;
use crate::error::Error;
use crate::integration::{Reference, find};
use crate::value::Word;

impl Session<'_> {
    /// What a system's id is here, if it is known.
    ///
    /// # Errors
    /// The actor may not read references, or the store failed.
    pub async fn referred(
        &self,
        system: &Word,
        kind: &Word,
        external_id: &str,
    ) -> Result<Option<Arc<Reference>>, Error> {
        self.read(ReadSet::new(), |tx| {
            tx.allow(Action::ReferenceRead, None)?;
            find(tx, system, kind.as_str(), external_id)
        })
        .await
    }
}

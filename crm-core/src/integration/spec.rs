//! What a profile says of other systems.
//!
//! Invariant: what passes the check leaves no question open.

use serde::{Deserialize, Serialize};

use crate::profile::Faults;
use crate::value::Word;

/// What a profile says of other systems.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntegrationsSpec {
    /// The systems that tell us something, or are told.
    pub systems: Vec<Word>,
}

impl IntegrationsSpec {
    pub(crate) fn check(&self, faults: &mut Faults) {
        faults.no_duplicates("integrations.systems", &self.systems);
    }
}

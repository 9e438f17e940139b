//! What a profile says of campaigns.
//!
//! Invariant: what passes the check leaves no question open.

use serde::{Deserialize, Serialize};

use crate::profile::Faults;
use crate::value::Word;

/// What a profile says of campaigns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketingSpec {
    /// Where campaigns run.
    pub platforms: Vec<Word>,
    /// How a campaign can stand; the first is where one starts.
    pub statuses: Vec<Word>,
}

impl MarketingSpec {
    pub(crate) fn check(&self, faults: &mut Faults) {
        faults.no_duplicates("marketing.platforms", &self.platforms);
        faults.no_duplicates("marketing.statuses", &self.statuses);
    }
}

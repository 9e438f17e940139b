//! What a profile says of leads.
//!
//! Invariant: what passes the check leaves no question open.

use serde::{Deserialize, Serialize};

use crate::profile::{Faults, MachineSpec, Meaning};
use crate::value::Word;

/// What a profile says of leads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeadsSpec {
    /// The stages, and the ways between them.
    pub stages: MachineSpec<LeadStage>,
    /// How promising a lead can be, from least to most.
    #[serde(default)]
    pub ratings: Vec<Word>,
    /// The rating of a lead that names none.
    #[serde(default)]
    pub rating: Option<Word>,
    /// Where leads can come from.
    #[serde(default)]
    pub sources: Vec<Word>,
    /// The source of a lead that names none.
    #[serde(default)]
    pub source: Option<Word>,
}

/// What a lead's stage means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadStage {
    /// It came in, and nobody has worked on it.
    New,
    /// It is worked on.
    Open,
    /// It is put aside, and not over.
    Parked,
    /// It became a customer.
    Won,
    /// It will not.
    Lost,
}

impl Meaning for LeadStage {
    fn is_end(self) -> bool {
        matches!(self, Self::Won | Self::Lost)
    }
}

impl LeadsSpec {
    pub(crate) fn check(&self, faults: &mut Faults) {
        self.stages.check("leads.stages", faults);
        for (place, words) in [("leads.ratings", &self.ratings), ("leads.sources", &self.sources)] {
            if !words.is_empty() {
                faults.no_duplicates(place, words);
            }
        }
        for (place, word, words) in
            [("leads.rating", &self.rating, &self.ratings), ("leads.source", &self.source, &self.sources)]
        {
            if let Some(word) = word.as_ref().filter(|word| !words.contains(word)) {
                faults.unknown(place, word.as_str(), words);
            }
        }
    }
}

//! What a profile says of notifications.
//!
//! Invariant: what passes the check leaves no question open.

use serde::{Deserialize, Serialize};

use crate::profile::Faults;
use crate::value::Word;

/// What a profile says of notifications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotificationsSpec {
    /// By which channels somebody can be told.
    pub channels: Vec<Word>,
    /// How often a send is tried.
    pub attempts: u32,
}

impl NotificationsSpec {
    pub(crate) fn check(&self, faults: &mut Faults) {
        faults.no_duplicates("notifications.channels", &self.channels);
        faults.demand("notifications.attempts", self.attempts > 0, "a number of 1 or more");
    }
}

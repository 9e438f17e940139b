//! What a profile says of attendance.
//!
//! Invariant: what passes the check leaves no question open.

use serde::{Deserialize, Serialize};

use crate::profile::Faults;
use crate::value::Word;

/// What a profile says of attendance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttendanceSpec {
    /// What kinds of day there are; the first is where one starts.
    pub statuses: Vec<Word>,
}

impl AttendanceSpec {
    pub(crate) fn check(&self, faults: &mut Faults) {
        faults.no_duplicates("attendance.statuses", &self.statuses);
    }
}

//! What a profile says of attendance.
//!
//! Invariant: what passes the check leaves no question open.

use serde::{Deserialize, Serialize};

use super::calendar::{WorkingDays, WorkingTime};
use crate::profile::Faults;
use crate::value::Word;

/// What a profile says of attendance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttendanceSpec {
    /// What kinds of day there are; the first is where one starts: a day at work.
    pub statuses: Vec<Word>,
    /// The hours of a member who names none.
    #[serde(default)]
    pub working_time: WorkingTime,
    /// The days of the week of a member who names none; a set flag is a working day.
    #[serde(default)]
    pub working_days: WorkingDays,
}

impl AttendanceSpec {
    pub(crate) fn check(&self, faults: &mut Faults) {
        faults.no_duplicates("attendance.statuses", &self.statuses);
    }
}

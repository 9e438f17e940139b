//! Callbacks: tasks on a lead.
//!
//! Invariant: how a callback stands follows from the task and the time, and from nothing that has to be stored in time.

use serde::{Deserialize, Serialize};

use super::Task;
use crate::profile::{MachineSpec, TaskStatus};
use crate::value::{Deadline, Instant, Zone};

/// How a callback stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackState {
    /// It is for later, or for no day in particular.
    Planned,
    /// It is for today, and its time is not over.
    Due,
    /// Its time is over, and nobody called.
    Missed,
    /// Somebody called.
    Done,
    /// It was given up.
    Cancelled,
}

impl Task {
    /// How a callback stands at a time, with the days of a zone. A reminder changes nothing about it.
    ///
    /// `None` for a task that belongs to no lead.
    #[must_use]
    pub fn callback_state(
        &self,
        now: Instant,
        zone: Zone,
        machine: &MachineSpec<TaskStatus>,
    ) -> Option<CallbackState> {
        self.lead?;
        match machine.meaning(&self.status) {
            Some(TaskStatus::Done) => return Some(CallbackState::Done),
            Some(TaskStatus::Cancelled) => return Some(CallbackState::Cancelled),
            Some(TaskStatus::Open) | None => {}
        }
        let tomorrow = zone.date_of(now).plus_days(1);
        Some(match self.deadline() {
            Some(deadline) if deadline.is_overdue(now, zone) => CallbackState::Missed,
            Some(deadline) if Deadline::is_before_day(deadline, tomorrow, zone) => CallbackState::Due,
            _ => CallbackState::Planned,
        })
    }
}

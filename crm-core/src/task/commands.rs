//! The verbs of a task. Each names a change, and the common update judges it.
//!
//! Invariant: finishing a task that is done changes nothing, and neither does opening one that is open.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Task, TaskEdits, is_done};
use crate::command::{Command, update};
use crate::describe::{Id, Key};
use crate::draft::{Draft, Halt};
use crate::error::Rule;
use crate::profile::TaskStatus;
use crate::value::{Patch, TaskId};

/// Finishes a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompleteTask {
    /// Which task.
    pub id: TaskId,
}

/// Opens a task again that was done or cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReopenTask {
    /// Which task.
    pub id: TaskId,
}

impl CompleteTask {
    /// Of this task.
    #[must_use]
    pub fn of(id: TaskId) -> Self {
        Self { id }
    }
}

impl Command for CompleteTask {
    type Output = Arc<Task>;

    fn name(&self) -> &'static str {
        "complete_task"
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<Task>, Halt> {
        let task = tx.get(self.id)?;
        let state = tx.profile().spec().tasks.status.first_of(TaskStatus::Done);
        let done = state.ok_or_else(|| Rule::other("no_such_status", "tasks cannot be done here"))?;
        let status = if is_done(tx, &task) { task.status.to_string() } else { done.name.to_string() };
        move_to(tx, self.id, status)
    }
}

impl ReopenTask {
    /// Of this task.
    #[must_use]
    pub fn of(id: TaskId) -> Self {
        Self { id }
    }
}

impl Command for ReopenTask {
    type Output = Arc<Task>;

    fn name(&self) -> &'static str {
        "reopen_task"
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<Task>, Halt> {
        let task = tx.get(self.id)?;
        let machine = &tx.profile().spec().tasks.status;
        let is_open = machine.meaning(&task.status) == Some(TaskStatus::Open);
        let status = if is_open { &task.status } else { &machine.initial };
        move_to(tx, self.id, status.to_string())
    }
}

fn move_to(tx: &mut Draft<'_>, id: TaskId, status: String) -> Result<Arc<Task>, Halt> {
    update::<Task>(tx, id, &TaskEdits { status: Patch::Set(status), ..TaskEdits::default() })
}

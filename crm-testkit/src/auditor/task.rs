//! Tasks and entries of timelines.
//!
//! Invariant: a task stays with its deal, and an entry is never changed.

use crm_core::describe::{Kind, Value};
use crm_core::profile::{TaskStatus, Writer};
use crm_core::value::Zone;

use super::machine::{Move, lacks, way};
use super::scene::{Codes, Judged, Scene, refuse, unless};
use super::shape::Given;
use super::world::Row;

impl Scene<'_> {
    pub(super) fn task_defaults(&self, row: &mut Row) {
        let tasks = &self.spec.tasks;
        let priority = tasks.priority.as_ref().map_or(Value::Null, |word| Value::text(word.as_str()));
        row.set("status", Value::text(tasks.status.initial.as_str()));
        row.set("priority", priority);
        row.set("assignee", self.me_in(Kind::Task, "assignee"));
    }

    /// What a task's status means.
    pub(super) fn task_means(&self, row: &Row) -> Option<TaskStatus> {
        let states = &self.spec.tasks.status.states;
        states.iter().find(|state| Some(state.name.as_str()) == row.text("status")).map(|state| state.kind)
    }

    pub(super) fn judge_task(&mut self, before: Option<&Row>, after: &mut Row, given: &Given) -> Judged<()> {
        let mut broken = Codes::new();
        let machine = &self.spec.tasks.status;
        let from = before.map_or_else(|| machine.initial.as_str(), |row| row.text("status").unwrap_or(""));
        let to = after.text("status").unwrap_or_default().to_owned();
        let asked = before.is_some() && given.contains_key("status") || from != to;
        match way(machine, from, &to) {
            _ if !asked => {}
            Move::Stays => {}
            Move::No => drop(broken.insert("invalid_transition")),
            Move::Goes => {
                let state = machine.states.iter().find(|state| state.name.as_str() == to);
                if state.is_some_and(|state| lacks(&state.requires, after)) {
                    broken.insert("requirements_unmet");
                }
                if self.task_means(after) != Some(TaskStatus::Done) {
                    after.set("completed_at", Value::Null);
                } else if !after.has("completed_at") {
                    after.set("completed_at", Value::Instant(self.now));
                }
            }
        }
        let stays = before.is_none_or(|row| !row.has("deal") || row.get("deal") == after.get("deal"));
        if !stays || self.is_due_wrongly(before, after) {
            broken.insert("invalid");
        }
        unless(broken)
    }

    /// A task is due on a day or at a time, and a deadline is not set into the past.
    fn is_due_wrongly(&self, before: Option<&Row>, after: &Row) -> bool {
        if after.has("due_date") && after.has("due_at") {
            return true;
        }
        let due = |row: &Row| (row.get("due_date").clone(), row.get("due_at").clone());
        let changed = before.is_none_or(|row| due(row) != due(after));
        if !changed || self.task_means(after) == Some(TaskStatus::Done) {
            return false;
        }
        let home = self.row(self.home);
        let zone = home.and_then(|home| home.text("time_zone")).and_then(|name| Zone::parse(name).ok());
        let zone = zone.unwrap_or(self.spec.time_zone);
        let today = zone.date_of(self.now);
        match due(after) {
            (_, Value::Instant(at)) => zone.date_of(at) < today,
            (Value::Date(day), _) => day < today,
            _ => false,
        }
    }

    pub(super) fn judge_entry(&mut self, before: Option<&Row>, after: &mut Row, given: &Given) -> Judged<()> {
        if before.is_some() {
            return refuse("immutable");
        }
        let kinds = &self.spec.activities.kinds;
        let kind = kinds.iter().find(|kind| Some(kind.name.as_str()) == after.text("kind"));
        let Some(kind) = kind.filter(|kind| kind.written_by == Writer::Caller) else {
            return refuse("invalid");
        };
        let lacks = kind.requires.iter().any(|field| given.get(field.as_str()).is_none_or(Value::is_null));
        if lacks || !after.has("deal") && !after.has("contact") {
            return refuse("invalid");
        }
        if !kind.payload.is_empty() {
            after.fields.remove("payload");
        }
        Ok(())
    }
}

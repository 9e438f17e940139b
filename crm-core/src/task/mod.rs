//! Tasks: what somebody is to do, on a deal, a contact, or neither.
//!
//! Invariant: a task's status moves only by the profile's machine, and `completed_at` says when it was first done.

mod callback;
mod commands;

use std::sync::Arc;

use serde_json::json;

use crate::access::{Action, Crud};
use crate::activity;
use crate::command::{Asked, Rules, names};
use crate::describe::{Entity, FieldId, FieldType, Kind, Value, entity, field_id};
use crate::draft::{Draft, Halt, Permit};
use crate::error::{Error, FieldProblem};
use crate::lead;
use crate::profile::{TaskStatus, Trigger, demand};
use crate::value::{
    ContactId, Date, Deadline, DealId, Instant, LeadId, Line, Problem, Prose, TaskId, UserId, Word, Zone,
};

pub use self::callback::CallbackState;
pub use self::commands::{CompleteTask, ReopenTask};

entity! {
    /// Something to do.
    Task(TaskId) = "task", TaskEdits;
    given {
        /// What is to be done.
        title: Line [search, sort];
        /// More about it.
        description: Option<Prose> [search];
        /// The deal it belongs to.
        deal: Option<DealId>;
        /// The contact it is about.
        contact: Option<ContactId>;
        /// The lead it is about.
        lead: Option<LeadId>;
        /// Who is to do it.
        assignee: Option<UserId>;
        /// How it stands: a state of the profile's machine.
        status: Word [index];
        /// How urgent it is: one of the profile's priorities.
        priority: Option<Word> [index];
        /// Until when: a day.
        due_date: Option<Date> [sort];
        /// Until when: a point in time.
        due_at: Option<Instant> [sort];
    }
    kept {
        /// When it was first done; empty while it is not.
        completed_at: Option<Instant> [sort];
    }
}

pub(crate) const DEAL: FieldId = field_id(Task::FIELDS, "deal");
pub(crate) const CONTACT: FieldId = field_id(Task::FIELDS, "contact");
pub(crate) const LEAD: FieldId = field_id(Task::FIELDS, "lead");
pub(crate) const ASSIGNEE: FieldId = field_id(Task::FIELDS, "assignee");
pub(crate) const STATUS: FieldId = field_id(Task::FIELDS, "status");
pub(crate) const PRIORITY: FieldId = field_id(Task::FIELDS, "priority");
pub(crate) const DUE_DATE: FieldId = field_id(Task::FIELDS, "due_date");
pub(crate) const DUE_AT: FieldId = field_id(Task::FIELDS, "due_at");

impl Task {
    /// Until when it is to be done, if that was said.
    #[must_use]
    pub fn deadline(&self) -> Option<Deadline> {
        Deadline::of(self.due_date, self.due_at)
    }
}

impl Rules for Task {
    const RULED_BY: &'static [FieldId] = &[DEAL, CONTACT, LEAD];
    const CRUD: Crud = Crud {
        read: Action::TaskRead,
        create: Action::TaskCreate,
        update: Action::TaskUpdate,
        delete: Action::TaskDelete,
        restore: Action::TaskRestore,
    };
    const NAMES: crate::command::Names = names!("task");

    fn action_for(field: &str) -> Action {
        if field == "assignee" { Action::TaskReassign } else { Action::TaskUpdate }
    }

    fn defaults(tx: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        let spec = &tx.profile().spec().tasks;
        let mut defaults =
            vec![(STATUS, spec.status.initial.to_value()), (PRIORITY, spec.priority.to_value())];
        if let Some(me) = tx.person().filter(|_| tx.profile().uses(Kind::Task, ASSIGNEE)) {
            defaults.push((ASSIGNEE, me.to_value()));
        }
        Ok(defaults)
    }

    fn judge(
        tx: &mut Draft<'_>,
        before: Option<&Self>,
        after: &mut Self,
        asked: &Asked<'_>,
    ) -> Result<(), Halt> {
        judge_status(tx, before, after, asked)?;
        judge_parents(before, after)?;
        judge_deadline(tx, before, after, asked)
    }

    fn follow(
        tx: &mut Draft<'_>,
        permit: &Permit,
        before: Option<&Self>,
        after: &Self,
        _: &Asked<'_>,
    ) -> Result<(), Halt> {
        let trigger = match before {
            None => Some(Trigger::TaskCreated),
            Some(before) => match (is_done(tx, before), is_done(tx, after)) {
                (false, true) => Some(Trigger::TaskCompleted),
                (true, false) => Some(Trigger::TaskReopened),
                _ => None,
            },
        };
        if let Some(trigger) = trigger {
            activity::write_triggered(tx, permit, trigger, after, &facts(after))?;
        }
        follow_callback(tx, permit, before, Some(after))
    }

    fn before_delete(tx: &mut Draft<'_>, permit: &Permit, row: &Self) -> Result<(), Halt> {
        activity::write_triggered(tx, permit, Trigger::TaskDeleted, row, &facts(row))?;
        follow_callback(tx, permit, Some(row), None)
    }

    fn after_restore(tx: &mut Draft<'_>, permit: &Permit, was: &Self) -> Result<(), Halt> {
        follow_callback(tx, permit, None, Some(was))
    }

    fn findings(tx: &mut Draft<'_>, row: &mut Self) -> Result<Vec<String>, Halt> {
        let (today, zone) = (tx.today()?, tx.organization()?.time_zone);
        let past =
            !is_done(tx, row) && row.deadline().is_some_and(|deadline| deadline.is_before_day(today, zone));
        Ok(past.then(|| "its due date is in the past".to_owned()).into_iter().collect())
    }
}

fn is_open(tx: &Draft<'_>, task: &Task) -> bool {
    tx.profile().spec().tasks.status.meaning(&task.status) == Some(TaskStatus::Open)
}

fn is_done(tx: &Draft<'_>, task: &Task) -> bool {
    tx.profile().spec().tasks.status.meaning(&task.status) == Some(TaskStatus::Done)
}

/// A callback that is planned moves its lead, one that was made is work on it, and the lead tells when it is called next.
fn follow_callback(
    tx: &mut Draft<'_>,
    permit: &Permit,
    before: Option<&Task>,
    after: Option<&Task>,
) -> Result<(), Halt> {
    let Some((lead, task)) = after.or(before).and_then(|task| Some((task.lead?, task.id))) else {
        return Ok(());
    };
    let zone = tx.organization()?.time_zone;
    let open = |task: &&Task| task.lead == Some(lead) && is_open(tx, task);
    let (planned, plans) = (before.filter(open), after.filter(open));
    let change = lead::CallbackChange {
        task,
        planned: plans.is_some() && planned.is_none(),
        made: planned.is_some() && after.is_some_and(|after| is_done(tx, after)),
        was: planned.and_then(|task| time_of(task, zone)),
        is: plans.and_then(|task| time_of(task, zone)),
    };
    lead::callback_changed(tx, permit, lead, change)
}

/// From when on a callback can be made.
fn time_of(task: &Task, zone: Zone) -> Option<Instant> {
    task.deadline().map(|deadline| match deadline {
        Deadline::On(day) => zone.start_of(day),
        Deadline::At(time) => time,
    })
}

/// The times of the callbacks of a lead that are still to come, but for one.
pub(crate) fn callbacks_to_come(tx: &mut Draft<'_>, lead: LeadId, but: TaskId) -> Result<Vec<Instant>, Halt> {
    let zone = tx.organization()?.time_zone;
    let tasks = tx.rows::<Task>(vec![(LEAD, lead.to_value())])?;
    let open = tasks.iter().filter(|task| task.id != but && is_open(tx, task));
    let now = tx.now();
    Ok(open.filter_map(|task| time_of(task, zone)).filter(|time| *time >= now).collect())
}

fn facts(task: &Task) -> [(&'static str, serde_json::Value); 3] {
    let due = task.due_date.map(|day| day.to_string()).or_else(|| task.due_at.map(|at| at.to_string()));
    [("task_id", json!(task.id)), ("task_title", json!(task.title)), ("due_date", json!(due))]
}

fn judge_status(
    tx: &Draft<'_>,
    before: Option<&Task>,
    after: &mut Task,
    asked: &Asked<'_>,
) -> Result<(), Halt> {
    let machine = &tx.profile().spec().tasks.status;
    let from = before.map_or(&machine.initial, |before| &before.status);
    let asked = before.is_some() && asked.has(STATUS) || *from != after.status;
    if !asked || !machine.judge(Kind::Task, from, &after.status)? {
        return Ok(());
    }
    if let Some(state) = machine.state(&after.status) {
        demand(&state.name, &state.requires, &Arc::new(after.clone()).record())?;
    }
    let done = is_done(tx, after);
    after.completed_at = if done { after.completed_at.or(Some(tx.now())) } else { None };
    Ok(())
}

/// A task stays with the deal or the lead it was made for: its owner and its timeline hang on it.
fn judge_parents(before: Option<&Task>, after: &Task) -> Result<(), Error> {
    let Some(before) = before else { return Ok(()) };
    if before.deal.is_some() && before.deal != after.deal {
        return Err(Error::field("deal", Problem::forbidden("a task stays with its deal")));
    }
    if before.lead.is_some() && before.lead != after.lead {
        return Err(Error::field("lead", Problem::forbidden("a task stays with its lead")));
    }
    Ok(())
}

/// A due date is not set into the past. One that is left alone may be there.
fn judge_deadline(
    tx: &mut Draft<'_>,
    before: Option<&Task>,
    after: &Task,
    asked: &Asked<'_>,
) -> Result<(), Halt> {
    if after.due_date.is_some() && after.due_at.is_some() {
        let both = Problem::forbidden("a task is due on a day or at a time, not both");
        return Err(Error::Invalid(vec![FieldProblem::new("due_at", both)]).into());
    }
    let changed = before.is_none_or(|before| before.deadline() != after.deadline());
    let field = if asked.has(DUE_AT) { "due_at" } else { "due_date" };
    let Some(deadline) = after.deadline().filter(|_| changed && !is_done(tx, after)) else { return Ok(()) };
    let (today, zone) = (tx.today()?, tx.organization()?.time_zone);
    if deadline.is_before_day(today, zone) {
        return Err(Error::field(field, Problem::out_of_range(format!("{today} or later"))).into());
    }
    Ok(())
}

//! Status machines: where a record can go, what a place demands, and the moves that verbs name.
//!
//! Invariant: a move that no `to` list names is no move, unless the machine is free.

use crm_core::describe::{Key, Value};
use crm_core::profile::{DealStatus, MachineSpec, Requirement, Same, TaskStatus};
use crm_core::value::Word;

use super::scene::{Judged, Scene, refuse};
use super::shape::Given;
use super::world::Row;

/// What becomes of a wish to be in a state.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    /// It is there already, and that is fine.
    Stays,
    /// It goes there.
    Goes,
    /// There is no such way.
    No,
}

/// Can a record go from one state of a machine to another?
pub(super) fn way<M>(machine: &MachineSpec<M>, from: &str, to: &str) -> Move {
    if from == to && machine.same == Same::NoOp {
        return Move::Stays;
    }
    let listed = |word: &Word| word.as_str() == to;
    let here = machine.states.iter().find(|state| state.name.as_str() == from);
    let open = here.is_some_and(|state| state.to.iter().any(listed));
    let any = machine.free && from != to && machine.states.iter().any(|state| listed(&state.name));
    let goes = if machine.free { any } else { open };
    if goes { Move::Goes } else { Move::No }
}

/// Is something missing that a place demands?
pub(super) fn lacks(requires: &[Requirement], row: &Row) -> bool {
    !requires.iter().all(|requirement| match requirement {
        Requirement::Present(field) => row.has(field),
        Requirement::Positive(field) => match row.get(field) {
            Value::Decimal(amount) => amount.is_sign_positive() && !amount.is_zero(),
            Value::Int(number) => *number > 0,
            _ => false,
        },
    })
}

impl Scene<'_> {
    /// The change that a verb names: the fields that it sets.
    pub(super) fn deal_verb(&self, command: &str, key: Key) -> Judged<Given> {
        let states = &self.spec.deals.status.states;
        let first =
            |kind: DealStatus| states.iter().find(|state| state.kind == kind).map(|state| &state.name);
        let name = match command {
            "win_deal" => first(DealStatus::Won),
            "lose_deal" => first(DealStatus::Lost),
            "archive_deal" => first(DealStatus::Archived),
            _ => {
                let deal = self.find(key)?;
                let from = deal.text("status").unwrap_or_default();
                let machine = &self.spec.deals.status;
                let here = machine.states.iter().find(|state| state.name.as_str() == from);
                let listed = here.map(|state| state.to.as_slice()).unwrap_or_default();
                let open = |name: &&Word| {
                    states.iter().any(|state| state.name == **name && state.kind == DealStatus::Open)
                };
                let mut any = states.iter().map(|state| &state.name).filter(|name| name.as_str() != from);
                // The first open one that it can reach, also where it is open now.
                let reached = if machine.free { any.find(open) } else { listed.iter().find(open) };
                reached.or_else(|| first(DealStatus::Open))
            }
        };
        match name {
            Some(name) => Ok(Given::from([("status", Value::text(name.as_str()))])),
            None => refuse("no_such_status"),
        }
    }

    /// The change that a verb names.
    pub(super) fn task_verb(&self, command: &str, task: &Row) -> Judged<Given> {
        let machine = &self.spec.tasks.status;
        let here = task.text("status").unwrap_or_default();
        let means = self.task_means(task);
        let done = machine.states.iter().find(|state| state.kind == TaskStatus::Done);
        let status = match (command, done) {
            ("complete_task", None) => return refuse("no_such_status"),
            ("complete_task", Some(_)) if means == Some(TaskStatus::Done) => here,
            ("complete_task", Some(done)) => done.name.as_str(),
            _ if means == Some(TaskStatus::Open) => here,
            _ => machine.initial.as_str(),
        };
        Ok(Given::from([("status", Value::text(status))]))
    }
}

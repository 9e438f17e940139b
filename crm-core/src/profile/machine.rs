//! A status machine as data: states with a meaning, the moves between them, and what each state demands.
//!
//! Deals and tasks use the same machine with different meanings.
//!
//! Invariant: a checked machine has a way from its initial state to every state, and from every state to an end.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::fault::{Fault, Faults};
use super::spec::{DealStatus, TaskStatus};
use crate::describe::{Kind, Record, Value};
use crate::error::Rule;
use crate::value::Word;

/// A status machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MachineSpec<M> {
    /// The states, in the order in which they are shown.
    pub states: Vec<State<M>>,
    /// Where a record starts.
    pub initial: Word,
    /// What happens when a record is moved to the state it is in.
    #[serde(default)]
    pub same: Same,
    /// May a record move from any state to any other?
    #[serde(default)]
    pub free: bool,
}

/// A state of a machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State<M> {
    /// Its name.
    pub name: Word,
    /// What it means.
    pub kind: M,
    /// Where a record can go from here.
    #[serde(default)]
    pub to: Vec<Word>,
    /// What a record must have on entry, and keep while it is here.
    #[serde(default)]
    pub requires: Vec<Requirement>,
}

/// What happens when a record is moved to the state it is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Same {
    /// Nothing.
    #[default]
    NoOp,
    /// It is refused like any other move that is not in the table.
    Refuse,
}

/// Something that a record must have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// This field must not be empty.
    Present(String),
    /// This number must be greater than zero.
    Positive(String),
}

impl Requirement {
    /// The field it is about.
    #[must_use]
    pub fn field(&self) -> &str {
        match self {
            Self::Present(field) | Self::Positive(field) => field,
        }
    }

    /// Is it met?
    #[must_use]
    pub fn is_met(&self, record: &Record) -> bool {
        let Some((at, _)) = record.kind().field(self.field()) else { return false };
        match (self, record.value(at)) {
            (_, Value::Null) => false,
            (Self::Present(_), _) => true,
            (Self::Positive(_), Value::Decimal(amount)) => amount > rust_decimal::Decimal::ZERO,
            (Self::Positive(_), Value::Int(number)) => number > 0,
            (Self::Positive(_), _) => false,
        }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present(field) => write!(out, "{field}"),
            Self::Positive(field) => write!(out, "{field} > 0"),
        }
    }
}

/// All that is not met, for a place that demands it.
pub(crate) fn demand(place: &Word, requires: &[Requirement], record: &Record) -> Result<(), Rule> {
    let unmet: Vec<_> = requires.iter().filter(|each| !each.is_met(record)).cloned().collect();
    if unmet.is_empty() { Ok(()) } else { Err(Rule::Requirements { place: place.clone(), unmet }) }
}

/// What a state means: at least, whether it is an end.
pub trait Meaning: Copy + PartialEq + fmt::Debug {
    /// Is a record that is here over?
    fn is_end(self) -> bool;
}

impl Meaning for DealStatus {
    fn is_end(self) -> bool {
        matches!(self, Self::Won | Self::Lost | Self::Archived)
    }
}

impl Meaning for TaskStatus {
    fn is_end(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled)
    }
}

impl<M: Meaning> MachineSpec<M> {
    /// The names of the states, in their order.
    #[must_use]
    pub fn names(&self) -> Vec<Word> {
        self.states.iter().map(|state| state.name.clone()).collect()
    }

    /// The state of this name.
    #[must_use]
    pub fn state(&self, name: &Word) -> Option<&State<M>> {
        self.states.iter().find(|state| state.name == *name)
    }

    /// The first state with this meaning.
    #[must_use]
    pub fn first_of(&self, kind: M) -> Option<&State<M>> {
        self.states.iter().find(|state| state.kind == kind)
    }

    /// What a name means; `None` for a name that the machine does not have.
    #[must_use]
    pub fn meaning(&self, name: &Word) -> Option<M> {
        self.state(name).map(|state| state.kind)
    }

    /// Where a record can go from here.
    #[must_use]
    pub fn targets(&self, from: &Word) -> Vec<Word> {
        if self.free {
            return self
                .states
                .iter()
                .map(|state| &state.name)
                .filter(|name| *name != from)
                .cloned()
                .collect();
        }
        self.state(from).map(|state| state.to.clone()).unwrap_or_default()
    }

    /// Judges a move. `Ok(false)` means that there is nothing to do.
    ///
    /// # Errors
    /// The move is not in the table.
    pub fn judge(&self, subject: Kind, from: &Word, to: &Word) -> Result<bool, Rule> {
        if from == to && self.same == Same::NoOp {
            return Ok(false);
        }
        let allowed = self.targets(from);
        if allowed.contains(to) {
            return Ok(true);
        }
        Err(Rule::Transition { subject, from: from.clone(), to: to.clone(), allowed })
    }

    /// Checks the machine by itself.
    pub(crate) fn check(&self, place: &str, faults: &mut Faults) {
        let names: Vec<_> = self.states.iter().map(|state| state.name.clone()).collect();
        faults.no_duplicates(&format!("{place}.states"), &names);
        if !names.contains(&self.initial) {
            faults.unknown(&format!("{place}.initial"), self.initial.as_str(), &names);
            return;
        }
        for state in &self.states {
            for to in state.to.iter().filter(|to| !names.contains(to)) {
                faults.unknown(&format!("{place}.states.{}.to", state.name), to.as_str(), &names);
            }
        }
        let reached = self.closure(&self.initial);
        for state in &self.states {
            let here = format!("{place}.states.{}", state.name);
            if !reached.contains(&state.name) {
                faults.add(&here, Fault::Unreachable);
            }
            let ends = |name: &Word| self.meaning(name).is_some_and(Meaning::is_end);
            if !self.closure(&state.name).iter().any(ends) {
                faults.add(&here, Fault::NoWayToAnEnd);
            }
        }
    }

    /// Every state that can be reached from here, this one included.
    fn closure(&self, from: &Word) -> BTreeSet<Word> {
        let mut seen = BTreeSet::from([from.clone()]);
        let mut ahead = vec![from.clone()];
        while let Some(name) = ahead.pop() {
            ahead.extend(self.targets(&name).into_iter().filter(|to| seen.insert(to.clone())));
        }
        seen
    }
}

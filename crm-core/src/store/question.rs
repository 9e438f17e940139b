//! Questions about many rows, and their answers.
//!
//! A caller that needs several answers which belong together asks for them at once, so that a board's cards are those
//! that its counts count, and the parts of a report add up.
//!
//! Invariant: an answer is of its question's kind; [`Answers`] holds a store to it.

use super::StoreError;
use super::measure::{Group, Measure};
use super::query::{Filter, ListQuery, Rows};
use crate::describe::{Key, Kind};
use crate::ledger::LedgerEntry;
use crate::value::Instant;

/// A question about rows of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// One window of the live rows that match and are visible, in the asked order, ties broken by id.
    List(ListQuery),
    /// Counts and sums of the live rows that match and are visible; see [`groups`](super::groups).
    Measure(Measure),
    /// The ledger of the rows that match and are visible, deleted ones included: record by record in the order of ids,
    /// each oldest first.
    History(HistoryQuery),
}

/// What an answer to a [`Question`] holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Of a list.
    Rows(Rows),
    /// Of a measure.
    Groups(Vec<Group>),
    /// Of a history.
    Entries(Vec<LedgerEntry>),
}

/// Which part of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryQuery {
    /// The kind of row.
    pub kind: Kind,
    /// Which rows, as they are now, are seen by whoever asks. It has no default: seeing everything must be spelled.
    pub visible: Filter,
    /// Which of these, as they are now.
    pub filter: Filter,
    /// Only entries that are not later than this.
    pub until: Option<Instant>,
}

impl HistoryQuery {
    /// The whole ledger of one record, for somebody who may read it.
    #[must_use]
    pub fn of(subject: Key) -> Self {
        let filter = Filter::Ids([subject.id].into());
        Self { kind: subject.kind, visible: Filter::All, filter, until: None }
    }
}

/// Answers, taken one after the other in the order of their questions.
#[derive(Debug)]
pub struct Answers(std::vec::IntoIter<Answer>);

impl Answers {
    /// The answers that a store gave.
    #[must_use]
    pub fn new(answers: Vec<Answer>) -> Self {
        Self(answers.into_iter())
    }

    /// The next one, which is of a list.
    ///
    /// # Errors
    /// The store answered something else.
    pub fn rows(&mut self) -> Result<Rows, StoreError> {
        match self.0.next() {
            Some(Answer::Rows(rows)) => Ok(rows),
            other => Err(not("a list", other.as_ref())),
        }
    }

    /// The next one, which is of a measure.
    ///
    /// # Errors
    /// The store answered something else.
    pub fn groups(&mut self) -> Result<Vec<Group>, StoreError> {
        match self.0.next() {
            Some(Answer::Groups(groups)) => Ok(groups),
            other => Err(not("a measure", other.as_ref())),
        }
    }

    /// The next one, which is of a history.
    ///
    /// # Errors
    /// The store answered something else.
    pub fn entries(&mut self) -> Result<Vec<LedgerEntry>, StoreError> {
        match self.0.next() {
            Some(Answer::Entries(entries)) => Ok(entries),
            other => Err(not("a history", other.as_ref())),
        }
    }
}

fn not(asked: &str, answer: Option<&Answer>) -> StoreError {
    let answered = match answer {
        None => "nothing",
        Some(Answer::Rows(_)) => "a list",
        Some(Answer::Groups(_)) => "a measure",
        Some(Answer::Entries(_)) => "a history",
    };
    StoreError::broken(format!("it was asked for {asked} and answered {answered}"))
}

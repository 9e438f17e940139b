//! Planning a command: what it would do, what stands in its way, and why.
//!
//! Invariant: a plan is made by the same decision that applying makes, and writes nothing. Carried out, it writes
//! exactly what it showed, or nothing if the facts have changed.

use super::Session;
use super::engine::{Asking, Options, Outcome};
use crate::access::Decision;
use crate::command::Command;
use crate::draft::{ChangeSet, ReadSet};
use crate::error::{Class, Error, Rule};
use crate::ledger::LedgerEntry;
use crate::profile::Requirement;

/// What a command would do.
#[derive(Debug)]
pub struct Plan<T> {
    verdict: Result<T, Error>,
    changes: Option<Box<ChangeSet>>,
    decisions: Vec<Decision>,
}

impl<T> Plan<T> {
    /// The answer that applying would give.
    ///
    /// # Errors
    /// The refusal that applying would give.
    pub fn verdict(&self) -> Result<&T, &Error> {
        self.verdict.as_ref()
    }

    /// The same, to keep.
    ///
    /// # Errors
    /// As [`Plan::verdict`].
    pub fn into_verdict(self) -> Result<T, Error> {
        self.verdict
    }

    /// Would it be applied?
    #[must_use]
    pub fn is_possible(&self) -> bool {
        self.verdict.is_ok()
    }

    /// Every record that would be written, with its fields before and after.
    #[must_use]
    pub fn changes(&self) -> &[LedgerEntry] {
        self.changes.as_ref().map_or(&[], |changes| changes.parts().ledger.as_slice())
    }

    /// What a status or a stage demands and the record would not have.
    #[must_use]
    pub fn unmet(&self) -> &[Requirement] {
        match &self.verdict {
            Err(Error::Rule(Rule::Requirements { unmet, .. })) => unmet,
            _ => &[],
        }
    }

    /// The access decisions on the way, with their reasons.
    #[must_use]
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// Everything that would be written, for a store or a test harness; `None` when it was refused.
    #[must_use]
    pub fn change_set(&self) -> Option<&ChangeSet> {
        self.changes.as_deref()
    }
}

impl Session<'_> {
    /// What a command would do. Nothing is written.
    ///
    /// # Errors
    /// The store failed. That the command would be refused is no error: the plan says so.
    pub async fn plan<C: Command>(&self, command: &C) -> Result<Plan<C::Output>, Error> {
        let (mut want, mut asking) = (ReadSet::new(), Asking::of(command));
        let found = self.decide(&mut asking, &Options::default(), self.seed(), &mut want).await?;
        let decisions = found.decisions;
        let (verdict, changes) = match found.outcome {
            Ok(Outcome::Decided(changes)) => (Ok(asking.answered()?), Some(changes)),
            Ok(Outcome::Replayed) => (Ok(asking.answered()?), None),
            Err(error) if matches!(error.class(), Class::Unavailable | Class::Internal) => return Err(error),
            Err(error) => (Err(error), None),
        };
        Ok(Plan { verdict, changes, decisions })
    }

    /// Writes exactly what a plan showed.
    ///
    /// # Errors
    /// The plan was a refusal, the facts it rests on have changed ([`Error::PlanOutdated`]), or the store failed.
    pub async fn carry_out<T>(&self, plan: Plan<T>) -> Result<T, Error> {
        let output = plan.verdict?;
        if let Some(changes) = plan.changes.filter(|changes| !changes.is_empty()) {
            if changes.parts().tenant != self.tenant {
                return Err(Error::PlanOutdated(vec![
                    "the plan was made in another organization".to_owned(),
                ]));
            }
            self.commit_planned(&changes).await?;
        }
        Ok(output)
    }
}

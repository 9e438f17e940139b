//! The life of a contract: draft, signed, cancelled.
//!
//! Invariant: a contract goes forward only, what was signed keeps its terms, and what was cancelled is not changed.

use super::{Contract, STATUS};
use crate::command::{Asked, word};
use crate::describe::{Entity, FieldId, Kind};
use crate::draft::Halt;
use crate::error::{Error, Rule};
use crate::value::{Problem, Word};

/// How a contract stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// It is being prepared, and binds nobody.
    Draft,
    /// It is in force.
    Signed,
    /// It is over, and keeps its number.
    Cancelled,
}

const ALL: [Status; 3] = [Status::Draft, Status::Signed, Status::Cancelled];

/// What may still be changed when a contract is signed: nothing that was agreed.
const HARMLESS: [&str; 3] = ["department", "details", "buyer"];

impl Status {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Signed => "signed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Its word.
    pub(super) fn word(self) -> Result<Word, Error> {
        word(self.name())
    }

    /// How a contract stands; `None` for a word from elsewhere that means nothing here.
    pub(super) fn of(contract: &Contract) -> Option<Self> {
        ALL.into_iter().find(|status| contract.status == status.name())
    }

    fn next(self) -> Option<Self> {
        match self {
            Self::Draft => Some(Self::Signed),
            Self::Signed => Some(Self::Cancelled),
            Self::Cancelled => None,
        }
    }
}

/// The words for how a contract stands.
pub(crate) fn statuses() -> Option<Vec<Word>> {
    ALL.into_iter().map(|status| status.word().ok()).collect()
}

/// What a change of a contract comes to.
pub(super) enum Step {
    /// Its terms stay as they are.
    Rest,
    /// It is a draft, and stays one.
    Draft,
    /// It is to be signed.
    Sign,
}

/// Judges a change by how the contract stands.
pub(super) fn judge(before: Option<&Contract>, after: &Contract, asked: &Asked<'_>) -> Result<Step, Halt> {
    let Some(before) = before else {
        return match Status::of(after) {
            Some(Status::Draft) => Ok(Step::Draft),
            Some(Status::Signed) => Ok(Step::Sign),
            _ => {
                let begin = [Status::Draft.name(), Status::Signed.name()];
                Err(Error::field("status", Problem::one_of(after.status.as_str(), begin)).into())
            }
        };
    };
    match (Status::of(before), Status::of(after)) {
        (Some(Status::Draft), Some(Status::Draft)) => Ok(Step::Draft),
        (Some(Status::Draft), Some(Status::Signed)) => Ok(Step::Sign),
        (Some(Status::Signed), Some(Status::Signed)) => keeps_terms(before, after).map(|()| Step::Rest),
        (Some(Status::Signed), Some(Status::Cancelled)) => Err(Rule::other(
            "cancel_needs_reason",
            "a contract is cancelled by its own command, with a reason",
        )
        .into()),
        _ if asked.has(STATUS) && before.status != after.status => Err(no_way(before, &after.status)),
        _ if asked.is_empty() => Ok(Step::Rest),
        _ => Err(Rule::other("contract_is_over", "a cancelled contract is not changed").into()),
    }
}

/// The refusal of a move that a contract's life does not have.
pub(super) fn no_way(from: &Contract, to: &Word) -> Halt {
    let next = Status::of(from).and_then(Status::next).and_then(|next| next.word().ok());
    let allowed = next.into_iter().collect();
    Rule::Transition { subject: Kind::Contract, from: from.status.clone(), to: to.clone(), allowed }.into()
}

fn keeps_terms(before: &Contract, after: &Contract) -> Result<(), Halt> {
    let changed = Contract::FIELDS.iter().enumerate().find(|(at, field)| {
        let at = u8::try_from(*at).map(FieldId);
        field.given && at.is_ok_and(|at| before.view(at) != after.view(at)) && !HARMLESS.contains(&field.name)
    });
    match changed {
        None => Ok(()),
        Some((_, field)) => {
            let why = format!("a signed contract keeps its {}", field.name.replace('_', " "));
            Err(Rule::other("contract_signed", why).into())
        }
    }
}

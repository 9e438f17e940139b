//! What can go wrong, said so that a host can answer with it.
//!
//! Every refusal names the field or the rule, carries a stable [`Error::code`], and has a [`Error::class`] that a host
//! maps to an HTTP status or an exception. Which code and status a preset shows is profile data
//! ([`Profile::answer`](crate::profile::Profile::answer)), not part of the error.
//!
//! Invariant: a command that ends in an error has written nothing, except where [`Error::OutcomeUnknown`] says that
//! this could not be found out.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::Decision;
use crate::describe::{Damaged, Key, Kind};
use crate::lead::MatchReason;
use crate::profile::Requirement;
use crate::store::StoreError;
use crate::value::{CommandId, LeadId, OrganizationId, Problem, Word};

/// A field and why its value was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// The field.
    pub field: String,
    /// What is wrong with it.
    #[serde(flatten)]
    pub problem: Problem,
}

impl FieldProblem {
    /// Names a field and its problem.
    #[must_use]
    pub fn new(field: &str, problem: Problem) -> Self {
        Self { field: field.to_owned(), problem }
    }
}

impl fmt::Display for FieldProblem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}`: {}", self.field, self.problem)
    }
}

/// A broken rule of the domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "rule", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rule {
    /// The status machine has no such move.
    #[error("a {subject} cannot go from `{from}` to `{to}`; from there it can go to {}", list(allowed))]
    Transition {
        /// What was moved.
        subject: Kind,
        /// Where it is.
        from: Word,
        /// Where it was to go.
        to: Word,
        /// Where it could go.
        allowed: Vec<Word>,
    },
    /// The pipeline does not allow this stage after that one.
    #[error(
        "a deal cannot move from stage `{from}` to stage `{to}`; from there it can move to {}",
        list(allowed)
    )]
    StageMove {
        /// Where it is.
        from: Word,
        /// Where it was to go.
        to: Word,
        /// Where it could go.
        allowed: Vec<Word>,
    },
    /// A status or a stage demands something that the record would not have.
    #[error("`{place}` demands {}", list(unmet))]
    Requirements {
        /// The status or stage.
        place: Word,
        /// Everything that is missing, not only the first.
        unmet: Vec<Requirement>,
    },
    /// Something else points at the record.
    #[error("the {subject} still has {count} {dependents}(s)")]
    HasDependents {
        /// What was to be removed.
        subject: Kind,
        /// What points at it.
        dependents: Kind,
        /// How many.
        count: u64,
    },
    /// The organisation would be left without anyone who can run it.
    #[error("an organization must keep at least one `{role}`")]
    LastKeeper {
        /// The role that must be held by somebody.
        role: Word,
    },
    /// There is a lead with the same telephone number or e-mail address.
    #[error("this lead is known already")]
    KnownLead {
        /// The oldest of those that are known; empty for an actor who may not see it.
        lead: Option<LeadId>,
        /// What they have in common.
        reasons: Vec<MatchReason>,
    },
    /// Any other rule; its name is stable.
    #[error("{why}")]
    Other {
        /// The rule's name.
        name: &'static str,
        /// What it says.
        why: String,
    },
}

impl Rule {
    /// A rule with a name and a text of its own.
    #[must_use]
    pub fn other(name: &'static str, why: impl Into<String>) -> Self {
        Self::Other { name, why: why.into() }
    }

    /// Did somebody else take what was wanted?
    fn is_of_somebody_faster(&self) -> bool {
        matches!(self.name(), "unit_held" | "unit_sold" | "lead_taken")
    }

    /// The rule's stable name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Transition { .. } => "invalid_transition",
            Self::StageMove { .. } => "invalid_stage_move",
            Self::Requirements { .. } => "requirements_unmet",
            Self::HasDependents { .. } => "has_dependents",
            Self::LastKeeper { .. } => "last_keeper",
            Self::KnownLead { .. } => "known_lead",
            Self::Other { name, .. } => name,
        }
    }
}

/// Joins things for a sentence; "nowhere" for none.
fn list<T: fmt::Display>(things: &[T]) -> String {
    if things.is_empty() {
        return "nothing".to_owned();
    }
    things.iter().map(|thing| format!("`{thing}`")).collect::<Vec<_>>().join(", ")
}

/// The broad class of an error: what a host does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The caller sent something that cannot be accepted.
    Invalid,
    /// The caller may not do this.
    Forbidden,
    /// There is no such record for this caller.
    NotFound,
    /// It collides with what is there now.
    Conflict,
    /// A rule of the domain forbids it.
    Rule,
    /// A limit was exceeded.
    Limit,
    /// The store could not be reached or gave up; trying again may help.
    Unavailable,
    /// Something that should not happen.
    Internal,
}

/// Why a command or a query was refused or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Values that cannot be accepted, each with its field.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<FieldProblem>),
    /// The actor is not an active member of the organisation, or there is no such organisation.
    #[error("no access to organization `{organization}`")]
    NotMember {
        /// The organisation as asked for.
        organization: OrganizationId,
    },
    /// The role does not allow the action, or not on this record.
    #[error("{0}")]
    Forbidden(Box<Decision>),
    /// There is no such record here, or the actor may not see it.
    #[error("no {resource} `{id}`")]
    NotFound {
        /// What was looked for.
        resource: Kind,
        /// Its id.
        id: Uuid,
    },
    /// A value that must be unique is taken.
    #[error("a {resource} with this `{field}` already exists")]
    AlreadyExists {
        /// What exists.
        resource: Kind,
        /// The field that must be unique.
        field: String,
    },
    /// The record is not at the version the caller expected.
    #[error("the {} has changed: it is at version {found}, not {expected}", .key.kind)]
    StaleVersion {
        /// The record.
        key: Key,
        /// What the caller expected.
        expected: u64,
        /// What is there.
        found: u64,
    },
    /// The plan was made on facts that have changed since.
    #[error("what the plan rests on has changed: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    PlanOutdated(Vec<String>),
    /// A rule of the domain forbids it.
    #[error(transparent)]
    Rule(Rule),
    /// A command of a batch was refused, and with it the whole batch.
    #[error("command {at} of the batch: {source}")]
    InBatch {
        /// The place of the command, counted from 0.
        at: usize,
        /// Why it was refused.
        #[source]
        source: Box<Error>,
    },
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// A limit of the profile or of the library was exceeded.
    #[error("{limit}: at most {most}")]
    Limit {
        /// What is limited.
        limit: &'static str,
        /// The limit.
        most: u64,
    },
    /// Others were faster, again and again.
    #[error("gave up after {attempts} conflicting attempts")]
    Busy {
        /// How often it was tried.
        attempts: u32,
    },
    /// The store failed while committing and could not say afterwards whether it had committed.
    #[error("it is unknown whether command `{command}` was committed")]
    OutcomeUnknown {
        /// The command.
        command: CommandId,
        /// What the store said.
        #[source]
        source: StoreError,
    },
    /// The store failed.
    #[error("the store failed: {0}")]
    Store(#[from] StoreError),
    /// A stored row cannot be read.
    #[error("{key} is damaged: {damage}")]
    Damaged {
        /// The record.
        key: Key,
        /// What is wrong.
        #[source]
        damage: Damaged,
    },
    /// A defect of the library or of a store.
    #[error("internal: {0}")]
    Internal(String),
}

impl Error {
    /// One refused field.
    #[must_use]
    pub fn field(field: &str, problem: Problem) -> Self {
        Self::Invalid(vec![FieldProblem::new(field, problem)])
    }

    /// The stable name of what went wrong, in snake case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::NotMember { .. } => "not_member",
            Self::Forbidden(decision) if decision.needs_ownership() => "not_owner",
            Self::Forbidden(_) => "forbidden",
            Self::NotFound { .. } => "not_found",
            Self::AlreadyExists { .. } => "already_exists",
            Self::StaleVersion { .. } => "stale_version",
            Self::PlanOutdated(_) => "plan_outdated",
            Self::Rule(rule) => rule.name(),
            Self::InBatch { source, .. } => source.code(),
            Self::KeyReused => "key_reused",
            Self::Limit { .. } => "limit",
            Self::Busy { .. } => "busy",
            Self::OutcomeUnknown { .. } => "outcome_unknown",
            Self::Store(_) => "unavailable",
            Self::Damaged { .. } => "damaged",
            Self::Internal(_) => "internal",
        }
    }

    /// The broad class.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Invalid(_) => Class::Invalid,
            Self::NotMember { .. } | Self::Forbidden(_) => Class::Forbidden,
            Self::NotFound { .. } => Class::NotFound,
            Self::Rule(rule) if rule.is_of_somebody_faster() => Class::Conflict,
            Self::AlreadyExists { .. }
            | Self::StaleVersion { .. }
            | Self::PlanOutdated(_)
            | Self::KeyReused => Class::Conflict,
            Self::Rule(Rule::HasDependents { .. } | Rule::LastKeeper { .. } | Rule::KnownLead { .. }) => {
                Class::Conflict
            }
            Self::Rule(_) => Class::Rule,
            Self::InBatch { source, .. } => source.class(),
            Self::Limit { .. } => Class::Limit,
            Self::Busy { .. } | Self::OutcomeUnknown { .. } | Self::Store(_) => Class::Unavailable,
            Self::Damaged { .. } | Self::Internal(_) => Class::Internal,
        }
    }

    /// Can the same call succeed if it is made again, unchanged?
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Busy { .. } => true,
            Self::Store(error) => error.is_retryable(),
            _ => false,
        }
    }

    /// What went wrong, as data: for a response body, a log line without personal data, or a test.
    #[must_use]
    pub fn details(&self) -> serde_json::Value {
        use serde_json::json;
        match self {
            Self::Invalid(problems) => json!({ "fields": problems }),
            Self::NotMember { organization } => json!({ "organization_id": organization }),
            Self::Forbidden(decision) => json!({ "decision": decision }),
            Self::NotFound { resource, id } => json!({ "resource": resource, "identifier": id }),
            Self::AlreadyExists { resource, field } => json!({ "resource": resource, "field": field }),
            Self::StaleVersion { key, expected, found } => {
                json!({ "resource": key.kind, "identifier": key.id, "expected": expected, "found": found })
            }
            Self::PlanOutdated(facts) => json!({ "facts": facts }),
            Self::Rule(rule) => json!(rule),
            Self::InBatch { at, source } => json!({ "at": at, "error": source.details() }),
            Self::Limit { limit, most } => json!({ "limit": limit, "most": most }),
            Self::OutcomeUnknown { command, .. } => json!({ "command": command }),
            Self::Damaged { key, .. } => json!({ "resource": key.kind, "identifier": key.id }),
            Self::KeyReused | Self::Busy { .. } | Self::Store(_) | Self::Internal(_) => json!({}),
        }
    }
}

//! The typed filters of each entity.
//!
//! Invariant: every filter comes down to [`Filter`]; nothing here looks at rows.

use std::ops::Bound;

use super::{List, known_words, leads, named};
use crate::activity::{self, Activity};
use crate::contact::{self, Contact};
use crate::deal::{self, Deal};
use crate::describe::{FieldId, Kind, Value};
use crate::draft::{Draft, Halt};
use crate::inventory::UnitState;
use crate::membership::{self, Membership};
use crate::profile::TaskStatus;
use crate::store::Filter;
use crate::task::{self, Task};
use crate::value::{ContactId, Date, DealId, Decimal, LeadId, PipelineId, UserId, Word};

/// A condition, resolved when the list is asked.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    /// A filter as it is.
    Fixed(Filter),
    /// A field, by its name, has one of these values.
    Named(String, Vec<serde_json::Value>),
    /// A field, by its name, is in this half-open range.
    Range(String, Option<serde_json::Value>, Option<serde_json::Value>),
    /// One of these words of the field's vocabulary.
    Words(FieldId, Vec<String>),
    /// A task that is neither done nor given up.
    OpenTask,
    /// A task that is due on this day or before.
    DueUntil(Date),
    /// A task that is due on this day or later.
    DueFrom(Date),
    /// An open task whose time is over.
    Overdue,
    /// An open line whose day is over.
    OverdueLine,
    /// A lead that is not over.
    OpenLead,
    /// An open lead on which nobody, or somebody, has worked of late.
    LeadActivity { inactive: bool },
    /// A unit that stands so.
    Unit(UnitState),
}

impl Condition {
    pub(super) fn resolve(&self, tx: &mut Draft<'_>, kind: Kind) -> Result<Filter, Halt> {
        match self {
            Self::Fixed(filter) => Ok(filter.clone()),
            Self::Named(field, values) => named::among(tx, kind, field, values),
            Self::Range(field, from, to) => Ok(named::range(kind, field, (from.as_ref(), to.as_ref()))?),
            Self::Words(field, words) => Ok(known_words(tx, kind, *field, words)?),
            Self::Unit(state) => Ok(state.filter(tx.now())),
            Self::OpenTask => Ok(open_task(tx)),
            Self::OpenLead => Ok(leads::open(tx)),
            Self::LeadActivity { inactive } => leads::by_activity(tx, *inactive),
            Self::DueUntil(day) => {
                let end = tx.organization()?.time_zone.end_of(*day);
                let dates =
                    Filter::Range(task::DUE_DATE, Bound::Unbounded, Bound::Included(Value::Date(*day)));
                let times =
                    Filter::Range(task::DUE_AT, Bound::Unbounded, Bound::Excluded(Value::Instant(end)));
                Ok(Filter::Any(vec![dates, times]))
            }
            Self::DueFrom(day) => {
                let start = tx.organization()?.time_zone.start_of(*day);
                let dates =
                    Filter::Range(task::DUE_DATE, Bound::Included(Value::Date(*day)), Bound::Unbounded);
                let times =
                    Filter::Range(task::DUE_AT, Bound::Included(Value::Instant(start)), Bound::Unbounded);
                Ok(Filter::Any(vec![dates, times]))
            }
            Self::OverdueLine => Ok(super::overdue_on(tx.today()?)),
            Self::Overdue => {
                let (today, now) = (Value::Date(tx.today()?), Value::Instant(tx.now()));
                let dates = Filter::Range(task::DUE_DATE, Bound::Unbounded, Bound::Excluded(today));
                let times = Filter::Range(task::DUE_AT, Bound::Unbounded, Bound::Excluded(now));
                Ok(open_task(tx).and(Filter::Any(vec![dates, times])))
            }
        }
    }
}

fn open_task(tx: &Draft<'_>) -> Filter {
    let states = tx.profile().spec().tasks.status.states.iter();
    let open =
        states.filter(|state| state.kind == TaskStatus::Open).map(|state| Value::text(state.name.as_str()));
    Filter::OneOf(task::STATUS, open.collect())
}

impl List<Contact> {
    /// Only contacts of this owner.
    #[must_use]
    pub fn owner(self, user: UserId) -> Self {
        self.owned(contact::OWNER, user)
    }

    /// Only persons, or only companies.
    #[must_use]
    pub fn kind<S: AsRef<str>>(self, kinds: impl IntoIterator<Item = S>) -> Self {
        self.words(contact::KIND, kinds)
    }
}

impl List<Deal> {
    /// Only deals in one of these statuses.
    #[must_use]
    pub fn status<S: AsRef<str>>(self, statuses: impl IntoIterator<Item = S>) -> Self {
        self.words(deal::STATUS, statuses)
    }

    /// Only deals in one of these stages.
    #[must_use]
    pub fn stage<S: AsRef<str>>(self, stages: impl IntoIterator<Item = S>) -> Self {
        self.words(deal::STAGE, stages)
    }

    /// Only deals that ended so, archived ones included: `won` or `lost`.
    #[must_use]
    pub fn outcome(self, outcome: &Word) -> Self {
        self.is(deal::OUTCOME, Value::text(outcome.as_str()))
    }

    /// Only deals of this pipeline.
    #[must_use]
    pub fn pipeline(self, pipeline: PipelineId) -> Self {
        self.is(deal::PIPELINE, Value::Uuid(pipeline.into()))
    }

    /// Only deals with this contact.
    #[must_use]
    pub fn contact(self, contact: ContactId) -> Self {
        self.is(deal::CONTACT, Value::Uuid(contact.into()))
    }

    /// Only deals that came from this lead.
    #[must_use]
    pub fn lead(self, lead: LeadId) -> Self {
        self.is(deal::LEAD, Value::Uuid(lead.into()))
    }

    /// Only deals of this owner.
    #[must_use]
    pub fn owner(self, user: UserId) -> Self {
        self.owned(deal::OWNER, user)
    }

    /// Only deals that this member works on.
    #[must_use]
    pub fn assignee(self, user: UserId) -> Self {
        self.is(deal::ASSIGNEE, Value::Uuid(user.into()))
    }

    /// Only deals worth at least and at most so much, in whatever currency.
    #[must_use]
    pub fn amount(self, least: Option<Decimal>, most: Option<Decimal>) -> Self {
        let bound = |amount: Option<Decimal>| {
            amount.map_or(Bound::Unbounded, |it| Bound::Included(Value::Decimal(it)))
        };
        self.when(Condition::Fixed(Filter::Range(deal::AMOUNT, bound(least), bound(most))))
    }

    /// Only deals that should be closed on one of these days, both included.
    #[must_use]
    pub fn expected_close(self, from: Option<Date>, to: Option<Date>) -> Self {
        let bound = |day: Option<Date>| day.map_or(Bound::Unbounded, |it| Bound::Included(Value::Date(it)));
        self.when(Condition::Fixed(Filter::Range(deal::EXPECTED_CLOSE_DATE, bound(from), bound(to))))
    }
}

impl List<Task> {
    /// Only tasks of this deal.
    #[must_use]
    pub fn deal(self, deal: DealId) -> Self {
        self.is(task::DEAL, Value::Uuid(deal.into()))
    }

    /// Only tasks about this contact.
    #[must_use]
    pub fn contact(self, contact: ContactId) -> Self {
        self.is(task::CONTACT, Value::Uuid(contact.into()))
    }

    /// Only callbacks: tasks on this lead.
    #[must_use]
    pub fn lead(self, lead: LeadId) -> Self {
        self.is(task::LEAD, Value::Uuid(lead.into()))
    }

    /// Only tasks of this member.
    #[must_use]
    pub fn assignee(self, user: UserId) -> Self {
        self.is(task::ASSIGNEE, Value::Uuid(user.into()))
    }

    /// Only tasks in one of these statuses.
    #[must_use]
    pub fn status<S: AsRef<str>>(self, statuses: impl IntoIterator<Item = S>) -> Self {
        self.words(task::STATUS, statuses)
    }

    /// Only tasks of one of these priorities.
    #[must_use]
    pub fn priority<S: AsRef<str>>(self, priorities: impl IntoIterator<Item = S>) -> Self {
        self.words(task::PRIORITY, priorities)
    }

    /// Only tasks that are neither done nor given up.
    #[must_use]
    pub fn only_open(self) -> Self {
        self.when(Condition::OpenTask)
    }

    /// Only tasks that are due on this day or before, in the organisation's time zone.
    #[must_use]
    pub fn due_before(self, day: Date) -> Self {
        self.when(Condition::DueUntil(day))
    }

    /// Only tasks that are due on this day or later, in the organisation's time zone.
    #[must_use]
    pub fn due_after(self, day: Date) -> Self {
        self.when(Condition::DueFrom(day))
    }

    /// Only open tasks whose time is over.
    #[must_use]
    pub fn overdue(self) -> Self {
        self.when(Condition::Overdue)
    }
}

impl List<Activity> {
    /// Only entries of these kinds.
    #[must_use]
    pub fn kind<S: AsRef<str>>(self, kinds: impl IntoIterator<Item = S>) -> Self {
        self.words(activity::KIND, kinds)
    }

    /// Only what happened in this half-open period.
    #[must_use]
    pub fn occurred(self, from: Option<crate::value::Instant>, to: Option<crate::value::Instant>) -> Self {
        self.within(activity::OCCURRED_AT, from, to)
    }
}

impl List<Membership> {
    /// Only members in one of these roles.
    #[must_use]
    pub fn role<S: AsRef<str>>(self, roles: impl IntoIterator<Item = S>) -> Self {
        self.words(membership::ROLE, roles)
    }

    /// Only members who are switched on, or off.
    #[must_use]
    pub fn active(self, active: bool) -> Self {
        self.is(membership::ACTIVE, Value::Bool(active))
    }
}

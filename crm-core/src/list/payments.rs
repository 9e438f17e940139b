//! The typed filters of plans, lines and payments.
//!
//! Invariant: every filter comes down to [`Filter`]; nothing here looks at rows.

use std::ops::Bound;

use super::List;
use super::filters::Condition;
use crate::describe::{FieldId, FieldType, Value};
use crate::payment::{self, Installment, Payment, PaymentPlan, entry, installment};
use crate::store::Filter;
use crate::value::{ContractId, Date, LeadId, PaymentPlanId};

/// Days from the first to the last, both included.
fn days(field: FieldId, from: Option<Date>, to: Option<Date>) -> Condition {
    let bound = |day: Option<Date>| day.map_or(Bound::Unbounded, |day| Bound::Included(Value::Date(day)));
    Condition::Fixed(Filter::Range(field, bound(from), bound(to)))
}

/// Lines that are overdue on a day: open, and due before it.
pub(crate) fn overdue_on(day: Date) -> Filter {
    let before = Filter::Range(installment::DUE_ON, Bound::Unbounded, Bound::Excluded(Value::Date(day)));
    Filter::text(installment::STATUS, "open").and(before)
}

impl List<PaymentPlan> {
    /// Only plans of this contract.
    #[must_use]
    pub fn contract(self, contract: ContractId) -> Self {
        self.is(payment::CONTRACT, contract.to_value())
    }

    /// Only plans of this lead, those of its contracts included.
    #[must_use]
    pub fn lead(self, lead: LeadId) -> Self {
        self.is(payment::LEAD, lead.to_value())
    }

    /// Only plans of these kinds.
    #[must_use]
    pub fn kind<S: AsRef<str>>(self, kinds: impl IntoIterator<Item = S>) -> Self {
        self.words(payment::KIND, kinds)
    }

    /// Only plans that stand so: `live`, `replaced` or `cancelled`.
    #[must_use]
    pub fn status<S: AsRef<str>>(self, statuses: impl IntoIterator<Item = S>) -> Self {
        self.words(payment::STATUS, statuses)
    }
}

impl List<Installment> {
    /// Only lines of this plan.
    #[must_use]
    pub fn plan(self, plan: PaymentPlanId) -> Self {
        self.is(installment::PLAN, plan.to_value())
    }

    /// Only lines of this contract.
    #[must_use]
    pub fn contract(self, contract: ContractId) -> Self {
        self.is(installment::CONTRACT, contract.to_value())
    }

    /// Only lines of this lead, those of its contracts included.
    #[must_use]
    pub fn lead(self, lead: LeadId) -> Self {
        self.is(installment::LEAD, lead.to_value())
    }

    /// Only lines that stand so: `open`, `paid` or `cancelled`.
    #[must_use]
    pub fn status<S: AsRef<str>>(self, statuses: impl IntoIterator<Item = S>) -> Self {
        self.words(installment::STATUS, statuses)
    }

    /// Only lines that are due on one of these days, both included.
    #[must_use]
    pub fn due(self, from: Option<Date>, to: Option<Date>) -> Self {
        self.when(days(installment::DUE_ON, from, to))
    }

    /// Only lines that are overdue today, in the organisation's time zone.
    #[must_use]
    pub fn overdue(self) -> Self {
        self.when(Condition::OverdueLine)
    }

    /// Only lines that are overdue on this day, by what was paid until now.
    #[must_use]
    pub fn overdue_on(self, day: Date) -> Self {
        self.when(Condition::Fixed(overdue_on(day)))
    }

    /// Only lines of which it was not told yet that they are overdue.
    #[must_use]
    pub fn not_noted(self) -> Self {
        self.when(Condition::Fixed(Filter::Empty(installment::OVERDUE_NOTED_AT)))
    }
}

impl List<Payment> {
    /// Only payments of this plan: those that were entered while it was live.
    #[must_use]
    pub fn plan(self, plan: PaymentPlanId) -> Self {
        self.is(entry::PLAN, plan.to_value())
    }

    /// Only payments of this contract.
    #[must_use]
    pub fn contract(self, contract: ContractId) -> Self {
        self.is(entry::CONTRACT, contract.to_value())
    }

    /// Only payments of this lead, those of its contracts included.
    #[must_use]
    pub fn lead(self, lead: LeadId) -> Self {
        self.is(entry::LEAD, lead.to_value())
    }

    /// Only entries of this sort: `received` or `reversal`.
    #[must_use]
    pub fn entry<S: AsRef<str>>(self, entries: impl IntoIterator<Item = S>) -> Self {
        self.words(entry::ENTRY, entries)
    }

    /// Only payments that came in one of these ways.
    #[must_use]
    pub fn method<S: AsRef<str>>(self, methods: impl IntoIterator<Item = S>) -> Self {
        self.words(entry::METHOD, methods)
    }

    /// Only payments of these days, both included.
    #[must_use]
    pub fn received(self, from: Option<Date>, to: Option<Date>) -> Self {
        self.when(days(entry::RECEIVED_ON, from, to))
    }
}

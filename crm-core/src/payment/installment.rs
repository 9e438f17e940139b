//! Instalments: the lines of a plan.
//!
//! Invariant: a line is there once for its plan and number, and what was paid on it is the sum of its allocations.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::account::minus;
use super::word;
use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, names, written_by_rules};
use crate::describe::{Entity, FieldId, Value, entity, field_id};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::profile::Module;
use crate::value::{ContractId, Currency, Date, Instant, LeadId, PaymentPlanId, Problem, Text, Word};

entity! {
    /// A line of a plan: what is due on a day.
    Installment(InstallmentId) = "installment", InstallmentEdits;
    given {
        /// Of which plan.
        plan: PaymentPlanId;
        /// Its number in the plan, from 1.
        number: i64 [sort];
        /// What it is: `full`, `down`, `monthly` or `final`.
        role: Word;
        /// How much is due.
        amount: Decimal [sort];
        /// When it is due.
        due_on: Date [sort];
    }
    kept {
        /// The plan's contract: a copy.
        contract: Option<ContractId>;
        /// The plan's lead: a copy, so that own lines are found.
        lead: Option<LeadId>;
        /// The plan's currency: a copy.
        currency: Currency;
        /// How much of it was paid.
        paid: Decimal;
        /// What is still to be paid; empty where nothing is due any more, because the line is cancelled.
        outstanding: Option<Decimal> [sort];
        /// The day on which it was paid in full; empty while it is not.
        paid_on: Option<Date> [sort];
        /// Was it paid in full on its day or before? Empty while it is not paid.
        on_time: Option<bool>;
        /// How it stands: `open`, `paid` or `cancelled`. Overdue is what is open and past its day.
        status: Word [index];
        /// Plan and number: no two lines share it.
        identity: Option<Text<1, 100>> [identity];
        /// When it was told that it is overdue; that is told once.
        overdue_noted_at: Option<Instant>;
    }
}

pub(crate) const PLAN: FieldId = field_id(Installment::FIELDS, "plan");
pub(crate) const CONTRACT: FieldId = field_id(Installment::FIELDS, "contract");
pub(crate) const LEAD: FieldId = field_id(Installment::FIELDS, "lead");
pub(crate) const AMOUNT: FieldId = field_id(Installment::FIELDS, "amount");
pub(crate) const CURRENCY: FieldId = field_id(Installment::FIELDS, "currency");
pub(crate) const DUE_ON: FieldId = field_id(Installment::FIELDS, "due_on");
pub(crate) const PAID: FieldId = field_id(Installment::FIELDS, "paid");
pub(crate) const OUTSTANDING: FieldId = field_id(Installment::FIELDS, "outstanding");
pub(crate) const ON_TIME: FieldId = field_id(Installment::FIELDS, "on_time");
pub(crate) const STATUS: FieldId = field_id(Installment::FIELDS, "status");
pub(crate) const OVERDUE_NOTED_AT: FieldId = field_id(Installment::FIELDS, "overdue_noted_at");

/// How a line can stand in the table.
pub(crate) const LINE_STATUSES: [&str; 3] = ["open", "paid", "cancelled"];

/// How a line stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineStanding {
    /// It is due on a later day.
    Open,
    /// It is due on this day.
    Due,
    /// It was due before this day, and is not paid in full.
    Overdue,
    /// It is paid in full.
    Paid,
    /// It is due no more.
    Cancelled,
}

impl Installment {
    /// How it stands on this day. It follows from the line and the day alone: no job has to run first.
    #[must_use]
    pub fn standing(&self, today: Date) -> LineStanding {
        match self.due_on.cmp(&today) {
            _ if self.status == "cancelled" => LineStanding::Cancelled,
            _ if self.status == "paid" || self.paid >= self.amount => LineStanding::Paid,
            Ordering::Less => LineStanding::Overdue,
            Ordering::Equal => LineStanding::Due,
            Ordering::Greater => LineStanding::Open,
        }
    }

    /// Fills what follows from the rest: what is outstanding, how the line stands, and whether it was paid in time.
    /// `last` is the day of the last money on it.
    pub(super) fn settle(&mut self, last: Option<Date>) -> Result<(), Error> {
        let full = self.paid >= self.amount;
        self.paid_on = last.filter(|_| full);
        self.on_time = self.paid_on.map(|day| day <= self.due_on);
        self.status = word(if full { "paid" } else { "open" })?;
        self.outstanding = Some(minus(self.amount, self.paid, self.currency)?);
        Ok(())
    }

    /// Takes the line out of the plan.
    pub(super) fn cancel(&mut self) -> Result<(), Error> {
        self.status = word("cancelled")?;
        (self.outstanding, self.paid_on, self.on_time) = (None, None, None);
        Ok(())
    }

    /// What makes it the only line of its plan and number.
    pub(super) fn identify(&mut self) -> Result<(), Error> {
        let text = format!("{}:{}", self.plan, self.number);
        self.identity = Some(Text::parse(&text).map_err(|problem| Error::field("number", problem))?);
        Ok(())
    }
}

impl Rules for Installment {
    const CRUD: Crud = Crud::managed(Action::PlanRead, Action::PlanManage);
    const MODULE: Option<Module> = Some(Module::Contracts);
    const NAMES: crate::command::Names = names!("installment");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    written_by_rules!("installment");

    /// What a line of history keeps must fit together; that it was paid is then taken as it is told.
    fn findings(_: &mut Draft<'_>, row: &mut Self) -> Result<Vec<String>, Halt> {
        if row.paid > row.amount {
            let problem = Problem::out_of_range("no more than the amount of the line");
            return Err(Error::field("paid", problem).into());
        }
        let told = row.status.clone();
        if told == "cancelled" {
            row.cancel()?;
        } else {
            row.settle(row.paid_on)?;
        }
        row.identify()?;
        let differs = told != row.status;
        Ok(differs.then(|| format!("it was `{told}` and counts as `{}`", row.status)).into_iter().collect())
    }
}

//! Statements: what is to be paid, what was, and what is left, from one state.
//!
//! Invariant: in each currency what is planned is what is paid and what is outstanding, and what came in less what was
//! taken back is what is paid and the credit.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::account::{Account, minus, plus};
use super::entry::{self, Payment};
use super::installment::{self, Installment, LineStanding};
use super::{PaymentPlan, STATUS};
use crate::describe::{CREATED_AT, Entity, FieldId, FieldType, Id, Key, Value};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::store::{Answers, Filter, ListQuery, Order, Question, Window};
use crate::value::{ContractId, Currency, Date, Decimal, LeadId, PaymentPlanId};

/// Of what a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementOf {
    /// A contract.
    Contract(ContractId),
    /// A plan. One that does not count any more has nothing on its statement: its money went elsewhere.
    Plan(PaymentPlanId),
    /// A lead, with all of its contracts.
    Lead(LeadId),
}

impl StatementOf {
    /// The record that it is of.
    #[must_use]
    pub fn key(self) -> Key {
        match self {
            Self::Contract(id) => id.key(),
            Self::Plan(id) => id.key(),
            Self::Lead(id) => id.key(),
        }
    }
}

impl From<ContractId> for StatementOf {
    fn from(id: ContractId) -> Self {
        Self::Contract(id)
    }
}

impl From<PaymentPlanId> for StatementOf {
    fn from(id: PaymentPlanId) -> Self {
        Self::Plan(id)
    }
}

impl From<LeadId> for StatementOf {
    fn from(id: LeadId) -> Self {
        Self::Lead(id)
    }
}

/// How payments stand as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementLabel {
    /// There is no live plan with a line: nothing can be said, and it is not paid.
    Undefined,
    /// A line is overdue.
    Overdue,
    /// Something is outstanding, and nothing is overdue.
    OnSchedule,
    /// There is a plan, and nothing is outstanding.
    Paid,
}

/// What is to be paid, what was, and what is left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// Of what it is.
    pub of: StatementOf,
    /// The day for which it says what is due and overdue.
    pub on: Date,
    /// The live plans.
    pub plans: Vec<Arc<PaymentPlan>>,
    /// Their lines, by the days on which they are due.
    pub lines: Vec<StatementLine>,
    /// Every entry, reversed ones and reversals too, by their days.
    pub payments: Vec<Arc<Payment>>,
    /// The totals of each currency, in the order of the codes.
    pub totals: Vec<StatementTotal>,
    /// The first day from this one on, on which something is due that is not paid.
    pub next_due: Option<Date>,
    /// How it stands as a whole.
    pub label: StatementLabel,
}

/// A line, as it stands on the day of the statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatementLine {
    /// The line.
    pub line: Arc<Installment>,
    /// What was paid on it.
    pub paid: Decimal,
    /// What is still to be paid.
    pub outstanding: Decimal,
    /// How it stands.
    pub standing: LineStanding,
}

/// The totals of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementTotal {
    /// The currency.
    pub currency: Currency,
    /// What the lines come to.
    pub planned: Decimal,
    /// What was paid on them.
    pub paid: Decimal,
    /// What is still to be paid.
    pub outstanding: Decimal,
    /// What of that is overdue.
    pub overdue: Decimal,
    /// What came in.
    pub received: Decimal,
    /// What of that was taken back.
    pub reversed: Decimal,
    /// What came in, was not taken back, and pays no line. It is below zero only where lines that were brought in from
    /// elsewhere count as paid without a payment.
    pub credit: Decimal,
}

impl Statement {
    /// Is all paid? Without a plan nothing is.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        self.label == StatementLabel::Paid
    }

    /// Is something overdue?
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.label == StatementLabel::Overdue
    }

    /// The totals of a currency, where there are any.
    #[must_use]
    pub fn total(&self, currency: Currency) -> Option<&StatementTotal> {
        self.totals.iter().find(|total| total.currency == currency)
    }

    /// Makes a statement of the answers to its [`questions`].
    pub(crate) fn fold(of: StatementOf, on: Date, answers: &mut Answers) -> Result<Self, Error> {
        let plans: Vec<_> = rows::<PaymentPlan>(answers)?;
        let mut lines = rows::<Installment>(answers)?;
        // A line that was paid is kept where its plan counts no more; it says nothing of what is to be paid now.
        lines.retain(|line| plans.iter().any(|plan| plan.id == line.plan));
        let mut payments = rows::<Payment>(answers)?;
        if plans.is_empty() && matches!(of, StatementOf::Plan(_)) {
            payments.clear();
        }
        let lines: Vec<_> =
            lines.into_iter().map(|line| StatementLine::of(line, on)).collect::<Result<_, _>>()?;
        let unpaid = lines.iter().filter(|line| !line.outstanding.is_zero());
        let next_due = unpaid.map(|line| line.line.due_on).filter(|day| *day >= on).min();
        let totals = totals(&lines, &payments)?;
        let label = label(&lines);
        Ok(Self { of, on, plans, lines, payments, totals, next_due, label })
    }
}

impl StatementLine {
    fn of(line: Arc<Installment>, on: Date) -> Result<Self, Error> {
        let outstanding = minus(line.amount, line.paid, line.currency)?;
        Ok(Self { paid: line.paid, outstanding, standing: line.standing(on), line })
    }
}

fn label(lines: &[StatementLine]) -> StatementLabel {
    let stands = |standing| lines.iter().any(|line| line.standing == standing);
    match lines {
        [] => StatementLabel::Undefined,
        _ if stands(LineStanding::Overdue) => StatementLabel::Overdue,
        lines if lines.iter().all(|line| line.standing == LineStanding::Paid) => StatementLabel::Paid,
        _ => StatementLabel::OnSchedule,
    }
}

fn totals(lines: &[StatementLine], payments: &[Arc<Payment>]) -> Result<Vec<StatementTotal>, Error> {
    let mut totals: BTreeMap<Currency, StatementTotal> = BTreeMap::new();
    for each in lines {
        let currency = each.line.currency;
        let total = totals.entry(currency).or_insert_with(|| StatementTotal::nothing(currency));
        total.planned = plus(total.planned, each.line.amount, currency)?;
        total.paid = plus(total.paid, each.paid, currency)?;
        total.outstanding = plus(total.outstanding, each.outstanding, currency)?;
        if each.standing == LineStanding::Overdue {
            total.overdue = plus(total.overdue, each.outstanding, currency)?;
        }
    }
    for payment in payments {
        let currency = payment.currency;
        let total = totals.entry(currency).or_insert_with(|| StatementTotal::nothing(currency));
        let side = if payment.entry == "reversal" { &mut total.reversed } else { &mut total.received };
        *side = plus(*side, payment.amount, currency)?;
    }
    for total in totals.values_mut() {
        let kept = minus(total.received, total.reversed, total.currency)?;
        total.credit = minus(kept, total.paid, total.currency)?;
    }
    Ok(totals.into_values().collect())
}

impl StatementTotal {
    fn nothing(currency: Currency) -> Self {
        let zero = Decimal::ZERO;
        Self {
            currency,
            planned: zero,
            paid: zero,
            outstanding: zero,
            overdue: zero,
            received: zero,
            reversed: zero,
            credit: zero,
        }
    }
}

fn rows<E: Entity>(answers: &mut Answers) -> Result<Vec<Arc<E>>, Error> {
    Ok(answers.rows()?.rows.iter().filter_map(E::from_record).cloned().collect())
}

/// What a statement asks: the live plans, their lines, and every entry, as far as the actor may see them.
pub(crate) fn questions(tx: &mut Draft<'_>, of: StatementOf) -> Result<Vec<Question>, Halt> {
    let (plans, lines, payments) = match of {
        StatementOf::Contract(id) => {
            let id = tx.get(id)?.id.to_value();
            let all = |field| Filter::Equals(field, id.clone());
            (all(super::CONTRACT), all(installment::CONTRACT), all(entry::CONTRACT))
        }
        StatementOf::Lead(id) => {
            let id = tx.get(id)?.id.to_value();
            let all = |field| Filter::Equals(field, id.clone());
            (all(super::LEAD), all(installment::LEAD), all(entry::LEAD))
        }
        StatementOf::Plan(id) => {
            let plan = tx.get(id)?;
            let lines = Filter::Equals(installment::PLAN, plan.id.to_value());
            (Filter::Ids([plan.id.into()].into()), lines, money_of(&plan)?)
        }
    };
    let live = Filter::text(STATUS, "live");
    let counted = Filter::OneOf(installment::STATUS, [Value::text("open"), Value::text("paid")].into());
    Ok(vec![
        question::<PaymentPlan>(tx, plans.and(live), CREATED_AT)?,
        question::<Installment>(tx, lines.and(counted), installment::DUE_ON)?,
        question::<Payment>(tx, payments, entry::RECEIVED_ON)?,
    ])
}

/// Every entry of the account of a plan.
fn money_of(plan: &PaymentPlan) -> Result<Filter, Error> {
    Ok(match Account::of_plan(plan)? {
        Account::Contract(id) => Filter::Equals(entry::CONTRACT, id.to_value()),
        Account::Lead(id) => Filter::Equals(entry::LEAD, id.to_value()).and(Filter::Empty(entry::CONTRACT)),
    })
}

fn question<E: Entity>(tx: &mut Draft<'_>, filter: Filter, by: FieldId) -> Result<Question, Halt> {
    let visible = tx.visible(E::KIND)?;
    let order = Order { field: by, descending: false };
    let window = Window { skip: 0, after: None, most: u32::MAX };
    Ok(Question::List(ListQuery {
        kind: E::KIND,
        visible,
        filter,
        order,
        window,
        per_group: None,
        total: false,
    }))
}

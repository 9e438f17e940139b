//! Accounts: whose money it is, and how it gets to the lines of the live plan.
//!
//! What came in and pays no line is the account's credit. It is kept, because the money is there and refusing to write it
//! down would only hide it; a statement shows it, and the next open line takes it.
//!
//! Invariant: what was paid on a line is the sum of its allocations in force, an allocation in force belongs to a live
//! plan, and no account has credit in the currency of its plan while a line of it is open.

use std::sync::Arc;

use super::allocation::{self, Allocation};
use super::entry::{self, Payment};
use super::flow::flow;
use super::installment::{self, Installment};
use super::{PaymentPlan, word};
use crate::command;
use crate::describe::{FieldId, FieldType, Value};
use crate::draft::{Draft, Halt, Permit};
use crate::error::{Error, Rule};
use crate::value::{ContractId, Currency, Date, Decimal, InstallmentId, LeadId, Line, Money, Problem, Text};

/// The exact sum of two amounts.
pub(super) fn plus(one: Decimal, two: Decimal, currency: Currency) -> Result<Decimal, Error> {
    let sum = Money { amount: one, currency }.checked_add(Money { amount: two, currency });
    sum.map(|money| money.amount).map_err(|problem| Error::field("amount", problem))
}

/// The exact difference of two amounts.
pub(super) fn minus(one: Decimal, two: Decimal, currency: Currency) -> Result<Decimal, Error> {
    plus(one, -two, currency)
}

/// Whose money it is: a contract's, or that of a lead without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Account {
    Contract(ContractId),
    Lead(LeadId),
}

impl Account {
    /// The account of what names these.
    pub(super) fn of(contract: Option<ContractId>, lead: Option<LeadId>) -> Result<Self, Error> {
        match (contract, lead) {
            (Some(contract), _) => Ok(Self::Contract(contract)),
            (None, Some(lead)) => Ok(Self::Lead(lead)),
            (None, None) => Err(Error::field("contract", Problem::Required)),
        }
    }

    pub(super) fn of_plan(plan: &PaymentPlan) -> Result<Self, Error> {
        Self::of(plan.contract, plan.lead)
    }

    pub(super) fn of_payment(payment: &Payment) -> Result<Self, Error> {
        Self::of(payment.contract, payment.lead)
    }

    /// What only one live plan can have.
    pub(super) fn slot(self) -> Result<Text<1, 50>, Error> {
        let text = match self {
            Self::Contract(id) => format!("contract:{id}"),
            Self::Lead(id) => format!("lead:{id}"),
        };
        command::text(&text)
    }

    /// The set in which all that belongs to the account is found. That of a lead also holds what its contracts have.
    pub(super) fn set(self, contract: FieldId, lead: FieldId) -> Vec<(FieldId, Value)> {
        match self {
            Self::Contract(id) => vec![(contract, id.to_value())],
            Self::Lead(id) => vec![(lead, id.to_value())],
        }
    }

    /// Every plan that it had, in the order in which they were made.
    pub(super) fn plans(self, tx: &mut Draft<'_>) -> Result<Vec<Arc<PaymentPlan>>, Halt> {
        let rows = tx.rows::<PaymentPlan>(self.set(super::CONTRACT, super::LEAD))?;
        Ok(rows.into_iter().filter(|plan| Self::of_plan(plan).ok() == Some(self)).collect())
    }

    /// The plan that counts; the decision rests on it, or on there being none.
    pub(super) fn live_plan(self, tx: &mut Draft<'_>) -> Result<Option<Arc<PaymentPlan>>, Halt> {
        match self.plans(tx)?.iter().find(|plan| plan.is_live()) {
            Some(plan) => tx.rely_on(plan.id),
            None => Ok(None),
        }
    }

    /// The money that came in and was not taken back, in the order of its days.
    fn money(self, tx: &mut Draft<'_>, currency: Currency) -> Result<Vec<Arc<Payment>>, Halt> {
        let mut rows = tx.rows::<Payment>(self.set(entry::CONTRACT, entry::LEAD))?;
        rows.retain(|row| {
            row.counts() && row.currency == currency && Self::of_payment(row).ok() == Some(self)
        });
        rows.sort_by_key(|row| (row.received_on, row.id));
        Ok(rows)
    }
}

/// A plan with its lines, and the allocations in force on them.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) plan: Arc<PaymentPlan>,
    pub(super) lines: Vec<Arc<Installment>>,
    allocations: Vec<Arc<Allocation>>,
}

impl Book {
    pub(super) fn open(tx: &mut Draft<'_>, plan: Arc<PaymentPlan>) -> Result<Self, Halt> {
        let mut lines = tx.rows::<Installment>(vec![(installment::PLAN, plan.id.to_value())])?;
        lines.sort_by_key(|line| line.number);
        let mut allocations = tx.rows::<Allocation>(vec![(allocation::PLAN, plan.id.to_value())])?;
        allocations.retain(|allocation| !allocation.reversed);
        Ok(Self { plan, lines, allocations })
    }

    /// What was paid on its lines.
    pub(super) fn paid(&self) -> Result<Decimal, Error> {
        let add = |sum, line: &Arc<Installment>| plus(sum, line.paid, self.plan.currency);
        self.lines.iter().try_fold(Decimal::ZERO, add)
    }

    /// Does every line owe what was paid on it to payments? One that was brought in from elsewhere may not.
    pub(super) fn is_backed(&self) -> Result<bool, Error> {
        for line in &self.lines {
            let mut mine = self.allocations.iter().filter(|each| each.installment == line.id);
            let unbacked = mine.try_fold(line.paid, |left, each| minus(left, each.amount, line.currency))?;
            if !unbacked.is_zero() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What of a payment pays no line.
    fn free(&self, payment: &Payment) -> Result<Decimal, Error> {
        let mine = self.allocations.iter().filter(|each| each.payment == payment.id);
        mine.into_iter().try_fold(payment.amount, |left, each| minus(left, each.amount, payment.currency))
    }

    /// Takes allocations back; what they paid is open again.
    pub(super) fn release(
        &self,
        tx: &mut Draft<'_>,
        permit: &Permit,
        which: impl Fn(&Allocation) -> bool,
    ) -> Result<(), Halt> {
        let (gone, kept): (Vec<_>, Vec<_>) = self.allocations.iter().partition(|each| which(each));
        for line in &self.lines {
            let mut after = line.as_ref().clone();
            for each in gone.iter().filter(|each| each.installment == line.id) {
                after.paid = minus(after.paid, each.amount, line.currency)?;
            }
            if after.paid < Decimal::ZERO {
                let why = format!("of line {} less is paid than was allocated to it", line.number);
                return Err(Rule::other("unbalanced_line", why).into());
            }
            if after.paid == line.paid {
                continue;
            }
            if line.status == "cancelled" || !self.plan.is_live() {
                after.cancel()?;
            } else {
                after.settle(last_day(&kept, line.id))?;
            }
            tx.put(permit, after)?;
        }
        for each in gone {
            tx.put(permit, Allocation { reversed: true, ..each.as_ref().clone() })?;
        }
        Ok(())
    }
}

/// The day of the last money on a line.
fn last_day(allocations: &[&Arc<Allocation>], line: InstallmentId) -> Option<Date> {
    allocations.iter().filter(|each| each.installment == line).map(|each| each.received_on).max()
}

/// Lets all money of an account that pays nothing yet flow to the open lines of its plan, in order.
pub(super) fn settle(tx: &mut Draft<'_>, permit: &Permit, account: Account) -> Result<(), Halt> {
    let Some(plan) = account.live_plan(tx)? else { return Ok(()) };
    let money = account.money(tx, plan.currency)?;
    let book = Book::open(tx, plan)?;
    let free: Vec<_> = money.iter().map(|payment| book.free(payment)).collect::<Result<_, _>>()?;
    let open: Vec<_> = book.lines.iter().filter(|line| line.status == "open").collect();
    let outstanding: Vec<_> =
        open.iter().map(|line| minus(line.amount, line.paid, line.currency)).collect::<Result<_, _>>()?;
    let mut allocations = book.allocations.clone();
    let mut touched: Vec<Installment> = Vec::new();
    for portion in flow(&free, &outstanding) {
        let (Some(payment), Some(line)) = (money.get(portion.source), open.get(portion.line)) else {
            continue;
        };
        allocations.push(allocate(tx, permit, payment, line, portion.amount)?);
        match touched.last_mut().filter(|last| last.id == line.id) {
            Some(last) => last.paid = plus(last.paid, portion.amount, line.currency)?,
            None => {
                let paid = plus(line.paid, portion.amount, line.currency)?;
                touched.push(Installment { paid, ..line.as_ref().clone() });
            }
        }
    }
    let allocations: Vec<_> = allocations.iter().collect();
    for mut line in touched {
        line.settle(last_day(&allocations, line.id))?;
        tx.put(permit, line)?;
    }
    Ok(())
}

fn allocate(
    tx: &mut Draft<'_>,
    permit: &Permit,
    payment: &Payment,
    line: &Installment,
    amount: Decimal,
) -> Result<Arc<Allocation>, Halt> {
    let row = Allocation {
        id: tx.next_id()?,
        version: 1,
        payment: payment.id,
        installment: line.id,
        plan: line.plan,
        lead: payment.lead,
        amount,
        currency: payment.currency,
        received_on: payment.received_on,
        reversed: false,
        created_at: tx.now(),
        updated_at: tx.now(),
        deleted_at: None,
        deleted_by: None,
    };
    tx.create_told(permit, row)
}

/// Ends a live plan: its lines are due no more, and what was paid on them is the account's again.
pub(super) fn close(
    tx: &mut Draft<'_>,
    permit: &Permit,
    plan: &Arc<PaymentPlan>,
    status: &str,
    cancel_reason: Option<Line>,
) -> Result<Arc<PaymentPlan>, Halt> {
    Book::open(tx, Arc::clone(plan))?.release(tx, permit, |_| true)?;
    for line in Book::open(tx, Arc::clone(plan))?.lines {
        let mut after = line.as_ref().clone();
        after.cancel()?;
        tx.put(permit, after)?;
    }
    tx.put(permit, PaymentPlan { status: word(status)?, slot: None, cancel_reason, ..plan.as_ref().clone() })
}

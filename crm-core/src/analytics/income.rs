//! What came in, what it cost, and what is left.
//!
//! Income counts what was entered: an entry is of the day on which the money came in, and a reversal of the day on which
//! it was made, so the figures of a past period stay. A cost is an expense that is paid; it is of the day that the expense
//! names, or else of the day on which it was paid.
//!
//! Invariant: income is what was received less what was reversed, and profit is income less costs, for each currency.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::figure::Tally;
use super::period::Days;
use super::selection::too_many_digits;
use super::{Answered, Frame, Report, Selection};
use crate::contract::ExpenseStatus;
use crate::describe::{Entity, FieldId, FieldType, field_id};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::list::List;
use crate::payment::entry::{AMOUNT, CURRENCY, ENTRY, RECEIVED_ON};
use crate::payment::{Expense, Payment};
use crate::store::{Filter, Question, Sum};
use crate::value::{Currency, Decimal, Money};

const SPENT: FieldId = field_id(Expense::FIELDS, "amount");
const SPENT_CURRENCY: FieldId = field_id(Expense::FIELDS, "currency");
const SPENT_STATUS: FieldId = field_id(Expense::FIELDS, "status");
const SPENT_ON: FieldId = field_id(Expense::FIELDS, "spent_on");
const PAID_AT: FieldId = field_id(Expense::FIELDS, "paid_at");

/// What came in on some days: the payments of a list, whatever its page.
#[derive(Clone, Debug)]
pub struct Income {
    days: Days,
    payments: List<Payment>,
}

impl Income {
    /// Of these days.
    #[must_use]
    pub fn of(days: Days) -> Self {
        Self { days, payments: List::new() }
    }

    /// Only the payments of this list.
    #[must_use]
    pub fn payments(mut self, payments: List<Payment>) -> Self {
        self.payments = payments;
        self
    }
}

/// What [`Income`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IncomeFigures {
    /// The days.
    pub days: Days,
    /// What came in.
    pub received: Tally,
    /// What was taken back.
    pub reversed: Tally,
    /// The difference, for each currency in which something was entered.
    pub income: Vec<Money>,
}

impl Report for Income {
    type Figures = IncomeFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        let days = self.days.check()?.dates(RECEIVED_ON);
        let entries = Selection::of(tx, &self.payments)?.and(days);
        Ok(vec![entries.sum(AMOUNT, &[ENTRY, CURRENCY])])
    }

    fn fold(&self, _: &Frame<'_>, answers: &mut Answered) -> Result<IncomeFigures, Error> {
        let cut = answers.cut()?;
        let received = cut.tally(&Filter::text(ENTRY, "received"))?;
        let reversed = cut.tally(&Filter::text(ENTRY, "reversal"))?;
        let income = less(&amounts(&received), &amounts(&reversed))?;
        Ok(IncomeFigures { days: self.days, received, reversed, income })
    }
}

/// What came in on some days, what was spent, and what is left.
#[derive(Clone, Debug)]
pub struct Profit {
    income: Income,
    expenses: List<Expense>,
}

impl Profit {
    /// Of these days.
    #[must_use]
    pub fn of(days: Days) -> Self {
        Self { income: Income::of(days), expenses: List::new() }
    }
}

/// What [`Profit`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProfitFigures {
    /// What came in.
    pub income: IncomeFigures,
    /// What was spent: the expenses that are paid.
    pub costs: Tally,
    /// Income less costs, for each currency in which there is either.
    pub profit: Vec<Money>,
}

impl Report for Profit {
    type Figures = ProfitFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        let mut questions = self.income.questions(tx)?;
        let zone = tx.organization()?.time_zone;
        let states = tx.profile().spec().contracts.iter().flat_map(|spec| &spec.expenses.states);
        let paid = states.filter(|state| state.kind == ExpenseStatus::Paid);
        let paid: BTreeSet<_> = paid.map(|state| state.name.to_value()).collect();
        let days = self.income.days;
        let day = Filter::Any(vec![
            days.dates(SPENT_ON),
            Filter::Empty(SPENT_ON).and(days.instants(PAID_AT, zone)),
        ]);
        let costs = Selection::of(tx, &self.expenses)?.and(Filter::OneOf(SPENT_STATUS, paid)).and(day);
        questions.push(costs.sum(SPENT, &[SPENT_CURRENCY]));
        Ok(questions)
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<ProfitFigures, Error> {
        let income = self.income.fold(frame, answers)?;
        let costs = answers.cut()?.all()?;
        let profit = less(&income.income, &amounts(&costs))?;
        Ok(ProfitFigures { income, costs, profit })
    }
}

fn amounts(tally: &Tally) -> Vec<Money> {
    tally.totals.iter().map(super::Total::money).collect()
}

/// The differences, for each currency that stands on either side.
fn less(these: &[Money], those: &[Money]) -> Result<Vec<Money>, Error> {
    let mut sums: BTreeMap<Currency, Sum> = BTreeMap::new();
    let negative = those.iter().map(|money| Money { amount: Decimal::ZERO - money.amount, ..*money });
    for money in these.iter().copied().chain(negative) {
        sums.entry(money.currency).or_default().add(money.amount);
    }
    let difference = |(currency, sum): (Currency, Sum)| {
        Ok(Money { amount: sum.exact().ok_or_else(too_many_digits)?, currency })
    };
    sums.into_iter().map(difference).collect()
}

//! What came back of what was spent.
//!
//! Invariant: revenue and cost of all lines add up to the whole, and revenue comes only from deals that come from a lead.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Attribution, Origin, Traced, from_leads, origins, rows_of};
use crate::analytics::leads;
use crate::analytics::ratio::Ratio;
use crate::analytics::selection::too_many_digits;
use crate::analytics::{Answered, Days, Frame, Period, Report, Selection, Tally};
use crate::deal::{self, Deal};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::lead::Lead;
use crate::list::List;
use crate::marketing::{Cost, cost};
use crate::store::{Filter, Question};
use crate::value::{Currency, Decimal};

/// What the deals that were won in a period brought, and what was spent in it, by where their leads come from.
///
/// | figure | formula |
/// |---|---|
/// | revenue | amounts of deals that were won, closed in the period, and come from a lead, for each currency |
/// | cost | costs whose day is in the period |
/// | profit | revenue - cost |
/// | return (ROI) | (revenue - cost) / cost * 100; undefined where nothing was spent |
///
/// A deal belongs where its lead comes from. Deals of no lead, and of leads that were deleted or are not seen, are in no
/// line and not in the whole. Currencies are never mixed: what was spent in one has no return in another.
#[derive(Clone, Debug)]
pub struct Returns {
    period: Period,
    by: Attribution,
    leads: List<Lead>,
    deals: List<Deal>,
    costs: List<Cost>,
}

impl Returns {
    /// Of a period, by source.
    #[must_use]
    pub fn of(period: impl Into<Period>) -> Self {
        Self {
            period: period.into(),
            by: Attribution::default(),
            leads: List::new(),
            deals: List::new(),
            costs: List::new(),
        }
    }
}

narrowed! {
    Returns;
    by: Attribution, "By something else than the source.";
    leads: List<Lead>, "Only deals that come from the leads of this list, whatever its page.";
    deals: List<Deal>, "Only the deals of this list, whatever its page.";
    costs: List<Cost>, "Only the costs of this list, whatever its page.";
}

/// What [`Returns`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReturnsFigures {
    /// The days of the period.
    pub days: Days,
    /// All that came in and was spent.
    pub whole: Returned,
    /// Each origin that has revenue or a cost, in order; what is unattributed comes last.
    pub lines: Vec<Returned>,
}

/// What one origin brought.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Returned {
    /// Where the leads come from.
    #[serde(flatten)]
    pub origin: Origin,
    /// The deals that were won.
    pub revenue: Tally,
    /// What was spent.
    pub cost: Tally,
    /// What came back, for each currency in which something came in or was spent.
    pub returns: Vec<Return>,
}

/// What came back in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Return {
    /// The currency.
    pub currency: Currency,
    /// What came in.
    pub revenue: Decimal,
    /// What was spent.
    pub cost: Decimal,
    /// Revenue - cost.
    pub profit: Decimal,
    /// Profit / cost, in per cent.
    pub roi: Ratio,
}

impl Return {
    pub(super) fn all(revenue: &Tally, cost: &Tally) -> Result<Vec<Self>, Error> {
        let totals = revenue.totals.iter().chain(&cost.totals);
        let currencies: BTreeSet<Currency> = totals.map(|total| total.currency).collect();
        let each = currencies.into_iter().map(|currency| {
            let (revenue, cost) = (revenue.money(currency).amount, cost.money(currency).amount);
            let profit = revenue.checked_sub(cost).ok_or_else(too_many_digits)?;
            Ok(Self { currency, revenue, cost, profit, roi: Ratio::percent(profit, cost)? })
        });
        each.collect()
    }
}

/// Won deals, closed on some days.
pub(super) fn won() -> Filter {
    Filter::text(deal::OUTCOME, "won")
}

impl Report for Returns {
    type Figures = ReturnsFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        let (days, zone) = (self.period.days(tx.today()?)?, tx.organization()?.time_zone);
        let leads = Selection::of(tx, &self.leads)?;
        let deals = Selection::of(tx, &self.deals)?.and(won()).and(days.instants(deal::CLOSED_AT, zone));
        let costs = Selection::of(tx, &self.costs)?.and(days.dates(cost::SPENT_ON));
        let mut by = self.by.of_costs().fields();
        by.push(cost::CURRENCY);
        Ok(vec![
            from_leads(deals, &leads).sum(deal::AMOUNT, &[deal::LEAD, deal::CURRENCY]),
            rows_of(&leads),
            costs.sum(cost::AMOUNT, &by),
        ])
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<ReturnsFigures, Error> {
        let (deals, leads, costs) = (answers.cut()?, answers.rows::<Lead>()?, answers.cut()?);
        let (traced, spent) = (Traced::new(self.by, &deals, &leads), self.by.of_costs().spread(&costs));
        let line = |origin: Origin| {
            let (revenue, cost) = (traced.of(&origin)?, costs.tally(&spent.part(&origin))?);
            Ok(Returned { returns: Return::all(&revenue, &cost)?, origin, revenue, cost })
        };
        let lines = origins([&traced.leads, &spent]).into_iter().map(line).collect::<Result<_, Error>>()?;
        let (revenue, cost) = (deals.all()?, costs.all()?);
        let whole =
            Returned { origin: Origin::default(), returns: Return::all(&revenue, &cost)?, revenue, cost };
        Ok(ReturnsFigures { days: leads::days_of(self.period, frame)?, whole, lines })
    }
}

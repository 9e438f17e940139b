//! What leads cost.
//!
//! Invariant: leads and costs of all lines add up to the whole, and a line's cost per lead uses its own costs only.

use serde::Serialize;

use super::{Attribution, Origin, origins};
use crate::analytics::leads;
use crate::analytics::ratio::{MoneyRatio, Ratio};
use crate::analytics::{Answered, Days, Frame, Period, Report, Selection, Tally};
use crate::describe::CREATED_AT;
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::lead::Lead;
use crate::list::List;
use crate::marketing::{Cost, cost};
use crate::store::Question;

/// What the leads of a period cost, by where they come from.
///
/// | figure | formula |
/// |---|---|
/// | leads | leads that were created in the period |
/// | cost | costs whose day is in the period, for each currency |
/// | cost per lead (CPL) | cost / leads; undefined where there are no leads |
///
/// A cost without a source stands in the line without a source, with the leads of which it is not known where they come
/// from either.
#[derive(Clone, Debug)]
pub struct Acquisition {
    period: Period,
    by: Attribution,
    leads: List<Lead>,
    costs: List<Cost>,
}

impl Acquisition {
    /// Of a period, by source.
    #[must_use]
    pub fn of(period: impl Into<Period>) -> Self {
        Self { period: period.into(), by: Attribution::default(), leads: List::new(), costs: List::new() }
    }
}

narrowed! {
    Acquisition;
    by: Attribution, "By something else than the source.";
    leads: List<Lead>, "Only the leads of this list, whatever its page.";
    costs: List<Cost>, "Only the costs of this list, whatever its page.";
}

/// What [`Acquisition`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AcquisitionFigures {
    /// The days of the period.
    pub days: Days,
    /// All leads and all costs.
    pub whole: Acquired,
    /// Each origin that has a lead or a cost, in order; what is unattributed comes last.
    pub lines: Vec<Acquired>,
}

/// Leads of one origin, and what they cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Acquired {
    /// Where they come from.
    #[serde(flatten)]
    pub origin: Origin,
    /// The leads.
    pub leads: Tally,
    /// What was spent.
    pub cost: Tally,
    /// Cost / leads, for each currency in which something was spent.
    pub cost_per_lead: Vec<MoneyRatio>,
}

impl Acquired {
    fn new(origin: Origin, leads: Tally, cost: Tally) -> Result<Self, Error> {
        let each = cost.totals.iter().map(|total| {
            let ratio = Ratio::of(total.amount, leads.count.into())?;
            Ok(MoneyRatio { currency: total.currency, ratio })
        });
        let cost_per_lead = each.collect::<Result<_, Error>>()?;
        Ok(Self { origin, leads, cost, cost_per_lead })
    }
}

impl Report for Acquisition {
    type Figures = AcquisitionFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        let (days, zone) = (self.period.days(tx.today()?)?, tx.organization()?.time_zone);
        let leads = Selection::of(tx, &self.leads)?.and(days.instants(CREATED_AT, zone));
        let costs = Selection::of(tx, &self.costs)?.and(days.dates(cost::SPENT_ON));
        let mut by = self.by.of_costs().fields();
        by.push(cost::CURRENCY);
        Ok(vec![leads.measure(&self.by.of_leads().fields()), costs.sum(cost::AMOUNT, &by)])
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<AcquisitionFigures, Error> {
        let (leads, costs) = (answers.cut()?, answers.cut()?);
        let (of_leads, of_costs) = (self.by.of_leads().spread(&leads), self.by.of_costs().spread(&costs));
        let line = |origin: Origin| {
            let leads = leads.tally(&of_leads.part(&origin))?;
            let cost = costs.tally(&of_costs.part(&origin))?;
            Acquired::new(origin, leads, cost)
        };
        let lines = origins([&of_leads, &of_costs]).into_iter().map(line).collect::<Result<_, Error>>()?;
        let whole = Acquired::new(Origin::default(), leads.all()?, costs.all()?)?;
        Ok(AcquisitionFigures { days: leads::days_of(self.period, frame)?, whole, lines })
    }
}

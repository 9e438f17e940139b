//! What the leads of each source became worth.
//!
//! Invariant: a lead counts once, however many deals come from it.

use serde::Serialize;

use super::{Attribution, Origin, Traced, from_leads, origins, rows_of};
use crate::analytics::leads;
use crate::analytics::ratio::Ratio;
use crate::analytics::{Answered, Days, Frame, Period, Report, Selection, Tally};
use crate::deal::{self, Deal};
use crate::describe::CREATED_AT;
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::lead::Lead;
use crate::list::List;
use crate::store::Question;
use crate::value::Money;

/// The leads that were created in a period, by where they come from, and the deals that came from them, whenever.
///
/// | figure | formula |
/// |---|---|
/// | leads | leads that were created in the period, each once |
/// | with deals | those of them from which at least one deal comes |
/// | average deal | sum of the amounts of their deals / number of these deals, for each currency |
#[derive(Clone, Debug)]
pub struct Sources {
    period: Period,
    by: Attribution,
    leads: List<Lead>,
    deals: List<Deal>,
}

impl Sources {
    /// Of a period, by the tag `utm_source`.
    #[must_use]
    pub fn of(period: impl Into<Period>) -> Self {
        Self { period: period.into(), by: Attribution::UtmSource, leads: List::new(), deals: List::new() }
    }
}

narrowed! {
    Sources;
    by: Attribution, "By something else than the tag.";
    leads: List<Lead>, "Only the leads of this list, whatever its page.";
    deals: List<Deal>, "Only the deals of this list, whatever its page.";
}

/// What [`Sources`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceFigures {
    /// The days of the period.
    pub days: Days,
    /// All leads.
    pub leads: Tally,
    /// Each origin that has a lead, in order; what is unattributed comes last.
    pub lines: Vec<SourceResult>,
}

/// The leads of one origin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceResult {
    /// Where they come from.
    #[serde(flatten)]
    pub origin: Origin,
    /// The leads.
    pub leads: Tally,
    /// Of all leads, in per cent.
    pub share: Ratio,
    /// Those from which a deal comes.
    pub with_deals: Tally,
    /// The deals that come from them.
    pub deals: Tally,
    /// What such a deal is worth on average, for each currency.
    pub average_deal: Vec<Money>,
}

impl Report for Sources {
    type Figures = SourceFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        let (days, zone) = (self.period.days(tx.today()?)?, tx.organization()?.time_zone);
        let leads = Selection::of(tx, &self.leads)?.and(days.instants(CREATED_AT, zone));
        let deals = from_leads(Selection::of(tx, &self.deals)?, &leads);
        Ok(vec![
            deals.sum(deal::AMOUNT, &[deal::LEAD, deal::CURRENCY]),
            rows_of(&leads),
            leads.measure(&self.by.of_leads().fields()),
        ])
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<SourceFigures, Error> {
        let (deals, rows, leads) = (answers.cut()?, answers.rows::<Lead>()?, answers.cut()?);
        let (traced, spread) = (Traced::new(self.by, &deals, &rows), self.by.of_leads().spread(&leads));
        let all = leads.all()?;
        let line = |origin: Origin| {
            let (here, deals) = (leads.tally(&spread.part(&origin))?, traced.of(&origin)?);
            Ok(SourceResult {
                share: Ratio::share(here.count, all.count),
                with_deals: leads.named(traced.leads_of(&origin)),
                average_deal: deals.averages(),
                leads: here,
                deals,
                origin,
            })
        };
        let lines = origins([&spread]).into_iter().map(line).collect::<Result<_, Error>>()?;
        Ok(SourceFigures { days: leads::days_of(self.period, frame)?, leads: all, lines })
    }
}

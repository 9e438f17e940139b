//! What a forecast was worth: what was promised for some days, and what was won on them.
//!
//! Invariant: the forecast is made of what the ledger knew at its time: deals, probabilities and stages as they were then.

use std::collections::BTreeMap;

use serde::Serialize;

use super::figure::rounded;
use super::forecast::{Chances, Weights};
use super::movement::{last_states, open_at};
use super::period::Days;
use super::periods::sums;
use super::{Answered, Frame, Report, Selection, pipelines_until};
use crate::deal::Deal;
use crate::describe::Percent;
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::list::List;
use crate::pipeline::Pipeline;
use crate::store::Question;
use crate::value::{Currency, DealId, Decimal, Instant, Money, Zone};

/// Compares the forecast that was made at a time, for some days, with what was won on them.
#[derive(Clone, Debug)]
pub struct ForecastAccuracy {
    made: Instant,
    days: Days,
    deals: List<Deal>,
}

impl ForecastAccuracy {
    /// The forecast as it was at that time, for these days.
    #[must_use]
    pub fn of(made: Instant, days: Days) -> Self {
        Self { made, days, deals: List::new() }
    }

    /// Only with deals that are in this list now.
    #[must_use]
    pub fn deals(mut self, deals: List<Deal>) -> Self {
        self.deals = deals;
        self
    }
}

/// What [`ForecastAccuracy`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ForecastAccuracyFigures {
    /// For each currency.
    pub hits: Vec<Hit>,
    /// The deals that were expected, what each was worth, and how likely it was.
    #[serde(skip)]
    pub expected: Vec<(DealId, Option<Money>, Percent)>,
    /// The deals that were won on these days, and what each was worth.
    #[serde(skip)]
    pub won: Vec<(DealId, Option<Money>)>,
}

/// A forecast in one currency, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// The currency.
    pub currency: Currency,
    /// What the deals that should close on these days were worth.
    pub expected: Decimal,
    /// The same, each times its probability.
    pub weighted: Decimal,
    /// What was won on these days, of whatever deal.
    pub won: Decimal,
    /// Won, of the weighted forecast, in per cent; empty where nothing was forecast.
    pub accuracy: Option<Decimal>,
}

impl Report for ForecastAccuracy {
    type Figures = ForecastAccuracyFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        self.days.check()?;
        Ok(vec![Selection::of(tx, &self.deals)?.history(None), pipelines_until(self.made)])
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<ForecastAccuracyFigures, Error> {
        let (lives, pipelines) = (answers.lives::<Deal>()?, answers.lives::<Pipeline>()?);
        let chances = Chances::of(last_states(&pipelines));
        let then = lives.iter().filter_map(|life| open_at(frame, life, self.made));
        let promised = then.filter(|deal| self.promises(deal, frame.zone));
        let expected: Vec<_> = promised.map(|deal| (deal.id, deal.money(), chances.of_deal(deal))).collect();
        let now = lives.iter().filter_map(|life| life.now());
        let won = now.filter(|deal| deal.outcome.as_ref().is_some_and(|outcome| *outcome == "won"));
        let won = won.filter(|deal| deal.closed_at.is_some_and(|at| self.days.holds(at, frame.zone)));
        let won: Vec<_> = won.map(|deal| (deal.id, deal.money())).collect();
        Ok(ForecastAccuracyFigures { hits: hits(&expected, &won)?, expected, won })
    }
}

impl ForecastAccuracy {
    /// Should the deal close on one of these days?
    fn promises(&self, deal: &Deal, zone: Zone) -> bool {
        let day = deal.expected_close_date.or_else(|| deal.expected_close_at.map(|at| zone.date_of(at)));
        day.is_some_and(|day| self.days.has(day))
    }
}

fn hits(
    expected: &[(DealId, Option<Money>, Percent)],
    won: &[(DealId, Option<Money>)],
) -> Result<Vec<Hit>, Error> {
    let mut weights = Weights::default();
    for (money, chance) in expected.iter().filter_map(|(_, money, chance)| Some(((*money)?, *chance))) {
        weights.add(money, chance);
    }
    let mut all: BTreeMap<Currency, [Decimal; 3]> = BTreeMap::new();
    let parts = [
        sums(expected.iter().filter_map(|(_, money, _)| *money))?,
        weights.totals()?,
        sums(won.iter().filter_map(|(_, money)| *money))?,
    ];
    for (at, part) in parts.iter().enumerate() {
        for money in part {
            if let Some(slot) = all.entry(money.currency).or_default().get_mut(at) {
                *slot = money.amount;
            }
        }
    }
    let hit = |(currency, [expected, weighted, won]): (Currency, [Decimal; 3])| Hit {
        currency,
        expected,
        weighted,
        won,
        accuracy: won
            .checked_mul(Decimal::ONE_HUNDRED)
            .and_then(|part| part.checked_div(weighted))
            .map(|quotient| rounded(quotient, 2)),
    };
    Ok(all.into_iter().map(hit).collect())
}

//! One figure out of amounts of several currencies, by an explicit table of dated rates.
//!
//! A deal that is closed is converted at the rate of the day on which it closed, so its worth does not change when rates
//! do; any other at the rate of a day that the caller names.
//!
//! Invariant: an amount without a rate is reported and never dropped silently; sums are exact, and rounded once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::figure::rounded;
use super::selection::too_many_digits;
use super::{Answered, Frame, Report, Selection};
use crate::deal::{AMOUNT, CLOSED_AT, CURRENCY};
use crate::describe::{FieldType, Kind};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::store::{Question, Sum};
use crate::value::{Currency, Date, Decimal, Instant, Money, Problem};

/// Rates into one currency, each from a day on until the next one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    into: Currency,
    rates: BTreeMap<Currency, BTreeMap<Date, Decimal>>,
}

impl Rates {
    /// No rates yet, into a currency.
    #[must_use]
    pub fn into(currency: Currency) -> Self {
        Self { into: currency, rates: BTreeMap::new() }
    }

    /// One unit of a currency is worth so much from this day on.
    ///
    /// # Errors
    /// The rate is not greater than zero.
    pub fn with(mut self, currency: Currency, from: Date, rate: Decimal) -> Result<Self, Error> {
        if rate <= Decimal::ZERO {
            return Err(Error::field("rate", Problem::out_of_range("a rate greater than zero")));
        }
        self.rates.entry(currency).or_default().insert(from, rate);
        Ok(self)
    }

    /// What one unit of a currency was worth on a day.
    #[must_use]
    pub fn on(&self, currency: Currency, day: Date) -> Option<Decimal> {
        if currency == self.into {
            return Some(Decimal::ONE);
        }
        self.rates.get(&currency)?.range(..=day).next_back().map(|(_, rate)| *rate)
    }
}

/// Amounts of several currencies as one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Converted {
    /// The sum of all that has a rate, rounded to the decimals of its currency, half away from zero.
    pub total: Money,
    /// How many rows are in the sum.
    pub count: u64,
    /// What has no rate, by currency and day.
    pub missing: Vec<MissingRate>,
}

/// Amounts that no rate is known for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingRate {
    /// Their currency.
    pub currency: Currency,
    /// The day whose rate is missing.
    pub day: Date,
    /// How many rows.
    pub count: u64,
    /// What they add up to.
    pub amount: Decimal,
}

/// The deals of a receipt, in one currency.
#[derive(Clone, Debug)]
pub(crate) struct Conversion {
    pub(crate) deals: Selection,
    pub(crate) rates: Rates,
    /// The day for deals that are not closed.
    pub(crate) day: Option<Date>,
}

impl Report for Conversion {
    type Figures = Converted;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        if self.deals.kind != Kind::Deal {
            let problem = Problem::one_of(self.deals.kind.name(), [Kind::Deal.name()]);
            return Err(Error::field("receipt", problem).into());
        }
        Ok(vec![self.deals.clone().seen(tx)?.sum(AMOUNT, &[CURRENCY, CLOSED_AT])])
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<Converted, Error> {
        let cut = answers.cut()?;
        let today = self.day.unwrap_or_else(|| frame.zone.date_of(frame.now));
        let (mut count, mut total) = (0, Sum::default());
        let mut missing: BTreeMap<(Currency, Date), (u64, Sum)> = BTreeMap::new();
        for group in cut.groups() {
            let closed = cut.value(group, CLOSED_AT).and_then(Instant::from_value);
            let day = closed.map_or(today, |at| frame.zone.date_of(at));
            let Some(currency) = cut.value(group, CURRENCY).and_then(Currency::from_value) else { continue };
            match self.rates.on(currency, day) {
                Some(rate) => {
                    count += group.count;
                    total.add(product(group.sum, rate).ok_or_else(too_many_digits)?);
                }
                None => {
                    let (rows, sum) = missing.entry((currency, day)).or_default();
                    *rows += group.count;
                    sum.add(group.sum);
                }
            }
        }
        let report = |((currency, day), (count, sum)): ((Currency, Date), (u64, Sum))| {
            Ok(MissingRate { currency, day, count, amount: sum.exact().ok_or_else(too_many_digits)? })
        };
        let amount = total.exact().ok_or_else(too_many_digits)?;
        let into = self.rates.into;
        Ok(Converted {
            total: Money { amount: rounded(amount, into.minor_units()), currency: into },
            count,
            missing: missing.into_iter().map(report).collect::<Result<_, Error>>()?,
        })
    }
}

/// The exact product, where a decimal holds it.
fn product(amount: Decimal, rate: Decimal) -> Option<Decimal> {
    let (amount, rate) = (amount.normalize(), rate.normalize());
    let units = amount.mantissa().checked_mul(rate.mantissa())?;
    crate::value::exact(units, i64::from(amount.scale()) + i64::from(rate.scale()))
}

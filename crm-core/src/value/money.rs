//! An amount of money: a decimal that never leaves its currency.
//!
//! There is no `+` between amounts: adding may fail, because the currencies differ or the sum does not fit,
//! and a caller must say what then. Nothing is rounded unless `round` is called.
//!
//! Invariant: the parts of a split sum to the whole, exactly.

use std::cmp::Reverse;
use std::fmt;

use rust_decimal::RoundingStrategy;
use serde::{Deserialize, Serialize};

use super::decimal::exact;
use super::{Currency, Decimal, Number, Problem};

/// More parts than any contract has; a bound so that a typing error does not take all memory.
const MOST_PARTS: usize = 100_000;

/// An amount in a currency.
///
/// ```
/// use crm_core::value::{Currency, Decimal, Money};
///
/// let price = Money { amount: Decimal::new(100, 0), currency: Currency::EUR };
/// let thirds = price.split(2, 3)?;
/// assert_eq!(thirds.iter().map(Money::to_string).collect::<Vec<_>>(), ["33.34 EUR", "33.33 EUR", "33.33 EUR"]);
/// # Ok::<(), crm_core::value::Problem>(())
/// ```
///
/// Amounts have no `+`; one of two currencies would have no meaning:
///
/// ```compile_fail,E0369
/// use crm_core::value::{Currency, Decimal, Money};
///
/// let dollars = Money { amount: Decimal::ONE, currency: Currency::USD };
/// let euros = Money { amount: Decimal::ONE, currency: Currency::EUR };
/// let nonsense = dollars + euros;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub struct Money {
    /// How much.
    pub amount: Decimal,
    /// Of what.
    pub currency: Currency,
}

impl Money {
    /// The exact sum.
    ///
    /// # Errors
    /// When the currencies differ or the sum has more digits than a decimal can hold exactly.
    pub fn checked_add(self, other: Self) -> Result<Self, Problem> {
        if self.currency != other.currency {
            return Err(Problem::forbidden(format!(
                "amounts in `{}` and `{}` have no sum",
                self.currency, other.currency
            )));
        }
        exact_sum(self.amount, other.amount)
            .or_else(|| exact_sum(self.amount.normalize(), other.amount.normalize()))
            .map(|amount| Self { amount, ..self })
            .ok_or_else(too_many_digits)
    }

    /// The exact difference.
    ///
    /// # Errors
    /// As for the sum.
    pub fn checked_sub(self, other: Self) -> Result<Self, Problem> {
        self.checked_add(Self { amount: -other.amount, ..other })
    }

    /// The amount with at most so many decimals; half a unit is rounded away from zero.
    #[must_use]
    pub fn round(self, decimals: u32) -> Self {
        let amount = self.amount.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
        Self { amount, ..self }
    }

    /// Divides the amount in proportion to the weights, in units of so many decimals.
    ///
    /// Every part is less than one unit from its exact share, and a part of weight zero is zero. What is left
    /// over goes, one unit each, to the parts that lost most, and among equal ones to the earliest.
    ///
    /// # Errors
    /// When the amount has more decimals than that, when the weights sum to zero or to more than 64 bits,
    /// or when there are more than 100 000 of them.
    pub fn allocate(self, decimals: u32, weights: &[u64]) -> Result<Vec<Self>, Problem> {
        if weights.len() > MOST_PARTS {
            return Err(Problem::out_of_range(format!("at most {MOST_PARTS} parts")));
        }
        let total = weights.iter().try_fold(0_u64, |sum, weight| sum.checked_add(*weight));
        let total = total.ok_or_else(|| Problem::out_of_range("weights whose sum fits in 64 bits"))?;
        if total == 0 {
            return Err(Problem::out_of_range("weights of which one is more than zero"));
        }
        let units = units_of(self.amount.normalize(), decimals)
            .ok_or_else(|| Problem::out_of_range(format!("an amount with at most {decimals} decimals")))?;
        shares(units.unsigned_abs(), weights, total)
            .into_iter()
            .map(|share| {
                let share = i128::try_from(share).ok()?;
                let amount = exact(if units < 0 { -share } else { share }, i64::from(decimals))?;
                Some(Self { amount, ..self })
            })
            .collect::<Option<_>>()
            .ok_or_else(too_many_digits)
    }

    /// Divides the amount into equal parts, in units of so many decimals; the earliest parts are one unit
    /// larger where that is needed.
    ///
    /// # Errors
    /// As for `allocate`; zero parts are refused.
    pub fn split(self, decimals: u32, parts: u32) -> Result<Vec<Self>, Problem> {
        // Never more than one beyond the bound, which `allocate` then reports.
        let parts = usize::try_from(parts).unwrap_or(usize::MAX).min(MOST_PARTS + 1);
        self.allocate(decimals, &vec![1; parts])
    }
}

fn too_many_digits() -> Problem {
    Problem::out_of_range("an amount of at most 28 digits")
}

/// The sum, when a decimal holds exactly that; `Decimal`'s own addition would round.
fn exact_sum(a: Decimal, b: Decimal) -> Option<Decimal> {
    let scale = a.scale().max(b.scale());
    exact(units_of(a, scale)?.checked_add(units_of(b, scale)?)?, i64::from(scale))
}

/// The amount in units of so many decimals, when it is a whole number of them.
fn units_of(amount: Decimal, decimals: u32) -> Option<i128> {
    let missing = decimals.checked_sub(amount.scale())?;
    if amount.is_zero() {
        return Some(0);
    }
    amount.mantissa().checked_mul(10_i128.checked_pow(missing)?)
}

/// The method of the largest remainder.
fn shares(units: u128, weights: &[u64], total: u64) -> Vec<u128> {
    let (total, mut left) = (u128::from(total), units);
    // `units * weight` may not fit, but the quotient's part is at most `units`, and the remainder is below
    // 2^64 and so is the weight.
    let (quotient, remainder) = (units / total, units % total);
    let mut parts: Vec<(u128, u128)> = Vec::with_capacity(weights.len());
    for weight in weights.iter().map(|weight| u128::from(*weight)) {
        let part = quotient * weight + remainder * weight / total;
        left -= part;
        parts.push((part, remainder * weight % total));
    }
    let mut order: Vec<&mut (u128, u128)> = parts.iter_mut().collect();
    // A stable sort: equal losses stay in their order.
    order.sort_by_key(|(_, lost)| Reverse(*lost));
    for (part, _) in order.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
        *part += 1;
    }
    parts.into_iter().map(|(part, _)| part).collect()
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

/// Money in JSON: the amount as exact text.
#[derive(Serialize, Deserialize)]
struct Wire {
    amount: Number,
    currency: Currency,
}

impl From<Money> for Wire {
    fn from(money: Money) -> Self {
        Self { amount: Number(money.amount), currency: money.currency }
    }
}

impl From<Wire> for Money {
    fn from(wire: Wire) -> Self {
        Self { amount: wire.amount.0, currency: wire.currency }
    }
}

#[cfg(test)]
#[path = "money_tests.rs"]
mod tests;

//! Figures and their arithmetic: exact, and rounded once, at the end.
//!
//! Invariant: a percentage or an average is the exact quotient, rounded to two decimals, half away from zero.

use rust_decimal::Decimal;
use serde::Serialize;

use super::selection::Selection;
use crate::value::{Currency, Money};

/// A number of rows, what they are worth, and which they are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// What they are worth, for each currency, in the order of the codes.
    pub totals: Vec<Total>,
    /// Which rows these are; [`Session::rows`](crate::Session::rows) shows them.
    pub receipt: Selection,
}

/// What rows of one currency are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Total {
    /// The currency.
    pub currency: Currency,
    /// How many rows are in it; those without an amount count, and add nothing.
    pub count: u64,
    /// Their sum.
    pub amount: Decimal,
}

impl Total {
    /// The sum, as money.
    #[must_use]
    pub fn money(&self) -> Money {
        Money { amount: self.amount, currency: self.currency }
    }
}

impl Tally {
    /// What the rows of this currency are worth.
    #[must_use]
    pub fn money(&self, currency: Currency) -> Money {
        let found = self.totals.iter().find(|total| total.currency == currency);
        Money { amount: found.map(|total| total.amount).unwrap_or_default(), currency }
    }

    /// The one sum, where all rows share a currency; amounts of different currencies have none.
    #[must_use]
    pub fn single(&self) -> Option<Money> {
        match self.totals.as_slice() {
            [total] => Some(total.money()),
            _ => None,
        }
    }

    /// What a row is worth on average, for each currency: sum / number of its rows.
    #[must_use]
    pub fn averages(&self) -> Vec<Money> {
        let each =
            |total: &Total| Money { amount: average(total.amount, total.count), currency: total.currency };
        self.totals.iter().map(each).collect()
    }

    /// This as a percentage of a whole, by number.
    #[must_use]
    pub fn share_of(&self, whole: u64) -> Decimal {
        percent(self.count, whole)
    }
}

/// `part / whole * 100`; 0 when the whole is 0.
///
/// ```
/// use crm_core::analytics::percent;
/// assert_eq!(percent(18, 25).to_string(), "72.00");
/// assert_eq!(percent(1, 800).to_string(), "0.13"); // 0.125, half away from zero
/// assert_eq!(percent(0, 0).to_string(), "0.00");
/// ```
#[must_use]
pub fn percent(part: u64, whole: u64) -> Decimal {
    let (part, whole) = (i128::from(part), i128::from(whole));
    let hundredths = if whole == 0 { 0 } else { divided(part * 10_000, whole) };
    Decimal::try_from_i128_with_scale(hundredths, 2).unwrap_or_default()
}

/// `sum / count`; 0 when the count is 0.
///
/// ```
/// use crm_core::analytics::average;
/// assert_eq!(average(1_200_000.into(), 23).to_string(), "52173.91");
/// ```
#[must_use]
pub fn average(sum: Decimal, count: u64) -> Decimal {
    if count == 0 {
        return Decimal::new(0, 2);
    }
    let sum = sum.normalize();
    let exact = || {
        let units = sum.mantissa().checked_mul(100)?;
        let parts = 10_i128.checked_pow(sum.scale())?.checked_mul(count.into())?;
        Decimal::try_from_i128_with_scale(divided(units, parts), 2).ok()
    };
    // Beyond what fits in 128 bits, the quotient's 28 digits are rounded.
    let long = || sum.checked_div(count.into()).map(|quotient| rounded(quotient, 2));
    exact().or_else(long).unwrap_or_default()
}

/// With so many decimals, half away from zero.
pub(super) fn rounded(number: Decimal, decimals: u32) -> Decimal {
    let mut rounded =
        number.round_dp_with_strategy(decimals, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(decimals);
    rounded
}

/// The whole quotient by a positive number, half away from zero.
pub(super) fn divided(number: i128, by: i128) -> i128 {
    let (quotient, remainder) = (number / by, number % by);
    // Not `2 * remainder`, which may not fit.
    if remainder.unsigned_abs() >= by.unsigned_abs() - remainder.unsigned_abs() {
        quotient + number.signum()
    } else {
        quotient
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_go_away_from_zero() {
        for (part, whole, wanted) in
            [(1, 800, "0.13"), (1, 3, "33.33"), (2, 3, "66.67"), (0, 5, "0.00"), (7, 7, "100.00")]
        {
            assert_eq!(percent(part, whole).to_string(), wanted);
        }
        for (sum, count, wanted) in
            [(1, 8, "0.13"), (-1, 8, "-0.13"), (10, 4, "2.50"), (0, 3, "0.00"), (5, 0, "0.00")]
        {
            assert_eq!(average(Decimal::from(sum), count).to_string(), wanted);
        }
    }

    proptest! {
        /// Against long division: twice the distance from the exact quotient is at most one unit, and a tie goes out.
        #[test]
        fn a_percentage_is_the_exact_one_rounded(part in any::<u32>(), whole in 1_u32..) {
            let found = percent(part.into(), whole.into()).mantissa();
            let (exact, whole) = (i128::from(part) * 10_000, i128::from(whole));
            let twice = 2 * (found * whole - exact);
            prop_assert!(-whole < twice && twice <= whole);
        }

        #[test]
        fn an_average_times_its_count_is_the_sum_within_rounding(units in any::<i64>(), scale in 0_u32..5, count in 1_u64..1_000_000) {
            let sum = Decimal::from_i128_with_scale(units.into(), scale);
            let off = (average(sum, count) * Decimal::from(count) - sum).abs();
            prop_assert!(off * Decimal::from(200) <= Decimal::from(count));
        }
    }
}

//! Quotients of figures, which are undefined where there is nothing to divide by.
//!
//! Invariant: a ratio is the exact quotient, rounded once, to two decimals, half away from zero; one of nothing is shown as
//! 0 and says that it is undefined.

use serde::Serialize;

use super::figure::{divided, rounded};
use super::selection::too_many_digits;
use crate::error::Error;
use crate::value::{Currency, Decimal};

/// A quotient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Ratio {
    /// The quotient, to two decimals; 0 where it is undefined.
    pub value: Decimal,
    /// Was there nothing to divide by?
    pub undefined: bool,
}

/// A quotient of amounts of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MoneyRatio {
    /// The currency.
    pub currency: Currency,
    /// The quotient.
    #[serde(flatten)]
    pub ratio: Ratio,
}

impl Ratio {
    /// The quotient of nothing.
    pub const UNDEFINED: Self = Self { value: Decimal::from_parts(0, 0, 0, false, 2), undefined: true };

    /// `part / whole`.
    ///
    /// ```
    /// use crm_core::analytics::Ratio;
    /// let shown = |part: i64, whole: i64| Ratio::of(part.into(), whole.into()).map(|ratio| ratio.value.to_string());
    /// assert_eq!(shown(1, 8)?, "0.13"); // 0.125, half away from zero
    /// assert_eq!(shown(-1, 8)?, "-0.13");
    /// assert_eq!(shown(1, 0)?, "0.00");
    /// assert!(Ratio::of(1.into(), 0.into())?.undefined);
    /// # Ok::<(), crm_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// The quotient has more digits than a decimal holds.
    pub fn of(part: Decimal, whole: Decimal) -> Result<Self, Error> {
        Self::times(part, whole, 1)
    }

    /// `part / whole * 100`.
    ///
    /// # Errors
    /// The quotient has more digits than a decimal holds.
    pub fn percent(part: Decimal, whole: Decimal) -> Result<Self, Error> {
        Self::times(part, whole, 100)
    }

    /// `part / whole * 100`, of numbers of rows.
    #[must_use]
    pub fn share(part: u64, whole: u64) -> Self {
        Self { value: super::figure::percent(part, whole), undefined: whole == 0 }
    }

    /// The quotient, where there is one.
    #[must_use]
    pub fn get(self) -> Option<Decimal> {
        (!self.undefined).then_some(self.value)
    }

    fn times(part: Decimal, whole: Decimal, times: i128) -> Result<Self, Error> {
        if whole.is_zero() {
            return Ok(Self::UNDEFINED);
        }
        // Beyond what fits in 128 bits, the quotient's 28 digits are rounded.
        let long = || {
            let quotient = part.checked_mul(Decimal::try_from_i128_with_scale(times, 0).ok()?)?;
            quotient.checked_div(whole).map(|quotient| rounded(quotient, 2))
        };
        let value = exact(part.normalize(), whole.normalize(), times).or_else(long);
        Ok(Self { value: value.ok_or_else(too_many_digits)?, undefined: false })
    }
}

/// The quotient in whole hundredths, where all of it fits in 128 bits.
fn exact(part: Decimal, whole: Decimal, times: i128) -> Option<Decimal> {
    let tens = |count: u32| 10_i128.checked_pow(count);
    let (up, down) = (whole.scale().saturating_sub(part.scale()), part.scale().saturating_sub(whole.scale()));
    let units = part.mantissa().checked_mul(tens(up)?)?.checked_mul(times.checked_mul(100)?)?;
    let by = whole.mantissa().checked_mul(tens(down)?)?;
    let (units, by) = if by < 0 { (units.checked_neg()?, by.checked_neg()?) } else { (units, by) };
    Decimal::try_from_i128_with_scale(divided(units, by), 2).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_go_away_from_zero_and_nothing_is_undefined() {
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        for (part, whole, of, percent) in [
            ("1", "8", "0.13", "12.50"),
            ("-1", "8", "-0.13", "-12.50"),
            ("1", "-8", "-0.13", "-12.50"),
            ("0.125", "1", "0.13", "12.50"),
            ("0.00005", "1", "0.00", "0.01"),
            ("10", "0.5", "20.00", "2000.00"),
            ("0", "3", "0.00", "0.00"),
            ("2", "3", "0.67", "66.67"),
            (
                "70000000000000000000000000",
                "1",
                "70000000000000000000000000.00",
                "7000000000000000000000000000",
            ),
        ] {
            let (part, whole) = (number(part), number(whole));
            assert_eq!(Ratio::of(part, whole).unwrap(), Ratio { value: number(of), undefined: false });
            assert_eq!(Ratio::percent(part, whole).unwrap().value, number(percent));
        }
        assert_eq!(Ratio::percent(number("5"), number("0.00")).unwrap(), Ratio::UNDEFINED);
        assert_eq!((Ratio::UNDEFINED.get(), Ratio::UNDEFINED.value.to_string()), (None, "0.00".to_owned()));
        assert_eq!((Ratio::share(0, 0), Ratio::share(1, 3).get()), (Ratio::UNDEFINED, Some(number("33.33"))));
        assert_eq!(Ratio::of(Decimal::MAX, number("0.1")).unwrap_err().code(), "limit");
    }

    proptest! {
        /// Against long division: twice the distance from the exact quotient is at most one unit, and a tie goes out.
        #[test]
        fn a_ratio_is_the_exact_one_rounded(
            part in any::<i32>(), whole in any::<i32>().prop_filter("a number", |whole| *whole != 0),
            scale in 0_u32..6, other in 0_u32..6,
        ) {
            let found = Ratio::percent(Decimal::new(part.into(), scale), Decimal::new(whole.into(), other)).unwrap();
            prop_assert_eq!(found.value.scale(), 2);
            // part / 10^scale / (whole / 10^other) * 100 * 100, in whole hundredths
            let (exact, by) = (i128::from(part) * 10_000 * 10_i128.pow(other), i128::from(whole) * 10_i128.pow(scale));
            let twice = 2 * (found.value.mantissa().abs() * by.abs() - exact.abs());
            prop_assert!(-by.abs() < twice && twice <= by.abs());
            prop_assert!(found.value.is_zero() || (found.value.mantissa() < 0) == ((part < 0) != (whole < 0)));
        }
    }
}

//! Decimals as text that a database without exact decimals compares and adds up.
//!
//! Invariant: such texts compare as their numbers do, and the sum of their parts is the sum of the numbers, to the last digit.

use crm_core::store::Sum;
use crm_core::value::Decimal;

/// Digits before the point that a decimal can have, and after it.
const WHOLE: usize = 29;
const FRACTION: usize = 28;

/// A text that compares as the number does: a digit for the sign, then all digits before and after the point; those of a
/// negative number are taken from nine.
#[cfg(any(feature = "sqlite", test))]
pub(crate) fn to_sortable(number: Decimal) -> String {
    let units = number.mantissa().unsigned_abs().to_string();
    let scale = number.scale() as usize;
    let units = format!("{units:0>width$}", width = scale + 1);
    let (whole, fraction) = units.split_at(units.len() - scale);
    let digits = format!("{whole:0>WHOLE$}{fraction:0<FRACTION$}");
    if number.is_sign_negative() && !number.is_zero() {
        let turned = digits.bytes().map(|digit| char::from(b'0' + (b'9' - digit)));
        std::iter::once('0').chain(turned).collect()
    } else {
        format!("1{digits}")
    }
}

/// The number again; its scale says how many of the digits were written.
pub(crate) fn from_sortable(text: &str, scale: u32) -> Option<Decimal> {
    if text.len() != 1 + WHOLE + FRACTION || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (sign, digits) = text.split_at(1);
    let digits = digits.get(..WHOLE + scale as usize)?;
    let units: i128 = if sign == "0" {
        let turned: String = digits.bytes().map(|digit| char::from(b'0' + (b'9' - digit))).collect();
        -turned.parse::<i128>().ok()?
    } else {
        digits.parse().ok()?
    };
    Decimal::try_from_i128_with_scale(units, scale).ok()
}

/// The parts of a text whose sums a whole number of 64 bits holds, for 900 million rows and more: the sign, then digits.
const PARTS: [usize; 7] = [1, 9, 10, 10, 10, 9, 9];

/// What adds up a column of such texts, part by part, and what [`sum_of_parts`] has to know besides.
pub(crate) fn parts(column: &str, scale: &str) -> impl Iterator<Item = String> + use<> {
    let mut start = 1;
    let sums = PARTS.map(|digits| {
        let part = format!("coalesce(sum(CAST(substr({column}, {start}, {digits}) AS INTEGER)), 0)");
        start += digits;
        part
    });
    [format!("count({column})"), format!("coalesce(max({scale}), 0)")].into_iter().chain(sums)
}

/// How many columns [`parts`] are.
pub(crate) const COLUMNS: usize = 2 + PARTS.len();

/// The sum, from the values of [`parts`]: how many numbers there are, the greatest scale, the sums of the parts.
pub(crate) fn sum_of_parts(values: [i64; COLUMNS]) -> Option<Sum> {
    let [count, scale, positive, parts @ ..] = values;
    let negative = i128::from(count) - i128::from(positive);
    let scale = u32::try_from(scale).ok()?;
    let (mut sum, mut end) = (Sum::default(), 0);
    for (digits, part) in PARTS.iter().skip(1).zip(parts) {
        end += digits;
        // The digits of a negative number were taken from nine.
        let nines = 10_i128.pow(u32::try_from(*digits).ok()?) - 1;
        let part = i128::from(part) - negative * nines;
        let behind = u32::try_from(WHOLE.saturating_sub(end)).ok()?;
        let decimals = u32::try_from(end.saturating_sub(WHOLE)).ok()?;
        // What stands behind the greatest scale is nothing.
        let (part, decimals) = match decimals.checked_sub(scale) {
            Some(more) => (part / 10_i128.pow(more), scale),
            None => (part, decimals),
        };
        if part != 0 {
            sum.add_units(part.checked_mul(10_i128.pow(behind))?, decimals);
        }
    }
    sum.add_units(0, scale);
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the database would answer.
    fn added(numbers: &[Decimal]) -> [i64; COLUMNS] {
        let texts: Vec<String> = numbers.iter().map(|number| to_sortable(*number)).collect();
        let scale = numbers.iter().map(|number| i64::from(number.scale())).max().unwrap_or(0);
        let mut values = vec![i64::try_from(texts.len()).unwrap(), scale];
        let mut start = 0;
        for digits in PARTS {
            let part = |text: &String| text[start..start + digits].parse::<i64>().unwrap();
            values.push(texts.iter().map(part).sum());
            start += digits;
        }
        values.try_into().unwrap()
    }

    #[test]
    fn the_parts_of_texts_add_up_to_the_sum_of_the_numbers() {
        let all = [
            "-9999999999.99",
            "-10.01",
            "-9.999",
            "-0.0000000000000000000000000001",
            "0.00",
            "0.1",
            "1",
            "9.99",
            "10.000",
            "12345678901234567.89",
            "99999999999999999999.99",
        ];
        for first in 0..all.len() {
            for last in first..=all.len() {
                let numbers: Vec<Decimal> = all[first..last].iter().map(|text| number(text)).collect();
                let mut wanted = Sum::default();
                numbers.iter().for_each(|number| wanted.add(*number));
                let found = sum_of_parts(added(&numbers)).unwrap().exact();
                assert_eq!(
                    found.map(|sum| sum.to_string()),
                    wanted.exact().map(|sum| sum.to_string()),
                    "{numbers:?}"
                );
            }
        }
        let largest = number("79228162514264337593543950335");
        assert_eq!(sum_of_parts(added(&[largest])).unwrap().exact(), Some(largest));
        assert_eq!(sum_of_parts(added(&[-largest])).unwrap().exact(), Some(-largest));
        assert_eq!(sum_of_parts(added(&[largest, number("1")])).and_then(Sum::exact), None);
        assert_eq!(sum_of_parts(added(&[])).unwrap().exact(), Some(number("0")));
    }

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn sortable_text_sorts_as_the_numbers_and_comes_back() {
        let sorted = [
            "-79228162514264337593543950335",
            "-10.01",
            "-10.0",
            "-9.99",
            "-0.0000000000000000000000000001",
            "0.00",
            "0.0000000000000000000000000001",
            "0.1",
            "1",
            "9.99",
            "10.000",
            "99999999999999999999.99",
            "79228162514264337593543950335",
        ];
        let texts: Vec<_> = sorted.iter().map(|text| to_sortable(number(text))).collect();
        assert!(texts.is_sorted_by(|one, two| one < two), "{texts:?}");
        for (text, sortable) in sorted.iter().zip(&texts) {
            assert_eq!(from_sortable(sortable, number(text).scale()).unwrap().to_string(), *text);
        }
        assert_eq!(to_sortable(number("1.0")), to_sortable(number("1.000")), "of equal worth, of equal text");
    }

    #[test]
    fn other_text_is_no_number() {
        for (text, scale) in [("", 0), ("12", 0), (&"x".repeat(58)[..], 2), (&"1".repeat(58), 40)] {
            assert_eq!(from_sortable(text, scale), None);
        }
    }
}

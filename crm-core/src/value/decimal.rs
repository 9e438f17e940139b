//! Exact decimal numbers, and how they are read.
//!
//! Amounts pass through JSON, forms and spreadsheets; each step may round, or read what it does not
//! understand as zero. Here a number is read exactly or it is refused.
//!
//! Invariant: what is accepted has exactly the value that was written; zero comes only from zero. A JSON
//! number with a fraction is a binary float by the time it arrives here: its value is that of its shortest
//! text, and it is refused at a size where it could not tell hundredths apart.

use std::fmt;

pub use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::Problem;

/// Floats hold fifteen decimal digits: thirteen before the point and two after it.
const COARSE_FLOAT: i64 = 10_000_000_000_000;

/// A decimal as input: a JSON number or decimal text; written as text, so that no reader rounds it.
///
/// ```
/// use crm_core::value::Number;
///
/// let number: Number = serde_json::from_str("0.1")?;
/// assert_eq!(number, serde_json::from_str("\"0.1\"")?);
/// assert_eq!(serde_json::to_string(&number)?, "\"0.1\"");
/// assert!(Number::parse("a lot").is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(pub Decimal);

impl Number {
    /// Reads a number: ASCII digits with an optional sign, fraction and exponent.
    ///
    /// # Errors
    /// When it is anything else, or has more digits than a decimal can hold exactly.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let parts = Parts::of(text.trim()).ok_or_else(|| Problem::malformed("a decimal number"))?;
        parts.value().map(Self).ok_or_else(|| Problem::out_of_range("a number of at most 28 digits"))
    }
}

/// A number as written, before it is known to fit.
struct Parts<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    exponent: i64,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (negative, text) = without_sign(text);
        let (text, exponent) = match text.split_once(['e', 'E']) {
            None => (text, 0),
            Some((text, exponent)) => (text, exponent_of(exponent)?),
        };
        let (whole, fraction) = match text.split_once('.') {
            None => (text, ""),
            Some((_, "")) => return None,
            Some(both) => both,
        };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        (!whole.is_empty() && digits(whole) && digits(fraction)).then_some(Self {
            negative,
            whole,
            fraction,
            exponent,
        })
    }

    fn value(&self) -> Option<Decimal> {
        // Zeros beyond what a decimal can show do not change the value.
        let fraction = if self.fraction.len() > Decimal::MAX_SCALE as usize {
            self.fraction.trim_end_matches('0')
        } else {
            self.fraction
        };
        let mut units: i128 = 0;
        for digit in self.whole.bytes().chain(fraction.bytes()) {
            units = units.checked_mul(10)?.checked_add(i128::from(digit.wrapping_sub(b'0')))?;
        }
        let scale = i64::try_from(fraction.len()).ok()?.checked_sub(self.exponent)?;
        exact(if self.negative { -units } else { units }, scale)
    }
}

fn without_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn exponent_of(text: &str) -> Option<i64> {
    let (negative, digits) = without_sign(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // An exponent out of all bounds is a number out of all bounds, not bad syntax.
    let size = digits.parse::<i32>().map_or(i64::from(i32::MAX), i64::from);
    Some(if negative { -size } else { size })
}

/// `units * 10^-scale`, when a decimal holds exactly that.
pub(crate) fn exact(mut units: i128, mut scale: i64) -> Option<Decimal> {
    if units == 0 {
        scale = scale.clamp(0, i64::from(Decimal::MAX_SCALE));
    }
    if scale < 0 {
        let factor = 10_i128.checked_pow(u32::try_from(scale.checked_neg()?).ok()?)?;
        units = units.checked_mul(factor)?;
        scale = 0;
    }
    loop {
        let fits = u32::try_from(scale).ok().filter(|scale| *scale <= Decimal::MAX_SCALE);
        let value = fits.and_then(|scale| Decimal::try_from_i128_with_scale(units, scale).ok());
        if value.is_some() || scale == 0 || units % 10 != 0 {
            return value;
        }
        units /= 10;
        scale -= 1;
    }
}

/// The product with at most so many decimals, half a unit rounded away from zero; `None` when its digits do not fit.
pub(crate) fn rounded_product(left: Decimal, right: Decimal, decimals: u32) -> Option<Decimal> {
    let (left, right) = (left.normalize(), right.normalize());
    let units = left.mantissa().checked_mul(right.mantissa())?;
    let scale = left.scale().checked_add(right.scale())?;
    let Some(excess) = scale.checked_sub(decimals).filter(|excess| *excess > 0) else {
        return exact(units, i64::from(scale));
    };
    let unit = 10_i128.checked_pow(excess)?;
    let (whole, rest) = (units / unit, (units % unit).abs());
    let away = if rest >= unit - rest { units.signum() } else { 0 };
    exact(whole.checked_add(away)?, i64::from(decimals))
}

/// Reads an amount as people write it, with a point or a comma before the fraction and with groups of three
/// digits. Text that two people could read as two amounts is refused.
///
/// ```
/// use crm_core::value::{Decimal, parse_money_text};
///
/// assert_eq!(parse_money_text("1 234,50")?, Decimal::new(123_450, 2));
/// assert_eq!(parse_money_text("1,234.50")?, Decimal::new(123_450, 2));
/// assert!(parse_money_text("1,234").is_err()); // a thousand and more, or one and a bit?
/// # Ok::<(), crm_core::value::Problem>(())
/// ```
///
/// # Errors
/// When it is no amount, has more than one reading, or more digits than a decimal can hold exactly.
pub fn parse_money_text(text: &str) -> Result<Decimal, Problem> {
    let text = text.trim().replace(['\u{a0}', '\u{202f}', '\u{2009}'], " ").replace('\u{2212}', "-");
    let (negative, digits) = without_sign(&text);
    let plain = ungrouped(digits).ok_or_else(|| {
        Problem::malformed("an amount that can be read in one way only, such as `1234.50` or `1 234,50`")
    })?;
    let sign = if negative { "-" } else { "" };
    Number::parse(&format!("{sign}{plain}")).map(|number| number.0)
}

/// The same amount without groups and with a point, if it has one reading.
fn ungrouped(text: &str) -> Option<String> {
    if text.contains(|char: char| !char.is_ascii_digit() && !" ,.".contains(char)) {
        return None;
    }
    let Some((whole, fraction)) = text.rsplit_once([',', '.']) else {
        return joined(text, ' ');
    };
    let mark = if text.ends_with(&format!(",{fraction}")) { ',' } else { '.' };
    let other = if mark == ',' { '.' } else { ',' };
    if whole.contains(mark) {
        // A mark that comes twice cannot start a fraction, so every one of them is a group's.
        return joined(text, mark);
    }
    let group = if whole.contains(other) { other } else { ' ' };
    let could_be_group = !whole.contains(group) && is_first_group(whole) && is_group(fraction);
    if could_be_group || fraction.is_empty() || !is_digits(fraction) {
        return None;
    }
    joined(whole, group).map(|whole| format!("{whole}.{fraction}"))
}

/// The digits of a whole number whose groups, if it has any, are of three.
fn joined(text: &str, mark: char) -> Option<String> {
    let Some((first, rest)) = text.split_once(mark) else {
        return (!text.is_empty() && is_digits(text)).then(|| text.to_owned());
    };
    (is_first_group(first) && rest.split(mark).all(is_group)).then(|| text.replace(mark, ""))
}

fn is_first_group(text: &str) -> bool {
    (1..=3).contains(&text.len()) && is_digits(text) && !text.starts_with('0')
}

fn is_group(text: &str) -> bool {
    text.len() == 3 && is_digits(text)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::str::FromStr for Number {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        Self::parse(text)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // The text of a JSON number is its shortest one, so 0.1 stays 0.1; NaN and infinity become null.
        let read = match Value::deserialize(from)? {
            Value::Number(number) => Self::parse(&number.to_string()).and_then(|read| {
                let coarse = number.is_f64() && read.0.abs() >= COARSE_FLOAT.into();
                if coarse { Err(Problem::out_of_range("below 10^13, or decimal text")) } else { Ok(read) }
            }),
            Value::String(text) => Self::parse(&text),
            _ => Err(Problem::malformed("a number or decimal text")),
        };
        read.map_err(serde::de::Error::custom)
    }
}

impl From<Decimal> for Number {
    fn from(value: Decimal) -> Self {
        Self(value)
    }
}

impl From<i32> for Number {
    fn from(value: i32) -> Self {
        Self(value.into())
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(value.into())
    }
}

impl From<u32> for Number {
    fn from(value: u32) -> Self {
        Self(value.into())
    }
}

#[cfg(test)]
#[path = "decimal_tests.rs"]
mod tests;

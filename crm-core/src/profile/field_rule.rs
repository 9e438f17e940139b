//! What a profile demands of one field, compiled.
//!
//! Invariant: every value that a caller sends passes [`FieldRule::accept`] or [`FieldRule::clear`] of its field.

use std::sync::Arc;

use rust_decimal::{Decimal, RoundingStrategy};

use super::spec::{Excess, MoneyRule, Presence};
use crate::describe::Value;
use crate::value::{Currency, Problem, Word};

/// What a profile demands of one field.
#[derive(Clone, Debug, Default)]
pub struct FieldRule {
    /// Must it be there?
    pub presence: Presence,
    /// Most characters.
    pub max: Option<u32>,
    /// What amounts may look like, for a field that holds one.
    pub money: Option<MoneyRule>,
    /// What becomes of more digits than a measure has, for a field that holds one.
    pub measure: Option<Excess>,
    /// The accepted words, for a field with a vocabulary.
    pub words: Option<Arc<[Word]>>,
    /// The accepted currencies, for a field that holds one.
    pub currencies: Option<Arc<[Currency]>>,
}

impl FieldRule {
    /// Judges a value that was sent, and brings it into the form to store.
    ///
    /// # Errors
    /// Says why the value is refused.
    pub fn accept(&self, value: Value) -> Result<Value, Problem> {
        match (&value, self.presence) {
            (Value::Null, _) => return self.clear(false),
            (_, Presence::Unused) => return Err(Problem::NotUsed),
            _ => {}
        }
        match &value {
            Value::Text(text) => self.judge_text(text)?,
            Value::Decimal(number) => {
                if let Some(money) = &self.money {
                    return money.accept(*number).map(Value::Decimal);
                }
                if let Some(excess) = self.measure {
                    return accept_measure(*number, excess).map(Value::Decimal);
                }
            }
            _ => {}
        }
        Ok(value)
    }

    /// Judges a wish to empty the field, whose type may itself forbid that.
    ///
    /// # Errors
    /// The field must be there.
    pub fn clear(&self, required_by_type: bool) -> Result<Value, Problem> {
        if required_by_type || self.presence == Presence::Required {
            return Err(Problem::Required);
        }
        Ok(Value::Null)
    }

    fn judge_text(&self, text: &str) -> Result<(), Problem> {
        if let Some(max) = self.max.filter(|max| text.chars().count() > *max as usize) {
            return Err(Problem::TooLong { max });
        }
        if let Some(words) =
            self.words.as_ref().filter(|words| !words.iter().any(|word| word.as_str() == text))
        {
            return Err(Problem::one_of(text, words.iter().map(Word::as_str)));
        }
        if let Some(accepted) =
            self.currencies.as_ref().filter(|all| !all.iter().any(|one| one.as_str() == text))
        {
            return Err(Problem::one_of(text, accepted.iter().map(Currency::as_str)));
        }
        Ok(())
    }
}

/// Judges a share or a size: it has four decimals at most, and two are written always. How amounts are written, which
/// follows the currency, says nothing of it.
fn accept_measure(number: Decimal, excess: Excess) -> Result<Decimal, Problem> {
    let rule = MoneyRule { integer_digits: 12, decimals: 4, excess, zero: true };
    let mut kept = rule.accept(number)?.normalize();
    kept.rescale(kept.scale().max(2));
    Ok(kept)
}

impl MoneyRule {
    /// Judges an amount, and gives it exactly the rule's number of decimals.
    ///
    /// # Errors
    /// Negative, zero where zero is none, too many digits before or after the point.
    pub fn accept(&self, amount: Decimal) -> Result<Decimal, Problem> {
        let refused = || Problem::OutOfRange { rule: self.describe() };
        let mut kept = amount.normalize();
        if kept.scale() > self.decimals {
            match self.excess {
                Excess::Refuse => return Err(refused()),
                Excess::Round => {
                    kept = kept.round_dp_with_strategy(self.decimals, RoundingStrategy::MidpointAwayFromZero);
                }
            }
        }
        let too_large = kept.trunc().abs().to_string().len() > self.integer_digits as usize;
        if kept.is_sign_negative() && !kept.is_zero() || kept.is_zero() && !self.zero || too_large {
            return Err(refused());
        }
        kept.rescale(self.decimals);
        Ok(kept)
    }

    /// The rule in words.
    #[must_use]
    pub fn describe(&self) -> String {
        let bound = if self.zero { ">= 0" } else { "> 0" };
        format!(
            "a number {bound} with at most {} digits before the decimal point and {} after it",
            self.integer_digits, self.decimals
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_at_the_bounds() {
        let read = |excess, text: &str| {
            accept_measure(text.parse().unwrap(), excess).map(|number| number.to_string()).ok()
        };
        for (text, refused, rounded) in [
            ("0", Some("0.00"), Some("0.00")),
            ("-0.1", None, None),
            ("45.7", Some("45.70"), Some("45.70")),
            ("0.125", Some("0.125"), Some("0.125")),
            ("0.33333", None, Some("0.3333")),
            ("0.3000", Some("0.30"), Some("0.30")),
            ("999999999999.9999", Some("999999999999.9999"), Some("999999999999.9999")),
            ("1000000000000", None, None),
        ] {
            assert_eq!(read(Excess::Refuse, text).as_deref(), refused, "{text} where digits are refused");
            assert_eq!(read(Excess::Round, text).as_deref(), rounded, "{text} where digits are rounded");
        }
    }

    #[test]
    fn amounts_at_the_bounds() {
        let refuse = MoneyRule { integer_digits: 13, decimals: 2, excess: Excess::Refuse, zero: true };
        let round = MoneyRule { excess: Excess::Round, zero: false, ..refuse };
        let read =
            |rule: &MoneyRule, text: &str| rule.accept(text.parse().unwrap()).map(|x| x.to_string()).ok();
        for (text, refused, rounded) in [
            ("0", Some("0.00"), None),
            ("-0", Some("0.00"), None),
            ("-0.01", None, None),
            ("0.1", Some("0.10"), Some("0.10")),
            ("1.005", None, Some("1.01")),
            ("1.0050000", None, Some("1.01")),
            ("0.004", None, None),
            ("1.100", Some("1.10"), Some("1.10")),
            ("9999999999999.99", Some("9999999999999.99"), Some("9999999999999.99")),
            ("9999999999999.995", None, None),
            ("10000000000000", None, None),
        ] {
            assert_eq!(read(&refuse, text).as_deref(), refused, "{text} where digits are refused");
            assert_eq!(read(&round, text).as_deref(), rounded, "{text} where digits are rounded");
        }
    }
}

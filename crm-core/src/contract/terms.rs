//! What a contract comes to.
//!
//! Invariant: a total that has a price and an area is their product, rounded once, or says in so many amounts and words
//! why it is not.

use rust_decimal::Decimal;

use super::{CURRENCY, Contract, UNIT};
use crate::command::Asked;
use crate::describe::Value;
use crate::draft::{Draft, Halt};
use crate::error::{Error, Rule};
use crate::value::{Currency, Money, Problem, UnitId, rounded_product};

/// The currency of the prices of the unit that a new contract sells, where the caller names none.
pub(super) fn currency_of(tx: &mut Draft<'_>, given: &Asked<'_>) -> Result<Option<Currency>, Halt> {
    let Some(Value::Uuid(unit)) = given.value(UNIT).filter(|_| !given.has(CURRENCY)) else { return Ok(None) };
    let Some(unit) = tx.peek(UnitId::from(*unit))? else { return Ok(None) };
    Ok(tx.peek(unit.complex)?.map(|complex| complex.currency))
}

/// Judges the amounts of a contract that is to be signed.
pub(super) fn judge(contract: &Contract, decimals: u32) -> Result<(), Error> {
    let refuse = |field: &str, rule: &str| Err(Error::field(field, Problem::out_of_range(rule)));
    if contract.total <= Decimal::ZERO {
        return refuse("total", "a number > 0");
    }
    if contract.share.is_some_and(|share| share < Decimal::ZERO || share > Decimal::ONE) {
        return refuse("share", "a number from 0 to 1");
    }
    if contract.down.is_some_and(|down| down > contract.total) {
        return refuse("down", "no more than the total");
    }
    match contradiction(contract, decimals)? {
        Some(why) => Err(Error::Rule(Rule::other("total_unexplained", why))),
        None => Ok(()),
    }
}

/// Why the total is not what price, area and adjustments come to; `None` where it is, or where nothing says what it
/// should be.
pub(super) fn contradiction(contract: &Contract, decimals: u32) -> Result<Option<String>, Error> {
    let (Some(price), Some(_)) = (contract.price, contract.unit) else { return Ok(None) };
    let Some(area) = contract.area else {
        return Ok(Some("the size of the unit is not known, so its price is not either".to_owned()));
    };
    let money = |amount| Money { amount, currency: contract.currency };
    let too_large =
        || Error::field("price", Problem::out_of_range("a price whose total has at most 28 digits"));
    let plain = rounded_product(price, area, decimals).ok_or_else(too_large)?;
    let adjusted = money(plain)
        .checked_sub(money(contract.discount.unwrap_or_default()))
        .and_then(|less| less.checked_add(money(contract.surcharge.unwrap_or_default())))
        .map_err(|problem| Error::field("total", problem))?;
    if adjusted.amount != contract.total {
        let total = money(contract.total);
        return Ok(Some(format!("price times area, with its adjustments, is {adjusted}, not {total}")));
    }
    let adjusts =
        [contract.discount, contract.surcharge].into_iter().flatten().any(|amount| !amount.is_zero());
    let silent = adjusts && contract.adjustment_reason.is_none();
    Ok(silent.then(|| "a discount or a surcharge needs a reason".to_owned()))
}

//! Fees and commissions: shares of amounts, as the profile says.
//!
//! Invariant: an amount is exact before it is rounded, and it is rounded once, half a unit away from zero.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Payment;
use crate::contract::Contract;
use crate::describe::{Entity, FieldId, FieldType, Id, field_id};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::profile::{FeeBase, FeeRule};
use crate::value::{ContractId, Money, PaymentId, Problem, Word, exact, rounded_product};

const PAYMENT_CONTRACT: FieldId = field_id(Payment::FIELDS, "contract");

/// A fee on a contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Fee {
    /// What it is called.
    pub name: Word,
    /// Of what kind of amount it is a share.
    pub base: FeeBase,
    /// The payment on which it is due, for one on payments.
    pub payment: Option<PaymentId>,
    /// The amount of which it is a share.
    pub of: Money,
    /// How many hundredths of the amount it is.
    pub percent: Decimal,
    /// What it comes to.
    pub amount: Money,
}

/// So many hundredths of an amount, with at most so many decimals.
///
/// # Errors
/// The digits do not fit.
pub fn percentage(amount: Decimal, percent: Decimal, decimals: u32) -> Result<Decimal, Problem> {
    let percent = percent.normalize();
    let share = exact(percent.mantissa(), i64::from(percent.scale()) + 2);
    let product = share.and_then(|share| rounded_product(amount, share, decimals));
    product.ok_or_else(|| Problem::out_of_range("an amount of at most 28 digits"))
}

/// The commission on an amount, rounded to hundredths.
///
/// ```
/// use crm_core::{commission, value::Decimal};
///
/// assert_eq!(commission(Decimal::new(33_333, 2), Decimal::new(25, 1))?, Decimal::new(833, 2));
/// # Ok::<(), crm_core::value::Problem>(())
/// ```
///
/// # Errors
/// The digits do not fit.
pub fn commission(amount: Decimal, percent: Decimal) -> Result<Decimal, Problem> {
    percentage(amount, percent, 2)
}

impl FeeRule {
    /// What the fee on an amount comes to.
    ///
    /// # Errors
    /// The digits do not fit.
    pub fn of(&self, amount: Decimal) -> Result<Decimal, Problem> {
        percentage(amount, self.percent, self.decimals)
    }

    fn on(&self, of: Money, payment: Option<PaymentId>) -> Result<Fee, Halt> {
        let amount = self.of(of.amount).map_err(|problem| Error::field(self.name.as_str(), problem))?;
        Ok(Fee {
            name: self.name.clone(),
            base: self.base,
            payment,
            of,
            percent: self.percent,
            amount: Money { amount, ..of },
        })
    }
}

/// The fees on a contract, in the profile's order; none on one that was cancelled.
pub(crate) fn fees_of(tx: &mut Draft<'_>, id: ContractId) -> Result<Vec<Fee>, Halt> {
    let contract = tx.get(id)?;
    tx.demand_active_organization(crate::access::Action::ContractRead)?;
    let rules = tx.profile().spec().contracts.as_ref().map_or(&[][..], |spec| spec.fees.as_slice());
    let mut fees = Vec::new();
    for rule in rules.iter().filter(|_| contract.cancelled_at.is_none()) {
        match rule.base {
            FeeBase::ContractTotal => {
                let total = Money { amount: contract.total, currency: contract.currency };
                fees.push(rule.on(total, None)?);
            }
            FeeBase::PaymentAmount => {
                for payment in payments(tx, id)? {
                    let amount = Money { amount: payment.amount, currency: payment.currency };
                    fees.push(rule.on(amount, Some(payment.id))?);
                }
            }
            FeeBase::DealAmount => {
                if let Some(worth) = deal_amount(tx, &contract)? {
                    fees.push(rule.on(worth, None)?);
                }
            }
        }
    }
    Ok(fees)
}

/// The payments of a contract that stand, of those that the actor sees.
fn payments(tx: &mut Draft<'_>, contract: ContractId) -> Result<Vec<Payment>, Halt> {
    let mut stand = Vec::new();
    for payment in tx.rows::<Payment>(vec![(PAYMENT_CONTRACT, contract.to_value())])? {
        if payment.reverses.is_none() && payment.reversed_by.is_none() && seen(tx, payment.id)? {
            stand.push(payment.as_ref().clone());
        }
    }
    Ok(stand)
}

fn deal_amount(tx: &mut Draft<'_>, contract: &Contract) -> Result<Option<Money>, Halt> {
    match contract.deal {
        Some(deal) if seen(tx, deal)? => Ok(tx.get(deal)?.money()),
        _ => Ok(None),
    }
}

fn seen<I: Id>(tx: &mut Draft<'_>, id: I) -> Result<bool, Halt> {
    match tx.get(id) {
        Ok(_) => Ok(true),
        Err(Halt::Reject(_)) => Ok(false),
        Err(need) => Err(need),
    }
}

//! Quotations: what a unit costs under each plan, with every line.
//!
//! One set of formulas serves pages, quotations, contracts and documents.
//!
//! Invariant: the lines of a plan add up to its total exactly; a total is rounded once, half away from zero.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::payment::schedule::{Line, MOST_MONTHS, Role, Shape};
use crate::profile::{HybridTemplate, QuotationSpec};
use crate::value::{Currency, Date, Money, Number, Problem, UnitId, rounded_product};

/// 10^18. Below it a product of two amounts is exact.
const MOST: Decimal = Decimal::from_parts(0xa764_0000, 0x0de0_b6b3, 0, false, 0);

/// What a quotation rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The unit.
    pub unit: UnitId,
    /// Its floor, which names a price that is not there.
    pub floor: i64,
    /// Its size.
    pub area: Decimal,
    /// What a square metre costs, by the share that is paid at once.
    pub prices: BTreeMap<Decimal, Decimal>,
    /// In which currency.
    pub currency: Currency,
    /// To how many decimals amounts are rounded.
    pub decimals: u32,
    /// The day of the quotation, on which the first payment would be due.
    pub today: Date,
    /// How many months of the term are left.
    pub months_left: u32,
    /// May a plan leave a payment for the end?
    pub hybrid_allowed: bool,
}

/// What a unit costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quotation {
    /// The unit.
    pub unit: UnitId,
    /// Its size.
    pub area: Decimal,
    /// The day of the quotation.
    pub today: Date,
    /// How many months of the term are left.
    pub months_left: u32,
    /// The plans: paid at once, by instalments, with a payment at the end.
    pub plans: Vec<PlanQuote>,
    /// What a mortgage would be, for information.
    pub mortgage: Option<Mortgage>,
    /// The prices that are not there; their plans are left out.
    pub missing: Vec<MissingPrice>,
}

/// A price that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingPrice {
    /// The floor.
    pub floor: i64,
    /// The share.
    pub share: Decimal,
}

/// What kind of plan it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanKind {
    /// All at once.
    Full,
    /// A share at once, the rest in equal parts.
    Instalment,
    /// A share at once, a share at the end, the rest in equal parts.
    Hybrid,
}

/// A plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanQuote {
    /// Its name: `full`, `instalment_70`, or that of a template.
    pub name: String,
    /// What kind it is.
    pub kind: PlanKind,
    /// The column of the grid whose price it has.
    pub share: Decimal,
    /// What a square metre costs.
    pub price: Decimal,
    /// What it comes to, the markup included.
    pub total: Money,
    /// What is paid at once.
    pub down: Money,
    /// What is paid at the end.
    pub last: Money,
    /// What is paid in the first month after the down payment; nothing where there is no such month.
    pub monthly: Option<Money>,
    /// How much of the total is markup.
    pub markup: Money,
    /// How much less it would be to pay all at once.
    pub economy: Option<Money>,
    /// What the agency takes for the act.
    pub act_fee: Money,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// A mortgage, for information: it is never a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mortgage {
    /// What is paid at once.
    pub down: Money,
    /// What the bank lends.
    pub loan: Money,
    /// How many months it runs.
    pub months: u32,
    /// What is paid a month, where the rate is known.
    pub monthly: Option<Money>,
}

/// How many months of a term are left: the calendar months from today's to that in which the term ends, less one when
/// today is not the first of its month; at least 0. A term without a first day begins today.
#[must_use]
pub fn months_left(today: Date, starts_on: Option<Date>, term_months: u32) -> u32 {
    let months = |day: Date| {
        let (year, month, _) = day.ymd();
        i64::from(year) * 12 + i64::from(month)
    };
    let Some(starts_on) = starts_on else { return term_months };
    let begun = i64::from(today.ymd().2 != 1);
    let left = months(starts_on.plus_months(term_months)) - months(today) - begun;
    u32::try_from(left.max(0)).unwrap_or(u32::MAX)
}

/// The price of a square metre times the size, with a markup, rounded once.
///
/// # Errors
/// It does not fit.
pub fn total(price: Decimal, area: Decimal, markup: Decimal, decimals: u32) -> Result<Decimal, Problem> {
    let plain = product(price, area)?;
    let factor = Decimal::ONE.checked_add(markup).ok_or_else(too_large)?;
    part(plain, factor, decimals)
}

/// What the agency takes for the act: a share of the total, in whole units of the currency.
///
/// # Errors
/// It does not fit.
pub fn act_fee(total: Money, share: Decimal) -> Result<Money, Problem> {
    Ok(Money { amount: part(total.amount, share, 0)?, ..total })
}

/// What is paid a month for a loan, by annuity: the same amount each month. For information, so it is rounded and not
/// adjusted in the last month.
///
/// # Errors
/// There are no months, the rate is below zero, or the amount does not fit.
pub fn annuity(loan: Money, yearly_rate: Decimal, months: u32, decimals: u32) -> Result<Money, Problem> {
    if months == 0 || yearly_rate < Decimal::ZERO {
        return Err(Problem::out_of_range("a rate of zero or more, over 1 month or more"));
    }
    let rate = yearly_rate.checked_div(Decimal::from(12)).ok_or_else(too_large)?;
    let monthly = if rate.is_zero() {
        loan.amount.checked_div(Decimal::from(months))
    } else {
        let grown = growth(rate, months)?;
        let each = product(rate, grown)?.checked_div(grown - Decimal::ONE).ok_or_else(too_large)?;
        Some(product(loan.amount, each)?)
    };
    Ok(Money { amount: part(monthly.ok_or_else(too_large)?, Decimal::ONE, decimals)?, ..loan })
}

/// What 1 becomes in so many months, to 28 digits.
fn growth(rate: Decimal, months: u32) -> Result<Decimal, Problem> {
    let factor = Decimal::ONE.checked_add(rate).ok_or_else(too_large)?;
    (0..months).try_fold(Decimal::ONE, |grown, _| product(grown, factor))
}

fn product(one: Decimal, other: Decimal) -> Result<Decimal, Problem> {
    one.checked_mul(other).filter(|product| product.abs() < MOST).ok_or_else(too_large)
}

/// A share of an amount, rounded once.
fn part(whole: Decimal, share: Decimal, decimals: u32) -> Result<Decimal, Problem> {
    let part = rounded_product(whole, share, decimals).filter(|part| part.abs() < MOST);
    let mut part = part.ok_or_else(too_large)?;
    part.rescale(decimals);
    Ok(part)
}

fn too_large() -> Problem {
    Problem::out_of_range("an amount of at most 18 digits")
}

/// The columns of the grid that a quotation needs.
#[must_use]
pub fn shares(spec: &QuotationSpec, hybrid_allowed: bool) -> BTreeSet<Decimal> {
    let hybrids = spec.hybrids.iter().filter(|_| hybrid_allowed).map(|template| template.share);
    let plain = spec.shares.iter().copied();
    std::iter::once(Decimal::ONE).chain(plain).chain(hybrids).map(|share| share.normalize()).collect()
}

/// Quotes every plan whose price is there, and names the prices that are not.
///
/// # Errors
/// An amount does not fit, or is too small for its lines.
pub fn quote(basis: &Basis, spec: &QuotationSpec) -> Result<Quotation, Problem> {
    let mut plans = Vec::new();
    let full = match basis.prices.get(&Decimal::ONE) {
        Some(price) => Some(basis.plan(spec, &Wish::full(), *price, None)?),
        None => None,
    };
    let all_at_once = full.as_ref().map(|full| full.total);
    let mortgage = all_at_once.map(|price| basis.mortgage(spec, price)).transpose()?;
    plans.extend(full);
    let hybrids = spec.hybrids.iter().filter(|_| basis.hybrid_allowed).map(Wish::hybrid);
    for wish in spec.shares.iter().map(Wish::instalment).chain(hybrids) {
        if let Some(price) = basis.prices.get(&wish.share) {
            plans.push(basis.plan(spec, &wish, *price, all_at_once)?);
        }
    }
    let missing = shares(spec, basis.hybrid_allowed).into_iter().rev();
    let missing = missing.filter(|share| !basis.prices.contains_key(share));
    Ok(Quotation {
        unit: basis.unit,
        area: basis.area,
        today: basis.today,
        months_left: basis.months_left,
        plans,
        mortgage,
        missing: missing.map(|share| MissingPrice { floor: basis.floor, share }).collect(),
    })
}

/// A plan that is wanted.
struct Wish {
    name: String,
    kind: PlanKind,
    share: Decimal,
    down: Decimal,
    last: Decimal,
    months: Option<u32>,
}

impl Wish {
    fn full() -> Self {
        let (name, kind) = ("full".to_owned(), PlanKind::Full);
        Self { name, kind, share: Decimal::ONE, down: Decimal::ONE, last: Decimal::ZERO, months: None }
    }

    fn instalment(share: &Decimal) -> Self {
        let percent = share.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(*share).normalize();
        let (name, kind) = (format!("instalment_{percent}"), PlanKind::Instalment);
        Self { name, kind, share: *share, down: *share, last: Decimal::ZERO, months: None }
    }

    fn hybrid(template: &HybridTemplate) -> Self {
        let HybridTemplate { name, share, down, last, months } = template;
        let (name, kind) = (name.to_string(), PlanKind::Hybrid);
        Self { name, kind, share: *share, down: *down, last: *last, months: *months }
    }

    /// Its shape. A schedule has 1 to 60 months: a term that is over has one, and a longer one ends there.
    fn shape(&self, down: Decimal, last: Decimal, months_left: u32) -> Shape {
        let months = self.months.unwrap_or(months_left).clamp(1, MOST_MONTHS);
        let down = Some(Number(down));
        match self.kind {
            PlanKind::Full => Shape::Full,
            PlanKind::Instalment => Shape::Instalment { down, months },
            PlanKind::Hybrid => Shape::Hybrid { down, last: Number(last), months },
        }
    }
}

impl Basis {
    fn money(&self, amount: Decimal) -> Money {
        Money { amount, currency: self.currency }
    }

    fn part(&self, whole: Decimal, share: Decimal) -> Result<Decimal, Problem> {
        part(whole, share, self.decimals)
    }

    fn plan(
        &self,
        spec: &QuotationSpec,
        wish: &Wish,
        price: Decimal,
        all_at_once: Option<Money>,
    ) -> Result<PlanQuote, Problem> {
        let markup = if wish.kind == PlanKind::Full { Decimal::ZERO } else { spec.markup };
        let plain = total(price, self.area, Decimal::ZERO, self.decimals)?;
        let total = total(price, self.area, markup, self.decimals)?;
        let (down, last) = (self.part(total, wish.down)?, self.part(total, wish.last)?);
        let lines =
            wish.shape(down, last, self.months_left).lines(self.money(total), self.decimals, self.today)?;
        let monthly =
            lines.iter().find(|line| line.role == Role::Monthly).map(|line| self.money(line.amount));
        let economy = all_at_once.map(|full| self.money(total - full.amount));
        Ok(PlanQuote {
            name: wish.name.clone(),
            kind: wish.kind,
            share: wish.share,
            price,
            total: self.money(total),
            down: self.money(down),
            last: self.money(last),
            monthly,
            markup: self.money(total - plain),
            economy: economy.filter(|economy| economy.amount > Decimal::ZERO),
            act_fee: act_fee(self.money(total), spec.act_fee)?,
            lines,
        })
    }

    fn mortgage(&self, spec: &QuotationSpec, price: Money) -> Result<Mortgage, Problem> {
        let down = self.part(price.amount, spec.mortgage_down)?;
        let (loan, months) = (self.money(price.amount - down), spec.mortgage_months);
        let monthly =
            spec.mortgage_rate.map(|rate| annuity(loan, rate, months, self.decimals)).transpose()?;
        Ok(Mortgage { down: self.money(down), loan, months, monthly })
    }
}

#[cfg(test)]
#[path = "quotation_tests.rs"]
mod tests;

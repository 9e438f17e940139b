//! Making, changing and ending plans.
//!
//! Invariant: a plan and all of its lines are written by one command; asking for the plan that is there changes nothing.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::account::{Account, Book, close, settle};
use super::installment::Installment;
use super::schedule::{self, MOST_LINES, Role, Shape};
use super::{CURRENCY, KIND, PaymentPlan, PaymentPlanEdits, TOTAL, word};
use crate::access::{Action, Scope};
use crate::command::{Asked, Command, check_given};
use crate::contract::Contract;
use crate::describe::{Entity, FieldType, Id, Key, Kind};
use crate::draft::{Draft, Halt, Permit, ReadSet, SetQuery};
use crate::error::{Error, Rule};
use crate::value::{
    ContractId, Currency, Date, Decimal, LeadId, Line, Money, Number, Patch, PaymentPlanId, Problem, Word,
};

/// Plans how a contract, or a lead without one, is paid.
///
/// A contract or a lead has one live plan. The same command again answers the plan that is there. Another one takes its
/// place: the old plan is `replaced`, its lines are cancelled, and what was paid on them pays the new lines in order.
/// Payments that were brought in from elsewhere pay the lines from then on, too.
///
/// ```
/// # use crm_core::value::{Date, LeadId, Number, Uuid};
/// use crm_core::PlanPayments;
/// use crm_core::schedule::Shape;
///
/// # let lead = LeadId::from_uuid(Uuid::nil());
/// let plan = PlanPayments::of_lead(lead, "instalment")
///     .total(1_000)
///     .starts_on(Date::parse("2026-01-31")?)
///     .shape(Shape::Instalment { down: Some(Number::from(300)), months: 12 });
/// # Ok::<(), crm_core::value::Problem>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlanPayments {
    /// The contract that is paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractId>,
    /// The lead that pays; that of the contract when it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<LeadId>,
    /// What kind of plan it is: one of the profile's.
    pub kind: String,
    /// What is paid in all; the total of the contract where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<Number>,
    /// In which currency; that of the contract where there is one, else the organisation's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The day of its first line; the day of the contract, or of the first of the given lines, when it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<Date>,
    /// How the lines are laid out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
    /// The lines, in order, where no shape fits; they must add up to the total exactly.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<PlannedLine>,
}

/// A line of a plan, as a caller gives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedLine {
    /// How much is due.
    pub amount: Number,
    /// When it is due; not before the line before it.
    pub due_on: Date,
    /// What it is; `monthly` when it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

impl PlanPayments {
    /// Of a contract.
    #[must_use]
    pub fn of_contract(contract: ContractId, kind: impl Into<String>) -> Self {
        Self { contract: Some(contract), kind: kind.into(), ..Self::default() }
    }

    /// Of a lead without a contract.
    #[must_use]
    pub fn of_lead(lead: LeadId, kind: impl Into<String>) -> Self {
        Self { lead: Some(lead), kind: kind.into(), ..Self::default() }
    }

    /// What is paid in all.
    #[must_use]
    pub fn total(mut self, total: impl Into<Number>) -> Self {
        self.total = Some(total.into());
        self
    }

    /// In which currency.
    #[must_use]
    pub fn currency(mut self, code: impl Into<String>) -> Self {
        self.currency = Some(code.into());
        self
    }

    /// The day of its first line.
    #[must_use]
    pub fn starts_on(mut self, day: Date) -> Self {
        self.starts_on = Some(day);
        self
    }

    /// How the lines are laid out.
    #[must_use]
    pub fn shape(mut self, shape: Shape) -> Self {
        self.shape = Some(shape);
        self
    }

    /// With one more line.
    #[must_use]
    pub fn line(mut self, amount: impl Into<Number>, due_on: Date) -> Self {
        self.lines.push(PlannedLine { amount: amount.into(), due_on, role: None });
        self
    }

    fn edits(&self) -> PaymentPlanEdits {
        PaymentPlanEdits {
            contract: self.contract.map_or(Patch::Keep, Patch::Set),
            lead: self.lead.map_or(Patch::Keep, Patch::Set),
            kind: Patch::Set(self.kind.clone()),
            total: self.total.map_or(Patch::Keep, Patch::Set),
            currency: self.currency.clone().map_or(Patch::Keep, Patch::Set),
            starts_on: self.starts_on.map_or(Patch::Keep, Patch::Set),
        }
    }
}

impl Command for PlanPayments {
    type Output = Arc<PaymentPlan>;

    fn name(&self) -> &'static str {
        "plan_payments"
    }

    fn hints(&self) -> ReadSet {
        let mut want = ReadSet::new();
        want.keys.extend(self.contract.map(Id::key));
        want.keys.extend(self.lead.map(Id::key));
        hint_account(want, self.contract, self.lead)
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<PaymentPlan>, Halt> {
        let given = tx.given::<PaymentPlan>(&self.edits())?;
        demand_any(tx, Action::PlanManage)?;
        let contract = match self.contract {
            Some(id) => Some(tx.get(id)?),
            None => None,
        };
        let lead = lead_of(tx, self.lead, contract.as_deref())?;
        let account = Account::of(self.contract, lead)?;
        let (plan, lines) = self.terms(tx, &Asked(&given), contract.as_deref(), lead)?;
        let record = Arc::new(plan.clone()).record();
        check_given(tx.profile(), &record)?;
        let permit = tx.allow(Action::PlanManage, Some(&record))?;
        if let Some(contract) = contract.filter(|contract| contract.status != "signed") {
            let why = format!("a {} contract is not paid by a plan", contract.status);
            return Err(Rule::other("contract_not_signed", why).into());
        }
        let live = match account.live_plan(tx)? {
            Some(live) => {
                let live = tx.get(live.id)?;
                Some(Book::open(tx, live)?)
            }
            None => None,
        };
        if let Some(book) = live.as_ref().filter(|book| is_same(book, &plan, &lines)) {
            settle(tx, &permit, account)?;
            return Ok(Arc::clone(&book.plan));
        }
        let mut plan = plan;
        plan.slot = Some(account.slot()?);
        let editions = account.plans(tx)?.iter().map(|plan| plan.edition).max().unwrap_or_default();
        plan.edition = editions.saturating_add(1);
        if let Some(book) = live {
            plan.replaces = Some(book.plan.id);
            replace(tx, &book, &plan)?;
        }
        let plan = tx.create_told(&permit, plan)?;
        for line in lines {
            let line = new_line(tx, &plan, &line)?;
            tx.create_told(&permit, line)?;
        }
        settle(tx, &permit, account)?;
        Ok(plan)
    }
}

/// Who may do it nowhere is refused before anything is looked up.
pub(super) fn demand_any(tx: &mut Draft<'_>, action: Action) -> Result<(), Halt> {
    if tx.profile().scope(tx.standing(), action) == Scope::None {
        tx.allow(action, None)?;
    }
    Ok(())
}

/// The lead that pays: the one that was named, or the contract's. A contract has no other.
pub(super) fn lead_of(
    tx: &mut Draft<'_>,
    named: Option<LeadId>,
    contract: Option<&Contract>,
) -> Result<Option<LeadId>, Halt> {
    let of_contract = contract.and_then(|contract| contract.lead);
    match (named, of_contract) {
        (Some(named), Some(known)) if named != known => {
            Err(Error::field("lead", Problem::forbidden("the contract is another lead's")).into())
        }
        (Some(named), _) => Ok(Some(tx.get(named)?.id)),
        (None, known) => Ok(known),
    }
}

/// The plans and the money of whatever is named.
pub(super) fn hint_account(mut want: ReadSet, contract: Option<ContractId>, lead: Option<LeadId>) -> ReadSet {
    let Ok(account) = Account::of(contract, lead) else { return want };
    let plans = account.set(super::CONTRACT, super::LEAD);
    let money = account.set(super::entry::CONTRACT, super::entry::LEAD);
    want.sets.insert(SetQuery::live(Kind::PaymentPlan, plans));
    want.sets.insert(SetQuery::live(Kind::Payment, money));
    want
}

impl PlanPayments {
    /// The plan as it would be, and its lines.
    fn terms(
        &self,
        tx: &mut Draft<'_>,
        asked: &Asked<'_>,
        contract: Option<&Contract>,
        lead: Option<LeadId>,
    ) -> Result<(PaymentPlan, Vec<schedule::Line>), Halt> {
        let kind = asked.value(KIND).and_then(Word::from_value);
        let kind = kind.ok_or_else(|| Error::field("kind", Problem::Required))?;
        let total = total(tx, asked, contract)?;
        let lines = match (&self.shape, self.lines.is_empty()) {
            (Some(shape), true) => {
                let first = self.starts_on.or(contract.map(|contract| contract.dated_on));
                let first = first.ok_or_else(|| Error::field("starts_on", Problem::Required))?;
                let decimals = tx.profile().spec().money.decimals;
                let lines = shape.lines(total, decimals, first);
                in_the_form_of_amounts(tx, lines.map_err(|problem| Error::field("shape", problem))?)?
            }
            (None, false) => given_lines(tx, &self.lines, total)?,
            _ => {
                return Err(
                    Error::field("shape", Problem::forbidden("a shape or lines, and one of them")).into()
                );
            }
        };
        let starts_on = lines.first().map(|line| line.due_on);
        let starts_on = starts_on.ok_or_else(|| Error::field("lines", Problem::Required))?;
        if self.starts_on.is_some_and(|day| day != starts_on) {
            let problem = Problem::forbidden("the first line is due on another day");
            return Err(Error::field("starts_on", problem).into());
        }
        let plan = PaymentPlan {
            id: tx.next_id()?,
            version: 1,
            contract: self.contract,
            lead,
            kind,
            total: total.amount,
            currency: total.currency,
            starts_on,
            status: word("live")?,
            edition: 1,
            replaces: None,
            cancel_reason: None,
            slot: None,
            created_at: tx.now(),
            updated_at: tx.now(),
            deleted_at: None,
            deleted_by: None,
        };
        Ok((plan, lines))
    }
}

/// What is paid in all: what the contract comes to, or what was said.
fn total(tx: &mut Draft<'_>, asked: &Asked<'_>, contract: Option<&Contract>) -> Result<Money, Halt> {
    let amount = asked.value(TOTAL).and_then(Decimal::from_value);
    let currency = asked.value(CURRENCY).and_then(Currency::from_value);
    let Some(contract) = contract else {
        let amount = amount.ok_or_else(|| Error::field("total", Problem::Required))?;
        return Ok(Money { amount, currency: currency_or_own(tx, currency)? });
    };
    let differs = |field: &str| {
        let why = format!("the contract comes to {} {}", contract.total, contract.currency);
        Err(Error::field(field, Problem::forbidden(why)).into())
    };
    if amount.is_some_and(|amount| amount != contract.total) {
        return differs("total");
    }
    if currency.is_some_and(|currency| currency != contract.currency) {
        return differs("currency");
    }
    Ok(Money { amount: contract.total, currency: contract.currency })
}

/// The currency that was said, or the organisation's.
pub(super) fn currency_or_own(tx: &mut Draft<'_>, said: Option<Currency>) -> Result<Currency, Halt> {
    said.map_or_else(|| tx.own_currency(), Ok)
}

/// Amounts as the profile writes them, like those that callers send.
fn in_the_form_of_amounts(
    tx: &Draft<'_>,
    mut lines: Vec<schedule::Line>,
) -> Result<Vec<schedule::Line>, Error> {
    for line in &mut lines {
        let amount = tx.profile().spec().money.accept(line.amount);
        line.amount = amount.map_err(|problem| Error::field("shape", problem))?;
    }
    Ok(lines)
}

fn given_lines(tx: &Draft<'_>, given: &[PlannedLine], total: Money) -> Result<Vec<schedule::Line>, Error> {
    let refused = |problem: Problem| Error::field("lines", problem);
    let mut lines: Vec<schedule::Line> = Vec::with_capacity(given.len());
    let mut sum = Money { amount: Decimal::ZERO, ..total };
    for (number, line) in (1..=MOST_LINES).zip(given) {
        let amount = tx.profile().spec().money.accept(line.amount.0).map_err(refused)?;
        if amount.is_zero() {
            return Err(refused(Problem::out_of_range("amounts above zero")));
        }
        if lines.last().is_some_and(|before| before.due_on > line.due_on) {
            return Err(refused(Problem::forbidden("a line is due before the one before it")));
        }
        sum = sum.checked_add(Money { amount, ..total }).map_err(refused)?;
        let role = line.role.unwrap_or(Role::Monthly);
        lines.push(schedule::Line { number, role, amount, due_on: line.due_on });
    }
    if lines.len() < given.len() {
        return Err(Error::Limit { limit: "lines of a plan", most: MOST_LINES.into() });
    }
    if sum.amount != total.amount {
        return Err(refused(Problem::forbidden(format!("they come to {sum}, and the total is {total}"))));
    }
    Ok(lines)
}

/// Is the plan that is there the one that is asked for?
fn is_same(book: &Book, plan: &PaymentPlan, lines: &[schedule::Line]) -> bool {
    let terms = |plan: &PaymentPlan| {
        (plan.contract, plan.lead, plan.kind.clone(), plan.total, plan.currency, plan.starts_on)
    };
    let same = |(kept, line): (&Arc<Installment>, &schedule::Line)| {
        (kept.number, kept.role.as_str(), kept.amount, kept.due_on)
            == (i64::from(line.number), line.role.name(), line.amount, line.due_on)
    };
    terms(&book.plan) == terms(plan)
        && book.lines.len() == lines.len()
        && book.lines.iter().zip(lines).all(same)
}

/// Ends the plan that was there, if what was paid on it can pay the new one.
fn replace(tx: &mut Draft<'_>, old: &Book, new: &PaymentPlan) -> Result<(), Halt> {
    let permit = tx.allow(Action::PlanManage, Some(&Arc::clone(&old.plan).record()))?;
    let paid = old.paid()?;
    if !old.is_backed()? {
        let why = "lines of the old plan count as paid without a payment, which cannot be carried over";
        return Err(Rule::other("paid_without_payment", why).into());
    }
    if !paid.is_zero() && old.plan.currency != new.currency {
        let problem = Problem::forbidden(format!("{paid} {} was paid already", old.plan.currency));
        return Err(Error::field("currency", problem).into());
    }
    if paid > new.total {
        let why = format!("{paid} {} was paid already, more than the new plan comes to", new.currency);
        return Err(Rule::other("paid_more_than_total", why).into());
    }
    close(tx, &permit, &old.plan, "replaced", None)?;
    Ok(())
}

fn new_line(tx: &mut Draft<'_>, plan: &PaymentPlan, line: &schedule::Line) -> Result<Installment, Halt> {
    let mut row = Installment {
        id: tx.next_id()?,
        version: 1,
        plan: plan.id,
        number: line.number.into(),
        role: word(line.role.name())?,
        amount: line.amount,
        due_on: line.due_on,
        contract: plan.contract,
        lead: plan.lead,
        currency: plan.currency,
        paid: Decimal::new(0, tx.profile().spec().money.decimals),
        outstanding: None,
        paid_on: None,
        on_time: None,
        status: word("open")?,
        identity: None,
        overdue_noted_at: None,
        created_at: tx.now(),
        updated_at: tx.now(),
        deleted_at: None,
        deleted_by: None,
    };
    row.settle(None)?;
    row.identify()?;
    Ok(row)
}

/// Cancels a live plan: its lines are due no more. What was paid on it stays as credit, until it is reversed or another
/// plan takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancelPlan {
    /// Which plan.
    pub id: PaymentPlanId,
    /// Why.
    pub reason: String,
}

impl CancelPlan {
    /// Of this plan, for this reason.
    #[must_use]
    pub fn of(id: PaymentPlanId, reason: impl Into<String>) -> Self {
        Self { id, reason: reason.into() }
    }
}

impl Command for CancelPlan {
    type Output = Arc<PaymentPlan>;

    fn name(&self) -> &'static str {
        "cancel_plan"
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<PaymentPlan>, Halt> {
        let reason = Line::parse(&self.reason).map_err(|problem| Error::field("reason", problem))?;
        let plan = tx.get(self.id)?;
        let permit = tx.allow(Action::PlanManage, Some(&Arc::clone(&plan).record()))?;
        if plan.status == "cancelled" {
            return Ok(plan);
        }
        demand_live(&plan)?;
        cancel_live_plan(tx, &permit, &plan, reason)
    }
}

/// Cancels a live plan for which permission was given, that of a contract that is cancelled for one.
pub(crate) fn cancel_live_plan(
    tx: &mut Draft<'_>,
    permit: &Permit,
    plan: &Arc<PaymentPlan>,
    reason: Line,
) -> Result<Arc<PaymentPlan>, Halt> {
    close(tx, permit, plan, "cancelled", Some(reason))
}

pub(super) fn demand_live(plan: &PaymentPlan) -> Result<(), Rule> {
    if plan.is_live() {
        return Ok(());
    }
    Err(Rule::other("plan_not_live", format!("the plan is {}; another one counts, or none", plan.status)))
}

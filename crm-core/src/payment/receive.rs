//! Money that comes in, and taking it back in the books.
//!
//! Invariant: a payment, its allocations and what they do to the lines are one commit; an entry is reversed at most once,
//! and a reversal never.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::account::{Account, Book, settle};
use super::allocation::{self, Allocation};
use super::entry::{self, Payment, PaymentEdits};
use super::plan::{currency_or_own, demand_any, demand_live, hint_account, lead_of};
use super::{PaymentPlan, word};
use crate::access::Action;
use crate::command::{Asked, Command, check_given};
use crate::describe::{Entity, FieldType, Id, Key};
use crate::draft::{Draft, Halt, ReadSet};
use crate::error::{Error, Rule};
use crate::value::{
    ContractId, Currency, Date, Decimal, LeadId, Line, Number, Patch, PaymentId, PaymentPlanId, Problem, Word,
};

/// Enters money that came in. It pays the open lines of the live plan in their order; what is left is kept as credit.
///
/// It is for a plan, a contract or a lead. A lead's money goes to the lead's own plan, or else to the only plan of its
/// contracts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReceivePayment {
    /// The plan it pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<PaymentPlanId>,
    /// The contract it pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractId>,
    /// Who paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<LeadId>,
    /// How much: more than zero.
    pub amount: Option<Number>,
    /// In which currency: that of the plan or the contract, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The day it came in; today when it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_on: Option<Date>,
    /// How it came: one of the profile's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// What for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl ReceivePayment {
    /// For a plan.
    #[must_use]
    pub fn of_plan(plan: PaymentPlanId, amount: impl Into<Number>) -> Self {
        Self { plan: Some(plan), amount: Some(amount.into()), ..Self::default() }
    }

    /// For a contract.
    #[must_use]
    pub fn of_contract(contract: ContractId, amount: impl Into<Number>) -> Self {
        Self { contract: Some(contract), amount: Some(amount.into()), ..Self::default() }
    }

    /// From a lead.
    #[must_use]
    pub fn of_lead(lead: LeadId, amount: impl Into<Number>) -> Self {
        Self { lead: Some(lead), amount: Some(amount.into()), ..Self::default() }
    }

    /// In which currency.
    #[must_use]
    pub fn currency(mut self, code: impl Into<String>) -> Self {
        self.currency = Some(code.into());
        self
    }

    /// The day it came in.
    #[must_use]
    pub fn received_on(mut self, day: Date) -> Self {
        self.received_on = Some(day);
        self
    }

    /// How it came.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// What for.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    fn edits(&self) -> PaymentEdits {
        PaymentEdits {
            plan: self.plan.map_or(Patch::Keep, Patch::Set),
            contract: self.contract.map_or(Patch::Keep, Patch::Set),
            lead: self.lead.map_or(Patch::Keep, Patch::Set),
            amount: self.amount.map_or(Patch::Clear, Patch::Set),
            currency: self.currency.clone().map_or(Patch::Keep, Patch::Set),
            received_on: self.received_on.map_or(Patch::Keep, Patch::Set),
            method: self.method.clone().map_or(Patch::Keep, Patch::Set),
            note: self.note.clone().map_or(Patch::Keep, Patch::Set),
        }
    }
}

/// What a payment is for.
struct For {
    account: Account,
    contract: Option<ContractId>,
    lead: Option<LeadId>,
    plan: Option<Arc<PaymentPlan>>,
    /// The only currency that fits, where there is one.
    currency: Option<Currency>,
}

impl For {
    fn plan(plan: Arc<PaymentPlan>) -> Result<Self, Error> {
        let account = Account::of_plan(&plan)?;
        let (contract, lead, currency) = (plan.contract, plan.lead, Some(plan.currency));
        Ok(Self { account, contract, lead, plan: Some(plan), currency })
    }
}

impl Command for ReceivePayment {
    type Output = Arc<Payment>;

    fn name(&self) -> &'static str {
        "receive_payment"
    }

    fn hints(&self) -> ReadSet {
        let mut want = ReadSet::new();
        want.keys.extend(self.plan.map(Id::key));
        want.keys.extend(self.contract.map(Id::key));
        want.keys.extend(self.lead.map(Id::key));
        hint_account(want, self.contract, self.lead)
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<Payment>, Halt> {
        let given = tx.given::<Payment>(&self.edits())?;
        let asked = Asked(&given);
        let amount = asked.value(entry::AMOUNT).and_then(Decimal::from_value).unwrap_or_default();
        if amount <= Decimal::ZERO {
            return Err(Error::field("amount", Problem::out_of_range("a number > 0")).into());
        }
        demand_any(tx, Action::PaymentReceive)?;
        let target = self.find(tx)?;
        let today = tx.today()?;
        let row = Payment { amount, ..new_entry(tx, &target, &asked, today)? };
        let record = Arc::new(row.clone()).record();
        check_given(tx.profile(), &record)?;
        let permit = tx.allow(Action::PaymentReceive, Some(&record))?;
        if row.received_on > today {
            return Err(
                Error::field("received_on", Problem::out_of_range(format!("{today} or earlier"))).into()
            );
        }
        if let Some(currency) = target.currency.filter(|currency| *currency != row.currency) {
            let problem = Problem::forbidden(format!("what is paid here is in {currency}"));
            return Err(Error::field("currency", problem).into());
        }
        let payment = tx.create_told(&permit, row)?;
        settle(tx, &permit, target.account)?;
        tell(tx, "payment.received", &payment)?;
        Ok(payment)
    }
}

impl ReceivePayment {
    /// What the payment is for, which the actor must see.
    fn find(&self, tx: &mut Draft<'_>) -> Result<For, Halt> {
        let refuse = |field: &str| {
            let problem = Problem::forbidden("the plan belongs to another one");
            Err(Error::field(field, problem).into())
        };
        if let Some(id) = self.plan {
            let plan = tx.get(id)?;
            if self.contract.is_some() && self.contract != plan.contract {
                return refuse("contract");
            }
            if self.lead.is_some() && self.lead != plan.lead {
                return refuse("lead");
            }
            demand_live(&plan)?;
            return Ok(For::plan(plan)?);
        }
        if let Some(id) = self.contract {
            let contract = tx.get(id)?;
            let lead = lead_of(tx, self.lead, Some(&contract))?;
            let account = Account::Contract(id);
            if let Some(plan) = account.live_plan(tx)? {
                if lead != plan.lead && lead.is_some() {
                    return refuse("lead");
                }
                return Ok(For::plan(tx.get(plan.id)?)?);
            }
            let currency = Some(contract.currency);
            return Ok(For { account, contract: Some(id), lead, plan: None, currency });
        }
        let id = self.lead.ok_or_else(|| Error::field("plan", Problem::Required))?;
        let lead = tx.get(id)?.id;
        of_lead(tx, lead)
    }
}

fn of_lead(tx: &mut Draft<'_>, lead: LeadId) -> Result<For, Halt> {
    let account = Account::Lead(lead);
    let mut live = tx.rows::<PaymentPlan>(account.set(super::CONTRACT, super::LEAD))?;
    live.retain(|plan| plan.is_live());
    let own = live.iter().find(|plan| plan.contract.is_none());
    match (own, live.as_slice()) {
        (Some(plan), _) | (None, [plan]) => Ok(For::plan(tx.get(plan.id)?)?),
        (None, []) => Ok(For { account, contract: None, lead: Some(lead), plan: None, currency: None }),
        (None, _) => {
            let problem = Problem::forbidden("the lead pays several contracts; name the contract");
            Err(Error::field("lead", problem).into())
        }
    }
}

fn new_entry(tx: &mut Draft<'_>, target: &For, asked: &Asked<'_>, today: Date) -> Result<Payment, Halt> {
    let said = asked.value(entry::CURRENCY).and_then(Currency::from_value);
    Ok(Payment {
        id: tx.next_id()?,
        version: 1,
        plan: target.plan.as_ref().map(|plan| plan.id),
        contract: target.contract,
        lead: target.lead,
        amount: Decimal::ZERO,
        currency: currency_or_own(tx, said.or(target.currency))?,
        received_on: asked.value(entry::RECEIVED_ON).and_then(Date::from_value).unwrap_or(today),
        method: asked.value(entry::METHOD).and_then(Word::from_value),
        note: asked.value(entry::NOTE).and_then(Line::from_value),
        entry: word("received")?,
        author: tx.person(),
        reverses: None,
        reversed_by: None,
        created_at: tx.now(),
        updated_at: tx.now(),
        deleted_at: None,
        deleted_by: None,
    })
}

/// Ids and amounts, and nothing that is told of a person.
fn tell(tx: &mut Draft<'_>, name: &str, payment: &Arc<Payment>) -> Result<(), Halt> {
    let facts = json!({
        "plan": payment.plan, "contract": payment.contract, "lead": payment.lead,
        "amount": payment.amount.to_string(), "currency": payment.currency,
        "received_on": payment.received_on, "reverses": payment.reverses,
    });
    tx.emit(name.to_owned(), &Arc::clone(payment).record(), facts)
}

/// Reverses a payment: another entry, of today, takes it back; what it paid is open again, and other credit flows there.
/// What was entered is not changed, so the figures of a past period stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReversePayment {
    /// Which payment.
    pub id: PaymentId,
    /// Why.
    pub reason: String,
}

impl ReversePayment {
    /// Of this payment, for this reason.
    #[must_use]
    pub fn of(id: PaymentId, reason: impl Into<String>) -> Self {
        Self { id, reason: reason.into() }
    }
}

impl Command for ReversePayment {
    type Output = Arc<Payment>;

    fn name(&self) -> &'static str {
        "reverse_payment"
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<Payment>, Halt> {
        let reason = Line::parse(&self.reason).map_err(|problem| Error::field("reason", problem))?;
        let payment = tx.get(self.id)?;
        let permit = tx.allow(Action::PaymentReverse, Some(&Arc::clone(&payment).record()))?;
        if payment.entry == "reversal" {
            return Err(Rule::other(
                "reversal_is_final",
                "a reversal is not reversed; enter the money again",
            )
            .into());
        }
        if payment.reversed_by.is_some() {
            return Err(Rule::other("already_reversed", "a payment is reversed once").into());
        }
        let reversal = Payment {
            id: tx.next_id()?,
            version: 1,
            received_on: tx.today()?,
            note: Some(reason),
            entry: word("reversal")?,
            author: tx.person(),
            reverses: Some(payment.id),
            created_at: tx.now(),
            updated_at: tx.now(),
            ..payment.as_ref().clone()
        };
        let reversal = tx.create_told(&permit, reversal)?;
        tx.put(&permit, Payment { reversed_by: Some(reversal.id), ..payment.as_ref().clone() })?;
        let mut paid = tx.rows::<Allocation>(vec![(allocation::PAYMENT, payment.id.to_value())])?;
        paid.retain(|each| !each.reversed);
        let mut plans: Vec<_> = paid.iter().map(|each| each.plan).collect();
        plans.dedup();
        for id in plans {
            if let Some(plan) = tx.rely_on(id)? {
                Book::open(tx, plan)?.release(tx, &permit, |each| each.payment == payment.id)?;
            }
        }
        settle(tx, &permit, Account::of_payment(&payment)?)?;
        tell(tx, "payment.reversed", &reversal)?;
        Ok(reversal)
    }
}

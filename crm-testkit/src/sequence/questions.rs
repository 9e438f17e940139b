//! What is asked after each step: every kind of query, of every kind of record.
//!
//! Invariant: a kind that is new takes part by itself, and is asked where the profile has its module.
#![expect(clippy::expect_used, reason = "it is how a test fails")]

use crm_core::analytics::{
    Acquisition, Attention, CampaignPerformance, Collections, ContractConversion, DailyLeads, Days,
    LeadConversion, LeadDays, LeadFunnel, LeadReach, ManagerPerformance, Presence, Profit, Report, Returns,
    Sources,
};
use crm_core::describe::{Entity, Kind};
use crm_core::profile::Module;
use crm_core::value::{ContractId, LeadId, Uuid};
use crm_core::{
    Activity, Allocation, Attendance, Buyer, Campaign, Complex, Contact, Contract, Cost, Counter, Deal,
    Delivery, Expense, Hold, Incoming, Installment, Lead, List, Membership, Notification, Organization,
    Payment, PaymentPlan, Pipeline, Price, Reference, Session, Target, Task, Unit,
};
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{Choice, Step, id_of, member};
use crate::ready::now;

/// Every kind of query; the answers as JSON.
///
/// # Panics
/// An answer has no JSON form.
#[must_use]
pub fn queries(session: &Session<'_>) -> Vec<Json> {
    let mut asked = Vec::new();
    macro_rules! ask {
        ($call:expr) => {
            asked.push(told(now($call)))
        };
    }
    let (deal, contact) = (id_of(Kind::Deal, 1).into(), id_of(Kind::Contact, 1).into());
    let task: crm_core::value::TaskId = id_of(Kind::Task, 1).into();
    ask!(session.organization());
    ask!(session.get::<crm_core::value::DealId>(deal));
    ask!(session.get_many(&[task, id_of(Kind::Task, 77).into()]));
    ask!(session.list(List::<Deal>::new().order_by("amount", true).page(1, 3)));
    ask!(session.list(List::<Deal>::new().search("ИВАН").owner(member(0))));
    ask!(session.list(List::<Contact>::new().search("ИВАН").with_inactive()));
    ask!(session.list(List::<Task>::new().only_open().due_before("2026-03-09".parse().expect("a day"))));
    ask!(session.list(List::<Activity>::new().first(10)));
    ask!(session.list(List::<Membership>::new().order_by("created_at", false)));
    ask!(session.list(List::<Pipeline>::new()));
    ask!(session.count(List::<Deal>::new()));
    ask!(session.timeline::<crm_core::value::DealId>(deal, List::new().first(5)));
    ask!(session.timeline::<crm_core::value::ContactId>(contact, List::new().first(5)));
    ask!(session.history::<crm_core::value::DealId>(deal));
    ask!(session.board(id_of(Kind::Pipeline, 0).into(), List::<Deal>::new().first(2)));
    ask!(session.explain::<crm_core::value::DealId>(crm_core::Action::DealUpdate, deal));
    ask!(session.grants());
    asked
}

fn told<T: Serialize>(answer: Result<T, crm_core::Error>) -> Json {
    match answer {
        Ok(found) => serde_json::to_value(found).expect("JSON"),
        Err(error) => json!({ "refused": error.code(), "details": error.details() }),
    }
}

macro_rules! each_kind {
    ($($kind:ident),* $(,)?) => {
        /// One record, a page and a history of each kind of the modules that the profile has.
        fn records(session: &Session<'_>, asked: &mut Vec<Json>) {
            $(if Kind::$kind.module().is_some_and(|module| module.is_on(session.profile().spec())) {
                asked.push(told(now(session.list(List::<$kind>::new().first(4)))));
                asked.push(told(now(session.get(<$kind as Entity>::Id::from(id_of(Kind::$kind, 0))))));
                asked.push(told(now(session.history(<$kind as Entity>::Id::from(id_of(Kind::$kind, 0))))));
            })*
        }

        /// The ids of the records of a kind that whoever acts sees.
        async fn seen(session: &Session<'_>, kind: Kind) -> Vec<Uuid> {
            match kind {
                $(Kind::$kind => {
                    let page = session.list(List::<$kind>::new().first(20)).await;
                    page.map(|page| page.items.iter().map(|row| row.id.into()).collect()).unwrap_or_default()
                })*
            }
        }
    };
}

crm_core::every_record!(each_kind);

/// The step with the ids of what it names by its place among others.
pub(super) async fn resolved(session: &Session<'_>, step: &Step) -> Step {
    let mut step = step.clone();
    for (_, choice) in &mut step.fields {
        if let Choice::Nth(kind, number) = choice {
            let ids = seen(session, *kind).await;
            if let Some(id) = ids.get(usize::from(*number).checked_rem(ids.len()).unwrap_or_default()) {
                *choice = Choice::Plain(id.to_string().into());
            }
        }
    }
    step
}

/// What can be asked of the modules that a profile has; nothing where it has none.
///
/// # Panics
/// An answer has no JSON form.
#[must_use]
pub fn of_modules(session: &Session<'_>) -> Vec<Json> {
    let mut asked = Vec::new();
    records(session, &mut asked);
    let has = |module: Module| module.is_on(session.profile().spec());
    let (lead, contract): (LeadId, ContractId) =
        (id_of(Kind::Lead, 0).into(), id_of(Kind::Contract, 0).into());
    if has(Module::Leads) {
        asked.push(told(now(session.lead_matches(Some("+998 90 123 45 60"), Some("lead1@example.com")))));
        asked.push(told(now(session.timeline(lead, List::new().first(5)))));
        asked.push(told(now(session.list(List::<Lead>::new().search("АННА").order_by("touched_at", true)))));
    }
    if has(Module::Inventory) {
        let complex = id_of(Kind::Complex, 0).into();
        asked.push(told(now(session.unit(complex, "block-1", 1, "1"))));
        asked.push(told(now(session.price(complex, 1, 1.into()))));
    }
    if has(Module::Contracts) {
        asked.push(told(now(session.statement(contract))));
        asked.push(told(now(session.statement(lead))));
        asked.push(told(now(session.fees(contract))));
    }
    if has(Module::Integrations) {
        let (system, kind) = ("website".parse().expect("a word"), "lead".parse().expect("a word"));
        asked.push(told(now(session.referred(&system, &kind, "1"))));
    }
    asked
}

/// Every report on the modules that a profile has, by its name; nothing where it has none.
///
/// # Panics
/// An answer has no JSON form.
#[must_use]
pub fn reports_of_modules(session: &Session<'_>) -> Vec<(&'static str, Json)> {
    let spec = session.profile().spec();
    let days = Days::new("2026-02-01".parse().expect("a day"), "2026-06-01".parse().expect("a day"));
    let mut all = Vec::new();
    if Module::Leads.is_on(spec) {
        all.push(("leads.funnel", figures(session, &LeadFunnel::default())));
        all.push(("leads.reach", figures(session, &LeadReach::default())));
        all.push(("leads.attention", figures(session, &Attention::default())));
        all.push(("leads.today", figures(session, &DailyLeads::default())));
        all.push(("leads.days", figures(session, &LeadDays::of(days))));
        all.push(("leads.conversion", figures(session, &LeadConversion::of(days))));
        all.push(("leads.contracts", figures(session, &ContractConversion::of(List::new()))));
    }
    if Module::Marketing.is_on(spec) {
        all.push(("marketing.campaigns", figures(session, &CampaignPerformance::default())));
        all.push(("marketing.sources", figures(session, &Sources::of(days))));
        all.push(("marketing.acquisition", figures(session, &Acquisition::of(days))));
        all.push(("marketing.returns", figures(session, &Returns::of(days))));
    }
    if Module::Contracts.is_on(spec) {
        all.push(("money.profit", figures(session, &Profit::of(days))));
        all.push(("money.collections", figures(session, &Collections::default())));
    }
    if Module::Attendance.is_on(spec) {
        all.push(("people.presence", figures(session, &Presence::default().with_attendance())));
        all.push(("people.performance", figures(session, &ManagerPerformance::of(days))));
    }
    all
}

fn figures<R: Report>(session: &Session<'_>, report: &R) -> Json
where
    R::Figures: Serialize,
{
    told(now(session.report(report)))
}

//! What the modules rest on: a text that rules make is a unique key, a number is given once, and what was not there is not
//! there when it counts.

use std::sync::Arc;

use crm_core::describe::{Kind, Value};
use crm_core::draft::UniqueKey;
use crm_core::integration::IncomingEvent;
use crm_core::schedule::Shape;
use crm_core::store::{Conflict, Store};
use crm_core::value::{ComplexId, ContractId, LeadId, UnitId};
use crm_core::{
    CancelContract, CreateComplex, CreateContract, CreateLead, CreateUnit, HoldUnit, LinkReference,
    PlanPayments, ReceiveEvents, ReceivePayment, ReleaseHold, ReversePayment, TakeLead,
};
use serde_json::json;

use super::scene::{Scene, all, field, id, key, unique};

fn lead(number: u128) -> LeadId {
    LeadId::from_uuid(id(number))
}

fn unit(number: u128) -> UnitId {
    UnitId::from_uuid(id(number))
}

fn contract(number: u128) -> ContractId {
    ContractId::from_uuid(id(number))
}

/// The place that a unit has for a hold, or for a contract.
fn slot(kind: Kind, number: u128) -> UniqueKey {
    unique(kind, "slot", &id(number).to_string())
}

/// Three units and three leads.
async fn estate(store: Arc<dyn Store>) -> Scene {
    let scene = Scene::open(store).await;
    let complex = ComplexId::from_uuid(id(1));
    scene
        .write(CreateComplex::with_id(complex).name("Riverside").term_months(12).hybrid_allowed(false))
        .await;
    for number in 1..=3 {
        let place = CreateUnit::with_id(unit(number)).complex(complex).block("A").floor(1);
        scene.write(place.number(number.to_string())).await;
        scene.write(CreateLead::with_id(lead(number)).name("Ann")).await;
    }
    scene
}

fn sale(number: u128, of: u128, to: u128) -> CreateContract {
    CreateContract::with_id(contract(number)).unit(unit(of)).lead(lead(to)).total(100)
}

/// Two who hold one unit at the same time: one of them has it.
pub async fn a_unit_is_held_once(store: Arc<dyn Store>) {
    let scene = estate(store).await;
    let hold = |to: u128| HoldUnit::new().unit(unit(1)).lead(lead(to));
    let (first, second) = (scene.decide(hold(1)).await, scene.decide(hold(2)).await);
    scene.applied(&first).await;
    let facts = scene.refused(&second).await;
    assert!(facts.contains(&Conflict::Claim(slot(Kind::Hold, 1))), "{facts:?}");
    assert!(scene.holder(&slot(Kind::Hold, 1)).await.is_some());
    assert_eq!(scene.holder(&slot(Kind::Contract, 1)).await, None, "a hold is no contract");
    scene.check_all().await;
}

/// Two who sell one unit at the same time: one of them does.
pub async fn a_unit_is_sold_once(store: Arc<dyn Store>) {
    let scene = estate(store).await;
    let numbered = |number: u128| sale(number, 1, number).number(format!("N {number}"));
    let (first, second) = (scene.decide(numbered(1)).await, scene.decide(numbered(2)).await);
    scene.applied(&first).await;
    let facts = scene.refused(&second).await;
    assert!(facts.contains(&Conflict::Claim(slot(Kind::Contract, 1))), "{facts:?}");
    assert_eq!(scene.holder(&slot(Kind::Contract, 1)).await, Some(id(1)));
    scene.check_all().await;
}

/// A unit that is held is sold to whom it is held for: one key goes and the other comes, in one commit.
pub async fn a_slot_of_one_kind_is_not_that_of_another(store: Arc<dyn Store>) {
    let scene = estate(store).await;
    scene.write(HoldUnit::new().unit(unit(1)).lead(lead(1))).await;
    scene.write(sale(1, 1, 1)).await;
    assert_eq!(scene.holder(&slot(Kind::Hold, 1)).await, None, "the hold was used");
    assert_eq!(scene.holder(&slot(Kind::Contract, 1)).await, Some(id(1)));
    scene.check_all().await;
}

/// What was released or cancelled holds nothing any more, and its record is still there.
pub async fn a_slot_is_free_when_it_is_let_go(store: Arc<dyn Store>) {
    let scene = estate(store).await;
    let hold = scene.write(HoldUnit::new().unit(unit(1)).lead(lead(1))).await;
    scene.write(ReleaseHold::of(hold.id)).await;
    assert_eq!(scene.holder(&slot(Kind::Hold, 1)).await, None);
    scene.write(HoldUnit::new().unit(unit(1)).lead(lead(2))).await;
    scene.write(sale(1, 2, 3)).await;
    scene.write(CancelContract::of(contract(1), "no loan")).await;
    assert_eq!(scene.holder(&slot(Kind::Contract, 2)).await, None);
    scene.write(sale(2, 2, 3)).await;
    assert_eq!(scene.holder(&slot(Kind::Contract, 2)).await, Some(id(2)));
    assert!(scene.row(key(Kind::Contract, 1)).await.is_some());
    scene.check_all().await;
}

/// Of two contracts that are signed at the same time, one has to take the next number.
pub async fn a_number_is_given_once(store: Arc<dyn Store>) {
    let scene = estate(store).await;
    let (first, second) = (scene.decide(sale(1, 1, 1)).await, scene.decide(sale(2, 2, 2)).await);
    scene.applied(&first).await;
    scene.refused(&second).await;
    let (third, fourth) = (scene.decide(sale(2, 2, 2)).await, scene.decide(sale(3, 3, 3)).await);
    scene.applied(&third).await;
    let facts = scene.refused(&fourth).await;
    assert!(
        facts.iter().any(|fact| matches!(fact, Conflict::Version(key) if key.kind == Kind::Counter)),
        "{facts:?}"
    );
    scene.check_all().await;
}

/// Money that comes in while a plan is made, and a plan that is made while money comes in: neither misses the other.
pub async fn a_plan_and_its_money_see_each_other(store: Arc<dyn Store>) {
    let scene = estate(store).await;
    scene.write(sale(1, 1, 1)).await;
    scene.write(sale(2, 2, 2)).await;
    let plan = |of| PlanPayments::of_contract(contract(of), "full").shape(Shape::Full);
    let money = |of| ReceivePayment::of_contract(contract(of), 40);
    let late = scene.decide(plan(1)).await;
    scene.write(money(1)).await;
    let facts = scene.refused(&late).await;
    assert!(
        facts.iter().any(|fact| matches!(fact, Conflict::Set(set) if set.kind == Kind::Payment)),
        "{facts:?}"
    );
    let late = scene.decide(money(2)).await;
    scene.write(plan(2)).await;
    let facts = scene.refused(&late).await;
    assert!(
        facts.iter().any(|fact| matches!(fact, Conflict::Set(set) if set.kind == Kind::PaymentPlan)),
        "{facts:?}"
    );
    scene.check_all().await;
}

/// Money that is taken back is owed again: what of it went to which line is found by what only rules write.
pub async fn money_that_is_taken_back_is_owed_again(store: Arc<dyn Store>) {
    let scene = estate(store).await;
    scene.write(sale(1, 1, 1)).await;
    scene.write(PlanPayments::of_contract(contract(1), "full").shape(Shape::Full)).await;
    let payment = scene.write(ReceivePayment::of_contract(contract(1), 100)).await;
    let status = field(Kind::Installment, "status");
    let stands = async || scene.list(&all(Kind::Installment)).await.rows[0].value(status);
    assert_eq!(stands().await, Value::text("paid"));
    scene.write(ReversePayment::of(payment.id, "it bounced")).await;
    assert_eq!(stands().await, Value::text("open"));
    scene.check_all().await;
}

fn told(action: &str, external_id: &str) -> ReceiveEvents {
    let content = json!({ "fields": { "name": "From afar" } });
    let (system, kind) = ("other".to_owned(), "lead".to_owned());
    let (action, external_id) = (action.to_owned(), external_id.to_owned());
    ReceiveEvents {
        events: vec![IncomingEvent {
            system,
            kind,
            action,
            external_id,
            content,
            ..IncomingEvent::default()
        }],
    }
}

/// An event that is delivered twice at the same time is taken once.
pub async fn an_event_is_taken_once(store: Arc<dyn Store>) {
    let scene = estate(store).await;
    let (first, second) = (scene.decide(told("add", "1")).await, scene.decide(told("add", "1")).await);
    scene.applied(&first).await;
    let facts = scene.refused(&second).await;
    assert!(
        facts.iter().any(|fact| matches!(fact, Conflict::Claim(key) if key.kind == Kind::Incoming)),
        "{facts:?}"
    );
    scene.check_all().await;
}

/// An event that waits for a thing, and the thing that comes at the same time: one of them sees the other.
pub async fn an_event_does_not_miss_what_it_waits_for(store: Arc<dyn Store>) {
    let scene = estate(store).await;
    let link = LinkReference::new().system("other").kind("lead").external_id("7").lead(lead(1));
    let waits = scene.decide(told("update", "7")).await;
    scene.write(link).await;
    let facts = scene.refused(&waits).await;
    assert!(
        facts.iter().any(|fact| matches!(fact, Conflict::Set(set) if set.kind == Kind::Reference)),
        "{facts:?}"
    );
    scene.check_all().await;
}

/// Of two who take a lead from the pool at the same time, one gets it.
pub async fn a_lead_is_taken_once(store: Arc<dyn Store>) {
    let scene = estate(store).await;
    let ben = scene.member(2, "owner").await;
    let pool = scene.write(CreateLead::with_id(lead(9)).name("Ann").owner(None)).await;
    assert_eq!(pool.owner, None);
    let (first, second) =
        (scene.decide(TakeLead { id: lead(9) }).await, scene.decide_as(ben, TakeLead { id: lead(9) }).await);
    scene.applied(&first).await;
    let facts = scene.refused(&second).await;
    assert!(facts.contains(&Conflict::Version(key(Kind::Lead, 9))), "{facts:?}");
    scene.check_all().await;
}

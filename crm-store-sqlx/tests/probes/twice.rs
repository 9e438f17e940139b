//! The same request twice: under a key, and of itself.

use crm_core::{CreateLead, Installment, Lead, List, PaymentPlan, PlanPayments};
use crm_testkit::ready::now;
use serde_json::{Value as Document, json};

use crate::crew::{Hand, at_once, offices};
use crate::lead;
use crate::places::Place;
use crate::support::office::Office;

fn visitor(name: &str) -> CreateLead {
    let fields = json!({ "name": name, "phone": "+998901234567", "region": "Tashkent", "source": "website" });
    serde_json::from_value(fields).unwrap()
}

/// Makes the same lead under the same key, ten times.
pub(crate) fn repeat(hand: &Hand) -> Vec<String> {
    let made = |turn: u32| {
        let key = format!("visit {}", turn / 2);
        let lead =
            hand.keep_on(|| now(hand.session(1).apply(visitor("Anna")).with_key(key.clone()))).unwrap();
        format!("{} {}", turn / 2, serde_json::to_string(&*lead).unwrap())
    };
    (0..10).map(made).collect()
}

/// Asks for the same plan.
pub(crate) fn plan(hand: &Hand) -> Vec<String> {
    let lead = hand.all::<Lead>()[0];
    let plan = json!({ "lead": lead, "kind": "instalment", "total": "100", "starts_on": "2026-01-31",
        "shape": { "instalment": { "months": 3 } } });
    (0..5).map(|_| hand.apply::<PlanPayments>(1, &plan).unwrap().id.to_string()).collect()
}

#[test]
fn a_key_is_one_execution_and_one_answer() {
    for (crew, place, office) in offices() {
        let what = format!("{} {crew:?}", place.name);
        let mut told = at_once(crew, &place, &office, "repeat");
        assert_eq!(told.len(), 40, "{what}");
        told.sort_unstable();
        told.dedup();
        assert_eq!(told.len(), 5, "{what}: one answer for each key: {told:#?}");
        assert_eq!(now(office.session(1).count(List::<Lead>::new())).unwrap(), 5, "{what}");
    }
}

#[test]
fn a_key_is_of_one_request_of_one_actor() {
    for place in Place::all() {
        let office = Office::open(place.store());
        let ask = |by: u128, name: &str| now(office.session(by).apply(visitor(name)).with_key("k"));
        let first = ask(1, "Anna").unwrap();
        assert_eq!(ask(1, "Anna").unwrap(), first, "{}: the whole answer", place.name);
        assert_eq!(ask(1, "Ivan").unwrap_err().code(), "key_reused", "{}", place.name);
        let other = ask(2, "Ivan").unwrap();
        assert_eq!((other.name.as_str(), other.id == first.id), ("Ivan", false), "{}", place.name);
        assert_eq!(now(office.session(1).count(List::<Lead>::new())).unwrap(), 2, "{}", place.name);
    }
}

#[test]
fn a_plan_that_four_ask_for_is_made_once() {
    for (crew, place, mut office) in offices() {
        let what = format!("{} {crew:?}", place.name);
        let _: Document = lead(&mut office, "Anna", 1);
        let mut told = at_once(crew, &place, &office, "plan");
        assert_eq!(told.len(), 20, "{what}");
        told.dedup();
        let plans = now(office.session(1).list(List::<PaymentPlan>::new())).unwrap().items;
        assert_eq!(told, plans.iter().map(|plan| plan.id.to_string()).collect::<Vec<_>>(), "{what}");
        assert_eq!(now(office.session(1).count(List::<Installment>::new())).unwrap(), 3, "{what}");
    }
}

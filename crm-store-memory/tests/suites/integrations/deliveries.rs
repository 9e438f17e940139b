//! What other systems are told: written with the commit, delivered in order, until it is done or dead.

use crm_core::integration::{DeliveryOutcome, Failure, Pass};
use crm_core::value::{DeliveryId, TimeDelta};
use crm_core::{
    CancelDelivery, ClaimDeliveries, Create, CreateDeal, Delete, Delivery, Error, Import, Lead,
    QueueDelivery, ReportDelivery, RequeueDelivery, Update,
};
use pollster::block_on as now;
use serde_json::json;

use super::{House, add, house, house_with, plain, rename, user, word};

const DONE: DeliveryOutcome = DeliveryOutcome::Done { external_id: None, kind: None };

fn failed(failure: Failure) -> DeliveryOutcome {
    DeliveryOutcome::Failed { error: "it did not work".to_owned(), failure }
}

impl House {
    fn claim(&self, most: u32) -> Vec<std::sync::Arc<Delivery>> {
        self.run(ClaimDeliveries::of(word("amo"), most, 60)).unwrap().deliveries
    }

    fn report(&self, row: &Delivery, outcome: DeliveryOutcome) -> Result<String, Error> {
        let report = ReportDelivery { id: row.id, lease: row.lease, outcome };
        self.run(report).map(|row| row.status.to_string())
    }

    fn new_lead(&self, name: &str) -> crm_core::value::LeadId {
        self.do_(Create::<Lead>::new().name(name)).id
    }

    fn get(&self, id: DeliveryId) -> std::sync::Arc<Delivery> {
        now(self.host().get(id)).unwrap()
    }
}

#[test]
fn a_commit_writes_a_delivery_for_each_target_that_wants_to_know() {
    let house = house_with(json!({ "integrations": { "targets": [
        { "name": "amo", "system": "amo", "events": ["lead.created", "lead.updated:stage"] },
        { "name": "log", "events": ["*"] },
        { "name": "deals", "events": ["deal.*"], "retry": "http" },
    ] } }));
    let of = |target: &str| {
        let rows = house.deliveries().into_iter().filter(|row| row.target == *target);
        rows.map(|row| row.event.to_string()).collect::<Vec<_>>()
    };
    let before = of("log").len();
    let lead = house.new_lead("Ann Archer");
    house.do_(Update::<Lead>::of(lead).notes("private").phone("+7 900 000 00 07"));
    house.do_(Update::<Lead>::of(lead).stage("contacted"));
    house.do_(CreateDeal::new().title("D").amount(1).lead(lead));
    assert_eq!(of("amo"), ["lead.created", "lead.updated"]);
    assert!(of("deals").contains(&"deal.created".to_owned()), "{:?}", of("deals"));
    assert!(of("log").len() >= before + 4);
    let row = house.deliveries().into_iter().find(|row| row.target == "amo").unwrap();
    let content = row.content.as_json();
    assert_eq!(content["subject"], json!({ "kind": "lead", "id": lead }));
    assert_eq!((&content["event"], &content["version"]), (&json!("lead.created"), &json!(1)));
    let everything = house.all_deliveries().iter().map(|row| row.content.canonical()).collect::<String>();
    for private in ["Ann", "900", "private"] {
        assert!(!everything.contains(private), "{private} in {everything}");
    }
    assert!(house.all_deliveries().iter().all(|row| !row.event.as_str().starts_with("delivery")), "no echo");
    let deal = house.all_deliveries().into_iter().find(|row| row.target == "deals").unwrap();
    assert_eq!((deal.lead, deal.lane.as_str()), (Some(lead), format!("lead/{lead}").as_str()));
}

#[test]
fn nothing_is_written_without_targets_or_for_what_is_brought_in_or_refused() {
    let house_without = house_with(json!({ "integrations": { "targets": [] } }));
    house_without.new_lead("Ann Archer");
    assert!(house_without.deliveries().is_empty());
    let house = house();
    let row = json!({ "record": "lead", "id": user(77), "name": "Old One", "stage": "new", "currency": "USD",
        "touched_at": "2020-01-01T00:00:00Z" });
    assert_eq!(house.do_(Import { rows: vec![row] }).imported(), 1);
    assert!(house.deliveries().is_empty(), "an import tells nobody");
    house.by(1, Create::<Lead>::new().name("")).unwrap_err();
    assert!(house.deliveries().is_empty());
}

#[test]
fn what_a_system_told_us_it_is_not_told_back() {
    let house = house_with(json!({ "integrations": { "targets": [
        { "name": "amo", "system": "amo", "events": ["lead.*"] },
        { "name": "sheets", "system": "sheets", "events": ["lead.created"] },
    ] } }));
    house.receive(vec![add("7", 1), rename("7", 2, "Bo Baker"), plain("delete", "7", 3)]);
    let targets: Vec<_> = house.deliveries().iter().map(|row| row.target.to_string()).collect();
    assert!(!targets.contains(&"amo".to_owned()), "{targets:?}");
    house.receive(vec![add("8", 1)]);
    house.do_(Update::<Lead>::of(house.lead_id("8")).notes("mine"));
    let told = |target: &str| house.deliveries().iter().filter(|row| row.target == *target).count();
    assert_eq!((told("amo"), told("sheets")), (1, 2), "what was changed here, and each new lead");
}

#[test]
fn the_deliveries_of_a_lane_go_out_one_at_a_time_and_in_order() {
    let house = house();
    let (one, other) = (house.new_lead("Ann Archer"), house.new_lead("Bo Baker"));
    house.do_(Update::<Lead>::of(one).notes("second"));
    house.do_(Update::<Lead>::of(one).notes("third"));
    let first = house.claim(10);
    let lanes: Vec<_> = first.iter().map(|row| (row.lead, row.event.to_string())).collect();
    assert_eq!(lanes, [(Some(one), "lead.created".to_owned()), (Some(other), "lead.created".to_owned())]);
    assert!(first.iter().all(|row| row.status == "sending" && row.attempts == 1 && row.lease == 1));
    assert!(house.claim(10).is_empty(), "the lanes are busy");
    assert_eq!(house.report(&first[0], DONE).unwrap(), "done");
    let next = house.claim(10);
    assert_eq!((next.len(), next[0].lead, next[0].number), (1, Some(one), 2));
    house.report(&next[0], failed(Failure::Timeout)).unwrap();
    assert!(house.claim(10).is_empty(), "what failed is waited for, and so is what comes after it");
    house.later(2);
    assert_eq!(house.claim(10)[0].id, next[0].id);
}

#[test]
fn a_success_closes_the_delivery_and_stores_the_reference_at_once() {
    let house = house();
    let lead = house.new_lead("Ann Archer");
    let row = house.claim(1).remove(0);
    let done = DeliveryOutcome::Done { external_id: Some(" 4711 ".to_owned()), kind: None };
    let report = ReportDelivery { id: row.id, lease: row.lease, outcome: done.clone() };
    let after = house.run(report).unwrap();
    assert_eq!((after.status.as_str(), after.external_id.as_ref().unwrap().as_str()), ("done", "4711"));
    assert!(after.settled_at.is_some() && after.lease_until.is_none());
    assert_eq!(house.reference("lead", "4711").unwrap().lead, Some(lead));
    assert_eq!(house.report(&row, done).unwrap_err().code(), "lease_lost", "a report is taken once");
    house.do_(Update::<Lead>::of(lead).notes("more"));
    let again = house.claim(1).remove(0);
    let same = DeliveryOutcome::Done { external_id: Some("4711".to_owned()), kind: Some(word("lead")) };
    assert_eq!(house.report(&again, same).unwrap(), "done", "the reference is there already");
    let stranger = house.new_lead("Bo Baker");
    let taken = house.claim(1).remove(0);
    assert_eq!(taken.lead, Some(stranger));
    let clash = DeliveryOutcome::Done { external_id: Some("4711".to_owned()), kind: None };
    assert_eq!(house.report(&taken, clash).unwrap(), "done");
    assert!(house.get(taken.id).last_error.is_some(), "somebody has to look at that");
    assert_eq!(house.reference("lead", "4711").unwrap().lead, Some(lead), "it stays whose it was");
    assert_eq!(house.fate(rename("4711", 1, "From there")), "applied");
    assert_eq!(house.lead("4711").unwrap().name.as_str(), "From there");
}

#[test]
fn a_failure_waits_by_the_rule_and_the_last_one_is_the_end() {
    let house = house();
    house.new_lead("Ann Archer");
    let id = house.claim(1)[0].id;
    let mut row = house.get(id);
    for (made, longest) in [(1, 2), (2, 4)] {
        assert_eq!((row.status.as_str(), row.attempts), ("sending", made));
        let at = house
            .host()
            .profile()
            .spec()
            .integrations
            .as_ref()
            .unwrap()
            .retry(&house.crm.profile().spec().integrations.as_ref().unwrap().targets[0]);
        assert_eq!(at.attempts, 3);
        assert_eq!(house.report(&row, failed(Failure::Status(503))).unwrap(), "pending");
        let waiting = house.get(id);
        let wait = waiting.next_at.since(waiting.updated_at);
        assert!(wait >= TimeDelta::seconds(longest) / 2 && wait < TimeDelta::seconds(longest), "{wait}");
        assert_eq!(waiting.last_error.as_ref().unwrap().as_str(), "it did not work");
        house.clock.set(waiting.next_at.checked_add(TimeDelta::microseconds(-1)).unwrap());
        assert!(house.claim(1).is_empty());
        house.later(1);
        row = house.claim(1).remove(0);
    }
    assert_eq!(house.report(&row, failed(Failure::Status(503))).unwrap(), "dead");
    assert!(house.get(id).settled_at.is_some());
    house.later(10_000);
    assert!(house.claim(1).is_empty());
    assert_eq!(house.do_(RequeueDelivery { id }).status, "pending");
    let again = house.claim(1).remove(0);
    assert_eq!(
        (again.id, again.attempts, again.lease),
        (id, 1, 5),
        "with all its attempts, under a new claim"
    );
    assert_eq!(
        house.report(&again, failed(Failure::Status(422))).unwrap(),
        "dead",
        "a refusal is not repeated"
    );
}

#[test]
fn what_is_not_reported_comes_back_and_the_late_report_changes_nothing() {
    let house = house();
    house.new_lead("Ann Archer");
    let lost = house.claim(1).remove(0);
    house.later(59);
    assert!(house.claim(1).is_empty());
    house.later(1);
    let taken = house.claim(1).remove(0);
    assert_eq!((taken.id, taken.lease, taken.attempts), (lost.id, 2, 2), "the same key, another claim");
    for outcome in [DONE, failed(Failure::Timeout)] {
        assert_eq!(house.report(&lost, outcome).unwrap_err().code(), "lease_lost");
    }
    assert_eq!(*house.get(lost.id), *taken, "nothing was changed");
    assert_eq!(house.report(&taken, DONE).unwrap(), "done");
    house.new_lead("Bo Baker");
    let slow = house.claim(1).remove(0);
    house.later(600);
    assert_eq!(house.report(&slow, DONE).unwrap(), "done", "late, but nobody else has it");
    house.new_lead("Cy Cook");
    for _ in 0..3 {
        assert_eq!(house.claim(1).len(), 1);
        house.later(60);
    }
    assert!(house.claim(1).is_empty(), "three workers died of it");
    let dead = house.deliveries().into_iter().find(|row| row.status == "dead").unwrap();
    assert_eq!(dead.attempts, 3);
}

#[test]
fn five_failures_in_a_row_open_the_breaker_and_refusals_do_not() {
    let house = house();
    for at in 0..12 {
        house.new_lead(&format!("Lead {at}"));
    }
    for row in house.claim(6) {
        house.report(&row, failed(Failure::Status(404))).unwrap();
    }
    assert_eq!(house.claim(1).len(), 1, "the other side answers");
    house.later(60);
    for row in house.claim(5) {
        house.report(&row, failed(Failure::Connection)).unwrap();
    }
    let claim = ClaimDeliveries::of(word("amo"), 5, 60);
    let away = house.run(claim.clone()).unwrap();
    assert!(matches!(away.pass, Pass::Away { .. }), "{away:?}");
    house.later(60);
    let probe = house.run(claim.clone()).unwrap();
    assert_eq!((probe.pass, probe.deliveries.len()), (Pass::Probe, 1));
    assert!(matches!(house.run(claim.clone()).unwrap().pass, Pass::Away { .. }), "one at a time");
    house.report(&probe.deliveries[0], failed(Failure::Timeout)).unwrap();
    assert!(matches!(house.run(claim.clone()).unwrap().pass, Pass::Away { .. }), "open again");
    house.later(60);
    let silent = house.run(claim.clone()).unwrap();
    assert_eq!(silent.pass, Pass::Probe);
    house.later(60);
    let second = house.run(claim.clone()).unwrap();
    assert_eq!(second.pass, Pass::Probe, "a probe that never reports is not waited for");
    house.report(&second.deliveries[0], DONE).unwrap();
    assert_eq!(house.run(claim).unwrap().pass, Pass::Free);
}

#[test]
fn what_was_taken_up_again_waits_for_what_is_being_made() {
    let house = house();
    let lead = house.new_lead("Ann Archer");
    house.do_(Update::<Lead>::of(lead).notes("second"));
    let first = house.claim(1).remove(0);
    house.do_(CancelDelivery { id: first.id });
    let second = house.claim(1).remove(0);
    house.do_(RequeueDelivery { id: first.id });
    assert!(house.claim(10).is_empty(), "the lane is busy");
    house.report(&second, DONE).unwrap();
    assert_eq!(house.claim(10)[0].id, first.id);
}

#[test]
fn a_delivery_is_cancelled_or_added_by_hand() {
    let house = house();
    house.new_lead("Ann Archer");
    let row = house.claim(1).remove(0);
    assert_eq!(house.do_(CancelDelivery { id: row.id }).status, "cancelled");
    assert_eq!(house.report(&row, DONE).unwrap_err().code(), "lease_lost");
    assert_eq!(house.by(1, CancelDelivery { id: row.id }).unwrap_err().code(), "delivery_standing");
    assert_eq!(house.by(2, RequeueDelivery { id: row.id }).unwrap_err().code(), "forbidden");
    house.do_(RequeueDelivery { id: row.id });
    assert_eq!(house.by(1, RequeueDelivery { id: row.id }).unwrap_err().code(), "delivery_standing");
    assert_eq!(house.by(1, Delete::<Delivery>::of(row.id)).unwrap_err().code(), "by_rules_only");
    let custom = |target: &str| {
        QueueDelivery::new()
            .target(target)
            .event("form.submitted")
            .lane("form/1")
            .content(json!({ "form": 1 }))
    };
    assert_eq!(house.by(1, custom("nobody")).unwrap_err().code(), "invalid");
    let made: Vec<_> = (0..2).map(|_| house.do_(custom("amo")).number).collect();
    assert_eq!(made, [1, 2]);
    let lanes: Vec<_> = house.claim(10).iter().map(|row| row.lane.to_string()).collect();
    assert_eq!(lanes.iter().filter(|lane| *lane == "form/1").count(), 1);
    let code = |command| house.run::<ClaimDeliveries>(command).unwrap_err().code();
    for bad in [("nobody", 1, 1), ("amo", 0, 1), ("amo", 1, 0), ("amo", 1_001, 1)] {
        assert_eq!(code(ClaimDeliveries::of(word(bad.0), bad.1, bad.2)), "invalid", "{bad:?}");
    }
}

//! What other systems are told while they are down, and when they are there again.

use std::sync::Mutex;

use async_trait::async_trait;
use crm_core::integration::{Courier, DeliveryOutcome, Failure, Pass, Round, deliver_round};
use crm_core::value::{DeliveryId, LeadId, TimeDelta, Word};
use crm_core::{ClaimDeliveries, Delivery, Lead, List, ReportDelivery};
use crm_testkit::ready::now;
use serde_json::json;

use crate::crew::{Hand, at_once, offices};
use crate::places::Place;
use crate::support::office::Office;
use crate::{connected, id, lead};

/// A remote system that keeps one record for each key.
#[derive(Debug, Default)]
struct Remote {
    records: Mutex<Vec<DeliveryId>>,
    /// What happens to the next calls.
    mishaps: Mutex<Vec<Mishap>>,
}

#[derive(Clone, Copy, Debug)]
enum Mishap {
    /// Nothing is reached.
    Down,
    /// It is done, and the answer gets lost.
    Silent,
}

#[async_trait]
impl Courier for Remote {
    async fn deliver(&self, delivery: &Delivery) -> DeliveryOutcome {
        let failed = |failure| DeliveryOutcome::Failed { error: "no answer".to_owned(), failure };
        let mishap = self.mishaps.lock().unwrap().pop();
        if matches!(mishap, Some(Mishap::Down)) {
            return failed(Failure::Connection);
        }
        let mut records = self.records.lock().unwrap();
        let place = records.iter().position(|key| *key == delivery.id).unwrap_or_else(|| {
            records.push(delivery.id);
            records.len() - 1
        });
        match mishap {
            Some(_) => failed(Failure::Timeout),
            None => DeliveryOutcome::Done { external_id: Some(format!("r{place}")), kind: None },
        }
    }
}

fn amo() -> Word {
    Word::parse("amo").unwrap()
}

/// Asks a half-open breaker for something to deliver.
pub(crate) fn probe(hand: &Hand) -> Vec<String> {
    let claim = json!({ "target": "amo", "most": 5, "lease_seconds": 60 });
    let ask = |_| hand.apply::<ClaimDeliveries>(1, &claim).unwrap();
    let claimed = (0..25).map(ask).flat_map(|claimed| claimed.deliveries);
    claimed.map(|delivery| delivery.id.to_string()).collect()
}

#[test]
fn what_another_system_misses_is_delivered_later_and_once() {
    for place in Place::all() {
        let name = place.name;
        let mut office = Office::under(place.store(), connected(), 0);
        let remote = Remote { mishaps: Mutex::new(vec![Mishap::Silent, Mishap::Down]), ..Remote::default() };
        let lead = lead(&mut office, "Anna", 1);
        let round = |office: &Office| {
            let claim = ClaimDeliveries::of(amo(), 10, 60);
            now(deliver_round(&office.session(1), &remote, claim)).unwrap()
        };
        let records = || remote.records.lock().unwrap().len();
        let failed = Round { done: 0, failed: 1, lost: 0, pass: Pass::Free };
        assert_eq!((round(&office), records()), (failed, 0), "{name}: nothing is there");
        assert_eq!(now(office.session(1).count(List::<Lead>::new())).unwrap(), 1, "{name}: but here it is");
        let row = now(office.session(1).list(List::<Delivery>::new())).unwrap().items.remove(0);
        assert_eq!((row.status.as_str(), row.attempts), ("pending", 1), "{name}");
        assert_eq!(round(&office).failed, 0, "{name}: it waits for its time");
        office.clock.advance(TimeDelta::seconds(60));
        assert_eq!((round(&office), records()), (failed, 1), "{name}: made there, and the answer is lost");
        office.clock.advance(TimeDelta::seconds(60));
        assert_eq!((round(&office), records()), (Round { done: 1, failed: 0, ..failed }, 1), "{name}");
        let known = now(office.session(1).referred(&amo(), &Word::parse("lead").unwrap(), "r0")).unwrap();
        assert_eq!(known.unwrap().lead, Some(id::<LeadId>(&lead)), "{name}");
        office.clock.advance(TimeDelta::days(1));
        assert_eq!((round(&office).done, records()), (0, 1), "{name}: it is done");
    }
}

#[test]
fn of_four_that_ask_a_half_open_breaker_one_probes() {
    for (crew, place, mut office) in offices() {
        let what = format!("{} {crew:?}", place.name);
        for number in 0..30 {
            lead(&mut office, "Anna", number);
        }
        let claim = || now(office.session(1).apply(ClaimDeliveries::of(amo(), 5, 60))).unwrap();
        for row in claim().deliveries {
            let outcome =
                DeliveryOutcome::Failed { error: "no answer".to_owned(), failure: Failure::Timeout };
            let report = ReportDelivery { id: row.id, lease: row.lease, outcome };
            now(office.session(1).apply(report)).unwrap();
        }
        let away = claim();
        assert!(matches!(away.pass, Pass::Away { .. }) && away.deliveries.is_empty(), "{what}: {away:?}");
        let probes = at_once(crew, &place, &office, "probe");
        assert_eq!(probes.len(), 1, "{what}: {probes:?}");
    }
}

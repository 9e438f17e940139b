//! Several at once: what the store has to keep apart.

use std::collections::BTreeSet;
use std::sync::Barrier;

use crm_core::integration::{DeliveryOutcome, Failure, Pass};
use crm_core::{ClaimDeliveries, ClaimNotifications, Notify, ReceiveEvents, ReportDelivery};
use pollster::block_on as now;
use serde_json::json;

use super::{House, add, house, house_with, plain, rename, user, word};

/// Runs the same in so many threads that start at the same time.
fn at_once<T: Send>(threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(threads);
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads)
            .map(|at| {
                let (barrier, work) = (&barrier, &work);
                scope.spawn(move || {
                    barrier.wait();
                    work(at)
                })
            })
            .collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn fates(
    house: &House,
    threads: usize,
    make: impl Fn(usize) -> crm_core::integration::IncomingEvent + Sync,
) -> Vec<&'static str> {
    at_once(threads, |at| {
        let command = ReceiveEvents { events: vec![make(at)] };
        now(house.host().apply(command)).unwrap().items[0].fate.name()
    })
}

#[test]
fn an_event_that_comes_eight_times_at_once_makes_one_lead() {
    for _ in 0..crate::store::tries(20) {
        let house = house();
        let mut fates = fates(&house, 8, |_| add("7", 1));
        fates.sort_unstable();
        assert_eq!(fates[0], "applied");
        assert!(fates[1..].iter().all(|fate| *fate == "duplicate"), "{fates:?}");
        assert_eq!((house.leads().len(), house.inbox().len()), (1, 1));
    }
}

#[test]
fn different_events_of_one_thing_at_once_make_one_lead() {
    for _ in 0..crate::store::tries(20) {
        let house = house();
        fates(&house, 8, |at| add("7", i64::try_from(at).unwrap()));
        assert_eq!((house.leads().len(), house.inbox().len()), (1, 8));
        assert_eq!(house.reference("lead", "7").unwrap().remote_version, Some(7), "the newest of them");
    }
}

#[test]
fn what_waits_and_what_it_waits_for_do_not_miss_each_other() {
    for _ in 0..30 {
        let house = house();
        fates(&house, 4, |at| match at {
            0 => add("7", 1),
            1 => rename("7", 2, "Bo Baker"),
            2 => add("8", 1),
            _ => plain("delete", "8", 2),
        });
        assert_eq!(house.lead("7").unwrap().name.as_str(), "Bo Baker");
        assert_eq!(house.lead("8"), None);
        assert!(house.inbox().iter().all(|row| row.status == "applied"), "{:?}", house.inbox());
    }
}

#[test]
fn a_delivery_is_claimed_once_and_the_order_of_a_lane_is_kept() {
    let house = house_with(json!({ "integrations": { "targets": [
        { "name": "crm", "events": ["lead.*"] },
    ] } }));
    for lead in 0..5 {
        house.receive(vec![add(&lead.to_string(), 1)]);
        for version in 2..5 {
            house.receive(vec![rename(&lead.to_string(), version, &format!("Name {version}"))]);
        }
    }
    let told = at_once(6, |_| {
        let mut told = Vec::new();
        loop {
            let claimed = now(house.host().apply(ClaimDeliveries::of(word("crm"), 2, 60))).unwrap();
            if claimed.deliveries.is_empty() && house.deliveries().iter().all(|row| row.status == "done") {
                return told;
            }
            for row in claimed.deliveries {
                let place = std::time::Instant::now();
                told.push((place, row.lane.to_string(), row.number, row.id));
                let outcome = DeliveryOutcome::Done { external_id: None, kind: None };
                now(house.host().apply(ReportDelivery { id: row.id, lease: row.lease, outcome })).unwrap();
            }
        }
    });
    let mut told: Vec<_> = told.into_iter().flatten().collect();
    let ids: BTreeSet<_> = told.iter().map(|(.., id)| *id).collect();
    assert_eq!((told.len(), ids.len()), (house.deliveries().len(), house.deliveries().len()), "each once");
    assert!(told.len() >= 20);
    told.sort_unstable();
    for lane in told.iter().map(|(_, lane, ..)| lane.clone()).collect::<BTreeSet<_>>() {
        let versions: Vec<_> = told
            .iter()
            .filter(|(_, of, ..)| *of == lane)
            .map(|(.., id)| {
                now(house.host().get(*id)).unwrap().content.as_json()["version"].as_u64().unwrap()
            })
            .collect();
        assert!(versions.is_sorted(), "{lane}: {versions:?}");
    }
}

#[test]
fn of_a_hundred_that_ask_a_half_open_breaker_one_probes() {
    let house = house_with(json!({ "integrations": {
        "targets": [{ "name": "crm", "events": ["lead.created"] }],
    } }));
    for lead in 0..120 {
        house.receive(vec![add(&lead.to_string(), 1)]);
    }
    let claimed = house.run(ClaimDeliveries::of(word("crm"), 5, 60)).unwrap().deliveries;
    for row in claimed {
        let outcome = DeliveryOutcome::Failed { error: "no answer".to_owned(), failure: Failure::Timeout };
        house.run(ReportDelivery { id: row.id, lease: row.lease, outcome }).unwrap();
    }
    let away = house.run(ClaimDeliveries::of(word("crm"), 5, 60)).unwrap();
    assert!(matches!(away.pass, Pass::Away { .. }) && away.deliveries.is_empty());
    house.later(61);
    let probes = at_once(100, |_| {
        now(house.host().apply(ClaimDeliveries::of(word("crm"), 5, 30))).unwrap().deliveries
    });
    let probes: Vec<_> = probes.into_iter().flatten().collect();
    assert_eq!(probes.len(), 1, "{probes:?}");
    let attempts: i64 = house.all_deliveries().iter().map(|row| row.attempts).sum();
    assert_eq!(attempts, 5 + 1, "who was turned away made no attempt");
    let outcome = DeliveryOutcome::Done { external_id: None, kind: None };
    house.run(ReportDelivery { id: probes[0].id, lease: probes[0].lease, outcome }).unwrap();
    let open = house.run(ClaimDeliveries::of(word("crm"), 50, 30)).unwrap();
    assert_eq!((open.pass, open.deliveries.len()), (Pass::Free, 50));
}

#[test]
fn a_notification_is_claimed_once() {
    let house = house();
    for _ in 0..40 {
        house.do_(Notify::new().channel("email").user(user(2)).message("Hello"));
    }
    let claimed = at_once(8, |_| {
        let mut mine = Vec::new();
        loop {
            let claim = ClaimNotifications { channel: word("email"), most: 3, lease_seconds: 60 };
            let rows = now(house.host().apply(claim)).unwrap();
            if rows.is_empty() {
                return mine;
            }
            mine.extend(rows.iter().map(|row| (row.id, row.lease)));
        }
    });
    let all: Vec<_> = claimed.into_iter().flatten().collect();
    assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (40, 40));
    assert!(all.iter().all(|(_, lease)| *lease == 1));
}

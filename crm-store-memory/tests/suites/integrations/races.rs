//! Several at once: what the store has to keep apart.

use std::collections::BTreeSet;
use std::sync::Barrier;

use crm_core::integration::DeliveryOutcome;
use crm_core::{ClaimDeliveries, ReceiveEvents, ReportDelivery};
use pollster::block_on as now;
use serde_json::json;

use super::{House, add, house, house_with, plain, rename, word};

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

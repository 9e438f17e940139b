//! Figures are of now, and of one moment.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crm_core::analytics::Sales;
use crm_core::value::{DealId, Decimal};
use crm_core::{CreateDeal, Crm, Profile, ReopenDeal, WinDeal};
use crm_testkit::ready::now;
use serde_json::json;

use crate::places::Place;
use crate::support::office::{Office, user};
use crate::{code, id};

/// Another engine over the place, as another process has one.
fn next_door(place: &Place) -> Crm {
    Crm::new(place.store(), Profile::preset("real_estate").unwrap())
}

#[test]
fn a_summary_is_never_of_before() {
    const TURNS: u64 = 80;
    for place in Place::all() {
        let mut office = Office::open(place.store());
        let other = next_door(&place);
        for turn in 1..=TURNS {
            let deal = office.tell::<CreateDeal>(1, json!({ "title": "Flat", "amount": "10" }));
            assert_eq!(code(&deal), "done", "{deal}");
            if turn % 2 == 0 {
                office.tell::<WinDeal>(1, json!({ "id": deal["id"] }));
            }
            let found = now(other.act(office.id, user(1)).report(&Sales::default())).unwrap();
            assert_eq!((found.all.count, found.won.count), (turn, turn / 2), "{}", place.name);
        }
    }
}

#[test]
fn the_parts_of_a_summary_are_the_whole_whoever_writes_meanwhile() {
    const DEALS: u64 = 12;
    const LOOKS: u32 = 60;
    const PATIENCE: Duration = Duration::from_mins(1);
    for place in Place::all() {
        let name = place.name;
        let mut office = Office::open(place.store());
        let deal = json!({ "title": "Flat", "amount": "10" });
        let deals: Vec<DealId> =
            (0..DEALS).map(|_| id(&office.tell::<CreateDeal>(1, deal.clone())["id"])).collect();
        let (other, over, written) = (next_door(&place), AtomicBool::new(false), AtomicU32::new(0));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    for deal in &deals {
                        // Winning and reopening in turn: a deal leaves one part and enters another.
                        let won = now(office.session(1).apply(WinDeal::of(*deal))).is_ok();
                        let opened = now(office.session(1).apply(ReopenDeal::of(*deal))).is_ok();
                        written.fetch_add(u32::from(won) + u32::from(opened), Ordering::Relaxed);
                    }
                }
            });
            let begun = Instant::now();
            let mut looks = 0;
            // However fast it looks, it goes on until enough was written meanwhile.
            while (looks < LOOKS || written.load(Ordering::Relaxed) <= 10) && begun.elapsed() < PATIENCE {
                looks += 1;
                let found = now(other.act(office.id, user(1)).report(&Sales::default())).unwrap();
                let counts: u64 = found.by_status.iter().map(|part| part.tally.count).sum();
                let sums = found.by_status.iter().filter_map(|part| part.tally.single());
                let sum: Decimal = sums.map(|money| money.amount).sum();
                assert_eq!((counts, found.all.count), (DEALS, DEALS), "{name}");
                assert_eq!((sum, found.all.single().unwrap().amount), (120.into(), 120.into()), "{name}");
            }
            over.store(true, Ordering::Relaxed);
        });
        let written = written.into_inner();
        assert!(written > 10, "{name}: a test of nothing proves nothing: {written}");
    }
}

//! How much a worker loads: a few rows for each that it takes, however many are waiting.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crm_core::integration::{DeliveryOutcome, Failure};
use crm_core::{
    ClaimDeliveries, ClaimNotifications, Delivery, Notification, Notify, QueueDelivery, ReportDelivery,
};
use serde_json::json;

use super::counting::Counting;
use super::{House, house_over, user, word};

struct Office {
    store: Arc<Counting>,
    house: House,
}

impl Office {
    fn open() -> Self {
        let store = Arc::new(Counting::default());
        Self { house: house_over(store.clone(), json!({})), store }
    }

    fn queue(&self, lane: &str) {
        let queued = QueueDelivery::new().target("amo").event("x").lane(lane).content(json!({}));
        self.house.do_(queued);
        self.house.later(1);
    }

    fn claim(&self, most: u32) -> Vec<Arc<Delivery>> {
        self.house.run(ClaimDeliveries::of(word("amo"), most, 60)).unwrap().deliveries
    }

    fn fail(&self, row: &Delivery) {
        let outcome = DeliveryOutcome::Failed { error: "no".to_owned(), failure: Failure::Timeout };
        self.house.run(ReportDelivery { id: row.id, lease: row.lease, outcome }).unwrap();
    }

    /// How many rows were loaded meanwhile.
    fn loaded<T>(&self, act: impl FnOnce() -> T) -> (T, usize) {
        self.store.rows.store(0, Ordering::Relaxed);
        (act(), self.store.rows.load(Ordering::Relaxed))
    }
}

fn lanes(rows: &[Arc<Delivery>]) -> Vec<&str> {
    rows.iter().map(|row| row.lane.as_str()).collect()
}

#[test]
fn a_claim_loads_a_few_deliveries_of_many() {
    let office = Office::open();
    for lane in 0..200 {
        office.queue(&format!("l{lane}"));
    }
    let (first, loaded) = office.loaded(|| office.claim(3));
    assert_eq!(lanes(&first), ["l0", "l1", "l2"], "the longest wait first");
    assert!(loaded <= 40, "{loaded} rows for three deliveries");
    assert_eq!(lanes(&office.claim(2)), ["l3", "l4"]);
    office.house.later(61);
    assert_eq!(lanes(&office.claim(2)), ["l0", "l1"], "what was not reported comes back first");
}

#[test]
fn lanes_that_wait_hold_back_no_other() {
    let office = Office::open();
    for _ in 0..100 {
        office.queue("stuck");
    }
    for lane in ["a", "b", "a"] {
        office.queue(lane);
    }
    let stuck = office.claim(1);
    office.fail(&stuck[0]);
    let free = office.claim(5);
    assert_eq!(lanes(&free), ["a", "b"], "one of each lane, whatever is due behind a failure");
    assert!(office.claim(5).is_empty());
    office.house.later(30);
    let (again, _) = office.loaded(|| office.claim(5));
    assert_eq!(lanes(&again), ["stuck"]);
    assert_eq!((again[0].id, again[0].number), (stuck[0].id, 1), "and in order");
}

#[test]
fn a_claim_loads_a_few_notifications_of_many() {
    let office = Office::open();
    let tell = |priority: &str| {
        let row =
            office.house.do_(Notify::new().channel("email").user(user(2)).message("Hi").priority(priority));
        office.house.later(1);
        row.id
    };
    let plain: Vec<_> = (0..100).map(|_| tell("normal")).collect();
    let (low, urgent) = (tell("low"), tell("urgent"));
    let claim = |most| {
        let claim = ClaimNotifications { channel: word("email"), most, lease_seconds: 60 };
        office.house.run(claim).unwrap().iter().map(|row: &Arc<Notification>| row.id).collect::<Vec<_>>()
    };
    let (first, loaded) = office.loaded(|| claim(3));
    assert_eq!(first, [urgent, plain[0], plain[1]], "the most urgent first, then the longest wait");
    assert!(loaded <= 12, "{loaded} rows for three notifications");
    assert_eq!(claim(200), [&plain[2..], &[low]].concat());
}

//! Time: no store rounds; what it cannot keep is cut before anything is decided.

use std::sync::Arc;

use crm_core::clock::Clock;
use crm_core::describe::{Id, Kind};
use crm_core::store::Store;
use crm_core::value::{ContactId, Instant};
use crm_core::{CreateContact, CreateDeal, CreateTask, UpdateContact};
use serde_json::json;

use super::scene::{Scene, contact, deal, id, key, with};

fn c(number: u128) -> ContactId {
    ContactId::from_uuid(id(number))
}

/// The time of a write is kept as exactly as the store says it keeps time, everywhere.
pub async fn the_time_of_a_write_is_kept(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let precision = scene.store.capabilities().time_precision;
    for (number, time) in (1..).zip([
        "2026-03-02T09:00:00.123456Z",
        "2026-03-02T09:00:00.999999Z",
        "2026-03-02T09:00:00.000001Z",
        "1969-12-31T23:59:59.999999Z",
        "2026-12-31T23:59:59.999500Z",
    ]) {
        let now: Instant = time.parse().expect("a time");
        scene.clock.set(now);
        let contact = scene.write(CreateContact::with_id(c(number)).name("C")).await;
        assert_eq!(contact.created_at, now.truncated(precision), "the engine cuts, and never rounds");
        let kept = scene.row(key(Kind::Contact, number)).await.expect("it is there");
        assert_eq!(kept.value(crm_core::describe::CREATED_AT).to_json(), json!(now.truncated(precision)));
        let told = scene.history(c(number).key()).await;
        assert_eq!(told.iter().map(|entry| entry.at).collect::<Vec<_>>(), [now.truncated(precision)]);
        let event = scene.events().await.pop().expect("it was told");
        assert_eq!(event.at, now.truncated(precision));
    }
    scene.check_all().await;
}

/// The ends of the calendar are kept.
pub async fn the_ends_of_the_calendar_are_kept(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let precision = scene.store.capabilities().time_precision;
    for (number, time) in [(1, Instant::MIN), (2, Instant::MAX), (3, Instant::EPOCH)] {
        let row = with(deal(number, "D"), "expected_close_at", json!(time.truncated(precision)));
        let row = with(row, "expected_close_date", if number == 1 { "0001-01-01" } else { "9999-12-31" });
        scene.import(vec![with(row, "created_at", json!(time.truncated(precision)))]).await;
    }
    scene.check_all().await;
}

/// A time is a point in time, whatever offset it was written in and whatever zone the store lives in.
pub async fn a_time_is_a_point_in_time(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let times = [
        "2026-03-29T02:30:00+02:00",
        "2026-03-29T00:30:00Z",
        "2026-10-25T02:30:00+02:00",
        "2026-10-25T02:30:00+01:00",
    ];
    let row = |(number, time): (u128, &str)| with(contact(number, "C"), "created_at", time);
    scene.import((1..).zip(times).map(row).collect()).await;
    scene.check_all().await;
    let mut found = Vec::new();
    for number in 1..=4 {
        let row = scene.row(key(Kind::Contact, number)).await.expect("it is there");
        found.push(row.value(crm_core::describe::CREATED_AT));
    }
    assert_eq!(found.first(), found.get(1));
    assert_ne!(found.get(2), found.get(3));
}

/// A day is a day: no zone moves it.
pub async fn a_day_is_not_moved(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let organization = crm_core::UpdateOrganization::of(scene.organization).time_zone("Pacific/Kiritimati");
    scene.write(organization).await;
    let day: crm_core::value::Date = "2026-03-29".parse().expect("a day");
    let deal = scene.write(CreateDeal::new().title("D").expected_close_date(day)).await;
    let task = scene.write(CreateTask::new().title("T").due_date(day)).await;
    let session = scene.session();
    assert_eq!(session.get(deal.id).await.expect("the deal").expected_close_date, Some(day));
    assert_eq!(session.get(task.id).await.expect("the task").due_date, Some(day));
    scene.check_all().await;
}

/// Two writes at one time are two writes.
pub async fn a_clock_that_stands_still_loses_nothing(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let now = scene.clock.now();
    for turn in 0..50 {
        let row = scene.write(CreateContact::new().name("C")).await;
        scene.write(UpdateContact::of(row.id).name(format!("C{turn}").as_str())).await;
    }
    assert_eq!(scene.clock.now(), now);
    scene.check_all().await;
    scene.check_list(&super::scene::all(Kind::Contact)).await;
}

//! The outbox: every event of every commit, once, in order, from any place on.

use std::sync::Arc;

use crm_core::Event;
use crm_core::store::Store;
use crm_core::value::{ContactId, DealId, EventId};
use crm_core::{
    Batch, CreateContact, CreateDeal, CreateTask, DeleteDeal, LoseDeal, UpdateContact, UpdateDeal, WinDeal,
};

use super::scene::{Scene, contact, id};

fn c(number: u128) -> ContactId {
    ContactId::from_uuid(id(number))
}

async fn after(scene: &Scene, after: Option<EventId>, most: u32) -> Vec<Event> {
    scene.store.events(scene.tenant(), after, most).await.expect("the store has an outbox")
}

/// Some commits of one event and of many.
async fn busy(store: Arc<dyn Store>) -> Scene {
    let scene = Scene::open(store).await;
    let deal = DealId::from_uuid(id(9));
    scene.import((1..=5).map(|number| contact(number, "C")).collect()).await;
    scene.write(CreateDeal::with_id(deal).title("D").amount(10)).await;
    scene.write(CreateTask::new().title("T").deal(deal)).await;
    scene.write(WinDeal::of(deal)).await;
    scene.write(UpdateContact::of(c(1)).name("Renamed")).await;
    scene.write(DeleteDeal::of(deal)).await;
    scene
}

/// Every event of every commit is there, in the order of the commits and within a commit as it was made.
pub async fn every_event_is_there_in_order(store: Arc<dyn Store>) {
    let scene = busy(store).await;
    let wanted = scene.book().events.clone();
    assert!(wanted.len() > 20, "enough happened");
    assert_eq!(scene.events().await, wanted);
}

/// From after any event on come exactly the later ones.
pub async fn events_go_on_after_any_event(store: Arc<dyn Store>) {
    let scene = busy(store).await;
    let wanted = scene.book().events.clone();
    for (at, event) in wanted.iter().enumerate() {
        let later = wanted.iter().skip(at + 1).cloned().collect::<Vec<_>>();
        assert_eq!(after(&scene, Some(event.id), u32::MAX).await, later, "after event {at}");
    }
}

/// In portions of any size every event comes once.
pub async fn events_come_in_portions(store: Arc<dyn Store>) {
    let scene = busy(store).await;
    let wanted = scene.book().events.clone();
    for most in [1, 2, 7, 1_000] {
        let (mut found, mut last) = (Vec::new(), None);
        loop {
            let portion = after(&scene, last, most).await;
            assert!(portion.len() <= most as usize, "at most {most}");
            let Some(end) = portion.last() else { break };
            last = Some(end.id);
            found.extend(portion);
            assert!(found.len() <= wanted.len(), "events repeat");
        }
        assert_eq!(found, wanted, "in portions of {most}");
    }
}

/// A reader who has seen everything gets what comes later, and nothing before it comes.
pub async fn later_events_follow(store: Arc<dyn Store>) {
    let scene = busy(store).await;
    let last = scene.events().await.last().map(|event| event.id);
    assert_eq!(after(&scene, last, 10).await, vec![]);
    let seen = scene.book().events.len();
    scene.write(UpdateContact::of(c(2)).name("Later")).await;
    scene.write(UpdateContact::of(c(3)).name("Later still")).await;
    let wanted: Vec<_> = scene.book().events.iter().skip(seen).cloned().collect();
    assert_eq!(after(&scene, last, 10).await, wanted);
}

/// The order is that of the commits, not that of the decisions, of the clock or of the ids.
pub async fn events_are_in_the_order_of_commits(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A"), contact(2, "B"), contact(3, "C")]).await;
    let mut decided = Vec::new();
    for (number, hours) in [(1, 2), (2, -7), (3, 4)] {
        scene.clock.advance_hours(hours);
        decided.push(scene.decide(UpdateContact::of(c(number)).name("Changed")).await);
    }
    decided.reverse();
    for changes in &decided {
        scene.applied(changes).await;
    }
    let wanted = scene.book().events.clone();
    assert_eq!(scene.events().await, wanted);
    for (at, event) in wanted.iter().enumerate() {
        assert_eq!(
            after(&scene, Some(event.id), 1).await,
            wanted.iter().skip(at + 1).take(1).cloned().collect::<Vec<_>>()
        );
    }
}

/// A refused commit tells nothing, and leaves no gap in what comes later.
pub async fn a_refused_commit_tells_nothing(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    let stale = scene.decide(UpdateContact::of(c(1)).name("Stale")).await;
    scene.write(UpdateContact::of(c(1)).name("Fresh")).await;
    let last = scene.events().await.last().map(|event| event.id);
    scene.refused(&stale).await;
    assert_eq!(after(&scene, last, 10).await, vec![]);
    scene.write(UpdateContact::of(c(1)).name("Later")).await;
    assert_eq!(after(&scene, last, 10).await.len(), 1);
    scene.check_all().await;
}

/// What an event carries comes back as it was: its name, its subject, its facts.
pub async fn events_keep_what_they_carry(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let deal = DealId::from_uuid(id(9));
    scene.write(CreateDeal::with_id(deal).title("D").amount(10).stage("proposal")).await;
    scene.write(LoseDeal::of(deal).reason("ё")).await;
    let events = scene.events().await;
    let told = events.iter().find(|event| event.name == "deal.status_changed").expect("it was lost");
    assert_eq!(told.data, serde_json::json!({ "from": "open", "to": "lost", "outcome": "lost" }));
    assert_eq!((told.subject.id, told.version), (id(9), 2));
    scene.check_all().await;
}

/// All events of a large command are there, in order.
pub async fn a_large_command_tells_everything(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let batch = (1..=300).fold(Batch::new(), |batch, number| {
        batch
            .then(CreateContact::with_id(c(1_000 - number)).name("C"))
            .then(UpdateContact::of(c(1_000 - number)).name("D"))
    });
    scene.write(batch).await;
    scene.import((2_001..=2_300).map(|number| contact(number, "C")).collect()).await;
    scene.check_all().await;
    scene.write(UpdateDeal::of(scene.write(CreateDeal::new().title("D")).await.id).title("E")).await;
    scene.check_all().await;
}

//! Remembered answers: the same request under the same key is answered once.

use std::sync::Arc;

use crm_core::access::Actor;
use crm_core::describe::Kind;
use crm_core::draft::{IdempotencyKey, ReadSet, Remembered};
use crm_core::store::{Conflict, Store};
use crm_core::value::ContactId;
use crm_core::{CreateContact, CreateDeal, DeleteContact, UpdateContact};

use super::scene::{Scene, id, key, user};

fn c(number: u128) -> ContactId {
    ContactId::from_uuid(id(number))
}

async fn remembered(scene: &Scene, actor: &Actor, operation: &str, key: &str) -> Option<Remembered> {
    let key = IdempotencyKey { actor: actor.clone(), operation: operation.to_owned(), key: key.to_owned() };
    let want = ReadSet { idempotency: Some(key.clone()), ..ReadSet::new() };
    scene.load(&want).await.remembered.remove(&key).flatten()
}

/// What was answered comes back as it was.
pub async fn an_answer_comes_back_as_it_was(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let create = CreateContact::with_id(c(1)).name("Ärger \"ё\" \\ %").email("a@example.com");
    let changes = scene.decide_keyed(scene.owner, create, "key 'ё' %_\\").await;
    scene.applied(&changes).await;
    let wanted = changes.parts().remember.clone().expect("a key was given");
    let found = remembered(&scene, &Actor::from(scene.owner), "create_contact", "key 'ё' %_\\").await;
    assert_eq!(found, Some(wanted.entry));
}

/// Asked again, the first answer is given, and nothing is written.
pub async fn a_repeated_request_is_answered_from_memory(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let session = scene.session();
    let create = || CreateDeal::new().title("Roof").amount(10);
    let first = session.apply(create()).with_key("k").await.expect("the first");
    let events = scene.events().await.len();
    scene.clock.advance_hours(1);
    let second = session.apply(create()).with_key("k").await.expect("the same again");
    assert_eq!(second, first);
    assert_eq!(scene.events().await.len(), events, "nothing was written");
    let other = session.apply(create().title("Other")).with_key("k").await;
    assert_eq!(other.map_err(|error| error.code()).err(), Some("key_reused"));
}

/// The answer is the first one also after the record has changed, and after it was deleted.
pub async fn an_answer_is_not_of_now(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let session = scene.session();
    let create = || CreateContact::with_id(c(1)).name("First");
    session.apply(create()).with_key("k").await.expect("the first");
    session.apply(UpdateContact::of(c(1)).name("Second")).await.expect("a change");
    session.apply(DeleteContact::of(c(1))).await.expect("a deletion");
    let again = session.apply(create()).with_key("k").await.expect("the same again");
    assert_eq!((again.name.as_str(), again.version), ("First", 1));
}

/// Another actor's key is another key: of another person, of an agent for the same person, of the system.
pub async fn a_key_belongs_to_its_actor(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let ben = scene.member(2, "owner").await;
    let agent = |name: &str| Actor::Agent { name: name.parse().expect("a name"), on_behalf_of: ben };
    let system = Actor::System { reason: "night".parse().expect("a reason") };
    let actors = [Actor::from(scene.owner), Actor::from(ben), agent("one"), agent("two"), system];
    for (number, actor) in (1..).zip(&actors) {
        for other in actors.iter().skip(usize::try_from(number - 1).expect("small")) {
            assert_eq!(remembered(&scene, other, "create_contact", "k").await, None, "of {other}");
        }
        let changes =
            scene.decide_keyed(actor.clone(), CreateContact::with_id(c(number)).name("C"), "k").await;
        scene.applied(&changes).await;
    }
    let mut answers = Vec::new();
    for actor in &actors {
        answers.push(remembered(&scene, actor, "create_contact", "k").await.expect("its own").digest);
    }
    answers.dedup();
    assert_eq!(answers.len(), actors.len(), "each has its own");
}

/// The same key for another operation is another key.
pub async fn a_key_belongs_to_its_operation(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let first = scene.decide_keyed(scene.owner, CreateContact::with_id(c(1)).name("C"), "k").await;
    let second = scene.decide_keyed(scene.owner, CreateDeal::new().title("D"), "k").await;
    scene.applied(&first).await;
    scene.applied(&second).await;
    let owner = Actor::from(scene.owner);
    assert!(remembered(&scene, &owner, "create_contact", "k").await.is_some());
    assert!(remembered(&scene, &owner, "create_deal", "k").await.is_some());
    assert!(remembered(&scene, &owner, "update_deal", "k").await.is_none());
}

/// Keys are compared exactly: letter case and spaces count, and so does the last of 255 characters.
pub async fn keys_are_exact(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let long = "ё".repeat(254);
    let (one, two) = (format!("{long}1"), format!("{long}2"));
    let keys = ["k", "K", "k ", " k", "ё", "е\u{308}", "k%", "k_", &long, &one, &two];
    for (number, key) in (1..).zip(keys) {
        let changes = scene.decide_keyed(scene.owner, CreateContact::with_id(c(number)).name("C"), key).await;
        scene.applied(&changes).await;
    }
    assert!(remembered(&scene, &Actor::from(user(1)), "create_contact", "k%%").await.is_none());
}

/// Two decisions under one key: the second is refused, whichever comes second.
pub async fn one_key_is_used_once(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let make = |number| CreateContact::with_id(c(number)).name("C");
    let first = scene.decide_keyed(scene.owner, make(1), "k").await;
    let second = scene.decide_keyed(scene.owner, make(2), "k").await;
    scene.applied(&second).await;
    assert!(scene.refused(&first).await.contains(&Conflict::Idempotency));
    assert!(scene.row(key(Kind::Contact, 1)).await.is_none());
}

/// An outdated answer is replaced, by one of those who try.
pub async fn an_outdated_answer_is_replaced_once(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let make = |number| CreateContact::with_id(c(number)).name("C");
    let first = scene.decide_keyed(scene.owner, make(1), "k").await;
    scene.applied(&first).await;
    scene.clock.advance_days(400);
    let second = scene.decide_keyed(scene.owner, make(2), "k").await;
    let third = scene.decide_keyed(scene.owner, make(3), "k").await;
    assert!(second.parts().remember.as_ref().is_some_and(|remember| remember.replaces.is_some()));
    scene.applied(&second).await;
    assert!(scene.refused(&third).await.contains(&Conflict::Idempotency));
    let wanted = second.parts().remember.as_ref().map(|remember| remember.entry.clone());
    assert_eq!(remembered(&scene, &Actor::from(scene.owner), "create_contact", "k").await, wanted);
}

/// A refused commit remembers nothing, so the request can be made again.
pub async fn a_refused_commit_remembers_nothing(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.write(CreateContact::with_id(c(1)).name("A")).await;
    let stale = scene.decide_keyed(scene.owner, UpdateContact::of(c(1)).name("B"), "k").await;
    scene.write(UpdateContact::of(c(1)).name("C")).await;
    scene.refused(&stale).await;
    assert!(remembered(&scene, &Actor::from(scene.owner), "update_contact", "k").await.is_none());
    let again = scene.decide_keyed(scene.owner, UpdateContact::of(c(1)).name("B"), "k").await;
    scene.applied(&again).await;
}

/// A request that changes nothing is remembered too: a later change does not make it one that does.
pub async fn a_request_without_changes_is_remembered(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let session = scene.session();
    session.apply(CreateContact::with_id(c(1)).name("A")).await.expect("a contact");
    let same = || UpdateContact::of(c(1)).name("A");
    session.apply(same()).with_key("k").await.expect("nothing to do");
    session.apply(UpdateContact::of(c(1)).name("B")).await.expect("a change");
    let again = session.apply(same()).with_key("k").await.expect("the same again");
    assert_eq!(again.name.as_str(), "A");
    assert_eq!(session.get(c(1)).await.expect("the contact").name.as_str(), "B");
}

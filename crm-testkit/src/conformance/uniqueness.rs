//! Unique keys: one live holder, whatever is at once, and free again when it is let go.

use std::future::IntoFuture;
use std::sync::Arc;

use crm_core::describe::{Kind, Record};
use crm_core::draft::UniqueKey;
use crm_core::store::{Conflict, Store};
use crm_core::value::ContactId;
use crm_core::{
    Batch, CreateContact, CreatePipeline, DeleteContact, DeletePipeline, RestoreContact, UpdateContact,
};

use super::scene::{Scene, id, key, unique};

fn c(number: u128) -> ContactId {
    ContactId::from_uuid(id(number))
}

fn email(text: &str) -> UniqueKey {
    unique(Kind::Contact, "email", text)
}

async fn create(scene: &Scene, number: u128, email: &str) {
    scene.write(CreateContact::with_id(c(number)).name("C").email(email)).await;
}

async fn code<T: std::fmt::Debug>(
    result: impl Future<Output = Result<T, crm_core::Error>>,
) -> Option<&'static str> {
    result.await.map_err(|error| error.code()).err()
}

/// Two decisions on one state that want the same key: exactly one is applied.
pub async fn of_two_takers_one_gets_it(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let first = scene.decide(CreateContact::with_id(c(1)).name("A").email("Same@Example.com")).await;
    let second = scene.decide(CreateContact::with_id(c(2)).name("B").email("same@example.com")).await;
    scene.applied(&first).await;
    let facts = scene.refused(&second).await;
    assert!(facts.contains(&Conflict::Claim(email("same@example.com"))), "{facts:?}");
    assert!(scene.row(key(Kind::Contact, 2)).await.is_none());
    assert_eq!(scene.holder(&email("same@example.com")).await, Some(id(1)));
}

/// So it is for changes, and for a change against a new record.
pub async fn of_two_changes_one_gets_it(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    create(&scene, 1, "a@example.com").await;
    create(&scene, 2, "b@example.com").await;
    let first = scene.decide(UpdateContact::of(c(1)).email("new@example.com")).await;
    let second = scene.decide(UpdateContact::of(c(2)).email("new@example.com")).await;
    let third = scene.decide(CreateContact::with_id(c(3)).name("C").email("new@example.com")).await;
    scene.applied(&second).await;
    scene.refused(&first).await;
    scene.refused(&third).await;
    assert_eq!(
        scene.holder(&email("a@example.com")).await,
        Some(id(1)),
        "a refused change lets go of nothing"
    );
    assert_eq!(scene.holder(&email("b@example.com")).await, None);
    scene.check_all().await;
}

/// A key that its holder gave up is free.
pub async fn a_key_that_was_given_up_is_free(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    create(&scene, 1, "a@example.com").await;
    scene.write(UpdateContact::of(c(1)).email("other@example.com")).await;
    assert_eq!(scene.holder(&email("a@example.com")).await, None);
    create(&scene, 2, "a@example.com").await;
    scene.write(UpdateContact::of(c(2)).email(None)).await;
    assert_eq!(scene.holder(&email("a@example.com")).await, None);
    create(&scene, 3, "a@example.com").await;
    assert_eq!(scene.holder(&email("a@example.com")).await, Some(id(3)));
}

/// A deleted record holds no key.
pub async fn a_deleted_record_holds_no_key(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    create(&scene, 1, "a@example.com").await;
    scene.write(DeleteContact::of(c(1))).await;
    assert_eq!(scene.holder(&email("a@example.com")).await, None);
    create(&scene, 2, "a@example.com").await;
    assert_eq!(scene.holder(&email("a@example.com")).await, Some(id(2)));
}

/// A restored record takes its key again, if it is free; if it is not, it stays deleted.
pub async fn a_restored_record_takes_its_key_again(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    create(&scene, 1, "a@example.com").await;
    scene.write(DeleteContact::of(c(1))).await;
    scene.write(RestoreContact::of(c(1))).await;
    assert_eq!(scene.holder(&email("a@example.com")).await, Some(id(1)));
    scene.write(DeleteContact::of(c(1))).await;
    create(&scene, 2, "A@EXAMPLE.COM").await;
    let refused = code(scene.session().apply(RestoreContact::of(c(1))).into_future()).await;
    assert_eq!(refused, Some("already_exists"));
    assert_eq!(scene.row(key(Kind::Contact, 1)).await.map(|row| row.is_live()), Some(false));
}

/// A restore and a new record want one key: exactly one is applied, whichever comes first.
pub async fn a_restore_does_not_break_uniqueness(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    create(&scene, 1, "a@example.com").await;
    scene.write(DeleteContact::of(c(1))).await;
    let restore = scene.decide(RestoreContact::of(c(1))).await;
    let new = scene.decide(CreateContact::with_id(c(2)).name("B").email("a@example.com")).await;
    scene.applied(&new).await;
    scene.refused(&restore).await;
    assert_eq!(scene.row(key(Kind::Contact, 1)).await.map(|row| row.is_live()), Some(false));
    scene.write(DeleteContact::of(c(2))).await;
    let restore = scene.decide(RestoreContact::of(c(1))).await;
    let new = scene.decide(CreateContact::with_id(c(3)).name("B").email("a@example.com")).await;
    scene.applied(&restore).await;
    scene.refused(&new).await;
    assert!(scene.row(key(Kind::Contact, 3)).await.is_none());
    scene.check_all().await;
}

/// A key moves from one record to another in one commit.
pub async fn a_key_changes_hands_in_one_commit(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    create(&scene, 1, "a@example.com").await;
    create(&scene, 2, "b@example.com").await;
    let swap = Batch::new()
        .then(UpdateContact::of(c(1)).email(None))
        .then(UpdateContact::of(c(2)).email("a@example.com"))
        .then(UpdateContact::of(c(1)).email("b@example.com"));
    scene.write(swap).await;
    assert_eq!(scene.holder(&email("a@example.com")).await, Some(id(2)));
    assert_eq!(scene.holder(&email("b@example.com")).await, Some(id(1)));
    scene.check_all().await;
}

/// A decision that saw a key free, and finds it free, is applied; whoever had it in between does not matter.
pub async fn a_key_that_is_free_again_is_no_conflict(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let changes = scene.decide(CreateContact::with_id(c(1)).name("A").email("a@example.com")).await;
    create(&scene, 2, "a@example.com").await;
    scene.write(DeleteContact::of(c(2))).await;
    scene.applied(&changes).await;
    assert_eq!(scene.holder(&email("a@example.com")).await, Some(id(1)));
}

/// A decision that saw somebody hold a key does not overrule who holds it now.
pub async fn a_key_that_moved_on_is_a_conflict(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    create(&scene, 1, "a@example.com").await;
    create(&scene, 2, "b@example.com").await;
    let take = |from: u128, to: u128| {
        let free = Batch::new().then(UpdateContact::of(c(from)).email(None));
        free.then(UpdateContact::of(c(to)).email("a@example.com"))
    };
    create(&scene, 3, "c@example.com").await;
    let stale = scene.decide(take(1, 3).then(CreateContact::with_id(c(4)).name("D"))).await;
    scene.write(take(1, 2)).await;
    let facts = scene.refused(&stale).await;
    assert!(facts.contains(&Conflict::Claim(email("a@example.com"))), "{facts:?}");
    assert_eq!(scene.holder(&email("a@example.com")).await, Some(id(2)));
    scene.check_all().await;
}

/// A decision that saw somebody hold a key is outdated when nobody does any more.
pub async fn a_key_that_was_let_go_is_a_conflict(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    create(&scene, 1, "a@example.com").await;
    create(&scene, 2, "b@example.com").await;
    let free = Batch::new().then(UpdateContact::of(c(1)).email(None));
    let stale = scene.decide(free.then(UpdateContact::of(c(2)).email("a@example.com"))).await;
    scene.write(DeleteContact::of(c(1))).await;
    let facts = scene.refused(&stale).await;
    assert!(facts.contains(&Conflict::Claim(email("a@example.com"))), "{facts:?}");
    assert_eq!(scene.holder(&email("a@example.com")).await, None);
    scene.check_all().await;
}

/// Beyond their normal form keys are compared exactly: accents count, wildcards are characters, nothing is cut.
pub async fn keys_are_compared_exactly(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let long = "long-".repeat(12);
    let names = ["e", "é", "a_b", "axb", "a%b", "ab", "и", "й", &format!("{long}1"), &format!("{long}2")];
    let address = |name: &str| format!("{name}@example.com");
    for (number, name) in (1..).zip(names) {
        create(&scene, number, &address(name)).await;
    }
    for (number, name) in (1..).zip(names) {
        assert_eq!(scene.holder(&email(&address(name))).await, Some(id(number)), "the holder of {name}");
    }
    assert_eq!(scene.holder(&email(&address("a%"))).await, None);
}

/// Different forms of one text are one key: letter case, width, composition; a phone is its digits.
pub async fn a_key_is_a_normal_form(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let first = CreateContact::with_id(c(1)).name("A").email("Ä.Straße@Example.com").phone("+49 (30) 12-34");
    scene.write(first).await;
    let session = scene.session();
    let mail = CreateContact::new().name("B").email("ä.STRASSE@example.COM");
    assert_eq!(code(session.apply(mail).into_future()).await, Some("already_exists"));
    let phone = CreateContact::new().name("B").phone("49");
    scene.write(phone).await;
    let phone = CreateContact::new().name("C").phone("4930 1234");
    assert_eq!(code(session.apply(phone).into_future()).await, Some("already_exists"));
}

/// Keys of different fields and kinds have nothing to do with each other.
pub async fn keys_of_different_fields_are_different(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let name = "a@example.com";
    create(&scene, 1, name).await;
    let stages = serde_json::from_value(serde_json::json!([
        { "key": "one" }, { "key": "won", "kind": "won" }, { "key": "lost", "kind": "lost" }
    ]));
    let stages: Vec<crm_core::Stage> = stages.expect("stages");
    let pipeline = scene.write(CreatePipeline::new().name(name).stages(stages.clone())).await;
    assert_eq!(scene.holder(&email(name)).await, Some(id(1)));
    assert_eq!(scene.holder(&unique(Kind::Pipeline, "name", name)).await, Some(pipeline.id.uuid()));
    assert_eq!(scene.holder(&unique(Kind::Contact, "phone", name)).await, None);
    let of_deals = UniqueKey { kind: Kind::Deal, ..email(name) };
    assert_eq!(scene.holder(&of_deals).await, None, "a key belongs to its kind");
    scene.write(CreateContact::with_id(c(2)).name("C").phone(name)).await;
    assert_eq!(scene.holder(&unique(Kind::Contact, "phone", name)).await, Some(id(2)));
    scene.write(DeletePipeline::of(pipeline.id)).await;
    scene.write(CreatePipeline::new().name("A@EXAMPLE.com").stages(stages)).await;
    scene.check_all().await;
}

/// An import is held to the same keys: of two rows with one key only one comes in.
pub async fn an_import_keeps_keys_unique(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let row = |number| super::scene::with(super::scene::contact(number, "C"), "email", "a@example.com");
    let report = scene.write(crm_core::Import { rows: vec![row(1), row(2)] }).await;
    assert_eq!((report.imported(), report.rejected().count()), (1, 1));
    let stale = scene.decide(CreateContact::with_id(c(5)).name("C").email("b@example.com")).await;
    let row = super::scene::with(super::scene::contact(3, "C"), "email", "B@example.com");
    scene.import(vec![row]).await;
    scene.refused(&stale).await;
    let live: Vec<Record> =
        scene.book().rows.values().filter(|row| row.kind() == Kind::Contact).cloned().collect();
    assert_eq!(live.len(), 2);
    scene.check_all().await;
}

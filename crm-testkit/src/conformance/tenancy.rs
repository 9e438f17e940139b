//! The wall between organisations: the same ids, keys and words on both sides, and nothing comes through.

use std::sync::Arc;

use crm_core::access::Actor;
use crm_core::describe::{Id, Key, Kind, Value};
use crm_core::draft::{IdempotencyKey, ReadSet, SetQuery};
use crm_core::store::{Filter, ListQuery, Measure, PerGroup, Question, Store, Tenant};
use crm_core::value::{ContactId, DealId};
use crm_core::{
    CreateContact, CreateDeal, DeleteContact, DeleteOrganization, RestoreContact, UpdateContact, WinDeal,
};
use serde_json::json;

use super::scene::{Scene, all, contact, deal, field, id, key, unique, user, with};
use crate::ask;

fn c(number: u128) -> ContactId {
    ContactId::from_uuid(id(number))
}

/// Two organisations in one store, of one owner, with rows of the same ids and other contents.
async fn two(store: Arc<dyn Store>) -> (Scene, Scene) {
    let one = Scene::open_as(store.clone(), 1).await;
    let two = Scene::open_as(store, 2).await;
    for (scene, city, count) in [(&one, "Wien", 5_u128), (&two, "Linz", 8)] {
        let person = |number| with(contact(number, "Same"), "city", city);
        scene.import((1..=count).map(person).collect()).await;
        let of = |number: u128| {
            with(with(deal(number, "Same"), "contact", json!(id(1))), "amount", format!("{count}.00"))
        };
        scene.import((1..=count).map(of).collect()).await;
    }
    (one, two)
}

async fn both_whole(one: &Scene, two: &Scene) {
    one.check_all().await;
    two.check_all().await;
}

/// The same id is another row on the other side; both are as they were written.
pub async fn the_same_id_is_another_row(store: Arc<dyn Store>) {
    let (one, two) = two(store).await;
    both_whole(&one, &two).await;
    one.write(UpdateContact::of(c(1)).name("Changed").city("Graz")).await;
    one.write(DeleteContact::of(c(2))).await;
    both_whole(&one, &two).await;
    two.write(UpdateContact::of(c(1)).name("Other")).await;
    two.write(CreateContact::with_id(c(100)).name("New")).await;
    one.write(CreateContact::with_id(c(100)).name("New too")).await;
    both_whole(&one, &two).await;
}

/// What is only on the other side is not there: rows, sets, claims, commands.
pub async fn nothing_is_loaded_from_the_other_side(store: Arc<dyn Store>) {
    let (one, two) = two(store).await;
    two.write(CreateContact::with_id(c(50)).name("Hidden").email("hidden@example.com")).await;
    assert!(one.row(key(Kind::Contact, 50)).await.is_none());
    assert!(one.row(two.organization.key()).await.is_none());
    assert!(one.row(two.pipeline.key()).await.is_none());
    let by_email = |scene: &Scene| {
        let equals = vec![(field(Kind::Contact, "city"), Value::text("Linz"))];
        (scene.tenant(), SetQuery::live(Kind::Contact, equals))
    };
    assert_eq!(one.set(&by_email(&one).1).await, vec![]);
    assert_eq!(
        one.set(&SetQuery::live(Kind::Deal, vec![(field(Kind::Deal, "contact"), Value::Uuid(id(1)))]))
            .await
            .len(),
        5
    );
    assert_eq!(one.holder(&unique(Kind::Contact, "email", "hidden@example.com")).await, None);
    let commands = two.book().commands.clone();
    for command in commands {
        assert!(two.is_committed(command).await);
        assert!(!one.is_committed(command).await, "a command of the other side is not committed here");
    }
}

/// Lists, their totals and their groups are of one side.
pub async fn lists_are_of_one_side(store: Arc<dyn Store>) {
    let (one, two) = two(store).await;
    let worth =
        Filter::Range(field(Kind::Deal, "amount"), std::ops::Bound::Unbounded, std::ops::Bound::Unbounded);
    for scene in [&one, &two] {
        for kind in Kind::ALL.iter().copied() {
            scene.check_list(&all(kind)).await;
        }
        for filter in [
            Filter::Search("same".to_owned()),
            Filter::Any(vec![Filter::All, worth.clone()]),
            Filter::Equals(field(Kind::Deal, "contact"), Value::Uuid(id(1))),
            worth.clone(),
        ] {
            let per_group = Some(PerGroup { field: field(Kind::Deal, "status"), most: 3 });
            scene.check_list(&ListQuery { filter: filter.clone(), ..all(Kind::Deal) }).await;
            scene.check_list(&ListQuery { filter, per_group, total: false, ..all(Kind::Deal) }).await;
        }
    }
}

/// A reference is followed on its own side.
pub async fn references_are_followed_on_their_own_side(store: Arc<dyn Store>) {
    let (one, two) = two(store).await;
    for (scene, city, count) in [(&one, "Wien", 5), (&one, "Linz", 0), (&two, "Linz", 8), (&two, "Wien", 0)] {
        let inner = Filter::Equals(field(Kind::Contact, "city"), Value::text(city));
        let filter = Filter::Via(field(Kind::Deal, "contact"), Kind::Contact, Box::new(inner));
        let found = scene.list(&ListQuery { filter: filter.clone(), ..all(Kind::Deal) }).await;
        assert_eq!(found.total, Some(count), "deals of contacts in {city}");
        scene.check_list(&ListQuery { visible: filter, ..all(Kind::Deal) }).await;
    }
}

/// Measures are of one side.
pub async fn measures_are_of_one_side(store: Arc<dyn Store>) {
    let (one, two) = two(store).await;
    for scene in [&one, &two] {
        for by in [vec![], vec![field(Kind::Deal, "contact")]] {
            let sum = Some(field(Kind::Deal, "amount"));
            scene
                .check_measure(&Measure {
                    kind: Kind::Deal,
                    visible: Filter::All,
                    filter: Filter::All,
                    by,
                    sum,
                })
                .await;
        }
    }
}

/// The ledger is of one side.
pub async fn the_ledger_is_of_one_side(store: Arc<dyn Store>) {
    let (one, two) = two(store).await;
    two.write(UpdateContact::of(c(1)).name("Changed")).await;
    assert_eq!(one.history(c(1).key()).await.len(), 1);
    assert_eq!(two.history(c(1).key()).await.len(), 2);
    assert_eq!(one.history(c(7).key()).await, vec![]);
    assert_eq!(one.history(two.organization.key()).await, vec![]);
    both_whole(&one, &two).await;
}

/// The outbox is of one side, also when commits alternate.
pub async fn the_outbox_is_of_one_side(store: Arc<dyn Store>) {
    let (one, two) = two(store).await;
    for turn in 0..5 {
        one.write(UpdateContact::of(c(1)).name(format!("One {turn}").as_str())).await;
        two.write(UpdateContact::of(c(1)).name(format!("Two {turn}").as_str())).await;
    }
    both_whole(&one, &two).await;
    for scene in [&one, &two] {
        let wanted = scene.book().events.clone();
        for (at, event) in wanted.iter().enumerate().rev().take(8) {
            let found = scene.store.events(scene.tenant(), Some(event.id), 3).await.expect("the outbox");
            assert_eq!(found, wanted.iter().skip(at + 1).take(3).cloned().collect::<Vec<_>>());
        }
    }
}

/// A unique key is unique on its own side.
pub async fn unique_keys_are_of_one_side(store: Arc<dyn Store>) {
    let (one, two) = two(store).await;
    let create = |number| CreateContact::with_id(c(number)).name("C").email("same@example.com");
    let (first, second) = (one.decide(create(60)).await, two.decide(create(61)).await);
    one.applied(&first).await;
    two.applied(&second).await;
    let same = unique(Kind::Contact, "email", "same@example.com");
    assert_eq!((one.holder(&same).await, two.holder(&same).await), (Some(id(60)), Some(id(61))));
    one.write(DeleteContact::of(c(60))).await;
    assert_eq!((one.holder(&same).await, two.holder(&same).await), (None, Some(id(61))));
}

/// A remembered answer is of one side.
pub async fn answers_are_of_one_side(store: Arc<dyn Store>) {
    let (one, two) = two(store).await;
    let create = || CreateContact::with_id(c(70)).name("C");
    let first = one.decide_keyed(one.owner, create(), "k").await;
    let second = two.decide_keyed(two.owner, create(), "k").await;
    one.applied(&first).await;
    let remembered = IdempotencyKey {
        actor: Actor::from(user(1)),
        operation: "create_contact".to_owned(),
        key: "k".to_owned(),
    };
    let want = ReadSet { idempotency: Some(remembered), ..ReadSet::new() };
    assert!(two.load(&want).await.remembered.values().all(Option::is_none));
    two.applied(&second).await;
    assert!(two.row(key(Kind::Contact, 70)).await.is_some());
}

/// Facts are checked on their own side: what happened to the same id on the other stops nothing.
pub async fn facts_are_of_one_side(store: Arc<dyn Store>) {
    let (one, two) = two(store).await;
    let rename = one.decide(UpdateContact::of(c(3)).name("Renamed")).await;
    let create = one.decide(CreateContact::with_id(c(80)).name("New")).await;
    let point = one.decide(CreateDeal::with_id(DealId::from_uuid(id(80))).title("D").contact(c(4))).await;
    let delete = one.decide(DeleteContact::of(c(5))).await;
    two.write(UpdateContact::of(c(3)).name("Elsewhere")).await;
    two.write(CreateContact::with_id(c(80)).name("Elsewhere")).await;
    two.write(DeleteContact::of(c(4))).await;
    two.write(CreateDeal::new().title("Elsewhere").contact(c(5))).await;
    for changes in [rename, create, point, delete] {
        one.applied(&changes).await;
    }
    both_whole(&one, &two).await;
}

/// And what is as it was on the other side does not make up for what changed on this one.
pub async fn the_other_side_does_not_vouch(store: Arc<dyn Store>) {
    let (one, two) = two(store).await;
    let stale = one.decide(UpdateContact::of(c(3)).name("Stale")).await;
    let point = one.decide(CreateDeal::new().title("D").contact(c(4))).await;
    one.write(UpdateContact::of(c(3)).name("Fresh")).await;
    one.write(DeleteContact::of(c(4))).await;
    one.refused(&stale).await;
    one.refused(&point).await;
    assert!(two.row(key(Kind::Contact, 4)).await.is_some_and(|row| row.is_live()));
    both_whole(&one, &two).await;
}

/// An organisation that is deleted takes nothing of another along.
pub async fn a_deleted_organization_leaves_others_alone(store: Arc<dyn Store>) {
    let (one, two) = two(store).await;
    one.write(DeleteOrganization::of(one.organization)).await;
    both_whole(&one, &two).await;
    let refused = one.session().get(c(1)).await.map_err(|error| error.code());
    assert_eq!(refused.err(), Some("not_member"));
    two.write(WinDeal { id: DealId::from_uuid(id(1)) }).await;
    two.check_list(&all(Kind::Deal)).await;
}

/// An organisation that never was has nothing, and takes no commits of rows that others have.
pub async fn an_unknown_organization_is_empty(store: Arc<dyn Store>) {
    let (one, _) = two(store).await;
    let nobody = Tenant::of(crm_core::value::OrganizationId::from_uuid(id(0xDEAD)));
    let want = ReadSet { keys: [key(Kind::Contact, 1), one.organization.key()].into(), ..ReadSet::new() };
    let found = one.store.load(nobody, &want).await.expect("an answer");
    assert!(found.answers(&want) && found.rows.values().all(Option::is_none));
    let about = |question| ask::one(&*one.store, nobody, question);
    let listed = about(Question::List(all(Kind::Contact))).await.expect("an answer").rows().expect("a list");
    assert_eq!((listed.rows.len(), listed.more, listed.total), (0, false, Some(0)));
    let measure =
        Measure { kind: Kind::Contact, visible: Filter::All, filter: Filter::All, by: vec![], sum: None };
    assert_eq!(
        about(Question::Measure(measure)).await.expect("an answer").groups().expect("a measure"),
        vec![]
    );
    let history = ask::history(&*one.store, nobody, key(Kind::Contact, 1)).await;
    assert_eq!(history.expect("an answer"), vec![]);
    assert_eq!(one.store.events(nobody, None, 10).await.expect("an answer"), vec![]);
}

/// Deleting and restoring on one side, over and over, never shows on the other.
pub async fn tombstones_are_of_one_side(store: Arc<dyn Store>) {
    let (one, two) = two(store).await;
    for _ in 0..3 {
        one.write(DeleteContact::of(c(2))).await;
        two.check_list(&all(Kind::Contact)).await;
        one.check_list(&all(Kind::Contact)).await;
        one.write(RestoreContact::of(c(2))).await;
    }
    let keys: Vec<Key> = two.book().rows.keys().copied().collect();
    assert!(keys.len() > 10);
    both_whole(&one, &two).await;
}

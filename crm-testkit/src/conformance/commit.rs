//! Committing: every fact is checked, and everything is written or nothing.

use std::sync::Arc;

use crm_core::command::Command;
use crm_core::describe::{DELETED_AT, DELETED_BY, Id, Kind, Value};
use crm_core::draft::{ChangeSet, ReadSet, SetQuery};
use crm_core::store::{Conflict, Store};
use crm_core::value::{ContactId, DealId, UserId};
use crm_core::{
    Batch, ChangeMember, CreateContact, CreateDeal, CreateTask, DeleteContact, DeleteDeal, Import, MoveDeal,
    RemoveMember, RemoveStage, RestoreContact, UpdateContact, UpdateDeal,
};
use serde_json::json;

use super::scene::{Scene, contact, deal, field, id, key, unique, user, with};

fn c(number: u128) -> ContactId {
    ContactId::from_uuid(id(number))
}

fn d(number: u128) -> DealId {
    DealId::from_uuid(id(number))
}

/// The commit is refused, names this fact, and leaves no trace.
async fn refused_without_trace(scene: &Scene, changes: &ChangeSet, wanted: &Conflict) {
    let facts = refused(scene, changes).await;
    assert!(facts.contains(wanted), "{wanted:?} is among {facts:?}");
}

/// The commit is refused and leaves no trace; the facts that no longer hold.
async fn refused(scene: &Scene, changes: &ChangeSet) -> Vec<Conflict> {
    let parts = changes.parts();
    let around = ReadSet {
        keys: parts.writes.keys().copied().collect(),
        claims: parts.claims.keys().cloned().collect(),
        idempotency: parts.remember.as_ref().map(|remember| remember.key.clone()),
        command: Some(parts.command),
        ..ReadSet::new()
    };
    let before = scene.load(&around).await;
    let facts = scene.refused(changes).await;
    assert_eq!(scene.load(&around).await, before, "a refused commit changes nothing");
    for row in parts.writes.keys() {
        let told = scene.book().ledger.get(row).map_or(0, Vec::len);
        assert_eq!(scene.history(*row).await.len(), told, "nothing is told of {row}");
    }
    scene.check_all().await;
    facts
}

/// A batch that writes many things, with this command in the end.
fn beside(command: impl Command + 'static) -> Batch {
    let first = CreateContact::with_id(c(0xB1)).name("Beside").email("beside@example.com");
    Batch::new().then(first).then(CreateDeal::with_id(d(0xB2)).title("Beside").contact(c(0xB1))).then(command)
}

/// Everything of a commit is there afterwards: rows, ledger, outbox, claims.
pub async fn an_applied_commit_is_there_whole(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    let changes = scene.decide(beside(UpdateContact::of(c(1)).name("B"))).await;
    scene.applied(&changes).await;
    scene.check_all().await;
    assert_eq!(scene.holder(&unique(Kind::Contact, "email", "beside@example.com")).await, Some(id(0xB1)));
    assert!(scene.is_committed(changes.command()).await);
}

/// Versions rise by one with each write, and the last write is the one that is seen.
pub async fn the_last_write_is_seen(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    for turn in 2..=5 {
        let row = scene.write(UpdateContact::of(c(1)).name(format!("Turn {turn}").as_str())).await;
        assert_eq!(row.version, turn);
    }
    let row = scene.row(key(Kind::Contact, 1)).await.expect("it is there");
    assert_eq!(row.version(), 5);
    scene.check_all().await;
}

/// A record at another version than the decision saw stops the commit.
pub async fn a_changed_version_is_a_conflict(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    let stale = scene.decide(beside(UpdateContact::of(c(1)).name("Stale"))).await;
    scene.write(UpdateContact::of(c(1)).name("Fresh")).await;
    refused_without_trace(&scene, &stale, &Conflict::Version(key(Kind::Contact, 1))).await;
}

/// So does one that is only read: a new employer must still be a company, as it was.
pub async fn the_version_of_a_row_that_is_only_read_is_checked(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![with(contact(1, "Firm"), "kind", "company"), contact(2, "Ann")]).await;
    let stale = scene.decide(beside(UpdateContact::of(c(2)).employer(c(1)))).await;
    scene.write(UpdateContact::of(c(1)).kind("person")).await;
    refused_without_trace(&scene, &stale, &Conflict::Version(key(Kind::Contact, 1))).await;
}

/// So does one that was deleted in the meantime.
pub async fn a_version_of_a_deleted_row_is_a_conflict(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    let stale = scene.decide(beside(UpdateContact::of(c(1)).name("Stale"))).await;
    scene.write(DeleteContact::of(c(1))).await;
    let facts = refused(&scene, &stale).await;
    let about =
        |fact: &Conflict| matches!(fact, Conflict::Version(at) | Conflict::Gone(at) if *at == c(1).key());
    assert!(facts.iter().any(about), "{facts:?}");
}

/// Deleted and brought back is not as it was.
pub async fn deleted_and_restored_is_another_version(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    let stale = scene.decide(UpdateContact::of(c(1)).name("Stale")).await;
    scene.write(DeleteContact::of(c(1))).await;
    scene.write(RestoreContact::of(c(1))).await;
    refused_without_trace(&scene, &stale, &Conflict::Version(key(Kind::Contact, 1))).await;
}

/// The membership of whoever acts is a fact too.
pub async fn a_demoted_actor_is_a_conflict(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let ben = scene.member(2, "member").await;
    let stale = scene.decide_as(ben, beside(CreateTask::new().title("Call").contact(c(0xB1)))).await;
    scene.write(ChangeMember::of(ben).role("viewer")).await;
    refused_without_trace(&scene, &stale, &Conflict::Version(ben.key())).await;
}

/// A record that a new one points at must still be live.
pub async fn a_record_that_is_gone_is_a_conflict(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    let stale = scene.decide(beside(CreateDeal::new().title("Roof").contact(c(1)))).await;
    scene.write(DeleteContact::of(c(1))).await;
    refused_without_trace(&scene, &stale, &Conflict::Gone(key(Kind::Contact, 1))).await;
}

/// It need not be as it was: presence is less than a version.
pub async fn a_record_that_is_present_may_have_changed(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    let changes = scene.decide(CreateDeal::new().title("Roof").contact(c(1))).await;
    scene.write(UpdateContact::of(c(1)).name("B")).await;
    scene.write(DeleteContact::of(c(1))).await;
    scene.write(RestoreContact::of(c(1))).await;
    scene.applied(&changes).await;
    scene.check_all().await;
}

/// A new record must not be there yet.
pub async fn a_record_that_exists_is_a_conflict(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let stale = scene.decide(beside(CreateContact::with_id(c(1)).name("Second"))).await;
    scene.write(CreateContact::with_id(c(1)).name("First")).await;
    refused_without_trace(&scene, &stale, &Conflict::Exists(key(Kind::Contact, 1))).await;
}

/// Not even a deleted one.
pub async fn a_deleted_record_exists_too(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let stale = scene.decide(CreateContact::with_id(c(1)).name("Second")).await;
    scene.write(CreateContact::with_id(c(1)).name("First")).await;
    scene.write(DeleteContact::of(c(1))).await;
    refused_without_trace(&scene, &stale, &Conflict::Exists(key(Kind::Contact, 1))).await;
}

/// The same changes are not applied twice.
pub async fn a_commit_is_not_applied_twice(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let changes = scene.decide(CreateContact::with_id(c(1)).name("A")).await;
    scene.applied(&changes).await;
    refused(&scene, &changes).await;
}

/// A row that a decision did not see, because it was not there yet, stops the commit.
pub async fn a_row_that_entered_a_set_is_a_conflict(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A"), contact(2, "B")]).await;
    let stale = scene.decide(beside(DeleteContact::of(c(1)))).await;
    scene.write(CreateDeal::with_id(d(3)).title("Roof").contact(c(1))).await;
    let set = SetQuery::live(Kind::Deal, vec![(field(Kind::Deal, "contact"), Value::Uuid(id(1)))]);
    refused_without_trace(&scene, &stale, &Conflict::Set(set)).await;
}

/// So does one that was changed so that it belongs to the set now.
pub async fn a_row_that_was_moved_into_a_set_is_a_conflict(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene
        .import(vec![contact(1, "A"), contact(2, "B"), with(deal(3, "Roof"), "contact", json!(id(2)))])
        .await;
    let stale = scene.decide(beside(DeleteContact::of(c(1)))).await;
    scene.write(UpdateDeal::of(d(3)).contact(c(1))).await;
    let set = SetQuery::live(Kind::Deal, vec![(field(Kind::Deal, "contact"), Value::Uuid(id(1)))]);
    refused_without_trace(&scene, &stale, &Conflict::Set(set)).await;
}

/// So does one that has left the set.
pub async fn a_row_that_left_a_set_is_a_conflict(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.member(2, "owner").await;
    let stale = scene.decide_as(user(2), ChangeMember::of(scene.owner).role("admin")).await;
    let sets: Vec<_> = stale.parts().sets.keys().cloned().collect();
    scene.member(3, "owner").await;
    scene.write_as(user(3), RemoveMember { id: user(2), successor: None }).await;
    let facts = refused(&scene, &stale).await;
    let named = |set: &SetQuery| facts.contains(&Conflict::Set(set.clone()));
    assert!(sets.iter().any(named), "one of {sets:?} is among {facts:?}");
}

/// So does one that has left it and made room for nobody.
pub async fn a_row_that_only_left_a_set_is_a_conflict(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.member(2, "owner").await;
    scene.member(3, "owner").await;
    let stale = scene.decide(ChangeMember::of(user(2)).role("admin")).await;
    let sets: Vec<_> = stale.parts().sets.keys().cloned().collect();
    scene.write(RemoveMember { id: user(3), successor: None }).await;
    let facts = refused(&scene, &stale).await;
    let named = |set: &SetQuery| facts.contains(&Conflict::Set(set.clone()));
    assert!(sets.iter().any(named), "one of {sets:?} is among {facts:?}");
}

/// As many rows as before, but others: a set is compared by its ids, not by its size.
pub async fn a_set_is_compared_by_its_ids(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let place =
        |number: u128| CreateDeal::with_id(d(number)).title("D").stage("lead").pipeline(scene.pipeline);
    scene.write(place(1)).await;
    let rest = RemoveStage {
        pipeline: scene.pipeline,
        stage: "qualified".parse().expect("a word"),
        move_deals_to: Some("lead".parse().expect("a word")),
    };
    scene.write(MoveDeal { id: d(1), stage: "qualified".to_owned(), pipeline: None }).await;
    scene.write(place(2)).await;
    let stale = scene.decide(rest).await;
    scene.write(MoveDeal { id: d(1), stage: "negotiation".to_owned(), pipeline: None }).await;
    scene.write(MoveDeal { id: d(2), stage: "qualified".to_owned(), pipeline: None }).await;
    let facts = refused(&scene, &stale).await;
    assert!(facts.iter().any(|fact| matches!(fact, Conflict::Set(_))), "{facts:?}");
}

/// A set of deleted rows is a fact too: a restore brings back what fell together, and no more.
pub async fn a_set_of_deleted_rows_is_checked(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    scene.write(CreateTask::new().title("Call").contact(c(1))).await;
    scene.write(DeleteContact::of(c(1))).await;
    let restore = scene.decide(RestoreContact::of(c(1))).await;
    let gone = restore.parts().sets.iter().find(|(set, ids)| set.deleted && !ids.is_empty());
    let (set, ids) = gone.expect("a restore rests on a set of deleted rows");
    let found: Vec<_> = scene.set(set).await.iter().map(crm_core::describe::Record::id).collect();
    assert_eq!(found, ids.iter().copied().collect::<Vec<_>>());
    scene.applied(&restore).await;
    scene.check_all().await;
}

/// A deleted row that came into such a set stops the commit.
pub async fn a_deleted_row_that_entered_a_set_is_a_conflict(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    scene.write(CreateTask::new().title("Call").contact(c(1))).await;
    scene.write(DeleteContact::of(c(1))).await;
    let restore = scene.decide(RestoreContact::of(c(1))).await;
    let fallen = scene.row(key(Kind::Contact, 1)).await.expect("it is there, deleted");
    let late = json!({ "record": "task", "id": id(3), "title": "Late", "status": "todo", "contact": id(1) });
    let late = with(late, "deleted_at", fallen.value(DELETED_AT).to_json());
    scene.import(vec![with(late, "deleted_by", fallen.value(DELETED_BY).to_json())]).await;
    let facts = refused(&scene, &restore).await;
    assert!(facts.iter().any(|fact| matches!(fact, Conflict::Set(set) if set.deleted)), "{facts:?}");
}

/// A row outside of the set, or inside and as it was, stops nothing.
pub async fn rows_outside_of_a_set_are_no_conflict(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A"), contact(2, "B")]).await;
    let changes = scene.decide(DeleteContact::of(c(1))).await;
    scene.write(CreateDeal::with_id(d(3)).title("Roof").contact(c(2))).await;
    scene.write(CreateDeal::with_id(d(4)).title("Door")).await;
    scene.applied(&changes).await;
    scene.check_all().await;
}

/// A deleted row is in no set of live rows.
pub async fn a_deleted_row_is_in_no_set(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A"), with(deal(3, "Roof"), "contact", json!(id(1)))]).await;
    scene.write(DeleteDeal::of(d(3))).await;
    let changes = scene.decide(DeleteContact::of(c(1))).await;
    scene.applied(&changes).await;
    scene.check_all().await;
}

/// A unique key that somebody else took in the meantime stops the commit, however late it is checked.
pub async fn a_taken_claim_is_a_conflict(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    let stale = scene.decide(beside(UpdateContact::of(c(1)).email("Same@Example.com"))).await;
    scene.write(CreateContact::with_id(c(2)).name("Fast").email("same@example.com")).await;
    let email = unique(Kind::Contact, "email", "same@example.com");
    refused_without_trace(&scene, &stale, &Conflict::Claim(email.clone())).await;
    assert_eq!(scene.holder(&email).await, Some(id(2)), "the holder is who was first");
}

/// An idempotency key that was used in the meantime stops the commit.
pub async fn a_used_idempotency_key_is_a_conflict(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let owner = scene.owner;
    let first = scene.decide_keyed(owner, CreateContact::with_id(c(1)).name("A"), "k").await;
    let second = scene.decide_keyed(owner, CreateContact::with_id(c(2)).name("B"), "k").await;
    scene.applied(&first).await;
    refused_without_trace(&scene, &second, &Conflict::Idempotency).await;
}

/// Two decisions on the same facts that do not touch each other are both applied.
pub async fn independent_commits_are_both_applied(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A"), contact(2, "B")]).await;
    let first = scene.decide(UpdateContact::of(c(1)).name("One")).await;
    let second = scene.decide(UpdateContact::of(c(2)).name("Two")).await;
    scene.applied(&second).await;
    scene.applied(&first).await;
    scene.check_all().await;
}

/// A commit of many rows is one commit.
pub async fn a_large_commit_is_whole(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let rows: Vec<_> = (1..=700).map(|number| contact(number, &format!("C{number}"))).collect();
    scene.import(rows.clone()).await;
    scene.check_all().await;
    let more = (701..=1_400).map(|number| contact(number, "late")).collect();
    let stale = scene.decide(Import { rows: more }).await;
    scene.write(CreateContact::with_id(c(1_400)).name("Fast")).await;
    scene.refused(&stale).await;
    assert!(scene.row(key(Kind::Contact, 701)).await.is_none());
    scene.check_all().await;
}

/// A successor takes over everything in one commit, and none of it if one row has moved.
pub async fn a_hand_over_is_whole_or_nothing(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let (ben, cleo): (UserId, UserId) = (scene.member(2, "member").await, scene.member(3, "member").await);
    for number in 1..=5 {
        scene.write_as(ben, CreateContact::with_id(c(number)).name("C")).await;
        scene.write_as(ben, CreateDeal::with_id(d(number)).title("D")).await;
    }
    let stale = scene.decide(RemoveMember { id: ben, successor: Some(cleo) }).await;
    scene.write_as(ben, CreateDeal::with_id(d(6)).title("Late")).await;
    let facts = refused(&scene, &stale).await;
    assert!(facts.iter().any(|fact| matches!(fact, Conflict::Set(_))), "{facts:?}");
    let removed = scene.write(RemoveMember { id: ben, successor: Some(cleo) }).await;
    assert_eq!(removed.reassigned, 11);
    scene.check_all().await;
}

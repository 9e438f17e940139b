//! Rules through the engine: what hosts rely on holds over this store as over any other.

use std::sync::Arc;

use crm_core::describe::Kind;
use crm_core::store::{Commit, Store};
use crm_core::value::{ContactId, DealId};
use crm_core::{
    Activity, AddActivity, AddMember, Batch, ChangeMember, CompleteTask, Contact, CreateContact, CreateDeal,
    CreateTask, DeleteContact, Error, List, LoseDeal, MoveDeal, RemoveMember, RestoreContact, Task,
    UpdateContact, WinDeal,
};

use super::scene::{Scene, all, contact, id, key, user};

fn c(number: u128) -> ContactId {
    ContactId::from_uuid(id(number))
}

fn d(number: u128) -> DealId {
    DealId::from_uuid(id(number))
}

fn refusal<T>(result: Result<T, Error>) -> Option<&'static str> {
    result.map_err(|error| error.code()).err()
}

/// Two owners take the role from each other: one of them keeps it.
pub async fn the_last_owner_stays(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let ben = scene.member(2, "owner").await;
    let first = scene.decide(ChangeMember::of(ben).role("member")).await;
    let second = scene.decide_as(ben, RemoveMember { id: scene.owner, successor: None }).await;
    scene.applied(&first).await;
    scene.refused(&second).await;
    let leave = scene.session().apply(crm_core::LeaveOrganization { successor: None }).await;
    assert_eq!(refusal(leave), Some("last_keeper"));
    scene.check_all().await;
}

/// Winning and losing at once: one decides, the other is told that the deal is over.
pub async fn a_deal_ends_once(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.write(CreateDeal::with_id(d(1)).title("D").amount(10)).await;
    let lose = scene.decide(LoseDeal { id: d(1), reason: None }).await;
    scene.write(WinDeal { id: d(1) }).await;
    scene.refused(&lose).await;
    let again = scene.session().apply(LoseDeal { id: d(1), reason: None }).await;
    assert_eq!(refusal(again), Some("invalid_transition"));
    scene.check_all().await;
}

/// An editor who says which version they saw does not overwrite another.
pub async fn a_stale_editor_is_told(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    let session = scene.session();
    session.apply(UpdateContact::of(c(1)).name("B")).if_version(1).await.expect("the first editor");
    let second = session.apply(UpdateContact::of(c(1)).name("C")).if_version(1).await;
    assert_eq!(refusal(second), Some("stale_version"));
    session.apply(UpdateContact::of(c(1)).name("C")).if_version(2).await.expect("after reading again");
}

/// A plan writes nothing; carried out it writes what it showed, or is outdated.
pub async fn a_plan_writes_what_it_showed(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    let session = scene.session();
    let rename = UpdateContact::of(c(1)).name("B");
    let (first, second) = (session.plan(&rename).await, session.plan(&rename).await);
    let (first, second) = (first.expect("a plan"), second.expect("a plan"));
    scene.check_all().await;
    session.carry_out(first).await.expect("nothing has changed");
    assert_eq!(refusal(session.carry_out(second).await), Some("plan_outdated"));
    assert_eq!(session.get(c(1)).await.expect("the contact").version, 2);
}

/// A batch is one commit: each command sees those before it, and a refusal undoes them all.
pub async fn a_batch_is_whole_or_nothing(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let start = || {
        let deal = CreateDeal::with_id(d(1)).title("D").contact(c(1)).amount(10);
        Batch::new().then(CreateContact::with_id(c(1)).name("A")).then(deal)
    };
    let refused = scene.session().apply(start().then(DeleteContact::of(c(1)))).await;
    assert_eq!(refusal(refused), Some("has_dependents"));
    assert!(scene.row(key(Kind::Contact, 1)).await.is_none());
    scene.write(start().then(WinDeal { id: d(1) })).await;
    scene.check_all().await;
}

/// What falls with a record comes back with it.
pub async fn what_falls_together_comes_back_together(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    let early = scene.write(CreateTask::new().title("Deleted before").contact(c(1))).await;
    scene.write(CreateTask::new().title("Falls").contact(c(1))).await;
    scene.write(AddActivity::new().kind("note").title("Falls").contact(c(1))).await;
    scene.write(crm_core::DeleteTask::of(early.id)).await;
    scene.write(DeleteContact::of(c(1))).await;
    scene.check_list(&all(Kind::Task)).await;
    scene.write(RestoreContact::of(c(1))).await;
    let tasks = scene.session().list(List::<Task>::new().contact(c(1))).await.expect("a list");
    assert_eq!(tasks.total, Some(1));
    scene.check_all().await;
}

/// A removed member is let in nowhere, and who comes back is let in again.
pub async fn membership_is_looked_up_each_time(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let ben = scene.member(2, "member").await;
    let session = scene.crm.act(scene.organization, ben);
    session.list(List::<Contact>::new()).await.expect("a member");
    scene.write(RemoveMember { id: ben, successor: None }).await;
    assert_eq!(refusal(session.list(List::<Contact>::new()).await), Some("not_member"));
    scene.write(AddMember::with_id(ben).role("viewer")).await;
    session.list(List::<Contact>::new()).await.expect("a member again");
    assert_eq!(refusal(session.apply(CreateContact::new().name("A")).await), Some("forbidden"));
    scene.write(ChangeMember::of(ben).active(false)).await;
    assert_eq!(refusal(session.list(List::<Contact>::new()).await), Some("not_member"));
}

/// A timeline has the entries of its record, the newest first, page by page.
pub async fn a_timeline_is_paged(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.write(CreateDeal::with_id(d(1)).title("D").amount(10).stage("lead")).await;
    scene.write(CreateDeal::with_id(d(2)).title("Other")).await;
    for turn in 0..7 {
        scene.clock.advance_hours(1);
        let note = AddActivity::new().kind("note").title(format!("Note {turn}").as_str());
        scene.write(note.deal(d(1))).await;
    }
    scene.write(MoveDeal { id: d(1), stage: "qualified".to_owned(), pipeline: None }).await;
    let session = scene.session();
    let (mut titles, mut list) = (Vec::new(), List::<Activity>::new().first(3));
    while titles.len() < 20 {
        let page = session.timeline(d(1), list).await.expect("a page");
        assert_eq!(page.total, Some(9));
        titles
            .extend(page.items.iter().filter_map(|entry| entry.title.clone()).map(|title| title.to_string()));
        let Some(next) = page.next else { break };
        list = List::<Activity>::new().after(next, 3);
    }
    assert_eq!(titles.len(), 9);
    assert_eq!(titles.last().map(String::as_str), Some("Deal created"));
}

/// A command that needs many facts gets the same answer whether they are guessed or asked for one by one.
pub async fn hints_change_no_answer(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    let plain = scene.crm.clone().without_hints();
    let session = plain.act(scene.organization, scene.owner);
    let deal =
        session.apply(CreateDeal::with_id(d(1)).title("D").contact(c(1)).amount(10)).await.expect("a deal");
    session.apply(CreateTask::new().title("T").deal(deal.id)).await.expect("a task");
    session.apply(WinDeal { id: d(1) }).await.expect("a win");
    assert_eq!(refusal(session.apply(DeleteContact::of(c(1))).await), Some("has_dependents"));
}

/// A command that changes nothing commits nothing.
pub async fn a_command_without_changes_writes_nothing(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    let task = scene.write(CreateTask::new().title("T").contact(c(1))).await;
    scene.write(CompleteTask { id: task.id }).await;
    let events = scene.events().await.len();
    scene.write(CompleteTask { id: task.id }).await;
    scene.write(UpdateContact::of(c(1)).name("A")).await;
    assert_eq!(scene.events().await.len(), events);
    scene.check_all().await;
}

/// A commit that rests on facts alone and writes nothing is checked like any other, if a host hands it in.
pub async fn facts_without_writes_are_checked(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    let nothing = scene.decide(UpdateContact::of(c(1)).name("A")).await;
    assert!(nothing.is_empty());
    assert_eq!(scene.store.commit(&nothing).await.expect("an answer"), Commit::Applied);
    let nothing = scene.decide(UpdateContact::of(c(1)).name("A")).await;
    scene.write(UpdateContact::of(c(1)).name("B")).await;
    let answer = scene.store.commit(&nothing).await.expect("an answer");
    assert!(matches!(answer, Commit::Conflict(_)), "{answer:?}");
    assert_eq!(user(1), scene.owner);
}

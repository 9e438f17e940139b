//! Many at once: commands that really run side by side, where the store lets them.
//!
//! The commands are polled together on one thread. A store that answers at once runs them one after the other; one that
//! waits for a server has them in flight at the same time, on connections of their own.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use crm_core::describe::{Id, Kind};
use crm_core::draft::ChangeSet;
use crm_core::store::Store;
use crm_core::value::{ContactId, DealId};
use crm_core::{
    AddMember, ChangeMember, CreateContact, CreateDeal, Error, LoseDeal, TransitionDeal, UpdateContact,
    WinDeal,
};

use super::scene::{Scene, all, id, unique, user};

pub(super) type Waiting<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Runs all of them side by side.
pub(super) async fn together<T>(mut waiting: Vec<Waiting<'_, T>>) -> Vec<T> {
    let mut done: Vec<Option<T>> = waiting.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (slot, future) in done.iter_mut().zip(&mut waiting).filter(|(slot, _)| slot.is_none()) {
            if let Poll::Ready(answer) = future.as_mut().poll(context) {
                *slot = Some(answer);
            }
        }
        if done.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

/// Lets others go first, so many times.
async fn pauses(mut turns: u128) {
    poll_fn(|context| {
        if turns == 0 {
            return Poll::Ready(());
        }
        turns -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Runs something beside a commit that comes sooner or later, before it and after it, as the turn says.
pub(super) async fn beside<'a, T: Send + 'a>(
    scene: &'a Scene,
    changes: &'a ChangeSet,
    turn: u128,
    other: Waiting<'a, Option<T>>,
) -> Vec<Option<T>> {
    let commit: Waiting<'a, Option<T>> = Box::pin(async move {
        pauses(turn / 2).await;
        scene.applied(changes).await;
        None
    });
    together(if turn.is_multiple_of(2) { vec![commit, other] } else { vec![other, commit] }).await
}

fn codes<T>(answers: Vec<Result<T, Error>>) -> Vec<&'static str> {
    let mut codes: Vec<_> =
        answers.into_iter().map(|answer| answer.map_or_else(|error| error.code(), |_| "ok")).collect();
    codes.sort_unstable();
    codes
}

/// Many contacts with one unique address: one of them gets it.
pub async fn many_takers_of_one_key(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let session = scene.session();
    let create = |number: u128| {
        let id = ContactId::from_uuid(id(number));
        session.apply(CreateContact::with_id(id).name("C").email("same@example.com")).into_future()
    };
    let found = codes(together((1..=8).map(create).collect()).await);
    assert_eq!(found, [["already_exists"; 7].as_slice(), &["ok"]].concat());
    assert!(scene.holder(&unique(Kind::Contact, "email", "same@example.com")).await.is_some());
    let listed = scene.list(&all(Kind::Contact)).await;
    assert_eq!(listed.total, Some(1));
}

/// Many changes of one record: all of them happen, one after the other.
pub async fn many_changes_of_one_record(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let one = ContactId::from_uuid(id(1));
    scene.write(CreateContact::with_id(one).name("C")).await;
    let session = scene.session();
    let change =
        |turn: u32| session.apply(UpdateContact::of(one).name(format!("C{turn}").as_str())).into_future();
    let found = codes(together((1..=8).map(change).collect()).await);
    assert_eq!(found, ["ok"; 8]);
    let told = scene.history(one.key()).await;
    let names: Vec<_> =
        told.iter().flat_map(|entry| &entry.fields).filter(|change| change.field == "name").collect();
    assert_eq!(names.len(), 9);
    for (before, after) in names.iter().zip(names.iter().skip(1)) {
        assert_eq!(before.after, after.before, "each entry begins where the one before it ended");
    }
}

/// Many ends of one deal: it ends once.
pub async fn many_ends_of_one_deal(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let one = DealId::from_uuid(id(1));
    scene.write(CreateDeal::with_id(one).title("D").amount(10)).await;
    let session = scene.session();
    let ends: Vec<Waiting<'_, _>> = vec![
        session.apply(WinDeal::of(one)).into_future(),
        session.apply(LoseDeal::of(one)).into_future(),
        session.apply(WinDeal::of(one)).into_future(),
        session.apply(TransitionDeal { id: one, status: "lost".to_owned() }).into_future(),
    ];
    let found = together(ends).await;
    let deal = session.get(one).await.expect("the deal");
    assert_eq!(deal.version, 2, "it was written once more");
    let ended = found.iter().flatten().filter(|row| row.status == deal.status).count();
    assert!(ended >= 1);
    let told = scene.history(one.key()).await;
    assert_eq!(told.len(), 2);
}

/// The same request many times under one key: it is executed once, and all get its answer.
pub async fn many_times_one_request(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let session = scene.session();
    let ask = |_| session.apply(CreateDeal::new().title("Once")).with_key("k").into_future();
    let found: Vec<_> =
        together((0..6).map(ask).collect()).await.into_iter().map(|row| row.expect("an answer")).collect();
    assert!(found.iter().all(|row| *row == found[0]));
    assert_eq!(scene.list(&all(Kind::Deal)).await.total, Some(1));
}

/// Owners who all take the role from the next one: somebody keeps it.
pub async fn owners_in_a_circle(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    for number in 2..=4 {
        scene.member(number, "owner").await;
    }
    let sessions: Vec<_> = (1..=4).map(|number| scene.crm.act(scene.organization, user(number))).collect();
    let demote = |at: usize| {
        let next = user(1 + (at as u128 + 1) % 4);
        sessions[at].apply(ChangeMember::of(next).role("member")).into_future()
    };
    together((0..4).map(demote).collect()).await;
    let members = scene.list(&all(Kind::Membership)).await;
    let role = super::scene::field(Kind::Membership, "role");
    let owners = members.rows.iter().filter(|row| row.value(role).as_text() == Some("owner")).count();
    assert!(owners >= 1, "an organisation keeps an owner");
}

/// The same member added many times: once.
pub async fn many_times_one_member(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let session = scene.session();
    let add = |_| session.apply(AddMember::with_id(user(2)).role("member")).into_future();
    let found = codes(together((0..6).map(add).collect()).await);
    assert_eq!(found, [["already_exists"; 5].as_slice(), &["ok"]].concat());
}

/// Commands that have nothing to do with each other all succeed.
pub async fn strangers_do_not_meet(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let session = scene.session();
    let create = |number: u128| {
        session.apply(CreateContact::with_id(ContactId::from_uuid(id(number))).name("C")).into_future()
    };
    let found = codes(together((1..=16).map(create).collect()).await);
    assert_eq!(found, ["ok"; 16]);
    assert_eq!(scene.list(&all(Kind::Contact)).await.total, Some(16));
}

//! The ledger: one entry for each write, oldest first, with what was really replaced.

use std::sync::Arc;

use crm_core::describe::{Id, Kind, Record, Value};
use crm_core::ledger::{Change, as_of};
use crm_core::store::{Answer, Answers, Filter, HistoryQuery, Question, Store};
use crm_core::value::{ContactId, DealId};
use crm_core::{
    Actor, CreateContact, CreateDeal, DeleteContact, DeleteDeal, LoseDeal, RemoveMember, ReopenDeal,
    RestoreContact, RestoreDeal, UpdateContact, UpdateDeal, WinDeal,
};
use serde_json::json;

use super::scene::{Scene, contact, deal, field, id, key, same, user, with};

fn c(number: u128) -> ContactId {
    ContactId::from_uuid(id(number))
}

/// Each write is one entry: created, changed, deleted, brought back; their versions are a chain.
pub async fn every_write_is_one_entry(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.write(CreateContact::with_id(c(1)).name("A")).await;
    scene.clock.advance_hours(1);
    scene.write(UpdateContact::of(c(1)).name("B").email("b@example.com")).await;
    scene.write(DeleteContact::of(c(1))).await;
    scene.clock.advance_hours(1);
    scene.write(RestoreContact::of(c(1))).await;
    let found = scene.history(c(1).key()).await;
    let told: Vec<_> = found.iter().map(|entry| (entry.version, entry.change)).collect();
    assert_eq!(
        told,
        [(1, Change::Created), (2, Change::Updated), (3, Change::Deleted), (4, Change::Restored)]
    );
    scene.check_all().await;
}

/// The oldest comes first, also where many were written at one time.
pub async fn the_oldest_entry_comes_first(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.write(CreateContact::with_id(c(1)).name("0")).await;
    for turn in 1..=40 {
        scene.write(UpdateContact::of(c(1)).name(turn.to_string().as_str())).await;
    }
    let versions: Vec<_> = scene.history(c(1).key()).await.iter().map(|entry| entry.version).collect();
    assert_eq!(versions, (1..=41).collect::<Vec<_>>());
    scene.check_all().await;
}

/// A clock that goes back does not turn the ledger round.
pub async fn a_clock_that_goes_back_keeps_the_order(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.write(CreateContact::with_id(c(1)).name("A")).await;
    for (turn, hours) in [("B", -5), ("C", 3), ("D", -9)] {
        scene.clock.advance_hours(hours);
        scene.write(UpdateContact::of(c(1)).name(turn)).await;
    }
    scene.check_all().await;
}

/// Entries say what each field held before and holds now, in every kind of value.
pub async fn entries_have_before_and_after(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene
        .import(vec![with(
            with(deal(1, "D"), "amount", "9007199254740993.01"),
            "pipeline",
            json!(scene.pipeline),
        )])
        .await;
    let deal = DealId::from_uuid(id(1));
    scene.write(WinDeal::of(deal)).await;
    scene.write(ReopenDeal::of(deal)).await;
    scene.write(LoseDeal::of(deal).reason("zu teuer")).await;
    let found = scene.history(deal.key()).await;
    let status: Vec<_> = found
        .iter()
        .flat_map(|entry| &entry.fields)
        .filter(|change| change.field == "status")
        .map(|change| (change.before.clone(), change.after.clone()))
        .collect();
    let word = Value::text;
    let wanted = [
        (Value::Null, word("open")),
        (word("open"), word("won")),
        (word("won"), word("open")),
        (word("open"), word("lost")),
    ];
    assert_eq!(status, wanted);
    let amounts: Vec<_> =
        found.iter().flat_map(|entry| &entry.fields).filter(|change| change.field == "amount").collect();
    assert_eq!(
        amounts.iter().map(|change| change.after.to_json()).collect::<Vec<_>>(),
        [json!("9007199254740993.01")]
    );
    scene.check_all().await;
}

/// Decimals keep the digits they were written with, before and after.
pub async fn entries_keep_the_scale_of_decimals(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![with(deal(1, "D"), "amount", "10.00")]).await;
    scene.write(UpdateDeal::of(DealId::from_uuid(id(1))).amount(20)).await;
    let found = scene.history(key(Kind::Deal, 1)).await;
    let changes = found.iter().flat_map(|entry| &entry.fields).filter(|change| change.field == "amount");
    let told: Vec<_> = changes.map(|change| (change.before.to_json(), change.after.to_json())).collect();
    assert_eq!(told, [(json!(null), json!("10.00")), (json!("10.00"), json!("20.00"))]);
    scene.check_all().await;
}

/// Who did it, when, and by which command, is told of everyone: persons, agents, the system.
pub async fn entries_name_their_actor_and_command(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let ben = scene.member(2, "manager").await;
    scene.write(CreateContact::with_id(c(1)).name("A")).await;
    scene.write_as(ben, UpdateContact::of(c(1)).name("B")).await;
    let agent = Actor::Agent { name: "Bot \"ё\"".parse().expect("a name"), on_behalf_of: ben };
    scene.write_as(agent.clone(), UpdateContact::of(c(1)).name("C")).await;
    let system = Actor::System { reason: "nightly".parse().expect("a reason") };
    scene.write_as(system.clone(), UpdateContact::of(c(1)).name("D")).await;
    let found = scene.history(c(1).key()).await;
    let actors: Vec<_> = found.iter().map(|entry| entry.actor.clone()).collect();
    assert_eq!(actors, [Actor::from(user(1)), Actor::from(ben), agent, system]);
    let causes: Vec<_> = found.iter().map(|entry| entry.cause.as_str()).collect();
    assert_eq!(causes, ["create_contact", "update_contact", "update_contact", "update_contact"]);
    scene.check_all().await;
}

/// A record's ledger has its own entries only; one command that writes many rows is in the ledger of each.
pub async fn each_record_has_its_own_ledger(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let ben = scene.member(2, "member").await;
    for number in 1..=3 {
        scene.write_as(ben, CreateContact::with_id(c(number)).name("C")).await;
        scene.write_as(ben, CreateDeal::with_id(DealId::from_uuid(id(number))).title("D")).await;
    }
    scene.write(RemoveMember { id: ben, successor: Some(scene.owner) }).await;
    scene.check_all().await;
    for number in 1..=3 {
        for kind in [Kind::Contact, Kind::Deal] {
            let found = scene.history(key(kind, number)).await;
            assert!(found.iter().all(|entry| entry.subject == key(kind, number)));
            assert_eq!(found.len(), 2, "the ledger of a {kind}");
        }
    }
}

/// A deleted record keeps its ledger; what falls with it is told too, and so is its return.
pub async fn a_deleted_record_keeps_its_ledger(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let deal = DealId::from_uuid(id(1));
    scene.write(CreateDeal::with_id(deal).title("D")).await;
    scene.write(DeleteDeal::of(deal)).await;
    assert_eq!(scene.history(deal.key()).await.len(), 2);
    scene.check_all().await;
    scene.write(RestoreDeal::of(deal)).await;
    scene.check_all().await;
}

/// What was never there has no ledger.
pub async fn an_unknown_record_has_no_ledger(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    assert_eq!(scene.history(key(Kind::Contact, 2)).await, vec![]);
    assert_eq!(scene.history(key(Kind::Deal, 1)).await, vec![]);
}

/// The ledger rebuilds every record as it is.
pub async fn the_ledger_rebuilds_every_record(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene
        .import(vec![with(contact(1, "A"), "email", "a@example.com"), with(deal(2, "D"), "amount", "10.00")])
        .await;
    scene.write(UpdateContact::of(c(1)).name("Ä").email(None)).await;
    scene.write(DeleteDeal::of(DealId::from_uuid(id(2)))).await;
    let rows: Vec<Record> = scene.book().rows.values().cloned().collect();
    for row in rows {
        let entries = scene.history(row.key()).await;
        let rebuilt = as_of(&entries, crm_core::value::Instant::MAX).expect("it was written");
        same(&rebuilt, &row);
    }
}

/// Through the engine: a record as it was at a time.
pub async fn a_record_as_it_was(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let start = crm_core::clock::Clock::now(&*scene.clock);
    scene.clock.advance_hours(1);
    scene.write(CreateContact::with_id(c(1)).name("First")).await;
    scene.clock.advance_hours(2);
    scene.write(UpdateContact::of(c(1)).name("Second")).await;
    let session = scene.session();
    let name = |row: Option<Arc<crm_core::Contact>>| row.map(|row| row.name.to_string());
    for (hours, wanted) in [(0, None), (1, Some("First")), (2, Some("First")), (3, Some("Second"))] {
        let then = session.as_of(c(1), start.plus_hours(hours)).await.expect("its past");
        assert_eq!(name(then).as_deref(), wanted, "after {hours} hours");
    }
}

/// Three contacts with a past, of which the second is deleted, and a deal.
async fn some_past(store: Arc<dyn Store>) -> Scene {
    let scene = Scene::open(store).await;
    for number in [3, 1, 2] {
        scene.write(CreateContact::with_id(c(number)).name("A").city("Wien")).await;
        scene.clock.advance_hours(1);
    }
    scene.write(UpdateContact::of(c(1)).name("B")).await;
    scene.write(CreateDeal::with_id(DealId::from_uuid(id(1))).title("D")).await;
    scene.clock.advance_hours(1);
    scene.write(UpdateContact::of(c(3)).city("Linz")).await;
    scene.write(DeleteContact::of(c(2))).await;
    scene
}

fn past(filter: Filter) -> HistoryQuery {
    HistoryQuery { kind: Kind::Contact, visible: Filter::All, filter, until: None }
}

/// The ledger of many rows comes record by record, each oldest first; deleted rows are among them.
pub async fn the_ledger_of_many_rows(store: Arc<dyn Store>) {
    let scene = some_past(store).await;
    let of = |answers: Vec<Answer>| Answers::new(answers).entries().expect("a history");
    let all = [Question::History(past(Filter::All))];
    let found = of(scene.store.ask(scene.tenant(), &all).await.expect("an answer"));
    let told: Vec<_> = found.iter().map(|entry| (entry.subject.id.as_u128(), entry.version)).collect();
    assert_eq!(told, [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)]);
    for kind in Kind::ALL.iter().copied() {
        scene.check(&[Question::History(HistoryQuery { kind, ..past(Filter::All) })]).await;
    }
}

/// However long it is, it is whole.
pub async fn a_long_ledger_is_whole(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import((1..=1_234).map(|number| contact(number, "C")).collect()).await;
    scene.write(UpdateContact::of(c(1_234)).name("Last")).await;
    let found = scene.book().history(&past(Filter::All));
    assert_eq!(found.len(), 1_235);
    scene.check(&[Question::History(past(Filter::All))]).await;
}

/// Which rows are meant is asked of them as they are now; of these the whole past is told.
pub async fn the_ledger_of_what_is_seen(store: Arc<dyn Store>) {
    let scene = some_past(store).await;
    let city = |name: &str| Filter::Equals(field(Kind::Contact, "city"), Value::text(name));
    let both = Filter::Any(vec![city("Wien"), city("Linz")]);
    let some = Filter::Ids([id(1), id(2), id(9)].into());
    let filters = [city("Wien"), city("Linz"), both, some, Filter::Nothing, Filter::Search("b".to_owned())];
    for (filter, count) in filters.into_iter().zip([4, 2, 6, 4, 0, 2]) {
        assert_eq!(scene.book().history(&past(filter.clone())).len(), count, "{filter:?}");
        scene.check(&[Question::History(past(filter.clone()))]).await;
        let seen = HistoryQuery { visible: filter, filter: city("Wien"), ..past(Filter::All) };
        scene.check(&[Question::History(seen)]).await;
    }
}

/// Entries up to a time, that time included.
pub async fn the_ledger_until_a_time(store: Arc<dyn Store>) {
    let scene = some_past(store).await;
    let times: Vec<_> = scene.book().ledger.values().flatten().map(|entry| entry.at).collect();
    for at in times {
        for until in [at, at.plus_hours(-1), at.plus_hours(1)] {
            let query = HistoryQuery { until: Some(until), ..past(Filter::All) };
            scene.check(&[Question::History(query)]).await;
        }
    }
}

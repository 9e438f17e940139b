//! The rules of the `crm_api` preset, one test for each, named after the behaviour.

#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

use std::sync::Arc;

use crm_core::clock::ManualClock;
use crm_core::value::{OrganizationId, UserId, Uuid, Word};
use crm_core::{
    AddActivity, AddMember, ArchiveDeal, ChangeMember, CompleteTask, Contact, CreateContact, CreateDeal,
    CreateOrganization, CreateTask, Crm, Deal, Error, List, Profile, ReopenTask, Session, Task,
    TransitionDeal, UpdateContact, UpdateDeal, UpdateTask, WinDeal,
};
use crm_store_memory::MemoryStore;
use pollster::block_on as now;

struct House {
    crm: Crm,
    clock: Arc<ManualClock>,
    id: OrganizationId,
}

fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

/// An organisation with an owner (1), an admin (2), a manager (3), two sales people (4, 5) and a viewer (6).
fn house() -> House {
    let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z".parse().unwrap()));
    let crm =
        Crm::new(Arc::new(MemoryStore::new()), Profile::preset("crm_api").unwrap()).with_clock(clock.clone());
    let id = now(crm.register(user(1), CreateOrganization::new().name("House"))).unwrap().organization.id;
    for (number, role) in [(2, "admin"), (3, "manager"), (4, "sales"), (5, "SALES"), (6, "viewer")] {
        now(crm.act(id, user(1)).apply(AddMember::with_id(user(number)).role(role))).unwrap();
    }
    House { crm, clock, id }
}

impl House {
    fn act(&self, number: u128) -> Session<'_> {
        self.crm.act(self.id, user(number))
    }

    fn contact(&self) -> Arc<Contact> {
        now(self.act(1).apply(CreateContact::new().first_name("Ann").last_name("Archer"))).unwrap()
    }

    fn deal(&self) -> Arc<Deal> {
        let contact = self.contact();
        now(self.act(1).apply(CreateDeal::new().title("D").contact(contact.id))).unwrap()
    }

    fn to(&self, deal: &Deal, status: &str) -> Result<Arc<Deal>, Error> {
        now(self.act(1).apply(TransitionDeal::of(deal.id, status)))
    }

    fn answer(&self, error: &Error) -> (String, u16) {
        let answer = self.crm.profile().answer(error);
        (answer.code, answer.status)
    }
}

#[test]
fn a_contact_is_shown_by_first_and_last_name() {
    let house = house();
    let ann = house.contact();
    assert_eq!(ann.name.as_str(), "Ann Archer");
    let ann = now(house.act(4).apply(UpdateContact::of(ann.id).last_name("Zimmer"))).unwrap();
    assert_eq!(ann.name.as_str(), "Ann Zimmer");
    assert_eq!(now(house.act(6).count(List::<Contact>::new().search("ann zim"))).unwrap(), 1);
    let off = now(house.act(4).apply(UpdateContact::of(ann.id).active(false))).unwrap();
    assert_eq!(now(house.act(6).count(List::<Contact>::new())).unwrap(), 0, "hidden from default lists");
    assert_eq!(now(house.act(6).get(off.id)).unwrap(), off);
}

#[test]
fn the_deal_flow_is_the_documented_one_on_every_path() {
    let house = house();
    let deal = house.deal();
    let refused = house.to(&deal, "won").unwrap_err();
    assert_eq!(house.answer(&refused), ("INVALID_TRANSITION".into(), 400));
    house.to(&deal, "in_progress").unwrap();
    assert_eq!(
        house.answer(&house.to(&deal, "in_progress").unwrap_err()).0,
        "INVALID_TRANSITION",
        "same to same"
    );
    let guard = now(house.act(1).apply(UpdateDeal::of(deal.id).status("won"))).unwrap_err();
    assert_eq!(house.answer(&guard), ("GUARD_FAILED".into(), 400));
    let won = now(house.act(1).apply(UpdateDeal::of(deal.id).status("WON").amount(10))).unwrap();
    assert_eq!(won.closed_at, Some("2026-03-02T09:00:00Z".parse().unwrap()));
    assert_eq!(
        now(house.act(1).apply(UpdateDeal::of(deal.id).amount(None))).unwrap_err().code(),
        "requirements_unmet"
    );
    assert_eq!(
        now(house.act(1).apply(UpdateDeal::of(deal.id).status("new"))).unwrap_err().code(),
        "invalid_transition"
    );
}

#[test]
fn a_new_deal_may_name_the_status_that_it_begins_with() {
    let house = house();
    let create = |status: &str| {
        now(house.act(1).apply(CreateDeal::new().title("D").contact(house.contact().id).status(status)))
    };
    assert_eq!(create("new").unwrap().status, "new");
    assert_eq!(create("won").unwrap_err().code(), "invalid_transition");
}

#[test]
fn a_closed_deal_keeps_its_outcome_and_its_closing_time() {
    let house = house();
    let deal = house.deal();
    house.to(&deal, "in_progress").unwrap();
    now(house.act(1).apply(UpdateDeal::of(deal.id).amount(5))).unwrap();
    let won = now(house.act(1).apply(WinDeal::of(deal.id))).unwrap();
    house.clock.advance_days(1);
    let closed = now(house.act(1).apply(ArchiveDeal::of(deal.id))).unwrap();
    assert_eq!((closed.status.as_str(), closed.closed_at), ("closed", won.closed_at));
    let outcome = Word::parse("won").unwrap();
    assert_eq!(now(house.act(6).count(List::<Deal>::new().outcome(&outcome))).unwrap(), 1);
}

#[test]
fn each_change_of_status_writes_its_note() {
    let house = house();
    let deal = house.deal();
    house.to(&deal, "lost").unwrap();
    let note = now(house.act(6).timeline(deal.id, List::new())).unwrap().items.remove(0);
    assert_eq!(note.title.as_ref().unwrap().as_str(), "Deal status changed to `lost`");
    assert_eq!(note.body.as_ref().unwrap().as_str(), "Status changed from `new` to `lost`");
    assert_eq!((note.kind.as_str(), note.author, note.contact), ("note", Some(user(1)), deal.contact));
    assert_eq!(now(house.act(6).timeline(deal.contact.unwrap(), List::new())).unwrap().items.len(), 1);
}

#[test]
fn sales_touch_only_the_tasks_assigned_to_them() {
    let house = house();
    let create = || CreateTask::new().title("Call");
    let own = now(house.act(4).apply(create())).unwrap();
    assert_eq!((own.assignee, own.status.as_str()), (Some(user(4)), "todo"));
    let other = now(house.act(4).apply(create().assignee(user(5)))).unwrap();
    for refused in [
        now(house.act(4).apply(UpdateTask::of(other.id).title("Mine"))).unwrap_err(),
        now(house.act(4).apply(CompleteTask::of(other.id))).unwrap_err(),
        now(house.act(4).apply(UpdateTask::of(other.id).assignee(user(4)))).unwrap_err(),
    ] {
        assert_eq!(house.answer(&refused), ("AUTHORIZATION_FAILED".into(), 403));
    }
    now(house.act(4).apply(UpdateTask::of(own.id).assignee(user(5)))).unwrap();
    assert_eq!(now(house.act(6).apply(create())).unwrap_err().code(), "forbidden", "a viewer writes nothing");
}

#[test]
fn completing_is_remembered_once_and_leaving_done_forgets_it() {
    let house = house();
    let task = now(house.act(4).apply(CreateTask::new().title("Call").priority("URGENT"))).unwrap();
    let done = now(house.act(4).apply(CompleteTask::of(task.id))).unwrap();
    house.clock.advance_hours(1);
    let again = now(house.act(4).apply(CompleteTask::of(task.id))).unwrap();
    assert_eq!((again.completed_at, again.version), (done.completed_at, 2));
    assert_eq!(now(house.act(4).apply(ReopenTask::of(task.id))).unwrap().completed_at, None);
    let low = now(house.act(6).count(List::<Task>::new().priority(["low"]))).unwrap();
    assert_eq!(low, 0);
}

#[test]
fn a_task_keeps_a_priority_whatever_it_is_changed_to() {
    let house = house();
    let task = now(house.act(4).apply(CreateTask::new().title("Call"))).unwrap();
    assert_eq!(task.priority.as_ref().map(Word::as_str), Some("medium"));
    let refused = now(house.act(4).apply(UpdateTask::of(task.id).priority("")));
    assert!(
        matches!(refused, Err(Error::Invalid(problems)) if problems.iter().any(|one| one.field == "priority"))
    );
}

#[test]
fn a_time_in_the_past_is_refused_by_its_day_and_offsets_mean_the_same_instant() {
    let house = house();
    let due = |text: &str| {
        let fields = serde_json::json!({ "title": "T", "due_at": text });
        now(house.act(4).apply(serde_json::from_value::<CreateTask>(fields).unwrap()))
    };
    assert_eq!(due("2026-03-01T23:00:00Z").unwrap_err().code(), "invalid");
    assert!(due("2026-03-02T01:00:00Z").is_ok(), "today, though earlier");
    let offset = due("2026-03-03T02:00:00+05:00").unwrap();
    assert_eq!(offset.due_at, Some("2026-03-02T21:00:00Z".parse().unwrap()));
}

#[test]
fn assignees_must_be_active_members_and_the_switched_off_are_not_let_in() {
    let house = house();
    let deal = house.deal();
    now(house.act(2).apply(ChangeMember::of(user(5)).active(false))).unwrap();
    for nobody in [user(5), user(99)] {
        let refused = now(house.act(1).apply(UpdateDeal::of(deal.id).assignee(nobody))).unwrap_err();
        assert_eq!(house.answer(&refused), ("VALIDATION_ERROR".into(), 400));
    }
    let out = now(house.act(5).get(deal.id)).unwrap_err();
    assert_eq!(house.answer(&out), ("ORGANIZATION_ACCESS_DENIED".into(), 403));
    let promoted = now(house.act(2).apply(ChangeMember::of(user(4)).role("owner"))).unwrap_err();
    assert_eq!(promoted.code(), "forbidden", "only an owner gives that role");
}

#[test]
fn entries_belong_to_a_deal_or_a_contact_and_are_never_changed() {
    let house = house();
    let add = || AddActivity::new().kind("call").title("Called");
    assert_eq!(now(house.act(4).apply(add())).unwrap_err().code(), "invalid");
    let contact = house.contact();
    let entry = now(house.act(4).apply(add().contact(contact.id))).unwrap();
    let change = crm_core::Update::<crm_core::Activity>::of(entry.id).title("Other");
    assert_eq!(now(house.act(1).apply(change)).unwrap_err().code(), "immutable");
    let delete = crm_core::Delete::<crm_core::Activity>::of(entry.id);
    assert_eq!(now(house.act(1).apply(delete)).unwrap_err().code(), "immutable");
    assert_eq!(
        now(house.act(4).apply(add().contact(contact.id).kind("task"))).unwrap_err().code(),
        "invalid"
    );
}

#[test]
fn amounts_are_positive_or_absent() {
    let house = house();
    let deal = house.deal();
    assert_eq!(deal.amount, None);
    assert_eq!(now(house.act(1).apply(UpdateDeal::of(deal.id).amount(0))).unwrap_err().code(), "invalid");
    assert_eq!(
        now(house.act(1).apply(UpdateDeal::of(deal.id).amount(10_000_000_000_i64))).unwrap_err().code(),
        "invalid"
    );
}

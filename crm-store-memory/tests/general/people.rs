//! Members and organisations: who may change whom, who must stay, who takes over, and who is let in.

use crm_core::value::{ContactId, DealId, TaskId};
use crm_core::{
    Action, Actor, AddMember, ArchiveDeal, ChangeMember, CompleteTask, Contact, CreateContact, CreateDeal,
    CreateOrganization, CreateTask, Delete, DeleteContact, Error, LeaveOrganization, List, Membership,
    RemoveMember, Restore, TransitionDeal, UpdateContact, UpdateDeal, UpdateOrganization, UpdateTask,
    WinDeal,
};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::{House, house, house_with, user};

fn done<T>(answer: Result<T, Error>) -> &'static str {
    answer.map_or_else(|error| error.code(), |_| "done")
}

#[test]
fn somebody_with_the_founders_role_stays() {
    let house = house();
    house.join(3, "owner");
    house.join(4, "admin");
    assert_eq!(done(house.by(3, ChangeMember::of(user(1)).active(false))), "done");
    assert_eq!(done(house.by(3, LeaveOrganization::default())), "last_keeper", "1 is switched off");
    assert_eq!(done(house.by(3, ChangeMember::of(user(1)).active(true))), "done");
    assert_eq!(done(house.by(3, ChangeMember::of(user(1)).role("admin"))), "done");
    assert_eq!(done(house.by(4, ChangeMember::of(user(3)).role("admin"))), "forbidden", "out of reach");
    for alone in [
        done(house.by(3, LeaveOrganization::default())),
        done(house.by(3, Delete::<Membership>::of(user(3)))),
        done(house.by(3, RemoveMember::of(user(3)))),
        done(house.by(3, ChangeMember::of(user(3)).active(false))),
        done(now(house.crm.act(house.id, system()).apply(ChangeMember::of(user(3)).role("admin")))),
    ] {
        assert_eq!(alone, "last_keeper");
    }
    assert_eq!(done(house.by(3, ChangeMember::of(user(3)).role("owner"))), "own_membership");
    assert_eq!(done(house.by(4, LeaveOrganization::default())), "done", "an admin keeps nothing");
    assert_eq!(done(house.by(3, AddMember::with_id(user(5)).role("owner"))), "done");
    assert_eq!(done(house.by(3, LeaveOrganization::default())), "done");
}

#[test]
fn who_must_stay_is_told_so_however_much_there_is_to_hand_over() {
    let house = house_with(json!({ "limits": { "rows_per_command": 4 } }));
    house.join(3, "member");
    for _ in 0..4 {
        house.do_(CreateContact::new().name("C").owner(user(1)));
    }
    let leave = LeaveOrganization { successor: Some(user(3)) };
    assert_eq!(done(house.by(1, leave.clone())), "last_keeper");
    house.join(4, "owner");
    assert_eq!(done(house.by(1, leave)), "limit");
    assert_eq!(done(house.by(1, LeaveOrganization { successor: Some(user(1)) })), "invalid");
}

fn system() -> Actor {
    Actor::System { reason: "a test".parse().unwrap() }
}

#[test]
fn who_acts_on_whom_is_said_by_their_roles() {
    let house = house();
    house.join(3, "admin");
    house.join(4, "viewer");
    for (code, answer) in [
        ("done", done(house.by(3, AddMember::with_id(user(9)).role("admin")))),
        ("forbidden", done(house.by(3, AddMember::with_id(user(8)).role("owner")))),
        ("done", done(house.by(3, ChangeMember::of(user(4)).role("member")))),
        ("forbidden", done(house.by(3, ChangeMember::of(user(4)).role("owner")))),
        ("forbidden", done(house.by(3, ChangeMember::of(user(1)).active(false)))),
        ("forbidden", done(house.by(3, RemoveMember::of(user(1))))),
        ("own_membership", done(house.by(3, ChangeMember::of(user(3)).active(false)))),
        ("own_membership", done(house.by(3, ChangeMember::of(user(3)).role("viewer")))),
        ("forbidden", done(house.by(2, RemoveMember::of(user(4))))),
        ("done", done(house.by(2, RemoveMember::of(user(2))))),
        ("done", done(house.by(3, RemoveMember::of(user(4))))),
        ("done", done(house.by(3, Restore::<Membership>::of(user(4))))),
        ("already_exists", done(house.by(3, AddMember::with_id(user(4))))),
    ] {
        assert_eq!(answer, code);
    }
    house.join(5, "owner");
    house.do_(RemoveMember::of(user(5)));
    assert_eq!(done(house.by(3, Restore::<Membership>::of(user(5)))), "forbidden", "nor by bringing back");
    assert_eq!(done(house.by(1, Restore::<Membership>::of(user(5)))), "done");
    assert_eq!(house.do_(AddMember::with_id(user(6))).role, "viewer", "the lowest, where none is named");
    let stay = house_with(
        json!({ "roles": { "member": { "grants": { "member.leave": "none", "member.remove": "all" } } } }),
    );
    assert_eq!(done(stay.by(2, RemoveMember::of(user(2)))), "forbidden", "going is leaving");
    assert_eq!(
        done(now(stay.crm.act(stay.id, system()).apply(LeaveOrganization::default()))),
        "not_a_member"
    );
}

/// Rows of the member (2), all kinds of them.
struct Rows {
    contact: ContactId,
    deals: [DealId; 5],
    tasks: [TaskId; 4],
}

fn rows(house: &House) -> Rows {
    let deal = || house.do_(CreateDeal::new().title("D").amount(5).owner(user(2))).id;
    let assigned = || house.do_(CreateDeal::new().title("D").amount(5).assignee(user(2))).id;
    let task = || house.do_(CreateTask::new().title("T").assignee(user(2))).id;
    let rows = Rows {
        contact: house.do_(CreateContact::new().name("C").owner(user(2))).id,
        deals: [deal(), deal(), deal(), assigned(), assigned()],
        tasks: [task(), task(), task(), task()],
    };
    house.do_(TransitionDeal::of(rows.deals[1], "parked"));
    house.do_(WinDeal::of(rows.deals[2]));
    house.do_(ArchiveDeal::of(rows.deals[2]));
    house.do_(WinDeal::of(rows.deals[4]));
    house.do_(UpdateTask::of(rows.tasks[1]).status("in_progress"));
    house.do_(CompleteTask::of(rows.tasks[2]));
    house.do_(UpdateTask::of(rows.tasks[3]).status("cancelled"));
    rows
}

#[test]
fn what_is_open_goes_to_the_successor_and_what_is_over_stays() {
    let house = house();
    house.join(3, "member");
    let rows = rows(&house);
    let session = house.crm.act(house.id, user(1));
    let remove = |successor: u128| house.by(1, RemoveMember::of(user(2)).successor(user(successor)));
    assert_eq!((done(remove(2)), done(remove(9))), ("invalid", "invalid"));
    assert_eq!(remove(3).unwrap().reassigned, 6);
    let (old, new) = (Some(user(2)), Some(user(3)));
    assert_eq!(now(session.get(rows.contact)).unwrap().owner, new);
    let deals: Vec<_> = rows.deals.iter().map(|id| now(session.get(*id)).unwrap()).collect();
    let owners: Vec<_> = deals.iter().map(|deal| deal.owner).collect();
    assert_eq!(owners, [new, new, old, Some(user(1)), Some(user(1))]);
    assert_eq!((deals[3].assignee, deals[4].assignee, deals[0].assignee), (new, old, None));
    let tasks: Vec<_> = rows.tasks.iter().map(|id| now(session.get(*id)).unwrap().assignee).collect();
    assert_eq!(tasks, [new, new, old, old]);
    let left = house.by(3, LeaveOrganization { successor: Some(user(1)) }).unwrap();
    assert_eq!((left.reassigned, left.membership.id), (6, user(3)));
}

#[test]
fn rows_stay_with_a_leaver_whom_nobody_follows() {
    let house = house();
    let rows = rows(&house);
    assert_eq!(house.do_(RemoveMember::of(user(2))).reassigned, 0);
    let session = house.crm.act(house.id, user(1));
    assert_eq!(now(session.get(rows.contact)).unwrap().owner, Some(user(2)));
    assert_eq!(done(house.by(2, UpdateContact::of(rows.contact).name("Mine"))), "not_member");
    house.do_(UpdateDeal::of(rows.deals[0]).title("Still there"));
    house.do_(DeleteContact::of(rows.contact));
}

#[test]
fn an_organisation_that_is_switched_off_is_read_and_switched_on_and_no_more() {
    let house = house_with(json!({ "roles": { "member": { "grants": { "contact.read": "own" } } } }));
    let contact = house.do_(CreateContact::new().name("C").owner(user(2))).id;
    house.do_(UpdateOrganization::of(house.id).active(false));
    for number in [1, 2] {
        let session = house.crm.act(house.id, user(number));
        assert_eq!(done(now(session.organization())), "done");
        for refused in [
            done(now(session.get(contact))),
            done(now(session.get_many(&[contact]))),
            done(now(session.count(List::<Contact>::new()))),
            done(now(session.list(List::<Contact>::new()))),
            done(now(session.timeline(contact, List::new()))),
            done(now(session.history(contact))),
            done(house.by(number, CreateContact::new().name("D"))),
            done(house.by(number, UpdateContact::of(contact).name("D"))),
        ] {
            assert_eq!(refused, "organization_inactive");
        }
    }
    house.do_(UpdateOrganization::of(house.id).active(true));
    let session = house.crm.act(house.id, user(2));
    assert_eq!(done(now(session.get(contact))), "done");
    let another = done(house.by(1, CreateOrganization::new().name("Another")));
    assert_eq!(another, "register", "an organisation holds one: itself");
}

#[test]
fn actors_stand_as_the_profile_says() {
    let house = house();
    let agent = |number| Actor::Agent { name: "bot".parse().unwrap(), on_behalf_of: user(number) };
    let add = |actor: Actor| done(now(house.crm.act(house.id, actor).apply(CreateContact::new().name("C"))));
    let member = |actor: Actor| {
        done(now(house.crm.act(house.id, actor).apply(AddMember::with_id(user(50)).role("viewer"))))
    };
    house.do_(ChangeMember::of(user(2)).active(false));
    for (actor, contact) in [
        (system(), "done"),
        (Actor::Anonymous, "forbidden"),
        (agent(1), "done"),
        (agent(2), "not_member"),
        (Actor::Person(user(2)), "not_member"),
        (Actor::Person(user(9)), "not_member"),
        (agent(9), "not_member"),
    ] {
        assert_eq!(add(actor.clone()), contact, "{actor:?}");
    }
    assert_eq!((member(agent(1)), member(system())), ("forbidden", "done"));
}

#[test]
fn who_sees_their_own_rows_sees_what_hangs_on_them_and_nothing_else() {
    let lines = json!({ "roles": { "member": { "grants": { "deal.read": "own", "task.read": "own", "contact.read": "none" } } } });
    let house = house_with(lines);
    let deal = |owner: Json| {
        let fields = json!({ "title": "D", "owner": owner });
        house.do_(serde_json::from_value::<CreateDeal>(fields).unwrap()).id
    };
    let (mine, foreign) = (deal(json!(user(2))), deal(json!(user(1))));
    let task = |on: DealId| house.do_(CreateTask::new().title("T").deal(on)).id;
    let (on_mine, on_foreign) = (task(mine), task(foreign));
    let session = house.crm.act(house.id, user(2));
    assert_eq!((done(now(session.get(mine))), done(now(session.get(foreign)))), ("done", "not_found"));
    assert_eq!((done(now(session.get(on_mine))), done(now(session.get(on_foreign)))), ("done", "not_found"));
    assert_eq!(now(session.count(List::<crm_core::Deal>::new())).unwrap(), 1);
    assert_eq!(now(session.count(List::<crm_core::Task>::new())).unwrap(), 1);
    assert_eq!(done(now(session.count(List::<crm_core::Contact>::new()))), "forbidden");
    house.by(2, UpdateTask::of(on_mine).title("By the owner of its deal")).unwrap();
    let explained = |on| now(session.explain(Action::TaskUpdate, on)).map(|decision| decision.allowed);
    assert!(explained(on_mine).unwrap());
    let on_foreign = house.by(2, CreateTask::new().title("T").deal(foreign));
    assert_eq!(done(on_foreign), "invalid", "what is not seen is not pointed at");
}

//! Callbacks: what planning one does to its lead, how one stands, and what outlives what.

use std::sync::Arc;

use crm_core::{
    AddActivity, CallbackState, CloseLead, CompleteTask, CreateTask, DeleteLead, DeleteTask, Error, List,
    MoveLead, ReopenTask, RestoreLead, RestoreTask, Task, UpdateLead, UpdateOrganization, UpdateTask,
};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::{House, code, house, house_under, house_with, lines, user};

impl House {
    fn callback(&self, fields: Json) -> Result<Arc<Task>, Error> {
        let mut fields = fields;
        fields["title"] = json!("Call back");
        self.by(1, serde_json::from_value::<CreateTask>(fields).unwrap())
    }

    /// How a callback stands now, in the organisation's time zone.
    fn state(&self, task: &Task) -> Option<CallbackState> {
        let zone = now(self.crm.act(self.id, user(1)).organization()).unwrap().time_zone;
        let machine = &self.crm.profile().spec().tasks.status;
        let at = crm_core::clock::Clock::now(&*self.clock);
        self.read(task.id).callback_state(at, zone, machine)
    }
}

#[test]
fn a_planned_callback_moves_its_lead_in_the_same_commit() {
    for (leads, stage, moved) in [
        (json!({}), "new", "in_work"),
        (json!({}), "processed", "in_work"),
        (json!({ "callback_moves_to": null }), "new", "new"),
    ] {
        let house = house_with(&leads);
        let lead = house.lead(json!({ "stage": stage }));
        house.clock.advance_hours(1);
        let task = house.callback(json!({ "lead": lead.id })).unwrap();
        let after = house.read(lead.id);
        assert_eq!((after.stage.as_str(), after.touched_at), (moved, task.created_at));
        let expected = usize::from(stage != moved);
        let told = house.told("lead.stage_changed");
        assert_eq!(told.len(), expected);
        assert!(told.iter().all(|event| event.command == house.told("task.created")[0].command));
    }
}

#[test]
fn a_lead_tells_when_it_is_called_next() {
    let house = house();
    let lead = house.lead(json!({}));
    let next = || house.read(lead.id).next_contact_at.map(|at| at.to_string());
    let is = |wanted: Option<&str>, what: &str| assert_eq!(next().as_deref(), wanted, "{what}");
    let (late, soon) = ("2026-03-05T10:00:00Z", "2026-03-03T10:00:00Z");
    house.callback(json!({ "lead": lead.id })).unwrap();
    is(None, "at no time in particular");
    let later = house.callback(json!({ "lead": lead.id, "due_at": late })).unwrap();
    is(Some(late), "a callback is planned");
    assert_eq!(house.told("task.created")[1].command, house.told("lead.updated").last().unwrap().command);
    let sooner = house.callback(json!({ "lead": lead.id, "due_at": soon })).unwrap();
    is(Some(soon), "another comes first");
    house.by(1, CompleteTask::of(sooner.id)).unwrap();
    is(Some(late), "it was made");
    house.by(1, ReopenTask::of(sooner.id)).unwrap();
    is(Some(soon), "and is to be made again");
    let moved = json!({ "id": sooner.id, "due_at": "2026-03-08T10:00:00Z" });
    house.by(1, serde_json::from_value::<UpdateTask>(moved).unwrap()).unwrap();
    is(Some(late), "it was put off");
    house.by(1, DeleteTask::of(later.id)).unwrap();
    is(Some("2026-03-08T10:00:00Z"), "the other was deleted");
    house.by(1, RestoreTask::of(later.id)).unwrap();
    is(Some(late), "and is back");
    let by_hand = json!({ "id": lead.id, "next_contact_at": soon });
    house.by(1, serde_json::from_value::<UpdateLead>(by_hand).unwrap()).unwrap();
    house.by(1, CompleteTask::of(later.id)).unwrap();
    is(Some(soon), "what somebody set stays");
    house.clock.advance_hours(24 * 5);
    let day = house.callback(json!({ "lead": lead.id, "due_date": "2026-03-12" })).unwrap();
    is(Some("2026-03-08T10:00:00Z"), "a time that is over gives way to the next that is planned");
    house.by(1, CompleteTask::of(sooner.id)).unwrap();
    is(Some("2026-03-12T00:00:00Z"), "the day is what is left");
    house.by(1, DeleteTask::of(day.id)).unwrap();
    is(None, "nobody calls any more");
}

#[test]
fn a_callback_on_a_closed_lead_opens_nothing() {
    let house = house();
    let lead = house.lead(json!({}));
    house.by(1, CloseLead::of(lead.id, "No")).unwrap();
    house.callback(json!({ "lead": lead.id })).unwrap();
    assert_eq!(house.read(lead.id).stage.as_str(), "gone");
    assert_eq!(code(house.callback(json!({ "lead": user(77) }))), "invalid", "a lead that is none");
}

#[test]
fn planning_anew_moves_a_lead_and_other_changes_do_not() {
    let house = house();
    let lead = house.lead(json!({}));
    let task = house.callback(json!({ "lead": lead.id })).unwrap();
    let at = |stage: &str| house.by(1, MoveLead::of(lead.id, stage)).unwrap();
    let stage = || house.read(lead.id).stage.to_string();
    at("waiting");
    house.by(1, UpdateTask::of(task.id).title("Call Ann")).unwrap();
    house.clock.advance_hours(1);
    house.by(1, CompleteTask::of(task.id)).unwrap();
    let done = house.read(lead.id);
    assert_eq!((done.stage.as_str(), done.touched_at > lead.touched_at), ("waiting", true), "a call is work");
    house.by(1, ReopenTask::of(task.id)).unwrap();
    assert_eq!(stage(), "in_work");
    at("waiting");
    let loose = house.callback(json!({})).unwrap();
    house.by(1, UpdateTask::of(loose.id).lead(lead.id)).unwrap();
    assert_eq!(stage(), "in_work");
    assert_eq!(code(house.by(1, UpdateTask::of(loose.id).lead(None))), "invalid", "it stays with its lead");
}

#[test]
fn how_a_callback_stands_follows_from_the_time() {
    use CallbackState::{Cancelled, Done, Due, Missed, Planned};
    let house = house();
    house.do_(UpdateOrganization::of(house.id).time_zone("Asia/Tashkent"));
    let lead = house.lead(json!({})).id;
    // It is the second of March, 14:00 in Tashkent.
    for (due, later, state) in [
        (json!({}), 0, Planned),
        (json!({ "due_at": "2026-03-02T18:59:00Z" }), 0, Due),
        (json!({ "due_at": "2026-03-02T19:00:00Z" }), 0, Planned),
        (json!({ "due_at": "2026-03-02T19:00:00Z" }), 10, Due),
        (json!({ "due_at": "2026-03-02T10:00:00Z" }), 1, Due),
        (json!({ "due_at": "2026-03-02T10:00:00Z" }), 2, Missed),
        (json!({ "due_date": "2026-03-02" }), 9, Due),
        (json!({ "due_date": "2026-03-02" }), 10, Missed),
        (json!({ "due_date": "2026-03-03" }), 0, Planned),
    ] {
        house.clock.set("2026-03-02T09:00:00Z".parse().unwrap());
        let mut fields = due.clone();
        fields["lead"] = json!(lead);
        let task = house.callback(fields).unwrap();
        house.clock.advance_hours(later);
        assert_eq!(house.state(&task), Some(state), "{due} after {later} hours");
        house.by(1, CompleteTask::of(task.id)).unwrap();
        assert_eq!(house.state(&task), Some(Done));
        house.by(1, ReopenTask::of(task.id)).unwrap();
        house.by(1, UpdateTask::of(task.id).status("cancelled")).unwrap();
        assert_eq!(house.state(&task), Some(Cancelled));
    }
    let task = house.callback(json!({})).unwrap();
    assert_eq!(house.state(&task), None, "it belongs to no lead");
}

#[test]
fn a_callback_may_need_a_note_to_be_done() {
    let mut lines = lines(&json!({}));
    lines["tasks"] =
        json!({ "status": { "states": { "done": { "requires": [{ "present": "description" }] } } } });
    let house = house_under(&lines);
    let lead = house.lead(json!({}));
    let task = house.callback(json!({ "lead": lead.id })).unwrap();
    assert_eq!(code(house.by(1, CompleteTask::of(task.id))), "requirements_unmet");
    house.by(1, UpdateTask::of(task.id).description("She will come on Monday").status("done")).unwrap();
}

#[test]
fn callbacks_and_comments_outlive_moves_and_deletion() {
    let house = house();
    let lead = house.lead(json!({ "owner": user(2) }));
    let task = house.callback(json!({ "lead": lead.id })).unwrap();
    house.clock.advance_hours(1);
    let note = json!({ "kind": "note", "lead": lead.id, "body": "Wants a balcony" });
    let note = house.by(1, serde_json::from_value::<AddActivity>(note).unwrap()).unwrap();
    assert_eq!(house.read(lead.id).touched_at, note.created_at, "a note is work");
    house.by(1, MoveLead::of(lead.id, "processed")).unwrap();
    house.by(1, DeleteLead::of(lead.id)).unwrap();
    assert!(house.read(task.id).deleted_at.is_none());
    house.by(1, CompleteTask::of(task.id)).expect("a callback of a deleted lead can be settled");
    house.by(1, RestoreLead::of(lead.id)).unwrap();
    let session = house.crm.act(house.id, user(2));
    let timeline = now(session.timeline(lead.id, List::<crm_core::Activity>::new().kind(["note"]))).unwrap();
    assert_eq!(timeline.items.len(), 1);
    assert_eq!(now(session.list(List::<Task>::new().lead(lead.id))).unwrap().items.len(), 1);
}

//! Timelines: what callers write, what the rules write, and on whose timeline it shows.

use std::sync::Arc;

use crm_core::{
    Activity, AddActivity, CompleteTask, CreateContact, CreateDeal, CreatePipeline, CreateTask, Deal, Delete,
    DeleteTask, List, ReopenTask, Stage, Update, UpdateDeal, UpdateTask,
};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::{House, house, house_with, user};

/// The kinds of the entries of a deal, the newest first.
fn kinds(house: &House, deal: &Deal) -> Vec<String> {
    let page = now(house.crm.act(house.id, user(1)).timeline(deal.id, List::new())).unwrap();
    page.items.iter().map(|entry| entry.kind.to_string()).collect()
}

#[test]
fn a_change_of_status_and_one_of_stage_are_told_when_they_were_said() {
    let (coupled, free) = ("stage_is_status", "independent");
    for (coupling, change, told) in [
        (coupled, json!({ "title": "Other" }), ""),
        (coupled, json!({ "stage": "negotiation" }), "stage"),
        (coupled, json!({ "stage": "qualified" }), ""),
        (coupled, json!({ "status": "won" }), "status"),
        (coupled, json!({ "status": "won", "stage": "won" }), "status"),
        (coupled, json!({ "stage": "won" }), "stage status"),
        (coupled, json!({ "status": "open", "stage": "negotiation" }), "stage"),
        (coupled, json!({ "pipeline": "second" }), "stage"),
        (coupled, json!({ "status": "parked" }), "status"),
        (free, json!({ "status": "won" }), "status"),
        (free, json!({ "status": "won", "stage": "negotiation" }), "stage status"),
        (free, json!({ "pipeline": "second" }), "stage"),
    ] {
        let house = house_with(json!({ "deals": { "coupling": coupling } }));
        let stages = json!([{ "key": "a" }, { "key": "w", "kind": "won" }, { "key": "l", "kind": "lost" }]);
        let stages: Vec<Stage> = serde_json::from_value(stages).unwrap();
        let second = house.do_(CreatePipeline::new().name("Second").stages(stages)).id;
        let deal = house.do_(CreateDeal::new().title("D").amount(5).stage("qualified"));
        let mut fields = change.clone();
        fields["id"] = json!(deal.id);
        if fields.get("pipeline").is_some() {
            fields["pipeline"] = json!(second);
        }
        house.do_(serde_json::from_value::<UpdateDeal>(fields).unwrap());
        let mut found = kinds(&house, &deal);
        found.retain(|kind| kind.ends_with("_changed"));
        found.sort_unstable();
        let found: Vec<_> = found.iter().map(|kind| kind.trim_end_matches("_changed")).collect();
        assert_eq!(found.join(" "), told, "{coupling} {change}");
    }
}

#[test]
fn callers_write_their_kinds_with_what_these_demand() {
    let house = house();
    let deal = house.do_(CreateDeal::new().title("D"));
    let add = |fields: Json| {
        let mut fields = fields;
        fields["deal"] = json!(deal.id);
        house.by(1, serde_json::from_value::<AddActivity>(fields).unwrap())
    };
    for (fields, wanted) in [
        (json!({ "kind": "note" }), true),
        (json!({ "kind": "comment" }), false),
        (json!({ "kind": "comment", "body": null }), false),
        (json!({ "kind": "comment", "body": "Hello" }), true),
        (json!({ "kind": "comment", "title": "Hello" }), false),
        (json!({ "kind": "system", "body": "Hello" }), false),
        (json!({ "kind": "planet", "body": "Hello" }), false),
        (json!({ "kind": "note", "payload": { "mood": "good" } }), true),
    ] {
        assert_eq!(add(fields.clone()).is_ok(), wanted, "{fields}");
    }
    let said = add(json!({ "kind": "system" })).unwrap_err().to_string();
    assert!(said.contains("`comment`") && !said.contains("`task_created`"), "{said}");
    let mood = add(json!({ "kind": "note", "payload": { "mood": "good" } })).unwrap();
    assert_eq!((mood.payload.as_json(), mood.author), (&json!({ "mood": "good" }), Some(user(1))));
    assert_eq!(mood.occurred_at, mood.created_at);
    let change = Update::<Activity>::of(mood.id).title("Other");
    assert_eq!(house.by(1, change).unwrap_err().code(), "immutable");
    assert_eq!(house.by(1, Delete::<Activity>::of(mood.id)).unwrap_err().code(), "immutable");
    let nowhere = house.by(1, AddActivity::new().kind("note")).unwrap_err();
    assert_eq!(nowhere.code(), "invalid", "an entry belongs to a deal or a contact");
}

#[test]
fn an_entry_of_a_deal_shows_on_the_deal_and_on_its_contact() {
    let house = house();
    let contact = house.do_(CreateContact::new().name("Ann")).id;
    let deal = house.do_(CreateDeal::new().title("D").contact(contact));
    let session = house.crm.act(house.id, user(1));
    let shown =
        |items: Vec<Arc<Activity>>| items.iter().map(|entry| (entry.deal, entry.contact)).collect::<Vec<_>>();
    let wanted = [(Some(deal.id), Some(contact))];
    assert_eq!(shown(now(session.timeline(deal.id, List::new())).unwrap().items), wanted);
    assert_eq!(shown(now(session.timeline(contact, List::new())).unwrap().items), wanted);
    house.do_(AddActivity::new().kind("call").contact(contact));
    assert_eq!(now(session.timeline(contact, List::new())).unwrap().items.len(), 2);
}

#[test]
fn a_kind_with_a_payload_of_its_own_is_filled_from_what_was_said() {
    let mut kinds = serde_json::to_value(&house().crm.profile().spec().activities.kinds).unwrap();
    kinds[1]["payload"] = json!({ "text": "{body}" });
    let house = house_with(json!({ "activities": { "kinds": kinds } }));
    let deal = house.do_(CreateDeal::new().title("D"));
    let note = house.do_(AddActivity::new().kind("note").deal(deal.id).body("Hello"));
    assert_eq!(note.payload.as_json(), &json!({ "text": "Hello" }));
}

#[test]
fn what_happens_to_a_task_is_told_where_the_profile_ties_an_entry_to_it() {
    let tie = |title: &str| json!({ "kind": "system", "title": title });
    let house = house_with(json!({ "activities": { "triggers": {
        "task_completed": tie("done"), "task_reopened": tie("again"), "task_deleted": tie("gone {task_title}"),
    } } }));
    let deal = house.do_(CreateDeal::new().title("D"));
    let task = house.do_(CreateTask::new().title("T").deal(deal.id)).id;
    house.do_(CompleteTask::of(task));
    house.do_(CompleteTask::of(task));
    house.do_(ReopenTask::of(task));
    house.do_(UpdateTask::of(task).status("cancelled"));
    house.do_(DeleteTask::of(task));
    let told = now(house.crm.act(house.id, user(1)).timeline(deal.id, List::new())).unwrap().items;
    let titles: Vec<_> = told.iter().rev().map(|entry| entry.title.as_ref().unwrap().as_str()).collect();
    assert_eq!(titles[2..], ["done", "again", "gone T"]);
}

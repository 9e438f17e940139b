//! Tasks: their status, their deadline, what they belong to, and what is found wrong with old ones.

use std::sync::Arc;

use crm_core::value::Word;
use crm_core::{
    CompleteTask, CreateContact, CreateDeal, CreateTask, Error, Import, List, ReopenTask, Task, UpdateTask,
};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::{House, house, house_with, user};

impl House {
    fn task(&self, fields: Json) -> Result<Arc<Task>, Error> {
        let mut fields = fields;
        if fields.get("title").is_none() {
            fields["title"] = json!("Call");
        }
        self.by(1, serde_json::from_value::<CreateTask>(fields).unwrap())
    }

    fn set(&self, task: &Task, fields: Json) -> Result<Arc<Task>, Error> {
        let mut fields = fields;
        fields["id"] = json!(task.id);
        self.by(1, serde_json::from_value::<UpdateTask>(fields).unwrap())
    }
}

fn status(answer: Result<Arc<Task>, Error>) -> (String, bool) {
    let task = answer.unwrap();
    (task.status.to_string(), task.completed_at.is_some())
}

fn shows(status: &str, done: bool) -> (String, bool) {
    (status.to_owned(), done)
}

#[test]
fn a_task_moves_by_its_machine_and_remembers_when_it_was_done() {
    let house = house();
    assert_eq!(status(house.task(json!({ "status": "done" }))), shows("done", true), "made as done");
    let task = house.task(json!({})).unwrap();
    assert_eq!(status(house.set(&task, json!({ "status": "in_progress" }))), shows("in_progress", false));
    assert_eq!(status(house.by(1, ReopenTask::of(task.id))), shows("in_progress", false), "it is open");
    assert_eq!(status(house.set(&task, json!({ "status": "cancelled" }))), shows("cancelled", false));
    assert_eq!(house.by(1, CompleteTask::of(task.id)).unwrap_err().code(), "invalid_transition");
    assert_eq!(house.set(&task, json!({ "status": "done" })).unwrap_err().code(), "invalid_transition");
    assert_eq!(status(house.by(1, ReopenTask::of(task.id))), shows("todo", false));
    assert_eq!(status(house.by(1, CompleteTask::of(task.id))), shows("done", true));
    assert_eq!(status(house.set(&task, json!({ "title": "Called" }))), shows("done", true));
    assert_eq!(status(house.set(&task, json!({ "status": "in_progress" }))), shows("in_progress", false));
}

#[test]
fn the_same_status_again_is_a_move_only_where_it_was_said() {
    let mut lines =
        json!({ "tasks": { "status": crm_core::Profile::preset("general").unwrap().spec().tasks.status } });
    lines["tasks"]["status"]["same"] = json!("refuse");
    lines["tasks"]["status"]["states"][1]["requires"] = json!([{ "present": "due_date" }]);
    let house = house_with(lines);
    let task = house.task(json!({ "status": "todo" })).unwrap();
    house.set(&task, json!({ "title": "Other" })).unwrap();
    assert_eq!(house.set(&task, json!({ "status": "todo" })).unwrap_err().code(), "invalid_transition");
    let begin = |fields: Json| {
        let mut fields = fields;
        fields["status"] = json!("in_progress");
        house.set(&task, fields)
    };
    assert_eq!(begin(json!({})).unwrap_err().code(), "requirements_unmet");
    assert_eq!(status(begin(json!({ "due_date": "2026-03-02" }))), shows("in_progress", false));
    house.set(&task, json!({ "due_date": null })).unwrap();
}

#[test]
fn a_deadline_is_a_day_or_a_time_and_is_not_set_into_the_past() {
    let house = house();
    let (day, time) = (json!({ "due_date": "2026-03-02" }), json!({ "due_at": "2026-03-02T01:00:00Z" }));
    let both = json!({ "due_date": "2026-03-02", "due_at": "2026-03-02T01:00:00Z" });
    assert!(house.task(day.clone()).is_ok() && house.task(time).is_ok(), "today is not over");
    assert_eq!(house.task(both).unwrap_err().code(), "invalid");
    let field = |error: Error| error.details()["fields"][0]["field"].as_str().unwrap().to_owned();
    assert_eq!(field(house.task(json!({ "due_date": "2026-03-01" })).unwrap_err()), "due_date");
    assert_eq!(field(house.task(json!({ "due_at": "2026-03-01T23:59:59Z" })).unwrap_err()), "due_at");
    let task = house.task(day).unwrap();
    house.clock.advance_days(5);
    house.set(&task, json!({ "title": "Late" })).expect("what is left alone may be late");
    assert_eq!(field(house.set(&task, json!({ "due_date": "2026-03-03" })).unwrap_err()), "due_date");
    house
        .set(&task, json!({ "status": "done", "due_date": "2026-03-03" }))
        .expect("what is done has no deadline");
    assert!(house.task(json!({ "status": "done", "due_date": "2026-03-03" })).is_ok());
}

#[test]
fn a_task_stays_with_its_deal_and_may_find_one() {
    let house = house();
    let deal = |title: &str| house.do_(CreateDeal::new().title(title)).id;
    let (one, two) = (deal("One"), deal("Two"));
    let task = house.task(json!({})).unwrap();
    house.set(&task, json!({ "deal": one })).unwrap();
    house.set(&task, json!({ "deal": one, "title": "Other" })).unwrap();
    assert_eq!(house.set(&task, json!({ "deal": two })).unwrap_err().code(), "invalid");
    assert_eq!(house.set(&task, json!({ "deal": null })).unwrap_err().code(), "invalid");
}

#[test]
fn an_old_task_is_found_late_unless_it_is_done() {
    let house = house();
    let found = |status: &str, due: Option<&str>| {
        let id = crm_core::value::Uuid::from_u128(u128::from_str_radix("77", 16).unwrap());
        let row = json!({ "record": "task", "id": id, "title": "Old", "status": status, "due_date": due });
        let house = self::house();
        let report = house.by(1, Import { rows: vec![row] }).unwrap();
        assert_eq!(report.imported(), 1, "{report:?}");
        report.rows[0].findings.clone()
    };
    let late = vec!["its due date is in the past".to_owned()];
    assert_eq!(found("todo", Some("2026-03-01")), late);
    assert_eq!(found("cancelled", Some("2026-03-01")), late);
    assert_eq!(found("done", Some("2026-03-01")), Vec::<String>::new());
    assert_eq!(found("todo", Some("2026-03-02")), Vec::<String>::new());
    assert_eq!(found("todo", None), Vec::<String>::new());
    drop(house);
}

#[test]
fn the_timelines_of_a_task_are_those_of_what_it_belongs_to() {
    let house = house();
    let contact = house.do_(CreateContact::new().name("Ann")).id;
    let deal = house.do_(CreateDeal::new().title("D")).id;
    house.task(json!({})).expect("a task of nothing tells nobody");
    house.task(json!({ "contact": contact })).unwrap();
    house.task(json!({ "deal": deal, "title": "x".repeat(255) })).unwrap();
    let session = house.crm.act(house.id, user(1));
    let titles = |items: Vec<Arc<crm_core::Activity>>| -> Vec<_> {
        let made: Word = "task_created".parse().unwrap();
        let made = items.iter().filter(|entry| entry.kind == made);
        made.map(|entry| entry.title.as_ref().map_or(0, |title| title.as_str().chars().count())).collect()
    };
    assert_eq!(titles(now(session.timeline(contact, List::new())).unwrap().items), [19]);
    let long = titles(now(session.timeline(deal, List::new())).unwrap().items);
    assert_eq!(long, [255], "a title is cut to what a title can be");
    assert_eq!(titles(now(session.list(List::<crm_core::Activity>::new())).unwrap().items).len(), 2);
}

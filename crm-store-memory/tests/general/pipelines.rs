//! Pipelines: which lists of stages there can be, and which pipelines and stages can go.

use std::sync::Arc;

use crm_core::value::PipelineId;
use crm_core::{
    AddStage, CreateDeal, CreatePipeline, DeleteDeal, DeletePipeline, EditStage, Error, MoveDeal, Pipeline,
    RemoveStage, ReorderStages, Stage, UpdatePipeline, WinDeal,
};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::{House, house, house_with, user};

fn stages(stages: &Json) -> Vec<Stage> {
    serde_json::from_value(stages.clone()).unwrap()
}

/// Two open stages and two ends.
fn plain() -> Json {
    json!([{ "key": "a" }, { "key": "b" }, { "key": "w", "kind": "won" }, { "key": "l", "kind": "lost" }])
}

fn make(house: &House, list: &Json) -> Result<Arc<Pipeline>, Error> {
    house.by(1, CreatePipeline::new().name("Second").stages(stages(list)))
}

#[test]
fn every_fault_of_a_list_of_stages_is_found() {
    let independent = || json!({ "deals": { "coupling": "independent" } });
    let most = |stages: u32| json!({ "limits": { "stages": stages } });
    let long = |more: usize| {
        let more = ["c", "d", "e"].iter().take(more).map(|key| json!({ "key": key }));
        Json::Array(plain().as_array().unwrap().iter().cloned().chain(more).collect())
    };
    for (lines, list, faults) in [
        (json!({}), plain(), 0),
        (most(6), long(1), 0),
        (most(6), long(2), 0),
        (most(6), long(3), 1),
        (json!({}), json!([{ "key": "a" }]), 2),
        (json!({}), json!([{ "key": "w", "kind": "won" }, { "key": "l", "kind": "lost" }]), 1),
        (independent(), json!([{ "key": "a" }]), 0),
        (independent(), json!([{ "key": "w", "kind": "won" }]), 1),
        (independent(), json!([{ "key": "a" }, { "key": "b" }, { "key": "a" }]), 1),
        (independent(), json!([{ "key": "a", "to": ["b"] }, { "key": "b", "to": ["c", "d"] }]), 2),
        (independent(), json!([{ "key": "a", "requires": [{ "present": "amount" }] }]), 0),
        (
            independent(),
            json!([{ "key": "a", "requires": [{ "present": "colour" }, { "present": "amount" }] }]),
            1,
        ),
    ] {
        let house = house_with(lines.clone());
        let made = make(&house, &list);
        let found = made.as_ref().map_or_else(|no| no.details()["fields"].as_array().unwrap().len(), |_| 0);
        assert_eq!(found, faults, "{lines} {list}: {made:?}");
    }
}

#[test]
fn a_pipeline_goes_when_it_is_not_the_first_choice_and_has_no_deals() {
    let house = house();
    let first = house.do_(CreateDeal::new().title("D")).pipeline.unwrap();
    let second = make(&house, &plain()).unwrap().id;
    let deal = house.do_(CreateDeal::new().title("D").pipeline(second));
    let code = |id: PipelineId| house.by(1, DeletePipeline::of(id)).map_or_else(|no| no.code(), |_| "done");
    assert_eq!((code(first), code(second)), ("default_pipeline", "has_dependents"));
    house.do_(UpdatePipeline::of(second).name("Third"));
    house.do_(DeleteDeal::of(deal.id));
    assert_eq!(code(second), "done");
}

#[test]
fn a_stage_goes_with_its_deals_or_not_at_all() {
    let house = house();
    let pipeline = make(&house, &plain()).unwrap().id;
    let deal = house.do_(CreateDeal::new().title("D").pipeline(pipeline).stage("b"));
    let remove = |stage: &str, to: Option<&str>| {
        let move_deals_to = to.map(|to| to.parse().unwrap());
        house.by(1, RemoveStage { pipeline, stage: stage.parse().unwrap(), move_deals_to })
    };
    let code = |stage, to| remove(stage, to).map_or_else(|no| no.code(), |_| "done");
    let without_b = json!([{ "key": "a" }, { "key": "w", "kind": "won" }, { "key": "l", "kind": "lost" }]);
    let shorter = UpdatePipeline::of(pipeline).stages(stages(&without_b));
    assert_eq!(house.by(1, shorter).unwrap_err().code(), "has_dependents");
    for (stage, to, wanted) in [
        ("b", None, "has_dependents"),
        ("b", Some("b"), "invalid"),
        ("b", Some("z"), "invalid"),
        ("z", None, "invalid"),
        ("w", None, "invalid"),
        ("b", Some("a"), "done"),
    ] {
        assert_eq!(code(stage, to), wanted, "{stage} {to:?}");
    }
    let moved = now(house.crm.act(house.id, user(1)).get(deal.id)).unwrap();
    assert_eq!(moved.stage.as_ref().unwrap(), "a");
    house.do_(WinDeal::of(house.do_(CreateDeal::new().title("D").amount(1).pipeline(pipeline)).id));
}

#[test]
fn stages_are_added_edited_and_put_in_order_by_their_keys() {
    let house = house();
    let pipeline = make(&house, &plain()).unwrap().id;
    let keys = |row: Arc<Pipeline>| row.keys().map(ToString::to_string).collect::<Vec<_>>().join("");
    let add = |key: &str, before: Option<&str>| {
        let stage = Stage::open(key.parse().unwrap(), serde_json::from_value(json!(30)).unwrap());
        house.by(1, AddStage { pipeline, stage, before: before.map(|key| key.parse().unwrap()) })
    };
    assert_eq!(keys(add("c", Some("w")).unwrap()), "abcwl");
    assert_eq!(keys(add("d", None).unwrap()), "abcwld");
    assert_eq!(add("c", None).unwrap_err().code(), "invalid");
    assert_eq!(add("e", Some("z")).unwrap_err().code(), "invalid");
    let order = |keys: &str| {
        let order = keys.chars().map(|key| key.to_string().parse().unwrap()).collect();
        house.by(1, ReorderStages { pipeline, order })
    };
    assert_eq!(keys(order("dcbawl").unwrap()), "dcbawl");
    for wrong in ["dcbaw", "dcbawlz", "dcbaww", "dcbawll"] {
        assert_eq!(order(wrong).unwrap_err().code(), "invalid", "{wrong}");
    }
    let edit = |stage: &str, fields: Json| {
        let mut fields = fields;
        fields["pipeline"] = json!(pipeline);
        fields["stage"] = json!(stage);
        house.by(1, serde_json::from_value::<EditStage>(fields).unwrap())
    };
    let row = edit("b", json!({ "label": "Bee", "probability": 70, "to": ["w", "l"] })).unwrap();
    let stage =
        |row: &Pipeline, key: &str| row.stages.0.iter().find(|stage| stage.key == *key).unwrap().clone();
    let wanted = json!({ "key": "b", "label": "Bee", "kind": "open", "probability": 70, "requires": [], "to": ["w", "l"] });
    assert_eq!(serde_json::to_value(stage(&row, "b")).unwrap(), wanted);
    assert_eq!(edit("z", json!({ "label": "Zed" })).unwrap_err().code(), "invalid");
    let deal = house.do_(CreateDeal::new().title("D").pipeline(pipeline).stage("b"));
    assert_eq!(house.by(1, MoveDeal::of(deal.id, "c")).unwrap_err().code(), "invalid_stage_move");
    let row = house.do_(RemoveStage { pipeline, stage: "a".parse().unwrap(), move_deals_to: None });
    assert_eq!(keys(row), "dcbwl");
}

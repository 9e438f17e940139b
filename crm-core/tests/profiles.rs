//! A faulty profile cannot be constructed, and each fault names its place.

#![expect(
    clippy::needless_pass_by_value,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test writes its data in place, and panics"
)]

use crm_core::Profile;
use crm_core::profile::{Fault, ProfileError};
use serde_json::{Value, json};

/// The preset with some lines replaced.
fn build(lines: Value) -> Result<Profile, ProfileError> {
    let mut lines = lines;
    lines["extends"] = json!("general");
    Profile::from_json(&lines.to_string())
}

/// The one fault of a profile, and its place.
fn fault(lines: Value) -> (String, Fault) {
    match build(lines.clone()) {
        Err(ProfileError::Faults(mut faults)) if faults.len() == 1 => {
            let fault = faults.remove(0);
            (fault.place, fault.fault)
        }
        other => panic!("{lines}: {other:?}"),
    }
}

fn deals(states: Value) -> Value {
    json!({ "deals": { "status": { "initial": "a", "states": states } , "coupling": "independent" } })
}

#[test]
fn a_state_that_no_move_leads_to_is_refused() {
    let (place, fault) = fault(deals(json!([
        { "name": "a", "kind": "open", "to": ["w"] }, { "name": "w", "kind": "won" }, { "name": "x", "kind": "lost" }
    ])));
    assert_eq!((place.as_str(), fault), ("deals.status.states.x", Fault::Unreachable));
}

#[test]
fn a_machine_with_no_way_to_an_end_is_refused() {
    let (place, fault) = fault(deals(json!([
        { "name": "a", "kind": "open", "to": ["w", "b"] }, { "name": "b", "kind": "parked", "to": ["b"] },
        { "name": "w", "kind": "won" }
    ])));
    assert_eq!((place.as_str(), fault), ("deals.status.states.b", Fault::NoWayToAnEnd));
}

#[test]
fn tasks_need_a_way_to_an_end_as_deals_do() {
    let states = json!([
        { "name": "a", "kind": "open", "to": ["b", "d"] }, { "name": "b", "kind": "open", "to": ["b"] },
        { "name": "d", "kind": "done" }, { "name": "c", "kind": "cancelled" }
    ]);
    let tasks = json!({ "tasks": { "status": { "initial": "a", "states": states, "free": false } } });
    let Err(ProfileError::Faults(faults)) = build(tasks.clone()) else { panic!("accepted") };
    let found: Vec<_> = faults.into_iter().map(|fault| (fault.place, fault.fault)).collect();
    let at = |state: &str| format!("tasks.status.states.{state}");
    assert_eq!(found, [(at("b"), Fault::NoWayToAnEnd), (at("c"), Fault::Unreachable)]);
    let mut free = tasks;
    free["tasks"]["status"]["free"] = json!(true);
    assert!(build(free).is_ok(), "every state leads to every other");
}

#[test]
fn unknown_names_are_refused_wherever_they_stand() {
    let unknown = |lines: Value, at: &str, name: &str| {
        let (place, fault) = fault(lines);
        assert_eq!(place, at);
        assert!(matches!(&fault, Fault::Unknown { name: found, .. } if found == name), "{fault:?}");
    };
    unknown(json!({ "founder": "boss" }), "founder", "boss");
    unknown(
        deals(json!([{ "name": "a", "kind": "open", "to": ["w", "z"] }, { "name": "w", "kind": "won" }])),
        "deals.status.states.a.to",
        "z",
    );
    unknown(json!({ "ownership": { "deal": ["title"] } }), "ownership.deal", "title");
    unknown(json!({ "ownership": { "task": ["contact.nobody"] } }), "ownership.task", "contact.nobody");
    unknown(json!({ "fields": { "deal.colour": {} } }), "fields.deal.colour", "deal.colour");
    unknown(json!({ "fields": { "deal.outcome": {} } }), "fields.deal.outcome", "deal.outcome");
    unknown(json!({ "unique": ["deal.title"] }), "unique", "deal.title");
    unknown(json!({ "currency": "XXX" }), "currency", "XXX");
    unknown(json!({ "tasks": { "priority": "asap" } }), "tasks.priority", "asap");
    unknown(json!({ "actors": { "anonymous": { "deal.fly": "all" } } }), "actors.anonymous", "deal.fly");
    unknown(
        json!({ "activities": { "triggers": { "task_deleted": { "kind": "gone" } } } }),
        "activities.triggers.task_deleted",
        "gone",
    );
}

#[test]
fn a_gate_that_no_command_can_satisfy_is_refused() {
    let gate = |requirement: Value, more: Value| {
        let mut lines = json!({ "pipelines": [{ "name": "P", "stages": [
            { "key": "a", "requires": [requirement] }, { "key": "w", "kind": "won" }, { "key": "l", "kind": "lost" }
        ] }] });
        lines.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        fault(lines)
    };
    let place = "pipelines.P.stages.a";
    let unused = json!({ "fields": { "deal.description": { "presence": "unused" } } });
    let description = Fault::Unsatisfiable("description".into());
    assert_eq!(gate(json!({ "present": "description" }), unused), (place.into(), description));
    let outcome = Fault::Unsatisfiable("outcome".into());
    assert_eq!(gate(json!({ "present": "outcome" }), json!({})), (place.into(), outcome));
    let title = Fault::Unsatisfiable("title".into());
    assert_eq!(gate(json!({ "positive": "title" }), json!({})), (place.into(), title));
}

#[test]
fn a_role_that_no_one_can_give_is_refused() {
    let roles = json!([
        { "name": "owner", "grants": { "*": "all" }, "adds": ["owner"], "changes": ["owner"], "removes": ["owner"] },
        { "name": "ghost" }
    ]);
    let (place, fault) = fault(json!({ "roles": roles }));
    assert_eq!((place.as_str(), fault), ("roles.ghost", Fault::Ungrantable));
}

#[test]
fn a_text_that_names_a_fact_its_event_does_not_have_is_refused() {
    let triggers = json!({ "triggers": { "deal_created": { "kind": "system", "title": "{old_status}" } } });
    let (place, fault) = fault(json!({ "activities": triggers }));
    assert_eq!(place, "activities.triggers.deal_created");
    assert!(matches!(fault, Fault::UnknownFact { name, .. } if name == "old_status"));
}

#[test]
fn what_makes_no_sense_or_is_not_there_yet_is_refused() {
    let refused = |lines: Value, at: &str| {
        let (place, fault) = fault(lines);
        assert_eq!(place, at);
        assert!(matches!(
            fault,
            Fault::Nonsense(_) | Fault::Unsupported(_) | Fault::Missing(_) | Fault::Duplicate(_)
        ));
    };
    refused(json!({ "actors": { "anonymous": { "deal.read": "team" } } }), "actors.anonymous");
    refused(json!({ "limits": { "page": { "default": 200, "most": 100 } } }), "limits");
    refused(json!({ "limits": { "rows_per_command": 0 } }), "limits");
    refused(json!({ "money": { "decimals": 9 } }), "money");
    refused(json!({ "deals": { "amount": "-1" } }), "deals.amount");
    refused(json!({ "fields": { "deal.title": { "max": 300 } } }), "fields.deal.title");
    refused(json!({ "fields": { "deal.amount": { "max": 3 } } }), "fields.deal.amount");
    let stages = json!([{ "name": "P", "stages": [{ "key": "a" }, { "key": "w", "kind": "won" }] }]);
    refused(json!({ "pipelines": stages }), "pipelines.P");
    let twice = json!([{ "name": "P", "stages": [
        { "key": "a" }, { "key": "a" }, { "key": "w", "kind": "won" }, { "key": "l", "kind": "lost" }
    ] }]);
    refused(json!({ "pipelines": twice }), "pipelines.P");
    let kinds = json!({ "kinds": [{ "name": "x", "written_by": "import" }], "triggers": null });
    assert!(build(json!({ "activities": kinds })).is_ok());
}

#[test]
fn every_fault_is_named_not_only_the_first() {
    let Err(ProfileError::Faults(faults)) =
        build(json!({ "founder": "boss", "currency": "XXX", "unique": ["x"] }))
    else {
        panic!("accepted")
    };
    let places: Vec<_> = faults.iter().map(|fault| fault.place.as_str()).collect();
    assert_eq!(places, ["founder", "unique", "currency"]);
}

#[test]
fn json_that_is_no_profile_is_refused() {
    assert!(matches!(Profile::from_json("{"), Err(ProfileError::Json(_))));
    assert!(matches!(Profile::from_json("{}"), Err(ProfileError::Misfit { .. })));
    assert!(
        matches!(build(json!({ "rolls": [] })), Err(ProfileError::Misfit { place, .. }) if place == "rolls")
    );
    let stages = json!([{ "name": "P", "stages": [{ "key": "a", "probability": 101 }] }]);
    let Err(error) = build(json!({ "pipelines": stages })) else { panic!("accepted") };
    let said = "pipelines[0].stages[0].probability: must be a whole number from 0 to 100";
    assert_eq!(error.to_string(), said);
    assert!(
        matches!(Profile::from_json(r#"{"extends":"nothing"}"#), Err(ProfileError::UnknownPreset(name)) if name == "nothing")
    );
    assert!(matches!(Profile::preset("nothing"), Err(ProfileError::UnknownPreset(_))));
}

#[test]
fn a_list_of_named_things_can_be_edited_by_name() {
    let profile = build(json!({
        "deals": { "status": { "states": { "lost": { "requires": [{ "present": "lost_reason" }] }, "parked": null,
            "open": { "to": ["won", "lost"] } } } },
        "pipelines": { "Sales": { "stages": { "lead": null, "qualified": { "probability": 30 } } } },
        "roles": { "viewer": null, "owner": { "adds": ["owner", "admin", "manager", "member"],
            "changes": ["owner", "admin", "manager", "member"], "removes": ["owner", "admin", "manager", "member"] },
            "admin": { "adds": ["member"], "changes": ["manager"], "removes": [] } }
    }))
    .unwrap_or_else(|faults| panic!("{faults}"));
    let spec = profile.spec();
    let states: Vec<_> =
        spec.deals.status.states.iter().map(|state| (state.name.as_str(), state.requires.len())).collect();
    assert_eq!(states, [("open", 0), ("won", 1), ("lost", 1), ("archived", 0)]);
    let stages: Vec<_> =
        spec.pipelines[0].stages.iter().map(|stage| (stage.key.as_str(), stage.probability.get())).collect();
    assert_eq!(stages, [("qualified", 30), ("proposal", 50), ("negotiation", 75), ("won", 100), ("lost", 0)]);
    assert_eq!(spec.roles.len(), 4);
}

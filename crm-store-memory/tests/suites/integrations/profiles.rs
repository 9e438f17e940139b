//! What a profile may say of other systems and of notifications.

use crm_core::Profile;
use crm_core::integration::RetryRule;
use serde_json::{Value as Json, json};

use super::{lines, merge, profile, word};

/// The faults of the usual lines with some replaced.
fn faults(changes: Json) -> String {
    let mut all = lines();
    merge(&mut all, changes);
    Profile::from_json(&all.to_string()).map_or_else(|faults| faults.to_string(), |_| String::new())
}

#[test]
fn what_is_wrong_is_named() {
    let integrations = |part: Json| json!({ "integrations": part });
    let target = |part: Json| {
        let mut target = json!({ "name": "t", "events": ["*"] });
        merge(&mut target, part);
        integrations(json!({ "targets": [target] }))
    };
    let stage = |system: &str, stage: &str| {
        let map = json!({ "system": system, "pipeline": "1", "status": "1", "stage": stage });
        integrations(json!({ "stages": [map] }))
    };
    let twice = json!({ "system": "amo", "pipeline": "1", "status": "1", "stage": "new" });
    let rule = |part: Json| {
        let mut rule =
            json!({ "on": "lead.created", "to": "owner", "template": "new_lead", "channel": "email" });
        merge(&mut rule, part);
        json!({ "notifications": { "rules": [rule] } })
    };
    for (changes, part) in [
        (integrations(json!({ "systems": [] })), "integrations.systems"),
        (integrations(json!({ "waiting_hours": 0 })), "integrations.waiting_hours"),
        (stage("nobody", "new"), "nobody"),
        (stage("amo", "nowhere"), "nowhere"),
        (integrations(json!({ "stages": [twice.clone(), twice] })), "is there twice"),
        (target(json!({ "system": "nobody" })), "integrations.targets.t.system"),
        (target(json!({ "events": ["people.created"] })), "integrations.targets.t.events"),
        (target(json!({ "events": ["lead.updated:colour"] })), "colour"),
        (target(json!({ "retry": "forever" })), "forever"),
        (target(json!({ "breaker": { "failures": 0 } })), "integrations.targets.t.breaker"),
        (integrations(json!({ "retries": { "http": { "factor": 0.5 } } })), "integrations.retries.http"),
        (rule(json!({ "on": "people.created" })), "people.created"),
        (rule(json!({ "channel": "pigeon" })), "pigeon"),
        (rule(json!({ "template": "nothing" })), "nothing"),
        (rule(json!({ "template": "hello" })), "number"),
        (rule(json!({ "priority": "whenever" })), "whenever"),
        (rule(json!({ "to": { "roles": ["king"] } })), "king"),
        (json!({ "notifications": { "attempts": 0 } }), "notifications.attempts"),
    ] {
        let found = faults(changes.clone());
        assert!(found.contains(part), "{changes}: {found}");
    }
    assert_eq!(faults(rule(json!({ "to": { "roles": ["owner"] }, "priority": "urgent" }))), "");
    assert_eq!(faults(target(json!({ "system": "amo", "retry": "http" }))), "");
}

#[test]
fn retries_are_data_and_the_usual_ones_are_there() {
    let usual = profile(json!({}));
    let part = usual.spec().integrations.as_ref().unwrap();
    assert_eq!(part.retry(&part.targets[0]), RetryRule::external_api());
    let mine = json!({ "attempts": 9, "base_ms": 10, "max_ms": 20, "factor": 1.5, "after": ["timeout"] });
    let own = profile(json!({ "integrations": {
        "retries": { "mine": mine },
        "targets": [{ "name": "a", "events": [], "retry": "mine" }, { "name": "b", "events": [], "retry": "database" }],
    } }));
    let part = own.spec().integrations.as_ref().unwrap();
    assert_eq!((part.retry(&part.targets[0]).attempts, part.retry(&part.targets[1]).attempts), (9, 5));
    assert_eq!(part.target(&word("b")).map(|target| target.events.len()), Some(0));
    let json = serde_json::to_string(own.spec()).unwrap();
    assert_eq!(Profile::from_json(&json).unwrap().spec(), own.spec(), "it survives JSON");
}

//! The profiles that sequences run under: the presets, and one with every module switched on to the full.
//!
//! Invariant: a profile is found by its name, and always the same.
#![expect(clippy::expect_used, reason = "a profile that is not sound is a failed test")]

use crm_core::Profile;
use crm_core::profile::{IntegrationsSpec, NotificationsSpec};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

/// The name of a profile that has every module, targets with a breaker, few attempts, and requirements.
pub const EVERYTHING: &str = "everything";

/// A profile by its name.
///
/// # Panics
/// There is none of this name.
#[must_use]
pub fn profile(name: &str) -> Profile {
    if name == EVERYTHING { everything() } else { Profile::preset(name).expect("a preset") }
}

fn section<T: DeserializeOwned>(document: Json) -> T {
    serde_json::from_value(document).expect("a section")
}

fn everything() -> Profile {
    let mut spec = Profile::preset("real_estate").expect("a preset").spec().clone();
    spec.leads = Some(section(json!({
        "stages": {
            "initial": "new",
            "states": [
                { "name": "new", "kind": "new", "to": ["work", "parked", "won", "lost"] },
                { "name": "work", "kind": "open", "to": ["parked", "won", "lost"], "requires": [{ "present": "phone" }] },
                { "name": "parked", "kind": "parked", "to": ["work", "lost"] },
                { "name": "won", "kind": "won", "to": ["work"] },
                { "name": "lost", "kind": "lost", "to": ["new"] }
            ]
        },
        "ratings": ["cold", "hot"], "sources": ["website", "walk_in"], "source": "website",
        "rating_moves_to": "work", "callback_moves_to": "work", "phones": "uz", "duplicates": "reject",
        "assignment": { "policy": "round_robin", "roles": ["sales", "mop"] }, "inactive_days": 1
    })));
    spec.fields.remove("lead.phone");
    spec.integrations = Some(section::<IntegrationsSpec>(json!({
        "systems": ["website", "amocrm"],
        "stages": [{ "system": "website", "pipeline": "1", "status": "7", "stage": "work" }],
        "waiting_hours": 6,
        "targets": [
            { "name": "amocrm", "system": "website", "events": ["lead.*", "contract.*"], "breaker": { "failures": 2, "open_seconds": 3600, "probe_seconds": 60 } },
            { "name": "books", "events": ["payment.*", "lead.created"], "retry": "http" }
        ]
    })));
    spec.notifications = Some(section::<NotificationsSpec>(json!({
        "channels": ["inside", "email"], "attempts": 2,
        "templates": [{ "name": "new_lead", "subject": "Lead", "message": "A lead of {{source}}" }],
        "rules": [
            { "on": "lead.created", "to": "owner", "template": "new_lead", "channel": "inside" },
            { "on": "lead.updated:stage", "to": { "roles": ["mop"] }, "template": "new_lead", "channel": "email", "priority": "high" }
        ]
    })));
    Profile::new(spec).expect("a profile")
}

//! The rules of leads and of callbacks, one test for each, named after the behaviour.

mod callbacks;
mod conversion;
mod known;
mod lists;
mod owners;
mod stages;

use std::sync::Arc;

use crm_core::{CreateLead, Error, Event, Lead, Profile};
use crm_core::{UpdateLead, describe};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::house::user;

/// Whose house it is.
pub(crate) struct Leads;
type House = super::house::House<Leads>;

/// Lines of a profile in which members have their own leads and managers all.
fn lines(leads: &Json) -> Json {
    let mut section = json!({
        "stages": {
            "initial": "new",
            "free": true,
            "states": [
                { "name": "new", "kind": "new" },
                { "name": "in_work", "kind": "open" },
                { "name": "processed", "kind": "open" },
                { "name": "waiting", "kind": "parked" },
                { "name": "bought", "kind": "won" },
                { "name": "gone", "kind": "lost" }
            ]
        },
        "ratings": ["cold", "warm", "hot"],
        "rating": "cold",
        "sources": ["site", "walk_in", "other"],
        "source": "other",
        "rating_moves_to": "processed",
        "callback_moves_to": "in_work",
        "phones": "uz",
        "inactive_days": 30
    });
    let said = leads.as_object().unwrap().clone();
    section.as_object_mut().unwrap().extend(said);
    let member = json!({
        "lead.read": "own", "lead.create": "all", "lead.update": "own", "lead.delete": "own", "lead.move": "own",
        "lead.take": "all", "lead.convert": "own"
    });
    json!({
        "extends": "general", "name": "leads", "leads": section,
        "ownership": { "lead": ["owner"], "task": ["assignee", "lead.owner"] },
        "roles": { "member": { "grants": member }, "manager": { "grants": { "lead.*": "all" } } }
    })
}

/// An organisation with an owner (1), a member (2) and a manager (3), under these lines.
fn house_under(lines: &Json) -> House {
    let profile = Profile::from_json(&lines.to_string()).unwrap();
    let house = House::open(profile, "2026-03-02T09:00:00Z");
    house.join(2, "member");
    house.join(3, "manager");
    house
}

/// The same with some lines about leads replaced.
fn house_with(leads: &Json) -> House {
    house_under(&lines(leads))
}

fn house() -> House {
    house_with(&json!({}))
}

impl House {
    /// A lead of this name, made by somebody, with these fields.
    fn lead_by(&self, number: u128, fields: Json) -> Result<Arc<Lead>, Error> {
        let mut fields = fields;
        if fields.get("name").is_none() {
            fields["name"] = json!("Ann Archer");
        }
        self.by(number, serde_json::from_value::<CreateLead>(fields).unwrap())
    }

    fn lead(&self, fields: Json) -> Arc<Lead> {
        self.lead_by(1, fields).unwrap()
    }

    fn set(&self, number: u128, lead: &Lead, fields: Json) -> Result<Arc<Lead>, Error> {
        let mut fields = fields;
        fields["id"] = json!(lead.id);
        self.by(number, serde_json::from_value::<UpdateLead>(fields).unwrap())
    }

    fn read<I: describe::Id>(&self, id: I) -> Arc<I::Entity> {
        now(self.crm.act(self.id, user(1)).get(id)).unwrap()
    }

    /// What other systems are told, by name, about everything so far.
    fn told(&self, name: &str) -> Vec<Event> {
        let events = now(self.crm.events(self.id, None, 10_000)).unwrap();
        events.into_iter().filter(|event| event.name == name).collect()
    }
}

fn code<T: std::fmt::Debug>(answer: Result<T, Error>) -> &'static str {
    answer.unwrap_err().code()
}

//! The rules of leads and of callbacks, one test for each, named after the behaviour.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test panics where it fails")]

mod callbacks;
mod conversion;
mod known;
mod lists;
mod owners;
mod stages;

use std::sync::Arc;

use crm_core::clock::ManualClock;
use crm_core::value::{OrganizationId, UserId, Uuid};
use crm_core::{AddMember, Command, CreateLead, CreateOrganization, Crm, Error, Event, Lead, Profile};
use crm_core::{UpdateLead, describe};
use crm_store_memory::MemoryStore;
use pollster::block_on as now;
use serde_json::{Value as Json, json};

struct House {
    crm: Crm,
    clock: Arc<ManualClock>,
    id: OrganizationId,
}

fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

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
    let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z".parse().unwrap()));
    let crm = Crm::new(Arc::new(MemoryStore::new()), profile).with_clock(clock.clone());
    let id = now(crm.register(user(1), CreateOrganization::new().name("House"))).unwrap().organization.id;
    let house = House { crm, clock, id };
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
    fn by<C: Command>(&self, number: u128, command: C) -> Result<C::Output, Error> {
        now(self.crm.act(self.id, user(number)).apply(command))
    }

    /// The founder does it.
    fn do_<C: Command>(&self, command: C) -> C::Output {
        self.by(1, command).unwrap()
    }

    fn join(&self, number: u128, role: &str) {
        self.do_(AddMember::with_id(user(number)).role(role));
    }

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

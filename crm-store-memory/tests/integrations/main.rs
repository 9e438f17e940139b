//! Other systems: references, the inbox, deliveries; and notifications.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test panics where it fails")]

mod bounds;
#[path = "../support/counting.rs"]
mod counting;
mod deliveries;
mod inbox;
mod notifications;
mod profiles;
mod races;

use std::sync::Arc;

use crm_core::clock::ManualClock;
use crm_core::integration::{IncomingEvent, Received};
use crm_core::store::Store;
use crm_core::value::{LeadId, OrganizationId, UserId, Uuid, Word};
use crm_core::{
    Actor, AddMember, Command, CreateOrganization, Crm, Delivery, Error, Incoming, Lead, List, Notification,
    Profile, ReceiveEvents, Reference, Session,
};
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

fn word(text: &str) -> Word {
    text.parse().unwrap()
}

/// What all tests here have: leads with four stages, a system `amo`, a target for what happens to leads.
fn lines() -> Json {
    json!({
        "extends": "general",
        "name": "house",
        "ownership": { "lead": ["owner"], "notification": ["user"] },
        "leads": { "stages": { "initial": "new", "states": [
            { "name": "new", "kind": "new", "to": ["contacted", "lost"] },
            { "name": "contacted", "kind": "open", "to": ["new", "lost"] },
            { "name": "lost", "kind": "lost", "to": ["new"] },
        ] } },
        "integrations": {
            "systems": ["amo", "sheets"],
            "stages": [
                { "system": "amo", "pipeline": "1", "status": "10", "stage": "new" },
                { "system": "amo", "pipeline": "1", "status": "20", "stage": "contacted" },
            ],
            "targets": [{ "name": "amo", "system": "amo", "events": ["lead.*"] }],
        },
        "notifications": {
            "channels": ["email", "telegram"],
            "templates": [
                { "name": "new_lead", "subject": "New lead", "message": "{{name}} is {{stage}}{{phone}} ({{event}})" },
                { "name": "hello", "subject": "Hello {{name}}", "message": "Dear {{name}}, your number is {{number}}." },
            ],
        },
    })
}

/// A profile of these lines, with some replaced.
fn profile(changes: Json) -> Profile {
    let mut all = lines();
    merge(&mut all, changes);
    Profile::from_json(&all.to_string()).unwrap()
}

fn merge(into: &mut Json, from: Json) {
    match (into, from) {
        (Json::Object(into), Json::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Json::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

/// An organisation with an owner (1), a member (2) and a viewer (3).
fn house_with(changes: Json) -> House {
    house_over(Arc::new(MemoryStore::new()), changes)
}

fn house_over(store: Arc<dyn Store>, changes: Json) -> House {
    let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z".parse().unwrap()));
    let crm = Crm::new(store, profile(changes)).with_clock(clock.clone());
    let id = now(crm.register(user(1), CreateOrganization::new().name("House"))).unwrap().organization.id;
    for (number, role) in [(2, "member"), (3, "viewer")] {
        now(crm.act(id, user(1)).apply(AddMember::with_id(user(number)).role(role))).unwrap();
    }
    House { crm, clock, id }
}

fn house() -> House {
    house_with(json!({}))
}

impl House {
    fn by<C: Command>(&self, number: u128, command: C) -> Result<C::Output, Error> {
        now(self.crm.act(self.id, user(number)).apply(command))
    }

    /// The founder does it.
    fn do_<C: Command>(&self, command: C) -> C::Output {
        self.by(1, command).unwrap()
    }

    /// The host itself, for a webhook or a worker.
    fn host(&self) -> Session<'_> {
        self.crm.act(self.id, Actor::System { reason: "webhook of amo".parse().unwrap() })
    }

    fn run<C: Command>(&self, command: C) -> Result<C::Output, Error> {
        now(self.host().apply(command))
    }

    fn receive(&self, events: Vec<IncomingEvent>) -> Received {
        self.run(ReceiveEvents { events }).unwrap()
    }

    /// Takes one event in, and says what became of it.
    fn fate(&self, event: IncomingEvent) -> &'static str {
        self.receive(vec![event]).items[0].fate.name()
    }

    fn leads(&self) -> Vec<Arc<Lead>> {
        now(self.host().list(List::<Lead>::new().first(100))).unwrap().items
    }

    /// The lead that `amo` calls so, if it is live.
    fn lead(&self, external_id: &str) -> Option<Arc<Lead>> {
        now(self.host().get(self.lead_id(external_id))).ok()
    }

    fn lead_id(&self, external_id: &str) -> LeadId {
        self.reference("lead", external_id).unwrap().lead.unwrap()
    }

    fn reference(&self, kind: &str, external_id: &str) -> Option<Arc<Reference>> {
        now(self.host().referred(&word("amo"), &word(kind), external_id)).unwrap()
    }

    fn inbox(&self) -> Vec<Arc<Incoming>> {
        now(self.host().list(List::<Incoming>::new().order_by("created_at", false).first(100))).unwrap().items
    }

    fn deliveries(&self) -> Vec<Arc<Delivery>> {
        now(self.host().list(List::<Delivery>::new().order_by("created_at", false).first(100))).unwrap().items
    }

    /// All of them, however many.
    fn all_deliveries(&self) -> Vec<Arc<Delivery>> {
        let page = |skip| now(self.host().list(List::<Delivery>::new().skip(skip, 100))).unwrap().items;
        [0, 100].into_iter().flat_map(page).collect()
    }

    fn notifications(&self) -> Vec<Arc<Notification>> {
        now(self.host().list(List::<Notification>::new().order_by("created_at", false).first(100)))
            .unwrap()
            .items
    }

    /// Moves the clock by seconds.
    fn later(&self, seconds: i64) {
        self.clock.advance(crm_core::value::TimeDelta::seconds(seconds));
    }
}

/// An event of `amo`, at a version.
fn event(kind: &str, action: &str, external_id: &str, version: i64, content: Json) -> IncomingEvent {
    IncomingEvent {
        system: "amo".to_owned(),
        kind: kind.to_owned(),
        action: action.to_owned(),
        external_id: external_id.to_owned(),
        remote_version: Some(version),
        content,
        ..IncomingEvent::default()
    }
}

fn add(external_id: &str, version: i64) -> IncomingEvent {
    let fields = json!({ "name": "Ann Archer", "phone": "+7 900 000 00 01" });
    event("lead", "add", external_id, version, json!({ "fields": fields }))
}

fn rename(external_id: &str, version: i64, name: &str) -> IncomingEvent {
    event("lead", "update", external_id, version, json!({ "fields": { "name": name } }))
}

fn moved(external_id: &str, version: i64, status: &str) -> IncomingEvent {
    event("lead", "status", external_id, version, json!({ "pipeline": 1, "status": status }))
}

fn plain(action: &str, external_id: &str, version: i64) -> IncomingEvent {
    event("lead", action, external_id, version, json!({}))
}

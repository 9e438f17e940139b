//! The rules of the `general` preset, and of profiles made from it, one test for each, named after the behaviour.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test panics where it fails")]

mod commands;
mod contacts;
mod deals;
mod fields;
mod imports;
mod people;
mod pipelines;
mod tasks;
mod timelines;

use std::sync::Arc;

use crm_core::clock::ManualClock;
use crm_core::value::{OrganizationId, UserId, Uuid};
use crm_core::{AddMember, Command, CreateOrganization, Crm, Error, Profile};
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

/// An organisation with an owner (1) and a member (2), under the preset with some lines replaced.
fn house_with(lines: Json) -> House {
    let mut lines = lines;
    lines["extends"] = json!("general");
    let profile = Profile::from_json(&lines.to_string()).unwrap();
    let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z".parse().unwrap()));
    let crm = Crm::new(Arc::new(MemoryStore::new()), profile).with_clock(clock.clone());
    let id = now(crm.register(user(1), CreateOrganization::new().name("House"))).unwrap().organization.id;
    now(crm.act(id, user(1)).apply(AddMember::with_id(user(2)).role("member"))).unwrap();
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

    fn join(&self, number: u128, role: &str) {
        self.do_(AddMember::with_id(user(number)).role(role));
    }
}

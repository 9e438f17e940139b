//! A sales office on a store, which commands are told to as JSON.
//!
//! Invariant: each command comes ten minutes after the one before it, and every answer is noted, refused ones too.

use std::sync::Arc;

use crm_core::clock::ManualClock;
use crm_core::describe::Json;
use crm_core::seed::SeededIds;
use crm_core::store::Store;
use crm_core::value::{OrganizationId, TimeDelta, UserId, Uuid};
use crm_core::{Actor, AddMember, Command, CreateOrganization, Crm, Profile, Session};
use crm_testkit::ready::now;
use serde::de::DeserializeOwned;
use serde_json::{Value as Document, json};

pub(crate) fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

/// An office on a store: an admin (1), two salespeople (2, 3), somebody in finance (4).
pub(crate) struct Office {
    pub(crate) crm: Crm,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) id: OrganizationId,
    /// All answers.
    pub(crate) told: Vec<String>,
    /// How many commands were not refused.
    pub(crate) done: usize,
}

impl Office {
    /// An office as most are.
    pub(crate) fn open(store: Arc<dyn Store>) -> Self {
        Self::under(store, Profile::preset("real_estate").unwrap(), 0)
    }

    /// The office of this number, under a profile. It makes other ids than those of other numbers.
    pub(crate) fn under(store: Arc<dyn Store>, profile: Profile, number: u8) -> Self {
        let clock = Arc::new(ManualClock::at("2026-01-31T09:00:00Z".parse().unwrap()));
        let crm = Crm::new(store, profile).with_clock(clock.clone());
        let crm = crm.with_ids(Arc::new(SeededIds::from_seed(7 + u64::from(number))));
        let id = OrganizationId::from_uuid(Uuid::from_u128(0x0F + u128::from(number)));
        now(crm.register(user(1), CreateOrganization::with_id(id).name("Office"))).unwrap();
        for (number, role) in [(2, "sales"), (3, "sales"), (4, "finance")] {
            now(crm.act(id, user(1)).apply(AddMember::with_id(user(number)).role(role))).unwrap();
        }
        Self { crm, clock, id, told: Vec::new(), done: 0 }
    }

    pub(crate) fn session(&self, by: u128) -> Session<'_> {
        let actor = if by == 0 { Actor::Anonymous } else { Actor::from(user(by)) };
        self.crm.act(self.id, actor)
    }

    /// Somebody does something; the answer is noted, whatever it is.
    pub(crate) fn tell<C: Command + DeserializeOwned>(&mut self, by: u128, what: Document) -> Document {
        self.clock.advance(TimeDelta::minutes(10));
        let command: C = serde_json::from_value(what).unwrap();
        let answer = now(self.session(by).apply(command));
        let answer = answer.map(|answer| serde_json::to_value(answer).unwrap());
        self.done += usize::from(answer.is_ok());
        let answer =
            answer.unwrap_or_else(|error| json!({ "refused": error.code(), "because": error.details() }));
        self.note(&answer);
        answer
    }

    pub(crate) fn note(&mut self, answer: &Document) {
        self.told.push(Json::new(answer.clone()).canonical());
    }
}

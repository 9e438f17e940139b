//! The world of these tests.

use crm_core::value::{Date, Decimal, Instant, Uuid};
use crm_core::{Command, CreateOrganization, Profile, Session};
use serde_json::{Value as Json, json};

pub(crate) use super::super::house::user;

/// Whose house it is.
pub(crate) struct Marketing;
pub(crate) type House = super::super::house::House<Marketing>;

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(crate) fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn profile() -> Json {
    let stage = |name: &str, kind: &str, to: &[&str]| json!({ "name": name, "kind": kind, "to": to });
    json!({
        "extends": "general", "name": "marketed",
        "roles": {
            "manager": { "grants": { "campaign.read": "all", "campaign.create": "all", "campaign.update": "own",
                "campaign.delete": "own", "cost.*": "all", "lead.*": "all", "attendance.*": "all" } },
            "member": { "grants": { "attendance.record": "own", "attendance.read": "own", "lead.read": "own" } },
        },
        "ownership": { "campaign": ["owner"], "lead": ["owner"], "attendance": ["member"] },
        "leads": {
            "stages": { "initial": "new", "states": [
                stage("new", "new", &["talking", "later", "bought", "gone"]),
                stage("talking", "open", &["new", "shown", "later", "bought", "gone"]),
                stage("shown", "open", &["talking", "later", "bought", "gone"]),
                stage("later", "parked", &["new", "talking", "gone"]),
                stage("bought", "won", &["talking"]),
                stage("gone", "lost", &["talking"]),
            ] },
            "sources": ["website", "instagram", "telegram"],
        },
        "marketing": { "platforms": ["instagram", "telegram"], "statuses": ["active", "paused", "completed"] },
        "attendance": { "statuses": ["present", "sick", "holiday"] },
    })
}

/// An organisation in Tashkent (UTC+5), at 14:00 on Monday, 5 January 2026, with an owner (1), managers (2, 4) and a
/// member (3).
pub(crate) fn house() -> House {
    house_with(&profile())
}

pub(crate) fn house_with(profile: &Json) -> House {
    let profile = Profile::from_json(&profile.to_string()).unwrap();
    let organization = CreateOrganization::new().time_zone("Asia/Tashkent");
    let house = House::found(profile, "2026-01-05T09:00:00Z", organization);
    for (number, role) in [(2, "manager"), (3, "member"), (4, "manager")] {
        house.join(number, role);
    }
    house
}

impl House {
    pub(crate) fn session(&self) -> Session<'_> {
        self.session_of(1)
    }

    pub(crate) fn session_of(&self, number: u128) -> Session<'_> {
        self.crm.act(self.id, user(number))
    }

    pub(crate) fn go_to(&self, time: &str) {
        self.clock.set(instant(time));
    }

    pub(crate) fn tell<C: Command>(&self, command: C) -> C::Output {
        self.by(1, command).unwrap()
    }
}

//! The coherent world that a sequence starts from.
//!
//! Invariant: an organisation is built by commands alone, with the same ids whatever its own id is.

use std::sync::Arc;

use crm_core::clock::ManualClock;
use crm_core::describe::Kind;
use crm_core::seed::SeededIds;
use crm_core::store::Store;
use crm_core::value::{OrganizationId, Uuid};
use crm_core::{CreateOrganization, Crm, Profile};
use serde_json::{Value as Json, json};

use super::registry::How;
use super::{Choice, Step, Who, id_of, member, run};
use crate::ready::now;

/// The member who was switched off.
pub(super) const INACTIVE: u8 = 5;
/// The member who was removed.
pub(super) const REMOVED: u8 = 6;
/// The user who never was a member.
pub(super) const STRANGER: u8 = 99;

/// How an engine is built over a store.
#[derive(Clone, Copy, Debug)]
pub struct Build {
    /// The preset, or what else [`profile`](super::profile) knows.
    pub preset: &'static str,
    /// With hints?
    pub hints: bool,
}

/// A store with an engine and organisations in it.
#[derive(Debug)]
pub struct World {
    /// The engine.
    pub crm: Crm,
    /// Its clock.
    pub clock: Arc<ManualClock>,
    /// Where the acting organisation is.
    pub home: OrganizationId,
}

/// The organisation in which sequences act.
pub const HOME: u128 = 0xA;
/// Its twin.
pub const TWIN: u128 = 0xB;

impl World {
    /// Builds organisations, each with the same ids, over an empty store. Sequences act in the last.
    ///
    /// # Panics
    /// The engine refuses what a world is made of.
    #[must_use]
    pub fn build(store: &Arc<dyn Store>, build: Build, organizations: &[u128]) -> Self {
        Self::under(store, &super::profile(build.preset), build.hints, organizations)
    }

    /// An organisation with nobody in it but its founder, and nothing at all; perhaps beside one that has everything that
    /// sequences name, under these very ids.
    ///
    /// # Panics
    /// The engine refuses what a world is made of.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a world that cannot be built is a failed test")]
    pub fn bare(store: &Arc<dyn Store>, build: Build, beside: bool) -> Self {
        let full: &[u128] = if beside { &[TWIN] } else { &[] };
        let world = Self::build(store, build, full);
        let home = OrganizationId::from_uuid(Uuid::from_u128(HOME));
        now(world.crm.register(member(0), CreateOrganization::with_id(home).name("House")))
            .expect("an organization");
        world.clock.advance_hours(1);
        Self { home, ..world }
    }

    /// The same under any profile whose words are those of a preset.
    ///
    /// # Panics
    /// The engine refuses what a world is made of.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a world that cannot be built is a failed test")]
    pub fn under(store: &Arc<dyn Store>, profile: &Profile, hints: bool, organizations: &[u128]) -> Self {
        let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z".parse().expect("a time")));
        let engine = |seed| {
            let crm = Crm::new(Arc::clone(store), profile.clone())
                .with_clock(clock.clone())
                .with_ids(Arc::new(SeededIds::from_seed(seed)));
            if hints { crm } else { crm.without_hints() }
        };
        let mut home = OrganizationId::from_uuid(Uuid::nil());
        for number in organizations {
            home = OrganizationId::from_uuid(Uuid::from_u128(*number));
            furnish(&engine(1), home);
        }
        Self { crm: engine(2), clock, home }
    }
}

/// Fills an organisation: members in all roles, one switched off, one removed; contacts, deals, tasks, a timeline.
#[expect(clippy::expect_used, reason = "a world that cannot be built is a failed test")]
fn furnish(crm: &Crm, home: OrganizationId) {
    now(crm.register(member(0), CreateOrganization::with_id(home).name("House"))).expect("an organization");
    let session = crm.act(home, Who::Member(0).actor());
    let tell = |command: &'static str, fields: Json| {
        let fields = fields.as_object().cloned().unwrap_or_default();
        let fields = fields.into_iter().map(|(name, value)| (&*name.leak(), Choice::Plain(value))).collect();
        let step = Step { who: Who::Member(0), command, fields, version: None, key: None };
        run(&session, &step, How::Apply)
    };
    let id = |kind, number| id_of(kind, number).to_string();
    let roles: Vec<_> = crm.profile().role_names().map(ToString::to_string).collect();
    for number in 1..=REMOVED {
        let role = roles.get(usize::from(number)).or(roles.first()).expect("a role");
        tell("create_member", json!({ "id": id(Kind::Membership, number), "role": role })).expect("a member");
    }
    tell("update_member", json!({ "id": id(Kind::Membership, INACTIVE), "active": false }))
        .expect("switched off");
    tell("remove_member", json!({ "id": id(Kind::Membership, REMOVED) })).expect("removed");
    let stages = json!([
        { "key": "first", "probability": 10 }, { "key": "second", "requires": [{ "positive": "amount" }] },
        { "key": "won", "kind": "won" }, { "key": "lost", "kind": "lost" }, { "key": "closed", "kind": "closed" }
    ]);
    for number in 0..3 {
        let line =
            json!({ "id": id(Kind::Pipeline, number), "name": format!("Line {number}"), "stages": stages });
        tell("create_pipeline", line).expect("a pipeline");
    }
    for number in 0..4 {
        let key = id(Kind::Contact, number);
        let email = format!("contact{number}@example.com");
        let whole = tell("create_contact", json!({ "id": key, "name": "Иван Петров", "email": email }));
        let parts = json!({ "id": key, "first_name": "Иван", "last_name": "Петров", "email": email });
        whole.or_else(|_| tell("create_contact", parts)).expect("a contact");
    }
    for number in 0..5 {
        let base = json!({ "id": id(Kind::Deal, number), "title": format!("Deal {number}"), "amount": 100, "contact": id(Kind::Contact, number % 3) });
        let placed = with(&base, "pipeline", json!(id(Kind::Pipeline, number % 2)));
        tell("create_deal", placed).or_else(|_| tell("create_deal", base)).expect("a deal");
    }
    let _ = tell("transition_deal", json!({ "id": id(Kind::Deal, 3), "status": "in_progress" }));
    for (number, command) in [(3, "win_deal"), (4, "lose_deal")] {
        let plain = json!({ "id": id(Kind::Deal, number) });
        let because = with(&plain, "reason", json!("Roof"));
        tell(command, plain).or_else(|_| tell(command, because)).expect("a closed deal");
    }
    for number in 0..3 {
        let task = json!({ "id": id(Kind::Task, number), "title": "Call", "deal": id(Kind::Deal, number), "due_date": "2026-03-09" });
        let mut timed = task.clone();
        timed.as_object_mut().map(|task| task.remove("due_date"));
        tell("create_task", task).or_else(|_| tell("create_task", timed)).expect("a task");
    }
    let note = |word: &str| json!({ "deal": id(Kind::Deal, 0), "kind": word, "body": "Hello", "id": id(Kind::Activity, 0) });
    let titled = with(&note("note"), "title", json!("Hello"));
    tell("create_activity", note("comment")).or_else(|_| tell("create_activity", titled)).expect("an entry");
    super::furnish::modules(crm, &tell);
}

/// One field more.
pub(super) fn with(fields: &Json, name: &str, value: Json) -> Json {
    let mut fields = fields.clone();
    if let Some(fields) = fields.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
    fields
}

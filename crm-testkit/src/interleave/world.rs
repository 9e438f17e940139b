//! A small coherent world, kept as the commits that make it.
//!
//! It is decided once, by the engine, and built again for every order by committing the same change sets to an empty
//! store: that is fast, works with every store, and makes every build the same.
//!
//! Invariant: ids are numbers that the catalogue knows; the clock stands still.

use std::collections::BTreeSet;
use std::sync::Arc;

use crm_core::clock::ManualClock;
use crm_core::describe::Kind;
use crm_core::draft::{ChangeSet, IdempotencyKey, UniqueKey};
use crm_core::seed::SeededIds;
use crm_core::store::{Commit, Store, Tenant};
use crm_core::value::{ContactId, DealId, Instant, OrganizationId, PipelineId, TaskId, UserId, Uuid, normal};
use crm_core::{CreateOrganization, Crm, Import, Profile, Stage};
use serde_json::{Value as Json, json};

use crate::capture::Capture;

/// When everything happens.
const NOW: &str = "2026-03-02T09:00:00Z";

/// E-mail addresses that the catalogue fights about.
pub(super) const EMAILS: [&str; 4] =
    ["taken@example.com", "free@example.com", "gone@example.com", "other@example.com"];

/// A small coherent world under one profile.
#[derive(Debug)]
pub struct World {
    profile: Profile,
    base: Crm,
    commits: Vec<ChangeSet>,
    pub(super) pipeline: PipelineId,
}

/// The ids of the world.
pub(super) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(super) fn user(number: u128) -> UserId {
    UserId::from_uuid(id(0xF000 + number))
}

pub(super) fn contact(number: u128) -> ContactId {
    ContactId::from_uuid(id(0xC000 + number))
}

pub(super) fn deal(number: u128) -> DealId {
    DealId::from_uuid(id(0xD000 + number))
}

pub(super) fn task(number: u128) -> TaskId {
    TaskId::from_uuid(id(0xE000 + number))
}

pub(super) fn pipeline(number: u128) -> PipelineId {
    PipelineId::from_uuid(id(0xB000 + number))
}

pub(super) const HOUSE: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(0xA001));
/// An organisation that is not there until somebody founds it.
pub(super) const NEW_HOUSE: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(0xA002));

/// The stages of every pipeline but the profile's own.
pub(super) fn stages() -> Vec<Stage> {
    let stages = serde_json::json!([
        { "key": "first", "probability": 10 }, { "key": "second", "probability": 50 },
        { "key": "third" }, { "key": "won", "kind": "won" }, { "key": "lost", "kind": "lost" }
    ]);
    serde_json::from_value(stages).expect("stages")
}

impl World {
    /// Decides the world under a preset in an empty store, with unique e-mail addresses and pipeline names.
    ///
    /// # Panics
    /// The preset does not let the owner set up a house.
    pub async fn of_preset(preset: &str, store: Arc<dyn Store>) -> Self {
        let json = format!(
            r#"{{ "extends": "{preset}", "name": "interleaved", "unique": ["contact.email", "pipeline.name"] }}"#
        );
        let profile = Profile::from_json(&json).expect("a preset");
        let clock = Arc::new(ManualClock::at(Self::now()));
        let base = Crm::new(store.clone(), profile.clone()).with_clock(clock);
        let mut world = Self { profile, base, commits: Vec::new(), pipeline: pipeline(0) };
        world.found(&store).await;
        world.settle(&store).await;
        world
    }

    /// The time at which everything happens.
    pub(super) fn now() -> Instant {
        NOW.parse().expect("a time")
    }

    /// The profile.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    async fn found(&mut self, store: &Arc<dyn Store>) {
        let capture = Arc::new(Capture::before(store.clone()));
        let crm = self.engine(capture.clone(), 7);
        let founded = crm.register(user(1), CreateOrganization::with_id(HOUSE).name("House")).await;
        self.pipeline = founded.expect("a house").pipelines.first().expect("the profile's pipeline").id;
        let changes = capture.take().expect("founding writes");
        assert_eq!(store.commit(&changes).await.expect("the store commits"), Commit::Applied);
        self.commits.push(changes);
    }

    /// Brings everybody and everything in.
    async fn settle(&mut self, store: &Arc<dyn Store>) {
        let rows = rows(&self.profile);
        let count = rows.len();
        let import = Import { rows };
        let plan = self.base.act(HOUSE, user(1)).plan(&import).await.expect("the store answers");
        let report = plan.verdict().expect("the owner may bring rows in");
        assert_eq!(report.imported(), count, "{:?}", report.rejected().collect::<Vec<_>>());
        let changes = plan.change_set().cloned().expect("possible");
        assert_eq!(store.commit(&changes).await.expect("the store commits"), Commit::Applied);
        self.commits.push(changes);
    }

    /// Commits the world to an empty store.
    pub(super) async fn build(&self, store: &dyn Store) {
        for changes in &self.commits {
            assert_eq!(store.commit(changes).await.expect("the store commits"), Commit::Applied);
        }
    }

    /// The engine with ids that are the same each time.
    pub(super) fn lent(&self, seed: u64) -> Crm {
        self.base.clone().with_ids(Arc::new(SeededIds::from_seed(seed)))
    }

    /// The same over a store of its own: only that can found an organisation.
    pub(super) fn engine(&self, store: Arc<dyn Store>, seed: u64) -> Crm {
        let clock = Arc::new(ManualClock::at(Self::now()));
        Crm::new(store, self.profile.clone()).with_clock(clock).with_ids(Arc::new(SeededIds::from_seed(seed)))
    }

    /// The organisations that the catalogue touches.
    pub(super) fn tenants(&self) -> [Tenant; 2] {
        [Tenant::of(HOUSE), Tenant::of(NEW_HOUSE)]
    }

    /// The unique keys that the catalogue fights about.
    pub(super) fn claims(&self) -> BTreeSet<UniqueKey> {
        let key = |kind: Kind, name: &str, value: &str| {
            let (field, _) = kind.field(name).expect("a field");
            UniqueKey { kind, field, value: normal(value).into() }
        };
        let emails = EMAILS.iter().map(|email| key(Kind::Contact, "email", email));
        let names = ["Line 1", "Line 2", "Gone", "New"].map(|name| key(Kind::Pipeline, "name", name));
        emails.chain(names).collect()
    }

    /// The idempotency key that the catalogue fights about.
    pub(super) fn idempotency(&self) -> IdempotencyKey {
        let operation = "create_contact".to_owned();
        IdempotencyKey { actor: user(1).into(), operation, key: "k".to_owned() }
    }

    /// Is a field used under the profile?
    pub(super) fn uses(&self, kind: Kind, name: &str) -> bool {
        kind.field(name).is_some_and(|(field, _)| self.profile.uses(kind, field))
    }
}

/// People, pipelines, contacts, deals, tasks; some of everything open, ended and deleted.
fn rows(profile: &Profile) -> Vec<Json> {
    let (open, todo) = (&profile.spec().deals.status.initial, &profile.spec().tasks.status.initial);
    let seat = |number: u128, role: &str| json!({ "record": "membership", "id": user(number), "role": role });
    let line = |number: u128, name: &str| json!({ "record": "pipeline", "id": pipeline(number), "name": name, "stages": stages() });
    let person = |number: u128, owner: u128, email: &str| {
        json!({ "record": "contact", "id": contact(number), "kind": "person", "name": "Contact",
            "email": email, "owner": user(owner) })
    };
    let sale = |number: u128, owner: u128, of: u128, stage: &str| {
        json!({ "record": "deal", "id": deal(number), "title": "Deal", "contact": contact(of), "owner": user(owner),
            "amount": "10.00", "currency": "USD", "pipeline": pipeline(1), "stage": stage, "status": open })
    };
    let job = |number: u128, of: u128| json!({ "record": "task", "id": task(number), "title": "Task", "deal": deal(of), "status": todo });
    vec![
        seat(2, "owner"),
        seat(3, "manager"),
        seat(4, "member"),
        seat(5, "member"),
        deleted(seat(6, "member")),
        line(1, "Line 1"),
        line(2, "Line 2"),
        deleted(line(3, "Gone")),
        person(1, 1, EMAILS[0]),
        person(2, 4, "two@example.com"),
        deleted(person(3, 2, EMAILS[2])),
        person(4, 4, "four@example.com"),
        sale(1, 1, 1, "first"),
        sale(2, 4, 1, "first"),
        with(with(sale(3, 1, 1, "won"), "status", "won"), "outcome", "won"),
        with(with(sale(4, 1, 1, "lost"), "status", "lost"), "outcome", "lost"),
        deleted(sale(5, 1, 1, "first")),
        sale(6, 4, 4, "first"),
        job(1, 1),
        deleted(job(2, 1)),
        job(3, 2),
        deleted(
            json!({ "record": "activity", "id": id(1), "kind": "comment", "body": "Hello", "deal": deal(5) }),
        ),
    ]
}

fn with(mut row: Json, field: &str, value: &str) -> Json {
    if let Some(object) = row.as_object_mut() {
        object.insert(field.to_owned(), value.into());
    }
    row
}

/// A row as one command deleted it with all others.
fn deleted(row: Json) -> Json {
    with(with(row, "deleted_at", NOW), "deleted_by", id(0xDEAD).to_string().as_str())
}

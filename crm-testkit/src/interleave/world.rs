//! A small coherent world, kept as the commits that make it.
//!
//! It is decided once, by the engine, and built again for every order by committing the same change sets to an empty
//! store: that is fast, works with every store, and makes every build the same.
//!
//! Invariant: ids are numbers that the catalogue knows; the clock stands still.

use std::collections::BTreeSet;
use std::sync::Arc;

use crm_core::clock::ManualClock;
use crm_core::command::Command;
use crm_core::describe::Kind;
use crm_core::draft::{ChangeSet, IdempotencyKey, UniqueKey};
use crm_core::seed::SeededIds;
use crm_core::store::{Commit, Store, Tenant};
use crm_core::value::{
    ActivityId, ContactId, DealId, Instant, OrganizationId, PipelineId, TaskId, UserId, Uuid, normal,
};
use crm_core::{
    AddActivity, AddMember, CreateContact, CreateDeal, CreateOrganization, CreatePipeline, CreateTask, Crm,
    DeleteContact, DeleteDeal, DeletePipeline, DeleteTask, LoseDeal, Profile, RemoveMember, Stage, WinDeal,
};

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
        let capture = Arc::new(Capture::over(store.clone()));
        let crm = self.engine(capture.clone(), 7);
        let founded = crm.register(user(1), CreateOrganization::with_id(HOUSE).name("House")).await;
        self.pipeline = founded.expect("a house").pipelines.first().expect("the profile's pipeline").id;
        let changes = capture.take().expect("founding writes");
        assert_eq!(store.commit(&changes).await.expect("the store commits"), Commit::Applied);
        self.commits.push(changes);
    }

    async fn write<C: Command>(&mut self, store: &Arc<dyn Store>, actor: UserId, command: C) {
        let session = self.base.act(HOUSE, actor);
        let plan = session.plan(&command).await.expect("the store answers");
        if let Err(refused) = plan.verdict() {
            panic!("{command:?} is refused while the world is made: {refused}");
        }
        let changes = plan.change_set().cloned().expect("possible");
        assert_eq!(store.commit(&changes).await.expect("the store commits"), Commit::Applied);
        self.commits.push(changes);
    }

    /// People, contacts, deals, tasks; some of everything open, ended, deleted.
    async fn settle(&mut self, store: &Arc<dyn Store>) {
        let (ada, ben) = (user(1), user(2));
        for (number, role) in [(2, "owner"), (3, "manager"), (4, "member"), (5, "member"), (6, "member")] {
            self.write(store, ada, AddMember::with_id(user(number)).role(role)).await;
        }
        self.write(store, ada, RemoveMember { id: user(6), successor: None }).await;
        for number in 1..=2 {
            let create = CreatePipeline::with_id(pipeline(number)).name(format!("Line {number}").as_str());
            self.write(store, ada, create.stages(stages())).await;
        }
        self.write(store, ada, CreatePipeline::with_id(pipeline(3)).name("Gone").stages(stages())).await;
        self.write(store, ada, DeletePipeline::of(pipeline(3))).await;
        for (number, owner, email) in [
            (1, ada, EMAILS[0]),
            (2, user(4), "two@example.com"),
            (3, ben, EMAILS[2]),
            (4, user(4), "four@example.com"),
        ] {
            let create = CreateContact::with_id(contact(number)).name("Contact").email(email);
            self.write(store, owner, create).await;
        }
        self.write(store, ben, DeleteContact::of(contact(3))).await;
        for (number, owner) in [(1, ada), (2, user(4)), (3, ada), (4, ada), (5, ada), (6, user(4))] {
            let create = CreateDeal::with_id(deal(number)).title("Deal").amount(10);
            let create = create.contact(contact(if number == 6 { 4 } else { 1 })).pipeline(pipeline(1));
            self.write(store, owner, create).await;
        }
        self.write(store, ada, WinDeal { id: deal(3) }).await;
        self.write(store, ada, LoseDeal { id: deal(4), reason: None }).await;
        for (number, of) in [(1, 1), (2, 1), (3, 2)] {
            let create = CreateTask::with_id(task(number)).title("Task").deal(deal(of));
            self.write(store, ada, create).await;
        }
        self.write(store, ada, DeleteTask::of(task(2))).await;
        let comment =
            AddActivity::with_id(ActivityId::from_uuid(id(1))).kind("comment").body("Hello").deal(deal(5));
        self.write(store, ada, comment).await;
        self.write(store, ada, DeleteDeal::of(deal(5))).await;
    }

    /// Commits the world to an empty store.
    pub(super) async fn build(&self, store: &dyn Store) {
        for changes in &self.commits {
            assert_eq!(store.commit(changes).await.expect("the store commits"), Commit::Applied);
        }
    }

    /// The engine of one of the two commands, over its capture: its ids are its own, and the same each time.
    pub(super) fn engine(&self, capture: Arc<Capture>, turn: usize) -> Crm {
        let ids = Arc::new(SeededIds::from_seed(1_000 + turn as u64));
        let clock = Arc::new(ManualClock::at(Self::now()));
        Crm::new(capture, self.profile.clone()).with_clock(clock).with_ids(ids)
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

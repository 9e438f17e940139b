//! An organisation with one of everything, made anew for each run from a kept export.
//!
//! Its clock stands still and its ids come from a number, so a run can be repeated.
//! Invariant: what was refused leaves the world's export as it was, and what was answered was first planned.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use crm_core::access::Actor;
use crm_core::clock::ManualClock;
use crm_core::describe::Record;
use crm_core::profile::PRESETS;
use crm_core::seed::SeededIds;
use crm_core::value::{ContactId, DealId, OrganizationId, PipelineId, TaskId, UserId, Uuid};
use crm_core::{
    AddMember, Class, Command, CreateContact, CreateDeal, CreateOrganization, CreatePipeline, CreateTask,
    Crm, Import, Profile, RowOutcome, Session, Stage,
};
use crm_store_memory::MemoryStore;
use pollster::block_on as now;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Document;

use crate::is_written_the_same_again;

/// When the worlds were made, and when a target acts in them. Ids carry their time, so these never meet those.
const MADE: &str = "2026-03-02T08:00:00Z";
const NOW: &str = "2026-03-02T09:00:00Z";

/// Each preset, with the export of an organisation under it.
static BEGINNINGS: LazyLock<Vec<Beginning>> =
    LazyLock::new(|| PRESETS.iter().map(|preset| Beginning::of(preset)).collect());

struct Beginning {
    preset: &'static str,
    profile: Profile,
    full: String,
}

/// As much of an export as the targets look at.
#[derive(Deserialize)]
struct File {
    organizations: BTreeMap<OrganizationId, Contents>,
}

#[derive(Deserialize)]
struct Contents {
    records: Vec<Document>,
}

/// A store with an organisation in it, and an engine.
pub struct World {
    crm: Crm,
    store: Arc<MemoryStore>,
    /// The export when a command was last accepted; making one costs more than most commands.
    kept: RefCell<String>,
}

impl World {
    /// With a contact, a deal, a task, two pipelines and a member of every role. Unknown presets are the first.
    pub fn new(preset: &str) -> Self {
        let beginning = beginning(preset);
        let store = MemoryStore::import(&beginning.full).expect("an export of this store");
        Self::over(store, beginning.profile.clone(), NOW)
    }

    fn over(store: MemoryStore, profile: Profile, at: &str) -> Self {
        let store = Arc::new(store);
        let clock = ManualClock::at(at.parse().expect("a time"));
        let ids = SeededIds::from_seed(7);
        let crm = Crm::new(store.clone(), profile).with_clock(Arc::new(clock)).with_ids(Arc::new(ids));
        let kept = RefCell::new(store.export().expect("a world has a JSON form"));
        Self { crm, store, kept }
    }

    /// The name of the preset with this number; numbers go round.
    pub fn preset(number: u8) -> &'static str {
        PRESETS[usize::from(number) % PRESETS.len()]
    }

    /// Somebody: the host, or the first member of a role of the profile; numbers go round.
    pub fn somebody(&self, number: u8) -> Actor {
        let roles = self.crm.profile().role_names().count();
        match usize::from(number) % (roles + 1) {
            0 => host(),
            role => user(role as u128).into(),
        }
    }

    /// Acts in the organisation.
    pub fn act(&self, actor: impl Into<Actor>) -> Session<'_> {
        self.crm.act(organization(), actor)
    }

    /// Everything in the store.
    fn export(&self) -> String {
        self.store.export().expect("a world has a JSON form")
    }

    /// Every record, as an export writes it.
    pub fn records(&self) -> Vec<Document> {
        let file: File = serde_json::from_str(&self.kept.borrow()).expect("an export is JSON");
        file.organizations.into_values().flat_map(|contents| contents.records).collect()
    }

    /// Plans a command, and then applies it. The plan tells what applying does; a plan, and a refusal, leave the store as
    /// it was. The answer comes back from its JSON.
    pub fn apply<C: Command + Clone>(&self, actor: Actor, command: &C) -> Option<C::Output> {
        let session = self.act(actor);
        let plan = now(session.plan(command)).unwrap_or_else(|error| panic!("{command:?}: {error}"));
        match now(session.apply(command.clone())) {
            Err(error) => {
                assert!(
                    !matches!(error.class(), Class::Internal | Class::Unavailable),
                    "{command:?}: {error}"
                );
                assert_eq!(self.export(), *self.kept.borrow(), "{command:?} was refused and wrote: {error}");
                let planned = plan.verdict().expect_err("a plan refuses what is refused").to_string();
                assert_eq!(planned, error.to_string());
                None
            }
            Ok(output) => {
                assert!(plan.is_possible(), "{command:?} was planned as refused");
                is_written_the_same_again(&output);
                self.kept.replace(self.export());
                Some(output)
            }
        }
    }

    /// What is in the store can be kept in a file.
    pub fn is_sound(&self) {
        let export = self.kept.borrow().clone();
        let again = MemoryStore::import(&export).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            again.export().expect("a world has a JSON form"),
            export,
            "an export comes back as itself"
        );
    }
}

/// What an import wrote can be imported elsewhere in the form in which it goes out, and is the same there. The second
/// world has what the first had before the import.
pub fn accepted_by_its_own_import(preset: &str, imported: &[Document]) {
    let second = World::new(preset);
    let before = second.records();
    let import = Import { rows: imported.to_vec() };
    let report = second.apply(host(), &import).expect("what went out can come in");
    for (row, said) in imported.iter().zip(&report.rows) {
        assert_eq!(said.outcome, RowOutcome::Imported, "{row}");
    }
    let after: Vec<_> = second.records().into_iter().filter(|record| !before.contains(record)).collect();
    let sorted = |rows: &[Document]| {
        let mut texts: Vec<String> = rows.iter().map(Document::to_string).collect();
        texts.sort();
        texts
    };
    assert_eq!(sorted(&after), sorted(imported));
}

/// A command, or whatever else, from a request's body. It comes back from the JSON that it is written as.
pub fn from_body<T: DeserializeOwned + serde::Serialize>(body: &str) -> Option<T> {
    let read: T = serde_json::from_str(body).ok()?;
    is_written_the_same_again(&read);
    Some(read)
}

/// Every record of the export comes back from its JSON.
pub fn is_a_record(document: &Document) -> Record {
    let record: Record =
        serde_json::from_value(document.clone()).unwrap_or_else(|error| panic!("{error}: {document}"));
    assert_eq!(&serde_json::to_value(&record).expect("a record has a JSON form"), document);
    record
}

fn beginning(preset: &str) -> &'static Beginning {
    BEGINNINGS.iter().find(|known| known.preset == preset).unwrap_or(&BEGINNINGS[0])
}

/// The host itself, which may do what the profile grants the system.
pub fn host() -> Actor {
    Actor::System { reason: "it was asked".parse().expect("a reason") }
}

fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn user(number: u128) -> UserId {
    UserId::from_uuid(uuid(number))
}

fn organization() -> OrganizationId {
    OrganizationId::from_uuid(uuid(0x10))
}

impl Beginning {
    fn of(preset: &'static str) -> Self {
        let profile = Profile::preset(preset).expect("a preset");
        let world = World::over(MemoryStore::new(), profile.clone(), MADE);
        let house = CreateOrganization::with_id(organization()).name("House");
        now(world.crm.register(user(1), house)).expect("a new organisation");
        world.furnish();
        Self { preset, profile, full: world.export() }
    }
}

impl World {
    /// Presets differ in what they have and demand; of each noun the first form that is accepted is taken.
    fn furnish(&self) {
        let owner = self.act(user(1));
        for (place, role) in self.crm.profile().role_names().enumerate().skip(1) {
            let add = AddMember::with_id(user(place as u128 + 1)).role(role.as_str());
            now(owner.apply(add)).expect("a member");
        }
        let stages = ["first", "second", "third"]
            .map(|key| Stage::open(key.parse().expect("a word"), crm_core::describe::Percent::default()));
        let pipeline = CreatePipeline::with_id(PipelineId::from_uuid(uuid(0xb1)));
        _ = now(owner.apply(pipeline.name("Second").stages(stages.to_vec())));
        let contact = || CreateContact::with_id(ContactId::from_uuid(uuid(0xc1)));
        let person = contact().first_name("Ann").last_name("Archer").email("ann@example.com");
        let plain = contact().name("Ann Archer").email("ann@example.com");
        now(owner.apply(plain)).or_else(|_| now(owner.apply(person))).expect("a contact");
        let deal = || {
            let deal = CreateDeal::with_id(DealId::from_uuid(uuid(0xd1)));
            deal.title("Roof").contact(ContactId::from_uuid(uuid(0xc1))).amount(100)
        };
        now(owner.apply(deal())).expect("a deal");
        let task = || {
            let task = CreateTask::with_id(TaskId::from_uuid(uuid(0xe1)));
            task.title("Call").deal(DealId::from_uuid(uuid(0xd1)))
        };
        let due = || task().due_date("2026-03-09".parse::<crm_core::value::Date>().expect("a day"));
        now(owner.apply(task().assignee(user(1)))).or_else(|_| now(owner.apply(due()))).expect("a task");
    }
}

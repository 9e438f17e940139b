//! Every type of command, each with some that it fights with and many that it does not.
//!
//! Invariant: each entry decides alone, from its own values; nothing is drawn or counted.

use std::future::IntoFuture;
use std::sync::Arc;

use crm_core::access::Actor;
use crm_core::command::Command;
use crm_core::describe::Kind;
use crm_core::value::{ActivityId, ContactId, DealId, Patch, PipelineId, TaskId, UserId, Word};
use crm_core::{
    Activity, AddActivity, AddMember, AddStage, ArchiveDeal, Batch, ChangeMember, CompleteTask,
    CreateContact, CreateDeal, CreateOrganization, CreatePipeline, CreateTask, Delete, DeleteContact,
    DeleteDeal, DeleteOrganization, DeletePipeline, DeleteTask, EditStage, Import, LeaveOrganization,
    LoseDeal, Membership, MoveDeal, RemoveMember, RemoveStage, ReopenDeal, ReopenTask, ReorderStages,
    Restore, RestoreContact, RestoreDeal, RestorePipeline, RestoreTask, Stage, TransitionDeal, Update,
    UpdateContact, UpdateDeal, UpdateOrganization, UpdatePipeline, UpdateTask, WinDeal,
};
use serde_json::{Value as Json, json};

use super::world::{EMAILS, HOUSE, NEW_HOUSE, World, contact, deal, id, pipeline, stages, task, user};
use super::{Deciding, Move};
use crate::capture::Capture;

const ADA: u128 = 1;
const BEN: u128 = 2;
const MEMBER: u128 = 4;
const OTHER: u128 = 5;
const LEFT: u128 = 6;
const NEW: u128 = 7;

/// Under which conditions a command is given.
#[derive(Clone, Copy, Default)]
struct Terms {
    version: Option<u64>,
    key: Option<&'static str>,
}

/// Collects the moves of a catalogue.
struct Moves(Vec<Move>);

impl Moves {
    fn push<C: Command + 'static>(
        &mut self,
        actor: impl Into<Actor>,
        name: &str,
        terms: Terms,
        make: impl Fn() -> C + 'static,
    ) {
        let actor = actor.into();
        let decide = move |world: &World, capture: Arc<Capture>, seed| -> Deciding {
            let (crm, actor, command) = (world.lent(seed), actor.clone(), make());
            Box::pin(async move {
                let session = crm.act_on(&*capture, HOUSE, actor);
                let mut apply = session.apply(command);
                if let Some(version) = terms.version {
                    apply = apply.if_version(version);
                }
                if let Some(key) = terms.key {
                    apply = apply.with_key(key);
                }
                apply.into_future().await.map(|output| serde_json::to_value(output).unwrap_or_default())
            })
        };
        self.0.push(Move { name: name.to_owned(), place: self.0.len(), decide: Box::new(decide) });
    }

    /// A command of the owner Ada.
    fn ada<C: Command + 'static>(&mut self, name: &str, make: impl Fn() -> C + 'static) {
        self.push(user(ADA), name, Terms::default(), make);
    }

    /// A command of somebody else.
    fn by<C: Command + 'static>(&mut self, actor: u128, name: &str, make: impl Fn() -> C + 'static) {
        self.push(user(actor), name, Terms::default(), make);
    }

    /// The founding of a house.
    fn register(&mut self, founder: UserId, name: &str) {
        let decide = move |world: &World, capture: Arc<Capture>, seed| -> Deciding {
            let crm = world.engine(capture, seed);
            Box::pin(async move {
                let founded =
                    crm.register(founder, CreateOrganization::with_id(NEW_HOUSE).name("New")).await?;
                Ok(serde_json::to_value(founded).unwrap_or_default())
            })
        };
        self.0.push(Move { name: name.to_owned(), place: self.0.len(), decide: Box::new(decide) });
    }
}

fn word(text: &str) -> Word {
    text.parse().expect("a word")
}

/// The moves that are run against each other.
///
/// # Panics
/// Never: its own words are sound.
#[must_use]
pub fn catalogue(world: &World) -> Vec<Move> {
    let mut moves = Moves(Vec::new());
    members(&mut moves);
    organizations(&mut moves);
    pipelines(&mut moves);
    deals(&mut moves, world);
    contacts(&mut moves);
    tasks(&mut moves, world);
    timelines_and_more(&mut moves);
    moves.0
}

fn members(moves: &mut Moves) {
    moves.ada("Ada demotes Ben", || ChangeMember::of(user(BEN)).role("member"));
    moves.by(BEN, "Ben demotes Ada", || ChangeMember::of(user(ADA)).role("member"));
    moves.ada("Ada removes Ben", || RemoveMember { id: user(BEN), successor: None });
    moves.by(BEN, "Ben removes Ada", || RemoveMember { id: user(ADA), successor: Some(user(BEN)) });
    moves.ada("Ada leaves", || LeaveOrganization { successor: None });
    moves.by(BEN, "Ben leaves", || LeaveOrganization { successor: Some(user(ADA)) });
    moves.ada("Ada switches Ben off", || ChangeMember::of(user(BEN)).active(false));
    moves.by(BEN, "Ben deletes Ada's membership", || Delete::<Membership>::of(user(ADA)));
    moves.by(BEN, "Ben switches the member off", || ChangeMember::of(user(MEMBER)).active(false));
    moves.ada("Ada removes the member, with a successor", || RemoveMember {
        id: user(MEMBER),
        successor: Some(user(OTHER)),
    });
    moves.by(BEN, "Ben removes the successor", || RemoveMember { id: user(OTHER), successor: None });
    moves.ada("Ada makes the member a manager", || ChangeMember::of(user(MEMBER)).role("manager"));
    moves.by(MEMBER, "the member leaves", || LeaveOrganization { successor: None });
    moves.ada("Ada adds somebody", || AddMember::with_id(user(NEW)).role("member"));
    moves.by(BEN, "Ben adds them too", || AddMember::with_id(user(NEW)).role("manager"));
    moves.ada("Ada adds who had left", || AddMember::with_id(user(LEFT)).role("owner"));
    moves.by(BEN, "Ben restores who had left", || Restore::<Membership>::of(user(LEFT)));
}

fn organizations(moves: &mut Moves) {
    moves.ada("settings", || UpdateOrganization::of(HOUSE).name("Renamed").default_currency("EUR"));
    moves.by(BEN, "the time zone", || UpdateOrganization::of(HOUSE).time_zone("Asia/Tokyo"));
    moves.ada("another default pipeline", || UpdateOrganization::of(HOUSE).default_pipeline(pipeline(2)));
    moves.ada("switched off", || UpdateOrganization::of(HOUSE).active(false));
    moves.by(BEN, "the house is deleted", || DeleteOrganization::of(HOUSE));
    moves.register(user(ADA), "Ada founds a house");
    moves.register(user(BEN), "Ben founds the same house");
}

fn pipelines(moves: &mut Moves) {
    let new = |number| move || CreatePipeline::with_id(pipeline(number)).name("New").stages(stages());
    moves.ada("a new pipeline", new(8));
    moves.by(BEN, "another of its name", new(9));
    moves.ada("a pipeline gets that name", || UpdatePipeline::of(pipeline(2)).name("new"));
    moves.ada("a pipeline is deleted", || DeletePipeline::of(pipeline(2)));
    moves.by(BEN, "a pipeline comes back", || RestorePipeline::of(pipeline(3)));
    moves.ada("a stage more", || AddStage {
        pipeline: pipeline(1),
        stage: Stage::open(word("fourth"), crm_core::describe::Percent::default()),
        before: Some(word("second")),
    });
    moves.ada("a stage is relabelled", || EditStage {
        label: Patch::Set("First".parse().expect("a label")),
        ..EditStage::of(pipeline(1), word("first"))
    });
    moves.by(BEN, "stages in another order", || ReorderStages {
        pipeline: pipeline(1),
        order: ["second", "first", "third", "won", "lost"].map(word).into(),
    });
    let remove = |number, stage: &'static str, to: Option<&'static str>| {
        move || RemoveStage { pipeline: pipeline(number), stage: word(stage), move_deals_to: to.map(word) }
    };
    moves.ada("an empty stage is removed", remove(1, "second", None));
    moves.by(BEN, "a full stage is removed", remove(1, "first", Some("second")));
    moves.ada("the first stage of the other pipeline is removed", remove(2, "first", None));
    moves.ada("all stages are replaced", || {
        let kept: Vec<_> = stages().into_iter().filter(|stage| stage.key != "third").collect();
        UpdatePipeline::of(pipeline(1)).stages(kept)
    });
}

fn deals(moves: &mut Moves, world: &World) {
    let new = |number, of: u128| {
        move || CreateDeal::with_id(deal(number)).title("New").amount(5).contact(contact(of))
    };
    let default = new(20, 1);
    moves.ada("a deal where deals begin", default);
    let other = new(21, 2);
    moves.ada("a deal in the other pipeline", move || other().pipeline(pipeline(2)));
    let staged = new(22, 1);
    moves.ada("a deal in a stage", move || staged().pipeline(pipeline(1)).stage("second"));
    let own = new(23, 2);
    moves.by(MEMBER, "a deal of the member", move || own().pipeline(pipeline(1)));
    let given = new(24, 1);
    moves.ada("a deal for the member", move || given().owner(user(MEMBER)));
    let same = new(20, 2);
    moves.by(BEN, "a deal of the same id", move || same().pipeline(pipeline(1)));
    moves.ada("a new title", || UpdateDeal::of(deal(1)).title("Renamed"));
    moves.by(BEN, "another amount and contact", || UpdateDeal::of(deal(1)).amount(99).contact(contact(2)));
    moves.push(user(ADA), "a title, if nobody was faster", Terms { version: Some(1), key: None }, || {
        UpdateDeal::of(deal(1)).title("If")
    });
    moves.ada("the deal goes to the member", || UpdateDeal::of(deal(1)).owner(user(MEMBER)));
    moves.ada("a deal is deleted", || DeleteDeal::of(deal(1)));
    moves.by(BEN, "a deal comes back", || RestoreDeal::of(deal(5)));
    moves.ada("a deal is won", || WinDeal { id: deal(1) });
    moves.by(BEN, "a deal is lost", || LoseDeal { id: deal(1), reason: None });
    moves.by(MEMBER, "the member's deal is won", || WinDeal { id: deal(2) });
    moves.ada("a won deal is reopened", || ReopenDeal { id: deal(3), status: None });
    moves.by(BEN, "a won deal is archived", || ArchiveDeal { id: deal(3) });
    let middle = world.profile().spec().deals.status.states.get(1).map(|state| state.name.to_string());
    let middle = middle.unwrap_or_default();
    moves.ada("a deal changes its status", move || TransitionDeal { id: deal(1), status: middle.clone() });
    let go = |number, stage: &'static str, to: Option<u128>| {
        move || MoveDeal { id: deal(number), stage: stage.to_owned(), pipeline: to.map(pipeline) }
    };
    moves.ada("a deal moves on", go(1, "second", None));
    moves.by(BEN, "a deal moves further", go(1, "third", None));
    moves.ada("a deal moves to the other pipeline", go(1, "first", Some(2)));
    moves.by(MEMBER, "the member's deal moves on", go(2, "second", None));
}

fn contacts(moves: &mut Moves) {
    let new = |number, email: &'static str| {
        move || CreateContact::with_id(contact(number)).name("New").email(email)
    };
    moves.ada("a contact with a free address", new(20, EMAILS[1]));
    moves.by(MEMBER, "another with that address", new(21, "FREE@example.com"));
    moves.by(BEN, "a contact of the same id", new(20, EMAILS[3]));
    moves.ada("a contact with the address of a deleted one", new(22, EMAILS[2]));
    moves.by(BEN, "the deleted one comes back", || RestoreContact::of(contact(3)));
    moves.by(MEMBER, "a contact takes the free address", || UpdateContact::of(contact(2)).email(EMAILS[1]));
    moves.ada("a contact lets its address go", || UpdateContact::of(contact(1)).email(EMAILS[3]));
    moves.by(BEN, "a contact takes that", || UpdateContact::of(contact(4)).email(EMAILS[0]));
    moves.ada("a contact is deleted", || DeleteContact::of(contact(2)));
    moves.by(BEN, "a contact is renamed", || UpdateContact::of(contact(2)).name("Renamed"));
    moves.ada("a contact goes to the successor", || UpdateContact::of(contact(2)).owner(user(OTHER)));
    moves.ada("a contact with deals is deleted", || DeleteContact::of(contact(4)));
    moves.by(BEN, "the contact's deal goes to another", || UpdateDeal::of(deal(6)).contact(contact(2)));
}

fn tasks(moves: &mut Moves, world: &World) {
    let new = |number, of| move || CreateTask::with_id(task(number)).title("New").deal(deal(of));
    moves.ada("a task of a deal", new(20, 1));
    moves.by(MEMBER, "a task of the member's deal", new(21, 2));
    moves.ada("a task is renamed", || UpdateTask::of(task(1)).title("Renamed"));
    moves.by(BEN, "a task is deleted", || DeleteTask::of(task(1)));
    moves.ada("a task comes back", || RestoreTask::of(task(2)));
    moves.ada("a task is done", || CompleteTask { id: task(1) });
    moves.by(BEN, "a task is done too", || CompleteTask { id: task(1) });
    moves.ada("a task is opened again", || ReopenTask { id: task(1) });
    if world.uses(Kind::Task, "assignee") {
        moves.ada("a task goes to the member", || UpdateTask::of(task(1)).assignee(user(MEMBER)));
    }
    if world.uses(Kind::Task, "contact") {
        moves
            .ada("a task about a contact", || CreateTask::with_id(task(22)).title("New").contact(contact(2)));
    }
}

fn timelines_and_more(moves: &mut Moves) {
    let comment = |number, of| {
        move || {
            let id = ActivityId::from_uuid(id(number));
            AddActivity::with_id(id).kind("comment").body("Hello").deal(deal(of))
        }
    };
    moves.ada("a comment", comment(20, 1));
    moves.by(MEMBER, "a comment of the member", comment(21, 2));
    moves.ada("a comment is changed, in vain", || {
        Update::<Activity>::of(ActivityId::from_uuid(id(1))).body("Else")
    });
    moves.ada("a comment is deleted, in vain", || Delete::<Activity>::of(ActivityId::from_uuid(id(1))));
    moves.ada("rows come in", || Import { rows: rows() });
    moves.ada("several commands at once", || {
        Batch::new()
            .then(UpdateContact::of(contact(1)).name("In a batch"))
            .then(CreateContact::with_id(contact(30)).name("In a batch").email(EMAILS[1]))
            .then(WinDeal { id: deal(2) })
    });
    let keyed = Terms { version: None, key: Some("k") };
    moves.push(user(ADA), "a request with a key", keyed, || {
        CreateContact::new().name("K").email("k@example.com")
    });
    moves.push(user(ADA), "the same request again", keyed, || {
        CreateContact::new().name("K").email("k@example.com")
    });
    moves.push(user(ADA), "another request with that key", keyed, || {
        CreateContact::new().name("L").email("l@example.com")
    });
    let agent = Actor::Agent { name: "bot".parse().expect("a name"), on_behalf_of: user(BEN) };
    moves.push(agent, "an agent of Ben renames a deal", Terms::default(), || {
        UpdateDeal::of(deal(2)).title("By a bot")
    });
    let system = Actor::System { reason: "night".parse().expect("a reason") };
    moves
        .push(system, "the system loses a deal", Terms::default(), || LoseDeal { id: deal(2), reason: None });
}

/// Rows from elsewhere, some of which fight with other commands of the catalogue.
fn rows() -> Vec<Json> {
    let contact_row = |id: ContactId, email: &str| json!({ "record": "contact", "id": id, "kind": "person", "name": "In", "email": email });
    let deal_row = |id: DealId, pipeline: PipelineId, stage: &str| {
        json!({ "record": "deal", "id": id, "title": "In", "amount": "1.00", "currency": "USD", "status": "won",
            "contact": contact(2), "pipeline": pipeline, "stage": stage, "owner": user(MEMBER) })
    };
    let task_row =
        |id: TaskId| json!({ "record": "task", "id": id, "title": "In", "status": "done", "deal": deal(1) });
    vec![
        contact_row(contact(20), "in@example.com"),
        contact_row(contact(40), EMAILS[1]),
        deal_row(deal(20), pipeline(1), "second"),
        deal_row(deal(40), pipeline(2), "first"),
        task_row(task(20)),
    ]
}

//! Requests that meet every fault at every call.
//!
//! Invariant: a request is possible in its world, or refused there, as it says.

use crm_core::command::{Batch, Command};
use crm_core::describe::Kind;
use crm_core::value::{ContactId, DealId, OrganizationId, PipelineId, TaskId, UserId, Uuid};
use crm_core::{
    AddMember, ChangeMember, CompleteTask, CreateContact, CreateDeal, CreateOrganization, DeleteDeal, Import,
    LeaveOrganization, MoveDeal, RemoveMember, RemoveStage, RestoreDeal, UpdateContact, UpdateDeal, WinDeal,
};
use crm_store_memory::MemoryStore;
use crm_testkit::fault::drive;
use crm_testkit::sequence::{id_of, member};
use serde_json::json;
use std::sync::Arc;

use crate::judge::{Bench, Deed, deed};
use crate::{HOME, furnished, told};

/// Something asked for, in each way in which it can be.
pub(crate) struct Request {
    pub(crate) name: &'static str,
    /// The world in which it is asked for.
    pub(crate) world: String,
    pub(crate) writes: bool,
    pub(crate) ways: Vec<(&'static str, Deed)>,
}

/// Makes requests over one furnished world.
struct Maker {
    bench: Bench,
    world: String,
    made: Vec<Request>,
}

impl Maker {
    /// A request of the founder that writes.
    fn add<C: Command + 'static>(&mut self, name: &'static str, make: fn() -> C) {
        self.add_as(name, 0, true, make);
    }

    /// A request of a member.
    fn add_as<C: Command + 'static>(&mut self, name: &'static str, who: u8, writes: bool, make: fn() -> C) {
        let apply =
            deed(move |crm| Box::pin(async move { told(crm.act(HOME, member(who)).apply(make()).await) }));
        let keyed = deed(move |crm| {
            Box::pin(async move { told(crm.act(HOME, member(who)).apply(make()).with_key("key").await) })
        });
        let plan = deed(move |crm| {
            Box::pin(async move {
                let plan = crm.act(HOME, member(who)).plan(&make()).await;
                match plan {
                    Ok(plan) => match plan.verdict() {
                        Ok(output) => told(Ok(output)),
                        Err(error) => Err((error.code().to_owned(), error.details())),
                    },
                    Err(error) => told::<()>(Err(error)),
                }
            })
        });
        let carried = deed(move |crm| {
            Box::pin(async move {
                let session = crm.act(HOME, member(who));
                match session.plan(&make()).await {
                    Ok(plan) => told(session.carry_out(plan).await),
                    Err(error) => told::<()>(Err(error)),
                }
            })
        });
        let mut ways = vec![("applied", apply), ("planned", plan), ("carried out", carried)];
        // Under a key a request that changes nothing is remembered, so it writes.
        if writes {
            ways.push(("with a key", keyed));
        }
        self.made.push(Request { name, world: self.world.clone(), writes, ways });
    }

    /// Does something first, for all requests that come later.
    fn after(&mut self, command: impl Command) {
        let store = Arc::new(MemoryStore::import(&self.world).unwrap());
        self.bench.seed += 1;
        let crm = self.bench.engine(store.clone());
        drive(crm.act(HOME, member(0)).apply(command), None).output.unwrap().unwrap();
        self.world = store.export().unwrap();
    }
}

fn contact(number: u8) -> ContactId {
    id_of(Kind::Contact, number).into()
}

fn deal(number: u8) -> DealId {
    id_of(Kind::Deal, number).into()
}

fn line(number: u8) -> PipelineId {
    id_of(Kind::Pipeline, number).into()
}

fn task(number: u8) -> TaskId {
    id_of(Kind::Task, number).into()
}

/// All of them.
pub(crate) fn requests() -> Vec<Request> {
    let (bench, world) = furnished("general");
    let mut maker = Maker { bench: Bench { seed: 90, ..bench }, world, made: Vec::new() };
    maker.add("create a contact", || CreateContact::new().name("New").email("new@example.com"));
    maker.add("create a deal", || CreateDeal::with_id(deal(9)).title("New").contact(contact(0)).amount(5));
    maker
        .add("update a contact", || UpdateContact::of(contact(0)).name("Renamed").email("other@example.com"));
    maker.add("win a deal", || WinDeal::of(deal(1)));
    maker.add("move a deal", || MoveDeal { id: deal(0), stage: "second".to_owned(), pipeline: None });
    maker.add("delete a deal with all that is its own", || DeleteDeal::of(deal(0)));
    maker.add("import rows", || {
        let row = |number: u8| json!({ "record": "contact", "id": id_of(Kind::Contact, number), "kind": "person", "name": "In" });
        Import { rows: (20..26).map(row).collect() }
    });
    maker.add("a batch", || {
        let start = Batch::new().then(CreateContact::with_id(contact(30)).name("First"));
        let deal = CreateDeal::with_id(deal(30)).title("Second").contact(contact(30)).amount(1);
        start.then(deal).then(WinDeal::of(self::deal(30))).then(UpdateContact::of(contact(1)).name("Fourth"))
    });
    maker.add("add a member", || AddMember::with_id(member(50)).role("member"));
    maker.add("demote a member", || ChangeMember::of(member(1)).role("viewer"));
    maker.add("remove a stage with its deals", || RemoveStage {
        pipeline: line(0),
        stage: "first".parse().unwrap(),
        move_deals_to: Some("second".parse().unwrap()),
    });
    maker.add("complete a task", || CompleteTask { id: task(0) });
    maker.add_as("change nothing", 0, false, || UpdateContact::of(contact(0)).name("Иван Петров"));
    maker.add_as("what is not there", 0, false, || UpdateDeal::of(deal(77)).title("Nothing"));
    maker.add_as("what is forbidden", 4, false, || DeleteDeal::of(deal(0)));
    maker.after(UpdateDeal::of(deal(0)).owner(member(2)));
    maker.after(UpdateContact::of(contact(0)).owner(member(2)));
    maker.add("remove a member, who hands over", || RemoveMember {
        id: member(2),
        successor: Some(member(1)),
    });
    maker.add_as("leave, and hand over", 2, true, || LeaveOrganization { successor: Some(member(0)) });
    maker.after(DeleteDeal::of(deal(0)));
    maker.add("restore a deal with all that fell with it", || RestoreDeal::of(deal(0)));
    maker.made.push(founding());
    maker.made
}

/// An organisation is founded in an empty store.
fn founding() -> Request {
    let apply = deed(|crm| {
        Box::pin(async move {
            let id = OrganizationId::from_uuid(Uuid::from_u128(0xC));
            told(
                crm.register(
                    UserId::from_uuid(Uuid::from_u128(1)),
                    CreateOrganization::with_id(id).name("New"),
                )
                .await,
            )
        })
    });
    let world = MemoryStore::new().export().unwrap();
    Request { name: "found an organization", world, writes: true, ways: vec![("applied", apply)] }
}

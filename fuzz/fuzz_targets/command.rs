//! Commands from request bodies: each comes back from its JSON, and is planned and applied with one outcome.
//!
//! The first character chooses a preset. Each line is one request: who asks, which command, and its JSON.

#![no_main]

use crm_core::access::Actor;
use crm_core::describe::Kind;
use crm_core::value::Instant;
use crm_core::{
    AddActivity, AddMember, AddStage, ArchiveDeal, ChangeMember, Command, CompleteTask, CreateContact,
    CreateDeal, CreatePipeline, CreateTask, DeleteContact, DeleteDeal, DeletePipeline, DeleteTask, EditStage,
    LeaveOrganization, LoseDeal, MoveDeal, RemoveMember, RemoveStage, ReopenDeal, ReopenTask, ReorderStages,
    RestoreContact, RestoreDeal, RestoreTask, TransitionDeal, UpdateContact, UpdateDeal, UpdateOrganization,
    UpdatePipeline, UpdateTask, WinDeal,
};
use crm_fuzz::{World, from_body, is_a_record};
use libfuzzer_sys::fuzz_target;
use serde::de::DeserializeOwned;

/// More requests than this make a run slow and show nothing new.
const MOST_REQUESTS: usize = 6;

fuzz_target!(|text: &str| {
    let mut lines = text.lines();
    let preset = lines.next().and_then(|line| line.bytes().next()).unwrap_or_default();
    let world = World::new(World::preset(preset.wrapping_sub(b'0')));
    for line in lines.take(MOST_REQUESTS) {
        if let ([who, what], Some(body)) = (line.as_bytes().first_chunk().unwrap_or(&[0; 2]), line.get(2..)) {
            request(&world, world.somebody(who.wrapping_sub(b'0')), *what, body);
        }
    }
    world.is_sound();
    world.records().iter().for_each(is_as_the_profile_says);
});

macro_rules! requests {
    ($world:ident, $actor:ident, $body:ident, $what:ident: $($letter:literal $command:ident,)*) => {
        match $what {
            $($letter => ask::<$command>($world, $actor, $body),)*
            _ => {}
        }
    };
}

fn request(world: &World, actor: Actor, what: u8, body: &str) {
    requests! {
        world, actor, body, what:
        b'A' AddActivity, b'B' AddMember, b'C' AddStage, b'D' ArchiveDeal, b'E' ChangeMember, b'F' CompleteTask,
        b'G' CreateContact, b'H' CreateDeal, b'I' CreatePipeline, b'J' CreateTask, b'K' DeleteContact,
        b'L' DeleteDeal, b'M' DeletePipeline, b'N' DeleteTask, b'O' EditStage, b'P' LeaveOrganization,
        b'Q' LoseDeal, b'R' MoveDeal, b'S' RemoveMember, b'T' RemoveStage, b'U' ReopenDeal, b'V' ReopenTask,
        b'W' ReorderStages, b'X' RestoreContact, b'Y' RestoreDeal, b'Z' RestoreTask, b'a' TransitionDeal,
        b'b' UpdateContact, b'c' UpdateDeal, b'd' UpdateOrganization, b'e' UpdatePipeline, b'f' UpdateTask,
        b'g' WinDeal,
    }
}

fn ask<C: Command + Clone + DeserializeOwned>(world: &World, actor: Actor, body: &str) {
    if let Some(command) = from_body::<C>(body) {
        world.apply(actor, &command);
    }
}

/// What is in the store after any requests is a record that this profile could have made.
fn is_as_the_profile_says(document: &serde_json::Value) {
    let record = is_a_record(document);
    let at = |name: &str| document[name].as_str().map(|text| text.parse::<Instant>().expect("an instant"));
    assert!(at("created_at") <= at("updated_at"), "{document}");
    assert!(record.version() >= 1);
    if record.kind() == Kind::Deal {
        assert!(document["stage"].is_null() || !document["pipeline"].is_null(), "a stage without a pipeline");
    }
}

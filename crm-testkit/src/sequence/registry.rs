//! Every command of the library by its name, run from its JSON form.
//!
//! A batch is read here from a form of its own: `{ "commands": [{ "command": …, "with": … }] }`.
//!
//! Invariant: a command is run here as a host runs it: read from JSON, then applied, planned or carried out.

use std::future::Future;
use std::pin::Pin;

use crm_core::command::Command;
use crm_core::{
    Activity, AddStage, ArchiveDeal, Batch, CompleteTask, Contact, Create, Deal, Delete, EditStage, Import,
    LeaveOrganization, LoseDeal, Membership, MoveDeal, Organization, Pipeline, RegisterOrganization,
    RemoveMember, RemoveStage, ReopenDeal, ReopenTask, ReorderStages, Restore, Session, Task, TransitionDeal,
    Update, WinDeal,
};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::Step;
use crate::ready::now;

/// What a command answered: its answer as JSON, or the code and the details of its refusal.
pub type Answer = Result<Json, (String, Json)>;

/// What to do with a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Apply it.
    Apply,
    /// Plan it, and say what the plan says.
    Plan,
    /// Plan it, and carry the plan out.
    CarryOut,
}

/// A step that is being done.
pub type Doing<'s> = Pin<Box<dyn Future<Output = Answer> + Send + 's>>;

type Start = for<'s> fn(&'s Session<'s>, &'s Step, How) -> Doing<'s>;
type Join = fn(Batch, &Json) -> Result<Batch, (String, Json)>;

macro_rules! registry {
    ($($name:literal => $command:ty,)*) => {
        /// Every command, and how it is run.
        pub const COMMANDS: &[(&str, Start)] = &[
            $(($name, |session, step, how| Box::pin(run_as::<$command>(session, step, how))),)*
            ("batch", |session, step, how| Box::pin(run_batch(session, step, how))),
        ];

        /// Every command, and how it joins a batch.
        const JOINS: &[(&str, Join)] = &[$(($name, join_as::<$command>)),*];
    };
}

registry! {
    "create_organization" => Create<Organization>,
    "register_organization" => RegisterOrganization,
    "update_organization" => Update<Organization>,
    "delete_organization" => Delete<Organization>,
    "create_member" => Create<Membership>,
    "update_member" => Update<Membership>,
    "delete_member" => Delete<Membership>,
    "restore_member" => Restore<Membership>,
    "remove_member" => RemoveMember,
    "leave_organization" => LeaveOrganization,
    "create_pipeline" => Create<Pipeline>,
    "update_pipeline" => Update<Pipeline>,
    "delete_pipeline" => Delete<Pipeline>,
    "restore_pipeline" => Restore<Pipeline>,
    "add_stage" => AddStage,
    "edit_stage" => EditStage,
    "reorder_stages" => ReorderStages,
    "remove_stage" => RemoveStage,
    "create_contact" => Create<Contact>,
    "update_contact" => Update<Contact>,
    "delete_contact" => Delete<Contact>,
    "restore_contact" => Restore<Contact>,
    "create_deal" => Create<Deal>,
    "update_deal" => Update<Deal>,
    "delete_deal" => Delete<Deal>,
    "restore_deal" => Restore<Deal>,
    "move_deal" => MoveDeal,
    "win_deal" => WinDeal,
    "lose_deal" => LoseDeal,
    "reopen_deal" => ReopenDeal,
    "archive_deal" => ArchiveDeal,
    "transition_deal" => TransitionDeal,
    "create_task" => Create<Task>,
    "update_task" => Update<Task>,
    "delete_task" => Delete<Task>,
    "restore_task" => Restore<Task>,
    "complete_task" => CompleteTask,
    "reopen_task" => ReopenTask,
    "create_activity" => Create<Activity>,
    "update_activity" => Update<Activity>,
    "delete_activity" => Delete<Activity>,
    "restore_activity" => Restore<Activity>,
    "import" => Import,
}

/// Does a step, over a store that answers at once.
pub fn run(session: &Session<'_>, step: &Step, how: How) -> Answer {
    now(start(session, step, how))
}

/// Starts a step, over any store.
pub fn start<'s>(session: &'s Session<'s>, step: &'s Step, how: How) -> Doing<'s> {
    match COMMANDS.iter().find(|(name, _)| *name == step.command) {
        Some((_, start)) => start(session, step, how),
        None => Box::pin(async { Err(("unknown_command".to_owned(), step.command.into())) }),
    }
}

async fn run_as<C: Command + DeserializeOwned>(session: &Session<'_>, step: &Step, how: How) -> Answer {
    run_command(session, read::<C>(&step.json())?, step, how).await
}

fn join_as<C: Command + DeserializeOwned + 'static>(
    batch: Batch,
    document: &Json,
) -> Result<Batch, (String, Json)> {
    Ok(batch.then(read::<C>(document)?))
}

/// Bodies that do not parse are the host's to refuse.
fn read<C: DeserializeOwned>(document: &Json) -> Result<C, (String, Json)> {
    serde_json::from_value(document.clone()).map_err(|error| malformed(&error.to_string()))
}

fn malformed(why: &str) -> (String, Json) {
    ("malformed".to_owned(), why.into())
}

async fn run_batch(session: &Session<'_>, step: &Step, how: How) -> Answer {
    let document = step.json();
    let commands = document.get("commands").and_then(Json::as_array);
    let mut batch = Batch::new();
    for one in commands.ok_or_else(|| malformed("no commands"))? {
        let name = one.get("command").and_then(Json::as_str).unwrap_or_default();
        let join = JOINS.iter().find(|(known, _)| *known == name).map(|(_, join)| join);
        batch = join.ok_or_else(|| malformed(name))?(batch, one.get("with").unwrap_or(&Json::Null))?;
    }
    run_command(session, batch, step, how).await
}

async fn run_command<C: Command>(session: &Session<'_>, command: C, step: &Step, how: How) -> Answer {
    let refused = |error: &crm_core::Error| (error.code().to_owned(), error.details());
    let written = |output: &C::Output| serde_json::to_value(output).unwrap_or_default();
    match how {
        How::Apply => {
            let mut apply = session.apply(command);
            if let Some(version) = step.version {
                apply = apply.if_version(version);
            }
            if let Some(key) = step.key {
                apply = apply.with_key(format!("key-{key}"));
            }
            apply.await.map(|output| written(&output)).map_err(|error| refused(&error))
        }
        How::Plan => {
            let plan = session.plan(&command).await.map_err(|error| refused(&error))?;
            super::harness::inspect(session, step, plan.change_set());
            plan.verdict().map(written).map_err(refused)
        }
        How::CarryOut => {
            let plan = session.plan(&command).await.map_err(|error| refused(&error))?;
            session.carry_out(plan).await.map(|output| written(&output)).map_err(|error| refused(&error))
        }
    }
}

//! Every command of the library by its name, run from its JSON form.
//!
//! A batch is read here from a form of its own: `{ "commands": [{ "command": …, "with": … }] }`.
//!
//! Invariant: a command is run here as a host runs it: read from JSON, then applied, planned or carried out; and every
//! answer comes back from its JSON form as it was.
#![expect(clippy::expect_used, reason = "it is how a test fails")]

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crm_core::command::Command;
use crm_core::describe::Key;
use crm_core::draft::{Draft, Halt, ReadSet};
use crm_core::{
    Activity, AddActivity, AddMember, AddStage, ApproveExpense, ArchiveDeal, AssignLead, Batch,
    CancelContract, CancelDelivery, CancelNotification, CancelPlan, ChangeMember, CheckIn, CheckOut,
    ClaimDeliveries, ClaimNotifications, CloseLead, CompleteTask, ConvertLead, CreateAttendance, CreateBuyer,
    CreateCampaign, CreateComplex, CreateContact, CreateContract, CreateCost, CreateDeal, CreateExpense,
    CreateLead, CreateOrganization, CreatePipeline, CreatePrice, CreateTask, CreateUnit, Delete,
    DeleteAttendance, DeleteBuyer, DeleteCampaign, DeleteComplex, DeleteContact, DeleteContract, DeleteCost,
    DeleteDeal, DeleteExpense, DeleteLead, DeleteOrganization, DeletePipeline, DeletePrice, DeleteTask,
    DeleteUnit, EditStage, EraseBuyer, ExpireHolds, ExtendHold, GiveUpIncoming, HoldUnit, Import,
    LeaveOrganization, LinkReference, LoseDeal, Membership, MergePrices, MergeUnits, MoveDeal, MoveLead,
    NoteOverdue, Notify, PayExpense, PlanPayments, QueueDelivery, ReadNotification, ReceiveEvents,
    ReceivePayment, RegisterOrganization, RejectExpense, ReleaseHold, ReleaseLead, RemoveMember, RemoveStage,
    ReopenDeal, ReopenLead, ReopenTask, ReorderStages, ReplayIncoming, ReportDelivery, ReportNotification,
    RequeueDelivery, ReserveUnit, Restore, RestoreAttendance, RestoreBuyer, RestoreCampaign, RestoreComplex,
    RestoreContact, RestoreContract, RestoreCost, RestoreDeal, RestoreExpense, RestoreLead, RestorePipeline,
    RestorePrice, RestoreTask, RestoreUnit, RetireUnits, RetryIncoming, ReversePayment, Session,
    SignContract, TakeLead, TransitionDeal, UnlinkReference, Update, UpdateAttendance, UpdateBuyer,
    UpdateCampaign, UpdateComplex, UpdateContact, UpdateContract, UpdateCost, UpdateDeal, UpdateExpense,
    UpdateLead, UpdateOrganization, UpdatePipeline, UpdatePrice, UpdateTask, UpdateUnit, WinDeal,
};
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use super::{Choice, Step};
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

/// How a command is read from its JSON form.
type Read = fn(&Json) -> Result<Whatever, (String, Json)>;

/// A command whose type does not matter any more, so that what runs it is compiled once and not for each.
trait Erased: fmt::Debug + Send + Sync {
    fn name(&self) -> &'static str;
    fn target(&self) -> Option<Key>;
    fn hints(&self) -> ReadSet;
    fn body(&self) -> Json;
    fn decide(&self, tx: &mut Draft<'_>) -> Result<Json, Halt>;
}

impl<C: Command> Erased for C {
    fn name(&self) -> &'static str {
        Command::name(self)
    }

    fn target(&self) -> Option<Key> {
        Command::target(self)
    }

    fn hints(&self) -> ReadSet {
        Command::hints(self)
    }

    fn body(&self) -> Json {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Json, Halt> {
        let answer = Command::decide(self, tx)?;
        let told = serde_json::to_value(&answer).expect("an answer has a JSON form");
        let again: C::Output = serde_json::from_value(told.clone()).expect("an answer can be remembered");
        assert_eq!(
            serde_json::to_value(&again).ok().as_ref(),
            Some(&told),
            "an answer is remembered as it was"
        );
        Ok(told)
    }
}

/// A command of any type; its answer is JSON.
pub struct Whatever(Box<dyn Erased>);

impl fmt::Debug for Whatever {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl Serialize for Whatever {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.body().serialize(to)
    }
}

impl Command for Whatever {
    type Output = Json;

    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn target(&self) -> Option<Key> {
        self.0.target()
    }

    fn hints(&self) -> ReadSet {
        self.0.hints()
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Json, Halt> {
        self.0.decide(tx)
    }
}

macro_rules! registry {
    ($($name:literal => $command:ty,)*) => {
        /// Every command, and how it is read.
        pub const COMMANDS: &[(&str, Read)] = &[$(($name, read_as::<$command>),)* ("batch", read_batch)];

        /// The types of the commands, by their names in the code.
        pub const TYPES: &[&str] = &[$(stringify!($command),)* "Batch"];
    };
}

registry! {
    "create_organization" => CreateOrganization,
    "register_organization" => RegisterOrganization,
    "update_organization" => UpdateOrganization,
    "delete_organization" => DeleteOrganization,
    "create_member" => AddMember,
    "update_member" => ChangeMember,
    "delete_member" => Delete<Membership>,
    "restore_member" => Restore<Membership>,
    "remove_member" => RemoveMember,
    "leave_organization" => LeaveOrganization,
    "create_pipeline" => CreatePipeline,
    "update_pipeline" => UpdatePipeline,
    "delete_pipeline" => DeletePipeline,
    "restore_pipeline" => RestorePipeline,
    "add_stage" => AddStage,
    "edit_stage" => EditStage,
    "reorder_stages" => ReorderStages,
    "remove_stage" => RemoveStage,
    "create_contact" => CreateContact,
    "update_contact" => UpdateContact,
    "delete_contact" => DeleteContact,
    "restore_contact" => RestoreContact,
    "create_deal" => CreateDeal,
    "update_deal" => UpdateDeal,
    "delete_deal" => DeleteDeal,
    "restore_deal" => RestoreDeal,
    "move_deal" => MoveDeal,
    "win_deal" => WinDeal,
    "lose_deal" => LoseDeal,
    "reopen_deal" => ReopenDeal,
    "archive_deal" => ArchiveDeal,
    "transition_deal" => TransitionDeal,
    "create_task" => CreateTask,
    "update_task" => UpdateTask,
    "delete_task" => DeleteTask,
    "restore_task" => RestoreTask,
    "complete_task" => CompleteTask,
    "reopen_task" => ReopenTask,
    "create_activity" => AddActivity,
    "update_activity" => Update<Activity>,
    "delete_activity" => Delete<Activity>,
    "restore_activity" => Restore<Activity>,
    "import" => Import,
    "create_campaign" => CreateCampaign,
    "update_campaign" => UpdateCampaign,
    "delete_campaign" => DeleteCampaign,
    "restore_campaign" => RestoreCampaign,
    "create_cost" => CreateCost,
    "update_cost" => UpdateCost,
    "delete_cost" => DeleteCost,
    "restore_cost" => RestoreCost,
    "create_complex" => CreateComplex,
    "update_complex" => UpdateComplex,
    "delete_complex" => DeleteComplex,
    "restore_complex" => RestoreComplex,
    "create_unit" => CreateUnit,
    "update_unit" => UpdateUnit,
    "delete_unit" => DeleteUnit,
    "restore_unit" => RestoreUnit,
    "create_price" => CreatePrice,
    "update_price" => UpdatePrice,
    "delete_price" => DeletePrice,
    "restore_price" => RestorePrice,
    "create_lead" => CreateLead,
    "update_lead" => UpdateLead,
    "delete_lead" => DeleteLead,
    "restore_lead" => RestoreLead,
    "create_buyer" => CreateBuyer,
    "update_buyer" => UpdateBuyer,
    "delete_buyer" => DeleteBuyer,
    "restore_buyer" => RestoreBuyer,
    "create_contract" => CreateContract,
    "update_contract" => UpdateContract,
    "delete_contract" => DeleteContract,
    "restore_contract" => RestoreContract,
    "create_expense" => CreateExpense,
    "update_expense" => UpdateExpense,
    "delete_expense" => DeleteExpense,
    "restore_expense" => RestoreExpense,
    "create_attendance" => CreateAttendance,
    "update_attendance" => UpdateAttendance,
    "delete_attendance" => DeleteAttendance,
    "restore_attendance" => RestoreAttendance,
    "move_lead" => MoveLead,
    "close_lead" => CloseLead,
    "reopen_lead" => ReopenLead,
    "assign_lead" => AssignLead,
    "release_lead" => ReleaseLead,
    "take_lead" => TakeLead,
    "convert_lead" => ConvertLead,
    "hold_unit" => HoldUnit,
    "reserve_unit" => ReserveUnit,
    "release_hold" => ReleaseHold,
    "extend_hold" => ExtendHold,
    "expire_holds" => ExpireHolds,
    "merge_units" => MergeUnits,
    "merge_prices" => MergePrices,
    "retire_units" => RetireUnits,
    "sign_contract" => SignContract,
    "cancel_contract" => CancelContract,
    "erase_buyer" => EraseBuyer,
    "plan_payments" => PlanPayments,
    "cancel_plan" => CancelPlan,
    "receive_payment" => ReceivePayment,
    "reverse_payment" => ReversePayment,
    "note_overdue" => NoteOverdue,
    "approve_expense" => ApproveExpense,
    "reject_expense" => RejectExpense,
    "pay_expense" => PayExpense,
    "check_in" => CheckIn,
    "check_out" => CheckOut,
    "link_reference" => LinkReference,
    "unlink_reference" => UnlinkReference,
    "receive_events" => ReceiveEvents,
    "retry_incoming" => RetryIncoming,
    "replay_incoming" => ReplayIncoming,
    "give_up_incoming" => GiveUpIncoming,
    "queue_delivery" => QueueDelivery,
    "claim_deliveries" => ClaimDeliveries,
    "report_delivery" => ReportDelivery,
    "requeue_delivery" => RequeueDelivery,
    "cancel_delivery" => CancelDelivery,
    "notify" => Notify,
    "claim_notifications" => ClaimNotifications,
    "report_notification" => ReportNotification,
    "cancel_notification" => CancelNotification,
    "read_notification" => ReadNotification,
}

/// Does a step, over a store that answers at once.
pub fn run(session: &Session<'_>, step: &Step, how: How) -> Answer {
    now(start(session, step, how))
}

/// Starts a step, over any store.
pub fn start<'s>(session: &'s Session<'s>, step: &'s Step, how: How) -> Doing<'s> {
    if !step.fields.iter().any(|(_, choice)| matches!(choice, Choice::Nth(..))) {
        return Box::pin(run_step(session, step, how));
    }
    Box::pin(async move {
        let step = super::questions::resolved(session, step).await;
        run_step(session, &step, how).await
    })
}

fn read_named(name: &str, document: &Json) -> Result<Whatever, (String, Json)> {
    match COMMANDS.iter().find(|(known, _)| *known == name) {
        Some((_, read)) => read(document),
        None => Err(("unknown_command".to_owned(), name.into())),
    }
}

/// Bodies that do not parse are the host's to refuse.
fn read_as<C: Command + DeserializeOwned + 'static>(document: &Json) -> Result<Whatever, (String, Json)> {
    let command: C =
        serde_json::from_value(document.clone()).map_err(|error| malformed(&error.to_string()))?;
    Ok(Whatever(Box::new(command)))
}

fn malformed(why: &str) -> (String, Json) {
    ("malformed".to_owned(), why.into())
}

fn read_batch(document: &Json) -> Result<Whatever, (String, Json)> {
    let commands = document.get("commands").and_then(Json::as_array);
    let mut batch = Batch::new();
    for one in commands.ok_or_else(|| malformed("no commands"))? {
        let name = one.get("command").and_then(Json::as_str).unwrap_or_default();
        if name == "batch" {
            return Err(malformed(name));
        }
        batch = batch.then(read_named(name, one.get("with").unwrap_or(&Json::Null))?);
    }
    Ok(Whatever(Box::new(batch)))
}

async fn run_step(session: &Session<'_>, step: &Step, how: How) -> Answer {
    let command = read_named(step.command, &step.json())?;
    let refused = |error: &crm_core::Error| (error.code().to_owned(), error.details());
    match how {
        How::Apply => {
            let mut apply = session.apply(command);
            if let Some(version) = step.version {
                apply = apply.if_version(version);
            }
            if let Some(key) = step.key {
                apply = apply.with_key(format!("key-{key}"));
            }
            apply.await.map_err(|error| refused(&error))
        }
        How::Plan => {
            let plan = session.plan(&command).await.map_err(|error| refused(&error))?;
            super::harness::inspect(session, step, plan.change_set());
            plan.verdict().cloned().map_err(refused)
        }
        How::CarryOut => {
            let plan = session.plan(&command).await.map_err(|error| refused(&error))?;
            session.carry_out(plan).await.map_err(|error| refused(&error))
        }
    }
}

//! The pure core of a CRM engine that other programs embed.
//!
//! Everything rests on one idea: **a command is a pure decision over a small snapshot, and its result is one atomic set
//! of changes.** A command reads and writes through a [`draft::Draft`]; what it decided is a [`draft::ChangeSet`]; a
//! [`store::Store`] commits it if the facts it rests on still hold. So a rule holds on every path, over every store, and
//! inside the host's own transaction.
//!
//! Where to begin: [`Crm`] is what a host makes, [`Session`] is what it calls, and the verbs are the commands below.
//! [`profile`] is where roles, statuses, stages and fields come from.
//!
//! This crate does no I/O, needs no runtime, and has no clock of its own.

pub mod access;
pub mod analytics;
pub mod clock;
pub mod command;
pub mod describe;
pub mod draft;
pub mod integration;
pub mod ledger;
pub mod profile;
#[cfg(feature = "real-estate")]
pub mod real_estate;
pub mod seed;
pub mod store;
pub mod value;
pub mod webhook;

mod activity;
mod attendance;
mod contact;
mod contract;
mod crm;
mod deal;
mod error;
mod event;
mod import;
mod inventory;
mod lead;
mod list;
mod marketing;
mod membership;
mod notification;
mod organization;
mod payment;
mod pipeline;
mod task;

pub use self::access::{Action, Actor};
pub use self::activity::{Activity, ActivityEdits};
pub use self::attendance::{
    Attendance, AttendanceEdits, CheckIn, CheckOut, WorkingDays, WorkingTime, is_at_work, is_available,
};
pub use self::command::{Batch, Command, Create, Delete, Restore, Update};
pub use self::contact::{Contact, ContactEdits};
pub use self::contract::{
    Buyer, BuyerEdits, CancelContract, Contract, ContractEdits, Counter, CounterEdits, EraseBuyer,
    SignContract,
};
pub use self::crm::{Apply, Board, Column, Crm, Plan, Session};
pub use self::deal::{ArchiveDeal, Deal, DealEdits, LoseDeal, MoveDeal, ReopenDeal, TransitionDeal, WinDeal};
pub use self::error::{Class, Error, FieldProblem, Rule};
pub use self::event::Event;
pub use self::import::{Import, ImportReport, RowOutcome, RowReport};
pub use self::integration::{
    CancelDelivery, ClaimDeliveries, Delivery, DeliveryEdits, GiveUpIncoming, Incoming, IncomingEdits,
    ReceiveEvents, Reference, ReferenceEdits, ReplayIncoming, ReportDelivery, RequeueDelivery, RetryIncoming,
    Target, TargetEdits,
};
pub use self::inventory::{
    Cell, Complex, ComplexEdits, ExpireHolds, ExtendHold, Hold, HoldEdits, MergeOutcome, MergePrices,
    MergeReport, MergeUnits, MergedRow, Price, PriceEdits, PriceRow, ReleaseHold, ReserveUnit, Reserved,
    RetireUnits, Unit, UnitEdits, UnitRow, UnitState,
};
pub use self::lead::{
    AssignLead, CloseLead, ConvertLead, Converted, Lead, LeadEdits, LeadMatch, MatchReason, MoveLead,
    ReleaseLead, ReopenLead, TakeLead,
};
pub use self::list::{List, Page, Paging};
pub use self::marketing::{Campaign, CampaignEdits, Cost, CostEdits};
pub use self::membership::{LeaveOrganization, Membership, MembershipEdits, RemoveMember, Removed};
pub use self::notification::{
    CancelNotification, ClaimNotifications, Notification, NotificationEdits, NotificationOutcome,
    ReadNotification, ReportNotification,
};
pub use self::organization::{Organization, OrganizationEdits, RegisterOrganization, Registered};
pub use self::payment::schedule;
pub use self::payment::{
    Allocation, AllocationEdits, ApproveExpense, CancelPlan, Expense, ExpenseEdits, Fee, Installment,
    InstallmentEdits, LineStanding, NoteOverdue, PayExpense, Payment, PaymentEdits, PaymentPlan,
    PaymentPlanEdits, PlanPayments, PlannedLine, ReceivePayment, RejectExpense, ReversePayment, Statement,
    StatementLabel, StatementLine, StatementOf, StatementTotal, commission, percentage,
};
pub use self::pipeline::{
    AddStage, EditStage, Pipeline, PipelineEdits, RemoveStage, ReorderStages, Stage, StageKind, Stages,
};
pub use self::profile::Profile;
pub use self::store::Cursor;
pub use self::task::{CallbackState, CompleteTask, ReopenTask, Task, TaskEdits};

macro_rules! common_commands {
    ($($alias:ident = $command:ident<$entity:ident>, $what:literal;)*) => {$(
        #[doc = concat!($what, " [`", stringify!($entity), "`].")]
        pub type $alias = $command<$entity>;
    )*};
}

common_commands! {
    CreateOrganization = Create<Organization>, "Founds an";
    UpdateOrganization = Update<Organization>, "Changes an";
    DeleteOrganization = Delete<Organization>, "Deletes an";
    AddMember = Create<Membership>, "Adds a member: creates, or brings back, a";
    ChangeMember = Update<Membership>, "Changes the role of a member, or switches them on or off, in a";
    CreatePipeline = Create<Pipeline>, "Creates a";
    UpdatePipeline = Update<Pipeline>, "Changes a";
    DeletePipeline = Delete<Pipeline>, "Deletes a";
    RestorePipeline = Restore<Pipeline>, "Brings back a deleted";
    CreateContact = Create<Contact>, "Creates a";
    UpdateContact = Update<Contact>, "Changes a";
    DeleteContact = Delete<Contact>, "Deletes a";
    RestoreContact = Restore<Contact>, "Brings back a deleted";
    CreateDeal = Create<Deal>, "Creates a";
    UpdateDeal = Update<Deal>, "Changes a";
    DeleteDeal = Delete<Deal>, "Deletes a";
    RestoreDeal = Restore<Deal>, "Brings back a deleted";
    CreateTask = Create<Task>, "Creates a";
    UpdateTask = Update<Task>, "Changes a";
    DeleteTask = Delete<Task>, "Deletes a";
    RestoreTask = Restore<Task>, "Brings back a deleted";
    AddActivity = Create<Activity>, "Adds an";
    CreateContract = Create<Contract>, "Issues a signed contract, or makes a draft: creates a";
    UpdateContract = Update<Contract>, "Changes a";
    DeleteContract = Delete<Contract>, "Deletes a draft of a";
    RestoreContract = Restore<Contract>, "Brings back a deleted draft of a";
    CreateBuyer = Create<Buyer>, "Creates a";
    UpdateBuyer = Update<Buyer>, "Changes a";
    DeleteBuyer = Delete<Buyer>, "Deletes a";
    RestoreBuyer = Restore<Buyer>, "Brings back a deleted";
    CreateExpense = Create<Expense>, "Creates an";
    UpdateExpense = Update<Expense>, "Changes an";
    DeleteExpense = Delete<Expense>, "Deletes an";
    RestoreExpense = Restore<Expense>, "Brings back a deleted";
    CreateCampaign = Create<Campaign>, "Creates a";
    UpdateCampaign = Update<Campaign>, "Changes a";
    DeleteCampaign = Delete<Campaign>, "Deletes a";
    RestoreCampaign = Restore<Campaign>, "Brings back a deleted";
    CreateCost = Create<Cost>, "Enters a";
    UpdateCost = Update<Cost>, "Changes a";
    DeleteCost = Delete<Cost>, "Deletes a";
    RestoreCost = Restore<Cost>, "Brings back a deleted";
    CreateAttendance = Create<Attendance>, "Enters, for whoever manages it, an";
    UpdateAttendance = Update<Attendance>, "Corrects an";
    DeleteAttendance = Delete<Attendance>, "Deletes an";
    RestoreAttendance = Restore<Attendance>, "Brings back a deleted";
    CreateLead = Create<Lead>, "Creates a";
    UpdateLead = Update<Lead>, "Changes a";
    DeleteLead = Delete<Lead>, "Deletes a";
    RestoreLead = Restore<Lead>, "Brings back a deleted";
    CreateComplex = Create<Complex>, "Creates a";
    UpdateComplex = Update<Complex>, "Changes a";
    DeleteComplex = Delete<Complex>, "Deletes a";
    RestoreComplex = Restore<Complex>, "Brings back a deleted";
    CreateUnit = Create<Unit>, "Creates a";
    UpdateUnit = Update<Unit>, "Changes a";
    DeleteUnit = Delete<Unit>, "Deletes a";
    RestoreUnit = Restore<Unit>, "Brings back a deleted";
    CreatePrice = Create<Price>, "Sets a new";
    UpdatePrice = Update<Price>, "Changes a";
    DeletePrice = Delete<Price>, "Deletes a";
    RestorePrice = Restore<Price>, "Brings back a deleted";
    HoldUnit = Create<Hold>, "Keeps a unit for a lead: creates a";
    LinkReference = Create<Reference>, "Says what another system calls a record: creates a";
    UnlinkReference = Delete<Reference>, "Forgets what another system calls a record: deletes a";
    QueueDelivery = Create<Delivery>, "Tells another system something: creates a";
    Notify = Create<Notification>, "Tells somebody something: creates a";
}

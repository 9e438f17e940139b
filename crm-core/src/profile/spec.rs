//! A profile as data: what a host writes, in code or as JSON.
//!
//! Nothing here is checked; [`Profile::new`](super::Profile::new) does that and names every fault.
//!
//! Invariant: a spec is plain data with a JSON form; unknown names in JSON are refused.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::machine::MachineSpec;
use crate::access::Scope;
use crate::attendance::AttendanceSpec;
use crate::contract::ContractsSpec;
use crate::describe::Kind;
use crate::integration::IntegrationsSpec;
use crate::inventory::InventorySpec;
use crate::lead::LeadsSpec;
use crate::marketing::MarketingSpec;
use crate::notification::NotificationsSpec;
use crate::pipeline::Stage;
use crate::value::{Currency, Line, Word, Zone};

/// What each action is granted: `"deal.update": "own"`. A pattern such as `"deal.*"` or `"*"` grants many; the more
/// exact line wins. What is not named is refused.
pub type Grants = BTreeMap<String, Scope>;

/// The vocabulary and the rules of a system, as data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileSpec {
    /// The profile's name.
    pub name: Word,
    /// The roles, from the most to the least powerful.
    pub roles: Vec<RoleSpec>,
    /// The role of whoever registers an organisation; somebody must always hold it.
    pub founder: Word,
    /// What actors may do that are not members.
    pub actors: ActorsSpec,
    /// What makes a row the actor's own, by kind: names of fields (`"owner"`), or of a field of a record that it
    /// points at (`"deal.owner"`). One that matches is enough. With a question mark, `"owner?"`, a row that is nobody's is
    /// everybody's.
    pub ownership: BTreeMap<Kind, Vec<String>>,
    /// Rules for single fields: `"contact.email": { "presence": "required" }`.
    #[serde(default)]
    pub fields: BTreeMap<String, FieldSpec>,
    /// Fields in which live records of an organisation must differ: `"contact.email"`.
    #[serde(default)]
    pub unique: BTreeSet<String>,
    /// What amounts may look like.
    pub money: MoneyRule,
    /// The accepted currencies.
    pub currencies: Vec<Currency>,
    /// The currency of an organisation that names none.
    pub currency: Currency,
    /// The time zone of an organisation that names none.
    pub time_zone: Zone,
    /// How deals live.
    pub deals: DealsSpec,
    /// The pipelines that a new organisation starts with; the first is its default.
    #[serde(default)]
    pub pipelines: Vec<PipelineSpec>,
    /// How tasks live.
    pub tasks: TasksSpec,
    /// What a timeline holds.
    pub activities: ActivitiesSpec,
    /// How leads live. Each of these sections switches on its part of the engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leads: Option<LeadsSpec>,
    /// What campaigns there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marketing: Option<MarketingSpec>,
    /// How units are held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventory: Option<InventorySpec>,
    /// How contracts, payments and expenses live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contracts: Option<ContractsSpec>,
    /// Who is at work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attendance: Option<AttendanceSpec>,
    /// Which other systems there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integrations: Option<IntegrationsSpec>,
    /// How somebody is told something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notifications: Option<NotificationsSpec>,
    /// Limits.
    #[serde(default)]
    pub limits: LimitsSpec,
    /// Codes and statuses to show for errors, by [`Error::code`](crate::Error::code). One action or resource can be
    /// named: `"forbidden:deal.move_back"`, `"already_exists:membership"`.
    #[serde(default)]
    pub answers: BTreeMap<String, Answer>,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleSpec {
    /// Its name.
    pub name: Word,
    /// What it may do.
    #[serde(default)]
    pub grants: Grants,
    /// In which roles it may add members.
    #[serde(default)]
    pub adds: Vec<Word>,
    /// Between which roles it may move members; it may also switch members of these roles on and off.
    #[serde(default)]
    pub changes: Vec<Word>,
    /// Of which roles it may remove members.
    #[serde(default)]
    pub removes: Vec<Word>,
}

/// What actors may do that are not members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActorsSpec {
    /// The host itself.
    pub system: Grants,
    /// The most that a program may do for a person; it never may more than the person.
    pub agent: Grants,
    /// Somebody unknown.
    #[serde(default)]
    pub anonymous: Grants,
}

/// Must a field be there?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It may be empty.
    #[default]
    Optional,
    /// It must be there when a record is created, and cannot be cleared.
    Required,
    /// This system does not have it: sending it is an error.
    Unused,
}

/// A rule for one field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FieldSpec {
    /// Must it be there?
    pub presence: Presence,
    /// Most characters, where this is less than the type allows.
    pub max: Option<u32>,
}

/// What amounts may look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoneyRule {
    /// Most digits before the decimal point.
    pub integer_digits: u32,
    /// Digits after it.
    pub decimals: u32,
    /// What happens to more digits.
    pub excess: Excess,
    /// Is zero an amount?
    pub zero: bool,
}

/// What happens to digits that an amount cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Excess {
    /// The amount is refused.
    Refuse,
    /// It is rounded, half away from zero.
    Round,
}

/// How deals live.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DealsSpec {
    /// The status machine.
    pub status: MachineSpec<DealStatus>,
    /// What status and stage have to do with each other.
    pub coupling: Coupling,
    /// Is a stage that is given at creation taken, or does every deal start in the first?
    #[serde(default = "yes")]
    pub stage_at_creation: bool,
    /// The amount of a deal that names none; empty for none at all.
    #[serde(default)]
    pub amount: Option<rust_decimal::Decimal>,
    /// The accepted reasons for losing a deal; any text when empty.
    #[serde(default)]
    pub lost_reasons: Vec<Line>,
}

fn yes() -> bool {
    true
}

/// What a deal's status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DealStatus {
    /// It is worked on.
    Open,
    /// It is put aside, and not over.
    Parked,
    /// It was won.
    Won,
    /// It was lost.
    Lost,
    /// It is filed away; whether it was won or lost is kept.
    Archived,
}

/// What a task's status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// It is to be done.
    Open,
    /// It is done.
    Done,
    /// It was given up.
    Cancelled,
}

/// What status and stage have to do with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coupling {
    /// Nothing.
    Independent,
    /// A deal that is won or lost moves to the stage of that kind, else to the closing stage.
    OutcomeClosesStage,
    /// They are one thing seen twice: a stage of kind won makes the deal won, and winning it moves it there.
    StageIsStatus,
}

/// A pipeline of a new organisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelineSpec {
    /// Its name.
    pub name: Line,
    /// Its stages, in order.
    pub stages: Vec<Stage>,
}

/// How tasks live.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TasksSpec {
    /// The status machine.
    pub status: MachineSpec<TaskStatus>,
    /// The priorities, from low to urgent.
    #[serde(default)]
    pub priorities: Vec<Word>,
    /// The priority of a task that names none.
    #[serde(default)]
    pub priority: Option<Word>,
}

/// What a timeline holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivitiesSpec {
    /// The kinds of entry.
    pub kinds: Vec<ActivityKindSpec>,
    /// Which event writes which entry by itself.
    #[serde(default)]
    pub triggers: BTreeMap<Trigger, Template>,
}

/// A kind of timeline entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityKindSpec {
    /// Its name.
    pub name: Word,
    /// Who writes it.
    pub written_by: Writer,
    /// Fields that a caller must give for it.
    #[serde(default)]
    pub requires: BTreeSet<String>,
    /// The payload of an entry of this kind, made from its `title` and `body`.
    #[serde(default)]
    pub payload: BTreeMap<String, String>,
}

/// Who writes a kind of timeline entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Writer {
    /// Callers.
    Caller,
    /// Only the triggers.
    Rules,
    /// Nobody; it is accepted from an import.
    Import,
}

/// An event that can write a timeline entry by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Trigger {
    /// A deal was created.
    DealCreated,
    /// A deal's status changed.
    DealStatusChanged,
    /// A deal's stage was changed by request.
    DealStageChanged,
    /// A task was created.
    TaskCreated,
    /// A task was finished.
    TaskCompleted,
    /// A finished task was opened again.
    TaskReopened,
    /// A task was deleted.
    TaskDeleted,
    /// A lead came in.
    LeadCreated,
    /// A lead's stage changed.
    LeadStageChanged,
    /// A lead was given to somebody.
    LeadAssigned,
}

/// The entry that a trigger writes. Texts may name facts of the event in braces: `"{old_status}"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// The kind of the entry.
    pub kind: Word,
    /// Does it carry the caller as its author, or nobody?
    #[serde(default = "yes")]
    pub authored: bool,
    /// Its title.
    #[serde(default)]
    pub title: Option<String>,
    /// Its body.
    #[serde(default)]
    pub body: Option<String>,
    /// Its payload. A text that is nothing but one fact takes over the fact's type.
    #[serde(default)]
    pub payload: BTreeMap<String, String>,
}

/// Limits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsSpec {
    /// The size of pages.
    pub page: PageLimit,
    /// The size of pages of single kinds.
    pub pages: BTreeMap<Kind, PageLimit>,
    /// Most rows that one command may write.
    pub rows_per_command: u32,
    /// Most stages of a pipeline.
    pub stages: u32,
    /// For how long an idempotency key is remembered.
    pub idempotency_hours: u32,
}

impl Default for LimitsSpec {
    fn default() -> Self {
        Self {
            page: PageLimit { default: 20, most: 100 },
            pages: BTreeMap::new(),
            rows_per_command: 100_000,
            stages: 50,
            idempotency_hours: 24,
        }
    }
}

/// The size of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageLimit {
    /// When none is asked for.
    pub default: u32,
    /// The largest that may be asked for.
    pub most: u32,
}

/// What a host shows for an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The code to show.
    pub code: String,
    /// The HTTP status to suggest.
    pub status: u16,
}

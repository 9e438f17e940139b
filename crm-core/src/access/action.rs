//! The actions that a profile grants, and the scopes it grants them in.
//!
//! Invariant: the order of [`Action::ALL`] is the order of every compiled table.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::profile::Module;
use crate::value::Problem;

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// Something that a role may be allowed to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Action { $($(#[$doc])* $name,)* }

        impl Action {
            /// Every action, in the order of the tables.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name in a profile: the noun, a full stop, the verb.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

actions! {
    /// Read the organisation.
    OrganizationRead = "organization.read";
    /// Change the organisation's profile fields and settings.
    OrganizationUpdate = "organization.update";
    /// Delete the organisation.
    OrganizationDelete = "organization.delete";
    /// List the members.
    MemberRead = "member.read";
    /// Add a member; the role says in which roles.
    MemberAdd = "member.add";
    /// Change a member's role or active flag; the role says which roles.
    MemberChange = "member.change";
    /// Remove a member; the role says of which roles.
    MemberRemove = "member.remove";
    /// Leave the organisation oneself.
    MemberLeave = "member.leave";
    /// Read pipelines.
    PipelineRead = "pipeline.read";
    /// Create, edit and remove pipelines and their stages.
    PipelineManage = "pipeline.manage";
    /// Read contacts.
    ContactRead = "contact.read";
    /// Create contacts.
    ContactCreate = "contact.create";
    /// Change contacts.
    ContactUpdate = "contact.update";
    /// Delete contacts.
    ContactDelete = "contact.delete";
    /// Bring a deleted contact back.
    ContactRestore = "contact.restore";
    /// Give a contact another owner.
    ContactReassign = "contact.reassign";
    /// Read deals.
    DealRead = "deal.read";
    /// Create deals.
    DealCreate = "deal.create";
    /// Change a deal's plain fields.
    DealUpdate = "deal.update";
    /// Delete deals.
    DealDelete = "deal.delete";
    /// Bring a deleted deal back.
    DealRestore = "deal.restore";
    /// Give a deal another owner or assignee.
    DealReassign = "deal.reassign";
    /// Change a deal's status.
    DealTransition = "deal.transition";
    /// Take a deal out of a won or lost status, back to an open one.
    DealReopen = "deal.reopen";
    /// Move a deal to another pipeline or a later stage.
    DealMove = "deal.move";
    /// Move a deal to an earlier stage.
    DealMoveBack = "deal.move_back";
    /// Read tasks.
    TaskRead = "task.read";
    /// Create tasks.
    TaskCreate = "task.create";
    /// Change tasks, also their status.
    TaskUpdate = "task.update";
    /// Delete tasks.
    TaskDelete = "task.delete";
    /// Bring a deleted task back.
    TaskRestore = "task.restore";
    /// Give a task another assignee.
    TaskReassign = "task.reassign";
    /// Read timelines.
    ActivityRead = "activity.read";
    /// Add comments, calls, notes to a timeline.
    ActivityCreate = "activity.create";
    /// Read campaigns.
    CampaignRead = "campaign.read";
    /// Create campaigns.
    CampaignCreate = "campaign.create";
    /// Change campaigns.
    CampaignUpdate = "campaign.update";
    /// Delete campaigns.
    CampaignDelete = "campaign.delete";
    /// Read what being found costs.
    CostRead = "cost.read";
    /// Enter, change and delete costs.
    CostManage = "cost.manage";
    /// Read complexes, units and prices.
    InventoryRead = "inventory.read";
    /// Create, change, import and remove complexes, units and prices.
    InventoryManage = "inventory.manage";
    /// Read holds.
    HoldRead = "hold.read";
    /// Hold a unit.
    HoldCreate = "hold.create";
    /// Extend a hold.
    HoldExtend = "hold.extend";
    /// Release a hold.
    HoldRelease = "hold.release";
    /// Read leads.
    LeadRead = "lead.read";
    /// Create leads.
    LeadCreate = "lead.create";
    /// Change a lead's plain fields.
    LeadUpdate = "lead.update";
    /// Delete leads.
    LeadDelete = "lead.delete";
    /// Bring a deleted lead back.
    LeadRestore = "lead.restore";
    /// Give a lead to somebody, or back to the pool.
    LeadAssign = "lead.assign";
    /// Take a lead from the pool for oneself.
    LeadTake = "lead.take";
    /// Move a lead to another stage.
    LeadMove = "lead.move";
    /// Take a lead out of a closed stage.
    LeadReopen = "lead.reopen";
    /// Turn a lead into a contact and a deal.
    LeadConvert = "lead.convert";
    /// Read the papers of buyers.
    BuyerRead = "buyer.read";
    /// Enter, change and delete the papers of buyers.
    BuyerManage = "buyer.manage";
    /// Read contracts.
    ContractRead = "contract.read";
    /// Draft and sign contracts.
    ContractIssue = "contract.issue";
    /// Cancel contracts.
    ContractCancel = "contract.cancel";
    /// Read payment plans and their lines.
    PlanRead = "plan.read";
    /// Make, replace and cancel payment plans.
    PlanManage = "plan.manage";
    /// Read payments.
    PaymentRead = "payment.read";
    /// Enter money that came in.
    PaymentReceive = "payment.receive";
    /// Reverse a payment.
    PaymentReverse = "payment.reverse";
    /// Read expenses.
    ExpenseRead = "expense.read";
    /// Ask for expenses.
    ExpenseCreate = "expense.create";
    /// Change expenses.
    ExpenseUpdate = "expense.update";
    /// Approve, refuse and pay expenses.
    ExpenseApprove = "expense.approve";
    /// Delete expenses.
    ExpenseDelete = "expense.delete";
    /// Read attendance.
    AttendanceRead = "attendance.read";
    /// Record attendance.
    AttendanceRecord = "attendance.record";
    /// Correct and delete what was recorded.
    AttendanceManage = "attendance.manage";
    /// Read what other systems call our records.
    ReferenceRead = "reference.read";
    /// Say what other systems call our records.
    ReferenceManage = "reference.manage";
    /// Read what other systems told.
    InboxRead = "inbox.read";
    /// Take in what other systems tell.
    InboxReceive = "inbox.receive";
    /// Try again, or give up, what could not be applied.
    InboxResolve = "inbox.resolve";
    /// Read what is told to other systems.
    DeliveryRead = "delivery.read";
    /// Claim deliveries and report on them.
    DeliveryWork = "delivery.work";
    /// Add, cancel and re-queue deliveries.
    DeliveryManage = "delivery.manage";
    /// Read notifications.
    NotificationRead = "notification.read";
    /// Notify members, and cancel that.
    NotificationSend = "notification.send";
    /// Notify any address.
    NotificationSendAnywhere = "notification.send_anywhere";
    /// Claim notifications and report on them.
    NotificationWork = "notification.work";
    /// Ask for the rows of another owner.
    FilterByOwner = "filter.by_owner";
    /// Read the history of records: who changed what, and how a record was at a time.
    HistoryRead = "history.read";
    /// Read boards, totals and reports.
    ReportRead = "report.read";
    /// Bring rows in from elsewhere, as they are.
    ImportRun = "import.run";
}

impl Action {
    /// The part of the engine that it belongs to; empty for what every system has.
    #[must_use]
    pub fn module(self) -> Option<Module> {
        let (noun, _) = self.name().split_once('.')?;
        Module::ALL.iter().copied().find(|module| module.nouns().contains(&noun))
    }
}

impl fmt::Display for Action {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for Action {
    type Err = Problem;

    fn from_str(name: &str) -> Result<Self, Problem> {
        let found = Self::ALL.iter().copied().find(|action| action.name() == name);
        found.ok_or_else(|| Problem::one_of(name, Self::ALL.iter().map(|action| action.name())))
    }
}

impl Serialize for Action {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Action {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// On which rows an action is allowed; ordered from least to most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scope {
    /// On none.
    #[default]
    None,
    /// On the actor's own.
    Own,
    /// On those of the actor's team. Room is kept for it: a profile that grants it is refused until teams exist.
    Team,
    /// On all of the organisation.
    All,
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::None => "none",
            Self::Own => "own",
            Self::Team => "team",
            Self::All => "all",
        })
    }
}

/// The actions that every entity with a life of its own has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crud {
    /// To see it.
    pub read: Action,
    /// To create one.
    pub create: Action,
    /// To change its plain fields.
    pub update: Action,
    /// To delete it.
    pub delete: Action,
    /// To bring it back.
    pub restore: Action,
}

impl Crud {
    /// The actions of an entity that whoever may change it may create, delete and bring back too.
    #[must_use]
    pub const fn managed(read: Action, manage: Action) -> Self {
        Self { read, create: manage, update: manage, delete: manage, restore: manage }
    }
}

//! The parts of the engine that a system may do without.
//!
//! Invariant: a part is on where the profile has its section, and nobody may do anything in one that is off.

use std::fmt;

use super::ProfileSpec;

/// A part of the engine that a profile switches on by having its section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Module {
    /// People who may become customers.
    Leads,
    /// Campaigns and what they cost.
    Marketing,
    /// Units, prices and holds.
    Inventory,
    /// Contracts, plans, payments and expenses.
    Contracts,
    /// Who is at work.
    Attendance,
    /// Other systems: references, inbox, deliveries.
    Integrations,
    /// What somebody is to be told.
    Notifications,
}

impl Module {
    /// Every module.
    pub const ALL: &'static [Self] = &[
        Self::Leads,
        Self::Marketing,
        Self::Inventory,
        Self::Contracts,
        Self::Attendance,
        Self::Integrations,
        Self::Notifications,
    ];

    /// The name of its section in a profile.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Leads => "leads",
            Self::Marketing => "marketing",
            Self::Inventory => "inventory",
            Self::Contracts => "contracts",
            Self::Attendance => "attendance",
            Self::Integrations => "integrations",
            Self::Notifications => "notifications",
        }
    }

    /// The nouns of its actions.
    pub(crate) const fn nouns(self) -> &'static [&'static str] {
        match self {
            Self::Leads => &["lead"],
            Self::Marketing => &["campaign", "cost"],
            Self::Inventory => &["inventory", "hold"],
            Self::Contracts => &["buyer", "contract", "plan", "payment", "expense"],
            Self::Attendance => &["attendance"],
            Self::Integrations => &["reference", "inbox", "delivery"],
            Self::Notifications => &["notification"],
        }
    }

    /// Does a profile have its section?
    #[must_use]
    pub const fn is_on(self, spec: &ProfileSpec) -> bool {
        match self {
            Self::Leads => spec.leads.is_some(),
            Self::Marketing => spec.marketing.is_some(),
            Self::Inventory => spec.inventory.is_some(),
            Self::Contracts => spec.contracts.is_some(),
            Self::Attendance => spec.attendance.is_some(),
            Self::Integrations => spec.integrations.is_some(),
            Self::Notifications => spec.notifications.is_some(),
        }
    }
}

impl fmt::Display for Module {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

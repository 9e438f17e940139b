//! What a profile says of contracts and money.
//!
//! Invariant: what passes the check leaves no question open.

use serde::{Deserialize, Serialize};

use crate::profile::{Faults, MachineSpec, Meaning};
use crate::value::{Line, Word};

/// What a profile says of contracts and money.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractsSpec {
    /// What stands before the number of a contract that names none.
    pub number_prefix: Line,
    /// The fewest digits of such a number.
    pub number_digits: u32,
    /// What kinds of payment plan there are.
    pub plans: Vec<Word>,
    /// How money can come in.
    pub methods: Vec<Word>,
    /// What kinds of expense there are.
    pub categories: Vec<Word>,
    /// How expenses live.
    pub expenses: MachineSpec<ExpenseStatus>,
}

/// What an expense's status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpenseStatus {
    /// It is asked for.
    Open,
    /// It may be paid.
    Approved,
    /// It was paid, and counts.
    Paid,
    /// It was refused.
    Rejected,
}

impl Meaning for ExpenseStatus {
    fn is_end(self) -> bool {
        matches!(self, Self::Paid | Self::Rejected)
    }
}

impl ContractsSpec {
    pub(crate) fn check(&self, faults: &mut Faults) {
        for (place, words) in [
            ("contracts.plans", &self.plans),
            ("contracts.methods", &self.methods),
            ("contracts.categories", &self.categories),
        ] {
            faults.no_duplicates(place, words);
        }
        faults.demand(
            "contracts.number_digits",
            (1..=12).contains(&self.number_digits),
            "a number from 1 to 12",
        );
        self.expenses.check("contracts.expenses", faults);
    }
}

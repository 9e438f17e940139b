//! What a profile says of contracts and money.
//!
//! Invariant: what passes the check leaves no question open.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::describe::Kind;
use crate::profile::{Fault, Faults, MachineSpec, Meaning};
use crate::value::{Line, Word};

/// With it, the longest number still has its place in a contract.
const LONGEST_PREFIX: usize = 25;

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
    /// What is due to others on what comes in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<FeeRule>,
}

/// A fee or a commission: a share of an amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeRule {
    /// What it is called.
    pub name: Word,
    /// How many hundredths of the amount it is.
    pub percent: Decimal,
    /// Of which amount.
    pub base: FeeBase,
    /// To how many decimals it is rounded, half a unit away from zero: 0 for whole units.
    pub decimals: u32,
}

/// Of which amount a fee is a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeBase {
    /// Of what a contract comes to.
    ContractTotal,
    /// Of each payment of a contract.
    PaymentAmount,
    /// Of what the contract's deal is worth.
    DealAmount,
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
        faults.demand(
            "contracts.number_prefix",
            self.number_prefix.as_str().chars().count() <= LONGEST_PREFIX,
            "a text of at most 25 characters",
        );
        self.check_expenses(faults);
        self.check_fees(faults);
    }

    fn check_expenses(&self, faults: &mut Faults) {
        let machine = &self.expenses;
        machine.check("contracts.expenses", faults);
        for state in &machine.states {
            for requirement in &state.requires {
                let name = requirement.field();
                if !Kind::Expense.field(name).is_some_and(|(_, field)| field.given) {
                    let known = Kind::Expense.fields().iter().filter(|field| field.given);
                    let known = known.map(|field| field.name.to_owned()).collect();
                    let place = format!("contracts.expenses.states.{}", state.name);
                    faults.add(&place, Fault::Unknown { name: name.to_owned(), known });
                }
            }
        }
        let starts_open = machine.meaning(&machine.initial) == Some(ExpenseStatus::Open);
        faults.demand("contracts.expenses.initial", starts_open, "a state of kind open");
    }

    fn check_fees(&self, faults: &mut Faults) {
        let names: Vec<_> = self.fees.iter().map(|fee| fee.name.clone()).collect();
        if !names.is_empty() {
            faults.no_duplicates("contracts.fees", &names);
        }
        for fee in &self.fees {
            let place = format!("contracts.fees.{}", fee.name);
            let percent = fee.percent > Decimal::ZERO && fee.percent <= Decimal::ONE_HUNDRED;
            faults.demand(&place, percent, "a percentage of more than 0, and of 100 at most");
            faults.demand(&place, fee.decimals <= 8, "a number of decimals from 0 to 8");
        }
    }
}

//! The verbs of an expense. Each names a change of its status, and the common update judges it.
//!
//! Invariant: what the profile's machine does not allow is refused, whatever verb asks for it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::expense::{Expense, ExpenseEdits};
use crate::command::{Command, update};
use crate::contract::settings;
use crate::describe::{Id, Key};
use crate::draft::{Draft, Halt};
use crate::error::Rule;
use crate::profile::ExpenseStatus;
use crate::value::{ExpenseId, Patch};

/// A verb, and the meaning of the status that it leads to.
macro_rules! expense_command {
    ($(#[doc = $doc:literal])* $command:ident = $name:literal, $status:ident) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $command {
            /// Which expense.
            pub id: ExpenseId,
        }

        impl $command {
            /// Of this expense.
            #[must_use]
            pub fn of(id: ExpenseId) -> Self {
                Self { id }
            }
        }

        impl Command for $command {
            type Output = Arc<Expense>;

            fn name(&self) -> &'static str {
                $name
            }

            fn target(&self) -> Option<Key> {
                Some(self.id.key())
            }

            fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<Expense>, Halt> {
                move_to(tx, self.id, ExpenseStatus::$status)
            }
        }
    };
}

expense_command! {
    /// Approves an expense: it may be paid.
    ApproveExpense = "approve_expense", Approved
}

expense_command! {
    /// Refuses an expense.
    RejectExpense = "reject_expense", Rejected
}

expense_command! {
    /// Notes that an expense was paid. From now on it counts.
    PayExpense = "pay_expense", Paid
}

fn move_to(tx: &mut Draft<'_>, id: ExpenseId, kind: ExpenseStatus) -> Result<Arc<Expense>, Halt> {
    let state = settings(tx)?.expenses.first_of(kind);
    let state = state.ok_or_else(|| {
        let what = format!("{kind:?}").to_lowercase();
        Rule::other("no_such_status", format!("expenses have no status that means {what} here"))
    })?;
    let status = Patch::Set(state.name.to_string());
    update::<Expense>(tx, id, &ExpenseEdits { status, ..ExpenseEdits::default() })
}

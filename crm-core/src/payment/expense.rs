//! Expenses: money that goes out.
//!
//! Invariant: an expense has one author, the acting user, and counts when it is paid.

use rust_decimal::Decimal;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Json, Value, entity};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{Currency, Date, Instant, Line, Prose, UserId, Word};

entity! {
    /// Money that goes out.
    Expense(ExpenseId) = "expense", ExpenseEdits;
    given {
        /// What for.
        title: Line [search, sort];
        /// More about it.
        description: Option<Prose>;
        /// How much.
        amount: Decimal [sort];
        /// In which currency.
        currency: Currency;
        /// What kind of expense it is: one of the profile's categories.
        category: Word [index];
        /// How it stands: a state of the profile's machine.
        status: Word [index];
        /// The day it is or was to be paid.
        spent_on: Option<Date> [sort];
        /// Where the receipts are, as the host keeps them.
        receipts: Option<Json> [private];
    }
    kept {
        /// Who asked for it.
        author: Option<UserId>;
        /// When it was paid.
        paid_at: Option<Instant> [sort];
    }
}

impl Rules for Expense {
    const CRUD: Crud = Crud {
        read: Action::ExpenseRead,
        create: Action::ExpenseCreate,
        update: Action::ExpenseUpdate,
        delete: Action::ExpenseDelete,
        restore: Action::ExpenseDelete,
    };
    const MODULE: Option<Module> = Some(Module::Contracts);
    const NAMES: crate::command::Names = names!("expense");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("expense"))
    }
}

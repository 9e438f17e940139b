//! Expenses: money that goes out.
//!
//! Invariant: an expense has one author, the acting user, and counts when it is paid. What was decided on is not changed.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::json;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, names};
use crate::contract::settings;
use crate::describe::{Entity, FieldId, FieldType, Json, Kind, Value, entity, field_id};
use crate::draft::{Draft, Halt, Permit};
use crate::error::{Error, Rule};
use crate::profile::{ContractsSpec, ExpenseStatus, Module, demand};
use crate::value::{Currency, Date, Instant, Line, Problem, Prose, UserId, Word};

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
        /// The day it is or was to be paid; the day on which it was, where nothing was said.
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

const STATUS: FieldId = field_id(Expense::FIELDS, "status");
const CURRENCY: FieldId = field_id(Expense::FIELDS, "currency");
const AUTHOR: FieldId = field_id(Expense::FIELDS, "author");

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

    fn action_for(field: &str) -> Action {
        if field == "status" { Action::ExpenseApprove } else { Action::ExpenseUpdate }
    }

    fn defaults(tx: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        let currency = tx.own_currency()?;
        Ok(vec![
            (STATUS, settings(tx)?.expenses.initial.to_value()),
            (CURRENCY, currency.to_value()),
            (AUTHOR, tx.person().to_value()),
        ])
    }

    fn judge(
        tx: &mut Draft<'_>,
        before: Option<&Self>,
        after: &mut Self,
        asked: &Asked<'_>,
    ) -> Result<(), Halt> {
        if let Some(before) = before {
            keep_what_was_decided(settings(tx)?, before, after)?;
        }
        if after.amount <= Decimal::ZERO {
            return Err(Error::field("amount", Problem::out_of_range("a number > 0")).into());
        }
        judge_status(tx, before, after, asked)
    }

    fn follow(
        tx: &mut Draft<'_>,
        _: &Permit,
        before: Option<&Self>,
        after: &Self,
        _: &Asked<'_>,
    ) -> Result<(), Halt> {
        match before {
            Some(before) if before.status != after.status => {
                let moved = json!({ "from": before.status, "to": after.status });
                tx.emit("expense.status_changed".to_owned(), &Arc::new(after.clone()).record(), moved)
            }
            _ => Ok(()),
        }
    }

    fn before_delete(tx: &mut Draft<'_>, _: &Permit, row: &Self) -> Result<(), Halt> {
        if is_open(settings(tx)?, row) { Ok(()) } else { Err(decided()) }
    }

    fn findings(tx: &mut Draft<'_>, row: &mut Self) -> Result<Vec<String>, Halt> {
        let spec = settings(tx)?;
        let mut found = Vec::new();
        if let Some(last) = spec.categories.last().filter(|_| !spec.categories.contains(&row.category)) {
            found.push(format!("there is no category `{}`, so it is `{last}`", row.category));
            row.category = last.clone();
        }
        match spec.expenses.meaning(&row.status) {
            None => found.push(format!("there is no status `{}`", row.status)),
            Some(ExpenseStatus::Paid) if row.paid_at.is_none() => {
                found.push("it is not known when it was paid".to_owned());
            }
            Some(_) => {}
        }
        if row.amount.is_zero() {
            found.push("it comes to nothing".to_owned());
        }
        Ok(found)
    }
}

fn is_open(spec: &ContractsSpec, expense: &Expense) -> bool {
    spec.expenses.meaning(&expense.status) == Some(ExpenseStatus::Open)
}

fn decided() -> Halt {
    Rule::other("expense_decided", "only an expense that nobody has decided on is changed").into()
}

/// After the decision only the status may change.
fn keep_what_was_decided(spec: &ContractsSpec, before: &Expense, after: &Expense) -> Result<(), Halt> {
    let moved_back = Expense { status: before.status.clone(), ..after.clone() };
    if is_open(spec, before) || moved_back == *before { Ok(()) } else { Err(decided()) }
}

fn judge_status(
    tx: &mut Draft<'_>,
    before: Option<&Expense>,
    after: &mut Expense,
    asked: &Asked<'_>,
) -> Result<(), Halt> {
    let machine = &settings(tx)?.expenses;
    let from = before.map_or(&machine.initial, |before| &before.status);
    let judged = before.is_some() && asked.has(STATUS) || *from != after.status;
    if !judged || !machine.judge(Kind::Expense, from, &after.status)? {
        return Ok(());
    }
    let record = Arc::new(after.clone()).record();
    if before.is_none() {
        tx.allow(Action::ExpenseApprove, Some(&record))?;
    }
    if let Some(state) = machine.state(&after.status) {
        demand(&state.name, &state.requires, &record)?;
    }
    let paid = machine.meaning(&after.status) == Some(ExpenseStatus::Paid);
    after.paid_at = paid.then(|| tx.now());
    if paid && after.spent_on.is_none() {
        after.spent_on = Some(tx.today()?);
    }
    Ok(())
}

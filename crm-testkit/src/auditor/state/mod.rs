//! What must be true of the rows of an organisation, whatever was asked of it.
//!
//! A prediction needs to know each command; these sentences need to know none. They are read off the documents and off the
//! tables of fields, and hold after each step of each sequence: references lead to rows, what is unique is there once, a
//! word is one that the field can have, a status goes only where it may, and amounts add up.
//!
//! Invariant: nothing here calls a decision of the engine, and nothing is taken for right because the engine wrote it.

mod money;
mod sale;
mod table;
mod work;

use std::collections::BTreeMap;
use std::fmt::Display;

use crm_core::describe::{Key, Kind, Value};
use crm_core::profile::ProfileSpec;
use crm_core::value::{Decimal, Uuid};

use super::world::{Row, Rows};

/// The rows of an organisation, as somebody looks at them who trusts nobody.
pub(super) struct View<'a> {
    pub(super) spec: &'a ProfileSpec,
    pub(super) rows: &'a Rows,
    found: Vec<String>,
}

/// What of the rows is not as it must be; nothing, where the engine is right.
#[must_use]
pub fn violations(spec: &ProfileSpec, rows: &Rows) -> Vec<String> {
    let mut view = View { spec, rows, found: Vec::new() };
    view.check_table();
    view.check_sales();
    view.check_money();
    view.check_work();
    view.found
}

/// What of a change from these rows to those is not as it must be: a row that is gone, a status that went where it may not.
#[must_use]
pub fn wrong_moves(spec: &ProfileSpec, before: &Rows, after: &Rows) -> Vec<String> {
    let mut view = View { spec, rows: after, found: Vec::new() };
    view.check_moves(before);
    view.found
}

impl View<'_> {
    /// Notes what is wrong where something does not hold.
    pub(super) fn demand(&mut self, holds: bool, row: &Row, what: impl Display) {
        if !holds {
            self.found.push(format!("{}: {what}", row.key));
        }
    }

    /// Copies of the live rows of a kind.
    pub(super) fn live(&self, kind: Kind) -> Vec<Row> {
        let all = self.rows.values().filter(|row| row.key.kind == kind && row.is_live());
        all.cloned().collect()
    }

    /// The row that a field leads to, in whatever state.
    pub(super) fn lead_to(&self, kind: Kind, id: Option<Uuid>) -> Option<&Row> {
        self.rows.get(&Key { kind, id: id? })
    }

    /// No two of these rows have the same in this field, where they have something.
    pub(super) fn demand_single<'r>(
        &mut self,
        rows: impl IntoIterator<Item = &'r Row>,
        what: &str,
        of: impl Fn(&Row) -> Option<String>,
    ) {
        let mut seen: BTreeMap<String, Key> = BTreeMap::new();
        for row in rows {
            let Some(value) = of(row) else { continue };
            if let Some(other) = seen.insert(value.clone(), row.key) {
                self.found.push(format!("{} and {other}: {what} `{value}` twice", row.key));
            }
        }
    }
}

/// The amount in a field; nothing there is zero.
pub(super) fn amount(row: &Row, field: &str) -> Decimal {
    match row.get(field) {
        Value::Decimal(amount) => *amount,
        _ => Decimal::ZERO,
    }
}

/// The number in a field; nothing there is zero.
pub(super) fn number(row: &Row, field: &str) -> i64 {
    match row.get(field) {
        Value::Int(number) => *number,
        _ => 0,
    }
}

/// Does the field have this word?
pub(super) fn says(row: &Row, field: &str, word: &str) -> bool {
    row.text(field) == Some(word)
}

//! What the tables of fields say by themselves: references, unique keys, words, and the ways between words.
//!
//! Invariant: a new kind is checked from the day on which it has a table.

use std::collections::BTreeMap;

use crm_core::describe::{FieldKind, Key, Kind};
use crm_core::profile::MachineSpec;
use crm_core::value::normal;

use super::View;
use crate::auditor::world::{Row, Rows};

/// Each word, with those that can follow it.
type Ways = &'static [(&'static str, &'static [&'static str])];

/// The words of the statuses that the engine itself has, with the ways between them. A way may be of several steps, as one
/// command can make them.
const LIVES: &[(Kind, &str, Ways)] = &[
    (
        Kind::Hold,
        "status",
        &[("live", &["released", "expired", "used"]), ("released", &[]), ("expired", &[]), ("used", &[])],
    ),
    (
        Kind::Contract,
        "status",
        &[("draft", &["signed", "cancelled"]), ("signed", &["cancelled"]), ("cancelled", &[])],
    ),
    (
        Kind::PaymentPlan,
        "status",
        &[("live", &["replaced", "cancelled"]), ("replaced", &[]), ("cancelled", &[])],
    ),
    (
        Kind::Installment,
        "status",
        &[("open", &["paid", "cancelled"]), ("paid", &["open", "cancelled"]), ("cancelled", &[])],
    ),
    (Kind::Payment, "entry", &[("received", &[]), ("reversal", &[])]),
    (
        Kind::Incoming,
        "status",
        &[
            ("waiting", &["applied", "skipped", "quarantined", "dead"]),
            ("quarantined", &["applied", "skipped", "waiting", "dead"]),
            ("dead", &["applied", "skipped", "waiting", "quarantined"]),
            ("applied", &[]),
            ("skipped", &[]),
        ],
    ),
    (
        Kind::Delivery,
        "status",
        &[
            ("pending", &["sending", "cancelled", "dead"]),
            ("sending", &["pending", "done", "dead", "cancelled"]),
            ("dead", &["pending", "cancelled"]),
            ("cancelled", &["pending"]),
            ("done", &[]),
        ],
    ),
    (
        Kind::Notification,
        "status",
        &[
            ("pending", &["sending", "sent", "delivered", "read", "cancelled", "dead"]),
            ("sending", &["pending", "sent", "delivered", "read", "dead"]),
            ("sent", &["delivered", "read"]),
            ("delivered", &["read"]),
            ("read", &[]),
            ("cancelled", &[]),
            ("dead", &[]),
        ],
    ),
    (Kind::Notification, "origin", &[("system", &[]), ("user", &[]), ("webhook", &[])]),
    (
        Kind::Target,
        "breaker",
        &[
            ("closed", &["open", "half_open"]),
            ("open", &["closed", "half_open"]),
            ("half_open", &["closed", "open"]),
        ],
    ),
];

impl View<'_> {
    pub(super) fn check_table(&mut self) {
        let rows = self.rows;
        let mut holders: BTreeMap<(Kind, &str, String), Key> = BTreeMap::new();
        for row in rows.values() {
            for field in row.key.kind.fields() {
                if let (FieldKind::Reference(kind), Some(id)) = (field.kind, row.id(field.name)) {
                    let there = rows.contains_key(&Key { kind, id });
                    self.demand(
                        there,
                        row,
                        format!("`{}` leads to {kind} {id}, which is not there", field.name),
                    );
                }
                let Some(text) = row.text(field.name).filter(|_| field.identity && row.is_live()) else {
                    continue;
                };
                if let Some(other) = holders.insert((row.key.kind, field.name, normal(text)), row.key) {
                    self.demand(false, row, format!("shares `{}` `{text}` with {other}", field.name));
                }
            }
            self.check_words(row);
        }
    }

    fn check_words(&mut self, row: &Row) {
        for (kind, field, words) in LIVES.iter().filter(|(kind, ..)| *kind == row.key.kind) {
            let said = row.text(field).unwrap_or_default();
            self.demand(
                words.iter().any(|(word, _)| *word == said),
                row,
                format!("{kind} has no {field} `{said}`"),
            );
        }
        let spec = self.spec;
        for (kind, field, words) in [
            (Kind::Lead, "stage", spec.leads.as_ref().map(|it| names(&it.stages))),
            (Kind::Lead, "rating", spec.leads.as_ref().map(|it| it.ratings.clone())),
            (Kind::Lead, "source", spec.leads.as_ref().map(|it| it.sources.clone())),
            (Kind::Campaign, "status", spec.marketing.as_ref().map(|it| it.statuses.clone())),
            (Kind::Campaign, "platform", spec.marketing.as_ref().map(|it| it.platforms.clone())),
            (Kind::Unit, "category", spec.inventory.as_ref().map(|it| it.categories.clone())),
            (Kind::PaymentPlan, "kind", spec.contracts.as_ref().map(|it| it.plans.clone())),
            (Kind::Payment, "method", spec.contracts.as_ref().map(|it| it.methods.clone())),
            (Kind::Expense, "category", spec.contracts.as_ref().map(|it| it.categories.clone())),
            (Kind::Expense, "status", spec.contracts.as_ref().map(|it| names(&it.expenses))),
            (Kind::Attendance, "status", spec.attendance.as_ref().map(|it| it.statuses.clone())),
            (Kind::Reference, "system", spec.integrations.as_ref().map(|it| it.systems.clone())),
            (Kind::Notification, "channel", spec.notifications.as_ref().map(|it| it.channels.clone())),
        ] {
            let Some(said) = row.text(field).filter(|_| kind == row.key.kind) else { continue };
            let known = words.is_some_and(|words| words.iter().any(|word| *word == *said));
            self.demand(known, row, format!("the profile has no {field} `{said}`"));
        }
    }

    /// Rows stay, and statuses go only where they may.
    pub(super) fn check_moves(&mut self, before: &Rows) {
        for was in before.values() {
            let Some(is) = self.rows.get(&was.key).cloned() else {
                self.demand(false, was, "is gone");
                continue;
            };
            self.demand(is.version >= was.version, &is, "has an earlier version");
            for (_, field, words) in LIVES.iter().filter(|(kind, ..)| *kind == was.key.kind) {
                let (from, to) = (was.text(field).unwrap_or_default(), is.text(field).unwrap_or_default());
                let ways = words.iter().find(|(word, _)| *word == from).map_or(&[][..], |(_, ways)| ways);
                self.demand(from == to || ways.contains(&to), &is, format!("went from `{from}` to `{to}`"));
            }
            let expenses = self.spec.contracts.as_ref().map(|it| &it.expenses);
            if let Some(machine) = expenses.filter(|_| was.key.kind == Kind::Expense) {
                let (from, to) =
                    (was.text("status").unwrap_or_default(), is.text("status").unwrap_or_default());
                self.demand(reaches(machine, from, to), &is, format!("went from `{from}` to `{to}`"));
            }
        }
    }
}

fn names<M>(machine: &MachineSpec<M>) -> Vec<crm_core::value::Word> {
    machine.states.iter().map(|state| state.name.clone()).collect()
}

/// Can a record come from one state to another, in however many moves?
fn reaches<M>(machine: &MachineSpec<M>, from: &str, to: &str) -> bool {
    let mut known = vec![from.to_owned()];
    let mut at = 0;
    while let Some(here) = known.get(at).cloned() {
        if machine.free || here == to {
            return true;
        }
        let state = machine.states.iter().find(|state| state.name == *here.as_str());
        for next in state.iter().flat_map(|state| &state.to).map(ToString::to_string) {
            if !known.contains(&next) {
                known.push(next);
            }
        }
        at += 1;
    }
    false
}

//! Telling of lines that are overdue.
//!
//! That a line is overdue follows from its day, whoever looks; this only tells other systems.
//!
//! Invariant: of each line it is told once.

use std::ops::Bound;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::installment::{DUE_ON, Installment, LineStanding, OVERDUE_NOTED_AT, STATUS};
use crate::access::Action;
use crate::command::{Command, SWEEP};
use crate::describe::{Entity, FieldType, Id};
use crate::draft::{Draft, Halt, ReadSet, first_of};
use crate::store::{Filter, ListQuery, Order};
use crate::value::{Date, InstallmentId};

/// Tells of overdue lines by `payment.overdue`, and marks them. Lines that are not overdue, or of which it was told, are
/// passed over. It answers the lines of which it told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoteOverdue {
    /// Which lines; when it is not said, those of the organisation that are overdue longest, at most 500. While it
    /// answers some, there may be more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<InstallmentId>>,
}

impl NoteOverdue {
    /// Lines of the organisation, whichever are overdue longest.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// These lines.
    #[must_use]
    pub fn of(lines: impl IntoIterator<Item = InstallmentId>) -> Self {
        Self { lines: Some(lines.into_iter().collect()) }
    }
}

/// The lines that are overdue and of which nobody was told.
fn untold(today: Date) -> ListQuery {
    let past = Filter::Range(DUE_ON, Bound::Unbounded, Bound::Excluded(today.to_value()));
    let open = Filter::text(STATUS, "open").and(past).and(Filter::Empty(OVERDUE_NOTED_AT));
    first_of::<Installment>(open, Order { field: DUE_ON, descending: false }, SWEEP)
}

impl Command for NoteOverdue {
    type Output = Vec<Arc<Installment>>;

    fn name(&self) -> &'static str {
        "note_overdue"
    }

    fn hints(&self) -> ReadSet {
        match &self.lines {
            Some(ids) => ReadSet { keys: ids.iter().map(|id| id.key()).collect(), ..ReadSet::new() },
            None => ReadSet::new(),
        }
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Vec<Arc<Installment>>, Halt> {
        super::plan::demand_any(tx, Action::PlanManage)?;
        let today = tx.today()?;
        let lines = match &self.lines {
            Some(ids) => ids.iter().map(|id| tx.get(*id)).collect::<Result<_, _>>()?,
            None => tx.first::<Installment>(&untold(today))?.rows,
        };
        let mut told = Vec::new();
        for line in lines {
            if line.standing(today) != LineStanding::Overdue || line.overdue_noted_at.is_some() {
                continue;
            }
            let permit = tx.allow(Action::PlanManage, Some(&Arc::clone(&line).record()))?;
            let noted = Installment { overdue_noted_at: Some(tx.now()), ..line.as_ref().clone() };
            let line = tx.put(&permit, noted)?;
            let facts = json!({
                "plan": line.plan, "contract": line.contract, "lead": line.lead, "number": line.number,
                "due_on": line.due_on, "currency": line.currency,
                "outstanding": line.outstanding.map(|amount| amount.to_string()),
            });
            tx.emit("payment.overdue".to_owned(), &Arc::clone(&line).record(), facts)?;
            told.push(line);
        }
        Ok(told)
    }
}

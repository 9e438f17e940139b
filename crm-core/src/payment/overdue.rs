//! Telling of lines that are overdue.
//!
//! That a line is overdue follows from its day, whoever looks; this only tells other systems.
//!
//! Invariant: of each line it is told once.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::installment::{self, Installment, LineStanding};
use crate::access::Action;
use crate::command::Command;
use crate::describe::{Entity, Id, Kind, Value};
use crate::draft::{Draft, Halt, ReadSet, SetQuery};
use crate::value::InstallmentId;

/// Tells of overdue lines by `payment.overdue`, and marks them. Lines that are not overdue, or of which it was told, are
/// passed over. It answers the lines of which it told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoteOverdue {
    /// Which lines; all of the organisation when it is not said. Where there are very many, a page of a list at a time
    /// is quicker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<InstallmentId>>,
}

impl NoteOverdue {
    /// All lines of the organisation.
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

fn open_lines() -> Vec<(crate::describe::FieldId, Value)> {
    vec![(installment::STATUS, Value::text("open"))]
}

impl Command for NoteOverdue {
    type Output = Vec<Arc<Installment>>;

    fn name(&self) -> &'static str {
        "note_overdue"
    }

    fn hints(&self) -> ReadSet {
        match &self.lines {
            Some(ids) => ReadSet { keys: ids.iter().map(|id| id.key()).collect(), ..ReadSet::new() },
            None => ReadSet::new().with_set(SetQuery::live(Kind::Installment, open_lines())),
        }
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Vec<Arc<Installment>>, Halt> {
        super::plan::demand_any(tx, Action::PlanManage)?;
        let today = tx.today()?;
        let lines = match &self.lines {
            Some(ids) => ids.iter().map(|id| tx.get(*id)).collect::<Result<_, _>>()?,
            None => tx.rows::<Installment>(open_lines())?,
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

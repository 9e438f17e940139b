//! Who closed what, and who has how much to do.

use std::collections::BTreeSet;

use serde::Serialize;

use super::figure::{Tally, percent};
use super::period::Days;
use super::{Answered, Frame, Report, Selection};
use crate::deal::{AMOUNT, CLOSED_AT, CURRENCY, Deal, OUTCOME, OWNER};
use crate::describe::{FieldType, Value};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::list::List;
use crate::store::{Filter, Question};
use crate::task::{ASSIGNEE, Task};
use crate::value::{Currency, Decimal, UserId};

/// Who won and lost deals that closed on some days.
#[derive(Clone, Debug)]
pub struct Leaderboard {
    days: Days,
    deals: List<Deal>,
    by: Option<Currency>,
}

impl Leaderboard {
    /// Deals that closed on these days.
    #[must_use]
    pub fn of(days: Days) -> Self {
        Self { days, deals: List::new(), by: None }
    }

    /// Only the deals of this list, whatever its page.
    #[must_use]
    pub fn deals(mut self, deals: List<Deal>) -> Self {
        self.deals = deals;
        self
    }

    /// In the order of what was won in a currency; else in the order of how many deals were won.
    #[must_use]
    pub fn by_amount_in(mut self, currency: Currency) -> Self {
        self.by = Some(currency);
        self
    }
}

/// What [`Leaderboard`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeaderboardFigures {
    /// All deals that were won on these days.
    pub won: Tally,
    /// All deals that were lost on these days.
    pub lost: Tally,
    /// Each owner, the best first, equals in the order of their ids; deals without an owner are a line too.
    pub owners: Vec<Standing>,
}

/// What somebody won and lost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing {
    /// Who.
    pub owner: Option<UserId>,
    /// What they won.
    pub won: Tally,
    /// What they lost.
    pub lost: Tally,
    /// Won, of those that ended won or lost, in per cent.
    pub win_rate: Decimal,
}

impl Report for Leaderboard {
    type Figures = LeaderboardFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        let zone = tx.organization()?.time_zone;
        let ended = Filter::OneOf(OUTCOME, ["won", "lost"].map(Value::text).into());
        let then = self.days.check()?.instants(CLOSED_AT, zone);
        let deals = Selection::of(tx, &self.deals)?.and(ended).and(then);
        Ok(vec![deals.sum(AMOUNT, &[OWNER, OUTCOME, CURRENCY])])
    }

    fn fold(&self, _: &Frame<'_>, answers: &mut Answered) -> Result<LeaderboardFigures, Error> {
        let cut = answers.cut()?;
        let ended = |how: &str, whose: Filter| cut.tally(&whose.and(Filter::text(OUTCOME, how)));
        let standing = |owner: Value| {
            let whose = Filter::Equals(OWNER, owner.clone());
            let (won, lost) = (ended("won", whose.clone())?, ended("lost", whose)?);
            let win_rate = percent(won.count, won.count + lost.count);
            Ok(Standing { owner: UserId::from_value(&owner), won, lost, win_rate })
        };
        let mut owners = cut.values(OWNER).into_iter().map(standing).collect::<Result<Vec<_>, Error>>()?;
        let worth = |one: &Standing| self.by.map(|currency| one.won.money(currency).amount);
        // The owners come in the order of their ids, and the sort keeps that of equals.
        owners.sort_by_key(|one| std::cmp::Reverse((worth(one), one.won.count)));
        Ok(LeaderboardFigures { won: ended("won", Filter::All)?, lost: ended("lost", Filter::All)?, owners })
    }
}

/// Who has how much to do, and how much of it is late.
#[derive(Clone, Debug)]
pub struct Workload {
    tasks: List<Task>,
}

impl Workload {
    /// The open tasks of a list, whatever its page.
    #[must_use]
    pub fn of(tasks: List<Task>) -> Self {
        Self { tasks }
    }
}

impl Default for Workload {
    fn default() -> Self {
        Self::of(List::new())
    }
}

/// What [`Workload`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorkloadFigures {
    /// All open tasks.
    pub open: Tally,
    /// Those whose time is over.
    pub overdue: Tally,
    /// Each assignee, in the order of their ids; tasks of nobody are a line too.
    pub assignees: Vec<Load>,
}

/// What somebody has to do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Load {
    /// Who.
    pub assignee: Option<UserId>,
    /// Their open tasks.
    pub open: Tally,
    /// Those whose time is over.
    pub overdue: Tally,
}

impl Report for Workload {
    type Figures = WorkloadFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        let open = Selection::of(tx, &self.tasks.clone().only_open())?;
        let overdue = Selection::of(tx, &self.tasks.clone().overdue())?;
        Ok(vec![open.measure(&[ASSIGNEE]), overdue.measure(&[ASSIGNEE])])
    }

    fn fold(&self, _: &Frame<'_>, answers: &mut Answered) -> Result<WorkloadFigures, Error> {
        let (open, overdue) = (answers.cut()?, answers.cut()?);
        let all: BTreeSet<Value> = open.values(ASSIGNEE).union(&overdue.values(ASSIGNEE)).cloned().collect();
        let load = |assignee: Value| {
            let whose = Filter::Equals(ASSIGNEE, assignee.clone());
            Ok(Load {
                assignee: UserId::from_value(&assignee),
                open: open.tally(&whose)?,
                overdue: overdue.tally(&whose)?,
            })
        };
        let assignees = all.into_iter().map(load).collect::<Result<_, Error>>()?;
        Ok(WorkloadFigures { open: open.all()?, overdue: overdue.all()?, assignees })
    }
}

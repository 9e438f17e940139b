//! How many tasks, contacts and entries of timelines there are, and the dashboard of all.

use std::sync::Arc;

use serde::Serialize;

use super::figure::{Tally, percent};
use super::sales::{Sales, SalesFigures, StatusFigures};
use super::selection::Cut;
use super::{Answered, Frame, Report, Selection};
use crate::activity::{self, Activity};
use crate::contact::{self, Contact};
use crate::describe::FieldId;
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::list::List;
use crate::profile::TaskStatus;
use crate::store::Question;
use crate::task::{self, Task};
use crate::value::{Decimal, Word};

/// How the tasks of a list stand.
#[derive(Clone, Debug)]
pub struct TaskCounts {
    tasks: List<Task>,
}

/// What [`TaskCounts`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskFigures {
    /// All tasks.
    pub all: Tally,
    /// By status: every status of the profile in its order; then those that it does not have any more.
    pub by_status: Vec<StatusFigures>,
    /// Open tasks whose time is over.
    pub overdue: Tally,
    /// Done, of all tasks, in per cent; those that were given up are among all.
    pub completion_rate: Decimal,
}

impl Report for TaskCounts {
    type Figures = TaskFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        let all = Selection::of(tx, &self.tasks)?;
        let overdue = Selection::of(tx, &self.tasks.clone().overdue())?;
        Ok(vec![all.measure(&[task::STATUS]), overdue.measure(&[])])
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<TaskFigures, Error> {
        let (cut, overdue) = (answers.cut()?, answers.cut()?.all()?);
        let all = cut.all()?;
        let states = &frame.profile.spec().tasks.status.states;
        let known = states.iter().map(|state| state.name.clone());
        let by_status = cut.by_word(task::STATUS, known)?;
        let is_done = |status: &Word| {
            states.iter().any(|state| state.kind == TaskStatus::Done && state.name == *status)
        };
        let done = by_status.iter().filter(|(status, _)| is_done(status)).map(|(_, tally)| tally.count).sum();
        Ok(TaskFigures {
            completion_rate: percent(done, all.count),
            by_status: StatusFigures::each(by_status, all.count),
            overdue,
            all,
        })
    }
}

/// How many rows there are of a kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KindCount {
    /// The kind: a word of the profile.
    pub kind: Word,
    /// How many.
    #[serde(flatten)]
    pub tally: Tally,
}

fn by_kind(cut: &Cut, field: FieldId, known: Vec<Word>) -> Result<Vec<KindCount>, Error> {
    let counts = cut.by_word(field, known)?.into_iter();
    Ok(counts.map(|(kind, tally)| KindCount { kind, tally }).collect())
}

macro_rules! counts_by_kind {
    ($(#[doc = $doc:literal])* $report:ident($entity:ident, $field:expr, $known:expr) -> $figures:ident) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub struct $report {
            rows: List<$entity>,
        }

        impl $report {
            /// The rows of a list, whatever its page.
            #[must_use]
            pub fn of(rows: List<$entity>) -> Self {
                Self { rows }
            }
        }

        impl Default for $report {
            fn default() -> Self {
                Self::of(List::new())
            }
        }

        #[doc = concat!("What [`", stringify!($report), "`] tells.")]
        #[derive(Clone, Debug, PartialEq, Serialize)]
        pub struct $figures {
            /// All of them.
            pub all: Tally,
            /// By kind: every kind of the profile in its order; then those that it does not have any more.
            pub by_kind: Vec<KindCount>,
        }

        impl Report for $report {
            type Figures = $figures;

            fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
                Ok(vec![Selection::of(tx, &self.rows)?.measure(&[$field])])
            }

            fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<$figures, Error> {
                let cut = answers.cut()?;
                let known: fn(&Frame<'_>) -> Vec<Word> = $known;
                Ok($figures { all: cut.all()?, by_kind: by_kind(&cut, $field, known(frame))? })
            }
        }
    };
}

counts_by_kind! {
    /// How many contacts a list has.
    ContactCounts(Contact, contact::KIND, |_| contact::kinds().unwrap_or_default()) -> ContactFigures
}

counts_by_kind! {
    /// How many entries of timelines a list has.
    ActivityCounts(Activity, activity::KIND, |frame| {
    frame.profile.spec().activities.kinds.iter().map(|kind| kind.name.clone()).collect()
}) -> ActivityFigures
}

impl TaskCounts {
    /// The tasks of a list, whatever its page.
    #[must_use]
    pub fn of(tasks: List<Task>) -> Self {
        Self { tasks }
    }
}

impl Default for TaskCounts {
    fn default() -> Self {
        Self::of(List::new())
    }
}

/// Everything at a glance, from one state.
#[derive(Clone, Debug)]
pub struct Dashboard {
    sales: Sales,
    tasks: TaskCounts,
    contacts: ContactCounts,
    activities: ActivityCounts,
    newest: u32,
}

impl Default for Dashboard {
    fn default() -> Self {
        Self {
            sales: Sales::default(),
            tasks: TaskCounts::default(),
            contacts: ContactCounts::of(List::<Contact>::new().with_inactive()),
            activities: ActivityCounts::default(),
            newest: 10,
        }
    }
}

/// What [`Dashboard`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DashboardFigures {
    /// The deals.
    pub sales: SalesFigures,
    /// The tasks.
    pub tasks: TaskFigures,
    /// The contacts, also those that are not in use.
    pub contacts: ContactFigures,
    /// The entries of timelines.
    pub activities: ActivityFigures,
    /// The ten entries that were made last, the newest first.
    pub newest: Vec<Arc<Activity>>,
}

impl Report for Dashboard {
    type Figures = DashboardFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        let mut all = self.sales.questions(tx)?;
        all.extend(self.tasks.questions(tx)?);
        all.extend(self.contacts.questions(tx)?);
        all.extend(self.activities.questions(tx)?);
        let newest = List::<Activity>::new().order_by("created_at", true).first(self.newest).without_total();
        all.push(Question::List(newest.resolve(tx)?));
        Ok(all)
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<DashboardFigures, Error> {
        Ok(DashboardFigures {
            sales: self.sales.fold(frame, answers)?,
            tasks: self.tasks.fold(frame, answers)?,
            contacts: self.contacts.fold(frame, answers)?,
            activities: self.activities.fold(frame, answers)?,
            newest: answers.rows()?,
        })
    }
}

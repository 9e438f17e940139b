//! Reports: exact figures, each with the rows that add up to it.
//!
//! A [`Report`] is to reading what a command is to writing: it says what it must ask, all of it is answered from one
//! state, and a pure fold makes the figures. Reports on how things stand are folds over groups that a store counts
//! ([`Cut`]); reports on how things went are folds over the ledger ([`Life`]). `docs/analytics.md` defines every figure.
//!
//! Three rules hold everywhere. Amounts of different currencies are never added; one figure needs a [`Rates`] table. A
//! rate or a share of nothing is 0, and says so in its definition where it is absent instead. Deleted deals are in no
//! figure but those of the past in which they were there.
//!
//! Invariant: the receipt of a figure adds up to it.

/// Writes what reports say the same of themselves: a setter for each part, named like its field, and what they are where
/// nothing is said.
macro_rules! narrowed {
    ($report:ident; $($part:ident: $type:ty, $doc:literal;)*) => {
        impl $report {$(
            #[doc = $doc]
            #[must_use]
            pub fn $part(mut self, $part: $type) -> Self {
                self.$part = $part;
                self
            }
        )*}

        impl Default for $report {
            fn default() -> Self {
                Self::of(Period::default())
            }
        }
    };
}

mod accuracy;
mod collections;
mod counts;
mod figure;
mod forecast;
mod funnel;
mod income;
mod leads;
mod life;
mod marketing;
mod movement;
mod outcomes;
mod people;
mod performance;
mod period;
mod periods;
mod rates;
mod ratio;
mod reach;
mod receipt;
mod sales;
mod selection;
mod stage_time;

use std::fmt;
use std::sync::Arc;

pub use self::accuracy::{ForecastAccuracy, ForecastAccuracyFigures, Hit};
pub use self::collections::{Collections, CollectionsFigures};
pub use self::counts::{
    ActivityCounts, ActivityFigures, ContactCounts, ContactFigures, Dashboard, DashboardFigures, KindCount,
    TaskCounts, TaskFigures,
};
pub use self::figure::{Tally, Total, average, percent};
pub use self::forecast::{Forecast, ForecastFigures, ForecastLine};
pub use self::funnel::{Funnel, FunnelFigures, FunnelStage};
pub use self::income::{Income, IncomeFigures, Profit, ProfitFigures};
pub use self::leads::{
    Attention, AttentionFigures, ContractConversion, ContractConversionFigures, DailyLeads,
    DailyLeadsFigures, DayOfLeads, LeadConversion, LeadConversionFigures, LeadDays, LeadDaysFigures,
    LeadFunnel, LeadFunnelFigures, LeadFunnelStage, LeadReach, LeadReachFigures, LeadReachedStage, LeadStep,
    OwnerConversion, Trend, Way,
};
pub use self::life::{Life, State};
pub use self::marketing::{
    Acquired, Acquisition, AcquisitionFigures, Attribution, CampaignFigures, CampaignMoney,
    CampaignPerformance, CampaignResult, Origin, Reported, Return, Returned, Returns, ReturnsFigures,
    SourceFigures, SourceResult, Sources,
};
pub use self::movement::{
    Moved, Movement, MovementFigures, PipelineAsOf, PipelineAsOfFigures, StageAsOf, StageMove,
};
pub use self::outcomes::{
    Cycle, LostFor, Outcomes, OutcomesFigures, Speed, StageEnd, Velocity, VelocityFigures,
};
pub use self::people::{Leaderboard, LeaderboardFigures, Load, Standing, Workload, WorkloadFigures};
pub use self::performance::{
    ManagerPerformance, ManagerPerformanceFigures, MemberPerformance, MemberPresence, Presence,
    PresenceFigures, Seen, Whose,
};
pub use self::period::{Days, Period, Step};
pub use self::periods::{DealEvent, PeriodFigures, Periods, PeriodsFigures, What};
pub(crate) use self::rates::Conversion;
pub use self::rates::{Converted, MissingRate, Rates};
pub use self::ratio::{MoneyRatio, Ratio};
pub use self::reach::{Reach, ReachFigures, ReachedStage};
pub use self::sales::{Sales, SalesFigures, StatusFigures};
pub use self::selection::{Cut, Selection};
pub use self::stage_time::{StageTime, StageTimeFigures, StageTimes, Stay};

use crate::describe::{CREATED_AT, Entity};
use crate::draft::{Draft, Halt, ReadSet};
use crate::error::Error;
use crate::pipeline::Pipeline;
use crate::profile::{DealStatus, Profile};
use crate::store::{Answers, Filter, HistoryQuery, ListQuery, Order, Question, Rows, Window};
use crate::value::{Instant, PipelineId, Word, Zone};

/// A report: what it asks, and how its figures follow from the answers.
///
/// A host can write its own: [`Selection::of`] gives the rows that the actor may see, and its questions.
pub trait Report: fmt::Debug + Send + Sync {
    /// What it tells.
    type Figures: fmt::Debug + Send;

    /// Records that its questions will look at, as far as that is known beforehand: they are loaded at once. A report that
    /// says nothing here tells the same.
    fn hints(&self) -> ReadSet {
        ReadSet::new()
    }

    /// What must be asked. All of it is answered from one state.
    ///
    /// # Errors
    /// The actor may not ask it, the report asks for something that there is not, or facts are missing.
    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt>;

    /// Makes the figures, from the answers in the order of the questions. Pure.
    ///
    /// # Errors
    /// The answers are not those of the questions, or a figure has more digits than a decimal holds.
    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<Self::Figures, Error>;
}

/// What figures are made under, besides the answers.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'f> {
    /// The rules.
    pub profile: &'f Profile,
    /// The time of the report.
    pub now: Instant,
    /// The organisation's time zone, in which days, months and years are counted.
    pub zone: Zone,
}

impl Frame<'_> {
    /// What a deal's status means.
    #[must_use]
    pub fn meaning(&self, status: &Word) -> Option<DealStatus> {
        self.profile.spec().deals.status.meaning(status)
    }
}

/// Questions with their answers, taken one after the other.
#[derive(Debug)]
pub struct Answered {
    questions: std::vec::IntoIter<Question>,
    answers: Answers,
}

impl Answered {
    /// The answers to these questions.
    #[must_use]
    pub fn new(questions: Vec<Question>, answers: Answers) -> Self {
        Self { questions: questions.into_iter(), answers }
    }

    /// The next answer, to a measure.
    ///
    /// # Errors
    /// It is not the answer to one.
    pub fn cut(&mut self) -> Result<Cut, Error> {
        match self.questions.next() {
            Some(Question::Measure(measure)) => Ok(Cut::new(measure, self.answers.groups()?)),
            _ => Err(out_of_step("a measure")),
        }
    }

    /// The next answer, to a list.
    ///
    /// # Errors
    /// It is not the answer to one.
    pub fn rows<E: Entity>(&mut self) -> Result<Vec<Arc<E>>, Error> {
        let Rows { rows, .. } = match self.questions.next() {
            Some(Question::List(_)) => self.answers.rows()?,
            _ => return Err(out_of_step("a list")),
        };
        Ok(rows.iter().filter_map(E::from_record).cloned().collect())
    }

    /// The next answer, to a history: the past of each record.
    ///
    /// # Errors
    /// It is not the answer to one, or the ledger holds something that cannot be read.
    pub fn lives<E: Entity>(&mut self) -> Result<Vec<Life<E>>, Error> {
        match self.questions.next() {
            Some(Question::History(_)) => Life::all(&self.answers.entries()?),
            _ => Err(out_of_step("a history")),
        }
    }
}

fn out_of_step(what: &str) -> Error {
    Error::Internal(format!("a report took {what} where it had asked something else"))
}

/// All pipelines, in the order in which they were made. Reports name stages in this order; no role is asked, because a
/// pipeline is no secret to whoever may read reports.
fn all_pipelines() -> Question {
    Question::List(ListQuery {
        kind: Pipeline::KIND,
        visible: Filter::All,
        filter: Filter::All,
        order: Order { field: CREATED_AT, descending: false },
        window: Window { skip: 0, after: None, most: u32::MAX },
        per_group: None,
        total: false,
    })
}

/// The past of all pipelines until a time: what their stages were worth then.
fn pipelines_until(until: Instant) -> Question {
    let (kind, visible, filter) = (Pipeline::KIND, Filter::All, Filter::All);
    Question::History(HistoryQuery { kind, visible, filter, until: Some(until) })
}

/// Where each stage of these pipelines stands in a report.
fn stage_order<'p>(
    pipelines: impl IntoIterator<Item = &'p Arc<Pipeline>>,
) -> impl Fn(Option<PipelineId>, Option<&Word>) -> (usize, usize) {
    let places: Vec<_> =
        pipelines.into_iter().map(|row| (row.id, row.keys().cloned().collect::<Vec<_>>())).collect();
    move |pipeline, stage| {
        let at = places.iter().position(|(id, _)| Some(*id) == pipeline);
        let keys = at.and_then(|at| places.get(at)).map(|(_, keys)| keys);
        let within = keys.and_then(|keys| keys.iter().position(|key| Some(key) == stage));
        (at.unwrap_or(usize::MAX), within.unwrap_or(usize::MAX))
    }
}

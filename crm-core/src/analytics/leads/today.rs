//! What a day brought, compared with the day before.
//!
//! Invariant: the two days are whole days of the organisation's calendar; today counts as far as it has come.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{meaning, named_stages};
use crate::analytics::{Answered, Days, Frame, Life, Report, Selection, Tally};
use crate::describe::{CREATED_AT, FieldType, UPDATED_AT, Value};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::lead::Lead;
use crate::list::List;
use crate::profile::LeadStage;
use crate::store::{Filter, Question};
use crate::value::{Date, Uuid};

/// New and processed leads of today, compared with yesterday.
///
/// | figure | formula |
/// |---|---|
/// | new | leads that were created on the day |
/// | processed | leads whose stage became one of those that the caller names on the day, once each |
/// | trend | up when today has more than yesterday, down when it has less |
///
/// Where the caller names no stage, all that are not new are meant. A lead that is created in such a stage has not become
/// it. Leads that are deleted now are in no figure.
#[derive(Clone, Debug, Default)]
pub struct DailyLeads {
    leads: List<Lead>,
    processed: Option<Vec<String>>,
}

impl DailyLeads {
    /// The leads of a list, whatever its page.
    #[must_use]
    pub fn of(leads: List<Lead>) -> Self {
        Self { leads, processed: None }
    }

    /// Takes those leads for processed that come into one of these stages.
    #[must_use]
    pub fn processed<S: Into<String>>(mut self, stages: impl IntoIterator<Item = S>) -> Self {
        self.processed = Some(stages.into_iter().map(Into::into).collect());
        self
    }
}

/// What [`DailyLeads`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DailyLeadsFigures {
    /// Today.
    pub today: DayOfLeads,
    /// Yesterday.
    pub yesterday: DayOfLeads,
    /// New leads of today, compared with yesterday's.
    pub new: Trend,
    /// Processed leads of today, compared with yesterday's.
    pub processed: Trend,
}

/// What one day brought.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DayOfLeads {
    /// The day.
    pub day: Date,
    /// Leads that were created.
    pub new: Tally,
    /// Leads that were processed.
    pub processed: Tally,
}

/// How one number compares with the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Trend {
    /// Which way it goes.
    pub way: Way,
    /// By how much.
    pub by: u64,
}

/// Which way a number goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// It is greater than the one before.
    Up,
    /// It is the same.
    Same,
    /// It is less.
    Down,
}

impl Trend {
    /// From one number to the next.
    #[must_use]
    pub fn between(before: u64, after: u64) -> Self {
        let way = match after.cmp(&before) {
            std::cmp::Ordering::Greater => Way::Up,
            std::cmp::Ordering::Equal => Way::Same,
            std::cmp::Ordering::Less => Way::Down,
        };
        Self { way, by: after.abs_diff(before) }
    }
}

fn one(day: Date) -> Days {
    Days::new(day, day.plus_days(1))
}

impl Report for DailyLeads {
    type Figures = DailyLeadsFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        if let Some(named) = &self.processed {
            named_stages(tx.profile(), "processed", named)?;
        }
        let (today, zone) = (tx.today()?, tx.organization()?.time_zone);
        let yesterday = zone.start_of(today.plus_days(-1)).to_value();
        let leads = Selection::of(tx, &self.leads)?;
        // Whose stage changed since, was written since.
        let since = |field| {
            Filter::Range(field, std::ops::Bound::Included(yesterday.clone()), std::ops::Bound::Unbounded)
        };
        Ok(vec![
            leads.clone().and(since(CREATED_AT)).measure(&[CREATED_AT]),
            leads.clone().measure(&[]),
            leads.and(since(UPDATED_AT)).history(None),
        ])
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<DailyLeadsFigures, Error> {
        let (new, all, lives) = (answers.cut()?, answers.cut()?, answers.lives::<Lead>()?);
        let stages = match &self.processed {
            Some(named) => Some(named_stages(frame.profile, "processed", named)?),
            None => None,
        };
        let of = |day: Date| {
            let there = lives.iter().filter(|life| life.now().is_some());
            let became = there.filter(|life| became(frame, life, stages.as_ref(), one(day)));
            let ids: BTreeSet<Uuid> = became.map(|life| life.id.into()).collect();
            let new = new.tally(&one(day).instants(CREATED_AT, frame.zone))?;
            Ok::<_, Error>(DayOfLeads { day, new, processed: all.named(ids) })
        };
        let today = frame.zone.date_of(frame.now);
        let (today, yesterday) = (of(today)?, of(today.plus_days(-1))?);
        Ok(DailyLeadsFigures {
            new: Trend::between(yesterday.new.count, today.new.count),
            processed: Trend::between(yesterday.processed.count, today.processed.count),
            today,
            yesterday,
        })
    }
}

/// Did a lead's stage become one of these on these days; or, where none is named, did it leave a stage that is new?
fn became(frame: &Frame<'_>, life: &Life<Lead>, stages: Option<&BTreeSet<Value>>, days: Days) -> bool {
    let is_one = |lead: &Lead| match stages {
        Some(stages) => stages.contains(&lead.stage.to_value()),
        None => meaning(frame.profile, &lead.stage) != Some(LeadStage::New),
    };
    let mut steps = life.states.iter().zip(life.states.iter().skip(1));
    steps.any(|(before, after)| {
        !is_one(&before.row) && is_one(&after.row) && days.holds(after.since, frame.zone)
    })
}

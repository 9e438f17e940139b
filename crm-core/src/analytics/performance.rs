//! What each member brought in, and who is there.
//!
//! Invariant: deals of nobody are a line too, so the lines add up to the whole.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Bound;

use serde::{Deserialize, Serialize};

use super::figure::Tally;
use super::period::{Days, Period};
use super::ratio::Ratio;
use super::{Answered, Frame, Report, Selection};
use crate::activity::Activity;
use crate::attendance::{self, Attendance, is_at_work};
use crate::deal::{AMOUNT, ASSIGNEE, CLOSED_AT, CURRENCY, Deal, OUTCOME, OWNER};
use crate::describe::{CREATED_AT, Entity, FieldId, FieldType, Value, field_id};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::list::List;
use crate::membership::Membership;
use crate::store::{Filter, ListQuery, Order, PerGroup, Question, Window};
use crate::value::{Instant, UserId};

/// Deals that were won in a period, and what they brought, by who works on them.
///
/// | figure | formula |
/// |---|---|
/// | won | deals that were won and closed in the period, with their amounts, for each currency |
/// | share | their number, of all that were won, in per cent |
#[derive(Clone, Debug)]
pub struct ManagerPerformance {
    period: Period,
    by: Whose,
    deals: List<Deal>,
}

/// Whose a deal is taken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// Whoever works on it.
    #[default]
    Assignee,
    /// Its owner.
    Owner,
}

impl ManagerPerformance {
    /// Of a period, by who works on a deal.
    #[must_use]
    pub fn of(period: impl Into<Period>) -> Self {
        Self { period: period.into(), by: Whose::default(), deals: List::new() }
    }

    /// By owner, say.
    #[must_use]
    pub fn by(mut self, by: Whose) -> Self {
        self.by = by;
        self
    }

    /// Only the deals of this list, whatever its page.
    #[must_use]
    pub fn deals(mut self, deals: List<Deal>) -> Self {
        self.deals = deals;
        self
    }

    fn field(&self) -> FieldId {
        match self.by {
            Whose::Assignee => ASSIGNEE,
            Whose::Owner => OWNER,
        }
    }
}

impl Default for ManagerPerformance {
    fn default() -> Self {
        Self::of(Period::default())
    }
}

/// What [`ManagerPerformance`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ManagerPerformanceFigures {
    /// The days of the period.
    pub days: Days,
    /// All deals that were won.
    pub won: Tally,
    /// Each member who won one, those with the most first, equals in the order of their ids; deals of nobody are a line too.
    pub members: Vec<MemberPerformance>,
}

/// What one member won.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MemberPerformance {
    /// Who.
    pub member: Option<UserId>,
    /// What they won.
    pub won: Tally,
    /// Of all that were won, by number, in per cent.
    pub share: Ratio,
}

impl Report for ManagerPerformance {
    type Figures = ManagerPerformanceFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        let (days, zone) = (self.period.days(tx.today()?)?, tx.organization()?.time_zone);
        let won = Filter::text(OUTCOME, "won").and(days.instants(CLOSED_AT, zone));
        Ok(vec![Selection::of(tx, &self.deals)?.and(won).sum(AMOUNT, &[self.field(), CURRENCY])])
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<ManagerPerformanceFigures, Error> {
        let (cut, field) = (answers.cut()?, self.field());
        let all = cut.all()?;
        let member = |member: Value| {
            let won = cut.tally(&Filter::Equals(field, member.clone()))?;
            let share = Ratio::share(won.count, all.count);
            Ok(MemberPerformance { member: UserId::from_value(&member), won, share })
        };
        let mut members = cut.values(field).into_iter().map(member).collect::<Result<Vec<_>, Error>>()?;
        members.sort_by_key(|line| Reverse(line.won.count));
        let days = self.period.days(frame.zone.date_of(frame.now))?;
        Ok(ManagerPerformanceFigures { days, won: all, members })
    }
}

const AUTHOR: FieldId = field_id(Activity::FIELDS, "author");

/// When each member of a list was last seen: when they last wrote an entry of a timeline. Whether they are logged in is the
/// host's to know.
#[derive(Clone, Debug, Default)]
pub struct Presence {
    members: List<Membership>,
    attendance: bool,
}

impl Presence {
    /// The members of a list, whatever its page.
    #[must_use]
    pub fn of(members: List<Membership>) -> Self {
        Self { members, attendance: false }
    }

    /// Tells also who is at work, by what was recorded for today and by the working calendars.
    #[must_use]
    pub fn with_attendance(mut self) -> Self {
        self.attendance = true;
        self
    }
}

/// What [`Presence`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PresenceFigures {
    /// Each member, in the order in which they came.
    pub members: Vec<MemberPresence>,
}

/// When a member was last seen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MemberPresence {
    /// Who.
    pub member: UserId,
    /// When they last wrote an entry of a timeline that the reader may see; empty if they never did.
    pub last_seen: Option<Instant>,
    /// How long ago that was.
    pub seen: Seen,
    /// Are they at work now? Empty where it was not asked.
    pub at_work: Option<bool>,
}

/// How long ago somebody was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// Less than ten minutes ago.
    TenMinutes,
    /// Less than an hour ago.
    Hour,
    /// Less than 24 hours ago.
    Day,
    /// Less than seven times 24 hours ago.
    Week,
    /// Longer ago.
    Older,
    /// Never.
    Never,
}

impl Seen {
    fn of(last: Option<Instant>, now: Instant) -> Self {
        let Some(minutes) = last.map(|last| now.since(last).num_minutes()) else { return Self::Never };
        let bounds = [(10, Self::TenMinutes), (60, Self::Hour), (1_440, Self::Day), (10_080, Self::Week)];
        bounds.iter().find(|(bound, _)| minutes < *bound).map_or(Self::Older, |(_, seen)| *seen)
    }
}

/// All rows of a selection; of each group in a field the newest only.
fn newest(rows: Selection, of: Option<FieldId>) -> Question {
    Question::List(ListQuery {
        kind: rows.kind,
        visible: rows.visible,
        filter: rows.filter,
        order: Order { field: CREATED_AT, descending: of.is_some() },
        window: Window { skip: 0, after: None, most: u32::MAX },
        per_group: of.map(|field| PerGroup { field, most: 1 }),
        total: false,
    })
}

impl Report for Presence {
    type Figures = PresenceFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        let members = Selection::of(tx, &self.members)?;
        let written = Selection::of(tx, &List::<Activity>::new())?;
        let written = written.and(Filter::Range(AUTHOR, Bound::Unbounded, Bound::Unbounded));
        let mut questions = vec![newest(members, None), newest(written, Some(AUTHOR))];
        if self.attendance {
            let today = Filter::Equals(attendance::DAY, Value::Date(tx.today()?));
            let entries = Selection::of(tx, &List::<Attendance>::new())?.and(today);
            questions.push(newest(entries, None));
        }
        Ok(questions)
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<PresenceFigures, Error> {
        let (members, written) = (answers.rows::<Membership>()?, answers.rows::<Activity>()?);
        let entries = if self.attendance { answers.rows::<Attendance>()? } else { Vec::new() };
        let last: BTreeMap<UserId, Instant> =
            written.iter().filter_map(|entry| Some((entry.author?, entry.created_at))).collect();
        let calendar = frame.profile.spec().attendance.as_ref().filter(|_| self.attendance);
        let presence = |member: &Membership| {
            let last_seen = last.get(&member.id).copied();
            let entry = entries.iter().find(|entry| entry.member == member.id);
            let at_work = calendar.map(|calendar| {
                is_at_work(member, calendar, entry.map(AsRef::as_ref), frame.now, frame.zone)
            });
            MemberPresence { member: member.id, last_seen, seen: Seen::of(last_seen, frame.now), at_work }
        };
        Ok(PresenceFigures { members: members.iter().map(|member| presence(member)).collect() })
    }
}

//! The typed filters of campaigns, costs and days at work.
//!
//! Invariant: every filter comes down to [`Filter`]; nothing here looks at rows.

use std::ops::Bound;

use super::List;
use super::filters::Condition;
use crate::attendance::{self, Attendance};
use crate::describe::{FieldId, Value};
use crate::marketing::{self, Campaign, Cost, cost};
use crate::store::Filter;
use crate::value::{CampaignId, Date, UserId};

/// Rows whose day is one of these, both included.
fn days(field: FieldId, from: Option<Date>, to: Option<Date>) -> Condition {
    let bound = |day: Option<Date>| day.map_or(Bound::Unbounded, |it| Bound::Included(Value::Date(it)));
    Condition::Fixed(Filter::Range(field, bound(from), bound(to)))
}

impl List<Campaign> {
    /// Only campaigns in one of these statuses.
    #[must_use]
    pub fn status<S: AsRef<str>>(self, statuses: impl IntoIterator<Item = S>) -> Self {
        self.words(marketing::STATUS, statuses)
    }

    /// Only campaigns that run on one of these platforms.
    #[must_use]
    pub fn platform<S: AsRef<str>>(self, platforms: impl IntoIterator<Item = S>) -> Self {
        self.words(marketing::PLATFORM, platforms)
    }

    /// Only campaigns of this owner.
    #[must_use]
    pub fn owner(self, user: UserId) -> Self {
        self.owned(marketing::OWNER, user)
    }

    /// Only campaigns that run on this day: those that have begun, and have not ended before it. One that names no first
    /// day has always run, one that names no last day runs on.
    #[must_use]
    pub fn running(self, day: Date) -> Self {
        let day = Value::Date(day);
        let begun = Filter::Range(marketing::STARTS_ON, Bound::Unbounded, Bound::Included(day.clone()));
        let still = Filter::Range(marketing::ENDS_ON, Bound::Included(day), Bound::Unbounded);
        let or_open = |filter, field| Filter::Any(vec![filter, Filter::Empty(field)]);
        let begun = or_open(begun, marketing::STARTS_ON);
        self.when(Condition::Fixed(begun.and(or_open(still, marketing::ENDS_ON))))
    }
}

impl List<Cost> {
    /// Only what was spent on this campaign.
    #[must_use]
    pub fn campaign(self, campaign: CampaignId) -> Self {
        self.is(cost::CAMPAIGN, Value::Uuid(campaign.into()))
    }

    /// Only what was spent on one of these sources.
    #[must_use]
    pub fn source<S: AsRef<str>>(self, sources: impl IntoIterator<Item = S>) -> Self {
        self.words(cost::SOURCE, sources)
    }

    /// Only what was spent on no source.
    #[must_use]
    pub fn unattributed(self) -> Self {
        self.when(Condition::Fixed(Filter::Empty(cost::SOURCE)))
    }

    /// Only what was spent on one of these days, both included.
    #[must_use]
    pub fn spent(self, from: Option<Date>, to: Option<Date>) -> Self {
        self.when(days(cost::SPENT_ON, from, to))
    }
}

impl List<Attendance> {
    /// Only the days of this member.
    #[must_use]
    pub fn member(self, user: UserId) -> Self {
        self.is(attendance::MEMBER, Value::Uuid(user.into()))
    }

    /// Only these days, both included.
    #[must_use]
    pub fn days(self, from: Option<Date>, to: Option<Date>) -> Self {
        self.when(days(attendance::DAY, from, to))
    }

    /// Only days of these kinds.
    #[must_use]
    pub fn status<S: AsRef<str>>(self, statuses: impl IntoIterator<Item = S>) -> Self {
        self.words(attendance::STATUS, statuses)
    }
}

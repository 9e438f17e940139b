//! The typed filters of leads.
//!
//! Invariant: whether a lead is over, or inactive, is told by the profile when the list is asked.

use std::ops::Bound;

use super::List;
use super::filters::Condition;
use crate::describe::Value;
use crate::draft::{Draft, Halt};
use crate::lead::{self, Lead};
use crate::store::Filter;
use crate::value::{CampaignId, Instant, UserId};

/// Leads that are not over.
pub(super) fn open(tx: &Draft<'_>) -> Filter {
    let leads = tx.profile().spec().leads.iter();
    let open = leads.flat_map(|spec| spec.stages.states.iter().filter(|state| !spec.is_end(&state.name)));
    Filter::OneOf(lead::STAGE, open.map(|state| Value::text(state.name.as_str())).collect())
}

/// Open leads on which nobody, or somebody, has worked of late. Where the profile names no number of days, no lead is
/// inactive.
pub(super) fn by_activity(tx: &Draft<'_>, inactive: bool) -> Result<Filter, Halt> {
    let days = tx.profile().spec().leads.as_ref().and_then(|spec| spec.inactive_days);
    let since = days.map(|days| Value::Instant(tx.now().plus_days(-i64::from(days))));
    let touched = match (since, inactive) {
        (None, true) => Filter::Nothing,
        (None, false) => Filter::All,
        (Some(since), true) => Filter::Range(lead::TOUCHED_AT, Bound::Unbounded, Bound::Excluded(since)),
        (Some(since), false) => Filter::Range(lead::TOUCHED_AT, Bound::Included(since), Bound::Unbounded),
    };
    Ok(open(tx).and(touched))
}

impl List<Lead> {
    /// Only leads of this owner.
    #[must_use]
    pub fn owner(self, user: UserId) -> Self {
        self.owned(lead::OWNER, user)
    }

    /// Only leads that nobody has and that are not over.
    #[must_use]
    pub fn pool(self) -> Self {
        self.unassigned().only_open()
    }

    /// Only leads that nobody has.
    #[must_use]
    pub fn unassigned(self) -> Self {
        self.when(Condition::Fixed(Filter::Empty(lead::OWNER)))
    }

    /// Only leads in one of these stages.
    #[must_use]
    pub fn stage<S: AsRef<str>>(self, stages: impl IntoIterator<Item = S>) -> Self {
        self.words(lead::STAGE, stages)
    }

    /// Only leads with one of these ratings.
    #[must_use]
    pub fn rating<S: AsRef<str>>(self, ratings: impl IntoIterator<Item = S>) -> Self {
        self.words(lead::RATING, ratings)
    }

    /// Only leads from one of these sources.
    #[must_use]
    pub fn source<S: AsRef<str>>(self, sources: impl IntoIterator<Item = S>) -> Self {
        self.words(lead::SOURCE, sources)
    }

    /// Only leads of this campaign.
    #[must_use]
    pub fn campaign(self, campaign: CampaignId) -> Self {
        self.is(lead::CAMPAIGN, Value::Uuid(campaign.into()))
    }

    /// Only leads on which somebody last worked in this half-open period.
    #[must_use]
    pub fn touched(self, from: Option<Instant>, to: Option<Instant>) -> Self {
        self.within(lead::TOUCHED_AT, from, to)
    }

    /// Only leads that are not over.
    #[must_use]
    pub fn only_open(self) -> Self {
        self.when(Condition::OpenLead)
    }

    /// Only open leads on which nobody has worked for as many days as the profile says.
    #[must_use]
    pub fn inactive(self) -> Self {
        self.when(Condition::LeadActivity { inactive: true })
    }

    /// Only open leads on which somebody has worked of late.
    #[must_use]
    pub fn only_active(self) -> Self {
        self.when(Condition::LeadActivity { inactive: false })
    }
}

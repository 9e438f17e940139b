//! Leads that nobody looks after.
//!
//! Invariant: nothing here depends on a job; a lead becomes inactive by the time that passes.

use std::ops::Bound;

use serde::Serialize;

use super::{ACTIVE, OWNER, TOUCHED_AT, in_stages};
use crate::analytics::{Answered, Frame, Report, Selection, Tally};
use crate::describe::Value;
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::lead::Lead;
use crate::list::List;
use crate::profile::LeadStage;
use crate::store::{Filter, Question};
use crate::value::Problem;

/// Leads that nobody works on, or that are nobody's.
///
/// | figure | formula |
/// |---|---|
/// | active | neither won nor lost |
/// | inactive | parked; or new or open, and not touched for more than as many times 24 hours as the profile says, if it says so; creation counts as a touch |
/// | unassigned | active, and without an owner |
/// | pool | without an owner, and new or open and not inactive |
#[derive(Clone, Debug)]
pub struct Attention {
    leads: List<Lead>,
    days: Option<u32>,
}

impl Attention {
    /// The leads of a list, whatever its page.
    #[must_use]
    pub fn of(leads: List<Lead>) -> Self {
        Self { leads, days: None }
    }

    /// Takes those for inactive that were not touched for more than so many times 24 hours, 1 to 3650, instead of as many
    /// as the profile says.
    #[must_use]
    pub fn inactive_after(mut self, days: u32) -> Self {
        self.days = Some(days);
        self
    }
}

impl Default for Attention {
    fn default() -> Self {
        Self::of(List::new())
    }
}

/// What [`Attention`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AttentionFigures {
    /// Leads that are neither won nor lost.
    pub active: Tally,
    /// Those that nobody works on.
    pub inactive: Tally,
    /// Those that are nobody's.
    pub unassigned: Tally,
    /// Those that somebody can take.
    pub pool: Tally,
}

impl Report for Attention {
    type Figures = AttentionFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        if self.days.is_some_and(|days| !(1..=3_650).contains(&days)) {
            let problem = Problem::out_of_range("a number of days from 1 to 3650");
            return Err(Error::field("inactive_after", problem).into());
        }
        let leads = Selection::of(tx, &self.leads)?;
        let profile = tx.profile();
        let days = self.days.or(profile.spec().leads.as_ref().and_then(|spec| spec.inactive_days));
        let (active, parked) = (in_stages(profile, ACTIVE), in_stages(profile, &[LeadStage::Parked]));
        let worked = in_stages(profile, &[LeadStage::New, LeadStage::Open]);
        let (old, fresh) = match days.map(|days| Value::Instant(tx.now().plus_days(-i64::from(days)))) {
            Some(since) => (
                Filter::Range(TOUCHED_AT, Bound::Unbounded, Bound::Excluded(since.clone())),
                Filter::Range(TOUCHED_AT, Bound::Included(since), Bound::Unbounded),
            ),
            None => (Filter::Nothing, Filter::All),
        };
        let inactive = Filter::Any(vec![parked, worked.clone().and(old)]);
        let nobodys = Filter::Empty(OWNER);
        let pool = worked.and(nobodys.clone()).and(fresh);
        let part = |part: Filter| leads.clone().and(part).measure(&[]);
        Ok(vec![part(active.clone()), part(inactive), part(active.and(nobodys)), part(pool)])
    }

    fn fold(&self, _: &Frame<'_>, answers: &mut Answered) -> Result<AttentionFigures, Error> {
        Ok(AttentionFigures {
            active: answers.cut()?.all()?,
            inactive: answers.cut()?.all()?,
            unassigned: answers.cut()?.all()?,
            pool: answers.cut()?.all()?,
        })
    }
}

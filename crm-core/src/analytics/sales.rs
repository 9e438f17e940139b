//! How the deals stand: by status, won and lost, new ones.

use serde::Serialize;

use super::figure::{Tally, percent};
use super::{Answered, Frame, Report, Selection};
use crate::deal::{AMOUNT, CURRENCY, Deal, OUTCOME, STATUS};
use crate::describe::{CREATED_AT, Value};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::list::List;
use crate::store::{Filter, Question};
use crate::value::{Decimal, Problem, Word};

/// How the deals of a list stand.
#[derive(Clone, Debug)]
pub struct Sales {
    deals: List<Deal>,
    new_days: u32,
}

impl Sales {
    /// The deals of a list, whatever its page.
    #[must_use]
    pub fn of(deals: List<Deal>) -> Self {
        Self { deals, new_days: 30 }
    }

    /// Takes those for new that were created in the last so many times 24 hours: 1 to 365, else 30.
    #[must_use]
    pub fn new_days(mut self, days: u32) -> Self {
        self.new_days = days;
        self
    }
}

impl Default for Sales {
    fn default() -> Self {
        Self::of(List::new())
    }
}

/// What [`Sales`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SalesFigures {
    /// All deals.
    pub all: Tally,
    /// By status: every status of the profile in its order, also those that no deal has; then statuses that it does not
    /// have any more.
    pub by_status: Vec<StatusFigures>,
    /// Deals that ended won, archived ones included.
    pub won: Tally,
    /// Deals that ended lost, archived ones included.
    pub lost: Tally,
    /// Deals that were created in the last days.
    pub new: Tally,
    /// Won, of those that ended won or lost, in per cent.
    pub win_rate: Decimal,
    /// Won, of all deals, in per cent.
    pub won_of_all: Decimal,
}

/// The deals of one status.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StatusFigures {
    /// The status.
    pub status: Word,
    /// Its deals.
    #[serde(flatten)]
    pub tally: Tally,
    /// Of all deals, in per cent.
    pub share: Decimal,
}

impl StatusFigures {
    pub(super) fn each(tallies: Vec<(Word, Tally)>, whole: u64) -> Vec<Self> {
        let figures = |(status, tally): (Word, Tally)| Self { share: tally.share_of(whole), status, tally };
        tallies.into_iter().map(figures).collect()
    }
}

impl SalesFigures {
    /// The deals of a status.
    #[must_use]
    pub fn status(&self, name: &str) -> Option<&StatusFigures> {
        self.by_status.iter().find(|figures| figures.status == *name)
    }
}

impl Report for Sales {
    type Figures = SalesFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        if !(1..=365).contains(&self.new_days) {
            let problem = Problem::out_of_range("a number of days from 1 to 365");
            return Err(Error::field("new_days", problem).into());
        }
        let since = Value::Instant(tx.now().plus_days(-i64::from(self.new_days)));
        let deals = Selection::of(tx, &self.deals)?;
        let new = deals.clone().and(Filter::after(CREATED_AT, since));
        Ok(vec![deals.sum(AMOUNT, &[STATUS, OUTCOME, CURRENCY]), new.sum(AMOUNT, &[CURRENCY])])
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<SalesFigures, Error> {
        let (cut, new) = (answers.cut()?, answers.cut()?);
        let all = cut.all()?;
        let known = frame.profile.spec().deals.status.states.iter().map(|state| state.name.clone());
        let by_status = StatusFigures::each(cut.by_word(STATUS, known)?, all.count);
        let (won, lost) =
            (cut.tally(&Filter::text(OUTCOME, "won"))?, cut.tally(&Filter::text(OUTCOME, "lost"))?);
        Ok(SalesFigures {
            win_rate: percent(won.count, won.count + lost.count),
            won_of_all: percent(won.count, all.count),
            new: new.all()?,
            by_status,
            all,
            won,
            lost,
        })
    }
}

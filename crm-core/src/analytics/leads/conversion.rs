//! How many leads become customers, by each of the definitions that are in use.
//!
//! Invariant: every definition has a name of its own, and each counts a lead once.

use serde::Serialize;

use super::{OWNER, SOURCE, STAGE, days_of, in_stages, named_stages, stages, via_source};
use crate::analytics::ratio::Ratio;
use crate::analytics::{Answered, Days, Frame, Period, Report, Selection, Tally};
use crate::contract::Contract;
use crate::deal::{self, Deal};
use crate::describe::{CREATED_AT, Entity, FieldId, FieldType, Kind, Value, field_id};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::lead::Lead;
use crate::list::List;
use crate::profile::LeadStage;
use crate::store::{Filter, Question};
use crate::value::{UserId, Word};

/// What became of the leads of a period.
///
/// | figure | formula |
/// |---|---|
/// | completed deals of leads (CR) | won deals / leads * 100, both created in the period |
/// | qualified or won of all | (qualified + won) / all * 100 |
/// | qualified of all | qualified / all * 100 |
/// | won of all | won / all * 100; also for each owner |
///
/// All but the first look at leads that were created in the period, where they are now. Qualified are those in a stage that
/// the caller names, else in any that is open; won are those in a stage that is won, qualified or not. Where there are no
/// leads all of it is undefined.
#[derive(Clone, Debug)]
pub struct LeadConversion {
    period: Period,
    leads: List<Lead>,
    deals: List<Deal>,
    source: Option<Word>,
    qualified: Option<Vec<String>>,
}

impl LeadConversion {
    /// Of a period.
    #[must_use]
    pub fn of(period: impl Into<Period>) -> Self {
        Self { period: period.into(), leads: List::new(), deals: List::new(), source: None, qualified: None }
    }

    /// Only leads of this source, and deals that come from such.
    #[must_use]
    pub fn source(mut self, source: &Word) -> Self {
        self.source = Some(source.clone());
        self
    }

    /// Takes those leads for qualified that are in one of these stages.
    #[must_use]
    pub fn qualified<S: Into<String>>(mut self, stages: impl IntoIterator<Item = S>) -> Self {
        self.qualified = Some(stages.into_iter().map(Into::into).collect());
        self
    }
}

narrowed! {
    LeadConversion;
    leads: List<Lead>, "Only the leads of this list, whatever its page.";
    deals: List<Deal>, "Only the deals of this list, whatever its page: those of a pipeline, say.";
}

/// What [`LeadConversion`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeadConversionFigures {
    /// The days of the period.
    pub days: Days,
    /// All leads.
    pub leads: Tally,
    /// Those that are qualified.
    pub qualified: Tally,
    /// Those that are won.
    pub won: Tally,
    /// Deals that were created in the period, and won whenever.
    pub completed_deals: Tally,
    /// Completed deals / leads.
    pub completed_deals_of_leads: Ratio,
    /// (Qualified + won) / all.
    pub qualified_or_won_of_all: Ratio,
    /// Qualified / all.
    pub qualified_of_all: Ratio,
    /// Won / all.
    pub won_of_all: Ratio,
    /// Each owner, in the order of their ids; leads of nobody are a line too.
    pub owners: Vec<OwnerConversion>,
}

/// What became of somebody's leads.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OwnerConversion {
    /// Whose.
    pub owner: Option<UserId>,
    /// All of them.
    pub leads: Tally,
    /// Those that are qualified.
    pub qualified: Tally,
    /// Those that are won.
    pub won: Tally,
    /// Won / all.
    pub won_of_all: Ratio,
}

impl Report for LeadConversion {
    type Figures = LeadConversionFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        if let Some(named) = &self.qualified {
            named_stages(tx.profile(), "qualified", named)?;
        }
        let (days, zone) = (self.period.days(tx.today()?)?, tx.organization()?.time_zone);
        let created = days.instants(CREATED_AT, zone);
        let mut leads = Selection::of(tx, &self.leads)?.and(created.clone());
        let mut deals = Selection::of(tx, &self.deals)?.and(created).and(Filter::text(deal::OUTCOME, "won"));
        if let Some(source) = self.source.as_ref().map(Word::to_value) {
            leads = leads.and(Filter::Equals(SOURCE, source.clone()));
            deals = deals.and(via_source(&source));
        }
        Ok(vec![leads.measure(&[STAGE, OWNER]), deals.sum(deal::AMOUNT, &[deal::CURRENCY])])
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<LeadConversionFigures, Error> {
        let (leads, deals) = (answers.cut()?, answers.cut()?.all()?);
        let open = match &self.qualified {
            Some(named) => named_stages(frame.profile, "qualified", named)?,
            None => stages(frame.profile, &[LeadStage::Open]),
        };
        let won = in_stages(frame.profile, &[LeadStage::Won]);
        let either = stages(frame.profile, &[LeadStage::Won]).union(&open).cloned().collect();
        let (qualified, either) = (Filter::OneOf(STAGE, open), Filter::OneOf(STAGE, either));
        let all = leads.all()?;
        let owner = |owner: Value| {
            let whose = Filter::Equals(OWNER, owner.clone());
            let (all, theirs) = (leads.tally(&whose)?, leads.within(whose));
            let won = theirs.tally(&won)?;
            Ok(OwnerConversion {
                owner: UserId::from_value(&owner),
                qualified: theirs.tally(&qualified)?,
                won_of_all: Ratio::share(won.count, all.count),
                leads: all,
                won,
            })
        };
        let owners = leads.values(OWNER).into_iter().map(owner).collect::<Result<_, Error>>()?;
        let (qualified, won, either) =
            (leads.tally(&qualified)?, leads.tally(&won)?, leads.tally(&either)?.count);
        let share = |part: u64| Ratio::share(part, all.count);
        Ok(LeadConversionFigures {
            days: days_of(self.period, frame)?,
            completed_deals_of_leads: share(deals.count),
            qualified_or_won_of_all: share(either),
            qualified_of_all: share(qualified.count),
            won_of_all: share(won.count),
            completed_deals: deals,
            owners,
            qualified,
            won,
            leads: all,
        })
    }
}

const CONTRACT_LEAD: FieldId = field_id(Contract::FIELDS, "lead");
const CONTRACT_STATUS: FieldId = field_id(Contract::FIELDS, "status");

/// How many leads of a period have a contract now.
///
/// | figure | formula |
/// |---|---|
/// | contracts of leads | leads with a signed contract / leads * 100; undefined where there are no leads |
///
/// A lead with several contracts counts once, and one whose contract was cancelled does not count.
#[derive(Clone, Debug)]
pub struct ContractConversion {
    period: Option<Period>,
    leads: List<Lead>,
}

impl ContractConversion {
    /// All leads of a list, whatever its page.
    #[must_use]
    pub fn of(leads: List<Lead>) -> Self {
        Self { period: None, leads }
    }

    /// Only those that were created in a period.
    #[must_use]
    pub fn created(mut self, period: impl Into<Period>) -> Self {
        self.period = Some(period.into());
        self
    }
}

/// What [`ContractConversion`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContractConversionFigures {
    /// All leads.
    pub leads: Tally,
    /// Those with a signed contract.
    pub with_contract: Tally,
    /// Leads with a contract, of all, in per cent.
    pub contracts_of_leads: Ratio,
}

impl Report for ContractConversion {
    type Figures = ContractConversionFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        let mut leads = Selection::of(tx, &self.leads)?;
        if let Some(period) = self.period {
            let (days, zone) = (period.days(tx.today()?)?, tx.organization()?.time_zone);
            leads = leads.and(days.instants(CREATED_AT, zone));
        }
        let there = Filter::Empty(crate::describe::DELETED_AT);
        let there = there.and(leads.visible.clone()).and(leads.filter.clone());
        let signed = Selection::of(tx, &List::<Contract>::new())?
            .and(Filter::text(CONTRACT_STATUS, "signed"))
            .and(Filter::Via(CONTRACT_LEAD, Kind::Lead, Box::new(there)));
        Ok(vec![leads.measure(&[]), signed.measure(&[CONTRACT_LEAD])])
    }

    fn fold(&self, _: &Frame<'_>, answers: &mut Answered) -> Result<ContractConversionFigures, Error> {
        let (leads, signed) = (answers.cut()?, answers.cut()?);
        let all = leads.all()?;
        let with_contract =
            leads.named(signed.values(CONTRACT_LEAD).iter().filter_map(Value::as_uuid).collect());
        Ok(ContractConversionFigures {
            contracts_of_leads: Ratio::share(with_contract.count, all.count),
            leads: all,
            with_contract,
        })
    }
}

//! What campaigns brought, from what is stored; and what platforms report of them, which somebody typed in.
//!
//! Invariant: numbers that were typed in are divided only by each other or into what was spent, and change no figure that is
//! made of facts.

use std::ops::Bound;

use serde::Serialize;

use super::returns::{Return, won};
use super::{Attribution, Origin, Traced, from_leads, rows_of};
use crate::analytics::leads;
use crate::analytics::ratio::Ratio;
use crate::analytics::selection::Cut;
use crate::analytics::{Answered, Frame, Report, Selection, Tally};
use crate::deal::{self, Deal};
use crate::describe::{FieldId, FieldType};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::lead::Lead;
use crate::list::List;
use crate::marketing::{Campaign, Cost, cost};
use crate::profile::LeadStage;
use crate::store::{Filter, Question};
use crate::value::{CampaignId, Line};

/// What the campaigns of a list brought, from their beginning until now.
///
/// | figure | formula |
/// |---|---|
/// | spent | sum of the campaign's costs, for each currency |
/// | leads; active; won | leads of the campaign; in a stage that is new, open or parked; in one that is won |
/// | success | active leads / leads * 100 |
/// | revenue, profit, ROI | as [`Returns`](super::Returns) says, of deals won whenever |
/// | cost per lead | spent / leads: what one acquisition costs (CPA), by facts |
/// | cost per active lead | spent / active leads: the documents call it cost per deal |
/// | cost per deal | spent / won deals of the currency |
/// | leads of clicks | leads / clicks * 100: conversion (CR), by facts |
/// | budget used | spent / budget * 100, in the currency of the budget |
/// | reported: CTR, CR | clicks / impressions * 100, conversions / clicks * 100 |
/// | cost per click (CPC), per conversion (CPA) | spent / clicks, spent / conversions, as reported |
///
/// What has nothing to divide by, or was not reported, is undefined.
#[derive(Clone, Debug, Default)]
pub struct CampaignPerformance {
    campaigns: List<Campaign>,
}

impl CampaignPerformance {
    /// The campaigns of a list, whatever its page.
    #[must_use]
    pub fn of(campaigns: List<Campaign>) -> Self {
        Self { campaigns }
    }
}

/// What [`CampaignPerformance`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CampaignFigures {
    /// Each campaign, in the order in which they were made.
    pub campaigns: Vec<CampaignResult>,
}

/// What one campaign brought.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CampaignResult {
    /// The campaign.
    pub campaign: CampaignId,
    /// What it is called.
    pub name: Line,
    /// Its leads.
    pub leads: Tally,
    /// Those that are neither won nor lost.
    pub active: Tally,
    /// Those that were won.
    pub won: Tally,
    /// Active leads, of all, in per cent.
    pub success: Ratio,
    /// Deals that were won, and come from its leads.
    pub revenue: Tally,
    /// What was spent on it.
    pub spent: Tally,
    /// Leads, of the clicks that were reported, in per cent.
    pub leads_of_clicks: Ratio,
    /// What was reported.
    pub reported: Reported,
    /// What it cost and brought, for each currency in which something came in or was spent.
    pub money: Vec<CampaignMoney>,
}

/// What a platform reported, as somebody typed it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Reported {
    /// How often the campaign was seen.
    pub impressions: Option<i64>,
    /// How often it was followed.
    pub clicks: Option<i64>,
    /// How many did what it asks for.
    pub conversions: Option<i64>,
    /// Clicks, of impressions, in per cent (CTR).
    pub click_through: Ratio,
    /// Conversions, of clicks, in per cent (CR).
    pub conversion: Ratio,
}

/// What a campaign cost and brought in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CampaignMoney {
    /// Revenue, cost, profit and return.
    #[serde(flatten)]
    pub returned: Return,
    /// Spent / leads.
    pub cost_per_lead: Ratio,
    /// Spent / active leads.
    pub cost_per_active_lead: Ratio,
    /// Spent / won deals of this currency.
    pub cost_per_deal: Ratio,
    /// Spent / reported clicks.
    pub cost_per_click: Ratio,
    /// Spent / reported conversions.
    pub cost_per_conversion: Ratio,
    /// Spent, of the budget, in per cent; undefined in other currencies than that of the budget.
    pub budget_used: Ratio,
}

/// Rows that have something in this field.
fn filled(field: FieldId) -> Filter {
    Filter::Range(field, Bound::Unbounded, Bound::Unbounded)
}

impl Report for CampaignPerformance {
    type Figures = CampaignFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        let campaigns = Selection::of(tx, &self.campaigns)?;
        let leads = Selection::of(tx, &List::<Lead>::new())?.and(filled(leads::CAMPAIGN));
        let costs = Selection::of(tx, &List::<Cost>::new())?.and(filled(cost::CAMPAIGN));
        let deals = from_leads(Selection::of(tx, &List::<Deal>::new())?.and(won()), &leads);
        Ok(vec![
            rows_of(&campaigns),
            leads.clone().measure(&[leads::CAMPAIGN, leads::STAGE]),
            costs.sum(cost::AMOUNT, &[cost::CAMPAIGN, cost::CURRENCY]),
            deals.sum(deal::AMOUNT, &[deal::LEAD, deal::CURRENCY]),
            rows_of(&leads),
        ])
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<CampaignFigures, Error> {
        let campaigns = answers.rows::<Campaign>()?;
        let (leads, costs, deals) = (answers.cut()?, answers.cut()?, answers.cut()?);
        let rows = answers.rows::<Lead>()?;
        let facts = Facts {
            traced: Traced::new(Attribution::Campaign, &deals, &rows),
            active: leads::in_stages(frame.profile, leads::ACTIVE),
            won: leads::in_stages(frame.profile, &[LeadStage::Won]),
            leads,
            costs,
        };
        let results = campaigns.iter().map(|campaign| facts.result(campaign));
        Ok(CampaignFigures { campaigns: results.collect::<Result<_, _>>()? })
    }
}

/// What is known of all campaigns.
struct Facts<'c> {
    leads: Cut,
    costs: Cut,
    traced: Traced<'c>,
    active: Filter,
    won: Filter,
}

impl Facts<'_> {
    fn result(&self, campaign: &Campaign) -> Result<CampaignResult, Error> {
        let here = Filter::Equals(leads::CAMPAIGN, campaign.id.to_value());
        let stage = |stage: &Filter| self.leads.tally(&here.clone().and(stage.clone()));
        let (leads, active, won) = (self.leads.tally(&here)?, stage(&self.active)?, stage(&self.won)?);
        let spent = self.costs.tally(&Filter::Equals(cost::CAMPAIGN, campaign.id.to_value()))?;
        let revenue = self.traced.of(&Origin { source: None, campaign: Some(campaign.id) })?;
        let money = Return::all(&revenue, &spent)?.into_iter();
        let money = money.map(|returned| {
            let deals = revenue.totals.iter().find(|total| total.currency == returned.currency);
            let deals = deals.map_or(0, |total| total.count);
            CampaignMoney::new(campaign, returned, [leads.count, active.count, deals])
        });
        Ok(CampaignResult {
            campaign: campaign.id,
            name: campaign.name.clone(),
            success: Ratio::share(active.count, leads.count),
            leads_of_clicks: counted(i64::try_from(leads.count).ok(), campaign.clicks),
            reported: Reported::of(campaign),
            money: money.collect::<Result<_, Error>>()?,
            leads,
            active,
            won,
            revenue,
            spent,
        })
    }
}

impl CampaignMoney {
    fn new(campaign: &Campaign, returned: Return, [leads, active, deals]: [u64; 3]) -> Result<Self, Error> {
        let Return { cost, currency, .. } = returned;
        let reported = |number: Option<i64>| Ratio::of(cost, number.unwrap_or_default().into());
        let budget = campaign.budget.filter(|_| campaign.currency == currency);
        Ok(Self {
            returned,
            cost_per_lead: Ratio::of(cost, leads.into())?,
            cost_per_active_lead: Ratio::of(cost, active.into())?,
            cost_per_deal: Ratio::of(cost, deals.into())?,
            cost_per_click: reported(campaign.clicks)?,
            cost_per_conversion: reported(campaign.conversions)?,
            budget_used: Ratio::percent(cost, budget.unwrap_or_default())?,
        })
    }
}

impl Reported {
    fn of(campaign: &Campaign) -> Self {
        let Campaign { impressions, clicks, conversions, .. } = *campaign;
        Self {
            impressions,
            clicks,
            conversions,
            click_through: counted(clicks, impressions),
            conversion: counted(conversions, clicks),
        }
    }
}

/// The share of one number in another, in per cent; undefined where one of them was not reported.
fn counted(part: Option<i64>, whole: Option<i64>) -> Ratio {
    let number = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
    match (number(part), number(whole)) {
        (Some(part), Some(whole)) => Ratio::share(part, whole),
        _ => Ratio::UNDEFINED,
    }
}

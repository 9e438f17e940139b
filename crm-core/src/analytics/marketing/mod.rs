//! Where leads come from, what that costs, and what it brings.
//!
//! Invariant: the lines of a report by origin are disjoint and leave nothing out, so they add up to the whole.

mod acquisition;
mod campaigns;
mod returns;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use self::acquisition::{Acquired, Acquisition, AcquisitionFigures};
pub use self::campaigns::{CampaignFigures, CampaignMoney, CampaignPerformance, CampaignResult, Reported};
pub use self::returns::{Return, Returned, Returns, ReturnsFigures};
pub use self::sources::{SourceFigures, SourceResult, Sources};

use super::selection::Cut;
use super::{Selection, leads};
use crate::deal;
use crate::describe::{CREATED_AT, DELETED_AT, Entity, FieldId, FieldType, Kind, Value};
use crate::lead::Lead;
use crate::marketing::cost;
use crate::store::{Filter, Group, ListQuery, Order, Question, Window};
use crate::value::{CampaignId, LeadId, normal};

/// What leads, and what they cost and bring, are attributed by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribution {
    /// By the lead's source.
    #[default]
    Source,
    /// By the tag `utm_source` of the link that the lead followed, in any letter case. A cost belongs to the tag that is
    /// written like its source.
    UtmSource,
    /// By campaign.
    Campaign,
    /// By source, and of each source by campaign.
    SourceAndCampaign,
    /// By tag, and of each tag by campaign.
    UtmSourceAndCampaign,
}

/// Where leads come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The source or the tag, in lower case; empty: unattributed, or not asked for.
    pub source: Option<String>,
    /// The campaign; empty: unattributed, or not asked for.
    pub campaign: Option<CampaignId>,
}

/// The fields of a kind of row that say where it belongs.
#[derive(Clone, Copy, Debug)]
struct Place {
    source: Option<FieldId>,
    campaign: Option<FieldId>,
}

impl Attribution {
    fn by_campaign(self) -> bool {
        matches!(self, Self::Campaign | Self::SourceAndCampaign | Self::UtmSourceAndCampaign)
    }

    /// Where a lead says it.
    fn of_leads(self) -> Place {
        let source = match self {
            Self::Source | Self::SourceAndCampaign => Some(leads::SOURCE),
            Self::UtmSource | Self::UtmSourceAndCampaign => Some(leads::UTM_SOURCE),
            Self::Campaign => None,
        };
        Place { source, campaign: self.by_campaign().then_some(leads::CAMPAIGN) }
    }

    /// Where a cost says it.
    fn of_costs(self) -> Place {
        let source = (self != Self::Campaign).then_some(cost::SOURCE);
        Place { source, campaign: self.by_campaign().then_some(cost::CAMPAIGN) }
    }
}

/// Rows of one kind by origin.
#[derive(Debug)]
struct Spread {
    place: Place,
    /// How the source of each origin is written in the rows.
    spellings: BTreeMap<Origin, BTreeSet<Value>>,
}

impl Place {
    fn fields(self) -> Vec<FieldId> {
        self.source.into_iter().chain(self.campaign).collect()
    }

    fn origin(self, value: impl Fn(FieldId) -> Option<Value>) -> Origin {
        let source = self.source.and_then(&value);
        Origin {
            source: source.as_ref().and_then(Value::as_text).map(normal),
            campaign: self.campaign.and_then(value).as_ref().and_then(CampaignId::from_value),
        }
    }

    /// The origins of what a store counted.
    fn spread(self, cut: &Cut) -> Spread {
        let mut spread = Spread { place: self, spellings: BTreeMap::new() };
        for group in cut.groups() {
            spread.note(|field| cut.value(group, field).cloned());
        }
        spread
    }
}

impl Spread {
    fn note(&mut self, value: impl Fn(FieldId) -> Option<Value>) -> Origin {
        let origin = self.place.origin(&value);
        let spellings = self.spellings.entry(origin.clone()).or_default();
        spellings.extend(self.place.source.and_then(value));
        origin
    }

    /// The rows of an origin.
    fn part(&self, origin: &Origin) -> Filter {
        let mut part = Filter::All;
        if let Some(source) = self.place.source {
            part = part.and(Filter::OneOf(source, self.spellings.get(origin).cloned().unwrap_or_default()));
        }
        if let Some(campaign) = self.place.campaign {
            part = part.and(Filter::Equals(campaign, origin.campaign.to_value()));
        }
        part
    }
}

/// All origins that there are: in order, with what is unattributed last.
fn origins<'s>(spreads: impl IntoIterator<Item = &'s Spread>) -> Vec<Origin> {
    let all: BTreeSet<Origin> =
        spreads.into_iter().flat_map(|spread| spread.spellings.keys()).cloned().collect();
    let mut all: Vec<Origin> = all.into_iter().collect();
    all.sort_by_key(|origin| (origin.source.is_none(), origin.source.clone(), origin.campaign.is_none()));
    all
}

/// The rows themselves. A store groups rows by their own fields, so which lead a deal comes from is looked up here.
fn rows_of(leads: &Selection) -> Question {
    Question::List(ListQuery {
        kind: leads.kind,
        visible: leads.visible.clone(),
        filter: leads.filter.clone(),
        order: Order { field: CREATED_AT, descending: false },
        window: Window { skip: 0, after: None, most: u32::MAX },
        per_group: None,
        total: false,
    })
}

/// Deals that come from one of these leads.
fn from_leads(deals: Selection, leads: &Selection) -> Selection {
    let there = Filter::Empty(DELETED_AT).and(leads.visible.clone()).and(leads.filter.clone());
    deals.and(via_lead(there))
}

fn via_lead(lead: Filter) -> Filter {
    Filter::Via(deal::LEAD, Kind::Lead, Box::new(lead))
}

/// Deals by the origin of the lead that they come from.
#[derive(Debug)]
struct Traced<'c> {
    deals: &'c Cut,
    leads: Spread,
    groups: BTreeMap<Origin, Vec<&'c Group>>,
}

impl<'c> Traced<'c> {
    /// Deals, grouped by lead and currency, and the leads.
    fn new(by: Attribution, deals: &'c Cut, rows: &[Arc<Lead>]) -> Self {
        let rows: BTreeMap<LeadId, &Arc<Lead>> = rows.iter().map(|row| (row.id, row)).collect();
        let place = by.of_leads();
        let mut traced =
            Self { deals, leads: Spread { place, spellings: BTreeMap::new() }, groups: BTreeMap::new() };
        for group in deals.groups() {
            let lead = deals.value(group, deal::LEAD).and_then(LeadId::from_value);
            let Some(lead) = lead.and_then(|id| rows.get(&id)) else { continue };
            let origin = traced.leads.note(|field| Some(lead.value(field)));
            traced.groups.entry(origin).or_default().push(group);
        }
        traced
    }

    /// The deals of an origin.
    fn of(&self, origin: &Origin) -> Result<super::Tally, crate::error::Error> {
        let groups = self.groups.get(origin).into_iter().flatten().copied();
        self.deals.tally_of(groups, via_lead(self.leads.part(origin)))
    }

    /// How many leads of an origin have a deal.
    fn leads_of(&self, origin: &Origin) -> BTreeSet<crate::value::Uuid> {
        let groups = self.groups.get(origin).into_iter().flatten();
        groups.filter_map(|group| self.deals.value(group, deal::LEAD)?.as_uuid()).collect()
    }
}

//! How leads stand and how they went.
//!
//! Invariant: what a stage means is the profile's; no figure knows a stage by its name, unless the caller names it.

mod attention;
mod conversion;
mod days;
mod funnel;
mod today;

use std::collections::BTreeSet;

pub use self::attention::{Attention, AttentionFigures};
pub use self::conversion::{
    ContractConversion, ContractConversionFigures, LeadConversion, LeadConversionFigures, OwnerConversion,
};
pub use self::days::{LeadDays, LeadDaysFigures, LeadStep};
pub use self::funnel::{
    LeadFunnel, LeadFunnelFigures, LeadFunnelStage, LeadReach, LeadReachFigures, LeadReachedStage,
};
pub use self::today::{DailyLeads, DailyLeadsFigures, DayOfLeads, Trend, Way};

use super::{Days, Frame, Period};
use crate::describe::{Entity, FieldId, FieldType, Kind, Value, field_id};
use crate::error::Error;
use crate::lead::Lead;
use crate::profile::{LeadStage, Profile};
use crate::store::Filter;
use crate::value::{Problem, Word};

pub(super) const SOURCE: FieldId = field_id(Lead::FIELDS, "source");
pub(super) const UTM_SOURCE: FieldId = field_id(Lead::FIELDS, "utm_source");
pub(super) const CAMPAIGN: FieldId = field_id(Lead::FIELDS, "campaign");
pub(super) const STAGE: FieldId = field_id(Lead::FIELDS, "stage");
const OWNER: FieldId = field_id(Lead::FIELDS, "owner");
const TOUCHED_AT: FieldId = field_id(Lead::FIELDS, "touched_at");

/// Leads that are neither won nor lost.
pub(super) const ACTIVE: &[LeadStage] = &[LeadStage::New, LeadStage::Open, LeadStage::Parked];

/// The stages with one of these meanings.
fn stages(profile: &Profile, kinds: &[LeadStage]) -> BTreeSet<Value> {
    let states = profile.spec().leads.iter().flat_map(|leads| &leads.stages.states);
    states.filter(|state| kinds.contains(&state.kind)).map(|state| state.name.to_value()).collect()
}

/// Leads in a stage with one of these meanings.
pub(super) fn in_stages(profile: &Profile, kinds: &[LeadStage]) -> Filter {
    Filter::OneOf(STAGE, stages(profile, kinds))
}

/// What a stage means.
fn meaning(profile: &Profile, stage: &Word) -> Option<LeadStage> {
    profile.spec().leads.as_ref().and_then(|leads| leads.stages.meaning(stage))
}

/// Stages that a caller named.
fn named_stages(profile: &Profile, place: &str, names: &[String]) -> Result<BTreeSet<Value>, Error> {
    let known: Vec<Word> =
        profile.spec().leads.as_ref().map(|leads| leads.stages.names()).unwrap_or_default();
    let read = |name: &String| {
        let word = Word::parse(name).ok().filter(|word| known.contains(word));
        let word = word.ok_or_else(|| Error::field(place, Problem::one_of(name, &known)))?;
        Ok(word.to_value())
    };
    names.iter().map(read).collect()
}

/// The days of a period, in a report that is made now.
pub(super) fn days_of(period: Period, frame: &Frame<'_>) -> Result<Days, Error> {
    period.days(frame.zone.date_of(frame.now))
}

/// Deals of the leads with this source.
fn via_source(source: &Value) -> Filter {
    Filter::Via(crate::deal::LEAD, Kind::Lead, Box::new(Filter::Equals(SOURCE, source.clone())))
}

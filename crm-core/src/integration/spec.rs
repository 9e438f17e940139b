//! What a profile says of other systems.
//!
//! Invariant: what passes the check leaves no question open.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::breaker::BreakerRule;
use super::pattern;
use super::retry::RetryRule;
use crate::profile::{Fault, Faults, ProfileSpec};
use crate::value::Word;

/// What a profile says of other systems.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntegrationsSpec {
    /// The systems that tell us something, or are told.
    pub systems: Vec<Word>,
    /// Which stage of a lead each stage of another system is. One that is not here is quarantined, never guessed.
    #[serde(default)]
    pub stages: Vec<StageMapping>,
    /// For how many hours an event about something unknown waits for it.
    #[serde(default = "waiting_hours")]
    pub waiting_hours: u32,
    /// The rules by which deliveries are made again, by name; those of [`RetryRule::presets`] are there always.
    #[serde(default = "RetryRule::presets")]
    pub retries: BTreeMap<Word, RetryRule>,
    /// Where our own events go.
    #[serde(default)]
    pub targets: Vec<TargetSpec>,
}

/// A stage of another system, and which one it is here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageMapping {
    /// The system.
    pub system: Word,
    /// Its pipeline.
    pub pipeline: String,
    /// Its id of the stage.
    pub status: String,
    /// The stage here.
    pub stage: Word,
}

/// Where our own events go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetSpec {
    /// Its name.
    pub name: Word,
    /// The system that it is. What this system told us is not told back, and its ids become references.
    #[serde(default)]
    pub system: Option<Word>,
    /// Which events: `lead.created`, `lead.*`, `*`, or `lead.updated:stage` where that field changed.
    pub events: Vec<String>,
    /// By which rule a delivery is made again.
    #[serde(default = "usual_retry")]
    pub retry: Option<Word>,
    /// When it is not called for a while.
    #[serde(default)]
    pub breaker: BreakerRule,
}

fn waiting_hours() -> u32 {
    24
}

fn usual_retry() -> Option<Word> {
    Word::parse("external_api").ok()
}

impl IntegrationsSpec {
    /// The stage here that a stage of another system is.
    #[must_use]
    pub fn stage(&self, system: &Word, pipeline: &str, status: &str) -> Option<&Word> {
        let here =
            |map: &&StageMapping| map.system == *system && map.pipeline == pipeline && map.status == status;
        self.stages.iter().find(here).map(|map| &map.stage)
    }

    /// The target of this name.
    #[must_use]
    pub fn target(&self, name: &Word) -> Option<&TargetSpec> {
        self.targets.iter().find(|target| target.name == *name)
    }

    /// The rule by which deliveries to a target are made again.
    #[must_use]
    pub fn retry(&self, target: &TargetSpec) -> RetryRule {
        let name = target.retry.as_ref();
        let named = name.and_then(|name| self.retries.get(name).cloned());
        let preset = || name.and_then(|name| RetryRule::presets().remove(name));
        named.or_else(preset).unwrap_or_else(RetryRule::external_api)
    }

    pub(crate) fn check(&self, spec: &ProfileSpec, faults: &mut Faults) {
        faults.no_duplicates("integrations.systems", &self.systems);
        faults.demand("integrations.waiting_hours", self.waiting_hours > 0, "a number of 1 or more");
        for (name, rule) in &self.retries {
            rule.check(&format!("integrations.retries.{name}"), faults);
        }
        self.check_stages(spec, faults);
        let names: Vec<_> = self.targets.iter().map(|target| target.name.clone()).collect();
        if !names.is_empty() {
            faults.no_duplicates("integrations.targets", &names);
        }
        self.targets.iter().for_each(|target| self.check_target(target, faults));
    }

    fn check_stages(&self, spec: &ProfileSpec, faults: &mut Faults) {
        let place = "integrations.stages";
        let stages = spec.leads.as_ref().map(|leads| leads.stages.names()).unwrap_or_default();
        for (at, map) in self.stages.iter().enumerate() {
            if !self.systems.contains(&map.system) {
                faults.unknown(place, map.system.as_str(), &self.systems);
            }
            if !stages.contains(&map.stage) {
                faults.unknown(place, map.stage.as_str(), &stages);
            }
            let same = |other: &StageMapping| {
                (&other.system, &other.pipeline, &other.status) == (&map.system, &map.pipeline, &map.status)
            };
            if self.stages.iter().take(at).any(same) {
                faults
                    .add(place, Fault::Duplicate(format!("{} {} {}", map.system, map.pipeline, map.status)));
            }
        }
    }

    fn check_target(&self, target: &TargetSpec, faults: &mut Faults) {
        let place = format!("integrations.targets.{}", target.name);
        if let Some(system) = target.system.as_ref().filter(|system| !self.systems.contains(system)) {
            faults.unknown(&format!("{place}.system"), system.as_str(), &self.systems);
        }
        for events in &target.events {
            pattern::check(&format!("{place}.events"), events, faults);
        }
        let rules: Vec<_> = self.retries.keys().cloned().chain(RetryRule::presets().into_keys()).collect();
        if let Some(rule) = target.retry.as_ref().filter(|rule| !rules.contains(rule)) {
            faults.unknown(&format!("{place}.retry"), rule.as_str(), &rules);
        }
        target.breaker.check(&format!("{place}.breaker"), faults);
    }
}

//! The funnel of leads: where they are now, and how far they ever came. The two are different figures with different names.
//!
//! Invariant: a lead reaches a stage once, however often it comes back; whoever reached a stage reached those before it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{STAGE, meaning, named_stages};
use crate::analytics::ratio::Ratio;
use crate::analytics::{Answered, Frame, Life, Report, Selection, Tally};
use crate::describe::{FieldType, Value};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::lead::Lead;
use crate::list::List;
use crate::profile::{LeadStage, Profile};
use crate::store::Question;
use crate::value::{Decimal, Uuid, Word};

/// Where the leads of a list are now.
#[derive(Clone, Debug, Default)]
pub struct LeadFunnel {
    leads: List<Lead>,
}

impl LeadFunnel {
    /// The leads of a list, whatever its page.
    #[must_use]
    pub fn of(leads: List<Lead>) -> Self {
        Self { leads }
    }
}

/// What [`LeadFunnel`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeadFunnelFigures {
    /// All leads.
    pub leads: Tally,
    /// Every stage of the profile in its order, also those without a lead; then those that it does not have any more.
    pub stages: Vec<LeadFunnelStage>,
}

/// The leads that are now in a stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeadFunnelStage {
    /// The stage.
    pub stage: Word,
    /// What it means; empty for one that the profile does not have any more.
    pub kind: Option<LeadStage>,
    /// Its leads.
    #[serde(flatten)]
    pub tally: Tally,
    /// Of all leads, in per cent.
    pub share: Ratio,
}

/// The stages of the profile.
fn known(profile: &Profile) -> Vec<Word> {
    profile.spec().leads.as_ref().map(|leads| leads.stages.names()).unwrap_or_default()
}

impl Report for LeadFunnel {
    type Figures = LeadFunnelFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        Ok(vec![Selection::of(tx, &self.leads)?.measure(&[STAGE])])
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<LeadFunnelFigures, Error> {
        let cut = answers.cut()?;
        let leads = cut.all()?;
        let stages = cut.by_word(STAGE, known(frame.profile))?.into_iter();
        let stages = stages.map(|(stage, tally)| LeadFunnelStage {
            kind: meaning(frame.profile, &stage),
            share: Ratio::share(tally.count, leads.count),
            stage,
            tally,
        });
        Ok(LeadFunnelFigures { stages: stages.collect(), leads })
    }
}

/// How far the leads of a list ever came, from the ledger.
///
/// | figure | formula |
/// |---|---|
/// | reached | leads that were ever in the stage, or in one after it |
/// | to next | reached the next stage / reached this one * 100 |
///
/// The stages that are new, open or won are steps, in the order of the profile; one that is parked or lost is aside, and
/// reached only by those that were in it.
#[derive(Clone, Debug, Default)]
pub struct LeadReach {
    leads: List<Lead>,
    targets: Vec<(String, Decimal)>,
}

impl LeadReach {
    /// The leads of a list, whatever its page: those created in a month, say.
    #[must_use]
    pub fn of(leads: List<Lead>) -> Self {
        Self { leads, targets: Vec::new() }
    }

    /// Of those that reach this stage, so many per cent should reach the next.
    #[must_use]
    pub fn target(mut self, stage: impl Into<String>, percent: impl Into<Decimal>) -> Self {
        self.targets.push((stage.into(), percent.into()));
        self
    }
}

/// What [`LeadReach`] tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeadReachFigures {
    /// All leads.
    pub leads: Tally,
    /// Every step, in order.
    pub steps: Vec<LeadReachedStage>,
    /// Every stage aside, in order.
    pub aside: Vec<LeadReachedStage>,
}

/// How many leads ever reached a stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeadReachedStage {
    /// The stage.
    pub stage: Word,
    /// The leads that reached it.
    pub reached: Tally,
    /// Of all leads, in per cent.
    pub share: Ratio,
    /// Of these, those that reached the next step, in per cent; empty for the last step, and aside.
    pub to_next: Option<Ratio>,
    /// How many should.
    pub target: Option<Decimal>,
    /// Do as many as should? Empty where there is no target, or nothing to tell it by.
    pub met: Option<bool>,
}

impl Report for LeadReach {
    type Figures = LeadReachFigures;

    fn questions(&self, tx: &mut Draft<'_>) -> Result<Vec<Question>, Halt> {
        self.read_targets(tx.profile())?;
        let leads = Selection::of(tx, &self.leads)?;
        Ok(vec![leads.clone().measure(&[]), leads.history(None)])
    }

    fn fold(&self, frame: &Frame<'_>, answers: &mut Answered) -> Result<LeadReachFigures, Error> {
        let (cut, lives) = (answers.cut()?, answers.lives::<Lead>()?);
        let is_aside =
            |stage: &Word| matches!(meaning(frame.profile, stage), Some(LeadStage::Parked | LeadStage::Lost));
        let (aside, steps): (Vec<Word>, Vec<Word>) = known(frame.profile).into_iter().partition(is_aside);
        let (mut on, mut off) = (vec![BTreeSet::new(); steps.len()], vec![BTreeSet::new(); aside.len()]);
        for life in lives.iter().filter(|life| life.now().is_some()) {
            let been: BTreeSet<&Word> = live_stages(life).collect();
            let furthest = steps.iter().rposition(|step| been.contains(step));
            let reached = furthest.map_or(0, |at| at + 1);
            on.iter_mut().take(reached).for_each(|leads| note(leads, life));
            let each = off.iter_mut().zip(&aside).filter(|(_, stage)| been.contains(stage));
            each.for_each(|(leads, _)| note(leads, life));
        }
        let leads = cut.all()?;
        let stage = |(stage, ids): (&Word, BTreeSet<Uuid>)| {
            let reached = cut.named(ids);
            let share = Ratio::share(reached.count, leads.count);
            LeadReachedStage { stage: stage.clone(), reached, share, to_next: None, target: None, met: None }
        };
        let mut figures = LeadReachFigures {
            steps: steps.iter().zip(on).map(stage).collect(),
            aside: aside.iter().zip(off).map(stage).collect(),
            leads: leads.clone(),
        };
        figures.compare(&self.read_targets(frame.profile)?);
        Ok(figures)
    }
}

/// The stages that a lead was in while it was there.
fn live_stages(life: &Life<Lead>) -> impl Iterator<Item = &Word> {
    life.states.iter().filter(|state| state.live).map(|state| &state.row.stage)
}

fn note(leads: &mut BTreeSet<Uuid>, life: &Life<Lead>) {
    leads.insert(life.id.into());
}

impl LeadReach {
    fn read_targets(&self, profile: &Profile) -> Result<BTreeMap<Value, Decimal>, Error> {
        let mut targets = BTreeMap::new();
        for (stage, percent) in &self.targets {
            let stages = named_stages(profile, "target", std::slice::from_ref(stage))?;
            targets.extend(stages.into_iter().map(|stage| (stage, *percent)));
        }
        Ok(targets)
    }
}

impl LeadReachFigures {
    /// How many of each step reach the next, and whether that is enough.
    fn compare(&mut self, targets: &BTreeMap<Value, Decimal>) {
        let next: Vec<u64> = self.steps.iter().skip(1).map(|step| step.reached.count).collect();
        for (step, next) in self.steps.iter_mut().zip(next) {
            let to_next = Ratio::share(next, step.reached.count);
            step.to_next = Some(to_next);
            step.target = targets.get(&step.stage.to_value()).copied();
            step.met = step.target.zip(to_next.get()).map(|(target, found)| found >= target);
        }
    }
}

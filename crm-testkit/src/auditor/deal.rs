//! How a deal moves: its status, its stage, what they have to do with each other, and what they demand.
//!
//! Read from the machine's `to` lists and kinds, the stages of the pipeline, and the coupling; see docs/profiles.md.
//!
//! Invariant: a deal is judged as it would be; every rule that it would break is among the codes.

use crm_core::describe::{Key, Kind, Value};
use crm_core::profile::{Coupling, DealStatus};
use crm_core::value::normal;
use crm_core::{Stage, StageKind};

use super::machine::{Move, lacks, way};
use super::scene::{Codes, Judged, Scene, unless};
use super::shape::{Given, used};
use super::world::Row;

fn stage_at<'s>(stages: &'s [Stage], key: Option<&str>) -> Option<(usize, &'s Stage)> {
    stages.iter().enumerate().find(|(_, stage)| Some(stage.key.as_str()) == key)
}

/// Where deals start.
pub(super) fn first_open(stages: &[Stage]) -> Option<&Stage> {
    stages.iter().find(|stage| stage.kind == StageKind::Open)
}

/// Where a deal ends: the stage of this kind, else the closing stage.
fn end(stages: &[Stage], kind: StageKind) -> Option<&Stage> {
    let of = |kind| stages.iter().find(|stage| stage.kind == kind);
    of(kind).or_else(|| of(StageKind::Closed))
}

fn word(text: Option<&str>) -> Value {
    text.map_or(Value::Null, Value::text)
}

fn key_of(stage: Option<&Stage>) -> Value {
    word(stage.map(|stage| stage.key.as_str()))
}

impl Scene<'_> {
    pub(super) fn deal_defaults(&self, row: &mut Row, given: &Given) {
        let home = self.row(self.home);
        let of_home = |field| home.map_or(Value::Null, |home| home.get(field).clone());
        row.set("status", Value::text(self.spec.deals.status.initial.as_str()));
        row.set("amount", self.spec.deals.amount.map_or(Value::Null, Value::Decimal));
        row.set("owner", self.me_in(Kind::Deal, "owner"));
        row.set(
            "currency",
            match of_home("default_currency") {
                Value::Null => Value::text(self.spec.currency.as_str()),
                currency => currency,
            },
        );
        if used(self.spec, Kind::Deal, "pipeline") && !given.contains_key("pipeline") {
            row.set("pipeline", of_home("default_pipeline"));
        }
    }

    /// What a status means.
    pub(super) fn deal_means(&self, row: &Row) -> Option<DealStatus> {
        let states = &self.spec.deals.status.states;
        states.iter().find(|state| Some(state.name.as_str()) == row.text("status")).map(|state| state.kind)
    }

    fn is_over(&self, row: &Row) -> bool {
        matches!(self.deal_means(row), Some(DealStatus::Won | DealStatus::Lost | DealStatus::Archived))
    }

    /// The stages of a deal's pipeline, if that is live.
    pub(super) fn line_of(&self, deal: &Row) -> Option<Vec<Stage>> {
        let key = Key { kind: Kind::Pipeline, id: deal.id("pipeline")? };
        self.live(key).map(Row::stages)
    }

    pub(super) fn judge_deal(&mut self, before: Option<&Row>, after: &mut Row, given: &Given) -> Judged<()> {
        let mut broken = Codes::new();
        if before.is_none() && given.contains_key("owner") && *after.get("owner") != self.me() {
            broken.extend(self.allow("deal.reassign", Some(after)));
        }
        // The documents can be read so that a new deal with somebody else as its assignee needs this too.
        let assigned = given.get("assignee").is_some_and(|to| !to.is_null() && *to != self.me());
        if before.is_none() && assigned {
            self.doubts.extend(self.allow("deal.reassign", Some(after)));
        }
        if after.has("expected_close_date") && after.has("expected_close_at") {
            broken.insert("invalid");
        }
        let moves = ["status", "stage", "pipeline"].iter().any(|field| given.contains_key(field));
        let moved = if before.is_none() || moves {
            self.judge_course(before, after, given, &mut broken)
        } else {
            false
        };
        let state = self.spec.deals.status.states.iter();
        let mut state = state.filter(|state| Some(state.name.as_str()) == after.text("status"));
        if let Some(state) = state.next() {
            let touched = state.requires.iter().any(|requirement| given.contains_key(requirement.field()));
            if (before.is_none() || moved || touched) && lacks(&state.requires, after) {
                broken.insert("requirements_unmet");
            }
        }
        self.judge_reason(after, given, &mut broken);
        unless(broken)
    }

    /// Only a lost deal has a reason for it; where reasons are listed, one of them.
    fn judge_reason(&self, after: &Row, given: &Given, broken: &mut Codes) {
        let Some(reason) = after.text("lost_reason") else { return };
        let lost = self.deal_means(after) == Some(DealStatus::Lost) || after.text("outcome") == Some("lost");
        let reasons = &self.spec.deals.lost_reasons;
        let listed =
            reasons.is_empty() || reasons.iter().any(|known| normal(known.as_str()) == normal(reason));
        if !lost || given.contains_key("lost_reason") && !listed {
            broken.insert("invalid");
        }
    }

    /// Settles status and stage; says whether the status changes.
    fn judge_course(&self, before: Option<&Row>, after: &mut Row, given: &Given, broken: &mut Codes) -> bool {
        let stages = self.line_of(after);
        let line = stages.as_deref();
        broken.extend(self.place(before, after, given, line));
        broken.extend(self.stage_decides_status(after, given, line));
        let spec = &self.spec.deals;
        let from =
            before.map_or_else(|| spec.status.initial.as_str(), |row| row.text("status").unwrap_or(""));
        let to = after.text("status").unwrap_or_default();
        let asked = before.is_some() && given.contains_key("status") || from != to;
        let way = if asked { way(&spec.status, from, to) } else { Move::Stays };
        if way == Move::No {
            broken.insert("invalid_transition");
            return false;
        }
        let moved = way == Move::Goes;
        let reopened = moved && before.is_some_and(|row| self.is_over(row)) && !self.is_over(after);
        if let Some(row) = before.filter(|_| moved) {
            broken.extend(self.allow("deal.transition", Some(row)));
            broken.extend(self.allow("deal.reopen", Some(row)).filter(|_| reopened));
        }
        let led = if moved { self.status_decides_stage(before, after, given, line, reopened) } else { None };
        broken.extend(self.judge_stage(before, after, line, led.as_ref(), reopened));
        if moved {
            self.settle_outcome(before, after);
        }
        let same = |row: &Row| {
            row.get("pipeline") == after.get("pipeline") && row.get("stage") == after.get("stage")
        };
        let entered = stage_at(line.unwrap_or_default(), after.text("stage"));
        if entered.is_some_and(|(_, stage)| lacks(&stage.requires, after)) && !before.is_some_and(same) {
            broken.insert("requirements_unmet");
        }
        moved
    }

    /// Finds the deal a stage that its pipeline has: the one asked for, the one it was in, or where it belongs.
    fn place(
        &self,
        before: Option<&Row>,
        after: &mut Row,
        given: &Given,
        line: Option<&[Stage]>,
    ) -> Option<&'static str> {
        let Some(stages) = line else {
            // A pipeline that is not there is found out when references are looked at.
            return (after.has("stage") && !after.has("pipeline")).then_some("invalid");
        };
        if before.is_none() && !self.spec.deals.stage_at_creation {
            after.set("stage", key_of(first_open(stages)));
            return None;
        }
        if stage_at(stages, after.text("stage")).is_some() {
            return None;
        }
        if given.get("stage").is_some_and(|stage| !stage.is_null()) {
            return Some("invalid");
        }
        let tied = self.spec.deals.coupling != Coupling::Independent;
        let stage = match self.deal_means(after) {
            Some(DealStatus::Won) if tied => end(stages, StageKind::Won),
            Some(DealStatus::Lost) if tied => end(stages, StageKind::Lost),
            _ => first_open(stages),
        };
        after.set("stage", key_of(stage));
        None
    }

    /// Where stage and status are one thing, a stage that was asked for makes the deal won, lost or open.
    fn stage_decides_status(
        &self,
        after: &mut Row,
        given: &Given,
        line: Option<&[Stage]>,
    ) -> Option<&'static str> {
        if self.spec.deals.coupling != Coupling::StageIsStatus || !given.contains_key("stage") {
            return None;
        }
        let (_, stage) = stage_at(line?, after.text("stage"))?;
        let (wanted, also) = match stage.kind {
            StageKind::Won => (DealStatus::Won, DealStatus::Won),
            StageKind::Lost => (DealStatus::Lost, DealStatus::Lost),
            StageKind::Open | StageKind::Closed => (DealStatus::Open, DealStatus::Parked),
        };
        if self.deal_means(after).is_some_and(|is| is == wanted || is == also) {
            return None;
        }
        if given.contains_key("status") {
            return Some("invalid");
        }
        let state = self.spec.deals.status.states.iter().find(|state| state.kind == wanted)?;
        after.set("status", Value::text(state.name.as_str()));
        None
    }

    /// Where the status decides the stage, the deal goes there, unless another stage was asked for.
    fn status_decides_stage(
        &self,
        before: Option<&Row>,
        after: &mut Row,
        given: &Given,
        line: Option<&[Stage]>,
        reopened: bool,
    ) -> Option<Value> {
        if self.spec.deals.coupling == Coupling::Independent {
            return None;
        }
        let stages = line?;
        let stage = match self.deal_means(after)? {
            DealStatus::Won => end(stages, StageKind::Won),
            DealStatus::Lost => end(stages, StageKind::Lost),
            DealStatus::Open if reopened => {
                let was = stage_at(stages, before.and_then(|row| row.text("closed_from")));
                let was = was.map(|(_, stage)| stage).filter(|stage| stage.kind == StageKind::Open);
                was.or_else(|| first_open(stages))
            }
            _ => None,
        };
        let stage = Value::text(stage?.key.as_str());
        if !given.contains_key("stage") {
            after.set("stage", stage.clone());
        }
        Some(stage)
    }

    /// A move within a pipeline: may it go back, and does the stage lead there?
    fn judge_stage(
        &self,
        before: Option<&Row>,
        after: &Row,
        line: Option<&[Stage]>,
        led: Option<&Value>,
        reopened: bool,
    ) -> Codes {
        let mut broken = Codes::new();
        let (Some(before), Some(stages)) = (before, line) else { return broken };
        let from = led.unwrap_or_else(|| before.get("stage"));
        let (from, to) = (stage_at(stages, from.as_text()), stage_at(stages, after.text("stage")));
        let (Some((start, from)), Some((end, to))) = (from, to) else { return broken };
        if before.get("pipeline") != after.get("pipeline") || from.key == to.key {
            return broken;
        }
        if end < start && !reopened {
            broken.extend(self.allow("deal.move_back", Some(before)));
        }
        if from.to.as_ref().is_some_and(|ways| !ways.contains(&to.key)) {
            broken.insert("invalid_stage_move");
        }
        broken
    }

    /// Keeps how and when the deal ended.
    fn settle_outcome(&self, before: Option<&Row>, after: &mut Row) {
        let outcome = match self.deal_means(after) {
            Some(DealStatus::Won) => Some("won"),
            Some(DealStatus::Lost) => Some("lost"),
            Some(DealStatus::Archived) => {
                // One that had ended keeps its time, and where that is not known, nobody makes one up.
                if !after.has("outcome") && !after.has("closed_at") {
                    after.set("closed_at", Value::Instant(self.now));
                }
                return;
            }
            _ => None,
        };
        let was = before.map_or(Value::Null, |row| row.get("stage").clone());
        after.set("outcome", word(outcome));
        after.set("closed_at", outcome.map_or(Value::Null, |_| Value::Instant(self.now)));
        after.set("closed_from", outcome.map_or(Value::Null, |_| was));
        if outcome != Some("lost") {
            after.set("lost_reason", Value::Null);
        }
    }
}

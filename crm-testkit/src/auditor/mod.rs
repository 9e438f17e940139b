//! A second opinion: what a command may answer, foretold from the profile's data and the rows alone.
//!
//! The engine decides by a draft over a snapshot. The auditor reads the same documents and says the same in the plainest
//! way: grants line by line, machines by their `to` lists, pipelines by their stages. It calls none of the engine's
//! decisions, so a rule that the engine lost, or never had, is noticed here.
//!
//! What is not foretold: which rows an import takes; the texts and payloads of entries that the rules write; ids that
//! nobody chose; events and the ledger. Where the documents leave a question open, both answers are allowed, and the
//! tally counts it as wide.
//!
//! Invariant: a prediction is made before the answer is known, and never changed afterwards.

mod access;
mod command;
mod compare;
mod deal;
mod machine;
mod record;
mod rest;
mod scene;
mod shape;
mod state;
mod task;
mod trail;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crm_core::describe::{Key, Kind};
use crm_core::profile::ProfileSpec;
use crm_core::value::{Instant, OrganizationId};
use serde_json::Value as Document;

use self::command::{subject, target};
pub use self::scene::Codes;
use self::scene::Scene;
pub use self::state::{violations, wrong_moves};
pub use self::world::{Row, Rows, rows_of};
use crate::sequence::{Answer, Step};

/// What must be true of the rows after a command was applied.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The rows that it writes, as they are then. Fields that are not named may hold anything.
    pub written: BTreeMap<Key, Row>,
    /// Rows that it may or may not create.
    pub maybe: BTreeSet<Key>,
    /// Can nothing be said of what it writes?
    pub anything: bool,
}

/// What a command may answer.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// It may be applied, and this must be true then.
    pub applied: Option<Outcome>,
    /// It may be refused with one of these codes.
    pub refusals: Codes,
}

impl Prediction {
    fn refused(codes: impl IntoIterator<Item = &'static str>) -> Self {
        Self { applied: None, refusals: codes.into_iter().collect() }
    }

    /// Is it one verdict, applied or refused?
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.applied.is_none() || self.refusals.is_empty()
    }
}

/// Reads like the end of a sentence.
impl fmt::Display for Prediction {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes = self.refusals.iter().copied().collect::<Vec<_>>().join(" or ");
        match &self.applied {
            None => write!(out, "refused as {codes}"),
            Some(outcome) if codes.is_empty() => {
                write!(out, "applied, with {} row(s) written", outcome.written.len())
            }
            Some(_) => write!(out, "applied, or refused as {codes}"),
        }
    }
}

/// How exact the predictions were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Answers that were foretold.
    pub predictions: u64,
    /// Of these, how many with one verdict.
    pub exact: u64,
    /// Answers that were refusals.
    pub refused: u64,
    /// Predictions that named codes.
    pub coded: u64,
    /// Of these, how many named at most three.
    pub few: u64,
    /// Of these, how many named exactly one.
    pub single: u64,
}

impl Tally {
    /// Counts another tally in.
    pub fn add(&mut self, other: &Self) {
        let Self { predictions, exact, refused, coded, few, single } = other;
        self.predictions += predictions;
        self.exact += exact;
        self.refused += refused;
        self.coded += coded;
        self.few += few;
        self.single += single;
    }

    fn count(&mut self, prediction: &Prediction, answer: &Answer) {
        let codes = prediction.refusals.len();
        self.predictions += 1;
        self.exact += u64::from(prediction.is_exact());
        self.refused += u64::from(answer.is_err());
        self.coded += u64::from(codes > 0);
        self.few += u64::from((1..=3).contains(&codes));
        self.single += u64::from(codes == 1);
    }
}

/// Under what an answer is remembered: who asked, for which command, with which key.
type Remembered = (String, &'static str, u8);

/// Somebody who knows the documents and the rows, and not the engine.
#[derive(Debug)]
pub struct Auditor {
    spec: ProfileSpec,
    home: Key,
    rows: Rows,
    remembered: BTreeMap<Remembered, (Document, Instant)>,
    tally: Tally,
}

impl Auditor {
    /// For an organisation, with its rows as they are.
    #[must_use]
    pub fn new(spec: ProfileSpec, organization: OrganizationId, rows: Rows) -> Self {
        let home = Key { kind: Kind::Organization, id: organization.into() };
        Self { spec, home, rows, remembered: BTreeMap::new(), tally: Tally::default() }
    }

    /// How exact the predictions were so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// What a step may answer at a time.
    #[must_use]
    pub fn predict(&self, step: &Step, now: Instant) -> Prediction {
        let document = step.json();
        if shape::is_malformed(&self.spec, step.command, &document) {
            return Prediction::refused(["malformed"]);
        }
        let expected = match (target(step.command, &document), step.version) {
            // Of a command that is about no record, no version can be expected.
            (None, Some(_)) => return Prediction::refused(["invalid"]),
            (target, version) => target.zip(version),
        };
        let mut scene = match Scene::enter(&self.spec, &self.rows, self.home, &step.who.actor(), now) {
            Ok(scene) => scene,
            Err(codes) => return Prediction::refused(codes),
        };
        scene.expected = expected;
        match self.recall(step, now) {
            Some(known) if *known == document => {
                return Prediction { applied: Some(Outcome::default()), refusals: Codes::new() };
            }
            // The same request may be spelled in two ways, and then it is the same answer.
            Some(_) => {
                return Prediction {
                    applied: Some(Outcome::default()),
                    refusals: Codes::from(["key_reused"]),
                };
            }
            None => {}
        }
        let judged = scene.run(step.command, &document);
        let mut refusals = std::mem::take(&mut scene.doubts);
        if let Err(codes) = judged {
            refusals.extend(codes);
            return Prediction { applied: None, refusals };
        }
        // What comes after an import in a batch is not foretold.
        let anything = scene.lost && step.command == "batch";
        if anything {
            refusals.extend(ANY);
        }
        Prediction {
            applied: Some(Outcome { written: scene.written, maybe: scene.maybe, anything }),
            refusals,
        }
    }

    /// The request that was remembered under the step's key, and still is.
    fn recall(&self, step: &Step, now: Instant) -> Option<&Document> {
        let (known, at) = self.remembered.get(&slot(step)?)?;
        let hours = i64::from(self.spec.limits.idempotency_hours);
        (at.plus_hours(hours) > now).then_some(known)
    }

    /// Holds an answer, and the rows as they are after it, against what was foretold.
    ///
    /// # Errors
    /// Says what nobody foretold.
    pub fn hold(
        &mut self,
        step: &Step,
        prediction: &Prediction,
        answer: &Answer,
        now: Instant,
        after: Rows,
    ) -> Result<(), String> {
        self.tally.count(prediction, answer);
        compare::compare(prediction, answer, &self.rows, &after)?;
        if let Some(slot) = slot(step).filter(|_| answer.is_ok() && self.recall(step, now).is_none()) {
            self.remembered.insert(slot, (step.json(), now));
        }
        self.rows = after;
        Ok(())
    }
}

/// Every code with which a command that parses may be refused.
const ANY: [&str; 19] = [
    "already_exists",
    "default_pipeline",
    "forbidden",
    "has_dependents",
    "immutable",
    "invalid",
    "invalid_stage_move",
    "invalid_transition",
    "last_keeper",
    "limit",
    "no_such_status",
    "not_a_member",
    "not_found",
    "not_member",
    "not_owner",
    "organization_inactive",
    "own_membership",
    "register",
    "requirements_unmet",
];

fn slot(step: &Step) -> Option<Remembered> {
    Some((format!("{:?}", step.who.actor()), step.command, step.key?))
}

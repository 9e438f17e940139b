//! What a worker does: claims deliveries, makes them, and reports.
//!
//! Invariant: a delivery is made by whoever holds its latest claim; a report under an earlier one changes nothing.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::breaker::{Call, Pass, later};
use super::delivery::{Delivery, PENDING, SENDING};
use super::lanes::due;
use super::reference::{Name, find, link};
use super::retry::{Failure, draw_of};
use super::{TargetSpec, line, target, word};
use crate::access::Action;
use crate::command::Command;
use crate::describe::{Id, Key, Kind};
use crate::draft::{Draft, Halt, Permit};
use crate::error::{Error, Rule};
use crate::value::{DeliveryId, EventId, Instant, Problem, Text, Uuid, Word};

/// Most deliveries of one claim.
const MOST_CLAIMED: u32 = 1_000;

/// Claims deliveries that are due, for a while. Each lane gives one at a time, in order; a target that does not answer
/// gives none, or one to see whether it does again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimDeliveries {
    /// Of which target.
    pub target: Word,
    /// How many at most.
    pub most: u32,
    /// For how many seconds. What is not reported by then comes back.
    pub lease_seconds: u32,
}

/// What was claimed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimedDeliveries {
    /// The deliveries. The id of each is the key under which it has one effect; its `lease` is needed to report.
    pub deliveries: Vec<Arc<Delivery>>,
    /// What the target's breaker says.
    pub pass: Pass,
}

/// Says how a delivery went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportDelivery {
    /// Which delivery.
    pub id: DeliveryId,
    /// Under which claim.
    pub lease: i64,
    /// How it went.
    pub outcome: DeliveryOutcome,
}

/// How a delivery went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryOutcome {
    /// It was made.
    Done {
        /// What the record is called there.
        #[serde(default)]
        external_id: Option<String>,
        /// What it is there; the record's kind here when empty.
        #[serde(default)]
        kind: Option<Word>,
    },
    /// It was not, or nobody knows.
    Failed {
        /// What went wrong.
        error: String,
        /// What kind of failure it was: it decides whether to try again.
        failure: Failure,
    },
}

impl Command for ClaimDeliveries {
    type Output = ClaimedDeliveries;

    fn name(&self) -> &'static str {
        "claim_deliveries"
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<ClaimedDeliveries, Halt> {
        let permit = tx.allow(Action::DeliveryWork, None)?;
        let spec = target_spec(tx, &self.target)?;
        check_claim(self.most, self.lease_seconds, MOST_CLAIMED)?;
        let (row, breaker) = target::look(tx, &self.target)?;
        let (asked, pass) = breaker.ask(&spec.breaker, tx.now());
        let most = match pass {
            Pass::Away { .. } => return Ok(ClaimedDeliveries { deliveries: Vec::new(), pass }),
            Pass::Probe => 1,
            Pass::Free => self.most,
        };
        let rule = tx.profile().spec().integrations.as_ref().map(|part| part.retry(spec));
        let attempts = rule.map_or(1, |rule| i64::from(rule.attempts));
        let mut deliveries = Vec::new();
        for due in due(tx, &self.target, most)? {
            if deliveries.len() >= most as usize {
                break;
            }
            if due.attempts >= attempts {
                tx.put(&permit, given_up(due.as_ref(), "no report of the last attempt came", tx.now())?)?;
                continue;
            }
            let claimed = self.claimed(due.as_ref(), tx.now(), asked.turn)?;
            deliveries.push(tx.put(&permit, claimed)?);
        }
        if pass == Pass::Probe && !deliveries.is_empty() {
            target::keep(tx, &permit, &self.target, row.as_deref(), asked)?;
        }
        Ok(ClaimedDeliveries { deliveries, pass })
    }
}

impl ClaimDeliveries {
    fn claimed(&self, due: &Delivery, now: Instant, turn: u64) -> Result<Delivery, Halt> {
        let mut row = due.clone();
        row.status = word(SENDING)?;
        row.attempts = row.attempts.saturating_add(1);
        row.lease = row.lease.saturating_add(1);
        row.lease_until = Some(later(now, self.lease_seconds));
        row.turn = i64::try_from(turn).unwrap_or(i64::MAX);
        Ok(row)
    }
}

/// A claim is for one thing or more, and for a while.
pub(crate) fn check_claim(most: u32, lease_seconds: u32, limit: u32) -> Result<(), Error> {
    let bad = |field, rule: String| Err(Error::field(field, Problem::out_of_range(rule)));
    if most == 0 || most > limit {
        return bad("most", format!("a number from 1 to {limit}"));
    }
    if lease_seconds == 0 { bad("lease_seconds", "a number of 1 or more".to_owned()) } else { Ok(()) }
}

fn given_up(row: &Delivery, why: &str, now: Instant) -> Result<Delivery, Halt> {
    let mut row = row.clone();
    row.status = word("dead")?;
    row.last_error = line(why);
    row.lease = row.lease.saturating_add(1);
    (row.lease_until, row.settled_at) = (None, Some(now));
    Ok(row)
}

fn target_spec<'s>(tx: &Draft<'s>, name: &Word) -> Result<&'s TargetSpec, Error> {
    let spec = tx.profile().spec().integrations.as_ref();
    spec.and_then(|spec| spec.target(name)).ok_or_else(|| {
        let names = spec.map_or(&[][..], |spec| &spec.targets).iter().map(|target| &target.name);
        Error::field("target", Problem::one_of(name.as_str(), names))
    })
}

impl Command for ReportDelivery {
    type Output = Arc<Delivery>;

    fn name(&self) -> &'static str {
        "report_delivery"
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<Delivery>, Halt> {
        let permit = tx.allow(Action::DeliveryWork, None)?;
        let row = tx.rely_on(self.id)?;
        let row = row.ok_or(Error::NotFound { resource: Kind::Delivery, id: self.id.into() })?;
        if row.status != SENDING || row.lease != self.lease {
            return Err(Rule::other("lease_lost", "the claim of this delivery is not good any more").into());
        }
        let spec = target_spec(tx, &row.target)?;
        let mut after = Delivery::clone(&row);
        after.lease_until = None;
        let call = match &self.outcome {
            DeliveryOutcome::Done { external_id, kind } => {
                done(tx, &permit, &mut after, (spec, external_id.as_deref(), kind.as_ref()))?;
                Call::Answered
            }
            DeliveryOutcome::Failed { error, failure } => {
                after = failed(tx, after, spec, (error, *failure))?;
                if failure.is_answer() { Call::Answered } else { Call::Failed }
            }
        };
        let (was, breaker) = target::look(tx, &row.target)?;
        let turn = u64::try_from(row.turn).unwrap_or_default();
        let breaker = breaker.report(&spec.breaker, turn, call, tx.now());
        target::keep(tx, &permit, &row.target, was.as_deref(), breaker)?;
        tx.put(&permit, after)
    }
}

/// Closes a delivery, with what the record is called there.
fn done(
    tx: &mut Draft<'_>,
    permit: &Permit,
    row: &mut Delivery,
    (spec, external_id, kind): (&TargetSpec, Option<&str>, Option<&Word>),
) -> Result<(), Halt> {
    row.status = word("done")?;
    row.settled_at = Some(tx.now());
    row.last_error = None;
    let Some(external_id) = external_id.map(str::trim).filter(|id| !id.is_empty()) else { return Ok(()) };
    let external_id = Text::parse(external_id).map_err(|problem| Error::field("external_id", problem))?;
    row.external_id = Some(external_id.clone());
    let (Some(system), Some(subject)) = (&spec.system, subject_of(row)) else { return Ok(()) };
    let kind = match kind {
        Some(kind) => kind.clone(),
        None => word(subject.kind.name())?,
    };
    match find(tx, system, kind.as_str(), external_id.as_str())? {
        None => {
            let name = Name { system, kind: &kind, external_id: &external_id, version: None, at: None };
            link(tx, permit, name, subject)?;
        }
        Some(known) if known.record_key() == Some(subject) => {}
        // It was made, and trying again would change nothing: somebody has to look at it.
        Some(_) => row.last_error = line("its id there is already that of another record here"),
    }
    Ok(())
}

/// The record that a delivery is about, where other systems can have a name for it.
fn subject_of(row: &Delivery) -> Option<Key> {
    let subject = row.content.as_json().get("subject");
    let part = |name: &str| subject.and_then(|subject| subject.get(name)).and_then(serde_json::Value::as_str);
    let told = part("kind")
        .and_then(|kind| kind.parse().ok())
        .zip(part("id").and_then(|id| Uuid::try_parse(id).ok()));
    let named = told
        .map(|(kind, id)| Key { kind, id })
        .filter(|key| matches!(key.kind, Kind::Lead | Kind::Contact | Kind::Deal | Kind::Membership));
    named.or_else(|| row.lead.map(Id::key))
}

/// Lets a delivery wait for its next attempt, or gives it up.
fn failed(
    tx: &mut Draft<'_>,
    mut row: Delivery,
    spec: &TargetSpec,
    (error, failure): (&str, Failure),
) -> Result<Delivery, Halt> {
    let rule = tx.profile().spec().integrations.as_ref().map(|part| part.retry(spec));
    let made = u32::try_from(row.attempts).unwrap_or(u32::MAX);
    let again = rule.filter(|rule| rule.tries_again(made, failure));
    let Some(rule) = again else { return given_up(&row, error, tx.now()) };
    let draw = draw_of(Uuid::from(tx.next_id::<EventId>()?));
    row.status = word(PENDING)?;
    row.last_error = line(error);
    row.next_at = tx.now().checked_add(rule.delay(made, draw)).unwrap_or(Instant::MAX);
    Ok(row)
}

//! The skeleton of a worker: claim, deliver, report. The host brings the client of the other system and decides when.
//!
//! Invariant: what is delivered was claimed, and every claim that comes back from the courier is reported.

use std::fmt;

use async_trait::async_trait;

use super::breaker::Pass;
use super::delivery::Delivery;
use super::work::{ClaimDeliveries, DeliveryOutcome, ReportDelivery};
use crate::crm::Session;
use crate::error::Error;
use crate::value::Word;

/// Delivers to another system. The delivery's id is the key under which it must have one effect, however often it comes.
#[async_trait]
pub trait Courier: fmt::Debug + Send + Sync {
    /// Makes a delivery, within its lease.
    async fn deliver(&self, delivery: &Delivery) -> DeliveryOutcome;
}

/// What a round came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// How many deliveries were made.
    pub done: u32,
    /// How many failed.
    pub failed: u32,
    /// Of how many the claim was lost before the report.
    pub lost: u32,
    /// What the target's breaker said.
    pub pass: Pass,
}

/// One round: claims what is due, delivers it piece by piece, and reports each. It needs no runtime, and waits for the store
/// and the courier only.
///
/// # Errors
/// The actor may not, there is no such target, or the store failed. What was claimed and not reported comes back when its
/// lease is over.
pub async fn deliver_round(
    session: &Session<'_>,
    courier: &dyn Courier,
    claim: ClaimDeliveries,
) -> Result<Round, Error> {
    let claimed = session.apply(claim).await?;
    let mut round = Round { done: 0, failed: 0, lost: 0, pass: claimed.pass };
    for delivery in claimed.deliveries {
        let outcome = courier.deliver(&delivery).await;
        let made = matches!(outcome, DeliveryOutcome::Done { .. });
        let report = ReportDelivery { id: delivery.id, lease: delivery.lease, outcome };
        let count = match session.apply(report).await {
            Ok(_) if made => &mut round.done,
            Ok(_) => &mut round.failed,
            Err(Error::Rule(rule)) if rule.name() == "lease_lost" => &mut round.lost,
            Err(error) => return Err(error),
        };
        *count = count.saturating_add(1);
    }
    Ok(round)
}

impl ClaimDeliveries {
    /// Of this target, so many, for so many seconds.
    #[must_use]
    pub fn of(target: Word, most: u32, lease_seconds: u32) -> Self {
        Self { target, most, lease_seconds }
    }
}

//! Other systems: what they call our records, what they tell us, and what we tell them.
//!
//! | in | out |
//! |---|---|
//! | [`ReceiveEvents`] puts what a system tells into the inbox, and applies it | a commit writes a [`Delivery`] for each target that wants to know |
//! | [`ReplayIncoming`], [`RetryIncoming`], [`GiveUpIncoming`] settle what could not be applied | [`ClaimDeliveries`] and [`ReportDelivery`] are what a worker does; [`Courier`] is its skeleton |
//!
//! What is pure arithmetic stands alone: [`RetryRule`], [`Breaker`], [`RateLimit`].
//!
//! Invariant: a system's id of a kind names one record here, and stays taken when that record is deleted.

mod apply;
mod breaker;
mod courier;
mod delivery;
mod incoming;
mod lanes;
mod limit;
mod pattern;
mod receive;
mod reference;
mod replay;
mod resolve;
mod retry;
mod spec;
mod target;
mod work;

use sha2::{Digest, Sha256};

use crate::command::{text, word};
use crate::value::Line;

pub(crate) use self::breaker::later;
pub use self::breaker::{Breaker, BreakerRule, BreakerState, Call, Pass};
pub use self::courier::{Courier, Round, deliver_round};
pub(crate) use self::delivery::deliver;
pub use self::delivery::{CancelDelivery, Delivery, DeliveryEdits, RequeueDelivery};
pub use self::incoming::{Fate, Incoming, IncomingEdits};
pub use self::limit::{RateLimit, Window};
pub(crate) use self::pattern::{check as check_pattern, kind_of, means};
pub(crate) use self::receive::RECEIVE_EVENTS;
pub use self::receive::{IncomingEvent, ItemError, ItemOutcome, ReceiveEvents, Received, ReceivedStatus};
pub(crate) use self::reference::find;
pub use self::reference::{Reference, ReferenceEdits};
pub use self::replay::{ReplayIncoming, Replayed};
pub use self::resolve::{GiveUpIncoming, RetryIncoming};
pub(crate) use self::retry::draw_of;
pub use self::retry::{Failure, FailureKind, RetryRule, draw};
pub use self::spec::{IntegrationsSpec, StageMapping, TargetSpec};
pub use self::target::{Target, TargetEdits};
pub(crate) use self::work::check_claim;
pub use self::work::{ClaimDeliveries, ClaimedDeliveries, DeliveryOutcome, ReportDelivery};

/// One text for several: whoever has the same has the same parts. Unlike the parts themselves, it does not fold letters.
fn digest(parts: &[&str]) -> String {
    let whole = serde_json::Value::from(parts.to_vec()).to_string();
    Sha256::digest(whole).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As much of a text as a line holds; nothing of an empty one.
pub(crate) fn line(text: &str) -> Option<Line> {
    let text: String = text.chars().filter(|char| *char != '\0').collect();
    let cut: String = text.trim().chars().take(255).collect();
    Line::parse(&cut).ok()
}

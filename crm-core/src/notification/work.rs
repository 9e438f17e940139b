//! How a notification goes out: claimed, sent, reported; and what else happens to it.
//!
//! Invariant: a send is made by whoever holds the latest claim, and a report never moves a status back.

use std::ops::Bound;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::spec::PRIORITIES;
use super::{CHANNEL, LEASE_UNTIL, NEXT_AT, Notification, PRIORITY, STATUS};
use crate::access::Action;
use crate::command::{Command, word};
use crate::describe::{Entity, FieldId, Id, Key, Kind, Value};
use crate::draft::{Draft, Halt, Permit, first_of, for_each};
use crate::error::{Error, Rule};
use crate::integration::{Failure, RetryRule, check_claim, draw_of, later, line};
use crate::store::{Filter, Order};
use crate::value::{EventId, Instant, NotificationId, Uuid, Word};

/// Most notifications of one claim.
const MOST_CLAIMED: u32 = 1_000;

const OLDEST: Order = Order { field: NEXT_AT, descending: false };

const PENDING: &str = "pending";
const SENDING: &str = "sending";

/// Claims notifications of a channel that are due, for a while: the most urgent first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimNotifications {
    /// Of which channel.
    pub channel: Word,
    /// How many at most.
    pub most: u32,
    /// For how many seconds. What is not reported by then comes back.
    pub lease_seconds: u32,
}

/// Says how far a notification is. That it was sent, or failed, is said under a claim; that it arrived or was read, a
/// channel says later and needs none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportNotification {
    /// Which notification.
    pub id: NotificationId,
    /// Under which claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<i64>,
    /// How far it is.
    pub outcome: NotificationOutcome,
}

/// How far a notification is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationOutcome {
    /// The channel took it.
    Sent,
    /// It arrived.
    Delivered,
    /// It was read.
    Read,
    /// It was not sent, or nobody knows.
    Failed {
        /// What went wrong.
        error: String,
        /// What kind of failure it was: it decides whether to try again.
        failure: Failure,
    },
}

/// Gives a notification up that is not on its way yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelNotification {
    /// Which notification.
    pub id: NotificationId,
}

/// Notes that a member has read a notification of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadNotification {
    /// Which notification.
    pub id: NotificationId,
}

impl Command for ClaimNotifications {
    type Output = Vec<Arc<Notification>>;

    fn name(&self) -> &'static str {
        "claim_notifications"
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Self::Output, Halt> {
        let permit = tx.allow(Action::NotificationWork, None)?;
        check_claim(self.most, self.lease_seconds, MOST_CLAIMED)?;
        let attempts = i64::from(rule(tx).attempts);
        let mut claimed = Vec::new();
        for due in due(tx, &self.channel, self.most)? {
            if claimed.len() >= self.most as usize {
                break;
            }
            let mut row = Notification::clone(&due);
            row.lease = row.lease.saturating_add(1);
            if row.attempts >= attempts {
                row.status = word("dead")?;
                row.last_error = line("no report of the last attempt came");
                row.lease_until = None;
                tx.put(&permit, row)?;
                continue;
            }
            row.status = word(SENDING)?;
            row.attempts = row.attempts.saturating_add(1);
            row.lease_until = Some(later(tx.now(), self.lease_seconds));
            claimed.push(tx.put(&permit, row)?);
        }
        Ok(claimed)
    }
}

fn rule(tx: &Draft<'_>) -> RetryRule {
    tx.profile().spec().notifications.as_ref().map_or_else(RetryRule::general, super::Spec::retry)
}

/// What is due, the most urgent first: new ones, and those whose claim ran out. At most so many of each urgency are looked
/// at. Which there are may change meanwhile: what is claimed must be as it was.
fn due(tx: &mut Draft<'_>, channel: &Word, most: u32) -> Result<Vec<Arc<Notification>>, Halt> {
    let now = tx.now();
    let past = |field: FieldId| Filter::Range(field, Bound::Unbounded, Bound::Included(Value::Instant(now)));
    let ready = Filter::Any(vec![
        Filter::text(STATUS, PENDING).and(past(NEXT_AT)),
        Filter::text(STATUS, SENDING).and(past(LEASE_UNTIL)),
    ]);
    let parts = for_each(PRIORITIES.iter().rev(), |priority| {
        let filter = Filter::word(CHANNEL, channel).and(Filter::text(PRIORITY, priority)).and(ready.clone());
        tx.first::<Notification>(&first_of::<Notification>(filter, OLDEST, most))
    })?;
    Ok(parts.into_iter().flat_map(|part| part.rows).filter(|row| is_due(row, now)).collect())
}

fn is_due(row: &Notification, now: Instant) -> bool {
    match row.status.as_str() {
        PENDING => row.next_at <= now,
        SENDING => row.lease_until.is_none_or(|lease| lease <= now),
        _ => false,
    }
}

/// How far a status is on the way of a message; `None` for one that is off it.
fn distance(status: &str) -> Option<usize> {
    [PENDING, SENDING, "sent", "delivered", "read"].iter().position(|name| *name == status)
}

impl Command for ReportNotification {
    type Output = Arc<Notification>;

    fn name(&self) -> &'static str {
        "report_notification"
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<Notification>, Halt> {
        let permit = tx.allow(Action::NotificationWork, None)?;
        let row = tx.rely_on(self.id)?;
        let row = row.ok_or(Error::NotFound { resource: Kind::Notification, id: self.id.into() })?;
        let open = row.status == PENDING || row.status == SENDING;
        let needs_claim =
            matches!(self.outcome, NotificationOutcome::Sent | NotificationOutcome::Failed { .. });
        if open && needs_claim && (row.status == PENDING || self.lease != Some(row.lease)) {
            return Err(
                Rule::other("lease_lost", "the claim of this notification is not good any more").into()
            );
        }
        match &self.outcome {
            NotificationOutcome::Sent => forward(tx, &permit, row, "sent"),
            NotificationOutcome::Delivered => forward(tx, &permit, row, "delivered"),
            NotificationOutcome::Read => forward(tx, &permit, row, "read"),
            // It is on its way, or somewhere else altogether: that an earlier attempt failed says nothing any more.
            NotificationOutcome::Failed { .. } if !open => Ok(row),
            NotificationOutcome::Failed { error, failure } => {
                let after = failed(tx, &row, error, *failure)?;
                tx.put(&permit, after)
            }
        }
    }
}

/// Moves a notification on, never back.
fn forward(
    tx: &mut Draft<'_>,
    permit: &Permit,
    row: Arc<Notification>,
    to: &str,
) -> Result<Arc<Notification>, Halt> {
    if distance(row.status.as_str()).is_none_or(|here| Some(here) >= distance(to)) {
        return Ok(row);
    }
    let now = tx.now();
    let mut after = Notification::clone(&row);
    after.status = word(to)?;
    after.lease_until = None;
    after.sent_at = after.sent_at.or(Some(now));
    if to != "sent" {
        after.delivered_at = after.delivered_at.or(Some(now));
    }
    if to == "read" {
        after.read_at = Some(now);
    }
    tx.put(permit, after)
}

fn failed(
    tx: &mut Draft<'_>,
    row: &Notification,
    error: &str,
    failure: Failure,
) -> Result<Notification, Halt> {
    let (rule, now) = (rule(tx), tx.now());
    let made = u32::try_from(row.attempts).unwrap_or(u32::MAX);
    let mut after = row.clone();
    (after.lease_until, after.last_error) = (None, line(error));
    if rule.tries_again(made, failure) {
        let draw = draw_of(Uuid::from(tx.next_id::<EventId>()?));
        after.status = word(PENDING)?;
        after.next_at = now.checked_add(rule.delay(made, draw)).unwrap_or(Instant::MAX);
    } else {
        after.status = word("dead")?;
    }
    Ok(after)
}

impl Command for CancelNotification {
    type Output = Arc<Notification>;

    fn name(&self) -> &'static str {
        "cancel_notification"
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<Notification>, Halt> {
        let row = tx.get(self.id)?;
        let permit = tx.allow(Action::NotificationSend, Some(&Arc::clone(&row).record()))?;
        if row.status != PENDING {
            let why = format!("a notification that is {} is not cancelled", row.status);
            return Err(Rule::other("notification_standing", why).into());
        }
        let mut after = Notification::clone(&row);
        after.status = word("cancelled")?;
        tx.put(&permit, after)
    }
}

impl Command for ReadNotification {
    type Output = Arc<Notification>;

    fn name(&self) -> &'static str {
        "read_notification"
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<Notification>, Halt> {
        let row = tx.get(self.id)?;
        let permit = tx.allow(Action::NotificationRead, Some(&Arc::clone(&row).record()))?;
        if row.user.is_none() || row.user != tx.person() {
            let why = "only whoever was told can say that they have read it";
            return Err(Rule::other("not_yours", why).into());
        }
        forward(tx, &permit, row, "read")
    }
}

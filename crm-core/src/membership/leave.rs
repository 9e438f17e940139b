//! Leaving an organisation, by oneself or by another's decision.
//!
//! Invariant: where a successor is named, every open row of the leaver is theirs in the same commit; where none is, the
//! rows stay with the leaver until somebody re-assigns them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Membership;
use crate::access::Action;
use crate::command::{Command, delete};
use crate::contact::{self, Contact};
use crate::deal::{self, Deal};
use crate::describe::{Entity, Id, Key, Record, Value};
use crate::draft::{Draft, Halt, Permit, ReadSet, SetQuery};
use crate::error::{Error, Rule};
use crate::lead;
use crate::profile::{DealStatus, TaskStatus};
use crate::task::{self, Task};
use crate::value::{Problem, UserId};

/// Removes a member. Their open rows can go to somebody else in the same commit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemoveMember {
    /// Who.
    pub id: UserId,
    /// Who takes over their contacts, and their open deals, tasks and leads; nobody when empty.
    #[serde(default)]
    pub successor: Option<UserId>,
}

/// Leaves the organisation oneself.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LeaveOrganization {
    /// Who takes over one's contacts, and one's open deals, tasks and leads; nobody when empty.
    #[serde(default)]
    pub successor: Option<UserId>,
}

/// What became of a member who was removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// The membership that has ended.
    pub membership: Arc<Membership>,
    /// How many rows the successor took over.
    pub reassigned: u64,
}

impl RemoveMember {
    /// Of this member, with nobody to take over.
    #[must_use]
    pub fn of(id: UserId) -> Self {
        Self { id, successor: None }
    }

    /// Who takes over.
    #[must_use]
    pub fn successor(mut self, successor: UserId) -> Self {
        self.successor = Some(successor);
        self
    }
}

impl Command for RemoveMember {
    type Output = Removed;

    fn name(&self) -> &'static str {
        "remove_member"
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn hints(&self) -> ReadSet {
        self.target().into_iter().chain(self.successor.map(Id::key)).fold(
            handed_over(self.id, self.successor),
            |mut want, key| {
                want.keys.insert(key);
                want
            },
        )
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Removed, Halt> {
        let seat = tx.get(self.id)?;
        let action = if tx.person() == Some(self.id) { Action::MemberLeave } else { Action::MemberRemove };
        let permit = tx.allow(action, Some(&Arc::clone(&seat).record()))?;
        remove(tx, &permit, &seat, self.successor)
    }
}

impl Command for LeaveOrganization {
    type Output = Removed;

    fn name(&self) -> &'static str {
        "leave_organization"
    }

    fn hints(&self) -> ReadSet {
        self.successor.map(|successor| ReadSet::from(successor.key())).unwrap_or_default()
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Removed, Halt> {
        let permit = tx.allow(Action::MemberLeave, None)?;
        let seat = match tx.person() {
            Some(me) => tx.rely_on(me)?,
            None => None,
        };
        let seat = seat.ok_or_else(|| Rule::other("not_a_member", "only a member can leave"))?;
        remove(tx, &permit, &seat, self.successor)
    }
}

fn remove(
    tx: &mut Draft<'_>,
    permit: &Permit,
    seat: &Arc<Membership>,
    successor: Option<UserId>,
) -> Result<Removed, Halt> {
    if successor == Some(seat.id) {
        let problem = Problem::forbidden("the successor must be somebody else");
        return Err(Error::field("successor", problem).into());
    }
    // Whoever may not go is told so, however much there is to hand over.
    let membership = delete(tx, permit, seat)?;
    let reassigned = match successor {
        Some(successor) => hand_over(tx, permit, seat.id, successor)?,
        None => 0,
    };
    Ok(Removed { membership, reassigned })
}

/// The sets of rows that can belong to a member.
fn handed_over(user: UserId, successor: Option<UserId>) -> ReadSet {
    let me = || Value::Uuid(user.into());
    if successor.is_none() {
        return ReadSet::new();
    }
    ReadSet::new()
        .with_set(SetQuery::live(Contact::KIND, vec![(contact::OWNER, me())]))
        .with_set(SetQuery::live(Deal::KIND, vec![(deal::OWNER, me())]))
        .with_set(SetQuery::live(Deal::KIND, vec![(deal::ASSIGNEE, me())]))
        .with_set(SetQuery::live(Task::KIND, vec![(task::ASSIGNEE, me())]))
}

/// What stays because it is closed is relied on too: it must not have been opened again in the meantime.
fn hand_over(tx: &mut Draft<'_>, permit: &Permit, from: UserId, to: UserId) -> Result<u64, Halt> {
    let me = || Value::Uuid(from.into());
    tx.demand_reference(to.key(), "successor")?;
    let mut moved = std::collections::BTreeSet::new();
    for row in tx.rows::<Contact>(vec![(contact::OWNER, me())])? {
        let next = Contact { owner: Some(to), ..row.as_ref().clone() };
        moved.insert(Record::key(&tx.put(permit, next)?.record()));
    }
    let open_deal = |tx: &Draft<'_>, row: &Deal| {
        let meaning = tx.profile().spec().deals.status.meaning(&row.status);
        matches!(meaning, Some(DealStatus::Open | DealStatus::Parked) | None)
    };
    for row in tx.rows::<Deal>(vec![(deal::OWNER, me())])? {
        if open_deal(tx, &row) {
            let next = Deal { owner: Some(to), ..row.as_ref().clone() };
            moved.insert(Record::key(&tx.put(permit, next)?.record()));
        } else {
            tx.rely_on(row.id)?;
        }
    }
    for row in tx.rows::<Deal>(vec![(deal::ASSIGNEE, me())])? {
        if open_deal(tx, &row) {
            let next = Deal { assignee: Some(to), ..row.as_ref().clone() };
            moved.insert(Record::key(&tx.put(permit, next)?.record()));
        } else {
            tx.rely_on(row.id)?;
        }
    }
    for row in tx.rows::<Task>(vec![(task::ASSIGNEE, me())])? {
        if matches!(tx.profile().spec().tasks.status.meaning(&row.status), Some(TaskStatus::Open) | None) {
            let next = Task { assignee: Some(to), ..row.as_ref().clone() };
            moved.insert(Record::key(&tx.put(permit, next)?.record()));
        } else {
            tx.rely_on(row.id)?;
        }
    }
    moved.extend(lead::hand_over(tx, permit, from, to)?);
    Ok(moved.len() as u64)
}

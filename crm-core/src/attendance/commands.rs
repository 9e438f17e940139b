//! Coming and going.
//!
//! Invariant: members record themselves, at the time at which they do it; other members and other times need whoever
//! manages attendance. Saying the same again changes nothing.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Attendance, IDENTITY, calendar, first_status, identity};
use crate::access::{Action, Scope};
use crate::command::{Asked, Command, Rules};
use crate::describe::{Entity, FieldType, Value};
use crate::draft::{Draft, Halt, Permit};
use crate::error::{Error, Rule};
use crate::value::{AttendanceId, Date, Instant, Problem, UserId};

/// Says that a member came to work. Who comes back after leaving has not left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckIn {
    /// Who; oneself when empty.
    #[serde(default)]
    pub member: Option<UserId>,
    /// When; now when empty.
    #[serde(default)]
    pub at: Option<Instant>,
}

/// Says that a member left. It belongs to the day on which they came, also after midnight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckOut {
    /// Who; oneself when empty.
    #[serde(default)]
    pub member: Option<UserId>,
    /// When; now when empty.
    #[serde(default)]
    pub at: Option<Instant>,
}

macro_rules! setters {
    ($($command:ident),*) => {$(
        impl $command {
            /// Of oneself, now.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            /// Of this member.
            #[must_use]
            pub fn member(mut self, member: UserId) -> Self {
                self.member = Some(member);
                self
            }

            /// At this time.
            #[must_use]
            pub fn at(mut self, at: Instant) -> Self {
                self.at = Some(at);
                self
            }
        }
    )*};
}

setters!(CheckIn, CheckOut);

impl Command for CheckIn {
    type Output = Arc<Attendance>;

    fn name(&self) -> &'static str {
        "check_in"
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<Attendance>, Halt> {
        let (member, at) = who_and_when(tx, self.member, self.at)?;
        let day = tx.organization()?.time_zone.date_of(at);
        let Some(before) = entry(tx, member, day)? else {
            return self.first(tx, member, day, at);
        };
        let permit = permit(tx, &before, self.at.is_some())?;
        if before.check_in.is_some() && before.check_out.is_none() {
            return Ok(before);
        }
        let mut after = before.as_ref().clone();
        if after.check_in.is_none() {
            after.check_in = Some(at);
            after.status = first_status(tx).unwrap_or(after.status);
        }
        after.check_out = None;
        write(tx, &permit, Some(&before), after)
    }
}

impl CheckIn {
    /// The first entry of a member's day.
    fn first(
        &self,
        tx: &mut Draft<'_>,
        member: UserId,
        day: Date,
        at: Instant,
    ) -> Result<Arc<Attendance>, Halt> {
        let status =
            first_status(tx).ok_or_else(|| Rule::other("no_such_status", "there are no days here"))?;
        let (id, now): (AttendanceId, _) = (tx.next_id()?, tx.now());
        let row = Attendance {
            id,
            version: 0,
            created_at: now,
            updated_at: now,
            deleted_at: None,
            deleted_by: None,
            member,
            day,
            check_in: Some(at),
            check_out: None,
            status,
            note: None,
            identity: identity(member, day),
        };
        let permit = permit(tx, &Arc::new(row.clone()), self.at.is_some())?;
        write(tx, &permit, None, row)
    }
}

impl Command for CheckOut {
    type Output = Arc<Attendance>;

    fn name(&self) -> &'static str {
        "check_out"
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<Attendance>, Halt> {
        let (member, at) = who_and_when(tx, self.member, self.at)?;
        let day = tx.organization()?.time_zone.date_of(at);
        let came = |entry: &Arc<Attendance>| entry.check_in.is_some();
        let today = entry(tx, member, day)?.filter(came);
        let before = match today {
            Some(today) => Some(today),
            // A shift that goes past midnight.
            None => entry(tx, member, day.plus_days(-1))?.filter(|it| came(it) && it.check_out.is_none()),
        };
        let not_here = || Rule::other("not_checked_in", "nobody leaves who has not come");
        let before = before.ok_or_else(not_here)?;
        let permit = permit(tx, &before, self.at.is_some())?;
        if before.check_out.is_some() {
            return Ok(before);
        }
        let after = Attendance { check_out: Some(at), ..before.as_ref().clone() };
        write(tx, &permit, Some(&before), after)
    }
}

/// Whose coming or going it is, and when it was. Nobody comes or goes in the future.
fn who_and_when(
    tx: &mut Draft<'_>,
    member: Option<UserId>,
    at: Option<Instant>,
) -> Result<(UserId, Instant), Halt> {
    let member = member.or(tx.person()).ok_or_else(|| Error::field("member", Problem::Required))?;
    let action = action(tx, member, at.is_some());
    if tx.profile().scope(tx.standing(), action) == Scope::None {
        tx.allow(action, None)?;
    }
    let at = at.and_then(|at| Instant::from_value(&tx.cut(Value::Instant(at)))).unwrap_or(tx.now());
    if at > tx.now() {
        return Err(Error::field("at", Problem::out_of_range("a time that has come")).into());
    }
    Ok((member, at))
}

/// A member's entry of a day.
fn entry(tx: &mut Draft<'_>, member: UserId, day: Date) -> Result<Option<Arc<Attendance>>, Halt> {
    match identity(member, day) {
        Some(identity) => tx.holder::<Attendance>(IDENTITY, identity.as_str()),
        None => Ok(None),
    }
}

/// Recording oneself, now, is one thing, and all else is another.
fn action(tx: &Draft<'_>, member: UserId, dated: bool) -> Action {
    let own = tx.person() == Some(member) && !dated;
    if own { Action::AttendanceRecord } else { Action::AttendanceManage }
}

fn permit(tx: &mut Draft<'_>, entry: &Arc<Attendance>, dated: bool) -> Result<Permit, Halt> {
    let action = action(tx, entry.member, dated);
    tx.allow(action, Some(&Arc::clone(entry).record()))
}

fn write(
    tx: &mut Draft<'_>,
    permit: &Permit,
    before: Option<&Arc<Attendance>>,
    mut after: Attendance,
) -> Result<Arc<Attendance>, Halt> {
    Attendance::judge(tx, before.map(AsRef::as_ref), &mut after, &Asked(&[]))?;
    if before.is_some() { tx.put(permit, after) } else { tx.create(permit, after) }
}

/// Can a member be given work now: are they at work, as far as is known? Where a system does not keep attendance, every
/// active member can.
///
/// # Errors
/// Facts are missing.
pub fn is_available(tx: &mut Draft<'_>, member: UserId) -> Result<bool, Halt> {
    let Some(seat) = tx.peek(member)? else { return Ok(false) };
    let Some(calendar) = &tx.profile().spec().attendance else { return Ok(seat.active) };
    let (zone, now) = (tx.organization()?.time_zone, tx.now());
    let entry = entry(tx, member, zone.date_of(now))?;
    Ok(calendar::is_at_work(&seat, calendar, entry.as_deref(), now, zone))
}

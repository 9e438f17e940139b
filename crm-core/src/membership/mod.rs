//! Members: who works in an organisation, and in which role.
//!
//! A member is known by the id of the host's user; there is no second one.
//!
//! Invariant: an organisation always has an active member with the profile's founder role. The commit that takes one
//! away rests on who else has it.

mod leave;

use std::str::FromStr;
use std::sync::Arc;

use crate::access::{Action, Crud, Decision};
use crate::attendance::{WorkingDays, WorkingTime};
use crate::command::{Asked, Rules, names};
use crate::describe::{Entity, FieldId, FieldType, Value, entity, field_id};
use crate::draft::{Draft, Halt, Permit};
use crate::error::{Error, FieldProblem, Rule};
use crate::profile::Reach;
use crate::value::{Problem, Text, Word};

pub use self::leave::{LeaveOrganization, RemoveMember, Removed};

entity! {
    /// A user's place in an organisation.
    Membership(UserId) = "membership", MembershipEdits;
    given {
        /// The role, one of the profile's.
        role: Word [index];
        /// Is it switched on? Who is switched off is not let in.
        active: bool;
        /// At which hours they work, such as `12:00-23:59:59`; empty: those of the profile.
        working_time: Option<Text<1, 20>>;
        /// On which days of the week, from Monday to Sunday, such as `1111100`; empty: those of the profile.
        working_days: Option<Text<1, 7>>;
    }
    kept {}
}

pub(crate) const ROLE: FieldId = field_id(Membership::FIELDS, "role");
pub(crate) const ACTIVE: FieldId = field_id(Membership::FIELDS, "active");

impl Rules for Membership {
    const CRUD: Crud = Crud {
        read: Action::MemberRead,
        create: Action::MemberAdd,
        update: Action::MemberChange,
        delete: Action::MemberRemove,
        restore: Action::MemberAdd,
    };
    const NAMES: crate::command::Names = names!("member");
    const REVIVES: bool = true;

    fn defaults(tx: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        let lowest = tx.profile().role_names().last().cloned();
        let role = lowest.unwrap_or_else(|| tx.profile().spec().founder.clone());
        Ok(vec![(ROLE, role.to_value()), (ACTIVE, Value::Bool(true))])
    }

    fn judge(tx: &mut Draft<'_>, before: Option<&Self>, after: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        let problems = after.settle_calendar();
        if !problems.is_empty() {
            return Err(Error::Invalid(problems).into());
        }
        match before {
            None => reach(tx, Reach::Add, Action::MemberAdd, &after.role),
            Some(before) => {
                reach(tx, Reach::Change, Action::MemberChange, &before.role)?;
                reach(tx, Reach::Change, Action::MemberChange, &after.role)?;
                keep_a_keeper(tx, before, Some(after))?;
                refuse_self(tx, before)
            }
        }
    }

    fn before_delete(tx: &mut Draft<'_>, _: &Permit, row: &Self) -> Result<(), Halt> {
        if tx.person() == Some(row.id) {
            // Whoever goes by themselves leaves, by whichever command.
            tx.allow(Action::MemberLeave, Some(&Arc::new(row.clone()).record()))?;
        } else {
            reach(tx, Reach::Remove, Action::MemberRemove, &row.role)?;
        }
        keep_a_keeper(tx, row, None)
    }

    fn after_restore(tx: &mut Draft<'_>, _: &Permit, was: &Self) -> Result<(), Halt> {
        reach(tx, Reach::Add, Action::MemberAdd, &was.role)
    }

    fn findings(_: &mut Draft<'_>, row: &mut Self) -> Result<Vec<String>, Halt> {
        Ok(row.settle_calendar().iter().map(ToString::to_string).collect())
    }
}

impl Membership {
    /// Brings the working calendar into its one form; what is no calendar is named, and left as it is.
    fn settle_calendar(&mut self) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        settle::<WorkingTime, 1, 20>("working_time", &mut self.working_time, &mut problems);
        settle::<WorkingDays, 1, 7>("working_days", &mut self.working_days, &mut problems);
        problems
    }
}

fn settle<T: FromStr<Err = Problem> + ToString, const MIN: usize, const MAX: usize>(
    name: &str,
    text: &mut Option<Text<MIN, MAX>>,
    problems: &mut Vec<FieldProblem>,
) {
    let Some(sent) = text.as_ref() else { return };
    match sent.as_str().parse::<T>().and_then(|read| Text::parse(&read.to_string())) {
        Ok(settled) => *text = Some(settled),
        Err(problem) => problems.push(FieldProblem::new(name, problem)),
    }
}

/// Nobody changes their own role or flag, up or down; leaving is a command of its own.
fn refuse_self(tx: &Draft<'_>, seat: &Membership) -> Result<(), Halt> {
    if tx.person() == Some(seat.id) {
        return Err(Rule::other("own_membership", "nobody can change their own membership").into());
    }
    Ok(())
}

/// A role may act on members of some roles only.
fn reach(tx: &Draft<'_>, reach: Reach, action: Action, target: &Word) -> Result<(), Halt> {
    if tx.profile().reaches(tx.standing(), reach, target) {
        return Ok(());
    }
    let decision = Decision::out_of_reach(tx.profile(), tx.standing(), action, reach, target);
    Err(Error::Forbidden(Box::new(decision)).into())
}

/// Somebody must keep the founder's role, and be let in.
fn keep_a_keeper(tx: &mut Draft<'_>, before: &Membership, after: Option<&Membership>) -> Result<(), Halt> {
    let founder = tx.profile().spec().founder.clone();
    let keeps = |seat: &Membership| seat.role == founder && seat.active;
    if !keeps(before) || after.is_some_and(keeps) {
        return Ok(());
    }
    let keepers = tx.rows::<Membership>(vec![(ROLE, founder.to_value()), (ACTIVE, Value::Bool(true))])?;
    if keepers.iter().any(|seat| seat.id != before.id) {
        return Ok(());
    }
    Err(Rule::LastKeeper { role: founder }.into())
}

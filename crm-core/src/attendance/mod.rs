//! Attendance: who is at work on which day.
//!
//! Members record their own coming and going ([`CheckIn`], [`CheckOut`]); whoever manages attendance records that of others,
//! and corrects and plans days by the common commands.
//!
//! Invariant: a member has one entry a day, and leaves after they came.

mod calendar;
mod commands;
mod spec;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, names};
use crate::describe::{Entity, FieldId, FieldType, Value, entity, field_id};
use crate::draft::{Draft, Halt};
use crate::error::{Error, FieldProblem};
use crate::profile::Module;
use crate::value::{Date, Instant, Line, Problem, Text, UserId, Word, Zone};

pub use self::calendar::{WorkingDays, WorkingTime, is_at_work};
pub use self::commands::{CheckIn, CheckOut, is_available};
pub use self::spec::AttendanceSpec;

entity! {
    /// A member's day at work.
    Attendance(AttendanceId) = "attendance", AttendanceEdits;
    given {
        /// Who.
        member: UserId;
        /// Which day.
        day: Date [sort];
        /// When they came.
        check_in: Option<Instant>;
        /// When they left.
        check_out: Option<Instant>;
        /// What kind of day it is: one of the profile's words.
        status: Word [index];
        /// Anything else.
        note: Option<Line>;
    }
    kept {
        /// Member and day: one entry for both.
        identity: Option<Text<1, 100>> [identity];
    }
}

pub(crate) const MEMBER: FieldId = field_id(Attendance::FIELDS, "member");
pub(crate) const DAY: FieldId = field_id(Attendance::FIELDS, "day");
pub(crate) const STATUS: FieldId = field_id(Attendance::FIELDS, "status");
const IDENTITY: FieldId = field_id(Attendance::FIELDS, "identity");

impl Rules for Attendance {
    const CRUD: Crud = Crud::managed(Action::AttendanceRead, Action::AttendanceManage);
    const MODULE: Option<Module> = Some(Module::Attendance);
    const NAMES: crate::command::Names = names!("attendance");

    fn defaults(tx: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(vec![(STATUS, first_status(tx).to_value())])
    }

    fn judge(tx: &mut Draft<'_>, _: Option<&Self>, after: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        let zone = tx.organization()?.time_zone;
        let problems = after.problems(zone);
        if !problems.is_empty() {
            return Err(Error::Invalid(problems).into());
        }
        after.identity = identity(after.member, after.day);
        Ok(())
    }

    fn findings(tx: &mut Draft<'_>, row: &mut Self) -> Result<Vec<String>, Halt> {
        let zone = tx.organization()?.time_zone;
        row.identity = identity(row.member, row.day);
        Ok(row.problems(zone).iter().map(ToString::to_string).collect())
    }
}

impl Attendance {
    /// What no entry may have, whoever writes it.
    fn problems(&self, zone: Zone) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        let mut refuse = |field: &str, problem: Problem| problems.push(FieldProblem::new(field, problem));
        if self.check_in.is_some_and(|came| zone.date_of(came) != self.day) {
            refuse("check_in", Problem::out_of_range(format!("a time on {}", self.day)));
        }
        match (self.check_in, self.check_out) {
            (None, Some(_)) => refuse("check_out", Problem::forbidden("nobody leaves who has not come")),
            (Some(came), Some(left)) if left < came => {
                refuse("check_out", Problem::out_of_range(format!("{came} or later")));
            }
            (Some(_), Some(left)) if zone.date_of(left) > self.day.plus_days(1) => {
                refuse("check_out", Problem::out_of_range("a time on the same day or the next"));
            }
            _ => {}
        }
        problems
    }
}

/// What no two entries share.
fn identity(member: UserId, day: Date) -> Option<Text<1, 100>> {
    Text::parse(&format!("{member}:{day}")).ok()
}

/// The kind of day on which somebody works.
fn first_status(tx: &Draft<'_>) -> Option<Word> {
    tx.profile().spec().attendance.as_ref().and_then(|spec| spec.statuses.first()).cloned()
}

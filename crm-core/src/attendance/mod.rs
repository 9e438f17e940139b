//! Attendance: who is at work on which day.
//!
//! Invariant: a member has one entry a day.

mod spec;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Value, entity};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{Date, Instant, Line, Text, UserId, Word};

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

impl Rules for Attendance {
    const CRUD: Crud = Crud {
        read: Action::AttendanceRead,
        create: Action::AttendanceRecord,
        update: Action::AttendanceRecord,
        delete: Action::AttendanceManage,
        restore: Action::AttendanceManage,
    };
    const MODULE: Option<Module> = Some(Module::Attendance);
    const NAMES: crate::command::Names = names!("attendance");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("attendance"))
    }
}

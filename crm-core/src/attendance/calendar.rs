//! Working calendars: at which hours of which days of the week somebody works, and whether they are at work now.
//!
//! Invariant: what somebody did on a day counts more than what their calendar says of it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Attendance, AttendanceSpec};
use crate::membership::Membership;
use crate::value::{Date, Instant, Problem, Zone};

/// The hours of a day at which somebody works: `12:00-23:59:59`. Both ends belong to it, and it ends on the day on which it
/// began.
///
/// ```
/// use crm_core::WorkingTime;
/// let time: WorkingTime = "09:00-17:30".parse()?;
/// assert_eq!(time.to_string(), "09:00:00-17:30:00");
/// assert!("17:30-09:00".parse::<WorkingTime>().is_err());
/// # Ok::<(), crm_core::value::Problem>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkingTime {
    /// Its first second, counted from midnight.
    from: u32,
    /// Its last.
    until: u32,
}

impl WorkingTime {
    /// From noon until the last second of the day.
    pub const AFTERNOON: Self = Self { from: 43_200, until: 86_399 };

    /// Is this second of a day one of it?
    #[must_use]
    pub fn has(self, second: u32) -> bool {
        (self.from..=self.until).contains(&second)
    }
}

impl Default for WorkingTime {
    fn default() -> Self {
        Self::AFTERNOON
    }
}

impl FromStr for WorkingTime {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let read = || {
            let (from, until) = text.trim().split_once('-')?;
            Some(Self { from: second(from)?, until: second(until)? })
        };
        let time = read().ok_or_else(|| Problem::malformed("hours such as `09:00-17:30`"))?;
        if time.from < time.until {
            return Ok(time);
        }
        Err(Problem::out_of_range("an end after the beginning"))
    }
}

/// `09:00` or `23:59:59`, as the seconds since midnight.
fn second(text: &str) -> Option<u32> {
    let mut parts = text.trim().split(':').map(|part| {
        let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u32>().ok().filter(|_| digits)
    });
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().unwrap_or(Some(0))?;
    let whole = parts.next().is_none() && hours < 24 && minutes < 60 && seconds < 60;
    whole.then_some(hours * 3_600 + minutes * 60 + seconds)
}

impl fmt::Display for WorkingTime {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = |second: u32| (second / 3_600, second / 60 % 60, second % 60);
        let ((h, m, s), (to_h, to_m, to_s)) = (clock(self.from), clock(self.until));
        write!(out, "{h:02}:{m:02}:{s:02}-{to_h:02}:{to_m:02}:{to_s:02}")
    }
}

/// The days of the week on which somebody works, from Monday to Sunday: `1111100` is Monday to Friday. A set flag is a
/// working day.
///
/// ```
/// use crm_core::WorkingDays;
/// let days: WorkingDays = "1111100".parse()?;
/// assert!(days.has("2026-01-05".parse()?) && !days.has("2026-01-10".parse()?)); // a Monday, a Saturday
/// # Ok::<(), crm_core::value::Problem>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkingDays([bool; 7]);

impl WorkingDays {
    /// Every day.
    pub const ALL: Self = Self([true; 7]);

    /// Is it a working day?
    #[must_use]
    pub fn has(self, day: Date) -> bool {
        usize::try_from(day.days_since_monday()).is_ok_and(|at| self.0.get(at).is_some_and(|works| *works))
    }
}

impl Default for WorkingDays {
    fn default() -> Self {
        Self::ALL
    }
}

impl FromStr for WorkingDays {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let flag = |char: char| match char {
            '0' => Some(false),
            '1' => Some(true),
            _ => None,
        };
        let flags: Option<Vec<bool>> = text.trim().chars().map(flag).collect();
        let days = flags.and_then(|flags| flags.try_into().ok());
        days.map(Self)
            .ok_or_else(|| Problem::malformed("seven flags from Monday to Sunday, such as `1111100`"))
    }
}

impl fmt::Display for WorkingDays {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|works| out.write_str(if *works { "1" } else { "0" }))
    }
}

macro_rules! written_as_text {
    ($($type:ty),*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

written_as_text!(WorkingTime, WorkingDays);

/// Is a member at work now, in the organisation's zone?
///
/// What was recorded for today says it: whoever has come and not left is at work, and whoever has left is not; neither is
/// whoever has a day of another kind than the calendar's first, such as a holiday. Where nothing was recorded, the calendar
/// says it: the member's own hours and days, else the profile's. Who is switched off, or gone, is not at work.
#[must_use]
pub fn is_at_work(
    member: &Membership,
    calendar: &AttendanceSpec,
    attendance: Option<&Attendance>,
    now: Instant,
    zone: Zone,
) -> bool {
    if !member.active || member.deleted_at.is_some() {
        return false;
    }
    let today = zone.date_of(now);
    match attendance.filter(|entry| entry.day == today && entry.member == member.id) {
        Some(Attendance { check_in: Some(came), check_out, .. }) => {
            *came <= now && check_out.is_none_or(|left| now < left)
        }
        Some(entry) if calendar.statuses.first() != Some(&entry.status) => false,
        _ => is_scheduled(member, calendar, now, zone),
    }
}

/// Does a member's calendar say that they work at this time?
fn is_scheduled(member: &Membership, calendar: &AttendanceSpec, at: Instant, zone: Zone) -> bool {
    // What cannot be read, which only an import brings, is as good as nothing.
    let time = member.working_time.as_ref().and_then(|text| text.as_str().parse().ok());
    let days = member.working_days.as_ref().and_then(|text| text.as_str().parse().ok());
    let (time, days): (WorkingTime, WorkingDays) =
        (time.unwrap_or(calendar.working_time), days.unwrap_or(calendar.working_days));
    days.has(zone.date_of(at)) && time.has(zone.seconds_of_day(at))
}

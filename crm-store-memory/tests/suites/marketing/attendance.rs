//! Days at work, and who is at work now.

use crm_core::draft::{Draft, Halt};
use crm_core::value::UserId;
use crm_core::value::{AttendanceId, Instant, Zone};
use crm_core::{
    AddMember, Attendance, ChangeMember, CheckIn, CheckOut, Command, CreateAttendance, DeleteAttendance,
    Import, List, Membership, Profile, RestoreAttendance, UpdateAttendance, is_at_work, is_available,
};
use pollster::block_on as now;
use serde::Serialize;
use serde_json::json;

use super::house::{House, day, house, house_with, id, instant, profile, user};

fn shown(entry: &Attendance) -> (String, Option<String>, Option<String>, String) {
    let time = |at: Option<Instant>| at.map(|at| at.to_string());
    (entry.day.to_string(), time(entry.check_in), time(entry.check_out), entry.status.to_string())
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn members_come_and_go_once_a_day() {
    let house = house();
    let came = house.by(3, CheckIn::new()).unwrap();
    let (nine, ten, eleven) =
        (some("2026-01-05T09:00:00Z"), some("2026-01-05T10:00:00Z"), some("2026-01-05T11:00:00Z"));
    assert_eq!(shown(&came), ("2026-01-05".into(), nine.clone(), None, "present".into()));
    house.go_to("2026-01-05T10:00:00Z");
    assert_eq!(house.by(3, CheckIn::new()).unwrap(), came, "saying it again changes nothing");
    let left = house.by(3, CheckOut::new()).unwrap();
    assert_eq!((shown(&left).2, left.id), (ten, came.id));
    house.go_to("2026-01-05T11:00:00Z");
    assert_eq!(house.by(3, CheckOut::new()).unwrap(), left);
    let back = house.by(3, CheckIn::new()).unwrap();
    assert_eq!((shown(&back).1, shown(&back).2, back.id), (nine, None, came.id));
    assert_eq!(shown(&house.by(3, CheckOut::new()).unwrap()).2, eleven);
    assert_eq!(now(house.session().count(List::<Attendance>::new())).unwrap(), 1);
    house.go_to("2026-01-05T19:00:00Z"); // midnight in Tashkent
    let next = house.by(3, CheckIn::new()).unwrap();
    assert_eq!((next.day, next.id == came.id), (day("2026-01-06"), false));
}

#[test]
fn nobody_leaves_who_has_not_come() {
    let house = house();
    let code = |number| house.by(number, CheckOut::new()).unwrap_err().code().to_owned();
    assert_eq!(code(3), "not_checked_in");
    house.go_to("2026-01-05T18:30:00Z");
    house.by(3, CheckIn::new()).unwrap();
    house.go_to("2026-01-05T19:30:00Z"); // half past midnight
    let left = house.by(3, CheckOut::new()).unwrap();
    assert_eq!((left.day, shown(&left).2), (day("2026-01-05"), some("2026-01-05T19:30:00Z")));
    assert_eq!(code(3), "not_checked_in", "yesterday is over");
}

#[test]
fn others_and_other_times_need_whoever_manages() {
    let house = house();
    let earlier = instant("2026-01-05T06:00:00Z");
    for refused in [
        house.by(3, CheckIn::new().member(user(2))),
        house.by(3, CheckOut::new().member(user(2))),
        house.by(3, CheckIn::new().at(earlier)),
        house.by(3, CreateAttendance::new().member(user(3)).day(day("2026-01-05"))),
    ] {
        assert_eq!(refused.unwrap_err().code(), "forbidden");
    }
    let came = house.by(2, CheckIn::new().member(user(3)).at(earlier)).unwrap();
    assert_eq!((came.member, came.check_in), (user(3), Some(earlier)));
    assert_eq!(house.by(3, UpdateAttendance::of(came.id).note("n")).unwrap_err().code(), "forbidden");
    assert_eq!(house.by(3, DeleteAttendance::of(came.id)).unwrap_err().code(), "forbidden");
    let future = house.by(2, CheckOut::new().member(user(3)).at(instant("2026-01-05T09:00:01Z")));
    assert_eq!(future.unwrap_err().code(), "invalid");
    let before = house.by(2, CheckOut::new().member(user(3)).at(instant("2026-01-05T05:59:59Z")));
    assert_eq!(before.unwrap_err().code(), "invalid");
    house.by(3, CheckOut::new()).unwrap();
    assert_eq!(house.by(2, CheckIn::new().member(user(99))).unwrap_err().code(), "invalid");
    assert_eq!(house.by(2, CheckIn::new().member(user(4))).unwrap().member, user(4));
}

#[test]
fn a_manager_plans_and_corrects_days() {
    let house = house();
    let make = || CreateAttendance::new().member(user(3)).day(day("2026-01-05"));
    let made = house.by(2, make().status("holiday")).unwrap();
    assert_eq!(house.by(2, make()).unwrap_err().code(), "already_exists", "one entry a day");
    let change = || UpdateAttendance::of(made.id);
    let at = |text| instant(text);
    for (wrong, field) in [
        (change().check_out(at("2026-01-05T10:00:00Z")), "check_out"),
        (change().check_in(at("2026-01-05T10:00:00Z")).check_out(at("2026-01-05T09:59:59Z")), "check_out"),
        (change().check_in(at("2026-01-05T19:00:00Z")), "check_in"),
        (change().check_in(at("2026-01-05T10:00:00Z")).check_out(at("2026-01-06T19:00:00Z")), "check_out"),
        (change().status("away"), "status"),
    ] {
        let refused = house.by(2, wrong).unwrap_err().to_string();
        assert!(refused.contains(&format!("`{field}`")), "{refused}");
    }
    let right = change().check_in(at("2026-01-05T10:00:00Z")).check_out(at("2026-01-06T18:59:59Z"));
    house.by(2, right).unwrap();
    house.by(2, change().day(day("2026-01-04")).check_in(None).check_out(None)).unwrap();
    let other = house.by(2, make()).unwrap();
    assert_eq!(
        house.by(2, UpdateAttendance::of(other.id).day(day("2026-01-04"))).unwrap_err().code(),
        "already_exists"
    );
    house.by(2, DeleteAttendance::of(other.id)).unwrap();
    house.by(3, CheckIn::new()).unwrap();
    assert_eq!(house.by(2, RestoreAttendance::of(other.id)).unwrap_err().code(), "already_exists");
}

#[test]
fn coming_on_a_planned_day_makes_it_a_day_at_work() {
    let house = house();
    let planned = CreateAttendance::new().member(user(3)).day(day("2026-01-05")).status("sick");
    let planned = house.by(2, planned).unwrap();
    let came = house.by(3, CheckIn::new()).unwrap();
    assert_eq!((came.id, came.status.as_str()), (planned.id, "present"));
}

#[test]
fn an_imported_day_cannot_be_there_twice_either() {
    let house = house();
    let row = |at, member, check_out: Option<&str>| {
        json!({ "record": "attendance", "id": id(at), "member": user(member), "day": "2026-01-05", "status": "present",
            "check_out": check_out, "identity": format!("x{at}") })
    };
    let report = house.tell(Import {
        rows: vec![row(30, 3, None), row(31, 3, None), row(32, 2, Some("2026-01-05T09:00:00Z"))],
    });
    let found: Vec<_> = report.rows.iter().map(|row| row.findings.len()).collect();
    assert_eq!((report.imported(), found), (2, vec![0, 0, 1]), "{report:?}");
    let came = house.by(3, CheckIn::new()).unwrap();
    assert_eq!(came.id, AttendanceId::from_uuid(id(30)));
}

#[test]
fn lists_of_days() {
    let house = house();
    house.by(3, CheckIn::new()).unwrap();
    house.by(2, CheckIn::new()).unwrap();
    let count = |number, list: List<Attendance>| now(house.session_of(number).count(list)).unwrap();
    let all = List::<Attendance>::new;
    assert_eq!((count(1, all()), count(3, all())), (2, 1), "members see their own");
    assert_eq!(count(1, all().member(user(2)).status(["present"])), 1);
    assert_eq!(count(1, all().days(Some(day("2026-01-06")), None)), 0);
    assert_eq!(count(1, all().days(Some(day("2026-01-05")), Some(day("2026-01-05")))), 2);
}

#[test]
fn a_calendar_is_read_in_one_form_or_refused() {
    let house = house();
    let changed = house.tell(ChangeMember::of(user(3)).working_time(" 09:00-17:30 ").working_days("1111100"));
    assert_eq!(changed.working_time.as_ref().unwrap().as_str(), "09:00:00-17:30:00");
    for wrong in [
        "9:00-17:00",
        "17:00-09:00",
        "09:00-09:00",
        "09:00",
        "24:00-25:00",
        "09:60-10:00",
        "09:00:00:00-10:00",
        "+9:00-10:00",
    ] {
        assert_eq!(
            house.by(1, ChangeMember::of(user(3)).working_time(wrong)).unwrap_err().code(),
            "invalid",
            "{wrong}"
        );
    }
    for wrong in ["111110", "11111002", "111110x"] {
        assert_eq!(
            house.by(1, ChangeMember::of(user(3)).working_days(wrong)).unwrap_err().code(),
            "invalid",
            "{wrong}"
        );
    }
    assert_eq!(
        house.by(2, ChangeMember::of(user(2)).working_days("1111111")).unwrap_err().code(),
        "forbidden"
    );
    let mut lines = profile();
    lines["attendance"] = json!(null);
    let without = house_with(&lines);
    assert_eq!(
        without.by(1, ChangeMember::of(user(3)).working_days("1111111")).unwrap_err().code(),
        "invalid"
    );
    assert_eq!(without.by(1, CheckIn::new()).unwrap_err().code(), "forbidden");
    assert_eq!(without.by(1, CheckOut::new()).unwrap_err().code(), "forbidden");
    lines["attendance"] = json!({ "statuses": ["present"], "working_time": "17:00-09:00" });
    assert!(Profile::from_json(&lines.to_string()).unwrap_err().to_string().contains("an end after"));
}

/// Each line: the member's hours and days, what was recorded for the 5th, and when somebody asks (5 January is a Monday;
/// Tashkent is five hours ahead).
#[test]
fn who_is_at_work() {
    let spec = Profile::from_json(&profile().to_string()).unwrap().spec().attendance.clone().unwrap();
    let zone: Zone = "Asia/Tashkent".parse().unwrap();
    let house = house();
    let seat = |time: Option<&str>, days: Option<&str>| -> Membership {
        let change = ChangeMember::of(user(3)).working_time(time.map(ToOwned::to_owned));
        house.tell(change.working_days(days.map(ToOwned::to_owned))).as_ref().clone()
    };
    let entry = |check_in: Option<&str>, check_out: Option<&str>, status: &str| -> Attendance {
        let row = json!({ "id": id(40), "version": 1, "created_at": "2026-01-05T00:00:00Z", "updated_at": "2026-01-05T00:00:00Z",
            "member": user(3), "day": "2026-01-05", "status": status, "check_in": check_in, "check_out": check_out });
        serde_json::from_value(row).unwrap()
    };
    let came = || Some(entry(Some("2026-01-05T06:00:00Z"), None, "present"));
    let gone = || Some(entry(Some("2026-01-05T06:00:00Z"), Some("2026-01-05T08:00:00Z"), "present"));
    let table = [
        (None, None, None, "2026-01-05T06:59:59Z", false), // one second to noon
        (None, None, None, "2026-01-05T07:00:00Z", true),
        (None, None, None, "2026-01-05T18:59:59Z", true), // the last second of the day
        (None, None, None, "2026-01-05T19:00:00Z", false),
        (None, Some("0111111"), None, "2026-01-05T07:00:00Z", false),
        (None, Some("0111111"), None, "2026-01-06T07:00:00Z", true),
        (Some("09:00-10:00"), None, None, "2026-01-05T05:00:00Z", true),
        (Some("09:00-10:00"), None, None, "2026-01-05T05:00:01Z", false),
        (None, None, came(), "2026-01-05T05:59:59Z", false), // a clock that went back
        (None, Some("0111111"), came(), "2026-01-05T06:30:00Z", true),
        (None, None, gone(), "2026-01-05T07:59:59Z", true),
        (None, None, gone(), "2026-01-05T08:00:00Z", false),
        (None, None, Some(entry(None, None, "sick")), "2026-01-05T07:00:00Z", false),
        (None, None, Some(entry(None, None, "present")), "2026-01-05T07:00:00Z", true),
        (None, None, Some(entry(None, None, "sick")), "2026-01-06T07:00:00Z", true), // of another day
    ];
    for (time, days, entry, at, wanted) in table {
        let found = is_at_work(&seat(time, days), &spec, entry.as_ref(), instant(at), zone);
        assert_eq!(found, wanted, "{time:?} {days:?} {entry:?} {at}");
    }
    let off = house.tell(ChangeMember::of(user(3)).active(false));
    assert!(!is_at_work(&off, &spec, came().as_ref(), instant("2026-01-05T07:00:00Z"), zone));
}

/// A command of a host's own, which asks.
#[derive(Debug, Serialize)]
struct Ask(UserId);

impl Command for Ask {
    type Output = bool;

    fn name(&self) -> &'static str {
        "ask"
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<bool, Halt> {
        is_available(tx, self.0)
    }
}

#[test]
fn who_can_be_given_work() {
    let house = house();
    let asked = |house: &House, number| house.tell(Ask(user(number)));
    assert!(asked(&house, 3) && !asked(&house, 99));
    house.by(2, CheckIn::new()).unwrap();
    house.by(2, CheckOut::new()).unwrap();
    assert!(!asked(&house, 2));
    house.go_to("2026-01-05T22:00:00Z"); // three in the morning
    assert!(!asked(&house, 3));
    house.by(3, CheckIn::new()).unwrap();
    assert!(asked(&house, 3));
    let mut lines = profile();
    lines["attendance"] = json!(null);
    let without = house_with(&lines);
    without.go_to("2026-01-05T22:00:00Z");
    without.tell(AddMember::with_id(user(5)).role("member"));
    without.tell(ChangeMember::of(user(5)).active(false));
    assert!(asked(&without, 3) && !asked(&without, 5));
}

//! Days, instants and zones from text: what is read is written as one text, sorts as that text, and days are whole.

#![no_main]

use crm_core::value::{Date, Deadline, Instant, Precision, TimeDelta, Zone};
use crm_fuzz::comes_back_from_json;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut lines = text.lines();
    let (first, second, third) = (
        lines.next().unwrap_or_default(),
        lines.next().unwrap_or_default(),
        lines.next().unwrap_or_default(),
    );
    let (day, instant, zone) =
        (Date::parse(first).ok(), Instant::parse(second).ok(), Zone::parse(third).ok());
    if let Some(day) = day {
        assert_eq!(day.to_string(), first.trim(), "a day has one text");
        comes_back_from_json(&day);
        assert_eq!(Date::from_ymd(day.ymd().0, day.ymd().1, day.ymd().2), Some(day));
    }
    if let Some(instant) = instant {
        instant_is_one(instant);
    }
    if let Some(zone) = zone {
        assert_eq!(zone.as_str(), third.trim(), "a zone has one name");
        comes_back_from_json(&zone);
    }
    if let (Some(instant), Some(zone)) = (instant, zone) {
        lies_in_its_day(instant, zone);
    }
    if let (Some(day), Some(zone)) = (day, zone) {
        day_is_whole(day, zone);
    }
    if let (Some(day), Some(instant), Some(zone)) = (day, instant, zone) {
        let (on, at) = (Deadline::On(day), Deadline::At(instant));
        comes_back_from_json(&on);
        comes_back_from_json(&at);
        assert!(!at.is_overdue(instant, zone));
        if day < Date::MAX && on.is_overdue(instant, zone) {
            assert!(on.is_before_day(zone.date_of(instant), zone), "overdue means the day is over");
        }
    }
});

fn instant_is_one(instant: Instant) {
    comes_back_from_json(&instant);
    assert_eq!(Instant::from_unix_micros(instant.unix_micros()), Some(instant));
    let cut = instant.truncated(Precision::Millis);
    assert!(cut <= instant && instant.since(cut) < TimeDelta::milliseconds(1));
    if let Some(later) = instant.checked_add(TimeDelta::microseconds(1)) {
        assert!(later > instant);
        assert_eq!(later.since(instant), TimeDelta::microseconds(1));
    }
}

fn lies_in_its_day(instant: Instant, zone: Zone) {
    let day = zone.date_of(instant);
    if day > Date::MIN && day < Date::MAX {
        assert!(zone.start_of(day) <= instant, "{day} in {zone} starts after {instant}");
        assert!(instant < zone.end_of(day), "{day} in {zone} ends before {instant}");
    }
}

fn day_is_whole(day: Date, zone: Zone) {
    assert!(zone.start_of(day) <= zone.end_of(day));
    if day > Date::MIN && day < Date::MAX {
        let (start, next) = (zone.start_of(day), zone.start_of(day.plus_days(1)));
        assert_eq!(zone.end_of(day), next, "one day ends where the next begins");
        // Where a change of the date line skipped a day, it starts and ends with the next one.
        let first = zone.date_of(start);
        assert!(first == day || (first == day.plus_days(1) && start == next), "{day} in {zone}: {first}");
    }
}

//! From a cell to what a caller would send for a field.
//!
//! Invariant: what has more than one reading is refused; an unreadable number is never 0, an unreadable day never today.

use crm_core::describe::FieldKind;
use crm_core::value::{Date, Decimal, Instant, Problem, TimeDelta, Zone, parse_money_text};
use serde_json::{Value as Json, json};

use crate::mapping::{Dates, MappedColumn, Numbers};
use crate::table::{Cell, TimeOfDay};

/// What the field would be sent for a cell that is not empty.
pub(crate) fn sent(cell: &Cell, kind: FieldKind, column: &MappedColumn, zone: Zone) -> Result<Json, Problem> {
    if let Cell::Unreadable(why) = cell {
        return Err(Problem::forbidden(why.clone()));
    }
    match kind {
        FieldKind::Decimal => number(cell, column.numbers).map(|number| json!(number.to_string())),
        FieldKind::Percent | FieldKind::Whole => {
            whole(cell, kind, column.numbers).map(|number| json!(number))
        }
        FieldKind::Bool => flag(cell).map(|flag| json!(flag)),
        FieldKind::Date => day(cell, column.dates).map(|day| json!(day)),
        FieldKind::Instant => instant(cell, column.dates, zone).map(|at| json!(at)),
        FieldKind::Json => document(cell),
        FieldKind::Reference(_) | FieldKind::Command => id(cell),
        FieldKind::Text { .. }
        | FieldKind::Word
        | FieldKind::Email
        | FieldKind::Phone
        | FieldKind::Currency
        | FieldKind::Zone => cell.to_text().map(|text| json!(text)),
    }
}

fn number(cell: &Cell, numbers: Numbers) -> Result<Decimal, Problem> {
    let text = match cell {
        Cell::Number(number) => return Ok(*number),
        Cell::Text(text) => text,
        _ => return Err(Problem::malformed("a number")),
    };
    let mark = match numbers {
        Numbers::Any => return parse_money_text(text),
        Numbers::Point => '.',
        Numbers::Comma => ',',
    };
    // One digit more after the mark leaves one reading: it begins the fraction, as the mapping says it does.
    let told = if text.contains(mark) { format!("{text}0") } else { format!("{text}{mark}0") };
    let other = if mark == '.' { ',' } else { '.' };
    let bare = text.ends_with(mark);
    let turned = text.rfind(mark).is_some_and(|at| text.rfind(other).is_some_and(|other| other > at));
    if bare || turned {
        return Err(Problem::malformed(format!("a number with `{mark}` before its fraction")));
    }
    parse_money_text(&told)
}

fn whole(cell: &Cell, kind: FieldKind, numbers: Numbers) -> Result<i64, Problem> {
    let plain = match cell {
        Cell::Text(text) if kind == FieldKind::Percent => {
            Cell::Text(text.trim_end_matches('%').trim_end().to_owned())
        }
        other => other.clone(),
    };
    let number = number(&plain, numbers)?;
    let whole = number.fract().is_zero().then(|| i64::try_from(number).ok()).flatten();
    whole.ok_or_else(|| Problem::malformed("a whole number"))
}

fn flag(cell: &Cell) -> Result<bool, Problem> {
    let text = match cell {
        Cell::Bool(flag) => return Ok(*flag),
        other => other.to_text()?,
    };
    match text.to_lowercase().as_str() {
        "true" | "yes" | "да" | "1" => Ok(true),
        "false" | "no" | "нет" | "0" => Ok(false),
        _ => Err(Problem::one_of(&text, ["true", "false", "yes", "no", "да", "нет", "1", "0"])),
    }
}

fn day(cell: &Cell, dates: Dates) -> Result<Date, Problem> {
    match cell {
        Cell::Date(day) => Ok(*day),
        Cell::Text(text) => written_day(text, dates),
        Cell::Moment(..) => Err(Problem::malformed("a day without a time on it")),
        _ => Err(Problem::malformed("a day")),
    }
}

fn written_day(text: &str, dates: Dates) -> Result<Date, Problem> {
    let text = text.trim();
    let (day_at, month_at, shown) = match dates {
        Dates::Iso => return Date::parse(text),
        Dates::DayMonthYear => (0, 1, "a day such as `31.01.2026`"),
        Dates::MonthDayYear => (1, 0, "a day such as `01/31/2026`"),
    };
    if let Ok(day) = Date::parse(text) {
        return Ok(day);
    }
    let mark = ['.', '/', '-'].into_iter().find(|mark| text.contains(*mark)).unwrap_or('.');
    let parts: Vec<&str> = text.split(mark).collect();
    let digits = |at: usize, lengths: std::ops::RangeInclusive<usize>| {
        let part = parts.get(at).filter(|part| lengths.contains(&part.len()))?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u32>().ok()).flatten()
    };
    let found = match (digits(day_at, 1..=2), digits(month_at, 1..=2), digits(2, 4..=4), parts.len()) {
        (Some(day), Some(month), Some(year), 3) => {
            i32::try_from(year).ok().and_then(|year| Date::from_ymd(year, month, day))
        }
        _ => None,
    };
    found.ok_or_else(|| Problem::malformed(shown))
}

fn instant(cell: &Cell, dates: Dates, zone: Zone) -> Result<Instant, Problem> {
    let refuse = || Problem::malformed("a day and a time on it");
    match cell {
        Cell::Moment(day, time) => local(*day, *time, zone),
        Cell::Text(text) => {
            if let Ok(at) = Instant::parse(text) {
                return Ok(at);
            }
            let (day, time) = text.split_once(' ').or_else(|| text.split_once('T')).ok_or_else(refuse)?;
            local(written_day(day, dates)?, TimeOfDay::parse(time.trim())?, zone)
        }
        _ => Err(refuse()),
    }
}

/// The point in time that a clock of the organisation shows. On a day on which the clocks are changed some times come
/// twice and some not at all.
fn local(day: Date, time: TimeOfDay, zone: Zone) -> Result<Instant, Problem> {
    let (start, end) = (zone.start_of(day), zone.end_of(day));
    if end.since(start) != TimeDelta::hours(24) {
        let why = "the clocks are changed on this day; give the time with its offset";
        return Err(Problem::forbidden(why));
    }
    let at = start.checked_add(TimeDelta::milliseconds(i64::from(time.millis())));
    at.ok_or_else(|| Problem::out_of_range("within years 1 to 9999"))
}

fn document(cell: &Cell) -> Result<Json, Problem> {
    let read = cell.to_text().ok().and_then(|text| serde_json::from_str::<Json>(&text).ok());
    read.filter(Json::is_object).ok_or_else(|| Problem::malformed("a JSON object"))
}

fn id(cell: &Cell) -> Result<Json, Problem> {
    let read = match cell {
        Cell::Text(text) => crm_core::value::Uuid::parse_str(text).ok(),
        _ => None,
    };
    read.map(|id| json!(id)).ok_or_else(|| Problem::malformed("an id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn numbers_as_people_write_them() {
        for (written, any, point, comma) in [
            ("1 234,50", Some("1234.50"), None, Some("1234.50")),
            ("1234.50", Some("1234.50"), Some("1234.50"), None),
            ("1 234.50", Some("1234.50"), Some("1234.50"), None),
            ("1,234.50", Some("1234.50"), Some("1234.50"), None),
            ("1.234,50", Some("1234.50"), None, Some("1234.50")),
            ("1,234", None, Some("1234"), Some("1.234")),
            ("1.234", None, Some("1.234"), Some("1234")),
            ("1 234", Some("1234"), Some("1234"), Some("1234")),
            ("-5", Some("-5"), Some("-5"), Some("-5")),
            ("5.", None, None, None),
            ("5,", None, None, None),
            ("0", Some("0"), Some("0"), Some("0")),
            ("", None, None, None),
            ("-", None, None, None),
            ("n/a", None, None, None),
            ("12 USD", None, None, None),
            ("1e5", None, None, None),
        ] {
            for (numbers, expected) in [(Numbers::Any, any), (Numbers::Point, point), (Numbers::Comma, comma)]
            {
                let expected: Option<Decimal> = expected.map(|text| text.parse().unwrap());
                assert_eq!(number(&text(written), numbers).ok(), expected, "{written} {numbers:?}");
            }
        }
        assert!(number(&Cell::Bool(true), Numbers::Any).is_err());
        assert!(number(&Cell::Date(Date::MIN), Numbers::Any).is_err());
    }

    #[test]
    fn whole_numbers_and_shares() {
        let read = |cell: &Cell, kind| whole(cell, kind, Numbers::Any).ok();
        assert_eq!(read(&text("30%"), FieldKind::Percent), Some(30));
        assert_eq!(read(&text("30%"), FieldKind::Whole), None);
        assert_eq!(read(&Cell::Number("7.00".parse().unwrap()), FieldKind::Whole), Some(7));
        assert_eq!(read(&Cell::Number("7.5".parse().unwrap()), FieldKind::Whole), None);
        assert_eq!(read(&text("7,5"), FieldKind::Whole), None);
    }

    #[test]
    fn days_in_one_order() {
        for (written, iso, dmy, mdy) in [
            ("2026-01-31", true, true, true),
            ("31.01.2026", false, true, false),
            ("31/1/2026", false, true, false),
            ("1-31-2026", false, false, true),
            ("01.02.26", false, false, false),
            ("30.02.2026", false, false, false),
            ("2026.01.31", false, false, false),
            ("31.01.2026.", false, false, false),
            ("today", false, false, false),
            ("", false, false, false),
            ("45943", false, false, false),
        ] {
            for (dates, expected) in
                [(Dates::Iso, iso), (Dates::DayMonthYear, dmy), (Dates::MonthDayYear, mdy)]
            {
                let read = day(&text(written), dates);
                let expected = expected.then(|| Date::parse("2026-01-31").unwrap());
                assert_eq!(read.ok(), expected, "{written} {dates:?}");
            }
        }
        assert_eq!(
            written_day("01.02.2026", Dates::DayMonthYear).unwrap().to_string(),
            "2026-02-01",
            "the first of February"
        );
        assert!(day(&Cell::Number(Decimal::from(45_943)), Dates::Iso).is_err(), "a number is no day");
        let moment = Cell::Moment(Date::MIN, TimeOfDay::parse("10:15").unwrap());
        assert!(day(&moment, Dates::Iso).is_err(), "nothing is cut off");
    }

    #[test]
    fn times_of_the_organisation() {
        let zone: Zone = "Europe/Berlin".parse().unwrap();
        let read =
            |written: &str| instant(&text(written), Dates::DayMonthYear, zone).map(|at| at.to_string()).ok();
        assert_eq!(read("31.01.2026 10:15").as_deref(), Some("2026-01-31T09:15:00Z"));
        assert_eq!(read("2026-07-31T10:15:30+00:00").as_deref(), Some("2026-07-31T10:15:30Z"));
        assert_eq!(read("29.03.2026 10:15"), None, "the clocks are changed");
        assert_eq!(read("31.01.2026"), None);
        assert_eq!(read("31.01.2026 24:00"), None);
        assert!(instant(&Cell::Date(Date::MIN), Dates::Iso, zone).is_err(), "a day is no point in time");
    }

    #[test]
    fn truth() {
        for (cell, expected) in [
            (Cell::Bool(true), Some(true)),
            (text("Да"), Some(true)),
            (text("NO"), Some(false)),
            (Cell::Number(Decimal::ONE), Some(true)),
            (Cell::Number(Decimal::TWO), None),
            (text("maybe"), None),
        ] {
            assert_eq!(flag(&cell).ok(), expected, "{cell:?}");
        }
    }
}

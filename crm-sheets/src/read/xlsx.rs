//! xlsx files.
//!
//! A small file can unpack to more than any memory, so everything in it is unpacked once and counted before it is read; and
//! a text that many cells share is counted for each of them.
//!
//! Invariant: no file makes the reader keep more than the limits say, and none makes it panic.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, Xlsx, XlsxError};
use crm_core::value::{Date, Decimal, Number};
use zip::ZipArchive;

use super::{Tally, check_size, row, table};
use crate::error::SheetError;
use crate::table::{Cell, Limits, Table, TimeOfDay};

/// More parts than any workbook has.
const MOST_PARTS: usize = 10_000;

/// The most rows a sheet can have.
const MOST_SHEET_ROWS: u64 = 1_048_576;

/// How an xlsx file is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct XlsxReading {
    /// The name of the sheet; empty: the first.
    pub sheet: Option<String>,
    /// The row of the headers; empty: the first that has something in it.
    pub header_row: Option<u64>,
    /// How large it may be.
    pub limits: Limits,
}

impl XlsxReading {
    /// Reads a sheet. Of a formula the result is read that the file keeps.
    ///
    /// # Errors
    /// The file is too large, damaged or locked, has no such sheet, or headers that cannot be told apart.
    pub fn read(&self, bytes: &[u8]) -> Result<Table, SheetError> {
        check_size(bytes, self.limits)?;
        // What the readers of the file's format do with a damaged one is not in our hands.
        let read = catch_unwind(AssertUnwindSafe(|| {
            check_unpacked(bytes, self.limits.unpacked)?;
            self.read_sheet(bytes)
        }));
        read.unwrap_or_else(|_| Err(SheetError::Damaged("it cannot be made sense of".to_owned())))
    }

    fn read_sheet(&self, bytes: &[u8]) -> Result<Table, SheetError> {
        let mut book = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
        let sheets = book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        let known: Vec<String> = sheets.map(|sheet| sheet.name.clone()).collect();
        let asked = |name: &&String| self.sheet.as_ref().is_none_or(|sheet| sheet == *name);
        let Some(name) = known.iter().find(asked) else {
            return Err(SheetError::NoSheet { name: self.sheet.clone(), known });
        };
        let is_1904 = book.has_1904_epoch();
        let mut tally = Tally::new(self.limits);
        let mut rows: BTreeMap<u64, BTreeMap<usize, Cell>> = BTreeMap::new();
        let mut reader = book.worksheet_cells_reader(name).map_err(damaged)?;
        while let Some(found) = reader.next_cell().map_err(damaged)? {
            let (row, column) = found.get_position();
            let (number, column) = (u64::from(row) + 1, u64::from(column) + 1);
            let cell = cell(found.get_value(), is_1904);
            if cell.is_empty() || self.header_row.is_some_and(|first| number < first) {
                continue;
            }
            self.keep(&mut tally, &mut rows, (number, column), cell)?;
        }
        let rows = rows.into_iter().filter_map(|(number, cells)| row(number, in_line(cells)));
        table(rows.collect(), self.limits)
    }

    fn keep(
        &self,
        tally: &mut Tally,
        rows: &mut BTreeMap<u64, BTreeMap<usize, Cell>>,
        (row, column): (u64, u64),
        cell: Cell,
    ) -> Result<(), SheetError> {
        tally.cell(row, column, if let Cell::Text(text) = &cell { text.len() } else { 0 })?;
        let refuse = |why: &str| SheetError::Cell { row, column, why: why.to_owned() };
        if row > MOST_SHEET_ROWS {
            return Err(refuse("no sheet has such a row"));
        }
        let most = self.limits.rows.saturating_add(1);
        if !rows.contains_key(&row) && u64::try_from(rows.len()).unwrap_or(u64::MAX) >= most {
            let column = None;
            return Err(SheetError::TooLarge {
                what: "rows",
                most: self.limits.rows,
                row: Some(row),
                column,
            });
        }
        let at = usize::try_from(column - 1).map_err(|_| refuse("no sheet has such a column"))?;
        match rows.entry(row).or_default().insert(at, cell) {
            None => Ok(()),
            Some(_) => Err(refuse("the cell is there twice")),
        }
    }
}

/// The cells of a row in their places, those between them empty.
fn in_line(cells: BTreeMap<usize, Cell>) -> Vec<Cell> {
    let mut line = Vec::new();
    for (at, cell) in cells {
        line.resize(at, Cell::Empty);
        line.push(cell);
    }
    line
}

fn damaged(error: XlsxError) -> SheetError {
    match error {
        XlsxError::Password => SheetError::Damaged("it is locked with a password".to_owned()),
        error => SheetError::Damaged(error.to_string()),
    }
}

/// Unpacks every part to nowhere and counts. What the file itself says of the sizes may be a lie.
fn check_unpacked(bytes: &[u8], most: u64) -> Result<(), SheetError> {
    let refuse = |error: &dyn std::fmt::Display| SheetError::Damaged(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| refuse(&error))?;
    if archive.len() > MOST_PARTS {
        return Err(SheetError::TooLarge { what: "parts", most: 10_000, row: None, column: None });
    }
    let mut left = most;
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).map_err(|error| refuse(&error))?;
        let mut counted = (&mut part).take(left.saturating_add(1));
        let size = std::io::copy(&mut counted, &mut std::io::sink()).map_err(|error| refuse(&error))?;
        left = left.checked_sub(size).ok_or(SheetError::TooLarge {
            what: "bytes of unpacked content",
            most,
            row: None,
            column: None,
        })?;
    }
    Ok(())
}

fn cell(value: &DataRef<'_>, is_1904: bool) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(number) => Cell::Number(Decimal::from(*number)),
        DataRef::Float(number) => number_cell(*number),
        DataRef::String(text) => Cell::text(text),
        DataRef::SharedString(text) => Cell::text(text),
        DataRef::Bool(flag) => Cell::Bool(*flag),
        DataRef::DateTime(at) => time_cell(at, is_1904),
        DataRef::DateTimeIso(text) => iso_cell(text),
        DataRef::DurationIso(_) => Cell::Unreadable("it is a length of time".to_owned()),
        DataRef::Error(error) => Cell::Unreadable(format!("it is the error {error}")),
    }
}

/// A number as the file wrote it: its shortest text. Where a float keeps fewer digits than were written, nobody can say
/// what was written, so it is refused.
fn number_cell(number: f64) -> Cell {
    const MOST: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0);
    match decimal(number).filter(|exact| exact.abs() < MOST) {
        Some(exact) => Cell::Number(exact),
        None => Cell::Unreadable("it is a number of more digits than a spreadsheet keeps".to_owned()),
    }
}

fn decimal(number: f64) -> Option<Decimal> {
    // The text of a float has no exponent.
    Number::parse(&number.to_string()).ok().map(|number| number.0)
}

/// A spreadsheet counts days, and takes 1900 for a leap year; some count from 1904.
fn time_cell(at: &ExcelDateTime, is_1904: bool) -> Cell {
    if at.is_duration() {
        return Cell::Unreadable("it is a length of time".to_owned());
    }
    moment(at.as_f64(), is_1904)
        .unwrap_or_else(|| Cell::Unreadable(format!("{} is no day of a spreadsheet", at.as_f64())))
}

fn moment(serial: f64, is_1904: bool) -> Option<Cell> {
    let serial = decimal(serial)?;
    let whole = serial.trunc();
    let fraction = serial.checked_sub(whole)?;
    let millis = fraction.checked_mul(Decimal::from(86_400_000))?.round();
    let (days, millis) = (i64::try_from(whole).ok()?, u32::try_from(millis).ok()?);
    let carried = millis >= 86_400_000;
    let (days, millis) = if carried { (days.checked_add(1)?, 0) } else { (days, millis) };
    let first = if is_1904 { 0 } else { 1 };
    if serial.is_sign_negative() || days < first || days > 3_000_000 {
        return None;
    }
    let day = match (is_1904, days) {
        (true, _) => Date::from_ymd(1904, 1, 1)?.plus_days(days),
        (false, 60) => return None,
        (false, 1..60) => Date::from_ymd(1899, 12, 31)?.plus_days(days),
        (false, _) => Date::from_ymd(1899, 12, 30)?.plus_days(days),
    };
    let known = day < Date::MAX;
    let time = TimeOfDay::from_millis(millis)?;
    known.then_some(if millis == 0 { Cell::Date(day) } else { Cell::Moment(day, time) })
}

fn iso_cell(text: &str) -> Cell {
    let text = text.trim();
    let (day, time) = text.split_once('T').map_or((text, None), |(day, time)| (day, Some(time)));
    let read = match (Date::parse(day), time.map(TimeOfDay::parse)) {
        (Ok(day), None) => Some(Cell::Date(day)),
        (Ok(day), Some(Ok(time))) => Some(Cell::Moment(day, time)),
        _ => None,
    };
    read.unwrap_or_else(|| Cell::Unreadable(format!("`{text}` is no date")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_exact() {
        let day = |text: &str| Some(Cell::Date(text.parse().unwrap()));
        for (serial, is_1904, expected) in [
            (1.0, false, day("1900-01-01")),
            (59.0, false, day("1900-02-28")),
            (60.0, false, None),
            (61.0, false, day("1900-03-01")),
            (45_943.0, false, day("2025-10-13")),
            (36_584.0, false, day("2000-02-28")),
            (36_585.0, false, day("2000-02-29")),
            (2_958_464.0, false, day("9999-12-30")),
            (2_958_466.0, false, None),
            (0.0, true, day("1904-01-01")),
            (44_481.0, true, day("2025-10-13")),
            (0.5, false, None),
            (-1.0, false, None),
            (-0.5, true, None),
            (f64::NAN, false, None),
            (f64::INFINITY, false, None),
            (1e300, false, None),
        ] {
            assert_eq!(moment(serial, is_1904), expected, "{serial} {is_1904}");
        }
    }

    #[test]
    fn times_are_exact_to_a_thousandth() {
        let shown = |serial| moment(serial, false).map(|cell| cell.to_text().unwrap());
        assert_eq!(shown(45_943.541).as_deref(), Some("2025-10-13 12:59:02.400"));
        assert_eq!(shown(45_943.5).as_deref(), Some("2025-10-13 12:00:00"));
        assert_eq!(shown(45_943.999_999_999_9).as_deref(), Some("2025-10-14"));
    }

    #[test]
    fn numbers_are_exact_or_refused() {
        for (number, expected) in [
            (0.1, Some("0.1")),
            (1234.5, Some("1234.5")),
            (-0.0, Some("0")),
            (998_901_234_567.0, Some("998901234567")),
            (999_999_999_999_999.0, Some("999999999999999")),
            (1e15, None),
            (1e300, None),
            (f64::NAN, None),
            (1e-40, None),
        ] {
            let found = match number_cell(number) {
                Cell::Number(exact) => Some(exact.to_string().trim_start_matches('-').to_owned()),
                _ => None,
            };
            assert_eq!(found.as_deref(), expected, "{number}");
        }
    }

    #[test]
    fn iso_dates() {
        assert_eq!(iso_cell("2026-01-31"), Cell::Date("2026-01-31".parse().unwrap()));
        assert_eq!(iso_cell("2026-01-31T10:15:00").to_text().as_deref(), Ok("2026-01-31 10:15:00"));
        assert!(matches!(iso_cell("2026-02-30"), Cell::Unreadable(_)));
        assert!(matches!(iso_cell("2026-01-31T25:00"), Cell::Unreadable(_)));
    }
}

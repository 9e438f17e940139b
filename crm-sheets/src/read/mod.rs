//! Reading files into tables.
//!
//! Invariant: every bound is checked before what exceeds it is kept.

mod csv;
mod encoding;
mod xlsx;

use std::collections::BTreeMap;

use crm_core::value::normal;

pub use self::csv::CsvReading;
pub use self::encoding::Encoding;
pub use self::xlsx::XlsxReading;
use crate::error::SheetError;
use crate::table::{Cell, Limits, Row, Table};

/// Counts what is kept, and refuses what is too much.
struct Tally {
    limits: Limits,
    cells: u64,
    text: u64,
}

impl Tally {
    fn new(limits: Limits) -> Self {
        Self { limits, cells: 0, text: 0 }
    }

    fn cell(&mut self, row: u64, column: u64, text: usize) -> Result<(), SheetError> {
        let too_large =
            |what, most| SheetError::TooLarge { what, most, row: Some(row), column: Some(column) };
        self.cells = self.cells.saturating_add(1);
        self.text = self.text.saturating_add(u64::try_from(text).unwrap_or(u64::MAX));
        let Limits { columns, cells, unpacked, .. } = self.limits;
        if column > columns {
            return Err(too_large("columns", columns));
        }
        if self.cells > cells {
            return Err(too_large("cells", cells));
        }
        if self.text > unpacked {
            return Err(too_large("bytes of text", unpacked));
        }
        Ok(())
    }
}

fn check_size(bytes: &[u8], limits: Limits) -> Result<(), SheetError> {
    if u64::try_from(bytes.len()).is_ok_and(|size| size <= limits.bytes) {
        return Ok(());
    }
    Err(SheetError::TooLarge { what: "bytes", most: limits.bytes, row: None, column: None })
}

/// The place of something that is counted from 0, counted from 1.
fn ordinal(at: usize) -> u64 {
    u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1)
}

/// Makes a table of all rows that have something in them, the first of them being the headers.
fn table(rows: Vec<Row>, limits: Limits) -> Result<Table, SheetError> {
    let mut rows = rows.into_iter();
    let Some(first) = rows.next() else { return Err(SheetError::NoHeaders) };
    let rows: Vec<Row> = rows.collect();
    let headers = headers(&first, &rows)?;
    if u64::try_from(rows.len()).is_ok_and(|count| count <= limits.rows) {
        return Ok(Table { headers, rows });
    }
    let row = usize::try_from(limits.rows).ok().and_then(|most| rows.get(most)).map(|row| row.number);
    Err(SheetError::TooLarge { what: "rows", most: limits.rows, row, column: None })
}

/// The headers, each with a name of its own. A column without a name is none if nothing stands in it.
fn headers(first: &Row, rows: &[Row]) -> Result<Vec<String>, SheetError> {
    let refuse = |at: usize, why: String| SheetError::Header { row: first.number, column: ordinal(at), why };
    let mut headers = Vec::with_capacity(first.cells.len());
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (at, cell) in first.cells.iter().enumerate() {
        let header = cell.to_text().map_err(|problem| refuse(at, problem.to_string()))?;
        let header = header.trim().to_owned();
        if header.is_empty() {
            let used = rows.iter().any(|row| row.cells.get(at).is_some_and(|cell| !cell.is_empty()));
            if used {
                return Err(refuse(at, "the column has no header".to_owned()));
            }
        } else if let Some(twin) = seen.insert(normal(&header), at) {
            return Err(refuse(at, format!("column {} has the same header `{header}`", ordinal(twin))));
        }
        headers.push(header);
    }
    while headers.last().is_some_and(String::is_empty) {
        headers.pop();
    }
    Ok(headers)
}

/// A row without the empty cells at its end; `None` if nothing is left.
fn row(number: u64, mut cells: Vec<Cell>) -> Option<Row> {
    while cells.last().is_some_and(Cell::is_empty) {
        cells.pop();
    }
    (!cells.is_empty()).then_some(Row { number, cells })
}

//! CSV files.
//!
//! Invariant: what separates columns is found only where one character can be meant; else the caller is asked.

use csv::{ReaderBuilder, StringRecord};

use super::{Encoding, Tally, check_size, encoding, ordinal, row, table};
use crate::error::SheetError;
use crate::guard::unguarded;
use crate::table::{Cell, Limits, Row, Table};

/// What separates columns, where it is not said.
const DELIMITERS: [u8; 3] = [b';', b',', b'\t'];

/// How many records are looked at to find out.
const LOOKED_AT: usize = 50;

/// How a CSV file is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CsvReading {
    /// What separates columns; empty: a semicolon, a comma or a tab, whichever it can only be.
    pub delimiter: Option<u8>,
    /// How its text is written.
    pub encoding: Encoding,
    /// The line of the headers; empty: the first that has something in it.
    pub header_row: Option<u64>,
    /// How large it may be.
    pub limits: Limits,
}

impl CsvReading {
    /// Reads a file.
    ///
    /// ```
    /// use crm_sheets::{Cell, CsvReading};
    ///
    /// let table = CsvReading::default().read("Имя;Телефон\nАнна;+7 901 234\n".as_bytes())?;
    /// assert_eq!(table.headers, ["Имя", "Телефон"]);
    /// assert_eq!(table.rows[0].cells[1], Cell::Text("+7 901 234".to_owned()));
    /// # Ok::<(), crm_sheets::SheetError>(())
    /// ```
    ///
    /// # Errors
    /// The file is too large, not in its encoding, not whole, or its headers cannot be told apart.
    pub fn read(&self, bytes: &[u8]) -> Result<Table, SheetError> {
        check_size(bytes, self.limits)?;
        let text = encoding::decode(bytes, self.encoding)?;
        let mut lines = Lines { text: &text, at: 0, line: 1 };
        while self.header_row.is_some_and(|first| lines.line < first) && lines.step() {}
        let text = text.get(lines.at..).unwrap_or("");
        let mut lines = Lines { text, at: 0, ..lines };
        let delimiter = match self.delimiter {
            Some(delimiter) => delimiter,
            None => delimiter_of(text)?,
        };
        if let Some(row) = open_quote(text, delimiter, lines.line) {
            return Err(SheetError::OpenQuote { row });
        }
        let mut tally = Tally::new(self.limits);
        let mut rows = Vec::new();
        for record in records(text, delimiter) {
            let record = record?;
            let at = record.position().map_or(0, csv::Position::byte);
            let number = lines.line_at(usize::try_from(at).unwrap_or(usize::MAX));
            rows.extend(read_row(&mut tally, number, &record)?);
            if u64::try_from(rows.len()).unwrap_or(u64::MAX) > self.limits.rows.saturating_add(1) {
                break;
            }
        }
        table(rows, self.limits)
    }
}

/// Counts lines, whichever way they end.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Goes on by one byte.
    fn pass(&mut self) {
        let ends = match self.byte(self.at) {
            Some(b'\n') => true,
            Some(b'\r') => self.byte(self.at.saturating_add(1)) != Some(b'\n'),
            _ => false,
        };
        self.line += u64::from(ends);
        self.at += 1;
    }

    /// Goes on to the next line; `false` at the end.
    fn step(&mut self) -> bool {
        let line = self.line;
        while self.line == line && self.at < self.text.len() {
            self.pass();
        }
        self.line != line
    }

    /// The line of a record of which a reader says that it begins here: after the ends of lines that come first.
    fn line_at(&mut self, at: usize) -> u64 {
        while self.at < self.text.len() && (self.at < at || matches!(self.byte(self.at), Some(b'\r' | b'\n')))
        {
            self.pass();
        }
        self.line
    }
}

fn read_row(tally: &mut Tally, number: u64, record: &StringRecord) -> Result<Option<Row>, SheetError> {
    let mut cells = Vec::with_capacity(record.len());
    for (at, text) in record.iter().enumerate() {
        let cell = Cell::text(unguarded(text.trim()));
        if !cell.is_empty() {
            tally.cell(number, ordinal(at), text.len())?;
        }
        cells.push(cell);
    }
    Ok(row(number, cells))
}

fn records(text: &str, delimiter: u8) -> impl Iterator<Item = Result<StringRecord, SheetError>> {
    let reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    reader.into_records().map(|record| record.map_err(|error| SheetError::Damaged(error.to_string())))
}

/// The one character that can be what separates columns. A file of one column has none, and a comma does no harm.
fn delimiter_of(text: &str) -> Result<u8, SheetError> {
    let mut able = Vec::new();
    for delimiter in DELIMITERS {
        let counts: Result<Vec<usize>, _> = records(text, delimiter)
            .take(LOOKED_AT)
            .map(|record| record.map(|record| record.len()))
            .collect();
        let counts = counts?;
        if let Some(first) = counts.first().filter(|first| **first > 1) {
            able.push((delimiter, counts.iter().all(|count| count == first)));
        }
    }
    let even: Vec<u8> = able.iter().filter(|(_, even)| *even).map(|(delimiter, _)| *delimiter).collect();
    match (able.as_slice(), even.as_slice()) {
        ([], _) => Ok(b','),
        ([(only, _)], _) | (_, [only]) => Ok(*only),
        _ => {
            Err(SheetError::Delimiter { candidates: able.iter().map(|(one, _)| char::from(*one)).collect() })
        }
    }
}

/// The line where a quotation mark opens that none closes. A reader would take the rest of the file for one cell.
fn open_quote(text: &str, delimiter: u8, first_line: u64) -> Option<u64> {
    #[derive(PartialEq)]
    enum At {
        Start,
        Plain,
        Quoted,
        Quote,
    }
    let (mut at, mut opened) = (At::Start, 0_usize);
    for (place, byte) in text.bytes().enumerate() {
        at = match (at, byte) {
            (At::Start, b'"') => {
                opened = place;
                At::Quoted
            }
            (At::Quote, b'"') => At::Quoted,
            (At::Quoted, b'"') => At::Quote,
            (At::Quoted, _) => At::Quoted,
            (_, b'\n' | b'\r') => At::Start,
            (_, byte) if byte == delimiter => At::Start,
            _ => At::Plain,
        };
    }
    (at == At::Quoted).then(|| Lines { text, at: 0, line: first_line }.line_at(opened))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Table, SheetError> {
        CsvReading::default().read(text.as_bytes())
    }

    #[test]
    fn the_delimiter_is_found_or_asked_for() {
        for (text, columns) in [
            ("a;b\n1,5;2", Ok(2)),
            ("a,b\n1;5,2", Ok(2)),
            ("a\tb,c\n1\t2\n", Ok(2)),
            ("\"a;b\",c\n1,2\n", Ok(2)),
            ("a\n1\n", Ok(1)),
            ("a,b;c\n1,2;3\n", Err(2)),
        ] {
            let found = match read(text) {
                Ok(table) => Ok(table.headers.len()),
                Err(SheetError::Delimiter { candidates }) => Err(candidates.len()),
                Err(error) => panic!("{text:?}: {error}"),
            };
            assert_eq!(found, columns, "{text:?}");
        }
        let told =
            CsvReading { delimiter: Some(b';'), ..CsvReading::default() }.read(b"a,b;c\n1,2;3\n").unwrap();
        assert_eq!(told.headers, ["a,b", "c"]);
    }

    #[test]
    fn an_open_quote_does_not_swallow_the_file() {
        let told = CsvReading { delimiter: Some(b';'), ..CsvReading::default() };
        for (text, row) in [
            ("a;b\n1;\"2\n3;4\n", Some(2)),
            ("a;b\n1;\"2\n3\";4\n", None),
            ("a;b\n1;\"2\"\"\"\n", None),
            ("a;b\n1;2\"\n", None),
            ("\"a;b\n", Some(1)),
        ] {
            let found = match told.read(text.as_bytes()) {
                Err(SheetError::OpenQuote { row }) => Some(row),
                _ => None,
            };
            assert_eq!(found, row, "{text:?}");
        }
    }

    #[test]
    fn rows_keep_their_lines_and_blank_ones_are_none() {
        let table = read("a;b\r\n\r\n1;\"x\ny\"\r\n;\r\n2\r\n").unwrap();
        let rows: Vec<_> = table.rows.iter().map(|row| (row.number, row.cells.len())).collect();
        assert_eq!(rows, [(3, 2), (6, 1)], "{table:?}");
        let old = read("a;b\r1;2\r\r3;4").unwrap();
        assert_eq!(old.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 4]);
    }

    #[test]
    fn headers_must_be_told_apart() {
        assert!(matches!(read("a;A \n1;2\n"), Err(SheetError::Header { row: 1, column: 2, .. })));
        assert!(matches!(read("a;;b\n1;2;3\n"), Err(SheetError::Header { row: 1, column: 2, .. })));
        assert!(matches!(read("a\0;b\n1;2\n"), Err(SheetError::Header { row: 1, column: 1, .. })));
        assert_eq!(read("a;;b;\n1;;3;\n").unwrap().headers, ["a", "", "b"]);
        assert_eq!(read(""), Err(SheetError::NoHeaders));
        assert_eq!(read("\n;;\n"), Err(SheetError::NoHeaders));
    }

    #[test]
    fn headers_can_be_in_a_later_line() {
        let later = CsvReading { header_row: Some(3), ..CsvReading::default() };
        let table = later.read("Registry, of May\r\n\r\na;b\r\n\r\n1;2\r\n".as_bytes()).unwrap();
        assert_eq!((table.headers.len(), table.rows[0].number), (2, 5));
        let beyond = CsvReading { header_row: Some(9), ..CsvReading::default() };
        assert_eq!(beyond.read(b"a;b\n1;2\n"), Err(SheetError::NoHeaders));
    }

    #[test]
    fn every_limit_says_where() {
        let limits = Limits { rows: 2, columns: 3, cells: 7, unpacked: 20, bytes: 60 };
        let reading = CsvReading { delimiter: Some(b';'), limits, ..CsvReading::default() };
        for (text, expected) in [
            ("a;b\n1;2\n3;4\n", None),
            ("a;b\n1;2\n3;4\n5;\n", Some(("rows", Some(4), None))),
            ("a;b;c;d\n", Some(("columns", Some(1), Some(4)))),
            ("a;b;c\n1;2;3\n1;2\n", Some(("cells", Some(3), Some(2)))),
            ("a\n12345678901234567890\n", Some(("bytes of text", Some(2), Some(1)))),
            (&" ".repeat(61), Some(("bytes", None, None))),
        ] {
            let found = match reading.read(text.as_bytes()) {
                Err(SheetError::TooLarge { what, row, column, .. }) => Some((what, row, column)),
                Ok(_) => None,
                Err(error) => panic!("{text:?}: {error}"),
            };
            assert_eq!(found, expected, "{text:?}");
        }
    }
}

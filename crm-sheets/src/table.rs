//! The table that every file is read into.
//!
//! Invariant: a cell is what the file says or says why it cannot be read; nothing is guessed and nothing becomes zero.

use crm_core::value::{Date, Decimal, Problem};

/// What a file holds: a row of headers, and the rows beneath.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The names of the columns, trimmed; no two are the same but for letter case.
    pub headers: Vec<String>,
    /// The rows that have something in them.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number as a person finds it: of an xlsx sheet the row's, of a CSV file the line where it begins.
    pub number: u64,
    /// Its cells, in the order of the headers. A row may be shorter; one that is longer is refused by an import.
    pub cells: Vec<Cell>,
}

/// One cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text, as it stands there.
    Text(String),
    /// A number, exactly.
    Number(Decimal),
    /// A truth value.
    Bool(bool),
    /// A day.
    Date(Date),
    /// A day and a time on it, without a time zone.
    Moment(Date, TimeOfDay),
    /// Something that cannot be read, and why.
    Unreadable(String),
}

/// A time of day, as exact as a spreadsheet keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay {
    /// Milliseconds after midnight, less than 86 400 000.
    millis: u32,
}

impl TimeOfDay {
    /// So many milliseconds after midnight; `None` when that is no more the same day.
    #[must_use]
    pub fn from_millis(millis: u32) -> Option<Self> {
        (millis < 86_400_000).then_some(Self { millis })
    }

    /// Milliseconds after midnight.
    #[must_use]
    pub fn millis(self) -> u32 {
        self.millis
    }

    /// Reads `10:15`, `10:15:30` or `10:15:30.250`.
    ///
    /// # Errors
    /// It is anything else.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let refuse = || Problem::malformed("a time such as `10:15` or `10:15:30`");
        let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let parts: Vec<&str> = clock.split(':').collect();
        let two = |part: &str| {
            let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| part.parse::<u32>().ok()).flatten()
        };
        let (hours, minutes, seconds) = match parts.as_slice() {
            [hours, minutes] if !text.contains('.') => (two(hours), two(minutes), Some(0)),
            [hours, minutes, seconds] => (two(hours), two(minutes), two(seconds)),
            _ => return Err(refuse()),
        };
        let thousandths =
            (1..=3).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
        let thousandths = thousandths.then(|| format!("{fraction:0<3}").parse::<u32>().ok()).flatten();
        match (hours, minutes, seconds, thousandths) {
            (Some(h @ 0..24), Some(m @ 0..60), Some(s @ 0..60), Some(t)) => {
                Self::from_millis(((h * 60 + m) * 60 + s) * 1_000 + t).ok_or_else(refuse)
            }
            _ => Err(refuse()),
        }
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (seconds, millis) = (self.millis / 1_000, self.millis % 1_000);
        write!(out, "{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)?;
        if millis == 0 { Ok(()) } else { write!(out, ".{millis:03}") }
    }
}

impl Cell {
    /// A text cell; empty when there is nothing but white space.
    #[must_use]
    pub fn text(text: &str) -> Self {
        match text.trim() {
            "" => Self::Empty,
            _ if text.contains('\0') => Self::Unreadable("it has a NUL character".to_owned()),
            text => Self::Text(text.to_owned()),
        }
    }

    /// Is nothing there?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::Empty
    }

    /// The text that a person would read in it.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn to_text(&self) -> Result<String, Problem> {
        match self {
            Self::Empty => Ok(String::new()),
            Self::Text(text) => Ok(text.clone()),
            Self::Number(number) => Ok(number.normalize().to_string()),
            Self::Bool(flag) => Ok(flag.to_string()),
            Self::Date(day) => Ok(day.to_string()),
            Self::Moment(day, time) => Ok(format!("{day} {time}")),
            Self::Unreadable(why) => Err(Problem::forbidden(why.clone())),
        }
    }
}

/// How large a file may be. What is beyond is refused before memory is spent on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of the file.
    pub bytes: u64,
    /// Most bytes of everything in it, unpacked; and of all the text of its cells.
    pub unpacked: u64,
    /// Most rows beneath the headers.
    pub rows: u64,
    /// Most columns.
    pub columns: u64,
    /// Most cells that have something in them.
    pub cells: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 32 << 20, unpacked: 256 << 20, rows: 100_000, columns: 256, cells: 4_000_000 }
    }
}

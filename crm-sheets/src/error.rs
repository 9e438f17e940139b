//! What can be wrong with a file.
//!
//! Invariant: an error names the row and the column wherever there is one.

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SheetError {
    /// It exceeds a limit.
    #[error("at most {most} {what} are read{}", place(row, column))]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        most: u64,
        /// The row where it was noticed.
        row: Option<u64>,
        /// The column where it was noticed, counted from 1.
        column: Option<u64>,
    },
    /// It is not in the encoding that was said.
    #[error("row {row}: not {encoding}: {why}")]
    Encoding {
        /// The line where that was noticed.
        row: u64,
        /// The encoding.
        encoding: &'static str,
        /// What is wrong.
        why: String,
    },
    /// More than one character could be what separates its columns.
    #[error("the columns could be separated by {}; say by which", candidates.iter().map(|c| format!("{c:?}")).collect::<Vec<_>>().join(" or "))]
    Delimiter {
        /// The characters.
        candidates: Vec<char>,
    },
    /// A quotation mark opens and none closes.
    #[error("row {row}: a quotation mark opens here and none closes it")]
    OpenQuote {
        /// The line where it opens.
        row: u64,
    },
    /// It has no row of headers.
    #[error("there is no row of headers")]
    NoHeaders,
    /// A column has a header that cannot be used.
    #[error("row {row}, column {column}: {why}")]
    Header {
        /// The row.
        row: u64,
        /// The column, counted from 1.
        column: u64,
        /// What is wrong with it.
        why: String,
    },
    /// A cell stands where none can.
    #[error("row {row}, column {column}: {why}")]
    Cell {
        /// The row.
        row: u64,
        /// The column, counted from 1.
        column: u64,
        /// What is wrong with it.
        why: String,
    },
    /// It has no such sheet.
    #[error("there is no sheet {}; there are {}", name.as_ref().map_or_else(|| "at all".to_owned(), |name| format!("`{name}`")), known.join(", "))]
    NoSheet {
        /// The name that was asked for; empty: the first.
        name: Option<String>,
        /// The sheets there are.
        known: Vec<String>,
    },
    /// It is not whole, or not what it claims to be.
    #[error("the file is damaged: {0}")]
    Damaged(String),
}

fn place(row: &Option<u64>, column: &Option<u64>) -> String {
    let row = row.map(|row| format!("; see row {row}")).unwrap_or_default();
    let column = column.map(|column| format!(", column {column}")).unwrap_or_default();
    row + &column
}

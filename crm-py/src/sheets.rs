//! Files: read into tables, brought in by a mapping, taken back, and written.
//!
//! Invariant: a file is read and judged by `crm-sheets`; here bytes come in, and reports and bytes go out.

use crm_sheets::{
    CsvReading, CsvWriting, Encoding, ExportError, ImportError, ImportFile, Limits, Mapping, Report,
    SheetError, Table, XlsxReading,
};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Deserialize;

use crate::commands::plain;
use crate::engine::read;
use crate::errors::Failure;
use crate::lists::{Steppable, Steps, list};
use crate::op::{Outcome, answered};
use crate::session::Acting;

impl From<SheetError> for Failure {
    fn from(error: SheetError) -> Self {
        Self::Sheet("unreadable_file", error.to_string(), serde_json::json!({}))
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        let message = error.to_string();
        match error {
            ImportError::Mapping(problems) => {
                Self::Sheet("mapping", message, serde_json::json!({ "problems": problems }))
            }
            ImportError::Engine(error) => error.into(),
            ImportError::Stopped { report, source } => {
                Self::Stopped(Box::new(source), serde_json::json!(report))
            }
            _ => Self::Defect(message),
        }
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Engine(error) => error.into(),
            other => Self::Defect(other.to_string()),
        }
    }
}

/// How large a file may be; what is not said is as usual.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct GivenLimits {
    bytes: Option<u64>,
    unpacked: Option<u64>,
    rows: Option<u64>,
    columns: Option<u64>,
    cells: Option<u64>,
}

impl From<GivenLimits> for Limits {
    fn from(given: GivenLimits) -> Self {
        let usual = Self::default();
        Self {
            bytes: given.bytes.unwrap_or(usual.bytes),
            unpacked: given.unpacked.unwrap_or(usual.unpacked),
            rows: given.rows.unwrap_or(usual.rows),
            columns: given.columns.unwrap_or(usual.columns),
            cells: given.cells.unwrap_or(usual.cells),
        }
    }
}

/// How text is written in bytes.
#[derive(Clone, Copy, Debug, Deserialize)]
enum GivenEncoding {
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "windows-1251")]
    Windows1251,
}

/// How a CSV file is read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenCsv {
    delimiter: Option<char>,
    encoding: GivenEncoding,
    header_row: Option<u64>,
    limits: GivenLimits,
}

/// How an xlsx file is read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenXlsx {
    sheet: Option<String>,
    header_row: Option<u64>,
    limits: GivenLimits,
}

/// How a file is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GivenWriting {
    columns: Vec<(String, String)>,
    private: bool,
    delimiter: char,
    mark: bool,
    guard: bool,
}

fn one_byte(delimiter: char) -> Result<u8, Failure> {
    let byte = u8::try_from(delimiter).ok().filter(u8::is_ascii);
    byte.ok_or_else(|| Failure::Input(format!("`{delimiter}` cannot separate columns")))
}

impl GivenWriting {
    pub(crate) fn writing(self) -> Result<CsvWriting, Failure> {
        let Self { columns, private, delimiter, mark, guard } = self;
        Ok(CsvWriting { columns, private, delimiter: one_byte(delimiter)?, mark, guard })
    }
}

/// What a file holds.
#[derive(Debug)]
#[pyclass(frozen, sequence, module = "crm._crm", name = "Table")]
pub(crate) struct PyTable(Table);

impl PyTable {
    /// The table with a mapping, to be brought in.
    pub(crate) fn file(&self, mapping: Mapping, batch: usize) -> ImportFile {
        ImportFile::new(self.0.clone(), mapping).batches_of(batch)
    }
}

#[pymethods]
impl PyTable {
    /// The names of the columns.
    #[getter]
    fn headers(&self) -> Vec<String> {
        self.0.headers.clone()
    }

    /// The rows, each with its number in the file and the texts of its cells; nothing where a cell cannot be read.
    #[getter]
    fn rows(&self) -> Vec<(u64, Vec<Option<String>>)> {
        let texts = |row: &crm_sheets::Row| row.cells.iter().map(|cell| cell.to_text().ok()).collect();
        self.0.rows.iter().map(|row| (row.number, texts(row))).collect()
    }

    fn __len__(&self) -> usize {
        self.0.rows.len()
    }

    fn __repr__(&self) -> String {
        format!("<Table of {} columns and {} rows>", self.0.headers.len(), self.0.rows.len())
    }
}

/// Reads a CSV file.
#[pyfunction]
#[pyo3(name = "_read_csv")]
pub(crate) fn read_csv(py: Python<'_>, file: &[u8], how: &Bound<'_, PyAny>) -> PyResult<PyTable> {
    let GivenCsv { delimiter, encoding, header_row, limits } = read(how, "how a file is read")?;
    let encoding = match encoding {
        GivenEncoding::Utf8 => Encoding::Utf8,
        GivenEncoding::Windows1251 => Encoding::Windows1251,
    };
    let delimiter = delimiter.map(one_byte).transpose().map_err(|failure| failure.raise(py))?;
    let reading = CsvReading { delimiter, encoding, header_row, limits: limits.into() };
    let table = py.detach(|| reading.read(file));
    table.map(PyTable).map_err(|error| Failure::from(error).raise(py))
}

/// Reads an xlsx file.
#[pyfunction]
#[pyo3(name = "_read_xlsx")]
pub(crate) fn read_xlsx(py: Python<'_>, file: &[u8], how: &Bound<'_, PyAny>) -> PyResult<PyTable> {
    let GivenXlsx { sheet, header_row, limits } = read(how, "how a file is read")?;
    let reading = XlsxReading { sheet, header_row, limits: limits.into() };
    let table = py.detach(|| reading.read(file));
    table.map(PyTable).map_err(|error| Failure::from(error).raise(py))
}

/// The mapping of columns that are called as the fields are.
#[pyfunction]
#[pyo3(name = "_mapping_of_fields")]
#[expect(clippy::needless_pass_by_value, reason = "what is extracted from Python is handed over")]
pub(crate) fn mapping_of_fields(
    py: Python<'_>,
    kind: &str,
    headers: Vec<String>,
    key: Vec<String>,
) -> PyResult<Py<PyAny>> {
    let known = kind.parse().map_err(|_| Failure::Input(format!("no kind `{kind}`")).raise(py))?;
    let key: Vec<&str> = key.iter().map(String::as_str).collect();
    plain(py, &Mapping::of_fields(known, headers, &key))
}

/// Brings a file in, or says what would become of it.
pub(crate) async fn import(acting: Acting, file: ImportFile, dry: bool) -> Outcome {
    let session = acting.session();
    let report = if dry { file.dry_run(&session).await? } else { file.run(&session).await? };
    answered(move |py| plain(py, &report))
}

/// Takes a run back.
pub(crate) async fn revert(acting: Acting, report: Report) -> Outcome {
    let reverted = crm_sheets::revert(&acting.session(), &report).await;
    answered(move |py| plain(py, &reverted))
}

/// Writes a list.
pub(crate) async fn export<E: Steppable>(acting: &Acting, steps: Steps, how: CsvWriting) -> Outcome {
    let mut file = Vec::new();
    crm_sheets::export::csv(&mut file, &acting.session(), list::<E>(&steps)?, &how).await?;
    answered(move |py| Ok(PyBytes::new(py, &file).into_any().unbind()))
}

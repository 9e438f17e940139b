//! Spreadsheets in and out of the CRM engine.
//!
//! A CSV or xlsx file is read into a [`Table`]; a [`Mapping`], which is data, says which column is which field of a kind and
//! by which fields a row finds its record; an [`ImportFile`] says what would become of each row, or makes it so by the
//! engine's own commands; [`revert`] takes a run back. [`export`] writes lists and reports.
//!
//! ```
//! use std::sync::Arc;
//!
//! use crm_core::value::UserId;
//! use crm_core::{Contact, CreateOrganization, Crm, List, Profile};
//! use crm_sheets::{CsvReading, CsvWriting, ImportFile, Mapping, export, revert};
//! use crm_store_memory::MemoryStore;
//!
//! # async fn story() -> Result<(), Box<dyn std::error::Error>> {
//! let crm = Crm::new(Arc::new(MemoryStore::new()), Profile::preset("general")?);
//! let me = UserId::from_uuid(crm_core::value::Uuid::from_u128(1));
//! let house = crm.register(me, CreateOrganization::new().name("Archer Roofing")).await?;
//! let session = crm.act(house.organization.id, me);
//!
//! let table = CsvReading::default().read("Name;Phone\nAnn;+43 1 234\nBo;112\nCy;\n".as_bytes())?;
//! let mapping: Mapping = serde_json::from_str(r#"{
//!     "kind": "contact",
//!     "columns": [{ "column": "name", "field": "name" }, { "column": "phone", "field": "phone" }],
//!     "key": ["phone"]
//! }"#)?;
//! let file = ImportFile::new(table, mapping);
//!
//! let report = file.run(&session).await?;
//! assert_eq!((report.counts().created, report.counts().rejected), (2, 1));
//! let (row, reasons) = report.rejected().next().unwrap();
//! assert_eq!((row, reasons[0].column.as_deref(), reasons[0].code.as_str()), (4, Some("phone"), "required"));
//! assert_eq!(file.run(&session).await?.counts().unchanged, 2);
//!
//! let mut csv = Vec::new();
//! let how = CsvWriting { columns: vec![("phone".into(), "Phone".into())], private: true, ..CsvWriting::default() };
//! export::csv(&mut csv, &session, List::<Contact>::new().order_by("name", false), &how).await?;
//! assert_eq!(String::from_utf8(csv)?, "Phone\n'+43 1 234\n112\n");
//!
//! assert_eq!(revert(&session, &report).await.undone(), 2);
//! # Ok(())
//! # }
//! # pollster::block_on(story()).unwrap();
//! ```
//!
//! Invariant: a file is data. It decides nothing: what it asks goes through the same commands, rules and permissions as
//! everything else.

mod convert;
mod error;
pub mod export;
mod find;
mod guard;
mod import;
mod kinds;
mod mapping;
mod prepare;
mod read;
mod report;
mod revert;
mod table;
mod write;

pub use self::error::SheetError;
pub use self::export::{CsvWriting, ExportError};
pub use self::import::{ImportError, ImportFile, Progress};
pub use self::mapping::{
    Compare, Dates, MappedColumn, Mapping, MappingProblem, Numbers, Policy, Rest, Unmapped,
};
pub use self::read::{CsvReading, Encoding, XlsxReading};
pub use self::report::{Counts, Outcome, Reason, Report, RowReport};
pub use self::revert::{Reverted, RevertedRow, revert};
pub use self::table::{Cell, Limits, Row, Table, TimeOfDay};

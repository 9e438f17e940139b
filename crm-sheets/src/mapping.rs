//! Mappings: which column is which field, as data.
//!
//! ```
//! use crm_sheets::Mapping;
//!
//! let mapping: Mapping = serde_json::from_str(r#"{
//!     "kind": "contact",
//!     "columns": [
//!         { "column": "Имя", "field": "name" },
//!         { "column": "Телефон", "field": "phone" },
//!         { "column": "Тип", "field": "kind", "values": { "Фирма": "company", "Частное лицо": "person" } },
//!         { "column": "Фирма", "field": "employer", "by": "name" }
//!     ],
//!     "constants": { "city": "Tashkent" },
//!     "key": ["phone"],
//!     "policy": "merge"
//! }"#)?;
//! # assert_eq!(mapping.key, ["phone"]);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! Invariant: a mapping is checked against the kind, the profile and the headers before a row is looked at, and every
//! fault is named.

use std::collections::{BTreeMap, BTreeSet};

use crm_core::Profile;
use crm_core::describe::{Field, FieldId, FieldKind, Kind};
use crm_core::value::normal;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::find::is_text;
use crate::kinds::{Fields, read_fields};

/// What a file's columns are to the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What each row is.
    pub kind: Kind,
    /// The columns that are fields.
    pub columns: Vec<MappedColumn>,
    /// Fields that are the same in every row.
    #[serde(default)]
    pub constants: Fields,
    /// What becomes of the other columns.
    #[serde(default)]
    pub rest: Rest,
    /// The fields by which a row finds its record: one or more, that together name one.
    pub key: Vec<String>,
    /// When two values of the key are the same.
    #[serde(default)]
    pub compare: Compare,
    /// What becomes of a record that is there.
    #[serde(default)]
    pub policy: Policy,
    /// A field of the key, such as the house of a flat: records that share its value with a row, and that no row means, are
    /// reported. A row that is refused for its cells means none. Nothing is done to them.
    #[serde(default)]
    pub absent_within: Option<String>,
}

/// A column that is a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappedColumn {
    /// Its header, in any letter case.
    pub column: String,
    /// The field.
    pub field: String,
    /// What its labels mean, in any letter case: a word of the profile, an id; `null` for nothing.
    #[serde(default)]
    pub values: BTreeMap<String, Json>,
    /// What a label means that `values` does not have. Kept, a word also goes by its label in the profile.
    #[serde(default)]
    pub unmapped: Unmapped,
    /// Of a reference: the field of the other record that the column holds, such as its name. Empty: its id.
    #[serde(default)]
    pub by: Option<String>,
    /// How days are written.
    #[serde(default)]
    pub dates: Dates,
    /// How numbers are written.
    #[serde(default)]
    pub numbers: Numbers,
    /// Does an empty cell empty the field? Else it says nothing.
    #[serde(default)]
    pub clear_blank: bool,
    /// May a file do without the column?
    #[serde(default)]
    pub optional: bool,
}

impl MappedColumn {
    /// A column that is a field as it is.
    #[must_use]
    pub fn new(column: &str, field: &str) -> Self {
        Self {
            column: column.to_owned(),
            field: field.to_owned(),
            values: BTreeMap::new(),
            unmapped: Unmapped::default(),
            by: None,
            dates: Dates::default(),
            numbers: Numbers::default(),
            clear_blank: false,
            optional: false,
        }
    }
}

/// What a label means that is not in the list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unmapped {
    /// What it says; the field decides whether it can hold that.
    #[default]
    Keep,
    /// Nothing: the row is refused.
    Reject,
    /// This, with a warning in the report.
    Use(Json),
}

/// What becomes of the columns that are no field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// The report names them.
    #[default]
    Report,
    /// Nothing.
    Ignore,
    /// They are kept in this field, a document, by their headers.
    Into(String),
}

/// When two values of a key are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// When they are stored the same.
    #[default]
    Exact,
    /// Texts in any letter case and spacing, phones by their digits. Every record is looked at that the other fields of the
    /// key do not leave out, so this is for kinds of which there are not too many.
    Loose,
}

/// What becomes of a record that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// What is empty is filled.
    #[default]
    Merge,
    /// What the file says is written over it.
    Update,
    /// It is left alone.
    Skip,
}

/// How days are written, where they are text. A year before the month is always understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dates {
    /// `2026-01-31`.
    #[default]
    Iso,
    /// `31.01.2026`, also with `/` or `-`.
    DayMonthYear,
    /// `01/31/2026`, also with `.` or `-`.
    MonthDayYear,
}

/// How numbers are written, where they are text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Numbers {
    /// In any way that can be read in one way only: `1 234,50`, `1,234.50`, not `1,234`.
    #[default]
    Any,
    /// With a point before the fraction.
    Point,
    /// With a comma before the fraction.
    Comma,
}

/// What is wrong with a mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "problem", rename_all = "snake_case")]
#[non_exhaustive]
pub enum MappingProblem {
    /// The profile does without the part of the engine that the kind belongs to.
    #[error("this system has no {kind}s")]
    Unused {
        /// The kind.
        kind: Kind,
    },
    /// The kind has no such field that a file could set.
    #[error("a {kind} has no field `{field}` to set; it has {}", known.join(", "))]
    UnknownField {
        /// The kind.
        kind: Kind,
        /// The field.
        field: String,
        /// Those it has.
        known: Vec<String>,
    },
    /// Two columns, or a column and a constant, are the same field.
    #[error("`{field}` is there twice")]
    Twice {
        /// The field.
        field: String,
    },
    /// The file has no such column.
    #[error("there is no column `{column}`")]
    NoColumn {
        /// The column.
        column: String,
    },
    /// No field tells which record a row is.
    #[error("there is no key, so every run would add every row again")]
    NoKey,
    /// The key has a field that no column and no constant sets, or that is a document.
    #[error("the key needs `{field}`, which nothing sets to a value")]
    Key {
        /// The field.
        field: String,
    },
    /// Something makes no sense for the field.
    #[error("`{field}`: {why}")]
    Field {
        /// The field.
        field: String,
        /// What is wrong.
        why: String,
    },
}

impl Mapping {
    /// With columns that are called as the fields are: what an export wrote. Other headers are left out.
    #[must_use]
    pub fn of_fields<S: AsRef<str>>(kind: Kind, headers: impl IntoIterator<Item = S>, key: &[&str]) -> Self {
        let given = |header: S| {
            let (_, field) = kind.field(header.as_ref()).filter(|(_, field)| field.given)?;
            Some(MappedColumn::new(field.name, field.name))
        };
        Self {
            kind,
            columns: headers.into_iter().filter_map(given).collect(),
            constants: Fields::new(),
            rest: Rest::Ignore,
            key: key.iter().map(|field| (*field).to_owned()).collect(),
            compare: Compare::Exact,
            policy: Policy::Update,
            absent_within: None,
        }
    }

    /// Finds everything that is wrong with it, for a file with these headers.
    ///
    /// # Errors
    /// Names every fault, not only the first.
    pub fn check(&self, profile: &Profile, headers: &[String]) -> Result<(), Vec<MappingProblem>> {
        self.fit(profile, headers).map(|_| ())
    }

    pub(crate) fn fit<'m>(
        &'m self,
        profile: &Profile,
        headers: &[String],
    ) -> Result<Fitted<'m>, Vec<MappingProblem>> {
        let mut faults = Vec::new();
        if self.kind.module().is_some_and(|module| !module.is_on(profile.spec())) {
            faults.push(MappingProblem::Unused { kind: self.kind });
        }
        let mut columns = Vec::new();
        for column in &self.columns {
            match self.fit_column(profile, headers, column) {
                Ok(fitted) => columns.extend(fitted),
                Err(fault) => faults.push(fault),
            }
        }
        faults.extend(self.check_constants(profile));
        faults.extend(self.twice());
        let key = self.fit_key(profile, &mut faults);
        let used: BTreeSet<usize> = columns.iter().map(|column| column.at).collect();
        let others =
            headers.iter().enumerate().filter(|(at, header)| !used.contains(at) && !header.is_empty());
        let others = others.map(|(at, header)| (at, header.clone())).collect();
        if let Rest::Into(name) = &self.rest {
            match self.field(profile, name) {
                Ok((_, field)) if field.kind == FieldKind::Json => {}
                Ok(_) => faults.push(fault(name, "only a document can keep the other columns")),
                Err(unknown) => faults.push(unknown),
            }
        }
        if faults.is_empty() { Ok(Fitted { mapping: self, columns, key, others }) } else { Err(faults) }
    }

    fn field(&self, profile: &Profile, name: &str) -> Result<(FieldId, &'static Field), MappingProblem> {
        let usable = |(id, field): &(FieldId, &Field)| field.given && profile.uses(self.kind, *id);
        self.kind.field(name).filter(usable).ok_or_else(|| {
            let given = self.kind.fields().iter().filter(|field| field.given);
            let known = given.map(|field| field.name.to_owned()).collect();
            MappingProblem::UnknownField { kind: self.kind, field: name.to_owned(), known }
        })
    }

    fn fit_column<'m>(
        &self,
        profile: &Profile,
        headers: &[String],
        column: &'m MappedColumn,
    ) -> Result<Option<FittedColumn<'m>>, MappingProblem> {
        let (_, field) = self.field(profile, &column.field)?;
        let by = match (&column.by, field.kind) {
            (None, _) => None,
            (Some(by), FieldKind::Reference(kind)) => {
                let found = kind.field(by).filter(|(_, field)| field.given && field.kind != FieldKind::Json);
                let why = || format!("a {kind} cannot be found by `{by}`");
                Some((kind, found.ok_or_else(|| fault(&column.field, &why()))?))
            }
            (Some(_), _) => return Err(fault(&column.field, "only a reference is found by a field")),
        };
        let mut values = BTreeMap::new();
        for (label, value) in &column.values {
            if values.insert(normal(label), value).is_some() {
                return Err(fault(&column.field, &format!("the label `{label}` is there twice")));
            }
        }
        let wanted = normal(&column.column);
        match headers.iter().position(|header| normal(header) == wanted && !wanted.is_empty()) {
            Some(at) => Ok(Some(FittedColumn { at, column, field, by, values })),
            None if column.optional => Ok(None),
            None => Err(MappingProblem::NoColumn { column: column.column.clone() }),
        }
    }

    fn check_constants(&self, profile: &Profile) -> Vec<MappingProblem> {
        let unknown: Vec<_> =
            self.constants.keys().filter_map(|name| self.field(profile, name).err()).collect();
        if !unknown.is_empty() {
            return unknown;
        }
        match read_fields(self.kind, &self.constants, profile.field_rules(self.kind)) {
            Ok(_) => Vec::new(),
            Err(refused) => refused
                .into_iter()
                .map(|refused| fault(&refused.field, &refused.problem.to_string()))
                .collect(),
        }
    }

    fn twice(&self) -> Vec<MappingProblem> {
        let mut seen = BTreeSet::new();
        let rest = if let Rest::Into(name) = &self.rest { Some(name) } else { None };
        let columns = self.columns.iter().map(|column| &column.field);
        let all = columns.chain(self.constants.keys()).chain(rest);
        let again = all.filter(|field| !seen.insert(field.as_str()));
        again.map(|field| MappingProblem::Twice { field: field.clone() }).collect()
    }

    fn fit_key(&self, profile: &Profile, faults: &mut Vec<MappingProblem>) -> Vec<(FieldId, &'static Field)> {
        if self.key.is_empty() {
            faults.push(MappingProblem::NoKey);
        }
        let mut key = Vec::new();
        for name in &self.key {
            let set =
                self.columns.iter().any(|column| column.field == *name) || self.constants.contains_key(name);
            match self.field(profile, name) {
                Ok(field) if set && field.1.kind != FieldKind::Json => key.push(field),
                Ok(_) => faults.push(MappingProblem::Key { field: name.clone() }),
                Err(fault) => faults.push(fault),
            }
        }
        if let Some(within) = &self.absent_within {
            let found = key.iter().find(|(_, field)| field.name == within);
            if !found.is_some_and(|(_, field)| self.compare == Compare::Exact || !is_text(field)) {
                faults.push(fault(within, "it is no field of the key that is compared as it is stored"));
            }
        }
        key
    }
}

fn fault(field: &str, why: &str) -> MappingProblem {
    MappingProblem::Field { field: field.to_owned(), why: why.to_owned() }
}

/// A mapping that fits a file.
pub(crate) struct Fitted<'m> {
    pub(crate) mapping: &'m Mapping,
    pub(crate) columns: Vec<FittedColumn<'m>>,
    pub(crate) key: Vec<(FieldId, &'static Field)>,
    /// The columns that are no field: where they are, and their headers.
    pub(crate) others: Vec<(usize, String)>,
}

/// A column of a file that is a field.
pub(crate) struct FittedColumn<'m> {
    /// Its place in the file.
    pub(crate) at: usize,
    pub(crate) column: &'m MappedColumn,
    pub(crate) field: &'static Field,
    /// The kind and the field by which a reference is found.
    pub(crate) by: Option<(Kind, (FieldId, &'static Field))>,
    /// What labels mean, by their normal form.
    pub(crate) values: BTreeMap<String, &'m Json>,
}

//! The kinds of record, and a record of any kind.
//!
//! [`every_record!`](crate::every_record) is the one registration of an entity: from it come [`Kind`] and [`Record`], and
//! what another crate makes of every kind.
//!
//! Invariant: a record's kind is that of the entity inside; a key names one record of one organisation.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entity::Entity;
use super::field::{Field, FieldId, FieldKind};
use super::value::{Damaged, Value, ValueRef};
use crate::access::Crud;
use crate::activity::Activity;
use crate::attendance::Attendance;
use crate::command::Rules;
use crate::contact::Contact;
use crate::contract::{Buyer, Contract, Counter};
use crate::deal::Deal;
use crate::draft::{Draft, Halt, Permit};
use crate::import::write_as;
use crate::integration::{Delivery, Incoming, Reference, Target};
use crate::inventory::{Complex, Hold, Price, Unit};
use crate::lead::Lead;
use crate::marketing::{Campaign, Cost};
use crate::membership::Membership;
use crate::notification::Notification;
use crate::organization::Organization;
use crate::payment::{Allocation, Expense, Installment, Payment, PaymentPlan};
use crate::pipeline::Pipeline;
use crate::profile::Module;
use crate::task::Task;
use crate::value::{Instant, Problem};

/// Calls a macro with the names of all kinds of record, in their canonical order: `every_record!(classes)` is
/// `classes! { Organization, Membership, … }`. What stands behind a semicolon comes first, in brackets.
#[macro_export]
macro_rules! every_record {
    ($then:ident $(; $($first:tt)*)?) => {
        $then! {
            $([$($first)*])?
            Organization, Membership, Pipeline, Campaign, Cost, Complex, Unit, Price, Contact, Lead, Deal, Hold, Buyer,
            Contract, PaymentPlan, Installment, Payment, Allocation, Expense, Counter, Attendance, Task, Activity, Reference,
            Incoming, Target, Delivery, Notification,
        }
    };
}

macro_rules! records {
    ($($name:ident),* $(,)?) => {
        /// The kind of a record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(#[doc = concat!("A [`", stringify!($name), "`].")] $name,)*
        }

        impl Kind {
            /// Every kind, in the canonical order in which rows are locked and logged: what is pointed at comes before
            /// what points at it.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name, in JSON, in actions and in SQL.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => <$name as Entity>::NAME,)* }
            }

            /// The table of its fields.
            #[must_use]
            pub const fn fields(self) -> &'static [Field] {
                match self { $(Self::$name => <$name as Entity>::FIELDS,)* }
            }

            /// The part of the engine that it belongs to; empty for what every system has.
            #[must_use]
            pub const fn module(self) -> Option<Module> {
                match self { $(Self::$name => <$name as Rules>::MODULE,)* }
            }

            /// The actions that its common commands need.
            #[must_use]
            pub const fn crud(self) -> Crud {
                match self { $(Self::$name => <$name as Rules>::CRUD,)* }
            }
        }

        /// A record of any kind, cheap to share.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "record", rename_all = "snake_case")]
        pub enum Record {
            $(#[doc = concat!("A [`", stringify!($name), "`].")] $name(Arc<$name>),)*
        }

        impl Record {
            /// Its kind.
            #[must_use]
            pub fn kind(&self) -> Kind {
                match self { $(Self::$name(_) => Kind::$name,)* }
            }

            /// Its id, without the type.
            #[must_use]
            pub fn id(&self) -> Uuid {
                match self { $(Self::$name(row) => row.id.into(),)* }
            }

            /// How often it was written; starts at 1.
            #[must_use]
            pub fn version(&self) -> u64 {
                match self { $(Self::$name(row) => row.version,)* }
            }

            /// When it was deleted, if it was.
            #[must_use]
            pub fn deleted_at(&self) -> Option<Instant> {
                match self { $(Self::$name(row) => row.deleted_at,)* }
            }

            /// One field, in generic form, to look at; `Null` for a field that the kind does not have.
            #[must_use]
            pub fn view(&self, field: FieldId) -> ValueRef<'_> {
                match self { $(Self::$name(row) => row.view(field),)* }
            }

            /// One field, in generic form.
            #[must_use]
            pub fn value(&self, field: FieldId) -> Value {
                self.view(field).to_value()
            }

            /// Imports the record by the rules of its kind; `false` when it is there already.
            pub(crate) fn import(&self, tx: &mut Draft<'_>, permit: &Permit, findings: &mut Vec<String>) -> Result<bool, Halt> {
                match self { $(Self::$name(row) => write_as(tx, permit, row.as_ref(), findings),)* }
            }

            /// Builds a record from its values, in the order of [`Kind::fields`].
            ///
            /// # Errors
            /// Names the field whose value does not fit.
            pub fn from_values(kind: Kind, id: Uuid, version: u64, values: &[Value]) -> Result<Self, Damaged> {
                match kind {
                    $(Kind::$name => $name::from_values(id, version, values).map(|row| Self::$name(Arc::new(row))),)*
                }
            }
        }
    };
}

every_record!(records);

impl Kind {
    /// The field of this name.
    #[must_use]
    pub fn field(self, name: &str) -> Option<(FieldId, &'static Field)> {
        let at = self.fields().iter().position(|field| field.name == name)?;
        Some((FieldId(u8::try_from(at).ok()?), self.fields().get(at)?))
    }

    /// The description of a field.
    #[must_use]
    pub fn describe(self, field: FieldId) -> Option<&'static Field> {
        self.fields().get(usize::from(field.0))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = Problem;

    fn from_str(name: &str) -> Result<Self, Problem> {
        let found = Self::ALL.iter().copied().find(|kind| kind.name() == name);
        found.ok_or_else(|| Problem::one_of(name, Self::ALL.iter().map(|kind| kind.name())))
    }
}

impl Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

impl Record {
    /// Which record this is.
    #[must_use]
    pub fn key(&self) -> Key {
        Key { kind: self.kind(), id: self.id() }
    }

    /// Is it there, as opposed to deleted?
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.deleted_at().is_none()
    }

    /// The record that a field refers to.
    #[must_use]
    pub fn referred(&self, field: FieldId) -> Option<Key> {
        let FieldKind::Reference(kind) = self.kind().describe(field)?.kind else { return None };
        self.view(field).to_value().as_uuid().map(|id| Key { kind, id })
    }

    /// All fields, in the order of [`Kind::fields`].
    #[must_use]
    pub fn values(&self) -> Vec<Value> {
        (0..self.kind().fields().len())
            .filter_map(|at| u8::try_from(at).ok())
            .map(|at| self.value(FieldId(at)))
            .collect()
    }

    /// The normal form of all searched text, one line a field.
    #[must_use]
    pub fn search_text(&self) -> String {
        let fields = self.kind().fields().iter().zip(self.values());
        let texts = fields.filter(|(field, _)| field.searched);
        let lines = texts.filter_map(|(_, value)| value.as_text().map(crate::value::normal));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// One record of an organisation. The organisation itself is never part of a key: whoever holds a key holds the
/// organisation already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// The kind of the record.
    pub kind: Kind,
    /// Its id.
    pub id: Uuid,
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.kind, self.id)
    }
}

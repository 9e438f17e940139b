//! The `entity!` table and the traits it fills.
//!
//! The table has two halves: `given` fields, which a caller may set, and `kept` fields, which only the rules set. A
//! caller's patch has exactly the given ones, so a rule's field cannot be sent.
//!
//! Invariant: `from_values(values(x)) == x`, and the order of values is the order of [`Entity::FIELDS`].

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::field::{Field, FieldId};
use super::record::{Key, Kind, Record};
use super::types::FieldType;
use super::value::{Damaged, Value, ValueRef};
use crate::error::FieldProblem;
use crate::profile::FieldRule;
use crate::value::{CommandId, Instant, Patch};

/// Something the library keeps: a noun of the domain with its fields.
pub trait Entity:
    Clone + fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// The type of its id.
    type Id: Id<Entity = Self>;
    /// What a caller may send to create or change it.
    type Edits: Edits;
    /// Its kind.
    const KIND: Kind;
    /// Its name, in snake case.
    const NAME: &'static str;
    /// Its fields, in order: the four that every entity has, the given, the kept.
    const FIELDS: &'static [Field];

    /// Its id.
    fn id(&self) -> Self::Id;
    /// How often it was written; starts at 1.
    fn version(&self) -> u64;
    /// One field in generic form, to look at; `Null` for a field out of range.
    fn view(&self, field: FieldId) -> ValueRef<'_>;
    /// One field in generic form.
    fn value(&self, field: FieldId) -> Value {
        self.view(field).to_value()
    }
    /// Builds it from its values, in the order of [`Entity::FIELDS`].
    ///
    /// # Errors
    /// Names the first field whose value does not fit.
    fn from_values(id: Uuid, version: u64, values: &[Value]) -> Result<Self, Damaged>;
    /// Notes a write.
    fn stamp(&mut self, version: u64, at: Instant);
    /// Marks it deleted, or live again.
    fn bury(&mut self, deletion: Option<(Instant, CommandId)>);
    /// Shares it as a record.
    fn record(self: Arc<Self>) -> Record;
    /// Looks into a record.
    fn from_record(record: &Record) -> Option<&Arc<Self>>;
}

/// A typed id, which knows its entity.
pub trait Id:
    Copy
    + Ord
    + fmt::Debug
    + fmt::Display
    + From<Uuid>
    + Into<Uuid>
    + Serialize
    + DeserializeOwned
    + Send
    + Sync
    + 'static
{
    /// What it is the id of.
    type Entity: Entity<Id = Self>;

    /// The key of the record.
    fn key(self) -> Key {
        Key { kind: Self::Entity::KIND, id: self.into() }
    }
}

/// One field that a caller set: which, and to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The field.
    pub field: FieldId,
    /// The new value; `Null` clears it.
    pub value: Value,
}

/// A patch of an entity's given fields.
pub trait Edits:
    Clone + Default + fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync
{
    /// Reads every field that was set, under the profile's rules for the fields of this entity.
    ///
    /// # Errors
    /// Names every field that was refused, not only the first.
    fn read(&self, rules: &[FieldRule]) -> Result<Vec<Given>, Vec<FieldProblem>>;
}

/// Reads the fields of a patch, one after the other. Used by the code that [`entity!`] writes.
pub(crate) struct EditReader<'a> {
    rules: &'a [FieldRule],
    given: Vec<Given>,
    problems: Vec<FieldProblem>,
}

impl<'a> EditReader<'a> {
    pub(crate) fn new(rules: &'a [FieldRule]) -> Self {
        Self { rules, given: Vec::new(), problems: Vec::new() }
    }

    pub(crate) fn read<T: FieldType>(
        mut self,
        (field, name): (FieldId, &'static str),
        patch: &Patch<T::Input>,
    ) -> Self {
        let rule = self.rules.get(usize::from(field.0)).cloned().unwrap_or_default();
        let read = match patch {
            Patch::Keep => return self,
            Patch::Clear => rule.clear(T::REQUIRED),
            Patch::Set(input) => T::read(input).and_then(|value| rule.accept(value.to_value())),
        };
        match read {
            Ok(value) => self.given.push(Given { field, value }),
            Err(problem) => self.problems.push(FieldProblem { field: name.to_owned(), problem }),
        }
        self
    }

    pub(crate) fn finish(self) -> Result<Vec<Given>, Vec<FieldProblem>> {
        if self.problems.is_empty() { Ok(self.given) } else { Err(self.problems) }
    }
}

/// Reads stored values in the order of a table. Used by the code that [`entity!`] writes.
pub(crate) struct RowReader<'a> {
    fields: std::slice::Iter<'static, Field>,
    values: std::slice::Iter<'a, Value>,
}

impl<'a> RowReader<'a> {
    pub(crate) fn new(fields: &'static [Field], values: &'a [Value]) -> Self {
        Self { fields: fields.iter(), values: values.iter() }
    }

    pub(crate) fn next<T: FieldType>(&mut self) -> Result<T, Damaged> {
        let field = self.fields.next().map_or("", |field| field.name);
        self.values
            .next()
            .and_then(T::from_value)
            .ok_or_else(|| Damaged { field: field.to_owned(), expected: format!("{:?}", T::KIND) })
    }
}

/// The position of a field, found while compiling: a wrong name does not build.
pub(crate) const fn field_id(fields: &[Field], name: &str) -> FieldId {
    let mut at = 0;
    #[expect(clippy::indexing_slicing, reason = "evaluated while compiling, where iterators cannot be used")]
    while at < fields.len() {
        if same(fields[at].name.as_bytes(), name.as_bytes()) {
            return FieldId(at as u8);
        }
        at += 1;
    }
    #[expect(clippy::panic, reason = "evaluated while compiling: the build stops at the wrong name")]
    {
        panic!("no field of this name")
    }
}

#[expect(clippy::indexing_slicing, reason = "evaluated while compiling, where iterators cannot be used")]
const fn same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Writes an entity from its table. See the module head, and `contact/mod.rs` for a table to copy.
macro_rules! entity {
    (
        $(#[doc = $doc:literal])*
        $name:ident($id:ident) = $table:literal, $edits:ident;
        given { $( $(#[doc = $gdoc:literal])* $g:ident: $gty:ty $([$($gflag:ident),+])?; )* }
        kept { $( $(#[doc = $kdoc:literal])* $k:ident: $kty:ty $([$($kflag:ident),+])?; )* }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, PartialEq, Eq, serde::Serialize)]
        #[non_exhaustive]
        pub struct $name {
            /// Its id.
            pub id: crate::value::$id,
            /// How often it was written; starts at 1.
            pub version: u64,
            $($(#[doc = $gdoc])* pub $g: $gty,)*
            $($(#[doc = $kdoc])* pub $k: $kty,)*
            /// When it was created.
            pub created_at: crate::value::Instant,
            /// When it was last changed.
            pub updated_at: crate::value::Instant,
            /// When it was deleted; empty while it is live.
            pub deleted_at: Option<crate::value::Instant>,
            /// The command that deleted it.
            pub deleted_by: Option<crate::value::CommandId>,
        }

        #[doc = concat!("What a caller may set on a [`", stringify!($name), "`]; what is not set stays as it is.")]
        #[derive(Clone, Default, PartialEq, serde::Serialize)]
        pub struct $edits {
            $(
                $(#[doc = $gdoc])*
                #[serde(skip_serializing_if = "crate::value::Patch::is_keep")]
                pub $g: crate::value::Patch<<$gty as crate::describe::FieldType>::Input>,
            )*
        }

        const _: () = {
            use crate::describe::{
                Damaged, EditReader, Edits, Entity, Field, FieldId, FieldKind, FieldType, Given, Id, Kind, Record,
                RowReader, Sent, Value, ValueRef,
            };
            use crate::error::FieldProblem;
            use crate::profile::FieldRule;
            use crate::value::{$id, CommandId, Instant, Problem};
            use serde::de::{Deserialize, Deserializer, Error as _};
            use std::sync::Arc;

            type Look = fn(&$name) -> ValueRef<'_>;
            const READ: &[Look] = &[
                |row| row.created_at.view(),
                |row| row.updated_at.view(),
                |row| row.deleted_at.view(),
                |row| row.deleted_by.view(),
                $(|row| row.$g.view(),)*
                $(|row| row.$k.view(),)*
            ];

            impl Entity for $name {
                type Id = $id;
                type Edits = $edits;
                const KIND: Kind = Kind::$name;
                const NAME: &'static str = $table;
                const FIELDS: &'static [Field] = &[
                    Field::of::<Instant>("created_at", "When it was created.").sort(),
                    Field::of::<Instant>("updated_at", "When it was last changed.").sort(),
                    Field::of::<Option<Instant>>("deleted_at", "When it was deleted; empty while it is live."),
                    Field::of::<Option<CommandId>>("deleted_by", "The command that deleted it."),
                    $(Field::of::<$gty>(stringify!($g), concat!($($gdoc, "\n"),*)).given()$($(.$gflag())+)?,)*
                    $(Field::of::<$kty>(stringify!($k), concat!($($kdoc, "\n"),*))$($(.$kflag())+)?,)*
                ];

                fn id(&self) -> $id {
                    self.id
                }

                fn version(&self) -> u64 {
                    self.version
                }

                fn view(&self, field: FieldId) -> ValueRef<'_> {
                    READ.get(usize::from(field.0)).map_or(ValueRef::Null, |read| read(self))
                }

                fn from_values(id: uuid::Uuid, version: u64, values: &[Value]) -> Result<Self, Damaged> {
                    let mut row = RowReader::new(Self::FIELDS, values);
                    let created_at = row.next::<Instant>()?;
                    let updated_at = row.next::<Instant>()?;
                    let deleted_at = row.next::<Option<Instant>>()?;
                    let deleted_by = row.next::<Option<CommandId>>()?;
                    Ok(Self {
                        id: id.into(),
                        version,
                        $($g: row.next::<$gty>()?,)*
                        $($k: row.next::<$kty>()?,)*
                        created_at,
                        updated_at,
                        deleted_at,
                        deleted_by,
                    })
                }

                fn stamp(&mut self, version: u64, at: Instant) {
                    self.version = version;
                    self.updated_at = at;
                }

                fn bury(&mut self, deletion: Option<(Instant, CommandId)>) {
                    self.deleted_at = deletion.map(|(at, _)| at);
                    self.deleted_by = deletion.map(|(_, by)| by);
                }

                fn record(self: Arc<Self>) -> Record {
                    Record::$name(self)
                }

                fn from_record(record: &Record) -> Option<&Arc<Self>> {
                    match record {
                        Record::$name(row) => Some(row),
                        _ => None,
                    }
                }
            }

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                    let (id, version, values) = Sent::row(Self::FIELDS, from)?;
                    Self::from_values(id, version, &values).map_err(D::Error::custom)
                }
            }

            impl $edits {
                /// Not part of the reader below, which is compiled for each format.
                fn from_sent(mut sent: Sent) -> Result<Self, String> {
                    let sent = &mut sent;
                    let edits = Self { $($g: sent.patch(stringify!($g)),)* };
                    sent.finish().map(|()| edits)
                }
            }

            impl<'de> Deserialize<'de> for $edits {
                fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                    Self::from_sent(Sent::read($name::FIELDS, from)?).map_err(D::Error::custom)
                }
            }

            impl Id for $id {
                type Entity = $name;
            }

            impl FieldType for $id {
                type Input = Self;
                const KIND: FieldKind = FieldKind::Reference(Kind::$name);

                fn read(input: &Self) -> Result<Self, Problem> {
                    Ok(*input)
                }

                fn view(&self) -> ValueRef<'_> {
                    ValueRef::Uuid((*self).into())
                }

                fn from_value(value: &Value) -> Option<Self> {
                    value.as_uuid().map(Self::from_uuid)
                }
            }

            impl Edits for $edits {
                fn read(&self, rules: &[FieldRule]) -> Result<Vec<Given>, Vec<FieldProblem>> {
                    EditReader::new(rules)
                        $(.read::<$gty>(
                            (const { crate::describe::field_id($name::FIELDS, stringify!($g)) }, stringify!($g)),
                            &self.$g,
                        ))*
                        .finish()
                }
            }

            /// What is set; personal data stays out of it too.
            impl std::fmt::Debug for $edits {
                fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    let mut shown = out.debug_struct(stringify!($edits));
                    $(if !self.$g.is_keep() {
                        let private = $name::FIELDS.iter().any(|field| field.private && field.name == stringify!($g));
                        let set: &dyn std::fmt::Debug = if private { &"…" } else { &self.$g };
                        shown.field(stringify!($g), set);
                    })*
                    shown.finish()
                }
            }

            /// Personal data stays out of debug output, which ends up in logs.
            impl std::fmt::Debug for $name {
                fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    let mut shown = out.debug_struct(stringify!($name));
                    shown.field("id", &self.id).field("version", &self.version);
                    for (field, read) in Self::FIELDS.iter().zip(READ) {
                        if field.private {
                            shown.field(field.name, &"…");
                        } else {
                            shown.field(field.name, &read(self).to_value());
                        }
                    }
                    shown.finish()
                }
            }
        };

        impl crate::command::Create<$name> {
            $(
                $(#[doc = $gdoc])*
                #[must_use]
                pub fn $g(mut self, value: impl Into<crate::value::Patch<<$gty as crate::describe::FieldType>::Input>>) -> Self {
                    self.fields.$g = value.into();
                    self
                }
            )*
        }

        impl crate::command::Update<$name> {
            $(
                $(#[doc = $gdoc])*
                #[must_use]
                pub fn $g(mut self, value: impl Into<crate::value::Patch<<$gty as crate::describe::FieldType>::Input>>) -> Self {
                    self.fields.$g = value.into();
                    self
                }
            )*
        }
    };
}
pub(crate) use entity;

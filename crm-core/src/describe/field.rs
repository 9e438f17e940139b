//! What the library knows about one field.
//!
//! Invariant: a [`FieldId`] is the position of a field in its entity's table, so a look-up is an index.

use serde::{Deserialize, Serialize};

use super::record::Kind;
use super::types::FieldType;

/// The position of a field in [`Entity::FIELDS`](super::Entity::FIELDS).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldId(pub u8);

/// When the record was created. Every entity has it.
pub const CREATED_AT: FieldId = FieldId(0);
/// When the record was last changed. Every entity has it.
pub const UPDATED_AT: FieldId = FieldId(1);
/// When the record was deleted, if it was. Every entity has it.
pub const DELETED_AT: FieldId = FieldId(2);
/// The command that deleted the record. What fell in one command comes back in one restore.
pub const DELETED_BY: FieldId = FieldId(3);

/// What a field can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Free text with these bounds, in characters.
    Text {
        /// Fewest characters.
        min: u32,
        /// Most characters.
        max: u32,
    },
    /// A word of a vocabulary of the profile.
    Word,
    /// An e-mail address.
    Email,
    /// A phone number as typed.
    Phone,
    /// An exact decimal under the profile's money rule.
    Decimal,
    /// A currency code.
    Currency,
    /// A time zone's name.
    Zone,
    /// A truth value.
    Bool,
    /// A whole number from 0 to 100.
    Percent,
    /// A whole number.
    Whole,
    /// A point in time.
    Instant,
    /// A day of the calendar.
    Date,
    /// The id of a command.
    Command,
    /// The id of another record of the same organisation.
    Reference(Kind),
    /// A JSON document.
    Json,
}

/// One line of an entity's table.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name, in the struct, in JSON and in SQL alike.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// What it can hold.
    pub kind: FieldKind,
    /// Must a value always be there?
    pub required: bool,
    /// May a caller set it, or only the rules?
    pub given: bool,
    /// Is its text found by a search?
    pub searched: bool,
    /// May a list be ordered by it?
    pub sorted: bool,
    /// Does a store keep an index by its value?
    pub indexed: bool,
    /// Can a profile demand that live records differ in it?
    pub unique: bool,
    /// Must live records differ in it whatever the profile says? Rules make such a value, of several fields.
    pub identity: bool,
    /// Is a record in which it is false left out of lists, unless they ask for it?
    pub hides: bool,
    /// Is it a share or a size? Then it belongs to no currency, and the rule for amounts says nothing of it.
    pub measure: bool,
    /// Does it hold personal data, absent from events and from debug output?
    pub private: bool,
    /// Is it so private that the ledger says that it changed, and not from what to what? It can then be erased for good.
    pub secret: bool,
}

impl Field {
    pub(crate) const fn of<T: FieldType>(name: &'static str, doc: &'static str) -> Self {
        Self {
            name,
            doc,
            kind: T::KIND,
            required: T::REQUIRED,
            given: false,
            searched: false,
            sorted: false,
            indexed: matches!(T::KIND, FieldKind::Reference(_)),
            unique: false,
            identity: false,
            hides: false,
            measure: false,
            private: false,
            secret: false,
        }
    }

    pub(crate) const fn given(mut self) -> Self {
        self.given = true;
        self
    }

    pub(crate) const fn search(mut self) -> Self {
        self.searched = true;
        self
    }

    pub(crate) const fn sort(mut self) -> Self {
        self.sorted = true;
        self
    }

    pub(crate) const fn index(mut self) -> Self {
        self.indexed = true;
        self
    }

    pub(crate) const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    pub(crate) const fn identity(mut self) -> Self {
        self.identity = true;
        self
    }

    pub(crate) const fn hides(mut self) -> Self {
        self.hides = true;
        self
    }

    pub(crate) const fn measure(mut self) -> Self {
        self.measure = true;
        self
    }

    pub(crate) const fn private(mut self) -> Self {
        self.private = true;
        self
    }

    pub(crate) const fn secret(mut self) -> Self {
        self.secret = true;
        self.private()
    }
}

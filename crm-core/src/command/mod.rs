//! Commands: what can be done, each as a pure decision.
//!
//! Four commands serve every entity: [`Create`], [`Update`], [`Delete`] and [`Restore`]. An entity adds its rules by
//! [`Rules`]; what cannot be said as one of the four is a command of its own in the entity's folder.
//!
//! Order of checks, the same for all: membership, the shape of what was sent, existence, permission, rules.
//!
//! Invariant: a command writes only through its [`Draft`], so a refused one has written nothing.

mod batch;
mod create;
mod delete;
mod restore;
mod update;

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::batch::{AnyCommand, Batch};
pub use self::create::Create;
pub(crate) use self::create::{check_given, create, new_row};
pub use self::delete::Delete;
pub(crate) use self::delete::{delete, refuse_dependents};
pub use self::restore::Restore;
pub use self::update::Update;
pub(crate) use self::update::{patched, ruled, update};
use crate::access::{Action, Crud};
use crate::describe::{Entity, FieldId, Key, Value};
use crate::draft::{Draft, Halt, Permit, ReadSet};
use crate::error::{Error, Rule};
use crate::profile::{Module, Profile};
use crate::value::{Problem, Text, Word};

/// Something to be done in an organisation.
///
/// The trait is open: a host can compose commands of its own out of others by calling their `decide` on the same
/// draft; all of them are then one commit.
pub trait Command: fmt::Debug + Serialize + Send + Sync {
    /// What it answers.
    type Output: fmt::Debug + Serialize + DeserializeOwned + Send + Sync;

    /// Its name, in the ledger and for idempotency keys.
    fn name(&self) -> &'static str;

    /// The record it is about, whose version a caller may expect.
    fn target(&self) -> Option<Key> {
        None
    }

    /// The facts that it usually needs, so that one load is enough. It is a hint and no more: a decision asks for what
    /// it lacks.
    fn hints(&self) -> ReadSet {
        self.target().map(ReadSet::from).unwrap_or_default()
    }

    /// Decides.
    ///
    /// # Errors
    /// The answer is no, or facts are missing.
    fn decide(&self, tx: &mut Draft<'_>) -> Result<Self::Output, Halt>;
}

/// The rules of an entity, which the four common commands obey.
pub trait Rules: Entity {
    /// The actions that the common commands need.
    const CRUD: Crud;
    /// The names of the common commands, for the ledger.
    const NAMES: Names;
    /// The part of the engine that it belongs to; empty for what every system has.
    const MODULE: Option<Module> = None;
    /// Does creating a record whose id was deleted bring the old one back?
    const REVIVES: bool = false;
    /// References to records that its rules, and what follows from them, mostly look at.
    const RULED_BY: &'static [FieldId] = &[];

    /// The action that a change of this field needs.
    #[must_use]
    fn action_for(field: &str) -> Action {
        let _ = field;
        Self::CRUD.update
    }

    /// What the rules look at for a new record, beside what it refers to: a hint, as [`Command::hints`].
    #[must_use]
    fn looks_at(edits: &Self::Edits) -> ReadSet {
        let _ = edits;
        ReadSet::new()
    }

    /// What the sender of a new record meant, where a value is too long and losing its end loses nothing; mostly empty.
    #[must_use]
    fn tidied(profile: &Profile, edits: &Self::Edits) -> Option<Self::Edits> {
        let _ = (profile, edits);
        None
    }

    /// Values that a new record has when the caller names none.
    ///
    /// # Errors
    /// Facts are missing.
    fn defaults(tx: &mut Draft<'_>, given: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt>;

    /// Judges the record as it would be, against the record as it was, and settles the fields that rules keep.
    ///
    /// # Errors
    /// A rule forbids it, or facts are missing.
    fn judge(
        tx: &mut Draft<'_>,
        before: Option<&Self>,
        after: &mut Self,
        asked: &Asked<'_>,
    ) -> Result<(), Halt>;

    /// Writes what follows from the change, after it was written.
    ///
    /// # Errors
    /// A rule forbids it, or facts are missing.
    fn follow(
        tx: &mut Draft<'_>,
        permit: &Permit,
        before: Option<&Self>,
        after: &Self,
        asked: &Asked<'_>,
    ) -> Result<(), Halt> {
        let _ = (tx, permit, before, after, asked);
        Ok(())
    }

    /// Refuses a deletion, or deletes what falls with the record.
    ///
    /// # Errors
    /// A rule forbids it, or facts are missing.
    fn before_delete(tx: &mut Draft<'_>, permit: &Permit, row: &Self) -> Result<(), Halt> {
        let _ = (tx, permit, row);
        Ok(())
    }

    /// Brings back what fell with the record.
    ///
    /// # Errors
    /// A rule forbids it, or facts are missing.
    fn after_restore(tx: &mut Draft<'_>, permit: &Permit, was: &Self) -> Result<(), Halt> {
        let _ = (tx, permit, was);
        Ok(())
    }

    /// What today's rules find wrong with a record from elsewhere. An import accepts it and reports this. A field that
    /// only rules set and the record lacks is filled here, where it follows from others.
    ///
    /// # Errors
    /// Facts are missing.
    fn findings(tx: &mut Draft<'_>, row: &mut Self) -> Result<Vec<String>, Halt> {
        let _ = (tx, row);
        Ok(Vec::new())
    }
}

/// How many records a sweep takes up at once, the oldest first. What is left, the next one takes.
pub(crate) const SWEEP: u32 = 500;

/// The refusal of a common command for records that only rules write.
pub(crate) fn by_rules_only(what: &str) -> Halt {
    Rule::other("by_rules_only", format!("a {} is written by the rules alone", what.replace('_', " "))).into()
}

/// A word that the rules themselves use.
pub(crate) fn word(text: &str) -> Result<Word, Error> {
    Word::parse(text).map_err(|problem| of_the_rules(&problem))
}

/// A text that the rules themselves make.
pub(crate) fn text<const MIN: usize, const MAX: usize>(text: &str) -> Result<Text<MIN, MAX>, Error> {
    Text::parse(text).map_err(|problem| of_the_rules(&problem))
}

fn of_the_rules(problem: &Problem) -> Error {
    Error::Internal(format!("a text of the rules: {problem}"))
}

/// The rules of records that no common command changes, deletes or brings back.
macro_rules! written_by_rules {
    ($name:literal) => {
        fn judge(
            _: &mut $crate::draft::Draft<'_>,
            _: Option<&Self>,
            _: &mut Self,
            _: &$crate::command::Asked<'_>,
        ) -> Result<(), $crate::draft::Halt> {
            Err($crate::command::by_rules_only($name))
        }

        fn before_delete(
            _: &mut $crate::draft::Draft<'_>,
            _: &$crate::draft::Permit,
            _: &Self,
        ) -> Result<(), $crate::draft::Halt> {
            Err($crate::command::by_rules_only($name))
        }

        fn after_restore(
            _: &mut $crate::draft::Draft<'_>,
            _: &$crate::draft::Permit,
            _: &Self,
        ) -> Result<(), $crate::draft::Halt> {
            Err($crate::command::by_rules_only($name))
        }
    };
}
pub(crate) use written_by_rules;

/// The names of an entity's common commands.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// Of [`Create`].
    pub create: &'static str,
    /// Of [`Update`].
    pub update: &'static str,
    /// Of [`Delete`].
    pub delete: &'static str,
    /// Of [`Restore`].
    pub restore: &'static str,
}

/// Writes [`Names`] from an entity's name.
macro_rules! names {
    ($name:literal) => {
        $crate::command::Names {
            create: concat!("create_", $name),
            update: concat!("update_", $name),
            delete: concat!("delete_", $name),
            restore: concat!("restore_", $name),
        }
    };
}
pub(crate) use names;

/// What the caller set, and to what.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a>(pub(crate) &'a [crate::describe::Given]);

impl Asked<'_> {
    /// Did the caller set this field?
    #[must_use]
    pub fn has(&self, field: FieldId) -> bool {
        self.value(field).is_some()
    }

    /// Did the caller set nothing?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the caller set this field to; `Null` where it was cleared.
    #[must_use]
    pub fn value(&self, field: FieldId) -> Option<&Value> {
        self.0.iter().find(|given| given.field == field).map(|given| &given.value)
    }
}

//! Sequences of commands over a coherent world, made from the field tables.
//!
//! A [`Step`] is who does what: a command by its name, with fields whose values come from the tables of the entities. All
//! ids are chosen from a few, so commands meet each other's records; a new field or entity takes part by itself.
//!
//! Invariant: a sequence is data. The same sequence over the same world gives the same answers.

mod furnish;
mod harness;
mod modules;
mod profiles;
mod questions;
mod registry;
mod sale;
mod story;
mod strategy;
mod values;
mod world;

use std::fmt;

use crm_core::access::Actor;
use crm_core::describe::Kind;
use crm_core::value::{UserId, Uuid};
use serde_json::{Map, Value as Json};

pub use self::harness::{Checked, check};
pub use self::profiles::{EVERYTHING, profile};
pub use self::questions::{of_modules, queries, reports_of_modules};
pub use self::registry::{Answer, COMMANDS, Doing, How, TYPES, run, start};
pub use self::strategy::{each_command, steps};
pub use self::world::{Build, HOME, TWIN, World};

/// Who acts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The member at this place of the world; the first holds the founder's role, the next ones the roles in order.
    Member(u8),
    /// A program for such a member.
    Agent(u8),
    /// A member who was switched off.
    Inactive,
    /// A member who was removed.
    Removed,
    /// Somebody who never was a member.
    Stranger,
    /// The host.
    System,
    /// Somebody unknown.
    Anonymous,
}

impl fmt::Debug for Who {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(number) => write!(out, "member#{number}"),
            Self::Agent(number) => write!(out, "agent of member#{number}"),
            Self::Inactive => out.write_str("inactive"),
            Self::Removed => out.write_str("removed"),
            Self::Stranger => out.write_str("stranger"),
            Self::System => out.write_str("system"),
            Self::Anonymous => out.write_str("anonymous"),
        }
    }
}

impl Who {
    /// The actor.
    ///
    /// # Panics
    /// Never: its own words are sound.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the words are its own")]
    pub fn actor(self) -> Actor {
        let word = |text: &str| text.parse().expect("a line");
        match self {
            Self::Member(number) => Actor::Person(member(number)),
            Self::Agent(number) => Actor::Agent { name: word("bot"), on_behalf_of: member(number) },
            Self::Inactive => Actor::Person(member(world::INACTIVE)),
            Self::Removed => Actor::Person(member(world::REMOVED)),
            Self::Stranger => Actor::Person(member(world::STRANGER)),
            Self::System => Actor::System { reason: word("test") },
            Self::Anonymous => Actor::Anonymous,
        }
    }

    /// Must everything be refused?
    #[must_use]
    pub fn is_nobody(self) -> bool {
        matches!(self, Self::Inactive | Self::Removed | Self::Stranger | Self::Anonymous)
    }
}

/// The id of the record of this kind at this place; the first organisation is the one in which sequences act.
#[must_use]
pub fn id_of(kind: Kind, number: u8) -> Uuid {
    if (kind, number) == (Kind::Organization, 0) {
        return Uuid::from_u128(world::HOME);
    }
    Uuid::from_u128(((kind as u128 + 1) << 16) + u128::from(number))
}

/// The id of a member.
#[must_use]
pub fn member(number: u8) -> UserId {
    UserId::from_uuid(id_of(Kind::Membership, number))
}

/// From here on, no record has its place.
const NOT_THERE: u8 = 100;

/// A value of a command's field.
#[derive(Clone, PartialEq)]
pub enum Choice {
    /// As it is.
    Plain(Json),
    /// The id of the record of this kind at this place.
    Pointer(Kind, u8),
    /// The id of one of the records of this kind that the rules made, and whoever acts sees: this one of them, counted
    /// round and round.
    Nth(Kind, u8),
}

impl Choice {
    fn json(&self) -> Json {
        match self {
            Self::Plain(json) => json.clone(),
            Self::Pointer(kind, number) => id_of(*kind, *number).to_string().into(),
            // Nobody was asked which there are, so it is one that is not there.
            Self::Nth(kind, number) => id_of(*kind, number.saturating_add(NOT_THERE)).to_string().into(),
        }
    }
}

impl fmt::Debug for Choice {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(json) => write!(out, "{json}"),
            Self::Pointer(kind, number) => write!(out, "{kind}#{number}"),
            Self::Nth(kind, number) => write!(out, "{kind}'{number}"),
        }
    }
}

/// Who does what.
#[derive(Clone, PartialEq)]
pub struct Step {
    /// Who.
    pub who: Who,
    /// The command's name in [`COMMANDS`].
    pub command: &'static str,
    /// The command's fields.
    pub fields: Vec<(&'static str, Choice)>,
    /// The version that the caller expects.
    pub version: Option<u64>,
    /// The idempotency key.
    pub key: Option<u8>,
}

impl Step {
    /// The command in its JSON form.
    #[must_use]
    pub fn json(&self) -> Json {
        let fields = self.fields.iter().map(|(name, choice)| ((*name).to_owned(), choice.json()));
        Json::Object(Map::from_iter(fields))
    }
}

/// Reads like a line of a story.
impl fmt::Debug for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}: {}", self.who, self.command)?;
        for (name, choice) in &self.fields {
            write!(out, " {name}={choice:?}")?;
        }
        if let Some(version) = self.version {
            write!(out, " (if version {version})")?;
        }
        if let Some(key) = self.key {
            write!(out, " (key {key})")?;
        }
        Ok(())
    }
}

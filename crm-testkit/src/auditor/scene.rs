//! One command on its way: the rows as they were, and what the command has written so far.
//!
//! Invariant: a scene never writes to the rows that it was made from.

use std::collections::{BTreeMap, BTreeSet};

use crm_core::Actor;
use crm_core::describe::{Key, Kind, Value};
use crm_core::profile::{ProfileSpec, RoleSpec};
use crm_core::value::{Instant, Uuid};

use super::world::{Row, Rows};

/// Codes of refusals.
pub type Codes = BTreeSet<&'static str>;

/// What a step of the judgement came to, or the codes of which the answer must have one.
pub(super) type Judged<T> = Result<T, Codes>;

/// Refuses with one code.
pub(super) fn refuse<T>(code: &'static str) -> Judged<T> {
    Err(Codes::from([code]))
}

/// Goes on if nothing is broken.
pub(super) fn unless(broken: Codes) -> Judged<()> {
    if broken.is_empty() { Ok(()) } else { Err(broken) }
}

/// How the actor stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Standing<'a> {
    /// A member with this role.
    Member(&'a RoleSpec),
    /// A program that acts for such a member.
    Agent(&'a RoleSpec),
    /// A member whose role the profile does not have.
    Unknown,
    /// The host.
    System,
    /// Somebody unknown.
    Anonymous,
}

/// The deletion of the command itself, whose id nobody can foretell.
const THIS_COMMAND: Value = Value::Uuid(Uuid::max());

/// A command on its way.
pub(super) struct Scene<'a> {
    pub(super) spec: &'a ProfileSpec,
    pub(super) before: &'a Rows,
    pub(super) written: BTreeMap<Key, Row>,
    pub(super) standing: Standing<'a>,
    pub(super) person: Option<Uuid>,
    pub(super) now: Instant,
    pub(super) home: Key,
    /// The record and the version that the caller expects.
    pub(super) expected: Option<(Key, u64)>,
    /// Codes with which the command may be refused, although nothing here forbids it.
    pub(super) doubts: Codes,
    /// Rows that may or may not be new afterwards.
    pub(super) maybe: BTreeSet<Key>,
    /// Nothing can be said any more of what a later command of the same batch does.
    pub(super) lost: bool,
    drawn: u128,
}

impl<'a> Scene<'a> {
    /// Lets an actor in.
    pub(super) fn enter(
        spec: &'a ProfileSpec,
        before: &'a Rows,
        home: Key,
        actor: &Actor,
        now: Instant,
    ) -> Judged<Self> {
        let mut scene = Self {
            spec,
            before,
            written: BTreeMap::new(),
            standing: Standing::Anonymous,
            person: actor.person().map(Into::into),
            now,
            home,
            expected: None,
            doubts: Codes::new(),
            maybe: BTreeSet::new(),
            lost: false,
            drawn: 0,
        };
        if scene.live(home).is_none() {
            return refuse("not_member");
        }
        scene.standing = match actor {
            Actor::Person(_) => scene.seat()?.map_or(Standing::Unknown, Standing::Member),
            Actor::Agent { .. } => scene.seat()?.map_or(Standing::Unknown, Standing::Agent),
            Actor::System { .. } => Standing::System,
            _ => Standing::Anonymous,
        };
        Ok(scene)
    }

    /// The role of the person who acts, who must be an active member.
    fn seat(&self) -> Judged<Option<&'a RoleSpec>> {
        let key = self.person.map(|id| Key { kind: Kind::Membership, id });
        let seat = key.and_then(|key| self.live(key)).filter(|seat| seat.is("active"));
        let Some(seat) = seat else { return refuse("not_member") };
        Ok(self.spec.roles.iter().find(|role| seat.text("role") == Some(role.name.as_str())))
    }

    /// A row in whatever state.
    pub(super) fn row(&self, key: Key) -> Option<&Row> {
        self.written.get(&key).or_else(|| self.before.get(&key))
    }

    /// A live row.
    pub(super) fn live(&self, key: Key) -> Option<&Row> {
        self.row(key).filter(|row| row.is_live())
    }

    /// All rows of a kind.
    pub(super) fn all(&self, kind: Kind) -> impl Iterator<Item = &Row> {
        let old = self.before.values().filter(|row| !self.written.contains_key(&row.key));
        old.chain(self.written.values()).filter(move |row| row.key.kind == kind)
    }

    /// Copies of the live rows of a kind in which this field has this id.
    pub(super) fn pointing(&self, kind: Kind, field: &str, id: Uuid) -> Vec<Row> {
        self.all(kind).filter(|row| row.is_live() && row.id(field) == Some(id)).cloned().collect()
    }

    /// An id that nobody can foretell.
    pub(super) fn draw(&mut self, kind: Kind) -> Key {
        self.drawn += 1;
        Key { kind, id: Uuid::from_u128(u128::MAX - self.drawn) }
    }

    /// Was this id drawn here?
    pub(super) fn is_drawn(id: Uuid) -> bool {
        id.as_u128() > u128::MAX - (1 << 64) && id != Uuid::max()
    }

    /// The caller may have said which version the record has.
    pub(super) fn at_version(&self, key: Key, version: u64) -> Judged<()> {
        match self.expected {
            Some((target, expected)) if target == key && expected != version => refuse("stale_version"),
            _ => Ok(()),
        }
    }

    /// Writes a row: the next version, however often the command writes it.
    pub(super) fn write(&mut self, mut row: Row) -> Judged<()> {
        let old = self.before.get(&row.key);
        row.version = old.map_or(1, |old| old.version + 1);
        row.set("updated_at", Value::Instant(self.now));
        self.written.insert(row.key, row);
        let most = self.spec.limits.rows_per_command as usize;
        if self.written.len() > most { refuse("limit") } else { Ok(()) }
    }

    /// Writes a row as a deleted one.
    pub(super) fn bury(&mut self, mut row: Row) -> Judged<()> {
        row.set("deleted_at", Value::Instant(self.now));
        row.set("deleted_by", THIS_COMMAND);
        self.write(row)
    }
}

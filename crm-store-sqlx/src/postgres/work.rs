//! What a commit has to do, sorted the way a database does it: what is locked, what is looked at, what is written.
//!
//! Invariant: nothing here is a text of SQL but the queries of sets, which both forms of a commit hand to a function.

use std::collections::BTreeSet;

use crm_core::describe::{Kind, Record, Value};
use crm_core::draft::{ChangeSet, Claim, Expect, Remember, SetQuery, UniqueKey};
use crm_core::store::StoreError;
use crm_core::value::Uuid;

use super::dialect::{Postgres, type_name};
use crate::load::claim_values;
use crate::table::Table;

/// What is done with the rows of a kind.
#[derive(Debug)]
pub(super) struct Rows<'c> {
    pub(super) kind: Kind,
    /// Those that must not be there, and are not written; one that is written is kept out by the key of the table.
    pub(super) absent: Vec<Uuid>,
    /// Those that must be there, of a version or just live.
    pub(super) present: Vec<(Uuid, Option<u64>)>,
    /// How strongly those are locked: one lock a kind keeps the order.
    pub(super) strength: &'static str,
    pub(super) new: Vec<&'c Record>,
    pub(super) old: Vec<&'c Record>,
}

impl<'c> Rows<'c> {
    /// Those of every kind, in the order in which they are locked.
    pub(super) fn of(changes: &'c ChangeSet) -> Vec<Self> {
        Kind::ALL.iter().map(|kind| Self::of_kind(changes, *kind)).collect()
    }

    fn of_kind(changes: &'c ChangeSet, kind: Kind) -> Self {
        let (expect, writes) = (&changes.parts().expect, &changes.parts().writes);
        let expected: Vec<_> = expect.iter().filter(|(key, _)| key.kind == kind).collect();
        let written = writes.iter().filter(|(key, _)| key.kind == kind);
        let (new, old): (Vec<_>, Vec<_>) =
            written.partition(|(key, _)| expect.get(key) == Some(&Expect::Absent));
        let rows = |of: Vec<(_, &'c Record)>| of.into_iter().map(|(_, row)| row).collect::<Vec<_>>();
        let (new, old) = (rows(new), rows(old));
        let is_new = |id: Uuid| new.iter().any(|row| row.id() == id);
        let absent = expected.iter().filter(|(key, expect)| **expect == Expect::Absent && !is_new(key.id));
        let absent = absent.map(|(key, _)| key.id).collect();
        let present = expected.iter().filter_map(|(key, expect)| match expect {
            Expect::Version(version) => Some((key.id, Some(*version))),
            Expect::Present => Some((key.id, None)),
            Expect::Absent => None,
        });
        let present: Vec<_> = present.collect();
        let strength = strength(&present, &new, &old);
        Self { kind, absent, present, strength, new, old }
    }
}

/// A row that is deleted or comes back is locked against whoever only rests on its presence, too.
fn strength(present: &[(Uuid, Option<u64>)], new: &[&Record], old: &[&Record]) -> &'static str {
    if new.is_empty() && old.is_empty() {
        let only_present = present.iter().all(|(_, version)| version.is_none());
        return if only_present { "KEY SHARE" } else { "SHARE" };
    }
    let mut old = old.iter().filter(|row| present.iter().any(|(id, _)| *id == row.id())).peekable();
    if old.peek().is_none() {
        "SHARE"
    } else if old.any(|row| !row.is_live()) {
        "UPDATE"
    } else {
        "NO KEY UPDATE"
    }
}

/// A unique key, and who holds it.
pub(super) type Held<'c> = (&'c UniqueKey, Option<Uuid>);

/// What is done with unique keys.
#[derive(Debug, Default)]
pub(super) struct Keys<'c> {
    /// Those that must be free, and are not taken; one that is taken is kept out by the key of the table.
    pub(super) free: Vec<Held<'c>>,
    pub(super) held: Vec<Held<'c>>,
    pub(super) gone: Vec<Held<'c>>,
    pub(super) moved: Vec<Held<'c>>,
    pub(super) new: Vec<Held<'c>>,
}

impl<'c> Keys<'c> {
    pub(super) fn of(changes: &'c ChangeSet) -> Self {
        let mut keys = Self::default();
        for (key, Claim { was, now }) in &changes.parts().claims {
            match was {
                Some(_) => keys.held.push((key, *was)),
                None if now.is_none() => keys.free.push((key, None)),
                None => {}
            }
            match (was, now) {
                (None, Some(_)) => keys.new.push((key, *now)),
                (Some(was), Some(holder)) if was != holder => keys.moved.push((key, *now)),
                (Some(_), None) => keys.gone.push((key, None)),
                _ => {}
            }
        }
        keys
    }
}

/// A unique key and its holder, in the order of [`CLAIM_COLUMNS`](crate::load::CLAIM_COLUMNS).
pub(super) fn claim_row((key, holder): Held<'_>) -> Vec<Value> {
    claim_values(key).into_iter().chain([holder.map_or(Value::Null, Value::Uuid)]).collect()
}

/// Can a key be taken by somebody else meanwhile?
pub(super) fn takes_keys(changes: &ChangeSet) -> bool {
    let parts = changes.parts();
    let is_new = |remember: &Remember| remember.replaces.is_none();
    parts.expect.values().any(|expect| *expect == Expect::Absent)
        || parts.claims.values().any(|claim| claim.was.is_none())
        || parts.remember.as_ref().is_some_and(is_new)
}

/// The kinds of sets that a commit rests on.
pub(super) fn kinds_of_sets(changes: &ChangeSet) -> BTreeSet<Kind> {
    changes.parts().sets.keys().map(|set| set.kind).collect()
}

/// The query of a set's ids, and the values that its second parameter holds.
pub(super) fn query(dialect: &Postgres, set: &SetQuery) -> Result<(String, Vec<Value>), StoreError> {
    let SetQuery { kind, equals, deleted } = set;
    let table = Table::new(dialect, *kind);
    let live = if *deleted { "IS NOT NULL" } else { "IS NULL" };
    let mut query = format!(
        "SELECT coalesce(array_agg(t.id ORDER BY t.id), '{{}}') FROM {} AS t \
         WHERE t.organization_id = $1 AND t.deleted_at {live}",
        table.name()
    );
    let mut wanted = Vec::new();
    for (field, value) in equals {
        let (column, of) = table.field("t", *field)?;
        if value.is_null() {
            query.push_str(&format!(" AND {column} IS NULL"));
        } else {
            wanted.push(Value::text(&value.to_string()));
            query.push_str(&format!(" AND {column} = ($2)[{}]::{}", wanted.len(), type_name(of)));
        }
    }
    Ok((query, wanted))
}

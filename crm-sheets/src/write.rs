//! The command that writes one row.
//!
//! What a row changes is decided where it is written, on the record as it is then: so a merge fills what is empty at that
//! moment, whatever was there when the file was looked at.
//!
//! Invariant: a row says nothing that the record says already, so running a file again writes nothing and needs no
//! permission that reading does not need.

use std::fmt;

use crm_core::command::{Command, Rules};
use crm_core::describe::{Edits, Entity, Given, Id, Json as Document, Key, Record, Value};
use crm_core::draft::{Draft, Halt, ReadSet};
use crm_core::ledger::{FieldChange, differences};
use crm_core::value::Uuid;
use crm_core::{Create, Error, Update};
use serde::{Deserialize, Serialize};

use crate::kinds::{Fields, edits};
use crate::mapping::Policy;

/// Writes one row: into a record that was found, or as a new one.
#[derive(Clone, Serialize)]
#[serde(bound = "")]
pub(crate) struct WriteRow<E: Entity> {
    id: Option<E::Id>,
    fields: Fields,
    policy: Policy,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Written {
    pub(crate) id: Uuid,
    pub(crate) version: u64,
    pub(crate) created: bool,
    /// The given fields that changed, of a record that was there.
    pub(crate) fields: Vec<FieldChange>,
}

impl<E: Entity> WriteRow<E> {
    pub(crate) fn new(id: Option<Uuid>, fields: Fields, policy: Policy) -> Self {
        Self { id: id.map(E::Id::from), fields, policy }
    }

    /// The fields that say something new to a record.
    fn news(&self, tx: &Draft<'_>, before: &E) -> Result<Fields, Halt> {
        let given = edits::<E>(&self.fields)
            .and_then(|edits| edits.read(tx.profile().field_rules(E::KIND)))
            .map_err(Error::Invalid)?;
        let mut news = Fields::new();
        for Given { field, value } in given {
            let Some(name) = E::KIND.describe(field).map(|field| field.name) else { continue };
            let current = before.value(field);
            let (blank, equal) = (current.is_null(), current == value);
            let told = match (&current, &value, self.policy) {
                (_, _, Policy::Skip) => None,
                (Value::Json(old), Value::Json(new), policy) => overlaid(old, new, policy).map(Some),
                (_, _, Policy::Merge) => (blank && !equal).then_some(None),
                (_, _, Policy::Update) => (!equal).then_some(None),
            };
            if let Some(told) = told {
                let sent = told.or_else(|| self.fields.get(name).cloned()).unwrap_or_default();
                news.insert(name.to_owned(), sent);
            }
        }
        Ok(news)
    }
}

/// Two documents as one: what only one of them says, and where both say something, what the policy says. Empty if the old
/// one says it all.
fn overlaid(old: &Document, new: &Document, policy: Policy) -> Option<serde_json::Value> {
    let (Some(was), Some(adds)) = (old.as_json().as_object(), new.as_json().as_object()) else { return None };
    let mut both = was.clone();
    for (name, value) in adds {
        if policy == Policy::Update || !both.contains_key(name) {
            both.insert(name.clone(), value.clone());
        }
    }
    (both != *was).then_some(serde_json::Value::Object(both))
}

/// What was set of a record, and to what; what the rules set follows from that.
fn changed<E: Entity>(before: &Record, after: &Record) -> Vec<FieldChange> {
    let given = |change: &FieldChange| E::KIND.field(&change.field).is_some_and(|(_, field)| field.given);
    differences(Some(before), after).into_iter().filter(given).collect()
}

impl<E: Entity> fmt::Debug for WriteRow<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "WriteRow<{}>", E::NAME)
    }
}

impl<E: Rules> Command for WriteRow<E> {
    type Output = Written;

    fn name(&self) -> &'static str {
        "write_row"
    }

    fn target(&self) -> Option<Key> {
        self.id.map(Id::key)
    }

    fn hints(&self) -> ReadSet {
        let fields = edits::<E>(&self.fields).unwrap_or_default();
        match self.id {
            Some(id) => Update::<E> { id, fields }.hints(),
            None => Create::<E> { id: None, fields }.hints(),
        }
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Written, Halt> {
        let Some(id) = self.id else {
            let fields = edits::<E>(&self.fields).map_err(Error::Invalid)?;
            let row = Create::<E> { id: None, fields }.decide(tx)?;
            return Ok(Written {
                id: row.id().into(),
                version: row.version(),
                created: true,
                fields: Vec::new(),
            });
        };
        let before = tx.get(id)?;
        let news = self.news(tx, &before)?;
        let after = if news.is_empty() {
            std::sync::Arc::clone(&before)
        } else {
            Update::<E> { id, fields: edits::<E>(&news).map_err(Error::Invalid)? }.decide(tx)?
        };
        let version = after.version();
        let fields = changed::<E>(&before.record(), &after.record());
        Ok(Written { id: id.into(), version, created: false, fields })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn two_documents_become_one() {
        let document = |json| Document::new(json);
        let old = document(json!({ "size": "38", "pet": "cat" }));
        for (new, merged, updated) in [
            (json!({}), None, None),
            (json!({ "pet": "cat" }), None, None),
            (json!({ "pet": "dog" }), None, Some(json!({ "size": "38", "pet": "dog" }))),
            (
                json!({ "pet": "dog", "car": "no" }),
                Some(json!({ "size": "38", "pet": "cat", "car": "no" })),
                Some(json!({ "size": "38", "pet": "dog", "car": "no" })),
            ),
        ] {
            let new = document(new);
            assert_eq!(overlaid(&old, &new, Policy::Merge), merged, "{new:?}");
            assert_eq!(overlaid(&old, &new, Policy::Update), updated, "{new:?}");
        }
    }
}

//! What an answer shows of secret fields when it is kept.
//!
//! Invariant: what is remembered of an answer holds no secret value of a record that the decision knew, wherever the
//! record stands in it. So what is erased in the record is gone.

use std::collections::BTreeMap;

use serde_json::Value as Document;

use super::Draft;
use crate::describe::{Field, Key, Kind};

impl Draft<'_> {
    /// An answer without the secrets of the records in it.
    pub(crate) fn without_secrets(&self, mut answer: Document) -> Document {
        let keeps = |kind: Kind| kind.fields().iter().any(|field| field.secret);
        let known = self.pending.keys().chain(self.snapshot.rows.keys());
        let known: BTreeMap<String, Kind> =
            known.filter(|key| keeps(key.kind)).map(|Key { kind, id }| (id.to_string(), *kind)).collect();
        if !known.is_empty() {
            blank(&mut answer, &known);
        }
        answer
    }
}

fn blank(document: &mut Document, known: &BTreeMap<String, Kind>) {
    match document {
        Document::Array(items) => items.iter_mut().for_each(|item| blank(item, known)),
        Document::Object(entries) => {
            let kind = entries.get("id").and_then(Document::as_str).and_then(|id| known.get(id));
            let secret = |name: &String| {
                kind.and_then(|kind| kind.field(name)).is_some_and(|(_, field): (_, &Field)| field.secret)
            };
            for (name, value) in entries.iter_mut() {
                if secret(name) {
                    *value = Document::Null;
                } else {
                    blank(value, known);
                }
            }
        }
        _ => {}
    }
}

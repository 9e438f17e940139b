//! The presets, and how a profile extends one.
//!
//! A preset is a JSON file that a person can read, in `crm-core/presets`.
//!
//! Invariant: every preset is a valid profile (a test builds them all).

use serde_json::Value as Document;

use super::fault::ProfileError;
use super::spec::ProfileSpec;

/// The presets and their texts.
const TEXTS: &[(&str, &str)] = &[
    ("general", include_str!("../../presets/general.json")),
    ("mini_crm_assignment", include_str!("../../presets/mini_crm_assignment.json")),
    ("mini_crm_as_built", include_str!("../../presets/mini_crm_as_built.json")),
    ("crm_api", include_str!("../../presets/crm_api.json")),
    ("real_estate", include_str!("../../presets/real_estate.json")),
    ("apex", include_str!("../../presets/apex.json")),
];

/// The names of the presets.
pub const PRESETS: &[&str] =
    &["general", "mini_crm_assignment", "mini_crm_as_built", "crm_api", "real_estate", "apex"];

/// A preset's whole text, with what it extends worked in.
pub(crate) fn preset(name: &str) -> Result<Document, ProfileError> {
    let text = TEXTS.iter().find(|(known, _)| *known == name);
    let (_, text) = text.ok_or_else(|| ProfileError::UnknownPreset(name.to_owned()))?;
    resolve(serde_json::from_str(text)?)
}

/// Reads a profile's data; what does not fit is named with its place.
pub(crate) fn read(document: Document) -> Result<ProfileSpec, ProfileError> {
    serde_path_to_error::deserialize(document)
        .map_err(|error| ProfileError::Misfit { place: error.path().to_string(), source: error.into_inner() })
}

/// Works in what a profile extends.
pub(crate) fn resolve(mut document: Document) -> Result<Document, ProfileError> {
    let Some(Document::String(base)) = document.as_object_mut().and_then(|entries| entries.remove("extends"))
    else {
        return Ok(document);
    };
    let mut whole = preset(&base)?;
    merge(&mut whole, document);
    Ok(whole)
}

/// Objects are merged, `null` removes, everything else replaces. An object where a list of named things stands edits the
/// things by name.
fn merge(into: &mut Document, from: Document) {
    match (into, from) {
        (Document::Array(list), Document::Object(edits)) => {
            for (name, edit) in edits {
                merge_named(list, &name, edit);
            }
        }
        (Document::Object(into), Document::Object(from)) => {
            for (key, value) in from {
                if value.is_null() {
                    into.remove(&key);
                } else {
                    merge(into.entry(key).or_insert(Document::Null), value);
                }
            }
        }
        (into, from) => *into = from,
    }
}

/// Edits, adds or removes the thing of this name.
fn merge_named(list: &mut Vec<Document>, name: &str, edit: Document) {
    let called = |thing: &Document| {
        ["name", "key"].iter().any(|at| thing.get(at).and_then(Document::as_str) == Some(name))
    };
    let at = list.iter().position(called);
    match (at, edit) {
        (Some(at), Document::Null) => {
            list.remove(at);
        }
        (Some(at), edit) => {
            if let Some(thing) = list.get_mut(at) {
                merge(thing, edit);
            }
        }
        (None, edit) => list.push(edit),
    }
}

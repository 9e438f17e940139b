//! Tags of links that are longer than a field.
//!
//! Invariant: a lead is not lost for its tags: what is too long is cut, and kept whole among the details.

use serde_json::{Map, Value as Document};

use super::{DETAILS, Lead, LeadEdits};
use crate::describe::{Entity, Kind};
use crate::profile::Profile;
use crate::value::Patch;

/// Most characters of a tag, where the profile does not say less.
const MOST: u32 = 100;

/// The edits with every tag short enough; `None` where all are.
pub(super) fn shortened(profile: &Profile, edits: &LeadEdits) -> Option<LeadEdits> {
    let mut short = edits.clone();
    let mut cut = Map::new();
    for (name, tag) in [
        ("utm_source", &mut short.utm_source),
        ("utm_medium", &mut short.utm_medium),
        ("utm_campaign", &mut short.utm_campaign),
        ("utm_content", &mut short.utm_content),
        ("utm_term", &mut short.utm_term),
    ] {
        let Patch::Set(text) = tag else { continue };
        let most = longest(profile, name);
        if text.trim().chars().count() > most {
            cut.insert(name.to_owned(), Document::String(text.trim().to_owned()));
            *text = text.trim().chars().take(most).collect();
        }
    }
    if cut.is_empty() {
        return None;
    }
    if profile.uses(Kind::Lead, DETAILS) {
        note(&mut short.details, cut);
    }
    Some(short)
}

fn longest(profile: &Profile, name: &str) -> usize {
    let rules = Lead::FIELDS.iter().zip(profile.field_rules(Kind::Lead));
    let max = rules.filter(|(field, _)| field.name == name).find_map(|(_, rule)| rule.max);
    usize::try_from(max.map_or(MOST, |max| max.min(MOST))).unwrap_or_default()
}

/// Keeps what was cut. Details that are no object are refused later, whatever is done here.
fn note(details: &mut Patch<Document>, cut: Map<String, Document>) {
    match details {
        Patch::Set(Document::Object(entries)) => {
            entries.insert("cut".to_owned(), Document::Object(cut));
        }
        Patch::Set(_) => {}
        Patch::Keep | Patch::Clear => {
            let entries = Map::from_iter([("cut".to_owned(), Document::Object(cut))]);
            *details = Patch::Set(Document::Object(entries));
        }
    }
}

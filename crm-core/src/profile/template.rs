//! Texts with facts in braces: `"Status changed from {old_status} to {new_status}"`.
//!
//! Invariant: a profile whose templates name a fact that their event does not have cannot be constructed.

use std::collections::BTreeMap;

use serde_json::Value as Document;

use super::spec::Trigger;

/// What an event knows, by name.
pub(crate) type Facts = BTreeMap<&'static str, Document>;

impl Trigger {
    /// The names of the facts of this event.
    #[must_use]
    pub fn facts(self) -> &'static [&'static str] {
        match self {
            Self::DealCreated => &["deal_title", "amount", "currency"],
            Self::DealStatusChanged => &["deal_title", "old_status", "new_status"],
            Self::DealStageChanged => &["deal_title", "old_stage", "new_stage"],
            Self::TaskCreated | Self::TaskCompleted | Self::TaskReopened | Self::TaskDeleted => {
                &["task_id", "task_title", "due_date"]
            }
            Self::LeadCreated => &["lead_name", "source", "stage"],
            Self::LeadStageChanged => &["lead_name", "old_stage", "new_stage"],
            Self::LeadAssigned => &["lead_name", "owner", "reason"],
        }
    }
}

/// The facts that a text names.
pub(crate) fn named_facts(text: &str) -> Vec<&str> {
    let opened = text.split('{').skip(1);
    opened.filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).collect()
}

/// Fills in a text.
pub(crate) fn fill(text: &str, facts: &Facts) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, opened)| Some((before, opened.split_once('}')?)))
    {
        filled.push_str(before);
        match facts.get(name) {
            Some(Document::String(fact)) => filled.push_str(fact),
            Some(Document::Null) | None => {}
            Some(fact) => filled.push_str(&fact.to_string()),
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// Fills in a payload. A text that is nothing but one fact takes over the fact's type.
pub(crate) fn fill_payload(payload: &BTreeMap<String, String>, facts: &Facts) -> Document {
    let entries = payload.iter().map(|(key, text)| {
        let sole = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        let fact = sole.and_then(|name| facts.get(name)).cloned();
        (key.clone(), fact.unwrap_or_else(|| Document::String(fill(text, facts))))
    });
    Document::Object(entries.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_filled_in_and_keep_their_type_where_they_stand_alone() {
        let facts = Facts::from([("a", "x".into()), ("n", Document::Null), ("i", 3.into())]);
        assert_eq!(fill("{a} and {i}{n}, {unknown}.", &facts), "x and 3, .");
        assert_eq!(
            fill("{a} and an {open brace", &facts),
            "x and an {open brace",
            "what is not a fact is text"
        );
        let payload =
            BTreeMap::from([("p".to_owned(), "{n}".to_owned()), ("q".to_owned(), "<{i}>".to_owned())]);
        assert_eq!(fill_payload(&payload, &facts), serde_json::json!({ "p": null, "q": "<3>" }));
        assert_eq!(named_facts("{a}{b} {c"), ["a", "b"]);
    }
}

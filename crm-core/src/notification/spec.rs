//! What a profile says of notifications.
//!
//! Invariant: what passes the check leaves no question open.

use serde::{Deserialize, Serialize};

use super::template::names;
use crate::describe::Kind;
use crate::integration::{RetryRule, check_pattern, kind_of};
use crate::profile::{Fault, Faults, ProfileSpec};
use crate::value::Word;

/// What a profile says of notifications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotificationsSpec {
    /// By which channels somebody can be told.
    pub channels: Vec<Word>,
    /// How often a send is tried.
    #[serde(default = "attempts")]
    pub attempts: u32,
    /// When a send that failed is tried again. How often, `attempts` says.
    #[serde(default = "RetryRule::general")]
    pub retry: RetryRule,
    /// Texts with variables.
    #[serde(default)]
    pub templates: Vec<TemplateSpec>,
    /// Who is told of what by itself.
    #[serde(default)]
    pub rules: Vec<NotificationRule>,
}

/// A text with variables: `{{name}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateSpec {
    /// Its name.
    pub name: Word,
    /// The subject.
    #[serde(default)]
    pub subject: Option<String>,
    /// The text.
    pub message: String,
}

/// Who is told of what by itself, in the commit in which it happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotificationRule {
    /// Of which event: `lead.created`, or `lead.updated:owner` where that field changed.
    pub on: String,
    /// Who is told.
    pub to: Audience,
    /// With which template. It can name the fields of the record, `event`, and facts of the event as `data.…`.
    pub template: Word,
    /// By which channel.
    pub channel: Word,
    /// How urgent it is; `normal` when empty.
    #[serde(default)]
    pub priority: Option<Word>,
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Whoever the record belongs to.
    Owner,
    /// Everybody with one of these roles.
    Roles(Vec<Word>),
}

fn attempts() -> u32 {
    3
}

/// How urgent a notification can be, from least to most.
pub(crate) const PRIORITIES: [&str; 4] = ["low", "normal", "high", "urgent"];

/// The same as words.
pub(crate) fn priorities() -> Option<Vec<Word>> {
    PRIORITIES.iter().map(|name| Word::parse(name).ok()).collect()
}

impl NotificationsSpec {
    /// The template of this name.
    #[must_use]
    pub fn template(&self, name: &Word) -> Option<&TemplateSpec> {
        self.templates.iter().find(|template| template.name == *name)
    }

    /// When, and how often, a send is tried again.
    #[must_use]
    pub fn retry(&self) -> RetryRule {
        RetryRule { attempts: self.attempts, ..self.retry.clone() }
    }

    pub(crate) fn check(&self, spec: &ProfileSpec, faults: &mut Faults) {
        faults.no_duplicates("notifications.channels", &self.channels);
        faults.demand("notifications.attempts", self.attempts > 0, "a number of 1 or more");
        self.retry.check("notifications.retry", faults);
        let templates: Vec<_> = self.templates.iter().map(|template| template.name.clone()).collect();
        if !templates.is_empty() {
            faults.no_duplicates("notifications.templates", &templates);
        }
        for rule in &self.rules {
            let place = format!("notifications.rules.{}", rule.on);
            check_pattern(&place, &rule.on, faults);
            if !self.channels.contains(&rule.channel) {
                faults.unknown(&place, rule.channel.as_str(), &self.channels);
            }
            let priorities = priorities().unwrap_or_default();
            if let Some(priority) = rule.priority.as_ref().filter(|name| !priorities.contains(name)) {
                faults.unknown(&place, priority.as_str(), &priorities);
            }
            if let Audience::Roles(roles) = &rule.to {
                let known: Vec<_> = spec.roles.iter().map(|role| role.name.clone()).collect();
                for role in roles.iter().filter(|role| !known.contains(role)) {
                    faults.unknown(&place, role.as_str(), &known);
                }
            }
            match self.template(&rule.template) {
                None => faults.unknown(&place, rule.template.as_str(), &templates),
                Some(template) => check_variables(&place, template, kind_of(&rule.on), faults),
            }
        }
    }
}

/// A rule's template names what every event of its pattern has.
fn check_variables(place: &str, template: &TemplateSpec, kind: Option<Kind>, faults: &mut Faults) {
    let fields = kind.map_or(&[][..], Kind::fields);
    let known = |name: &str| {
        name == "event" || name.starts_with("data.") || fields.iter().any(|field| field.name == name)
    };
    let named = template.subject.iter().chain([&template.message]).flat_map(|text| names(text));
    for name in named.filter(|name| !known(name)) {
        let all = fields.iter().map(|field| field.name.to_owned()).chain(["event".to_owned()]);
        faults.add(place, Fault::UnknownFact { name: name.to_owned(), known: all.collect() });
    }
}

//! Activities: the timeline of a deal, a contact or a lead.
//!
//! Callers write comments, calls, e-mails, meetings and notes; the profile's triggers write the rest, in the commit of
//! what they tell of.
//!
//! Invariant: an entry is never edited, and belongs to a deal, a contact or a lead.

use std::collections::BTreeMap;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, names};
use crate::deal::Deal;
use crate::describe::{Entity, FieldId, FieldType, Json, Kind, Value, entity, field_id};
use crate::draft::{Draft, Halt, Permit};
use crate::error::{Error, FieldProblem, Rule};
use crate::lead;
use crate::profile::{Facts, Trigger, Writer, fill, fill_payload};
use crate::task::Task;
use crate::value::{ContactId, DealId, Instant, LeadId, Line, Problem, Prose, UserId, Word};

entity! {
    /// An entry of a timeline.
    Activity(ActivityId) = "activity", ActivityEdits;
    given {
        /// What it is: one of the profile's kinds.
        kind: Word [index];
        /// The deal it belongs to.
        deal: Option<DealId>;
        /// The contact it belongs to.
        contact: Option<ContactId>;
        /// The lead it belongs to.
        lead: Option<LeadId>;
        /// A short title.
        title: Option<Line> [search, private];
        /// The text.
        body: Option<Prose> [search, private];
        /// When it happened.
        occurred_at: Instant [sort];
        /// Data of its kind.
        payload: Json [private];
    }
    kept {
        /// Who wrote it; empty for the system.
        author: Option<UserId>;
    }
}

pub(crate) const KIND: FieldId = field_id(Activity::FIELDS, "kind");
pub(crate) const DEAL: FieldId = field_id(Activity::FIELDS, "deal");
pub(crate) const CONTACT: FieldId = field_id(Activity::FIELDS, "contact");
pub(crate) const LEAD: FieldId = field_id(Activity::FIELDS, "lead");
pub(crate) const OCCURRED_AT: FieldId = field_id(Activity::FIELDS, "occurred_at");
const TITLE: FieldId = field_id(Activity::FIELDS, "title");
const BODY: FieldId = field_id(Activity::FIELDS, "body");
const PAYLOAD: FieldId = field_id(Activity::FIELDS, "payload");
const AUTHOR: FieldId = field_id(Activity::FIELDS, "author");

impl Rules for Activity {
    const CRUD: Crud = Crud::managed(Action::ActivityRead, Action::ActivityCreate);
    const NAMES: crate::command::Names = names!("activity");

    fn defaults(tx: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        let empty = Json::new(serde_json::json!({}));
        Ok(vec![
            (OCCURRED_AT, tx.now().to_value()),
            (PAYLOAD, empty.to_value()),
            (AUTHOR, tx.person().to_value()),
        ])
    }

    fn judge(
        tx: &mut Draft<'_>,
        before: Option<&Self>,
        after: &mut Self,
        asked: &Asked<'_>,
    ) -> Result<(), Halt> {
        if before.is_some() {
            return Err(immutable().into());
        }
        if after.deal.is_none() && after.contact.is_none() && after.lead.is_none() {
            return Err(Error::field("deal", Problem::Required).into());
        }
        Ok(judge_kind(tx, after, asked)?)
    }

    /// What somebody writes of a lead is work on it.
    fn follow(
        tx: &mut Draft<'_>,
        permit: &Permit,
        _: Option<&Self>,
        after: &Self,
        _: &Asked<'_>,
    ) -> Result<(), Halt> {
        match after.lead {
            Some(lead) => lead::worked_on(tx, permit, lead),
            None => Ok(()),
        }
    }

    fn before_delete(_: &mut Draft<'_>, _: &Permit, _: &Self) -> Result<(), Halt> {
        Err(immutable().into())
    }
}

fn immutable() -> Rule {
    Rule::other("immutable", "an entry of a timeline is never changed; add another one")
}

/// The kind must be one that callers write, and have what it demands.
fn judge_kind(tx: &Draft<'_>, after: &mut Activity, asked: &Asked<'_>) -> Result<(), Error> {
    let kinds = &tx.profile().spec().activities.kinds;
    let kind = kinds.iter().find(|kind| kind.name == after.kind && kind.written_by == Writer::Caller);
    let Some(kind) = kind else {
        let open = kinds.iter().filter(|kind| kind.written_by == Writer::Caller);
        return Err(Error::field("kind", Problem::one_of(after.kind.as_str(), open.map(|kind| &kind.name))));
    };
    let missing = kind.requires.iter().filter(|name| {
        Kind::Activity.field(name).is_some_and(|(field, _)| asked.value(field).is_none_or(Value::is_null))
    });
    let problems: Vec<_> = missing.map(|name| FieldProblem::new(name, Problem::Required)).collect();
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    if !kind.payload.is_empty() {
        let facts =
            Facts::from([("title", after.value(TITLE).to_json()), ("body", after.value(BODY).to_json())]);
        after.payload = Json::new(fill_payload(&kind.payload, &facts));
    }
    Ok(())
}

/// What an event happened to: its entry goes to that timeline.
pub(crate) trait Subject: Entity {
    /// On whose timelines it shows.
    fn timelines(&self) -> Timelines;
}

/// Where an entry shows.
pub(crate) type Timelines = (Option<DealId>, Option<ContactId>, Option<LeadId>);

impl Subject for Deal {
    fn timelines(&self) -> Timelines {
        (Some(self.id), self.contact, self.lead)
    }
}

impl Subject for Task {
    fn timelines(&self) -> Timelines {
        (self.deal, self.contact, self.lead)
    }
}

/// Writes the entry that the profile ties to an event, if it ties one. It asks for no permission beyond that for the
/// event: neither to see the contact of a deal nor that the contact is still there.
pub(crate) fn write_triggered(
    tx: &mut Draft<'_>,
    permit: &Permit,
    trigger: Trigger,
    subject: &impl Subject,
    facts: &[(&'static str, serde_json::Value)],
) -> Result<(), Halt> {
    let Some(template) = tx.profile().spec().activities.triggers.get(&trigger) else { return Ok(()) };
    let (deal, contact, lead) = subject.timelines();
    if deal.is_none() && contact.is_none() && lead.is_none() {
        return Ok(());
    }
    let facts: Facts = BTreeMap::from_iter(facts.iter().cloned());
    let filled = |text: &Option<String>| text.as_ref().map(|text| fill(text, &facts));
    let entry = Activity {
        id: tx.next_id()?,
        version: 1,
        kind: template.kind.clone(),
        deal,
        contact,
        lead,
        title: filled(&template.title).and_then(|text| Line::parse(&shortened(&text)).ok()),
        body: filled(&template.body).and_then(|text| Prose::parse(&text).ok()),
        occurred_at: tx.now(),
        payload: Json::new(fill_payload(&template.payload, &facts)),
        author: tx.person().filter(|_| template.authored),
        created_at: tx.now(),
        updated_at: tx.now(),
        deleted_at: None,
        deleted_by: None,
    };
    tx.create_told(permit, entry)?;
    Ok(())
}

/// A title that a template made longer than a title can be is cut.
fn shortened(text: &str) -> String {
    const MOST: usize = 255;
    text.chars().take(MOST).collect()
}

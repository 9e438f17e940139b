//! What an event from another system does here.
//!
//! Events come late, twice and in any order. What was applied last is remembered with the reference, so an older one does
//! nothing; and what was deleted there stays deleted until it is restored there, or by somebody here.
//!
//! Invariant: a lead's stage follows another system by the profile's table only, and an event changes a record by the same
//! commands that a person uses.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value as Document};

use super::incoming::{Fate, Incoming, waiting_for};
use super::line;
use super::reference::{Name, Reference, find, identity, link, rest_on_none};
use crate::command::{Command, Delete, Restore, create, update};
use crate::contact::{Contact, ContactEdits};
use crate::describe::{Entity, Id, Kind, Value, field_id};
use crate::draft::{Draft, Halt, Permit};
use crate::error::{Error, Rule};
use crate::lead::{Lead, LeadEdits};
use crate::profile::Module;
use crate::value::{ContactId, LeadId, Line, Patch, Problem, Text, UserId, Word};

const LEAD: &str = "lead";
const CONTACT: &str = "contact";
const USER: &str = "user";

/// What became of an event, and why.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    pub(super) fate: Fate,
    pub(super) reason: Option<Line>,
    pub(super) waits_for: Option<Text<1, 300>>,
    pub(super) lead: Option<LeadId>,
}

impl Verdict {
    fn new(fate: Fate, reason: &str) -> Self {
        Self { fate, reason: line(reason), waits_for: None, lead: None }
    }

    pub(super) fn dead(reason: &str) -> Self {
        Self::new(Fate::Dead, reason)
    }

    fn applied(lead: Option<LeadId>, note: &str) -> Self {
        Self { lead, ..Self::new(Fate::Applied, note) }
    }

    /// The same, with one more note.
    fn noting(mut self, note: Option<String>) -> Self {
        if let Some(note) = note {
            let before = self.reason.take().map(|reason| format!("{reason}; ")).unwrap_or_default();
            self.reason = line(&(before + &note));
        }
        self
    }

    fn skipped(why: &str) -> Self {
        Self::new(Fate::Skipped, why)
    }
}

/// What an event says of the thing.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Told {
    fields: Map<String, Document>,
    pipeline: Option<RemoteId>,
    status: Option<RemoteId>,
    responsible: Option<RemoteId>,
    contact: Option<RemoteId>,
}

/// An id there: some systems write numbers.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum RemoteId {
    Text(String),
    Number(i64),
}

impl RemoteId {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.trim().to_owned(),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// Applies an event.
pub(super) fn apply(tx: &mut Draft<'_>, permit: &Permit, row: &Incoming) -> Result<Verdict, Halt> {
    let told: Told = serde_json::from_value(row.content.as_json().clone())
        .map_err(|error| Error::field("content", Problem::malformed(error.to_string())))?;
    let event = Event { row, told };
    let verdict = event.apply(tx, permit)?;
    Ok(if verdict.fate == Fate::Applied { verdict.noting(event.passed_over()) } else { verdict })
}

/// An event that was read.
struct Event<'a> {
    row: &'a Incoming,
    told: Told,
}

/// What a status there is here.
enum Stage {
    Unsaid,
    Here(Word),
    Unknown(String),
}

impl Event<'_> {
    fn apply(&self, tx: &mut Draft<'_>, permit: &Permit) -> Result<Verdict, Halt> {
        match (self.row.kind.as_str(), self.row.action.as_str()) {
            (LEAD, "add") => self.add_lead(tx, permit),
            (LEAD, "update" | "status" | "responsible") => {
                self.known(tx, |tx, it| self.change(tx, permit, &it))
            }
            (LEAD, "delete") => self.known(tx, |tx, it| self.delete(tx, permit, &it)),
            (LEAD, "restore") => self.known(tx, |tx, it| self.restore(tx, permit, &it)),
            (CONTACT, "add") => self.add_contact(tx, permit),
            (CONTACT, "update") => self.known(tx, |tx, it| self.change_contact(tx, permit, &it)),
            (kind, action) => Ok(Verdict::skipped(&format!("nothing is done for `{action}` of a `{kind}`"))),
        }
    }

    /// What the sender calls a field and no record of this kind has: it does nothing, and the sender is told.
    fn passed_over(&self) -> Option<String> {
        let known = |name: &str| match self.row.kind.as_str() {
            LEAD => Kind::Lead.field(name).is_some_and(|(_, field)| field.given),
            _ => PERSON.contains(&name),
        };
        let unknown: Vec<_> =
            self.told.fields.keys().filter(|name| !known(name)).map(|name| format!("`{name}`")).collect();
        (!unknown.is_empty()).then(|| format!("passed over, for it is no field: {}", unknown.join(", ")))
    }

    fn name(&self) -> Name<'_> {
        let Incoming { system, kind, external_id, remote_version, remote_at, .. } = self.row;
        Name { system, kind, external_id, version: *remote_version, at: *remote_at }
    }

    /// Goes on where the thing is known; else the event waits for it.
    fn known(
        &self,
        tx: &mut Draft<'_>,
        go_on: impl FnOnce(&mut Draft<'_>, Arc<Reference>) -> Result<Verdict, Halt>,
    ) -> Result<Verdict, Halt> {
        let Incoming { system, kind, external_id, .. } = self.row;
        match find(tx, system, kind.as_str(), external_id.as_str())? {
            Some(reference) => go_on(tx, reference),
            None => waits(tx, system, kind.as_str(), external_id.as_str()),
        }
    }

    fn add_lead(&self, tx: &mut Draft<'_>, permit: &Permit) -> Result<Verdict, Halt> {
        let Incoming { system, external_id, .. } = self.row;
        if let Some(reference) = find(tx, system, LEAD, external_id.as_str())? {
            return self.change(tx, permit, &reference);
        }
        let stage = match self.stage(tx) {
            Stage::Unknown(why) => return Ok(Verdict::new(Fate::Quarantined, &why)),
            Stage::Here(stage) => Some(stage),
            Stage::Unsaid => None,
        };
        let mut edits = self.lead_edits()?;
        let (owner, note) = match self.responsible(tx)? {
            Member::Known(user) => (Patch::Set(user), ""),
            Member::Unsaid => (Patch::Keep, ""),
            Member::Unknown(_) => (Patch::Keep, "who is responsible there is not known here"),
        };
        edits.owner = owner;
        edits.contact = self.contact(tx, permit)?.map_or(Patch::Keep, Patch::Set);
        let id: LeadId = tx.next_id()?;
        tx.hear(id.key(), system);
        let lead = create::<Lead>(tx, id, &edits)?;
        if let Some(stage) = stage.filter(|stage| *stage != lead.stage) {
            update::<Lead>(
                tx,
                lead.id,
                &LeadEdits { stage: Patch::Set(stage.to_string()), ..LeadEdits::default() },
            )?;
        }
        link(tx, permit, self.name(), lead.id.key())?;
        Ok(Verdict::applied(Some(lead.id), note))
    }

    /// Changes a lead: its fields, its stage, its owner, whichever the event says.
    fn change(&self, tx: &mut Draft<'_>, permit: &Permit, known: &Reference) -> Result<Verdict, Halt> {
        let Some(id) = known.lead else { return Err(not_a_lead()) };
        let newer = if self.row.action == "update" || self.row.action == "add" {
            self.is_newer(known)
        } else {
            !self.is_older(known)
        };
        if !newer {
            return Ok(Verdict::skipped("stale: something newer was applied"));
        }
        if tx.rely_on(id)?.is_none() {
            return Ok(Verdict::skipped(if known.gone {
                "it was deleted there"
            } else {
                "it was deleted here"
            }));
        }
        let mut edits = self.lead_edits()?;
        match self.stage(tx) {
            Stage::Unknown(why) => return Ok(Verdict::new(Fate::Quarantined, &why)),
            Stage::Here(stage) => edits.stage = Patch::Set(stage.to_string()),
            Stage::Unsaid if self.row.action == "status" => return Err(unsaid("status")),
            Stage::Unsaid => {}
        }
        let mut note = "";
        match self.responsible(tx)? {
            Member::Known(user) => edits.owner = Patch::Set(user),
            Member::Unknown(user) if self.row.action == "responsible" => {
                return waits(tx, &self.row.system, USER, &user);
            }
            Member::Unknown(_) => note = "who is responsible there is not known here",
            Member::Unsaid if self.row.action == "responsible" => return Err(unsaid("responsible")),
            Member::Unsaid => {}
        }
        tx.hear(id.key(), &self.row.system);
        update::<Lead>(tx, id, &edits)?;
        self.remember(tx, permit, known, false)?;
        Ok(Verdict::applied(Some(id), note))
    }

    fn delete(&self, tx: &mut Draft<'_>, permit: &Permit, known: &Reference) -> Result<Verdict, Halt> {
        let Some(id) = known.lead else { return Err(not_a_lead()) };
        if self.is_older(known) {
            return Ok(Verdict::skipped("stale: something newer was applied"));
        }
        if tx.rely_on(id)?.is_some() {
            tx.hear(id.key(), &self.row.system);
            Delete::<Lead>::of(id).decide(tx)?;
        }
        self.remember(tx, permit, known, true)?;
        Ok(Verdict::applied(Some(id), ""))
    }

    fn restore(&self, tx: &mut Draft<'_>, permit: &Permit, known: &Reference) -> Result<Verdict, Halt> {
        let Some(id) = known.lead else { return Err(not_a_lead()) };
        if self.is_older(known) {
            return Ok(Verdict::skipped("stale: something newer was applied"));
        }
        if tx.rely_on(id)?.is_none() {
            if !known.gone {
                return Ok(Verdict::skipped("it was deleted here"));
            }
            tx.hear(id.key(), &self.row.system);
            Restore::<Lead>::of(id).decide(tx)?;
        }
        self.remember(tx, permit, known, false)?;
        Ok(Verdict::applied(Some(id), ""))
    }

    fn add_contact(&self, tx: &mut Draft<'_>, permit: &Permit) -> Result<Verdict, Halt> {
        let Incoming { system, external_id, .. } = self.row;
        if let Some(reference) = find(tx, system, CONTACT, external_id.as_str())? {
            return self.change_contact(tx, permit, &reference);
        }
        let person = Person::read(&self.told.fields)?;
        let id: ContactId = tx.next_id()?;
        tx.hear(id.key(), system);
        create::<Contact>(tx, id, &person.of_contact())?;
        link(tx, permit, self.name(), id.key())?;
        Ok(Verdict::applied(None, ""))
    }

    /// Changes a contact, and the person of each lead that is linked to it.
    fn change_contact(
        &self,
        tx: &mut Draft<'_>,
        permit: &Permit,
        known: &Reference,
    ) -> Result<Verdict, Halt> {
        if !self.is_newer(known) {
            return Ok(Verdict::skipped("stale: something newer was applied"));
        }
        let person = Person::read(&self.told.fields)?;
        let mut leads: Vec<LeadId> = Vec::new();
        if let Some(lead) = known.lead
            && tx.rely_on(lead)?.is_some()
        {
            leads.push(lead);
        }
        if let Some(contact) = known.contact {
            let of_it = vec![(const { field_id(Lead::FIELDS, "contact") }, Value::Uuid(contact.into()))];
            if Module::Leads.is_on(tx.profile().spec()) {
                leads.extend(tx.rows::<Lead>(of_it)?.iter().map(|lead| lead.id));
            }
            if tx.rely_on(contact)?.is_some() {
                tx.hear(contact.key(), &self.row.system);
                update::<Contact>(tx, contact, &person.of_contact())?;
            }
        }
        let first = leads.first().copied();
        for lead in leads {
            tx.hear(lead.key(), &self.row.system);
            update::<Lead>(tx, lead, &person.of_lead())?;
        }
        self.remember(tx, permit, known, false)?;
        Ok(Verdict::applied(first, ""))
    }

    /// The fields of a lead that the event names. Stage, owner and contact come by their ids there only.
    fn lead_edits(&self) -> Result<LeadEdits, Error> {
        let elsewhere = ["stage", "owner", "contact", "campaign", "unit"];
        if let Some(name) = elsewhere.into_iter().find(|name| self.told.fields.contains_key(*name)) {
            return Err(Error::field(name, Problem::forbidden("another system does not know this")));
        }
        read_fields(&self.told.fields)
    }

    fn stage(&self, tx: &Draft<'_>) -> Stage {
        let Some(status) = &self.told.status else { return Stage::Unsaid };
        let pipeline = self.told.pipeline.as_ref().map(RemoteId::text).unwrap_or_default();
        let spec = tx.profile().spec().integrations.as_ref();
        let stage = spec.and_then(|spec| spec.stage(&self.row.system, &pipeline, &status.text()));
        match stage {
            Some(stage) => Stage::Here(stage.clone()),
            None => {
                Stage::Unknown(format!("no stage is mapped to `{}` of pipeline `{pipeline}`", status.text()))
            }
        }
    }

    fn responsible(&self, tx: &mut Draft<'_>) -> Result<Member, Halt> {
        let Some(user) = self.told.responsible.as_ref().map(RemoteId::text) else {
            return Ok(Member::Unsaid);
        };
        let found = find(tx, &self.row.system, USER, &user)?;
        Ok(found.and_then(|it| it.member).map_or(Member::Unknown(user), Member::Known))
    }

    /// The contact that a new lead belongs to there. One that is not known here yet is made of the lead's person.
    fn contact(&self, tx: &mut Draft<'_>, permit: &Permit) -> Result<Option<ContactId>, Halt> {
        let Some(there) = self.told.contact.as_ref().map(RemoteId::text) else { return Ok(None) };
        let system = &self.row.system;
        if let Some(known) = find(tx, system, CONTACT, &there)? {
            let contact = known.contact;
            return Ok(match contact {
                Some(contact) => tx.peek(contact)?.map(|contact| contact.id),
                None => None,
            });
        }
        let person = Person::read(&self.told.fields)?;
        let (kind, there) = (super::word(CONTACT)?, Text::parse(&there));
        let external_id = there.map_err(|problem| Error::field("contact", problem))?;
        let made = tx.attempt(|tx| {
            let id: ContactId = tx.next_id()?;
            tx.hear(id.key(), system);
            create::<Contact>(tx, id, &person.of_contact())?;
            let name =
                Name { kind: &kind, external_id: &external_id, version: None, at: None, ..self.name() };
            link(tx, permit, name, id.key())?;
            Ok(id)
        })?;
        // The lead counts more than its contact: it is kept without one that is refused.
        Ok(made.ok())
    }

    /// Is it newer than what was applied, as far as can be told?
    fn is_newer(&self, known: &Reference) -> bool {
        match self.compared(known) {
            Some(order) => order.is_gt(),
            None => true,
        }
    }

    fn is_older(&self, known: &Reference) -> bool {
        self.compared(known).is_some_and(std::cmp::Ordering::is_lt)
    }

    fn compared(&self, known: &Reference) -> Option<std::cmp::Ordering> {
        let versions = self.row.remote_version.zip(known.remote_version);
        let times = self.row.remote_at.zip(known.remote_at);
        versions.map(|(new, old)| new.cmp(&old)).or_else(|| times.map(|(new, old)| new.cmp(&old)))
    }

    /// Notes with the reference how new what was applied is.
    fn remember(
        &self,
        tx: &mut Draft<'_>,
        permit: &Permit,
        known: &Reference,
        gone: bool,
    ) -> Result<(), Halt> {
        let mut after = known.clone();
        after.remote_version = self.row.remote_version.max(known.remote_version);
        after.remote_at = self.row.remote_at.max(known.remote_at);
        after.gone = gone;
        if after != *known {
            tx.put(permit, after)?;
        }
        Ok(())
    }
}

/// Who is responsible there.
enum Member {
    Unsaid,
    Known(UserId),
    Unknown(String),
}

/// The event waits until something is linked to this id. It rests on there being nothing, and on who else waits for it,
/// as whoever links it does: so of the two at once the second is decided again, and either sees the other.
fn waits(tx: &mut Draft<'_>, system: &Word, kind: &str, external_id: &str) -> Result<Verdict, Halt> {
    let identity = identity(system, kind, external_id);
    rest_on_none(tx, &identity)?;
    waiting_for(tx, &identity)?;
    let waits_for = Some(super::text(&identity)?);
    let why = format!("the {kind} is not known yet");
    Ok(Verdict { waits_for, ..Verdict::new(Fate::Waiting, &why) })
}

fn not_a_lead() -> Halt {
    Rule::other("not_a_lead", "this id is not that of a lead here").into()
}

fn unsaid(field: &str) -> Halt {
    Error::field(field, Problem::Required).into()
}

fn read_fields<T: serde::de::DeserializeOwned>(fields: &Map<String, Document>) -> Result<T, Error> {
    let read = serde_json::from_value(Document::Object(fields.clone()));
    read.map_err(|error| Error::field("fields", Problem::malformed(format!("fields: {error}"))))
}

/// The fields of a person that an event of a contact can name.
const PERSON: [&str; 3] = ["name", "phone", "email"];

/// What an event says of a person.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Person {
    name: Patch<String>,
    phone: Patch<String>,
    email: Patch<String>,
}

impl Person {
    fn read(fields: &Map<String, Document>) -> Result<Self, Error> {
        read_fields(fields)
    }

    fn of_lead(&self) -> LeadEdits {
        let Self { name, phone, email } = self;
        LeadEdits { name: name.clone(), phone: phone.clone(), email: email.clone(), ..LeadEdits::default() }
    }

    fn of_contact(&self) -> ContactEdits {
        let Self { name, phone, email } = self;
        ContactEdits {
            name: name.clone(),
            phone: phone.clone(),
            email: email.clone(),
            ..ContactEdits::default()
        }
    }
}

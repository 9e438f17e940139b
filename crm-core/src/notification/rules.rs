//! Notifications that the profile's rules make by themselves, in the commit of what they tell.
//!
//! Invariant: a rule never makes a command fail: what a record does not have is left empty in the text.

use std::collections::BTreeSet;

use super::spec::{Audience, NotificationRule, TemplateSpec};
use super::template::{Variables, fill, names};
use super::{Notification, origin, plain};
use crate::command::word;
use crate::describe::{Entity, FieldId, Kind, Record, Value, field_id};
use crate::draft::{Draft, Halt, Happening, Permit};
use crate::integration::{line, means};
use crate::membership::Membership;
use crate::value::{DealId, LeadId, NotificationId, Prose, UserId};

const ROLE: FieldId = field_id(Membership::FIELDS, "role");
/// Fields that say whose a record is, the first that a kind has.
const OWNERS: [&str; 3] = ["owner", "assignee", "user"];

/// Writes a notification for everybody whom a rule tells of something that happened.
pub(crate) fn notify(tx: &mut Draft<'_>, permit: &Permit, of: &Happening) -> Result<(), Halt> {
    let Some(spec) = tx.profile().spec().notifications.as_ref() else { return Ok(()) };
    for rule in spec.rules.iter().filter(|rule| means(&rule.on, &of.name, &of.fields())) {
        let Some(template) = spec.template(&rule.template) else { continue };
        for user in audience(tx, &rule.to, &of.subject)? {
            let row = written(tx, rule, template, of, user)?;
            if let Some(row) = row {
                tx.create_told(permit, row)?;
            }
        }
    }
    Ok(())
}

/// The active members whom a rule tells.
fn audience(tx: &mut Draft<'_>, to: &Audience, subject: &Record) -> Result<BTreeSet<UserId>, Halt> {
    let mut users = BTreeSet::new();
    match to {
        Audience::Owner => {
            let field = OWNERS.iter().find_map(|name| subject.kind().field(name));
            let owner = field.map(|(at, _)| subject.value(at)).and_then(|value| value.as_uuid());
            if let Some(owner) = owner.map(UserId::from_uuid)
                && tx.peek(owner)?.is_some_and(|seat| seat.active)
            {
                users.insert(owner);
            }
        }
        Audience::Roles(roles) => {
            for role in roles {
                let seats = tx.glance::<Membership>(vec![(ROLE, Value::text(role.as_str()))])?;
                users.extend(seats.iter().filter(|seat| seat.active).map(|seat| seat.id));
            }
        }
    }
    Ok(users)
}

fn written(
    tx: &mut Draft<'_>,
    rule: &NotificationRule,
    template: &TemplateSpec,
    of: &Happening,
    user: UserId,
) -> Result<Option<Notification>, Halt> {
    let variables = facts(template, of);
    let filled = |text: &str| fill(text, &variables).unwrap_or_default();
    let Ok(message) = Prose::parse(&filled(&template.message)) else { return Ok(None) };
    let now = tx.now();
    let referred = |kind: Kind| {
        let own = (of.subject.kind() == kind).then(|| of.subject.id());
        let field = || of.subject.kind().field(kind.name());
        own.or_else(|| of.subject.referred(field()?.0).filter(|key| key.kind == kind).map(|key| key.id))
    };
    Ok(Some(Notification {
        id: tx.next_id::<NotificationId>()?,
        version: 1,
        channel: rule.channel.clone(),
        user: Some(user),
        recipient: None,
        template: Some(rule.template.clone()),
        variables: None,
        subject: template.subject.as_deref().and_then(|text| line(&filled(text))),
        message: Some(message),
        priority: rule.priority.clone().map_or_else(|| word("normal"), Ok)?,
        scheduled_at: now,
        lead: referred(Kind::Lead).map(LeadId::from_uuid),
        deal: referred(Kind::Deal).map(DealId::from_uuid),
        origin: word(origin(tx))?,
        status: word("pending")?,
        attempts: 0,
        next_at: now,
        lease_until: None,
        lease: 0,
        last_error: None,
        sent_at: None,
        delivered_at: None,
        read_at: None,
        created_at: now,
        updated_at: now,
        deleted_at: None,
        deleted_by: None,
    }))
}

/// What the template's variables hold: fields of the record, and facts of the event.
fn facts(template: &TemplateSpec, of: &Happening) -> Variables {
    let named = template.subject.iter().chain([&template.message]).flat_map(|text| names(text));
    let fact = |name: &str| match name.strip_prefix("data.") {
        Some(name) => of.data.get(name).and_then(plain),
        None if name == "event" => Some(of.name.clone()),
        None => of.subject.kind().field(name).and_then(|(at, _)| plain(&of.subject.value(at).to_json())),
    };
    named.map(|name| (name.to_owned(), fact(name).unwrap_or_default())).collect()
}

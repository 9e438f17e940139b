//! Notifications: what somebody is to be told, and how far that is.
//!
//! ```text
//! pending --claim--> sending --sent--> sent --> delivered --> read
//!    ^                  |
//!    +----- failed -----+--(no attempt left)--> dead          pending --> cancelled
//! ```
//!
//! The text is made when the notification is: what it says does not depend on when it is sent.
//!
//! Invariant: a status never moves back by a report that comes late, and a send is claimed before it is made.

mod rules;
mod spec;
mod template;
mod work;

use serde_json::Value as Document;

use self::template::{Variables, fill};
use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{Entity, FieldId, Json, Value, entity, field_id};
use crate::draft::{Draft, Halt, Permit};
use crate::error::Error;
use crate::integration::RECEIVE_EVENTS;
use crate::profile::{Module, NotificationsSpec as Spec};
use crate::value::{DealId, Instant, LeadId, Line, Problem, Prose, Text, UserId, Word};

pub(crate) use self::rules::notify;
pub(crate) use self::spec::priorities;
pub use self::spec::{Audience, NotificationRule, NotificationsSpec, TemplateSpec};
pub use self::work::{
    CancelNotification, ClaimNotifications, NotificationOutcome, ReadNotification, ReportNotification,
};

entity! {
    /// Something that somebody is to be told.
    Notification(NotificationId) = "notification", NotificationEdits;
    given {
        /// By which channel: one of the profile's words.
        channel: Word [index];
        /// The member who is to be told.
        user: Option<UserId>;
        /// The address, where it is not a member's.
        recipient: Option<Text<1, 255>> [private];
        /// The template, one of the profile's.
        template: Option<Word>;
        /// What the template names.
        variables: Option<Json> [private];
        /// The subject.
        subject: Option<Line> [private];
        /// The text.
        message: Option<Prose> [private];
        /// How urgent it is: `low`, `normal`, `high` or `urgent`.
        priority: Word [index];
        /// Not before this.
        scheduled_at: Instant [sort];
        /// The lead it is about.
        lead: Option<LeadId>;
        /// The deal it is about.
        deal: Option<DealId>;
    }
    kept {
        /// Where it comes from: `system`, `user` or `webhook`.
        origin: Word;
        /// How it stands: `pending`, `sending`, `sent`, `delivered`, `read`, `cancelled` or `dead`.
        status: Word [index];
        /// How often it was tried.
        attempts: i64;
        /// When it may be tried.
        next_at: Instant [sort];
        /// Until when whoever claimed it has it.
        lease_until: Option<Instant>;
        /// Which claim is good.
        lease: i64;
        /// What went wrong last.
        last_error: Option<Line>;
        /// When it was sent.
        sent_at: Option<Instant>;
        /// When it arrived.
        delivered_at: Option<Instant>;
        /// When it was read.
        read_at: Option<Instant>;
    }
}

const PRIORITY: FieldId = field_id(Notification::FIELDS, "priority");
const SCHEDULED_AT: FieldId = field_id(Notification::FIELDS, "scheduled_at");
const ORIGIN: FieldId = field_id(Notification::FIELDS, "origin");
const CHANNEL: FieldId = field_id(Notification::FIELDS, "channel");
const STATUS: FieldId = field_id(Notification::FIELDS, "status");
const ATTEMPTS: FieldId = field_id(Notification::FIELDS, "attempts");
const NEXT_AT: FieldId = field_id(Notification::FIELDS, "next_at");
const LEASE_UNTIL: FieldId = field_id(Notification::FIELDS, "lease_until");
const LEASE: FieldId = field_id(Notification::FIELDS, "lease");

impl Rules for Notification {
    const CRUD: Crud = Crud {
        read: Action::NotificationRead,
        create: Action::NotificationSend,
        update: Action::NotificationWork,
        delete: Action::NotificationSend,
        restore: Action::NotificationSend,
    };
    const MODULE: Option<Module> = Some(Module::Notifications);
    const NAMES: crate::command::Names = crate::command::Names { create: "notify", ..names!("notification") };

    fn defaults(tx: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        let now = Value::Instant(tx.now());
        Ok(vec![
            (PRIORITY, Value::text("normal")),
            (SCHEDULED_AT, now.clone()),
            (NEXT_AT, now),
            (ORIGIN, Value::text(origin(tx))),
            (STATUS, Value::text("pending")),
            (ATTEMPTS, Value::Int(0)),
            (LEASE, Value::Int(0)),
        ])
    }

    fn judge(tx: &mut Draft<'_>, before: Option<&Self>, after: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        if before.is_some() {
            return Err(by_rules_only("notification"));
        }
        match (after.user, &after.recipient) {
            (Some(_), None) => {}
            (None, Some(_)) => drop(tx.allow(Action::NotificationSendAnywhere, None)?),
            _ => {
                let problem = Problem::forbidden("either a `user` or a `recipient` is told");
                return Err(Error::field("recipient", problem).into());
            }
        }
        settle_text(tx.profile().spec().notifications.as_ref(), after)?;
        after.next_at = after.scheduled_at;
        Ok(())
    }

    fn before_delete(_: &mut Draft<'_>, _: &Permit, _: &Self) -> Result<(), Halt> {
        Err(by_rules_only("notification"))
    }
}

/// Where a notification comes from that is made now.
fn origin(tx: &Draft<'_>) -> &'static str {
    match (tx.command_name() == RECEIVE_EVENTS, tx.person()) {
        (true, _) => "webhook",
        (false, Some(_)) => "user",
        (false, None) => "system",
    }
}

/// The text, made of the template where there is one. A variable that is missing is noticed now, not when it is sent.
fn settle_text(spec: Option<&Spec>, row: &mut Notification) -> Result<(), Error> {
    let Some(name) = &row.template else {
        return match (&row.message, &row.variables) {
            (None, _) => Err(Error::field("message", Problem::Required)),
            (_, Some(_)) => {
                Err(Error::field("variables", Problem::forbidden("variables belong to a template")))
            }
            _ => Ok(()),
        };
    };
    if row.message.is_some() || row.subject.is_some() {
        let problem = Problem::forbidden("either a `template` or a `message` is told");
        return Err(Error::field("message", problem));
    }
    let template = spec.and_then(|spec| spec.template(name)).ok_or_else(|| {
        let names = spec.map_or(&[][..], |spec| &spec.templates).iter().map(|template| &template.name);
        Error::field("template", Problem::one_of(name.as_str(), names))
    })?;
    let variables = row.variables.as_ref().map(|given| variables(given.as_json())).transpose()?;
    let variables = variables.unwrap_or_default();
    let filled = |text: &str| {
        fill(text, &variables).map_err(|name| {
            Error::field("variables", Problem::malformed(format!("the variable `{name}` of the template")))
        })
    };
    let message = Prose::parse(&filled(&template.message)?);
    row.message = Some(message.map_err(|problem| Error::field("message", problem))?);
    let subject = template.subject.as_deref().map(filled).transpose()?;
    let subject = subject.map(|text| Line::parse(&text)).transpose();
    row.subject = subject.map_err(|problem| Error::field("subject", problem))?;
    Ok(())
}

/// What a caller gave for the variables: texts, numbers and truth values.
fn variables(given: &Document) -> Result<Variables, Error> {
    let entries = given.as_object().into_iter().flatten();
    let read = entries.map(|(name, value)| match plain(value) {
        Some(text) => Ok((name.clone(), text)),
        None => {
            let problem = Problem::malformed(format!("a text or a number for `{name}`"));
            Err(Error::field("variables", problem))
        }
    });
    read.collect()
}

/// The text of a plain value.
fn plain(value: &Document) -> Option<String> {
    match value {
        Document::String(text) => Some(text.clone()),
        Document::Number(number) => Some(number.to_string()),
        Document::Bool(flag) => Some(flag.to_string()),
        Document::Null | Document::Array(_) | Document::Object(_) => None,
    }
}

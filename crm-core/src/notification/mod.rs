//! Notifications: what somebody is to be told, and how far that is.
//!
//! Invariant: a status never moves back by a report that comes late, and a send is claimed before it is made.

mod spec;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Json, Value, entity};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{DealId, Instant, LeadId, Line, Prose, Text, UserId, Word};

pub use self::spec::NotificationsSpec;

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

impl Rules for Notification {
    const CRUD: Crud = Crud {
        read: Action::NotificationRead,
        create: Action::NotificationSend,
        update: Action::NotificationWork,
        delete: Action::NotificationSend,
        restore: Action::NotificationSend,
    };
    const MODULE: Option<Module> = Some(Module::Notifications);
    const NAMES: crate::command::Names = names!("notification");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("notification"))
    }
}

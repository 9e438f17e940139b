//! Deliveries: what we have to tell other systems, each until it is done.
//!
//! A delivery's id is its idempotency key: whoever is told twice, because an answer was lost, can tell.
//!
//! Invariant: the deliveries to a target about one record go out one at a time and in order; one that was claimed and not
//! reported comes back when its lease is over.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{pattern, text, word};
use crate::access::{Action, Crud};
use crate::command::{Asked, Command, Rules, by_rules_only, names};
use crate::describe::{Entity, FieldId, Id, Json, Key, Kind, Record, Value, entity, field_id};
use crate::draft::{Draft, Halt, Happening, Permit, for_each};
use crate::error::Rule;
use crate::profile::Module;
use crate::value::{DeliveryId, Instant, LeadId, Line, Text, Word};

entity! {
    /// Something to tell another system.
    Delivery(DeliveryId) = "delivery", DeliveryEdits;
    given {
        /// Which system or address.
        target: Word [index];
        /// What happened, by name.
        event: Text<1, 100>;
        /// What it is about: deliveries of one lane go out in order.
        lane: Text<1, 100> [index];
        /// What to tell.
        content: Json [private];
    }
    kept {
        /// The lead it is about.
        lead: Option<LeadId>;
        /// Its place in its lane.
        number: i64;
        /// How it stands: `pending`, `sending`, `done`, `dead` or `cancelled`.
        status: Word [index];
        /// How often it was tried.
        attempts: i64;
        /// When it may be tried.
        next_at: Instant [sort];
        /// Until when whoever claimed it has it.
        lease_until: Option<Instant>;
        /// Which claim is good.
        lease: i64;
        /// In which turn of the target's breaker it was claimed.
        turn: i64;
        /// What went wrong last.
        last_error: Option<Line>;
        /// What it is called there, once it was told.
        external_id: Option<Text<1, 200>>;
        /// When it was done with.
        settled_at: Option<Instant> [sort];
    }
}

pub(super) const TARGET: FieldId = field_id(Delivery::FIELDS, "target");
pub(super) const STATUS: FieldId = field_id(Delivery::FIELDS, "status");
pub(super) const LANE: FieldId = field_id(Delivery::FIELDS, "lane");
const NUMBER: FieldId = field_id(Delivery::FIELDS, "number");
const ATTEMPTS: FieldId = field_id(Delivery::FIELDS, "attempts");
const LEASE: FieldId = field_id(Delivery::FIELDS, "lease");
const TURN: FieldId = field_id(Delivery::FIELDS, "turn");
pub(super) const NEXT_AT: FieldId = field_id(Delivery::FIELDS, "next_at");
pub(super) const LEASE_UNTIL: FieldId = field_id(Delivery::FIELDS, "lease_until");

pub(super) const PENDING: &str = "pending";
pub(super) const SENDING: &str = "sending";

impl Delivery {
    /// May it be tried? One that was claimed comes back when its lease is over.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        match self.status.as_str() {
            PENDING => self.next_at <= now,
            SENDING => self.lease_until.is_none_or(|lease| lease <= now),
            _ => false,
        }
    }
}

impl Rules for Delivery {
    const CRUD: Crud = Crud::managed(Action::DeliveryRead, Action::DeliveryManage);
    const MODULE: Option<Module> = Some(Module::Integrations);
    const NAMES: crate::command::Names = names!("delivery");

    fn defaults(tx: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        let zero = || Value::Int(0);
        let numbers = [(NUMBER, zero()), (ATTEMPTS, zero()), (LEASE, zero()), (TURN, zero())];
        let others = [(STATUS, Value::text(PENDING)), (NEXT_AT, Value::Instant(tx.now()))];
        Ok(numbers.into_iter().chain(others).collect())
    }

    fn judge(tx: &mut Draft<'_>, before: Option<&Self>, after: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        if before.is_some() {
            return Err(by_rules_only("delivery"));
        }
        after.number = place_in(tx, after.target.as_str(), after.lane.as_str())?;
        Ok(())
    }

    fn before_delete(_: &mut Draft<'_>, _: &Permit, _: &Self) -> Result<(), Halt> {
        Err(by_rules_only("delivery"))
    }
}

/// Writes a delivery for each target that wants to know of something that happened.
pub(crate) fn deliver(tx: &mut Draft<'_>, permit: &Permit, of: &Happening) -> Result<(), Halt> {
    let Some(spec) = tx.profile().spec().integrations.as_ref() else { return Ok(()) };
    for target in &spec.targets {
        let told_us = target.system.is_some() && target.system == of.heard_from;
        let wanted = target.events.iter().any(|events| pattern::means(events, &of.name, &of.fields()));
        if wanted && !told_us {
            write(tx, permit, &target.name, of)?;
        }
    }
    Ok(())
}

fn write(tx: &mut Draft<'_>, permit: &Permit, target: &Word, of: &Happening) -> Result<(), Halt> {
    let (subject, now) = (of.subject.key(), tx.now());
    let lead = lead_of(&of.subject);
    let lane = lead.map_or(subject, Id::key);
    let lane = format!("{}/{}", lane.kind, lane.id);
    let content = json!({
        "event": of.name,
        "subject": { "kind": subject.kind, "id": subject.id },
        "version": of.subject.version(),
        "at": now,
        "data": of.data,
    });
    let number = place_in(tx, target.as_str(), &lane)?;
    let delivery = Delivery {
        id: tx.next_id::<DeliveryId>()?,
        version: 1,
        target: target.clone(),
        event: text(&of.name)?,
        lane: text(&lane)?,
        content: Json::new(content),
        lead,
        number,
        status: word(PENDING)?,
        attempts: 0,
        next_at: now,
        lease_until: None,
        lease: 0,
        turn: 0,
        last_error: None,
        external_id: None,
        settled_at: None,
        created_at: now,
        updated_at: now,
        deleted_at: None,
        deleted_by: None,
    };
    tx.create_told(permit, delivery).map(|_| ())
}

/// The lead that a record is, or is about.
fn lead_of(record: &Record) -> Option<LeadId> {
    if let Record::Lead(lead) = record {
        return Some(lead.id);
    }
    let (field, _) = record.kind().field("lead")?;
    let key = record.referred(field).filter(|key| key.kind == Kind::Lead)?;
    Some(LeadId::from_uuid(key.id))
}

/// The next place of a lane: after all that are open. Ids do not tell the order, for a command that had to be decided again
/// keeps the ids of its first try.
fn place_in(tx: &mut Draft<'_>, target: &str, lane: &str) -> Result<i64, Halt> {
    let of = |status: &str| {
        vec![(LANE, Value::text(lane)), (TARGET, Value::text(target)), (STATUS, Value::text(status))]
    };
    let open = for_each([of(PENDING), of(SENDING)], |equals| tx.glance::<Delivery>(equals))?;
    let last = open.iter().flatten().map(|row| row.number).max();
    Ok(last.map_or(1, |last| last.saturating_add(1)))
}

macro_rules! by_hand {
    ($(#[doc = $doc:literal])* $command:ident = $name:literal, from $from:expr, |$row:ident, $tx:ident| $change:block) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $command {
            /// Which delivery.
            pub id: DeliveryId,
        }

        impl Command for $command {
            type Output = Arc<Delivery>;

            fn name(&self) -> &'static str {
                $name
            }

            fn target(&self) -> Option<Key> {
                Some(self.id.key())
            }

            fn decide(&self, $tx: &mut Draft<'_>) -> Result<Arc<Delivery>, Halt> {
                let (permit, mut $row) = standing($tx, self.id, &$from)?;
                $change
                $tx.put(&permit, $row)
            }
        }
    };
}

by_hand! {
    /// Takes a delivery up again that is dead or was cancelled, with all its attempts.
    RequeueDelivery = "requeue_delivery", from ["dead", "cancelled"], |row, tx| {
        row.status = word(PENDING)?;
        (row.attempts, row.next_at, row.settled_at) = (0, tx.now(), None);
    }
}

by_hand! {
    /// Gives a delivery up that is not done. Whoever has it claimed finds the claim lost.
    CancelDelivery = "cancel_delivery", from [PENDING, SENDING, "dead"], |row, tx| {
        row.status = word("cancelled")?;
        row.lease = row.lease.saturating_add(1);
        (row.lease_until, row.settled_at) = (None, Some(tx.now()));
    }
}

fn standing(tx: &mut Draft<'_>, id: DeliveryId, from: &[&str]) -> Result<(Permit, Delivery), Halt> {
    let row = tx.get(id)?;
    let permit = tx.allow(Action::DeliveryManage, Some(&Arc::clone(&row).record()))?;
    if !from.contains(&row.status.as_str()) {
        let why = format!("a delivery that is {} cannot be changed like this", row.status);
        return Err(Rule::other("delivery_standing", why).into());
    }
    Ok((permit, Delivery::clone(&row)))
}

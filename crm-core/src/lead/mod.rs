//! Leads: people who may become customers.
//!
//! Invariant: a lead's stage moves only by the profile's machine, its phone and e-mail are also kept in canonical form, and its rating is a thing apart.

mod commands;
mod convert;
mod course;
mod matches;
mod owner;
mod spec;
mod tags;
mod ties;

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::json;

use crate::access::{Action, Crud};
use crate::activity::{self, Subject, Timelines};
use crate::command::{Asked, Rules, names};
use crate::describe::{Entity, FieldId, FieldType, Json, Value, entity, field_id};
use crate::draft::{Draft, Halt, Permit};
use crate::error::Rule;
use crate::profile::{Module, Profile, Trigger};
use crate::value::{
    CampaignId, ContactId, Currency, Date, Email, Instant, LeadId, Line, Phone, Prose, Text, UnitId, UserId,
    Word,
};

pub use self::commands::{AssignLead, CloseLead, MoveLead, ReleaseLead, ReopenLead, TakeLead};
pub use self::convert::{ConvertLead, Converted};
pub(crate) use self::course::{
    CallbackChange, callback_changed, stage_before_closing, winning_stage, worked_on, write_by_rules,
};
pub(crate) use self::matches::visible_matches;
pub use self::matches::{LeadMatch, MatchReason};
pub(crate) use self::owner::hand_over;
pub use self::spec::{AssignmentPolicy, AssignmentSpec, DuplicatePolicy, LeadStage, LeadsSpec, WonBy};
pub(crate) use self::ties::demand_open;

entity! {
    /// Somebody who may become a customer.
    Lead(LeadId) = "lead", LeadEdits;
    given {
        /// Their name.
        name: Text<2, 255> [search, sort, private];
        /// The phone number, as it was typed.
        phone: Option<Phone> [search, private];
        /// The e-mail address.
        email: Option<Email> [search, private];
        /// Where they live or want to.
        region: Option<Line>;
        /// The company they work for.
        company: Option<Line> [search];
        /// Their position there.
        position: Option<Text<1, 100>>;
        /// How promising they are: one of the profile's ratings.
        rating: Option<Word> [index];
        /// How far they are: a stage of the profile's machine.
        stage: Word [index];
        /// Where they come from: one of the profile's sources.
        source: Option<Word> [index];
        /// Where they come from, where no source fits.
        source_note: Option<Line>;
        /// The campaign they come from.
        campaign: Option<CampaignId>;
        /// The tag `utm_source` of the link they followed.
        utm_source: Option<Text<1, 100>> [index];
        /// The tag `utm_medium`.
        utm_medium: Option<Text<1, 100>>;
        /// The tag `utm_campaign`.
        utm_campaign: Option<Text<1, 100>>;
        /// The tag `utm_content`.
        utm_content: Option<Text<1, 100>>;
        /// The tag `utm_term`.
        utm_term: Option<Text<1, 100>>;
        /// What they are interested in.
        interest: Option<Line>;
        /// When they want it.
        timeline: Option<Line>;
        /// What they can spend.
        budget: Option<Decimal>;
        /// The currency of the budget and of the offer.
        currency: Currency;
        /// The unit they want.
        unit: Option<UnitId>;
        /// The contact they are.
        contact: Option<ContactId>;
        /// Whose lead it is; empty: in the pool.
        owner: Option<UserId>;
        /// When they are to be called next.
        next_contact_at: Option<Instant> [sort];
        /// Why it was closed.
        close_reason: Option<Line>;
        /// Anything else.
        notes: Option<Prose> [private];
        /// What a form asked and no field keeps.
        details: Option<Json> [private];
    }
    kept {
        /// The phone number in canonical form.
        phone_key: Option<Text<1, 50>> [index, private];
        /// The e-mail address in canonical form.
        email_key: Option<Text<1, 255>> [index, private];
        /// The lead that was there before, with the same phone or e-mail.
        duplicate_of: Option<LeadId>;
        /// The stage it was in before it was closed.
        closed_from: Option<Word>;
        /// When it was closed.
        closed_at: Option<Instant> [sort];
        /// When its owner got it.
        assigned_at: Option<Instant> [sort];
        /// On which day that was.
        assigned_on: Option<Date> [index];
        /// Why the rules chose its owner; empty where somebody did.
        assignment: Option<Line>;
        /// When it became a contact and a deal.
        converted_at: Option<Instant> [sort];
        /// When somebody last worked on it; its creation counts.
        touched_at: Instant [sort];
        /// What the contract comes to: a copy, for display.
        offer_total: Option<Decimal>;
        /// What a square metre costs in the contract: a copy.
        offer_price: Option<Decimal>;
        /// What is paid at once: a copy.
        offer_down: Option<Decimal>;
        /// Which share is paid at once: a copy.
        offer_share: Option<Decimal> [measure];
        /// What is paid a month: a copy.
        offer_monthly: Option<Decimal>;
        /// What is paid at the end: a copy.
        offer_final: Option<Decimal>;
    }
}

pub(crate) const STAGE: FieldId = field_id(Lead::FIELDS, "stage");
pub(crate) const RATING: FieldId = field_id(Lead::FIELDS, "rating");
pub(crate) const SOURCE: FieldId = field_id(Lead::FIELDS, "source");
pub(crate) const CAMPAIGN: FieldId = field_id(Lead::FIELDS, "campaign");
pub(crate) const OWNER: FieldId = field_id(Lead::FIELDS, "owner");
const NEXT_CONTACT_AT: FieldId = field_id(Lead::FIELDS, "next_contact_at");
const ASSIGNED_ON: FieldId = field_id(Lead::FIELDS, "assigned_on");
pub(crate) const TOUCHED_AT: FieldId = field_id(Lead::FIELDS, "touched_at");
const CURRENCY: FieldId = field_id(Lead::FIELDS, "currency");
const CLOSE_REASON: FieldId = field_id(Lead::FIELDS, "close_reason");
const DETAILS: FieldId = field_id(Lead::FIELDS, "details");
const PHONE_KEY: FieldId = field_id(Lead::FIELDS, "phone_key");
const EMAIL_KEY: FieldId = field_id(Lead::FIELDS, "email_key");

/// What the profile says of leads.
fn settings<'s>(tx: &Draft<'s>) -> Result<&'s LeadsSpec, Rule> {
    tx.section(Module::Leads, |spec| &spec.leads)
}

impl Lead {
    /// Has nobody worked on it for so long that it is inactive? One that is closed is not, and neither is any where the
    /// profile names no number of days.
    #[must_use]
    pub fn is_inactive(&self, now: Instant, spec: &LeadsSpec) -> bool {
        let idle = spec.inactive_days.is_some_and(|days| self.touched_at < now.plus_days(-i64::from(days)));
        idle && !spec.is_end(&self.stage)
    }
}

impl Subject for Lead {
    fn timelines(&self) -> Timelines {
        (None, self.contact, Some(self.id))
    }
}

impl Rules for Lead {
    const CRUD: Crud = Crud {
        read: Action::LeadRead,
        create: Action::LeadCreate,
        update: Action::LeadUpdate,
        delete: Action::LeadDelete,
        restore: Action::LeadRestore,
    };
    const MODULE: Option<Module> = Some(Module::Leads);
    const NAMES: crate::command::Names = names!("lead");

    fn action_for(field: &str) -> Action {
        match field {
            "stage" | "close_reason" => Action::LeadMove,
            "owner" => Action::LeadAssign,
            _ => Action::LeadUpdate,
        }
    }

    fn tidied(profile: &Profile, edits: &LeadEdits) -> Option<LeadEdits> {
        tags::shortened(profile, edits)
    }

    fn defaults(tx: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        let spec = settings(tx)?;
        let currency = tx.own_currency()?;
        Ok(vec![
            (STAGE, spec.stages.initial.to_value()),
            (RATING, spec.rating.to_value()),
            (SOURCE, spec.source.to_value()),
            (CURRENCY, currency.to_value()),
            (TOUCHED_AT, tx.now().to_value()),
        ])
    }

    fn judge(
        tx: &mut Draft<'_>,
        before: Option<&Self>,
        after: &mut Self,
        asked: &Asked<'_>,
    ) -> Result<(), Halt> {
        matches::judge(tx, before, after)?;
        course::judge(tx, before, after, asked)?;
        owner::judge(tx, before, after, asked)?;
        if before.is_some_and(|before| before != after) && tx.person().is_some() {
            after.touched_at = tx.now();
        }
        Ok(())
    }

    fn follow(
        tx: &mut Draft<'_>,
        permit: &Permit,
        before: Option<&Self>,
        after: &Self,
        _: &Asked<'_>,
    ) -> Result<(), Halt> {
        told(tx, permit, before, after)
    }

    fn before_delete(tx: &mut Draft<'_>, permit: &Permit, row: &Self) -> Result<(), Halt> {
        ties::cut(tx, permit, row.id)
    }

    /// A lead does not come back beside one that took its place, where the profile has none twice.
    fn after_restore(tx: &mut Draft<'_>, _: &Permit, was: &Self) -> Result<(), Halt> {
        matches::link(tx, false, &mut was.clone()).map(|_| ())
    }

    fn findings(tx: &mut Draft<'_>, row: &mut Self) -> Result<Vec<String>, Halt> {
        let spec = settings(tx)?;
        let mut found = course::findings(spec, row);
        if let Some(phone) = &row.phone {
            found.extend(matches::phone_key(spec, phone).err().map(|problem| format!("`phone` {problem}")));
        }
        row.phone_key = row.phone.as_ref().and_then(|phone| matches::loose_phone_key(spec, phone));
        row.email_key = row.email.as_ref().and_then(matches::email_key);
        if let Some(known) = matches::link(tx, false, row)? {
            found.push(format!("it is known already, as lead `{}`", known.lead.id));
        }
        Ok(found)
    }
}

/// What follows from what happened to a lead: its holds, other systems, and its timeline.
fn told(tx: &mut Draft<'_>, permit: &Permit, before: Option<&Lead>, after: &Lead) -> Result<(), Halt> {
    ties::settle(tx, permit, before, after)?;
    let record = Arc::new(after.clone()).record();
    let name = || ("lead_name", json!(after.name));
    match before {
        None => {
            let facts = [name(), ("source", json!(after.source)), ("stage", json!(after.stage))];
            activity::write_triggered(tx, permit, Trigger::LeadCreated, after, &facts)?;
        }
        Some(before) if before.stage != after.stage => {
            let moved = json!({ "from": before.stage, "to": after.stage });
            tx.emit("lead.stage_changed".to_owned(), &record, moved)?;
            let facts = [name(), ("old_stage", json!(before.stage)), ("new_stage", json!(after.stage))];
            activity::write_triggered(tx, permit, Trigger::LeadStageChanged, after, &facts)?;
        }
        Some(_) => {}
    }
    let had = before.and_then(|before| before.owner);
    match after.owner {
        Some(owner) if had != Some(owner) => {
            let given = json!({ "from": had, "to": owner, "reason": after.assignment });
            tx.emit("lead.assigned".to_owned(), &record, given)?;
            let facts = [name(), ("owner", json!(owner)), ("reason", json!(after.assignment))];
            activity::write_triggered(tx, permit, Trigger::LeadAssigned, after, &facts)?;
        }
        None if had.is_some() => tx.emit("lead.released".to_owned(), &record, json!({ "from": had }))?,
        _ => {}
    }
    match after.duplicate_of.filter(|known| before.and_then(|before| before.duplicate_of) != Some(*known)) {
        Some(known) => {
            let reasons = tx.peek(known)?.map(|known| matches::reasons(after, &known)).unwrap_or_default();
            let found = json!({ "duplicate_of": known, "reasons": reasons });
            tx.emit("lead.duplicate_found".to_owned(), &record, found)
        }
        None => Ok(()),
    }
}

//! Leads: people who may become customers.
//!
//! Invariant: a lead's stage moves only by the profile's machine, its phone and e-mail are also kept in canonical form, and its rating is a thing apart.

mod spec;

use rust_decimal::Decimal;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{Entity, FieldId, FieldType, Json, Value, entity, field_id};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{
    CampaignId, ContactId, Currency, Email, Instant, LeadId, Line, Phone, Prose, Text, UnitId, UserId, Word,
};

pub use self::spec::{LeadStage, LeadsSpec};

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
        offer_share: Option<Decimal>;
        /// What is paid a month: a copy.
        offer_monthly: Option<Decimal>;
        /// What is paid at the end: a copy.
        offer_final: Option<Decimal>;
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

    fn defaults(tx: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        let Some(spec) = tx.profile().spec().leads.as_ref() else { return Ok(Vec::new()) };
        Ok(vec![
            (const { field_id(Self::FIELDS, "stage") }, spec.stages.initial.to_value()),
            (const { field_id(Self::FIELDS, "currency") }, tx.profile().spec().currency.to_value()),
            (const { field_id(Self::FIELDS, "touched_at") }, Value::Instant(tx.now())),
        ])
    }

    fn judge(tx: &mut Draft<'_>, before: Option<&Self>, after: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        let Some(spec) = tx.profile().spec().leads.as_ref() else { return Err(by_rules_only("lead")) };
        let from = before.map_or(&spec.stages.initial, |before| &before.stage);
        spec.stages.judge(crate::describe::Kind::Lead, from, &after.stage)?;
        Ok(())
    }
}

//! Turning a lead into a contact and a deal.
//!
//! Invariant: a lead is converted once. Whoever converts it again is answered with what was made the first time.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Lead, settings, winning_stage, write_by_rules};
use crate::access::Action;
use crate::command::{Command, create};
use crate::contact::{self, Contact, ContactEdits};
use crate::deal::{self, Deal, DealEdits};
use crate::describe::{Entity, FieldId, FieldType, Id, Key, Kind, field_id};
use crate::draft::{Draft, Halt, ReadSet, SetQuery};
use crate::error::{Error, Rule};
use crate::profile::Profile;
use crate::value::{ContactId, LeadId, Patch, Problem};

/// Turns a lead into a contact and a deal, in one commit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConvertLead {
    /// Which lead.
    pub id: LeadId,
    /// The contact that the lead is; a new one is made of the lead when both this and the lead's own contact are empty.
    #[serde(default)]
    pub contact: Option<ContactId>,
    /// The company that the new contact works for, where it is a contact already.
    #[serde(default)]
    pub company: Option<ContactId>,
    /// Is the company that the lead names to become a contact too?
    #[serde(default)]
    pub new_company: bool,
    /// What is known of the deal. Its title is the lead's name and its owner the lead's where nothing else is said.
    #[serde(default)]
    pub deal: DealEdits,
}

/// What a lead was turned into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Converted {
    /// The lead.
    pub lead: Arc<Lead>,
    /// The contact.
    pub contact: Arc<Contact>,
    /// The company that the contact works for, where it is a contact.
    pub company: Option<Arc<Contact>>,
    /// The deal.
    pub deal: Arc<Deal>,
    /// Was it done now, or before?
    pub done_now: bool,
}

impl ConvertLead {
    /// Of this lead, into a new contact and a new deal.
    #[must_use]
    pub fn of(id: LeadId) -> Self {
        Self { id, contact: None, company: None, new_company: false, deal: DealEdits::default() }
    }

    /// Into this contact.
    #[must_use]
    pub fn contact(mut self, contact: ContactId) -> Self {
        self.contact = Some(contact);
        self
    }

    /// Into somebody who works for this company.
    #[must_use]
    pub fn company(mut self, company: ContactId) -> Self {
        self.company = Some(company);
        self
    }

    /// With the company that the lead names.
    #[must_use]
    pub fn new_company(mut self) -> Self {
        self.new_company = true;
        self
    }

    /// Into this deal.
    #[must_use]
    pub fn deal(mut self, deal: DealEdits) -> Self {
        self.deal = deal;
        self
    }
}

impl Command for ConvertLead {
    type Output = Converted;

    fn name(&self) -> &'static str {
        "convert_lead"
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn hints(&self) -> ReadSet {
        let deals = SetQuery::live(Kind::Deal, vec![(deal::LEAD, self.id.to_value())]);
        let mut want = ReadSet::from(self.id.key()).with_set(deals);
        want.keys.extend(self.contact.iter().chain(&self.company).map(|id| id.key()));
        want
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Converted, Halt> {
        let lead = tx.get(self.id)?;
        let permit = tx.allow(Action::LeadConvert, Some(&Arc::clone(&lead).record()))?;
        let deals = tx.rows::<Deal>(vec![(deal::LEAD, lead.id.to_value())])?;
        if let Some(done) = made_before(tx, &lead, &deals)? {
            return Ok(done);
        }
        let wins = settings(tx)?.conversion_wins;
        let stage = if wins { winning_stage(tx, &lead)? } else { lead.stage.clone() };
        let (contact, company) = self.find_contact(tx, &lead)?;
        let deal = self.make_deal(tx, &lead, &contact)?;
        let contact_id = tx.profile().uses(Kind::Lead, CONTACT).then_some(contact.id);
        let converted_at = Some(tx.now());
        let after = Lead { stage, contact: contact_id, converted_at, ..lead.as_ref().clone() };
        let lead = write_by_rules(tx, &permit, &lead, after)?;
        Ok(Converted { lead, contact, company, deal, done_now: true })
    }
}

/// What a lead was turned into before. A deal that was deleted since is made anew.
fn made_before(tx: &mut Draft<'_>, lead: &Arc<Lead>, deals: &[Arc<Deal>]) -> Result<Option<Converted>, Halt> {
    let Some(at) = lead.converted_at else { return Ok(None) };
    let by_conversion = deals.iter().find(|deal| deal.created_at == at);
    let later = || deals.iter().filter(|deal| deal.created_at >= at).min_by_key(|deal| deal.created_at);
    let Some(deal) = by_conversion.or_else(later) else { return Ok(None) };
    let deal = tx.get(deal.id)?;
    let nobody = || Rule::other("already_converted", "the lead was converted, and its contact is not known");
    let contact = lead.contact.or(deal.contact).ok_or_else(nobody)?;
    let contact = tx.get(contact)?;
    let company = match contact.employer {
        Some(company) => Some(tx.get(company)?),
        None => None,
    };
    Ok(Some(Converted { lead: Arc::clone(lead), contact, company, deal, done_now: false }))
}

type Pair = (Arc<Contact>, Option<Arc<Contact>>);

impl ConvertLead {
    /// The contact that the lead is or becomes, and the company that it works for.
    fn find_contact(&self, tx: &mut Draft<'_>, lead: &Lead) -> Result<Pair, Halt> {
        let Some(known) = self.contact.or(lead.contact) else {
            let company = self.company_of(tx, lead)?;
            let contact = make_contact(tx, lead, company.as_deref())?;
            return Ok((contact, company));
        };
        if self.company.is_some() || self.new_company {
            let why = Problem::forbidden("a contact that is there keeps its company");
            return Err(Error::field("company", why).into());
        }
        let contact = tx.get(known)?;
        let company = match contact.employer {
            Some(company) => tx.rely_on(company)?,
            None => None,
        };
        Ok((contact, company))
    }

    fn company_of(&self, tx: &mut Draft<'_>, lead: &Lead) -> Result<Option<Arc<Contact>>, Halt> {
        match (self.company, self.new_company, &lead.company) {
            (Some(company), false, _) => Ok(Some(tx.get(company)?)),
            (Some(_), true, _) => {
                let why = Problem::forbidden("a company is either there or new");
                Err(Error::field("new_company", why).into())
            }
            (None, true, None) => Err(Error::field("new_company", Problem::Required).into()),
            (None, true, Some(name)) => {
                let edits = ContactEdits {
                    kind: Patch::Set("company".to_owned()),
                    name: Patch::Set(name.to_string()),
                    ..ContactEdits::default()
                };
                let id = tx.next_id()?;
                create::<Contact>(tx, id, &edits).map(Some)
            }
            (None, false, _) => Ok(None),
        }
    }

    /// A deal is the lead owner's, like the lead, unless the caller says otherwise.
    fn make_deal(&self, tx: &mut Draft<'_>, lead: &Lead, contact: &Contact) -> Result<Arc<Deal>, Halt> {
        for (field, said) in
            [("deal.lead", !self.deal.lead.is_keep()), ("deal.contact", !self.deal.contact.is_keep())]
        {
            if said {
                let why = Problem::forbidden("a conversion says this by itself");
                return Err(Error::field(field, why).into());
            }
        }
        let profile = tx.profile();
        let mut edits = self.deal.clone();
        edits.lead = Patch::Set(lead.id);
        if profile.uses(Kind::Deal, deal::CONTACT) {
            edits.contact = Patch::Set(contact.id);
        }
        if edits.title.is_keep() {
            edits.title = Patch::Set(lead.name.to_string());
        }
        if let (true, true, Some(owner)) =
            (edits.owner.is_keep(), profile.uses(Kind::Deal, deal::OWNER), lead.owner)
        {
            edits.owner = Patch::Set(owner);
        }
        let id = tx.next_id()?;
        create::<Deal>(tx, id, &edits)
    }
}

fn make_contact(tx: &mut Draft<'_>, lead: &Lead, company: Option<&Contact>) -> Result<Arc<Contact>, Halt> {
    let edits = contact_of(tx.profile(), lead, company);
    let id = tx.next_id()?;
    create::<Contact>(tx, id, &edits)
}

/// What a lead says of a person, in the fields that this system has.
fn contact_of(profile: &Profile, lead: &Lead, company: Option<&Contact>) -> ContactEdits {
    let set = |field: FieldId, text: Option<String>| match text.filter(|_| profile.uses(Kind::Contact, field))
    {
        Some(text) => Patch::Set(text),
        None => Patch::Keep,
    };
    let mut edits = ContactEdits {
        email: set(EMAIL, lead.email.as_ref().map(ToString::to_string)),
        phone: set(PHONE, lead.phone.as_ref().map(ToString::to_string)),
        position: set(POSITION, lead.position.as_ref().map(ToString::to_string)),
        company: set(COMPANY, lead.company.as_ref().map(ToString::to_string)),
        ..ContactEdits::default()
    };
    if profile.uses(Kind::Contact, NAME) {
        edits.name = Patch::Set(lead.name.to_string());
    } else {
        let (first, last) =
            lead.name.as_str().split_once(' ').unwrap_or((lead.name.as_str(), lead.name.as_str()));
        edits.first_name = set(FIRST_NAME, Some(first.to_owned()));
        edits.last_name = set(LAST_NAME, Some(last.to_owned()));
    }
    if let Some(company) = company.filter(|_| profile.uses(Kind::Contact, EMPLOYER)) {
        edits.employer = Patch::Set(company.id);
    }
    if let Some(owner) = lead.owner.filter(|_| profile.uses(Kind::Contact, contact::OWNER)) {
        edits.owner = Patch::Set(owner);
    }
    edits
}

const CONTACT: FieldId = field_id(Lead::FIELDS, "contact");
const NAME: FieldId = field_id(Contact::FIELDS, "name");
const FIRST_NAME: FieldId = field_id(Contact::FIELDS, "first_name");
const LAST_NAME: FieldId = field_id(Contact::FIELDS, "last_name");
const EMAIL: FieldId = field_id(Contact::FIELDS, "email");
const PHONE: FieldId = field_id(Contact::FIELDS, "phone");
const POSITION: FieldId = field_id(Contact::FIELDS, "position");
const COMPANY: FieldId = field_id(Contact::FIELDS, "company");
const EMPLOYER: FieldId = field_id(Contact::FIELDS, "employer");

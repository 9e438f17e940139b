//! Leads that are the same person: same telephone number or same e-mail address.
//!
//! Invariant: there is one matcher. It compares canonical forms of live leads, and whoever acts on what it found rests on
//! there being no others.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{DuplicatePolicy, EMAIL_KEY, Lead, LeadsSpec, PHONE_KEY, settings};
use crate::describe::{Entity, FieldId, Value};
use crate::draft::{Draft, Halt, for_each};
use crate::error::Rule;
use crate::value::{Email, Instant, LeadId, Phone, Problem, Text};

/// A lead that was there before, and why it is the same person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadMatch {
    /// The lead.
    pub lead: Arc<Lead>,
    /// What it has in common.
    pub reasons: Vec<MatchReason>,
}

/// What two leads have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchReason {
    /// The telephone number.
    Phone,
    /// The e-mail address.
    Email,
}

/// The form by which a number is compared.
///
/// # Errors
/// The profile's policy refuses the number.
pub(super) fn phone_key(spec: &LeadsSpec, phone: &Phone) -> Result<Option<Text<1, 50>>, Problem> {
    Ok(Text::parse(&spec.phones.canonical(phone)?).ok())
}

/// The same for a number that the policy may refuse.
pub(super) fn loose_phone_key(spec: &LeadsSpec, phone: &Phone) -> Option<Text<1, 50>> {
    Text::parse(&spec.phones.key(phone)).ok()
}

/// The form by which an address is compared.
pub(super) fn email_key(email: &Email) -> Option<Text<1, 255>> {
    const MOST: usize = 255;
    let short: String = email.normal().chars().take(MOST).collect();
    Text::parse(&short).ok()
}

/// The live leads with this number or this address, the oldest first.
///
/// # Errors
/// Facts are missing.
pub(crate) fn matches(
    tx: &mut Draft<'_>,
    phone: Option<&Text<1, 50>>,
    email: Option<&Text<1, 255>>,
) -> Result<Vec<LeadMatch>, Halt> {
    let phone = phone.map(|key| (MatchReason::Phone, (PHONE_KEY, Value::text(key.as_str()))));
    let email = email.map(|key| (MatchReason::Email, (EMAIL_KEY, Value::text(key.as_str()))));
    let (reasons, queries): (Vec<_>, Vec<_>) = phone.into_iter().chain(email).unzip();
    let sets = sets_of::<Lead>(tx, queries.into_iter().map(|equal| vec![equal]))?;
    let mut found: Vec<LeadMatch> = Vec::new();
    for (reason, rows) in reasons.into_iter().zip(sets) {
        for lead in rows {
            match found.iter_mut().find(|known| known.lead.id == lead.id) {
                Some(known) => known.reasons.push(reason),
                None => found.push(LeadMatch { lead, reasons: vec![reason] }),
            }
        }
    }
    found.sort_by_key(|known| age(&known.lead));
    Ok(found)
}

/// Several sets of records, asked for in one go.
pub(super) fn sets_of<E: Entity>(
    tx: &mut Draft<'_>,
    queries: impl Iterator<Item = Vec<(FieldId, Value)>>,
) -> Result<Vec<Vec<Arc<E>>>, Halt> {
    for_each(queries, |equals| tx.rows::<E>(equals))
}

fn age(lead: &Lead) -> (Instant, LeadId) {
    (lead.created_at, lead.id)
}

/// Brings the canonical forms up to date, and deals with leads that have them already.
pub(super) fn judge(tx: &mut Draft<'_>, before: Option<&Lead>, after: &mut Lead) -> Result<(), Halt> {
    let spec = settings(tx)?;
    if before.is_none_or(|before| before.phone != after.phone) {
        let key = after.phone.as_ref().map(|phone| phone_key(spec, phone)).transpose();
        after.phone_key = key.map_err(|problem| crate::error::Error::field("phone", problem))?.flatten();
    }
    after.email_key = after.email.as_ref().and_then(email_key);
    let keys = |row: &Lead| (row.phone_key.clone(), row.email_key.clone());
    if before.is_none_or(|before| keys(before) != keys(after)) {
        link(tx, before.is_none(), after)?;
    }
    Ok(())
}

/// Does with a lead what the profile says of leads that are known. Answers the oldest one that was there.
pub(super) fn link(tx: &mut Draft<'_>, is_new: bool, row: &mut Lead) -> Result<Option<LeadMatch>, Halt> {
    let policy = settings(tx)?.duplicates;
    if policy == DuplicatePolicy::Allow {
        return Ok(None);
    }
    let known = matches(tx, row.phone_key.as_ref(), row.email_key.as_ref())?;
    let before = known.into_iter().find(|known| known.lead.id != row.id);
    let Some(known) = before else { return Ok(None) };
    if policy == DuplicatePolicy::Reject {
        let lead = is_seen(tx, known.lead.id)?.then_some(known.lead.id);
        return Err(Rule::KnownLead { lead, reasons: known.reasons }.into());
    }
    // A lead that was there first is nobody's duplicate, else two could be each other's.
    if is_new || age(&known.lead) < age(row) {
        row.duplicate_of = row.duplicate_of.or(Some(known.lead.id));
    }
    Ok(Some(known))
}

/// What a lead has in common with the one that it names as known.
pub(super) fn reasons(lead: &Lead, known: &Lead) -> Vec<MatchReason> {
    let phone = lead.phone_key.is_some() && lead.phone_key == known.phone_key;
    let email = lead.email_key.is_some() && lead.email_key == known.email_key;
    let reasons = [(phone, MatchReason::Phone), (email, MatchReason::Email)];
    reasons.into_iter().filter_map(|(holds, reason)| holds.then_some(reason)).collect()
}

/// May the actor see this lead?
fn is_seen(tx: &mut Draft<'_>, lead: LeadId) -> Result<bool, Halt> {
    match tx.get(lead) {
        Ok(_) => Ok(true),
        Err(Halt::Reject(_)) => Ok(false),
        Err(need) => Err(need),
    }
}

/// The leads with this number or this address that the actor sees.
pub(crate) fn visible_matches(
    tx: &mut Draft<'_>,
    phone: Option<&Phone>,
    email: Option<&Email>,
) -> Result<Vec<LeadMatch>, Halt> {
    let spec = settings(tx)?;
    let (phone, email) = (phone.and_then(|it| loose_phone_key(spec, it)), email.and_then(email_key));
    let mut seen = Vec::new();
    for known in matches(tx, phone.as_ref(), email.as_ref())? {
        if is_seen(tx, known.lead.id)? {
            seen.push(known);
        }
    }
    Ok(seen)
}

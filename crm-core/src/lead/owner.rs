//! Whose lead it is: who may own one, and who gets one that nobody was named for.
//!
//! A choice rests on the facts it is made of: which members there are, and which leads they have. So of two leads that
//! come in together the second sees where the first went.
//!
//! Invariant: the same facts, seed and lead give the same owner, and every owner may own leads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::matches::sets_of;
use super::{
    ASSIGNED_ON, AssignmentPolicy, Lead, LeadStage, LeadsSpec, OWNER, STAGE, settings, write_by_rules,
};
use crate::access::Action;
use crate::attendance::is_available;
use crate::command::Asked;
use crate::describe::{Entity, FieldType, Id, Key, Value};
use crate::draft::{Draft, Halt, Permit};
use crate::error::Error;
use crate::membership::{self, Membership};
use crate::value::{Instant, LeadId, Line, Problem, UserId, Word};

/// Somebody who was chosen, and why.
pub(super) struct Chosen {
    pub(super) member: UserId,
    pub(super) why: String,
}

/// Judges the owner whom a caller names, and finds one for a new lead that names none.
pub(super) fn judge(
    tx: &mut Draft<'_>,
    before: Option<&Lead>,
    after: &mut Lead,
    asked: &Asked<'_>,
) -> Result<(), Halt> {
    let Some(before) = before else {
        if asked.has(OWNER) && after.owner.is_some() && after.owner != tx.person() {
            tx.allow(Action::LeadAssign, Some(&Arc::new(after.clone()).record()))?;
        }
        let chosen = if asked.has(OWNER) { None } else { choose(tx, after.id)? };
        let owner = chosen.as_ref().map(|chosen| chosen.member).or(after.owner);
        let why = chosen.as_ref().map(|chosen| chosen.why.as_str());
        return place(tx, after, owner, why);
    };
    if before.owner == after.owner {
        return Ok(());
    }
    let owner = after.owner;
    place(tx, after, owner, None)
}

/// Notes whose lead it is, since when and why. The owner must be one who may own leads.
fn place(tx: &mut Draft<'_>, lead: &mut Lead, owner: Option<UserId>, why: Option<&str>) -> Result<(), Halt> {
    judge_role(tx, owner, "owner")?;
    let today = tx.today()?;
    lead.owner = owner;
    lead.assigned_at = owner.map(|_| tx.now());
    lead.assigned_on = owner.map(|_| today);
    lead.assignment = why.and_then(|why| Line::parse(why).ok());
    Ok(())
}

/// An owner must be an active member of a role that may own leads.
fn judge_role(tx: &mut Draft<'_>, owner: Option<UserId>, field: &str) -> Result<(), Halt> {
    let Some(owner) = owner else { return Ok(()) };
    tx.demand_reference(owner.key(), field)?;
    let roles = &settings(tx)?.owner_roles;
    match tx.rely_on(owner)? {
        Some(seat) if roles.is_empty() || roles.contains(&seat.role) => Ok(()),
        _ => {
            let roles: Vec<_> = roles.iter().map(|role| format!("`{role}`")).collect();
            let why = format!("leads belong to members in the role {}", roles.join(" or "));
            Err(Error::field(field, Problem::forbidden(why)).into())
        }
    }
}

/// Gives a lead to somebody, or back to the pool.
pub(super) fn give(
    tx: &mut Draft<'_>,
    permit: &Permit,
    lead: &Arc<Lead>,
    to: Option<UserId>,
    why: Option<&str>,
) -> Result<Arc<Lead>, Halt> {
    if lead.owner == to {
        return Ok(Arc::clone(lead));
    }
    let mut after = lead.as_ref().clone();
    place(tx, &mut after, to, why)?;
    write_by_rules(tx, permit, lead, after)
}

/// Gives every open lead of a member who leaves to somebody else. What stays because it is closed is relied on too.
pub(crate) fn hand_over(
    tx: &mut Draft<'_>,
    permit: &Permit,
    from: UserId,
    to: UserId,
) -> Result<Vec<Key>, Halt> {
    if tx.profile().spec().leads.is_none() {
        return Ok(Vec::new());
    }
    let spec = settings(tx)?;
    let mut moved = Vec::new();
    for lead in tx.rows::<Lead>(vec![(OWNER, from.to_value())])? {
        if spec.is_end(&lead.stage) {
            tx.rely_on(lead.id)?;
            continue;
        }
        judge_role(tx, Some(to), "successor")?;
        give(tx, permit, &lead, Some(to), Some("took over from a member who left"))?;
        moved.push(lead.id.key());
    }
    Ok(moved)
}

/// Chooses somebody by the profile's policy; nobody where it does not choose, or where nobody is there.
pub(super) fn choose(tx: &mut Draft<'_>, lead: LeadId) -> Result<Option<Chosen>, Halt> {
    let spec = settings(tx)?;
    match spec.assignment.policy {
        AssignmentPolicy::Manual | AssignmentPolicy::Pool => Ok(None),
        AssignmentPolicy::RoundRobin => next_in_turn(tx, spec),
        AssignmentPolicy::LeastLoaded => least_loaded(tx, spec),
        AssignmentPolicy::Random => drawn(tx, spec, lead),
    }
}

/// The members who can be given a lead now, in the order of their ids: those at work, where the system knows who is. Where
/// nobody is, all of them: a lead is not left to nobody for its hour.
fn available(tx: &mut Draft<'_>, spec: &LeadsSpec) -> Result<Vec<UserId>, Halt> {
    let active =
        |role: &Word| vec![(membership::ROLE, role.to_value()), (membership::ACTIVE, Value::Bool(true))];
    let seats = sets_of::<Membership>(tx, spec.takers().iter().map(active))?;
    let members: BTreeSet<_> = seats.iter().flatten().map(|seat| seat.id).collect();
    let members: Vec<_> = members.into_iter().collect();
    if tx.profile().spec().attendance.is_none() {
        return Ok(members);
    }
    let mut here = Vec::new();
    for member in &members {
        if is_available(tx, *member)? {
            here.push(*member);
        }
    }
    Ok(if here.is_empty() { members } else { here })
}

fn least_loaded(tx: &mut Draft<'_>, spec: &LeadsSpec) -> Result<Option<Chosen>, Halt> {
    let members = available(tx, spec)?;
    let worked_on = |kind: LeadStage| matches!(kind, LeadStage::New | LeadStage::Open);
    let stages: Vec<_> = spec.stages.states.iter().filter(|state| worked_on(state.kind)).collect();
    let of = |member: &UserId| {
        let owner = member.to_value();
        stages.iter().map(move |state| vec![(OWNER, owner.clone()), (STAGE, state.name.to_value())])
    };
    let sets = sets_of::<Lead>(tx, members.iter().flat_map(of))?;
    let load = |place: usize| -> usize {
        sets.iter().skip(place * stages.len()).take(stages.len()).map(Vec::len).sum()
    };
    let loads = members.iter().enumerate().map(|(place, member)| (member, load(place)));
    let least = loads.min_by_key(|(member, load)| (*load, **member));
    Ok(least.map(|(member, load)| {
        let plural = if load == 1 { "" } else { "s" };
        Chosen { member: *member, why: format!("least loaded: {load} open lead{plural}") }
    }))
}

/// Whose newest lead is the oldest. It looks back as far as it must, and no further than [`LOOK_BACK`] days: who got none
/// since then is next.
fn next_in_turn(tx: &mut Draft<'_>, spec: &LeadsSpec) -> Result<Option<Chosen>, Halt> {
    let members = available(tx, spec)?;
    let mut newest = newest_since(tx, 2)?;
    if members.iter().any(|member| !newest.contains_key(member)) {
        newest = newest_since(tx, LOOK_BACK)?;
    }
    let turns = members.iter().map(|member| (*member, newest.get(member)));
    Ok(turns.min_by_key(|(member, newest)| (*newest, *member)).map(|(member, newest)| {
        let last = newest.map_or("no lead of late".to_owned(), |(at, _)| format!("last lead {at}"));
        Chosen { member, why: format!("next in turn: {last}") }
    }))
}

/// How many days back the leads of one's turn are looked for.
const LOOK_BACK: i64 = 30;

/// When each owner got their newest lead of these last days. Leads of one moment follow each other by their ids, which
/// rise.
fn newest_since(tx: &mut Draft<'_>, days: i64) -> Result<BTreeMap<UserId, (Instant, LeadId)>, Halt> {
    let today = tx.today()?;
    let of_day = |back: i64| vec![(ASSIGNED_ON, today.plus_days(-back).to_value())];
    let leads = sets_of::<Lead>(tx, (0..days).map(of_day))?;
    let mut newest = BTreeMap::new();
    for lead in leads.iter().flatten() {
        let (Some(owner), Some(at)) = (lead.owner, lead.assigned_at) else { continue };
        let last = newest.entry(owner).or_insert((at, lead.id));
        *last = (*last).max((at, lead.id));
    }
    Ok(newest)
}

fn drawn(tx: &mut Draft<'_>, spec: &LeadsSpec, lead: LeadId) -> Result<Option<Chosen>, Halt> {
    let members = available(tx, spec)?;
    let command: uuid::Uuid = tx.command_id().into();
    let lead: uuid::Uuid = lead.into();
    let digest = Sha256::new().chain_update(command.as_bytes()).chain_update(lead.as_bytes()).finalize();
    let lot = digest.iter().take(8).fold(0_u64, |lot, byte| lot << 8 | u64::from(*byte));
    let place = u64::try_from(members.len()).ok().and_then(|count| lot.checked_rem(count));
    let member = place.and_then(|place| usize::try_from(place).ok()).and_then(|place| members.get(place));
    Ok(member.map(|member| Chosen { member: *member, why: format!("drawn from {}", members.len()) }))
}

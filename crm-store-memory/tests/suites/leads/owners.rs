//! Whose a lead is: naming, taking, releasing, and the policies.

use std::collections::BTreeMap;
use std::sync::Arc;

use crm_core::seed::SeededIds;
use crm_core::value::UserId;
use crm_core::{
    AssignLead, ChangeMember, Class, CloseLead, DeleteLead, Lead, MoveLead, ReleaseLead, RemoveMember,
    TakeLead,
};
use serde_json::{Value as Json, json};

use super::{House, code, house, house_with, user};

/// Three sellers (11 to 13) among whom a policy chooses.
fn sellers(policy: &str) -> House {
    let assignment = json!({ "policy": policy, "roles": ["member"] });
    let mut house = house_with(&json!({ "owner_roles": ["member", "manager"], "assignment": assignment }));
    house.crm = house.crm.with_ids(Arc::new(SeededIds::from_seed(5)));
    house.do_(ChangeMember::of(user(2)).active(false));
    for seller in 11..=13 {
        house.join(seller, "member");
    }
    house
}

fn why(lead: &Lead) -> &str {
    lead.assignment.as_ref().map_or("", |why| why.as_str())
}

#[test]
fn who_makes_a_lead_keeps_it_or_leaves_it_to_the_pool_and_needs_a_right_for_more() {
    let house = house();
    for (actor, owner, answer) in [
        (2, json!(null), Ok(None)),
        (2, json!(user(2)), Ok(Some(user(2)))),
        (2, json!(user(3)), Err("forbidden")),
        (3, json!(user(2)), Ok(Some(user(2)))),
        (3, json!(user(77)), Err("invalid")),
    ] {
        let made = house.lead_by(actor, json!({ "owner": owner }));
        assert_eq!(made.map(|lead| lead.owner).map_err(|error| error.code()), answer, "{actor} {owner}");
    }
}

#[test]
fn an_owner_is_an_active_member_of_a_role_that_may_own_leads() {
    let house = house_with(&json!({ "owner_roles": ["member"] }));
    house.join(4, "member");
    house.do_(ChangeMember::of(user(4)).active(false));
    let lead = house.lead(json!({}));
    for (to, answer) in [(1, "invalid"), (3, "invalid"), (4, "invalid"), (77, "invalid"), (2, "")] {
        let given = house.by(1, AssignLead::to(lead.id, user(to)));
        assert_eq!(given.map_or_else(|error| error.code(), |_| ""), answer, "{to}");
        let named = house.lead_by(1, json!({ "owner": user(to) }));
        assert_eq!(named.map_or_else(|error| error.code(), |_| ""), answer, "{to} of a new lead");
    }
    assert_eq!(code(house.set(1, &lead, json!({ "owner": user(3) }))), "invalid", "also by a patch");
    let pooled = house.lead(json!({}));
    house.by(3, TakeLead::of(pooled.id)).expect_err("a manager owns none here");
}

#[test]
fn a_lead_goes_to_somebody_and_back_to_the_pool() {
    let house = house();
    let lead = house.lead(json!({}));
    assert_eq!(code(house.by(2, AssignLead::to(lead.id, user(2)))), "not_found");
    let given = house.by(3, AssignLead::to(lead.id, user(2))).unwrap();
    assert_eq!((given.owner, given.assigned_at, why(&given)), (Some(user(2)), Some(given.updated_at), ""));
    assert_eq!(house.by(3, AssignLead::to(lead.id, user(2))).unwrap().version, given.version, "it is theirs");
    assert_eq!(code(house.by(2, ReleaseLead::of(lead.id))), "forbidden");
    let free = house.by(3, ReleaseLead::of(lead.id)).unwrap();
    assert_eq!((free.owner, free.assigned_at), (None, None));
    assert_eq!(house.by(3, ReleaseLead::of(lead.id)).unwrap().version, free.version);
    assert_eq!(code(house.by(3, AssignLead::by_policy(lead.id))), "assigned_by_hand");
    let told: Vec<_> = house.told("lead.assigned").into_iter().map(|event| event.data).collect();
    assert_eq!(told, [json!({ "from": null, "to": user(2), "reason": null })]);
    assert_eq!(house.told("lead.released").len(), 1);
}

#[test]
fn a_lead_of_the_pool_is_taken_once() {
    let house = house();
    let lead = house.lead(json!({}));
    house.join(9, "viewer");
    assert_eq!(code(house.by(9, TakeLead::of(lead.id))), "forbidden");
    let taken = house.by(2, TakeLead::of(lead.id)).unwrap();
    assert_eq!((taken.owner, why(&taken)), (Some(user(2)), "taken from the pool"));
    assert_eq!(house.by(2, TakeLead::of(lead.id)).unwrap().version, taken.version, "it is theirs");
    let late = house.by(3, TakeLead::of(lead.id)).unwrap_err();
    assert_eq!((late.code(), late.class()), ("lead_taken", Class::Conflict));
    let gone = house.lead(json!({}));
    house.by(1, CloseLead::of(gone.id, "No")).unwrap();
    assert_eq!(code(house.by(2, TakeLead::of(gone.id))), "lead_closed");
    house.by(1, DeleteLead::of(gone.id)).unwrap();
    assert_eq!(code(house.by(2, TakeLead::of(gone.id))), "not_found");
}

#[test]
fn the_least_loaded_gets_the_next_and_is_told_why() {
    let house = sellers("least_loaded");
    let owners: Vec<_> = (0..3).map(|_| house.lead(json!({})).owner).collect();
    assert_eq!(owners, [11, 12, 13].map(|seller| Some(user(seller))), "ties by id");
    let fourth = house.lead(json!({}));
    assert_eq!((fourth.owner, why(&fourth)), (Some(user(11)), "least loaded: 1 open lead"));
    let busy = house.lead(json!({ "owner": user(12) }));
    house.by(1, MoveLead::of(busy.id, "waiting")).unwrap();
    let fifth = house.lead(json!({}));
    assert_eq!((fifth.owner, why(&fifth)), (Some(user(12)), "least loaded: 1 open lead"), "one is put aside");
    for lead in [&fourth, &fifth] {
        house.by(1, CloseLead::of(lead.id, "No")).unwrap();
    }
    let again = house.by(1, AssignLead::by_policy(busy.id)).unwrap();
    assert_eq!((again.owner, why(&again)), (Some(user(11)), "least loaded: 1 open lead"));
    let told = house.told("lead.assigned").pop().unwrap().data;
    assert_eq!(told, json!({ "from": user(12), "to": user(11), "reason": "least loaded: 1 open lead" }));
}

#[test]
fn whose_newest_lead_is_the_oldest_is_next_in_turn() {
    let house = sellers("round_robin");
    let turns: Vec<_> = (0..7).map(|_| house.lead(json!({})).owner.unwrap()).collect();
    assert_eq!(turns, [11, 12, 13, 11, 12, 13, 11].map(user), "also while the clock stands still");
    house.clock.advance_hours(1);
    house.lead(json!({ "owner": user(12) }));
    assert_eq!(house.lead(json!({})).owner, Some(user(13)));
    house.do_(ChangeMember::of(user(11)).active(false));
    assert_eq!(house.lead(json!({})).owner, Some(user(12)), "who is away is left out");
}

#[test]
fn a_turn_is_remembered_for_a_month() {
    let house = sellers("round_robin");
    for _ in 0..3 {
        house.lead(json!({}));
    }
    house.clock.advance_days(5);
    house.lead(json!({ "owner": user(11) }));
    let next = house.lead(json!({}));
    assert_eq!((next.owner, why(&next)), (Some(user(12)), "next in turn: last lead 2026-03-02T09:00:00Z"));
    house.clock.advance_days(20);
    assert_eq!(house.lead(json!({})).owner, Some(user(13)), "whose lead is the oldest");
    house.clock.advance_days(12);
    let later = house.lead(json!({}));
    assert_eq!((later.owner, why(&later)), (Some(user(11)), "next in turn: no lead of late"));
}

/// How many leads each seller has after a hundred.
fn after_a_hundred(policy: &str, seed: u64) -> (Vec<UserId>, BTreeMap<UserId, u32>) {
    let mut house = sellers(policy);
    house.crm = house.crm.with_ids(Arc::new(SeededIds::from_seed(seed)));
    let owners: Vec<_> = (0..100).map(|_| house.lead(json!({})).owner.unwrap()).collect();
    let mut counts = BTreeMap::new();
    for owner in &owners {
        *counts.entry(*owner).or_default() += 1;
    }
    (owners, counts)
}

#[test]
fn a_hundred_leads_are_shared_fairly_and_the_same_way_each_time() {
    for (policy, least) in [("least_loaded", 33), ("round_robin", 33), ("random", 20)] {
        let (owners, counts) = after_a_hundred(policy, 7);
        assert_eq!(counts.len(), 3, "{policy}");
        assert!(counts.values().all(|count| *count >= least), "{policy} {counts:?}");
        assert_eq!(owners, after_a_hundred(policy, 7).0, "{policy}");
    }
    assert_ne!(after_a_hundred("random", 7).0, after_a_hundred("random", 8).0);
}

#[test]
fn leads_that_come_in_together_are_shared_as_fairly() {
    let house = sellers("least_loaded");
    let owners: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..6).map(|_| scope.spawn(|| house.lead_by(1, json!({})).unwrap().owner.unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut sorted = owners;
    sorted.sort_unstable();
    assert_eq!(sorted, [11, 11, 12, 12, 13, 13].map(user));
}

#[test]
fn where_nobody_can_take_it_a_lead_waits() {
    let house = sellers("random");
    for seller in 11..=13 {
        house.do_(ChangeMember::of(user(seller)).active(false));
    }
    let lead = house.lead(json!({}));
    assert_eq!(lead.owner, None);
    assert_eq!(code(house.by(1, AssignLead::by_policy(lead.id))), "nobody_available");
    let pool: Json = json!({ "owner": null });
    house.do_(ChangeMember::of(user(11)).active(true));
    assert_eq!(house.lead(pool).owner, None, "whoever says nobody means it");
    let drawn = house.by(1, AssignLead::by_policy(lead.id)).unwrap();
    assert_eq!((drawn.owner, why(&drawn)), (Some(user(11)), "drawn from 1"));
}

#[test]
fn who_leaves_leaves_open_leads_to_the_successor() {
    let house = house_with(&json!({ "owner_roles": ["member"] }));
    house.join(4, "member");
    let (open, over) = (house.lead(json!({ "owner": user(2) })), house.lead(json!({ "owner": user(2) })));
    house.by(1, CloseLead::of(over.id, "No")).unwrap();
    assert_eq!(
        code(house.by(1, RemoveMember::of(user(2)).successor(user(3)))),
        "invalid",
        "a manager owns none"
    );
    assert_eq!(house.by(1, RemoveMember::of(user(2)).successor(user(4))).unwrap().reassigned, 1);
    assert_eq!((house.read(open.id).owner, house.read(over.id).owner), (Some(user(4)), Some(user(2))));
    house.set(1, &over, json!({ "notes": "old" })).expect("a lead may keep an owner who has left");
}

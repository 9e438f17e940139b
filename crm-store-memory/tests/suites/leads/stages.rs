//! How a lead is created and how it moves: the machine, reasons, reopening, rating, and what is told of it.

use crm_core::value::Word;
use crm_core::{
    CloseLead, ConvertLead, DeleteLead, Error, Import, Lead, List, MoveLead, Profile, ReopenLead,
    RestoreLead, TakeLead,
};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::{House, code, house, house_under, house_with, lines, user};

/// Stage, where it was closed from, and whether it is known when.
fn course(lead: &Lead) -> (&str, Option<&str>, bool) {
    (lead.stage.as_str(), lead.closed_from.as_ref().map(Word::as_str), lead.closed_at.is_some())
}

/// A machine in which a lead goes forward only, and from its ends back to the middle.
fn strict() -> Json {
    json!({
        "initial": "new",
        "states": [
            { "name": "new", "kind": "new", "to": ["in_work", "gone"] },
            { "name": "in_work", "kind": "open", "to": ["processed", "gone"] },
            { "name": "processed", "kind": "open", "to": ["bought", "gone"], "requires": [{ "present": "region" }] },
            { "name": "bought", "kind": "won", "to": ["processed"] },
            { "name": "gone", "kind": "lost", "to": ["in_work"] }
        ]
    })
}

#[test]
fn a_lead_starts_as_the_profile_says_and_is_nobodys() {
    let house = house();
    let lead = house.lead(json!({ "phone": "90 123-45-67", "email": "Ann@Example.com" }));
    assert_eq!(course(&lead), ("new", None, false));
    let words = [&lead.rating, &lead.source].map(|word| word.as_ref().unwrap().as_str());
    assert_eq!((words, lead.currency.as_str(), lead.owner), (["cold", "other"], "USD", None));
    assert_eq!((lead.touched_at, lead.created_at), (lead.created_at, lead.updated_at));
    assert_eq!(lead.phone.as_ref().unwrap().as_str(), "90 123-45-67");
    assert_eq!(lead.phone_key.as_ref().unwrap().as_str(), "+998901234567");
    assert_eq!(lead.email_key.as_ref().unwrap().as_str(), "ann@example.com");
    assert_eq!(code(house.lead_by(1, json!({ "name": "A" }))), "invalid", "too short a name");
    assert_eq!(code(house.lead_by(1, json!({ "rating": "boiling" }))), "invalid");
}

#[test]
fn a_lead_is_closed_with_a_reason_and_reopened_by_those_who_may() {
    let house = house();
    let lead = house.lead_by(2, json!({ "owner": user(2) })).unwrap();
    house.by(2, MoveLead::of(lead.id, "processed")).unwrap();
    assert_eq!(code(house.by(2, MoveLead::of(lead.id, "gone"))), "invalid", "why?");
    assert_eq!(code(house.by(2, CloseLead::of(lead.id, " "))), "invalid", "why?");
    assert_eq!(code(house.set(2, &lead, json!({ "close_reason": "Price" }))), "invalid", "it is open");
    let gone = house.by(2, CloseLead::of(lead.id, "Price")).unwrap();
    assert_eq!((course(&gone), gone.closed_at), (("gone", Some("processed"), true), Some(gone.touched_at)));
    assert_eq!(code(house.set(2, &lead, json!({ "close_reason": null }))), "invalid", "it keeps a reason");
    house.set(2, &lead, json!({ "close_reason": "Too far away" })).unwrap();
    assert_eq!(code(house.by(2, ReopenLead::of(lead.id))), "forbidden");
    assert_eq!(code(house.by(2, MoveLead::of(lead.id, "new"))), "forbidden");
    let open = house.by(3, ReopenLead::of(lead.id)).unwrap();
    assert_eq!((course(&open), &open.close_reason), (("processed", None, false), &None));
    assert_eq!(house.by(3, ReopenLead::of(lead.id)).unwrap().version, open.version, "it is open");
    let elsewhere = house.by(3, ReopenLead { id: lead.id, stage: Some("nowhere".to_owned()) });
    assert_eq!(code(elsewhere), "invalid");
}

#[test]
fn a_lead_is_won_by_hand_only_where_the_profile_lets_it() {
    for (won_by, plainly, with_reason) in
        [("conversion", "won_by_rules", "won_by_rules"), ("reason", "invalid", ""), ("hand", "", "")]
    {
        let house = house_with(&json!({ "won_by": won_by }));
        let lead = house.lead(json!({}));
        let answer = |fields: Json| house.set(1, &lead, fields).map_or_else(|error| error.code(), |_| "");
        assert_eq!(answer(json!({ "stage": "bought" })), plainly, "{won_by}");
        if plainly.is_empty() {
            house.by(1, ReopenLead::of(lead.id)).unwrap();
        }
        assert_eq!(
            answer(json!({ "stage": "bought", "close_reason": "At the desk" })),
            with_reason,
            "{won_by}"
        );
        let made = house.lead_by(1, json!({ "stage": "bought" })).map_or_else(|error| error.code(), |_| "");
        assert_eq!(made, plainly, "{won_by}: also for a new lead");
    }
}

#[test]
fn a_strict_machine_has_its_ways_only_and_stages_demand_what_they_need() {
    let house = house_with(&json!({ "stages": strict(), "won_by": "hand", "rating_moves_to": null }));
    let lead = house.lead(json!({}));
    assert_eq!(code(house.by(1, MoveLead::of(lead.id, "processed"))), "invalid_transition");
    house.by(1, MoveLead::of(lead.id, "in_work")).unwrap();
    assert_eq!(code(house.by(1, MoveLead::of(lead.id, "processed"))), "requirements_unmet");
    house.set(1, &lead, json!({ "stage": "processed", "region": "Bukhara" })).unwrap();
    assert_eq!(code(house.set(1, &lead, json!({ "region": null }))), "requirements_unmet", "it keeps it");
    assert_eq!(course(&house.by(1, MoveLead::of(lead.id, "bought")).unwrap()).0, "bought");
    assert_eq!(code(house.by(1, CloseLead::of(lead.id, "No"))), "invalid_transition");
    assert_eq!(course(&house.by(1, ReopenLead::of(lead.id)).unwrap()), ("processed", None, false));
    house.by(1, CloseLead::of(lead.id, "No")).unwrap();
    let back = house.by(1, ReopenLead::of(lead.id)).unwrap();
    assert_eq!(course(&back).0, "in_work", "there is no way to where it came from");
}

#[test]
fn a_rating_is_a_thing_apart_that_may_move_a_lead() {
    for (leads, fields, stage) in [
        (json!({}), json!({ "rating": "hot" }), "processed"),
        (json!({}), json!({ "rating": "cold" }), "new"),
        (json!({}), json!({ "rating": "hot", "stage": "waiting" }), "waiting"),
        (json!({ "rating_moves_to": null }), json!({ "rating": "hot" }), "new"),
        (json!({ "stages": strict() }), json!({ "rating": "hot" }), "new"),
    ] {
        let house = house_with(&leads);
        let lead = house.lead(json!({}));
        assert_eq!(house.set(1, &lead, fields.clone()).unwrap().stage.as_str(), stage, "{leads} {fields}");
    }
    let house = house();
    assert_eq!(house.lead(json!({ "rating": "hot" })).stage.as_str(), "new", "it came in so");
    let lead = house.lead(json!({}));
    house.by(1, CloseLead::of(lead.id, "No")).unwrap();
    assert_eq!(house.set(1, &lead, json!({ "rating": "hot" })).unwrap().stage.as_str(), "gone");
}

#[test]
fn rights_are_asked_for_field_by_field() {
    let house = house();
    let (mine, other) = (house.lead(json!({ "owner": user(2) })), house.lead(json!({ "owner": user(3) })));
    house.set(2, &mine, json!({ "notes": "Called" })).unwrap();
    assert_eq!(code(house.set(2, &mine, json!({ "owner": user(3) }))), "forbidden");
    assert_eq!(code(house.set(2, &other, json!({ "notes": "Called" }))), "not_found");
    let line = json!({ "lead.move": "none" });
    let mut lines = lines(&json!({}));
    for (name, scope) in line.as_object().unwrap() {
        lines["roles"]["member"]["grants"][name] = scope.clone();
    }
    let strict = house_under(&lines);
    let lead = strict.lead(json!({ "owner": user(2) }));
    assert_eq!(code(strict.by(2, MoveLead::of(lead.id, "in_work"))), "forbidden");
    strict.set(2, &lead, json!({ "rating": "hot" })).expect("what the rating does is not asked for");
}

#[test]
fn what_a_person_changes_touches_a_lead_and_nothing_else_does() {
    let house = house();
    let lead = house.lead(json!({}));
    let touched = |house: &House| house.read(lead.id).touched_at;
    house.clock.advance_hours(1);
    let system = crm_core::Actor::System { reason: "sweep".parse().unwrap() };
    let quiet = serde_json::from_value(json!({ "id": lead.id, "notes": "n" })).unwrap();
    now(house.crm.act(house.id, system).apply::<crm_core::UpdateLead>(quiet)).unwrap();
    assert_eq!(touched(&house), lead.touched_at);
    let same = house.set(1, &lead, json!({ "notes": "n" })).unwrap();
    assert_eq!((same.touched_at, same.version), (lead.touched_at, 2), "nothing was changed");
    house.set(1, &lead, json!({ "notes": "m" })).unwrap();
    assert!(touched(&house) > lead.touched_at);
    assert_eq!(house.by(2, TakeLead::of(lead.id)).unwrap().owner, Some(user(2)));
}

#[test]
fn moves_are_told_to_others_and_on_the_timeline() {
    let mut lines = lines(&json!({}));
    lines["activities"] = json!({
        "kinds": { "lead_event": { "name": "lead_event", "written_by": "rules" } },
        "triggers": {
            "lead_created": { "kind": "lead_event", "title": "{lead_name} from {source}" },
            "lead_stage_changed": { "kind": "lead_event", "title": "{old_stage} to {new_stage}" },
            "lead_assigned": { "kind": "lead_event", "title": "to {owner}" }
        }
    });
    let house = house_under(&lines);
    let lead = house.lead(json!({ "source": "site" }));
    house.by(1, MoveLead::of(lead.id, "in_work")).unwrap();
    house.set(1, &lead, json!({ "owner": user(2) })).unwrap();
    let moved: Vec<_> = house.told("lead.stage_changed").into_iter().map(|event| event.data).collect();
    assert_eq!(moved, [json!({ "from": "new", "to": "in_work" })]);
    let page = now(house.crm.act(house.id, user(1)).timeline(lead.id, List::new())).unwrap();
    let mut titles: Vec<_> = page.items.iter().filter_map(|entry| entry.title.as_ref()).collect();
    titles.sort_unstable();
    let titles: Vec<_> = titles.into_iter().map(|title| title.as_str().to_owned()).collect();
    assert_eq!(
        titles,
        ["Ann Archer from site".to_owned(), "new to in_work".to_owned(), format!("to {}", user(2))]
    );
}

#[test]
fn a_deleted_lead_comes_back_as_it_was() {
    let house = house();
    let lead = house.lead(json!({ "owner": user(2), "phone": "901234567" }));
    house.by(2, DeleteLead::of(lead.id)).unwrap();
    assert_eq!(code(house.set(1, &lead, json!({ "notes": "n" }))), "not_found");
    assert_eq!(code(house.by(2, RestoreLead::of(lead.id))), "forbidden");
    let back = house.by(3, RestoreLead::of(lead.id)).unwrap();
    assert_eq!((back.owner, back.phone_key.clone()), (lead.owner, lead.phone_key.clone()));
}

#[test]
fn an_import_says_what_is_wrong_with_a_lead() {
    let row = |fields: Json| {
        let mut row =
            json!({ "record": "lead", "id": user(900), "name": "Old", "currency": "USD", "stage": "new" });
        row.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        row
    };
    for (fields, found) in [
        (json!({ "phone": "901234567" }), vec![]),
        (json!({ "phone": "12345" }), vec!["`phone` must be a phone number: +998 and 9 digits"]),
        (json!({ "stage": "bought" }), vec!["it is not known when it closed"]),
        (
            json!({ "stage": "gone", "closed_at": "2020-01-01T00:00:00Z" }),
            vec!["it is not known why it was lost"],
        ),
    ] {
        let house = house();
        let report = house.by(1, Import { rows: vec![row(fields.clone())] }).unwrap();
        assert_eq!(report.rows[0].findings, found, "{fields}");
        assert_eq!(report.imported(), 1);
        let again = house.by(1, Import { rows: vec![row(fields)] }).unwrap();
        assert_eq!(again.imported(), 0, "again changes nothing");
    }
}

#[test]
fn tags_that_are_too_long_are_cut_and_kept_among_the_details() {
    let house = house();
    let long = "я".repeat(150);
    let lead = house.lead(json!({ "utm_source": long, "utm_term": "roof", "details": { "form": 7 } }));
    assert_eq!(lead.utm_source.as_ref().unwrap().as_str(), "я".repeat(100));
    assert_eq!(lead.utm_term.as_ref().unwrap().as_str(), "roof");
    let details = lead.details.as_ref().unwrap().as_json();
    assert_eq!(*details, json!({ "form": 7, "cut": { "utm_source": long } }));
    assert_eq!(house.lead(json!({ "utm_source": "я".repeat(100) })).details, None);
    assert_eq!(
        code(house.set(1, &lead, json!({ "utm_source": long }))),
        "invalid",
        "a change is not a capture"
    );
}

#[test]
fn a_faulty_section_is_refused_with_its_place() {
    for (leads, place) in [
        (json!({ "rating_moves_to": "bought" }), "leads.rating_moves_to"),
        (json!({ "callback_moves_to": "nowhere" }), "leads.callback_moves_to"),
        (json!({ "owner_roles": ["boss"] }), "leads.owner_roles"),
        (json!({ "assignment": { "policy": "random" } }), "leads.assignment.roles"),
        (
            json!({ "owner_roles": ["member"], "assignment": { "roles": ["viewer"] } }),
            "leads.assignment.roles",
        ),
        (json!({ "phones": { "e164": { "country": "999" } } }), "leads.phones"),
        (json!({ "inactive_days": 0 }), "leads.inactive_days"),
    ] {
        let error = Profile::from_json(&lines(&leads).to_string()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{place}:")), "{leads}: {error}");
    }
}

/// Numbers that look drawn, the same in each run.
struct Dice(u64);

impl Dice {
    fn roll<T: Copy>(&mut self, sides: &[T]) -> T {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        sides[usize::try_from(self.0 >> 33).unwrap() % sides.len()]
    }
}

#[test]
fn no_sequence_of_calls_leaves_the_machine() {
    let stages = ["new", "in_work", "processed", "bought", "gone", "nowhere"];
    let ways: Vec<(String, String)> = strict()["states"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|state| {
            let from = state["name"].as_str().unwrap().to_owned();
            let to = state["to"].as_array().unwrap().clone();
            to.into_iter().map(move |to| (from.clone(), to.as_str().unwrap().to_owned()))
        })
        .collect();
    let mut reached = std::collections::BTreeSet::new();
    for seed in 0..crate::store::tries(40) {
        let mut dice = Dice(seed);
        let house =
            house_with(&json!({ "stages": strict(), "rating_moves_to": "processed", "won_by": "reason" }));
        let lead = house.lead(json!({ "region": "Bukhara" }));
        for _ in 0..50 {
            let (actor, stage) = (dice.roll(&[1, 2, 3]), dice.roll(&stages));
            let answer: Result<(), Error> = match dice.roll(&[0, 1, 2, 3, 4, 5, 6, 7]) {
                0 | 1 => house.by(actor, MoveLead::of(lead.id, stage)).map(drop),
                2 => house.by(actor, CloseLead::of(lead.id, "No")).map(drop),
                3 => house.by(actor, ReopenLead::of(lead.id)).map(drop),
                4 => house.set(actor, &lead, json!({ "rating": dice.roll(&["cold", "hot"]) })).map(drop),
                5 => {
                    let task = json!({ "title": "Call", "lead": lead.id });
                    house.by(actor, serde_json::from_value::<crm_core::CreateTask>(task).unwrap()).map(drop)
                }
                6 => house.by(actor, ConvertLead::of(lead.id)).map(drop),
                _ => house.set(actor, &lead, json!({ "stage": stage, "close_reason": "So" })).map(drop),
            };
            let refused = answer.err().map(|error| error.code());
            assert!(!matches!(refused, Some("internal" | "busy" | "damaged")), "{refused:?}");
            let now_ = house.read(lead.id);
            reached.insert(now_.stage.to_string());
            let over = ["bought", "gone"].contains(&now_.stage.as_str());
            assert_eq!((now_.closed_at.is_some(), now_.closed_from.is_some()), (over, over));
            assert!(over || now_.close_reason.is_none());
        }
        for entry in now(house.crm.act(house.id, user(1)).history(lead.id)).unwrap().iter().skip(1) {
            for change in entry.fields.iter().filter(|change| change.field == "stage") {
                let words = [&change.before, &change.after].map(|value| value.as_text().unwrap().to_owned());
                let [from, to] = words;
                assert!(ways.contains(&(from.clone(), to.clone())), "{from} to {to}");
            }
        }
    }
    assert_eq!(reached.len(), stages.len() - 1, "the walks go everywhere: {reached:?}");
}

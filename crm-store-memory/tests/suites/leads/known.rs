//! Leads that are known already: spellings, policies, and what is told of it.

use crm_core::{DeleteLead, Error, Import, MatchReason, RestoreLead, Rule};
use pollster::block_on as now;
use serde_json::json;

use super::{House, code, house, house_under, house_with, lines, user};

#[test]
fn spellings_of_one_number_are_one_person() {
    let house = house();
    let first = house.lead(json!({ "phone": "+998 (90) 123-45-67" }));
    for spelling in ["901234567", "998901234567", "00998 90 123 45 67", "９０ 123.45.67"] {
        let again = house.lead(json!({ "phone": spelling }));
        assert_eq!(again.duplicate_of, Some(first.id), "{spelling}");
    }
    assert_eq!(house.lead(json!({ "phone": "901234568" })).duplicate_of, None);
    let refused = house.lead_by(1, json!({ "phone": "12-34" })).unwrap_err();
    assert!(refused.to_string().contains("`phone`"), "{refused}");
    assert_eq!(code(house.set(1, &first, json!({ "phone": "12-34" }))), "invalid");
    assert_eq!(code(house.set(1, &first, json!({ "phone": "ask" }))), "invalid");
}

#[test]
fn a_known_lead_is_linked_to_the_oldest_and_told_why() {
    let house = house();
    let old = house.lead(json!({ "email": "Ann@Example.com" }));
    house.clock.advance_hours(1);
    let newer = house.lead(json!({ "phone": "901234567" }));
    house.clock.advance_hours(1);
    let both = house.lead(json!({ "phone": "901234567", "email": "ann@example.COM" }));
    assert_eq!(both.duplicate_of, Some(old.id));
    let told = house.told("lead.duplicate_found");
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].subject.id, &told[0].data),
        (both.id.into(), &json!({ "duplicate_of": old.id, "reasons": ["email"] }))
    );
    let stays = house.set(1, &old, json!({ "phone": "901234567" })).unwrap();
    assert_eq!(stays.duplicate_of, None, "it was there first");
    let later = house.set(1, &newer, json!({ "email": "ann@example.com" })).unwrap();
    assert_eq!(later.duplicate_of, Some(old.id));
    let other = house.set(1, &later, json!({ "phone": null, "email": "bob@example.com" })).unwrap();
    assert_eq!((other.phone_key.clone(), other.duplicate_of), (None, Some(old.id)), "what was found stays");
}

#[test]
fn where_none_may_be_twice_the_known_one_is_named_to_who_may_see_it() {
    let house = house_with(&json!({ "duplicates": "reject" }));
    let known = house.lead(json!({ "phone": "901234567", "email": "a@b.co" }));
    for (actor, shown) in [(1, Some(known.id)), (3, Some(known.id)), (2, None)] {
        let refused =
            house.lead_by(actor, json!({ "phone": "90 123 45 67", "email": "A@b.co" })).unwrap_err();
        let Error::Rule(Rule::KnownLead { lead, reasons }) = &refused else { panic!("{refused}") };
        assert_eq!((*lead, reasons.as_slice()), (shown, [MatchReason::Phone, MatchReason::Email].as_slice()));
        assert_eq!((refused.code(), house.crm.profile().answer(&refused).status), ("known_lead", 409));
    }
    let other = house.lead(json!({ "phone": "907654321" }));
    assert_eq!(code(house.set(1, &other, json!({ "phone": "901234567" }))), "known_lead");
    house.by(1, DeleteLead::of(known.id)).unwrap();
    house.set(1, &other, json!({ "phone": "901234567" })).expect("the other one is gone");
    assert_eq!(code(house.by(1, RestoreLead::of(known.id))), "known_lead");
    let row = json!({ "record": "lead", "id": user(900), "name": "Old", "currency": "USD", "stage": "new", "phone": "901234567" });
    let report = house.by(1, Import { rows: vec![row] }).unwrap();
    assert_eq!((report.imported(), report.rejected().count()), (0, 1));
}

#[test]
fn where_it_does_not_matter_nothing_is_said() {
    let house = house_with(&json!({ "duplicates": "allow" }));
    house.lead(json!({ "phone": "901234567" }));
    assert_eq!(house.lead(json!({ "phone": "901234567" })).duplicate_of, None);
}

#[test]
fn a_lead_may_name_one_that_its_maker_does_not_see() {
    let mut lines = lines(&json!({}));
    lines["actors"] = json!({ "anonymous": { "lead.create": "all" } });
    let house = house_under(&lines);
    let known = house.lead(json!({ "phone": "901234567", "owner": user(3) }));
    let mine = house.lead_by(2, json!({ "phone": "901234567", "owner": user(2) })).unwrap();
    assert_eq!(mine.duplicate_of, Some(known.id));
    let form = serde_json::from_value::<crm_core::CreateLead>(json!({ "name": "Bob", "phone": "901234567" }));
    let public = house.crm.act(house.id, crm_core::Actor::Anonymous);
    let from_page = now(public.apply(form.unwrap())).unwrap();
    assert_eq!(from_page.duplicate_of, Some(known.id));
    house.by(1, DeleteLead::of(mine.id)).unwrap();
    house.by(1, DeleteLead::of(known.id)).unwrap();
    house.by(1, RestoreLead::of(mine.id)).expect("also when that one is gone");
}

fn reasons(house: &House, actor: u128, phone: Option<&str>, email: Option<&str>) -> Vec<(u128, usize)> {
    let found = now(house.crm.act(house.id, user(actor)).lead_matches(phone, email)).unwrap();
    let number = |name: &str| name.rsplit(' ').next().unwrap().parse().unwrap();
    found.iter().map(|known| (number(known.lead.name.as_str()), known.reasons.len())).collect()
}

#[test]
fn who_asks_is_told_of_the_matches_that_they_see() {
    let house = house();
    house.lead(json!({ "name": "Lead 1", "phone": "901234567", "owner": user(2) }));
    house.clock.advance_hours(1);
    house.lead(json!({ "name": "Lead 2", "phone": "901234567", "email": "a@b.co" }));
    house.lead(json!({ "name": "Lead 3", "email": "c@b.co" }));
    let number = Some("+998 90 123 45 67");
    assert_eq!(reasons(&house, 1, number, Some("A@b.co")), [(1, 1), (2, 2)]);
    assert_eq!(reasons(&house, 2, number, Some("A@b.co")), [(1, 1)]);
    assert_eq!(reasons(&house, 1, Some("123"), Some("c@b.co")), [(3, 1)], "a bad number is nobody's");
    assert_eq!(reasons(&house, 1, None, None), []);
    house.join(4, "viewer");
    let viewer = house.crm.act(house.id, user(4));
    assert_eq!(code(now(viewer.lead_matches(number, None))), "forbidden");
    assert_eq!(code(now(house.crm.act(house.id, user(1)).lead_matches(None, Some("nobody")))), "invalid");
}

#[test]
fn of_leads_that_come_in_together_one_is_the_first() {
    let house = house_with(&json!({ "duplicates": "reject" }));
    let made: Vec<bool> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| house.lead_by(1, json!({ "phone": "901234567" })).is_ok()))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(made.iter().filter(|made| **made).count(), 1);
}

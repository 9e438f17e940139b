//! Turning a lead into a contact and a deal: once, whole, and by those who may.

use std::sync::Arc;

use crm_core::{
    Contact, ConvertLead, Converted, CreateContact, CreateDeal, CreateLead, Deal, DealEdits, DeleteDeal,
    DeleteLead, List,
};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::{House, code, house, house_under, house_with, lines, user};

fn count(house: &House) -> (u64, u64) {
    let session = house.crm.act(house.id, user(1));
    (now(session.count(List::<Contact>::new())).unwrap(), now(session.count(List::<Deal>::new())).unwrap())
}

fn deal(fields: Json) -> DealEdits {
    serde_json::from_value(fields).unwrap()
}

#[test]
fn a_lead_becomes_a_contact_and_a_deal_and_is_won() {
    let house = house();
    let fields = json!({ "owner": user(2), "phone": "901234567", "email": "ann@b.co", "company": "Roofs", "position": "Boss" });
    let lead = house.lead(fields);
    let answer =
        house.by(2, ConvertLead::of(lead.id).new_company().deal(deal(json!({ "amount": 7 })))).unwrap();
    let Converted { lead: after, contact, company, deal, done_now } = answer;
    assert_eq!((after.stage.as_str(), after.contact), ("bought", Some(contact.id)));
    assert_eq!(
        (after.converted_at, after.closed_from.as_ref().unwrap().as_str()),
        (Some(deal.created_at), "new")
    );
    let company: Arc<Contact> = company.unwrap();
    assert_eq!((company.name.as_str(), company.kind.as_str()), ("Roofs", "company"));
    assert_eq!(
        (contact.name.as_str(), contact.employer, contact.owner),
        ("Ann Archer", Some(company.id), Some(user(2)))
    );
    assert_eq!(contact.phone, lead.phone);
    assert_eq!(
        (deal.title.as_str(), deal.lead, deal.contact),
        ("Ann Archer", Some(lead.id), Some(contact.id))
    );
    assert_eq!(
        (deal.owner, deal.amount.unwrap().to_string(), done_now),
        (Some(user(2)), "7.00".to_owned(), true)
    );
}

#[test]
fn a_second_time_answers_with_what_was_made() {
    let house = house();
    let lead = house.lead(json!({ "owner": user(2) }));
    house.do_(CreateDeal::new().title("Another deal of the lead").lead(lead.id));
    house.clock.advance_hours(1);
    let first = house.by(2, ConvertLead::of(lead.id)).unwrap();
    let made = count(&house);
    house.do_(CreateDeal::new().title("A later one").lead(lead.id));
    let again = house.by(3, ConvertLead::of(lead.id).deal(deal(json!({ "title": "Other" })))).unwrap();
    assert_eq!((again.deal.id, again.contact.id, again.done_now), (first.deal.id, first.contact.id, false));
    assert_eq!(again.lead.version, first.lead.version);
    assert_eq!(count(&house), (made.0, made.1 + 1), "the later one is all that is new");
}

#[test]
fn of_conversions_at_the_same_time_one_makes_something() {
    let house = house();
    let lead = house.lead(json!({}));
    let done: Vec<bool> = std::thread::scope(|scope| {
        let convert = |_| scope.spawn(|| house.by(1, ConvertLead::of(lead.id)).unwrap().done_now);
        let threads: Vec<_> = (0..6).map(convert).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!((done.iter().filter(|done| **done).count(), count(&house)), (1, (1, 1)));
}

#[test]
fn a_lead_can_be_somebody_who_is_known() {
    let house = house();
    let known = house.do_(CreateContact::new().name("Ann Archer"));
    let company = house.do_(CreateContact::new().name("Roofs").kind("company"));
    let by_hand = house.by(1, ConvertLead::of(house.lead(json!({})).id).contact(known.id)).unwrap();
    assert_eq!((by_hand.contact.id, by_hand.deal.contact), (known.id, Some(known.id)));
    let own = house.lead(json!({ "contact": known.id }));
    assert_eq!(house.by(1, ConvertLead::of(own.id)).unwrap().contact.id, known.id);
    let with_company = ConvertLead::of(house.lead(json!({})).id).company(company.id);
    assert_eq!(house.by(1, with_company).unwrap().contact.employer, Some(company.id));
    let before = count(&house);
    let lead = house.lead(json!({}));
    for wrong in [
        ConvertLead::of(lead.id).contact(known.id).company(company.id),
        ConvertLead::of(lead.id).company(company.id).new_company(),
        ConvertLead::of(lead.id).new_company(),
        ConvertLead::of(lead.id).company(known.id),
        ConvertLead::of(lead.id).deal(deal(json!({ "contact": known.id }))),
        ConvertLead::of(lead.id).deal(deal(json!({ "currency": "XXX" }))),
    ] {
        assert_eq!(code(house.by(1, wrong.clone())), "invalid", "{wrong:?}");
    }
    assert_eq!(count(&house), before, "nothing of what was refused is there");
    assert_eq!(house.read(lead.id).version, 1);
}

#[test]
fn converting_is_a_right_and_so_is_what_it_makes() {
    let mut lines = lines(&json!({}));
    lines["roles"]["member"]["grants"]["deal.create"] = json!("none");
    let (strict, house) = (house_under(&lines), house());
    let lead = strict.lead(json!({ "owner": user(2) }));
    assert_eq!(code(strict.by(2, ConvertLead::of(lead.id))), "forbidden");
    assert_eq!(count(&strict), (0, 0), "no contact either");
    house.join(9, "viewer");
    assert_eq!(code(house.by(9, ConvertLead::of(house.lead(json!({})).id))), "forbidden");
    let lost = house.lead(json!({ "stage": "gone", "close_reason": "No" }));
    assert_eq!(code(house.by(1, ConvertLead::of(lost.id))), "lead_closed");
    house.by(1, DeleteLead::of(lost.id)).unwrap();
    assert_eq!(code(house.by(1, ConvertLead::of(lost.id))), "not_found");
}

#[test]
fn a_conversion_takes_the_machines_way_or_none() {
    let stages = json!({
        "initial": "new",
        "states": [
            { "name": "new", "kind": "new", "to": ["agreed", "gone"] },
            { "name": "agreed", "kind": "open", "to": ["bought", "gone"] },
            { "name": "bought", "kind": "won" },
            { "name": "gone", "kind": "lost" }
        ]
    });
    let none = json!({ "rating_moves_to": null, "callback_moves_to": null, "stages": stages });
    let house = house_with(&none);
    let lead = house.lead(json!({}));
    assert_eq!(code(house.by(1, ConvertLead::of(lead.id))), "invalid_transition");
    house.set(1, &lead, json!({ "stage": "agreed" })).unwrap();
    assert_eq!(house.by(1, ConvertLead::of(lead.id)).unwrap().lead.stage.as_str(), "bought");
    let mut kept = none;
    kept["conversion_wins"] = json!(false);
    let house = house_with(&kept);
    let lead = house.lead(json!({}));
    let converted = house.by(1, ConvertLead::of(lead.id)).unwrap();
    assert_eq!((converted.lead.stage.as_str(), converted.lead.converted_at.is_some()), ("new", true));
    house.by(1, DeleteDeal::of(converted.deal.id)).unwrap();
    let anew = house.by(1, ConvertLead::of(lead.id)).unwrap();
    assert_eq!(
        (anew.done_now, anew.contact.id),
        (true, converted.contact.id),
        "the deal is made anew, not the person"
    );
}

#[test]
fn systems_that_keep_first_and_last_names_get_them() {
    let mut lines = lines(&json!({}));
    lines["fields"] =
        json!({ "contact.name": { "presence": "unused" }, "contact.owner": { "presence": "unused" } });
    let house = house_under(&lines);
    let lead = house.do_(CreateLead::new().name("Ann van Archer"));
    let contact = house.by(1, ConvertLead::of(lead.id)).unwrap().contact;
    let names = [&contact.first_name, &contact.last_name].map(|name| name.as_ref().unwrap().as_str());
    assert_eq!((names, contact.name.as_str()), (["Ann", "van Archer"], "Ann van Archer"));
}

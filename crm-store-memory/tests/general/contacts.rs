//! Contacts: names, employers, and what falls and comes back with them.

use std::sync::Arc;

use crm_core::{
    AddActivity, Contact, CreateContact, CreateDeal, CreateTask, DeleteContact, DeleteDeal, DeleteTask,
    Error, List, RestoreContact, UpdateContact,
};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::{House, house};

impl House {
    fn contact(&self, fields: Json) -> Result<Arc<Contact>, Error> {
        self.by(1, serde_json::from_value::<CreateContact>(fields).unwrap())
    }

    fn change(&self, contact: &Contact, fields: Json) -> Result<Arc<Contact>, Error> {
        let mut fields = fields;
        fields["id"] = json!(contact.id);
        self.by(1, serde_json::from_value::<UpdateContact>(fields).unwrap())
    }
}

#[test]
fn a_name_follows_first_and_last_until_it_is_another() {
    let house = house();
    let ann = house.contact(json!({ "first_name": "Ann", "last_name": "Archer" })).unwrap();
    let name = |fields: Json| house.change(&ann, fields).unwrap().name.to_string();
    assert_eq!(ann.name.as_str(), "Ann Archer");
    assert_eq!(name(json!({ "city": "Graz" })), "Ann Archer");
    assert_eq!(name(json!({ "last_name": "Baker" })), "Ann Baker");
    assert_eq!(name(json!({ "first_name": null, "last_name": null })), "Ann Baker", "there must be one");
    assert_eq!(name(json!({ "first_name": "Bo", "last_name": "Carter" })), "Ann Baker", "it is another now");
    assert_eq!(name(json!({ "name": "Bo Carter" })), "Bo Carter");
    assert_eq!(name(json!({ "name": "The Carter", "last_name": "Dyer" })), "The Carter", "it was said");
    assert_eq!(name(json!({ "first_name": "Cy" })), "The Carter");
    assert_eq!(house.contact(json!({ "first_name": "Cher" })).unwrap().name.as_str(), "Cher");
    assert_eq!(house.contact(json!({})).unwrap_err().code(), "invalid");
}

#[test]
fn a_person_works_for_a_company_and_a_company_for_nobody() {
    let house = house();
    let company = house.contact(json!({ "name": "Archer Ltd", "kind": "company" })).unwrap();
    let person = house.contact(json!({ "name": "Ann", "employer": company.id })).unwrap();
    let other = house.contact(json!({ "name": "Bo" })).unwrap();
    let code = |contact: &Contact, fields: Json| {
        house.change(contact, fields).map_or_else(|no| no.code(), |_| "done")
    };
    for (contact, fields, wanted) in [
        (&other, json!({ "employer": person.id }), "invalid"),
        (&other, json!({ "employer": company.id, "kind": "company" }), "invalid"),
        (&person, json!({ "kind": "company" }), "invalid"),
        (&company, json!({ "kind": "person" }), "has_dependents"),
        (&company, json!({ "kind": "company" }), "done"),
        (&company, json!({ "name": "Archer & Ann" }), "done"),
        (&other, json!({ "kind": "company" }), "done"),
        (&person, json!({ "employer": other.id }), "done"),
        (&company, json!({ "kind": "person" }), "done"),
        (&person, json!({ "employer": null, "kind": "company" }), "done"),
    ] {
        assert_eq!(code(contact, fields.clone()), wanted, "{}: {fields}", contact.name);
    }
}

#[test]
fn a_contact_stays_while_somebody_works_for_it_or_a_deal_is_on_it() {
    let house = house();
    let company = house.contact(json!({ "name": "Archer Ltd", "kind": "company" })).unwrap();
    let person = house.contact(json!({ "name": "Ann", "employer": company.id })).unwrap();
    let deal = house.do_(CreateDeal::new().title("D").contact(person.id));
    let code = |contact: &Contact| {
        house.by(1, DeleteContact::of(contact.id)).map_or_else(|no| no.code(), |_| "done")
    };
    assert_eq!((code(&company), code(&person)), ("has_dependents", "has_dependents"));
    house.do_(DeleteDeal::of(deal.id));
    assert_eq!((code(&person), code(&company)), ("done", "done"));
}

#[test]
fn what_one_deletion_took_along_comes_back_with_it_and_nothing_else() {
    let house = house();
    let ann = house.contact(json!({ "name": "Ann" })).unwrap();
    let task = || house.do_(CreateTask::new().title("Call").contact(ann.id)).id;
    let (with_her, before) = (task(), task());
    house.do_(AddActivity::new().contact(ann.id).kind("note").body("Hello"));
    house.do_(DeleteTask::of(before));
    house.do_(DeleteContact::of(ann.id));
    let session = house.crm.act(house.id, super::user(1));
    assert_eq!(now(session.get(with_her)).unwrap_err().code(), "not_found");
    house.do_(RestoreContact::of(ann.id));
    assert_eq!(now(session.get(with_her)).unwrap().title.as_str(), "Call");
    assert_eq!(now(session.get(before)).unwrap_err().code(), "not_found");
    let told = now(session.timeline(ann.id, List::new())).unwrap().items;
    assert!(told.iter().any(|entry| entry.body.as_ref().is_some_and(|body| body.as_str() == "Hello")));
    assert_eq!(told.len(), 3, "a note and two tasks made");
}

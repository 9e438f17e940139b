//! Lists by the value of a field that the caller names.

use std::sync::Arc;

use crm_core::describe::Value;
use crm_core::value::{ContactId, UserId, Uuid};
use crm_core::{
    AddMember, Contact, CreateContact, CreateOrganization, Crm, Deal, Error, List, Profile, Session,
};
use crm_store_memory::MemoryStore;
use pollster::block_on as now;

fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

fn names(session: &Session<'_>, list: List<Contact>) -> Result<Vec<String>, Error> {
    let page = now(session.list(list.order_by("name", false)))?;
    Ok(page.items.iter().map(|contact| contact.name.to_string()).collect())
}

#[test]
fn a_field_has_one_of_these_values() {
    let crm = Crm::new(Arc::new(MemoryStore::new()), Profile::preset("general").unwrap());
    let house = now(crm.register(user(1), CreateOrganization::new().name("House"))).unwrap().organization.id;
    let session = crm.act(house, user(1));
    for (number, name, city, active) in [
        (1, "Ann", Some("Graz"), true),
        (2, "Bo", Some("Wien"), true),
        (3, "Cy", None, true),
        (4, "Di", Some("Graz"), false),
    ] {
        let contact = CreateContact::with_id(ContactId::from_uuid(Uuid::from_u128(number))).name(name);
        let contact = contact.city(city.map(str::to_owned)).active(active);
        now(session.apply(contact)).unwrap();
    }
    let text = Value::text;
    let by =
        |field: &str, values: &[Value]| List::<Contact>::new().has(field, values.iter().map(Value::to_json));
    for (field, values, expected) in [
        ("city", vec![text("Graz")], vec!["Ann"]),
        ("city", vec![text("graz")], vec![]),
        ("city", vec![text("Graz"), text("Wien"), text("Linz")], vec!["Ann", "Bo"]),
        ("city", vec![Value::Null], vec!["Cy"]),
        ("city", vec![Value::Null, text("Wien")], vec!["Bo", "Cy"]),
        ("city", vec![], vec![]),
        ("active", vec![Value::Bool(false)], vec![]),
        ("owner", vec![Value::Uuid(user(1).into())], vec!["Ann", "Bo", "Cy"]),
    ] {
        assert_eq!(names(&session, by(field, &values)).unwrap(), expected, "{field} {values:?}");
    }
    let hidden = by("city", &[text("Graz")]).with_inactive();
    assert_eq!(names(&session, hidden).unwrap(), ["Ann", "Di"], "also one that lists leave out");
    for (field, value) in
        [("town", text("Graz")), ("city", Value::Bool(true)), ("owner", text("me")), ("active", text("no"))]
    {
        assert!(matches!(names(&session, by(field, &[value])), Err(Error::Invalid(_))), "{field}");
    }
    let no_number = List::<Deal>::new().has("amount", ["a lot".into()]);
    assert!(matches!(now(session.list(no_number)), Err(Error::Invalid(_))));
}

/// Naming the field is no way round the permission that a list by owner needs.
#[test]
fn who_may_not_look_by_owner_may_not_by_the_name_of_the_field_either() {
    for (preset, number, others) in [
        ("mini_crm_assignment", 1, true),
        ("mini_crm_assignment", 2, false),
        ("mini_crm_as_built", 1, false),
        ("mini_crm_as_built", 2, false),
    ] {
        let crm = Crm::new(Arc::new(MemoryStore::new()), Profile::preset(preset).unwrap());
        let founded = now(crm.register(user(1), CreateOrganization::new().name("House"))).unwrap();
        let house = founded.organization.id;
        now(crm.act(house, user(1)).apply(AddMember::with_id(user(2)).role("member"))).unwrap();
        let session = crm.act(house, user(number));
        for owner in [1, 2] {
            let id = Value::Uuid(user(owner).into());
            let named =
                now(session.list(List::<Deal>::new().has("owner", [id.to_json(), Value::Null.to_json()])));
            assert_eq!(named.is_ok(), others || owner == number, "{preset} {number} {owner}: {named:?}");
            let typed = now(session.list(List::<Deal>::new().owner(user(owner))));
            assert_eq!(named.is_ok(), typed.is_ok(), "{preset} {number} {owner}");
        }
    }
}

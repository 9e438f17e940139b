//! Which action a change of each field needs, and who may give a record to whom.

use crm_core::access::Action;
use crm_core::describe::Kind;
use crm_core::value::{DealId, Uuid};
use crm_core::{
    CreateContact, CreateDeal, CreateTask, Error, UpdateContact, UpdateDeal, UpdateOrganization, UpdateTask,
};
use pollster::block_on as now;
use serde_json::{Map, Value as Json, json};

use super::{House, house, house_with, user};

/// Each field that stands for an action, with a change of it that changes nothing.
const FIELDS: [(Kind, &str, &str); 13] = [
    (Kind::Contact, "name", "contact.update"),
    (Kind::Contact, "owner", "contact.reassign"),
    (Kind::Deal, "title", "deal.update"),
    (Kind::Deal, "expected_close_at", "deal.update"),
    (Kind::Deal, "status", "deal.transition"),
    (Kind::Deal, "lost_reason", "deal.transition"),
    (Kind::Deal, "stage", "deal.move"),
    (Kind::Deal, "pipeline", "deal.move"),
    (Kind::Deal, "owner", "deal.reassign"),
    (Kind::Deal, "assignee", "deal.reassign"),
    (Kind::Task, "title", "task.update"),
    (Kind::Task, "status", "task.update"),
    (Kind::Task, "assignee", "task.reassign"),
];

/// A house whose members have all actions of the kind, or of all its actions this one only.
fn granting(kind: Kind, action: &str, granted: bool) -> House {
    let of_kind = Action::ALL.iter().map(|action| action.name());
    let of_kind = of_kind.filter(|name| name.starts_with(&format!("{}.", kind.name())));
    let scope = |name: &str| {
        let has = name == action || name.ends_with(".read") || name.ends_with(".create");
        if has == granted || name.ends_with(".read") || name.ends_with(".create") { "all" } else { "none" }
    };
    let grants: Map<String, Json> = of_kind.map(|name| (name.to_owned(), json!(scope(name)))).collect();
    house_with(json!({ "roles": { "member": { "grants": grants } } }))
}

/// The member sets a field of a foreign record to what it is.
fn set(house: &House, kind: Kind, field: &str) -> Result<u64, Error> {
    macro_rules! patch {
        ($create:expr, $update:ident) => {{
            let row = house.do_($create);
            let mut fields = json!({ "id": row.id });
            fields[field] = serde_json::to_value(&*row).unwrap()[field].clone();
            let command: $update = serde_json::from_value(fields).unwrap();
            house.by(2, command).map(|row| row.version)
        }};
    }
    match kind {
        Kind::Contact => patch!(CreateContact::new().name("Ann"), UpdateContact),
        Kind::Deal => patch!(CreateDeal::new().title("Roof").amount(5), UpdateDeal),
        _ => patch!(CreateTask::new().title("Call"), UpdateTask),
    }
}

#[test]
fn each_field_needs_its_action_and_no_other() {
    for (kind, field, action) in FIELDS {
        let without = set(&granting(kind, action, false), kind, field).unwrap_err();
        let Error::Forbidden(decision) = without else { panic!("{kind:?} {field}: {without}") };
        assert_eq!(decision.action.name(), action, "{kind:?} {field}");
        assert_eq!(set(&granting(kind, action, true), kind, field).unwrap(), 1, "{kind:?} {field}");
    }
}

#[test]
fn a_record_is_made_for_oneself_and_for_another_by_those_who_may_give_it() {
    let house = house();
    house.join(3, "manager");
    let deal = |by, owner: Option<Json>| {
        let mut fields = json!({ "title": "Roof" });
        fields["owner"] = owner.unwrap_or(json!(user(by)));
        let create: CreateDeal = serde_json::from_value(fields).unwrap();
        house.by(by, create).map(|row| row.owner)
    };
    let contact = |by, owner: Option<Json>| {
        let mut fields = json!({ "name": "Ann" });
        fields["owner"] = owner.unwrap_or(json!(user(by)));
        let create: CreateContact = serde_json::from_value(fields).unwrap();
        house.by(by, create).map(|row| row.owner)
    };
    for create in [&deal as &dyn Fn(u128, Option<Json>) -> _, &contact] {
        assert_eq!(create(2, None).unwrap(), Some(user(2)));
        assert_eq!(create(2, Some(json!(user(3)))).unwrap_err().code(), "forbidden");
        assert_eq!(create(2, Some(Json::Null)).unwrap_err().code(), "forbidden");
        assert_eq!(create(3, Some(json!(user(2)))).unwrap(), Some(user(2)));
        assert_eq!(create(3, Some(Json::Null)).unwrap(), None);
    }
    assert_eq!(house.by(2, CreateDeal::new().title("D")).unwrap().owner, Some(user(2)));
    assert_eq!(house.by(2, CreateContact::new().name("C")).unwrap().owner, Some(user(2)));
    assert_eq!(house.by(2, CreateTask::new().title("T")).unwrap().assignee, Some(user(2)));
}

#[test]
fn whoever_changes_a_foreign_record_does_not_for_that_reason_give_it_away() {
    let lines =
        json!({ "roles": { "member": { "grants": { "deal.update": "all", "contact.update": "all" } } } });
    let house = house_with(lines);
    let (deal, contact) =
        (house.do_(CreateDeal::new().title("D")), house.do_(CreateContact::new().name("C")));
    let deal = house.by(2, UpdateDeal::of(deal.id).title("Other")).unwrap();
    let contact = house.by(2, UpdateContact::of(contact.id).name("Other")).unwrap();
    assert_eq!((deal.owner, contact.owner), (Some(user(1)), Some(user(1))));
}

#[test]
fn a_deal_has_the_currency_and_the_pipeline_of_its_organisation_unless_it_names_others() {
    let house = house();
    let deal = |fields: Json| {
        let mut fields = fields;
        fields["title"] = json!("D");
        let deal = house.do_(serde_json::from_value::<CreateDeal>(fields).unwrap());
        (deal.currency.to_string(), deal.pipeline.is_some())
    };
    assert_eq!(deal(json!({})), ("USD".to_owned(), true));
    assert_eq!(deal(json!({ "pipeline": null, "currency": "CHF" })), ("CHF".to_owned(), false));
    house.do_(UpdateOrganization::of(house.id).default_currency("EUR"));
    assert_eq!(deal(json!({})), ("EUR".to_owned(), true));
    let both = json!({ "title": "D", "expected_close_date": "2026-04-01", "expected_close_at": "2026-04-01T09:00:00Z" });
    let both = house.by(1, serde_json::from_value::<CreateDeal>(both).unwrap()).unwrap_err();
    assert_eq!(both.code(), "invalid", "a day or a time, not both");
}

#[test]
fn only_a_lost_deal_has_a_reason_and_one_of_those_that_the_profile_lists() {
    let house = house_with(json!({ "deals": { "lost_reasons": ["Price", "No need"] } }));
    let deal = house.do_(CreateDeal::new().title("D"));
    let say = |fields: Json| {
        let mut fields = fields;
        fields["id"] = json!(deal.id);
        let update: UpdateDeal = serde_json::from_value(fields).unwrap();
        house.by(1, update).map(|deal| deal.lost_reason.as_ref().map(ToString::to_string))
    };
    assert_eq!(say(json!({ "lost_reason": "Price" })).unwrap_err().code(), "invalid");
    assert_eq!(say(json!({ "status": "lost", "lost_reason": "Colour" })).unwrap_err().code(), "invalid");
    assert_eq!(say(json!({ "status": "lost", "lost_reason": "PRICE" })).unwrap().as_deref(), Some("PRICE"));
    assert_eq!(say(json!({ "status": "archived" })).unwrap().as_deref(), Some("PRICE"));
    assert_eq!(say(json!({ "lost_reason": "no need" })).unwrap().as_deref(), Some("no need"));
}

#[test]
fn what_a_record_belongs_to_is_looked_for_before_it_is_asked_whose_it_is() {
    let house = house_with(json!({ "roles": { "member": { "grants": { "task.create": "own" } } } }));
    let (mine, foreign) =
        (house.by(2, CreateDeal::new().title("D")).unwrap(), house.do_(CreateDeal::new().title("D")));
    let nowhere = DealId::from_uuid(Uuid::from_u128(99));
    let create = |deal| {
        let create = CreateTask::new().title("T").deal(deal).assignee(user(1));
        house.by(2, create).map_or_else(|error| error.code(), |_| "done")
    };
    assert_eq!([mine.id, foreign.id, nowhere].map(create), ["done", "not_owner", "invalid"]);
}

#[test]
fn a_plan_tells_each_decision_once() {
    let house = house();
    let deal = house.do_(CreateDeal::new().title("D"));
    let update = UpdateDeal::of(deal.id).title("E").description("More").status("lost").lost_reason("Price");
    let plan = now(house.crm.act(house.id, user(1)).plan(&update)).unwrap();
    let asked: Vec<_> = plan.decisions().iter().map(|decision| decision.action.name()).collect();
    assert_eq!(asked, ["deal.update", "deal.transition"]);
}

//! What all commands have in common: their names, the record that they are about, batches, uniqueness, limits.

use crm_core::describe::Id;
use crm_core::value::{ContactId, DealId, OrganizationId, TaskId, Uuid};
use crm_core::{
    Activity, AddMember, ArchiveDeal, Batch, ChangeMember, CompleteTask, Contact, CreateContact, CreateDeal,
    CreateOrganization, CreateTask, DeleteContact, DeleteDeal, Error, Import, LeaveOrganization, List,
    LoseDeal, MoveDeal, RemoveMember, ReopenDeal, ReopenTask, RestoreContact, RestoreDeal, TransitionDeal,
    UpdateContact, UpdateDeal, UpdateOrganization, WinDeal,
};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::{House, house, house_with, user};

/// The commands that wrote a record, in order.
fn causes<I: Id>(house: &House, id: I) -> Vec<String> {
    let history = now(house.crm.act(house.id, user(1)).history(id)).unwrap();
    history.iter().map(|entry| entry.cause.clone()).collect()
}

#[test]
fn the_ledger_names_the_command() {
    let house = house();
    let contact = house.do_(CreateContact::new().name("C")).id;
    house.do_(UpdateContact::of(contact).name("D"));
    house.do_(DeleteContact::of(contact));
    house.do_(RestoreContact::of(contact));
    assert_eq!(
        causes(&house, contact),
        ["create_contact", "update_contact", "delete_contact", "restore_contact"]
    );
    let deal = house.do_(CreateDeal::new().title("D").amount(1)).id;
    house.do_(MoveDeal::of(deal, "qualified"));
    house.do_(WinDeal::of(deal));
    house.do_(ReopenDeal::of(deal));
    house.do_(TransitionDeal::of(deal, "parked"));
    house.do_(LoseDeal::of(deal));
    house.do_(ArchiveDeal::of(deal));
    let moves = ["move_deal", "win_deal", "reopen_deal", "transition_deal", "lose_deal", "archive_deal"];
    assert_eq!(causes(&house, deal)[1..], moves);
    let task = house.do_(CreateTask::new().title("T")).id;
    house.do_(CompleteTask::of(task));
    house.do_(ReopenTask::of(task));
    assert_eq!(causes(&house, task)[1..], ["complete_task", "reopen_task"]);
    let old = ContactId::from_uuid(Uuid::from_u128(7));
    let row = json!({ "record": "contact", "id": old, "kind": "person", "name": "Old" });
    house.do_(Import { rows: vec![row] });
    house.do_(Batch::new().then(UpdateContact::of(old).city("Graz")));
    assert_eq!(causes(&house, old), ["import", "batch"]);
    house.join(3, "member");
    house.do_(RemoveMember::of(user(2)));
    house.by(3, LeaveOrganization::default()).unwrap();
    assert_eq!(causes(&house, user(2))[1..], ["remove_member"]);
    assert_eq!(causes(&house, user(3))[1..], ["leave_organization"]);
    assert_eq!(causes(&house, house.id), ["register_organization"]);
    let founded = now(house.crm.act(house.id, user(1)).organization()).unwrap();
    assert_eq!((founded.version, founded.default_pipeline.is_some(), founded.active), (1, true, true));
    assert_eq!(founded.time_zone.to_string(), "UTC");
}

#[test]
fn a_version_is_expected_of_the_record_that_a_command_is_about() {
    let house = house();
    let (contact, other) =
        (house.do_(CreateContact::new().name("C")).id, house.do_(CreateContact::new().name("D")).id);
    let task = house.do_(CreateTask::new().title("T")).id;
    house.do_(DeleteContact::of(other));
    let session = house.crm.act(house.id, user(1));
    macro_rules! stale {
        ($($command:expr),+ $(,)?) => {
            vec![$(now(session.apply($command).if_version(7)).map_or_else(|error| error.code(), |_| "done")),+]
        };
    }
    let answers = stale![
        UpdateContact::of(contact).name("E"),
        DeleteContact::of(contact),
        RestoreContact::of(other),
        CompleteTask::of(task),
        ReopenTask::of(task),
        RemoveMember::of(user(2)),
        UpdateOrganization::of(house.id).city("Graz"),
        CreateContact::with_id(ContactId::from_uuid(Uuid::from_u128(9))).name("F"),
    ];
    assert_eq!(answers, ["stale_version"; 8]);
    let nothing = stale![LeaveOrganization::default(), CreateContact::new().name("F"), Import::default()];
    assert_eq!(nothing, ["invalid"; 3], "they are about no record that is there");
    let founding = house.crm.register(
        user(1),
        CreateOrganization::with_id(OrganizationId::from_uuid(Uuid::from_u128(3))).name("N"),
    );
    assert_eq!(now(founding.if_version(7)).unwrap_err().code(), "stale_version");
}

#[test]
fn a_chosen_id_is_taken_once() {
    let house = house();
    let id = DealId::from_uuid(Uuid::from_u128(5));
    let create = || house.by(1, CreateDeal::with_id(id).title("D")).map(|deal| deal.id);
    assert_eq!(create().unwrap(), id);
    assert_eq!(create().unwrap_err().code(), "already_exists");
    house.do_(DeleteDeal::of(id));
    assert_eq!(create().unwrap_err().code(), "already_exists", "a deleted one keeps its place");
    assert_eq!(house.by(1, AddMember::with_id(user(2)).role("viewer")).unwrap_err().code(), "already_exists");
    house.do_(RemoveMember::of(user(2)));
    assert_eq!(house.do_(AddMember::with_id(user(2)).role("viewer")).version, 3, "a member comes back");
    let keyed: CreateDeal = serde_json::from_value(json!({ "title": "D" })).unwrap();
    assert_eq!(keyed.id, None);
    let missing =
        house.by(1, serde_json::from_value::<CreateDeal>(json!({ "amount": 1 })).unwrap()).unwrap_err();
    let fields: Vec<_> =
        missing.details()["fields"].as_array().unwrap().iter().map(|it| it["field"].clone()).collect();
    assert_eq!(fields, [json!("title")]);
}

#[test]
fn a_field_that_the_profile_demands_is_there_after_every_change() {
    let house = house_with(json!({ "fields": { "contact.city": { "presence": "required" } } }));
    let field = |error: Error| error.details()["fields"][0]["field"].clone();
    assert_eq!(field(house.by(1, CreateContact::new().name("C")).unwrap_err()), "city");
    let contact = house.do_(CreateContact::new().name("C").city("Graz"));
    assert_eq!(field(house.by(1, UpdateContact::of(contact.id).city(None)).unwrap_err()), "city");
}

#[test]
fn a_batch_is_done_whole_and_answers_each() {
    let house = house();
    let id = DealId::from_uuid(Uuid::from_u128(5));
    let batch = |amount: i32| {
        let create = CreateDeal::with_id(id).title("D");
        Batch::new().then(create).then(UpdateDeal::of(id).amount(amount)).then(WinDeal::of(id))
    };
    let refused = house.by(1, batch(-1)).unwrap_err();
    assert_eq!((refused.code(), refused.details()["at"].clone()), ("invalid", json!(1)), "{refused}");
    let answers = house.do_(batch(5));
    let shown: Vec<_> = answers.iter().map(|it| (it["version"].clone(), it["status"].clone())).collect();
    assert_eq!(shown, [(json!(1), json!("open")), (json!(1), json!("open")), (json!(1), json!("won"))]);
    let sent = serde_json::to_value(Batch::new().then(WinDeal::of(id))).unwrap();
    assert_eq!(sent, json!([{ "command": "win_deal", "with": { "id": id } }]));
    let session = house.crm.act(house.id, user(1));
    let rename = |title: &str| Batch::new().then(UpdateDeal::of(id).title(title));
    now(session.apply(rename("One")).with_key("k")).unwrap();
    assert_eq!(now(session.apply(rename("Two")).with_key("k")).unwrap_err().code(), "key_reused");
}

#[test]
fn a_unique_value_belongs_to_one_live_record() {
    let house = house_with(json!({ "unique": ["contact.email", "contact.phone"] }));
    let contact = |fields: Json| {
        let mut fields = fields;
        fields["name"] = json!("C");
        house.by(1, serde_json::from_value::<CreateContact>(fields).unwrap())
    };
    let code = |fields: Json| contact(fields).map_or_else(|no| no.code(), |_| "done");
    let ann =
        contact(json!({ "email": "ann@example.com", "phone": "+43 1 234", "company": "Archer" })).unwrap();
    for (fields, wanted) in [
        (json!({ "email": "ANN@example.com" }), "already_exists"),
        (json!({ "phone": "0043-1-234" }), "done"),
        (json!({ "phone": "(+43) 1234" }), "already_exists"),
        (json!({ "phone": "ask Bo" }), "done"),
        (json!({ "phone": "ASK bo" }), "already_exists"),
        (json!({ "phone": "ask Cy" }), "done"),
        (json!({ "company": "Archer" }), "done"),
        (json!({}), "done"),
        (json!({}), "done"),
    ] {
        assert_eq!(code(fields.clone()), wanted, "{fields}");
    }
    let change = |fields: Json| {
        let mut fields = fields;
        fields["id"] = json!(ann.id);
        house
            .by(1, serde_json::from_value::<UpdateContact>(fields).unwrap())
            .map_or_else(|no| no.code(), |_| "done")
    };
    assert_eq!(change(json!({ "email": "ann@example.com", "city": "Graz" })), "done", "it is hers");
    assert_eq!(change(json!({ "phone": "ask Cy" })), "already_exists");
    assert_eq!(change(json!({ "email": "ann@example.org" })), "done");
    assert_eq!(code(json!({ "email": "ann@example.com" })), "done", "she gave it up");
    assert_eq!(change(json!({ "email": "ann@example.com" })), "already_exists");
    house.do_(DeleteContact::of(ann.id));
    assert_eq!(code(json!({ "email": "ann@example.org" })), "done");
    assert_eq!(house.by(1, RestoreContact::of(ann.id)).unwrap_err().code(), "already_exists");
    let swap = Batch::new().then(DeleteContact::of(contact(json!({ "phone": "1" })).unwrap().id));
    let swap =
        swap.then(serde_json::from_value::<CreateContact>(json!({ "name": "D", "phone": "1" })).unwrap());
    house.by(1, swap).expect("given up and taken in one commit");
    assert_eq!(code(json!({ "phone": "1" })), "already_exists");
}

#[test]
fn one_command_writes_as_many_rows_as_the_profile_lets_it() {
    let house = house_with(json!({ "limits": { "rows_per_command": 7 } }));
    let import = |count: u128, from: u128| {
        let rows = (from..from + count).map(
            |at| json!({ "record": "contact", "id": Uuid::from_u128(at), "kind": "person", "name": "C" }),
        );
        let report = house.by(1, Import { rows: rows.collect() })?;
        assert!(report.rows.iter().all(|row| row.findings.is_empty()), "{report:?}");
        Ok::<_, Error>(report.imported())
    };
    assert_eq!(import(7, 100).unwrap(), 7);
    assert_eq!(import(8, 200).unwrap_err().code(), "limit");
    assert_eq!(now(house.crm.act(house.id, user(1)).count(List::<Contact>::new())).unwrap(), 7);
}

#[test]
fn a_reference_points_at_what_is_there_and_stays_when_that_has_gone() {
    let house = house();
    house.join(3, "member");
    let contact = house.do_(CreateContact::new().name("C")).id;
    let deal = house.do_(CreateDeal::new().title("D").contact(contact).assignee(user(3))).id;
    let task = house.do_(CreateTask::new().title("T").deal(deal).assignee(user(3))).id;
    let code = |fields: Json| {
        let mut fields = fields;
        fields["id"] = json!(deal);
        house
            .by(1, serde_json::from_value::<UpdateDeal>(fields).unwrap())
            .map_or_else(|no| no.code(), |_| "done")
    };
    let nobody = Uuid::from_u128(99);
    for field in ["contact", "pipeline", "owner", "assignee"] {
        assert_eq!(code(json!({ field: nobody })), "invalid", "{field}");
    }
    let told = |field: &str| {
        let fields = json!({ "id": deal, field: nobody });
        house.by(1, serde_json::from_value::<UpdateDeal>(fields).unwrap()).unwrap_err().to_string()
    };
    assert!(told("assignee").contains("the id of an active member"), "{}", told("assignee"));
    assert!(told("contact").contains("the id of contact"), "{}", told("contact"));
    let gone = house.do_(CreateContact::new().name("Gone")).id;
    house.do_(DeleteContact::of(gone));
    assert_eq!(code(json!({ "contact": gone })), "invalid");
    house.do_(RemoveMember::of(user(3)));
    assert_eq!(code(json!({ "assignee": user(3) })), "done", "what is left alone may point at who has left");
    assert_eq!(code(json!({ "owner": user(3) })), "invalid");
    house.do_(DeleteDeal::of(deal));
    assert_eq!(house.do_(RestoreDeal::of(deal)).assignee, Some(user(3)), "members may have left");
    assert_eq!(now(house.crm.act(house.id, user(1)).get(task)).unwrap().assignee, Some(user(3)));
    house.do_(DeleteDeal::of(deal));
    house.do_(DeleteContact::of(contact));
    assert_eq!(house.by(1, RestoreDeal::of(deal)).unwrap_err().code(), "invalid", "its contact has gone");
    let old = TaskId::from_uuid(Uuid::from_u128(8));
    let row = |contact: Json| json!({ "record": "task", "id": old, "title": "Old", "status": "todo", "contact": contact });
    assert_eq!(house.do_(Import { rows: vec![row(json!(nobody))] }).imported(), 0);
    assert_eq!(house.do_(Import { rows: vec![row(json!(gone))] }).imported(), 1, "history may");
    house.do_(CompleteTask::of(old));
    let told = now(house.crm.act(house.id, user(1)).list(List::<Activity>::new().kind(["task_completed"])));
    let told = told.unwrap().items.into_iter().map(|entry| entry.contact);
    assert_eq!(told.collect::<Vec<_>>(), [Some(gone)], "an entry may tell of what has gone");
}

#[test]
fn a_plan_is_outdated_when_who_it_refers_to_has_changed() {
    let house = house();
    house.join(3, "member");
    let session = house.crm.act(house.id, user(1));
    let plan = now(session.plan(&CreateDeal::new().title("D").owner(user(3)))).unwrap();
    house.do_(ChangeMember::of(user(3)).active(false));
    assert_eq!(now(session.carry_out(plan)).unwrap_err().code(), "plan_outdated");
}

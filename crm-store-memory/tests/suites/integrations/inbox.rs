//! What other systems tell: each event once, in any order, a bad one by itself.

use crm_core::integration::{IncomingEvent, ReceivedStatus};
use crm_core::value::Instant;
use crm_core::{
    Actor, Contact, Create, CreateContact, Delete, GiveUpIncoming, Import, Lead, LinkReference, List,
    ReplayIncoming, Restore, RetryIncoming, UnlinkReference, Update,
};
use pollster::block_on as now;
use serde_json::json;

use super::{House, add, event, house, house_with, moved, plain, rename, user, word};

#[test]
fn an_added_lead_is_created_once_with_its_reference() {
    let house = house();
    let answer = house.receive(vec![add("7", 1)]);
    assert_eq!((answer.status, answer.events_processed), (ReceivedStatus::Success, 1));
    let lead = house.lead("7").unwrap();
    assert_eq!((lead.name.as_str(), lead.stage.as_str()), ("Ann Archer", "new"));
    assert_eq!((answer.items[0].fate.name(), answer.items[0].lead), ("applied", Some(lead.id)));
    let reference = house.reference("lead", "7").unwrap();
    assert_eq!((reference.remote_version, reference.gone), (Some(1), false));
    let row = &house.inbox()[0];
    assert_eq!((row.status.as_str(), row.lead, row.attempts), ("applied", Some(lead.id), 1));
    let told = now(house.host().history(lead.id)).unwrap();
    assert_eq!(told[0].actor, Actor::System { reason: "webhook of amo".parse().unwrap() });
    assert_eq!(told[0].cause, "receive_events");
    assert_eq!(house.fate(add("7", 1)), "duplicate");
    assert_eq!(house.fate(add("7", 2)), "applied", "an add of what is known is an update");
    assert_eq!(house.leads().len(), 1);
}

#[test]
fn an_event_is_the_same_by_the_senders_id_or_by_all_of_it() {
    let house = house();
    let with_id =
        |id: &str, name: &str| IncomingEvent { event_id: Some(id.to_owned()), ..rename("7", 2, name) };
    house.receive(vec![add("7", 1)]);
    assert_eq!(house.fate(with_id("e1", "Bo Baker")), "applied");
    assert_eq!(house.fate(with_id("e1", "Cy Cook")), "duplicate", "the sender's id decides");
    assert_eq!(house.fate(IncomingEvent { system: "sheets".to_owned(), ..with_id("e1", "D") }), "waiting");
    let timed = |at: &str| IncomingEvent {
        remote_version: None,
        remote_at: Some(at.parse::<Instant>().unwrap()),
        ..rename("7", 0, "Eve Earl")
    };
    let (one, other) = (timed("2026-01-01T00:00:00Z"), timed("2026-01-01T00:00:01Z"));
    assert_eq!(house.fate(one.clone()), "applied");
    assert_eq!(house.fate(one), "duplicate");
    assert_eq!(house.fate(other), "applied", "another time is another event");
    let batch = house.receive(vec![rename("7", 9, "Fay Ford"), rename("7", 9, "Fay Ford")]);
    assert_eq!(batch.items.iter().map(|item| item.fate.name()).collect::<Vec<_>>(), ["applied", "duplicate"]);
    let mixed = |id: &str| IncomingEvent { event_id: Some(id.to_owned()), ..add(id, 1) };
    assert_eq!((house.fate(mixed("Ab")), house.fate(mixed("aB"))), ("applied", "applied"), "letters count");
}

#[test]
fn a_field_that_nobody_knows_was_passed_over_in_silence() {
    let house = house();
    let note = |event| house.receive(vec![event]).items[0].reason.as_ref().map(ToString::to_string);
    let fields = json!({ "name": "Ann Archer", "telephone": "1", "phone_key": "1" });
    let lead = event("lead", "add", "7", 1, json!({ "fields": fields, "responsible": "u9" }));
    assert_eq!(
        note(lead).unwrap(),
        "who is responsible there is not known here; passed over, for it is no field: `phone_key`, `telephone`"
    );
    let person = event("contact", "add", "8", 1, json!({ "fields": { "name": "Bo Baker", "company": "B" } }));
    assert_eq!(note(person).unwrap(), "passed over, for it is no field: `company`");
    assert_eq!(note(add("9", 1)), None);
}

#[test]
fn each_item_of_a_batch_stands_alone() {
    let house = house();
    let nameless = event("lead", "add", "1", 1, json!({ "fields": { "phone": "+7 900 000 00 02" } }));
    let bad_email =
        event("lead", "add", "2", 1, json!({ "fields": { "name": "Bo Baker", "email": "nobody" } }));
    let typo = event("lead", "add", "3", 1, json!({ "felds": {} }));
    let stage = event("lead", "add", "4", 1, json!({ "fields": { "name": "Cy Cook", "stage": "lost" } }));
    let unknown_system = IncomingEvent { system: "nobody".to_owned(), ..add("5", 1) };
    let nothing = IncomingEvent::default();
    let nul = event("lead", "add", "6\0", 1, json!({ "fields": { "name": "D\0", "e\0": ["\0"] } }));
    let long = add(&"9".repeat(300), 1);
    let bad = vec![nameless, bad_email, typo, stage, unknown_system, nothing, nul, long];
    let count = bad.len();
    let mut events = vec![add("good", 1)];
    events.extend(bad.clone());
    events.push(add("also good", 1));
    let answer = house.receive(events);
    assert_eq!((answer.status, answer.events_processed), (ReceivedStatus::PartialSuccess, 2));
    let places: Vec<_> = answer.errors.iter().map(|error| error.at).collect();
    assert_eq!(places, (1..=count).collect::<Vec<_>>());
    for (error, part) in answer.errors.iter().zip([
        "name",
        "email",
        "felds",
        "stage",
        "system",
        "system",
        "NUL",
        "external_id",
    ]) {
        assert!(error.reason.contains(part), "{error:?} of {part}");
    }
    assert_eq!(house.leads().len(), 2, "the bad ones left no lead");
    let dead: Vec<_> = house.inbox().into_iter().filter(|row| row.status == "dead").collect();
    assert_eq!(dead.len(), count);
    assert!(dead.iter().all(|row| row.reason.is_some() && row.lead.is_none()));
    assert!(dead.iter().any(|row| row.content.as_json()["raw"]["external_id"] == json!("9".repeat(300))));
    assert!((1..=8).all(|at| house.reference("lead", &at.to_string()).is_none()), "and no reference");
    let again = house.receive(bad);
    assert!(again.items.iter().all(|item| item.fate.name() == "duplicate"), "a dead one is dead once");
    let told = now(house.crm.events(house.id, None, 1_000)).unwrap();
    assert_eq!(told.iter().filter(|event| event.name == "incoming.dead").count(), count);
}

#[test]
fn a_refused_item_leaves_no_trace_of_itself() {
    let house = house();
    house.receive(vec![add("7", 1)]);
    let before = house.lead("7").unwrap();
    // The name is fine and would be written; the stage is one that the machine does not lead to.
    house.do_(Update::<Lead>::of(before.id).stage("lost").close_reason("gone"));
    let was = house.lead("7").unwrap();
    let both = event(
        "lead",
        "update",
        "7",
        2,
        json!({ "fields": { "name": "Bo" }, "pipeline": "1", "status": "20" }),
    );
    let answer = house.receive(vec![both, add("8", 1)]);
    assert_eq!(answer.items.iter().map(|item| item.fate.name()).collect::<Vec<_>>(), ["dead", "applied"]);
    assert_eq!(house.lead("7").unwrap(), was, "not even its name was changed");
    assert_eq!(house.reference("lead", "7").unwrap().remote_version, Some(1));
    let lost = event(
        "lead",
        "add",
        "9",
        1,
        json!({ "fields": { "name": "Cy Cook", "email": "cy@example.com", "budget": "x" }, "contact": "c9" }),
    );
    assert_eq!(house.fate(lost), "dead");
    let contacts = now(house.host().list(List::<Contact>::new())).unwrap().items;
    assert_eq!((contacts.len(), house.reference("contact", "c9")), (0, None), "its contact neither");
}

#[test]
fn only_what_is_newer_is_applied() {
    let house = house();
    house.receive(vec![add("7", 5)]);
    for (version, name, fate) in [
        (6, "Six", "applied"),
        (4, "Four", "skipped"),
        (6, "Six again", "skipped"),
        (9, "Nine", "applied"),
        (8, "Eight", "skipped"),
    ] {
        assert_eq!(house.fate(rename("7", version, name)), fate, "{version}");
    }
    assert_eq!(house.lead("7").unwrap().name.as_str(), "Nine");
    assert_eq!(house.fate(moved("7", 9, "20")), "applied", "what comes with the same version is no older");
    assert_eq!(house.fate(moved("7", 8, "10")), "skipped");
    assert_eq!(house.lead("7").unwrap().stage, "contacted");
    let at = |at: &str, name: &str| IncomingEvent {
        remote_version: None,
        remote_at: Some(at.parse().unwrap()),
        ..rename("7", 0, name)
    };
    for (time, name, fate) in [
        ("2026-01-02T00:00:00Z", "Second", "applied"),
        ("2026-01-01T00:00:00Z", "First", "skipped"),
        ("2026-01-02T00:00:00Z", "Same", "skipped"),
        ("2026-01-03T00:00:00Z", "Third", "applied"),
    ] {
        assert_eq!(house.fate(at(time, name)), fate, "{time}");
    }
    let neither = IncomingEvent { remote_version: None, ..rename("7", 0, "Whenever") };
    assert_eq!(house.fate(neither), "applied", "nothing tells that it is old");
}

#[test]
fn what_was_deleted_there_comes_back_by_a_restore_only() {
    let house = house();
    house.receive(vec![add("7", 1), plain("delete", "7", 5)]);
    assert_eq!(house.lead("7"), None);
    let gone = house.reference("lead", "7").unwrap();
    assert_eq!((gone.gone, gone.remote_version), (true, Some(5)));
    let fates = [rename("7", 9, "Back"), moved("7", 10, "20"), add("7", 11), rename("7", 3, "Old")];
    for event in fates {
        assert_eq!(house.fate(event.clone()), "skipped", "{event:?}");
    }
    assert_eq!((house.lead("7"), house.leads().len()), (None, 0));
    assert_eq!(house.fate(plain("restore", "7", 4)), "skipped", "older than the deletion");
    assert_eq!(house.fate(plain("restore", "7", 12)), "applied");
    assert_eq!(house.lead("7").unwrap().name.as_str(), "Ann Archer");
    assert_eq!(house.fate(plain("delete", "7", 6)), "skipped", "older than the restore");
    assert_eq!(house.fate(plain("delete", "7", 13)), "applied");
    house.do_(Restore::<Lead>::of(house.lead_id("7")));
    assert_eq!(house.fate(rename("7", 14, "By hand")), "applied", "somebody here brought it back");
    house.do_(Delete::<Lead>::of(house.lead_id("7")));
    assert_eq!(house.fate(rename("7", 15, "Late")), "skipped");
    assert_eq!(house.fate(plain("restore", "7", 16)), "skipped", "it was deleted here, not there");
    assert_eq!(house.fate(plain("delete", "7", 17)), "applied", "twice deleted is deleted");
    assert_eq!(house.fate(plain("restore", "7", 18)), "applied");
}

#[test]
fn a_stage_that_is_not_mapped_is_quarantined_until_it_is() {
    let house = house();
    house.receive(vec![add("7", 1)]);
    let was = house.lead("7").unwrap();
    let with_name = event(
        "lead",
        "update",
        "7",
        2,
        json!({ "fields": { "name": "Bo" }, "pipeline": "1", "status": "99" }),
    );
    let foreign = event("lead", "status", "7", 3, json!({ "pipeline": "2", "status": "20" }));
    let new = event(
        "lead",
        "add",
        "8",
        1,
        json!({ "fields": { "name": "Cy Cook" }, "pipeline": "1", "status": "99" }),
    );
    let answer = house.receive(vec![moved("7", 2, "99"), with_name, foreign, new]);
    assert_eq!(answer.status, ReceivedStatus::Success, "it is safely kept");
    assert!(answer.items.iter().all(|item| item.fate.name() == "quarantined"), "{answer:?}");
    assert_eq!((house.lead("7").unwrap(), house.leads().len()), (was, 1), "nothing became `new`");
    let told = now(house.crm.events(house.id, None, 1_000)).unwrap();
    assert_eq!(told.iter().filter(|event| event.name == "incoming.quarantined").count(), 4);
    let id = answer.items[0].id;
    assert_eq!(house.run(RetryIncoming { id }).unwrap().status, "quarantined");
    let given_up = house.run(GiveUpIncoming { id, reason: "an old pipeline".to_owned() }).unwrap();
    assert_eq!(
        (given_up.status.as_str(), given_up.reason.as_ref().unwrap().as_str()),
        ("dead", "an old pipeline")
    );
    let twice = house.run(GiveUpIncoming { id, reason: "again".to_owned() }).unwrap_err();
    assert_eq!(twice.code(), "incoming_settled");
    assert_eq!(house.fate(moved("7", 4, "20")), "applied");
    assert_eq!(house.lead("7").unwrap().stage, "contacted");
    let started =
        event("lead", "add", "9", 1, json!({ "fields": { "name": "Di Dean" }, "pipeline": 1, "status": 20 }));
    assert_eq!(house.fate(started), "applied");
    assert_eq!(house.lead("9").unwrap().stage, "contacted", "a new lead starts where it is there");
}

#[test]
fn events_about_the_unknown_wait_and_are_applied_in_their_order() {
    let house = house();
    let early = house.receive(vec![rename("7", 4, "Four"), moved("7", 3, "20"), rename("7", 2, "Two")]);
    assert!(early.items.iter().all(|item| item.fate.name() == "waiting"), "{early:?}");
    assert_eq!(early.status, ReceivedStatus::Success);
    assert_eq!(house.fate(add("7", 1)), "applied");
    let lead = house.lead("7").unwrap();
    assert_eq!((lead.name.as_str(), lead.stage.as_str()), ("Four", "contacted"));
    assert!(house.inbox().iter().all(|row| row.status == "applied"), "{:?}", house.inbox());
    assert_eq!(house.fate(plain("delete", "8", 5)), "waiting");
    assert_eq!(house.fate(add("8", 1)), "applied");
    assert_eq!(house.lead("8"), None, "deleted before it was added");
    assert_eq!(house.fate(rename("9", 3, "Old news")), "waiting");
    assert_eq!(house.fate(add("9", 6)), "applied");
    assert_eq!(house.lead("9").unwrap().name.as_str(), "Ann Archer", "the add was newer");
}

#[test]
fn an_event_waits_for_a_day() {
    let house = house();
    let late = house.receive(vec![rename("7", 2, "Late")]).items[0].id;
    house.clock.advance_hours(23);
    let row = now(house.host().get(late)).unwrap();
    let at = |hours: i64| row.created_at.plus_hours(hours);
    assert_eq!([23, 24, 25].map(|hours| row.waited_too_long(24, at(hours))), [false, true, true]);
    house.clock.advance_hours(1);
    house.receive(vec![add("7", 1)]);
    assert_eq!(house.lead("7").unwrap().name.as_str(), "Ann Archer", "nobody waits for longer");
    assert_eq!(now(house.host().get(late)).unwrap().status, "waiting", "and nobody had to note it");
    assert_eq!(house.run(RetryIncoming { id: late }).unwrap().status, "applied", "by hand it is taken up");
    assert_eq!(house.lead("7").unwrap().name.as_str(), "Late");
    let settled = house.run(RetryIncoming { id: late }).unwrap_err();
    assert_eq!(settled.code(), "incoming_settled");
}

#[test]
fn what_waits_is_taken_up_by_a_replay() {
    let house = house();
    let ids = ["1", "2", "3"];
    for id in ids {
        assert_eq!(house.fate(rename(id, 1, "Bo Baker")), "waiting");
        house.later(60 * 60);
    }
    let lead = house.do_(Create::<Lead>::new().name("Ann Archer")).id;
    let row = json!({
        "record": "reference", "id": user(40), "system": "amo", "kind": "lead", "external_id": "2", "lead": lead, "gone": false,
    });
    assert_eq!(house.do_(Import { rows: vec![row] }).imported(), 1);
    let fates = || house.inbox().iter().map(|row| row.status.to_string()).collect::<Vec<_>>();
    assert_eq!(fates(), ["waiting"; 3], "an import wakes nobody");
    house.later(21 * 60 * 60);
    let done = house.run(ReplayIncoming::default()).unwrap();
    assert_eq!((done.events.len(), done.next), (2, None));
    assert_eq!(fates(), ["dead", "applied", "waiting"], "too late, known by now, and still unknown");
    assert_eq!(house.lead("2").unwrap().name.as_str(), "Bo Baker");
    assert_eq!(house.inbox()[0].reason.as_ref().unwrap().as_str(), "it waited too long");
    assert_eq!(house.run(ReplayIncoming::default()).unwrap().events, [], "there is nothing more to do");
    let last = house.inbox()[2].id;
    assert_eq!(house.run(ReplayIncoming { after: Some(last) }).unwrap().events, []);
    assert_eq!(house.by(3, ReplayIncoming::default()).unwrap_err().code(), "forbidden");
}

#[test]
fn a_reference_that_comes_back_is_one_that_events_waited_for() {
    let house = house();
    house.receive(vec![add("7", 1)]);
    let reference = house.reference("lead", "7").unwrap();
    house.do_(UnlinkReference::of(reference.id));
    assert_eq!(house.fate(rename("7", 2, "Bo Baker")), "waiting");
    house.run(Restore::<crm_core::Reference>::of(reference.id)).unwrap();
    assert_eq!(house.lead("7").unwrap().name.as_str(), "Bo Baker");
}

#[test]
fn who_is_responsible_is_known_by_a_reference() {
    let house = house();
    let link = LinkReference::new().system("amo").kind("user").external_id("u2").member(user(2));
    let told =
        |version: i64, who: &str| event("lead", "responsible", "7", version, json!({ "responsible": who }));
    let with =
        event("lead", "add", "7", 1, json!({ "fields": { "name": "Ann Archer" }, "responsible": "u2" }));
    let answer = house.receive(vec![with]);
    assert_eq!(house.lead("7").unwrap().owner, None, "a lead is not lost for its manager");
    assert!(answer.items[0].reason.as_ref().unwrap().as_str().contains("responsible"));
    assert_eq!(house.fate(told(2, "u2")), "waiting");
    house.do_(link);
    assert_eq!(house.lead("7").unwrap().owner, Some(user(2)), "it waited for the user");
    let nobody = event("lead", "responsible", "7", 3, json!({}));
    assert_eq!(house.fate(nobody), "dead");
}

#[test]
fn a_contact_changes_the_leads_that_are_linked_to_it() {
    let house = house();
    let person = |name: &str, phone: &str| json!({ "fields": { "name": name, "phone": phone } });
    let lead = |id: &str| {
        let fields = json!({ "name": "Ann Archer", "phone": "+7 900 000 00 01" });
        event("lead", "add", id, 1, json!({ "fields": fields, "contact": 31 }))
    };
    house.receive(vec![lead("7"), lead("8"), add("9", 1)]);
    let contact = house.reference("contact", "31").unwrap().contact.unwrap();
    assert_eq!(house.lead("7").unwrap().contact, Some(contact), "made of the lead's person");
    assert_eq!(house.lead("8").unwrap().contact, Some(contact));
    assert_eq!(
        house.fate(event("contact", "update", "31", 2, person("Bo Baker", "+7 900 000 00 09"))),
        "applied"
    );
    for (id, name) in [("7", "Bo Baker"), ("8", "Bo Baker"), ("9", "Ann Archer")] {
        assert_eq!(house.lead(id).unwrap().name.as_str(), name, "{id}");
    }
    assert_eq!(house.lead("8").unwrap().phone.as_ref().unwrap().as_str(), "+7 900 000 00 09");
    assert_eq!(now(house.host().get(contact)).unwrap().name.as_str(), "Bo Baker");
    assert_eq!(house.fate(event("contact", "update", "31", 1, person("Old", "1"))), "skipped");
    let bad = event("contact", "update", "31", 3, json!({ "fields": { "email": "nobody" } }));
    assert_eq!(house.fate(bad), "dead");
    assert_eq!(house.fate(event("contact", "update", "32", 1, person("Cy Cook", "1"))), "waiting");
    assert_eq!(house.fate(event("contact", "add", "32", 0, person("Ed Earl", "1"))), "applied");
    let known = house.reference("contact", "32").unwrap().contact.unwrap();
    assert_eq!(now(house.host().get(known)).unwrap().name.as_str(), "Cy Cook");
    assert_eq!(house.fate(event("task", "add", "1", 1, json!({}))), "skipped", "nothing is done with tasks");
    assert_eq!(house.fate(event("lead", "explode", "7", 99, json!({}))), "skipped");
}

#[test]
fn a_reference_names_one_record_and_is_taken_once() {
    let house = house();
    let contact = house.do_(CreateContact::new().name("C")).id;
    let named = || LinkReference::new().system("amo").kind("contact").external_id(" 31 ");
    let code =
        |house: &House, command: LinkReference| house.by(1, command).map_or_else(|no| no.code(), |_| "done");
    assert_eq!(code(&house, named()), "invalid", "it names nothing");
    assert_eq!(code(&house, named().contact(contact).member(user(2))), "invalid", "it names two");
    let first = house.do_(named().contact(contact));
    assert_eq!(code(&house, named().member(user(2))), "already_exists");
    assert_eq!(code(&house, named().kind("company").contact(contact)), "done", "one record has several");
    assert_eq!(code(&house, named().external_id("31x").contact(contact)), "done");
    assert_eq!(code(&house, named().system("nobody").contact(contact)), "invalid");
    assert_eq!(house.reference("contact", "31").unwrap().id, first.id);
    house.do_(Delete::<Contact>::of(contact));
    assert_eq!(code(&house, named().member(user(2))), "already_exists", "a deleted one keeps its name");
    house.do_(UnlinkReference::of(first.id));
    assert_eq!(house.reference("contact", "31"), None);
    assert_eq!(code(&house, named().member(user(2))), "done");
    let forbidden = house.by(3, named().external_id("5").member(user(2))).unwrap_err();
    assert_eq!(forbidden.code(), "forbidden");
    let blind = now(house.crm.act(house.id, user(3)).referred(&word("amo"), &word("contact"), "31"));
    assert_eq!(blind.unwrap_err().code(), "forbidden");
}

#[test]
fn the_inbox_is_written_by_its_rules_and_read_by_who_may() {
    let house = house();
    let row = house.receive(vec![rename("7", 1, "Bo")]).items[0].id;
    let code = |answer: Result<_, crm_core::Error>| answer.map_or_else(|no| no.code(), |()| "done");
    let deleted = house.by(1, Delete::<crm_core::Incoming>::of(row)).map(drop);
    assert_eq!(code(deleted), "by_rules_only", "else it could be taken twice");
    let made = Create::<crm_core::Incoming>::new().system("amo").kind("lead").action("add").external_id("1");
    assert_eq!(code(house.by(1, made).map(drop)), "by_rules_only");
    assert_eq!(code(house.by(2, RetryIncoming { id: row }).map(drop)), "forbidden");
    assert_eq!(code(house.by(3, crm_core::ReceiveEvents::default()).map(drop)), "forbidden");
    let hidden = format!("{:?} {:?}", add("7", 1), house.inbox());
    assert!(!hidden.contains("Bo") && !hidden.contains("Ann"), "{hidden}");
    let off = house_with(json!({ "integrations": null }));
    assert_eq!(code(off.run(crm_core::ReceiveEvents::default()).map(drop)), "forbidden", "the part is off");
}

#[test]
fn a_large_batch_is_as_good_as_its_events_one_by_one() {
    let house = house();
    let ids: Vec<_> = (0..200).map(|at| at.to_string()).collect();
    house.receive(ids.iter().map(|id| add(id, 1)).collect());
    let mut events: Vec<_> = ids.iter().map(|id| rename(id, 2, &format!("Name {id}"))).collect();
    events.extend(ids.iter().map(|id| moved(id, 3, "20")));
    events.insert(100, rename("nobody", 1, "Nobody"));
    events.insert(200, event("lead", "add", "bad", 1, json!({ "fields": {} })));
    let answer = house.receive(events);
    let of = |fate: &str| answer.items.iter().filter(|item| item.fate.name() == fate).count();
    assert_eq!((of("applied"), of("waiting"), of("dead")), (400, 1, 1));
    for id in ["0", "99", "199"] {
        let lead = house.lead(id).unwrap();
        assert_eq!((lead.name.as_str(), lead.stage.as_str()), (format!("Name {id}").as_str(), "contacted"));
    }
}

#[test]
fn a_batch_has_a_limit() {
    let house = house();
    let events = (0..1_001).map(|at| rename(&at.to_string(), 1, "B")).collect();
    assert_eq!(house.run(crm_core::ReceiveEvents { events }).unwrap_err().code(), "limit");
    assert!(house.inbox().is_empty());
}

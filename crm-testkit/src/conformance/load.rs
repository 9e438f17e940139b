//! Loading: what was written comes back, all of it, and what is not there is answered too.

use std::sync::Arc;

use crm_core::describe::{Id, Key, Kind, Record, Value};
use crm_core::draft::{IdempotencyKey, ReadSet, SetQuery};
use crm_core::store::Store;
use crm_core::value::{CommandId, ContactId, DealId};
use crm_core::{
    Actor, Batch, CreateDeal, DeleteContact, DeleteDeal, UpdateContact, UpdateDeal, UpdateOrganization,
};
use serde_json::json;

use super::filling;
use super::race::{Waiting, beside};
use super::scene::{Scene, all, contact, deal, field, id, key, same, unique, user, with};

/// Every field of every kind comes back as it was written: empty, ordinary, least, greatest, and of a deleted row.
pub async fn every_field_of_every_kind_comes_back(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.fill().await;
    scene.check_all().await;
    for kind in Kind::ALL.iter().filter(|kind| **kind != Kind::Organization) {
        scene.check_list(&all(*kind)).await;
        let live = scene.set(&SetQuery::live(*kind, vec![])).await;
        let dead = scene.set(&SetQuery { kind: *kind, equals: vec![], deleted: true }).await;
        let wanted: Vec<_> = scene.book().rows.values().filter(|row| row.kind() == *kind).cloned().collect();
        let (wanted_live, wanted_dead): (Vec<_>, Vec<_>) = wanted.into_iter().partition(Record::is_live);
        for (found, wanted) in [(live, wanted_live), (dead, wanted_dead)] {
            assert_eq!(found.len(), wanted.len(), "{kind}s in a set");
            found.iter().zip(&wanted).for_each(|(found, wanted)| same(found, wanted));
        }
    }
}

/// Every field of an organisation comes back as it was written.
pub async fn every_field_of_an_organization_comes_back(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let id = scene.organization;
    let full = UpdateOrganization::of(id).name("Ärger & \"Söhne\" %_\\").description("one\ntwo\u{1f600}");
    let full = full.website("https://example.com/?q=%27").phone("+49 30 1234").email("Post@Example.com");
    let full = full.address("Straße 1").city("Kraków").country("Österreich").postal_code("A-1010");
    scene.write(full.default_currency("EUR").time_zone("Asia/Kolkata").active(false)).await;
    scene.check_all().await;
    let empty = UpdateOrganization::of(id).description(None::<String>).website(None::<String>);
    scene.write(empty.default_currency(None::<String>).default_pipeline(None).active(true)).await;
    scene.check_all().await;
}

/// Text comes back character by character: nothing is composed, folded, trimmed inside, or escaped.
pub async fn text_comes_back_unchanged(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let texts = [
        "caf\u{e9}",
        "cafe\u{301}",
        "ИВАН",
        "иван",
        "ＡＢＣ",
        "ﬁ",
        "İı",
        "ẞß",
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "a  b",
        "a\u{a0}b",
        "%",
        "_",
        "\\",
        "\\%",
        "'; drop table contact; --",
        "\"",
        "''",
        "`",
        "$1",
        "?",
        "{}",
        "\u{202e}abc",
        "\u{feff}x",
        "x\u{7f}y",
        "x\u{1}y",
        "NULL",
        "null",
        "true",
        "0",
        "\u{10ffff}",
        "עברית",
        "日本語",
        "\u{fffd}",
        "a\u{200b}b",
    ];
    let row = |(at, text): (u128, &str)| {
        let row = with(contact(at, text), "notes", format!("1\r\n{text}\n\t2"));
        with(row, "city", text)
    };
    scene.import((0..).zip(texts).map(row).collect()).await;
    scene.check_all().await;
    scene.check_list(&all(Kind::Contact)).await;
}

/// JSON documents come back as they were: nested, with nulls, large numbers, odd names.
pub async fn documents_come_back_unchanged(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let entry = |number: u128, payload| json!({ "record": "activity", "id": id(number), "kind": "note", "contact": id(1), "payload": payload });
    let deep = (0..60).fold(json!("end"), |inner, _| json!({ "in": [inner] }));
    scene
        .import(vec![
            contact(1, "A"),
            entry(2, filling::document()),
            entry(3, json!({})),
            entry(4, deep),
            entry(5, json!({ "long": "ё".repeat(20_000) })),
        ])
        .await;
    scene.check_all().await;
}

/// Decimals keep their value and their scale, far beyond what a binary float can hold.
pub async fn decimals_keep_value_and_scale(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let amounts =
        ["9007199254740993.01", "10.00", "0.00", "0.10", "0.30", "99999999999999999999.99", "1000000.00"];
    let rows = (1..).zip(amounts).map(|(at, amount)| with(deal(at, "D"), "amount", amount));
    scene.import(rows.collect()).await;
    for (number, amount) in (1..).zip(amounts) {
        let row = scene.row(key(Kind::Deal, number)).await.expect("the deal is there");
        let found = row.value(field(Kind::Deal, "amount"));
        assert_eq!(found.to_json(), json!(amount));
    }
    scene.check_all().await;
}

/// What is not there is answered as absent, of every sort of fact.
pub async fn what_is_not_there_is_answered_as_absent(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let set = SetQuery::live(Kind::Deal, vec![(field(Kind::Deal, "contact"), Value::Uuid(id(9)))]);
    let remembered = IdempotencyKey {
        actor: Actor::from(user(1)),
        operation: "create_deal".to_owned(),
        key: "k".to_owned(),
    };
    let want = ReadSet {
        keys: Kind::ALL.iter().map(|kind| Key { kind: *kind, id: id(9) }).collect(),
        referred: [(key(Kind::Deal, 9), field(Kind::Deal, "contact"))].into(),
        claims: [unique(Kind::Contact, "email", "none@example.com")].into(),
        sets: [set].into(),
        lists: Vec::new(),
        idempotency: Some(remembered),
        command: Some(CommandId::from_uuid(id(9))),
    };
    let snapshot = scene.load(&want).await;
    assert!(snapshot.rows.values().all(Option::is_none));
    assert!(snapshot.claims.values().all(Option::is_none));
    assert!(snapshot.sets.values().all(Vec::is_empty));
    assert!(snapshot.remembered.values().all(Option::is_none));
    assert!(snapshot.committed.values().all(|committed| !committed));
}

/// What a field refers to comes with the record, whichever it is; of a record that refers to nothing, the record alone.
pub async fn what_a_field_refers_to_is_loaded_too(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let with_contact = |number, contact| with(deal(number, "Deal"), "contact", id(contact).to_string());
    scene.import(vec![contact(1, "One"), contact(2, "Two"), contact(3, "Three")]).await;
    scene.import(vec![with_contact(1, 1), with_contact(2, 1), with_contact(3, 2), deal(4, "Deal")]).await;
    let of_deal = |number| (key(Kind::Deal, number), field(Kind::Deal, "contact"));
    let want = ReadSet { referred: [1, 2, 3, 4, 9].map(of_deal).into(), ..ReadSet::new() };
    let snapshot = scene.load(&want).await;
    let there = |kind, number| snapshot.rows.get(&key(kind, number)).map(Option::is_some);
    assert_eq!(
        [1, 2, 3, 4, 9].map(|number| there(Kind::Deal, number)),
        [true, true, true, true, false].map(Some)
    );
    assert_eq!([1, 2, 3].map(|number| there(Kind::Contact, number)), [Some(true), Some(true), None]);
}

/// A record is found by its kind and its id, not by its id alone.
pub async fn a_key_is_a_kind_and_an_id(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "Contact"), deal(1, "Deal"), deal(2, "Other")]).await;
    scene.check_all().await;
    assert!(scene.row(key(Kind::Contact, 2)).await.is_none());
    assert!(scene.row(key(Kind::Task, 1)).await.is_none());
    assert!(scene.row(key(Kind::Deal, 1)).await.is_some());
}

/// A deleted row is loaded as it is, with when and by which command it was deleted.
pub async fn a_deleted_row_is_loaded_as_it_is(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A"), contact(2, "B")]).await;
    scene.clock.advance_hours(1);
    scene.write(DeleteContact::of(ContactId::from_uuid(id(1)))).await;
    let row = scene.row(key(Kind::Contact, 1)).await.expect("a deleted row stays");
    assert!(!row.is_live());
    scene.check_all().await;
}

/// A set holds exactly the live rows whose fields all have these values, in the order of their ids.
pub async fn a_set_holds_the_rows_that_match_in_the_order_of_ids(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A"), contact(2, "B")]).await;
    let of =
        |row, contact: u128, status: &str| with(with(row, "contact", json!(id(contact))), "status", status);
    scene
        .import(vec![
            of(deal(0xff, "last"), 1, "open"),
            of(deal(3, "first"), 1, "open"),
            of(deal(1 << 120, "beyond"), 1, "open"),
            of(deal(4, "other status"), 1, "lost"),
            of(deal(5, "other contact"), 2, "open"),
            of(deal(6, "to be deleted"), 1, "open"),
            deal(7, "no contact"),
        ])
        .await;
    scene.write(DeleteDeal::of(DealId::from_uuid(id(6)))).await;
    let (contact, status) = (field(Kind::Deal, "contact"), field(Kind::Deal, "status"));
    let (one, open) = ((contact, Value::Uuid(id(1))), (status, Value::text("open")));
    for (equals, deleted, wanted) in [
        (vec![one.clone(), open.clone()], false, vec![3, 0xff, 1 << 120]),
        (vec![open, one.clone()], false, vec![3, 0xff, 1 << 120]),
        (vec![one.clone()], false, vec![3, 4, 0xff, 1 << 120]),
        (vec![one], true, vec![6]),
        (vec![(contact, Value::Null)], false, vec![7]),
        (vec![(contact, Value::Null)], true, vec![]),
        (vec![(contact, Value::Uuid(id(3)))], false, vec![]),
    ] {
        let query = SetQuery { kind: Kind::Deal, equals, deleted };
        let found = scene.set(&query).await;
        assert_eq!(found.iter().map(|row| row.id().as_u128()).collect::<Vec<_>>(), wanted, "{query:?}");
    }
}

/// The values of a set are compared exactly: letter case, accents and composition count, and nothing is a pattern.
pub async fn sets_are_compared_exactly(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let titles = ["a", "A", "ä", "a\u{308}", "a%", "a_", "ab"];
    let row = |(number, title)| with(deal(number, title), "contact", json!(id(1)));
    scene.import(vec![contact(1, "C")]).await;
    scene.import((1..).zip(titles).map(row).collect()).await;
    let of_c = (field(Kind::Deal, "contact"), Value::Uuid(id(1)));
    for (number, title) in (1..).zip(titles) {
        let equals = vec![of_c.clone(), (field(Kind::Deal, "title"), Value::text(title))];
        let found = scene.set(&SetQuery::live(Kind::Deal, equals)).await;
        assert_eq!(found.iter().map(Record::id).collect::<Vec<_>>(), [id(number)], "the set of `{title}`");
    }
}

/// A set follows its rows: one that is changed so that it no longer matches leaves, another enters.
pub async fn a_set_follows_changes(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A"), with(deal(2, "D"), "contact", json!(id(1)))]).await;
    let of_a = SetQuery::live(Kind::Deal, vec![(field(Kind::Deal, "contact"), Value::Uuid(id(1)))]);
    assert_eq!(scene.set(&of_a).await.len(), 1);
    let deal = DealId::from_uuid(id(2));
    scene.write(UpdateDeal::of(deal).contact(None)).await;
    assert_eq!(scene.set(&of_a).await.len(), 0);
    scene.write(UpdateDeal::of(deal).contact(ContactId::from_uuid(id(1)))).await;
    let found = scene.set(&of_a).await;
    assert_eq!(
        found.iter().map(Record::version).collect::<Vec<_>>(),
        [3],
        "the set has the row as it is now"
    );
}

/// One load answers rows, claims, sets, answers and commands together, many of each.
pub async fn one_load_answers_everything_at_once(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let email = |number: u128| format!("c{number}@example.com");
    let rows = (1..=300).map(|number| with(contact(number, "C"), "email", email(number)));
    scene.import(rows.collect()).await;
    let mut want = ReadSet::new().with(scene.organization).with(scene.owner).with(scene.pipeline);
    want.keys.extend((1..=400).map(|number| key(Kind::Contact, number)));
    want.claims.extend((1..=25_000).map(|number| unique(Kind::Contact, "email", &email(number))));
    let kinds = ["person", "company"].map(|kind| vec![(field(Kind::Contact, "kind"), Value::text(kind))]);
    want.sets.extend(kinds.map(|equals| SetQuery::live(Kind::Contact, equals)));
    want.command = scene.book().commands.last().copied();
    let found = scene.load(&want).await;
    assert_eq!(found.rows.len(), 403);
    assert_eq!(found.rows.values().flatten().count(), 303);
    assert_eq!(found.claims.values().flatten().count(), 300);
    let holders = found.claims.iter().filter_map(|(key, holder)| Some((key.value.clone(), (*holder)?)));
    for (value, holder) in holders {
        assert_eq!(*value, *email(holder.as_u128()));
    }
    let mut sizes: Vec<_> = found.sets.values().map(Vec::len).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [0, 300]);
    assert!(found.committed.values().all(|committed| *committed));
}

/// A load of nothing is answered too.
pub async fn a_load_of_nothing_is_empty(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    assert_eq!(scene.load(&ReadSet::new()).await, crm_core::draft::Snapshot::default());
}

/// A command that wrote no row, because only its answer was to be kept, was committed too.
pub async fn a_command_without_rows_is_known(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    let same = UpdateContact::of(ContactId::from_uuid(id(1))).name("A");
    let changes = scene.decide_keyed(scene.owner, same, "k").await;
    assert!(changes.parts().writes.is_empty());
    scene.applied(&changes).await;
    assert!(scene.is_committed(changes.command()).await);
}

/// Everything of a load is from one state: however late a commit comes beside it, rows and sets fit together.
pub async fn a_load_is_of_one_state(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    let of_a = SetQuery::live(Kind::Deal, vec![(field(Kind::Deal, "contact"), Value::Uuid(id(1)))]);
    for turn in 0..24_u128 {
        let (one, two) = (id(100 + 2 * turn), id(101 + 2 * turn));
        let create = |id| {
            CreateDeal::with_id(DealId::from_uuid(id)).title("D").contact(ContactId::from_uuid(self::id(1)))
        };
        let changes = scene.decide(Batch::new().then(create(one)).then(create(two))).await;
        let keys = [one, two].map(|id| Key { kind: Kind::Deal, id });
        let want = ReadSet { keys: keys.into(), ..ReadSet::new() }.with_set(of_a.clone());
        let load: Waiting<'_, _> = Box::pin(async { Some(scene.load(&want).await) });
        let found = beside(&scene, &changes, turn, load).await;
        let found = found.into_iter().flatten().next().expect("a snapshot");
        let set = found.sets.get(&of_a).expect("the set");
        for id in [one, two] {
            let there = |key: &Key| found.rows.get(key).is_some_and(Option::is_some);
            let rows: Vec<_> = keys.iter().map(there).collect();
            let listed = set.iter().any(|row| row.id() == id);
            assert_eq!(rows, [listed; 2], "rows and set of one load, after {turn} turns");
        }
    }
}

/// A store knows which commands it has committed, the refused ones not among them.
pub async fn committed_commands_are_known(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A")]).await;
    let contact = ContactId::from_uuid(id(1));
    let first = scene.decide(DeleteContact::of(contact)).await;
    let second = scene.decide(DeleteContact::of(contact)).await;
    assert!(!scene.is_committed(first.command()).await, "not before it was");
    scene.applied(&first).await;
    scene.refused(&second).await;
    assert!(scene.is_committed(first.command()).await);
    assert!(!scene.is_committed(second.command()).await, "a refused command is not committed");
    let commands = scene.book().commands.clone();
    for command in commands {
        assert!(scene.is_committed(command).await, "an earlier command stays committed");
    }
}

/// The typed id of a kind and the key made of it name the same row.
pub async fn rows_are_loaded_under_the_key_they_were_asked_by(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import((1..=9).map(|number| contact(number, &format!("C{number}"))).collect()).await;
    let want = ReadSet {
        keys: (1..=9).map(|number| ContactId::from_uuid(id(number)).key()).collect(),
        ..ReadSet::new()
    };
    for (key, row) in scene.load(&want).await.rows {
        assert_eq!(row.map(|row| row.key()), Some(key));
    }
}

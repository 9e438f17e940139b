//! Filters: each kind of condition, alone and inside others.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

use crm_core::DeleteContact;
use crm_core::describe::{CREATED_AT, FieldId, FieldKind, Kind, Value};
use crm_core::store::{Filter, ListQuery, Measure, Question, Store};
use crm_core::value::{ContactId, Instant};
use serde_json::json;

use super::scene::{Scene, all, contact, deal, field, id, numbers, user, with};

/// A filter on a list and on a measure.
fn listed_and_counted(kind: Kind, filter: &Filter) -> [Question; 2] {
    let measure = Measure { kind, visible: Filter::All, filter: filter.clone(), by: vec![], sum: None };
    let list = ListQuery { filter: filter.clone(), total: false, ..all(kind) };
    [Question::Measure(measure), Question::List(list)]
}

/// A filter that must leave exactly these: in a list, in its total, and in a measure.
async fn leaves(scene: &Scene, kind: Kind, filter: Filter, wanted: &[u128]) {
    scene.check(&listed_and_counted(kind, &filter)).await;
    let found = scene.check_list(&ListQuery { filter: filter.clone(), ..all(kind) }).await;
    assert_eq!(numbers(&found), wanted, "{filter:?}");
}

/// Deals with and without amounts, contacts, days.
async fn deals(store: Arc<dyn Store>) -> Scene {
    let scene = Scene::open(store).await;
    let plain = |number| deal(number, &format!("Deal {number}"));
    let worth = |number, amount: &str| with(plain(number), "amount", amount);
    let on = |row, day: &str| with(row, "expected_close_date", day);
    scene
        .import(vec![
            with(contact(1, "Ann"), "city", "Wien"),
            with(with(contact(2, "Bob"), "city", "Linz"), "owner", json!(user(1))),
            contact(3, "Cid"),
            with(on(worth(11, "10.00"), "2026-03-01"), "contact", json!(id(1))),
            with(on(worth(12, "20.00"), "2026-03-02"), "contact", json!(id(2))),
            with(on(worth(13, "30.00"), "2026-03-03"), "contact", json!(id(3))),
            with(worth(14, "20.00"), "status", "lost"),
            plain(15),
            with(plain(16), "contact", json!(id(1))),
        ])
        .await;
    scene
}

fn amount(text: &str) -> Value {
    Value::Decimal(text.parse().expect("an amount"))
}

/// Everything, and nothing.
pub async fn all_and_nothing(store: Arc<dyn Store>) {
    let scene = deals(store).await;
    leaves(&scene, Kind::Deal, Filter::All, &[11, 12, 13, 14, 15, 16]).await;
    leaves(&scene, Kind::Deal, Filter::Nothing, &[]).await;
}

/// Rows by their ids; ids of nothing, of other kinds and none at all are no harm.
pub async fn some_ids(store: Arc<dyn Store>) {
    let scene = deals(store).await;
    let ids = |numbers: &[u128]| Filter::Ids(numbers.iter().map(|number| id(*number)).collect());
    leaves(&scene, Kind::Deal, ids(&[16, 12, 99]), &[12, 16]).await;
    leaves(&scene, Kind::Deal, ids(&[]), &[]).await;
    leaves(&scene, Kind::Contact, ids(&[11, 12]), &[]).await;
    leaves(&scene, Kind::Deal, Filter::Any(vec![ids(&[11]), ids(&[13])]), &[11, 13]).await;
}

/// A field has a value. Decimals are equal by their value, not by how they are written.
pub async fn equal_values(store: Arc<dyn Store>) {
    let scene = deals(store).await;
    let (worth, status) = (field(Kind::Deal, "amount"), field(Kind::Deal, "status"));
    leaves(&scene, Kind::Deal, Filter::Equals(worth, amount("20.00")), &[12, 14]).await;
    leaves(&scene, Kind::Deal, Filter::Equals(worth, amount("20")), &[12, 14]).await;
    leaves(&scene, Kind::Deal, Filter::Equals(worth, amount("20.01")), &[]).await;
    leaves(&scene, Kind::Deal, Filter::Equals(status, Value::text("lost")), &[14]).await;
    leaves(&scene, Kind::Deal, Filter::Equals(status, Value::text("LOST")), &[]).await;
    let contact = field(Kind::Deal, "contact");
    leaves(&scene, Kind::Deal, Filter::Equals(contact, Value::Uuid(id(1))), &[11, 16]).await;
}

/// Equal to nothing is empty.
pub async fn equal_to_null_is_empty(store: Arc<dyn Store>) {
    let scene = deals(store).await;
    let worth = field(Kind::Deal, "amount");
    leaves(&scene, Kind::Deal, Filter::Equals(worth, Value::Null), &[15, 16]).await;
    leaves(&scene, Kind::Deal, Filter::OneOf(worth, [Value::Null, amount("10")].into()), &[11, 15, 16]).await;
}

/// Text is equal character by character: letter case counts, and wildcards are characters.
pub async fn equal_text_is_exact(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let names = ["Ann", "ann", "A%", "A_n", "Änn", "A\u{308}nn", "Ann B"];
    scene.import((1..).zip(names).map(|(at, name)| contact(at, name)).collect()).await;
    for name in names.into_iter().chain(["ANN", "%", "A"]) {
        let exact = Filter::Equals(field(Kind::Contact, "name"), Value::text(name));
        scene.check(&listed_and_counted(Kind::Contact, &exact)).await;
    }
}

/// One of some values; of no values nothing.
pub async fn one_of_some_values(store: Arc<dyn Store>) {
    let scene = deals(store).await;
    let (worth, status) = (field(Kind::Deal, "amount"), field(Kind::Deal, "status"));
    leaves(&scene, Kind::Deal, Filter::OneOf(worth, [amount("10"), amount("30")].into()), &[11, 13]).await;
    leaves(&scene, Kind::Deal, Filter::OneOf(worth, BTreeSet::new()), &[]).await;
    leaves(&scene, Kind::Deal, Filter::OneOf(status, BTreeSet::new()), &[]).await;
    let statuses = ["lost", "won"].map(Value::text).into();
    leaves(&scene, Kind::Deal, Filter::OneOf(status, statuses), &[14]).await;
}

/// The bounds of a range are in it or not, as they say; what is empty is in none.
pub async fn ranges_and_their_bounds(store: Arc<dyn Store>) {
    let scene = deals(store).await;
    let worth = field(Kind::Deal, "amount");
    let (low, high) = (amount("10"), amount("30.00"));
    for (from, to, wanted) in [
        (Bound::Included(low.clone()), Bound::Included(high.clone()), &[11, 12, 13, 14][..]),
        (Bound::Excluded(low.clone()), Bound::Included(high.clone()), &[12, 13, 14]),
        (Bound::Included(low.clone()), Bound::Excluded(high.clone()), &[11, 12, 14]),
        (Bound::Excluded(low.clone()), Bound::Excluded(high.clone()), &[12, 14]),
        (Bound::Unbounded, Bound::Excluded(high.clone()), &[11, 12, 14]),
        (Bound::Excluded(low), Bound::Unbounded, &[12, 13, 14]),
        (Bound::Unbounded, Bound::Unbounded, &[11, 12, 13, 14]),
        (Bound::Included(amount("30.01")), Bound::Unbounded, &[]),
        (Bound::Included(high), Bound::Included(amount("10")), &[]),
    ] {
        leaves(&scene, Kind::Deal, Filter::Range(worth, from, to), wanted).await;
    }
    let (day, one) = (field(Kind::Deal, "expected_close_date"), "2026-03-02".parse().expect("a day"));
    let until = Filter::Range(day, Bound::Unbounded, Bound::Included(Value::Date(one)));
    leaves(&scene, Kind::Deal, until, &[11, 12]).await;
}

/// Amounts are ordered as numbers, not as text.
pub async fn a_range_of_amounts_is_numeric(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let amounts = ["9.00", "10.00", "100.00", "1000.00", "9007199254740992.99", "9007199254740993.01"];
    scene.import((1..).zip(amounts).map(|(at, worth)| with(deal(at, "D"), "amount", worth)).collect()).await;
    let worth = field(Kind::Deal, "amount");
    let over = |least: &str| Filter::Range(worth, Bound::Excluded(amount(least)), Bound::Unbounded);
    leaves(&scene, Kind::Deal, over("9"), &[2, 3, 4, 5, 6]).await;
    leaves(&scene, Kind::Deal, over("9007199254740993"), &[6]).await;
    leaves(&scene, Kind::Deal, over("9007199254740992.50"), &[5, 6]).await;
}

/// Instants are compared to the last digit that the store keeps.
pub async fn a_range_of_times_is_exact(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let precision = scene.store.capabilities().time_precision;
    let base: Instant = "2026-03-02T12:00:00Z".parse().expect("a time");
    let step = match precision {
        crm_core::value::Precision::Micros => 1,
        crm_core::value::Precision::Millis => 1_000,
    };
    let at = |steps: i64| Instant::from_unix_micros(base.unix_micros() + steps * step).expect("a time");
    let row = |number: u128, steps| with(deal(number, "D"), "created_at", json!(at(steps)));
    scene.import(vec![row(1, -1), row(2, 0), row(3, 1)]).await;
    let value = |steps| Value::Instant(at(steps));
    let range = |from, to| Filter::Range(CREATED_AT, from, to);
    leaves(&scene, Kind::Deal, range(Bound::Included(value(0)), Bound::Excluded(value(1))), &[2]).await;
    leaves(&scene, Kind::Deal, range(Bound::Excluded(value(-1)), Bound::Included(value(1))), &[2, 3]).await;
    leaves(&scene, Kind::Deal, range(Bound::Unbounded, Bound::Excluded(value(0))), &[1]).await;
    leaves(&scene, Kind::Deal, Filter::Equals(CREATED_AT, value(1)), &[3]).await;
}

/// Empty fields, and no others.
pub async fn empty_fields(store: Arc<dyn Store>) {
    let scene = deals(store).await;
    leaves(&scene, Kind::Deal, Filter::Empty(field(Kind::Deal, "amount")), &[15, 16]).await;
    leaves(&scene, Kind::Deal, Filter::Empty(field(Kind::Deal, "contact")), &[14, 15]).await;
    leaves(&scene, Kind::Deal, Filter::Empty(field(Kind::Deal, "title")), &[]).await;
}

/// The record that a field points at matches; where it points at nothing, it does not.
pub async fn a_condition_on_what_a_field_points_at(store: Arc<dyn Store>) {
    let scene = deals(store).await;
    let via = |inner| Filter::Via(field(Kind::Deal, "contact"), Kind::Contact, Box::new(inner));
    let city = field(Kind::Contact, "city");
    leaves(&scene, Kind::Deal, via(Filter::Equals(city, Value::text("Wien"))), &[11, 16]).await;
    leaves(&scene, Kind::Deal, via(Filter::Empty(city)), &[13]).await;
    leaves(&scene, Kind::Deal, via(Filter::All), &[11, 12, 13, 16]).await;
    leaves(&scene, Kind::Deal, via(Filter::Nothing), &[]).await;
    leaves(&scene, Kind::Deal, via(Filter::Search("bob".to_owned())), &[12]).await;
    let owner = Filter::Equals(field(Kind::Contact, "owner"), Value::Uuid(user(1).into()));
    leaves(&scene, Kind::Deal, via(owner), &[12]).await;
}

/// Pointing may be followed twice: from a task over its deal to the deal's contact.
pub async fn a_condition_over_two_references(store: Arc<dyn Store>) {
    let scene = deals(store).await;
    let task = |number: u128, deal: u128| json!({ "record": "task", "id": id(number), "title": "T", "status": "todo", "deal": id(deal) });
    scene.import(vec![task(21, 11), task(22, 12), task(23, 15), task(24, 16)]).await;
    let wien = Filter::Equals(field(Kind::Contact, "city"), Value::text("Wien"));
    let over = Filter::Via(field(Kind::Deal, "contact"), Kind::Contact, Box::new(wien));
    let over = Filter::Via(field(Kind::Task, "deal"), Kind::Deal, Box::new(over));
    leaves(&scene, Kind::Task, over, &[21, 24]).await;
}

/// What is pointed at is looked at as it is, deleted or not.
pub async fn a_condition_on_a_deleted_record(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let note = json!({ "record": "activity", "id": id(5), "kind": "note", "contact": id(1) });
    scene.import(vec![with(contact(1, "Ann"), "city", "Wien"), note]).await;
    let other = with(contact(2, "Gone"), "deleted_at", "2026-01-01T00:00:00Z");
    let note = json!({ "record": "activity", "id": id(6), "kind": "note", "contact": id(2) });
    scene.import(vec![with(other, "city", "Wien"), note]).await;
    let wien = Filter::Equals(field(Kind::Contact, "city"), Value::text("Wien"));
    let over = Filter::Via(field(Kind::Activity, "contact"), Kind::Contact, Box::new(wien));
    leaves(&scene, Kind::Activity, over, &[5, 6]).await;
}

/// All of some; of none every row.
pub async fn every_one_of_some_conditions(store: Arc<dyn Store>) {
    let scene = deals(store).await;
    let worth = || Filter::Equals(field(Kind::Deal, "amount"), amount("20"));
    let open = || Filter::Equals(field(Kind::Deal, "status"), Value::text("open"));
    leaves(&scene, Kind::Deal, Filter::Every(vec![worth(), open()]), &[12]).await;
    leaves(&scene, Kind::Deal, Filter::Every(vec![]), &[11, 12, 13, 14, 15, 16]).await;
    leaves(&scene, Kind::Deal, Filter::Every(vec![open(), Filter::Nothing]), &[]).await;
}

/// One of some; of none no row.
pub async fn any_one_of_some_conditions(store: Arc<dyn Store>) {
    let scene = deals(store).await;
    let worth = Filter::Equals(field(Kind::Deal, "amount"), amount("20"));
    let empty = Filter::Empty(field(Kind::Deal, "contact"));
    leaves(&scene, Kind::Deal, Filter::Any(vec![worth, empty.clone()]), &[12, 14, 15]).await;
    leaves(&scene, Kind::Deal, Filter::Any(vec![]), &[]).await;
    leaves(&scene, Kind::Deal, Filter::Any(vec![Filter::Nothing, empty]), &[14, 15]).await;
}

/// Conditions inside conditions keep their brackets.
pub async fn nested_conditions(store: Arc<dyn Store>) {
    let scene = deals(store).await;
    let worth = |text: &str| Filter::Equals(field(Kind::Deal, "amount"), amount(text));
    let of = |number: u128| Filter::Equals(field(Kind::Deal, "contact"), Value::Uuid(id(number)));
    let either = |one, two| Filter::Any(vec![one, two]);
    let both = |one, two| Filter::Every(vec![one, two]);
    leaves(&scene, Kind::Deal, both(of(1), either(worth("10"), worth("20"))), &[11]).await;
    leaves(&scene, Kind::Deal, either(both(of(1), worth("10")), worth("20")), &[11, 12, 14]).await;
    let empty = Filter::Empty(field(Kind::Deal, "amount"));
    leaves(&scene, Kind::Deal, both(either(of(1), of(2)), either(empty, worth("20"))), &[12, 16]).await;
    let deep = (0..12).fold(of(1), |inner, turn| match turn % 2 {
        0 => Filter::Any(vec![inner, Filter::Nothing]),
        _ => Filter::Every(vec![Filter::All, inner]),
    });
    leaves(&scene, Kind::Deal, deep, &[11, 16]).await;
}

/// What can be asked of a field that has these values: whether it is empty, is the least, the middle or the greatest of
/// them, and where it lies between.
fn filters_of(at: FieldId, values: &BTreeSet<Value>) -> Vec<Filter> {
    let mut filters = vec![Filter::Empty(at)];
    let middle = values.iter().nth(values.len() / 2);
    if let (Some(least), Some(middle), Some(greatest)) = (values.first(), middle, values.last()) {
        let equal = BTreeSet::from([least, middle, greatest]);
        filters.extend(equal.into_iter().map(|value| Filter::Equals(at, value.clone())));
        let bounds = |value: &Value| (Bound::Included(value.clone()), Bound::Excluded(value.clone()));
        let ((from_least, above_least), (to_middle, above_middle)) = (bounds(least), bounds(middle));
        let (to_greatest, below_greatest) = bounds(greatest);
        filters.extend([
            Filter::Range(at, Bound::Unbounded, to_middle),
            Filter::Range(at, above_middle, Bound::Unbounded),
            Filter::Range(at, from_least, to_greatest),
            Filter::Range(at, above_least, below_greatest),
        ]);
    }
    filters
}

/// Every field of every kind can be asked for its value, its emptiness, and ranges.
pub async fn every_field_can_be_filtered(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.fill().await;
    for kind in Kind::ALL.iter().copied() {
        let fields = kind.fields().iter().filter(|field| field.kind != FieldKind::Json);
        for at in fields.map(|described| field(kind, described.name)) {
            let values: BTreeSet<Value> = {
                let book = scene.book();
                let rows = book.rows.values().filter(|row| row.kind() == kind);
                rows.map(|row| row.value(at)).filter(|value| !value.is_null()).collect()
            };
            let filters = filters_of(at, &values);
            let questions = filters.iter().flat_map(|filter| listed_and_counted(kind, filter));
            scene.check(&questions.collect::<Vec<_>>()).await;
        }
    }
}

/// Deleted rows match nothing, whatever is asked.
pub async fn deleted_rows_match_nothing(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "Ann"), contact(2, "Ann")]).await;
    scene.write(DeleteContact::of(ContactId::from_uuid(id(1)))).await;
    let name = field(Kind::Contact, "name");
    leaves(&scene, Kind::Contact, Filter::All, &[2]).await;
    leaves(&scene, Kind::Contact, Filter::Equals(name, Value::text("Ann")), &[2]).await;
    leaves(&scene, Kind::Contact, Filter::Search("ann".to_owned()), &[2]).await;
    leaves(&scene, Kind::Contact, Filter::Any(vec![Filter::All]), &[2]).await;
    let deleted = field(Kind::Contact, "deleted_at");
    let set = Filter::Range(deleted, Bound::Unbounded, Bound::Unbounded);
    leaves(&scene, Kind::Contact, set, &[]).await;
}

//! Order: strict, the same everywhere, empty fields last, ties by id.

use std::sync::Arc;

use crm_core::describe::{CREATED_AT, Kind};
use crm_core::store::{ListQuery, Order, Question, Store, Window};
use crm_core::value::{Instant, Precision};
use serde_json::json;

use super::scene::{Scene, all, contact, deal, field, id, numbers, with};

async fn ordered(scene: &Scene, kind: Kind, name: &str, descending: bool) -> Vec<u128> {
    let query = ListQuery { order: Order { field: field(kind, name), descending }, ..all(kind) };
    numbers(&scene.check_list(&query).await)
}

/// Every kind can be ordered by each of its sorted fields, in both directions, over every sort of value.
pub async fn every_sorted_field_in_both_directions(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.fill().await;
    for kind in Kind::ALL.iter().copied() {
        let sorted = kind.fields().iter().filter(|field| field.sorted);
        let orders = sorted.flat_map(|sorted| {
            [false, true].map(|descending| Order { field: field(kind, sorted.name), descending })
        });
        let lists = orders.map(|order| Question::List(ListQuery { order, total: false, ..all(kind) }));
        scene.check(&lists.collect::<Vec<_>>()).await;
    }
}

/// Equal values are ordered by id, from the least to the greatest; in a descending order the other way round.
pub async fn ties_are_broken_by_id(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let numbers = [7, 1 << 127, 3, 1 << 64, 0xff, 5];
    scene.import(numbers.iter().map(|number| contact(*number, "Same")).collect()).await;
    let up = vec![3, 5, 7, 0xff, 1 << 64, 1 << 127];
    let down: Vec<_> = up.iter().rev().copied().collect();
    assert_eq!(ordered(&scene, Kind::Contact, "name", false).await, up);
    assert_eq!(ordered(&scene, Kind::Contact, "name", true).await, down);
    assert_eq!(ordered(&scene, Kind::Contact, "created_at", false).await, up);
    assert_eq!(ordered(&scene, Kind::Contact, "created_at", true).await, down);
}

/// Empty fields come last, whichever way, and among themselves by id in the direction of the order.
pub async fn empty_fields_come_last(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let worth = |number, amount: &str| with(deal(number, "D"), "amount", amount);
    scene.import(vec![deal(1, "D"), worth(2, "5.00"), deal(3, "D"), worth(4, "1.00"), deal(5, "D")]).await;
    assert_eq!(ordered(&scene, Kind::Deal, "amount", false).await, [4, 2, 1, 3, 5]);
    assert_eq!(ordered(&scene, Kind::Deal, "amount", true).await, [2, 4, 5, 3, 1]);
    assert_eq!(ordered(&scene, Kind::Deal, "closed_at", true).await, [5, 4, 3, 2, 1]);
}

/// Text is ordered by its normal form, whose letters are compared by their characters and not by a language.
pub async fn text_is_ordered_by_its_normal_form(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let names = [
        "b", "A", "a", "B", "Z", "ä", "é", "e", "z", "_", "-", " a b", "ab", "a-b", "Я", "а", "ё", "ß", "ss",
    ];
    scene.import((1..).zip(names).map(|(at, name)| contact(at, name)).collect()).await;
    let up = ordered(&scene, Kind::Contact, "name", false).await;
    let found: Vec<_> =
        up.iter().filter_map(|at| names.get(usize::try_from(*at).ok()?.checked_sub(1)?)).copied().collect();
    assert_eq!(
        found,
        [
            "-", "_", "A", "a", " a b", "a-b", "ab", "b", "B", "e", "ß", "ss", "Z", "z", "ä", "é", "а", "Я",
            "ё"
        ]
    );
    ordered(&scene, Kind::Contact, "name", true).await;
}

/// Characters beyond the first plane come after all others, as their code points do.
pub async fn characters_are_ordered_by_code_point(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let names = ["\u{1f600}", "\u{ffee}", "\u{e000}", "\u{10ffff}", "a"];
    scene.import((1..).zip(names).map(|(at, name)| contact(at, name)).collect()).await;
    let up = ordered(&scene, Kind::Contact, "name", false).await;
    let halfwidth_circle_folds = normal_is("\u{ffee}");
    let wanted = if halfwidth_circle_folds { [5, 2, 3, 1, 4] } else { [5, 3, 2, 1, 4] };
    assert_eq!(up, wanted);
}

/// Does this character have another normal form?
fn normal_is(text: &str) -> bool {
    crm_core::value::normal(text) != text
}

/// Amounts are ordered as numbers, days and times as such.
pub async fn numbers_are_ordered_as_numbers(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    // The last three are one binary float.
    let large = ["9007199254740993.01", "9007199254740992.99", "9007199254740992.51", "9007199254740992.50"];
    let amounts = [&["100.00", "9.00", "10.00", "0.10"][..], &large, &["10.00"]].concat();
    let day = |at: u128| if at.is_multiple_of(2) { "0999-12-31" } else { "2026-03-02" };
    let row = |at, amount: &str| with(with(deal(at, "D"), "amount", amount), "expected_close_date", day(at));
    scene.import((1..).zip(amounts).map(|(at, amount)| row(at, amount)).collect()).await;
    assert_eq!(ordered(&scene, Kind::Deal, "amount", false).await, [4, 2, 3, 9, 1, 8, 7, 6, 5]);
    assert_eq!(ordered(&scene, Kind::Deal, "amount", true).await, [5, 6, 7, 8, 1, 9, 3, 2, 4]);
    assert_eq!(ordered(&scene, Kind::Deal, "expected_close_date", false).await, [2, 4, 6, 8, 1, 3, 5, 7, 9]);
}

/// The order of a page is the order of the whole list: it is not made after the page was cut.
pub async fn pages_are_cut_from_the_order(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import((1..=20).map(|at| contact(at, &format!("N{:02}", (at * 7) % 20))).collect()).await;
    for descending in [false, true] {
        let order = Order { field: field(Kind::Contact, "name"), descending };
        for skip in [0, 5, 19] {
            let window = Window { skip, after: None, most: 3 };
            scene.check_list(&ListQuery { order, window, ..all(Kind::Contact) }).await;
        }
    }
}

/// Times of one second are ordered to the last digit that the store keeps.
pub async fn times_are_ordered_to_the_last_digit(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let precision = scene.store.capabilities().time_precision;
    let base: Instant = "2026-03-02T12:00:00.5Z".parse().expect("a time");
    let step = match precision {
        Precision::Micros => 1,
        Precision::Millis => 1_000,
    };
    let at = |steps: i64| Instant::from_unix_micros(base.unix_micros() + steps * step).expect("a time");
    let row = |(number, steps)| with(contact(number, "C"), "created_at", json!(at(steps)));
    scene.import((1..).zip([1, -1, 2, 0]).map(row).collect()).await;
    assert_eq!(ordered(&scene, Kind::Contact, "created_at", false).await, [2, 4, 1, 3]);
    assert_eq!(ordered(&scene, Kind::Contact, "created_at", true).await, [3, 1, 4, 2]);
}

/// The oldest first and the newest first, over times that were given and not made.
pub async fn imported_times_are_ordered(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let at = |number: u128, time: &str| with(contact(number, "C"), "created_at", time);
    scene
        .import(vec![
            at(1, "2026-03-01T00:00:00Z"),
            at(2, "1999-12-31T23:59:59Z"),
            at(3, "2026-03-01T00:00:00.001Z"),
            at(4, "2026-03-01T02:00:00+03:00"),
        ])
        .await;
    assert_eq!(ordered(&scene, Kind::Contact, "created_at", false).await, [2, 4, 1, 3]);
    let newest = ListQuery { order: Order::NEWEST, ..all(Kind::Contact) };
    assert_eq!(numbers(&scene.list(&newest).await), [3, 1, 4, 2]);
    assert_eq!(Order::NEWEST, Order { field: CREATED_AT, descending: true });
    scene.import(vec![json!({ "record": "task", "id": id(9), "title": "T", "status": "todo" })]).await;
    assert_eq!(ordered(&scene, Kind::Task, "due_at", false).await, [9]);
}

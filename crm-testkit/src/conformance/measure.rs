//! Measures: exact counts and sums, over all rows, whatever the size of a page.

use std::sync::Arc;

use crm_core::describe::{CREATED_AT, FieldId, Kind, Value};
use crm_core::store::{Filter, Group, ListQuery, Measure, Order, Store};
use crm_core::value::DealId;
use crm_core::{Crm, Deal, DeleteDeal, Import, List, Profile, UpdateDeal};
use serde_json::json;

use super::scene::{Scene, all, contact, deal, field, id, numbers, with};

fn measure(by: &[&str], sum: bool) -> Measure {
    let by: Vec<FieldId> = by.iter().map(|name| field(Kind::Deal, name)).collect();
    Measure {
        kind: Kind::Deal,
        visible: Filter::All,
        filter: Filter::All,
        by,
        sum: sum.then(|| field(Kind::Deal, "amount")),
    }
}

fn worth(number: u128, amount: &str) -> serde_json::Value {
    with(deal(number, "D"), "amount", amount)
}

async fn only(scene: &Scene, measure: &Measure) -> Group {
    let mut found = scene.check_measure(measure).await;
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// Sums are exact, where binary floats are not.
pub async fn sums_are_exact(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![worth(1, "0.10"), worth(2, "0.20")]).await;
    assert_eq!(only(&scene, &measure(&[], true)).await.sum.to_string(), "0.30");
    scene.import(vec![worth(3, "9007199254740993.01"), worth(4, "9007199254740993.02")]).await;
    assert_eq!(only(&scene, &measure(&[], true)).await.sum.to_string(), "18014398509481986.33");
    scene.import((10..110).map(|number| worth(number, "0.01")).collect()).await;
    assert_eq!(only(&scene, &measure(&[], true)).await.sum.to_string(), "18014398509481987.33");
    scene.import(vec![worth(5, "99999999999999999999.99"), worth(6, "99999999999999999999.99")]).await;
    assert_eq!(only(&scene, &measure(&[], true)).await.sum.to_string(), "200018014398509481987.31");
}

/// All rows are counted and added, far more than any page holds.
pub async fn every_row_is_counted(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import((1..=1_234).map(|number| worth(number, "1.01")).collect()).await;
    let found = only(&scene, &measure(&[], true)).await;
    assert_eq!((found.count, found.sum.to_string()), (1_234, "1246.34".to_owned()));
}

/// Empty amounts count as rows and add nothing.
pub async fn empty_amounts_add_nothing(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![deal(1, "D"), worth(2, "5.00"), deal(3, "D")]).await;
    let found = only(&scene, &measure(&[], true)).await;
    assert_eq!((found.count, found.sum), (3, "5".parse().expect("a number")));
    scene.import((4..=6).map(|number| with(deal(number, "D"), "status", "lost")).collect()).await;
    let groups = scene.measure(&measure(&["status"], true)).await;
    let sums: Vec<_> = groups.iter().map(|group| (group.count, group.sum.normalize().to_string())).collect();
    assert_eq!(sums, [(3, "0".to_owned()), (3, "5".to_owned())]);
}

/// Without a field to add up the sum is nothing.
pub async fn without_a_field_the_sum_is_zero(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![worth(1, "5.00")]).await;
    let found = only(&scene, &measure(&[], false)).await;
    assert_eq!((found.key, found.count, found.sum.is_zero()), (vec![], 1, true));
}

/// No rows have no group, not a group of none.
pub async fn no_rows_have_no_group(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    for by in [&[][..], &["status"]] {
        assert_eq!(scene.measure(&measure(by, true)).await, vec![]);
    }
    scene.import(vec![worth(1, "5.00")]).await;
    let nothing = Measure { filter: Filter::Nothing, ..measure(&[], true) };
    assert_eq!(scene.measure(&nothing).await, vec![]);
}

/// Groups are by one field or by several, the empty value is one of them, and they come in the order of their keys.
pub async fn groups_by_several_fields(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A"), contact(2, "B")]).await;
    let row = |at: u128| {
        let row = with(deal(1_000 + at, "D"), "status", ["open", "lost", "won"][(at % 3) as usize]);
        let row = with(row, "currency", ["USD", "EUR"][(at / 3 % 2) as usize]);
        let row = if at.is_multiple_of(5) { row } else { with(row, "contact", json!(id(1 + at % 2))) };
        let row = if at.is_multiple_of(7) { row } else { with(row, "amount", format!("{at}.05")) };
        with(row, "stage", ["lead", "qualified", "proposal"][(at / 6 % 3) as usize])
    };
    scene.import((1..=120).map(row).collect()).await;
    for by in [
        &["status"][..],
        &["contact"],
        &["status", "currency"],
        &["currency", "status"],
        &["contact", "status", "currency"],
        &["stage", "currency"],
        &["outcome", "contact"],
        &["amount"],
        &["expected_close_date"],
        &["status", "status"],
        &["title"],
        &["probability", "amount", "currency"],
    ] {
        for sum in [false, true] {
            scene.check_measure(&measure(by, sum)).await;
        }
    }
    let empty = scene.measure(&measure(&["contact"], false)).await;
    assert_eq!(empty.first().map(|group| (&group.key[..], group.count)), Some((&[Value::Null][..], 24)));
}

/// Texts are one group only where they are the same, character by character.
pub async fn groups_of_text_are_exact(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let titles = ["a", "A", "ä", "a\u{308}", "%", "a%"];
    scene.import((1..).zip(titles).map(|(at, title)| deal(at, title)).collect()).await;
    scene.check_measure(&measure(&["title"], false)).await;
    let found = scene.measure(&measure(&["title"], false)).await;
    assert_eq!(found.len(), titles.len());
}

/// Amounts that are written differently and worth the same are one group, and equal.
pub async fn amounts_of_another_scale_are_one_group(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![worth(1, "10.00"), worth(2, "10.01")]).await;
    let mut spec = scene.crm.profile().spec().clone();
    spec.money.decimals = 4;
    let finer = Crm::new(scene.store.clone(), Profile::new(spec).expect("a profile"));
    let finer = finer.act(scene.organization, scene.owner);
    let rows = vec![worth(3, "10"), worth(4, "10.0001")];
    assert_eq!(finer.apply(Import { rows }).await.expect("a report").imported(), 2);
    let found = scene.measure(&measure(&["amount"], true)).await;
    let counted: Vec<_> =
        found.iter().map(|group| (group.count, group.sum.normalize().to_string())).collect();
    assert_eq!(counted, [(2, "20".to_owned()), (1, "10.0001".to_owned()), (1, "10.01".to_owned())]);
    let ten = Filter::Equals(field(Kind::Deal, "amount"), Value::Decimal("10".parse().expect("an amount")));
    let equal = scene.list(&ListQuery { filter: ten, ..all(Kind::Deal) }).await;
    assert_eq!(equal.total, Some(2));
    let order = Order { field: field(Kind::Deal, "amount"), descending: false };
    let ordered = scene.list(&ListQuery { order, ..all(Kind::Deal) }).await;
    assert_eq!(numbers(&ordered), [1, 3, 4, 2]);
}

/// Days and times are groups as they are.
pub async fn groups_by_time(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let at = |number: u128, time: &str| with(deal(number, "D"), "created_at", time);
    scene
        .import(vec![
            at(1, "2026-03-01T00:00:00.001Z"),
            at(2, "2026-03-01T00:00:00.001Z"),
            at(3, "2026-03-01T00:00:00.002Z"),
        ])
        .await;
    let by_time = Measure { by: vec![CREATED_AT], ..measure(&[], false) };
    scene.check_measure(&by_time).await;
    assert_eq!(scene.measure(&by_time).await.len(), 2);
}

/// A filter is applied before anything is counted.
pub async fn a_measure_is_filtered(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let row =
        |at: u128| with(worth(at, "2.50"), "status", if at.is_multiple_of(4) { "lost" } else { "open" });
    scene.import((1..=40).map(row).collect()).await;
    let lost = Filter::Equals(field(Kind::Deal, "status"), Value::text("lost"));
    let found = only(&scene, &Measure { filter: lost, ..measure(&[], true) }).await;
    assert_eq!((found.count, found.sum.to_string()), (10, "25.00".to_owned()));
    let search = Filter::Search("d".to_owned());
    assert_eq!(only(&scene, &Measure { filter: search, ..measure(&[], true) }).await.count, 40);
}

/// Deleted rows are not counted, and changed ones as they are now.
pub async fn a_measure_is_of_now(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import((1..=5).map(|number| worth(number, "1.00")).collect()).await;
    scene.write(DeleteDeal::of(DealId::from_uuid(id(1)))).await;
    scene.write(UpdateDeal::of(DealId::from_uuid(id(2))).amount(10)).await;
    let found = only(&scene, &measure(&[], true)).await;
    assert_eq!((found.count, found.sum.to_string()), (4, "13.00".to_owned()));
}

/// Rows of every kind can be counted.
pub async fn every_kind_can_be_counted(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "A"), contact(2, "B"), deal(1, "D")]).await;
    for kind in Kind::ALL.iter().copied() {
        scene
            .check_measure(&Measure {
                kind,
                visible: Filter::All,
                filter: Filter::All,
                by: vec![],
                sum: None,
            })
            .await;
    }
}

/// Through the engine: the columns of a board count and add all of their deals, however few cards they show.
pub async fn a_board_counts_all_deals(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let row = |at: u128| {
        let row = with(worth(at, "0.10"), "stage", if at.is_multiple_of(2) { "lead" } else { "qualified" });
        with(
            with(row, "pipeline", json!(scene.pipeline)),
            "currency",
            if at.is_multiple_of(3) { "EUR" } else { "USD" },
        )
    };
    scene.import((1..=60).map(row).collect()).await;
    let board = scene.session().board(scene.pipeline, List::<Deal>::new().first(4)).await.expect("a board");
    let shown: Vec<_> = board.columns.iter().map(|column| (column.count, column.cards.len())).collect();
    assert_eq!(shown, [(30, 4), (30, 4), (0, 0), (0, 0), (0, 0), (0, 0)]);
    let totals: Vec<_> =
        board.columns.iter().take(2).flat_map(|column| &column.totals).map(ToString::to_string).collect();
    assert_eq!(totals, ["1.00 EUR", "2.00 USD", "1.00 EUR", "2.00 USD"]);
}

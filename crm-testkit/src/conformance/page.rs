//! Pages: exactly the rows asked for, whether more follow, and how many there are.

use std::collections::BTreeSet;
use std::sync::Arc;

use crm_core::describe::{Kind, Value};
use crm_core::store::{Cursor, Filter, ListQuery, Order, PerGroup, Position, Rows, Store, Window};
use crm_core::value::{ContactId, Uuid};
use crm_core::{Contact, CreateContact, DeleteContact, List};

use super::scene::{Scene, all, contact, deal, field, id, numbers, with};

fn window(skip: u64, most: u32) -> Window {
    Window { skip, after: None, most }
}

fn by(kind: Kind, name: &str, descending: bool) -> ListQuery {
    ListQuery { order: Order { field: field(kind, name), descending }, ..all(kind) }
}

/// Deals whose fields are often equal and often empty.
async fn many(store: Arc<dyn Store>, count: u128) -> Scene {
    let scene = Scene::open(store).await;
    let row = |at: u128| {
        let row = deal(
            at.wrapping_mul(0x9e37_79b9_7f4a_7c15) << 20 | at,
            if at.is_multiple_of(3) { "Same" } else { "same" },
        );
        let row = with(row, "status", if at.is_multiple_of(2) { "open" } else { "lost" });
        let row = if at.is_multiple_of(4) { row } else { with(row, "amount", format!("{}.50", at % 5)) };
        if at.is_multiple_of(5) {
            row
        } else {
            with(row, "expected_close_date", format!("2026-03-{:02}", 1 + at % 3))
        }
    };
    scene.import((1..=count).map(row).collect()).await;
    scene
}

/// Skip and most cut exactly, at every edge.
pub async fn windows_are_cut_exactly(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import((1..=10).map(|at| contact(at, "C")).collect()).await;
    for skip in [0, 1, 3, 8, 9, 10, 11] {
        for most in [1, 2, 3, 9, 10, 11] {
            scene.check_list(&ListQuery { window: window(skip, most), ..all(Kind::Contact) }).await;
        }
    }
}

/// More says whether a row follows, also when the page is exactly full.
pub async fn more_says_whether_a_row_follows(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import((1..=4).map(|at| contact(at, "C")).collect()).await;
    for (skip, most, wanted) in
        [(0, 3, true), (0, 4, false), (0, 5, false), (2, 2, false), (2, 1, true), (4, 1, false)]
    {
        let query = ListQuery { window: window(skip, most), ..all(Kind::Contact) };
        let found = scene.list(&query).await;
        assert_eq!(found.more, wanted, "after {skip}, at most {most}");
    }
}

/// The largest numbers there are skip everything, and ask for everything.
pub async fn the_largest_windows_are_answered(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import((1..=3).map(|at| contact(at, "C")).collect()).await;
    let beyond = u64::from(u32::MAX) + 1;
    for skip in [1_000, beyond - 1, beyond, beyond + 1, i64::MAX.unsigned_abs(), 1 << 63, u64::MAX] {
        scene.check_list(&ListQuery { window: window(skip, 10), ..all(Kind::Contact) }).await;
    }
    scene.check_list(&ListQuery { window: window(0, u32::MAX), ..all(Kind::Contact) }).await;
    scene.check_list(&ListQuery { window: window(2, u32::MAX), ..all(Kind::Contact) }).await;
}

/// A page is as long as was asked for: a store has no limit of its own.
pub async fn a_long_page_is_whole(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import((1..=1_234).map(|at| contact(at, "C")).collect()).await;
    for (skip, most) in [(0, 1_233), (0, 1_234), (1, 2_000)] {
        scene.check_list(&ListQuery { window: window(skip, most), ..all(Kind::Contact) }).await;
    }
}

/// The total counts all rows that match, whatever the window, and only when it is asked for.
pub async fn the_total_counts_what_matches(store: Arc<dyn Store>) {
    let scene = many(store, 230).await;
    let open = Filter::Equals(field(Kind::Deal, "status"), Value::text("open"));
    for (filter, wanted) in [(Filter::All, 230), (open, 115), (Filter::Nothing, 0)] {
        for window in [window(0, 10), window(100, 20), window(1_000, 10), window(0, 1)] {
            let query = ListQuery { filter: filter.clone(), window, ..all(Kind::Deal) };
            let found = scene.list(&query).await;
            assert_eq!(found.total, Some(wanted), "{query:?}");
            let silent = scene.list(&ListQuery { total: false, ..query }).await;
            assert_eq!((silent.total, &silent.rows, silent.more), (None, &found.rows, found.more));
        }
    }
}

/// A total is of now: it follows what is created and deleted.
pub async fn the_total_follows_changes(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let query = ListQuery { window: window(0, 1), ..all(Kind::Contact) };
    for number in 1..=3 {
        scene.write(CreateContact::with_id(ContactId::from_uuid(id(number))).name("C")).await;
        scene.check_list(&query).await;
    }
    scene.write(DeleteContact::of(ContactId::from_uuid(id(2)))).await;
    scene.check_list(&query).await;
}

/// Going on from the last row of each page visits every row once: in every sorted order, over equal and empty fields.
pub async fn cursors_visit_every_row_once(store: Arc<dyn Store>) {
    let scene = many(store, 24).await;
    for sorted in Kind::Deal.fields().iter().filter(|field| field.sorted) {
        for descending in [false, true] {
            for most in [1, 7, 23, 24] {
                let query = by(Kind::Deal, sorted.name, descending);
                let whole = scene.book().list(&query);
                let found = walk(&scene, query, most).await;
                let wanted: Vec<Uuid> = whole.rows.iter().map(crm_core::describe::Record::id).collect();
                assert_eq!(found, wanted, "`{}`, descending: {descending}, pages of {most}", sorted.name);
            }
        }
    }
}

/// So it does under a filter.
pub async fn cursors_keep_the_filter(store: Arc<dyn Store>) {
    let scene = many(store, 60).await;
    let filter = Filter::Equals(field(Kind::Deal, "status"), Value::text("lost"));
    let query = ListQuery { filter: filter.clone(), ..by(Kind::Deal, "amount", true) };
    let found = walk(&scene, query.clone(), 4).await;
    assert_eq!(found.len(), 30);
    let seen = Filter::Empty(field(Kind::Deal, "amount"));
    let found = walk(&scene, ListQuery { visible: seen.clone(), ..query }, 4).await;
    let wanted: u64 = scene.book().measure(&of(seen, filter)).iter().map(|group| group.count).sum();
    assert_eq!(found.len() as u64, wanted);
}

fn of(visible: Filter, filter: Filter) -> crm_core::store::Measure {
    crm_core::store::Measure { kind: Kind::Deal, visible, filter, by: vec![], sum: None }
}

/// All ids of a list, page by page.
async fn walk(scene: &Scene, mut query: ListQuery, most: u32) -> Vec<Uuid> {
    let mut found = Vec::new();
    query.window = window(0, most);
    for _ in 0..200 {
        let Rows { rows, more, .. } = scene.check_list(&query).await;
        found.extend(rows.iter().map(crm_core::describe::Record::id));
        match rows.last().filter(|_| more) {
            Some(last) => query.window.after = Some(query.order.position(last)),
            None => return found,
        }
    }
    panic!("the pages do not end")
}

/// A cursor is a place, not a row: it goes on where a row was that is deleted now.
pub async fn a_cursor_outlives_its_row(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import((1..=6).map(|at| contact(at, "Same")).collect()).await;
    let list = || List::<Contact>::new().order_by("name", false);
    let first = scene.session().list(list().first(3)).await.expect("a page");
    scene.write(DeleteContact::of(ContactId::from_uuid(id(3)))).await;
    let next = scene.session().list(list().after(first.next.expect("a place"), 10)).await.expect("a page");
    let found: Vec<_> = next.items.iter().map(|row| row.id.uuid().as_u128()).collect();
    assert_eq!(found, [4, 5, 6]);
}

/// Rows that come in before a cursor do not move it, unlike a skipped number of rows.
pub async fn a_cursor_is_not_moved_by_new_rows(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import((10..=15).map(|at| contact(at, "Same")).collect()).await;
    let list = || List::<Contact>::new().order_by("name", false);
    let first = scene.session().list(list().first(3)).await.expect("a page");
    scene.import(vec![contact(1, "Same"), contact(2, "Aaa"), contact(99, "same")]).await;
    let next = scene.session().list(list().after(first.next.expect("a place"), 10)).await.expect("a page");
    let found: Vec<_> = next.items.iter().map(|row| row.id.uuid().as_u128()).collect();
    assert_eq!((found, next.next), (vec![13, 14, 15, 99], None));
}

/// A place that no row ever had is a place as well: between values, before all, after all, among the empty.
pub async fn any_position_is_a_place(store: Arc<dyn Store>) {
    let scene = many(store, 40).await;
    let amount = |text: &str| Value::Decimal(text.parse().expect("an amount"));
    for descending in [false, true] {
        let query = by(Kind::Deal, "amount", descending);
        for value in [amount("0"), amount("2"), amount("2.50"), amount("99"), Value::Null] {
            for at in [Uuid::nil(), id(1 << 90), Uuid::max()] {
                for skip in [0, 2] {
                    let after = Some(Position { value: value.clone(), id: at });
                    let window = Window { skip, after, most: 5 };
                    scene.check_list(&ListQuery { window, ..query.clone() }).await;
                }
            }
        }
    }
}

/// A cursor survives being written down.
pub async fn a_cursor_can_be_written_down(store: Arc<dyn Store>) {
    let scene = many(store, 20).await;
    let query = ListQuery { window: window(0, 5), ..by(Kind::Deal, "title", true) };
    let found = scene.list(&query).await;
    let last = found.rows.last().expect("a full page");
    let cursor: Cursor = Cursor::at(query.kind, query.order, last).to_string().parse().expect("a cursor");
    let after = Some(cursor.position_in(query.kind, query.order).expect("of this list"));
    scene.check_list(&ListQuery { window: Window { skip: 0, after, most: 100 }, ..query }).await;
}

/// Where a list is cut by groups, each has its first rows, in the list's order; the empty value is a group too.
pub async fn at_most_so_many_of_a_group(store: Arc<dyn Store>) {
    let scene = many(store, 60).await;
    for group in ["status", "amount", "stage", "contact"] {
        for most in [1, 2, 100] {
            for descending in [false, true] {
                let per_group = Some(PerGroup { field: field(Kind::Deal, group), most });
                let query = ListQuery { per_group, total: false, ..by(Kind::Deal, "title", descending) };
                scene.check_list(&query).await;
                for window in [window(0, 3), window(2, 4), window(60, 1)] {
                    scene.check_list(&ListQuery { window, ..query.clone() }).await;
                }
            }
        }
    }
}

/// A total counts what matches, and so the rows too that their groups leave no place for.
pub async fn a_total_counts_what_groups_leave_out(store: Arc<dyn Store>) {
    let scene = many(store, 20).await;
    let per_group = Some(PerGroup { field: field(Kind::Deal, "status"), most: 3 });
    let query = ListQuery { per_group, ..all(Kind::Deal) };
    let found = scene.list(&query).await;
    assert_eq!((found.rows.len(), found.more, found.total), (6, false, Some(20)));
    scene.check_list(&ListQuery { window: window(4, 1), ..query }).await;
}

/// Groups are cut before the window is: going on by cursor does not begin the groups anew.
pub async fn groups_are_cut_before_the_window(store: Arc<dyn Store>) {
    let scene = many(store, 40).await;
    let per_group = Some(PerGroup { field: field(Kind::Deal, "status"), most: 3 });
    let query = ListQuery { per_group, total: false, ..by(Kind::Deal, "created_at", false) };
    let found = walk(&scene, query, 2).await;
    assert_eq!(found.len(), 6);
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 6);
}

/// The groups of a list are of its filtered rows, and of those that are seen.
pub async fn groups_are_of_what_matches(store: Arc<dyn Store>) {
    let scene = many(store, 40).await;
    let per_group = Some(PerGroup { field: field(Kind::Deal, "amount"), most: 1 });
    let filter = Filter::Equals(field(Kind::Deal, "status"), Value::text("lost"));
    let query = ListQuery { per_group, filter: filter.clone(), total: false, ..all(Kind::Deal) };
    scene.check_list(&query).await;
    scene.check_list(&ListQuery { visible: filter, filter: Filter::All, ..query }).await;
}

/// A kind without rows has an empty list with a total of none.
pub async fn an_empty_list_is_answered(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let found = scene.list(&all(Kind::Task)).await;
    assert_eq!(found, Rows { rows: vec![], more: false, total: Some(0) });
    assert_eq!(numbers(&found), Vec::<u128>::new());
}

/// A list of one kind has rows of that kind only.
pub async fn a_list_is_of_one_kind(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "Same"), deal(1, "Same"), deal(2, "Same")]).await;
    for kind in Kind::ALL.iter().copied() {
        scene.check_list(&all(kind)).await;
    }
}

//! Stores whose lists have another order, other pages, or other groups.

use std::cmp::Ordering;

use crm_core::describe::{Record, Value};
use crm_core::store::{Filter, ListQuery, Position, Rows, Window};

use crate::bent::{Under, bent};
use crate::plain::{cut, cut_by};
use crate::{Broken, broken};

const ORDER: &[&str] = &["order", "page"];
const PAGE: &[&str] = &["page"];

/// A store that orders lists otherwise.
macro_rules! ordered {
    ($name:literal, $wrong:literal, $query:ident, $one:ident, $two:ident => $compare:expr) => {
        broken($name, $wrong, ORDER, || {
            bent()
                .lists(|under, tenant, $query| {
                    let rows = under.whole(tenant, $query);
                    cut_by(rows, $query, |row| $query.order.position(row), |$one, $two| $compare)
                })
                .store()
        })
    };
}

/// A store that asks for another list.
macro_rules! asks {
    ($name:literal, $wrong:literal, $likely:expr, $query:ident => $change:expr) => {
        broken($name, $wrong, $likely, || {
            bent()
                .lists(|under, tenant, query| {
                    let mut $query = query.clone();
                    $change;
                    under.list(tenant, &$query)
                })
                .store()
        })
    };
}

/// A store that changes a list that it has made.
macro_rules! gives {
    ($name:literal, $wrong:literal, $likely:expr, $query:ident, $rows:ident => $change:expr) => {
        broken($name, $wrong, $likely, || {
            bent()
                .lists(|under, tenant, $query| {
                    let mut $rows = under.list(tenant, $query);
                    $change;
                    $rows
                })
                .store()
        })
    };
}

/// The place of a row, by a value of one's own.
fn placed(query: &ListQuery, row: &Record, value: impl Fn(&Value) -> Value) -> Position {
    Position { value: value(&row.value(query.order.field)), id: row.id() }
}

/// A list in an order by other values; a place to go on from is one of these too.
fn listed_by(
    under: &Under<'_>,
    tenant: crm_core::store::Tenant,
    query: &ListQuery,
    value: fn(&Value) -> Value,
) -> Rows {
    let rows = under.whole(tenant, query);
    cut_by(rows, query, |row| placed(query, row, value), |one, two| query.order.compare(one, two))
}

pub(crate) fn stores() -> Vec<Broken> {
    let mut stores = orders();
    stores.extend(pages());
    stores.extend(groups());
    stores
}

fn turned(query: &ListQuery, order: Ordering) -> Ordering {
    if query.order.descending { order.reverse() } else { order }
}

fn orders() -> Vec<Broken> {
    vec![
        ordered!("ties upwards", "Ties are broken by the least id, in a descending order too.", query, one, two => {
            let values = query.order.compare(&Position { id: two.id, ..one.clone() }, two);
            values.then(one.id.cmp(&two.id))
        }),
        ordered!("ties downwards", "Ties are broken by the greatest id in an ascending order.", query, one, two => {
            let values = query.order.compare(&Position { id: two.id, ..one.clone() }, two);
            values.then(two.id.cmp(&one.id))
        }),
        ordered!("ties of empty fields", "Empty fields are among themselves always in the order of ids.", query, one, two => {
            let both = one.value.is_null() && two.value.is_null();
            if both { one.id.cmp(&two.id) } else { query.order.compare(one, two) }
        }),
        ordered!("ties by signed ids", "Ids are compared as signed numbers.", query, one, two => {
            let values = query.order.compare(&Position { id: two.id, ..one.clone() }, two);
            let signed = |place: &Position| place.id.as_u128().cast_signed();
            values.then(turned(query, signed(one).cmp(&signed(two))))
        }),
        ordered!("nulls first", "Empty fields come first.", query, one, two => {
            let nulls = two.value.is_null().cmp(&one.value.is_null());
            nulls.then(query.order.compare(one, two))
        }),
        ordered!("nulls are the least", "Empty fields come first in an ascending order.", query, one, two => {
            turned(query, one.value.cmp(&two.value).then(one.id.cmp(&two.id)))
        }),
        ordered!("nulls are the greatest", "Empty fields come first in a descending order.", query, one, two => {
            let nulls = one.value.is_null().cmp(&two.value.is_null());
            turned(query, nulls.then(one.value.cmp(&two.value)).then(one.id.cmp(&two.id)))
        }),
        ordered!("turned round", "Descending orders ascend.", query, one, two => {
            let up = crm_core::store::Order { descending: false, ..query.order };
            up.compare(one, two)
        }),
        ordered!("numbers as text", "Amounts are ordered as text.", query, one, two => {
            let text = |place: &Position| match &place.value {
                Value::Decimal(number) => Value::text(&number.to_string()),
                value => value.clone(),
            };
            query.order.compare(&Position { value: text(one), ..one.clone() }, &Position { value: text(two), ..two.clone() })
        }),
        ordered!("numbers as floats", "Amounts are ordered as binary floats.", query, one, two => {
            let float = |place: &Position| match &place.value {
                Value::Decimal(number) => {
                    let float: f64 = number.to_string().parse().unwrap_or_default();
                    Value::Int(float.to_bits().cast_signed())
                }
                value => value.clone(),
            };
            query.order.compare(&Position { value: float(one), ..one.clone() }, &Position { value: float(two), ..two.clone() })
        }),
        ordered!("code units", "Text is ordered by its units of sixteen bits.", query, one, two => {
            match (&one.value, &two.value) {
                (Value::Text(left), Value::Text(right)) if left != right => {
                    turned(query, left.encode_utf16().cmp(right.encode_utf16()))
                }
                _ => query.order.compare(one, two),
            }
        }),
        ordered!("a language's order", "Text is ordered as in a dictionary, where an accent counts for little.", query, one, two => {
            let letters = |text: &str| text.replace('ä', "a").replace('é', "e").replace('ё', "е");
            match (&one.value, &two.value) {
                (Value::Text(left), Value::Text(right)) if left != right => {
                    turned(query, letters(left).cmp(&letters(right)).then(left.cmp(right)))
                }
                _ => query.order.compare(one, two),
            }
        }),
        ordered!("seconds in order", "Times are ordered to the second.", query, one, two => {
            let cut = |place: &Position| match place.value {
                Value::Instant(at) => Value::Int(at.unix_micros().div_euclid(1_000_000)),
                _ => place.value.clone(),
            };
            query.order.compare(&Position { value: cut(one), ..one.clone() }, &Position { value: cut(two), ..two.clone() })
        }),
        broken("raw text", "Text is ordered by its characters, not by its normal form.", ORDER, || {
            bent().lists(|under, tenant, query| listed_by(under, tenant, query, Value::clone)).store()
        }),
        broken(
            "lower case",
            "Text is ordered by its letters without case, and not by its normal form.",
            ORDER,
            || {
                bent()
                    .lists(|under, tenant, query| {
                        listed_by(under, tenant, query, |value| match value {
                            Value::Text(text) => Value::text(&text.to_lowercase()),
                            other => other.clone(),
                        })
                    })
                    .store()
            },
        ),
        broken("no order", "Lists come in the order of ids.", ORDER, || {
            bent()
                .lists(|under, tenant, query| {
                    cut_by(
                        under.whole(tenant, query),
                        query,
                        |row| query.order.position(row),
                        |one, two| turned(query, one.id.cmp(&two.id)),
                    )
                })
                .store()
        }),
        gives!("pages in another order", "A page is cut in the right order and told the other way round.", ORDER, _query, rows =>
            rows.rows.reverse()),
        broken(
            "cut before the order",
            "A page is cut from the order of ids, and ordered then.",
            ORDER,
            || {
                bent()
                    .lists(|under, tenant, query| {
                        let by_id = |one: &Position, two: &Position| one.id.cmp(&two.id);
                        let mut rows =
                            cut_by(under.whole(tenant, query), query, |row| query.order.position(row), by_id);
                        rows.rows.sort_by(|one, two| {
                            query.order.compare(&query.order.position(one), &query.order.position(two))
                        });
                        rows
                    })
                    .store()
            },
        ),
    ]
}

fn pages() -> Vec<Broken> {
    vec![
        asks!("one row late", "Every page begins one row too late.", PAGE, query => query.window.skip = query.window.skip.saturating_add(1)),
        asks!("one row early", "A page after skipped rows begins one row too early.", PAGE, query => query.window.skip = query.window.skip.saturating_sub(1)),
        asks!("one row more", "A page has one row more than asked for.", PAGE, query => query.window.most = query.window.most.saturating_add(1)),
        asks!("a hundred rows", "A page has at most a hundred rows.", PAGE, query => query.window.most = query.window.most.min(100)),
        asks!("skip is forgotten", "After a place no rows are skipped.", PAGE, query => if query.window.after.is_some() { query.window.skip = 0 }),
        asks!("place is forgotten", "It always begins with the first row.", PAGE, query => query.window.after = None),
        asks!("small numbers", "Skipped rows are counted in thirty-two bits.", PAGE, query => query.window.skip &= u64::from(u32::MAX)),
        gives!("never more", "It says that no rows follow.", PAGE, _query, rows => rows.more = false),
        gives!("always more", "It says that rows follow.", PAGE, _query, rows => rows.more = true),
        gives!("more when full", "It says that rows follow when the page is full.", PAGE, query, rows =>
            rows.more = rows.rows.len() == query.window.most as usize),
        gives!("more by the total", "It says that rows follow when the total is greater than the page.", PAGE, _query, rows =>
            rows.more = rows.total.map_or(rows.more, |total| total > rows.rows.len() as u64)),
        gives!("total of the page", "The total is the number of rows of the page.", PAGE, _query, rows =>
            rows.total = rows.total.map(|_| rows.rows.len() as u64)),
        gives!("total unasked", "It counts a total that nobody asked for.", PAGE, _query, rows =>
            rows.total = Some(rows.total.unwrap_or_default())),
        gives!("total forgotten", "It does not count the total.", PAGE, _query, rows => rows.total = None),
        gives!("total up to a hundred", "It counts no further than a hundred.", PAGE, _query, rows =>
            rows.total = rows.total.map(|total| total.min(100))),
        broken("total of everything", "The total ignores the filter.", PAGE, || {
            bent()
                .lists(|under, tenant, query| {
                    let mut rows = under.list(tenant, query);
                    rows.total =
                        under.list(tenant, &ListQuery { filter: Filter::All, ..query.clone() }).total;
                    rows
                })
                .store()
        }),
        broken("total of what is not seen", "The total ignores what may be seen.", &["view"], || {
            bent()
                .lists(|under, tenant, query| {
                    let mut rows = under.list(tenant, query);
                    rows.total =
                        under.list(tenant, &ListQuery { visible: Filter::All, ..query.clone() }).total;
                    rows
                })
                .store()
        }),
        broken(
            "total of what is left",
            "The total counts the rows after the place that it went on from.",
            PAGE,
            || {
                bent()
                    .lists(|under, tenant, query| {
                        let mut rows = under.list(tenant, query);
                        let window = Window { skip: 0, most: u32::MAX, after: query.window.after.clone() };
                        let rest =
                            under.list(tenant, &ListQuery { window, ..query.clone() }).rows.len() as u64;
                        rows.total = rows.total.map(|_| rest);
                        rows
                    })
                    .store()
            },
        ),
        broken("total kept", "A total is counted once and kept.", PAGE, || {
            let kept = std::sync::Mutex::new(Vec::new());
            bent()
                .lists(move |under, tenant, query| {
                    let mut rows = under.list(tenant, query);
                    if rows.total.is_some() {
                        let mut kept = kept.lock().unwrap();
                        let same = |(of, asked, _): &(_, ListQuery, _)| {
                            *of == tenant
                                && (asked.kind, &asked.filter, &asked.visible)
                                    == (query.kind, &query.filter, &query.visible)
                        };
                        match kept.iter().find(|known| same(known)) {
                            Some((_, _, total)) => rows.total = *total,
                            None => kept.push((tenant, query.clone(), rows.total)),
                        }
                    }
                    rows
                })
                .store()
        }),
        ordered!("cursor skips equals", "A place skips all rows of the same value.", query, one, two =>
        if one.value == two.value && (one.id.is_nil() || query.window.after.as_ref().is_some_and(|after| after == two)) {
            Ordering::Less
        } else {
            query.order.compare(one, two)
        }),
        ordered!("cursor repeats its row", "The row of a place is told again.", query, one, two =>
        if query.window.after.as_ref().is_some_and(|after| after == two) && one == two {
            Ordering::Greater
        } else {
            query.order.compare(one, two)
        }),
        broken("cursor by its row", "A place whose row is gone is the beginning.", PAGE, || {
            bent()
                .lists(|under, tenant, query| {
                    let mut query = query.clone();
                    let there = |after: &Position| {
                        let key = crm_core::describe::Key { kind: query.kind, id: after.id };
                        under.row(tenant, key).is_some_and(|row| row.is_live())
                    };
                    query.window.after = query.window.after.filter(|after| there(after));
                    under.list(tenant, &query)
                })
                .store()
        }),
        broken("cursor among the empty", "No row comes after a place among the empty fields.", PAGE, || {
            bent()
                .lists(|under, tenant, query| {
                    let mut rows = under.list(tenant, query);
                    if query.window.after.as_ref().is_some_and(|after| after.value.is_null()) {
                        rows.rows.clear();
                        rows.more = false;
                    }
                    rows
                })
                .store()
        }),
        broken(
            "cursor without the empty",
            "Rows of empty fields do not come after a place of a value.",
            PAGE,
            || {
                bent()
                    .lists(|under, tenant, query| {
                        let mut rows = under.list(tenant, query);
                        if query.window.after.as_ref().is_some_and(|after| !after.value.is_null()) {
                            rows.rows.retain(|row| !row.value(query.order.field).is_null());
                        }
                        rows
                    })
                    .store()
            },
        ),
        broken("deleted rows in lists", "Deleted rows are in lists.", &["filters", "search"], || {
            bent()
                .lists(|under, tenant, query| {
                    let find = |key| under.row(tenant, key);
                    let mut rows = under.all(tenant, query.kind, true);
                    rows.retain(|row| query.visible.matches(row, &find) && query.filter.matches(row, &find));
                    rows.extend(under.whole(tenant, query));
                    cut(rows, query)
                })
                .store()
        }),
        broken("deleted rows in totals", "Deleted rows are counted in totals.", PAGE, || {
            bent()
                .lists(|under, tenant, query| {
                    let mut rows = under.list(tenant, query);
                    let dead = under.all(tenant, query.kind, true).len() as u64;
                    rows.total = rows.total.map(|total| total + dead);
                    rows
                })
                .store()
        }),
        broken("an old page", "A page that was asked for before is answered as it was then.", PAGE, || {
            let kept = std::sync::Mutex::new(Vec::new());
            bent()
                .lists(move |under, tenant, query| {
                    let mut kept = kept.lock().unwrap();
                    let known = kept.iter().find(|(of, asked, _)| (of, asked) == (&tenant, query));
                    if let Some((_, _, rows)) = known {
                        return Rows::clone(rows);
                    }
                    let rows = under.list(tenant, query);
                    kept.push((tenant, query.clone(), rows.clone()));
                    rows
                })
                .store()
        }),
    ]
}

fn groups() -> Vec<Broken> {
    vec![
        asks!("no groups", "It does not cut a list by groups.", PAGE, query => query.per_group = None),
        asks!("groups of one more", "A group has one row more.", PAGE, query =>
            if let Some(group) = &mut query.per_group { group.most = group.most.saturating_add(1) }),
        broken("groups of the page", "Groups are cut after the window is.", PAGE, || {
            bent()
                .lists(|under, tenant, query| {
                    let rows = under.list(tenant, &ListQuery { per_group: None, ..query.clone() });
                    let whole = ListQuery {
                        window: Window { skip: 0, after: None, most: u32::MAX },
                        ..query.clone()
                    };
                    Rows { rows: cut(rows.rows.clone(), &whole).rows, ..rows }
                })
                .store()
        }),
        broken(
            "groups after the place",
            "Groups begin anew at the place that a list goes on from.",
            PAGE,
            || {
                bent()
                    .lists(|under, tenant, query| {
                        let mut rest = under.whole(tenant, query);
                        let Some(after) = &query.window.after else { return under.list(tenant, query) };
                        let total = under.list(tenant, query).total;
                        rest.retain(|row| query.order.compare(&query.order.position(row), after).is_gt());
                        Rows { total, ..cut(rest, query) }
                    })
                    .store()
            },
        ),
        broken("groups of all rows", "Rows that do not match take up places of a group.", PAGE, || {
            bent()
                .lists(|under, tenant, query| {
                    if query.per_group.is_none() {
                        return under.list(tenant, query);
                    }
                    let window = Window { skip: 0, after: None, most: u32::MAX };
                    let all =
                        ListQuery { filter: Filter::All, visible: Filter::All, window, ..query.clone() };
                    let matching = under.whole(tenant, query);
                    let mut rows = under.list(tenant, &all).rows;
                    rows.retain(|row| matching.contains(row));
                    let total = under.list(tenant, query).total;
                    Rows { total, ..cut(rows, &ListQuery { per_group: None, ..query.clone() }) }
                })
                .store()
        }),
        broken(
            "groups in the order of age",
            "The oldest rows of a group stay, not the first of the list.",
            PAGE,
            || {
                bent()
                    .lists(|under, tenant, query| {
                        if query.per_group.is_none() {
                            return under.list(tenant, query);
                        }
                        let window = Window { skip: 0, after: None, most: u32::MAX };
                        let order = crm_core::store::Order {
                            field: crm_core::describe::CREATED_AT,
                            descending: false,
                        };
                        let rows = under.list(tenant, &ListQuery { order, window, ..query.clone() }).rows;
                        let total = under.list(tenant, query).total;
                        Rows { total, ..cut(rows, &ListQuery { per_group: None, ..query.clone() }) }
                    })
                    .store()
            },
        ),
        broken("the empty group", "Rows whose group is empty are not limited.", PAGE, || {
            bent()
                .lists(|under, tenant, query| {
                    let Some(group) = query.per_group else { return under.list(tenant, query) };
                    let whole = under.whole(tenant, query);
                    let (empty, full): (Vec<_>, Vec<_>) =
                        whole.into_iter().partition(|row| row.value(group.field).is_null());
                    let window = Window { skip: 0, after: None, most: u32::MAX };
                    let mut rows = cut(full, &ListQuery { window, ..query.clone() }).rows;
                    rows.extend(empty);
                    let total = under.list(tenant, query).total;
                    Rows { total, ..cut(rows, &ListQuery { per_group: None, ..query.clone() }) }
                })
                .store()
        }),
        broken("total of the groups", "A total counts what the groups leave.", PAGE, || {
            bent()
                .lists(|under, tenant, query| {
                    let mut rows = under.list(tenant, query);
                    let window = Window { skip: 0, after: None, most: u32::MAX };
                    let left = under.list(tenant, &ListQuery { window, ..query.clone() }).rows.len() as u64;
                    rows.total = rows.total.map(|_| left);
                    rows
                })
                .store()
        }),
    ]
}

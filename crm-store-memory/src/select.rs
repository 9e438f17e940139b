//! Lists and measures: the rows that match, in order.
//!
//! Invariant: the index only narrows down which rows are looked at; every row that is returned has passed the filter.

use std::collections::BTreeMap;

use crm_core::describe::{FieldId, Key, Kind, Record, Value};
use crm_core::ledger::LedgerEntry;
use crm_core::store::{
    Answer, Filter, HistoryQuery, ListQuery, Measure, Position, Question, Rows, StoreError, groups,
};
use crm_core::value::Uuid;

use crate::house::{House, Row};

pub(crate) fn answer(house: &House, question: &Question) -> Result<Answer, StoreError> {
    Ok(match question {
        Question::List(query) => Answer::Rows(list(house, query)),
        Question::Measure(measure) => {
            let Measure { kind, visible, filter, by: _, sum: _ } = measure;
            Answer::Groups(groups(live(house, visible, *kind, filter), measure)?)
        }
        Question::History(query) => Answer::Entries(history(house, query)),
    })
}

/// A list reads in order and stops when the window is full; where an index leaves few rows, it sorts those instead.
fn list(house: &House, query: &ListQuery) -> Rows {
    let ListQuery { kind, visible, filter, order, window, per_group, total } = query;
    let is_few = few(house, *kind, filter).or_else(|| few(house, *kind, visible)).is_some();
    let after = window.after.as_ref();
    // What comes before a position counts for its group, so groups are counted from the start.
    let start = after.filter(|_| per_group.is_none());
    let in_order = if is_few { None } else { house.in_order(*kind, *order, start) };
    let matching: Box<dyn Iterator<Item = &Record>> = match in_order {
        Some(rows) => {
            let seen = rows.filter(|row| passes(house, visible, row) && passes(house, filter, row));
            Box::new(seen.map(|row| &row.record))
        }
        None => Box::new(sorted_rows(house, query).into_iter()),
    };
    let mut taken: BTreeMap<Value, u32> = BTreeMap::new();
    let fits = |record: &&Record| {
        per_group.is_none_or(|per_group| {
            let taken = taken.entry(record.value(per_group.field)).or_default();
            *taken += 1;
            *taken <= per_group.most
        })
    };
    let follows =
        |record: &&Record| after.is_none_or(|after| order.compare(&order.position(record), after).is_gt());
    let skip = usize::try_from(window.skip).unwrap_or(usize::MAX);
    let mut rest = matching.filter(fits).filter(follows).skip(skip).cloned();
    let rows: Vec<_> = rest.by_ref().take(window.most as usize).collect();
    let more = rest.next().is_some();
    Rows { rows, more, total: total.then(|| count(house, query)) }
}

/// An index leaves few rows when it leaves less than one in so many.
const FEW: usize = 16;

/// The ids of live rows that an index leaves, where it leaves few.
fn few(house: &House, kind: Kind, filter: &Filter) -> Option<Vec<Uuid>> {
    let most = house.count(kind) / FEW;
    let ids = match filter {
        Filter::Range(field, from, to) => house.in_range(kind, *field, (from, to))?.take(most + 1).collect(),
        Filter::Every(all) => return all.iter().filter_map(|one| few(house, kind, one)).min_by_key(Vec::len),
        // How many they are is known before they are copied.
        Filter::Equals(field, value) if house.has_more(kind, *field, value, most) => return None,
        other => narrowed(house, kind, other)?,
    };
    (ids.len() <= most).then(|| sorted(ids))
}

fn sorted_rows<'h>(house: &'h House, query: &'h ListQuery) -> Vec<&'h Record> {
    let found = live(house, &query.visible, query.kind, &query.filter);
    let mut placed: Vec<(Position, &Record)> =
        found.map(|record| (query.order.position(record), record)).collect();
    placed.sort_by(|(left, _), (right, _)| query.order.compare(left, right));
    placed.into_iter().map(|(_, record)| record).collect()
}

fn count(house: &House, query: &ListQuery) -> u64 {
    match (&query.visible, &query.filter) {
        (Filter::All, Filter::All) => house.count(query.kind) as u64,
        (visible, filter) => live(house, visible, query.kind, filter).count() as u64,
    }
}

fn history(house: &House, query: &HistoryQuery) -> Vec<LedgerEntry> {
    let HistoryQuery { kind, visible, filter, until } = query;
    let mut keys: Vec<_> = matching(house, visible, *kind, filter).map(Record::key).collect();
    keys.sort_unstable();
    let entries = keys.iter().filter_map(|key| house.ledger.get(key)).flatten();
    entries.filter(|entry| until.is_none_or(|until| entry.at <= until)).cloned().collect()
}

/// The live rows that match and are visible.
fn live<'h>(
    house: &'h House,
    visible: &'h Filter,
    kind: Kind,
    filter: &'h Filter,
) -> Box<dyn Iterator<Item = &'h Record> + 'h> {
    let passes = move |row: &&Row| passes(house, visible, row) && passes(house, filter, row);
    let few = few(house, kind, filter).or_else(|| few(house, kind, visible));
    let rows: Box<dyn Iterator<Item = &Row>> = match few {
        Some(ids) => Box::new(ids.into_iter().filter_map(move |id| house.rows.get(&Key { kind, id }))),
        None => Box::new(house.of_kind(kind)),
    };
    Box::new(rows.filter(|row| row.record.is_live()).filter(passes).map(|row| &row.record))
}

/// The rows that match and are visible, deleted ones included.
fn matching<'h>(
    house: &'h House,
    visible: &'h Filter,
    kind: Kind,
    filter: &'h Filter,
) -> impl Iterator<Item = &'h Record> + 'h {
    let ids = narrowed(house, kind, filter).or_else(|| narrowed(house, kind, visible));
    let all = ids.is_none().then(|| house.of_kind(kind)).into_iter().flatten();
    let some = ids.into_iter().flatten().filter_map(move |id| house.rows.get(&Key { kind, id }));
    let passes = move |row: &&Row| passes(house, visible, row) && passes(house, filter, row);
    some.chain(all).filter(passes).map(|row| &row.record)
}

/// As [`Filter::matches`], with the search text that was made when the row was written.
fn passes(house: &House, filter: &Filter, row: &Row) -> bool {
    match filter {
        Filter::Search(wanted) => row.search.contains(wanted.as_str()),
        Filter::Every(all) => all.iter().all(|one| passes(house, one, row)),
        other => other.matches(&row.record, &|key| house.record(key).cloned()),
    }
}

/// The ids that an indexed condition leaves, where the filter has one.
fn narrowed(house: &House, kind: Kind, filter: &Filter) -> Option<Vec<Uuid>> {
    match filter {
        Filter::Equals(field, value) => house.indexed(kind, *field, value),
        Filter::OneOf(field, values) => union(house, kind, *field, values.iter()),
        Filter::Every(all) => all.iter().filter_map(|one| narrowed(house, kind, one)).min_by_key(Vec::len),
        Filter::Any(any) => {
            let parts = any.iter().map(|one| narrowed(house, kind, one)).collect::<Option<Vec<_>>>()?;
            Some(sorted(parts.into_iter().flatten().collect()))
        }
        Filter::Nothing => Some(Vec::new()),
        Filter::Ids(ids) => Some(ids.iter().copied().collect()),
        Filter::All | Filter::Range(..) | Filter::Empty(_) | Filter::Search(_) | Filter::Via(..) => None,
    }
}

fn union<'v>(
    house: &House,
    kind: Kind,
    field: FieldId,
    values: impl Iterator<Item = &'v Value>,
) -> Option<Vec<Uuid>> {
    let parts = values.map(|value| house.indexed(kind, field, value)).collect::<Option<Vec<_>>>()?;
    Some(sorted(parts.into_iter().flatten().collect()))
}

fn sorted(mut ids: Vec<Uuid>) -> Vec<Uuid> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

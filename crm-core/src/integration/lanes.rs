//! Which deliveries a worker gets next: of each lane the first, where it is due.
//!
//! A lane whose first delivery waits holds back those behind it, which are due all the same. So the list of what is due is
//! read on until there is enough, in longer and longer parts: as a rule the first part is enough.
//!
//! Invariant: deliveries of a lane go out in order, those that have waited longest come first, and no more are loaded than
//! a few for each that is wanted and for each that is held back.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use super::delivery::{Delivery, LANE, LEASE_UNTIL, NEXT_AT, PENDING, SENDING, STATUS, TARGET};
use crate::describe::{CREATED_AT, FieldId, Value};
use crate::draft::{Draft, Halt, first_of};
use crate::store::{Filter, ListQuery, Order, PerGroup, Position};
use crate::value::{DeliveryId, Instant, Text, Word};

/// By how much each part of the list is longer than the one before.
const GROWTH: u32 = 4;

/// How many of the oldest of a lane are looked at. The numbers tell the first: a clock that is wrong may have put a few in
/// another order.
const OLDEST: u32 = 8;

type Lane = Text<1, 100>;

/// At least so many deliveries to a target, where there are as many that are the first of their lane and due. Which there are
/// may change meanwhile: what is claimed must be as it was, and a lane's first stays the first until it is written.
pub(super) fn due(tx: &mut Draft<'_>, target: &Word, most: u32) -> Result<Vec<Arc<Delivery>>, Halt> {
    let now = tx.now();
    let mut found: BTreeMap<DeliveryId, Arc<Delivery>> = BTreeMap::new();
    let (mut after, mut size) = (None, most.saturating_mul(2));
    loop {
        let part = tx.first::<Delivery>(&due_list(target, now, after.take(), size))?;
        let lanes: BTreeSet<Lane> = part.rows.iter().map(|row| row.lane.clone()).collect();
        let firsts = firsts(tx, target, &lanes)?;
        found.extend(firsts.into_iter().filter(|row| row.is_due(now)).map(|row| (row.id, row)));
        match part.next.filter(|_| found.len() < most as usize) {
            Some(next) => (after, size) = (Some(next), size.saturating_mul(GROWTH)),
            None => break,
        }
    }
    let mut due: Vec<_> = found.into_values().collect();
    due.sort_by_key(|row| (row.next_at, row.id));
    Ok(due)
}

/// What is due, the longest wait first, whether or not it is the first of its lane.
fn due_list(target: &Word, now: Instant, after: Option<Position>, most: u32) -> ListQuery {
    let past = |field: FieldId| Filter::Range(field, Bound::Unbounded, Bound::Included(Value::Instant(now)));
    let ready = Filter::Any(vec![
        Filter::text(STATUS, PENDING).and(past(NEXT_AT)),
        Filter::text(STATUS, SENDING).and(past(LEASE_UNTIL)),
    ]);
    let filter = Filter::word(TARGET, target).and(ready);
    let mut list = first_of::<Delivery>(filter, Order { field: NEXT_AT, descending: false }, most);
    list.window.after = after;
    list
}

/// The delivery whose turn it is in each lane: the one that is being made, or else the first that is open.
fn firsts(tx: &mut Draft<'_>, target: &Word, lanes: &BTreeSet<Lane>) -> Result<Vec<Arc<Delivery>>, Halt> {
    let Ok(count @ 1..) = u32::try_from(lanes.len()) else { return Ok(Vec::new()) };
    let open = Filter::OneOf(STATUS, [Value::text(PENDING), Value::text(SENDING)].into());
    let lanes = Filter::OneOf(LANE, lanes.iter().map(|lane| Value::text(lane.as_str())).collect());
    let filter = Filter::word(TARGET, target).and(open).and(lanes);
    let oldest = Order { field: CREATED_AT, descending: false };
    let mut list = first_of::<Delivery>(filter, oldest, count.saturating_mul(OLDEST));
    list.per_group = Some(PerGroup { field: LANE, most: OLDEST });
    let now = tx.now();
    // One that is being made holds its lane back, also where an earlier one was taken up again meanwhile.
    let turn = |row: &Delivery| (row.status != SENDING || row.is_due(now), row.number, row.id);
    let mut firsts: BTreeMap<Lane, Arc<Delivery>> = BTreeMap::new();
    let rows = tx.first::<Delivery>(&list)?.rows;
    for row in rows.into_iter().filter(|row| [PENDING, SENDING].contains(&row.status.as_str())) {
        let first = firsts.entry(row.lane.clone()).or_insert_with(|| Arc::clone(&row));
        if turn(&row) < turn(first) {
            *first = row;
        }
    }
    Ok(firsts.into_values().collect())
}

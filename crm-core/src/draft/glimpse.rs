//! The first records of a list: what a worker or a sweep takes up next, however many there are in all.
//!
//! A set is loaded whole, and the decision rests on which records it has. A list has an order and an end, and nothing rests
//! on it: of those that a command then writes, each must still be as it was.
//!
//! Invariant: a decision loads no more of a list than it asks for.

use std::sync::Arc;

use super::{Draft, Halt, ReadSet, typed};
use crate::describe::{Entity, Record};
use crate::store::{Filter, ListQuery, Order, Position, Window};

/// The first records of a list, and where it goes on.
#[derive(Debug)]
pub(crate) struct Glimpse<E> {
    /// The records, as this draft leaves them. One that it has written may not match any more.
    pub(crate) rows: Vec<Arc<E>>,
    /// Where the list goes on, if it does.
    pub(crate) next: Option<Position>,
}

/// The first records of a kind that match, whoever may see them.
pub(crate) fn first_of<E: Entity>(filter: Filter, order: Order, most: u32) -> ListQuery {
    let window = Window { skip: 0, after: None, most };
    let visible = Filter::All;
    ListQuery { kind: E::KIND, visible, filter, order, window, per_group: None, total: false }
}

impl Draft<'_> {
    /// Looks at a list. The records may change without harm to the decision.
    pub(crate) fn first<E: Entity>(&mut self, query: &ListQuery) -> Result<Glimpse<E>, Halt> {
        let (records, next) = self.glimpsed(query)?;
        Ok(Glimpse { rows: typed(&records), next })
    }

    fn glimpsed(&self, query: &ListQuery) -> Result<(Vec<Record>, Option<Position>), Halt> {
        let Some((_, list)) = self.snapshot.lists.iter().find(|(known, _)| known == query) else {
            return Err(ReadSet { lists: vec![query.clone()], ..ReadSet::new() }.into());
        };
        let now = |row: &Record| self.pending.get(&row.key()).map_or(row, |pending| &pending.after).clone();
        let next = list.rows.last().filter(|_| list.more).map(|last| query.order.position(last));
        Ok((list.rows.iter().map(now).collect(), next))
    }
}

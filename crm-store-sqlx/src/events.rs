//! The outbox, read in an order that never changes behind a reader.
//!
//! An event's number is drawn while the record that it tells of is locked, so the events of one record keep their order.
//! Commits may end in another order than they drew their numbers in; a database where that can happen says up to which
//! number all is settled, and nothing beyond is read.
//!
//! Invariant: whoever has read up to an event has read everything that will ever stand before it.

use crm_core::describe::Value;
use crm_core::value::EventId;

use crate::dialect::Dialect;
use crate::entry;
use crate::statement::{ORGANIZATION, Values};

/// Where a reader goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum After {
    /// At the beginning.
    Nothing,
    /// After this event.
    Event(EventId),
    /// After this number.
    Number(i64),
}

/// The statement that reads events from after a place, up to what is settled.
pub(crate) fn after(
    dialect: &dyn Dialect,
    (after, settled, most): (After, Option<i64>, u32),
    values: &mut Values,
) -> String {
    let table = dialect.table(entry::EVENTS);
    let columns: Vec<String> =
        entry::selected_events(dialect, "e").into_iter().map(|(text, _)| text).collect();
    // An event that is not there any more starts from the beginning: nothing is missed.
    let after = match after {
        After::Event(id) => format!(
            " AND e.number > coalesce((SELECT p.number FROM {table} AS p \
             WHERE p.organization_id = {ORGANIZATION} AND p.id = {}), 0)",
            values.one(Value::Uuid(id.into()))
        ),
        After::Number(number) => format!(" AND e.number > {}", values.one(Value::Int(number))),
        After::Nothing => String::new(),
    };
    let settled = match settled {
        Some(number) => format!(" AND e.number <= {}", values.one(Value::Int(number))),
        None => String::new(),
    };
    let most = values.one(Value::Int(most.into()));
    format!(
        "SELECT {} FROM {table} AS e WHERE e.organization_id = {ORGANIZATION}{after}{settled} \
         ORDER BY e.number LIMIT {most}",
        columns.join(", "),
    )
}

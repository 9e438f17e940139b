//! The outbox, read in an order that never changes behind a reader.
//!
//! An event's place is its turn and its number. On PostgreSQL the turn is the transaction's, or a later one where the
//! record's last event had a later one; a reader sees only turns that no transaction can fill any more. So an event of a
//! transaction that commits late is never passed over, and events of one record keep their order.
//!
//! Invariant: whoever has read up to an event has read everything that will ever stand before it.

use crm_core::describe::Value;
use crm_core::value::EventId;

use crate::dialect::Dialect;
use crate::entry;
use crate::statement::{ORGANIZATION, Values};

/// The statement that reads events from after one.
pub(crate) fn after(
    dialect: &dyn Dialect,
    after: Option<EventId>,
    most: u32,
    values: &mut Values,
) -> String {
    let table = dialect.table(entry::EVENTS);
    let columns: Vec<String> = entry::selected_events(dialect, "e").into_iter().map(|(text, _)| text).collect();
    // An event that is not there any more starts from the beginning: nothing is missed.
    let after = match after {
        Some(id) => format!(
            " AND (e.turn, e.number) > (SELECT coalesce(max(p.turn), 0), coalesce(max(p.number), 0) FROM {table} AS p \
             WHERE p.organization_id = {ORGANIZATION} AND p.id = {})",
            values.one(Value::Uuid(id.into()))
        ),
        None => String::new(),
    };
    let most = values.one(Value::Int(most.into()));
    format!(
        "SELECT {} FROM {table} AS e WHERE e.organization_id = {ORGANIZATION}{}{after} \
         ORDER BY e.turn, e.number LIMIT {most}",
        columns.join(", "),
        dialect.settled("e"),
    )
}

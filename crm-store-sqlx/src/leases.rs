//! The statements of consumers: whose turn it is, and how far each has come.
//!
//! A consumer has one row in each organisation. Commits do not touch it, so it is written by whoever has the lease, and by
//! those who try to get it. A lease is a number that rises with every new one; who has an older number changes nothing any
//! more. Time is the database's, because the clocks of hosts differ.
//!
//! Invariant: a position rises only, and only by the hand of the latest lease.

use std::time::Duration;

use crm_core::describe::{Kind, Value};
use crm_core::store::Tenant;
use crm_core::value::{EventId, OrganizationId, Word};

use crate::dialect::Dialect;
use crate::entry;
use crate::statement::{ACROSS, ORGANIZATION, Values};
use crate::value::Param;

/// The consumers' table.
pub(crate) const CONSUMERS: &str = "consumer";

/// The longest lease, in microseconds: a year. Longer ones would leave the calendar.
const LONGEST: i64 = 365 * 24 * 60 * 60 * 1_000_000;

/// A statement, and its values.
pub(crate) type Statement = (String, Vec<Param>);

/// A consumer in an organisation, by a lease.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held<'a> {
    pub(crate) tenant: Tenant,
    pub(crate) name: &'a Word,
    pub(crate) lease: i64,
}

/// The organisations that wait for a consumer, by their ids. Beside that of seats, this is the one question that is not
/// asked of one organisation.
///
/// It goes through the organisations in the order of their key, and looks up each one's last event at the end of the
/// index `event_order`: the cost is a few look-ups (on PostgreSQL about 10 microseconds) for each organisation that it
/// passes, however many events there are. The look-up is a scalar subquery on purpose, which no planner turns into a join
/// over all events. A recursive scan that jumps from one organisation to the next inside that index takes the same number
/// of look-ups, and could not promise an order.
pub(crate) fn waiting(
    dialect: &dyn Dialect,
    name: &Word,
    (after, most): (Option<OrganizationId>, u32),
) -> Statement {
    let mut values = vec![Param::One(Value::text(name.as_str())), Param::One(Value::Int(most.into()))];
    let after = if let Some(after) = after {
        values.push(Param::One(Value::Uuid(after.into())));
        "o.organization_id > $3 AND "
    } else {
        ""
    };
    let text = format!(
        "{ACROSS}SELECT o.organization_id FROM {organizations} AS o LEFT JOIN {consumers} AS c \
         ON c.organization_id = o.organization_id AND c.name = $1 \
         WHERE {after}(c.leased_until IS NULL OR c.leased_until <= {now}) \
         AND (SELECT max(e.number) FROM {events} AS e WHERE e.organization_id = o.organization_id) \
         > coalesce(c.position, 0) ORDER BY o.organization_id LIMIT $2",
        organizations = dialect.table(Kind::Organization.name()),
        consumers = dialect.table(CONSUMERS),
        events = dialect.table(entry::EVENTS),
        now = dialect.now(),
    );
    (text, values)
}

/// Takes the lease if nobody has it, and answers the position and the number of the lease. It begins when it is asked for,
/// not when whoever was faster has answered.
pub(crate) fn take(dialect: &dyn Dialect, tenant: Tenant, name: &Word, length: Duration) -> Statement {
    let mut values = Values::of(tenant);
    let name = values.one(Value::text(name.as_str()));
    let until = dialect.later(values.one(micros(length)));
    let text = format!(
        "INSERT INTO {} AS c (organization_id, name, position, lease, leased_until) \
         VALUES ({ORGANIZATION}, {name}, 0, 1, {until}) ON CONFLICT (organization_id, name) \
         DO UPDATE SET lease = c.lease + 1, leased_until = excluded.leased_until \
         WHERE c.leased_until IS NULL OR c.leased_until <= {} RETURNING position, lease",
        dialect.table(CONSUMERS),
        dialect.now(),
    );
    (text, values.as_slice().to_vec())
}

/// Moves the position to an event, unless it is there already, and prolongs the lease. Answers nothing if the lease is lost;
/// else the position and, if there is such an event, its number.
pub(crate) fn done(dialect: &dyn Dialect, held: Held<'_>, length: Duration, event: EventId) -> Statement {
    let mut update = Update::of(dialect, held);
    let number = format!(
        "(SELECT e.number FROM {} AS e WHERE e.organization_id = {ORGANIZATION} AND e.id = {})",
        dialect.table(entry::EVENTS),
        update.values.one(Value::Uuid(event.into()))
    );
    let until = dialect.later(update.values.one(micros(length)));
    update.text(
        &format!("{}, leased_until = {until}", moved(&number)),
        &format!("position, {number} AS number"),
    )
}

/// Moves the position to the last event that is settled, and prolongs the lease. Answers the position, or nothing if the
/// lease is lost.
pub(crate) fn skip(
    dialect: &dyn Dialect,
    held: Held<'_>,
    length: Duration,
    settled: Option<i64>,
) -> Statement {
    let mut update = Update::of(dialect, held);
    let settled = match settled {
        Some(number) => format!(" AND e.number <= {}", update.values.one(Value::Int(number))),
        None => String::new(),
    };
    let number = format!(
        "(SELECT max(e.number) FROM {} AS e WHERE e.organization_id = {ORGANIZATION}{settled})",
        dialect.table(entry::EVENTS)
    );
    let until = dialect.later(update.values.one(micros(length)));
    update.text(&format!("{}, leased_until = {until}", moved(&number)), "position")
}

/// Prolongs the lease. Answers nothing if it is lost.
pub(crate) fn renew(dialect: &dyn Dialect, held: Held<'_>, length: Duration) -> Statement {
    let mut update = Update::of(dialect, held);
    let until = dialect.later(update.values.one(micros(length)));
    update.text(&format!("leased_until = {until}"), "position")
}

/// Gives the lease back, if it is not lost.
pub(crate) fn release(dialect: &dyn Dialect, held: Held<'_>) -> Statement {
    Update::of(dialect, held).text("leased_until = NULL", "position")
}

/// A change of the row by whoever has the lease. One that has run out is still good while nobody else has taken it.
struct Update {
    table: String,
    values: Values,
    held: String,
}

impl Update {
    fn of(dialect: &dyn Dialect, held: Held<'_>) -> Self {
        let mut values = Values::of(held.tenant);
        let name = values.one(Value::text(held.name.as_str()));
        let lease = values.one(Value::Int(held.lease));
        let held = format!("organization_id = {ORGANIZATION} AND name = {name} AND lease = {lease}");
        Self { table: dialect.table(CONSUMERS), values, held }
    }

    fn text(self, set: &str, answer: &str) -> Statement {
        let Self { table, values, held } = self;
        let text = format!("UPDATE {table} SET {set} WHERE {held} RETURNING {answer}");
        (text, values.as_slice().to_vec())
    }
}

/// The position never goes back. A number that is not there moves nothing.
fn moved(number: &str) -> String {
    format!("position = CASE WHEN {number} > position THEN {number} ELSE position END")
}

fn micros(length: Duration) -> Value {
    Value::Int(i64::try_from(length.as_micros()).map_or(LONGEST, |micros| micros.min(LONGEST)))
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::sqlite::{Sqlite, migrate};
    use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _, SqliteConnection};

    #[tokio::test]
    async fn waiting_looks_at_the_end_of_the_index_only() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        migrate(&mut connection).await.unwrap();
        let name = Word::parse("mailer").unwrap();
        for after in [None, Some(OrganizationId::from_uuid(crm_core::value::Uuid::nil()))] {
            let (text, _) = waiting(&Sqlite, &name, (after, 10));
            let text = format!("EXPLAIN QUERY PLAN {text}");
            let rows = connection.fetch_all(sqlx::query(AssertSqlSafe(text))).await.unwrap();
            let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
            let plan = plan.join("\n");
            assert!(
                plan.contains("SEARCH e USING COVERING INDEX crm_event_order (organization_id=?)"),
                "{plan}"
            );
            assert!(!plan.contains("SCAN e") && !plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}

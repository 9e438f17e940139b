//! Up to which event an organisation's outbox is settled.
//!
//! A sequence numbers events; commits end in any order, so a number can appear after a greater one. Before a commit draws
//! numbers it takes a shared advisory lock whose key carries the last number drawn by anybody: whatever it draws is
//! greater. The lock goes when its transaction ends, however it ends. A reader notes the last number, then looks for such
//! locks, and reads up to the smallest of their keys in a later statement. Nobody waits, no row is hot, and a slow
//! transaction delays the events of its own organisation only.
//!
//! Invariant: every number up to the settled one belongs to a transaction that has ended.

use crm_core::describe::Value;
use crm_core::store::{StoreError, Tenant};

use super::advisory::Lock;
use super::dialect::Postgres;
use crate::dialect::Dialect;
use crate::statement::Values;
use crate::store::{Failure, Gate};

/// The sequence that numbers events; PostgreSQL names it after the column.
const NUMBERS: &str = "event_number_seq";

/// What remembers, until a transaction ends, of which organisation its mark is.
pub(super) const MARKED: &str = "crm.marked";

/// A condition that is always true, and marks a commit that is about to draw numbers. A transaction of a host with many
/// commits needs one mark: the first, whose number is the smallest.
pub(super) fn mark(dialect: &Postgres, tenant: Tenant, values: &mut Values) -> String {
    let numbers = dialect.table(NUMBERS);
    let class = values.one(Value::Int(Lock::Numbers.class(dialect, tenant)));
    format!(
        "CASE WHEN current_setting('{MARKED}', TRUE) = {class}::bigint::text THEN TRUE ELSE \
         (SELECT pg_advisory_xact_lock_shared({class}::bigint::int, ((n.last_value << 32) >> 32)::int)::text \
         FROM {numbers} AS n) IS NOT NULL AND set_config('{MARKED}', {class}::bigint::text, TRUE) IS NOT NULL END"
    )
}

/// Looks up to which number all is settled.
pub(super) async fn up_to(dialect: &Postgres, gate: &mut Gate<'_>, tenant: Tenant) -> Result<i64, Failure> {
    let numbers = dialect.table(NUMBERS);
    let mut values = Values::of(tenant);
    let class = values.one(Value::Int(Lock::Numbers.class(dialect, tenant)));
    // The key has the lower half of a number; how far it lies back from the last one tells the rest. A lock that was taken
    // since is further ahead than behind, and of no concern.
    let text = format!(
        "WITH last AS MATERIALIZED (SELECT n.last_value AS number FROM {numbers} AS n WHERE $1::uuid IS NOT NULL) \
         SELECT least(last.number, (SELECT min(last.number - back.numbers) FROM pg_locks AS l \
         CROSS JOIN LATERAL (SELECT (last.number - l.objid::bigint) & 4294967295 AS numbers) AS back \
         WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND back.numbers < 2147483648 \
         AND l.classid::bigint = ({class}::bigint & 4294967295) AND l.pid <> pg_backend_pid() \
         AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()))) FROM last"
    );
    let rows = gate.run(&text, values.as_slice()).await?;
    match rows.first().map(Vec::as_slice) {
        Some([Value::Int(number)]) => Ok(*number),
        _ => Err(StoreError::broken("a sequence without a number").into()),
    }
}

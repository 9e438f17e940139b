//! Emptying tables, so that they can be used again: it takes far less than making them.

use sqlx::{AssertSqlSafe, Executor as _};

use crate::support::server::Schema;

/// Deletes every row of a schema, in one statement, since tables refer to each other in circles. There are few rows, and so
/// this takes far less than truncating, which makes every table and every index anew.
pub(crate) async fn empty(schema: &Schema) {
    let text = "SELECT string_agg(format('%I AS (DELETE FROM %I.%I)', 'of_' || relname, nspname, relname), ', ') \
                FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace \
                WHERE nspname = $1 AND relkind IN ('r', 'p') AND NOT relispartition \
                AND relname NOT IN ('migration', 'auth_migration')";
    let each: String = sqlx::query_scalar(text).bind(&schema.name).fetch_one(&schema.pool).await.unwrap();
    // Rows that a policy would hide are an error, and are not left behind.
    let text = format!("BEGIN; SET LOCAL row_security = off; WITH {each} SELECT; COMMIT");
    schema.pool.execute(sqlx::raw_sql(AssertSqlSafe(text))).await.unwrap();
}

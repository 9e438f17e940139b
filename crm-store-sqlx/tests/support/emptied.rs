//! Emptying tables, so that they can be used again: it takes far less than making them.

use sqlx::{AssertSqlSafe, Executor as _};

use crate::support::server::Schema;

/// Empties all tables of a schema.
pub(crate) async fn empty(schema: &Schema) {
    let text = "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables \
                WHERE schemaname = $1 AND tablename NOT IN ('migration', 'auth_migration')";
    let tables: String = sqlx::query_scalar(text).bind(&schema.name).fetch_one(&schema.pool).await.unwrap();
    schema.pool.execute(sqlx::raw_sql(AssertSqlSafe(format!("TRUNCATE {tables}")))).await.unwrap();
}

//! Indexes for the search of parts of words, for a host whose database may have the extensions that they need.
//!
//! Invariant: a search answers the same with them and without; only how much it reads differs.

use crm_core::describe::Kind;
use crm_core::store::StoreError;

use super::dialect::{Postgres, schema_name};
use super::migrate::LOCK;
use crate::dialect::Dialect;

/// The statements that make the indexes. All of them are one transaction, so that a name found there holds.
pub(super) fn indexes(schema: &str) -> Result<String, StoreError> {
    let dialect = Postgres::new(&schema_name(schema)?);
    // Where the extensions stand is the database's business, and a class of operators is found by the path only.
    let mut text = format!(
        "SELECT pg_advisory_xact_lock({LOCK});\n\
         CREATE EXTENSION IF NOT EXISTS pg_trgm;\nCREATE EXTENSION IF NOT EXISTS btree_gin;\n\
         SELECT set_config('search_path', quote_ident(n.nspname), TRUE) FROM pg_extension AS e \
         JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm';\n"
    );
    for kind in Kind::ALL.iter().filter(|kind| kind.fields().iter().any(|field| field.searched)) {
        let (name, table) = (kind.name(), dialect.table(kind.name()));
        text.push_str(&format!(
            "CREATE INDEX IF NOT EXISTS \"{name}_search\" ON {table} \
             USING gin (organization_id, search_text gin_trgm_ops);\n"
        ));
    }
    Ok(text)
}

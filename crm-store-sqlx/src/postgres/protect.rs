//! Row-level security: a second wall between organisations, in the database itself.
//!
//! Every table gets a policy that shows and takes only rows of the organisation that was named last. The store names it
//! before it reads, and the function that commits names it by itself. Who is asked where a user is a member names the
//! user, and sees that user's memberships and their organisations, and nothing else.
//!
//! Invariant: who names nobody sees nothing.

use crm_core::describe::Kind;
use crm_core::store::StoreError;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Row as _};

use super::dialect::{Postgres, schema_name};
use super::door::failure;
use crate::dialect::Dialect;
use crate::entry;
use crate::leases::CONSUMERS;
use crate::load::{CLAIMS, COMMANDS, REMEMBERED};
use crate::store::Whom;

/// The statement that names whom the following ones are about, and forgets who was named before.
pub(super) fn naming(whom: Whom, alone: bool) -> &'static str {
    match (whom, alone) {
        (Whom::Organization, true) => {
            "SELECT set_config('crm.organization_id', $1::uuid::text, FALSE), set_config('crm.user_id', '', FALSE)"
        }
        (Whom::Organization, false) => {
            "SELECT set_config('crm.organization_id', $1::uuid::text, TRUE), set_config('crm.user_id', '', TRUE)"
        }
        (Whom::User, true) => {
            "SELECT set_config('crm.user_id', $1::uuid::text, FALSE), set_config('crm.organization_id', '', FALSE)"
        }
        (Whom::User, false) => {
            "SELECT set_config('crm.user_id', $1::uuid::text, TRUE), set_config('crm.organization_id', '', TRUE)"
        }
    }
}

/// The texts that put policies on the tables of a schema, and let a role use them.
pub(super) fn policies(schema: &str, role: &str) -> Result<String, StoreError> {
    let (dialect, role) = (Postgres::new(&schema_name(schema)?), schema_name(role)?);
    let named = |setting: &str| format!("nullif(current_setting('{setting}', TRUE), '')::uuid");
    let (organization, user) = (named("crm.organization_id"), named("crm.user_id"));
    let kinds = Kind::ALL.iter().map(|kind| kind.name());
    let others = [entry::TABLE, entry::EVENTS, CLAIMS, REMEMBERED, COMMANDS, CONSUMERS];
    let tables: Vec<String> = kinds.chain(others).map(|name| dialect.table(name)).collect();
    let mut text = format!("GRANT USAGE ON SCHEMA \"{schema}\" TO \"{role}\";\n");
    for table in &tables {
        text.push_str(&format!(
            "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\nALTER TABLE {table} FORCE ROW LEVEL SECURITY;\n\
             DROP POLICY IF EXISTS crm_organization ON {table};\n\
             CREATE POLICY crm_organization ON {table} USING (organization_id = {organization});\n\
             GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO \"{role}\";\n"
        ));
    }
    let [organizations, members] =
        [Kind::Organization, Kind::Membership].map(|kind| dialect.table(kind.name()));
    text.push_str(&format!(
        "DROP POLICY IF EXISTS crm_seat ON {members};\n\
         CREATE POLICY crm_seat ON {members} FOR SELECT USING (id = {user});\n\
         DROP POLICY IF EXISTS crm_seat ON {organizations};\n\
         CREATE POLICY crm_seat ON {organizations} FOR SELECT USING (EXISTS (SELECT 1 FROM {members} AS m \
         WHERE m.organization_id = {organizations}.organization_id AND m.id = {user}));\n\
         GRANT SELECT ON ALL SEQUENCES IN SCHEMA \"{schema}\" TO \"{role}\";\n"
    ));
    Ok(text)
}

/// Puts the policies on, for a role that they really bind.
pub(super) async fn protect(
    connection: &mut PgConnection,
    schema: &str,
    role: &str,
) -> Result<(), StoreError> {
    let text = policies(schema, role)?;
    let failed = |error| failure(error).alone();
    let asked = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = $1";
    let found = connection.fetch_optional(sqlx::query(asked).bind(role)).await.map_err(failed)?;
    match found.map(|row| row.try_get::<bool, _>(0)).transpose().map_err(failed)? {
        Some(false) => {}
        Some(true) => return Err(StoreError::broken(format!("no policy binds the role `{role}`"))),
        None => return Err(StoreError::broken(format!("there is no role `{role}`"))),
    }
    // Several statements of one text are one transaction.
    connection.execute(sqlx::raw_sql(AssertSqlSafe(text))).await.map(|_| ()).map_err(failed)
}

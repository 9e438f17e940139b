//! Where a user is a member: the one question that is not asked of an organisation.
//!
//! Invariant: only live memberships of live organisations are answered, oldest first.

use crm_core::describe::{Record, Value};
use crm_core::store::{Seat, StoreError};
use crm_core::value::UserId;

use crate::door::Row;
use crate::statement::ACROSS;
use crate::table::Table;
use crate::value::Param;

/// The statement, and its values.
pub(crate) fn of([organization, membership]: [Table<'_>; 2], user: UserId) -> (String, Vec<Param>) {
    let columns = organization.selected("o").into_iter().chain(membership.selected("m"));
    let columns: Vec<String> = columns.map(|(text, _)| text).collect();
    let text = format!(
        "{ACROSS}SELECT {} FROM {} AS m JOIN {} AS o ON o.organization_id = m.organization_id AND o.id = m.organization_id \
         WHERE m.id = $1 AND m.deleted_at IS NULL AND o.deleted_at IS NULL \
         ORDER BY m.created_at, m.organization_id",
        columns.join(", "),
        membership.name(),
        organization.name()
    );
    (text, vec![Param::One(Value::Uuid(user.into()))])
}

/// A seat, from a row of the statement.
pub(crate) fn read([organization, membership]: [Table<'_>; 2], mut row: Row) -> Result<Seat, StoreError> {
    let member = row.split_off(organization.kept().len().min(row.len()));
    match (organization.record(row)?, membership.record(member)?) {
        (Record::Organization(organization), Record::Membership(membership)) => {
            Ok(Seat { organization, membership })
        }
        _ => Err(StoreError::broken("a seat of other records")),
    }
}

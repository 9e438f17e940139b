//! From the name of a kind, which a mapping says, to its type.
//!
//! Invariant: every kind is here; a new one does not build until it is.

use std::future::Future;
use std::pin::Pin;

use crm_core::command::Rules;
use crm_core::describe::{Edits, Entity, Given, Kind, Record, Value};
use crm_core::profile::FieldRule;
use crm_core::value::{Problem, Uuid};
use crm_core::{Batch, Cursor, Delete, Error, FieldProblem, List, Session, Update};
use serde_json::{Map, Value as Json};

use crate::mapping::Policy;
use crate::write::WriteRow;

/// Does something with the type of a kind.
macro_rules! of_kind {
    ($kind:expr, $entity:ident => $body:expr) => {
        of_kind!(
            @each $kind, $entity => $body;
            Organization, Membership, Pipeline, Campaign, Cost, Complex, Unit, Price, Contact, Lead, Deal, Hold, Buyer,
            Contract, PaymentPlan, Installment, Payment, Allocation, Expense, Counter, Attendance, Task, Activity,
            Reference, Incoming, Target, Delivery, Notification,
        )
    };
    (@each $kind:expr, $entity:ident => $body:expr; $($name:ident),* $(,)?) => {
        match $kind {
            $(Kind::$name => {
                type $entity = crm_core::$name;
                $body
            })*
        }
    };
}

/// A future that waits for a store.
pub(crate) type Waiting<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// The fields of a row, in the form in which a caller sends them.
pub(crate) type Fields = Map<String, Json>;

/// Reads fields as a command would, and names every one that is refused.
pub(crate) fn read_fields(
    kind: Kind,
    fields: &Fields,
    rules: &[FieldRule],
) -> Result<Vec<Given>, Vec<FieldProblem>> {
    of_kind!(kind, E => edits::<E>(fields)?.read(rules))
}

/// The patch that says these fields.
///
/// # Errors
/// Names every field whose value is of a type that it does not take.
pub(crate) fn edits<E: Entity>(fields: &Fields) -> Result<E::Edits, Vec<FieldProblem>> {
    let read = |fields: Fields| serde_json::from_value::<E::Edits>(Json::Object(fields));
    read(fields.clone()).map_err(|_| {
        let alone = |(name, value): (&String, &Json)| {
            let error = read(Fields::from_iter([(name.clone(), value.clone())])).err()?;
            Some(FieldProblem::new(name, Problem::forbidden(error.to_string())))
        };
        fields.iter().filter_map(alone).collect()
    })
}

/// A page of the live records that have these values in these fields, hidden ones too.
pub(crate) fn page<'a>(
    session: &'a Session<'_>,
    kind: Kind,
    wanted: &'a [(&'static str, Vec<Value>)],
    after: Option<Cursor>,
) -> Waiting<'a, (Vec<Record>, Option<Cursor>)> {
    of_kind!(kind, E => Box::pin(page_as::<E>(session, wanted, after)))
}

async fn page_as<E: Entity>(
    session: &Session<'_>,
    wanted: &[(&'static str, Vec<Value>)],
    after: Option<Cursor>,
) -> Result<(Vec<Record>, Option<Cursor>), Error> {
    let size = session.profile().page_limit(E::KIND).most;
    let list = List::<E>::new().with_inactive().without_total();
    let list =
        wanted.iter().fold(list, |list, (field, values)| list.has(field, values.iter().map(Value::to_json)));
    let list = match after {
        Some(cursor) => list.after(cursor, size),
        None => list.first(size),
    };
    let page = session.list(list).await?;
    Ok((page.items.into_iter().map(Entity::record).collect(), page.next))
}

/// The batch with one more row to write.
pub(crate) fn then_write(
    batch: Batch,
    kind: Kind,
    id: Option<Uuid>,
    fields: &Fields,
    policy: Policy,
) -> Batch {
    of_kind!(kind, E => batch.then(WriteRow::<E>::new(id, fields.clone(), policy)))
}

/// Deletes a record that is still as it was.
pub(crate) fn delete<'a>(session: &'a Session<'_>, kind: Kind, id: Uuid, version: u64) -> Waiting<'a, ()> {
    of_kind!(kind, E => Box::pin(delete_as::<E>(session, id, version)))
}

async fn delete_as<E: Rules>(session: &Session<'_>, id: Uuid, version: u64) -> Result<(), Error> {
    session.apply(Delete::<E>::of(E::Id::from(id))).if_version(version).await.map(|_| ())
}

/// Changes a record that is still as it was.
pub(crate) fn update<'a>(
    session: &'a Session<'_>,
    kind: Kind,
    (id, version): (Uuid, u64),
    fields: &'a Fields,
) -> Waiting<'a, ()> {
    of_kind!(kind, E => Box::pin(update_as::<E>(session, id, version, fields)))
}

async fn update_as<E: Rules>(
    session: &Session<'_>,
    id: Uuid,
    version: u64,
    fields: &Fields,
) -> Result<(), Error> {
    let fields = edits::<E>(fields).map_err(Error::Invalid)?;
    let command = Update::<E> { id: E::Id::from(id), fields };
    session.apply(command).if_version(version).await.map(|_| ())
}

//! Creating a record.
//!
//! Invariant: a record is created from the caller's values, then the profile's defaults, and is judged as a whole.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Asked, Command, Rules};
use crate::access::Scope;
use crate::describe::{
    CREATED_AT, DELETED_AT, Edits, Entity, Field, FieldId, FieldKind, Given, Id, Key, Kind, Record,
    UPDATED_AT, Value,
};
use crate::draft::{Draft, Halt, ReadSet};
use crate::error::{Error, FieldProblem};
use crate::profile::{Presence, Profile};
use crate::value::{Instant, Problem};

/// Creates a record.
///
/// ```
/// use crm_core::{CreateContact, value::UserId};
/// let command = CreateContact::new().name("Ann Archer").email("ann@example.com");
/// assert_eq!(serde_json::to_string(&command)?, r#"{"name":"Ann Archer","email":"ann@example.com"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Create<E: Entity> {
    /// The id, for a caller who chooses it. Sending the same id again answers that it exists.
    #[serde(default = "nothing", skip_serializing_if = "Option::is_none")]
    pub id: Option<E::Id>,
    /// The values of the new record.
    #[serde(flatten)]
    pub fields: E::Edits,
}

fn nothing<T>() -> Option<T> {
    None
}

impl<E: Entity> Create<E> {
    /// With nothing set yet.
    #[must_use]
    pub fn new() -> Self {
        Self { id: None, fields: E::Edits::default() }
    }

    /// With an id that the caller chose.
    #[must_use]
    pub fn with_id(id: E::Id) -> Self {
        Self { id: Some(id), ..Self::new() }
    }
}

impl<E: Entity> Default for Create<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E: Entity> fmt::Debug for Create<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Create<{}>", E::NAME)
    }
}

impl<E: Rules> Command for Create<E> {
    type Output = Arc<E>;

    fn name(&self) -> &'static str {
        E::NAMES.create
    }

    fn target(&self) -> Option<Key> {
        self.id.map(Id::key)
    }

    fn hints(&self) -> ReadSet {
        let mut want = references(self.fields.read(&[]).unwrap_or_default(), E::KIND, self.target());
        want.extend(E::looks_at(&self.fields));
        want
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Arc<E>, Halt> {
        let id = match self.id {
            Some(id) => id,
            None => tx.next_id()?,
        };
        create(tx, id, &self.fields)
    }
}

/// Every record that a patch points at, and one more.
pub(super) fn references(given: Vec<Given>, kind: Kind, more: Option<Key>) -> ReadSet {
    let mut want = more.map(ReadSet::from).unwrap_or_default();
    for given in given {
        let target = kind.describe(given.field).map(|field| field.kind);
        if let (Some(FieldKind::Reference(kind)), Value::Uuid(id)) = (target, given.value) {
            want.keys.insert(Key { kind, id });
        }
    }
    want
}

/// Creates a record of any kind, by the rules of the kind.
pub(crate) fn create<E: Rules>(tx: &mut Draft<'_>, id: E::Id, edits: &E::Edits) -> Result<Arc<E>, Halt> {
    let tidied = E::tidied(tx.profile(), edits);
    let given = tx.given::<E>(tidied.as_ref().unwrap_or(edits))?;
    let asked = Asked(&given);
    if tx.profile().scope(tx.standing(), E::CRUD.create) == Scope::None {
        tx.allow(E::CRUD.create, None)?;
    }
    let old = if E::REVIVES { tx.get_any(id)? } else { None };
    if old.as_ref().is_some_and(|old| old.value(DELETED_AT).is_null()) {
        return Err(Error::AlreadyExists { resource: E::KIND, field: "id".to_owned() }.into());
    }
    let mut row = new_row::<E>(tx, id, asked)?;
    let record = Arc::new(row.clone()).record();
    check_given(tx.profile(), &record)?;
    look_up_parents(tx, &record)?;
    let permit = tx.allow(E::CRUD.create, Some(&record))?;
    E::judge(tx, None, &mut row, &asked)?;
    let row = match old {
        Some(old) => {
            row.stamp(old.version(), tx.now());
            tx.put(&permit, row)?
        }
        None => tx.create(&permit, row)?,
    };
    E::follow(tx, &permit, None, &row, &asked)?;
    Ok(row)
}

/// The caller's values over the profile's defaults.
pub(crate) fn new_row<E: Rules>(tx: &mut Draft<'_>, id: E::Id, asked: Asked<'_>) -> Result<E, Halt> {
    let defaults = E::defaults(tx, &asked)?;
    let values = new_values(E::FIELDS, tx.now(), defaults, asked)?;
    E::from_values(id.into(), 1, &values).map_err(|damage| Error::Damaged { key: id.key(), damage }.into())
}

fn new_values(
    fields: &[Field],
    now: Instant,
    defaults: Vec<(FieldId, Value)>,
    asked: Asked<'_>,
) -> Result<Vec<Value>, Error> {
    let mut values = vec![Value::Null; fields.len()];
    let stamps = [(CREATED_AT, Value::Instant(now)), (UPDATED_AT, Value::Instant(now))];
    let given = asked.0.iter().map(|given| (given.field, given.value.clone()));
    for (field, value) in stamps.into_iter().chain(defaults).chain(given) {
        if let Some(slot) = values.get_mut(usize::from(field.0)) {
            *slot = value;
        }
    }
    let missing = fields.iter().zip(&values).filter(|(field, value)| field.required && value.is_null());
    let problems: Vec<_> =
        missing.map(|(field, _)| FieldProblem::new(field.name, Problem::Required)).collect();
    if problems.is_empty() { Ok(values) } else { Err(Error::Invalid(problems)) }
}

/// Every field that the profile demands must be there.
pub(crate) fn check_given(profile: &Profile, row: &Record) -> Result<(), Error> {
    let kind = row.kind();
    let rules = kind.fields().iter().zip(profile.field_rules(kind)).enumerate();
    let missing = rules.filter(|(at, (_, rule))| {
        rule.presence == Presence::Required
            && u8::try_from(*at).is_ok_and(|at| row.value(FieldId(at)).is_null())
    });
    let problems: Vec<_> =
        missing.map(|(_, (field, _))| FieldProblem::new(field.name, Problem::Required)).collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// What a row belongs to must exist before it is asked whether the row is the actor's own.
fn look_up_parents(tx: &mut Draft<'_>, row: &Record) -> Result<(), Halt> {
    let profile = tx.profile();
    for path in profile.ownership(row.kind()) {
        let Some((reference, kind)) = path.via else { continue };
        let Value::Uuid(id) = row.value(reference) else { continue };
        let name = row.kind().describe(reference).map_or("id", |field| field.name);
        tx.demand_reference(Key { kind, id }, name)?;
    }
    Ok(())
}

//! Contacts: the persons and companies that an organisation knows.
//!
//! Invariant: a contact always has a name to show; where a system keeps first and last names only, it is made of them.

use crate::access::{Action, Crud};
use crate::activity::{self, Activity};
use crate::command::{Asked, Rules, delete, names, refuse_dependents};
use crate::deal::{self, Deal};
use crate::describe::{Entity, FieldId, FieldType, Id, Kind, Value, entity, field_id};
use crate::draft::{Draft, Halt, Permit, SetQuery};
use crate::error::Error;
use crate::task::{self, Task};
use crate::value::{ContactId, Email, Line, Phone, Problem, Prose, Text, UserId, Word};

entity! {
    /// A person or a company.
    Contact(ContactId) = "contact", ContactEdits;
    given {
        /// A `person` or a `company`.
        kind: Word [index];
        /// The name to show.
        name: Line [search, sort, private];
        /// A person's first name.
        first_name: Option<Text<1, 100>> [private];
        /// A person's last name.
        last_name: Option<Text<1, 100>> [private];
        /// The e-mail address.
        email: Option<Email> [search, unique, private];
        /// The phone number, as it was typed.
        phone: Option<Phone> [search, unique, private];
        /// A person's position.
        position: Option<Text<1, 100>>;
        /// The name of the company that a person works for.
        company: Option<Line> [search];
        /// The company that a person works for, where it is a contact too.
        employer: Option<ContactId>;
        /// Street and number.
        address: Option<Line> [private];
        /// City.
        city: Option<Text<1, 100>>;
        /// Country.
        country: Option<Text<1, 100>>;
        /// Postal code.
        postal_code: Option<Text<1, 20>>;
        /// Anything else.
        notes: Option<Prose> [private];
        /// Whose contact it is.
        owner: Option<UserId>;
        /// Is it in use? One that is not is left out of lists, unless they ask for it.
        active: bool [hides];
    }
    kept {}
}

pub(crate) const KIND: FieldId = field_id(Contact::FIELDS, "kind");
const NAME: FieldId = field_id(Contact::FIELDS, "name");
const FIRST_NAME: FieldId = field_id(Contact::FIELDS, "first_name");
const LAST_NAME: FieldId = field_id(Contact::FIELDS, "last_name");
const EMPLOYER: FieldId = field_id(Contact::FIELDS, "employer");
const ACTIVE: FieldId = field_id(Contact::FIELDS, "active");
pub(crate) const OWNER: FieldId = field_id(Contact::FIELDS, "owner");

/// The kinds of contact.
pub(crate) fn kinds() -> Option<Vec<Word>> {
    ["person", "company"].iter().map(|kind| Word::parse(kind).ok()).collect()
}

impl Rules for Contact {
    const CRUD: Crud = Crud {
        read: Action::ContactRead,
        create: Action::ContactCreate,
        update: Action::ContactUpdate,
        delete: Action::ContactDelete,
        restore: Action::ContactRestore,
    };
    const NAMES: crate::command::Names = names!("contact");

    fn action_for(field: &str) -> Action {
        if field == "owner" { Action::ContactReassign } else { Action::ContactUpdate }
    }

    fn defaults(tx: &mut Draft<'_>, asked: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        let mut defaults = vec![(KIND, Value::text("person")), (ACTIVE, Value::Bool(true))];
        if let Some(name) = full_name(asked.value(FIRST_NAME), asked.value(LAST_NAME)) {
            defaults.push((NAME, name.to_value()));
        }
        if let Some(owner) = tx.person().filter(|_| tx.profile().uses(Kind::Contact, OWNER)) {
            defaults.push((OWNER, owner.to_value()));
        }
        Ok(defaults)
    }

    fn judge(
        tx: &mut Draft<'_>,
        before: Option<&Self>,
        after: &mut Self,
        asked: &Asked<'_>,
    ) -> Result<(), Halt> {
        if before.is_none() && asked.has(OWNER) && after.owner != tx.person() {
            let record = std::sync::Arc::new(after.clone()).record();
            tx.allow(Action::ContactReassign, Some(&record))?;
        }
        settle_name(after, before, asked);
        if asked.has(EMPLOYER) || asked.has(KIND) {
            judge_employer(tx, before, after)?;
        }
        Ok(())
    }

    fn before_delete(tx: &mut Draft<'_>, permit: &Permit, row: &Self) -> Result<(), Halt> {
        let me = || Value::Uuid(row.id.into());
        let deals = tx.rows::<Deal>(vec![(deal::CONTACT, me())])?;
        refuse_dependents(Kind::Contact, Kind::Deal, deals.len())?;
        let staff = tx.rows::<Self>(vec![(EMPLOYER, me())])?;
        refuse_dependents(Kind::Contact, Kind::Contact, staff.len())?;
        for task in tx.rows::<Task>(vec![(task::CONTACT, me())])? {
            delete(tx, permit, &task)?;
        }
        for entry in tx.rows::<Activity>(vec![(activity::CONTACT, me())])? {
            tx.delete(permit, entry.as_ref())?;
        }
        Ok(())
    }

    fn after_restore(tx: &mut Draft<'_>, permit: &Permit, was: &Self) -> Result<(), Halt> {
        let me = Value::Uuid(was.id.into());
        restore_fallen::<Task>(tx, permit, (task::CONTACT, me.clone()), was.deleted_by)?;
        restore_fallen::<Activity>(tx, permit, (activity::CONTACT, me), was.deleted_by)
    }
}

/// Brings back what one deletion took along.
pub(crate) fn restore_fallen<E: Entity>(
    tx: &mut Draft<'_>,
    permit: &Permit,
    parent: (FieldId, Value),
    deleted_by: Option<crate::value::CommandId>,
) -> Result<(), Halt> {
    let equals = vec![parent, (crate::describe::DELETED_BY, deleted_by.to_value())];
    for row in tx.rows_of::<E>(SetQuery { kind: E::KIND, equals, deleted: true })? {
        tx.restore(permit, row.as_ref())?;
    }
    Ok(())
}

/// "First Last", of whichever is there.
fn full_name(first: Option<&Value>, last: Option<&Value>) -> Option<Line> {
    let parts: Vec<_> = [first, last].into_iter().flatten().filter_map(Value::as_text).collect();
    Line::parse(&parts.join(" ")).ok()
}

/// A name that was made of first and last name follows them, unless the caller names another.
fn settle_name(after: &mut Contact, before: Option<&Contact>, asked: &Asked<'_>) {
    let made = |row: &Contact| full_name(Some(&row.first_name.to_value()), Some(&row.last_name.to_value()));
    let follows = before.is_some_and(|before| made(before).as_ref() == Some(&before.name));
    if follows && !asked.has(NAME) {
        after.name = made(after).unwrap_or_else(|| after.name.clone());
    }
}

/// A person works for a company, and a company for nobody.
fn judge_employer(tx: &mut Draft<'_>, before: Option<&Contact>, row: &Contact) -> Result<(), Halt> {
    let refuse = |why: &str| Error::field("employer", Problem::forbidden(why));
    if before.is_some_and(|before| before.kind != row.kind) {
        let staff = tx.rows::<Contact>(vec![(EMPLOYER, row.id.to_value())])?;
        refuse_dependents(Kind::Contact, Kind::Contact, staff.len())?;
    }
    let Some(employer) = row.employer else { return Ok(()) };
    if row.kind != "person" {
        return Err(refuse("only a person has an employer").into());
    }
    tx.demand_reference(employer.key(), "employer")?;
    match tx.rely_on(employer)? {
        Some(company) if company.kind == "company" => Ok(()),
        _ => Err(refuse("the employer must be a company").into()),
    }
}

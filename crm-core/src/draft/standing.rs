//! Who the actor is here, what they see, and what they may do.
//!
//! Invariant: a [`Permit`] exists only because an access decision granted it, and nothing is written without one.

use super::{Draft, Expect, Halt};
use crate::access::{Action, Actor, Decision, Scope, Standing, decide};
use crate::describe::{FieldId, Id, Key, Kind, Record, Value};
use crate::error::{Error, Rule};
use crate::profile::OwnPath;
use crate::store::Filter;
use crate::value::UserId;

/// The right to write, given by an access decision.
#[derive(Clone, Copy, Debug)]
pub struct Permit(());

impl Draft<'_> {
    /// Finds out how the actor stands: a person needs an active membership, and the decision rests on it.
    pub(super) fn find_standing(&mut self) -> Result<Standing, Halt> {
        self.organization()?;
        match self.context.actor {
            Actor::Person(user) => {
                self.role_of(*user).map(|role| role.map_or(Standing::Unknown, Standing::Member))
            }
            Actor::Agent { on_behalf_of, .. } => {
                self.role_of(*on_behalf_of).map(|role| role.map_or(Standing::Unknown, Standing::Agent))
            }
            Actor::System { .. } => Ok(Standing::System),
            Actor::Anonymous => Ok(Standing::Anonymous),
        }
    }

    fn role_of(&mut self, user: UserId) -> Result<Option<usize>, Halt> {
        match self.look(user.key())? {
            Some(Record::Membership(seat)) if seat.deleted_at.is_none() && seat.active => {
                self.expect.insert(user.key(), Expect::Version(seat.version));
                Ok(self.profile().role(&seat.role))
            }
            _ => Err(Error::NotMember { organization: self.context.tenant.organization() }.into()),
        }
    }

    /// May the actor do this, to this record?
    ///
    /// # Errors
    /// They may not, or facts are missing.
    pub fn allow(&mut self, action: Action, record: Option<&Record>) -> Result<Permit, Halt> {
        let own = match (self.profile().scope(self.standing, action), record) {
            (Scope::Own, Some(record)) => Some(self.owns(record)?),
            _ => None,
        };
        if !self.asked.contains(&(action, own)) {
            self.asked.push((action, own));
        }
        if !decide(self.profile(), self.standing, action, own) {
            let decision = Decision::explain(self.profile(), self.standing, action, own);
            return Err(Error::Forbidden(Box::new(decision)).into());
        }
        self.demand_active_organization(action)?;
        self.granted = Some(Permit(()));
        Ok(Permit(()))
    }

    /// An organisation that is switched off can only be read and switched on.
    pub(crate) fn demand_active_organization(&mut self, action: Action) -> Result<(), Halt> {
        if matches!(action, Action::OrganizationRead | Action::OrganizationUpdate) {
            return Ok(());
        }
        let key = self.context.tenant.organization().key();
        match self.look(key)? {
            Some(Record::Organization(row)) if !row.active => {
                Err(Rule::other("organization_inactive", "the organization is switched off").into())
            }
            _ => Ok(()),
        }
    }

    /// Is the record the actor's own, as the profile defines it for its kind?
    pub(crate) fn owns(&mut self, record: &Record) -> Result<bool, Halt> {
        let Some(person) = self.person() else { return Ok(false) };
        let me = Value::Uuid(person.into());
        for path in self.profile().ownership(record.kind()) {
            let owner = match path.via {
                None => Some(record.value(path.field)),
                Some((reference, kind)) => match record.value(reference) {
                    Value::Uuid(id) => self.owner_of(Key { kind, id }, path.field)?,
                    _ => None,
                },
            };
            if owner.is_some_and(|owner| owner == me || path.or_nobody && owner.is_null()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Who a record that is pointed at belongs to; the decision rests on it.
    fn owner_of(&mut self, key: Key, field: FieldId) -> Result<Option<Value>, Halt> {
        let Some(record) = self.look(key)? else { return Ok(None) };
        self.rest_on(key, record.version())?;
        Ok(Some(record.value(field)))
    }

    /// May the actor see the record? Who may see none of its kind is refused; who may not see this one does not find it.
    pub(super) fn sees(&mut self, record: &Record) -> Result<bool, Halt> {
        let read = record.kind().crud().read;
        match self.profile().scope(self.standing, read) {
            Scope::All => Ok(true),
            Scope::Own => self.owns(record),
            Scope::Team | Scope::None => self.allow(read, None).map(|_| true),
        }
    }

    /// What the actor sees of a kind, as a filter for lists.
    ///
    /// # Errors
    /// They may see nothing of it.
    pub(crate) fn visible(&mut self, kind: Kind) -> Result<Filter, Halt> {
        let read = kind.crud().read;
        match (self.profile().scope(self.standing, read), self.person()) {
            (Scope::All, _) => self.allow(read, None).map(|_| Filter::All),
            (Scope::Own, Some(person)) => {
                self.demand_active_organization(read)?;
                let me = Value::Uuid(person.into());
                let paths = self.profile().ownership(kind).iter();
                let own = paths.map(|path| own_filter(path, &me)).collect();
                Ok(Filter::Any(own))
            }
            _ => match self.allow(read, None) {
                Err(refused) => Err(refused),
                Ok(_) => Ok(Filter::Nothing),
            },
        }
    }
}

fn own_filter(path: &OwnPath, me: &Value) -> Filter {
    let mut mine = Filter::Equals(path.field, me.clone());
    if path.or_nobody {
        mine = Filter::Any(vec![mine, Filter::Empty(path.field)]);
    }
    match path.via {
        None => mine,
        Some((reference, kind)) => Filter::Via(reference, kind, Box::new(mine)),
    }
}

//! External references: what other systems call our records.
//!
//! Invariant: a system's id of a kind names one record here, and stays taken when that record is deleted.

use std::sync::Arc;

use super::incoming::wake;
use super::{digest, text};
use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, names};
use crate::describe::{Entity, FieldId, Key, Kind, Value, entity, field_id};
use crate::draft::{Draft, Halt, Permit};
use crate::error::Error;
use crate::profile::Module;
use crate::value::{ContactId, DealId, Instant, LeadId, Problem, ReferenceId, Text, UserId, Word};

entity! {
    /// What another system calls a record of ours.
    Reference(ReferenceId) = "reference", ReferenceEdits;
    given {
        /// Which system.
        system: Word [index];
        /// What the thing is there: a lead, a contact, a user.
        kind: Word;
        /// Its id there.
        external_id: Text<1, 200>;
        /// The lead that it is here.
        lead: Option<LeadId>;
        /// The contact that it is here.
        contact: Option<ContactId>;
        /// The deal that it is here.
        deal: Option<DealId>;
        /// The member that it is here.
        member: Option<UserId>;
    }
    kept {
        /// System, kind and id in one: no two references share it.
        identity: Option<Text<1, 300>> [identity, index];
        /// The newest version of the thing that was applied here.
        remote_version: Option<i64>;
        /// Its time there, where it has no version.
        remote_at: Option<Instant>;
        /// Was it deleted there? Then only a restore there, or a user here, brings it back.
        gone: bool;
    }
}

pub(super) const IDENTITY: FieldId = field_id(Reference::FIELDS, "identity");
const GONE: FieldId = field_id(Reference::FIELDS, "gone");

impl Reference {
    /// The record that it is here.
    #[must_use]
    pub fn record_key(&self) -> Option<Key> {
        let key = |kind, id| Key { kind, id };
        let lead = self.lead.map(|id| key(Kind::Lead, id.into()));
        let contact = self.contact.map(|id| key(Kind::Contact, id.into()));
        let deal = self.deal.map(|id| key(Kind::Deal, id.into()));
        let member = self.member.map(|id| key(Kind::Membership, id.into()));
        lead.or(contact).or(deal).or(member)
    }

    fn settle(&mut self) -> Result<(), Halt> {
        self.identity = Some(text(&identity(&self.system, self.kind.as_str(), self.external_id.as_str()))?);
        Ok(())
    }
}

impl Rules for Reference {
    const CRUD: Crud = Crud::managed(Action::ReferenceRead, Action::ReferenceManage);
    const MODULE: Option<Module> = Some(Module::Integrations);
    const NAMES: crate::command::Names = names!("reference");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(vec![(GONE, Value::Bool(false))])
    }

    fn judge(_: &mut Draft<'_>, before: Option<&Self>, after: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        let named =
            [after.lead.is_some(), after.contact.is_some(), after.deal.is_some(), after.member.is_some()];
        if named.iter().filter(|named| **named).count() != 1 {
            let problem = Problem::forbidden("one of `lead`, `contact`, `deal` and `member` is named");
            return Err(Error::field("lead", problem).into());
        }
        after.settle()?;
        if before.is_some_and(|before| before.identity != after.identity) {
            (after.remote_version, after.remote_at, after.gone) = (None, None, false);
        }
        Ok(())
    }

    fn follow(
        tx: &mut Draft<'_>,
        permit: &Permit,
        before: Option<&Self>,
        after: &Self,
        _: &Asked<'_>,
    ) -> Result<(), Halt> {
        match &after.identity {
            Some(identity) if before.is_none_or(|before| before.identity != after.identity) => {
                wake(tx, permit, identity)
            }
            _ => Ok(()),
        }
    }

    fn after_restore(tx: &mut Draft<'_>, permit: &Permit, was: &Self) -> Result<(), Halt> {
        match &was.identity {
            Some(identity) => wake(tx, permit, identity),
            None => Ok(()),
        }
    }

    fn findings(_: &mut Draft<'_>, row: &mut Self) -> Result<Vec<String>, Halt> {
        row.settle()?;
        Ok(Vec::new())
    }
}

/// What a reference is found by.
pub(super) fn identity(system: &Word, kind: &str, external_id: &str) -> String {
    digest(&[system.as_str(), kind, external_id.trim()])
}

/// The reference of another system's id. That there is none may change without harm to the decision.
pub(crate) fn find(
    tx: &mut Draft<'_>,
    system: &Word,
    kind: &str,
    external_id: &str,
) -> Result<Option<Arc<Reference>>, Halt> {
    tx.holder::<Reference>(IDENTITY, &identity(system, kind, external_id))
}

/// There is none: the decision rests on that.
pub(super) fn rest_on_none(tx: &mut Draft<'_>, identity: &str) -> Result<(), Halt> {
    tx.rows::<Reference>(vec![(IDENTITY, Value::text(identity))]).map(|_| ())
}

/// What another system calls a thing, and how it stood there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name<'a> {
    pub(super) system: &'a Word,
    pub(super) kind: &'a Word,
    pub(super) external_id: &'a Text<1, 200>,
    pub(super) version: Option<i64>,
    pub(super) at: Option<Instant>,
}

/// Writes that a record is what another system calls so, and applies what waited for that.
pub(super) fn link(tx: &mut Draft<'_>, permit: &Permit, name: Name<'_>, to: Key) -> Result<(), Halt> {
    let at = |kind| (to.kind == kind).then_some(to.id);
    let key = identity(name.system, name.kind.as_str(), name.external_id.as_str());
    let reference = Reference {
        id: tx.next_id::<ReferenceId>()?,
        version: 1,
        system: name.system.clone(),
        kind: name.kind.clone(),
        external_id: name.external_id.clone(),
        lead: at(Kind::Lead).map(Into::into),
        contact: at(Kind::Contact).map(Into::into),
        deal: at(Kind::Deal).map(Into::into),
        member: at(Kind::Membership).map(Into::into),
        identity: Some(text(&key)?),
        remote_version: name.version,
        remote_at: name.at,
        gone: false,
        created_at: tx.now(),
        updated_at: tx.now(),
        deleted_at: None,
        deleted_by: None,
    };
    tx.create_told(permit, reference)?;
    wake(tx, permit, &text(&key)?)
}

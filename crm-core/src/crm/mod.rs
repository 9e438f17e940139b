//! The shell around the decisions: load, decide, commit, and again on a conflict.
//!
//! Futures here need no runtime: they wait for the store and for nothing else. With a store that answers at once, each
//! call is ready on its first poll.
//!
//! Invariant: what a command writes is committed in one call of [`Store::commit`], whatever happened before.

mod apply;
mod board;
mod engine;
mod fees;
mod inventory;
mod leads;
mod plan;
mod read;
#[cfg(feature = "real-estate")]
mod real_estate;
mod referred;
mod replica;
mod report;
mod statement;

use std::sync::Arc;

use crate::access::Actor;
use crate::clock::{Clock, SystemClock};
use crate::command::Create;
use crate::error::Error;
use crate::event::Event;
use crate::organization::{Organization, RegisterOrganization};
use crate::profile::Profile;
use crate::seed::{IdSource, RandomIds};
use crate::store::{Seat, Store, Tenant};
use crate::value::{EventId, OrganizationId, UserId};

pub use self::apply::Apply;
pub use self::board::{Board, Column};
pub use self::plan::Plan;
use self::replica::Replica;

/// The engine: a store, a profile, a clock and a source of ids. A host makes one and shares it.
#[derive(Clone, Debug)]
pub struct Crm {
    store: Arc<dyn Store>,
    replica: Option<Arc<dyn Store>>,
    profile: Arc<Profile>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    hints: bool,
}

impl Crm {
    /// An engine over a store, under the rules of a profile.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, profile: Profile) -> Self {
        Self {
            store,
            replica: None,
            profile: Arc::new(profile),
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds::default()),
            hints: true,
        }
    }

    /// With another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// With another source of ids.
    #[must_use]
    pub fn with_ids(mut self, ids: Arc<dyn IdSource>) -> Self {
        self.ids = ids;
        self
    }

    /// Without the commands' hints: every fact is asked for one by one. The answers are the same; tests prove it.
    #[must_use]
    pub fn without_hints(mut self) -> Self {
        self.hints = false;
        self
    }

    /// The rules.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Acts in an organisation. Nothing is asked of the store yet; each call finds out whether the actor may.
    #[must_use]
    pub fn act(&self, organization: OrganizationId, actor: impl Into<Actor>) -> Session<'_> {
        Session { replica: Replica::of(self), ..self.act_on(&*self.store, organization, actor) }
    }

    /// Acts through another store that the host lends: a connection with its open transaction. Nothing is read elsewhere.
    #[must_use]
    pub fn act_on<'a>(
        &'a self,
        store: &'a dyn Store,
        organization: OrganizationId,
        actor: impl Into<Actor>,
    ) -> Session<'a> {
        Session { crm: self, store, replica: None, tenant: Tenant::of(organization), actor: actor.into() }
    }

    /// Founds an organisation, with its first member and the profile's pipelines.
    pub fn register(
        &self,
        founder: UserId,
        organization: Create<Organization>,
    ) -> Apply<'_, RegisterOrganization> {
        let seed = self.ids.seed(self.clock.now());
        let drawn = seed.id(crate::seed::IDS_PER_COMMAND - 1).unwrap_or_default();
        let id = organization.id.unwrap_or_else(|| OrganizationId::from_uuid(drawn));
        let command = RegisterOrganization { id, founder, fields: organization.fields };
        Apply::founding(self.act(id, founder), command)
    }

    /// The same through another store that the host lends: what the host writes about the founder in its transaction, and
    /// the organisation, are kept or undone together.
    pub fn register_on<'a>(
        &'a self,
        store: &'a dyn Store,
        founder: UserId,
        organization: Create<Organization>,
    ) -> Apply<'a, RegisterOrganization> {
        self.register(founder, organization).on(store)
    }

    /// The organisations that a user works in, with the memberships.
    ///
    /// # Errors
    /// The store failed.
    pub async fn organizations_of(&self, user: UserId) -> Result<Vec<Seat>, Error> {
        let seats = self.store.seats(user).await?;
        Ok(seats.into_iter().filter(|seat| seat.membership.active).collect())
    }

    /// The outbox of an organisation: its events in the order of their commits, from after the given one. It is for the
    /// host's own delivery; no role is asked.
    ///
    /// # Errors
    /// The store failed.
    pub async fn events(
        &self,
        organization: OrganizationId,
        after: Option<EventId>,
        most: u32,
    ) -> Result<Vec<Event>, Error> {
        Ok(self.store.events(Tenant::of(organization), after, most).await?)
    }
}

/// An organisation and somebody who acts in it. Cheap to make, one for each request.
#[derive(Clone, Debug)]
pub struct Session<'a> {
    crm: &'a Crm,
    store: &'a dyn Store,
    replica: Option<Replica<'a>>,
    tenant: Tenant,
    actor: Actor,
}

impl Session<'_> {
    /// The rules.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.crm.profile
    }

    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
}

//! Consumers of the outbox: other systems that are told what happened, each event at least once and in order.
//!
//! A consumer has a name, and in each organisation a position: up to there it is done. Whoever works for it takes a lease
//! on an organisation, reads the events after the position, delivers them, and says of each that it is done. If that
//! process dies, its lease runs out, and the next one goes on where the position is.
//!
//! The library never sleeps and never wakes anybody: the host asks [`Consumer::waiting`] as often as it likes.
//!
//! Invariant: one lease at a time is good for a consumer and an organisation, and what a lost one still tries changes
//! nothing.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use crm_core::Event;
use crm_core::describe::Value;
use crm_core::store::{StoreError, Tenant};
use crm_core::value::{OrganizationId, Word};

use crate::dialect::Dialect;
use crate::door::{Doors, Purpose, Row};
use crate::events::After;
use crate::leases::{self, Held, Statement};
use crate::store::{Backend, Sql};

/// What a consumer needs of a store.
#[async_trait]
pub(crate) trait Outbox: fmt::Debug + Send + Sync {
    fn dialect(&self) -> &dyn Dialect;
    async fn run(&self, purpose: Purpose, statement: &Statement) -> Result<Vec<Row>, StoreError>;
    async fn events(&self, tenant: Tenant, after: After, most: u32) -> Result<Vec<Event>, StoreError>;
    async fn settled(&self, tenant: Tenant) -> Result<Option<i64>, StoreError>;
}

#[async_trait]
impl<D: Doors, C: Backend> Outbox for Sql<D, C> {
    fn dialect(&self) -> &dyn Dialect {
        &self.dialect
    }

    async fn run(&self, purpose: Purpose, (text, values): &Statement) -> Result<Vec<Row>, StoreError> {
        self.run(purpose, text, values).await
    }

    async fn events(&self, tenant: Tenant, after: After, most: u32) -> Result<Vec<Event>, StoreError> {
        self.events(tenant, after, most).await
    }

    async fn settled(&self, tenant: Tenant) -> Result<Option<i64>, StoreError> {
        self.settled(tenant).await
    }
}

/// Somebody who is told of every event, at least once and in order. Any number of processes may work for one.
#[derive(Clone, Debug)]
pub struct Consumer<'a> {
    outbox: &'a dyn Outbox,
    name: Word,
}

impl<'a> Consumer<'a> {
    pub(crate) fn of(outbox: &'a dyn Outbox, name: &str) -> Result<Self, StoreError> {
        let word = Word::parse(name).ok().filter(|word| word.as_str() == name);
        let name =
            word.ok_or_else(|| StoreError::broken(format!("`{name}` is not the name of a consumer")))?;
        Ok(Self { outbox, name })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &Word {
        &self.name
    }

    /// Organisations with events after this consumer's position that nobody has a lease on, in the order of their ids,
    /// from after the given one. Whoever goes on from the last of one answer to the next, and starts anew when an answer is
    /// empty, comes to all of them, also while some are never done.
    ///
    /// It is a hint: an organisation whose newest events are not settled yet may be among them, and its lease reads none;
    /// and another process may be faster.
    ///
    /// # Errors
    /// The store failed.
    pub async fn waiting(
        &self,
        after: Option<OrganizationId>,
        most: u32,
    ) -> Result<Vec<OrganizationId>, StoreError> {
        let statement = leases::waiting(self.outbox.dialect(), &self.name, (after, most));
        let rows = self.outbox.run(Purpose::Read, &statement).await?;
        let ids = rows.iter().map(|row| match row.as_slice() {
            [Value::Uuid(id)] => Ok(OrganizationId::from_uuid(*id)),
            _ => Err(StoreError::broken("an organisation without an id")),
        });
        ids.collect()
    }

    /// Takes the lease on an organisation for so long, on the database's clock, and at most a year; nothing if somebody has
    /// it. Longer than a delivery takes, and as short as a dead process may hold its organisation up.
    ///
    /// # Errors
    /// The store failed.
    pub async fn lease(
        &self,
        organization: OrganizationId,
        length: Duration,
    ) -> Result<Option<Lease<'a>>, StoreError> {
        let tenant = Tenant::of(organization);
        let statement = leases::take(self.outbox.dialect(), tenant, &self.name, length);
        let rows = self.outbox.run(Purpose::Write, &statement).await?;
        match rows.first().map(Vec::as_slice) {
            None => Ok(None),
            Some([Value::Int(position), Value::Int(number)]) => {
                let (consumer, position, number) = (self.clone(), *position, *number);
                Ok(Some(Lease { consumer, tenant, length, position, number }))
            }
            Some(_) => Err(StoreError::broken("a lease without a number")),
        }
    }
}

/// The right to move a consumer's position in an organisation, until it runs out and somebody else takes it.
///
/// Dropped without [`Lease::release`] it runs out by itself.
#[derive(Debug)]
#[must_use = "a lease keeps others away until it runs out"]
pub struct Lease<'a> {
    consumer: Consumer<'a>,
    tenant: Tenant,
    length: Duration,
    position: i64,
    number: i64,
}

impl Lease<'_> {
    /// The organisation.
    #[must_use]
    pub fn organization(&self) -> OrganizationId {
        self.tenant.organization()
    }

    /// Its number. Each lease of a consumer on an organisation has a greater one than those before, so a receiver that is
    /// told the number can refuse whoever comes late with a smaller one.
    #[must_use]
    pub fn number(&self) -> i64 {
        self.number
    }

    /// The next events that are settled, in order: those after the last one that is done, so the same ones again until then.
    ///
    /// # Errors
    /// The store failed.
    pub async fn events(&self, most: u32) -> Result<Vec<Event>, StoreError> {
        self.consumer.outbox.events(self.tenant, After::Number(self.position), most).await
    }

    /// This event, and all before it, are delivered: the position moves there, and the lease begins anew. It does no harm
    /// to say so twice, or of an event that was done before.
    ///
    /// # Errors
    /// [`LeaseError::Lost`] if somebody else has taken the lease; then the event will be delivered again, if it is not
    /// already. Or the store failed.
    pub async fn done(&mut self, event: &Event) -> Result<(), LeaseError> {
        let statement = leases::done(self.dialect(), self.held(), self.length, event.id);
        match self.update(&statement).await?.as_slice() {
            [Value::Int(position), Value::Int(_)] => {
                self.position = *position;
                Ok(())
            }
            [_, Value::Null] => {
                let text = format!("the outbox has no event `{}`", event.id);
                Err(StoreError::broken(text).into())
            }
            _ => Err(no_position()),
        }
    }

    /// Passes over everything that is settled now: for a consumer that is to be told only of what happens from now on.
    ///
    /// # Errors
    /// [`LeaseError::Lost`] if somebody else has taken the lease. Or the store failed.
    pub async fn skip(&mut self) -> Result<(), LeaseError> {
        let settled = self.consumer.outbox.settled(self.tenant).await?;
        let statement = leases::skip(self.dialect(), self.held(), self.length, settled);
        match self.update(&statement).await?.as_slice() {
            [Value::Int(position)] => {
                self.position = *position;
                Ok(())
            }
            _ => Err(no_position()),
        }
    }

    /// Begins the lease anew: before a delivery that may take long.
    ///
    /// # Errors
    /// [`LeaseError::Lost`] if somebody else has taken the lease. Or the store failed.
    pub async fn renew(&mut self) -> Result<(), LeaseError> {
        let statement = leases::renew(self.dialect(), self.held(), self.length);
        self.update(&statement).await.map(|_| ())
    }

    /// Gives the lease back, so that the next one need not wait for its end. One that is lost already is no failure.
    ///
    /// # Errors
    /// The store failed; the lease then runs out by itself.
    pub async fn release(self) -> Result<(), StoreError> {
        let statement = leases::release(self.dialect(), self.held());
        self.consumer.outbox.run(Purpose::Write, &statement).await.map(|_| ())
    }

    fn dialect(&self) -> &dyn Dialect {
        self.consumer.outbox.dialect()
    }

    fn held(&self) -> Held<'_> {
        Held { tenant: self.tenant, name: &self.consumer.name, lease: self.number }
    }

    async fn update(&self, statement: &Statement) -> Result<Row, LeaseError> {
        let rows = self.consumer.outbox.run(Purpose::Write, statement).await?;
        rows.into_iter().next().ok_or(LeaseError::Lost)
    }
}

fn no_position() -> LeaseError {
    StoreError::broken("a consumer without a position").into()
}

/// Why a lease could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeaseError {
    /// It ran out, and somebody else has taken it. Whoever had it stops here; the other one delivers what is not done.
    #[error("the lease is lost to somebody else")]
    Lost,
    /// The store failed. If it can be tried again, it does no harm to try.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl LeaseError {
    /// Has somebody else taken the lease?
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Lost)
    }
}

//! What both stores do alike: everything but committing.
//!
//! Invariant: each call opens one door, and every statement is counted.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use crm_core::Event;
use crm_core::describe::Kind;
use crm_core::draft::{ChangeSet, ReadSet, Snapshot};
use crm_core::store::{Answer, Commit, Question, Seat, StoreError, Tenant};
use crm_core::value::UserId;

use crate::dialect::Dialect;
use crate::door::{Door, DoorError, Doors, Purpose, Row};
use crate::events::After;
use crate::load::Load;
use crate::statement::{Branch, Union, Values};
use crate::table::Table;
use crate::value::Param;
use crate::{ask, events, seats, sound};

/// Why a call failed: at the door, or for what came through it.
#[derive(Debug)]
pub(crate) enum Failure {
    Door(DoorError),
    Store(StoreError),
}

impl From<DoorError> for Failure {
    fn from(error: DoorError) -> Self {
        Self::Door(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// An open door, with everything that goes through it counted.
#[derive(Debug)]
pub(crate) struct Gate<'a> {
    door: Box<dyn Door + 'a>,
    /// Is there no transaction of a host, which would be lost with a statement that fails?
    #[cfg(feature = "postgres")]
    pub(crate) alone: bool,
    /// What tells the database whom the statements are about, before the first of them; their first value says it.
    naming: Option<&'static str>,
    statements: &'a AtomicU64,
}

impl Gate<'_> {
    fn count(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) async fn run(&mut self, text: &str, values: &[Param]) -> Result<Vec<Row>, DoorError> {
        if let Some(naming) = self.naming.take() {
            self.count();
            self.door.run(naming, values.get(..1).unwrap_or_default()).await?;
        }
        self.count();
        debug_assert_eq!(sound::fault(text), None, "{text}");
        self.door.run(text, values).await
    }

    /// Runs a text that names by itself whom it is about.
    #[cfg(feature = "postgres")]
    pub(crate) async fn call(&mut self, text: &str, values: &[Param]) -> Result<Vec<Row>, DoorError> {
        self.count();
        self.door.run(text, values).await
    }

    pub(crate) async fn savepoint(&mut self) -> Result<(), DoorError> {
        self.door.savepoint().await
    }

    pub(crate) async fn release(&mut self) -> Result<(), DoorError> {
        self.door.release().await
    }

    pub(crate) async fn rollback_to(&mut self) -> Result<(), DoorError> {
        self.door.rollback_to().await
    }

    pub(crate) async fn load(
        &mut self,
        dialect: &dyn Dialect,
        tenant: Tenant,
        want: &ReadSet,
    ) -> Result<Snapshot, Failure> {
        let load = Load::of(dialect, tenant, want)?;
        let rows = if load.is_empty() {
            Vec::new()
        } else {
            self.run(&load.union.text, load.values.as_slice()).await?
        };
        Ok(load.snapshot(dialect, rows)?)
    }
}

/// Whom a statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whom {
    /// An organisation.
    Organization,
    /// A user, wherever that is a member.
    User,
}

/// What a database does in a way of its own.
#[async_trait]
pub(crate) trait Backend: Dialect {
    /// Checks every expectation and writes everything, or nothing.
    async fn commit(&self, gate: &mut Gate<'_>, changes: &ChangeSet) -> Result<Commit, Failure>;

    /// The statement that tells the database whom the following ones are about, where it wants to know; for this connection
    /// alone, or until the transaction of a host ends.
    fn naming(&self, _: Whom, _: bool) -> Option<&'static str> {
        None
    }

    /// Up to which number of an event all is settled; nothing where commits end in the order of their numbers.
    async fn settled(&self, gate: &mut Gate<'_>, tenant: Tenant) -> Result<Option<i64>, Failure>;
}

/// A store over a database.
#[derive(Debug)]
pub(crate) struct Sql<D, C> {
    pub(crate) doors: D,
    pub(crate) dialect: C,
    pub(crate) joins_transaction: bool,
    pub(crate) statements: AtomicU64,
}

impl<D: Doors, C: Backend> Sql<D, C> {
    pub(crate) fn new(doors: D, dialect: C, joins_transaction: bool) -> Self {
        Self { doors, dialect, joins_transaction, statements: AtomicU64::new(0) }
    }

    pub(crate) fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    async fn open(&self, purpose: Purpose) -> Result<Gate<'_>, StoreError> {
        let door = self.doors.open(purpose).await.map_err(|error| self.failed(error.into()))?;
        Ok(Gate {
            door,
            #[cfg(feature = "postgres")]
            alone: !self.joins_transaction,
            naming: self.dialect.naming(Whom::Organization, !self.joins_transaction),
            statements: &self.statements,
        })
    }

    fn failed(&self, failure: Failure) -> StoreError {
        match failure {
            Failure::Store(error) => error,
            Failure::Door(error) if self.joins_transaction => error.within(),
            Failure::Door(error) => error.alone(),
        }
    }

    pub(crate) async fn load(&self, tenant: Tenant, want: &ReadSet) -> Result<Snapshot, StoreError> {
        let mut gate = self.open(Purpose::Read).await?;
        gate.load(&self.dialect, tenant, want).await.map_err(|failure| self.failed(failure))
    }

    pub(crate) async fn commit(&self, changes: &ChangeSet) -> Result<Commit, StoreError> {
        let mut gate = self.open(Purpose::Write).await?;
        self.dialect.commit(&mut gate, changes).await.map_err(|failure| self.failed(failure))
    }

    pub(crate) async fn ask(
        &self,
        tenant: Tenant,
        questions: &[Question],
    ) -> Result<Vec<Answer>, StoreError> {
        let (mut asked, values) = ask::all(&self.dialect, tenant, questions)?;
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let counts: Vec<usize> = asked.iter().map(|asked| asked.branches.len()).collect();
        let branches: Vec<Branch> = asked.iter_mut().flat_map(|asked| asked.branches.drain(..)).collect();
        let union = Union::of(&self.dialect, &branches);
        let rows = self.run(Purpose::Read, &union.text, values.as_slice()).await?;
        let mut parts = union.split(rows)?.into_iter();
        let answers = asked.iter().zip(counts).map(|(asked, count)| {
            let parts = parts.by_ref().take(count).collect();
            asked.answer(&self.dialect, parts)
        });
        answers.collect()
    }

    pub(crate) async fn events(
        &self,
        tenant: Tenant,
        after: After,
        most: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let mut gate = self.open(Purpose::Read).await?;
        let settled =
            self.dialect.settled(&mut gate, tenant).await.map_err(|failure| self.failed(failure))?;
        let mut values = Values::of(tenant);
        let text = events::after(&self.dialect, (after, settled, most), &mut values);
        let rows = gate.run(&text, values.as_slice()).await.map_err(|error| self.failed(error.into()))?;
        rows.into_iter().map(crate::entry::read_event).collect()
    }

    pub(crate) async fn seats(&self, user: UserId) -> Result<Vec<Seat>, StoreError> {
        let tables = [Kind::Organization, Kind::Membership].map(|kind| Table::new(&self.dialect, kind));
        let (text, values) = seats::of(tables, user);
        let mut gate = self.open(Purpose::Read).await?;
        gate.naming = self.dialect.naming(Whom::User, !self.joins_transaction);
        let rows = gate.run(&text, &values).await.map_err(|error| self.failed(error.into()))?;
        rows.into_iter().map(|row| seats::read(tables, row)).collect()
    }

    pub(crate) async fn settled(&self, tenant: Tenant) -> Result<Option<i64>, StoreError> {
        let mut gate = self.open(Purpose::Read).await?;
        self.dialect.settled(&mut gate, tenant).await.map_err(|failure| self.failed(failure))
    }

    pub(crate) async fn run(
        &self,
        purpose: Purpose,
        text: &str,
        values: &[Param],
    ) -> Result<Vec<Row>, StoreError> {
        let mut gate = self.open(purpose).await?;
        gate.run(text, values).await.map_err(|error| self.failed(error.into()))
    }
}

/// Makes a public store of a [`Sql`] inside it.
macro_rules! store {
    ([$($life:lifetime)?] $name:ty, $precision:expr) => {
        #[async_trait::async_trait]
        impl<$($life)?> crm_core::store::Store for $name {
            fn capabilities(&self) -> crm_core::store::Capabilities {
                crm_core::store::Capabilities {
                    time_precision: $precision,
                    joins_transaction: self.sql.joins_transaction,
                }
            }

            async fn load(
                &self,
                tenant: crm_core::store::Tenant,
                want: &crm_core::draft::ReadSet,
            ) -> Result<crm_core::draft::Snapshot, crm_core::store::StoreError> {
                self.sql.load(tenant, want).await
            }

            async fn commit(
                &self,
                changes: &crm_core::draft::ChangeSet,
            ) -> Result<crm_core::store::Commit, crm_core::store::StoreError> {
                self.sql.commit(changes).await
            }

            async fn ask(
                &self,
                tenant: crm_core::store::Tenant,
                questions: &[crm_core::store::Question],
            ) -> Result<Vec<crm_core::store::Answer>, crm_core::store::StoreError> {
                self.sql.ask(tenant, questions).await
            }

            async fn events(
                &self,
                tenant: crm_core::store::Tenant,
                after: Option<crm_core::value::EventId>,
                most: u32,
            ) -> Result<Vec<crm_core::Event>, crm_core::store::StoreError> {
                let after =
                    after.map_or(crate::events::After::Nothing, crate::events::After::Event);
                self.sql.events(tenant, after, most).await
            }

            async fn seats(
                &self,
                user: crm_core::value::UserId,
            ) -> Result<Vec<crm_core::store::Seat>, crm_core::store::StoreError> {
                self.sql.seats(user).await
            }
        }
    };
}
pub(crate) use store;

//! The engine over a database, as the Python layer calls it.
//!
//! Invariant: a handle is used by the process that made it; nothing is asked of a database before the first call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crm_core::clock::{Clock as _, ManualClock};
use crm_core::seed::SeededIds;
use crm_core::store::{Store, StoreError};
use crm_core::value::{EventId, OrganizationId, UserId, Uuid};
use crm_core::{Actor, CreateOrganization, Crm, Profile};
use crm_store_memory::MemoryStore;
use crm_store_sqlx::postgres::SCHEMA;
use crm_store_sqlx::{PgAccounts, PgSession, PgStore, SqliteAccounts, SqliteSession, SqliteStore};
use pyo3::prelude::*;
use pyo3::types::PyList;
use tokio::sync::OnceCell;

use crate::accounts::Beside;
use crate::commands::{Told, plain};
use crate::convert::{id_in, instant, json};
use crate::errors::Failure;
use crate::host::{Database, Host};
use crate::op::{How, Op, Outcome, Work, answered};
use crate::session::NativeSession;

/// A database, and the engine over it once it is open.
#[derive(Debug)]
struct Inner {
    address: Address,
    profile: Profile,
    settings: Settings,
    process: u32,
    closed: AtomicBool,
    opened: OnceCell<Opened>,
    /// The host whose transaction it works in.
    host: Option<Arc<Host>>,
}

/// What a test brings along.
#[derive(Clone, Debug, Default)]
struct Settings {
    clock: Option<Arc<ManualClock>>,
    ids: Option<Arc<SeededIds>>,
}

impl Settings {
    fn crm(&self, store: Arc<dyn Store>, profile: Profile) -> Crm {
        let crm = Crm::new(store, profile);
        let crm = self.clock.iter().fold(crm, |crm, clock| crm.with_clock(clock.clone()));
        self.ids.iter().fold(crm, |crm, ids| crm.with_ids(ids.clone()))
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
#[pyclass(frozen, module = "crm", name = "Clock")]
pub(crate) struct PyClock(Arc<ManualClock>);

#[pymethods]
impl PyClock {
    #[new]
    fn new(now: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(Arc::new(ManualClock::at(read(now, "a time")?))))
    }

    /// The time that it shows; setting it moves the clock, forward or backward.
    #[getter]
    fn get_now<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        instant(py, self.0.now())
    }

    #[setter]
    fn set_now(&self, now: &Bound<'_, PyAny>) -> PyResult<()> {
        self.0.set(read(now, "a time")?);
        Ok(())
    }
}

/// Where a database is.
#[derive(Clone, Debug)]
enum Address {
    Memory,
    Sqlite(String),
    /// And the schema of the tables.
    Postgres(String, String),
}

impl Address {
    fn read(text: &str, schema: Option<String>) -> Result<Self, Failure> {
        let address = if text == "memory:" {
            Self::Memory
        } else if let Some(file) = text.strip_prefix("sqlite:///") {
            Self::Sqlite(file.to_owned())
        } else if ["postgresql://", "postgres://"].iter().any(|scheme| text.starts_with(scheme)) {
            return Ok(Self::Postgres(text.to_owned(), schema.unwrap_or_else(|| SCHEMA.to_owned())));
        } else {
            let wanted = "`memory:`, `sqlite:///file` or `postgresql://..`";
            return Err(Failure::Input(format!("an address is {wanted}")));
        };
        match schema {
            None => Ok(address),
            Some(_) => Err(Failure::Input("only PostgreSQL has schemas".to_owned())),
        }
    }
}

/// What is open.
#[derive(Debug)]
struct Opened {
    crm: Crm,
    place: Place,
}

/// Where the tables are.
#[derive(Debug)]
enum Place {
    /// In memory, or where the host has them.
    Elsewhere,
    Sqlite(Arc<SqliteStore>),
    Postgres(Arc<PgStore>),
}

impl Inner {
    fn new(address: Address, profile: Profile, settings: Settings) -> Self {
        let (process, closed) = (std::process::id(), AtomicBool::new(false));
        Self { address, profile, settings, process, closed, opened: OnceCell::new(), host: None }
    }

    async fn open(&self) -> Result<&Opened, Failure> {
        self.opened.get_or_try_init(|| self.connect()).await
    }

    async fn connect(&self) -> Result<Opened, Failure> {
        let (place, store): (Place, Arc<dyn Store>) = match &self.address {
            Address::Memory => (Place::Elsewhere, Arc::new(MemoryStore::new())),
            Address::Sqlite(file) => {
                let opened = Arc::new(SqliteStore::open(file).await.map_err(failed)?);
                (Place::Sqlite(opened.clone()), opened)
            }
            Address::Postgres(url, schema) => {
                let opened = PgStore::connect(url).await.map_err(failed)?;
                let opened = Arc::new(opened.in_schema(schema).map_err(failed)?);
                (Place::Postgres(opened.clone()), opened)
            }
        };
        Ok(Opened { crm: self.settings.crm(store, self.profile.clone()), place })
    }

    /// The same engine in a transaction of a host.
    fn within(&self, host: Host, settings: Settings) -> Result<Self, Failure> {
        let store: Arc<dyn Store> = match &self.address {
            Address::Memory => {
                return Err(Failure::Input("what is in memory has no part in a transaction".to_owned()));
            }
            Address::Sqlite(_) => Arc::new(SqliteSession::over(host.connection(Database::Sqlite))),
            Address::Postgres(_, schema) => {
                let session = PgSession::over(host.connection(Database::Postgres));
                Arc::new(session.in_schema(schema).map_err(failed)?)
            }
        };
        let crm = settings.crm(store, self.profile.clone());
        let opened = OnceCell::new_with(Some(Opened { crm, place: Place::Elsewhere }));
        let bound = Self::new(self.address.clone(), self.profile.clone(), settings);
        Ok(Self { opened, host: Some(Arc::new(host)), ..bound })
    }
}

fn failed(error: StoreError) -> Failure {
    Failure::from(crm_core::Error::Store(error))
}

/// An engine over a database.
#[derive(Clone, Debug)]
#[pyclass(frozen, module = "crm._crm", name = "Engine")]
pub(crate) struct Engine(Arc<Inner>);

impl Engine {
    fn alive(&self, py: Python<'_>) -> PyResult<()> {
        match std::process::id() {
            here if here == self.0.process && self.0.closed.load(Ordering::Relaxed) => {
                Err(Failure::Closed.raise(py))
            }
            here if here == self.0.process => Ok(()),
            here => Err(Failure::Forked(self.0.process, here).raise(py)),
        }
    }

    /// The engine itself, opened.
    pub(crate) async fn crm(&self) -> Result<Crm, Failure> {
        Ok(self.0.open().await?.crm.clone())
    }

    /// The clock that was given to it, if one was.
    pub(crate) fn clock(&self) -> Option<Arc<ManualClock>> {
        self.0.settings.clock.clone()
    }

    /// The engine, and where accounts are kept beside it.
    pub(crate) async fn beside(&self) -> Result<(Crm, Beside), Failure> {
        let opened = self.0.open().await?;
        let beside = match &opened.place {
            Place::Sqlite(store) => Beside::Sqlite(SqliteAccounts::beside(store)),
            Place::Postgres(store) => Beside::Postgres(PgAccounts::beside(store)),
            Place::Elsewhere if self.0.host.is_none() => Beside::Memory,
            Place::Elsewhere => {
                let why =
                    "accounts have transactions of their own; use those of the engine that is connected";
                return Err(Failure::Input(why.to_owned()));
            }
        };
        Ok((opened.crm.clone(), beside))
    }

    /// An operation of this engine.
    pub(crate) fn op(&self, py: Python<'_>, work: Work) -> PyResult<Op> {
        self.alive(py)?;
        let how = match (&self.0.host, &self.0.address) {
            (Some(host), _) => How::Host(host.clone()),
            (None, Address::Memory) => How::Ready,
            (None, _) => How::Runtime,
        };
        Ok(Op::new(work, how))
    }
}

pub(crate) fn id(py: Python<'_>, given: &Bound<'_, PyAny>) -> PyResult<Uuid> {
    if let Some(id) = id_in(given)? {
        return Ok(id);
    }
    let text = given.str()?;
    let text = text.to_str()?;
    text.parse().map_err(|_| Failure::Input(format!("`{text}` is no id")).raise(py))
}

/// Who acts: the id of a user, or an actor in its JSON form.
fn actor(given: &Bound<'_, PyAny>) -> PyResult<Actor> {
    let py = given.py();
    if let Some(user) = id_in(given)? {
        return Ok(Actor::Person(UserId::from_uuid(user)));
    }
    let form = json(given)?;
    match serde_json::from_value(form.clone()) {
        Ok(actor) => Ok(actor),
        Err(_) if form.is_string() => Ok(Actor::Person(UserId::from_uuid(id(py, given)?))),
        Err(error) => Err(Failure::Input(format!("an actor: {error}")).raise(py)),
    }
}

pub(crate) fn read<T: serde::de::DeserializeOwned>(given: &Bound<'_, PyAny>, what: &str) -> PyResult<T> {
    let json = json(given)?;
    serde_json::from_value(json).map_err(|error| Failure::Input(format!("{what}: {error}")).raise(given.py()))
}

#[pymethods]
impl Engine {
    #[new]
    fn new(
        py: Python<'_>,
        address: &str,
        profile: &str,
        schema: Option<String>,
        clock: Option<&Bound<'_, PyClock>>,
        seed: Option<u64>,
    ) -> PyResult<Self> {
        let clock = clock.map(|clock| clock.get().0.clone());
        let settings = Settings { clock, ids: seed.map(|seed| Arc::new(SeededIds::from_seed(seed))) };
        let made = || {
            let address = Address::read(address, schema)?;
            let profile = if profile.trim_start().starts_with('{') {
                Profile::from_json(profile)
            } else {
                Profile::preset(profile)
            };
            let profile = profile.map_err(|error| Failure::Input(error.to_string()))?;
            Ok(Self(Arc::new(Inner::new(address, profile, settings))))
        };
        made().map_err(|failure: Failure| failure.raise(py))
    }

    /// The same engine in a transaction of a host, whose driver runs its statements.
    #[pyo3(signature = (driver, clock = None))]
    fn within(
        &self,
        py: Python<'_>,
        driver: Py<PyAny>,
        clock: Option<&Bound<'_, PyClock>>,
    ) -> PyResult<Self> {
        self.alive(py)?;
        let mut settings = self.0.settings.clone();
        settings.clock = clock.map(|clock| clock.get().0.clone()).or(settings.clock);
        let inner = self.0.within(Host::new(driver), settings).map_err(|failure| failure.raise(py))?;
        Ok(Self(Arc::new(inner)))
    }

    /// Which database it is.
    #[getter]
    fn database(&self) -> &'static str {
        match self.0.address {
            Address::Memory => "memory",
            Address::Sqlite(_) => "sqlite",
            Address::Postgres(..) => "postgresql",
        }
    }

    /// Waits for what is on its way, and closes the database. A handle that is closed is not used any more.
    fn close(&self, py: Python<'_>) -> PyResult<Op> {
        let inner = self.0.clone();
        let op = self.op(
            py,
            Box::pin(async move {
                match inner.opened.get().map(|opened| &opened.place) {
                    Some(Place::Sqlite(opened)) => opened.close().await,
                    Some(Place::Postgres(opened)) => opened.close().await,
                    Some(Place::Elsewhere) | None => {}
                }
                nothing()
            }),
        )?;
        self.0.closed.store(true, Ordering::Relaxed);
        Ok(op)
    }

    /// Fails as a defect of the library would, for the tests of how that is told.
    #[expect(clippy::panic, reason = "that is what it is for")]
    fn _panicking(&self, py: Python<'_>) -> PyResult<Op> {
        self.op(py, Box::pin(async { panic!("on purpose") }))
    }

    /// Makes or updates the tables.
    fn migrate(&self, py: Python<'_>) -> PyResult<Op> {
        let inner = self.0.clone();
        self.op(
            py,
            Box::pin(async move {
                match &inner.open().await?.place {
                    Place::Sqlite(opened) => opened.migrate().await.map_err(failed)?,
                    Place::Postgres(opened) => opened.migrate().await.map_err(failed)?,
                    Place::Elsewhere if inner.host.is_none() => {}
                    Place::Elsewhere => {
                        let why =
                            "tables are made outside of a transaction, by the engine that was bound to it";
                        return Err(Failure::Input(why.to_owned()));
                    }
                }
                nothing()
            }),
        )
    }

    /// Opens the database.
    fn open(&self, py: Python<'_>) -> PyResult<Op> {
        let inner = self.0.clone();
        self.op(
            py,
            Box::pin(async move {
                inner.open().await?;
                nothing()
            }),
        )
    }

    /// Founds an organisation.
    fn register(
        &self,
        py: Python<'_>,
        founder: &Bound<'_, PyAny>,
        fields: &Bound<'_, PyAny>,
    ) -> PyResult<Op> {
        let founder = UserId::from_uuid(id(py, founder)?);
        let command: CreateOrganization = read(fields, "CreateOrganization")?;
        let inner = self.0.clone();
        self.op(
            py,
            Box::pin(async move {
                let founded = inner.open().await?.crm.register(founder, command).await?;
                answered(move |py| {
                    let pipelines = founded.pipelines.into_iter().map(|pipeline| pipeline.told(py));
                    let pipelines = PyList::new(py, pipelines.collect::<PyResult<Vec<_>>>()?)?;
                    let parts = (founded.organization.told(py)?, founded.membership.told(py)?, pipelines);
                    Ok(parts.into_pyobject(py)?.into_any().unbind())
                })
            }),
        )
    }

    /// The organisations that a user works in, with the memberships.
    fn organizations_of(&self, py: Python<'_>, user: &Bound<'_, PyAny>) -> PyResult<Op> {
        let user = UserId::from_uuid(id(py, user)?);
        let inner = self.0.clone();
        self.op(
            py,
            Box::pin(async move {
                let seats = inner.open().await?.crm.organizations_of(user).await?;
                answered(move |py| {
                    let seat = |seat: crm_core::store::Seat| {
                        Ok((seat.organization.told(py)?, seat.membership.told(py)?))
                    };
                    let seats = seats.into_iter().map(seat).collect::<PyResult<Vec<_>>>()?;
                    Ok(PyList::new(py, seats)?.into_any().unbind())
                })
            }),
        )
    }

    /// The outbox of an organisation, in the order of its commits, from after an event.
    fn events(
        &self,
        py: Python<'_>,
        organization: &Bound<'_, PyAny>,
        after: Option<&Bound<'_, PyAny>>,
        most: u32,
    ) -> PyResult<Op> {
        let organization = OrganizationId::from_uuid(id(py, organization)?);
        let after = after.map(|after| id(py, after).map(EventId::from_uuid)).transpose()?;
        let inner = self.0.clone();
        self.op(
            py,
            Box::pin(async move {
                let events = inner.open().await?.crm.events(organization, after, most).await?;
                answered(move |py| plain(py, &events))
            }),
        )
    }

    /// A session of an actor: the id of a user, or an actor in its JSON form.
    fn act(
        &self,
        py: Python<'_>,
        organization: &Bound<'_, PyAny>,
        actor: &Bound<'_, PyAny>,
    ) -> PyResult<NativeSession> {
        let organization = OrganizationId::from_uuid(id(py, organization)?);
        Ok(NativeSession { engine: self.clone(), organization, actor: self::actor(actor)? })
    }

    /// The profile, as JSON.
    #[getter]
    fn profile(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        plain(py, self.0.profile.spec())
    }
}

pub(crate) fn nothing() -> Outcome {
    answered(|py| Ok(py.None()))
}

//! The engine and its sessions, as the Python layer calls them.
//!
//! Invariant: a handle is used by the process that made it; nothing is asked of a database before the first call.

use std::sync::Arc;

use crm_core::describe::{Entity, Kind};
use crm_core::store::Store;
use crm_core::value::{ContactId, DealId, Instant, OrganizationId, PipelineId, TaskId, UserId, Uuid};
use crm_core::{Actor, CreateOrganization, Crm, Profile, Session};
use crm_store_memory::MemoryStore;
use crm_store_sqlx::{PgAccounts, PgStore, SqliteAccounts, SqliteStore};
use pyo3::prelude::*;
use pyo3::types::PyList;
use tokio::sync::OnceCell;

use crate::accounts::Beside;
use crate::commands::{self, Said, Told, plain};
use crate::convert::json;
use crate::errors::Failure;
use crate::lists;
use crate::op::{Op, Outcome, Work, answered};
use crate::record::object;

/// A database, and the engine over it once it is open.
#[derive(Debug)]
struct Inner {
    address: String,
    profile: Profile,
    process: u32,
    opened: OnceCell<Opened>,
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
    Memory,
    Sqlite(Arc<SqliteStore>),
    Postgres(Arc<PgStore>),
}

impl Inner {
    fn is_memory(&self) -> bool {
        self.address == "memory:"
    }

    async fn open(&self) -> Result<&Opened, Failure> {
        self.opened.get_or_try_init(|| self.connect()).await
    }

    async fn connect(&self) -> Result<Opened, Failure> {
        let store = |error| Failure::from(crm_core::Error::Store(error));
        let (place, store): (Place, Arc<dyn Store>) = if self.is_memory() {
            (Place::Memory, Arc::new(MemoryStore::new()))
        } else if let Some(file) = self.address.strip_prefix("sqlite:///") {
            let opened = Arc::new(SqliteStore::open(file).await.map_err(store)?);
            (Place::Sqlite(opened.clone()), opened)
        } else {
            let opened = Arc::new(PgStore::connect(&self.address).await.map_err(store)?);
            (Place::Postgres(opened.clone()), opened)
        };
        Ok(Opened { crm: Crm::new(store, self.profile.clone()), place })
    }
}

/// An engine over a database.
#[derive(Clone, Debug)]
#[pyclass(frozen, module = "crm._crm", name = "Engine")]
pub(crate) struct Engine(Arc<Inner>);

impl Engine {
    fn alive(&self, py: Python<'_>) -> PyResult<()> {
        match std::process::id() {
            here if here == self.0.process => Ok(()),
            here => Err(Failure::Forked(self.0.process, here).raise(py)),
        }
    }

    /// The engine, and where accounts are kept beside it.
    pub(crate) async fn beside(&self) -> Result<(Crm, Beside), Failure> {
        let opened = self.0.open().await?;
        let beside = match &opened.place {
            Place::Sqlite(store) => Beside::Sqlite(SqliteAccounts::beside(store)),
            Place::Postgres(store) => Beside::Postgres(PgAccounts::beside(store)),
            Place::Memory => Beside::Memory,
        };
        Ok((opened.crm.clone(), beside))
    }

    /// An operation of this engine.
    pub(crate) fn op(&self, py: Python<'_>, work: Work) -> PyResult<Op> {
        self.alive(py)?;
        Ok(if self.0.is_memory() { Op::ready(work) } else { Op::waiting(work) })
    }
}

pub(crate) fn id(py: Python<'_>, given: &Bound<'_, PyAny>) -> PyResult<Uuid> {
    let text = given.str()?;
    let text = text.to_str()?;
    text.parse().map_err(|_| Failure::Input(format!("`{text}` is no id")).raise(py))
}

pub(crate) fn read<T: serde::de::DeserializeOwned>(given: &Bound<'_, PyAny>, what: &str) -> PyResult<T> {
    let json = json(given)?;
    serde_json::from_value(json).map_err(|error| Failure::Input(format!("{what}: {error}")).raise(given.py()))
}

#[pymethods]
impl Engine {
    #[new]
    fn new(py: Python<'_>, address: String, profile: &Bound<'_, PyAny>) -> PyResult<Self> {
        let known = address == "memory:"
            || ["sqlite:///", "postgresql://", "postgres://"]
                .iter()
                .any(|scheme| address.starts_with(scheme));
        if !known {
            let wanted = "`memory:`, `sqlite:///file` or `postgresql://..`";
            return Err(Failure::Input(format!("an address is {wanted}")).raise(py));
        }
        let text: String = profile.extract()?;
        let profile = if text.trim_start().starts_with('{') {
            Profile::from_json(&text)
        } else {
            Profile::preset(&text)
        };
        let profile = profile.map_err(|error| Failure::Input(error.to_string()).raise(py))?;
        let inner = Inner { address, profile, process: std::process::id(), opened: OnceCell::new() };
        Ok(Self(Arc::new(inner)))
    }

    /// Makes or updates the tables.
    fn migrate(&self, py: Python<'_>) -> PyResult<Op> {
        let inner = self.0.clone();
        self.op(
            py,
            Box::pin(async move {
                let store = |error| Failure::from(crm_core::Error::Store(error));
                match &inner.open().await?.place {
                    Place::Memory => {}
                    Place::Sqlite(opened) => opened.migrate().await.map_err(store)?,
                    Place::Postgres(opened) => opened.migrate().await.map_err(store)?,
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

    /// A session of an actor: the id of a user, or an actor in its JSON form.
    fn act(
        &self,
        py: Python<'_>,
        organization: &Bound<'_, PyAny>,
        actor: &Bound<'_, PyAny>,
    ) -> PyResult<NativeSession> {
        let organization = OrganizationId::from_uuid(id(py, organization)?);
        let actor = match json(actor)? {
            serde_json::Value::String(_) => Actor::Person(UserId::from_uuid(id(py, actor)?)),
            form => serde_json::from_value(form)
                .map_err(|error| Failure::Input(format!("an actor: {error}")).raise(py))?,
        };
        Ok(NativeSession { engine: self.clone(), organization, actor })
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

/// Somebody who acts in an organisation.
#[derive(Clone, Debug)]
#[pyclass(frozen, module = "crm._crm", name = "Session")]
pub(crate) struct NativeSession {
    engine: Engine,
    organization: OrganizationId,
    actor: Actor,
}

/// The same, on its way through the runtime.
#[derive(Debug)]
pub(crate) struct Acting {
    crm: Crm,
    organization: OrganizationId,
    actor: Actor,
}

impl Acting {
    pub(crate) fn session(&self) -> Session<'_> {
        self.crm.act(self.organization, self.actor.clone())
    }
}

impl NativeSession {
    /// An operation with the engine open.
    fn op<F>(&self, py: Python<'_>, begin: impl FnOnce(Acting) -> F + Send + 'static) -> PyResult<Op>
    where
        F: Future<Output = Outcome> + Send,
    {
        let NativeSession { engine, organization, actor } = self.clone();
        let inner = engine.0.clone();
        engine.op(
            py,
            Box::pin(async move {
                let crm = inner.open().await?.crm.clone();
                begin(Acting { crm, organization, actor }).await
            }),
        )
    }
}

/// Calls something for the entity of a kind.
macro_rules! of_kind {
    ($kind:expr, $call:ident ( $($argument:expr),* )) => {
        match $kind {
            Kind::Organization => $call::<crm_core::Organization>($($argument),*).await,
            Kind::Membership => $call::<crm_core::Membership>($($argument),*).await,
            Kind::Pipeline => $call::<crm_core::Pipeline>($($argument),*).await,
            Kind::Contact => $call::<crm_core::Contact>($($argument),*).await,
            Kind::Deal => $call::<crm_core::Deal>($($argument),*).await,
            Kind::Task => $call::<crm_core::Task>($($argument),*).await,
            Kind::Activity => $call::<crm_core::Activity>($($argument),*).await,
        }
    };
}

async fn got<E: Entity>(acting: &Acting, id: Uuid) -> Outcome {
    Ok(acting.session().get(E::Id::from(id)).await?.later())
}

async fn got_many<E: Entity>(acting: &Acting, ids: &[Uuid]) -> Outcome {
    let ids: Vec<E::Id> = ids.iter().map(|id| E::Id::from(*id)).collect();
    let found = acting.session().get_many(&ids).await?;
    answered(move |py| {
        let objects = found.into_iter().map(|row| row.map(|row| row.told(py)).transpose());
        Ok(PyList::new(py, objects.collect::<PyResult<Vec<_>>>()?)?.into_any().unbind())
    })
}

async fn listed<E: lists::Steppable>(acting: &Acting, list: lists::Steps) -> Outcome {
    let page = acting.session().list(lists::list::<E>(&list)?).await?;
    Ok(lists::Page::later(page))
}

async fn counted<E: lists::Steppable>(acting: &Acting, list: lists::Steps) -> Outcome {
    let count = acting.session().count(lists::list::<E>(&list)?).await?;
    answered(move |py| plain(py, &count))
}

async fn history<E: Entity>(acting: &Acting, id: Uuid) -> Outcome {
    let entries = acting.session().history(E::Id::from(id)).await?;
    answered(move |py| plain(py, &entries))
}

async fn as_of<E: Entity>(acting: &Acting, id: Uuid, at: Instant) -> Outcome {
    let found = acting.session().as_of(E::Id::from(id), at).await?;
    answered(move |py| found.map_or_else(|| Ok(py.None()), |row| object(py, row.record())))
}

fn kind(py: Python<'_>, name: &str) -> PyResult<Kind> {
    name.parse().map_err(|_| Failure::Input(format!("no kind `{name}`")).raise(py))
}

#[pymethods]
impl NativeSession {
    fn apply(
        &self,
        py: Python<'_>,
        name: String,
        command: &Bound<'_, PyAny>,
        version: Option<u64>,
        key: Option<String>,
    ) -> PyResult<Op> {
        let command = json(command)?;
        self.op(py, move |acting| async move {
            commands::apply(acting, &name, command, Said { version, key })?.await
        })
    }

    fn apply_batch(
        &self,
        py: Python<'_>,
        commands: Vec<(String, Bound<'_, PyAny>)>,
        key: Option<String>,
    ) -> PyResult<Op> {
        let commands = commands.into_iter().map(|(name, fields)| Ok((name, json(&fields)?)));
        let commands = commands.collect::<PyResult<Vec<_>>>()?;
        self.op(py, move |acting| async move {
            commands::batch(acting, commands, Said { version: None, key })?.await
        })
    }

    fn plan(&self, py: Python<'_>, name: String, command: &Bound<'_, PyAny>) -> PyResult<Op> {
        let command = json(command)?;
        self.op(py, move |acting| async move { commands::plan(acting, &name, command)?.await })
    }

    fn get(&self, py: Python<'_>, of: &str, id: &Bound<'_, PyAny>) -> PyResult<Op> {
        let (kind, id) = (kind(py, of)?, self::id(py, id)?);
        self.op(py, move |acting| async move { of_kind!(kind, got(&acting, id)) })
    }

    fn get_many(&self, py: Python<'_>, of: &str, ids: &Bound<'_, PyAny>) -> PyResult<Op> {
        let kind = kind(py, of)?;
        let ids = ids.try_iter()?.map(|id| self::id(py, &id?)).collect::<PyResult<Vec<_>>>()?;
        self.op(py, move |acting| async move { of_kind!(kind, got_many(&acting, &ids)) })
    }

    fn list(&self, py: Python<'_>, of: &str, steps: &Bound<'_, PyAny>) -> PyResult<Op> {
        let (kind, steps) = (kind(py, of)?, read::<lists::Steps>(steps, "a list")?);
        self.op(py, move |acting| async move { of_kind!(kind, listed(&acting, steps)) })
    }

    fn count(&self, py: Python<'_>, of: &str, steps: &Bound<'_, PyAny>) -> PyResult<Op> {
        let (kind, steps) = (kind(py, of)?, read::<lists::Steps>(steps, "a list")?);
        self.op(py, move |acting| async move { of_kind!(kind, counted(&acting, steps)) })
    }

    fn history(&self, py: Python<'_>, of: &str, id: &Bound<'_, PyAny>) -> PyResult<Op> {
        let (kind, id) = (kind(py, of)?, self::id(py, id)?);
        self.op(py, move |acting| async move { of_kind!(kind, history(&acting, id)) })
    }

    fn as_of(&self, py: Python<'_>, of: &str, id: &Bound<'_, PyAny>, at: &Bound<'_, PyAny>) -> PyResult<Op> {
        let (kind, id, at) = (kind(py, of)?, self::id(py, id)?, read(at, "a time")?);
        self.op(py, move |acting| async move { of_kind!(kind, as_of(&acting, id, at)) })
    }

    /// The timeline of a contact, a deal or a task.
    fn timeline(
        &self,
        py: Python<'_>,
        of: &str,
        id: &Bound<'_, PyAny>,
        steps: &Bound<'_, PyAny>,
    ) -> PyResult<Op> {
        let (kind, id, steps) = (kind(py, of)?, self::id(py, id)?, read::<lists::Steps>(steps, "a list")?);
        self.op(py, move |acting| async move {
            let (session, list) = (acting.session(), lists::list(&steps)?);
            let page = match kind {
                Kind::Contact => session.timeline(ContactId::from_uuid(id), list).await?,
                Kind::Task => session.timeline(TaskId::from_uuid(id), list).await?,
                _ => session.timeline(DealId::from_uuid(id), list).await?,
            };
            Ok(lists::Page::later(page))
        })
    }

    fn board(&self, py: Python<'_>, pipeline: &Bound<'_, PyAny>, steps: &Bound<'_, PyAny>) -> PyResult<Op> {
        let (pipeline, steps) =
            (PipelineId::from_uuid(id(py, pipeline)?), read::<lists::Steps>(steps, "a list")?);
        self.op(py, move |acting| async move {
            let board = acting.session().board(pipeline, lists::list(&steps)?).await?;
            answered(move |py| plain(py, &board))
        })
    }

    fn grants(&self, py: Python<'_>) -> PyResult<Op> {
        self.op(py, |acting| async move {
            let grants = acting.session().grants().await?;
            answered(move |py| plain(py, &grants))
        })
    }
}

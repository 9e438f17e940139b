//! Sessions, as the Python layer calls them.
//!
//! Invariant: a method here reads what it was given, calls the engine's method of the same name, and makes objects of what
//! that answers.

use crm_core::access::Action;
use crm_core::analytics::Selection;
use crm_core::describe::{Entity, Kind};
use crm_core::value::{Date, Instant, OrganizationId, PipelineId, Uuid};
use crm_core::{Actor, Crm, Session};
use crm_sheets::CsvWriting;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::commands::{self, Plan, Said, Told, plain};
use crate::convert::json;
use crate::engine::{Engine, id, read};
use crate::errors::Failure;
use crate::lists;
use crate::op::{Op, Outcome, answered};
use crate::reads;
use crate::record::object;
use crate::reports::{self, GivenRates, Wanted, rows};
use crate::sheets::{self, GivenWriting, PyTable, export};

/// Somebody who acts in an organisation.
#[derive(Clone, Debug)]
#[pyclass(frozen, module = "crm._crm", name = "Session")]
pub(crate) struct NativeSession {
    pub(crate) engine: Engine,
    pub(crate) organization: OrganizationId,
    pub(crate) actor: Actor,
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
        let opened = engine.clone();
        engine.op(
            py,
            Box::pin(async move {
                let crm = opened.crm().await?;
                begin(Acting { crm, organization, actor }).await
            }),
        )
    }
}

/// Calls something for the entity of a kind.
macro_rules! of_kind {
    ($kind:expr, $call:ident $arguments:tt) => {
        crm_core::every_record!(calls; $kind, $call $arguments)
    };
}

macro_rules! calls {
    ([$kind:expr, $call:ident $arguments:tt] $($name:ident,)*) => {
        match $kind { $(Kind::$name => $call::<crm_core::$name> $arguments .await,)* }
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

async fn timeline<E: Entity>(acting: &Acting, id: Uuid, steps: lists::Steps) -> Outcome {
    let page = acting.session().timeline(E::Id::from(id), lists::list(&steps)?).await?;
    Ok(lists::Page::later(page))
}

async fn explained<E: Entity>(acting: &Acting, action: Action, id: Uuid) -> Outcome {
    let decision = acting.session().explain(action, E::Id::from(id)).await?;
    let told = serde_json::json!({ "decision": decision, "text": decision.to_string() });
    answered(move |py| plain(py, &told))
}

async fn as_of<E: Entity>(acting: &Acting, id: Uuid, at: Instant) -> Outcome {
    let found = acting.session().as_of(E::Id::from(id), at).await?;
    answered(move |py| found.map_or_else(|| Ok(py.None()), |row| object(py, row.record())))
}

fn kind(py: Python<'_>, name: &str) -> PyResult<Kind> {
    name.parse().map_err(|_| Failure::Input(format!("no kind `{name}`")).raise(py))
}

fn writing(py: Python<'_>, how: &Bound<'_, PyAny>) -> PyResult<CsvWriting> {
    let given: GivenWriting = read(how, "how a file is written")?;
    given.writing().map_err(|failure| failure.raise(py))
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

    /// Writes exactly what a plan showed.
    fn carry_out(&self, py: Python<'_>, plan: &Bound<'_, Plan>) -> PyResult<Op> {
        let carry = plan.get().carry().map_err(|failure| failure.raise(py))?;
        self.op(py, move |acting| async move { carry(acting).await })
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

    /// The timeline of a deal, a contact or a lead.
    fn timeline(
        &self,
        py: Python<'_>,
        of: &str,
        id: &Bound<'_, PyAny>,
        steps: &Bound<'_, PyAny>,
    ) -> PyResult<Op> {
        let (kind, id, steps) = (kind(py, of)?, self::id(py, id)?, read::<lists::Steps>(steps, "a list")?);
        self.op(py, move |acting| async move { of_kind!(kind, timeline(&acting, id, steps)) })
    }

    /// Why an action is allowed or refused on a record.
    fn explain(
        &self,
        py: Python<'_>,
        action: &Bound<'_, PyAny>,
        of: &str,
        id: &Bound<'_, PyAny>,
    ) -> PyResult<Op> {
        let (action, kind, id) = (read::<Action>(action, "an action")?, kind(py, of)?, self::id(py, id)?);
        self.op(py, move |acting| async move { of_kind!(kind, explained(&acting, action, id)) })
    }

    fn report(&self, py: Python<'_>, name: String, given: &Bound<'_, PyAny>) -> PyResult<Op> {
        let given = json(given)?;
        self.op(py, move |acting| async move { reports::report(acting, &name, given, Wanted::Figures).await })
    }

    /// The rows of a receipt.
    fn rows(
        &self,
        py: Python<'_>,
        of: &str,
        receipt: &Bound<'_, PyAny>,
        steps: &Bound<'_, PyAny>,
    ) -> PyResult<Op> {
        let kind = kind(py, of)?;
        let (receipt, steps) =
            (read::<Selection>(receipt, "a receipt")?, read::<lists::Steps>(steps, "a list")?);
        self.op(py, move |acting| async move { of_kind!(kind, rows(&acting, &receipt, steps)) })
    }

    /// The deals of a receipt as one amount.
    fn convert(
        &self,
        py: Python<'_>,
        receipt: &Bound<'_, PyAny>,
        rates: &Bound<'_, PyAny>,
        day: &Bound<'_, PyAny>,
    ) -> PyResult<Op> {
        let receipt = read::<Selection>(receipt, "a receipt")?;
        let (rates, day) = (read::<GivenRates>(rates, "rates")?, read::<Option<Date>>(day, "a day")?);
        self.op(py, move |acting| async move { reports::convert(acting, receipt, rates, day).await })
    }

    /// What a session tells besides records and reports.
    fn read(&self, py: Python<'_>, asked: &Bound<'_, PyAny>) -> PyResult<Op> {
        let asked = read::<reads::Asked>(asked, "a read")?;
        self.op(py, move |acting| async move { reads::read(acting, asked).await })
    }

    /// Brings a file in, or says what would become of it.
    fn import_file(
        &self,
        py: Python<'_>,
        table: &Bound<'_, PyTable>,
        mapping: &Bound<'_, PyAny>,
        dry_run: bool,
        batches_of: usize,
    ) -> PyResult<Op> {
        let file = table.get().file(read(mapping, "a mapping")?, batches_of);
        self.op(py, move |acting| async move { sheets::import(acting, file, dry_run).await })
    }

    /// Takes a run back.
    fn revert(&self, py: Python<'_>, report: &Bound<'_, PyAny>) -> PyResult<Op> {
        let report = read(report, "the report of an import")?;
        self.op(py, move |acting| async move { sheets::revert(acting, report).await })
    }

    /// Writes a list as CSV.
    fn export_csv(
        &self,
        py: Python<'_>,
        of: &str,
        steps: &Bound<'_, PyAny>,
        how: &Bound<'_, PyAny>,
    ) -> PyResult<Op> {
        let (kind, steps) = (kind(py, of)?, read::<lists::Steps>(steps, "a list")?);
        let how = writing(py, how)?;
        self.op(py, move |acting| async move { of_kind!(kind, export(&acting, steps, how)) })
    }

    /// Writes the figures of a report as CSV.
    fn export_report(
        &self,
        py: Python<'_>,
        name: String,
        given: &Bound<'_, PyAny>,
        how: &Bound<'_, PyAny>,
    ) -> PyResult<Op> {
        let (given, wanted) = (json(given)?, Wanted::Csv(writing(py, how)?));
        self.op(py, move |acting| async move { reports::report(acting, &name, given, wanted).await })
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

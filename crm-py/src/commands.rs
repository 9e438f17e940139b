//! The commands of the engine by their names.
//!
//! Invariant: nothing about any command is said here but its name.

use std::future::IntoFuture as _;
use std::sync::{Arc, Mutex, PoisonError};

use crm_core::describe::Entity;
use crm_core::integration::{ClaimedDeliveries, Received, Replayed};
use crm_core::value::HoldId;
use crm_core::{
    AddActivity, AddMember, AddStage, ApproveExpense, ArchiveDeal, AssignLead, Batch, CancelContract,
    CancelDelivery, CancelNotification, CancelPlan, ChangeMember, CheckIn, CheckOut, ClaimDeliveries,
    ClaimNotifications, CloseLead, Command, CompleteTask, ConvertLead, Converted, CreateAttendance,
    CreateBuyer, CreateCampaign, CreateComplex, CreateContact, CreateContract, CreateCost, CreateDeal,
    CreateExpense, CreateLead, CreatePipeline, CreatePrice, CreateTask, CreateUnit, DeleteAttendance,
    DeleteBuyer, DeleteCampaign, DeleteComplex, DeleteContact, DeleteContract, DeleteCost, DeleteDeal,
    DeleteExpense, DeleteLead, DeleteOrganization, DeletePipeline, DeletePrice, DeleteTask, DeleteUnit,
    EditStage, EraseBuyer, ExpireHolds, ExtendHold, GiveUpIncoming, HoldUnit, Import, ImportReport,
    LeaveOrganization, LinkReference, LoseDeal, MergePrices, MergeReport, MergeUnits, MoveDeal, MoveLead,
    NoteOverdue, Notify, PayExpense, PlanPayments, QueueDelivery, ReadNotification, ReceiveEvents,
    ReceivePayment, RejectExpense, ReleaseHold, ReleaseLead, RemoveMember, RemoveStage, Removed, ReopenDeal,
    ReopenLead, ReopenTask, ReorderStages, ReplayIncoming, ReportDelivery, ReportNotification,
    RequeueDelivery, ReserveUnit, Reserved, RestoreAttendance, RestoreBuyer, RestoreCampaign, RestoreComplex,
    RestoreContact, RestoreContract, RestoreCost, RestoreDeal, RestoreExpense, RestoreLead, RestorePipeline,
    RestorePrice, RestoreTask, RestoreUnit, RetireUnits, RetryIncoming, ReversePayment, SignContract,
    TakeLead, TransitionDeal, UnlinkReference, UpdateAttendance, UpdateBuyer, UpdateCampaign, UpdateComplex,
    UpdateContact, UpdateContract, UpdateCost, UpdateDeal, UpdateExpense, UpdateLead, UpdateOrganization,
    UpdatePipeline, UpdatePrice, UpdateTask, UpdateUnit, WinDeal,
};
use pyo3::prelude::*;
use pyo3::types::PyList;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::convert::loads;
use crate::errors::Failure;
use crate::op::{Answer, Outcome, Work, answered};
use crate::record::shared;
use crate::session::Acting;

/// What may be said besides the command.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    pub(crate) version: Option<u64>,
    pub(crate) key: Option<String>,
}

/// What a call answers, as an object.
pub(crate) trait Told: Send + Sized + 'static {
    /// Makes the object.
    fn told(self, py: Python<'_>) -> PyResult<Py<PyAny>>;

    /// The same, later.
    fn later(self) -> Answer {
        Box::new(move |py| self.told(py))
    }
}

impl<E: Entity> Told for Arc<E> {
    fn told(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        shared(py, self)
    }
}

/// What is told as dictionaries and lists.
pub(crate) fn plain(py: Python<'_>, what: &impl Serialize) -> PyResult<Py<PyAny>> {
    let text = serde_json::to_string(what).map_err(|error| Failure::Defect(error.to_string()).raise(py))?;
    Ok(loads(py, &text)?.unbind())
}

macro_rules! plainly {
    ($($type:ty),*) => {$(
        impl Told for $type {
            fn told(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                plain(py, &self)
            }
        }
    )*};
}

plainly!(
    ImportReport,
    Removed,
    Vec<Json>,
    ClaimedDeliveries,
    Replayed,
    Converted,
    MergeReport,
    Received,
    Reserved,
    Vec<HoldId>
);

impl<E: Entity> Told for Vec<Arc<E>> {
    fn told(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let objects = self.into_iter().map(|row| shared(py, row)).collect::<PyResult<Vec<_>>>()?;
        Ok(PyList::new(py, objects)?.into_any().unbind())
    }
}

/// A command, from its JSON form.
fn read<C: DeserializeOwned>(name: &str, json: Json) -> Result<C, Failure> {
    serde_json::from_value(json).map_err(|error| Failure::Input(format!("{name}: {error}")))
}

async fn applied<C>(acting: Acting, command: C, said: Said) -> Outcome
where
    C: Command + 'static,
    C::Output: Told,
{
    let session = acting.session();
    let mut applying = session.apply(command);
    if let Some(version) = said.version {
        applying = applying.if_version(version);
    }
    if let Some(key) = said.key {
        applying = applying.with_key(key);
    }
    Ok(applying.into_future().await?.later())
}

macro_rules! commands {
    ($($command:ident,)*) => {
        /// The names of the commands.
        pub(crate) const NAMES: &[&str] = &[$(stringify!($command)),*];

        /// Applies a command.
        pub(crate) fn apply(acting: Acting, name: &str, json: Json, said: Said) -> Result<Work, Failure> {
            match name {
                $(stringify!($command) => {
                    let command: $command = read(name, json)?;
                    Ok(Box::pin(applied(acting, command, said)))
                })*
                _ => Err(unknown(name)),
            }
        }

        /// Adds a command to a batch.
        fn add(batch: Batch, name: &str, json: Json) -> Result<Batch, Failure> {
            match name {
                $(stringify!($command) => Ok(batch.then(read::<$command>(name, json)?)),)*
                _ => Err(unknown(name)),
            }
        }

        /// Says what a command would do.
        pub(crate) fn plan(acting: Acting, name: &str, json: Json) -> Result<Work, Failure> {
            match name {
                $(stringify!($command) => {
                    let command: $command = read(name, json)?;
                    Ok(Box::pin(planned(acting, command)))
                })*
                _ => Err(unknown(name)),
            }
        }
    };
}

commands! {
    UpdateOrganization, DeleteOrganization,
    AddMember, ChangeMember, RemoveMember, LeaveOrganization,
    CreatePipeline, UpdatePipeline, DeletePipeline, RestorePipeline, AddStage, EditStage, RemoveStage, ReorderStages,
    CreateContact, UpdateContact, DeleteContact, RestoreContact,
    CreateDeal, UpdateDeal, DeleteDeal, RestoreDeal, MoveDeal, TransitionDeal, WinDeal, LoseDeal, ArchiveDeal, ReopenDeal,
    CreateTask, UpdateTask, DeleteTask, RestoreTask, CompleteTask, ReopenTask,
    AddActivity, Import,
    CreateLead, UpdateLead, DeleteLead, RestoreLead, AssignLead, ReleaseLead, TakeLead, MoveLead, CloseLead, ReopenLead,
    ConvertLead,
    CreateCampaign, UpdateCampaign, DeleteCampaign, RestoreCampaign, CreateCost, UpdateCost, DeleteCost, RestoreCost,
    CreateComplex, UpdateComplex, DeleteComplex, RestoreComplex, CreateUnit, UpdateUnit, DeleteUnit, RestoreUnit,
    CreatePrice, UpdatePrice, DeletePrice, RestorePrice, MergeUnits, MergePrices, RetireUnits,
    HoldUnit, ReserveUnit, ReleaseHold, ExtendHold, ExpireHolds,
    CreateBuyer, UpdateBuyer, DeleteBuyer, RestoreBuyer, EraseBuyer,
    CreateContract, UpdateContract, DeleteContract, RestoreContract, SignContract, CancelContract,
    PlanPayments, CancelPlan, ReceivePayment, ReversePayment, NoteOverdue,
    CreateExpense, UpdateExpense, DeleteExpense, RestoreExpense, ApproveExpense, RejectExpense, PayExpense,
    CreateAttendance, UpdateAttendance, DeleteAttendance, RestoreAttendance, CheckIn, CheckOut,
    LinkReference, UnlinkReference, ReceiveEvents, RetryIncoming, ReplayIncoming, GiveUpIncoming,
    QueueDelivery, ClaimDeliveries, ReportDelivery, RequeueDelivery, CancelDelivery,
    Notify, ClaimNotifications, ReportNotification, CancelNotification, ReadNotification,
}

fn unknown(name: &str) -> Failure {
    Failure::Input(format!("no command `{name}`"))
}

/// Applies several commands as one.
pub(crate) fn batch(acting: Acting, commands: Vec<(String, Json)>, said: Said) -> Result<Work, Failure> {
    let batch = commands.into_iter().try_fold(Batch::new(), |batch, (name, json)| add(batch, &name, json))?;
    Ok(Box::pin(applied(acting, batch, said)))
}

async fn planned<C>(acting: Acting, command: C) -> Outcome
where
    C: Command + 'static,
    C::Output: Told,
{
    let plan = acting.session().plan(&command).await?;
    let refused = plan.verdict().err().map(|error| {
        serde_json::json!({ "code": error.code(), "message": error.to_string(), "details": error.details() })
    });
    let possible = plan.is_possible();
    let told = serde_json::json!({
        "refused": refused,
        "changes": plan.changes(),
        "unmet": plan.unmet(),
        "decisions": plan.decisions(),
    });
    let carry: Carry =
        Box::new(move |acting| Box::pin(async move { Ok(acting.session().carry_out(plan).await?.later()) }));
    answered(move |py| {
        let plan = Plan { possible, told: told.to_string(), carry: Mutex::new(Some(carry)) };
        Ok(Py::new(py, plan)?.into_any())
    })
}

/// What carries a plan out.
pub(crate) type Carry = Box<dyn FnOnce(Acting) -> Work + Send>;

/// What a command would do, and how to do just that.
#[pyclass(frozen, module = "crm")]
pub(crate) struct Plan {
    #[pyo3(get)]
    possible: bool,
    told: String,
    carry: Mutex<Option<Carry>>,
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Plan").field("possible", &self.possible).finish_non_exhaustive()
    }
}

impl Plan {
    /// What carries it out; that can be done once.
    pub(crate) fn carry(&self) -> Result<Carry, Failure> {
        let carry = self.carry.lock().unwrap_or_else(PoisonError::into_inner).take();
        carry.ok_or_else(|| Failure::Input("a plan is carried out once".to_owned()))
    }

    fn part<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        loads(py, &self.told)?.get_item(name)
    }
}

#[pymethods]
impl Plan {
    /// Why it would be refused, if it would: a code, a message and details.
    #[getter]
    fn refused<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, "refused")
    }

    /// Every record that would be written, with its fields before and after.
    #[getter]
    fn changes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, "changes")
    }

    /// What a status or a stage demands and the record would not have.
    #[getter]
    fn unmet<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, "unmet")
    }

    /// The access decisions on the way, with their reasons.
    #[getter]
    fn decisions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, "decisions")
    }

    fn __repr__(&self) -> &'static str {
        if self.possible { "<Plan that is possible>" } else { "<Plan that is refused>" }
    }
}

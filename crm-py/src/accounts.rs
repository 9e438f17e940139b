//! Accounts beside an engine, as the Python layer calls them.
//!
//! Invariant: nothing here decides; a password or a token is passed on and never kept.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use crm_accounts::{
    Account, Accounts, Cost, Error, ExistingAccount, Lockout, MemoryAccounts, NewAccount, PasswordPolicy,
    Secret,
};
use crm_core::value::{Instant, TimeDelta, UserId, Uuid};
use crm_core::{CreateOrganization, Crm};
use crm_store_sqlx::{PgAccounts, SqliteAccounts};
use pyo3::prelude::*;
use pyo3::types::PyList;
use serde::{Deserialize, Serialize};
use tokio::task::block_in_place;

use crate::commands::{Told as _, plain};
use crate::engine::{Engine, id, nothing, read};
use crate::errors::Failure;
use crate::op::{Op, Outcome, answered};

/// Where accounts are kept beside an engine.
#[derive(Debug)]
pub(crate) enum Beside {
    /// With the handle, because the engine has no database.
    Memory,
    Sqlite(SqliteAccounts),
    Postgres(PgAccounts),
}

/// What can be said of accounts beside the secrets.
#[derive(Deserialize)]
struct Settings {
    issuer: String,
    access_seconds: i64,
    refresh_seconds: i64,
    lock_after: u32,
    lock_seconds: i64,
    policy: PasswordPolicy,
    cost: Cost,
}

impl Settings {
    fn accounts(self, secret: Vec<u8>, older: Vec<Vec<u8>>) -> Result<Accounts, Error> {
        let seconds = |seconds| TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX);
        let lockout = Lockout { failures: self.lock_after, time: seconds(self.lock_seconds) };
        let mut accounts = Accounts::new(Arc::new(MemoryAccounts::new()), Secret::new(secret)?)
            .issued_by(self.issuer)
            .with_lifetimes(seconds(self.access_seconds), seconds(self.refresh_seconds))
            .with_lockout(lockout)
            .with_policy(self.policy)
            .with_cost(self.cost);
        for secret in older {
            accounts = accounts.accepting(Secret::new(secret)?);
        }
        Ok(accounts)
    }
}

/// An account that comes from elsewhere.
#[derive(Deserialize)]
struct Existing {
    email: String,
    name: String,
    hash: String,
    username: Option<String>,
    id: Option<UserId>,
    active: bool,
    created_at: Option<Instant>,
}

impl From<Existing> for ExistingAccount {
    fn from(said: Existing) -> Self {
        let Existing { email, name, hash, username, id, active, created_at } = said;
        Self { id, email, name, username, hash, active, created_at }
    }
}

/// The accounts beside an engine.
#[derive(Debug)]
#[pyclass(frozen, module = "crm._crm", name = "Accounts")]
pub(crate) struct NativeAccounts {
    engine: Engine,
    /// As they are in memory; over a database only their store is another.
    accounts: Accounts,
}

fn told<T: Serialize + Send + 'static>(answer: T) -> Outcome {
    answered(move |py| plain(py, &answer))
}

fn founded(account: Account, founded: crm_core::Registered) -> Outcome {
    answered(move |py| {
        let pipelines = founded.pipelines.into_iter().map(|pipeline| pipeline.told(py));
        let pipelines = PyList::new(py, pipelines.collect::<PyResult<Vec<_>>>()?)?;
        let parts =
            (plain(py, &account)?, founded.organization.told(py)?, founded.membership.told(py)?, pipelines);
        Ok(parts.into_pyobject(py)?.into_any().unbind())
    })
}

/// Works where other calls need not wait: a hash of a password takes its thread for long, and is meant to.
async fn apart<F: Future>(work: F) -> F::Output {
    let mut work = pin!(work);
    poll_fn(|context| block_in_place(|| work.as_mut().poll(context))).await
}

impl NativeAccounts {
    /// An operation with the engine open.
    fn op<F>(&self, py: Python<'_>, begin: impl FnOnce(Accounts, Crm) -> F + Send + 'static) -> PyResult<Op>
    where
        F: Future<Output = Outcome> + Send,
    {
        let (engine, accounts) = (self.engine.clone(), self.accounts.clone());
        self.engine.op(
            py,
            Box::pin(async move {
                let (crm, beside) = engine.beside().await?;
                let accounts = match beside {
                    Beside::Memory => accounts,
                    Beside::Sqlite(store) => accounts.with_store(Arc::new(store)),
                    Beside::Postgres(store) => accounts.with_store(Arc::new(store)),
                };
                apart(begin(accounts, crm)).await
            }),
        )
    }
}

#[pymethods]
impl NativeAccounts {
    #[new]
    fn new(
        py: Python<'_>,
        engine: &Bound<'_, Engine>,
        secret: Vec<u8>,
        older: Vec<Vec<u8>>,
        settings: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let settings: Settings = read(settings, "settings of accounts")?;
        let accounts = settings.accounts(secret, older).map_err(|error| Failure::from(error).raise(py))?;
        let engine = engine.get().clone();
        let accounts = match engine.clock() {
            Some(clock) => accounts.with_clock(clock),
            None => accounts,
        };
        Ok(Self { engine, accounts })
    }

    fn migrate(&self, py: Python<'_>) -> PyResult<Op> {
        let engine = self.engine.clone();
        self.engine.op(
            py,
            Box::pin(async move {
                let migrated = match engine.beside().await?.1 {
                    Beside::Memory => Ok(()),
                    Beside::Sqlite(store) => store.migrate().await,
                    Beside::Postgres(store) => store.migrate().await,
                };
                migrated.map_err(|error| Failure::from(Error::Store(error)))?;
                nothing()
            }),
        )
    }

    fn register(&self, py: Python<'_>, new: &Bound<'_, PyAny>, fields: &Bound<'_, PyAny>) -> PyResult<Op> {
        let new: NewAccount = read(new, "an account")?;
        let command: CreateOrganization = read(fields, "CreateOrganization")?;
        self.op(py, |accounts, crm| async move {
            let (account, registered) = accounts.register(&crm, new, command).await?;
            founded(account, registered)
        })
    }

    fn create(&self, py: Python<'_>, new: &Bound<'_, PyAny>) -> PyResult<Op> {
        let new: NewAccount = read(new, "an account")?;
        self.op(py, |accounts, _| async move { told(accounts.create(new).await?) })
    }

    fn bring_in(&self, py: Python<'_>, existing: &Bound<'_, PyAny>) -> PyResult<Op> {
        let existing: Existing = read(existing, "an account")?;
        self.op(py, |accounts, _| async move { told(accounts.bring_in(existing.into()).await?) })
    }

    fn find(&self, py: Python<'_>, user: &Bound<'_, PyAny>) -> PyResult<Op> {
        let user = user_id(py, user)?;
        self.op(py, move |accounts, _| async move { told(accounts.find(user).await?) })
    }

    fn find_by_email(&self, py: Python<'_>, email: String) -> PyResult<Op> {
        self.op(py, |accounts, _| async move { told(accounts.find_by_email(&email).await?) })
    }

    fn login(&self, py: Python<'_>, name: String, password: String) -> PyResult<Op> {
        self.op(py, |accounts, _| async move { told(accounts.log_in(&name, &password).await?) })
    }

    fn refresh(&self, py: Python<'_>, token: String) -> PyResult<Op> {
        self.op(py, |accounts, _| async move { told(accounts.refresh(&token).await?) })
    }

    fn logout(&self, py: Python<'_>, token: String) -> PyResult<Op> {
        self.op(py, |accounts, _| async move { told(accounts.log_out(&token).await?) })
    }

    fn logout_everywhere(&self, py: Python<'_>, user: &Bound<'_, PyAny>) -> PyResult<Op> {
        let user = user_id(py, user)?;
        self.op(py, move |accounts, _| async move { told(accounts.log_out_everywhere(user).await?) })
    }

    /// Whom an access token is about; nothing is waited for.
    fn authenticate(&self, py: Python<'_>, token: &str) -> PyResult<Py<PyAny>> {
        let read = self.accounts.authenticate(token);
        plain(py, &read.map_err(|error| Failure::from(error).raise(py))?)
    }

    fn authenticate_fresh(&self, py: Python<'_>, token: String) -> PyResult<Op> {
        self.op(py, |accounts, _| async move { told(accounts.authenticate_fresh(&token).await?) })
    }

    fn change_password(
        &self,
        py: Python<'_>,
        user: &Bound<'_, PyAny>,
        present: String,
        new: String,
    ) -> PyResult<Op> {
        let user = user_id(py, user)?;
        self.op(
            py,
            move |accounts, _| async move { told(accounts.change_password(user, &present, &new).await?) },
        )
    }

    fn set_password(&self, py: Python<'_>, user: &Bound<'_, PyAny>, password: String) -> PyResult<Op> {
        let user = user_id(py, user)?;
        self.op(py, move |accounts, _| async move { told(accounts.set_password(user, &password).await?) })
    }

    fn rename(&self, py: Python<'_>, user: &Bound<'_, PyAny>, name: String) -> PyResult<Op> {
        let user = user_id(py, user)?;
        self.op(py, move |accounts, _| async move { told(accounts.rename(user, &name).await?) })
    }

    fn switch(&self, py: Python<'_>, user: &Bound<'_, PyAny>, active: bool) -> PyResult<Op> {
        let user = user_id(py, user)?;
        self.op(py, move |accounts, _| async move {
            let switched =
                if active { accounts.activate(user).await } else { accounts.deactivate(user).await };
            told(switched?)
        })
    }

    fn forget_expired(&self, py: Python<'_>) -> PyResult<Op> {
        self.op(py, |accounts, _| async move { told(accounts.forget_expired().await?) })
    }
}

fn user_id(py: Python<'_>, given: &Bound<'_, PyAny>) -> PyResult<UserId> {
    let id: Uuid = id(py, given)?;
    Ok(UserId::from_uuid(id))
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(error) => Self::from(error),
            Error::Store(error) => Self::from(crm_core::Error::Store(error)),
            Error::Internal(what) => Self::Defect(what.to_owned()),
            error => Self::Account(Box::new(error)),
        }
    }
}

/// The name of a class of exceptions.
pub(crate) fn class(error: &Error) -> &'static str {
    match error.code() {
        "invalid" | "weak_password" => "invalid",
        "email_taken" | "username_taken" => "conflict",
        "not_found" => "not_found",
        _ => "unauthenticated",
    }
}

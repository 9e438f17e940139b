//! Applying a command.
//!
//! Invariant: a command that answers was committed once, whole; one that is refused has written nothing.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use super::Session;
use super::engine::{Asking, Options, Outcome, Request};
use crate::command::Command;
use crate::draft::{ChangeSet, ReadSet};
use crate::error::Error;
use crate::store::{Commit, Store, StoreError};

/// How often a command is decided again when others were faster. Each round somebody gets through.
const MOST_ATTEMPTS: u32 = 64;

impl<'a> Session<'a> {
    /// Applies a command. Await it as it is, or say more first:
    ///
    /// ```ignore
    /// session.apply(WinDeal::of(id)).if_version(3).with_key("request-17").await?;
    /// ```
    pub fn apply<C: Command>(&self, command: C) -> Apply<'a, C> {
        Apply { session: self.clone(), command, options: Options::default() }
    }
}

/// A command about to be applied; await it.
#[must_use = "nothing happens until it is awaited"]
pub struct Apply<'a, C> {
    session: Session<'a>,
    command: C,
    options: Options,
}

impl<C: fmt::Debug> fmt::Debug for Apply<'_, C> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Apply").field(&self.command).finish()
    }
}

impl<'a, C: Command> Apply<'a, C> {
    pub(super) fn founding(session: Session<'a>, command: C) -> Self {
        Self { session, command, options: Options { founding: true, ..Options::default() } }
    }

    /// Through another store, and nothing is read elsewhere.
    pub(super) fn on(mut self, store: &'a dyn Store) -> Self {
        self.session = Session { store, replica: None, ..self.session };
        self
    }

    /// Only if the record that the command is about is at this version.
    pub fn if_version(mut self, version: u64) -> Self {
        self.options.version = Some(version);
        self
    }

    /// At most once: the same request under the same key gets the first answer again, without the secret fields of the
    /// records in it: they are kept in the record alone.
    pub fn with_key(mut self, key: impl Into<String>) -> Self {
        self.options.key = Some(key.into());
        self
    }

    async fn run(self) -> Result<C::Output, Error> {
        let mut asking = Asking::of(&self.command);
        self.session.work(&mut asking, &self.options).await?;
        asking.answered()
    }
}

impl<'a, C: Command + 'a> IntoFuture for Apply<'a, C> {
    type Output = Result<C::Output, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl Session<'_> {
    /// Decides and commits, until nobody was faster.
    async fn work(&self, request: &mut dyn Request, options: &Options) -> Result<(), Error> {
        self.leave_replica();
        let seed = self.seed();
        let mut want = ReadSet::new();
        for _ in 0..MOST_ATTEMPTS {
            let verdict = self.decide(request, options, seed, &mut want).await?;
            let Outcome::Decided(changes) = verdict.outcome? else { return Ok(()) };
            if changes.is_empty() || self.commit(&changes).await? {
                return Ok(());
            }
        }
        Err(Error::Busy { attempts: MOST_ATTEMPTS })
    }

    /// Commits. `false` means that others were faster.
    async fn commit(&self, changes: &ChangeSet) -> Result<bool, Error> {
        match self.store.commit(changes).await {
            Ok(Commit::Applied) => Ok(true),
            Ok(Commit::Conflict(_)) => Ok(false),
            Err(error) if error.is_retryable() => self.find_out(changes, error).await,
            Err(error) => Err(error.into()),
        }
    }

    /// The answer to a commit was lost: asks the store whether it was applied.
    async fn find_out(&self, changes: &ChangeSet, error: StoreError) -> Result<bool, Error> {
        let command = changes.command();
        let want = ReadSet { command: Some(command), ..ReadSet::new() };
        match self.store.load(self.tenant, &want).await {
            Ok(snapshot) if snapshot.committed.get(&command) == Some(&true) => Ok(true),
            Ok(_) => Err(error.into()),
            Err(_) => Err(Error::OutcomeUnknown { command, source: error }),
        }
    }

    /// Commits what was planned, exactly; `Err` with what changed if the facts have.
    pub(super) async fn commit_planned(&self, changes: &ChangeSet) -> Result<(), Error> {
        self.leave_replica();
        match self.store.commit(changes).await {
            Ok(Commit::Applied) => Ok(()),
            Ok(Commit::Conflict(facts)) => {
                Err(Error::PlanOutdated(facts.iter().map(ToString::to_string).collect()))
            }
            Err(error) if error.is_retryable() => self.find_out(changes, error).await.map(|_| ()),
            Err(error) => Err(error.into()),
        }
    }
}

//! Accounts in memory: for tests and small tools, and the model of every other store of accounts.
//!
//! It keeps accounts only; the organisation of a registration goes to the engine's own store, which should be in memory too.
//! Until the engine has answered, the names of the new account are taken and the account is not there.
//!
//! Invariant: one lock guards everything, and no call waits while it holds it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use crm_core::store::StoreError;
use crm_core::value::{Instant, Problem, UserId};
use crm_core::{CreateOrganization, Crm, Registered};

use crate::account::{Account, Username};
use crate::error::Error;
use crate::lockout::Lockout;
use crate::password::Hash;
use crate::refresh::Digest;
use crate::store::{AccountStore, By, Change, Entry, Rotation, Session};

/// The store. Share it as an `Arc<dyn AccountStore>`.
#[derive(Debug, Default)]
pub struct MemoryAccounts {
    world: Mutex<World>,
}

#[derive(Debug, Default)]
struct World {
    entries: BTreeMap<UserId, Entry>,
    /// Accounts whose organisation the engine has not answered for yet.
    founding: BTreeMap<UserId, Entry>,
    sessions: BTreeMap<Digest, Session>,
}

/// What an account can be found by, beside its id.
fn names(account: &Account) -> (String, Option<String>) {
    (account.email.normal(), account.username.as_ref().map(Username::normal))
}

impl World {
    fn all(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().chain(self.founding.values())
    }

    fn check_free(&self, entry: &Entry) -> Result<(), Error> {
        let (email, username) = names(&entry.account);
        if self.all().any(|other| other.account.id == entry.account.id) {
            return Err(Error::field("id", Problem::forbidden("it is taken")));
        }
        let taken: BTreeSet<_> = self.all().map(|other| names(&other.account)).collect();
        if taken.iter().any(|(other, _)| *other == email) {
            return Err(Error::EmailTaken);
        }
        if username.is_some() && taken.iter().any(|(_, other)| *other == username) {
            return Err(Error::UsernameTaken);
        }
        Ok(())
    }

    fn find(&self, by: &By) -> Option<&Entry> {
        match by {
            By::Id(id) => self.entries.get(id),
            By::Email(email) => self.entries.values().find(|entry| names(&entry.account).0 == *email),
            By::Username(name) => {
                self.entries.values().find(|entry| names(&entry.account).1.as_ref() == Some(name))
            }
        }
    }

    fn is_current(&self, session: &Session) -> bool {
        let entry = self.entries.get(&session.user);
        entry.is_some_and(|entry| entry.account.active && entry.version == session.version)
    }
}

impl Entry {
    fn may_enter(&self, version: u64, now: Instant) -> bool {
        self.account.active && self.version == version && self.standing.lock(now).is_none()
    }

    fn give(&mut self, hash: &Hash) {
        self.hash = hash.clone();
        self.version += 1;
        self.standing = Default::default();
    }
}

impl MemoryAccounts {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something to an account, if it is there.
    fn with<T>(&self, user: UserId, work: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        self.world().entries.get_mut(&user).map(work)
    }
}

/// The names of an account that is not there yet: free again when this is dropped, whatever the engine said.
struct Founding<'a> {
    store: &'a MemoryAccounts,
    user: UserId,
}

impl Drop for Founding<'_> {
    fn drop(&mut self) {
        self.store.world().founding.remove(&self.user);
    }
}

#[async_trait]
impl AccountStore for MemoryAccounts {
    async fn add(&self, entry: &Entry) -> Result<(), Error> {
        let mut world = self.world();
        world.check_free(entry)?;
        world.entries.insert(entry.account.id, entry.clone());
        Ok(())
    }

    async fn register(
        &self,
        entry: &Entry,
        crm: &Crm,
        organization: CreateOrganization,
    ) -> Result<Registered, Error> {
        let user = entry.account.id;
        {
            let mut world = self.world();
            world.check_free(entry)?;
            world.founding.insert(user, entry.clone());
        }
        let _founding = Founding { store: self, user };
        let registered = crm.register(user, organization).await?;
        self.world().entries.insert(user, entry.clone());
        Ok(registered)
    }

    async fn find(&self, by: &By) -> Result<Option<Entry>, StoreError> {
        Ok(self.world().find(by).cloned())
    }

    async fn failed(&self, user: UserId, now: Instant, lockout: Lockout) -> Result<(), StoreError> {
        self.with(user, |entry| entry.standing = entry.standing.after_failure(now, lockout));
        Ok(())
    }

    async fn entered(
        &self,
        user: UserId,
        version: u64,
        now: Instant,
        upgraded: Option<&Hash>,
    ) -> Result<bool, StoreError> {
        let entered = self.with(user, |entry| {
            let may = entry.may_enter(version, now);
            if may {
                entry.account.last_login_at = Some(now);
                entry.standing = Default::default();
                entry.hash = upgraded.unwrap_or(&entry.hash).clone();
            }
            may
        });
        Ok(entered.unwrap_or(false))
    }

    async fn change(&self, user: UserId, change: &Change) -> Result<bool, StoreError> {
        let changed = self.with(user, |entry| {
            match change {
                Change::Name(name) => entry.account.name = name.clone(),
                Change::Active(active) => {
                    entry.account.active = *active;
                    entry.version += u64::from(!active);
                }
                Change::Password(hash) => entry.give(hash),
                Change::OwnPassword { hash, version, now } if entry.may_enter(*version, *now) => {
                    entry.give(hash);
                }
                Change::OwnPassword { .. } => return false,
                Change::Version => entry.version += 1,
            }
            true
        });
        Ok(changed.unwrap_or(false))
    }

    async fn open(&self, session: &Session) -> Result<(), StoreError> {
        self.world().sessions.insert(session.family, *session);
        Ok(())
    }

    async fn rotate(&self, rotation: &Rotation) -> Result<Option<Session>, StoreError> {
        let mut world = self.world();
        let Some(session) = world.sessions.get(&rotation.family).copied() else { return Ok(None) };
        let is_good = session.turn == rotation.used && !session.revoked && session.expires_at > rotation.now;
        if !is_good || !world.is_current(&session) {
            return Ok(None);
        }
        let next = Session { turn: rotation.next, expires_at: rotation.expires_at, ..session };
        world.sessions.insert(rotation.family, next);
        Ok(Some(next))
    }

    async fn session(&self, family: &Digest) -> Result<Option<Session>, StoreError> {
        Ok(self.world().sessions.get(family).copied())
    }

    async fn revoke(&self, family: &Digest) -> Result<bool, StoreError> {
        let mut world = self.world();
        let revoked = world.sessions.get_mut(family).map(|session| session.revoked = true);
        Ok(revoked.is_some())
    }

    async fn forget(&self, expired: Instant) -> Result<u64, StoreError> {
        let mut world = self.world();
        let before = world.sessions.len();
        world.sessions.retain(|_, session| session.expires_at > expired);
        Ok(u64::try_from(before - world.sessions.len()).unwrap_or(u64::MAX))
    }
}

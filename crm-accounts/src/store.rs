//! What accounts need of a store.
//!
//! A store decides nothing: what a wrong password does is [`Standing::after_failure`], and the rest are conditions that
//! stand in each method's sentence. `crm_accounts::testing` (with the feature `testing`) has the suite that proves one.
//!
//! Invariant: each call is done whole or not at all, and what it demands holds at the moment it is done.

use std::fmt;

use async_trait::async_trait;
use crm_core::store::StoreError;
use crm_core::value::{Email, Instant, Line, UserId};
use crm_core::{CreateOrganization, Crm, Registered};

use crate::account::{Account, Username};
use crate::error::Error;
use crate::lockout::{Lockout, Standing};
use crate::password::Hash;
use crate::refresh::Digest;

/// An account, with what is needed to let somebody in.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The account.
    pub account: Account,
    /// The hash of the password.
    pub hash: Hash,
    /// How often the credentials were given anew; what was given for an earlier version is not valid.
    pub version: u64,
    /// Its wrong passwords.
    pub standing: Standing,
}

impl fmt::Debug for Entry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Entry({}, version {}, {:?})", self.account.id, self.version, self.standing)
    }
}

/// What an account is found by.
#[derive(Clone, PartialEq, Eq)]
pub enum By {
    /// Its id.
    Id(UserId),
    /// The normal form of its e-mail address.
    Email(String),
    /// The normal form of its username.
    Username(String),
}

impl By {
    /// What somebody types to log in; nothing, if no account can have that name.
    #[must_use]
    pub fn login(name: &str) -> Option<Self> {
        if name.contains('@') {
            Email::parse(name).ok().map(|email| Self::Email(email.normal()))
        } else {
            Username::parse(name).ok().map(|name| Self::Username(name.normal()))
        }
    }
}

impl fmt::Debug for By {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(out, "Id({id})"),
            Self::Email(_) => out.write_str("Email(..)"),
            Self::Username(_) => out.write_str("Username(..)"),
        }
    }
}

/// A change of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Another name.
    Name(Line),
    /// Switched on or off; off, the version goes up.
    Active(bool),
    /// Another password; the version goes up, and no failure is remembered.
    Password(Hash),
    /// The same by the user: only if the version is still this one, and the account is active and not locked.
    OwnPassword {
        /// The hash of the new password.
        hash: Hash,
        /// The version whose password the user knew.
        version: u64,
        /// The time now.
        now: Instant,
    },
    /// The version goes up, and nothing else changes.
    Version,
}

/// One log-in, and how far its refresh tokens have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The digest of the family's secret: its key.
    pub family: Digest,
    /// The digest of the latest turn's secret.
    pub turn: Digest,
    /// Who logged in.
    pub user: UserId,
    /// The version of the credentials with which they did.
    pub version: u64,
    /// From when on the latest token is not valid.
    pub expires_at: Instant,
    /// Was it ended?
    pub revoked: bool,
}

/// The use of a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Its family.
    pub family: Digest,
    /// Its turn.
    pub used: Digest,
    /// The turn of the token that takes its place.
    pub next: Digest,
    /// The time now.
    pub now: Instant,
    /// From when on the next token is not valid.
    pub expires_at: Instant,
}

/// Where accounts are kept. Several processes may share one.
#[async_trait]
pub trait AccountStore: fmt::Debug + Send + Sync {
    /// Adds an account.
    ///
    /// # Errors
    /// [`Error::EmailTaken`], [`Error::UsernameTaken`], or [`Error::Invalid`] of `id` if that is taken; the store failed.
    async fn add(&self, entry: &Entry) -> Result<(), Error>;

    /// Adds an account and founds an organisation that it is the first member of, both or neither. The engine gives its
    /// rules; a database is written to in one transaction of the accounts' own.
    ///
    /// # Errors
    /// Those of [`AccountStore::add`]; the engine refused the organisation; the store failed.
    async fn register(
        &self,
        entry: &Entry,
        crm: &Crm,
        organization: CreateOrganization,
    ) -> Result<Registered, Error>;

    /// Finds an account.
    ///
    /// # Errors
    /// The store failed.
    async fn find(&self, by: &By) -> Result<Option<Entry>, StoreError>;

    /// Counts a wrong password, as [`Standing::after_failure`] says. Where there is no such account, nothing happens.
    ///
    /// # Errors
    /// The store failed.
    async fn failed(&self, user: UserId, now: Instant, lockout: Lockout) -> Result<(), StoreError>;

    /// Notes a log-in and forgets the failures before it, with another hash of the same password if one is given; only if
    /// the account is active, not locked, and its version is this one. Answers whether that was so.
    ///
    /// # Errors
    /// The store failed.
    async fn entered(
        &self,
        user: UserId,
        version: u64,
        now: Instant,
        upgraded: Option<&Hash>,
    ) -> Result<bool, StoreError>;

    /// Changes an account. Answers whether it is there and what the change demands was so.
    ///
    /// # Errors
    /// The store failed.
    async fn change(&self, user: UserId, change: &Change) -> Result<bool, StoreError>;

    /// Adds a session.
    ///
    /// # Errors
    /// The store failed.
    async fn open(&self, session: &Session) -> Result<(), StoreError>;

    /// Moves a session to its next turn and gives it as it is then: only if the turn that was used is the latest, the
    /// session is not revoked and its time not over, and the account is active and of the version of the session.
    ///
    /// # Errors
    /// The store failed.
    async fn rotate(&self, rotation: &Rotation) -> Result<Option<Session>, StoreError>;

    /// Finds a session.
    ///
    /// # Errors
    /// The store failed.
    async fn session(&self, family: &Digest) -> Result<Option<Session>, StoreError>;

    /// Ends a session. Answers whether there is one, ended before or not.
    ///
    /// # Errors
    /// The store failed.
    async fn revoke(&self, family: &Digest) -> Result<bool, StoreError>;

    /// Removes the sessions whose time was over at an instant, and says how many they were.
    ///
    /// # Errors
    /// The store failed.
    async fn forget(&self, expired: Instant) -> Result<u64, StoreError>;
}

//! Logging in, and whatever else asks for a password.
//!
//! Whoever does not know the right password learns nothing but that: an unknown name, a wrong password and a wrong password
//! of an account that is locked or switched off have one answer, after the same hashing and the same calls of the store.
//!
//! Invariant: nobody enters after the failure that locks was counted, however many try at the same time.

use std::fmt;

use crm_core::value::{Instant, UserId, Uuid};
use serde::Serialize;

use crate::account::Account;
use crate::accounts::Accounts;
use crate::error::Error;
use crate::policy::is_too_long;
use crate::sessions::Tokens;
use crate::store::{By, Change, Entry};

/// Whoever logged in.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Entered {
    /// The account.
    pub account: Account,
    /// What they show from now on.
    pub tokens: Tokens,
}

impl fmt::Debug for Entered {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Entered({})", self.account.id)
    }
}

/// Nobody's account: where there is none, its failures are counted.
const NOBODY: UserId = UserId::from_uuid(Uuid::nil());

impl Accounts {
    /// Lets somebody in, by e-mail address or username, and password.
    ///
    /// # Errors
    /// [`Error::BadCredentials`]; with the right password also [`Error::Locked`] and [`Error::Inactive`]; the store fails.
    pub async fn log_in(&self, name: &str, password: &str) -> Result<Entered, Error> {
        let now = self.now();
        let found = match By::login(name) {
            Some(by) => self.store.find(&by).await?,
            None => None,
        };
        let entry = self.judged(found, password, now).await?;
        let is_locked = entry.standing.lock(now).is_some();
        let outdated = !is_locked && self.passwords.is_outdated(&entry.hash);
        let upgraded = if outdated { Some(self.hash(password)?) } else { None };
        let Entry { account, version, .. } = entry;
        if !self.store.entered(account.id, version, now, upgraded.as_ref()).await? {
            return Err(self.why_not(account.id, version, now).await?);
        }
        let tokens = self.open(account.id, version, now).await?;
        Ok(Entered { account: Account { last_login_at: Some(now), ..account }, tokens })
    }

    /// Gives a user another password who knows the present one. Every token is revoked.
    ///
    /// # Errors
    /// The new one is not what the policy demands; those of [`Accounts::log_in`] for the present one; there is no such
    /// account; the store fails.
    pub async fn change_password(&self, user: UserId, present: &str, new: &str) -> Result<(), Error> {
        let now = self.now();
        self.policy.check(new)?;
        let found = self.store.find(&By::Id(user)).await?.ok_or(Error::NotFound)?;
        let version = self.judged(Some(found), present, now).await?.version;
        let change = Change::OwnPassword { hash: self.hash(new)?, version, now };
        if self.store.change(user, &change).await? {
            Ok(())
        } else {
            Err(self.why_not(user, version, now).await?)
        }
    }

    /// The account, if the password is its; else a failure is counted.
    async fn judged(&self, found: Option<Entry>, password: &str, now: Instant) -> Result<Entry, Error> {
        // Nobody has such a password, so that is said without work for the hash.
        if is_too_long(password) {
            return Err(Error::BadCredentials);
        }
        let fits = match &found {
            // The hash is compared all the same: this answer takes as long as the others.
            Some(entry) => {
                self.passwords.fits(&entry.hash, password) && !entry.standing.is_silent(now, self.lockout)
            }
            None => self.passwords.fits_nobody(password),
        };
        match found {
            Some(entry) if fits => Ok(entry),
            other => {
                let user = other.map_or(NOBODY, |entry| entry.account.id);
                self.store.failed(user, now, self.lockout).await?;
                Err(Error::BadCredentials)
            }
        }
    }

    /// Why somebody was not let in who knew the password of a version.
    async fn why_not(&self, user: UserId, version: u64, now: Instant) -> Result<Error, Error> {
        let entry = self.store.find(&By::Id(user)).await?;
        let Some(entry) = entry.filter(|entry| entry.version == version) else {
            return Ok(Error::BadCredentials);
        };
        Ok(match entry.standing.lock(now) {
            Some(_) if entry.standing.is_silent(now, self.lockout) => Error::BadCredentials,
            Some(until) => Error::Locked { until },
            None if entry.account.active => Error::BadCredentials,
            None => Error::Inactive,
        })
    }
}

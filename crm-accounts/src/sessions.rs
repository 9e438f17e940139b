//! What somebody shows who has logged in, and how they stay so.
//!
//! A log-in is a family of refresh tokens, of which one at a time is good; each use gives the next. Whoever copied one is
//! found out when it is used a second time, by whichever of the two comes later, and the family ends.
//!
//! Invariant: of two uses of one refresh token exactly one gives tokens, and an access token is never taken for a refresh
//! token, nor the reverse.

use std::fmt;

use crm_core::value::{Instant, UserId};
use serde::Serialize;

use crate::access::Authenticated;
use crate::account::Account;
use crate::accounts::Accounts;
use crate::error::Error;
use crate::refresh::Refresh;
use crate::store::{By, Rotation, Session};

/// An access token for requests, and a refresh token to get the next ones with.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Tokens {
    /// Shown with each request; read by [`Accounts::authenticate`].
    pub access: String,
    /// From when on the access token is not valid.
    pub access_expires_at: Instant,
    /// Shown once, to [`Accounts::refresh`].
    pub refresh: String,
    /// From when on the refresh token is not valid.
    pub refresh_expires_at: Instant,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "Tokens(access until {}, refresh until {})",
            self.access_expires_at, self.refresh_expires_at
        )
    }
}

impl Accounts {
    /// Whom an access token is about. Nothing is asked of the store, so what has happened to the account since the token was
    /// given is not known.
    ///
    /// # Errors
    /// [`Error::TokenInvalid`], [`Error::TokenExpired`].
    pub fn authenticate(&self, token: &str) -> Result<Authenticated, Error> {
        self.access.read(token, self.now())
    }

    /// The account that an access token is about, as it is now; only if its credentials are still those of the token.
    ///
    /// # Errors
    /// [`Error::TokenInvalid`], [`Error::TokenExpired`], [`Error::Inactive`]; the store fails.
    pub async fn authenticate_fresh(&self, token: &str) -> Result<Account, Error> {
        let Authenticated { user, version, .. } = self.authenticate(token)?;
        match self.store.find(&By::Id(user)).await? {
            Some(entry) if !entry.account.active => Err(Error::Inactive),
            Some(entry) if entry.version == version => Ok(entry.account),
            _ => Err(Error::TokenInvalid),
        }
    }

    /// New tokens for a refresh token, which is good for nothing from then on.
    ///
    /// # Errors
    /// [`Error::TokenInvalid`], [`Error::TokenExpired`], [`Error::Inactive`]; [`Error::TokenReused`] if it was used before,
    /// and its family is revoked with that; the store fails.
    pub async fn refresh(&self, token: &str) -> Result<Tokens, Error> {
        let now = self.now();
        let shown = Refresh::read(token)?;
        let next = shown.next(self.randomness.bytes());
        let expires_at = self.refresh_end(now);
        let rotation =
            Rotation { family: shown.family(), used: shown.turn(), next: next.turn(), now, expires_at };
        match self.store.rotate(&rotation).await? {
            Some(session) => self.tokens(&session, next, now),
            None => Err(self.why_not_again(shown, now).await?),
        }
    }

    /// Ends the log-in of a refresh token, also of one that was used. Doing it again does no harm. Access tokens that were
    /// given before are good until they expire.
    ///
    /// # Errors
    /// [`Error::TokenInvalid`]; the store fails.
    pub async fn log_out(&self, token: &str) -> Result<(), Error> {
        let shown = Refresh::read(token)?;
        if self.store.revoke(&shown.family()).await? { Ok(()) } else { Err(Error::TokenInvalid) }
    }

    /// Removes from the store the log-ins whose time is over, and says how many they were: for a host's daily round.
    ///
    /// # Errors
    /// The store fails.
    pub async fn forget_expired(&self) -> Result<u64, Error> {
        Ok(self.store.forget(self.now()).await?)
    }

    /// Begins a log-in. It is good only while the credentials are of this version.
    pub(crate) async fn open(&self, user: UserId, version: u64, now: Instant) -> Result<Tokens, Error> {
        let first = Refresh::first(self.randomness.bytes(), self.randomness.bytes());
        let (family, turn) = (first.family(), first.turn());
        let session =
            Session { family, turn, user, version, expires_at: self.refresh_end(now), revoked: false };
        self.store.open(&session).await?;
        self.tokens(&session, first, now)
    }

    fn tokens(&self, session: &Session, refresh: Refresh, now: Instant) -> Result<Tokens, Error> {
        let (access, access_expires_at) = self.access.sign(session.user, session.version, now)?;
        Ok(Tokens {
            access,
            access_expires_at,
            refresh: refresh.text(),
            refresh_expires_at: session.expires_at,
        })
    }

    fn refresh_end(&self, now: Instant) -> Instant {
        now.checked_add(self.refresh_lifetime).unwrap_or(Instant::MAX)
    }

    /// Why a refresh token gave nothing; one that was used before revokes its family.
    async fn why_not_again(&self, shown: Refresh, now: Instant) -> Result<Error, Error> {
        let Some(session) = self.store.session(&shown.family()).await? else {
            return Ok(Error::TokenInvalid);
        };
        if session.turn != shown.turn() {
            self.store.revoke(&session.family).await?;
            return Ok(Error::TokenReused);
        }
        if !session.revoked && session.expires_at <= now {
            return Ok(Error::TokenExpired);
        }
        let is_inactive = |entry: crate::store::Entry| !entry.account.active;
        let inactive = self.store.find(&By::Id(session.user)).await?.is_some_and(is_inactive);
        Ok(if inactive { Error::Inactive } else { Error::TokenInvalid })
    }
}

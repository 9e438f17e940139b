//! Accounts: made, found and changed.
//!
//! Invariant: passwords are hashed before a store is asked, so no store waits for a hash.

use std::sync::Arc;

use crm_core::clock::{Clock, SystemClock};
use crm_core::seed::{IdSource, RandomIds, Randomness, SystemRandomness};
use crm_core::value::{Email, Instant, Line, TimeDelta, UserId};
use crm_core::{CreateOrganization, Crm, Registered};

use crate::access::{AccessTokens, Secret};
use crate::account::{Account, ExistingAccount, NewAccount, field};
use crate::error::Error;
use crate::lockout::Lockout;
use crate::password::{Cost, Hash, Passwords};
use crate::policy::PasswordPolicy;
use crate::store::{AccountStore, By, Change, Entry};

/// The accounts of an installation. A host makes one and shares it.
#[derive(Clone, Debug)]
pub struct Accounts {
    pub(crate) store: Arc<dyn AccountStore>,
    pub(crate) clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    pub(crate) randomness: Arc<dyn Randomness>,
    pub(crate) policy: PasswordPolicy,
    pub(crate) passwords: Passwords,
    pub(crate) lockout: Lockout,
    pub(crate) access: AccessTokens,
    pub(crate) refresh_lifetime: TimeDelta,
}

impl Accounts {
    /// Accounts in a store, whose access tokens are signed with a secret.
    #[must_use]
    pub fn new(store: Arc<dyn AccountStore>, secret: Secret) -> Self {
        Self {
            store,
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds::default()),
            randomness: Arc::new(SystemRandomness),
            policy: PasswordPolicy::default(),
            passwords: Passwords::default(),
            lockout: Lockout::default(),
            access: AccessTokens {
                issuer: "crm".to_owned(),
                lifetime: TimeDelta::minutes(15),
                secrets: (secret, Vec::new()),
            },
            refresh_lifetime: TimeDelta::days(7),
        }
    }

    /// In another store, with everything else as it is.
    #[must_use]
    pub fn with_store(mut self, store: Arc<dyn AccountStore>) -> Self {
        self.store = store;
        self
    }

    /// Accepts access tokens that were signed with an older secret too, until the last of them has expired.
    #[must_use]
    pub fn accepting(mut self, older: Secret) -> Self {
        self.access.secrets.1.push(older);
        self
    }

    /// With another name in access tokens than `crm`; those of another name are refused.
    #[must_use]
    pub fn issued_by(mut self, issuer: impl Into<String>) -> Self {
        self.access.issuer = issuer.into();
        self
    }

    /// With other lifetimes of tokens than 15 minutes for access and 7 days for a refresh.
    #[must_use]
    pub fn with_lifetimes(mut self, access: TimeDelta, refresh: TimeDelta) -> Self {
        self.access.lifetime = access;
        self.refresh_lifetime = refresh;
        self
    }

    /// With other demands on passwords.
    #[must_use]
    pub fn with_policy(mut self, policy: PasswordPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// With another cost of hashes. Those of an older cost are made anew at the next log-in.
    #[must_use]
    pub fn with_cost(mut self, cost: Cost) -> Self {
        self.passwords.cost = cost;
        self
    }

    /// With another lock after wrong passwords.
    #[must_use]
    pub fn with_lockout(mut self, lockout: Lockout) -> Self {
        self.lockout = lockout;
        self
    }

    /// With another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// With another source of ids.
    #[must_use]
    pub fn with_ids(mut self, ids: Arc<dyn IdSource>) -> Self {
        self.ids = ids;
        self
    }

    /// With another source of salts and secrets.
    #[must_use]
    pub fn with_randomness(mut self, randomness: Arc<dyn Randomness>) -> Self {
        self.randomness = randomness;
        self
    }

    /// Makes an account and its first organisation, in one commit.
    ///
    /// The engine gives the rules, and must be one over the database that the accounts are in.
    ///
    /// # Errors
    /// A value is not accepted, the e-mail address or the username is taken, the engine refuses the organisation, or the
    /// store fails; there is neither an account nor an organisation then.
    pub async fn register(
        &self,
        crm: &Crm,
        new: NewAccount,
        organization: CreateOrganization,
    ) -> Result<(Account, Registered), Error> {
        let entry = self.entry(&new)?;
        let registered = self.store.register(&entry, crm, organization).await?;
        Ok((entry.account, registered))
    }

    /// Makes an account without an organisation: for somebody who is to become a member of one.
    ///
    /// # Errors
    /// A value is not accepted, the e-mail address or the username is taken, or the store fails.
    pub async fn create(&self, new: NewAccount) -> Result<Account, Error> {
        let entry = self.entry(&new)?;
        self.store.add(&entry).await?;
        Ok(entry.account)
    }

    /// Brings in an account that was somewhere else before, with the hash of its password.
    ///
    /// # Errors
    /// A value is not accepted, the id, the e-mail address or the username is taken, or the store fails.
    pub async fn bring_in(&self, existing: ExistingAccount) -> Result<Account, Error> {
        let ExistingAccount { id, email, name, username, hash, active, created_at } = existing;
        let now = self.now();
        let id = id.map_or_else(|| self.new_id(now), Ok)?;
        let read = Account::read(id, (&email, &name, username.as_deref()), created_at.unwrap_or(now))?;
        let entry = Account { active, ..read }.with(field("hash", Hash::parse(&hash))?);
        self.store.add(&entry).await?;
        Ok(entry.account)
    }

    /// The account of a user.
    ///
    /// # Errors
    /// The store fails.
    pub async fn find(&self, user: UserId) -> Result<Option<Account>, Error> {
        Ok(self.store.find(&By::Id(user)).await?.map(|entry| entry.account))
    }

    /// The account with an e-mail address, in whatever case that is written.
    ///
    /// # Errors
    /// The store fails. What is no address belongs to nobody.
    pub async fn find_by_email(&self, email: &str) -> Result<Option<Account>, Error> {
        let Ok(email) = Email::parse(email) else { return Ok(None) };
        Ok(self.store.find(&By::Email(email.normal())).await?.map(|entry| entry.account))
    }

    /// Gives an account another name.
    ///
    /// # Errors
    /// It is no name, there is no such account, or the store fails.
    pub async fn rename(&self, user: UserId, name: &str) -> Result<(), Error> {
        self.change(user, Change::Name(field("name", Line::parse(name))?)).await
    }

    /// Switches an account off: nobody logs in, and no refresh token works. Access tokens that were given before are good
    /// until they expire, but for [`Accounts::authenticate_fresh`].
    ///
    /// # Errors
    /// There is no such account, or the store fails.
    pub async fn deactivate(&self, user: UserId) -> Result<(), Error> {
        self.change(user, Change::Active(false)).await
    }

    /// Switches an account on. What was given before it was switched off stays revoked.
    ///
    /// # Errors
    /// There is no such account, or the store fails.
    pub async fn activate(&self, user: UserId) -> Result<(), Error> {
        self.change(user, Change::Active(true)).await
    }

    /// Gives an account another password, by an administrator of the host. A lock is taken off, and every token is revoked.
    ///
    /// # Errors
    /// The password is not what the policy demands, there is no such account, or the store fails.
    pub async fn set_password(&self, user: UserId, password: &str) -> Result<(), Error> {
        self.policy.check(password)?;
        let hash = self.hash(password)?;
        self.change(user, Change::Password(hash)).await
    }

    /// Ends every log-in of a user.
    ///
    /// # Errors
    /// There is no such account, or the store fails.
    pub async fn log_out_everywhere(&self, user: UserId) -> Result<(), Error> {
        self.change(user, Change::Version).await
    }

    async fn change(&self, user: UserId, change: Change) -> Result<(), Error> {
        if self.store.change(user, &change).await? { Ok(()) } else { Err(Error::NotFound) }
    }

    fn entry(&self, new: &NewAccount) -> Result<Entry, Error> {
        let now = self.now();
        let said = (&*new.email, &*new.name, new.username.as_deref());
        let account = Account::read(self.new_id(now)?, said, now)?;
        self.policy.check(&new.password)?;
        Ok(account.with(self.hash(&new.password)?))
    }

    fn new_id(&self, now: Instant) -> Result<UserId, Error> {
        self.ids.seed(now).id(0).map(UserId::from_uuid).ok_or(Error::Internal("an id"))
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) fn hash(&self, password: &str) -> Result<Hash, Error> {
        self.passwords.hash(password, self.randomness.bytes())
    }
}

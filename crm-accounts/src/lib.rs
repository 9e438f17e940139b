//! Accounts for hosts of the CRM engine that have no users of their own.
//!
//! The engine knows users by their ids and nothing else. This crate keeps who they are: an e-mail address, a name, a hash of
//! a password; it lets them in, and gives them tokens. A host that has users already needs none of it.
//!
//! [`Accounts`] is what a host makes. It needs a store: [`MemoryAccounts`] here, or those of `crm-store-sqlx` with its
//! feature `accounts`, where an account and its first organisation are one commit.
//!
//! ```
//! use std::sync::Arc;
//!
//! use crm_accounts::{Accounts, Cost, MemoryAccounts, NewAccount, Secret};
//! use crm_core::{CreateOrganization, Crm, Profile};
//! use crm_store_memory::MemoryStore;
//!
//! # async fn story() -> Result<(), Box<dyn std::error::Error>> {
//! let crm = Crm::new(Arc::new(MemoryStore::new()), Profile::preset("general")?);
//! let secret = Secret::new("32 bytes or more that nobody else knows")?;
//! let accounts = Accounts::new(Arc::new(MemoryAccounts::new()), secret);
//! # let accounts = accounts.with_cost(Cost::for_tests());
//!
//! let ada = NewAccount::new("ada@example.com", "Ada", "correct horse");
//! let (ada, founded) = accounts.register(&crm, ada, CreateOrganization::new().name("Archer Roofing")).await?;
//!
//! let entered = accounts.log_in("ADA@example.com", "correct horse").await?;
//! let user = accounts.authenticate(&entered.tokens.access)?.user;
//! assert_eq!(user, ada.id);
//! let session = crm.act(founded.organization.id, user);
//! # Ok(())
//! # }
//! # pollster::block_on(story()).unwrap();
//! ```
//!
//! Invariant: a password is nowhere kept, and no debug output shows an e-mail address, a password, a hash or a token.

mod access;
mod account;
mod accounts;
mod error;
mod lockout;
mod login;
mod memory;
mod password;
mod policy;
mod refresh;
mod sessions;
mod store;
#[cfg(feature = "testing")]
pub mod testing;

pub use self::access::{Authenticated, Secret};
pub use self::account::{Account, ExistingAccount, NewAccount, Username};
pub use self::accounts::Accounts;
pub use self::error::Error;
pub use self::lockout::{Lockout, Standing};
pub use self::login::Entered;
pub use self::memory::MemoryAccounts;
pub use self::password::{Cost, Hash};
pub use self::policy::{PasswordPolicy, Shortcoming};
pub use self::refresh::Digest;
pub use self::sessions::Tokens;
pub use self::store::{AccountStore, By, Change, Entry, Rotation, Session};

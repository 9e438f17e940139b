//! What every store of accounts must do.
//!
//! Each body is one sentence about a store, over an empty one; [`account_store_conformance!`](crate::account_store_conformance)
//! declares a test for each.
//!
//! Invariant: a body needs nothing but the contract, and finds the same in every store.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "the bodies are tests: they end in a panic when a store is wrong"
)]

pub mod login;
pub mod races;
pub mod registration;
pub mod tokens;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use crm_core::clock::ManualClock;
use crm_core::store::Store;
use crm_core::value::TimeDelta;
use crm_core::{CreateOrganization, Crm, Profile};

use crate::Secret;
use crate::account::{Account, NewAccount};
use crate::accounts::Accounts;
use crate::error::Error;
use crate::lockout::Lockout;
use crate::login::Entered;
use crate::password::Cost;
use crate::store::{AccountStore, By, Entry};

/// Declares a test for each body of the suite.
///
/// The first argument is an `async fn` without arguments that gives `((accounts, engine), kept)`: an empty store of accounts
/// and the engine's store over the same database, as `Arc<dyn AccountStore>` and `Arc<dyn Store>`, and whatever must live as
/// long as they do. The second runs a future to its end, from any thread.
#[macro_export]
macro_rules! account_store_conformance {
    ($make:path, $block_on:path) => {
        $crate::account_store_conformance!(@ $make, $block_on;
            registration {
                an_account_and_its_organization_are_there_together,
                a_refused_organization_leaves_no_account,
                an_account_needs_no_organization,
                a_name_that_is_taken_is_refused_and_leaves_no_organization,
                what_is_kept_comes_back_as_it_was,
                every_value_is_checked_and_its_field_named,
                an_account_is_found_by_its_id_and_its_address,
            }
            login {
                an_account_is_entered_by_address_and_by_username,
                whoever_knows_no_password_gets_one_answer,
                wrong_passwords_lock_and_time_unlocks,
                a_lock_tells_only_so_often_that_it_is_there,
                a_right_password_forgets_the_wrong_ones,
                a_hash_of_bcrypt_is_taken_once_and_made_better,
                a_hash_of_another_cost_is_made_anew,
                nobody_enters_an_account_that_is_switched_off,
                a_changed_password_needs_the_old_one,
                guessing_by_way_of_a_change_locks_too,
                an_administrator_sets_a_password_and_takes_off_a_lock,
            }
            tokens {
                a_refresh_token_is_good_once,
                a_token_that_was_used_revokes_its_family,
                a_refresh_token_expires_and_is_forgotten,
                logging_out_ends_one_family,
                another_password_revokes_everything,
                an_account_that_is_switched_off_revokes_everything,
                logging_out_everywhere_revokes_everything,
                no_token_is_taken_for_one_of_the_other_kind,
            }
            races {
                one_of_many_gets_an_address,
                one_of_many_gets_a_username,
                one_of_many_uses_of_a_refresh_token_gives_tokens,
                no_failure_is_lost_and_nobody_enters_after_the_last,
                right_passwords_lock_nobody_out,
            }
        );
    };
    (@ $make:path, $block_on:path; $($area:ident { $($body:ident,)* })*) => {
        $($(
            #[test]
            fn $body() {
                let ((accounts, engine), _kept) = $block_on($make());
                let world = $crate::testing::World::new(accounts, engine, |future| $block_on(future));
                $block_on($crate::testing::$area::$body(&world));
            }
        )*)*
    };
}

/// Work for a thread.
pub type Work<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Wrong passwords that lock, in the suite.
pub(crate) const FAILURES: u32 = 3;
/// The password of everybody, in the suite.
pub(crate) const PASSWORD: &str = "correct horse";

/// An empty store and the engine beside it, at a time that stands still.
pub struct World {
    pub(crate) accounts: Accounts,
    pub(crate) store: Arc<dyn AccountStore>,
    pub(crate) crm: Crm,
    pub(crate) clock: Arc<ManualClock>,
    run: fn(Work<'_>),
}

impl fmt::Debug for World {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "World({:?})", self.store)
    }
}

impl World {
    /// A world over empty stores of one database, and how to run a future to its end.
    #[must_use]
    pub fn new(store: Arc<dyn AccountStore>, engine: Arc<dyn Store>, run: fn(Work<'_>)) -> Self {
        let clock = Arc::new(ManualClock::at("2026-03-01T09:00:00.123456Z".parse().expect("a time")));
        let profile = Profile::preset("general").expect("a preset");
        let lockout = Lockout { failures: FAILURES, time: TimeDelta::minutes(15) };
        let secret = Secret::new("of the suite, and not a secret at all").expect("long enough");
        let accounts = Accounts::new(store.clone(), secret)
            .with_clock(clock.clone())
            .with_cost(Cost::for_tests())
            .with_lockout(lockout);
        let crm = Crm::new(engine, profile).with_clock(clock.clone());
        Self { accounts, store, crm, clock, run }
    }

    /// Ada, with her organisation.
    pub(crate) async fn ada(&self) -> Account {
        let ada = NewAccount::new("Ada@example.com", "Ada", PASSWORD).username("Countess");
        self.accounts.register(&self.crm, ada, organization()).await.expect("registered").0
    }

    pub(crate) async fn enter(&self, password: &str) -> Result<Entered, Error> {
        self.accounts.log_in("ada@example.com", password).await
    }

    pub(crate) async fn entry(&self, account: &Account) -> Entry {
        let found = self.store.find(&By::Id(account.id)).await.expect("an answer");
        found.expect("an account")
    }

    /// Does something so many times at once, each time on a thread of its own.
    pub(crate) fn at_once<'w, T: Send, F: Future<Output = T> + Send>(
        &'w self,
        times: usize,
        work: impl Fn(usize) -> F + Sync + 'w,
    ) -> Vec<T> {
        let answers = Mutex::new(Vec::new());
        std::thread::scope(|threads| {
            for number in 0..times {
                let (work, answers) = (&work, &answers);
                threads.spawn(move || {
                    (self.run)(Box::pin(async move {
                        let answer = work(number).await;
                        answers.lock().unwrap_or_else(PoisonError::into_inner).push(answer);
                    }));
                });
            }
        });
        answers.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn organization() -> CreateOrganization {
    CreateOrganization::new().name("Archer Roofing")
}

/// The code of a refusal.
pub(crate) fn code<T>(answer: Result<T, Error>) -> &'static str {
    match answer {
        Ok(_) => "ok",
        Err(error @ (Error::Store(_) | Error::Internal(_))) => panic!("{error:?}"),
        Err(error) => error.code(),
    }
}

//! Many at the same time, each on a thread of its own.
//!
//! Invariant: as many of them succeed as would one after the other.

use crm_core::value::{Line, OrganizationId, Uuid};
use crm_core::{Actor, CreateOrganization};

use super::{FAILURES, PASSWORD, World, code};
use crate::account::NewAccount;

const ROUNDS: usize = 100;
const AT_ONCE: usize = 4;

fn count(codes: &[&str], wanted: &str) -> usize {
    codes.iter().filter(|code| **code == wanted).count()
}

/// Whether with an organisation or without; and who gets none has founded nothing.
pub async fn one_of_many_gets_an_address(world: &World) {
    let id = |round: usize, number: usize| {
        OrganizationId::from_uuid(Uuid::from_u64_pair(round as u64, number as u64 + 1))
    };
    for round in 0..ROUNDS {
        let codes = world.at_once(AT_ONCE, |number| async move {
            // The same address in four forms.
            let letter = if number % 2 == 0 { 'a' } else { 'A' };
            let new = NewAccount::new(format!("{letter}{round}@example.com"), "Ada", PASSWORD);
            if number < 2 {
                let founding = CreateOrganization::with_id(id(round, number)).name("Archer Roofing");
                code(world.accounts.register(&world.crm, new, founding).await)
            } else {
                code(world.accounts.create(new).await)
            }
        });
        assert_eq!(count(&codes, "ok"), 1, "{codes:?}");
        assert_eq!(count(&codes, "email_taken"), AT_ONCE - 1, "{codes:?}");
        let ada = world.accounts.find_by_email(&format!("a{round}@example.com")).await;
        let ada = ada.expect("an answer").expect("one of them");
        let hers = world.crm.organizations_of(ada.id).await.expect("an answer").len();
        let mut founded = 0;
        for number in 0..2 {
            let reason = Line::parse("a test").expect("a line");
            let session = world.crm.act(id(round, number), Actor::System { reason });
            founded += usize::from(session.get(id(round, number)).await.is_ok());
        }
        assert_eq!(founded, hers);
    }
}

/// The others keep nothing of what they said.
pub async fn one_of_many_gets_a_username(world: &World) {
    for round in 0..ROUNDS / 4 {
        let email = |number| format!("{number}.{round}@example.com");
        let codes = world.at_once(AT_ONCE, |number| async move {
            let new = NewAccount::new(email(number), "Ada", PASSWORD).username(format!("ada{round}"));
            code(world.accounts.create(new).await)
        });
        assert_eq!(count(&codes, "ok"), 1, "{codes:?}");
        assert_eq!(count(&codes, "username_taken"), AT_ONCE - 1, "{codes:?}");
        let mut there = 0;
        for number in 0..AT_ONCE {
            there +=
                usize::from(world.accounts.find_by_email(&email(number)).await.expect("an answer").is_some());
        }
        assert_eq!(there, 1);
    }
}

/// The others find that it was used, which ends the family.
pub async fn one_of_many_uses_of_a_refresh_token_gives_tokens(world: &World) {
    world.ada().await;
    for _ in 0..ROUNDS {
        let tokens = world.enter(PASSWORD).await.expect("entered").tokens;
        let token = &*tokens.refresh;
        let codes = world.at_once(AT_ONCE, |_| async move { code(world.accounts.refresh(token).await) });
        assert_eq!(count(&codes, "ok"), 1, "{codes:?}");
        assert_eq!(count(&codes, "token_reused"), AT_ONCE - 1, "{codes:?}");
    }
}

/// Guesses at the same time are counted one by one.
pub async fn no_failure_is_lost_and_nobody_enters_after_the_last(world: &World) {
    let ada = world.ada().await;
    for _ in 0..ROUNDS / 10 {
        let guesses = 2 * FAILURES as usize - 1;
        let codes = world.at_once(guesses, |_| async move { code(world.enter("wrong").await) });
        assert_eq!(count(&codes, "bad_credentials"), guesses);
        let standing = world.entry(&ada).await.standing;
        assert_eq!(standing.failures as usize, guesses);
        assert!(standing.locked_until.is_some());
        let codes = world.at_once(AT_ONCE, |_| async move { code(world.enter(PASSWORD).await) });
        assert_eq!(count(&codes, "locked"), AT_ONCE);
        world.clock.advance_hours(1);
        assert_eq!(code(world.enter(PASSWORD).await), "ok");
    }
}

/// However many of them there are.
pub async fn right_passwords_lock_nobody_out(world: &World) {
    world.ada().await;
    for _ in 0..ROUNDS / 10 {
        let codes = world.at_once(AT_ONCE, |_| async move { code(world.enter(PASSWORD).await) });
        assert_eq!(count(&codes, "ok"), AT_ONCE, "{codes:?}");
    }
}

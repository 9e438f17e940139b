//! Many at the same time, each on a thread of its own.
//!
//! Invariant: as many of them succeed as would one after the other.

use super::{FAILURES, PASSWORD, World, code, organization};
use crate::account::NewAccount;

const ROUNDS: usize = 100;
const AT_ONCE: usize = 4;

fn count(codes: &[&str], wanted: &str) -> usize {
    codes.iter().filter(|code| **code == wanted).count()
}

/// Whether with an organisation or without; and there are no more organisations than accounts.
pub async fn one_of_many_gets_an_address(world: &World) {
    for round in 0..ROUNDS {
        let codes = world.at_once(AT_ONCE, |number| async move {
            // The same address in four forms.
            let letter = if number % 2 == 0 { 'a' } else { 'A' };
            let new = NewAccount::new(format!("{letter}{round}@example.com"), "Ada", PASSWORD);
            if number < 2 {
                code(world.accounts.register(&world.crm, new, organization()).await)
            } else {
                code(world.accounts.create(new).await)
            }
        });
        assert_eq!(count(&codes, "ok"), 1, "{codes:?}");
        assert_eq!(count(&codes, "email_taken"), AT_ONCE - 1, "{codes:?}");
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

//! What a log-in gives, and how that ends.
//!
//! Invariant: whatever ends a log-in, its refresh token gives nothing any more.

use crm_core::value::TimeDelta;

use super::{PASSWORD, World, code};
use crate::sessions::Tokens;

async fn entered(world: &World) -> Tokens {
    world.enter(PASSWORD).await.expect("entered").tokens
}

/// And gives another, any number of times.
pub async fn a_refresh_token_is_good_once(world: &World) {
    let ada = world.ada().await;
    let mut tokens = entered(world).await;
    for _ in 0..5 {
        world.clock.advance_days(6);
        let next = world.accounts.refresh(&tokens.refresh).await.expect("tokens");
        assert_ne!(next.refresh, tokens.refresh);
        assert_eq!(world.accounts.authenticate(&next.access).expect("a token").user, ada.id);
        let fresh = world.accounts.authenticate_fresh(&next.access).await.expect("an account");
        assert_eq!(fresh.id, ada.id);
        let ends = world.accounts.now().plus_days(7);
        assert_eq!(next.refresh_expires_at, ends);
        assert_eq!(code(world.accounts.authenticate(&tokens.access)), "token_expired");
        tokens = next;
    }
}

/// However long ago that was; and no other family.
pub async fn a_token_that_was_used_revokes_its_family(world: &World) {
    world.ada().await;
    for turns in 1..=3 {
        let (first, other) = (entered(world).await, entered(world).await);
        let mut last = first.clone();
        for _ in 0..turns {
            last = world.accounts.refresh(&last.refresh).await.expect("tokens");
        }
        assert_eq!(code(world.accounts.refresh(&first.refresh).await), "token_reused");
        assert_eq!(code(world.accounts.refresh(&last.refresh).await), "token_invalid");
        assert_eq!(code(world.accounts.refresh(&first.refresh).await), "token_reused");
        assert_eq!(code(world.accounts.refresh(&other.refresh).await), "ok");
    }
}

/// Not before its time, and with a word of its own.
pub async fn a_refresh_token_expires_and_is_forgotten(world: &World) {
    world.ada().await;
    let (kept, lost) = (entered(world).await, entered(world).await);
    world.clock.advance(TimeDelta::days(7) - TimeDelta::microseconds(1));
    assert_eq!(world.accounts.forget_expired().await.expect("an answer"), 0);
    let kept = world.accounts.refresh(&kept.refresh).await.expect("tokens");
    world.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(code(world.accounts.refresh(&lost.refresh).await), "token_expired");
    assert_eq!(world.accounts.forget_expired().await.expect("an answer"), 1);
    assert_eq!(code(world.accounts.refresh(&lost.refresh).await), "token_invalid");
    assert_eq!(code(world.accounts.refresh(&kept.refresh).await), "ok");
}

/// By any of its tokens, and once is enough.
pub async fn logging_out_ends_one_family(world: &World) {
    world.ada().await;
    let (first, other) = (entered(world).await, entered(world).await);
    let second = world.accounts.refresh(&first.refresh).await.expect("tokens");
    for token in [&first.refresh, &second.refresh, &second.refresh] {
        assert_eq!(code(world.accounts.log_out(token).await), "ok");
        assert_eq!(code(world.accounts.refresh(&second.refresh).await), "token_invalid");
    }
    assert_eq!(code(world.accounts.refresh(&other.refresh).await), "ok");
    // What was given for requests is good until its time is over.
    assert_eq!(code(world.accounts.authenticate(&second.access)), "ok");
}

async fn is_revoked(world: &World, tokens: &[Tokens], why: &str) {
    for given in tokens {
        assert_eq!(code(world.accounts.refresh(&given.refresh).await), why);
        assert_eq!(code(world.accounts.authenticate_fresh(&given.access).await), why);
        assert_eq!(code(world.accounts.authenticate(&given.access)), "ok");
    }
}

/// By the user or by an administrator.
pub async fn another_password_revokes_everything(world: &World) {
    let ada = world.ada().await;
    let before = [entered(world).await, entered(world).await];
    world.accounts.change_password(ada.id, PASSWORD, "another horse").await.expect("changed");
    is_revoked(world, &before, "token_invalid").await;
    let between = world.enter("another horse").await.expect("entered").tokens;
    assert_eq!(code(world.accounts.authenticate_fresh(&between.access).await), "ok");
    world.accounts.set_password(ada.id, PASSWORD).await.expect("set");
    is_revoked(world, &[between], "token_invalid").await;
    let after = entered(world).await;
    assert_eq!(code(world.accounts.refresh(&after.refresh).await), "ok");
}

/// For good, also when it is switched on again.
pub async fn an_account_that_is_switched_off_revokes_everything(world: &World) {
    let ada = world.ada().await;
    let before = [entered(world).await];
    world.accounts.deactivate(ada.id).await.expect("switched off");
    is_revoked(world, &before, "inactive").await;
    world.accounts.activate(ada.id).await.expect("switched on");
    is_revoked(world, &before, "token_invalid").await;
    let after = entered(world).await;
    world.accounts.activate(ada.id).await.expect("switched on");
    assert_eq!(code(world.accounts.refresh(&after.refresh).await), "ok");
}

/// With the same password as before.
pub async fn logging_out_everywhere_revokes_everything(world: &World) {
    let ada = world.ada().await;
    let before = [entered(world).await, entered(world).await];
    world.accounts.log_out_everywhere(ada.id).await.expect("logged out");
    is_revoked(world, &before, "token_invalid").await;
    assert_eq!(code(world.enter(PASSWORD).await), "ok");
}

/// And what is no token at all is neither.
pub async fn no_token_is_taken_for_one_of_the_other_kind(world: &World) {
    world.ada().await;
    let tokens = entered(world).await;
    for text in [&*tokens.refresh, "", ".", "..", "null", &"a".repeat(86)] {
        assert_eq!(code(world.accounts.authenticate(text)), "token_invalid");
        assert_eq!(code(world.accounts.authenticate_fresh(text).await), "token_invalid");
    }
    for text in [&*tokens.access, "", ".", "..", "null", &"A".repeat(86), &"a".repeat(85)] {
        assert_eq!(code(world.accounts.refresh(text).await), "token_invalid");
        assert_eq!(code(world.accounts.log_out(text).await), "token_invalid");
    }
    assert_eq!(code(world.accounts.refresh(&tokens.refresh).await), "ok");
}

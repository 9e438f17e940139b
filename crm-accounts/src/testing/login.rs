//! Who is let in, and who is locked out.
//!
//! Invariant: every refusal is the one that its sentence names, and none says more.

use crm_core::value::TimeDelta;

use super::{FAILURES, PASSWORD, World, code};
use crate::account::ExistingAccount;
use crate::error::Error;
use crate::lockout::Standing;
use crate::password::Cost;

/// And that is noted.
pub async fn an_account_is_entered_by_address_and_by_username(world: &World) {
    let ada = world.ada().await;
    for name in ["ada@example.com", " ADA@EXAMPLE.COM", "countess", "COUNTESS "] {
        world.clock.advance_hours(1);
        let entered = world.accounts.log_in(name, PASSWORD).await.expect("entered");
        assert_eq!(entered.account.id, ada.id);
        assert_eq!(entered.account.last_login_at, Some(world.accounts.now()));
        assert_eq!(world.accounts.find(ada.id).await.expect("an answer"), Some(entered.account));
        let read = world.accounts.authenticate(&entered.tokens.access).expect("a token");
        assert_eq!((read.user, read.version), (ada.id, 1));
    }
}

/// A name of nobody, a wrong password, and what is neither.
pub async fn whoever_knows_no_password_gets_one_answer(world: &World) {
    world.ada().await;
    let long = "a".repeat(5_000);
    let too_long = format!("{PASSWORD}{long}");
    for (name, password) in [
        ("ben@example.com", PASSWORD),
        ("ben", PASSWORD),
        ("", PASSWORD),
        ("@", PASSWORD),
        (&*long, PASSWORD),
        ("ada", PASSWORD),
        ("ada@example.com", "Correct horse"),
        ("ada@example.com", &*too_long),
        ("ada@example.com", ""),
    ] {
        let answer = world.accounts.log_in(name, password).await;
        assert!(matches!(answer, Err(Error::BadCredentials)), "{answer:?}");
    }
}

/// The last one that is allowed locks; the right password is told until when, and a wrong one nothing.
pub async fn wrong_passwords_lock_and_time_unlocks(world: &World) {
    let ada = world.ada().await;
    let until = world.accounts.now().checked_add(TimeDelta::minutes(15)).expect("a time");
    for number in 1..=FAILURES {
        assert_eq!(world.entry(&ada).await.standing.locked_until, None);
        assert_eq!(code(world.enter("wrong").await), "bad_credentials");
        assert_eq!(world.entry(&ada).await.standing.failures, number);
    }
    let answer = world.enter(PASSWORD).await;
    assert!(matches!(answer, Err(Error::Locked { until: told }) if told == until), "{answer:?}");
    world.clock.advance(TimeDelta::minutes(10));
    // One more makes the lock no longer.
    assert_eq!(code(world.enter("wrong").await), "bad_credentials");
    world.clock.advance(TimeDelta::minutes(5) - TimeDelta::microseconds(1));
    assert_eq!(code(world.enter(PASSWORD).await), "locked");
    world.clock.advance(TimeDelta::microseconds(1));
    // The lock is over, and so is what was before it.
    assert_eq!(code(world.enter("wrong").await), "bad_credentials");
    assert_eq!(world.entry(&ada).await.standing, Standing { failures: 1, locked_until: None });
    assert_eq!(code(world.enter(PASSWORD).await), "ok");
}

/// So that whoever guesses on learns nothing from the lock.
pub async fn a_lock_tells_only_so_often_that_it_is_there(world: &World) {
    let ada = world.ada().await;
    for _ in 0..2 * FAILURES - 1 {
        assert_eq!(code(world.enter("wrong").await), "bad_credentials");
    }
    assert_eq!(code(world.enter(PASSWORD).await), "locked");
    assert_eq!(code(world.enter("wrong").await), "bad_credentials");
    // From now on no password is judged: the right one counts as another wrong one.
    assert_eq!(code(world.enter(PASSWORD).await), "bad_credentials");
    assert_eq!(world.entry(&ada).await.standing.failures, 2 * FAILURES + 1);
    assert_eq!(
        code(world.accounts.change_password(ada.id, PASSWORD, "another horse").await),
        "bad_credentials"
    );
    world.clock.advance(TimeDelta::minutes(15));
    assert_eq!(code(world.enter(PASSWORD).await), "ok");
}

/// They lock only in a row.
pub async fn a_right_password_forgets_the_wrong_ones(world: &World) {
    let ada = world.ada().await;
    for _ in 0..3 {
        for _ in 1..FAILURES {
            assert_eq!(code(world.enter("wrong").await), "bad_credentials");
        }
        assert_eq!(code(world.enter(PASSWORD).await), "ok");
        assert_eq!(world.entry(&ada).await.standing, Standing::default());
    }
}

/// With the version as it is, so that nobody is logged out.
pub async fn a_hash_of_bcrypt_is_taken_once_and_made_better(world: &World) {
    let hash = "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    let ada = ExistingAccount::new("ada@example.com", "Ada", hash);
    let ada = world.accounts.bring_in(ada).await.expect("brought in");
    assert_eq!(code(world.enter("U*U*").await), "bad_credentials");
    assert_eq!(world.entry(&ada).await.hash.as_str(), hash);
    for _ in 0..2 {
        assert_eq!(code(world.enter("U*U").await), "ok");
        let entry = world.entry(&ada).await;
        assert!(entry.hash.as_str().starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        assert_eq!(entry.version, 1);
    }
    assert_eq!(code(world.enter("U*U*").await), "bad_credentials");
}

/// At the next log-in.
pub async fn a_hash_of_another_cost_is_made_anew(world: &World) {
    let ada = world.ada().await;
    let before = world.entry(&ada).await.hash;
    assert_eq!(code(world.enter(PASSWORD).await), "ok");
    assert_eq!(world.entry(&ada).await.hash, before);
    let dearer = world.accounts.clone().with_cost(Cost { passes: 2, ..Cost::for_tests() });
    assert_eq!(code(dearer.log_in("ada@example.com", PASSWORD).await), "ok");
    assert!(world.entry(&ada).await.hash.as_str().contains("t=2"));
}

/// And only who knows the password is told.
pub async fn nobody_enters_an_account_that_is_switched_off(world: &World) {
    let ada = world.ada().await;
    world.accounts.deactivate(ada.id).await.expect("switched off");
    assert_eq!(code(world.enter(PASSWORD).await), "inactive");
    assert_eq!(code(world.enter("wrong").await), "bad_credentials");
    assert_eq!(code(world.accounts.change_password(ada.id, PASSWORD, "another horse").await), "inactive");
    world.accounts.activate(ada.id).await.expect("switched on");
    assert_eq!(code(world.enter(PASSWORD).await), "ok");
}

/// And the new one must be what the policy demands.
pub async fn a_changed_password_needs_the_old_one(world: &World) {
    let ada = world.ada().await;
    let change =
        |present: &'static str, new: &'static str| world.accounts.change_password(ada.id, present, new);
    assert_eq!(code(change("wrong", "another horse").await), "bad_credentials");
    assert_eq!(code(change(PASSWORD, "short").await), "weak_password");
    assert_eq!(code(world.enter(PASSWORD).await), "ok");
    assert_eq!(code(change(PASSWORD, "another horse").await), "ok");
    assert_eq!(code(world.enter(PASSWORD).await), "bad_credentials");
    assert_eq!(code(world.enter("another horse").await), "ok");
    assert_eq!(world.entry(&ada).await.version, 2);
}

/// There is no other door.
pub async fn guessing_by_way_of_a_change_locks_too(world: &World) {
    let ada = world.ada().await;
    for _ in 0..FAILURES {
        let answer = world.accounts.change_password(ada.id, "wrong", "another horse").await;
        assert_eq!(code(answer), "bad_credentials");
    }
    assert_eq!(code(world.enter(PASSWORD).await), "locked");
    assert_eq!(code(world.accounts.change_password(ada.id, PASSWORD, "another horse").await), "locked");
    assert_eq!(world.entry(&ada).await.version, 1);
}

/// Whoever was locked out can come in again.
pub async fn an_administrator_sets_a_password_and_takes_off_a_lock(world: &World) {
    let ada = world.ada().await;
    for _ in 0..FAILURES {
        assert_eq!(code(world.enter("wrong").await), "bad_credentials");
    }
    assert_eq!(code(world.accounts.set_password(ada.id, "short").await), "weak_password");
    assert_eq!(code(world.enter(PASSWORD).await), "locked");
    world.accounts.set_password(ada.id, "another horse").await.expect("set");
    assert_eq!(code(world.enter(PASSWORD).await), "bad_credentials");
    assert_eq!(code(world.enter("another horse").await), "ok");
    assert_eq!(world.entry(&ada).await.standing, Standing::default());
}

//! How long an answer takes says nothing of whether there is an account.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crm_accounts::{Accounts, Cost, MemoryAccounts, NewAccount, Secret};
use pollster::block_on;

/// The median of some refusals.
fn refusal(accounts: &Accounts, name: &str) -> Duration {
    let mut times = [(); 9].map(|()| {
        let begun = Instant::now();
        let refused = block_on(accounts.log_in(name, "wrong horse"));
        let time = begun.elapsed();
        assert!(refused.is_err());
        time
    });
    times.sort_unstable();
    times[4]
}

#[test]
fn a_name_of_nobody_is_refused_as_slowly_as_a_wrong_password() {
    let secret = Secret::new("of a test, and not a secret at all").unwrap();
    let cost = Cost { memory_kib: 4_096, ..Cost::default() };
    let accounts = Accounts::new(Arc::new(MemoryAccounts::new()), secret).with_cost(cost);
    block_on(accounts.create(NewAccount::new("ada@example.com", "Ada", "correct horse"))).unwrap();
    let wrong = refusal(&accounts, "ada@example.com");
    // Without the hash they would be a thousand times as fast.
    for name in ["ben@example.com", "ben", "", "no name at all"] {
        let nobody = refusal(&accounts, name);
        assert!(nobody > wrong / 3 && nobody < wrong * 3, "{name}: {nobody:?}, and not {wrong:?}");
    }
}

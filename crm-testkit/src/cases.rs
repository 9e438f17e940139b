//! How much is tried: the same worlds every day, others when more is asked for.
//!
//! Invariant: a run that nobody asked to be longer draws what it drew before, so that what fails, fails because of a change.

use proptest::test_runner::{Config, RngSeed};

/// How many times as much as usual is asked for: `CRM_CASES`.
fn times() -> Option<u32> {
    std::env::var("CRM_CASES").ok()?.parse().ok()
}

/// A number of rounds, multiplied by `CRM_CASES`.
pub fn rounds(usual: u32) -> u64 {
    u64::from(usual) * u64::from(times().unwrap_or(1))
}

/// The usual number of cases, always the same ones; with `CRM_CASES` set so many times more, and new ones at each run.
///
/// `PROPTEST_RNG_SEED` names a run again.
///
/// ```
/// use proptest::test_runner::TestRunner;
///
/// TestRunner::new(crm_testkit::cases::config(20)).run(&(0..9_u8), |digit| {
///     assert!(digit < 9);
///     Ok(())
/// })?;
/// # Ok::<(), proptest::test_runner::TestError<u8>>(())
/// ```
pub fn config(usual: u32) -> Config {
    let cases = usual.saturating_mul(times().unwrap_or(1));
    let mut config = Config { cases, failure_persistence: None, ..Config::default() };
    if times().is_none() && config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(1);
    }
    config
}

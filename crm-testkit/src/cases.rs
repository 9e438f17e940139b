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

/// A test for each preset of the engine, by its name: it calls a function of yours with that name.
///
/// ```
/// fn has_roles(preset: &str) {
///     assert!(crm_core::Profile::preset(preset).is_ok());
/// }
///
/// crm_testkit::each_preset!(has_roles);
/// ```
#[macro_export]
macro_rules! each_preset {
    ($check:path) => {
        $crate::each_preset!($check: general mini_crm_assignment mini_crm_as_built crm_api);
    };
    ($check:path: $($preset:ident)*) => {$(
        #[test]
        fn $preset() {
            $check(stringify!($preset));
        }
    )*};
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    static SEEN: Mutex<Vec<&str>> = Mutex::new(Vec::new());

    fn see(preset: &'static str) {
        SEEN.lock().unwrap().push(preset);
    }

    mod each {
        crate::each_preset!(super::see);

        #[test]
        fn preset_has_its_test() {
            [general, mini_crm_assignment, mini_crm_as_built, crm_api].iter().for_each(|test| test());
            let seen = super::SEEN.lock().unwrap();
            assert!(crm_core::profile::PRESETS.iter().all(|preset| seen.contains(preset)));
        }
    }
}

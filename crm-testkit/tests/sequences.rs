//! Random sequences of all commands, over worlds in every preset.
//!
//! `CRM_CASES` multiplies the number of sequences.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test panics where it fails")]

use std::sync::Mutex;

use crm_testkit::cases;
use crm_testkit::sequence::{Checked, EVERYTHING, check, profile, steps};
use proptest::test_runner::TestRunner;

fn sequences(preset: &'static str, cases: u32) {
    let config = cases::config(cases);
    let cases = config.cases;
    let profile = profile(preset);
    let total = Mutex::new(Checked::default());
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&steps(profile.spec(), 25), |steps| {
        let checked = check(preset, &steps);
        let mut total = total.lock().unwrap();
        total.commands += checked.commands;
        total.refused += checked.refused;
        total.queries += checked.queries;
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    let Checked { commands, refused, queries } = *total.lock().unwrap();
    println!(
        "{preset}: {cases} sequences, {commands} commands ({refused} refused), {queries} queries, 0 violations"
    );
    assert!(refused < commands, "a sequence that does nothing proves nothing");
}

#[test]
fn general() {
    sequences("general", 40);
}

#[test]
fn mini_crm_assignment() {
    sequences("mini_crm_assignment", 40);
}

#[test]
fn mini_crm_as_built() {
    sequences("mini_crm_as_built", 40);
}

#[test]
fn crm_api() {
    sequences("crm_api", 40);
}

#[test]
fn real_estate() {
    sequences("real_estate", 12);
}

#[test]
fn apex() {
    sequences("apex", 12);
}

#[test]
fn everything() {
    sequences(EVERYTHING, 24);
}

//! Every figure against plain loops over what can be read, over random histories of an organisation; and every receipt
//! against its figure.
//!
//! The reference shares no code with the reports: it looks at rows, at the answers of commands when they were given, and
//! at records as they were at a time.
//!
//! `CRM_CASES` multiplies the number of histories.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "a test panics where it fails, and reads best with values"
)]

mod past;
mod present;
mod world;

use std::sync::Mutex;

use proptest::test_runner::{Config, TestRunner};

use self::world::{World, op};

#[test]
fn every_figure_is_what_plain_loops_find() {
    let factor: u32 = std::env::var("CRM_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let total = Mutex::new((0_u64, 0_u64, 0_u64));
    let config = Config { cases: 200 * factor, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&proptest::collection::vec(op(), 1..70), |ops| {
        let world = World::run(&ops);
        let (figures, receipts) = world.check();
        let mut total = total.lock().unwrap();
        *total = (total.0 + 1, total.1 + figures, total.2 + receipts);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    let (histories, figures, receipts) = *total.lock().unwrap();
    println!("{histories} histories, {figures} figures, {receipts} receipts, 0 differences");
    assert!(receipts > 1_000, "a test of nothing proves nothing");
}

//! Every figure is what plain loops find, over the memory store.
//!
//! `CRM_CASES` multiplies the number of histories.

use std::sync::{Arc, Mutex};

use crm_store_memory::MemoryStore;
use crm_testkit::cases;
use crm_testkit::figures::{check, happening};
use proptest::test_runner::TestRunner;

#[test]
fn every_figure_is_what_plain_loops_find() {
    let total = Mutex::new((0_u64, 0_u64, 0_u64));
    let outcome =
        TestRunner::new(cases::config(200)).run(&proptest::collection::vec(happening(), 1..70), |history| {
            let (figures, receipts) = check(Arc::new(MemoryStore::new()), &history);
            let mut total = total.lock().unwrap();
            *total = (total.0 + 1, total.1 + figures, total.2 + receipts);
            Ok(())
        });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    let (histories, figures, receipts) = *total.lock().unwrap();
    println!("{histories} histories, {figures} figures, {receipts} receipts, 0 differences");
    assert!(receipts > 1_000, "a test of nothing proves nothing");
}

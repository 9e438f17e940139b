//! Any two commands at once, over the memory store, end as they would one after the other.

use std::sync::Arc;

use crm_core::store::Store;
use crm_store_memory::MemoryStore;
use crm_testkit::interleave::{ORDERS, World, check_all_pairs};

fn empty() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new())
}

fn check(preset: &str) {
    let tally = pollster::block_on(async {
        let world = World::of_preset(preset, empty()).await;
        check_all_pairs(&world, empty).await
    });
    let (pairs, orders, violations) = (tally.pairs, ORDERS.len(), tally.violations.len());
    println!("interleavings: {pairs} pairs x {orders} orders, {violations} violations (`{preset}`)");
    println!("    a commit met a conflict in {} of the orders", tally.conflicts);
    assert!(tally.violations.is_empty(), "{}", tally.violations.join("\n"));
    assert!(tally.conflicts > 500, "the catalogue has commands that fight");
}

#[test]
fn under_the_general_preset() {
    check("general");
}

#[test]
fn under_the_preset_of_the_crm_as_built() {
    check("mini_crm_as_built");
}

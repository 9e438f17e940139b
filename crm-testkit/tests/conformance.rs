//! The memory store keeps every sentence of the conformance suite.

use std::collections::BTreeSet;
use std::sync::Arc;

use crm_core::store::Store;
use crm_store_memory::MemoryStore;
use crm_testkit::conformance::BODIES;

async fn empty() -> (Arc<dyn Store>, ()) {
    (Arc::new(MemoryStore::new()), ())
}

crm_testkit::store_conformance!(empty, pollster::block_on);

#[test]
fn no_two_bodies_have_the_same_name() {
    let names: BTreeSet<_> = BODIES.iter().map(|body| body.name).collect();
    assert_eq!(names.len(), BODIES.len());
    println!("conformance: {} bodies", BODIES.len());
}

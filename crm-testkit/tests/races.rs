//! Races of real threads on the memory store.

use std::sync::Arc;

use crm_core::store::Store;
use crm_store_memory::MemoryStore;

async fn empty() -> (Arc<dyn Store>, ()) {
    (Arc::new(MemoryStore::new()), ())
}

crm_testkit::store_races!(empty, pollster::block_on, 1_000);

//! Where these suites keep what they keep: in memory.
//!
//! Invariant: whoever opens a store has it alone, and finds it empty.

use std::sync::Arc;

use crm_core::store::Store;
use crm_core::value::OrganizationId;
use crm_store_memory::MemoryStore;

/// A store, and everything that it holds of an organisation.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) everything: Box<dyn Fn(OrganizationId) -> String + Send + Sync>,
}

/// How often what is drawn by chance is tried, where it is tried so often in memory.
pub(crate) fn tries(usual: u64) -> u64 {
    usual
}

pub(crate) fn empty() -> Opened {
    let store = Arc::new(MemoryStore::new());
    let kept = Arc::clone(&store);
    Opened { store, everything: Box::new(move |_| kept.export().unwrap()) }
}

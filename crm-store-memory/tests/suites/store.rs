//! Where these suites keep what they keep: in memory.
//!
//! Invariant: whoever opens a store has it alone, and finds it empty.

use std::sync::Arc;

use crm_core::store::Store;
use crm_core::value::OrganizationId;
use crm_store_memory::MemoryStore;

/// What a store holds of an organisation.
type Holds = Box<dyn Fn(OrganizationId) -> String + Send + Sync>;

/// A store, everything that it holds, and what is different whenever anything was written.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) everything: Holds,
    pub(crate) traces: Holds,
}

/// How often what is drawn by chance is tried, where it is tried so often in memory.
pub(crate) fn tries(usual: u64) -> u64 {
    usual
}

pub(crate) fn empty() -> Opened {
    let store = Arc::new(MemoryStore::new());
    let whole = || {
        let kept = Arc::clone(&store);
        Box::new(move |_| kept.export().unwrap())
    };
    Opened { everything: whole(), traces: whole(), store }
}

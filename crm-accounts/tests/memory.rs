//! The store in memory keeps every sentence of the suite.
#![cfg(feature = "testing")]

use std::sync::Arc;

use crm_accounts::{AccountStore, MemoryAccounts};
use crm_core::store::Store;
use crm_store_memory::MemoryStore;
use pollster::block_on;

async fn empty() -> ((Arc<dyn AccountStore>, Arc<dyn Store>), ()) {
    ((Arc::new(MemoryAccounts::new()), Arc::new(MemoryStore::new())), ())
}

crm_accounts::account_store_conformance!(empty, block_on);

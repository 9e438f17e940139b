//! Schemas with tables that are used again: emptying tables takes far less than making them.
//!
//! Invariant: nobody else uses a schema while somebody holds it, and whoever takes one finds its tables empty.

use std::sync::{Mutex, PoisonError};

use crm_store_sqlx::PgStore;

use crate::support::emptied::empty;
use crate::support::guarded::ROLE;
use crate::support::server::Schema;

/// Schemas that nobody uses.
pub(crate) struct Free {
    schemas: Mutex<Vec<Schema>>,
    /// Have their tables policies?
    protected: bool,
    /// Into how many partitions they are divided.
    partitions: u32,
}

impl Free {
    /// None yet.
    pub(crate) const fn none(protected: bool, partitions: u32) -> Self {
        Self { schemas: Mutex::new(Vec::new()), protected, partitions }
    }
}

/// Those whose tables are as the migrations make them.
pub(crate) static PLAIN: Free = Free::none(false, 0);

/// Those with policies on their tables.
pub(crate) static PROTECTED: Free = Free::none(true, 0);

/// A schema, until it is dropped.
pub(crate) struct Tables {
    schema: Option<Schema>,
    from: &'static Free,
}

impl Free {
    fn list(&self) -> std::sync::MutexGuard<'_, Vec<Schema>> {
        self.schemas.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A schema with empty tables.
    pub(crate) async fn take(&'static self) -> Tables {
        let used = self.list().pop();
        let schema = match used {
            Some(schema) => {
                empty(&schema).await;
                schema
            }
            None => self.made().await,
        };
        Tables { schema: Some(schema), from: self }
    }

    async fn made(&self) -> Schema {
        let schema = Schema::new().await;
        let store = PgStore::new(schema.pool.clone()).in_schema(&schema.name).unwrap();
        store.migrate_partitioned(self.partitions).await.unwrap();
        if self.protected {
            drop(crate::support::guarded::pool().await);
            store.protect(ROLE).await.unwrap();
        }
        schema
    }
}

impl std::ops::Deref for Tables {
    type Target = Schema;

    fn deref(&self) -> &Schema {
        self.schema.as_ref().unwrap()
    }
}

impl Drop for Tables {
    fn drop(&mut self) {
        self.from.list().extend(self.schema.take());
    }
}

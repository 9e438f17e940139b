//! A store inside one long transaction of a host: each call is a session on the host's connection.

/// Declares the store of a transaction over a lent connection.
macro_rules! within {
    ($name:ident, $connection:ty, |$lent:ident| $session:expr) => {
        #[derive(Debug)]
        pub(crate) struct $name {
            pub(crate) connection: tokio::sync::Mutex<$connection>,
            pub(crate) schema: String,
        }

        #[async_trait::async_trait]
        impl crm_core::store::Store for $name {
            fn capabilities(&self) -> crm_core::store::Capabilities {
                crm_core::store::Capabilities {
                    time_precision: crm_core::value::Precision::Micros,
                    joins_transaction: true,
                }
            }

            async fn load(
                &self,
                tenant: crm_core::store::Tenant,
                want: &crm_core::draft::ReadSet,
            ) -> Result<crm_core::draft::Snapshot, crm_core::store::StoreError> {
                let mut held = self.connection.lock().await;
                let $lent = (&mut **held, &*self.schema);
                $session.load(tenant, want).await
            }

            async fn commit(
                &self,
                changes: &crm_core::draft::ChangeSet,
            ) -> Result<crm_core::store::Commit, crm_core::store::StoreError> {
                let mut held = self.connection.lock().await;
                let $lent = (&mut **held, &*self.schema);
                $session.commit(changes).await
            }

            async fn ask(
                &self,
                tenant: crm_core::store::Tenant,
                questions: &[crm_core::store::Question],
            ) -> Result<Vec<crm_core::store::Answer>, crm_core::store::StoreError> {
                let mut held = self.connection.lock().await;
                let $lent = (&mut **held, &*self.schema);
                $session.ask(tenant, questions).await
            }

            async fn events(
                &self,
                tenant: crm_core::store::Tenant,
                after: Option<crm_core::value::EventId>,
                most: u32,
            ) -> Result<Vec<crm_core::Event>, crm_core::store::StoreError> {
                let mut held = self.connection.lock().await;
                let $lent = (&mut **held, &*self.schema);
                $session.events(tenant, after, most).await
            }

            async fn seats(
                &self,
                user: crm_core::value::UserId,
            ) -> Result<Vec<crm_core::store::Seat>, crm_core::store::StoreError> {
                let mut held = self.connection.lock().await;
                let $lent = (&mut **held, &*self.schema);
                $session.seats(user).await
            }
        }
    };
}
pub(crate) use within;

//! A command that writes the rows of a set loads a few times, not once for each of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use crm_core::describe::Key;
use crm_core::draft::{ChangeSet, ReadSet, Snapshot};
use crm_core::ledger::LedgerEntry;
use crm_core::store::{
    Capabilities, Commit, Group, ListQuery, Measure, Rows, Seat, Store, StoreError, Tenant, View,
};
use crm_core::value::{ContactId, EventId, OrganizationId, UserId, Uuid};
use crm_core::{
    AddMember, Batch, CreateContact, CreateOrganization, CreateTask, Crm, DeleteContact, Event, Profile,
    RemoveMember, RestoreContact,
};
use crm_store_memory::MemoryStore;

/// Counts loads.
#[derive(Debug, Default)]
struct Counting {
    under: MemoryStore,
    loads: AtomicU32,
}

#[async_trait]
impl Store for Counting {
    fn capabilities(&self) -> Capabilities {
        self.under.capabilities()
    }

    async fn load(&self, tenant: Tenant, want: &ReadSet) -> Result<Snapshot, StoreError> {
        self.loads.fetch_add(1, Ordering::Relaxed);
        self.under.load(tenant, want).await
    }

    async fn commit(&self, changes: &ChangeSet) -> Result<Commit, StoreError> {
        self.under.commit(changes).await
    }

    async fn list(&self, view: &View, query: &ListQuery) -> Result<Rows, StoreError> {
        self.under.list(view, query).await
    }

    async fn measure(&self, view: &View, measure: &Measure) -> Result<Vec<Group>, StoreError> {
        self.under.measure(view, measure).await
    }

    async fn history(&self, tenant: Tenant, subject: Key) -> Result<Vec<LedgerEntry>, StoreError> {
        self.under.history(tenant, subject).await
    }

    async fn events(
        &self,
        tenant: Tenant,
        after: Option<EventId>,
        most: u32,
    ) -> Result<Vec<Event>, StoreError> {
        self.under.events(tenant, after, most).await
    }

    async fn seats(&self, user: UserId) -> Result<Vec<Seat>, StoreError> {
        self.under.seats(user).await
    }
}

#[test]
fn rows_of_a_set_are_not_loaded_one_by_one() {
    pollster::block_on(async {
        let [ada, ben] = [1, 2].map(|number| UserId::from_uuid(Uuid::from_u128(number)));
        let house = OrganizationId::from_uuid(Uuid::from_u128(3));
        let contact = ContactId::from_uuid(Uuid::from_u128(4));
        let store = Arc::new(Counting::default());
        let crm = Crm::new(store.clone(), Profile::preset("general").unwrap());
        crm.register(ada, CreateOrganization::with_id(house).name("House")).await.unwrap();
        let session = crm.act(house, ada);
        session.apply(AddMember::with_id(ben).role("member")).await.unwrap();
        let many =
            (0..300).fold(Batch::new(), |batch, _| batch.then(CreateContact::new().name("C").owner(ben)));
        session.apply(many).await.unwrap();
        session.apply(CreateContact::with_id(contact).name("C")).await.unwrap();
        let many =
            (0..300).fold(Batch::new(), |batch, _| batch.then(CreateTask::new().title("T").contact(contact)));
        session.apply(many).await.unwrap();

        let loads = || store.loads.swap(0, Ordering::Relaxed);
        loads();
        let removed = session.apply(RemoveMember { id: ben, successor: Some(ada) }).await.unwrap();
        assert_eq!(removed.reassigned, 300);
        let removing = loads();
        session.apply(DeleteContact::of(contact)).await.unwrap();
        let deleting = loads();
        session.apply(RestoreContact::of(contact)).await.unwrap();
        let restoring = loads();
        println!("loads: {removing} to remove, {deleting} to delete, {restoring} to restore");
        assert!([removing, deleting, restoring].iter().all(|loads| *loads <= 8));
    });
}

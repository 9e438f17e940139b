//! A command that writes the rows of a set loads a few times, not once for each of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use crm_core::draft::{ReadSet, Snapshot};
use crm_core::store::{Store, StoreError, Tenant};
use crm_core::value::{ContactId, OrganizationId, UserId, Uuid};
use crm_core::{
    AddMember, Batch, CreateContact, CreateOrganization, CreateTask, Crm, DeleteContact, Profile,
    RemoveMember, RestoreContact,
};
use crm_store_memory::MemoryStore;
use crm_testkit::layer::{Layer, Over};

/// Counts loads.
#[derive(Debug, Default)]
struct Counting {
    loads: AtomicU32,
}

#[async_trait]
impl Layer for Counting {
    async fn load(&self, under: &dyn Store, tenant: Tenant, want: &ReadSet) -> Result<Snapshot, StoreError> {
        self.loads.fetch_add(1, Ordering::Relaxed);
        under.load(tenant, want).await
    }
}

#[test]
fn rows_of_a_set_are_not_loaded_one_by_one() {
    pollster::block_on(async {
        let [ada, ben] = [1, 2].map(|number| UserId::from_uuid(Uuid::from_u128(number)));
        let house = OrganizationId::from_uuid(Uuid::from_u128(3));
        let contact = ContactId::from_uuid(Uuid::from_u128(4));
        let store = Arc::new(Over::new(Counting::default(), Arc::new(MemoryStore::new())));
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

        let loads = || store.layer.loads.swap(0, Ordering::Relaxed);
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

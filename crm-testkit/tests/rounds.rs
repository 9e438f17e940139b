//! A command that writes the rows of a set loads a few times, not once for each of them.
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use crm_core::draft::{ReadSet, Snapshot};
use crm_core::store::{Store, StoreError, Tenant};
use crm_core::value::{ContactId, OrganizationId, UserId, Uuid};
use crm_core::{
    AddMember, Batch, CreateContact, CreateOrganization, CreateTask, Crm, DeleteContact, Import, Profile,
    RemoveMember, RestoreContact,
};
use crm_store_memory::MemoryStore;
use crm_testkit::layer::{Layer, Over};
use serde_json::json;

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

const ADA: UserId = UserId::from_uuid(Uuid::from_u128(1));
const HOUSE: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(3));

/// An organisation, over a store that counts.
async fn founded(profile: Profile) -> (Arc<Over<Counting>>, Crm) {
    let store = Arc::new(Over::new(Counting::default(), Arc::new(MemoryStore::new())));
    let crm = Crm::new(store.clone(), profile);
    crm.register(ADA, CreateOrganization::with_id(HOUSE).name("House")).await.unwrap();
    (store, crm)
}

#[test]
fn rows_of_a_set_are_not_loaded_one_by_one() {
    pollster::block_on(async {
        let ben = UserId::from_uuid(Uuid::from_u128(2));
        let contact = ContactId::from_uuid(Uuid::from_u128(4));
        let (store, crm) = founded(Profile::preset("general").unwrap()).await;
        let session = crm.act(HOUSE, ADA);
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
        let removed = session.apply(RemoveMember { id: ben, successor: Some(ADA) }).await.unwrap();
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

/// It was a load for each row with a unique value, and each time the whole import was decided again.
#[test]
fn rows_that_are_brought_in_are_not_looked_up_one_by_one() {
    pollster::block_on(async {
        let profile = r#"{ "extends": "general", "name": "unique", "unique": ["contact.email"] }"#;
        let (store, crm) = founded(Profile::from_json(profile).unwrap()).await;
        let row = |number: u128| {
            let email = format!("c{}@example.com", number.min(299));
            json!({ "record": "contact", "id": Uuid::from_u128(number), "kind": "person", "name": "C", "email": email })
        };
        store.layer.loads.store(0, Ordering::Relaxed);
        let rows = (1..=300).map(row).collect();
        let report = crm.act(HOUSE, ADA).apply(Import { rows }).await.unwrap();
        let loads = store.layer.loads.load(Ordering::Relaxed);
        assert_eq!((report.imported(), report.rejected().count()), (299, 1), "two rows have one address");
        assert!(loads <= 4, "{loads} loads");
    });
}

/// It was a load for each command that needs more than its hints say.
#[test]
fn commands_of_a_batch_do_not_wait_for_each_other_to_be_looked_up() {
    pollster::block_on(async {
        let (store, crm) = founded(Profile::preset("general").unwrap()).await;
        let session = crm.act(HOUSE, ADA);
        let ids = || (1..=300).map(|number| ContactId::from_uuid(Uuid::from_u128(number)));
        let made = ids().fold(Batch::new(), |batch, id| batch.then(CreateContact::with_id(id).name("C")));
        session.apply(made).await.unwrap();
        store.layer.loads.store(0, Ordering::Relaxed);
        session.apply(ids().fold(Batch::new(), |batch, id| batch.then(DeleteContact::of(id)))).await.unwrap();
        let loads = store.layer.loads.load(Ordering::Relaxed);
        assert!(loads <= 8, "{loads} loads");
    });
}

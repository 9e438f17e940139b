//! Reading from a replica: a store that follows at a distance, here one that stands still.
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

use std::sync::Arc;

use crm_core::analytics::Sales;
use crm_core::value::{ContactId, OrganizationId, UserId, Uuid};
use crm_core::{
    Action, Contact, CreateContact, CreateOrganization, Crm, List, Profile, Session, UpdateContact,
};
use crm_store_memory::MemoryStore;
use pollster::block_on as now;

const ADA: UserId = UserId::from_uuid(Uuid::from_u128(0xADA));
const IRIS: ContactId = ContactId::from_uuid(Uuid::from_u128(1));

/// An engine whose replica has stopped when the contact was still called Iris.
fn house() -> (Crm, Arc<MemoryStore>, OrganizationId) {
    let store = Arc::new(MemoryStore::new());
    let crm = Crm::new(store.clone(), Profile::preset("general").unwrap());
    let house = now(crm.register(ADA, CreateOrganization::new().name("House"))).unwrap().organization.id;
    now(crm.act(house, ADA).apply(CreateContact::with_id(IRIS).name("Iris"))).unwrap();
    let replica = MemoryStore::import(&store.export().unwrap()).unwrap();
    now(crm.act(house, ADA).apply(UpdateContact::of(IRIS).name("Iris Roe"))).unwrap();
    (crm.reading_from(Arc::new(replica)), store, house)
}

fn name(session: &Session<'_>) -> String {
    now(session.get(IRIS)).unwrap().name.to_string()
}

#[test]
fn who_only_reads_reads_the_replica() {
    let (crm, store, house) = house();
    let session = crm.act(house, ADA);
    assert_eq!(name(&session), "Iris");
    let listed = now(session.list(List::<Contact>::new())).unwrap();
    assert_eq!(listed.items.first().unwrap().name.as_str(), "Iris");
    assert_eq!(now(session.history(IRIS)).unwrap().len(), 1);
    assert!(now(session.report(&Sales::default())).is_ok());
    assert!(now(session.explain(Action::ContactUpdate, IRIS)).unwrap().allowed);
    assert_eq!(name(&session.clone().fresh()), "Iris Roe", "who has just written elsewhere says so");
    assert_eq!(name(&crm.act_on(&*store, house, ADA)), "Iris Roe", "what the host lends is where it reads");
    assert_eq!(now(crm.events(house, None, 100)).unwrap().last().unwrap().version, 2, "events are complete");
}

#[test]
fn who_writes_reads_what_they_wrote() {
    let (crm, _, house) = house();
    let (session, other) = (crm.act(house, ADA), crm.act(house, ADA));
    let copy = session.clone();
    let keyed = |session: &Session<'_>| {
        now(session.apply(UpdateContact::of(IRIS).name("Iris Poe")).with_key("again")).unwrap().version
    };
    assert_eq!((keyed(&session), name(&session), name(&copy)), (3, "Iris Poe".into(), "Iris Poe".into()));
    assert_eq!(name(&other), "Iris", "another session has not written");
    assert_eq!((keyed(&other), name(&other)), (3, "Iris Poe".into()), "answered from memory");
}

#[test]
fn commands_and_plans_rest_on_the_first_store() {
    let (crm, _, house) = house();
    let session = crm.act(house, ADA);
    let stale = now(session.apply(UpdateContact::of(IRIS).name("I")).if_version(1)).unwrap_err();
    assert_eq!(stale.code(), "stale_version");
    assert_eq!(name(&session), "Iris Roe", "who was refused sees why");
    let session = crm.act(house, ADA);
    let plan = now(session.plan(&UpdateContact::of(IRIS).name("Iris Poe"))).unwrap();
    assert_eq!(name(&session), "Iris", "a plan writes nothing");
    assert_eq!(now(session.carry_out(plan)).unwrap().version, 3);
    assert_eq!(name(&session), "Iris Poe");
}

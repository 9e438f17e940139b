//! A store that keeps everything in memory.
//!
//! It is the model of every other store: simple enough to be seen to be right, and still indexed, so that a keyed read
//! never scans. Tests and small tools can keep its world in a file ([`MemoryStore::export`], [`MemoryStore::import`]).
//!
//! ```
//! use std::sync::Arc;
//! use crm_core::{Crm, Profile};
//! use crm_store_memory::MemoryStore;
//!
//! let crm = Crm::new(Arc::new(MemoryStore::new()), Profile::preset("general")?);
//! # Ok::<(), crm_core::profile::ProfileError>(())
//! ```
//!
//! Invariant: one lock guards the whole world, so every call sees and leaves a consistent state.

mod export;
mod house;
mod select;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;
use crm_core::describe::{Id, Record};
use crm_core::draft::{ChangeSet, ReadSet, Snapshot};
use crm_core::store::{Answer, Capabilities, Commit, Question, Seat, Store, StoreError, Tenant};
use crm_core::value::{EventId, OrganizationId, Precision, UserId};
use crm_core::{Event, Membership};

pub use self::export::ImportError;
use self::house::House;

/// The store. Share it as an `Arc<dyn Store>`.
#[derive(Debug, Default)]
pub struct MemoryStore {
    world: RwLock<World>,
}

/// All organisations, and where each user has been a member.
#[derive(Debug, Default)]
struct World {
    houses: BTreeMap<OrganizationId, House>,
    seats: BTreeMap<UserId, BTreeSet<OrganizationId>>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A call that panicked while it held the lock had changed nothing yet, so its world is whole.
    fn read(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, World> {
        self.world.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl World {
    fn commit(&mut self, changes: &ChangeSet) -> Commit {
        let organization = changes.parts().tenant.organization();
        let outcome = match self.houses.get_mut(&organization) {
            Some(house) => house.commit(changes),
            None => {
                let mut house = House::default();
                let outcome = house.commit(changes);
                if outcome == Commit::Applied {
                    self.houses.insert(organization, house);
                }
                outcome
            }
        };
        if outcome == Commit::Applied {
            for record in changes.parts().writes.values() {
                self.note_seat(organization, record);
            }
        }
        outcome
    }

    fn note_seat(&mut self, organization: OrganizationId, record: &Record) {
        if let Record::Membership(seat) = record {
            self.seats.entry(seat.id).or_default().insert(organization);
        }
    }

    fn seat(&self, organization: OrganizationId, user: UserId) -> Option<Seat> {
        let house = self.houses.get(&organization)?;
        let Record::Organization(row) = house.live(organization.key())? else { return None };
        let Record::Membership(seat) = house.live(user.key())? else { return None };
        Some(Seat { organization: row.clone(), membership: seat.clone() })
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities { time_precision: Precision::Micros, joins_transaction: false }
    }

    async fn load(&self, tenant: Tenant, want: &ReadSet) -> Result<Snapshot, StoreError> {
        let world = self.read();
        let empty = House::default();
        Ok(world.houses.get(&tenant.organization()).unwrap_or(&empty).load(want))
    }

    async fn commit(&self, changes: &ChangeSet) -> Result<Commit, StoreError> {
        Ok(self.write().commit(changes))
    }

    async fn ask(&self, tenant: Tenant, questions: &[Question]) -> Result<Vec<Answer>, StoreError> {
        let world = self.read();
        let empty = House::default();
        let house = world.houses.get(&tenant.organization()).unwrap_or(&empty);
        questions.iter().map(|question| select::answer(house, question)).collect()
    }

    async fn events(
        &self,
        tenant: Tenant,
        after: Option<EventId>,
        most: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let world = self.read();
        let house = world.houses.get(&tenant.organization());
        Ok(house.map_or_else(Vec::new, |house| house.events(after, most)))
    }

    async fn seats(&self, user: UserId) -> Result<Vec<Seat>, StoreError> {
        let world = self.read();
        let organizations = world.seats.get(&user).into_iter().flatten();
        let mut seats: Vec<_> =
            organizations.filter_map(|organization| world.seat(*organization, user)).collect();
        let oldest = |seat: &Membership| seat.created_at;
        seats.sort_by_key(|seat| (oldest(&seat.membership), seat.organization.id));
        Ok(seats)
    }
}

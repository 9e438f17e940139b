//! An organisation with many deals, brought in by imports.

use std::sync::Arc;

use crate::now;
use crm_core::store::Store;
use crm_core::value::{DealId, OrganizationId, UserId, Uuid};
use crm_core::{Create, CreateOrganization, Crm, Import, Organization, Profile, Session};
use serde_json::json;

const STATUSES: [&str; 5] = ["open", "parked", "won", "lost", "archived"];
const STAGES: [&str; 6] = ["lead", "qualified", "proposal", "negotiation", "won", "lost"];
const CURRENCIES: [&str; 3] = ["USD", "EUR", "JPY"];
/// Rows of one import.
const PORTION: u32 = 20_000;

/// An organisation with its deals.
pub(crate) struct World {
    pub(crate) crm: Crm,
    pub(crate) id: OrganizationId,
    pub(crate) pipeline: crm_core::value::PipelineId,
}

impl World {
    /// With so many deals, in a store.
    pub(crate) fn of(store: Arc<dyn Store>, deals: u32) -> Self {
        let crm = Crm::new(store, Profile::preset("general").unwrap());
        let house: Create<Organization> = CreateOrganization::new().name("House");
        let founded = now(crm.register(user(), house)).unwrap();
        let pipeline = founded.pipelines.first().unwrap().id;
        let world = Self { crm, id: founded.organization.id, pipeline };
        for start in (0..deals).step_by(PORTION as usize) {
            let rows = (start..deals.min(start + PORTION)).map(|number| world.row(number)).collect();
            now(world.session().apply(Import { rows })).unwrap();
            eprint!("\r{start} of {deals} deals");
        }
        eprintln!();
        world
    }

    fn row(&self, number: u32) -> serde_json::Value {
        let pick = |words: &[&'static str], by: u32| {
            words.iter().cycle().nth((number / by) as usize % words.len()).copied()
        };
        let minute = number % 1_440;
        json!({
            "record": "deal", "id": deal(number), "title": format!("Deal {number}"), "owner": user(),
            "amount": format!("{}.{:02}", number % 9_973, number % 100), "pipeline": self.pipeline,
            "status": pick(&STATUSES, 1), "stage": pick(&STAGES, 5), "currency": pick(&CURRENCIES, 7),
            "created_at": format!("2026-{:02}-{:02}T{:02}:{:02}:00Z", number % 9 + 1, number % 28 + 1, minute / 60, minute % 60),
        })
    }

    pub(crate) fn session(&self) -> Session<'_> {
        self.crm.act(self.id, user())
    }
}

pub(crate) fn user() -> UserId {
    UserId::from_uuid(Uuid::from_u128(1))
}

/// The deal with this number. Ids rise, as those of a running system do.
pub(crate) fn deal(number: u32) -> DealId {
    DealId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(number)))
}

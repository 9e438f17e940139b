//! An organisation, and many deals that can be brought into it.

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
pub(crate) const PORTION: u32 = 5_000;

/// What is known of a deal.
pub(crate) struct Row {
    pub(crate) id: DealId,
    pub(crate) title: String,
    pub(crate) amount: String,
    pub(crate) status: &'static str,
    pub(crate) stage: &'static str,
    pub(crate) currency: &'static str,
    pub(crate) created_at: String,
}

impl Row {
    pub(crate) fn of(number: u32) -> Self {
        let pick = |words: &[&'static str], by: u32| {
            words.iter().cycle().nth((number / by) as usize % words.len()).copied().unwrap_or_default()
        };
        let (month, day, minute) = (number % 9 + 1, number % 28 + 1, number % 1_440);
        Self {
            id: deal(number),
            title: format!("Deal {number}"),
            amount: format!("{}.{:02}", number % 9_973, number % 100),
            status: pick(&STATUSES, 1),
            stage: pick(&STAGES, 5),
            currency: pick(&CURRENCIES, 7),
            created_at: format!("2026-{month:02}-{day:02}T{:02}:{:02}:00Z", minute / 60, minute % 60),
        }
    }
}

/// An organisation with one member.
pub(crate) struct World {
    pub(crate) crm: Crm,
    pub(crate) id: OrganizationId,
    pub(crate) pipeline: crm_core::value::PipelineId,
}

impl World {
    /// Without deals yet.
    pub(crate) fn empty(store: Arc<dyn Store>) -> Self {
        let crm = Crm::new(store, Profile::preset("general").unwrap());
        let house: Create<Organization> = CreateOrganization::new().name("House");
        let founded = now(crm.register(user(), house)).unwrap();
        let pipeline = founded.pipelines.first().unwrap().id;
        Self { crm, id: founded.organization.id, pipeline }
    }

    /// Brings so many deals in, a portion in a commit, and says after each how many are there.
    pub(crate) fn import(&self, deals: u32, progress: &mut dyn FnMut(u32)) {
        for start in (0..deals).step_by(PORTION as usize) {
            let end = deals.min(start + PORTION);
            let rows = (start..end).map(|number| self.row(number)).collect();
            let report = now(self.session().apply(Import { rows })).unwrap();
            assert_eq!(report.imported(), (end - start) as usize);
            progress(end);
        }
    }

    fn row(&self, number: u32) -> serde_json::Value {
        let Row { id, title, amount, status, stage, currency, created_at } = Row::of(number);
        json!({
            "record": "deal", "id": id, "title": title, "owner": user(), "amount": amount, "pipeline": self.pipeline,
            "status": status, "stage": stage, "currency": currency, "created_at": created_at,
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

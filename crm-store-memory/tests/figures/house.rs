//! The small world.

use std::sync::Arc;
use std::time::Duration;

use crm_core::analytics::Days;
use crm_core::clock::ManualClock;
use crm_core::value::{Date, DealId, Decimal, Instant, Money, OrganizationId, PipelineId, UserId, Uuid};
use crm_core::{
    AddMember, CreateDeal, CreateOrganization, Crm, Import, LoseDeal, MoveDeal, Profile, Session, WinDeal,
};
use crm_store_memory::MemoryStore;
use pollster::block_on as now;

pub(crate) struct House {
    pub(crate) crm: Crm,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) id: OrganizationId,
    pub(crate) sales: PipelineId,
}

pub(crate) fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn deal(number: u128) -> DealId {
    DealId::from_uuid(Uuid::from_u128(0xD0 + number))
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(crate) fn days(from: &str, to: &str) -> Days {
    Days::new(day(from), day(to))
}

pub(crate) fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 3_600)
}

pub(crate) fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// `["10.00 USD"]`
pub(crate) fn written(money: &[Money]) -> Vec<String> {
    money.iter().map(|money| Money { amount: money.amount.normalize(), ..*money }.to_string()).collect()
}

/// An organisation in Vienna, at noon on Monday, 5 January 2026, with two owners of deals: 1 and 2.
pub(crate) fn house(preset: &str) -> House {
    let clock = Arc::new(ManualClock::at(instant("2026-01-05T11:00:00Z")));
    let crm =
        Crm::new(Arc::new(MemoryStore::new()), Profile::preset(preset).unwrap()).with_clock(clock.clone());
    let organization = CreateOrganization::new().name("House").time_zone("Europe/Vienna");
    let founded = now(crm.register(user(1), organization)).unwrap();
    let sales = founded.pipelines.first().map_or(PipelineId::from_uuid(Uuid::nil()), |row| row.id);
    let house = House { crm, clock, id: founded.organization.id, sales };
    now(house.session().apply(AddMember::with_id(user(2)).role("manager"))).unwrap();
    house
}

impl House {
    pub(crate) fn session(&self) -> Session<'_> {
        self.crm.act(self.id, user(1))
    }

    pub(crate) fn go_to(&self, time: &str) {
        self.clock.set(instant(time));
    }

    pub(crate) fn open(&self, number: u128, amount: u32) {
        self.tell(CreateDeal::with_id(deal(number)).title("D").amount(amount));
    }

    pub(crate) fn tell<C: crm_core::Command>(&self, command: C) -> C::Output {
        now(self.session().apply(command)).unwrap()
    }

    pub(crate) fn report<R: crm_core::analytics::Report>(&self, report: &R) -> R::Figures {
        now(self.session().report(report)).unwrap()
    }

    pub(crate) fn import(&self, row: serde_json::Value) {
        assert_eq!(self.tell(Import { rows: vec![row] }).imported(), 1);
    }
}

/// Five deals: 1 and 2 won (100 and 50.01), 3 lost (30), 4 open (20), 5 open without an amount.
pub(crate) fn five() -> House {
    let house = house("general");
    for (number, amount) in [(1, 100), (3, 30), (4, 20)] {
        house.open(number, amount);
    }
    house.tell(CreateDeal::with_id(deal(2)).title("D").amount(number("50.01")).owner(user(2)));
    house.tell(CreateDeal::with_id(deal(5)).title("D"));
    house.tell(MoveDeal::of(deal(3), "qualified"));
    house.tell(MoveDeal::of(deal(4), "qualified"));
    house.go_to("2026-01-15T11:00:00Z");
    house.tell(WinDeal::of(deal(1)));
    house.tell(LoseDeal::of(deal(3)).reason("price"));
    house.go_to("2026-01-25T11:00:00Z");
    house.tell(WinDeal::of(deal(2)));
    house
}

//! The house that every suite here tells its stories of: an organisation on an empty store, with a clock that is set by hand.
//!
//! Each suite has a house of its own, `House<ItsName>`, and gives it what its stories need beside this.
//!
//! Invariant: the store is whatever `store::empty` opens, and nothing here knows which.

use std::marker::PhantomData;
use std::sync::Arc;

use crm_core::clock::ManualClock;
use crm_core::value::{OrganizationId, UserId, Uuid};
use crm_core::{AddMember, Command, CreateOrganization, Crm, Error, Import, Profile};
use pollster::block_on as now;
use serde_json::Value as Json;

use super::counting::Counting;
use super::store::{Opened, empty};

/// The house of a suite.
pub(crate) struct House<S> {
    pub(crate) crm: Crm,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) id: OrganizationId,
    opened: Opened,
    asked: Arc<Counting>,
    suite: PhantomData<S>,
}

pub(crate) fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

impl<S> House<S> {
    /// An organisation that user 1 founds at this time, under this profile.
    pub(crate) fn open(profile: Profile, at: &str) -> Self {
        Self::found(profile, at, CreateOrganization::new())
    }

    /// The same, where what it is founded with matters.
    pub(crate) fn found(profile: Profile, at: &str, organization: CreateOrganization) -> Self {
        let (opened, clock) = (empty(), Arc::new(ManualClock::at(at.parse().unwrap())));
        let asked = Arc::new(Counting::over(Arc::clone(&opened.store)));
        let crm = Crm::new(asked.clone(), profile).with_clock(clock.clone());
        let id = now(crm.register(user(1), organization.name("House"))).unwrap().organization.id;
        Self { crm, clock, id, opened, asked, suite: PhantomData }
    }

    /// The same house under another profile from now on.
    pub(crate) fn under(&mut self, profile: Profile) {
        self.crm = Crm::new(self.asked.clone(), profile).with_clock(self.clock.clone());
    }

    pub(crate) fn join(&self, number: u128, role: &str) {
        self.do_(AddMember::with_id(user(number)).role(role));
    }

    pub(crate) fn by<C: Command>(&self, number: u128, command: C) -> Result<C::Output, Error> {
        now(self.crm.act(self.id, user(number)).apply(command))
    }

    /// The founder does it.
    pub(crate) fn do_<C: Command>(&self, command: C) -> C::Output {
        self.by(1, command).unwrap()
    }

    /// Brings rows in, all of them.
    pub(crate) fn import(&self, rows: impl IntoIterator<Item = Json>) {
        let rows: Vec<_> = rows.into_iter().collect();
        let count = rows.len();
        let report = self.do_(Import { rows });
        assert_eq!(report.imported(), count, "{report:?}");
    }

    /// What is done, how many loads it took, and how many rows these and its questions handed out.
    pub(crate) fn counted<T>(&self, act: impl FnOnce() -> T) -> (T, (usize, usize)) {
        self.asked.take();
        (act(), self.asked.take())
    }

    /// Everything that the store holds.
    pub(crate) fn world(&self) -> String {
        (self.opened.everything)(self.id)
    }

    /// What is different whenever anything was written.
    pub(crate) fn traces(&self) -> String {
        (self.opened.traces)(self.id)
    }
}

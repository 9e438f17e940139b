//! Stores that fail on the way, and colleagues who are faster.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use crm_core::draft::{ChangeSet, ReadSet, Snapshot};
use crm_core::store::{Answer, Capabilities, Commit, Question, Seat, Store, StoreError, Tenant};
use crm_core::value::{EventId, UserId};
use crm_core::{Class, Contact, Event, List, UpdateContact};
use crm_sheets::{Counts, ImportError};
use pollster::block_on as now;
use serde_json::json;

use super::{House, contacts, counted, file, house, user, words};

type Deed = Box<dyn FnOnce() + Send>;

/// A store before a store: it fails at some commits, and lets others be faster.
struct Gate {
    inner: Arc<dyn Store>,
    commits: AtomicU32,
    fails_at: u32,
    loses_answers: bool,
    lost: AtomicU32,
    first: Mutex<Option<Deed>>,
}

impl fmt::Debug for Gate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Gate")
    }
}

impl Gate {
    fn before(house: &House) -> Self {
        let inner: Arc<dyn Store> = house.store.clone();
        let (commits, lost) = (AtomicU32::new(0), AtomicU32::new(0));
        Self { inner, commits, fails_at: u32::MAX, loses_answers: false, lost, first: Mutex::new(None) }
    }

    fn failure() -> StoreError {
        StoreError::Unavailable("the line is dead".into())
    }
}

#[async_trait]
impl Store for Gate {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn load(&self, tenant: Tenant, want: &ReadSet) -> Result<Snapshot, StoreError> {
        if self.lost.load(Ordering::SeqCst) > 0 {
            return Err(Self::failure());
        }
        self.inner.load(tenant, want).await
    }

    async fn commit(&self, changes: &ChangeSet) -> Result<Commit, StoreError> {
        if let Some(deed) = self.first.lock().unwrap().take() {
            deed();
        }
        if self.commits.fetch_add(1, Ordering::SeqCst) == self.fails_at {
            if self.loses_answers {
                self.lost.store(1, Ordering::SeqCst);
                let _ = self.inner.commit(changes).await?;
            }
            return Err(Self::failure());
        }
        self.inner.commit(changes).await
    }

    async fn ask(&self, tenant: Tenant, questions: &[Question]) -> Result<Vec<Answer>, StoreError> {
        self.inner.ask(tenant, questions).await
    }

    async fn events(
        &self,
        tenant: Tenant,
        after: Option<EventId>,
        most: u32,
    ) -> Result<Vec<Event>, StoreError> {
        self.inner.events(tenant, after, most).await
    }

    async fn seats(&self, user: UserId) -> Result<Vec<Seat>, StoreError> {
        self.inner.seats(user).await
    }
}

fn thirty() -> String {
    (1..=30).fold("name;phone\n".to_owned(), |csv, number| csv + &format!("Name {number:02};{number}\n"))
}

#[test]
fn what_was_done_before_a_store_failed_is_told_and_the_rest_is_done_by_running_again() {
    for loses_answers in [false, true] {
        let house = house();
        let gate = Gate { fails_at: 1, loses_answers, ..Gate::before(&house) };
        let file = contacts(&thirty()).batches_of(10);
        let Err(ImportError::Stopped { report, source }) =
            now(file.run(&house.crm.act_on(&gate, house.id, user(1))))
        else {
            panic!("it did not stop")
        };
        assert_eq!(source.class(), Class::Unavailable);
        let unknown = if loses_answers { 10 } else { 0 };
        assert_eq!(counted(&report), Counts { created: 10, unknown, ..Counts::default() });
        let (there, missing) = if loses_answers { (20, 10) } else { (10, 20) };
        let again = house.run(&file);
        assert_eq!(counted(&again), Counts { unchanged: there, created: missing, ..Counts::default() });
        assert_eq!(now(house.session().count(List::<Contact>::new())).unwrap(), 30);
    }
}

/// A merge fills what is empty when it is written, not what was empty when the file was looked at.
#[test]
fn what_a_colleague_fills_in_meanwhile_is_kept() {
    for (policy, city, outcome) in [("merge", "Wien", "unchanged"), ("update", "Graz", "changed")] {
        let house = Arc::new(house());
        house.run(&contacts("name;phone\nAnn;1\n"));
        let (ann, colleague) = (house.contacts()[0].id, Arc::clone(&house));
        let deed: Deed = Box::new(move || {
            colleague.do_(UpdateContact::of(ann).city("Wien")).unwrap();
        });
        let gate = Gate { first: Mutex::new(Some(deed)), ..Gate::before(&house) };
        let lines = json!({ "key": ["phone"], "policy": policy });
        let file = file("contact", "name;phone;city\nAnn;1;Graz\n", lines);
        let report = now(file.run(&house.crm.act_on(&gate, house.id, user(1)))).unwrap();
        assert_eq!(words(&report), [outcome], "{policy}");
        assert_eq!(house.contacts()[0].city.as_ref().unwrap().as_str(), city, "{policy}");
    }
}

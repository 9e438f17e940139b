//! Consumers of the outbox: SQLite and PostgreSQL.
//!
//! `CRM_CASES` multiplies how many commands the writers make.
//!
//! Invariant: whoever competes and whoever dies, each event arrives, and those of a record arrive in their order.
#![cfg(any(feature = "sqlite", feature = "postgres"))]
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test panics where it fails")]

mod support {
    #[cfg(feature = "sqlite")]
    pub(crate) mod folder;
    pub(crate) mod runtime;
    #[cfg(feature = "postgres")]
    pub(crate) mod server;
}

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use crm_core::store::{Store, StoreError};
use crm_core::value::{ContactId, EventId, OrganizationId, UserId, Uuid};
use crm_core::{CreateContact, CreateOrganization, Crm, Event, Profile, UpdateContact};
use crm_store_sqlx::{Consumer, Lease, LeaseError};
use crm_testkit::cases::rounds;

const ADA: UserId = UserId::from_uuid(Uuid::from_u128(0xADA));
const HOUSE: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(0xA));
/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(600);
/// Over before it is looked at.
const OVER: Duration = Duration::ZERO;

/// A store whose outbox has consumers.
trait Shop: Store {
    fn consumer(&self, name: &str) -> Result<Consumer<'_>, StoreError>;
}

/// Where a store is.
#[async_trait]
trait Place: Send + Sync {
    /// Creates and changes a contact in one transaction of a host, which stays open for a while.
    async fn commit_late(&self, crm: &Crm, organization: OrganizationId, contact: ContactId, open: Duration);
}

async fn create_and_change(store: &dyn Store, crm: &Crm, organization: OrganizationId, contact: ContactId) {
    let session = crm.act_on(store, organization, ADA);
    session.apply(CreateContact::with_id(contact).name("Late")).await.unwrap();
    session.apply(UpdateContact::of(contact).name("Later")).await.unwrap();
}

fn contact(number: u128) -> ContactId {
    ContactId::from_uuid(Uuid::from_u128(0xC000 + number))
}

fn house(number: u128) -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(0xA + number))
}

fn engine(shop: &Arc<dyn Shop>) -> Crm {
    Crm::new(shop.clone(), Profile::preset("general").unwrap())
}

/// An organisation with a contact and so many changes of it.
async fn furnish(crm: &Crm, organization: OrganizationId, changes: u32) -> Vec<Event> {
    crm.register(ADA, CreateOrganization::with_id(organization).name("House")).await.unwrap();
    let session = crm.act(organization, ADA);
    session.apply(CreateContact::with_id(contact(0)).name("Iris")).await.unwrap();
    for number in 0..changes {
        let name = format!("Iris {number}");
        session.apply(UpdateContact::of(contact(0)).name(name.as_str())).await.unwrap();
    }
    crm.events(organization, None, 1_000).await.unwrap()
}

fn ids(events: &[Event]) -> Vec<EventId> {
    events.iter().map(|event| event.id).collect()
}

async fn lease<'a>(consumer: &Consumer<'a>, length: Duration) -> Lease<'a> {
    consumer.lease(HOUSE, length).await.unwrap().unwrap()
}

/// What was delivered in each organisation, in the order in which it was.
type Delivered = Mutex<BTreeMap<OrganizationId, Vec<Event>>>;

/// One of several processes that work for a consumer, until there is nothing more to do.
async fn work(shop: &dyn Shop, delivered: &Delivered, written: &AtomicBool, most: u32) -> u64 {
    let consumer = shop.consumer("mailer").unwrap();
    let (mut after, mut leases) = (None, 0);
    loop {
        let all_written = written.load(Ordering::SeqCst);
        let waiting = consumer.waiting(after, 2).await.unwrap();
        for organization in &waiting {
            let Some(mut lease) = consumer.lease(*organization, LONG).await.unwrap() else { continue };
            leases += 1;
            for event in lease.events(most).await.unwrap() {
                delivered.lock().unwrap().entry(*organization).or_default().push(event.clone());
                tokio::task::yield_now().await;
                lease.done(&event).await.unwrap();
            }
            lease.release().await.unwrap();
        }
        if waiting.is_empty() && after.is_none() {
            if all_written {
                return leases;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        after = waiting.last().copied();
    }
}

/// Many write, some of them in transactions that end late; four compete for one consumer.
async fn each_event_arrives_once_and_in_order(shop: Arc<dyn Shop>, place: Arc<dyn Place>) {
    let crm = engine(&shop);
    let (houses, writers, changes) = (3_u128, 4_u128, rounds(10));
    for number in 0..houses {
        furnish(&crm, house(number), 0).await;
    }
    let (delivered, written) = (Arc::new(Delivered::default()), Arc::new(AtomicBool::new(false)));
    let workers: Vec<_> = (1..=4)
        .map(|most| {
            let (shop, delivered, written) = (shop.clone(), delivered.clone(), written.clone());
            tokio::spawn(async move { work(&*shop, &delivered, &written, most).await })
        })
        .collect();
    let mut tasks = Vec::new();
    for (house, writer) in (0..houses).flat_map(|at| (1..=writers).map(move |writer| (house(at), writer))) {
        let (place, crm) = (place.clone(), crm.clone());
        tasks.push(tokio::spawn(async move {
            let session = crm.act(house, ADA);
            let own = contact(writer);
            session.apply(CreateContact::with_id(own).name("Own")).await.unwrap();
            for number in 0..changes {
                if number % 5 == 2 {
                    let other = contact(1_000 * writer + u128::from(number));
                    place.commit_late(&crm, house, other, Duration::from_millis(20)).await;
                }
                // Each second change is of a row that all writers change.
                let of = if number % 2 == 0 { own } else { contact(0) };
                let name = format!("{writer} {number}");
                session.apply(UpdateContact::of(of).name(name.as_str())).await.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    written.store(true, Ordering::SeqCst);
    let mut leases = 0;
    for worker in workers {
        leases += worker.await.unwrap();
    }
    let delivered = std::mem::take(&mut *delivered.lock().unwrap());
    let mut count = 0;
    for number in 0..houses {
        let expected = crm.events(house(number), None, 100_000).await.unwrap();
        let arrived = delivered.get(&house(number)).unwrap();
        assert!(ids(arrived) == ids(&expected), "all of them, once, in the order of the outbox");
        in_order(arrived);
        count += arrived.len();
    }
    println!("{count} events of {houses} organisations by {leases} leases");
}

/// The versions of each record rise by one.
fn in_order(events: &[Event]) {
    let mut versions = BTreeMap::new();
    for event in events {
        let before = versions.insert(event.subject, event.version).unwrap_or(0);
        assert!(event.version >= before, "{} of version {} after {before}", event.name, event.version);
    }
}

/// Works with leases that are too short for it: now and then it stands still, and finds itself replaced. Gives how often.
async fn work_slowly(shop: &dyn Shop, delivered: &Mutex<Vec<EventId>>, finished: &AtomicBool) -> u32 {
    let consumer = shop.consumer("mailer").unwrap();
    let (mut turn, mut lost) = (0, 0);
    while !finished.load(Ordering::SeqCst) {
        let Some(mut lease) = consumer.lease(HOUSE, Duration::from_millis(50)).await.unwrap() else {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        };
        let events = lease.events(10).await.unwrap();
        finished.fetch_or(events.is_empty(), Ordering::SeqCst);
        for event in events {
            turn += 1;
            if turn % 5 == 0 {
                tokio::time::sleep(Duration::from_millis(150)).await;
            }
            delivered.lock().unwrap().push(event.id);
            match lease.done(&event).await {
                Err(LeaseError::Lost) => {
                    lost += 1;
                    break;
                }
                done => done.unwrap(),
            }
        }
    }
    lost
}

async fn who_is_slow_brings_nothing_out_of_order(shop: Arc<dyn Shop>, _: Arc<dyn Place>) {
    let events = furnish(&engine(&shop), HOUSE, 30).await;
    let (delivered, finished) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let (shop, delivered, finished) = (shop.clone(), delivered.clone(), finished.clone());
            tokio::spawn(async move { work_slowly(&*shop, &delivered, &finished).await })
        })
        .collect();
    let mut lost = 0;
    for worker in workers {
        lost += worker.await.unwrap();
    }
    let mut delivered = std::mem::take(&mut *delivered.lock().unwrap());
    let (all, mut seen) = (delivered.len(), BTreeSet::new());
    delivered.retain(|id| seen.insert(*id));
    println!("{} events delivered {all} times; {lost} leases were lost", events.len());
    assert!(delivered == ids(&events), "whatever comes for the first time comes in order");
    assert!(lost > 0, "nobody was too slow");
}

async fn who_dies_is_followed_where_the_position_is(shop: Arc<dyn Shop>, _: Arc<dyn Place>) {
    let events = furnish(&engine(&shop), HOUSE, 8).await;
    let consumer = shop.consumer("mailer").unwrap();
    let mut delivered = Vec::new();
    // It delivers six events, has said so of four, and is gone without a word.
    let mut dying = lease(&consumer, Duration::from_millis(300)).await;
    for (number, event) in dying.events(6).await.unwrap().into_iter().enumerate() {
        if number < 4 {
            dying.done(&event).await.unwrap();
        }
        delivered.push(event);
    }
    let number = dying.number();
    drop(dying);
    let mut waited = Duration::ZERO;
    let mut next = loop {
        match consumer.lease(HOUSE, LONG).await.unwrap() {
            Some(lease) => break lease,
            None => {
                assert!(waited < LONG, "it never runs out");
                waited += Duration::from_millis(20);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    };
    assert!(next.number() > number);
    let rest = next.events(100).await.unwrap();
    assert_eq!(ids(&rest), ids(&events)[4..], "from the position on");
    next.done(rest.last().unwrap()).await.unwrap();
    assert!(next.events(100).await.unwrap().is_empty());
    assert!(consumer.waiting(None, 10).await.unwrap().is_empty());
    delivered.extend(rest);
    let mut seen = BTreeSet::new();
    let twice = delivered.iter().filter(|event| !seen.insert(event.id)).count();
    assert_eq!((seen.len(), twice), (events.len(), 2), "none is missing; two came twice");
    delivered.reverse();
    let mut seen = BTreeSet::new();
    delivered.retain(|event| seen.insert(event.id));
    delivered.reverse();
    in_order(&delivered);
}

async fn a_lost_lease_changes_nothing(shop: Arc<dyn Shop>, _: Arc<dyn Place>) {
    let events = furnish(&engine(&shop), HOUSE, 4).await;
    let consumer = shop.consumer("mailer").unwrap();
    let mut stale = lease(&consumer, OVER).await;
    let mut good = lease(&consumer, LONG).await;
    good.done(&events[1]).await.unwrap();
    for answer in [stale.done(&events[3]).await, stale.renew().await, stale.skip().await] {
        assert!(matches!(answer, Err(LeaseError::Lost)), "{answer:?}");
    }
    stale.release().await.unwrap();
    assert!(consumer.lease(HOUSE, LONG).await.unwrap().is_none(), "the good one is still there");
    assert_eq!(ids(&good.events(100).await.unwrap()), ids(&events)[2..]);
    good.release().await.unwrap();
    let next = lease(&consumer, LONG).await;
    assert_eq!(ids(&next.events(100).await.unwrap()), ids(&events)[2..]);
    assert_eq!(next.number(), 3);
}

/// Nobody else has wanted it.
async fn a_lease_that_ran_out_is_good_until_another_is_taken(shop: Arc<dyn Shop>, _: Arc<dyn Place>) {
    let events = furnish(&engine(&shop), HOUSE, 1).await;
    let consumer = shop.consumer("mailer").unwrap();
    let mut slow = lease(&consumer, OVER).await;
    slow.done(&events[0]).await.unwrap();
    slow.renew().await.unwrap();
    assert_eq!(ids(&slow.events(100).await.unwrap()), ids(&events)[1..]);
    // Longer than there are years.
    consumer.lease(HOUSE, Duration::MAX).await.unwrap().unwrap().renew().await.unwrap();
    assert!(slow.renew().await.unwrap_err().is_lost());
}

async fn a_position_never_goes_back(shop: Arc<dyn Shop>, _: Arc<dyn Place>) {
    let events = furnish(&engine(&shop), HOUSE, 4).await;
    let mut lease = lease(&shop.consumer("mailer").unwrap(), LONG).await;
    for event in [&events[2], &events[0], &events[2]] {
        lease.done(event).await.unwrap();
        assert_eq!(ids(&lease.events(100).await.unwrap()), ids(&events)[3..]);
    }
    let unknown = Event { id: EventId::from_uuid(Uuid::from_u128(1)), ..events[3].clone() };
    let answer = lease.done(&unknown).await;
    assert!(matches!(answer, Err(LeaseError::Store(StoreError::Broken(..)))), "{answer:?}");
    assert_eq!(ids(&lease.events(1).await.unwrap()), [events[3].id]);
}

async fn consumers_are_independent(shop: Arc<dyn Shop>, _: Arc<dyn Place>) {
    let events = furnish(&engine(&shop), HOUSE, 2).await;
    let (mailer, search) = (shop.consumer("mailer").unwrap(), shop.consumer("search").unwrap());
    let mut of_mailer = lease(&mailer, LONG).await;
    of_mailer.done(&events[2]).await.unwrap();
    assert_eq!(search.waiting(None, 10).await.unwrap(), [HOUSE]);
    assert!(mailer.waiting(None, 10).await.unwrap().is_empty());
    let of_search = lease(&search, LONG).await;
    assert_eq!(ids(&of_search.events(100).await.unwrap()), ids(&events));
    assert_eq!(ids(&of_mailer.events(100).await.unwrap()), ids(&events)[3..]);
    for name in ["", "Mailer", "the mailer", "x'; DROP TABLE crm_event", &"m".repeat(41)] {
        assert!(shop.consumer(name).is_err(), "{name}");
    }
}

async fn who_skips_is_told_of_what_comes(shop: Arc<dyn Shop>, _: Arc<dyn Place>) {
    let crm = engine(&shop);
    furnish(&crm, HOUSE, 2).await;
    furnish(&crm, house(1), 2).await;
    let consumer = shop.consumer("mailer").unwrap();
    let mut lease = lease(&consumer, LONG).await;
    lease.skip().await.unwrap();
    assert!(lease.events(100).await.unwrap().is_empty());
    lease.release().await.unwrap();
    assert_eq!(consumer.waiting(None, 10).await.unwrap(), [house(1)]);
    let renamed = UpdateContact::of(contact(0)).name("New");
    let row = crm.act(HOUSE, ADA).apply(renamed).await.unwrap();
    assert_eq!(consumer.waiting(None, 10).await.unwrap(), [HOUSE, house(1)]);
    let lease = consumer.lease(HOUSE, LONG).await.unwrap().unwrap();
    let versions: Vec<u64> = lease.events(100).await.unwrap().iter().map(|event| event.version).collect();
    assert_eq!(versions, [row.version]);
    // In an organisation without events there is nothing to skip.
    let mut empty = consumer.lease(house(9), LONG).await.unwrap().unwrap();
    empty.skip().await.unwrap();
    assert!(empty.events(100).await.unwrap().is_empty());
}

async fn waiting_goes_from_organisation_to_organisation(shop: Arc<dyn Shop>, _: Arc<dyn Place>) {
    let crm = engine(&shop);
    for number in [3, 0, 4, 1, 2] {
        furnish(&crm, house(number), 0).await;
    }
    let consumer = shop.consumer("mailer").unwrap();
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = consumer.waiting(after, 2).await.unwrap();
        after = page.last().copied();
        found.push(page);
        if after.is_none() {
            break;
        }
    }
    let houses = [0, 1, 2, 3, 4].map(house);
    assert_eq!(found, [&houses[..2], &houses[2..4], &houses[4..], &[]]);
    let held = consumer.lease(house(1), LONG).await.unwrap().unwrap();
    let mut done = consumer.lease(house(2), LONG).await.unwrap().unwrap();
    let last = done.events(100).await.unwrap().pop().unwrap();
    done.done(&last).await.unwrap();
    done.release().await.unwrap();
    assert_eq!(consumer.waiting(None, 10).await.unwrap(), [0, 3, 4].map(house));
    held.release().await.unwrap();
    assert_eq!(consumer.waiting(Some(house(0)), 2).await.unwrap(), [1, 3].map(house));
}

/// Makes a test of each function, over the stores that a function makes.
macro_rules! over {
    ($make:path: $($name:ident),+ $(,)?) => {$(
        #[test]
        fn $name() {
            crate::support::runtime::block_on(async {
                let (shop, place) = $make().await;
                crate::$name(shop, place).await;
            });
        }
    )+};
}

macro_rules! all_over {
    ($make:path) => {
        over!(
            $make: each_event_arrives_once_and_in_order,
            who_is_slow_brings_nothing_out_of_order,
            who_dies_is_followed_where_the_position_is,
            a_lost_lease_changes_nothing,
            a_lease_that_ran_out_is_good_until_another_is_taken,
            a_position_never_goes_back,
            consumers_are_independent,
            who_skips_is_told_of_what_comes,
            waiting_goes_from_organisation_to_organisation,
        );
    };
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use std::sync::Arc;
    use std::time::Duration;

    use async_trait::async_trait;
    use crm_core::Crm;
    use crm_core::store::StoreError;
    use crm_core::value::{ContactId, OrganizationId};
    use crm_store_sqlx::{Consumer, SqliteSession, SqliteStore};
    use sqlx::sqlite::SqliteConnectOptions;
    use sqlx::{ConnectOptions as _, Connection as _, Executor as _};

    use crate::support::folder::Folder;
    use crate::{Place, Shop, create_and_change};

    impl Shop for SqliteStore {
        fn consumer(&self, name: &str) -> Result<Consumer<'_>, StoreError> {
            self.consumer(name)
        }
    }

    #[async_trait]
    impl Place for Folder {
        async fn commit_late(&self, crm: &Crm, house: OrganizationId, contact: ContactId, open: Duration) {
            let options = SqliteConnectOptions::new().filename(self.file("crm.db")).foreign_keys(true);
            let mut connection = options.busy_timeout(Duration::from_secs(60)).connect().await.unwrap();
            connection.execute("BEGIN IMMEDIATE").await.unwrap();
            create_and_change(&SqliteSession::new(&mut connection), crm, house, contact).await;
            tokio::time::sleep(open).await;
            connection.execute("COMMIT").await.unwrap();
            connection.close().await.unwrap();
        }
    }

    async fn shop() -> (Arc<dyn Shop>, Arc<dyn Place>) {
        let folder = Folder::new();
        let store = SqliteStore::open(folder.file("crm.db")).await.unwrap();
        store.migrate().await.unwrap();
        (Arc::new(store), Arc::new(folder))
    }

    all_over!(shop);
}

#[cfg(feature = "postgres")]
mod postgres {
    use std::sync::Arc;
    use std::time::Duration;

    use async_trait::async_trait;
    use crm_core::store::StoreError;
    use crm_core::value::{ContactId, OrganizationId, Uuid};
    use crm_core::{Crm, UpdateContact};
    use crm_store_sqlx::{Consumer, PgSession, PgStore};
    use sqlx::postgres::PgPoolOptions;
    use sqlx::{AssertSqlSafe, Executor as _, PgPool, Row as _};

    use crate::support::runtime::block_on;
    use crate::support::server::Schema;
    use crate::{ADA, HOUSE, LONG, Place, Shop, contact, create_and_change, engine, furnish, ids, lease};

    impl Shop for PgStore {
        fn consumer(&self, name: &str) -> Result<Consumer<'_>, StoreError> {
            self.consumer(name)
        }
    }

    #[async_trait]
    impl Place for Schema {
        async fn commit_late(&self, crm: &Crm, house: OrganizationId, contact: ContactId, open: Duration) {
            let mut transaction = self.pool.begin().await.unwrap();
            {
                let store = PgSession::new(&mut transaction).in_schema(&self.name).unwrap();
                create_and_change(&store, crm, house, contact).await;
            }
            tokio::time::sleep(open).await;
            transaction.commit().await.unwrap();
        }
    }

    async fn open(pool: PgPool, schema: &str) -> PgStore {
        let store = PgStore::new(pool).in_schema(schema).unwrap();
        store.migrate().await.unwrap();
        store
    }

    async fn shop() -> (Arc<dyn Shop>, Arc<dyn Place>) {
        let schema = Schema::new().await;
        (Arc::new(open(schema.pool.clone(), &schema.name).await), Arc::new(schema))
    }

    all_over!(shop);

    /// What is numbered later and committed earlier waits for it.
    #[test]
    fn an_event_that_commits_late_is_not_passed_over() {
        block_on(async {
            let schema = Schema::new().await;
            let shop: Arc<dyn Shop> = Arc::new(open(schema.pool.clone(), &schema.name).await);
            let crm = engine(&shop);
            let before = furnish(&crm, HOUSE, 0).await.len();
            let mut lease = lease(&shop.consumer("mailer").unwrap(), LONG).await;
            lease.skip().await.unwrap();
            let mut late = schema.pool.begin().await.unwrap();
            let session = PgSession::new(&mut late).in_schema(&schema.name).unwrap();
            create_and_change(&session, &crm, HOUSE, contact(1)).await;
            drop(session);
            let rename = UpdateContact::of(contact(0)).name("At once");
            crm.act(HOUSE, ADA).apply(rename).await.unwrap();
            assert!(lease.events(100).await.unwrap().is_empty());
            // To skip is not to pass over what is not settled either.
            lease.skip().await.unwrap();
            late.commit().await.unwrap();
            let events = lease.events(100).await.unwrap();
            let subjects: Vec<_> = events.iter().map(|event| event.subject.id).collect();
            assert_eq!(subjects, [contact(1), contact(1), contact(0)].map(Uuid::from));
            assert_eq!(ids(&events), ids(&crm.events(HOUSE, None, 100).await.unwrap())[before..]);
        });
    }

    /// Who waits is found by the index, however many events there are. The plan is that of the very statement that the
    /// store has prepared.
    #[test]
    fn waiting_looks_at_the_end_of_the_index_only() {
        block_on(async {
            let schema = Schema::new().await;
            let url = std::env::var("CRM_TEST_POSTGRES_URL").unwrap();
            let pool = PgPoolOptions::new().max_connections(1).connect(&url).await.unwrap();
            let shop: Arc<dyn Shop> = Arc::new(open(pool.clone(), &schema.name).await);
            furnish(&engine(&shop), HOUSE, 0).await;
            fill(&pool, &schema.name).await;
            assert_eq!(shop.consumer("mailer").unwrap().waiting(None, 50).await.unwrap().len(), 50);
            let text = "SELECT name FROM pg_prepared_statements \
                        WHERE statement LIKE '/* across organizations */ SELECT o.organization_id FROM%'";
            let prepared: String = sqlx::query_scalar(text).fetch_one(&pool).await.unwrap();
            // For the first consumer all wait, so it finds its fifty soon; for the other none, so it passes all.
            for name in ["mailer", "idle"] {
                let text = format!("EXPLAIN (ANALYZE) EXECUTE {prepared}('{name}', 50)");
                let rows = pool.fetch_all(sqlx::raw_sql(AssertSqlSafe(text))).await.unwrap();
                let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
                let plan = plan.join("\n");
                println!("{name}: {plan}");
                assert!(plan.contains("Index Only Scan Backward using event_order on event e"), "{plan}");
                assert!(!plan.contains("Seq Scan on event"), "{plan}");
                let stops_early = plan.contains("Index Only Scan using organization_pkey on organization o");
                assert!(stops_early || name == "idle", "{plan}");
            }
            pool.close().await;
        });
    }

    /// Two thousand organisations, with a hundred events each, and a consumer that is done with all of them.
    async fn fill(pool: &PgPool, schema: &str) {
        let texts = [
            "INSERT INTO {}.organization SELECT (jsonb_populate_record(o, jsonb_build_object('organization_id', \
             md5(n::text)::uuid, 'id', md5(n::text)::uuid, 'default_pipeline', NULL))).* \
             FROM {}.organization AS o, generate_series(1, 2000) AS n",
            "INSERT INTO {}.event (organization_id, id, name, kind, subject, version, at, actor, command, data) \
             SELECT o.organization_id, gen_random_uuid(), e.name, e.kind, e.subject, e.version, e.at, e.actor, \
             e.command, e.data FROM {}.organization AS o, generate_series(1, 100), \
             (SELECT * FROM {}.event LIMIT 1) AS e",
            "INSERT INTO {}.consumer SELECT organization_id, 'idle', max(number), 1, NULL FROM {}.event GROUP BY 1",
            "VACUUM ANALYZE {}.organization",
            "VACUUM ANALYZE {}.event",
            "VACUUM ANALYZE {}.consumer",
        ];
        for text in texts {
            let text = text.replace("{}", &format!("\"{schema}\""));
            pool.execute(sqlx::raw_sql(AssertSqlSafe(text))).await.unwrap();
        }
    }
}

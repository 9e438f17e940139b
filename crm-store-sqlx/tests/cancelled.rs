//! Commands that nobody waits for any more, given up at random points: over pools and inside transactions of a host.
//!
//! `CRM_CASES` multiplies how many are given up; 4 makes them 1,000 on each store.
//!
//! Invariant: whatever was answered is there, and nothing is half there: a record stands with as many ledger entries and
//! events as its version says, and a command wrote all of its rows or none.
#![cfg(any(feature = "sqlite", feature = "postgres"))]
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

mod support {
    #[cfg(feature = "postgres")]
    pub(crate) mod address;
    #[cfg(feature = "sqlite")]
    pub(crate) mod folder;
    pub(crate) mod runtime;
    #[cfg(feature = "postgres")]
    pub(crate) mod server;
    pub(crate) mod within;
}

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use crm_core::describe::{Entity, Id as _, Key};
use crm_core::store::{Store, Tenant};
use crm_core::value::{CommandId, ContactId, DealId, OrganizationId, TaskId, UserId, Uuid};
use crm_core::{
    Activity, Batch, Contact, CreateContact, CreateDeal, CreateOrganization, CreateTask, Crm, Deal, Error,
    List, Membership, Pipeline, Profile, Session, Task, UpdateContact,
};
use crm_testkit::cases::rounds;
use crm_testkit::dump::{Dump, dump};

const ADA: UserId = UserId::from_uuid(Uuid::from_u128(0xADA));
const HOUSE: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(0xA));

fn times() -> u64 {
    rounds(250)
}

/// Waits for a future for so many polls; how many it took, and its output if it came.
async fn wait<F: Future>(future: F, most: u64) -> (u64, Option<F::Output>) {
    let (mut future, mut polls) = (pin!(future), 0);
    poll_fn(|context| {
        polls += 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready((polls, Some(output))),
            Poll::Pending if polls >= most => Poll::Ready((polls, None)),
            Poll::Pending => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    })
    .await
}

/// Numbers that look drawn by chance, and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end.max(1)
    }
}

/// What was answered, and how much was given up.
#[derive(Debug, Default)]
struct Told {
    /// The highest version of each record that an answer told of.
    versions: BTreeMap<Key, u64>,
    answered: u64,
    given_up: u64,
    failed: Vec<Error>,
}

impl Told {
    fn join(mut self, other: Self) -> Self {
        self.versions.extend(other.versions);
        self.failed.extend(other.failed);
        Self { answered: self.answered + other.answered, given_up: self.given_up + other.given_up, ..self }
    }

    fn hear(&mut self, key: Key, version: u64) {
        let highest = self.versions.entry(key).or_default();
        *highest = (*highest).max(version);
    }
}

/// Starts commands one after the other, and gives many of them up. Each worker has a contact of its own to change.
async fn hurry(session: &Session<'_>, worker: u64, times: u64) -> Told {
    let (mut dice, mut told) = (Dice(worker + 1), Told::default());
    let id = |number: u64| Uuid::from_u128((u128::from(worker) << 32) + 0x1_0000 + u128::from(number));
    let contact = ContactId::from_uuid(id(0));
    session.apply(CreateContact::with_id(contact).name("Contact")).await.unwrap();
    // How many polls a command takes is learnt on the way, so that they are given up at every point of it.
    let mut usual = 2_000;
    for number in 1..=times {
        let most = 1 + dice.below(usual + usual / 3);
        let (polls, answer) = wait(one(session, [worker, number], contact, id(number)), most).await;
        match answer {
            None => {
                told.given_up += 1;
                usual += usual / 8 + 1;
            }
            Some(Ok(rows)) => {
                told.answered += 1;
                usual = (usual * 7 + polls) / 8;
                rows.into_iter().for_each(|(key, version)| told.hear(key, version));
            }
            Some(Err(error)) => told.failed.push(error),
        }
    }
    // It still works, for whoever waits.
    let last = session.apply(UpdateContact::of(contact).name("Last")).await.unwrap();
    told.hear(last.id.key(), last.version);
    told
}

/// One command: of one row, of several, with a unique address, or a change.
async fn one(
    session: &Session<'_>,
    [worker, number]: [u64; 2],
    contact: ContactId,
    id: Uuid,
) -> Result<Vec<(Key, u64)>, Error> {
    let name = format!("Contact {number}");
    match number % 4 {
        0 => {
            let create = CreateDeal::with_id(DealId::from_uuid(id)).title("Deal").contact(contact);
            session.apply(create).await.map(|row| vec![(row.id.key(), row.version)])
        }
        1 => {
            let email = format!("{worker}-{number}@example.com");
            let create = CreateContact::with_id(ContactId::from_uuid(id)).name(name.as_str());
            let answer = session.apply(create.email(email.as_str())).await;
            answer.map(|row| vec![(row.id.key(), row.version)])
        }
        2 => {
            let answer = session.apply(UpdateContact::of(contact).name(name.as_str())).await;
            answer.map(|row| vec![(row.id.key(), row.version)])
        }
        _ => {
            let tasks =
                [0, 1, 2].map(|place| TaskId::from_uuid(Uuid::from_u128(id.as_u128() + (place << 24))));
            let batch = tasks
                .iter()
                .fold(Batch::new(), |batch, task| batch.then(CreateTask::with_id(*task).title("T")));
            session.apply(batch).await.map(|_| tasks.iter().map(|task| (task.key(), 1)).collect())
        }
    }
}

/// Everything that can be listed, with its version.
async fn listed<E: Entity>(session: &Session<'_>, into: &mut BTreeMap<Key, u64>) -> Vec<Arc<E>> {
    let mut rows = Vec::new();
    for page in 1.. {
        let list = List::<E>::new().order_by("created_at", false).page(page, 100);
        let found = session.list(list).await.unwrap();
        let is_last = found.items.len() < 100;
        rows.extend(found.items);
        if is_last {
            break;
        }
    }
    into.extend(rows.iter().map(|row| (row.id().key(), row.version())));
    rows
}

/// Holds what is there to what was answered, and to itself.
async fn check(what: &str, session: &Session<'_>, store: &dyn Store, told: &Told) {
    let Told { versions, answered, given_up, failed } = told;
    println!("{what}: {answered} answered, {given_up} given up, {} failed", failed.len());
    assert!(failed.is_empty(), "{what}: {:?}", failed.first());
    assert!(*answered > 10 && *given_up > 10, "{what}: a test of nothing proves nothing");
    let mut there = BTreeMap::new();
    let contacts = listed::<Contact>(session, &mut there).await;
    listed::<Deal>(session, &mut there).await;
    listed::<Task>(session, &mut there).await;
    listed::<Activity>(session, &mut there).await;
    listed::<Membership>(session, &mut there).await;
    listed::<Pipeline>(session, &mut there).await;
    let organization = session.organization().await.unwrap();
    there.insert(organization.id.key(), organization.version);
    for (key, version) in versions {
        assert!(there.get(key) >= Some(version), "{what}: {key} was answered at version {version}");
    }

    let Dump { ledger, events, claims, unknown_commands, .. } =
        dump(store, Tenant::of(HOUSE), &BTreeSet::new()).await.unwrap();
    let (mut entered, mut announced) = (BTreeMap::<Key, u64>::new(), BTreeMap::<Key, BTreeSet<u64>>::new());
    let mut commands: BTreeMap<CommandId, Vec<&str>> = BTreeMap::new();
    for entry in &ledger {
        *entered.entry(entry.subject).or_default() += 1;
        commands.entry(entry.command).or_default().push(&entry.cause);
    }
    for event in &events {
        announced.entry(event.subject).or_default().insert(event.version);
    }
    let announced: BTreeMap<_, _> =
        announced.into_iter().map(|(key, versions)| (key, versions.len() as u64)).collect();
    assert_eq!(there, entered, "{what}: an entry of the ledger for each version");
    assert_eq!(there, announced, "{what}: an event for each version");
    assert_eq!(unknown_commands, [], "{what}: commands that wrote and are not in the books");
    let addresses = contacts.iter().filter(|contact| contact.email.is_some()).count();
    assert_eq!(claims.len(), addresses, "{what}: a claim for each address");
    let mut whole = BTreeMap::<&str, u64>::new();
    for (command, causes) in &commands {
        let (Some(cause), count) = (causes.first(), causes.len()) else { continue };
        let wanted = match *cause {
            "create_contact" | "update_contact" => 1,
            "create_deal" => 2,
            "batch" => 3,
            _ => count,
        };
        assert_eq!(count, wanted, "{what}: command {command} is half there");
        *whole.entry(cause).or_default() += 1;
    }
    println!("{what}: {} records; commands that are there, whole: {whole:?}", there.len());
    assert_eq!(whole.len(), 5, "{what}: of each command some are there");
}

/// The organisation in which all this happens.
async fn founded(store: Arc<dyn Store>) -> Crm {
    let profile = r#"{ "extends": "general", "name": "cancelled", "unique": ["contact.email"] }"#;
    let crm = Crm::new(store, Profile::from_json(profile).unwrap());
    crm.register(ADA, CreateOrganization::with_id(HOUSE).name("House")).await.unwrap();
    crm
}

/// Several workers over one pool.
async fn over_a_pool(crm: &Crm) -> Told {
    let worker = |number: u64| {
        let crm = crm.clone();
        tokio::spawn(async move { hurry(&crm.act(HOUSE, ADA), number, times() / 4).await })
    };
    let workers: Vec<_> = (0..4).map(worker).collect();
    let mut told = Told::default();
    for worker in workers {
        told = told.join(worker.await.unwrap());
    }
    told
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use std::sync::Arc;
    use std::time::Duration;

    use crm_store_sqlx::{SqliteSession, SqliteStore};
    use sqlx::sqlite::SqliteConnectOptions;
    use sqlx::{ConnectOptions as _, Executor as _, SqliteConnection};
    use tokio::sync::Mutex;

    use super::{ADA, HOUSE, check, founded, hurry, over_a_pool, times};
    use crate::support::folder::Folder;
    use crate::support::runtime::block_on;
    use crate::support::within::within;

    within!(Within, Box<SqliteConnection>, |lent| SqliteSession::new(lent.0));

    async fn connection(folder: &Folder) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(folder.file("crm.db"));
        options.foreign_keys(true).busy_timeout(Duration::from_millis(500)).connect().await.unwrap()
    }

    async fn store(folder: &Folder) -> Arc<SqliteStore> {
        let store = Arc::new(SqliteStore::open(folder.file("crm.db")).await.unwrap());
        store.migrate().await.unwrap();
        store
    }

    #[test]
    fn a_pool_survives() {
        let folder = Folder::new();
        block_on(async {
            let store = store(&folder).await;
            let crm = founded(store.clone()).await;
            let told = over_a_pool(&crm).await;
            // Nobody holds the write lock any more.
            connection(&folder).await.execute("BEGIN IMMEDIATE").await.unwrap();
            check("SQLite, pool", &crm.act(HOUSE, ADA), &*store, &told).await;
        });
    }

    /// The host keeps one session for all that it does in its transaction.
    #[test]
    fn a_session_survives() {
        let folder = Folder::new();
        block_on(async {
            let store = store(&folder).await;
            let crm = founded(store.clone()).await;
            let mut connection = connection(&folder).await;
            connection.execute("BEGIN IMMEDIATE").await.unwrap();
            let session = SqliteSession::new(&mut connection);
            let told = hurry(&crm.act_on(&session, HOUSE, ADA), 1, times()).await;
            connection.execute("COMMIT").await.unwrap();
            check("SQLite, one session", &crm.act(HOUSE, ADA), &*store, &told).await;
        });
    }

    /// The host makes a session for each call, so nothing remembers that a commit was given up; and commits.
    #[test]
    fn a_session_that_is_gone_leaves_nothing_half_done() {
        let folder = Folder::new();
        block_on(async {
            let store = store(&folder).await;
            let crm = founded(store.clone()).await;
            let mut connection = connection(&folder).await;
            connection.execute("BEGIN IMMEDIATE").await.unwrap();
            let within = Within { connection: Mutex::new(Box::new(connection)), schema: String::new() };
            let told = hurry(&crm.act_on(&within, HOUSE, ADA), 1, times()).await;
            within.connection.into_inner().execute("COMMIT").await.unwrap();
            check("SQLite, many sessions", &crm.act(HOUSE, ADA), &*store, &told).await;
        });
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use std::future::IntoFuture as _;
    use std::sync::Arc;

    use crm_core::{Contact, CreateContact, List};
    use crm_store_sqlx::{PgSession, PgStore};
    use sqlx::Executor as _;
    use sqlx::pool::PoolConnection;
    use sqlx::postgres::PgPoolOptions;
    use tokio::sync::Mutex;

    use super::{ADA, HOUSE, check, founded, hurry, over_a_pool, times};
    use crate::support::address::named;
    use crate::support::runtime::block_on;
    use crate::support::server::Schema;
    use crate::support::within::within;

    within!(Within, PoolConnection<sqlx::Postgres>, |lent| PgSession::new(lent.0).in_schema(lent.1)?);

    const CONNECTIONS: u32 = 4;

    /// A schema, and a small pool of its own whose connections bear its name.
    async fn store() -> (Schema, Arc<PgStore>, sqlx::PgPool) {
        let schema = Schema::new().await;
        let options = (*schema.pool.connect_options()).clone().application_name(&schema.name);
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
        let pool = pool.connect_with(options).await.unwrap();
        let store = Arc::new(PgStore::new(pool.clone()).in_schema(&schema.name).unwrap());
        store.migrate().await.unwrap();
        (schema, store, pool)
    }

    #[test]
    fn a_pool_survives() {
        block_on(async {
            let (schema, store, pool) = store().await;
            let crm = founded(store.clone()).await;
            let told = over_a_pool(&crm).await;
            // Whoever has all connections knows that nothing is under way on any of them.
            let mut all = Vec::new();
            for _ in 0..CONNECTIONS {
                all.push(pool.acquire().await.unwrap());
            }
            let text =
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND state <> 'idle'";
            let count = sqlx::query_scalar::<_, i64>(text).bind(&schema.name).fetch_one(&schema.pool).await;
            assert_eq!(count.unwrap(), 0, "connections in the middle of something");
            drop(all);
            check("PostgreSQL, pool", &crm.act(HOUSE, ADA), &*store, &told).await;
        });
    }

    #[test]
    fn a_pool_of_the_stores_own_survives() {
        block_on(async {
            let schema = Schema::new().await;
            let address = named(&schema);
            let store = Arc::new(PgStore::connect(&address).await.unwrap().in_schema(&schema.name).unwrap());
            store.migrate().await.unwrap();
            let crm = founded(store.clone()).await;
            let told = over_a_pool(&crm).await;
            // What was given up is ended by the driver's pool.
            let text =
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND state <> 'idle'";
            let busy = || sqlx::query_scalar::<_, i64>(text).bind(&schema.name).fetch_one(&schema.pool);
            while busy().await.unwrap() > 0 {
                tokio::task::yield_now().await;
            }
            check("PostgreSQL, own pool", &crm.act(HOUSE, ADA), &*store, &told).await;
            store.close().await;
        });
    }

    /// The host keeps one session for all that it does in its transaction.
    #[test]
    fn a_session_survives() {
        block_on(async {
            let (schema, store, pool) = store().await;
            let crm = founded(store.clone()).await;
            let mut connection = pool.acquire().await.unwrap();
            connection.execute("BEGIN").await.unwrap();
            let session = PgSession::new(&mut connection).in_schema(&schema.name).unwrap();
            let told = hurry(&crm.act_on(&session, HOUSE, ADA), 1, times()).await;
            connection.execute("COMMIT").await.unwrap();
            check("PostgreSQL, one session", &crm.act(HOUSE, ADA), &*store, &told).await;
        });
    }

    /// The host makes a session for each call, so nothing remembers that a commit was given up; and commits.
    #[test]
    fn a_session_that_is_gone_leaves_nothing_half_done() {
        block_on(async {
            let (schema, store, pool) = store().await;
            let crm = founded(store.clone()).await;
            let mut connection = pool.acquire().await.unwrap();
            connection.execute("BEGIN").await.unwrap();
            let within = Within { connection: Mutex::new(connection), schema: schema.name.clone() };
            let told = hurry(&crm.act_on(&within, HOUSE, ADA), 1, times()).await;
            within.connection.into_inner().execute("COMMIT").await.unwrap();
            check("PostgreSQL, many sessions", &crm.act(HOUSE, ADA), &*store, &told).await;
        });
    }

    /// Waits until a connection waits for a lock.
    async fn waiting(pool: &sqlx::PgPool, process: i32) {
        let text = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $1";
        let is_waiting = || sqlx::query_scalar::<_, Option<bool>>(text).bind(process).fetch_one(pool);
        while is_waiting().await.unwrap() != Some(true) {
            tokio::task::yield_now().await;
        }
    }

    /// A command is given up while it waits for a key that somebody else has just taken. That it failed in the end is told
    /// to nobody, and the transaction of the host lives on.
    #[test]
    fn a_collision_that_nobody_waited_for_is_not_told_to_the_next() {
        block_on(async {
            let (schema, store, pool) = store().await;
            let crm = founded(store.clone()).await;
            let create = || CreateContact::new().name("Contact").email("same@example.com");
            let mut first = pool.acquire().await.unwrap();
            first.execute("BEGIN").await.unwrap();
            let session = PgSession::new(&mut first).in_schema(&schema.name).unwrap();
            crm.act_on(&session, HOUSE, ADA).apply(create()).await.unwrap();

            let mut second = pool.acquire().await.unwrap();
            let process =
                sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *second).await.unwrap();
            second.execute("BEGIN").await.unwrap();
            let session = PgSession::new(&mut second).in_schema(&schema.name).unwrap();
            let ada = crm.act_on(&session, HOUSE, ADA);
            tokio::select! {
                answer = ada.apply(create()).into_future() => assert!(answer.is_err(), "it waits"),
                () = waiting(&pool, process) => {}
            }
            first.execute("COMMIT").await.unwrap();
            assert_eq!(ada.apply(create()).await.unwrap_err().code(), "already_exists");
            ada.apply(CreateContact::new().name("Another")).await.unwrap();
            second.execute("COMMIT").await.unwrap();
            let found = crm.act(HOUSE, ADA).list(List::<Contact>::new()).await.unwrap();
            assert_eq!(found.total, Some(2));
        });
    }
}

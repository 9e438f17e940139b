//! What limits and losses of connections look like to a host: time limits, pools without a place, replicas, a server that
//! has gone away, and addresses that ask for what there is not.
//!
//! Invariant: what a limit ends was not written, can be tried again where that may help, and leaves a pool that works.
#![cfg(feature = "postgres")]
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

mod support {
    pub(crate) mod address;
    pub(crate) mod runtime;
    pub(crate) mod server;
}

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crm_core::analytics::Dashboard;
use crm_core::store::StoreError;
use crm_core::value::{ContactId, OrganizationId, UserId, Uuid};
use crm_core::{
    Action, Activity, Contact, CreateContact, CreateOrganization, Crm, Error, List, Profile, UpdateContact,
};
use crm_store_sqlx::PgStore;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _, PgPool};

use support::address::named;
use support::runtime::{block_on, unique};
use support::server::{Schema, url};

const ADA: UserId = UserId::from_uuid(Uuid::from_u128(0xADA));
const HOUSE: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(0xA));
const IRIS: ContactId = ContactId::from_uuid(Uuid::from_u128(1));

/// A house with a contact, and pools of any kind to it.
struct House {
    schema: Schema,
    crm: Crm,
}

impl House {
    async fn new() -> Self {
        let schema = Schema::new().await;
        let store = PgStore::new(schema.pool.clone()).in_schema(&schema.name).unwrap();
        store.migrate().await.unwrap();
        let crm = Crm::new(Arc::new(store), Profile::preset("general").unwrap());
        crm.register(ADA, CreateOrganization::with_id(HOUSE).name("House")).await.unwrap();
        crm.act(HOUSE, ADA).apply(CreateContact::with_id(IRIS).name("Iris")).await.unwrap();
        Self { schema, crm }
    }

    fn store(&self, pool: PgPool) -> Arc<PgStore> {
        Arc::new(PgStore::new(pool).in_schema(&self.schema.name).unwrap())
    }

    fn over(&self, pool: PgPool) -> Crm {
        Crm::new(self.store(pool), Profile::preset("general").unwrap())
    }

    /// A store with a pool of its own, and what works over it.
    async fn own(&self, address: &str) -> (Arc<PgStore>, Crm) {
        let store = PgStore::connect(address).await.unwrap().in_schema(&self.schema.name).unwrap();
        let store = Arc::new(store);
        (store.clone(), Crm::new(store, Profile::preset("general").unwrap()))
    }

    /// Ends all connections that bear the schema's name; how many there were.
    async fn end_all(&self) -> i64 {
        let text = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity \
                    WHERE application_name = $1";
        sqlx::query_scalar(text).bind(&self.schema.name).fetch_one(&self.schema.pool).await.unwrap()
    }

    async fn version(&self) -> u64 {
        self.crm.act(HOUSE, ADA).get(IRIS).await.unwrap().version
    }

    /// Holds the contact's row in a transaction, as a slow host would.
    async fn holding(&self) -> sqlx::Transaction<'static, sqlx::Postgres> {
        let mut transaction = self.schema.pool.begin().await.unwrap();
        let text = format!("SELECT 1 FROM \"{}\".contact FOR UPDATE", self.schema.name);
        transaction.execute(AssertSqlSafe(text)).await.unwrap();
        transaction
    }
}

/// A pool whose connections have a setting, and which waits a short time for a free one.
fn pool(connections: u32, setting: (&str, &str)) -> PgPool {
    let options: PgConnectOptions = url("CRM_TEST_POSTGRES_URL").parse().unwrap();
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(if connections == 1 { 1 } else { 30 }))
        .test_before_acquire(false)
        .connect_lazy_with(options.options([setting]))
}

/// Gives the contact a name that it has not had.
async fn rename(crm: &Crm) -> Result<u64, Error> {
    let renamed = crm.act(HOUSE, ADA).apply(UpdateContact::of(IRIS).name(unique("Iris"))).await;
    renamed.map(|contact| contact.version)
}

fn can_be_tried_again(error: &Error) -> bool {
    matches!(error, Error::Store(error) if error.is_retryable())
}

#[test]
fn a_time_limit_ends_a_commit_that_waits_and_leaves_no_trace() {
    block_on(async {
        let house = House::new().await;
        for limit in ["statement_timeout", "lock_timeout"] {
            let limited = house.over(pool(2, (limit, "200")));
            let before = house.version().await;
            let holding = house.holding().await;
            let late = rename(&limited).await.unwrap_err();
            assert!(can_be_tried_again(&late), "{limit}: {late:?}");
            holding.rollback().await.unwrap();
            assert_eq!(house.version().await, before, "{limit}");
            assert_eq!(rename(&limited).await.unwrap(), before + 1, "{limit}: the same pool works on");
        }
    });
}

#[test]
fn a_pool_without_a_free_connection_says_so() {
    block_on(async {
        let house = House::new().await;
        let pool = pool(1, ("application_name", "crm-narrow"));
        let narrow = house.over(pool.clone());
        let taken = pool.acquire().await.unwrap();
        let late = rename(&narrow).await.unwrap_err();
        assert!(can_be_tried_again(&late), "{late:?}");
        drop(taken);
        assert_eq!(rename(&narrow).await.unwrap(), 2);
    });
}

#[test]
fn connections_that_the_server_has_ended_are_replaced() {
    block_on(async {
        let house = House::new().await;
        let pool = pool(4, ("application_name", &house.schema.name));
        let crm = house.over(pool.clone());
        let all: Vec<_> =
            [pool.acquire().await, pool.acquire().await, pool.acquire().await, pool.acquire().await]
                .into_iter()
                .map(Result::unwrap)
                .collect();
        drop(all);
        assert_eq!(house.end_all().await, 4);
        let mut failed = 0;
        let version = loop {
            match rename(&crm).await {
                Ok(version) => break version,
                Err(error) => assert!(can_be_tried_again(&error), "{error:?}"),
            }
            failed += 1;
        };
        println!("4 connections ended, {failed} calls failed");
        assert!(failed <= 4, "each connection that was lost costs a call at the most");
        assert_eq!((version, house.version().await), (2, 2), "and nothing was done twice");
    });
}

/// Carries what is sent to a server and back, and counts in how many pieces it was sent.
fn counting(server: (String, u16), pieces: &'static AtomicU64) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for near in listener.incoming() {
            let (mut near, mut far) = (near.unwrap(), TcpStream::connect((&*server.0, server.1)).unwrap());
            let (mut from, mut to) = (far.try_clone().unwrap(), near.try_clone().unwrap());
            std::thread::spawn(move || drop(std::io::copy(&mut from, &mut to)));
            std::thread::spawn(move || {
                let mut buffer = vec![0; 65_536];
                while let Ok(size @ 1..) = near.read(&mut buffer) {
                    pieces.fetch_add(1, Ordering::Relaxed);
                    far.write_all(buffer.get(..size).unwrap_or_default()).unwrap();
                }
            });
        }
    });
    port
}

/// Over a pool of a host the driver asks after each statement whether the connection lives.
#[test]
fn a_pool_of_the_stores_own_sends_statements_and_nothing_else() {
    static PIECES: AtomicU64 = AtomicU64::new(0);
    block_on(async {
        let house = House::new().await;
        let options = house.schema.pool.connect_options();
        let port = counting((options.get_host().to_owned(), options.get_port()), &PIECES);
        let mut address = options.to_url_lossy();
        address.set_host(Some("127.0.0.1")).unwrap();
        address.set_port(Some(port)).unwrap();
        address.query_pairs_mut().append_pair("sslmode", "disable");
        let (store, crm) = house.own(address.as_str()).await;
        // A statement is sent in pieces of its own until the connection knows it.
        let session = crm.act(HOUSE, ADA);
        session.get(IRIS).await.unwrap();
        let (sent, statements) = (PIECES.load(Ordering::Relaxed), store.statements());
        for _ in 0..50 {
            session.get(IRIS).await.unwrap();
        }
        let (sent, statements) = (PIECES.load(Ordering::Relaxed) - sent, store.statements() - statements);
        assert_eq!(statements, 50);
        assert!(sent < 60, "{sent} pieces for {statements} statements");
        store.close().await;
    });
}

#[test]
fn calls_over_a_pool_of_the_stores_own_wait_for_each_other() {
    block_on(async {
        let house = House::new().await;
        let (store, crm) = house.own(&named(&house.schema)).await;
        for _ in 0..5 {
            let one = |_| {
                let crm = crm.clone();
                tokio::spawn(async move { crm.act(HOUSE, ADA).get(IRIS).await.unwrap().version })
            };
            for call in (0..100).map(one).collect::<Vec<_>>() {
                assert_eq!(call.await.unwrap(), 1);
            }
        }
        assert_eq!(rename(&crm).await.unwrap(), 2);
        let ended = house.end_all().await;
        assert!((1..=10).contains(&ended), "{ended} connections");
        let mut failed = 0;
        while let Err(error) = rename(&crm).await {
            assert!(can_be_tried_again(&error), "{error:?}");
            failed += 1;
        }
        println!("{ended} connections ended, {failed} calls failed");
        assert!(failed <= ended, "each connection that was lost costs a call at the most");
        assert_eq!(house.version().await, 3, "and nothing was done twice");
        store.close().await;
        let closed = rename(&crm).await.unwrap_err();
        assert!(can_be_tried_again(&closed), "{closed:?}");
    });
}

#[test]
fn a_store_with_a_pool_of_its_own_can_be_dropped_where_no_runtime_is() {
    let house = block_on(House::new());
    let own = block_on(async {
        let (store, crm) = house.own(&named(&house.schema)).await;
        crm.act(HOUSE, ADA).get(IRIS).await.unwrap();
        (store, crm)
    });
    drop(own);
    block_on(async {
        let text = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1";
        let open =
            || sqlx::query_scalar::<_, i64>(text).bind(&house.schema.name).fetch_one(&house.schema.pool);
        while open().await.unwrap() > 0 {
            tokio::task::yield_now().await;
        }
    });
}

/// A standby refuses every write, and so does this pool.
#[test]
fn a_replica_is_never_written_to() {
    block_on(async {
        let house = House::new().await;
        let replica = house.store(pool(2, ("default_transaction_read_only", "on")));
        let crm = house.crm.clone().reading_from(replica.clone());
        let session = crm.act(HOUSE, ADA);
        assert_eq!(session.list(List::<Contact>::new().page(1, 20)).await.unwrap().total, Some(1));
        assert_eq!(session.timeline(IRIS, List::<Activity>::new()).await.unwrap().items.len(), 0);
        assert_eq!(session.history(IRIS).await.unwrap().len(), 1);
        session.report(&Dashboard::default()).await.unwrap();
        assert!(session.explain(Action::ContactUpdate, IRIS).await.unwrap().allowed);
        let asked = replica.statements();
        assert!(asked >= 8, "{asked} statements");
        assert_eq!(crm.organizations_of(ADA).await.unwrap().len(), 1);
        crm.events(HOUSE, None, 100).await.unwrap();
        assert_eq!(rename(&crm).await.unwrap(), 2);
        assert_eq!(replica.statements(), asked, "the rest is asked where it is written");
        let crm = Crm::new(replica, Profile::preset("general").unwrap());
        let refused = rename(&crm).await.unwrap_err();
        assert!(matches!(&refused, Error::Store(StoreError::Broken(..))), "{refused:?}");
    });
}

/// The server's certificate is its own authority.
#[test]
fn a_connection_is_encrypted_where_the_server_is_whom_the_host_trusts() {
    block_on(async {
        let house = House::new().await;
        let can: String = sqlx::query_scalar("SHOW ssl").fetch_one(&house.schema.pool).await.unwrap();
        if can != "on" {
            println!("the server of the tests has no encryption, so there is nothing to see");
            return;
        }
        let certificate = "SELECT pg_read_file(current_setting('data_directory') || '/server.crt')";
        let certificate: String =
            sqlx::query_scalar(certificate).fetch_one(&house.schema.pool).await.unwrap();
        let file = std::env::temp_dir().join(unique("crm-certificate"));
        std::fs::write(&file, certificate).unwrap();
        let options: PgConnectOptions = url("CRM_TEST_POSTGRES_URL").parse().unwrap();
        let options = options.ssl_mode(PgSslMode::VerifyFull);
        let pool = PgPoolOptions::new().connect_lazy_with(options.clone().ssl_root_cert(&file));
        assert_eq!(rename(&house.over(pool.clone())).await.unwrap(), 2);
        let seen = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        assert!(sqlx::query_scalar::<_, bool>(seen).fetch_one(&pool).await.unwrap());
        std::fs::remove_file(&file).unwrap();
        let stranger = house.over(PgPoolOptions::new().connect_lazy_with(options));
        let refused = rename(&stranger).await.unwrap_err();
        assert!(matches!(&refused, Error::Store(StoreError::Broken(..))), "{refused:?}");
    });
}

#[test]
fn an_address_that_asks_for_what_there_is_not_is_no_outage() {
    block_on(async {
        for address in ["postgres://127.0.0.1:1/crm?sslmode=sometimes", "mysql://127.0.0.1/crm"] {
            let error = PgStore::connect(address).await.unwrap_err();
            assert!(matches!(&error, StoreError::Broken(..)), "{error:?}");
        }
        let nobody = PgStore::connect("postgres://127.0.0.1:1/crm").await.unwrap_err();
        assert!(nobody.is_retryable(), "{nobody:?}");
    });
}

//! What a request costs in statements: everyday requests on a store that is warm, against fixed targets.
//!
//! Counted are the statements that the store runs. On PostgreSQL these are all there are: a commit is one statement, which
//! the database makes a transaction of. On SQLite `BEGIN IMMEDIATE` and `COMMIT` around a commit are not counted: it is
//! one look under the write lock and one text of writes. The baseline is what an implementation of the usual kind needed,
//! row by row through an object mapper.
//!
//! Invariant: a request costs the same however many rows there are.
#![cfg(any(feature = "sqlite", feature = "postgres"))]
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

mod support {
    pub(crate) mod counted;
    #[cfg(feature = "sqlite")]
    pub(crate) mod folder;
    pub(crate) mod runtime;
    #[cfg(feature = "postgres")]
    pub(crate) mod server;
}

use std::sync::Arc;

use crm_core::analytics::{Dashboard, Funnel, Sales};
use crm_core::store::Store;
use crm_core::value::{ContactId, DealId, OrganizationId, PipelineId, TaskId, UserId, Uuid};
use crm_core::{
    Activity, AddActivity, CreateContact, CreateDeal, CreateOrganization, CreateTask, Crm, Deal, List,
    Profile, Session, UpdateDeal, UpdateTask,
};
use crm_testkit::layer::Over;

use support::counted::Counted;

/// A request, what it cost once, and what it may cost: statements, commits, calls that ask.
struct Target {
    request: &'static str,
    baseline: u64,
    statements: u64,
    commits: u64,
    asks: u64,
}

const fn target(request: &'static str, baseline: u64, [statements, commits, asks]: [u64; 3]) -> Target {
    Target { request, baseline, statements, commits, asks }
}

const TARGETS: [Target; 10] = [
    target("register", 7, [4, 1, 0]),
    target("create contact", 5, [3, 1, 0]),
    target("create deal", 8, [4, 1, 0]),
    target("list deals, one page with total", 4, [2, 0, 1]),
    target("change status, stage, title of a deal", 18, [4, 1, 0]),
    target("change title, done of a task", 14, [4, 1, 0]),
    target("timeline", 5, [2, 0, 1]),
    target("analytics: summary", 11, [2, 0, 1]),
    target("analytics: funnel", 4, [2, 0, 1]),
    target("dashboard", 19, [4, 0, 1]),
];

const ADA: UserId = UserId::from_uuid(Uuid::from_u128(0xADA));
const HOUSE: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(0xA));
const CONTACT: ContactId = ContactId::from_uuid(Uuid::from_u128(0xC));
const TASK: TaskId = TaskId::from_uuid(Uuid::from_u128(0xF));

fn deal(number: u128) -> DealId {
    DealId::from_uuid(Uuid::from_u128(0xD0 + number))
}

/// Makes each request, and gives what it cost: statements, then loads, commits and calls that ask.
async fn costs(store: Arc<dyn Store>, statements: impl Fn() -> u64) -> Vec<(u64, [u64; 3])> {
    let store = Arc::new(Over::new(Counted::default(), store));
    let crm = Crm::new(store.clone(), Profile::preset("general").unwrap());
    let line = furnish(&crm).await;
    let session = crm.act(HOUSE, ADA);
    let mut costs = Vec::new();
    macro_rules! cost {
        ($request:expr) => {{
            store.layer.take();
            let before = statements();
            let answer = $request.await.unwrap();
            costs.push((statements() - before, store.layer.take()));
            answer
        }};
    }
    cost!(crm.register(ADA, CreateOrganization::new().name("Second house")));
    cost!(session.apply(CreateContact::new().name("Iris").email("iris@example.com")));
    cost!(session.apply(CreateDeal::new().title("Roof").contact(CONTACT).amount(18_400)));
    let page = cost!(session.list(List::<Deal>::new().page(1, 20)));
    assert_eq!((page.items.len(), page.total), (20, Some(32)));
    let won = cost!(session.apply(UpdateDeal::of(deal(1)).status("won").stage("won").title("Slate roof")));
    assert_eq!((won.version, won.status.as_str()), (2, "won"));
    let task = cost!(session.apply(UpdateTask::of(TASK).title("Call again").status("done")));
    assert!(task.completed_at.is_some());
    let page = cost!(session.timeline(deal(2), List::<Activity>::new().first(20)));
    assert_eq!(page.items.len(), 4);
    let sales = cost!(session.report(&Sales::default()));
    assert_eq!((sales.all.count, sales.won.count), (32, 1));
    let funnel = cost!(session.report(&Funnel::of(line)));
    assert_eq!(funnel.all.count, 32);
    let dashboard = cost!(session.report(&Dashboard::default()));
    assert_eq!(dashboard.sales.all.count, 32);
    costs
}

/// An organisation in which each request has been made once.
async fn furnish(crm: &Crm) -> PipelineId {
    let founded = crm.register(ADA, CreateOrganization::with_id(HOUSE).name("House")).await.unwrap();
    let session: Session<'_> = crm.act(HOUSE, ADA);
    session.apply(CreateContact::with_id(CONTACT).name("Ines").email("ines@example.com")).await.unwrap();
    for number in 0..31 {
        let create = CreateDeal::with_id(deal(number)).title("Deal").contact(CONTACT).amount(100);
        session.apply(create).await.unwrap();
    }
    session.apply(CreateTask::with_id(TASK).title("Call").deal(deal(1))).await.unwrap();
    for _ in 0..3 {
        session.apply(AddActivity::new().kind("note").title("Note").deal(deal(2))).await.unwrap();
    }
    founded.pipelines.first().unwrap().id
}

/// Prints the table, and holds each request to its target.
fn hold(store: &str, costs: &[(u64, [u64; 3])]) {
    println!("{store}: statements for each request (without authentication)");
    println!(
        "{:<40} {:>8} {:>6} {:>10}   loads, commits, asks",
        "request", "baseline", "target", "statements"
    );
    for (target, (statements, [loads, commits, asks])) in TARGETS.iter().zip(costs) {
        let Target { request, baseline, statements: most, .. } = target;
        println!("{request:<40} {baseline:>8} {most:>6} {statements:>10}   {loads}, {commits}, {asks}");
    }
    assert_eq!(costs.len(), TARGETS.len());
    for (target, (statements, [_, commits, asks])) in TARGETS.iter().zip(costs) {
        assert!(*statements <= target.statements, "{store}: {} took {statements}", target.request);
        assert_eq!((*commits, *asks), (target.commits, target.asks), "{store}: {}", target.request);
    }
}

#[cfg(feature = "sqlite")]
#[test]
fn a_request_on_sqlite_costs_a_few_statements() {
    use crm_store_sqlx::SqliteStore;
    let folder = support::folder::Folder::new();
    let costs = support::runtime::block_on(async {
        let store = Arc::new(SqliteStore::open(folder.file("crm.db")).await.unwrap());
        store.migrate().await.unwrap();
        costs(store.clone(), || store.statements()).await
    });
    hold("SQLite", &costs);
}

#[cfg(feature = "postgres")]
#[test]
fn a_request_on_postgres_costs_a_few_statements() {
    use crm_store_sqlx::PgStore;
    let costs = support::runtime::block_on(async {
        let schema = support::server::Schema::new().await;
        let store = Arc::new(PgStore::new(schema.pool.clone()).in_schema(&schema.name).unwrap());
        store.migrate().await.unwrap();
        let costs = costs(store.clone(), || store.statements()).await;
        drop(schema);
        costs
    });
    hold("PostgreSQL", &costs);
}

/// Locks are kept until a transaction ends, and a server has room for a limited number of them.
#[cfg(feature = "postgres")]
#[test]
fn a_long_transaction_of_a_host_holds_few_locks() {
    use crm_store_sqlx::{PgSession, PgStore};
    use sqlx::{Connection as _, PgConnection};
    support::runtime::block_on(async {
        let schema = support::server::Schema::new().await;
        let store = PgStore::new(schema.pool.clone()).in_schema(&schema.name).unwrap();
        store.migrate().await.unwrap();
        let crm = Crm::new(Arc::new(store), Profile::preset("general").unwrap());
        furnish(&crm).await;
        for by_function in [false, true] {
            let mut connection = PgConnection::connect_with(&schema.pool.connect_options()).await.unwrap();
            sqlx::query("BEGIN").execute(&mut connection).await.unwrap();
            for number in 0..40 {
                let session = PgSession::new(&mut connection).in_schema(&schema.name).unwrap();
                let session = if by_function { session.by_function() } else { session };
                let rename = UpdateDeal::of(deal(3)).title(format!("{by_function} {number}"));
                crm.act_on(&session, HOUSE, ADA).apply(rename).await.unwrap();
            }
            let text = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()";
            let locks: i64 = sqlx::query_scalar(text).fetch_one(&mut connection).await.unwrap();
            assert_eq!(locks, 1, "by function: {by_function}");
            sqlx::query("ROLLBACK").execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
        drop(schema);
    });
}

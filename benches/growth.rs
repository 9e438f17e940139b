//! What becomes slower when an organisation grows: the same calls among few deals and among many, in one run; in memory, or
//! in a database.
//!
//! Invariant: every call is made on rows spread over the whole organisation, so that none stays in a cache by chance.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a measurement ends where its set-up fails")]

mod world;

use std::cell::Cell;
use std::hint::black_box;
use std::sync::{Arc, LazyLock};

use crm_benches::{Contender, Table, alternate};
use crm_core::analytics::Sales;
use crm_core::store::Store;
use crm_core::{CreateDeal, Deal, List, UpdateDeal, WinDeal};
use crm_store_memory::MemoryStore;
use crm_store_sqlx::{PgStore, SqliteStore};
use sqlx::{AssertSqlSafe, Executor as _};
use tokio::runtime::Runtime;

use self::world::{World, deal};

const ROUNDS: usize = 15;
/// How many deals go through the engine where the rest are copies.
const FIRST: u32 = 10_000;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// Waits for an answer. Drivers of databases find the runtime that they need around them.
fn now<F: IntoFuture>(future: F) -> F::Output {
    let _inside = RUNTIME.enter();
    pollster::block_on(future)
}

/// Where the deals are: `CRM_STORE` says `memory`, `sqlite` or `postgres`.
enum Database {
    Memory,
    Sqlite(Arc<SqliteStore>, sqlx::SqlitePool),
    Postgres(Arc<PgStore>, sqlx::PgPool, String),
}

impl Database {
    async fn new(deals: u32, folder: &std::path::Path) -> Self {
        match std::env::var("CRM_STORE").as_deref() {
            Ok("sqlite") => {
                let file = folder.join(format!("{deals}.db"));
                let store = SqliteStore::open(&file).await.unwrap();
                store.migrate().await.unwrap();
                let address = format!("sqlite://{}", file.display());
                Self::Sqlite(Arc::new(store), sqlx::SqlitePool::connect_lazy(&address).unwrap())
            }
            Ok("postgres") => {
                let url = std::env::var("CRM_TEST_POSTGRES_URL")
                    .expect("run `cargo xtask postgres -- cargo bench ..`");
                let (pool, schema) = (sqlx::PgPool::connect_lazy(&url).unwrap(), format!("crm_{deals}"));
                let store = PgStore::connect(&url).await.unwrap().in_schema(&schema).unwrap();
                store.migrate().await.unwrap();
                Self::Postgres(Arc::new(store), pool, schema)
            }
            asked => {
                assert!(matches!(asked, Ok("memory") | Err(_)), "`CRM_STORE` is memory, sqlite or postgres");
                Self::Memory
            }
        }
    }

    fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Memory => Arc::new(MemoryStore::new()),
            Self::Sqlite(store, _) => store.clone(),
            Self::Postgres(store, ..) => store.clone(),
        }
    }

    /// Brings so many deals in: through the engine; in PostgreSQL those after the first are copies that the server makes,
    /// without history and events.
    async fn fill(&self, world: &World, deals: u32) {
        let Self::Postgres(_, pool, schema) = self else {
            return world.import(deals, &mut |done| eprint!("\r{done} of {deals} deals"));
        };
        world.import(deals.min(FIRST), &mut |_| {});
        let mut connection = pool.acquire().await.unwrap();
        // Those whom a copy refers to are there.
        let begin = format!(
            "SET session_replication_role = replica; \
             CREATE TEMPORARY TABLE copy AS SELECT * FROM {schema}.deal WHERE organization_id = '{}'",
            world.id
        );
        sqlx::raw_sql(AssertSqlSafe(begin)).execute(&mut *connection).await.unwrap();
        for done in (FIRST..deals).step_by(FIRST as usize) {
            let copy = format!(
                "UPDATE copy SET id = (left(id::text, 24) || \
                 lpad(to_hex(('x' || right(id::text, 12))::bit(48)::bigint + {FIRST}), 12, '0'))::uuid; \
                 INSERT INTO {schema}.deal SELECT * FROM copy ORDER BY id LIMIT {}",
                deals - done
            );
            sqlx::raw_sql(AssertSqlSafe(copy)).execute(&mut *connection).await.unwrap();
            eprint!("\r{done} of {deals} deals");
        }
        drop(connection.close().await);
    }

    /// After so many new rows a server would do this by itself, at some time.
    async fn settle(&self) {
        match self {
            Self::Memory => {}
            Self::Sqlite(_, pool) => drop(pool.execute("ANALYZE").await.unwrap()),
            Self::Postgres(_, pool, _) => drop(pool.execute("VACUUM ANALYZE").await.unwrap()),
        }
    }

    /// What a person would write for the summary, in the order of the engine's questions.
    async fn summary(&self, world: &World) {
        let house = crm_core::value::Uuid::from(world.id);
        let (table, since) = match self {
            Self::Memory => return,
            Self::Sqlite(..) => ("crm_deal", "(unixepoch() - 2592000) * 1000000"),
            Self::Postgres(_, _, schema) => (&*format!("{schema}.deal"), "now() - interval '30 days'"),
        };
        let by = |columns: &str, more: &str| {
            AssertSqlSafe(format!(
                "SELECT {columns}, count(*), sum(amount) FROM {table} WHERE organization_id = $1 \
                 AND deleted_at IS NULL{more} GROUP BY {columns}"
            ))
        };
        for text in
            [by("status, outcome, currency", ""), by("currency", &format!(" AND created_at > {since}"))]
        {
            let found = match self {
                Self::Memory => 0,
                Self::Sqlite(_, pool) => sqlx::query(text).bind(house).fetch_all(pool).await.unwrap().len(),
                Self::Postgres(_, pool, _) => {
                    sqlx::query(text).bind(house).fetch_all(pool).await.unwrap().len()
                }
            };
            black_box(found);
        }
    }
}

/// One kind of call, in a world with so many deals; told how often it has been called before.
type Call = fn(&World, u32, u32);

const CALLS: &[(&str, u32, Call)] = &[
    ("get", 2_000, |world, deals, turn| {
        drop(black_box(now(world.session().get(deal(turn.wrapping_mul(7_919) % deals)))));
    }),
    ("list page", 20, |world, _, _| {
        drop(black_box(now(world.session().list(List::<Deal>::new().first(20)))));
    }),
    ("list page without its total", 200, |world, _, _| {
        drop(black_box(now(world.session().list(List::<Deal>::new().without_total().first(20)))));
    }),
    ("list page by amount, without its total", 200, |world, _, _| {
        let list = List::<Deal>::new().order_by("amount", true).without_total();
        drop(black_box(now(world.session().list(list.first(20)))));
    }),
    ("decide an update", 500, |world, deals, turn| {
        let id = deal(turn.wrapping_mul(7_919) % deals);
        drop(black_box(now(world.session().plan(&UpdateDeal::of(id).title("Changed")))));
    }),
    ("decide a win", 500, |world, deals, turn| {
        let id = deal(turn.wrapping_mul(7_919) % deals);
        drop(black_box(now(world.session().plan(&WinDeal::of(id)))));
    }),
    ("commit an update", 500, |world, deals, turn| {
        let id = deal(turn.wrapping_mul(7_919) % deals);
        drop(black_box(now(world.session().apply(UpdateDeal::of(id).title(format!("Changed {turn}"))))));
    }),
    ("commit a new deal", 500, |world, _, _| {
        drop(black_box(now(world.session().apply(CreateDeal::new().title("New").amount(5)))));
    }),
    ("summary", 1, |world, _, _| {
        drop(black_box(now(world.session().report(&Sales::default()))));
    }),
    ("board", 1, |world, _, _| {
        drop(black_box(now(world.session().board(world.pipeline, List::<Deal>::new().first(20)))));
    }),
];

fn main() {
    let sizes: Vec<u32> = match std::env::var("CRM_DEALS") {
        Ok(text) => text.split(',').map(|size| size.parse().expect("numbers with commas")).collect(),
        Err(_) => vec![10_000, 100_000, 1_000_000],
    };
    let folder = std::env::temp_dir().join(format!("crm-growth-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let databases: Vec<Database> = sizes.iter().map(|size| now(Database::new(*size, &folder))).collect();
    let worlds: Vec<(String, World, u32)> = sizes
        .iter()
        .zip(&databases)
        .map(|(size, database)| {
            let start = std::time::Instant::now();
            let world = World::empty(database.store());
            now(database.fill(&world, *size));
            println!("{size} deals, {:.0} a second", f64::from(*size) / start.elapsed().as_secs_f64());
            now(database.settle());
            (format!("{size} deals"), world, *size)
        })
        .collect();
    for (name, calls, call) in CALLS {
        let turns = Cell::new(0_u32);
        let mut contenders: Vec<Contender<'_>> = worlds
            .iter()
            .map(|(label, world, deals)| {
                let turns = &turns;
                Contender::new(label, *calls, move || {
                    for _ in 0..*calls {
                        call(world, *deals, turns.replace(turns.get() + 1));
                    }
                })
            })
            .collect();
        println!("\n{name}\n\n{}", Table(&alternate(ROUNDS, &mut contenders)));
    }
    for ((label, world, _), database) in worlds.iter().zip(&databases) {
        if matches!(database, Database::Memory) {
            continue;
        }
        let mut contenders = [
            Contender::new("GROUP BY, by hand", 1, || now(database.summary(world))),
            Contender::new("the engine's summary", 1, || {
                drop(black_box(now(world.session().report(&Sales::default()))));
            }),
        ];
        println!("\nsummary, {label}\n\n{}", Table(&alternate(ROUNDS, &mut contenders)));
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

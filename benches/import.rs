//! How fast deals are brought in, and in how much memory: the engine's import, a portion in a commit, against code that loads
//! the same rows by hand.
//!
//! `CRM_STORE` says `sqlite` or `postgres`, `CRM_DEALS` how many. Every contender starts with an empty database. By hand means
//! one transaction, rows that are known to be right, and nothing said about any of them. "In full" means that history and
//! outbox are written as well, as the engine does.
//!
//! Invariant: every contender leaves as many deals as the others.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a measurement ends where its set-up fails")]

mod world;

use std::sync::{Arc, LazyLock};
use std::time::Instant;

use crm_core::store::Store;
use crm_core::value::Uuid;
use crm_store_sqlx::{PgStore, SqliteStore};
use sqlx::postgres::PgPool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection as _, Executor as _, SqliteConnection};
use tokio::runtime::Runtime;

use self::world::{PORTION, Row, World, user};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// Waits for an answer. Drivers of databases find the runtime that they need around them.
fn now<F: IntoFuture>(future: F) -> F::Output {
    let _inside = RUNTIME.enter();
    pollster::block_on(future)
}

const SCHEMA: &str = "crm";
const AT: &str = "2026-11-01T00:00:00Z";
/// The same in the form that SQLite keeps.
const NOW: i64 = 1_793_491_200_000_000;

/// The most memory that the program has held so far, in MiB, where the system tells.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// The engine, and how the memory grows on the way.
fn engine(store: Arc<dyn Store>, deals: u32) -> f64 {
    let world = World::empty(store);
    let start = Instant::now();
    let tenth = (deals / 10).max(PORTION);
    world.import(deals, &mut |done| {
        if done % tenth == 0 {
            let rate = f64::from(done) / start.elapsed().as_secs_f64();
            println!("  {done} deals, {rate:.0} a second, at most {} MiB", most_memory());
        }
    });
    start.elapsed().as_secs_f64()
}

/// By `COPY`, in text, into an organisation that is there.
async fn copied(pool: &PgPool, world: &World, deals: u32, in_full: bool) {
    let mut transaction = pool.begin().await.unwrap();
    let (house, command) = (world.id, Uuid::from_u128(7));
    let deal = "COPY crm.deal (organization_id, id, version, created_at, updated_at, title, owner, amount, currency, status, \
                pipeline, stage, title_normal, search_text) FROM STDIN";
    let ledger = "COPY crm.ledger (organization_id, kind, subject, version, at, actor, command, cause, change, fields) FROM STDIN";
    let event = "COPY crm.event (organization_id, id, name, kind, subject, version, at, actor, command, data) FROM STDIN";
    let line = |table: &str, row: &Row| {
        let Row { id, title, amount, status, stage, currency, created_at } = row;
        let lower = title.to_lowercase();
        match table {
            "deal" => format!(
                "{house}\t{id}\t1\t{created_at}\t{created_at}\t{title}\t{}\t{amount}\t{currency}\t{status}\t{}\t{stage}\t{lower}\t{lower}\n",
                user(),
                world.pipeline
            ),
            "ledger" => format!(
                "{house}\tdeal\t{id}\t1\t{AT}\t{{\"user\":\"{}\"}}\t{command}\timport\tcreated\t[[\"title\",\"{title}\"],\
                 [\"amount\",\"{amount}\"],[\"status\",\"{status}\"],[\"stage\",\"{stage}\"]]\n",
                user()
            ),
            _ => format!(
                "{house}\t{id}\tdeal.imported\tdeal\t{id}\t1\t{AT}\t{{\"user\":\"{}\"}}\t{command}\t{{}}\n",
                user()
            ),
        }
    };
    let tables: &[_] =
        if in_full { &[("deal", deal), ("ledger", ledger), ("event", event)] } else { &[("deal", deal)] };
    for (table, text) in tables {
        let mut copy = transaction.copy_in_raw(text).await.unwrap();
        for start in (0..deals).step_by(PORTION as usize) {
            let end = deals.min(start + PORTION);
            let lines: String = (start..end).map(|number| line(table, &Row::of(number))).collect();
            copy.send(lines.as_bytes()).await.unwrap();
        }
        assert_eq!(copy.finish().await.unwrap(), u64::from(deals));
    }
    transaction.commit().await.unwrap();
}

/// By one prepared statement for each row and table, in one transaction.
async fn inserted(connection: &mut SqliteConnection, world: &World, deals: u32, in_full: bool) {
    let bytes = |id: Uuid| id.as_bytes().to_vec();
    let (house, pipeline) = (bytes(world.id.into()), bytes(world.pipeline.into()));
    let (owner, command) = (bytes(user().into()), bytes(Uuid::from_u128(7)));
    let mut transaction = connection.begin().await.unwrap();
    for row in (0..deals).map(Row::of) {
        let (id, lower) = (bytes(row.id.into()), row.title.to_lowercase());
        let digits = format!("{:0>58}", row.amount.replace('.', "") + &"0".repeat(26));
        sqlx::query(
            "INSERT INTO crm_deal (organization_id, id, version, created_at, updated_at, title, owner, amount, amount_scale, \
             currency, status, pipeline, stage, title_normal, search_text) \
             VALUES (?1, ?2, 1, ?3, ?3, ?4, ?5, ?6, 2, ?7, ?8, ?9, ?10, ?11, ?11)",
        )
        .bind(&house)
        .bind(&id)
        .bind(NOW)
        .bind(&row.title)
        .bind(&owner)
        .bind(digits)
        .bind(row.currency)
        .bind(row.status)
        .bind(&pipeline)
        .bind(row.stage)
        .bind(lower)
        .execute(&mut *transaction)
        .await
        .unwrap();
        if in_full {
            sqlx::query(
                "INSERT INTO crm_ledger (organization_id, kind, subject, version, at, actor, command, cause, change, fields) \
                 VALUES (?1, 'deal', ?2, 1, ?3, '{}', ?4, 'import', 'created', ?5)",
            )
            .bind(&house)
            .bind(&id)
            .bind(NOW)
            .bind(&command)
            .bind(format!("[[\"title\",\"{}\"],[\"amount\",\"{}\"]]", row.title, row.amount))
            .execute(&mut *transaction)
            .await
            .unwrap();
            sqlx::query(
                "INSERT INTO crm_event (organization_id, id, name, kind, subject, version, at, actor, command, data) \
                 VALUES (?1, ?2, 'deal.imported', 'deal', ?2, 1, ?3, '{}', ?4, '{}')",
            )
            .bind(&house)
            .bind(&id)
            .bind(NOW)
            .bind(&command)
            .execute(&mut *transaction)
            .await
            .unwrap();
        }
    }
    transaction.commit().await.unwrap();
}

/// Everybody's seconds.
fn postgres(deals: u32) -> Vec<(&'static str, f64)> {
    let url = std::env::var("CRM_TEST_POSTGRES_URL").expect("run `cargo xtask postgres -- cargo bench ..`");
    let pool = now(PgPool::connect(&url)).unwrap();
    let fresh = || {
        now(pool.execute("DROP SCHEMA IF EXISTS crm CASCADE")).unwrap();
        let store = PgStore::new(pool.clone()).in_schema(SCHEMA).unwrap();
        now(store.migrate()).unwrap();
        Arc::new(store)
    };
    let by_hand = |in_full: bool| {
        let world = World::empty(fresh());
        let start = Instant::now();
        now(copied(&pool, &world, deals, in_full));
        start.elapsed().as_secs_f64()
    };
    vec![
        ("the engine", engine(fresh(), deals)),
        ("`COPY`, deals alone", by_hand(false)),
        ("`COPY`, in full", by_hand(true)),
    ]
}

/// Everybody's seconds.
fn sqlite(deals: u32) -> Vec<(&'static str, f64)> {
    let folder = std::env::temp_dir().join(format!("crm-import-{}", std::process::id()));
    let fresh = || {
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).unwrap();
        let store = now(SqliteStore::open(folder.join("crm.db"))).unwrap();
        now(store.migrate()).unwrap();
        Arc::new(store)
    };
    let by_hand = |in_full: bool| {
        let world = World::empty(fresh());
        let options = SqliteConnectOptions::new().filename(folder.join("crm.db")).foreign_keys(true);
        let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
        let mut connection = now(SqliteConnection::connect_with(&options)).unwrap();
        let start = Instant::now();
        now(inserted(&mut connection, &world, deals, in_full));
        start.elapsed().as_secs_f64()
    };
    let seconds = vec![
        ("the engine", engine(fresh(), deals)),
        ("prepared inserts, deals alone", by_hand(false)),
        ("prepared inserts, in full", by_hand(true)),
    ];
    std::fs::remove_dir_all(&folder).unwrap();
    seconds
}

fn main() {
    let deals = std::env::var("CRM_DEALS").map_or(100_000, |text| text.parse().expect("a number"));
    let seconds = match std::env::var("CRM_STORE").as_deref() {
        Ok("postgres") => postgres(deals),
        asked => {
            assert!(matches!(asked, Ok("sqlite") | Err(_)), "`CRM_STORE` is sqlite or postgres");
            sqlite(deals)
        }
    };
    let first = seconds.first().map_or(f64::NAN, |(_, seconds)| *seconds);
    println!("\n| contender | deals a second | seconds, times the engine's |\n|---|---:|---:|");
    for (name, seconds) in seconds {
        println!("| {name} | {:.0} | {:.2} |", f64::from(deals) / seconds, seconds / first);
    }
}

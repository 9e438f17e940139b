//! What the engine costs over SQLite: moving a deal, against the same reads and writes by hand, through the same driver and
//! through a driver that calls SQLite directly.
//!
//! Everybody works on the same file, one after the other, and moves each deal once a turn. By hand means: look up the
//! membership, the deal and its pipeline; begin; look again; update the deal; add the activity, two entries of history,
//! three events and the command; commit. It decides nothing and makes no texts.
//!
//! Invariant: after each turn every deal is in the stage where the turn has put it, and each contender has written as many rows.

#![expect(clippy::unwrap_used, reason = "a measurement ends where its set-up fails")]

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use crm_benches::{Contender, Table, alternate};
use crm_core::value::{DealId, OrganizationId, UserId, Uuid};
use crm_core::{Create, CreateDeal, CreateOrganization, Crm, MoveDeal, Organization, Profile};
use crm_store_sqlx::SqliteStore;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection as _, SqliteConnection};
use tokio::runtime::Runtime;

const ROUNDS: usize = 15;
const MOVES: u32 = 500;
const STAGES: [&str; 2] = ["qualified", "lead"];

/// What is read before the transaction, and in it.
const READS: [&str; 3] = [
    "SELECT version, role, active FROM crm_membership WHERE organization_id = ?1 AND id = ?2 AND deleted_at IS NULL",
    "SELECT version, stage, status, pipeline, title, amount, currency, search_text FROM crm_deal \
     WHERE organization_id = ?1 AND id = ?3 AND deleted_at IS NULL",
    "SELECT p.version, p.stages FROM crm_pipeline AS p WHERE p.organization_id = ?1 AND p.id IN \
     (SELECT d.pipeline FROM crm_deal AS d WHERE d.organization_id = ?1 AND d.id = ?3)",
];

/// What is written in it. Ids are random, times are given.
const WRITES: [&str; 8] = [
    "INSERT INTO crm_command (organization_id, id) VALUES (?1, randomblob(16))",
    "UPDATE crm_deal SET stage = ?4, version = version + 1, updated_at = ?5 WHERE organization_id = ?1 AND id = ?3",
    "INSERT INTO crm_activity (organization_id, id, version, created_at, updated_at, kind, deal, title, occurred_at, payload, \
     search_text) VALUES (?1, randomblob(16), 1, ?5, ?5, 'stage_changed', ?3, ?4, ?5, '{}', ?4)",
    "INSERT INTO crm_ledger (organization_id, kind, subject, version, at, actor, command, cause, change, fields) \
     VALUES (?1, 'deal', randomblob(16), 1, ?5, '{}', randomblob(16), 'move_deal', 'updated', '[]')",
    "INSERT INTO crm_ledger (organization_id, kind, subject, version, at, actor, command, cause, change, fields) \
     VALUES (?1, 'activity', randomblob(16), 1, ?5, '{}', randomblob(16), 'move_deal', 'created', '[]')",
    "INSERT INTO crm_event (organization_id, id, name, kind, subject, version, at, actor, command, data) \
     VALUES (?1, randomblob(16), 'deal.moved', 'deal', ?3, 1, ?5, '{}', randomblob(16), '{}')",
    "INSERT INTO crm_event (organization_id, id, name, kind, subject, version, at, actor, command, data) \
     VALUES (?1, randomblob(16), 'deal.updated', 'deal', ?3, 1, ?5, '{}', randomblob(16), '{}')",
    "INSERT INTO crm_event (organization_id, id, name, kind, subject, version, at, actor, command, data) \
     VALUES (?1, randomblob(16), 'activity.created', 'activity', ?3, 1, ?5, '{}', randomblob(16), '{}')",
];

/// A move, for everybody.
#[derive(Clone, Copy)]
struct Move {
    organization: Uuid,
    user: Uuid,
    deal: Uuid,
    stage: &'static str,
}

const NOW: i64 = 1_800_000_000_000_000;

/// Through sqlx.
async fn by_hand(connection: &mut SqliteConnection, of: Move) {
    macro_rules! bound {
        ($text:expr) => {
            sqlx::query($text)
                .bind(of.organization.as_bytes().to_vec())
                .bind(of.user.as_bytes().to_vec())
                .bind(of.deal.as_bytes().to_vec())
                .bind(of.stage)
                .bind(NOW)
        };
    }
    for text in READS {
        bound!(text).fetch_one(&mut *connection).await.unwrap();
    }
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
    for text in READS {
        bound!(text).fetch_one(&mut *transaction).await.unwrap();
    }
    for text in WRITES {
        bound!(text).execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

/// Through rusqlite, on this thread.
fn directly(connection: &rusqlite::Connection, of: Move) {
    let (organization, user, deal) = (of.organization.as_bytes(), of.user.as_bytes(), of.deal.as_bytes());
    let values = rusqlite::params![organization, user, deal, of.stage, NOW];
    let run = |text: &str| {
        let mut statement = connection.prepare_cached(text).unwrap();
        let count = statement.parameter_count();
        let values: &[&dyn rusqlite::ToSql] = values.get(..count).unwrap();
        if statement.column_count() == 0 {
            statement.execute(values).unwrap();
        } else {
            assert!(statement.exists(values).unwrap());
        }
    };
    READS.iter().for_each(|text| run(text));
    run("BEGIN IMMEDIATE");
    READS.iter().chain(&WRITES).for_each(|text| run(text));
    run("COMMIT");
}

fn main() {
    let folder = std::env::temp_dir().join(format!("crm-sqlite-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("bench.db");
    let runtime = Runtime::new().unwrap();
    let (crm, organization, deals) = runtime.block_on(world(&file));
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true);
    let connection = RefCell::new(runtime.block_on(SqliteConnection::connect_with(&options)).unwrap());
    let direct = rusqlite::Connection::open(&file).unwrap();
    direct.set_prepared_statement_cache_capacity(64);
    direct.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON").unwrap();
    let turns = Cell::new(0_usize);
    let moves = || {
        let stage = STAGES.get(turns.replace(turns.get() + 1) % 2).copied().unwrap_or("lead");
        let one = move |deal: &DealId| Move {
            organization: organization.into(),
            user: USER.into(),
            deal: (*deal).into(),
            stage,
        };
        deals.iter().map(one).collect::<Vec<_>>()
    };
    let figures = alternate(
        ROUNDS,
        &mut [
            Contender::new("the same by hand, through sqlx", MOVES, || {
                for of in moves() {
                    runtime.block_on(by_hand(&mut connection.borrow_mut(), of));
                }
            }),
            Contender::new("the engine", MOVES, || {
                for Move { deal, stage, .. } in moves() {
                    let command = MoveDeal::of(DealId::from_uuid(deal), stage);
                    runtime.block_on(crm.act(organization, USER).apply(command).into_future()).unwrap();
                }
            }),
            Contender::new("by hand, through rusqlite", MOVES, || {
                moves().into_iter().for_each(|of| directly(&direct, of));
            }),
        ],
    );
    let stages = "SELECT count(DISTINCT stage) FROM crm_deal";
    assert_eq!(direct.query_row(stages, [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    println!("moving a deal, one client\n\n{}", Table(&figures));
    std::fs::remove_dir_all(&folder).unwrap();
}

const USER: UserId = UserId::from_uuid(Uuid::from_u128(1));

async fn world(file: &std::path::Path) -> (Crm, OrganizationId, Vec<DealId>) {
    let store = SqliteStore::open(file).await.unwrap();
    store.migrate().await.unwrap();
    let crm = Crm::new(Arc::new(store), Profile::preset("general").unwrap());
    let house: Create<Organization> = CreateOrganization::new().name("Bench");
    let organization = crm.register(USER, house).await.unwrap().organization.id;
    let mut deals = Vec::new();
    for _ in 0..MOVES {
        let create = CreateDeal::new().title("Deal").amount(100);
        deals.push(crm.act(organization, USER).apply(create).await.unwrap().id);
    }
    (crm, organization, deals)
}

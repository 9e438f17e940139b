//! Tables in partitions: what an organisation asks and commits touches one partition of each table, and no other.
//!
//! That the answers are those of every other store is the business of `differential.rs`.
//!
//! Invariant: what is counted is what the server itself counted: scans and rows of each partition.
#![cfg(feature = "postgres")]
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

mod support {
    pub(crate) mod at_once;
    pub(crate) mod runtime;
    pub(crate) mod server;
}

use std::collections::BTreeMap;
use std::sync::Arc;

use crm_core::Profile;
use crm_core::store::Store;
use crm_store_sqlx::PgStore;
use crm_testkit::sequence::{Build, HOME, How, World, queries, run, steps};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use support::at_once::at_once;
use support::runtime::block_on;
use support::server::Schema;

const PARTITIONS: u32 = 8;

/// How often each table was scanned or written. What a connection counts it reports in its own time, or when it is told.
async fn touched(pool: &PgPool, schema: &str) -> BTreeMap<String, i64> {
    sqlx::query("SELECT pg_stat_force_next_flush()").execute(pool).await.unwrap();
    let text = "SELECT relname::text, seq_scan + coalesce(idx_scan, 0) + n_tup_ins + n_tup_upd + n_tup_del \
                FROM pg_stat_user_tables WHERE schemaname = $1";
    sqlx::query_as(text).bind(schema).fetch_all(pool).await.unwrap().into_iter().collect()
}

#[test]
fn an_organisation_touches_one_partition_of_each_table() {
    let schema = block_on(Schema::new());
    let options = schema.pool.connect_options();
    let pool = PgPoolOptions::new().max_connections(1).connect_with((*options).clone());
    let pool = block_on(pool).unwrap();
    let store = Arc::new(PgStore::new(pool.clone()).in_schema(&schema.name).unwrap());
    block_on(store.migrate_partitioned(PARTITIONS)).unwrap();
    let before = block_on(touched(&pool, &schema.name));

    let under: Arc<dyn Store> = at_once(store.clone());
    let world = World::build(&under, Build { preset: "general", hints: true }, &[HOME]);
    let profile = Profile::preset("general").unwrap();
    let sequence = steps(profile.spec(), 80).new_tree(&mut TestRunner::deterministic()).unwrap().current();
    for step in &sequence {
        world.clock.advance_hours(13);
        let session = world.crm.act(world.home, step.who.actor());
        drop(run(&session, step, How::Apply));
        drop(queries(&session));
    }
    let statements = store.statements();

    let after = block_on(touched(&pool, &schema.name));
    let text = format!("SELECT tableoid::regclass::text FROM \"{}\".organization", schema.name);
    let home: String = block_on(sqlx::query_scalar(sqlx::AssertSqlSafe(text)).fetch_one(&pool)).unwrap();
    let (_, home) = home.rsplit_once('_').unwrap();
    let home = format!("_{home}");
    let (mut here, mut elsewhere) = (0, 0);
    for (table, count) in &after {
        let more = count - before.get(table).copied().unwrap_or_default();
        if table.ends_with(&home) {
            here += more;
        } else {
            elsewhere += more;
        }
    }
    println!("{statements} statements: partition {home}: {here} scans and rows; all others: {elsewhere}");
    assert!(here > 1_000, "a test of nothing proves nothing: {here}");
    assert_eq!(elsewhere, 0, "{after:#?}");
    drop(schema);
}

#[test]
fn the_number_of_partitions_cannot_change() {
    block_on(async {
        let schema = Schema::new().await;
        let store = PgStore::new(schema.pool.clone()).in_schema(&schema.name).unwrap();
        store.migrate_partitioned(2).await.unwrap();
        store.migrate_partitioned(2).await.unwrap();
        for other in [0, 4] {
            let error = store.migrate_partitioned(other).await.unwrap_err();
            assert!(error.to_string().contains("in 2 partitions"), "{error}");
        }
        assert!(store.migrate_partitioned(2_000).await.is_err());
        drop(schema);
    });
}

//! What keeps organisations apart in PostgreSQL itself: partitions, and policies of row-level security.
//!
//! That the answers are those of every other store is the business of `differential.rs` and `postgres.rs`.
//!
//! Invariant: what is counted is what the server itself counts, and what is refused is refused to a role of its own.
#![cfg(feature = "postgres")]
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

mod support {
    pub(crate) mod at_once;
    pub(crate) mod guarded;
    pub(crate) mod runtime;
    pub(crate) mod server;
}

use std::collections::BTreeMap;
use std::sync::Arc;

use crm_core::describe::Kind;
use crm_core::store::Store;
use crm_core::value::{OrganizationId, UserId, Uuid};
use crm_core::{CreateContact, CreateOrganization, Crm, Profile};
use crm_store_sqlx::PgStore;
use crm_testkit::sequence::{Build, HOME, How, World, queries, run, steps};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, PgPool};

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
    let home: String = block_on(sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(&pool)).unwrap();
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

/// The role of the tests on a connection of its own.
async fn as_role(schema: &Schema) -> PgConnection {
    drop(support::guarded::pool().await);
    let mut connection = PgConnection::connect_with(&schema.pool.connect_options()).await.unwrap();
    let text = format!("SET ROLE {}; SET search_path TO \"{}\"", support::guarded::ROLE, schema.name);
    connection.execute(sqlx::raw_sql(AssertSqlSafe(text))).await.unwrap();
    connection
}

async fn name(connection: &mut PgConnection, setting: &str, id: Uuid) {
    let text = "SELECT set_config('crm.organization_id', '', FALSE), set_config('crm.user_id', '', FALSE), \
                set_config($1, $2, FALSE)";
    sqlx::query(text).bind(setting).bind(id.to_string()).execute(connection).await.unwrap();
}

/// How many rows of a table the role sees, by organisation.
async fn seen(connection: &mut PgConnection, table: &str) -> BTreeMap<Uuid, i64> {
    let text = format!("SELECT organization_id, count(*) FROM {table} GROUP BY organization_id");
    let rows = sqlx::query_as(AssertSqlSafe(text)).fetch_all(connection).await.unwrap();
    rows.into_iter().collect()
}

fn is_forbidden(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.code().as_deref() == Some("42501"))
}

#[test]
fn policies_show_and_take_what_is_of_the_named_organisation() {
    const TABLES: [&str; 13] = [
        "organization",
        "membership",
        "pipeline",
        "contact",
        "deal",
        "task",
        "activity",
        "ledger",
        "event",
        "claim",
        "remembered",
        "command",
        "consumer",
    ];
    let [ada, ben] = [1, 2].map(|number| UserId::from_uuid(Uuid::from_u128(number)));
    let [one, two] = [0xA, 0xB].map(|number| OrganizationId::from_uuid(Uuid::from_u128(number)));
    block_on(async {
        let schema = Schema::new().await;
        let owner = PgStore::new(schema.pool.clone()).in_schema(&schema.name).unwrap();
        owner.migrate_partitioned(2).await.unwrap();
        let crm = Crm::new(Arc::new(owner), Profile::preset("general").unwrap());
        for (organization, user) in [(one, ada), (two, ben)] {
            crm.register(user, CreateOrganization::with_id(organization).name("House")).await.unwrap();
            let contact = CreateContact::new().name("Iris").email("iris@example.com");
            crm.act(organization, user).apply(contact).with_key("k").await.unwrap();
        }
        let owner = PgStore::new(schema.pool.clone()).in_schema(&schema.name).unwrap();
        let mut role = as_role(&schema).await;
        owner.protect(support::guarded::ROLE).await.unwrap();
        owner.protect(support::guarded::ROLE).await.unwrap();

        let listed = "SELECT count(*) FROM pg_tables WHERE schemaname = $1 AND rowsecurity";
        let protected: i64 =
            sqlx::query_scalar(listed).bind(&schema.name).fetch_one(&schema.pool).await.unwrap();
        // The tables of the modules, in which nothing is here, and those of every system.
        let modules = Kind::ALL.iter().filter(|kind| kind.module().is_some()).count();
        assert_eq!(protected, (TABLES.len() + modules) as i64);
        for table in TABLES {
            assert!(seen(&mut role, table).await.is_empty(), "{table}: who names nobody sees nothing");
        }
        name(&mut role, "crm.organization_id", one.uuid()).await;
        for table in TABLES {
            let seen = seen(&mut role, table).await;
            assert!(seen.keys().all(|id| *id == one.uuid()), "{table}: {seen:?}");
            assert_eq!(
                seen.is_empty(),
                matches!(table, "deal" | "task" | "activity" | "claim" | "consumer"),
                "{table}"
            );
        }
        let foreign = sqlx::query("INSERT INTO command (organization_id, id) VALUES ($1, gen_random_uuid())");
        let error = foreign.bind(two.uuid()).execute(&mut role).await.unwrap_err();
        assert!(is_forbidden(&error), "{error}");
        let changed = sqlx::query("UPDATE contact SET name = 'x' WHERE organization_id = $1");
        assert_eq!(changed.bind(two.uuid()).execute(&mut role).await.unwrap().rows_affected(), 0);
        // A partition by its own name goes round the policy of its table, so the role has no right to it.
        let text = "SELECT count(*) FROM contact_0";
        let error = role.execute(text).await.unwrap_err();
        assert!(is_forbidden(&error), "{error}");

        name(&mut role, "crm.user_id", ada.uuid()).await;
        assert_eq!(seen(&mut role, "membership").await, BTreeMap::from([(one.uuid(), 1)]));
        assert_eq!(seen(&mut role, "organization").await, BTreeMap::from([(one.uuid(), 1)]));
        assert!(seen(&mut role, "contact").await.is_empty());
        drop(schema);
    });
}

#[test]
fn a_role_that_no_policy_binds_is_refused() {
    block_on(async {
        let schema = Schema::new().await;
        let store = PgStore::new(schema.pool.clone()).in_schema(&schema.name).unwrap();
        store.migrate().await.unwrap();
        let superuser: String =
            sqlx::query_scalar("SELECT current_user::text").fetch_one(&schema.pool).await.unwrap();
        for (role, why) in
            [(&*superuser, "no policy binds"), ("nobody_of_this_name", "there is no role"), ("a b", "")]
        {
            let error = store.protect(role).await.unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
        drop(schema);
    });
}

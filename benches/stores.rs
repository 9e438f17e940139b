//! What the engine costs over PostgreSQL: moving a deal, against code that a person would write for the same.
//!
//! Everybody works on the same tables, over pools of the same size, from the same number of tasks, and moves each deal once
//! a turn. The engine also keeps history and outbox, remembers the command, and checks what the others do not. It is asked
//! three times: eight clients on loopback, eight over a connection with a delay, and one client over that.
//!
//! Invariant: after each turn every deal is in the stage where the turn has put it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a measurement ends where its set-up fails")]

mod relay;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crm_benches::{Contender, Table, alternate};
use crm_core::value::{DealId, OrganizationId, UserId, Uuid};
use crm_core::{CreateDeal, CreateOrganization, Crm, MoveDeal, Profile};
use crm_store_sqlx::PgStore;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _, PgPool, Row as _};
use tokio::runtime::Runtime;

const ROUNDS: usize = 15;
const CLIENTS: u32 = 8;
const MOVES: u32 = 100;
const DEALS: i32 = 10_000;
const STAGES: [&str; 2] = ["qualified", "lead"];

/// How many turns there were: each puts the deals where the one before it has not.
static TURNS: AtomicU32 = AtomicU32::new(0);

/// The engine, over a pool of its own and over the one that everybody has, committing by statements and by a function.
struct Engines {
    own: Crm,
    shared: Crm,
    by_function: Crm,
}

/// What everybody works on, and over which connections.
struct World {
    clients: u32,
    pool: PgPool,
    engines: Engines,
    organization: OrganizationId,
    user: UserId,
    deals: Vec<DealId>,
}

impl World {
    async fn new(options: PgConnectOptions) -> Arc<Self> {
        let (pool, engines) = open(options).await;
        pool.execute("DROP SCHEMA IF EXISTS crm CASCADE; DROP TABLE IF EXISTS audit").await.unwrap();
        let audit = "CREATE TABLE audit (organization_id uuid, id uuid, at timestamptz, actor uuid, what text, \
                     PRIMARY KEY (organization_id, id))";
        pool.execute(audit).await.unwrap();
        PgStore::new(pool.clone()).migrate().await.unwrap();
        let user = UserId::from_uuid(Uuid::from_u128(1));
        let founded = engines.shared.register(user, CreateOrganization::new().name("Bench")).await.unwrap();
        let organization = founded.organization.id;
        let deal = CreateDeal::new().title("Deal").amount(100);
        engines.shared.act(organization, user).apply(deal).await.unwrap();
        let copies = "INSERT INTO crm.deal SELECT (jsonb_populate_record(d, jsonb_build_object('id', gen_random_uuid()))).* \
                      FROM crm.deal AS d CROSS JOIN generate_series(2, $1) RETURNING id";
        let deals = sqlx::query_scalar::<_, Uuid>(copies).bind(DEALS).fetch_all(&pool).await.unwrap();
        let deals = deals.into_iter().map(DealId::from_uuid).collect();
        pool.execute("ANALYZE").await.unwrap();
        Arc::new(Self { clients: CLIENTS, pool, engines, organization, user, deals })
    }

    /// The same deals, moved by so many clients over other connections.
    async fn over(&self, clients: u32, options: PgConnectOptions) -> Arc<Self> {
        let (pool, engines) = open(options).await;
        let (organization, user, deals) = (self.organization, self.user, self.deals.clone());
        Arc::new(Self { clients, pool, engines, organization, user, deals })
    }

    /// Every client moves deals of its own, each of them once.
    async fn turn<F: Future<Output = ()> + Send + 'static>(
        self: &Arc<Self>,
        one: fn(Arc<Self>, DealId, &'static str) -> F,
    ) {
        let turn = TURNS.fetch_add(1, Ordering::Relaxed) as usize;
        let stage = STAGES.get(turn % 2).copied().unwrap_or("lead");
        let clients = self.deals.chunks(MOVES as usize).take(self.clients as usize).map(|deals| {
            let (world, deals) = (self.clone(), deals.to_vec());
            tokio::spawn(async move {
                for deal in deals {
                    one(world.clone(), deal, stage).await;
                }
            })
        });
        for client in clients.collect::<Vec<_>>() {
            client.await.unwrap();
        }
    }

    /// All deals of the turns are in one stage.
    async fn check(&self) {
        let ids: Vec<Uuid> =
            self.deals.iter().take((self.clients * MOVES) as usize).map(|id| (*id).into()).collect();
        let text = "SELECT count(DISTINCT stage) FROM crm.deal WHERE organization_id = $1 AND id = ANY($2)";
        let query = sqlx::query_scalar::<_, i64>(text).bind(Uuid::from(self.organization)).bind(ids);
        assert_eq!(query.fetch_one(&self.pool).await.unwrap(), 1);
    }
}

/// A pool of as many connections as the engine's own has, so more than there are clients, and the engines.
async fn open(options: PgConnectOptions) -> (PgPool, Engines) {
    let pool = PgPoolOptions::new().max_connections(10).test_before_acquire(false);
    let crm = |store| Crm::new(Arc::new(store), Profile::preset("general").unwrap());
    let own = crm(PgStore::connect(options.to_url_lossy().as_str()).await.unwrap());
    let pool = pool.connect_with(options).await.unwrap();
    let shared = crm(PgStore::new(pool.clone()));
    let by_function = crm(PgStore::new(pool.clone()).by_function());
    (pool, Engines { own, shared, by_function })
}

async fn own(world: Arc<World>, deal: DealId, stage: &'static str) {
    move_by(&world.engines.own, &world, deal, stage).await;
}

async fn shared(world: Arc<World>, deal: DealId, stage: &'static str) {
    move_by(&world.engines.shared, &world, deal, stage).await;
}

async fn by_function(world: Arc<World>, deal: DealId, stage: &'static str) {
    move_by(&world.engines.by_function, &world, deal, stage).await;
}

/// What comes before the commit: a load, and the decision.
async fn planned(world: Arc<World>, deal: DealId, stage: &'static str) {
    let session = world.engines.own.act(world.organization, world.user);
    session.plan(&MoveDeal::of(deal, stage)).await.unwrap();
}

async fn move_by(crm: &Crm, world: &World, deal: DealId, stage: &str) {
    crm.act(world.organization, world.user).apply(MoveDeal::of(deal, stage)).await.unwrap();
}

/// As most programs do it: begin, look, check, write, commit.
async fn by_hand(world: Arc<World>, deal: DealId, stage: &'static str) {
    let mut transaction = begin_and_move(&world, deal, stage).await;
    note(&mut transaction, &world, stage).await;
    transaction.commit().await.unwrap();
}

/// As somebody would do it who keeps what the engine keeps: what changed in each row, and events to be delivered.
async fn by_hand_in_full(world: Arc<World>, deal: DealId, stage: &'static str) {
    let mut transaction = begin_and_move(&world, deal, stage).await;
    for number in 0..2 {
        sqlx::query(
            "INSERT INTO crm.ledger (organization_id, kind, subject, version, at, actor, command, cause, change, fields) \
             VALUES ($1, $2, gen_random_uuid(), 1, now(), '{}', gen_random_uuid(), 'move_deal', 'updated', '[]')",
        )
        .bind(Uuid::from(world.organization))
        .bind(["deal", "activity"].get(number))
        .execute(&mut *transaction)
        .await
        .unwrap();
    }
    for name in ["deal.moved", "deal.updated", "activity.created"] {
        sqlx::query(
            "INSERT INTO crm.event (organization_id, id, name, kind, subject, version, at, actor, command, data) \
             VALUES ($1, gen_random_uuid(), $2, 'deal', $3, 1, now(), '{}', gen_random_uuid(), '{}')",
        )
        .bind(Uuid::from(world.organization))
        .bind(name)
        .bind(Uuid::from(deal))
        .execute(&mut *transaction)
        .await
        .unwrap();
    }
    transaction.commit().await.unwrap();
}

type Transaction = sqlx::Transaction<'static, sqlx::Postgres>;

/// The membership, the rule, the deal and the activity.
async fn begin_and_move(world: &World, deal: DealId, stage: &str) -> Transaction {
    let organization: Uuid = world.organization.into();
    let mut transaction = world.pool.begin().await.unwrap();
    let role: String = sqlx::query(
        "SELECT role FROM crm.membership WHERE organization_id = $1 AND id = $2 AND active AND deleted_at IS NULL",
    )
    .bind(organization)
    .bind(Uuid::from(world.user))
    .fetch_one(&mut *transaction)
    .await
    .unwrap()
    .get(0);
    assert_eq!(role, "owner");
    let row = sqlx::query(
        "SELECT d.stage, d.status, p.stages::text FROM crm.deal AS d JOIN crm.pipeline AS p \
         ON p.organization_id = d.organization_id AND p.id = d.pipeline \
         WHERE d.organization_id = $1 AND d.id = $2 AND d.deleted_at IS NULL FOR UPDATE OF d",
    )
    .bind(organization)
    .bind(Uuid::from(deal))
    .fetch_one(&mut *transaction)
    .await
    .unwrap();
    let (status, stages): (String, String) = (row.get(1), row.get(2));
    assert!(status == "open" && stages.contains(stage));
    sqlx::query(
        "UPDATE crm.deal SET stage = $3, version = version + 1, updated_at = now() \
         WHERE organization_id = $1 AND id = $2",
    )
    .bind(organization)
    .bind(Uuid::from(deal))
    .bind(stage)
    .execute(&mut *transaction)
    .await
    .unwrap();
    sqlx::query(
        "INSERT INTO crm.activity (organization_id, id, version, created_at, updated_at, kind, deal, title, occurred_at, \
         payload, search_text) VALUES ($1, gen_random_uuid(), 1, now(), now(), 'stage_changed', $2, $3, now(), '{}', $3)",
    )
    .bind(organization)
    .bind(Uuid::from(deal))
    .bind(stage)
    .execute(&mut *transaction)
    .await
    .unwrap();
    transaction
}

/// A row in a table of who did what.
async fn note(transaction: &mut Transaction, world: &World, stage: &str) {
    sqlx::query(
        "INSERT INTO audit (organization_id, id, at, actor, what) VALUES ($1, gen_random_uuid(), now(), $2, $3)",
    )
    .bind(Uuid::from(world.organization))
    .bind(Uuid::from(world.user))
    .bind(stage)
    .execute(&mut **transaction)
    .await
    .unwrap();
}

/// As few would write it: everything in one statement.
const IN_ONE: &str = "WITH member AS MATERIALIZED (SELECT 1 FROM crm.membership WHERE organization_id = $1 AND id = $2 \
      AND active AND deleted_at IS NULL AND role = 'owner' FOR SHARE), \
    moved AS (UPDATE crm.deal AS d SET stage = $4, version = d.version + 1, updated_at = now() FROM crm.pipeline AS p \
      WHERE d.organization_id = $1 AND d.id = $3 AND d.deleted_at IS NULL AND d.status = 'open' \
      AND p.organization_id = $1 AND p.id = d.pipeline AND p.stages::text LIKE '%' || $4 || '%' \
      AND EXISTS (SELECT 1 FROM member) RETURNING d.id), \
    noted AS (INSERT INTO crm.activity (organization_id, id, version, created_at, updated_at, kind, deal, title, \
      occurred_at, payload, search_text) SELECT $1, gen_random_uuid(), 1, now(), now(), 'stage_changed', id, $4, now(), \
      '{}', $4 FROM moved RETURNING id), ";

const IN_ONE_AUDITED: &str = "audited AS (INSERT INTO audit (organization_id, id, at, actor, what) \
      SELECT $1, gen_random_uuid(), now(), $2, $4 FROM moved RETURNING 1) \
    SELECT count(*) FROM moved";

/// The rows that the engine writes as well.
const IN_ONE_IN_FULL: &str = "kept AS (INSERT INTO crm.ledger (organization_id, kind, subject, version, at, actor, command, \
      cause, change, fields) SELECT $1, v.kind, gen_random_uuid(), 1, now(), '{}', $2, 'move_deal', 'updated', '[]' \
      FROM (SELECT 'deal' AS kind FROM moved UNION ALL SELECT 'activity' FROM noted) AS v RETURNING 1), \
    told AS (INSERT INTO crm.event (organization_id, id, name, kind, subject, version, at, actor, command, data) \
      SELECT $1, gen_random_uuid(), v.name, 'deal', id, 1, now(), '{}', $2, '{}' \
      FROM moved CROSS JOIN (VALUES ('deal.moved'), ('deal.updated'), ('activity.created')) AS v (name) RETURNING 1), \
    numbered AS (INSERT INTO crm.command (organization_id, id) SELECT $1, gen_random_uuid() FROM moved RETURNING 1) \
    SELECT count(*) FROM moved";

async fn move_in_one(world: Arc<World>, deal: DealId, stage: &'static str, text: String) {
    let query = sqlx::query(AssertSqlSafe(text)).bind(Uuid::from(world.organization));
    let query = query.bind(Uuid::from(world.user)).bind(Uuid::from(deal)).bind(stage);
    assert_eq!(query.fetch_one(&world.pool).await.unwrap().get::<i64, _>(0), 1);
}

async fn in_one(world: Arc<World>, deal: DealId, stage: &'static str) {
    move_in_one(world, deal, stage, [IN_ONE, IN_ONE_AUDITED].concat()).await;
}

async fn in_one_in_full(world: Arc<World>, deal: DealId, stage: &'static str) {
    move_in_one(world, deal, stage, [IN_ONE, IN_ONE_IN_FULL].concat()).await;
}

/// What a statement takes that does nothing, in microseconds: the median of many, asked one after the other.
async fn round_trip(pool: &PgPool) -> u128 {
    let mut times = Vec::new();
    for _ in 0..501 {
        let start = Instant::now();
        sqlx::query("SELECT 1").execute(pool).await.unwrap();
        times.push(start.elapsed().as_micros());
    }
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Everybody takes turns; tells how long a call took for whoever waits for all of them.
fn measure(runtime: &Runtime, world: &Arc<World>) {
    let calls = world.clients * MOVES;
    let trip = runtime.block_on(round_trip(&world.pool));
    let figures = alternate(
        ROUNDS,
        &mut [
            Contender::new("the engine", calls, || runtime.block_on(world.turn(own))),
            Contender::new("its load and decision alone", calls, || {
                runtime.block_on(world.turn(planned));
                // Nothing was moved.
                TURNS.fetch_sub(1, Ordering::Relaxed);
            }),
            Contender::new("the engine, over everybody's pool", calls, || {
                runtime.block_on(world.turn(shared));
            }),
            Contender::new("the engine, by a function", calls, || runtime.block_on(world.turn(by_function))),
            Contender::new("begin, statements, commit", calls, || runtime.block_on(world.turn(by_hand))),
            Contender::new("the same, with history and outbox", calls, || {
                runtime.block_on(world.turn(by_hand_in_full));
            }),
            Contender::new("one statement", calls, || runtime.block_on(world.turn(in_one))),
            Contender::new("one statement, with history and outbox", calls, || {
                runtime.block_on(world.turn(in_one_in_full));
            }),
        ],
    );
    runtime.block_on(world.check());
    println!("\nmoving a deal, {} at once, `SELECT 1` takes {trip} us\n\n{}", world.clients, Table(&figures));
}

fn main() {
    let url = std::env::var("CRM_TEST_POSTGRES_URL").expect("run `cargo xtask postgres -- cargo bench ..`");
    let trip = std::env::var("CRM_ROUND_TRIP").map_or(500, |text| text.parse().expect("microseconds"));
    let options: PgConnectOptions = url.parse().unwrap();
    let delay = Duration::from_micros(trip) / 2;
    let port = relay::listen((options.get_host().to_owned(), options.get_port()), delay);
    let far = options.clone().host("127.0.0.1").port(port);
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(World::new(options));
    measure(&runtime, &world);
    for clients in [CLIENTS, 1] {
        measure(&runtime, &runtime.block_on(world.over(clients, far.clone())));
    }
}

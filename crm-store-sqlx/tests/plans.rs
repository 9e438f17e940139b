//! How many rows the database reads for what everybody does all day: what a page or a command needs, and not what there is.
//!
//! `CRM_ROWS` says how many deals, contacts, tasks and activities there are of each; a tenth of them are of a neighbour.
//!
//! Invariant: what is counted is what the server itself counts; a plan that is good on paper and reads the table fails.
#![cfg(feature = "postgres")]
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

mod support {
    pub(crate) mod runtime;
    pub(crate) mod server;
}

use std::sync::Arc;

use crm_core::describe::{FieldId, FieldKind, Kind, Record, Value};
use crm_core::store::{Answers, Filter, ListQuery, Order, Question, Store as _, Tenant, Window};
use crm_core::value::{ContactId, DealId, OrganizationId, TaskId, UserId, Uuid};
use crm_core::{
    Activity, AddActivity, AddMember, Contact, CreateContact, CreateDeal, CreateOrganization, CreateTask,
    Crm, Deal, DeleteContact, List, Profile, RemoveMember, UpdateContact, UpdateDeal, UpdateTask,
};
use crm_store_sqlx::PgStore;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Executor as _, PgPool};

use support::runtime::block_on;
use support::server::Schema;

const ADA: UserId = UserId::from_uuid(Uuid::from_u128(0xADA));
const BEN: UserId = UserId::from_uuid(Uuid::from_u128(0xBE));
const HOUSE: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(0xA));
const NEXT_DOOR: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(0xB));
const FILLED: [Kind; 4] = [Kind::Contact, Kind::Deal, Kind::Task, Kind::Activity];
const PAGE: u32 = 20;
const PROFILE: &str = r#"{ "extends": "general", "unique": ["contact.email"] }"#;

/// Most rows and entries of indexes that a page of twenty or a command may touch.
const MOST: i64 = 400;

struct World {
    schema: Schema,
    pool: PgPool,
    store: Arc<PgStore>,
    crm: Crm,
}

fn rows() -> i64 {
    std::env::var("CRM_ROWS").ok().and_then(|text| text.parse().ok()).unwrap_or(8_000)
}

fn contact(number: u128) -> ContactId {
    ContactId::from_uuid(Uuid::from_u128((0xC << 64) + number))
}

fn deal(number: u128) -> DealId {
    DealId::from_uuid(Uuid::from_u128((0xD << 64) + number))
}

const TASK: TaskId = TaskId::from_uuid(Uuid::from_u128(0xE << 64));

impl World {
    async fn new() -> Self {
        let schema = Schema::new().await;
        let options = schema.pool.connect_options();
        let pool = PgPoolOptions::new().max_connections(1).connect_with((*options).clone()).await.unwrap();
        let store = Arc::new(PgStore::new(pool.clone()).in_schema(&schema.name).unwrap());
        store.migrate().await.unwrap();
        let crm = Crm::new(store.clone(), Profile::from_json(PROFILE).unwrap());
        for house in [HOUSE, NEXT_DOOR] {
            crm.register(ADA, CreateOrganization::with_id(house).name("House")).await.unwrap();
            let session = crm.act(house, ADA);
            session.apply(AddMember::with_id(BEN).role("member")).await.unwrap();
            let iris = CreateContact::with_id(contact(0)).name("Iris").email("iris@example.com").owner(BEN);
            session.apply(iris).await.unwrap();
            session.apply(CreateContact::with_id(contact(1)).name("Nobody's")).await.unwrap();
            session.apply(CreateDeal::with_id(deal(0)).title("Roof").contact(contact(0))).await.unwrap();
            session.apply(CreateTask::with_id(TASK).title("Call").deal(deal(0))).await.unwrap();
            session.apply(AddActivity::new().kind("note").title("Note").deal(deal(0))).await.unwrap();
        }
        let world = Self { schema, pool, store, crm };
        for kind in FILLED {
            world.fill(kind).await;
        }
        world.fill_books().await;
        // After the rows, because such an index is built much faster than it grows; twice, because it may be asked for again.
        world.store.index_search().await.unwrap();
        world.store.index_search().await.unwrap();
        world.pool.execute("VACUUM ANALYZE").await.unwrap();
        world
    }

    /// Copies the first row of a kind, with other values wherever a list has an order, and belonging to nobody.
    async fn fill(&self, kind: Kind) {
        let table = format!("\"{}\".\"{kind}\"", self.schema.name);
        let mut other =
            vec!["'id', lpad(to_hex(n), 32, '0')", "'search_text', 'row ' || n || ' of ' || md5(n::text)"]
                .into_iter()
                .map(str::to_owned)
                .collect::<Vec<_>>();
        for field in kind.fields().iter().filter(|field| field.name != "deleted_at") {
            let (name, value) = match field.kind {
                FieldKind::Instant if field.sorted => {
                    (field.name, "timestamptz '2020-01-01' + n * interval '1 minute'")
                }
                FieldKind::Date => (field.name, "date '2020-01-01' + (n % 3000)::int"),
                FieldKind::Decimal => (field.name, "n % 10007"),
                FieldKind::Text { .. } if field.sorted => (field.name, "'row ' || n"),
                FieldKind::Reference(to) if to != Kind::Pipeline => (field.name, "NULL"),
                _ => continue,
            };
            other.push(format!("'{name}', {value}"));
            if matches!(field.kind, FieldKind::Text { .. }) {
                other.push(format!("'{name}_normal', {value}"));
            }
        }
        let text = format!(
            "WITH first AS MATERIALIZED (SELECT DISTINCT ON (t.organization_id) t.organization_id, t AS row FROM {table} AS t \
             ORDER BY t.organization_id, t.created_at, t.id) \
             INSERT INTO {table} SELECT (jsonb_populate_record(f.row, jsonb_build_object({}))).* \
             FROM generate_series(1, $3) AS n JOIN first AS f \
             ON f.organization_id = CASE WHEN n % 10 = 0 THEN $2::uuid ELSE $1::uuid END",
            other.join(", ")
        );
        let query = sqlx::query(AssertSqlSafe(text)).bind(HOUSE.uuid()).bind(NEXT_DOOR.uuid()).bind(rows());
        // What they refer to is there: the first row refers to it too.
        self.pool.execute("SET session_replication_role = replica").await.unwrap();
        query.execute(&self.pool).await.unwrap();
        self.pool.execute("RESET session_replication_role").await.unwrap();
    }

    /// As many entries, events, commands and unique keys as there are rows of a kind.
    async fn fill_books(&self) {
        for (table, columns, other) in [
            (
                "ledger",
                "kind, subject, version, at, actor, command, cause, change, fields",
                "kind, gen_random_uuid()",
            ),
            ("event", "id, name, kind, subject, version, at, actor, command, data", "gen_random_uuid()"),
            ("command", "id", "gen_random_uuid()"),
            ("claim", "kind, field, value, holder", "kind, field, 'c' || n || '@example.org'"),
        ] {
            let table = format!("\"{}\".{table}", self.schema.name);
            let kept: Vec<&str> = columns.split(", ").skip(other.split(", ").count()).collect();
            let kept: String = kept.iter().map(|column| format!(", {column}")).collect();
            let text = format!(
                "INSERT INTO {table} (organization_id, {columns}) SELECT organization_id, {other}{kept} \
                 FROM (SELECT * FROM {table} WHERE organization_id = $1 LIMIT 1) AS t CROSS JOIN generate_series(1, $2) AS n"
            );
            let query = sqlx::query(AssertSqlSafe(text)).bind(HOUSE.uuid()).bind(rows());
            query.execute(&self.pool).await.unwrap();
        }
    }

    /// What the server has counted so far: scans of whole tables that are not small, and rows and entries touched.
    async fn counted(&self) -> (i64, i64) {
        sqlx::query("SELECT pg_stat_force_next_flush()").execute(&self.pool).await.unwrap();
        let text = "SELECT \
            (SELECT coalesce(sum(seq_scan), 0)::bigint FROM pg_stat_user_tables WHERE schemaname = $1 AND relname = ANY($2)), \
            (SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint FROM pg_stat_user_tables WHERE schemaname = $1) \
            + (SELECT coalesce(sum(idx_tup_read), 0)::bigint FROM pg_stat_user_indexes WHERE schemaname = $1)";
        let large = ["contact", "deal", "task", "activity", "ledger", "event", "claim", "command"];
        sqlx::query_as(text)
            .bind(&self.schema.name)
            .bind(large.as_slice())
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }
}

/// A world, and what each request touched in it: scans, and rows with entries of indexes.
struct Touched<'w> {
    world: &'w World,
    requests: Vec<(String, i64, i64)>,
}

impl Touched<'_> {
    async fn by<T, E: std::fmt::Debug>(
        &mut self,
        name: &str,
        request: impl IntoFuture<Output = Result<T, E>>,
    ) -> T {
        let before = self.world.counted().await;
        let answer = request.await.unwrap();
        let after = self.world.counted().await;
        self.requests.push((name.to_owned(), after.0 - before.0, after.1 - before.1));
        answer
    }

    fn hold(&self, what: &str) {
        let (name, _, most) = self.requests.iter().max_by_key(|(_, _, rows)| *rows).unwrap();
        println!(
            "{} rows of each kind, {what}: {} requests, none reads a table from end to end; most are read by {name}: {most}",
            rows(),
            self.requests.len()
        );
        let bad: Vec<_> =
            self.requests.iter().filter(|(_, scans, rows)| *scans > 0 || *rows > MOST).collect();
        assert!(bad.is_empty(), "{bad:#?}");
    }
}

fn page(kind: Kind, filter: Filter, order: Order, after: Option<&Record>) -> Question {
    let after = after.map(|record| order.position(record));
    let window = Window { skip: 0, after, most: PAGE };
    Question::List(ListQuery {
        kind,
        visible: Filter::All,
        filter,
        order,
        window,
        per_group: None,
        total: false,
    })
}

/// The first and the next page of every kind in every order, a search in each kind, and a list by a reference.
async fn pages(world: &World) {
    let (tenant, mut touched) = (Tenant::of(HOUSE), Touched { world, requests: Vec::new() });
    for kind in FILLED {
        for (field, described) in (0..).map(FieldId).zip(kind.fields()).filter(|(_, field)| field.sorted) {
            for descending in [false, true] {
                let order = Order { field, descending };
                let mut last: Option<Record> = None;
                for part in ["first page", "next page"] {
                    let ask = [page(kind, Filter::All, order, last.as_ref())];
                    let name = format!("{kind} by {}, descending {descending}, {part}", described.name);
                    let answer = touched.by(&name, world.store.ask(tenant, &ask)).await;
                    last = Answers::new(answer).rows().unwrap().rows.pop();
                }
            }
        }
        let search = [page(kind, Filter::Search("row 1234 of".to_owned()), Order::NEWEST, None)];
        touched.by(&format!("search {kind}"), world.store.ask(tenant, &search)).await;
    }
    let (field, _) = Kind::Deal.field("contact").unwrap();
    let of_contact = Filter::Equals(field, Value::Uuid(contact(0).uuid()));
    let ask = [page(Kind::Deal, of_contact, Order::NEWEST, None)];
    touched.by("deals of a contact", world.store.ask(tenant, &ask)).await;
    touched.hold("pages");
}

/// What asks for records by their keys, or by what refers to them.
async fn by_key(world: &World) {
    let (session, mut touched) = (world.crm.act(HOUSE, ADA), Touched { world, requests: Vec::new() });
    touched.by("get", session.get(deal(0))).await;
    touched.by("get many", session.get_many(&(0..50).map(deal).collect::<Vec<_>>())).await;
    let timeline = List::<Activity>::new().without_total().first(PAGE);
    touched.by("timeline", session.timeline(deal(0), timeline)).await;
    touched.by("history", session.history(deal(0))).await;
    touched.by("list", session.list(List::<Deal>::new().without_total().first(PAGE))).await;
    let search = List::<Contact>::new().search("row 777 of").without_total().first(PAGE);
    touched.by("search", session.list(search)).await;
    touched.by("events", world.crm.events(HOUSE, None, PAGE)).await;
    touched.by("organizations", world.crm.organizations_of(ADA)).await;
    // After some rounds the server keeps a plan that does not know the values.
    for round in 0..7_u128 {
        let email = format!("c{round}@example.com");
        let create = CreateContact::with_id(contact(10 + round)).name("C").email(email);
        touched.by("create contact", session.apply(create).with_key(format!("k{round}"))).await;
        let change = UpdateContact::of(contact(0)).email(format!("iris{round}@example.com"));
        touched.by("change contact", session.apply(change)).await;
        let create = CreateDeal::with_id(deal(10 + round)).title("D").contact(contact(0)).owner(BEN);
        touched.by("create deal", session.apply(create)).await;
        let stage = if round % 2 == 0 { "qualified" } else { "lead" };
        touched.by("move deal", session.apply(UpdateDeal::of(deal(0)).stage(stage))).await;
        let change = UpdateTask::of(TASK).title(format!("Call {round}"));
        touched.by("change task", session.apply(change)).await;
        touched.by("delete contact", session.apply(DeleteContact::of(contact(10 + round)))).await;
    }
    let remove = RemoveMember { id: BEN, successor: Some(ADA) };
    touched.by("remove member", session.apply(remove)).await;
    touched.hold("by key");
}

#[test]
fn a_request_reads_what_it_needs_and_not_what_there_is() {
    block_on(async {
        let world = World::new().await;
        pages(&world).await;
        by_key(&world).await;
    });
}

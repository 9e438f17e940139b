//! Tells another system what happens in the CRM: each event at least once, those of a record in their order.
//!
//! ```text
//! cargo run --example outbox_worker -- quickstart.crm.db inbox.db
//! cargo run --example outbox_worker -- postgres://localhost/app inbox.db
//! ```
//!
//! Run as many as you like at once, kill any of them at any time and start it again: nothing is lost. The receiver is the
//! SQLite file `inbox.db`; in life it is behind a network, and what matters is the same: it says yes only when it has
//! written the event down, and it knows by the event's id what it has already.

use std::error::Error;
use std::time::Duration;

use crm_core::Event;
use crm_core::value::OrganizationId;
use crm_store_sqlx::{Consumer, PgStore, SqliteStore};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

const USAGE: &str = "say where the CRM is, and where to deliver: \
    outbox_worker <file.db | postgres://..> <inbox.db>";
/// How long a worker that died holds its organisation up. Each event that is done begins it anew.
const LEASE: Duration = Duration::from_secs(10);
/// How long a worker rests when there is nothing to do.
const REST: Duration = Duration::from_millis(500);
/// Events that are acknowledged together. If the worker dies, these come twice.
const BATCH: u32 = 20;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(place), Some(inbox)) = (arguments.next(), arguments.next()) else { return Err(USAGE.into()) };
    run(&place, &inbox, LEASE).await
}

async fn run(place: &str, inbox: &str, length: Duration) -> Result<(), Box<dyn Error>> {
    let inbox = Inbox::open(inbox).await?;
    if place.starts_with("postgres://") || place.starts_with("postgresql://") {
        let store = PgStore::connect(place).await?;
        store.migrate().await?;
        work(&store.consumer("inbox")?, &inbox, length).await
    } else {
        let store = SqliteStore::open(place).await?;
        store.migrate().await?;
        work(&store.consumer("inbox")?, &inbox, length).await
    }
}

/// Goes round the organisations that wait, until the process ends.
async fn work(consumer: &Consumer<'_>, inbox: &Inbox, length: Duration) -> ! {
    let mut after = None;
    loop {
        let waiting = consumer.waiting(after, 100).await.unwrap_or_else(|error| {
            eprintln!("the CRM does not answer: {error}");
            Vec::new()
        });
        for organization in &waiting {
            // Whatever went wrong, the lease is kept and runs out: so long this organisation rests, and the others go on.
            if let Err(error) = deliver(consumer, *organization, inbox, length).await {
                eprintln!("{organization} has to wait: {error}");
            }
        }
        after = waiting.last().copied();
        if waiting.is_empty() {
            tokio::time::sleep(REST).await;
        }
    }
}

/// Delivers some events of an organisation, if nobody else does.
async fn deliver(
    consumer: &Consumer<'_>,
    organization: OrganizationId,
    inbox: &Inbox,
    length: Duration,
) -> Result<(), Box<dyn Error>> {
    let Some(mut lease) = consumer.lease(organization, length).await? else { return Ok(()) };
    let events = lease.events(BATCH).await?;
    for event in &events {
        inbox.receive(organization, event).await?;
    }
    if let Some(last) = events.last() {
        lease.done(last).await?;
    }
    lease.release().await?;
    Ok(())
}

/// The receiver: it writes each event down once, and counts how often it came.
struct Inbox(SqlitePool);

impl Inbox {
    async fn open(file: &str) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
        let pool = SqlitePool::connect_with(options.busy_timeout(LEASE)).await?;
        let table = "CREATE TABLE IF NOT EXISTS inbox (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, \
                     organization TEXT NOT NULL, event TEXT NOT NULL, times INTEGER NOT NULL)";
        sqlx::query(table).execute(&pool).await?;
        Ok(Self(pool))
    }

    async fn receive(&self, organization: OrganizationId, event: &Event) -> Result<(), Box<dyn Error>> {
        let text = "INSERT INTO inbox (id, organization, event, times) VALUES ($1, $2, $3, 1) \
                    ON CONFLICT (id) DO UPDATE SET times = times + 1";
        let query = sqlx::query(text).bind(event.id.to_string()).bind(organization.to_string());
        query.bind(serde_json::to_string(event)?).execute(&self.0).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;
    use std::process::{Child, Command, Stdio};
    use std::sync::Arc;

    use crm_core::store::Store;
    use crm_core::value::{ContactId, UserId, Uuid};
    use crm_core::{CreateContact, CreateOrganization, Crm, Profile, UpdateContact};

    use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

    use super::*;

    const ADA: UserId = UserId::from_uuid(Uuid::from_u128(0xADA));
    const KILLED: usize = 15;
    /// In the environment of a worker: where the CRM is, and the inbox.
    const PLACES: [&str; 2] = ["OUTBOX_WORKER_CRM", "OUTBOX_WORKER_INBOX"];

    /// The worker as a process of its own: the tests below run this one, and kill it.
    #[tokio::test]
    async fn the_process() {
        let [Ok(crm), Ok(inbox)] = PLACES.map(std::env::var) else { return };
        run(&crm, &inbox, Duration::from_millis(100)).await.unwrap();
    }

    fn start(places: [&str; 2]) -> Child {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "tests::the_process", "--nocapture"]).envs(PLACES.into_iter().zip(places));
        command.stdout(Stdio::null()).spawn().unwrap()
    }

    impl Inbox {
        async fn count(&self) -> usize {
            let count: i64 =
                sqlx::query_scalar("SELECT count(*) FROM inbox").fetch_one(&self.0).await.unwrap();
            usize::try_from(count).unwrap()
        }

        /// Waits for so many events.
        async fn reach(&self, wanted: usize) {
            for _ in 0..60_000 {
                if self.count().await >= wanted {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            panic!("{} of {wanted} events", self.count().await);
        }
    }

    fn folder(of: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("crm-outbox-worker-{of}-{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        folder
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_worker_on_sqlite_that_is_killed_again_and_again_delivers_everything_in_order() {
        let folder = folder("sqlite");
        let [crm, inbox] = ["crm.db", "inbox.db"].map(|name| folder.join(name).display().to_string());
        let store = Arc::new(SqliteStore::open(&crm).await.unwrap());
        store.migrate().await.unwrap();
        kill_again_and_again(store.clone(), [&crm, &inbox]).await;
        store.close().await;
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_worker_on_postgres_that_is_killed_again_and_again_delivers_everything_in_order() {
        let server = std::env::var("CRM_TEST_POSTGRES_URL").expect(
            "CRM_TEST_POSTGRES_URL is not set: run `cargo xtask test`, or `cargo xtask postgres -- cargo test ..`",
        );
        let folder = folder("postgres");
        let name = format!("outbox_worker_{}", std::process::id());
        let on_server = async |text: String| {
            let mut connection = PgConnection::connect(&server).await.unwrap();
            connection.execute(sqlx::raw_sql(AssertSqlSafe(text))).await.unwrap();
        };
        on_server(format!("CREATE DATABASE {name}")).await;
        let (start, query) = server.split_once('?').unwrap_or((&server, ""));
        let crm = format!("{}/{name}?{query}", start.rsplit_once('/').unwrap().0);
        let store = Arc::new(PgStore::connect(&crm).await.unwrap());
        store.migrate().await.unwrap();
        kill_again_and_again(store, [&crm, &folder.join("inbox.db").display().to_string()]).await;
        on_server(format!("DROP DATABASE {name} WITH (FORCE)")).await;
        std::fs::remove_dir_all(folder).unwrap();
    }

    async fn kill_again_and_again(store: Arc<dyn Store>, places: [&str; 2]) {
        let crm = Crm::new(store, Profile::preset("general").unwrap());
        let inbox = Inbox::open(places[1]).await.unwrap();
        let mut houses = Vec::new();
        for _ in 0..3 {
            houses.push(
                crm.register(ADA, CreateOrganization::new().name("House")).await.unwrap().organization.id,
            );
        }
        let writing = tokio::spawn(write(crm.clone(), houses.clone()));

        // SIGKILL: the worker does nothing any more, wherever it is.
        for round in 1..=KILLED {
            let mut worker = start(places);
            inbox.reach(round * 37).await;
            worker.kill().unwrap();
            worker.wait().unwrap();
        }
        writing.await.unwrap();
        let mut expected = BTreeMap::new();
        for house in &houses {
            let events = crm.events(*house, None, 10_000).await.unwrap();
            expected.insert(
                house.to_string(),
                events.into_iter().map(|event| event.id.to_string()).collect::<Vec<_>>(),
            );
        }
        let all = expected.values().map(Vec::len).sum();
        let mut worker = start(places);
        inbox.reach(all).await;
        worker.kill().unwrap();
        worker.wait().unwrap();

        let rows: Vec<(String, String, i64)> =
            sqlx::query_as("SELECT organization, id, times FROM inbox ORDER BY number")
                .fetch_all(&inbox.0)
                .await
                .unwrap();
        let twice = rows.iter().filter(|(_, _, times)| *times > 1).count();
        println!(
            "{all} events arrived though the worker was killed {KILLED} times; {twice} came more than once"
        );
        let mut arrived: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (house, id, _) in rows {
            arrived.entry(house).or_default().push(id);
        }
        assert!(arrived == expected, "each event is written down once, in the order of the outbox");
        assert!(twice > 0, "nobody was killed in the middle");
    }

    /// Contacts that change all the time.
    async fn write(crm: Crm, houses: Vec<OrganizationId>) {
        let contact = |number: u128| ContactId::from_uuid(Uuid::from_u128(number));
        for number in 0..40 {
            for house in &houses {
                let session = crm.act(*house, ADA);
                session.apply(CreateContact::with_id(contact(number)).name("New")).await.unwrap();
                for change in 0..4 {
                    let name = format!("{number} {change}");
                    let of = contact(number / 2);
                    session.apply(UpdateContact::of(of).name(name.as_str())).await.unwrap();
                }
            }
        }
    }
}

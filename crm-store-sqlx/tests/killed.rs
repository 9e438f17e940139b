//! Connections, servers and processes that are killed in the middle of commits, again and again, while several write.
//!
//! `CRM_CASES` multiplies how many connections and processes; 10 makes them 200 of each. Servers are killed where
//! somebody does it: `cargo xtask postgres --killed 200 -- cargo test -p crm-store-sqlx --features postgres --test killed`.
//!
//! Invariant: every acknowledged command is there, no command is half there, and the writers go on by themselves.
#![cfg(any(feature = "sqlite", feature = "postgres"))]
#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test panics where it fails")]

mod support {
    pub(crate) mod books;
    #[cfg(feature = "sqlite")]
    pub(crate) mod folder;
    pub(crate) mod runtime;
    #[cfg(feature = "postgres")]
    pub(crate) mod server;
    pub(crate) mod writers;
}

use std::sync::Arc;

use crm_core::store::Store;
use crm_core::value::{OrganizationId, Uuid};
use crm_core::{Crm, Profile};

fn engine(store: Arc<dyn Store>) -> Crm {
    let profile = r#"{ "extends": "general", "name": "killed", "unique": ["contact.email"] }"#;
    Crm::new(store, Profile::from_json(profile).unwrap())
}

fn house(number: u64) -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(0xA000 + u128::from(number)))
}

/// Numbers that look drawn by chance, and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use std::collections::BTreeSet;
    use std::io::{BufRead as _, BufReader};
    use std::os::unix::process::ExitStatusExt as _;
    use std::path::Path;
    use std::process::{Child, Command, Stdio};
    use std::sync::Arc;
    use std::time::Duration;

    use crm_store_sqlx::SqliteStore;
    use crm_testkit::cases::rounds;
    use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

    use super::{Dice, engine, house};
    use crate::support::books::{Found, audit};
    use crate::support::folder::Folder;
    use crate::support::runtime::block_on;
    use crate::support::writers::{FOUNDER, Told, Turn, WRITERS, write};

    /// In the environment of a process that writes: the file, and the number of its organisation.
    const FILE: &str = "CRM_KILLED_FILE";
    const HOUSE: &str = "CRM_KILLED_HOUSE";
    /// What stands before a turn that a process tells of.
    const TOLD: &str = "told: ";
    /// Signals have numbers, and this one cannot be caught.
    const SIGKILL: i32 = 9;

    async fn open(file: &Path) -> Arc<SqliteStore> {
        let store = Arc::new(SqliteStore::open(file).await.unwrap());
        store.migrate().await.unwrap();
        store
    }

    fn tell(turn: Turn, version: Option<u64>) {
        println!("{TOLD}{} {} {}", turn.writer, turn.number, version.unwrap_or_default());
    }

    /// The process that writes until it is killed: the test below runs this one.
    #[test]
    fn the_process() {
        let [Ok(file), Ok(number)] = [FILE, HOUSE].map(std::env::var) else { return };
        let house = house(number.parse().unwrap());
        block_on(async {
            let crm = engine(open(Path::new(&file)).await);
            write(&[crm], house, || false, tell).await;
        });
    }

    fn start(file: &Path, number: u64) -> Child {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "sqlite::the_process", "--nocapture"]);
        command.env(FILE, file).env(HOUSE, number.to_string());
        command.stdout(Stdio::piped()).spawn().unwrap()
    }

    /// Lets a process write, kills it, and reads what it was told until then.
    fn killed(file: &Path, number: u64, dice: &mut Dice) -> Told {
        let mut process = start(file, number);
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let turns = |line: String| line.split_once(TOLD).map(|(_, turn)| turn.to_owned());
        // Some die before they have written anything: in the middle of opening the file, or of making tables.
        let mut heard: Vec<String> = match dice.below(100) {
            0..10 => Vec::new(),
            most => lines.by_ref().filter_map(turns).take(usize::try_from(most).unwrap()).collect(),
        };
        std::thread::sleep(Duration::from_micros(dice.below(10_000)));
        process.kill().unwrap();
        heard.extend(lines.filter_map(turns));
        assert_eq!(process.wait().unwrap().signal(), Some(SIGKILL), "it ended by itself");
        remembered(&heard)
    }

    /// What a process was told. Of the turn that each writer was at nobody knows.
    fn remembered(heard: &[String]) -> Told {
        let mut told = Told::default();
        for line in heard {
            let numbers: Vec<u64> = line.split(' ').map(|number| number.parse().unwrap()).collect();
            let &[writer, number, version] = numbers.as_slice() else { panic!("{line}") };
            let turn = Turn { writer, number };
            if version == 0 {
                told.refused.insert(turn);
            } else {
                told.acknowledged.insert(turn, version);
            }
        }
        let taken: BTreeSet<Turn> = told.acknowledged.keys().chain(&told.refused).copied().collect();
        for writer in FOUNDER..=WRITERS {
            let next = taken.iter().filter(|turn| turn.writer == writer).count();
            if writer != FOUNDER || next == 0 {
                told.unknown.insert(Turn { writer, number: u64::try_from(next).unwrap() });
            }
        }
        told
    }

    /// Holds an organisation in a file to what was told of it.
    async fn check(file: &Path, number: u64, told: &Told) -> Found {
        let store = open(file).await;
        let found = audit(&engine(store.clone()), &*store, house(number), told).await;
        let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(file)).await.unwrap();
        let text = "SELECT count(*) FROM crm_command WHERE organization_id = $1";
        let query = sqlx::query_scalar(text).bind(house(number).uuid().as_bytes().to_vec());
        let commands: i64 = query.fetch_one(&pool).await.unwrap();
        assert_eq!(usize::try_from(commands), Ok(found.commands), "a command that wrote nothing");
        pool.close().await;
        store.close().await;
        found
    }

    async fn integrity(file: &Path) -> String {
        let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(file)).await.unwrap();
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&pool).await.unwrap()
    }

    /// A file that one process after the other writes to, each in an organisation of its own.
    #[test]
    fn processes_that_are_killed_lose_nothing() {
        let folder = Folder::new();
        let (file, mut dice) = (folder.file("crm.db"), Dice(1));
        let mut all = Vec::new();
        let mut sum = Found::default();
        for number in 1..=rounds(20) {
            let told = killed(&file, number, &mut dice);
            sum = sum + block_on(check(&file, number, &told));
            all.push((number, told));
        }
        // What was there after one process is there after all of them.
        let again = all.iter().map(|(number, told)| block_on(check(&file, *number, told)));
        assert_eq!(again.fold(Found::default(), |sum, found| sum + found), sum);
        assert_eq!(block_on(integrity(&file)), "ok");
        println!("SQLite, {} processes killed: {sum}", all.len());
        assert!(sum.acknowledged > all.len() * 10, "a test of nothing proves nothing");
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    use std::time::{Duration, Instant};

    use async_trait::async_trait;
    use crm_core::draft::ChangeSet;
    use crm_core::store::{Commit, Store, StoreError};
    use crm_store_sqlx::PgStore;
    use crm_testkit::cases::rounds;
    use crm_testkit::layer::{Layer, Over};
    use sqlx::error::DatabaseError;
    use sqlx::postgres::PgPoolOptions;
    use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

    use super::{Dice, engine, house};
    use crate::support::books::{Found, audit};
    use crate::support::runtime::block_on;
    use crate::support::server::{Schema, url};
    use crate::support::writers::{Told, rest, write};

    /// Set where somebody kills the server: how often. The server itself says how often it was.
    const UNSTEADY: &str = "CRM_TEST_POSTGRES_UNSTEADY";
    /// Not long enough for a server that has to recover, so that nobody can be asked what became of a commit.
    const PATIENCE: Duration = Duration::from_millis(250);
    /// After so many times the writers go on in another organisation, so that each can be looked at as a whole.
    const STAGE: u64 = 10;

    /// Counts the commits whose answer was lost.
    #[derive(Debug, Default)]
    struct Lost(Arc<AtomicU64>);

    #[async_trait]
    impl Layer for Lost {
        async fn commit(&self, under: &dyn Store, changes: &ChangeSet) -> Result<Commit, StoreError> {
            let answer = under.commit(changes).await;
            if answer.is_err() {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
            answer
        }
    }

    fn unsteady() -> Option<u64> {
        let times = std::env::var(UNSTEADY).ok().map(|times| times.parse().unwrap());
        times.filter(|times| *times > 0)
    }

    /// Both forms of a commit, over a small pool of their own whose connections bear the name of the schema.
    async fn stores(schema: &Schema) -> [PgStore; 2] {
        let options = (*schema.pool.connect_options()).clone().application_name(&schema.name);
        let pool = PgPoolOptions::new().max_connections(6).test_before_acquire(false);
        let pool = pool.acquire_timeout(PATIENCE).connect_lazy_with(options);
        let store = || PgStore::new(pool.clone()).in_schema(&schema.name).unwrap();
        let begun = Instant::now();
        while let Err(error) = store().migrate().await {
            assert!(error.is_retryable(), "{error:?}");
            rest(begun).await;
        }
        [store(), store().by_function()]
    }

    /// Lets several write while something is killed so many times, and holds the books to what they were told. Whoever
    /// `kills` is told up to which time, and how many answers were heard.
    async fn survive(what: &str, times: u64, mut kills: impl AsyncFnMut(&Schema, u64, &AtomicU64)) {
        let schema = Schema::new().await;
        let (lost, heard) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let engine = |store| engine(Arc::new(Over::new(Lost(lost.clone()), Arc::new(store))));
        let engines = stores(&schema).await.map(engine);
        let mut all = Vec::new();
        for number in 1..=times.div_ceil(STAGE) {
            let (over, hears) = (Arc::new(AtomicBool::new(false)), heard.clone());
            let is_over = {
                let over = over.clone();
                move || over.load(Ordering::Relaxed)
            };
            let tell = move |_, _| {
                hears.fetch_add(1, Ordering::Relaxed);
            };
            let kill = async {
                kills(&schema, times.min(number * STAGE), &heard).await;
                more(&heard, 20).await;
                over.store(true, Ordering::Relaxed);
            };
            let (told, ()) = tokio::join!(write(&engines, house(number), is_over, tell), kill);
            all.push((number, told));
        }
        let (mut sum, mut repeated) = (Found::default(), 0);
        for (number, told) in all {
            sum = sum + check(&schema, number, &told).await;
            repeated += told.repeated;
        }
        let lost = lost.load(Ordering::Relaxed);
        println!(
            "PostgreSQL, {times} {what}: {sum}; {lost} commits lost their answer, {repeated} turns were repeated"
        );
        // Where the disk is waited for, many a commit is hit so late that its answer still comes.
        assert!(lost > times / 10, "nobody was hit in the middle of a commit");
    }

    /// Waits until the writers have heard so many answers more: they go on by themselves.
    async fn more(heard: &AtomicU64, answers: u64) {
        let wanted = heard.load(Ordering::Relaxed) + answers;
        let begun = Instant::now();
        while heard.load(Ordering::Relaxed) < wanted {
            rest(begun).await;
        }
    }

    /// Looks when nothing is under way any more.
    async fn check(schema: &Schema, number: u64, told: &Told) -> Found {
        let text = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND state <> 'idle'";
        let busy = || sqlx::query_scalar::<_, i64>(text).bind(&schema.name).fetch_one(&schema.pool);
        let begun = Instant::now();
        while busy().await.unwrap() > 0 {
            rest(begun).await;
        }
        let store = Arc::new(PgStore::new(schema.pool.clone()).in_schema(&schema.name).unwrap());
        let found = audit(&engine(store.clone()), &*store, house(number), told).await;
        let text = format!("SELECT count(*) FROM \"{}\".command WHERE organization_id = $1", schema.name);
        let query = sqlx::query_scalar(AssertSqlSafe(text)).bind(house(number).uuid());
        let commands: i64 = query.fetch_one(&schema.pool).await.unwrap();
        assert_eq!(usize::try_from(commands), Ok(found.commands), "a command that wrote nothing");
        found
    }

    /// Terminates a connection that is in the middle of a commit: a statement with a guard, or a call of the function.
    async fn terminate(schema: &Schema) -> bool {
        let text = "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity \
                    WHERE application_name = $1 AND state = 'active' AND query ~ 'lock_|\"commit\"' \
                    ORDER BY random() LIMIT 1) AS one";
        let query = sqlx::query_scalar::<_, i64>(text).bind(&schema.name);
        query.fetch_one(&schema.pool).await.unwrap() == 1
    }

    #[test]
    fn connections_that_are_terminated_lose_nothing() {
        if unsteady().is_some() {
            println!("the server is killed as a whole: no connection is terminated alone");
            return;
        }
        let (mut dice, mut done) = (Dice(1), 0);
        let kills = async |schema: &Schema, until: u64, heard: &AtomicU64| {
            while done < until {
                more(heard, dice.below(30)).await;
                done += u64::from(terminate(schema).await);
            }
        };
        block_on(survive("connections terminated in a commit", rounds(20), kills));
    }

    /// Waits until the server has been killed so many times. It says that itself, since it cannot be seen from outside
    /// whether it was killed once or twice.
    async fn outlive(times: u64) {
        let text = "SELECT current_setting('crm.killed')::bigint, current_setting('fsync') || \
                    current_setting('synchronous_commit') || current_setting('full_page_writes')";
        let url = url("CRM_TEST_POSTGRES_URL");
        let ask = async || {
            let mut connection = PgConnection::connect(&url).await?;
            sqlx::query_as::<_, (i64, String)>(text).fetch_one(&mut connection).await
        };
        let mut answered = Instant::now();
        loop {
            match ask().await {
                Ok((killed, settings)) => {
                    answered = Instant::now();
                    assert_eq!(settings, "ononon", "a server that keeps what it was told to keep");
                    if u64::try_from(killed).unwrap() >= times {
                        return;
                    }
                }
                Err(error) => {
                    let code = error.as_database_error().and_then(DatabaseError::code);
                    assert!(
                        code.is_none_or(|code| code.starts_with("57")),
                        "no server that goes away: {error}"
                    );
                }
            }
            rest(answered).await;
        }
    }

    #[test]
    fn servers_that_are_killed_lose_nothing() {
        let Some(times) = unsteady() else {
            println!(
                "{UNSTEADY} is not set: nobody kills the server; `cargo xtask postgres --killed 5 -- ..` does"
            );
            return;
        };
        block_on(survive("servers killed", times, async |_: &Schema, until, _: &AtomicU64| {
            outlive(until).await;
        }));
    }
}

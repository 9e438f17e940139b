//! Where the suites of the modules keep what they keep: the environment says it.
//!
//! Invariant: whoever opens a store has it alone, and finds it empty.
#![expect(clippy::panic, reason = "a test panics where it fails")]

use std::any::Any;
use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use crm_core::describe::Kind;
use crm_core::store::{Filter, HistoryQuery, Question, Store, Tenant};
use crm_core::value::OrganizationId;
use crm_testkit::dump::dump;
use crm_testkit::layer::{Layer, Over};

use crate::support::at_once::at_once;
use crate::support::runtime::block_on;

/// The variable that says which store.
pub(crate) const STORE: &str = "CRM_TEST_STORE";
const USUAL: &str = if cfg!(feature = "sqlite") { "sqlite" } else { "postgres" };

/// What a store holds of an organisation.
type Holds = Box<dyn Fn(OrganizationId) -> String + Send + Sync>;

/// A store, everything that it holds, and what is different whenever anything was written.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) everything: Holds,
    pub(crate) traces: Holds,
}

/// What has to stay for as long as a store is used.
#[derive(Debug)]
struct Kept(#[expect(dead_code, reason = "it is held, not read")] Box<dyn Any + Send + Sync>);

#[async_trait]
impl Layer for Kept {}

/// How often what is drawn by chance is tried, where it is tried so often in memory: a database takes its time.
pub(crate) fn tries(usual: u64) -> u64 {
    usual.div_ceil(10)
}

pub(crate) fn empty() -> Opened {
    let form = std::env::var(STORE).unwrap_or_else(|_| USUAL.to_owned());
    let (under, kept) = block_on(open(&form));
    let store = at_once(Arc::new(Over::new(kept, under)));
    let (all, held) = (Arc::clone(&store), Arc::clone(&store));
    let everything = move |id| {
        let whole = pollster::block_on(dump(&*all, Tenant::of(id), &BTreeSet::new())).unwrap();
        serde_json::to_string(&whole).unwrap()
    };
    // Whatever is written leaves an event and an entry, which are read much faster than all.
    let traces = move |id| {
        let events = pollster::block_on(held.events(Tenant::of(id), None, u32::MAX)).unwrap();
        let entries = pollster::block_on(held.ask(Tenant::of(id), &histories())).unwrap();
        format!("{events:?}{entries:?}")
    };
    Opened { store, everything: Box::new(everything), traces: Box::new(traces) }
}

/// The ledger of every kind.
fn histories() -> Vec<Question> {
    let all =
        |kind: &Kind| HistoryQuery { kind: *kind, visible: Filter::All, filter: Filter::All, until: None };
    Kind::ALL.iter().map(all).map(Question::History).collect()
}

async fn open(form: &str) -> (Arc<dyn Store>, Kept) {
    match form {
        #[cfg(feature = "sqlite")]
        "sqlite" => {
            let folder = crate::support::folder::Folder::new();
            let store = crm_store_sqlx::SqliteStore::open(folder.file("crm.db")).await.unwrap();
            store.migrate().await.unwrap();
            (Arc::new(store), Kept(Box::new(folder)))
        }
        #[cfg(feature = "postgres")]
        _ => {
            let (store, tables) = postgres::open(form).await;
            (Arc::new(store), Kept(Box::new(tables)))
        }
        #[cfg(not(feature = "postgres"))]
        _ => panic!("no store: {form}"),
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use crm_store_sqlx::PgStore;

    use crate::support::guarded;
    use crate::support::tables::{Free, PLAIN, PROTECTED, Tables};

    static DIVIDED: Free = Free::none(false, 4);

    /// The store, and the tables that it is over, which are emptied for whoever comes next.
    pub(super) async fn open(form: &str) -> (PgStore, Tables) {
        let free = match form {
            "postgres" | "function" => &PLAIN,
            "partitions" => &DIVIDED,
            "policies" => &PROTECTED,
            _ => panic!("no store: {form}"),
        };
        let tables = free.take().await;
        let pool = if form == "policies" { guarded::pool().await } else { tables.pool.clone() };
        let store = PgStore::new(pool).in_schema(&tables.name).unwrap();
        let store = match form {
            "function" => store.by_function(),
            "policies" => store.protected(),
            _ => store,
        };
        (store, tables)
    }
}

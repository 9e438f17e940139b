//! Stores that load something else than what is there, or from more than one state.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use crm_core::describe::{Key, Record, Value};
use crm_core::draft::{ReadSet, Snapshot};
use crm_core::store::{Answer, Commit, Question, Store, StoreError, Tenant};
use crm_store_memory::MemoryStore;
use crm_testkit::layer::{Layer, Over};

use crate::bent::bent;
use crate::pause::pause;
use crate::{Broken, broken};

const LIKELY: &[&str] = &["load", "commit"];

/// Waits after each question, so that the answers are of several states.
#[derive(Debug)]
struct TornAsk;

#[async_trait]
impl Layer for TornAsk {
    async fn ask(
        &self,
        under: &dyn Store,
        tenant: Tenant,
        questions: &[Question],
    ) -> Result<Vec<Answer>, StoreError> {
        let mut answers = Vec::new();
        for question in questions {
            answers.extend(under.ask(tenant, std::slice::from_ref(question)).await?);
            pause().await;
        }
        Ok(answers)
    }
}

/// Waits between the rows of a load and all else.
#[derive(Debug)]
struct TornLoad;

#[async_trait]
impl Layer for TornLoad {
    async fn load(&self, under: &dyn Store, tenant: Tenant, want: &ReadSet) -> Result<Snapshot, StoreError> {
        let ReadSet { keys, referred, .. } = want.clone();
        let rows = under.load(tenant, &ReadSet { keys, referred, ..ReadSet::new() }).await?;
        pause().await;
        let others = ReadSet { keys: Default::default(), referred: Default::default(), ..want.clone() };
        let others = under.load(tenant, &others).await?;
        Ok(Snapshot { rows: rows.rows, ..others })
    }
}

/// Waits between the rows of a load, one by one.
#[derive(Debug)]
struct TornRows;

#[async_trait]
impl Layer for TornRows {
    async fn load(&self, under: &dyn Store, tenant: Tenant, want: &ReadSet) -> Result<Snapshot, StoreError> {
        let mut found = under.load(tenant, &ReadSet { keys: Default::default(), ..want.clone() }).await?;
        for key in &want.keys {
            found.rows.extend(under.load(tenant, &ReadSet::from(*key)).await?.rows);
            pause().await;
        }
        Ok(found)
    }
}

fn over(layer: impl Layer + 'static) -> Arc<dyn Store> {
    Arc::new(Over::new(layer, Arc::new(MemoryStore::new())))
}

pub(crate) fn stores() -> Vec<Broken> {
    let mut stores = rows();
    stores.extend(sets());
    stores.extend(states());
    stores
}

fn rows() -> Vec<Broken> {
    vec![
        broken("deleted rows missing", "A deleted row is loaded as absent.", LIKELY, || {
            bent()
                .loaded(|found| {
                    for row in found.rows.values_mut() {
                        *row = row.take().filter(Record::is_live);
                    }
                })
                .store()
        }),
        broken("absent rows missing", "What is not there is not answered.", LIKELY, || {
            bent().loaded(|found| found.rows.retain(|_, row| row.is_some())).store()
        }),
        broken("absent holders missing", "A unique key that nobody holds is not answered.", LIKELY, || {
            bent().loaded(|found| found.claims.retain(|_, holder| holder.is_some())).store()
        }),
        broken("empty sets missing", "A set without rows is not answered.", LIKELY, || {
            bent().loaded(|found| found.sets.retain(|_, rows| !rows.is_empty())).store()
        }),
        broken(
            "unknown commands missing",
            "A command that is not committed is not answered.",
            LIKELY,
            || bent().loaded(|found| found.committed.retain(|_, committed| *committed)).store(),
        ),
        broken("rows of any kind", "A row is found by its id, whatever its kind.", LIKELY, || {
            bent()
                .load(|under, tenant, want| {
                    let mut found = under.load(tenant, want);
                    for (key, row) in found.rows.iter_mut().filter(|(_, row)| row.is_none()) {
                        let kinds = crm_core::describe::Kind::ALL.iter();
                        *row = kinds
                            .into_iter()
                            .find_map(|kind| under.row(tenant, Key { kind: *kind, id: key.id }));
                    }
                    found
                })
                .store()
        }),
        broken(
            "a hundred rows",
            "It loads the first hundred rows and takes the others for absent.",
            LIKELY,
            || bent().loaded(|found| found.rows.values_mut().skip(100).for_each(|row| *row = None)).store(),
        ),
        broken(
            "a hundred keys",
            "It loads the first hundred unique keys and takes the others for free.",
            LIKELY,
            || {
                bent()
                    .loaded(|found| found.claims.values_mut().skip(100).for_each(|holder| *holder = None))
                    .store()
            },
        ),
        broken("cached rows", "It keeps a row as it was first loaded.", LIKELY, || {
            let cache: Mutex<BTreeMap<(Tenant, Key), Record>> = Mutex::default();
            bent()
                .load(move |under, tenant, want| {
                    let mut found = under.load(tenant, want);
                    let mut cache = cache.lock().unwrap();
                    for (key, row) in &mut found.rows {
                        if let Some(now) = row {
                            *now = cache.entry((tenant, *key)).or_insert_with(|| now.clone()).clone();
                        }
                    }
                    found
                })
                .store()
        }),
        broken(
            "cached absence",
            "A row that was asked for before it was there stays absent.",
            LIKELY,
            || {
                let cache: Mutex<std::collections::BTreeSet<(Tenant, Key)>> = Mutex::default();
                bent()
                    .load(move |under, tenant, want| {
                        let mut found = under.load(tenant, want);
                        let mut cache = cache.lock().unwrap();
                        for (key, row) in &mut found.rows {
                            if row.is_none() {
                                cache.insert((tenant, *key));
                            } else if cache.contains(&(tenant, *key)) {
                                *row = None;
                            }
                        }
                        found
                    })
                    .store()
            },
        ),
    ]
}

fn sets() -> Vec<Broken> {
    vec![
        broken("sets turned round", "A set comes with the greatest id first.", LIKELY, || {
            bent().loaded(|found| found.sets.values_mut().for_each(|rows| rows.reverse())).store()
        }),
        broken("sets with deleted rows", "A set of live rows holds deleted ones too.", LIKELY, || {
            bent()
                .load(|under, tenant, want| {
                    let mut found = under.load(tenant, want);
                    for (set, rows) in &mut found.sets {
                        let deleted = crm_core::draft::SetQuery { deleted: true, ..set.clone() };
                        if !set.deleted {
                            rows.extend(under.set(tenant, &deleted));
                            rows.sort_by_key(Record::id);
                        }
                    }
                    found
                })
                .store()
        }),
        broken("sets of live rows only", "A set of deleted rows is empty.", LIKELY, || {
            bent()
                .loaded(|found| {
                    found.sets.iter_mut().filter(|(set, _)| set.deleted).for_each(|(_, rows)| rows.clear());
                })
                .store()
        }),
        broken("sets without null", "No row has an empty field, as far as sets go.", LIKELY, || {
            bent()
                .loaded(|found| {
                    let asked =
                        |set: &crm_core::draft::SetQuery| set.equals.iter().any(|(_, value)| value.is_null());
                    found.sets.iter_mut().filter(|(set, _)| asked(set)).for_each(|(_, rows)| rows.clear());
                })
                .store()
        }),
        broken("sets by one field", "A set is asked for by the first of its fields only.", LIKELY, || {
            bent()
                .load(|under, tenant, want| {
                    let mut found = under.load(tenant, want);
                    for (set, rows) in &mut found.sets {
                        let equals = set.equals.iter().take(1).cloned().collect();
                        *rows = under.set(tenant, &crm_core::draft::SetQuery { equals, ..set.clone() });
                    }
                    found
                })
                .store()
        }),
        broken("sets without case", "The texts of a set are compared without letter case.", LIKELY, || {
            bent()
                .load(|under, tenant, want| {
                    let mut found = under.load(tenant, want);
                    let folded = |value: &Value| value.as_text().map(str::to_lowercase);
                    for (set, rows) in &mut found.sets {
                        let mut all = under.all(tenant, set.kind, set.deleted);
                        all.retain(|row| {
                            set.equals.iter().all(|(field, value)| {
                                let found = row.value(*field);
                                found == *value || folded(value).is_some() && folded(&found) == folded(value)
                            })
                        });
                        *rows = all;
                    }
                    found
                })
                .store()
        }),
        broken("short sets", "A set has at most a hundred rows.", LIKELY, || {
            bent().loaded(|found| found.sets.values_mut().for_each(|rows| rows.truncate(100))).store()
        }),
        broken("sets as they were", "A set that was loaded once stays as it was.", LIKELY, || {
            let cache = Mutex::new(BTreeMap::new());
            bent()
                .load(move |under, tenant, want| {
                    let mut found = under.load(tenant, want);
                    let mut cache = cache.lock().unwrap();
                    for (set, rows) in &mut found.sets {
                        *rows = cache.entry((tenant, set.clone())).or_insert_with(|| rows.clone()).clone();
                    }
                    found
                })
                .store()
        }),
        broken(
            "rows of sets as they were",
            "A set has the right rows, as they were when they were created.",
            LIKELY,
            || {
                let cache = Mutex::new(BTreeMap::new());
                bent()
                    .load(move |under, tenant, want| {
                        let mut found = under.load(tenant, want);
                        let mut cache = cache.lock().unwrap();
                        for row in found.sets.values_mut().flatten() {
                            *row = cache.entry((tenant, row.key())).or_insert_with(|| row.clone()).clone();
                        }
                        found
                    })
                    .store()
            },
        ),
    ]
}

fn states() -> Vec<Broken> {
    vec![
        broken(
            "rows and sets of two states",
            "Others can write between the rows and the sets of one load.",
            LIKELY,
            || over(TornLoad),
        ),
        broken("rows of two states", "Others can write between two rows of one load.", LIKELY, || {
            over(TornRows)
        }),
        broken(
            "answers of two states",
            "Others can write between two answers of one ask.",
            &["asking"],
            || over(TornAsk),
        ),
        broken(
            "a list of a stale copy",
            "Lists are answered from a copy that is one commit behind.",
            &["asking", "page"],
            || {
                let copy = Arc::new(MemoryStore::new());
                let waiting = Mutex::new(None);
                let behind = copy.clone();
                bent()
                    .commit(move |under, changes| {
                        let outcome = under.commit(changes);
                        if outcome == Commit::Applied
                            && let Some(last) = waiting.lock().unwrap().replace(changes.clone())
                        {
                            let _ = crm_testkit::ready::now(copy.commit(&last)).unwrap();
                        }
                        outcome
                    })
                    .ask(move |under, tenant, questions| {
                        let stale = crm_testkit::ready::now(behind.ask(tenant, questions)).unwrap();
                        let fresh = under.ask(tenant, questions);
                        let answers = stale.into_iter().zip(fresh);
                        answers
                            .map(
                                |(stale, fresh)| if matches!(stale, Answer::Rows(_)) { stale } else { fresh },
                            )
                            .collect()
                    })
                    .store()
            },
        ),
        broken(
            "a total of a stale copy",
            "Totals are counted in a copy that is one commit behind.",
            &["page"],
            || {
                let copy = Arc::new(MemoryStore::new());
                let waiting = Mutex::new(None);
                let behind = copy.clone();
                bent()
                    .commit(move |under, changes| {
                        let outcome = under.commit(changes);
                        if outcome == Commit::Applied
                            && let Some(last) = waiting.lock().unwrap().replace(changes.clone())
                        {
                            let _ = crm_testkit::ready::now(copy.commit(&last)).unwrap();
                        }
                        outcome
                    })
                    .lists(move |under, tenant, query| {
                        let mut rows = under.list(tenant, query);
                        let asked = [Question::List(query.clone())];
                        let stale = crm_testkit::ready::now(behind.ask(tenant, &asked)).unwrap();
                        if let Some(Answer::Rows(stale)) = stale.first() {
                            rows.total = stale.total;
                        }
                        rows
                    })
                    .store()
            },
        ),
    ]
}

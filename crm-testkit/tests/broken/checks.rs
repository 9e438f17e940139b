//! Commits that check too little, or write something else than everything or nothing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crm_core::describe::Record;
use crm_core::draft::{Expect, Parts};
use crm_core::store::{Commit, Conflict};
use crm_core::value::Uuid;

use crate::plain::{House, parts, plain, torn};
use crate::{Broken, bent::bent, broken};

const LIKELY: &[&str] = &["commit", "idempotency", "uniqueness", "race", "tenancy"];

/// A store that does not notice some conflicts.
macro_rules! blind {
    ($name:literal, $wrong:literal, $parts:ident, $house:ident, $fact:ident => $seen:expr) => {
        broken($name, $wrong, LIKELY, || {
            plain(|world, $parts| {
                let $house = world.house($parts.tenant);
                let mut facts = $house.conflicts($parts);
                facts.retain(|$fact| $seen);
                if facts.is_empty() { $house.write($parts) } else { Commit::Conflict(facts) }
            })
        })
    };
}

/// A store that leaves something behind when it answers a conflict.
macro_rules! leaves {
    ($name:literal, $wrong:literal, $parts:ident, $house:ident => $trace:expr) => {
        broken($name, $wrong, LIKELY, || {
            plain(|world, $parts| {
                let $house = world.house($parts.tenant);
                let facts = $house.conflicts($parts);
                if facts.is_empty() {
                    return $house.write($parts);
                }
                $trace;
                Commit::Conflict(facts)
            })
        })
    };
}

/// As a store that compares sets in another way.
fn commit_with_sets(house: &mut House, parts: &Parts, same: fn(&[Uuid], &BTreeSet<Uuid>) -> bool) -> Commit {
    let mut facts = house.conflicts(parts);
    facts.retain(|fact| match fact {
        Conflict::Set(query) => {
            let found: Vec<_> = house.set(query).iter().map(Record::id).collect();
            !same(&found, &parts.sets[query])
        }
        _ => true,
    });
    if facts.is_empty() { house.write(parts) } else { Commit::Conflict(facts) }
}

/// The first so many writes of a commit, with all that belongs to them.
fn first(parts: &Parts, most: usize) -> Parts {
    let mut some = parts.clone();
    some.writes = parts.writes.iter().take(most).map(|(key, row)| (*key, row.clone())).collect();
    some.ledger.retain(|entry| some.writes.contains_key(&entry.subject));
    some
}

pub(crate) fn stores() -> Vec<Broken> {
    let mut stores = lost_checks();
    stores.extend(half_writes());
    stores
}

fn lost_checks() -> Vec<Broken> {
    vec![
        blind!("version", "It does not check versions.", parts, house, fact =>
            !matches!(fact, Conflict::Version(_))),
        blind!("version of what is read", "It checks the versions of the rows that are written only.", parts, house, fact =>
            !matches!(fact, Conflict::Version(key) if !parts.writes.contains_key(key))),
        blind!("version of what is written", "It checks the versions of the rows that are read only.", parts, house, fact =>
            !matches!(fact, Conflict::Version(key) if parts.writes.contains_key(key))),
        blind!("version of what is deleted", "It does not check the versions of rows that are deleted now.", parts, house, fact =>
            !matches!(fact, Conflict::Version(key) if house.rows.get(key).is_some_and(|row| !row.is_live()))),
        blind!("version or later", "It takes a version that is higher than expected.", parts, house, fact =>
            !matches!((fact, fact_version(parts, fact)), (Conflict::Version(key), Some(version))
                if house.rows.get(key).is_some_and(|row| row.version() > version))),
        blind!("presence", "It does not check that a row is present.", parts, house, fact =>
            !matches!(fact, Conflict::Gone(_))),
        blind!("absence", "It does not check that a row is absent.", parts, house, fact =>
            !matches!(fact, Conflict::Exists(_))),
        blind!("absence of deleted rows", "It takes a deleted row for an absent one.", parts, house, fact =>
            !matches!(fact, Conflict::Exists(key) if house.rows.get(key).is_some_and(|row| !row.is_live()))),
        broken(
            "presence is a version",
            "It refuses a commit when a row that must be present was ever changed.",
            LIKELY,
            || {
                plain(|world, parts| {
                    let house = world.house(parts.tenant);
                    let changed = parts.expect.iter().find(|(key, expect)| {
                        **expect == Expect::Present
                            && house.rows.get(*key).is_some_and(|row| row.is_live() && row.version() > 1)
                    });
                    match changed {
                        Some((key, _)) => Commit::Conflict(vec![Conflict::Version(*key)]),
                        None => house.commit(parts),
                    }
                })
            },
        ),
        blind!("set", "It does not check sets.", parts, house, fact => !matches!(fact, Conflict::Set(_))),
        blind!("set of deleted rows", "It does not check sets of deleted rows.", parts, house, fact =>
            !matches!(fact, Conflict::Set(set) if set.deleted)),
        broken("set by its size", "It compares how many rows a set has, not which.", LIKELY, || {
            plain(|world, parts| {
                commit_with_sets(world.house(parts.tenant), parts, |found, seen| found.len() == seen.len())
            })
        }),
        broken("set that grew", "It does not notice rows that entered a set.", LIKELY, || {
            plain(|world, parts| {
                commit_with_sets(world.house(parts.tenant), parts, |found, seen| {
                    seen.iter().all(|id| found.contains(id))
                })
            })
        }),
        broken("set that shrank", "It does not notice rows that left a set.", LIKELY, || {
            plain(|world, parts| {
                commit_with_sets(world.house(parts.tenant), parts, |found, seen| {
                    found.iter().all(|id| seen.contains(id))
                })
            })
        }),
        broken("empty set", "It does not check sets that were empty.", LIKELY, || {
            plain(|world, parts| {
                commit_with_sets(world.house(parts.tenant), parts, |_, seen| seen.is_empty())
            })
        }),
        blind!("claim", "It checks unique keys at load only, so of two at once both get one.", parts, house, fact =>
            !matches!(fact, Conflict::Claim(_))),
        blind!("claim that moved", "It checks that a unique key is free, but not who held it before.", parts, house, fact =>
            !matches!(fact, Conflict::Claim(key) if parts.claims[key].was.is_some())),
        blind!("claim that was let go", "It does not notice that a unique key is free again.", parts, house, fact =>
            !matches!(fact, Conflict::Claim(key) if !house.claims.contains_key(key))),
        blind!("idempotency", "It does not notice that an idempotency key is used.", parts, house, fact =>
            !matches!(fact, Conflict::Idempotency)),
        blind!("outdated answer", "It replaces whatever it remembers where something outdated is to be replaced.", parts, house, fact =>
            !matches!(fact, Conflict::Idempotency if parts.remember.iter().any(|one| one.replaces.is_some()))),
        blind!("one conflict is not enough", "It needs two conflicts to refuse a commit.", parts, house, fact =>
            { let _ = fact; house.conflicts(parts).len() > 1 }),
        broken("check, then act", "Others can write between its checks and its writes.", &["race"], torn),
        broken("no facts", "It does not say which facts do not hold.", LIKELY, || {
            plain(|world, parts| match world.commit(parts) {
                Commit::Conflict(_) => Commit::Conflict(vec![]),
                applied => applied,
            })
        }),
    ]
}

fn fact_version(parts: &Parts, fact: &Conflict) -> Option<u64> {
    let Conflict::Version(key) = fact else { return None };
    match parts.expect.get(key) {
        Some(Expect::Version(version)) => Some(*version),
        _ => None,
    }
}

fn half_writes() -> Vec<Broken> {
    vec![
        leaves!("everything stays", "It writes everything although it answers a conflict.", parts, house =>
                    {
         let _ = house.write(parts);
        }),
        leaves!("rows stay", "The rows stay although it answers a conflict.", parts, house =>
            house.rows.extend(parts.writes.clone())),
        leaves!("the first row stays", "It writes rows until it comes to one that has changed.", parts, house => {
            let fits = |key: &_| house.conflicts(parts).iter().all(|fact| {
                !matches!(fact, Conflict::Version(at) | Conflict::Gone(at) | Conflict::Exists(at) if at == key)
            });
            let rows: Vec<_> =
                parts.writes.iter().take_while(|(key, _)| fits(key)).map(|(key, row)| (*key, row.clone())).collect();
            house.rows.extend(rows);
        }),
        leaves!("ledger stays", "It enters a refused command in its ledger.", parts, house =>
        for entry in &parts.ledger {
            house.ledger.entry(entry.subject).or_default().push(entry.clone());
        }),
        leaves!("events stay", "It tells the events of a refused command.", parts, house =>
            house.events.extend(parts.events.clone())),
        leaves!("claims stay", "A refused command holds the unique keys that it wanted.", parts, house =>
        for (key, claim) in &parts.claims {
            if let (false, Some(holder)) = (house.claims.contains_key(key), claim.now) {
                house.claims.insert(key.clone(), holder);
            }
        }),
        leaves!("answer stays", "It remembers the answer of a refused command.", parts, house =>
        if let Some(remember) = &parts.remember {
            house.remembered.entry(remember.key.clone()).or_insert(remember.entry.clone());
        }),
        leaves!("command stays", "It takes a refused command for a committed one.", parts, house => {
            house.commands.insert(parts.command);
        }),
        broken(
            "swallowed conflict",
            "It answers that a commit was applied when it was refused.",
            LIKELY,
            || {
                plain(|world, parts| {
                    let _ = world.commit(parts);
                    Commit::Applied
                })
            },
        ),
        broken(
            "needless conflict",
            "It answers a conflict to every tenth commit, which it applies.",
            LIKELY,
            || {
                plain(|world, parts| {
                    let house = world.house(parts.tenant);
                    let outcome = house.commit(parts);
                    let unlucky = house.commands.len() % 10 == 9 && outcome == Commit::Applied;
                    if unlucky { Commit::Conflict(vec![]) } else { outcome }
                })
            },
        ),
        broken("ledger without rows", "It writes the ledger and not the rows.", LIKELY, || {
            parts(|parts| parts.writes.clear())
        }),
        broken("only one write", "Of many rows of one commit it writes the first.", LIKELY, || {
            plain(|world, parts| world.commit(&first(parts, 1)))
        }),
        broken(
            "only five hundred writes",
            "Of the rows of one commit it writes the first five hundred.",
            LIKELY,
            || plain(|world, parts| world.commit(&first(parts, 500))),
        ),
        broken("last write lost", "The second commit to a row is lost, and all later ones.", LIKELY, || {
            parts(|parts| parts.writes.retain(|_, row| row.version() < 2))
        }),
        broken("third write lost", "A row is never written more than twice.", LIKELY, || {
            parts(|parts| parts.writes.retain(|_, row| row.version() < 3))
        }),
        broken(
            "deleted rows are removed",
            "It removes deleted rows instead of keeping them.",
            &["load", "commit"],
            || {
                plain(|world, parts| {
                    let outcome = world.commit(parts);
                    world.house(parts.tenant).rows.retain(|_, row| row.is_live());
                    outcome
                })
            },
        ),
        broken(
            "deletion does not last",
            "It keeps a row live when it is deleted.",
            &["load", "commit"],
            || parts(|parts| parts.writes.retain(|_, row| row.is_live())),
        ),
        broken("twice", "The same commit is applied again when it comes again.", LIKELY, || {
            plain(|world, parts| {
                let house = world.house(parts.tenant);
                if house.commands.contains(&parts.command) { house.write(parts) } else { house.commit(parts) }
            })
        }),
        broken(
            "one at a time",
            "It refuses a commit when any other was applied after the last load.",
            LIKELY,
            || {
                let (loaded, applied) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
                let (seen, written) = (loaded.clone(), applied.clone());
                bent()
                    .load(move |under, tenant, want| {
                        loaded.store(applied.load(Relaxed), Relaxed);
                        under.load(tenant, want)
                    })
                    .commit(move |under, changes| {
                        if written.load(Relaxed) > seen.load(Relaxed) {
                            return Commit::Conflict(vec![Conflict::Idempotency]);
                        }
                        written.fetch_add(1, Relaxed);
                        under.commit(changes)
                    })
                    .store()
            },
        ),
    ]
}

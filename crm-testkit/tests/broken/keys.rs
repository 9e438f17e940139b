//! Stores that are wrong about unique keys, remembered answers and committed commands.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crm_core::access::Actor;
use crm_core::describe::{FieldId, Json, Kind};
use crm_core::draft::{IdempotencyKey, Parts, ReadSet, Remembered, UniqueKey};
use crm_core::store::{Commit, Conflict, Store, Tenant};
use crm_core::value::{Instant, Precision};
use serde_json::json;

use crate::bent::bent;
use crate::plain::{House, parts, plain};
use crate::{Broken, broken};

const UNIQUE: &[&str] = &["uniqueness", "load"];
const REMEMBERED: &[&str] = &["idempotency"];

/// A store that takes some unique keys for the same.
fn folded_claims(fold: fn(&UniqueKey) -> UniqueKey) -> Arc<dyn Store> {
    plain(move |world, parts| {
        let house = world.house(parts.tenant);
        // Keys that change hands in this commit are its own business.
        let others = house.claims.iter().filter(|(other, _)| !parts.claims.contains_key(*other));
        let others: Vec<_> = others.map(|(other, holder)| (fold(other), Some(*holder))).collect();
        let taken = parts.claims.iter().find(|(key, claim)| {
            let same = |(other, holder): &(UniqueKey, _)| *other == fold(key) && *holder != claim.now;
            claim.now.is_some() && others.iter().any(same)
        });
        match taken {
            Some((key, _)) => Commit::Conflict(vec![Conflict::Claim(key.clone())]),
            None => house.commit(parts),
        }
    })
}

/// A store that takes some idempotency keys for the same.
fn folded_answers(fold: fn(&mut IdempotencyKey)) -> Arc<dyn Store> {
    let folded = move |key: &IdempotencyKey| {
        let mut key = key.clone();
        fold(&mut key);
        key
    };
    let known: Arc<Mutex<BTreeMap<(Tenant, IdempotencyKey), Remembered>>> = Arc::default();
    let book = known.clone();
    bent()
        .commit(move |under, changes| {
            let outcome = under.commit(changes);
            let parts = changes.parts();
            if let (Commit::Applied, Some(remember)) = (&outcome, &parts.remember) {
                let key = (parts.tenant, folded(&remember.key));
                book.lock().unwrap().insert(key, remember.entry.clone());
            }
            outcome
        })
        .load(move |under, tenant, want| {
            let mut found = under.load(tenant, want);
            for (key, answer) in &mut found.remembered {
                *answer = known.lock().unwrap().get(&(tenant, folded(key))).cloned();
            }
            found
        })
        .store()
}

/// A store that remembers something else.
fn remembers(change: fn(&mut Parts)) -> Arc<dyn Store> {
    parts(change)
}

/// A house in which a deleted row keeps what it held.
fn without_release(house: &mut House, given: &Parts) -> Commit {
    let mut parts = given.clone();
    parts.claims.retain(|_, claim| claim.now.is_some());
    house.commit(&parts)
}

pub(crate) fn stores() -> Vec<Broken> {
    let mut stores = unique_keys();
    stores.extend(answers());
    stores.extend(commands());
    stores
}

fn unique_keys() -> Vec<Broken> {
    vec![
        broken("claim not released", "A unique key stays taken when it is given up.", UNIQUE, || {
            plain(|world, parts| without_release(world.house(parts.tenant), parts))
        }),
        broken("claim not released on delete", "A deleted row keeps its unique keys.", UNIQUE, || {
            plain(|world, parts| {
                let house = world.house(parts.tenant);
                if parts.writes.values().any(|row| !row.is_live()) {
                    return without_release(house, parts);
                }
                house.commit(parts)
            })
        }),
        broken("claim not written", "It checks unique keys, and never takes one down.", UNIQUE, || {
            plain(|world, parts| {
                let house = world.house(parts.tenant);
                let facts = house.conflicts(parts);
                if !facts.is_empty() {
                    return Commit::Conflict(facts);
                }
                let mut parts = parts.clone();
                parts.claims.clear();
                house.write(&parts)
            })
        }),
        broken(
            "claim not taken again",
            "A row that is brought back does not take its unique keys.",
            UNIQUE,
            || {
                parts(|parts| {
                    let restored =
                        parts.ledger.iter().any(|entry| entry.change == crm_core::ledger::Change::Restored);
                    if restored {
                        parts.claims.clear();
                    }
                })
            },
        ),
        broken(
            "restore takes a key from its holder",
            "A row that is brought back takes its unique key from whoever has it.",
            UNIQUE,
            || {
                plain(|world, parts| {
                    let house = world.house(parts.tenant);
                    let restored =
                        parts.ledger.iter().any(|entry| entry.change == crm_core::ledger::Change::Restored);
                    let mut facts = house.conflicts(parts);
                    facts.retain(|fact| !(restored && matches!(fact, Conflict::Claim(_))));
                    if facts.is_empty() { house.write(parts) } else { Commit::Conflict(facts) }
                })
            },
        ),
        broken(
            "only one claim",
            "Of many unique keys of one commit it takes down the first.",
            UNIQUE,
            || parts(|parts| parts.claims = parts.claims.clone().into_iter().take(1).collect()),
        ),
        broken(
            "claims of all kinds",
            "A unique key is looked up by its field and its value only.",
            UNIQUE,
            || {
                bent()
                    .load(|under, tenant, want| {
                        let mut found = under.load(tenant, want);
                        for (key, holder) in found.claims.iter_mut().filter(|(_, holder)| holder.is_none()) {
                            let named = |kind: &Kind| UniqueKey { kind: *kind, ..key.clone() };
                            let claims = Kind::ALL.iter().map(named).collect();
                            let any = under.load(tenant, &ReadSet { claims, ..ReadSet::new() });
                            *holder = any.claims.into_values().flatten().next();
                        }
                        found
                    })
                    .store()
            },
        ),
        broken(
            "claims of all fields",
            "A value is unique among all unique fields of a kind.",
            UNIQUE,
            || folded_claims(|key| UniqueKey { field: FieldId(0), ..key.clone() }),
        ),
        broken("claims of all kinds and fields", "A value is unique wherever it stands.", UNIQUE, || {
            folded_claims(|key| UniqueKey { kind: Kind::Contact, field: FieldId(0), ..key.clone() })
        }),
        broken(
            "claims without accents",
            "Unique keys that differ in an accent are the same.",
            UNIQUE,
            || {
                folded_claims(|key| {
                    let plain = key
                        .value
                        .replace(['é', 'è'], "e")
                        .replace('ä', "a")
                        .replace('ö', "o")
                        .replace('\u{301}', "");
                    UniqueKey { value: plain.into(), ..key.clone() }
                })
            },
        ),
        broken(
            "claims are cut",
            "Unique keys that begin with the same forty characters are the same.",
            UNIQUE,
            || {
                folded_claims(|key| UniqueKey {
                    value: key.value.chars().take(40).collect::<String>().into(),
                    ..key.clone()
                })
            },
        ),
        broken("claims with wildcards", "A unique key is compared as a pattern.", UNIQUE, || {
            folded_claims(|key| UniqueKey {
                value: key.value.replace('_', "x").replace('%', "").into(),
                ..key.clone()
            })
        }),
        broken("holder unknown", "It says that nobody holds a unique key.", UNIQUE, || {
            bent().loaded(|found| found.claims.values_mut().for_each(|holder| *holder = None)).store()
        }),
    ]
}

fn answers() -> Vec<Broken> {
    vec![
        broken("key ignored", "It remembers no answer.", REMEMBERED, || {
            remembers(|parts| parts.remember = None)
        }),
        broken("answers of all actors", "An idempotency key is one for all actors.", REMEMBERED, || {
            folded_answers(|key| key.actor = Actor::Anonymous)
        }),
        broken(
            "answers of a person's agents",
            "The answer to a person is the answer to their agents.",
            REMEMBERED,
            || {
                folded_answers(|key| {
                    if let Some(person) = key.actor.person() {
                        key.actor = Actor::Person(person);
                    }
                })
            },
        ),
        broken(
            "answers of all operations",
            "An idempotency key is one for all commands.",
            REMEMBERED,
            || folded_answers(|key| key.operation.clear()),
        ),
        broken("keys without case", "Idempotency keys are compared without letter case.", REMEMBERED, || {
            folded_answers(|key| key.key = key.key.to_lowercase())
        }),
        broken("keys are trimmed", "Spaces around an idempotency key do not count.", REMEMBERED, || {
            folded_answers(|key| key.key = key.key.trim().to_owned())
        }),
        broken("keys are cut", "Idempotency keys are cut after sixty-four characters.", REMEMBERED, || {
            folded_answers(|key| key.key = key.key.chars().take(64).collect())
        }),
        broken(
            "keys without accents",
            "Idempotency keys that differ in an accent are the same.",
            REMEMBERED,
            || folded_answers(|key| key.key = key.key.replace('ё', "е").replace('\u{308}', "")),
        ),
        broken("first answer stays", "An outdated answer is not replaced.", REMEMBERED, || {
            remembers(|parts| {
                if parts.remember.as_ref().is_some_and(|remember| remember.replaces.is_some()) {
                    parts.remember = None;
                }
            })
        }),
        broken("answer without nulls", "Empty fields of a remembered answer are lost.", REMEMBERED, || {
            remembers(|parts| {
                if let Some(remember) = &mut parts.remember {
                    let mut answer = remember.entry.answer.as_json().clone();
                    if let Some(fields) = answer.as_object_mut() {
                        fields.retain(|_, value| !value.is_null());
                    }
                    remember.entry.answer = Json::new(answer);
                }
            })
        }),
        broken(
            "answer forgotten",
            "It remembers that there was an answer, and not which.",
            REMEMBERED,
            || {
                remembers(|parts| {
                    if let Some(remember) = &mut parts.remember {
                        remember.entry.answer = Json::new(json!(null));
                    }
                })
            },
        ),
        broken(
            "answer's time is cut",
            "The time of a remembered answer is kept to the second.",
            REMEMBERED,
            || {
                remembers(|parts| {
                    if let Some(remember) = &mut parts.remember {
                        let micros = remember.entry.at.unix_micros().div_euclid(1_000_000) * 1_000_000;
                        remember.entry.at = Instant::from_unix_micros(micros).unwrap_or(remember.entry.at);
                    }
                })
            },
        ),
        broken(
            "answer's time in milliseconds",
            "The time of a remembered answer is kept to the millisecond.",
            REMEMBERED,
            || {
                remembers(|parts| {
                    if let Some(remember) = &mut parts.remember {
                        remember.entry.at = remember.entry.at.truncated(Precision::Millis);
                    }
                })
            },
        ),
        broken("digest is cut", "Half of a request's digest is lost.", REMEMBERED, || {
            remembers(|parts| {
                if let Some(remember) = &mut parts.remember {
                    remember.entry.digest.truncate(32);
                }
            })
        }),
    ]
}

fn commands() -> Vec<Broken> {
    vec![
        broken("committed always", "It says of every command that it was committed.", &["load"], || {
            bent()
                .loaded(|found| found.committed.values_mut().for_each(|committed| *committed = true))
                .store()
        }),
        broken("committed never", "It says of no command that it was committed.", &["load"], || {
            bent()
                .loaded(|found| found.committed.values_mut().for_each(|committed| *committed = false))
                .store()
        }),
        broken("only the last command", "It knows the last command only.", &["load"], || {
            plain(|world, parts| {
                let outcome = world.commit(parts);
                if outcome == Commit::Applied {
                    world.house(parts.tenant).commands = [parts.command].into();
                }
                outcome
            })
        }),
        broken(
            "commands without rows",
            "It forgets commands that wrote no row.",
            &["load", "idempotency"],
            || {
                plain(|world, parts| {
                    let outcome = world.commit(parts);
                    if parts.writes.is_empty() {
                        world.house(parts.tenant).commands.remove(&parts.command);
                    }
                    outcome
                })
            },
        ),
    ]
}

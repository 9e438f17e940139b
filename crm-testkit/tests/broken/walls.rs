//! Stores that forget in one place which organisation is asked.

use std::sync::{Arc, Mutex};

use crm_core::Event;
use crm_core::describe::{Key, Record};
use crm_core::draft::{Expect, Parts};
use crm_core::store::{
    Answer, Commit, Conflict, HistoryQuery, ListQuery, Measure, Question, Rows, Seat, Tenant, groups,
};

use crate::bent::{Under, bent};
use crate::plain::{World, cut, plain};
use crate::{Broken, broken};

const LIKELY: &[&str] = &["tenancy", "seats"];

/// Every other organisation.
fn others<'u>(under: &'u Under<'_>, tenant: Tenant) -> impl Iterator<Item = Tenant> + 'u {
    under.tenants.iter().copied().filter(move |other| *other != tenant)
}

/// The rows of a list in all organisations.
fn everywhere(under: &Under<'_>, query: &ListQuery) -> Vec<Record> {
    under.tenants.iter().flat_map(|tenant| under.whole(*tenant, query)).collect()
}

/// The rows of a measure in all organisations.
fn measured_everywhere(under: &Under<'_>, measure: &Measure) -> Vec<Record> {
    under.tenants.iter().flat_map(|tenant| under.measured(*tenant, measure)).collect()
}

/// A row of any other organisation.
fn foreign(world: &World, tenant: Tenant, key: Key) -> Option<&Record> {
    world.0.iter().filter(|(other, _)| **other != tenant).find_map(|(_, house)| house.rows.get(&key))
}

/// Does the fact hold in another organisation?
fn holds_elsewhere(world: &World, parts: &Parts, key: Key) -> bool {
    let row = foreign(world, parts.tenant, key);
    match parts.expect.get(&key) {
        Some(Expect::Version(version)) => row.is_some_and(|row| row.version() == *version),
        Some(Expect::Present) => row.is_some_and(Record::is_live),
        Some(Expect::Absent) | None => false,
    }
}

/// As it should be, but for these facts.
fn commit_unless(world: &mut World, parts: &Parts, excused: impl Fn(&World, &Conflict) -> bool) -> Commit {
    let mut facts = world.house(parts.tenant).conflicts(parts);
    facts.retain(|fact| !excused(world, fact));
    if facts.is_empty() { world.house(parts.tenant).write(parts) } else { Commit::Conflict(facts) }
}

/// As it should be, with one conflict more.
fn commit_if(world: &mut World, parts: &Parts, refused: impl Fn(&World) -> Option<Conflict>) -> Commit {
    match refused(world) {
        Some(fact) => Commit::Conflict(vec![fact]),
        None => world.commit(parts),
    }
}

pub(crate) fn stores() -> Vec<Broken> {
    let mut stores = in_load();
    stores.extend(in_answers());
    stores.extend(in_commit());
    stores
}

fn in_load() -> Vec<Broken> {
    vec![
        broken("wall of rows", "A row that is not there is taken from another organisation.", LIKELY, || {
            bent()
                .load(|under, tenant, want| {
                    let mut found = under.load(tenant, want);
                    for (key, row) in found.rows.iter_mut().filter(|(_, row)| row.is_none()) {
                        *row = others(under, tenant).find_map(|other| under.row(other, *key));
                    }
                    found
                })
                .store()
        }),
        broken(
            "wall of claims",
            "A unique key is held by whoever holds it in any organisation.",
            LIKELY,
            || {
                bent()
                    .load(|under, tenant, want| {
                        let mut found = under.load(tenant, want);
                        for other in others(under, tenant) {
                            for (key, holder) in under.load(other, want).claims {
                                found.claims.entry(key).and_modify(|found| *found = found.or(holder));
                            }
                        }
                        found
                    })
                    .store()
            },
        ),
        broken("wall of sets", "A set holds the rows of all organisations.", LIKELY, || {
            bent()
                .load(|under, tenant, want| {
                    let mut found = under.load(tenant, want);
                    for other in others(under, tenant) {
                        for (set, rows) in under.load(other, want).sets {
                            found.sets.entry(set).or_default().extend(rows);
                        }
                    }
                    found
                })
                .store()
        }),
        broken("wall of answers", "An answer is remembered for all organisations.", LIKELY, || {
            bent()
                .load(|under, tenant, want| {
                    let mut found = under.load(tenant, want);
                    for other in others(under, tenant) {
                        for (key, answer) in under.load(other, want).remembered {
                            found.remembered.entry(key).and_modify(|found| *found = found.take().or(answer));
                        }
                    }
                    found
                })
                .store()
        }),
        broken("wall of commands", "A command is committed if it is in any organisation.", LIKELY, || {
            bent()
                .load(|under, tenant, want| {
                    let mut found = under.load(tenant, want);
                    for other in others(under, tenant) {
                        for (command, committed) in under.load(other, want).committed {
                            found.committed.entry(command).and_modify(|found| *found |= committed);
                        }
                    }
                    found
                })
                .store()
        }),
    ]
}

fn in_answers() -> Vec<Broken> {
    vec![
        broken("wall of lists", "A list has the rows of all organisations.", LIKELY, || {
            bent().lists(|under, _, query| cut(everywhere(under, query), query)).store()
        }),
        broken("wall of totals", "A total counts the rows of all organisations.", LIKELY, || {
            bent()
                .lists(|under, tenant, query| {
                    let mut rows = under.list(tenant, query);
                    rows.total = rows.total.map(|_| everywhere(under, query).len() as u64);
                    rows
                })
                .store()
        }),
        broken(
            "wall of groups of a list",
            "Rows of other organisations take up places of a group.",
            LIKELY,
            || {
                bent()
                    .lists(|under, tenant, query| {
                        let Some(group) = query.per_group else { return under.list(tenant, query) };
                        let mut rows = under.whole(tenant, query);
                        let own = under.list(tenant, query);
                        for other in others(under, tenant) {
                            let foreign = under.whole(other, query);
                            let same =
                                |one: &Record, two: &Record| one.value(group.field) == two.value(group.field);
                            rows.retain(|row| {
                                foreign.iter().filter(|two| same(row, two)).count() < group.most as usize
                            });
                        }
                        Rows { total: own.total, ..cut(rows, query) }
                    })
                    .store()
            },
        ),
        broken("wall of references", "A reference is followed into any organisation.", LIKELY, || {
            bent()
                .lists(|under, tenant, query| {
                    let find = |key: Key| {
                        others(under, tenant)
                            .find_map(|other| under.row(other, key))
                            .or_else(|| under.row(tenant, key))
                    };
                    let mut rows = under.all(tenant, query.kind, false);
                    rows.retain(|row| query.visible.matches(row, &find) && query.filter.matches(row, &find));
                    cut(rows, query)
                })
                .store()
        }),
        broken("wall of measures", "A measure counts the rows of all organisations.", LIKELY, || {
            bent()
                .measures(|under, _, measure| {
                    groups(measured_everywhere(under, measure).iter(), measure).unwrap()
                })
                .store()
        }),
        broken("wall of sums", "A measure adds the amounts of all organisations.", LIKELY, || {
            bent()
                .measures(|under, tenant, measure| {
                    let mut found = under.groups(tenant, measure);
                    for group in groups(measured_everywhere(under, measure).iter(), measure).unwrap() {
                        found
                            .iter_mut()
                            .filter(|own| own.key == group.key)
                            .for_each(|own| own.sum = group.sum);
                    }
                    found
                })
                .store()
        }),
        broken("wall of histories", "A history has the entries of all organisations.", LIKELY, || {
            bent()
                .histories(|under, tenant, query| {
                    let mut found = under.entries(tenant, query);
                    found.extend(others(under, tenant).flat_map(|other| under.entries(other, query)));
                    found.sort_by_key(|entry| (entry.subject, entry.version));
                    found
                })
                .store()
        }),
        broken(
            "wall of ledgers",
            "The ledger of a row is joined by its id, so that of its namesakes comes too.",
            LIKELY,
            || {
                bent()
                    .histories(|under, tenant, query| {
                        let own = under.entries(tenant, query);
                        let ids = own.iter().map(|entry| entry.subject.id).collect();
                        let filter = crm_core::store::Filter::Ids(ids);
                        let named =
                            HistoryQuery { filter, visible: crm_core::store::Filter::All, ..query.clone() };
                        let mut found = own;
                        found.extend(others(under, tenant).flat_map(|other| under.entries(other, &named)));
                        found.sort_by_key(|entry| (entry.subject, entry.version));
                        found
                    })
                    .store()
            },
        ),
        broken("wall of events", "The outbox has the events of all organisations.", LIKELY, || {
            bent()
                .events(|under, tenant, after, most| {
                    let mut found = under.events(tenant, after, u32::MAX);
                    found.extend(others(under, tenant).flat_map(|other| under.events(other, None, u32::MAX)));
                    found.truncate(most as usize);
                    found
                })
                .store()
        }),
        broken(
            "wall of portions",
            "Events of other organisations take up places of a portion.",
            LIKELY,
            || {
                let told: Arc<Mutex<Vec<(Tenant, Event)>>> = Arc::default();
                let book = told.clone();
                bent()
                    .commit(move |under, changes| {
                        let outcome = under.commit(changes);
                        if outcome == Commit::Applied {
                            let parts = changes.parts();
                            book.lock()
                                .unwrap()
                                .extend(parts.events.iter().map(|event| (parts.tenant, event.clone())));
                        }
                        outcome
                    })
                    .events(move |_, tenant, after, most| {
                        let told = told.lock().unwrap();
                        let place = after.and_then(|id| told.iter().position(|(_, event)| event.id == id));
                        let portion = told.iter().skip(place.map_or(0, |at| at + 1)).take(most as usize);
                        portion.filter(|(of, _)| *of == tenant).map(|(_, event)| event.clone()).collect()
                    })
                    .store()
            },
        ),
        broken(
            "wall of seats",
            "A seat is of any organisation that the user or somebody else is in.",
            LIKELY,
            || {
                bent()
                    .seats(|under, user| {
                        let seats = under.seats(user);
                        let pairs = seats.iter().flat_map(|one| {
                            seats.iter().map(|two| Seat {
                                organization: one.organization.clone(),
                                membership: two.membership.clone(),
                            })
                        });
                        pairs.collect()
                    })
                    .store()
            },
        ),
        broken(
            "an unknown organisation",
            "Asked of an organisation that never was, it answers of the first one.",
            LIKELY,
            || {
                bent()
                    .answers(|under, tenant, question| {
                        let known = under.tenants.contains(&tenant);
                        let asked =
                            if known { tenant } else { under.tenants.first().copied().unwrap_or(tenant) };
                        match question {
                            Question::History(query) => Answer::Entries(under.entries(asked, query)),
                            other => under.one(asked, other),
                        }
                    })
                    .store()
            },
        ),
    ]
}

fn in_commit() -> Vec<Broken> {
    vec![
        broken("wall of versions", "A row is as expected if it is so in any organisation.", LIKELY, || {
            plain(|world, parts| {
                commit_unless(world, parts, |world, fact| match fact {
                    Conflict::Version(key) | Conflict::Gone(key) => holds_elsewhere(world, parts, *key),
                    _ => false,
                })
            })
        }),
        broken("wall of absences", "A new row must not be there in any organisation.", LIKELY, || {
            plain(|world, parts| {
                commit_if(world, parts, |world| {
                    let new = parts.expect.iter().filter(|(_, expect)| **expect == Expect::Absent);
                    new.map(|(key, _)| *key)
                        .find(|key| foreign(world, parts.tenant, *key).is_some())
                        .map(Conflict::Exists)
                })
            })
        }),
        broken(
            "wall of set checks",
            "A row that enters a set in another organisation is a conflict.",
            LIKELY,
            || {
                plain(|world, parts| {
                    commit_if(world, parts, |world| {
                        let grown = parts.sets.iter().find(|(set, seen)| {
                            let others = world.0.iter().filter(|(tenant, _)| **tenant != parts.tenant);
                            others.flat_map(|(_, house)| house.set(set)).any(|row| !seen.contains(&row.id()))
                        });
                        grown.map(|(set, _)| Conflict::Set(set.clone()))
                    })
                })
            },
        ),
        broken("wall of unique keys", "A unique key is unique among all organisations.", LIKELY, || {
            plain(|world, parts| {
                commit_if(world, parts, |world| {
                    let taken = parts.claims.iter().find(|(key, claim)| {
                        let others = world.0.iter().filter(|(tenant, _)| **tenant != parts.tenant);
                        claim.now.is_some()
                            && others.into_iter().any(|(_, house)| house.claims.contains_key(*key))
                    });
                    taken.map(|(key, _)| Conflict::Claim(key.clone()))
                })
            })
        }),
        broken(
            "wall of releases",
            "A unique key that is given up is free in all organisations.",
            LIKELY,
            || {
                plain(|world, parts| {
                    let outcome = world.commit(parts);
                    if outcome == Commit::Applied {
                        for (key, _) in parts.claims.iter().filter(|(_, claim)| claim.now.is_none()) {
                            world.0.values_mut().for_each(|house| {
                                house.claims.remove(key);
                            });
                        }
                    }
                    outcome
                })
            },
        ),
        broken(
            "wall of idempotency keys",
            "An idempotency key is used if it is in any organisation.",
            LIKELY,
            || {
                plain(|world, parts| {
                    commit_if(world, parts, |world| {
                        let mut others = world.0.iter().filter(|(tenant, _)| **tenant != parts.tenant);
                        let remember = parts.remember.as_ref()?;
                        let used = others.any(|(_, house)| house.remembered.contains_key(&remember.key));
                        used.then_some(Conflict::Idempotency)
                    })
                })
            },
        ),
        broken(
            "wall of writes",
            "A row that is written is written in every organisation that has one of this id.",
            LIKELY,
            || {
                plain(|world, parts| {
                    let outcome = world.commit(parts);
                    if outcome == Commit::Applied {
                        for (key, row) in &parts.writes {
                            let houses = world.0.values_mut().filter(|house| house.rows.contains_key(key));
                            houses.for_each(|house| {
                                house.rows.insert(*key, row.clone());
                            });
                        }
                    }
                    outcome
                })
            },
        ),
        broken(
            "wall of deletions",
            "What belongs to a deleted organisation is deleted, and what belongs to others too.",
            LIKELY,
            || {
                plain(|world, parts| {
                    let outcome = world.commit(parts);
                    let deleted = parts
                        .writes
                        .values()
                        .any(|row| matches!(row, Record::Organization(_)) && !row.is_live());
                    if deleted && outcome == Commit::Applied {
                        world.0.values_mut().for_each(|house| {
                            house.rows.retain(|_, row| matches!(row, Record::Organization(_)));
                        });
                    }
                    outcome
                })
            },
        ),
    ]
}

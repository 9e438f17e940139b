//! Stores whose ledger is told in another order, whose outbox is not what was committed, or whose seats are others.

use crm_core::describe::{Id, Record};
use crm_core::draft::SetQuery;
use crm_core::store::{Commit, Filter, HistoryQuery, Seat};

use crate::bent::bent;
use crate::plain::{parts, plain};
use crate::{Broken, broken};

const OUTBOX: &[&str] = &["outbox"];
const LEDGER: &[&str] = &["history"];
const SEATS: &[&str] = &["seats"];

pub(crate) fn stores() -> Vec<Broken> {
    let mut stores = events();
    stores.extend(histories());
    stores.extend(seats());
    stores
}

fn events() -> Vec<Broken> {
    vec![
        broken("event lost", "The last event of every commit is lost.", OUTBOX, || {
            parts(|parts| {
                parts.events.pop();
            })
        }),
        broken("events of one commit lost", "The events of every seventh commit are lost.", OUTBOX, || {
            plain(|world, parts| {
                let mut parts = parts.clone();
                if world.house(parts.tenant).commands.len() % 7 == 6 {
                    parts.events.clear();
                }
                world.commit(&parts)
            })
        }),
        broken("event twice", "The first event of every commit is told twice.", OUTBOX, || {
            parts(|parts| parts.events.extend(parts.events.first().cloned()))
        }),
        broken("events turned round", "The events of a commit are told the last one first.", OUTBOX, || {
            parts(|parts| parts.events.reverse())
        }),
        broken("newest events first", "Later commits are told before earlier ones.", OUTBOX, || {
            bent()
                .events(|under, tenant, after, most| {
                    let mut all = under.events(tenant, None, u32::MAX);
                    all.reverse();
                    let place = after.and_then(|id| all.iter().position(|event| event.id == id));
                    all.into_iter().skip(place.map_or(0, |at| at + 1)).take(most as usize).collect()
                })
                .store()
        }),
        broken("events by id", "Events are told in the order of their ids.", OUTBOX, || {
            bent()
                .events(|under, tenant, after, most| {
                    let mut all = under.events(tenant, None, u32::MAX);
                    all.sort_by_key(|event| event.id);
                    all.retain(|event| after.is_none_or(|after| event.id > after));
                    all.truncate(most as usize);
                    all
                })
                .store()
        }),
        broken("events by time", "Events are told in the order of their times.", OUTBOX, || {
            bent()
                .events(|under, tenant, after, most| {
                    let mut all = under.events(tenant, None, u32::MAX);
                    all.sort_by_key(|event| event.at);
                    let place = after.and_then(|id| all.iter().position(|event| event.id == id));
                    all.into_iter().skip(place.map_or(0, |at| at + 1)).take(most as usize).collect()
                })
                .store()
        }),
        broken(
            "events by subject",
            "The events of a commit are told in the order of their records.",
            OUTBOX,
            || parts(|parts| parts.events.sort_by_key(|event| event.subject)),
        ),
        broken("place again", "The event to go on from is told again.", OUTBOX, || {
            bent()
                .events(|under, tenant, after, most| {
                    let all = under.events(tenant, None, u32::MAX);
                    let place = after.and_then(|id| all.iter().position(|event| event.id == id));
                    all.into_iter().skip(place.unwrap_or(0)).take(most as usize).collect()
                })
                .store()
        }),
        broken("place forgotten", "It always begins with the first event.", OUTBOX, || {
            bent().events(|under, tenant, _, most| under.events(tenant, None, most)).store()
        }),
        broken("place skipped", "It goes on one event too late.", OUTBOX, || {
            bent()
                .events(|under, tenant, after, most| {
                    let mut found = under.events(tenant, after, most.saturating_add(1));
                    if after.is_some() && !found.is_empty() {
                        found.remove(0);
                    }
                    found.truncate(most as usize);
                    found
                })
                .store()
        }),
        broken(
            "after the commit",
            "It goes on after the commit of the event, not after the event.",
            OUTBOX,
            || {
                bent()
                    .events(|under, tenant, after, most| {
                        let all = under.events(tenant, None, u32::MAX);
                        let last = after.and_then(|id| all.iter().find(|event| event.id == id));
                        let place =
                            last.and_then(|last| all.iter().rposition(|event| event.command == last.command));
                        all.into_iter().skip(place.map_or(0, |at| at + 1)).take(most as usize).collect()
                    })
                    .store()
            },
        ),
        broken("portions of any size", "It tells all events, however many were asked for.", OUTBOX, || {
            bent().events(|under, tenant, after, _| under.events(tenant, after, u32::MAX)).store()
        }),
        broken("portions of a hundred", "It never tells more than a hundred events at once.", OUTBOX, || {
            bent().events(|under, tenant, after, most| under.events(tenant, after, most.min(100))).store()
        }),
        broken("events without facts", "It forgets what an event carries.", OUTBOX, || {
            parts(|parts| parts.events.iter_mut().for_each(|event| event.data = serde_json::Value::Null))
        }),
        broken(
            "events without versions",
            "It tells the first version of a record in every event.",
            OUTBOX,
            || parts(|parts| parts.events.iter_mut().for_each(|event| event.version = 1)),
        ),
        broken(
            "events of refused commits",
            "It tells what was refused when it is asked next.",
            OUTBOX,
            || {
                plain(|world, parts| {
                    let outcome = world.commit(parts);
                    if let Commit::Conflict(_) = outcome {
                        world.house(parts.tenant).events.extend(parts.events.first().cloned());
                    }
                    outcome
                })
            },
        ),
    ]
}

fn histories() -> Vec<Broken> {
    vec![
        broken(
            "newest entry first",
            "The ledger of a record is told the newest entry first.",
            LEDGER,
            || {
                bent()
                    .histories(|under, tenant, query| {
                        let mut found = under.entries(tenant, query);
                        found.sort_by_key(|entry| (entry.subject, std::cmp::Reverse(entry.version)));
                        found
                    })
                    .store()
            },
        ),
        broken(
            "entries by time",
            "The ledger of a record is told in the order of its times.",
            LEDGER,
            || {
                bent()
                    .histories(|under, tenant, query| {
                        let mut found = under.entries(tenant, query);
                        found.sort_by_key(|entry| (entry.subject, entry.at));
                        found
                    })
                    .store()
            },
        ),
        broken(
            "entries of all by time",
            "A history is told in the order of its times, not record by record.",
            LEDGER,
            || {
                bent()
                    .histories(|under, tenant, query| {
                        let mut found = under.entries(tenant, query);
                        found.sort_by_key(|entry| (entry.at, entry.subject, entry.version));
                        found
                    })
                    .store()
            },
        ),
        broken("entries by command", "A history is told command by command.", LEDGER, || {
            bent()
                .histories(|under, tenant, query| {
                    let mut found = under.entries(tenant, query);
                    found.sort_by_key(|entry| (entry.subject, entry.command));
                    found.reverse();
                    found
                })
                .store()
        }),
        broken("no history of the dead", "Deleted records have no history.", LEDGER, || {
            bent()
                .histories(|under, tenant, query| {
                    let mut found = under.entries(tenant, query);
                    found.retain(|entry| under.row(tenant, entry.subject).is_some_and(|row| row.is_live()));
                    found
                })
                .store()
        }),
        broken(
            "history up to before",
            "The time up to which a history is told is not in it.",
            LEDGER,
            || {
                bent()
                    .histories(|under, tenant, query| {
                        let mut found = under.entries(tenant, query);
                        found.retain(|entry| query.until.is_none_or(|until| entry.at < until));
                        found
                    })
                    .store()
            },
        ),
        broken("history up to now", "It does not end a history where it was asked to.", LEDGER, || {
            bent()
                .histories(|under, tenant, query| {
                    under.entries(tenant, &HistoryQuery { until: None, ..query.clone() })
                })
                .store()
        }),
        broken("history of what is not seen", "A history is told to who may not see it.", LEDGER, || {
            bent()
                .histories(|under, tenant, query| {
                    under.entries(tenant, &HistoryQuery { visible: Filter::All, ..query.clone() })
                })
                .store()
        }),
        broken("history of everything", "A history is told whatever was asked for.", LEDGER, || {
            bent()
                .histories(|under, tenant, query| {
                    under.entries(tenant, &HistoryQuery { filter: Filter::All, ..query.clone() })
                })
                .store()
        }),
        broken(
            "history of what was",
            "Which records a history is of is asked of them as they first were.",
            LEDGER,
            || {
                bent()
                    .histories(|under, tenant, query| {
                        let HistoryQuery { kind, visible, filter, until: _ } = query;
                        let all = under.entries(
                            tenant,
                            &HistoryQuery { visible: Filter::All, filter: Filter::All, ..query.clone() },
                        );
                        let find = |key| under.row(tenant, key);
                        let first = |key: crm_core::describe::Key| {
                            let own: Vec<_> = all
                                .iter()
                                .filter(|entry| entry.subject == key && entry.version == 1)
                                .cloned()
                                .collect();
                            crm_core::ledger::as_of(&own, crm_core::value::Instant::MAX)
                        };
                        let meant = |key| {
                            first(key).is_some_and(|row| {
                                visible.matches(&row, &find) && filter.matches(&row, &find)
                            })
                        };
                        all.iter()
                            .filter(|entry| entry.subject.kind == *kind && meant(entry.subject))
                            .cloned()
                            .collect()
                    })
                    .store()
            },
        ),
        broken(
            "short histories",
            "A history is told up to a hundred entries.",
            &["history", "commit", "race"],
            || {
                bent()
                    .histories(|under, tenant, query| {
                        let mut found = under.entries(tenant, query);
                        found.truncate(100);
                        found
                    })
                    .store()
            },
        ),
        broken(
            "short histories of one",
            "The history of a record is told up to twenty entries.",
            LEDGER,
            || {
                bent()
                    .histories(|under, tenant, query| {
                        let mut found = under.entries(tenant, query);
                        found.retain(|entry| entry.version <= 20);
                        found
                    })
                    .store()
            },
        ),
    ]
}

fn seats() -> Vec<Broken> {
    vec![
        broken(
            "seats of deleted organisations",
            "A deleted organisation still offers its seats.",
            SEATS,
            || {
                bent()
                    .seats(|under, user| {
                        let seat = |tenant: &crm_core::store::Tenant| {
                            let Some(Record::Organization(organization)) =
                                under.row(*tenant, tenant.organization().key())
                            else {
                                return None;
                            };
                            let Some(Record::Membership(membership)) = under.row(*tenant, user.key()) else {
                                return None;
                            };
                            let known =
                                under.seats(user).iter().any(|seat| seat.organization.id == organization.id);
                            let dead = organization.deleted_at.is_some();
                            (known || dead).then_some(Seat { organization, membership })
                        };
                        let mut seats: Vec<_> = under.tenants.iter().filter_map(seat).collect();
                        seats.sort_by_key(|seat| seat.membership.created_at);
                        seats
                    })
                    .store()
            },
        ),
        broken("seats of who has left", "Who has left still has a seat.", SEATS, || {
            bent()
                .seats(|under, user| {
                    let mut seats = under.seats(user);
                    for tenant in &under.tenants {
                        let left = SetQuery {
                            kind: crm_core::describe::Kind::Membership,
                            equals: vec![],
                            deleted: true,
                        };
                        let organization = under.row(*tenant, tenant.organization().key());
                        let membership =
                            under.set(*tenant, &left).into_iter().find(|row| row.key() == user.key());
                        if let (
                            Some(Record::Organization(organization)),
                            Some(Record::Membership(membership)),
                        ) = (organization, membership)
                        {
                            seats.push(Seat { organization, membership });
                        }
                    }
                    seats.sort_by_key(|seat| seat.membership.created_at);
                    seats
                })
                .store()
        }),
        broken("newest seat first", "The newest seat comes first.", SEATS, || {
            bent()
                .seats(|under, user| {
                    let mut seats = under.seats(user);
                    seats.reverse();
                    seats
                })
                .store()
        }),
        broken(
            "seats by organisation",
            "Seats come in the order in which the organisations were founded.",
            SEATS,
            || {
                bent()
                    .seats(|under, user| {
                        let mut seats = under.seats(user);
                        seats.sort_by_key(|seat| (seat.organization.created_at, seat.organization.id));
                        seats
                    })
                    .store()
            },
        ),
        broken(
            "seats that are switched off",
            "A membership that is switched off is not told.",
            SEATS,
            || {
                bent()
                    .seats(|under, user| {
                        let mut seats = under.seats(user);
                        seats.retain(|seat| seat.membership.active);
                        seats
                    })
                    .store()
            },
        ),
        broken(
            "seats of active organisations",
            "An organisation that is switched off offers no seats.",
            SEATS,
            || {
                bent()
                    .seats(|under, user| {
                        let mut seats = under.seats(user);
                        seats.retain(|seat| seat.organization.active);
                        seats
                    })
                    .store()
            },
        ),
        broken("one seat", "It tells one seat of a user.", SEATS, || {
            bent()
                .seats(|under, user| {
                    let mut seats = under.seats(user);
                    seats.truncate(1);
                    seats
                })
                .store()
        }),
        broken("seats as they were", "It tells an organisation as it was founded.", SEATS, || {
            let first = std::sync::Mutex::new(std::collections::BTreeMap::new());
            bent()
                .seats(move |under, user| {
                    let mut first = first.lock().unwrap();
                    let mut seats = under.seats(user);
                    for seat in &mut seats {
                        let id = seat.organization.id;
                        seat.organization =
                            first.entry(id).or_insert_with(|| seat.organization.clone()).clone();
                    }
                    seats
                })
                .store()
        }),
        broken("seats of the founder", "It tells every user the founder's seats.", SEATS, || {
            let first = std::sync::Mutex::new(None);
            bent().seats(move |under, user| under.seats(*first.lock().unwrap().get_or_insert(user))).store()
        }),
    ]
}

//! Stores that keep what seven kinds of record need, and not what the modules rest on.

use std::sync::Arc;

use crm_core::describe::{Kind, Record};
use crm_core::draft::{ReadSet, UniqueKey};
use crm_core::store::{Commit, Conflict, Store};

use crate::bent::bent;
use crate::plain::{parts, plain};
use crate::{Broken, broken};

const LIKELY: &[&str] = &["modules"];

/// Is it a key that the rules make, and not one that a profile asks for?
fn is_made(key: &UniqueKey) -> bool {
    key.kind.fields().get(usize::from(key.field.0)).is_some_and(|field| field.identity)
}

/// A store that does not notice some conflicts.
fn blind(to: fn(&Conflict) -> bool) -> Arc<dyn Store> {
    plain(move |world, parts| {
        let house = world.house(parts.tenant);
        let mut facts = house.conflicts(parts);
        facts.retain(|fact| !to(fact));
        if facts.is_empty() { house.write(parts) } else { Commit::Conflict(facts) }
    })
}

pub(crate) fn stores() -> Vec<Broken> {
    let mut stores = identities();
    stores.extend(facts());
    stores
}

fn identities() -> Vec<Broken> {
    vec![
        broken("identities are dropped", "It keeps no unique key that the rules make.", LIKELY, || {
            parts(|parts| parts.claims.retain(|key, _| !is_made(key)))
        }),
        broken("slots stay", "A unique key that the rules let go of stays taken.", LIKELY, || {
            parts(|parts| parts.claims.retain(|key, claim| claim.now.is_some() || !is_made(key)))
        }),
        broken(
            "identities are checked at load",
            "Of two who want a key of the rules both get it.",
            LIKELY,
            || blind(|fact| matches!(fact, Conflict::Claim(key) if is_made(key))),
        ),
        broken(
            "identities are unknown",
            "It says that nobody holds a key that the rules made.",
            LIKELY,
            || {
                bent()
                    .loaded(|found| {
                        let made = found.claims.iter_mut().filter(|(key, _)| is_made(key));
                        made.for_each(|(_, holder)| *holder = None);
                    })
                    .store()
            },
        ),
    ]
}

fn facts() -> Vec<Broken> {
    vec![
        broken("counters are shared", "It does not check the versions of counters.", LIKELY, || {
            blind(|fact| matches!(fact, Conflict::Version(key) if key.kind == Kind::Counter))
        }),
        broken("leads are shared", "It does not check the versions of leads.", LIKELY, || {
            blind(|fact| matches!(fact, Conflict::Version(key) if key.kind == Kind::Lead))
        }),
        broken("sets of money", "It does not check sets of payments and of plans.", LIKELY, || {
            blind(
                |fact| matches!(fact, Conflict::Set(set) if matches!(set.kind, Kind::Payment | Kind::PaymentPlan)),
            )
        }),
        broken("sets of payments", "It does not check sets of payments.", LIKELY, || {
            blind(|fact| matches!(fact, Conflict::Set(set) if set.kind == Kind::Payment))
        }),
        broken(
            "empty sets of references",
            "It takes it as settled that nothing has a reference.",
            LIKELY,
            || blind(|fact| matches!(fact, Conflict::Set(set) if set.kind == Kind::Reference)),
        ),
        broken("sets of what rules write", "It finds no row of a set that only rules write.", LIKELY, || {
            bent()
                .load(|under, tenant, want| {
                    let mut found = under.load(tenant, &ReadSet { ..want.clone() });
                    let made = |kind: Kind| !kind.fields().iter().any(|field| field.given);
                    for (_, rows) in found.sets.iter_mut().filter(|(set, _)| made(set.kind)) {
                        rows.retain(|row: &Record| !row.is_live());
                    }
                    found
                })
                .store()
        }),
    ]
}

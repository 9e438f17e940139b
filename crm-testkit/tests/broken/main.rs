//! What the conformance suite is worth: stores that are wrong on purpose, each of which it must catch.
//!
//! Every store here is the memory store under a layer that answers one thing otherwise ([`bent`]), or a store with books
//! of its own that commits one thing otherwise ([`plain`]). Each has a name and a sentence that says what is wrong. The
//! bodies of the areas that most likely notice run first, then all others.
//!
//! Invariant: a store is caught by a body of the suite that ends in a panic of its own, never by a panic of the store.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the stores and the functions beside the tests are tests too"
)]

mod bent;
mod checks;
mod filters;
mod keys;
mod lists;
mod loads;
mod measures;
mod modules;
mod outbox;
mod pause;
mod plain;
mod values;
mod walls;

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Once};

use crm_core::store::Store;
use crm_testkit::conformance::{BODIES, Body};

/// Makes a store anew, so that every body begins with an empty one.
type Make = fn() -> Arc<dyn Store>;

/// A store with one thing wrong.
pub(crate) struct Broken {
    name: &'static str,
    /// One sentence: what is wrong with it.
    wrong: &'static str,
    /// The areas of the suite which most likely notice.
    likely: &'static [&'static str],
    make: Make,
}

/// A store with one thing wrong.
pub(crate) fn broken(
    name: &'static str,
    wrong: &'static str,
    likely: &'static [&'static str],
    make: Make,
) -> Broken {
    Broken { name, wrong, likely, make }
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    /// Where the last quiet panic was.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Panics of this thread are noted and not printed while it is quiet.
fn hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                return loud(info);
            }
            PLACE.set(info.to_string());
        }));
    });
}

/// Runs a body over a store; what it said if it did not like it.
fn objection(body: &Body, store: Arc<dyn Store>) -> Option<String> {
    hook();
    QUIET.set(true);
    let ended = panic::catch_unwind(AssertUnwindSafe(|| pollster::block_on((body.run)(store))));
    QUIET.set(false);
    ended.is_err().then(|| PLACE.take())
}

/// The first body that catches a store, and what it said.
fn catcher(store: &Broken) -> Option<(&'static Body, String)> {
    let likely = |body: &&Body| store.likely.contains(&body.area);
    let first = store.likely.iter().flat_map(|area| BODIES.iter().filter(move |body| body.area == *area));
    let others = BODIES.iter().filter(|body| !likely(body));
    first.chain(others).find_map(|body| Some((body, objection(body, (store.make)())?)))
}

#[test]
fn every_broken_store_is_caught() {
    let stores: Vec<Broken> = [
        checks::stores(),
        filters::stores(),
        keys::stores(),
        lists::stores(),
        loads::stores(),
        measures::stores(),
        modules::stores(),
        outbox::stores(),
        values::stores(),
        walls::stores(),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut missed = Vec::new();
    for store in &stores {
        let Some((body, said)) = catcher(store) else {
            missed.push(format!("{}: {}", store.name, store.wrong));
            continue;
        };
        println!("{}: caught by {body:?}", store.name);
        assert!(!said.contains("tests/broken"), "{} is too broken: {said}", store.name);
        if std::env::var("CRM_SAY").is_ok() {
            println!("    {}", said.chars().take(300).collect::<String>().replace('\n', " "));
        }
    }
    println!("{} of {} broken stores caught", stores.len() - missed.len(), stores.len());
    assert!(missed.is_empty(), "not caught:\n{}", missed.join("\n"));
}

#[test]
fn the_unbroken_stores_pass() {
    let whole: [(&str, Make); 2] = [
        ("an empty layer over the memory store", || bent::bent().store()),
        ("a store with books of its own", || plain::plain(plain::World::commit)),
    ];
    for (name, make) in whole {
        for body in BODIES {
            let said = objection(body, make());
            assert_eq!(said, None, "{name} does not pass {body:?}");
        }
    }
}

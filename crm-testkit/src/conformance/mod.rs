//! What every store must do.
//!
//! Each body is one sentence about a store, as an `async fn` over an empty one; [`BODIES`] lists them all, and
//! [`store_conformance!`](crate::store_conformance) declares a test for each. They hold a store to the engine's own
//! definitions ([`Filter::matches`](crm_core::store::Filter::matches), [`Order`](crm_core::store::Order),
//! [`groups`](crm_core::store::groups)), and to answers that are written out by hand.
//!
//! Change sets are made by the engine alone, so the bodies let it decide, hold the change set back, let something else
//! happen, and commit it then: a race in slow motion, the same each time.
//!
//! Invariant: a body needs nothing but the contract, and finds the same in every store.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the bodies are tests: they end in a panic when a store is wrong"
)]

pub mod asking;
pub mod commit;
pub mod filters;
pub mod history;
pub mod idempotency;
pub mod load;
pub mod measure;
pub mod modules;
pub mod order;
pub mod outbox;
pub mod page;
pub mod race;
pub mod search;
pub mod seats;
pub mod shell;
pub mod tenancy;
pub mod time;
pub mod uniqueness;
pub mod view;

#[macro_use]
mod table;
mod filling;
mod scene;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crm_core::store::Store;

/// A body about to run.
pub type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One sentence that every store keeps.
#[derive(Clone, Copy)]
pub struct Body {
    /// What it is about: the name of its module.
    pub area: &'static str,
    /// The sentence: the name of its function. No two bodies have the same.
    pub name: &'static str,
    /// Holds an empty store to it; panics if the store does not keep it.
    pub run: fn(Arc<dyn Store>) -> Running,
}

impl fmt::Debug for Body {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}::{}", self.area, self.name)
    }
}

macro_rules! list_of_bodies {
    ({} $($area:ident { $($body:ident,)* })*) => {
        /// Every body.
        pub const BODIES: &[Body] = &[
            $($(Body {
                area: stringify!($area),
                name: stringify!($body),
                run: |store| Box::pin($area::$body(store)),
            },)*)*
        ];
    };
}

conformance_bodies!(list_of_bodies, {});

/// The body of a name.
#[doc(hidden)]
#[must_use]
pub fn body(name: &str) -> Body {
    let found = BODIES.iter().find(|body| body.name == name);
    *found.expect("the suite has a body of this name")
}

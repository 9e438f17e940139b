//! Every figure against plain loops over what can be read, over random histories of an organisation; and every receipt
//! against its figure.
//!
//! The reference shares no code with the reports: it looks at rows, at the answers of commands when they were given, and
//! at records as they were at a time.
//!
//! Invariant: a history is data. The same history over an empty store has the same figures, whatever store it is.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "the checks are tests: they end in a panic when a figure is wrong, and read best with values"
)]

pub mod modules;
mod past;
mod present;
pub mod receipts;
mod world;

use std::sync::Arc;

use crm_core::store::Store;
use proptest::strategy::Strategy;

use self::world::{Op, World, op};

/// Something that happens in a history: a deal comes, changes or goes, or time passes.
#[derive(Clone, Debug)]
pub struct Happening(Op);

/// Anything that can happen.
pub fn happening() -> impl Strategy<Value = Happening> {
    op().prop_map(Happening)
}

/// Lets a history happen over an empty store that answers at once, and checks every figure; how many figures and receipts
/// that were.
///
/// # Panics
/// A figure is wrong.
#[must_use]
pub fn check(store: Arc<dyn Store>, history: &[Happening]) -> (u64, u64) {
    let history: Vec<Op> = history.iter().map(|Happening(op)| op.clone()).collect();
    World::run(store, &history).check()
}

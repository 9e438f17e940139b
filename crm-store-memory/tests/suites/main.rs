//! The rules of the modules: leads, units, contracts, money, campaigns and days at work, other systems.
//!
//! The same files are tested over databases, by `crm-store-sqlx/tests/suites.rs`, which has a `store` for each.
//!
//! Invariant: a suite opens no store but by its house.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test panics where it fails")]

mod contracts;
mod counting;
mod house;
mod integrations;
mod inventory;
mod leads;
mod marketing;
mod payments;
mod store;

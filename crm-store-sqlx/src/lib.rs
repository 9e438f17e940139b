//! Stores of the CRM engine that last: SQLite and PostgreSQL.
//!
//! `SqliteStore` and `PgStore` work by themselves, over pools of connections. `SqliteSession` and `PgSession` are the same
//! inside a transaction of the host: what the engine writes is kept or undone together with what the host writes. A host
//! with a driver of its own implements [`Connection`] for it.
//!
//! Invariant: no statement sees or touches rows of two organisations, but for two that only read (where a user is a member,
//! and which organisations wait for a consumer of the outbox); and everything a commit writes is kept whole or not at all.

#![cfg(any(feature = "postgres", feature = "sqlite"))]

#[cfg(feature = "accounts")]
mod accounts;
mod ask;
mod consumer;
mod dialect;
mod door;
mod entry;
mod events;
mod filter;
mod leases;
mod load;
mod migration;
mod pool;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(test)]
mod schema;
mod seats;
mod sortable;
mod sound;
#[cfg(feature = "sqlite")]
pub mod sqlite;
mod statement;
mod store;
mod table;
mod text;
mod value;

pub use self::consumer::{Consumer, Lease, LeaseError};
pub use self::door::{Connection, DoorError, Row, UNDO};
pub use self::migration::Migration;
#[cfg(all(feature = "postgres", feature = "accounts"))]
pub use self::postgres::PgAccounts;
#[cfg(feature = "postgres")]
pub use self::postgres::{PgSession, PgStore};
#[cfg(all(feature = "sqlite", feature = "accounts"))]
pub use self::sqlite::SqliteAccounts;
#[cfg(feature = "sqlite")]
pub use self::sqlite::{SqliteSession, SqliteStore};
pub use self::value::{Param, Type};

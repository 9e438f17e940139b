//! Who may do what, on which rows.
//!
//! A profile's roles compile to a table of actions; a decision is a look-up in it plus the answer to "is this row the
//! actor's own?". Every decision can say why, and what the smallest change would be that turns it round.
//!
//! Invariant: what a role or an actor was not granted is refused; there is no action without a line in the table.

mod action;
mod actor;
mod decision;

pub use self::action::{Action, Crud, Scope};
pub use self::actor::Actor;
pub use self::decision::{Decision, Remedy, Standing, Table, decide};

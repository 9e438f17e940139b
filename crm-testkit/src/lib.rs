//! Proves stores, profiles and commands of the CRM engine.
//!
//! - [`conformance`]: what every store must do, one body for each sentence. [`store_conformance!`] makes tests of them.
//! - [`interleave`]: any two commands at once end as they would one after the other.
//!
//! Invariant: what is proved of a store is proved through its contract alone.

pub mod conformance;
pub mod interleave;

mod capture;

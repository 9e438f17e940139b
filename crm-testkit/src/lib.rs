//! Proves stores, profiles and commands of the CRM engine.
//!
//! - [`conformance`]: what every store must do, as one test per sentence. [`store_conformance!`] runs it.

//!
//! Invariant: nothing here knows a store by its type; what is proved is proved through the contract.

pub mod conformance;
// pub mod interleave;

mod capture;

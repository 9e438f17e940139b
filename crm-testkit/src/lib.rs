//! Proves stores, profiles and commands of the CRM engine.
//!
//! - [`auditor`]: what a command may answer, foretold without the engine.
//! - [`cases`]: how much is tried, and whether it is the same as yesterday.
//! - [`conformance`]: what every store must do, one body for each sentence. [`store_conformance!`] makes tests of them.
//! - [`dump`]: everything that a store holds, so that two can be compared.
//! - [`figures`]: every figure of a report against plain loops over rows.
//! - [`interleave`]: any two commands at once end as they would one after the other.
//! - [`sequence`]: sequences of commands made from the field tables, and what must hold of every one of them.
//! - [`strategies`]: values, records and awkward inputs, made from the same tables.
//! - [`layer`]: stores that stand in front of another store; [`fault`]: one that fails, waits and loses its answers.
//! - [`races`]: real threads at once on any store. [`store_races!`] makes tests of them.
//! - [`ready`]: running the engine without a runtime.
//!
//! Invariant: what is proved of a store is proved through its contract alone.

pub mod auditor;
pub mod cases;
pub mod conformance;
pub mod dump;
pub mod fault;
pub mod figures;
pub mod interleave;
pub mod layer;
pub mod races;
pub mod ready;
pub mod sequence;
pub mod strategies;

mod ask;
mod capture;

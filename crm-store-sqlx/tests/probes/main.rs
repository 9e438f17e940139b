//! The acceptance probes: what an office must be able to rely on, in memory, on a SQLite file and on PostgreSQL.
//!
//! Where several act at once they are threads of this process, and over a database processes of their own as well.
//!
//! Invariant: a probe is written once, and says the same of every store.
#![cfg(any(feature = "sqlite", feature = "postgres"))]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test panics where it fails"
)]

#[path = "../support"]
mod support {
    pub(crate) mod at_once;
    #[cfg(feature = "sqlite")]
    pub(crate) mod folder;
    pub(crate) mod office;
    pub(crate) mod runtime;
    #[cfg(feature = "postgres")]
    pub(crate) mod server;
}

mod crew;
mod deliveries;
mod figures;
mod inbox;
mod money;
mod neighbours;
mod places;
mod roles;
mod rows;
mod sales;
mod twice;

use crm_core::{Command, CreateComplex, CreateLead, CreateUnit, Profile};
use serde::de::DeserializeOwned;
use serde_json::{Value as Document, json};

use crate::support::office::Office;

/// A sales office that is connected to another system.
fn connected() -> Profile {
    let lines = json!({
        "extends": "real_estate",
        "name": "connected",
        "integrations": {
            "systems": ["amo"],
            "stages": [{ "system": "amo", "pipeline": "1", "status": "20", "stage": "in_work" }],
            "targets": [{ "name": "amo", "system": "amo", "events": ["lead.created"] }],
        },
    });
    Profile::from_json(&lines.to_string()).unwrap()
}

/// What became of a command: the code of its refusal, or that it was done.
fn code(answer: &Document) -> &str {
    answer["refused"].as_str().unwrap_or("done")
}

/// Does what must not be refused. Answers the id of what was made.
fn done<C: Command + DeserializeOwned>(office: &mut Office, by: u128, what: Document) -> Document {
    let answer = office.tell::<C>(by, what);
    assert_eq!(code(&answer), "done", "{answer}");
    answer["id"].clone()
}

/// A complex with so many units of 50 square metres.
fn units(office: &mut Office, count: u32) -> (Document, Vec<Document>) {
    let complex = json!({ "name": "Riverside", "term_months": 36, "hybrid_allowed": true });
    let complex = done::<CreateComplex>(office, 1, complex);
    let unit = |number: u32| json!({ "complex": complex, "block": "A", "floor": 1, "number": number.to_string(), "area": "50" });
    let units = (1..=count).map(|number| done::<CreateUnit>(office, 1, unit(number))).collect();
    (complex, units)
}

/// A lead of this name, by a number of its own.
fn lead(office: &mut Office, name: &str, number: u32) -> Document {
    let phone = format!("+99890{number:07}");
    let lead = json!({ "name": name, "phone": phone, "region": "Tashkent", "source": "website" });
    done::<CreateLead>(office, 1, lead)
}

/// The typed id in a document.
fn id<I: DeserializeOwned>(of: &Document) -> I {
    serde_json::from_value(of.clone()).unwrap()
}

//! Keeping a world in a file.
//!
//! Invariant: what was exported and imported again answers every question as before.

use std::collections::BTreeMap;

use crm_core::Event;
use crm_core::describe::Record;
use crm_core::draft::{IdempotencyKey, Remembered, UniqueKey};
use crm_core::ledger::LedgerEntry;
use crm_core::value::{CommandId, OrganizationId, Uuid};
use serde::{Deserialize, Serialize};

use crate::house::House;
use crate::{MemoryStore, World};

/// The form of the file.
#[derive(Serialize, Deserialize)]
struct File {
    format: String,
    organizations: BTreeMap<OrganizationId, Contents>,
}

/// One organisation.
#[derive(Serialize, Deserialize)]
struct Contents {
    records: Vec<Record>,
    claims: Vec<(UniqueKey, Uuid)>,
    ledger: Vec<LedgerEntry>,
    events: Vec<Event>,
    remembered: Vec<(IdempotencyKey, Remembered)>,
    commands: Vec<CommandId>,
}

const FORMAT: &str = "crm-memory-1";

/// Why a file could not be read.
#[derive(Debug)]
pub struct ImportError(String);

impl std::fmt::Display for ImportError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "not a file of this store: {}", self.0)
    }
}

impl std::error::Error for ImportError {}

impl MemoryStore {
    /// Everything in the store, as JSON. Equal worlds have equal texts.
    ///
    /// # Errors
    /// Something in it has no JSON form; none of the library's types is so.
    pub fn export(&self) -> Result<String, serde_json::Error> {
        let world = self.read();
        let organizations = world.houses.iter().map(|(id, house)| (*id, Contents::of(house))).collect();
        serde_json::to_string_pretty(&File { format: FORMAT.to_owned(), organizations })
    }

    /// A store with everything that was exported.
    ///
    /// # Errors
    /// The text is not an export of this store.
    pub fn import(text: &str) -> Result<Self, ImportError> {
        let file: File = serde_json::from_str(text).map_err(|error| ImportError(error.to_string()))?;
        if file.format != FORMAT {
            return Err(ImportError(format!("its format is `{}`, not `{FORMAT}`", file.format)));
        }
        let mut world = World::default();
        for (id, contents) in file.organizations {
            contents.records.iter().for_each(|record| world.note_seat(id, record));
            world.houses.insert(id, contents.into_house());
        }
        Ok(Self { world: world.into() })
    }
}

impl Contents {
    fn of(house: &House) -> Self {
        Self {
            records: house.rows.values().map(|row| row.record.clone()).collect(),
            claims: house.claims.iter().map(|(key, holder)| (key.clone(), *holder)).collect(),
            ledger: house.ledger.values().flatten().cloned().collect(),
            events: house.outbox.clone(),
            remembered: house.remembered.iter().map(|(key, entry)| (key.clone(), entry.clone())).collect(),
            commands: house.commands.iter().copied().collect(),
        }
    }

    fn into_house(self) -> House {
        let mut house = House::default();
        self.records.into_iter().for_each(|record| house.store(record));
        house.claims.extend(self.claims);
        for entry in self.ledger {
            house.ledger.entry(entry.subject).or_default().push(entry);
        }
        house.places = self.events.iter().enumerate().map(|(at, event)| (event.id, at)).collect();
        house.outbox = self.events;
        house.remembered.extend(self.remembered);
        house.commands.extend(self.commands);
        house
    }
}

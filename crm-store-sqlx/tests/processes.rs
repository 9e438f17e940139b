//! Several processes at one store, some of them killed at any moment: deliveries to other systems, and sellers of units.
//!
//! `CRM_CASES` multiplies what each store goes through; 25 makes it 10,000 events and 75 kills, and 625 units.
//!
//! Invariant: what must happen once happens once, whichever process does it and whichever is killed meanwhile.
#![cfg(any(feature = "sqlite", feature = "postgres"))]
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test panics where it fails")]

mod support {
    #[cfg(feature = "sqlite")]
    pub(crate) mod folder;
    pub(crate) mod places;
    pub(crate) mod processes;
    pub(crate) mod receiver;
    pub(crate) mod runtime;
    #[cfg(feature = "postgres")]
    pub(crate) mod server;
}

#[path = "stories/deliveries.rs"]
mod deliveries;
#[path = "stories/sellers.rs"]
mod sellers;

//! Files in and out of an organisation, one test for each behaviour.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test panics where it fails")]

mod exports;
mod failures;
mod imports;
mod references;
mod reverts;
mod roundtrip;
mod workbook;
mod workbooks;

use std::sync::Arc;

use crm_core::clock::ManualClock;
use crm_core::value::{OrganizationId, UserId, Uuid};
use crm_core::{AddMember, Command, Contact, CreateOrganization, Crm, Error, List, Profile, Session};
use crm_sheets::{Counts, CsvReading, ImportFile, Mapping, Outcome, Report, Table};
use crm_store_memory::MemoryStore;
use pollster::block_on as now;
use serde_json::{Value as Json, json};

struct House {
    crm: Crm,
    store: Arc<MemoryStore>,
    id: OrganizationId,
}

fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

/// An organisation with an owner (1) and a member (2), under the general preset with some lines replaced.
fn house_with(lines: Json) -> House {
    let mut lines = lines;
    lines["extends"] = json!("general");
    let profile = Profile::from_json(&lines.to_string()).unwrap();
    let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z".parse().unwrap()));
    let store = Arc::new(MemoryStore::new());
    let crm = Crm::new(store.clone(), profile).with_clock(clock);
    let id = now(crm.register(user(1), CreateOrganization::new().name("House"))).unwrap().organization.id;
    now(crm.act(id, user(1)).apply(AddMember::with_id(user(2)).role("member"))).unwrap();
    House { crm, store, id }
}

fn house() -> House {
    house_with(json!({}))
}

impl House {
    fn session(&self) -> Session<'_> {
        self.crm.act(self.id, user(1))
    }

    fn do_<C: Command>(&self, command: C) -> Result<C::Output, Error> {
        now(self.session().apply(command))
    }

    fn run(&self, file: &ImportFile) -> Report {
        now(file.run(&self.session())).unwrap()
    }

    fn contacts(&self) -> Vec<Arc<Contact>> {
        now(self.session().list(List::<Contact>::new().with_inactive().order_by("name", false)))
            .unwrap()
            .items
    }
}

fn read(csv: &str) -> Table {
    CsvReading::default().read(csv.as_bytes()).unwrap()
}

/// A file of contacts, found by phone, whose headers are the fields.
fn contacts(csv: &str) -> ImportFile {
    file("contact", csv, json!({ "key": ["phone"] }))
}

/// A file whose headers are the fields, and the other lines of its mapping.
fn file(kind: &str, csv: &str, lines: Json) -> ImportFile {
    let table = read(csv);
    let columns = table.headers.iter().map(|header| json!({ "column": header, "field": header }));
    let mut mapping = lines;
    mapping["kind"] = json!(kind);
    if mapping.get("columns").is_none() {
        mapping["columns"] = columns.collect();
    }
    ImportFile::new(table, mapped(mapping))
}

fn mapped(mapping: Json) -> Mapping {
    serde_json::from_value(mapping).unwrap()
}

/// What became of each row, in a word.
fn words(report: &Report) -> Vec<&'static str> {
    let each = report.rows.iter().map(|row| match row.outcome {
        Outcome::Created { .. } => "created",
        Outcome::Changed { .. } => "changed",
        Outcome::Unchanged { .. } => "unchanged",
        Outcome::Skipped { .. } => "skipped",
        Outcome::Duplicate { .. } => "duplicate",
        Outcome::Rejected { .. } => "rejected",
        Outcome::Unknown => "unknown",
    });
    each.collect()
}

/// The code and the column of each reason of each refused row.
fn reasons(report: &Report) -> Vec<(u64, String, Option<String>)> {
    let rows = report.rejected();
    rows.flat_map(|(row, reasons)| reasons.iter().map(move |it| (row, it.code.clone(), it.column.clone())))
        .collect()
}

fn counted(report: &Report) -> Counts {
    report.counts()
}

//! Rows of an import: a refused row leaves no trace, an accepted one goes out and can be imported again elsewhere.
//!
//! The first character chooses a preset, the rest of the first line who imports; then comes the import's JSON.

#![no_main]

use crm_core::access::Actor;
use crm_core::{Import, ImportReport, RowOutcome};
use crm_fuzz::{World, accepted_by_its_own_import, from_body, is_a_record};
use libfuzzer_sys::fuzz_target;
use serde_json::Value as Document;

fuzz_target!(|text: &str| {
    let (head, body) = text.split_once('\n').unwrap_or(("0", text));
    let mut head = head.bytes().map(|byte| byte.wrapping_sub(b'0'));
    let preset = World::preset(head.next().unwrap_or_default());
    let world = World::new(preset);
    let actor = world.somebody(head.next().unwrap_or_default());
    if let Some(import) = from_body::<Import>(body) {
        import_leaves_what_it_reports(&world, preset, actor, &import);
    }
});

fn import_leaves_what_it_reports(world: &World, preset: &str, actor: Actor, import: &Import) {
    let before = world.records();
    let Some(report) = world.apply(actor.clone(), import) else { return };
    assert_eq!(report.rows.len(), import.rows.len(), "every row has its line");
    let after = world.records();
    assert!(before.iter().all(|record| after.contains(record)), "an import changes nothing that is there");
    let new: Vec<Document> = after.into_iter().filter(|record| !before.contains(record)).collect();
    new.iter().for_each(|record| _ = is_a_record(record));
    assert_eq!(ids(&new), ids_of_imported(&report), "what is new is what was imported");
    writes_nothing_again(world, actor, import, &report);
    if !new.is_empty() {
        accepted_by_its_own_import(preset, &new);
    }
    world.is_sound();
}

fn writes_nothing_again(world: &World, actor: Actor, import: &Import, first: &ImportReport) {
    let records = world.records();
    let second = world.apply(actor, import).expect("what was accepted once is accepted again");
    assert_eq!(world.records(), records, "the same import again changes nothing");
    for (first, second) in first.rows.iter().zip(&second.rows) {
        let same = match (&first.outcome, &second.outcome) {
            (RowOutcome::Imported | RowOutcome::Present, after) => *after == RowOutcome::Present,
            // Its id may have been taken by another row of the same import.
            (RowOutcome::Rejected(_), RowOutcome::Rejected(_) | RowOutcome::Present) => true,
            (RowOutcome::Rejected(_), RowOutcome::Imported) => false,
        };
        assert!(same, "{first:?} and then {second:?}");
    }
}

fn ids(records: &[Document]) -> Vec<String> {
    let mut ids: Vec<String> =
        records.iter().filter_map(|record| record["id"].as_str().map(str::to_owned)).collect();
    ids.sort();
    ids
}

fn ids_of_imported(report: &ImportReport) -> Vec<String> {
    let imported = report.rows.iter().filter(|row| row.outcome == RowOutcome::Imported);
    let mut ids: Vec<String> = imported.filter_map(|row| row.id.map(|id| id.to_string())).collect();
    ids.sort();
    ids
}

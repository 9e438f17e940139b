//! A cursor from text and from JSON: one that parses prints to the same text, and a list takes it or refuses it.

#![no_main]

use crm_core::describe::Entity;
use crm_core::{Class, Contact, Cursor, Deal, List, Task};
use crm_fuzz::{World, comes_back_from_json, host};
use libfuzzer_sys::fuzz_target;
use pollster::block_on as now;

fuzz_target!(|text: &str| {
    // The hexadecimal form hides its JSON from the fuzzer, so what does not begin as a cursor is taken for the JSON.
    let hidden: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let written = if text.starts_with("c1.") { text.to_owned() } else { format!("c1.{hidden}") };
    let read = written.parse::<Cursor>();
    let json = serde_json::to_string(&written).expect("a text has a JSON form");
    assert_eq!(serde_json::from_str::<Cursor>(&json).ok(), read.clone().ok(), "JSON and text agree");
    if let Ok(cursor) = read {
        assert_eq!(cursor.to_string(), written, "it prints as it was written");
        comes_back_from_json(&cursor);
        leads_somewhere(cursor);
    }
});

fn leads_somewhere(cursor: Cursor) {
    let world = World::new("general");
    for (order, descending) in [("created_at", true), ("name", false), ("title", false), ("amount", true)] {
        goes_on::<Contact>(&world, &cursor, order, descending);
        goes_on::<Deal>(&world, &cursor, order, descending);
        goes_on::<Task>(&world, &cursor, order, descending);
    }
}

fn goes_on<E: Entity>(world: &World, cursor: &Cursor, order: &str, descending: bool) {
    let list = List::<E>::new().order_by(order, descending).after(cursor.clone(), 5);
    match now(world.act(host()).list(list)) {
        Ok(page) => assert!(page.items.len() <= 5),
        Err(error) => assert_eq!(error.class(), Class::Invalid, "{error}"),
    }
}

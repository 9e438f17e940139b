//! The answer and the rows, held against what was foretold.
//!
//! Invariant: a refused command changed no row, and an applied one changed exactly the rows that were foretold.

use std::collections::{BTreeMap, BTreeSet};

use crm_core::describe::{Key, Kind, Value};
use crm_core::value::Uuid;

use super::scene::Scene;
use super::world::{Row, Rows};
use super::{Outcome, Prediction};
use crate::sequence::Answer;

/// Says what was not foretold.
pub(super) fn compare(
    prediction: &Prediction,
    answer: &Answer,
    before: &Rows,
    after: &Rows,
) -> Result<(), String> {
    match (answer, &prediction.applied) {
        (Err((code, _)), _) if !prediction.refusals.contains(code.as_str()) => {
            Err(format!("refused as {code}"))
        }
        (Err(_), _) if before != after => Err("a refused command changed a row".to_owned()),
        (Err(_), _) => Ok(()),
        (Ok(_), None) => Err("applied".to_owned()),
        (Ok(_), Some(outcome)) if outcome.anything => Ok(()),
        (Ok(_), Some(outcome)) => compare_rows(outcome, before, after),
    }
}

fn compare_rows(outcome: &Outcome, before: &Rows, after: &Rows) -> Result<(), String> {
    let mut changed: BTreeMap<Key, &Row> = after
        .iter()
        .filter(|(key, row)| before.get(key) != Some(row))
        .map(|(key, row)| (*key, row))
        .collect();
    let mut drawn = BTreeMap::new();
    for (key, expected) in &outcome.written {
        let expected = &translated(expected, &drawn);
        if !Scene::is_drawn(key.id) {
            let Some(row) = changed.remove(key) else {
                return Err(format!("applied, but {} was not written", name(*key)));
            };
            differs(expected, row)?;
            continue;
        }
        let new = changed.values().filter(|row| row.key.kind == key.kind && !before.contains_key(&row.key));
        let judged: Vec<_> = new.map(|row| (row.key, differs(expected, row))).collect();
        match judged.iter().find(|(_, judged)| judged.is_ok()) {
            Some((found, _)) => {
                drawn.insert(key.id, found.id);
                changed.remove(found);
            }
            None => {
                let why = judged.into_iter().find_map(|(_, judged)| judged.err());
                let none = format!("applied, but there is no new {}", key.kind);
                return Err(why.unwrap_or(none));
            }
        }
    }
    let foretold = |key: &Key| outcome.maybe.contains(key) && !before.contains_key(key);
    match changed.keys().find(|key| !foretold(key)) {
        Some(key) => Err(format!("applied, and {} was written too", name(*key))),
        None => Ok(()),
    }
}

/// The row with the ids that the engine drew in the place of those that were drawn here.
fn translated(row: &Row, drawn: &BTreeMap<Uuid, Uuid>) -> Row {
    let mut row = row.clone();
    for value in row.fields.values_mut() {
        if let Some(real) = value.as_uuid().and_then(|id| drawn.get(&id)) {
            *value = Value::Uuid(*real);
        }
    }
    row
}

fn differs(expected: &Row, found: &Row) -> Result<(), String> {
    let what = name(found.key);
    if expected.version != found.version {
        return Err(format!("{what} is at version {}, not {}", found.version, expected.version));
    }
    for (field, value) in expected.fields.iter().filter(|(field, _)| **field != "deleted_by") {
        if found.get(field) != value {
            return Err(format!("{what} has {field} `{}`, not `{value}`", found.get(field)));
        }
    }
    Ok(())
}

/// A record in a story: its kind and the place in its id.
fn name(key: Key) -> String {
    let places: BTreeSet<u8> =
        (0..=u8::MAX).filter(|place| crate::sequence::id_of(key.kind, *place) == key.id).collect();
    match places.first() {
        Some(place) if key.kind != Kind::Organization => format!("{}#{place}", key.kind),
        _ => format!("the {}", key.kind),
    }
}

//! Stores that keep something else than what they were given.

use std::sync::Arc;

use crm_core::access::Actor;
use crm_core::describe::{CREATED_AT, Field, FieldKind, Json, Record, UPDATED_AT, Value};
use crm_core::ledger::LedgerEntry;
use crm_core::store::Store;
use crm_core::value::{Instant, Precision, Uuid};
use serde_json::Value as Document;

use crate::plain::parts;
use crate::{Broken, broken};

const ROWS: &[&str] = &["load", "time", "order"];
const LEDGER: &[&str] = &["history"];

/// The record with other values.
fn remade(record: &Record, change: impl Fn(&Field, Value) -> Value) -> Record {
    let kind = record.kind();
    let fields = kind.fields().iter().zip(record.values());
    let values: Vec<_> = fields.map(|(field, value)| change(field, value)).collect();
    Record::from_values(kind, record.id(), record.version(), &values).unwrap_or_else(|_| record.clone())
}

/// A store that keeps other values in its rows.
fn rows(change: fn(&Field, Value) -> Value) -> Arc<dyn Store> {
    parts(move |parts| parts.writes.values_mut().for_each(|row| *row = remade(row, change)))
}

/// A store that keeps other texts in its rows.
fn texts(change: fn(&str) -> String) -> Arc<dyn Store> {
    parts(move |parts| {
        let changed = |field: &Field, value: Value| match value {
            Value::Text(text) if matches!(field.kind, FieldKind::Text { .. }) => Value::text(&change(&text)),
            value => value,
        };
        parts.writes.values_mut().for_each(|row| *row = remade(row, changed));
    })
}

/// A store that keeps other documents in its rows.
fn documents(change: fn(&mut Document)) -> Arc<dyn Store> {
    parts(move |parts| {
        let changed = |_: &Field, value: Value| match value {
            Value::Json(json) => {
                let mut document = json.as_json().clone();
                change(&mut document);
                Value::Json(Json::new(document))
            }
            value => value,
        };
        parts.writes.values_mut().for_each(|row| *row = remade(row, changed));
    })
}

/// A store that enters something else in its ledger.
fn ledger(change: fn(&mut LedgerEntry)) -> Arc<dyn Store> {
    parts(move |parts| parts.ledger.iter_mut().for_each(change))
}

/// A time cut to a multiple of so many microseconds.
fn cut(at: Instant, micros: i64) -> Instant {
    Instant::from_unix_micros(at.unix_micros().div_euclid(micros) * micros).unwrap_or(at)
}

/// What a binary float makes of a decimal.
fn float(value: Value) -> Value {
    let through = |text: String| {
        let float: f64 = text.parse().ok()?;
        format!("{float}").parse().ok()
    };
    match &value {
        Value::Decimal(number) => through(number.to_string()).map_or(value, Value::Decimal),
        _ => value,
    }
}

/// Every document inside of one.
fn each(document: &mut Document, change: fn(&mut Document)) {
    change(document);
    match document {
        Document::Array(items) => items.iter_mut().for_each(|item| each(item, change)),
        Document::Object(fields) => fields.values_mut().for_each(|item| each(item, change)),
        _ => {}
    }
}

pub(crate) fn stores() -> Vec<Broken> {
    let mut stores = times_and_numbers();
    stores.extend(words());
    stores.extend(entries());
    stores
}

fn times_and_numbers() -> Vec<Broken> {
    vec![
        broken("seconds", "It keeps times to the second.", ROWS, || {
            rows(|_, value| match value {
                Value::Instant(at) => Value::Instant(cut(at, 1_000_000)),
                value => value,
            })
        }),
        broken("milliseconds", "It keeps times to the millisecond and says microseconds.", ROWS, || {
            rows(|_, value| match value {
                Value::Instant(at) => Value::Instant(at.truncated(Precision::Millis)),
                value => value,
            })
        }),
        broken("hours moved", "It keeps times in a zone of its own, an hour off.", ROWS, || {
            rows(|_, value| match value {
                Value::Instant(at) => Value::Instant(at.plus_hours(1)),
                value => value,
            })
        }),
        broken("time of its own", "It stamps rows with its own time of the last change.", ROWS, || {
            parts(|parts| {
                for row in parts.writes.values_mut() {
                    *row = remade(row, |field, value| {
                        if field.name == "updated_at" { Value::Instant(Instant::EPOCH) } else { value }
                    });
                }
            })
        }),
        broken("created when changed", "A change of a row changes when it was created.", ROWS, || {
            parts(|parts| {
                for row in parts.writes.values_mut().filter(|row| row.version() > 1) {
                    let now = row.value(UPDATED_AT);
                    let at = usize::from(CREATED_AT.0);
                    let mut values = row.values();
                    values[at] = now;
                    *row = Record::from_values(row.kind(), row.id(), row.version(), &values).unwrap();
                }
            })
        }),
        broken("year 9999", "It keeps no time after the year 2262.", ROWS, || {
            rows(|_, value| match value {
                Value::Instant(at) => Value::Instant(at.min(Instant::EPOCH.plus_days(106_751))),
                value => value,
            })
        }),
        broken("before 1970", "It keeps no time before 1970.", ROWS, || {
            rows(|_, value| match value {
                Value::Instant(at) => Value::Instant(at.max(Instant::EPOCH)),
                value => value,
            })
        }),
        broken(
            "days moved",
            "It keeps a day as a midnight elsewhere, so it becomes the day before.",
            ROWS,
            || {
                rows(|_, value| match value {
                    Value::Date(day) => Value::Date(day.plus_days(-1)),
                    value => value,
                })
            },
        ),
        broken("floats", "It keeps decimals as binary floats.", ROWS, || rows(|_, value| float(value))),
        broken("scale lost", "It keeps decimals without the zeros at their end.", ROWS, || {
            rows(|_, value| match value {
                Value::Decimal(number) => Value::Decimal(number.normalize()),
                value => value,
            })
        }),
        broken("scale added", "It keeps decimals with four digits after the point.", ROWS, || {
            rows(|_, value| match value {
                Value::Decimal(mut number) => {
                    number.rescale(4);
                    Value::Decimal(number)
                }
                value => value,
            })
        }),
        broken("whole amounts", "It keeps decimals as whole numbers.", ROWS, || {
            rows(|_, value| match value {
                Value::Decimal(number) => Value::Decimal(number.trunc()),
                value => value,
            })
        }),
        broken("zero is nothing", "It keeps an amount of zero as an empty field.", ROWS, || {
            rows(|_, value| match value {
                Value::Decimal(number) if number.is_zero() => Value::Null,
                value => value,
            })
        }),
        broken("percents are cut", "It keeps no percent above ninety-nine.", ROWS, || {
            rows(|_, value| match value {
                Value::Int(number) => Value::Int(number.min(99)),
                value => value,
            })
        }),
        broken("false is nothing", "It keeps a truth value that is false as true.", ROWS, || {
            rows(|_, value| match value {
                Value::Bool(_) => Value::Bool(true),
                value => value,
            })
        }),
        broken("version lost", "It keeps every row at version one.", &["commit"], || {
            parts(|parts| {
                for row in parts.writes.values_mut() {
                    *row = Record::from_values(row.kind(), row.id(), 1, &row.values()).unwrap();
                }
            })
        }),
        broken("who deleted", "It forgets which command deleted a row.", &["load", "shell"], || {
            rows(|field, value| {
                if field.name == "deleted_by" && !value.is_null() { Value::Uuid(Uuid::nil()) } else { value }
            })
        }),
    ]
}

fn words() -> Vec<Broken> {
    vec![
        broken("trimmed documents", "It trims the text of documents.", ROWS, || {
            documents(|document| {
                each(document, |inner| {
                    if let Some(text) = inner.as_str() {
                        *inner = text.trim().into();
                    }
                });
            })
        }),
        broken("trimmed at the end", "It keeps no spaces at the end of a line of text.", ROWS, || {
            texts(|text| text.split('\n').map(str::trim_end).collect::<Vec<_>>().join("\n"))
        }),
        broken("composed", "It keeps text in its composed form.", ROWS, || {
            texts(|text| text.replace("e\u{301}", "\u{e9}").replace("a\u{308}", "\u{e4}"))
        }),
        broken("decomposed", "It keeps text in its decomposed form.", ROWS, || {
            texts(|text| text.replace('\u{e9}', "e\u{301}").replace('\u{e4}', "a\u{308}"))
        }),
        broken("folded", "It keeps text in lower case.", ROWS, || texts(str::to_lowercase)),
        broken("line ends", "It keeps every end of a line as one character.", ROWS, || {
            texts(|text| text.replace("\r\n", "\n"))
        }),
        broken("short texts", "It cuts text after 255 characters.", ROWS, || {
            texts(|text| text.chars().take(255).collect())
        }),
        broken("two bytes", "It keeps no character beyond the first plane.", ROWS, || {
            texts(|text| text.replace(|one: char| u32::from(one) > 0xffff, "?"))
        }),
        broken("one byte", "It keeps the characters of Western Europe only.", ROWS, || {
            texts(|text| text.replace(|one: char| u32::from(one) > 0xff, "?"))
        }),
        broken("control characters", "It drops control characters.", ROWS, || {
            texts(|text| text.replace(|one: char| one.is_control() && !one.is_whitespace(), ""))
        }),
        broken("invisible characters", "It drops characters of no width.", ROWS, || {
            texts(|text| text.replace(['\u{200b}', '\u{200d}', '\u{feff}'], ""))
        }),
        broken("escaped", "It keeps a quote as two.", ROWS, || texts(|text| text.replace('\'', "''"))),
        broken("backslashes", "It keeps two backslashes as one, and one as none.", ROWS, || {
            texts(|text| text.replace("\\\\", "\u{0}").replace('\\', "").replace('\u{0}', "\\"))
        }),
        broken("null is a word", "It keeps the word `null` as an empty field.", ROWS, || {
            rows(
                |field, value| {
                    if !field.required && value.as_text() == Some("null") { Value::Null } else { value }
                },
            )
        }),
        broken("e-mail in lower case", "It keeps e-mail addresses in lower case.", ROWS, || {
            rows(|field, value| match (field.kind, value) {
                (FieldKind::Email, Value::Text(text)) => Value::text(&text.to_lowercase()),
                (_, value) => value,
            })
        }),
        broken("phones as digits", "It keeps the digits of a phone number.", ROWS, || {
            rows(|field, value| match (field.kind, value) {
                (FieldKind::Phone, Value::Text(text)) => Value::text(&text.replace([' ', '(', ')', '-'], "")),
                (_, value) => value,
            })
        }),
        broken("nulls of documents", "It drops nulls from documents.", ROWS, || {
            documents(|document| {
                each(document, |inner| {
                    if let Some(fields) = inner.as_object_mut() {
                        fields.retain(|_, value| !value.is_null());
                    }
                });
            })
        }),
        broken("floats of documents", "It keeps every number of a document as a binary float.", ROWS, || {
            documents(|document| {
                each(document, |inner| {
                    if let (true, Some(number)) = (inner.is_i64() || inner.is_u64(), inner.as_f64()) {
                        *inner = number.into();
                    }
                });
            })
        }),
        broken("empty documents", "It keeps a document without fields as null.", ROWS, || {
            documents(|document| {
                if document.as_object().is_some_and(serde_json::Map::is_empty) {
                    *document = Document::Null;
                }
            })
        }),
        broken("shallow documents", "It keeps documents thirty-two levels deep.", ROWS, || {
            fn prune(document: &mut Document, left: u32) {
                if left == 0 {
                    *document = Document::Null;
                }
                match document {
                    Document::Array(items) => {
                        items.iter_mut().for_each(|item| prune(item, left.saturating_sub(1)));
                    }
                    Document::Object(fields) => {
                        fields.values_mut().for_each(|item| prune(item, left.saturating_sub(1)));
                    }
                    _ => {}
                }
            }
            documents(|document| prune(document, 32))
        }),
    ]
}

fn entries() -> Vec<Broken> {
    vec![
        broken(
            "ledger entry missing",
            "It enters only the first row of a commit in its ledger.",
            LEDGER,
            || parts(|parts| parts.ledger.truncate(1)),
        ),
        broken("ledger of creations", "It enters only new rows in its ledger.", LEDGER, || {
            parts(|parts| parts.ledger.retain(|entry| entry.version == 1))
        }),
        broken("ledger without deletions", "It does not enter deletions in its ledger.", LEDGER, || {
            parts(|parts| parts.ledger.retain(|entry| entry.change != crm_core::ledger::Change::Deleted))
        }),
        broken("ledger twice", "It enters changes twice in its ledger.", LEDGER, || {
            parts(|parts| {
                let again: Vec<_> = parts.ledger.iter().filter(|entry| entry.version > 1).cloned().collect();
                parts.ledger.extend(again);
            })
        }),
        broken(
            "ledger without before",
            "It enters what a field holds now, and not what it held.",
            LEDGER,
            || ledger(|entry| entry.fields.iter_mut().for_each(|change| change.before = Value::Null)),
        ),
        broken("ledger with after as before", "It enters the new value as the old one.", LEDGER, || {
            ledger(|entry| {
                let changed = entry.fields.iter_mut().filter(|change| !change.before.is_null());
                changed.for_each(|change| change.before = change.after.clone());
            })
        }),
        broken("ledger floats", "It enters decimals as binary floats.", LEDGER, || {
            ledger(|entry| {
                entry.fields.iter_mut().for_each(|change| change.after = float(change.after.clone()));
            })
        }),
        broken("ledger without scale", "It enters decimals without the zeros at their end.", LEDGER, || {
            ledger(|entry| {
                for change in &mut entry.fields {
                    if let Value::Decimal(number) = &change.after {
                        change.after = Value::Decimal(number.normalize());
                    }
                }
            })
        }),
        broken(
            "ledger scale of before",
            "It enters old decimals without the zeros at their end.",
            LEDGER,
            || {
                ledger(|entry| {
                    for change in &mut entry.fields {
                        if let Value::Decimal(number) = &change.before {
                            change.before = Value::Decimal(number.normalize());
                        }
                    }
                })
            },
        ),
        broken("ledger seconds", "It enters times to the second.", &["time", "history"], || {
            ledger(|entry| entry.at = cut(entry.at, 1_000_000))
        }),
        broken("ledger milliseconds", "It enters times to the millisecond.", &["time", "history"], || {
            ledger(|entry| entry.at = cut(entry.at, 1_000))
        }),
        broken(
            "ledger times of values",
            "It enters values that are times to the second.",
            &["time", "history"],
            || {
                ledger(|entry| {
                    for change in &mut entry.fields {
                        if let Value::Instant(at) = change.after {
                            change.after = Value::Instant(cut(at, 1_000_000));
                        }
                    }
                })
            },
        ),
        broken("ledger of persons", "It enters the person for whom an agent acts.", LEDGER, || {
            ledger(|entry| {
                if let Some(person) = entry.actor.person() {
                    entry.actor = Actor::Person(person);
                }
            })
        }),
        broken("ledger without cause", "It does not enter the name of the command.", LEDGER, || {
            ledger(|entry| entry.cause.clear())
        }),
        broken("ledger without fields", "It enters at most three changed fields.", LEDGER, || {
            ledger(|entry| entry.fields.truncate(3))
        }),
    ]
}

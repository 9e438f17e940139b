//! Values for the fields of a profile: mostly such as the profile accepts, and some that have gone wrong before.
//!
//! Invariant: a value is drawn by its field and the profile's words alone, never by what happened before.

use crm_core::describe::{Field, FieldKind, Kind};
use crm_core::profile::{Presence, ProfileSpec, Writer};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use serde_json::{Value as Json, json};

use super::Choice;
use super::modules::{made_by_rules, module_words, needed_of, nth, of_module, places};
use crate::strategies::inputs;

/// Fields of a command and what they are set to.
pub(super) type Fields = Vec<(&'static str, Choice)>;

/// Texts that have gone wrong somewhere before.
pub(super) const TEXTS: &[&str] = &[
    "Roof",
    "roof",
    "РООФ",
    "Иван Петров",
    "иван",
    "ß",
    "SS",
    "a%_b\\c",
    "  spaced  ",
    "é",
    "e\u{301}",
    "漢字",
    "🏠",
    "\u{202e}rtl",
    "ﬁne",
];

/// Values that no field or hardly any takes.
fn odd(kind: FieldKind) -> Vec<Json> {
    match kind {
        FieldKind::Text { .. } => vec![json!(""), json!(" "), json!("nul\0inside")],
        FieldKind::Word => {
            vec![json!("odd"), json!("WON"), json!("emperor"), json!("system"), json!("no word")]
        }
        FieldKind::Email => vec![json!("no"), json!("contact0@example.com"), json!("CONTACT1@Example.com")],
        FieldKind::Phone => vec![json!("x".repeat(51)), json!("1".repeat(21))],
        FieldKind::Decimal => {
            vec![json!(-1), json!("1.005"), json!("99999999999999.99"), json!("10000000000"), json!(0)]
        }
        FieldKind::Currency => vec![json!("XXX"), json!("EURO")],
        FieldKind::Zone => vec![json!("Mars/Base")],
        FieldKind::Percent => vec![json!(101)],
        FieldKind::Whole => vec![json!(-1), json!(1.5), json!(i64::MAX)],
        FieldKind::Instant => vec![json!("2026-02-28T23:30:00-01:00"), json!("2026-03-02T10:00:00Z")],
        FieldKind::Date => vec![json!("2026-03-02"), json!("2026-03-01"), json!("2026-02-30")],
        FieldKind::Json => vec![json!([]), json!({ "nul": "\0" })],
        _ => vec![json!("not-an-id")],
    }
}

/// The words that a profile takes for a field; what can be reached from the start comes more often.
fn words(spec: &ProfileSpec, kind: Kind, field: &str) -> Vec<Json> {
    let mut words = Vec::new();
    let mut add = |word: &dyn std::fmt::Display| words.push(json!(word.to_string()));
    macro_rules! states {
        ($machine:expr) => {{
            let machine = $machine;
            let initial = machine.states.iter().filter(|state| state.name == machine.initial);
            let next: Vec<_> = initial.flat_map(|state| &state.to).collect();
            machine.states.iter().for_each(|state| add(&state.name));
            (0..3).flat_map(|_| &next).for_each(|name| add(name));
        }};
    }
    match (kind, field) {
        (Kind::Deal, "status") => states!(&spec.deals.status),
        (Kind::Task, "status") => states!(&spec.tasks.status),
        (Kind::Task, _) => spec.tasks.priorities.iter().for_each(|word| add(word)),
        (Kind::Membership, _) => spec.roles.iter().for_each(|role| add(&role.name)),
        (kind, _) if kind.module().is_some() => return module_words(spec, kind, field),
        (Kind::Deal, _) => stage_words(spec).iter().for_each(|word| add(word)),
        (Kind::Activity, _) => {
            let kinds = spec.activities.kinds.iter().filter(|kind| kind.written_by == Writer::Caller);
            kinds.for_each(|kind| add(&kind.name));
        }
        _ => ["person", "person", "company"].iter().for_each(|word| add(word)),
    }
    if words.is_empty() { vec![json!("odd")] } else { words }
}

/// The stages of the world's pipelines, and one or two of the profile's own.
pub(super) fn stage_words(spec: &ProfileSpec) -> Vec<String> {
    let own = spec.pipelines.iter().flat_map(|line| &line.stages).map(|stage| stage.key.to_string());
    let world = ["first", "second", "second", "won", "lost", "closed"].map(str::to_owned);
    world.into_iter().chain(own.take(2)).collect()
}

/// The number of a record that is there when a sequence begins, or one that may be there later.
pub(super) fn place(kind: Kind) -> BoxedStrategy<u8> {
    let (there, later): (u8, u8) = match kind {
        Kind::Organization => (1, 3),
        Kind::Membership => (5, 7),
        Kind::Pipeline => (3, 5),
        Kind::Contact => (4, 8),
        Kind::Deal => (3, 9),
        Kind::Task => (3, 8),
        Kind::Activity => (1, 3),
        kind => places(kind),
    };
    prop_oneof![24 => 0..there, 3 => there..later].boxed()
}

/// The number of a record that is not there when a sequence begins.
pub(super) fn fresh(kind: Kind) -> BoxedStrategy<u8> {
    match kind {
        Kind::Deal => (5..9_u8).boxed(),
        Kind::Task => (3..8_u8).boxed(),
        Kind::Membership => prop_oneof![6 => Just(6_u8), 1 => 0..6_u8].boxed(),
        kind if kind.module().is_some() => (places(kind).0..places(kind).1).boxed(),
        _ => (4..8_u8).boxed(),
    }
}

pub(super) fn pointer(name: &'static str, kind: Kind) -> BoxedStrategy<(&'static str, Choice)> {
    place(kind).prop_map(move |number| (name, Choice::Pointer(kind, number))).boxed()
}

pub(super) fn text() -> BoxedStrategy<Json> {
    prop_oneof![60 => select(TEXTS), 1 => select(vec!["", " ", "nul\0inside"])]
        .prop_map(|text| json!(text))
        .boxed()
}

/// A value for a field; about one in so many does not fit.
pub(super) fn value_of(
    spec: &ProfileSpec,
    kind: Kind,
    field: &'static Field,
    fits: u32,
) -> BoxedStrategy<Choice> {
    let plain = |strategy: BoxedStrategy<Json>| strategy.prop_map(Choice::Plain).boxed();
    let one_of = |values: Vec<Json>| plain(select(values).boxed());
    let fitting = match field.kind {
        _ if of_module(kind, field.name).is_some() => one_of(of_module(kind, field.name).unwrap_or_default()),
        FieldKind::Text { .. } => plain(text()),
        FieldKind::Word => one_of(words(spec, kind, field.name)),
        FieldKind::Email => {
            let many = (0..200_u8).prop_map(|number| json!(format!("Ann{number}@example.com")));
            plain(prop_oneof![12 => many, 1 => Just(json!("иван@пример.рф"))].boxed())
        }
        FieldKind::Phone => one_of(vec![json!("+43 1 234"), json!("(431) 234"), json!("112")]),
        FieldKind::Decimal => {
            one_of(vec![json!(100), json!("0.01"), json!("12.5"), json!("9999999999.99"), json!("7.10")])
        }
        FieldKind::Currency => one_of(vec![json!("USD"), json!("eur"), json!("RUB")]),
        FieldKind::Zone => one_of(vec![json!("UTC"), json!("Europe/Vienna"), json!("Asia/Tashkent")]),
        FieldKind::Bool => one_of(vec![json!(true), json!(false)]),
        FieldKind::Percent => one_of(vec![json!(0), json!(50), json!(100)]),
        FieldKind::Whole => one_of(vec![json!(0), json!(1), json!(12)]),
        FieldKind::Instant => {
            one_of(vec![json!("2026-03-10T10:00:00Z"), json!("2027-01-01T00:00:00.000001Z")])
        }
        FieldKind::Date => one_of(vec![json!("2026-03-09"), json!("2028-02-29"), json!("2026-03-04")]),
        FieldKind::Command => one_of(vec![json!("00000000-0000-0000-0000-000000000001")]),
        FieldKind::Reference(kind) if made_by_rules(kind) => nth(kind),
        FieldKind::Reference(kind) => place(kind).prop_map(move |it| Choice::Pointer(kind, it)).boxed(),
        FieldKind::Json if kind == Kind::Pipeline => stages(),
        FieldKind::Json => one_of(vec![json!({}), json!({ "a": [1, null, "ü"] })]),
    };
    let awkward = plain(inputs(field.kind));
    let nothing = Just(Choice::Plain(Json::Null));
    prop_oneof![4 * fits => fitting, 2 => one_of(odd(field.kind)), 1 => awkward, 1 => nothing].boxed()
}

/// Stages of a pipeline, sound ones and not.
fn stages() -> BoxedStrategy<Choice> {
    let open = |key: &str| json!({ "key": key, "probability": 10 });
    let end = |key: &str| json!({ "key": key, "kind": key });
    let sound = vec![
        json!([open("first"), open("second"), end("won"), end("lost"), end("closed")]),
        json!([open("first"), open("second"), end("won"), end("lost")]),
        json!([open("lead"), { "key": "second", "requires": [{ "positive": "amount" }] }, end("won"), end("lost")]),
        json!([{ "key": "first", "to": ["second"] }, open("second"), end("won"), end("lost"), end("closed")]),
        json!([open("first"), { "key": "second", "requires": [{ "present": "expected_close_date" }] }, end("won"), end("lost")]),
    ];
    let unsound = vec![
        json!([open("first"), open("first")]),
        json!([open("first"), { "key": "second", "to": ["third"] }, end("won"), end("lost")]),
        json!([]),
    ];
    prop_oneof![12 => select(sound), 1 => select(unsound)].prop_map(Choice::Plain).boxed()
}

fn used(spec: &ProfileSpec, kind: Kind, name: &str) -> bool {
    let elsewhere = match (kind, name) {
        (_, "lead") => spec.leads.is_none(),
        (Kind::Lead, "campaign") => spec.marketing.is_none(),
        (Kind::Lead, "unit") => spec.inventory.is_none(),
        (Kind::Membership, "working_time" | "working_days") => spec.attendance.is_none(),
        _ => false,
    };
    let said = spec.fields.get(&format!("{kind}.{name}"));
    !elsewhere && said.is_none_or(|rule| rule.presence != Presence::Unused)
}

/// How often a field is named that need not be: what is there often, what hardly ever fits seldom.
fn weight(spec: &ProfileSpec, kind: Kind, name: &str) -> u32 {
    match (kind, name) {
        _ if !used(spec, kind, name) => 1,
        (Kind::Organization, "active") | (Kind::Task, "deal") => 2,
        (Kind::Task, "due_at") if used(spec, kind, "due_date") => 2,
        (Kind::Deal, "lost_reason" | "expected_close_at") | (Kind::Contact, "employer") => 4,
        _ => 20,
    }
}

/// A few of the fields of a kind that a caller may set.
pub(super) fn fields_of(spec: &ProfileSpec, kind: Kind) -> BoxedStrategy<Fields> {
    let given = kind.fields().iter().filter(|field| field.given);
    let one = Union::new_weighted(
        given
            .map(|field| {
                let value = value_of(spec, kind, field, 12).prop_map(move |value| (field.name, value));
                (weight(spec, kind, field.name), value.boxed())
            })
            .collect(),
    )
    .boxed();
    prop_oneof![2 => Just(0_usize), 6 => Just(1), 3 => Just(2), 1 => Just(3)]
        .prop_flat_map(move |count| proptest::collection::vec(one.clone(), count))
        .boxed()
}

/// What must be there for a new record to have a chance.
pub(super) fn needed(spec: &ProfileSpec, kind: Kind) -> BoxedStrategy<Fields> {
    let always: &[&str] = match kind {
        Kind::Organization => &["name"],
        Kind::Membership => &["role"],
        Kind::Pipeline => &["name", "stages"],
        Kind::Contact => &["name"],
        Kind::Deal => &["title", "contact"],
        Kind::Task => &["title", "deal", "due_date"],
        Kind::Activity => &["kind", "deal", "body"],
        kind => needed_of(kind),
    };
    let mut all = Just(Fields::new()).boxed();
    for field in kind.fields() {
        let rule = spec.fields.get(&format!("{kind}.{}", field.name));
        let required = rule.is_some_and(|rule| rule.presence == Presence::Required);
        if required || always.contains(&field.name) && used(spec, kind, field.name) {
            let value = value_of(spec, kind, field, 25);
            all = (all, value)
                .prop_map(move |(mut all, value)| {
                    all.push((field.name, value));
                    all
                })
                .boxed();
        }
    }
    // Once in a while one is forgotten.
    (all, proptest::option::weighted(0.03, 0..4_usize))
        .prop_map(|(mut all, forgotten)| {
            if let Some(at) = forgotten.filter(|at| *at < all.len()) {
                all.remove(at);
            }
            all
        })
        .boxed()
}

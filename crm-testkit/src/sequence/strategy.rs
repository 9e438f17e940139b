//! Strategies made from the field tables.
//!
//! Invariant: a value is drawn by the kind of its field alone; about one in eight does not fit, so refusals are met too.

use crm_core::describe::{Field, FieldKind, Kind};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};

use super::{COMMANDS, Choice, Step, Who};
use crate::strategies::inputs;

/// Texts that have gone wrong somewhere before.
const TEXTS: &[&str] = &[
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

/// Texts that are refused, or as good as nothing.
const BAD_TEXTS: &[&str] = &["", " ", "nul\0inside"];

fn text() -> impl Strategy<Value = Json> {
    prop_oneof![12 => select(TEXTS), 1 => select(BAD_TEXTS)].prop_map(|text| json!(text))
}

/// Words of a field's vocabulary in one preset or another, and one of none.
fn words_of(field: &str) -> &'static [&'static str] {
    match field {
        "status" => &[
            "new",
            "in_progress",
            "open",
            "parked",
            "won",
            "lost",
            "closed",
            "archived",
            "todo",
            "done",
            "cancelled",
            "WON",
            "odd",
        ],
        "stage" | "move_deals_to" => &["first", "second", "won", "lost", "closed", "third", "Second", "odd"],
        "role" => &["owner", "admin", "manager", "member", "sales", "viewer", "emperor"],
        "priority" => &["low", "medium", "high", "urgent", "odd"],
        _ => &["person", "company", "comment", "call", "note", "meeting", "system"],
    }
}

/// A number of a record: the world's, and one or two that are not there.
fn place() -> impl Strategy<Value = u8> {
    prop_oneof![9 => 0..4_u8, 2 => 4..7_u8]
}

/// How often a command is drawn: what people do all day often, what ends the story seldom.
fn weight(command: &str) -> u32 {
    match command {
        "delete_organization" => 1,
        "create_organization"
        | "leave_organization"
        | "update_activity"
        | "delete_activity"
        | "restore_activity" => 2,
        "create_deal" | "update_deal" | "move_deal" | "create_task" | "update_task" | "create_contact"
        | "import" => 16,
        "update_contact" | "transition_deal" | "win_deal" | "lose_deal" | "create_activity"
        | "complete_task" => 12,
        _ => 5,
    }
}

/// A value for a field.
pub fn value_of(field: &'static Field) -> BoxedStrategy<Choice> {
    let plain = |strategy: BoxedStrategy<Json>| strategy.prop_map(Choice::Plain).boxed();
    let one_of = |values: Vec<Json>| plain(select(values).boxed());
    let fitting = match field.kind {
        FieldKind::Text { .. } => plain(text().boxed()),
        FieldKind::Word => one_of(words_of(field.name).iter().map(|word| json!(word)).collect()),
        FieldKind::Email => one_of(vec![
            json!("ann@example.com"),
            json!("ANN@Example.com"),
            json!("bob@example.com"),
            json!("иван@пример.рф"),
            json!("no"),
        ]),
        FieldKind::Phone => {
            one_of(vec![json!("+43 1 234"), json!("(431) 234"), json!("112"), json!("x".repeat(51))])
        }
        FieldKind::Decimal => one_of(vec![
            json!(0),
            json!(100),
            json!("0.01"),
            json!("12.5"),
            json!("1.005"),
            json!(-1),
            json!("9999999999.99"),
            json!("99999999999999.99"),
        ]),
        FieldKind::Currency => {
            one_of(vec![json!("USD"), json!("eur"), json!("RUB"), json!("XXX"), json!("EURO")])
        }
        FieldKind::Zone => {
            one_of(vec![json!("UTC"), json!("Europe/Vienna"), json!("Asia/Tashkent"), json!("Mars/Base")])
        }
        FieldKind::Bool => one_of(vec![json!(true), json!(false)]),
        FieldKind::Percent => one_of(vec![json!(0), json!(50), json!(100), json!(101)]),
        FieldKind::Instant => one_of(vec![
            json!("2026-03-02T10:00:00Z"),
            json!("2026-02-28T23:30:00-01:00"),
            json!("2027-01-01T00:00:00.000001Z"),
        ]),
        FieldKind::Date => {
            one_of(vec![json!("2026-03-02"), json!("2026-03-01"), json!("2028-02-29"), json!("2026-02-30")])
        }
        FieldKind::Command => one_of(vec![json!("00000000-0000-0000-0000-000000000001")]),
        FieldKind::Reference(kind) => place().prop_map(move |number| Choice::Pointer(kind, number)).boxed(),
        FieldKind::Json => {
            one_of(vec![json!({}), json!({ "a": [1, null, "ü"] }), json!([]), json!({ "nul": "\0" })])
        }
    };
    let awkward = inputs(field.kind).prop_map(Choice::Plain);
    prop_oneof![16 => fitting, 1 => awkward, 1 => Just(Choice::Plain(Json::Null))].boxed()
}

/// Stages of a pipeline, sound ones and not.
fn stages() -> BoxedStrategy<Choice> {
    let open = |key: &str| json!({ "key": key, "probability": 10 });
    let end = |key: &str| json!({ "key": key, "kind": key });
    let lists = vec![
        json!([open("first"), open("second"), end("won"), end("lost")]),
        json!([open("lead"), { "key": "second", "requires": [{ "positive": "amount" }] }, end("won"), end("lost")]),
        json!([{ "key": "first", "to": ["second"] }, open("second"), end("won"), end("lost"), end("closed")]),
        json!([open("first"), open("first")]),
        json!([]),
    ];
    select(lists).prop_map(Choice::Plain).boxed()
}

/// A few of the fields of a kind that a caller may set.
fn fields_of(kind: Kind) -> BoxedStrategy<Vec<(&'static str, Choice)>> {
    let given: Vec<_> = kind.fields().iter().filter(|field| field.given).collect();
    let one = select(given)
        .prop_flat_map(|field| {
            let value = if field.name == "stages" { stages() } else { value_of(field) };
            value.prop_map(move |value| (field.name, value))
        })
        .boxed();
    prop_oneof![1 => Just(0_usize), 3 => Just(1), 2 => Just(2), 1 => Just(3)]
        .prop_flat_map(move |count| proptest::collection::vec(one.clone(), count))
        .boxed()
}

/// What must be there for a new record to have a chance.
fn needed(kind: Kind) -> BoxedStrategy<Vec<(&'static str, Choice)>> {
    let text = |name: &'static str| (Just(name), text().prop_map(Choice::Plain));
    let pointer = |name: &'static str, kind| {
        (Just(name), place().prop_map(move |number| Choice::Pointer(kind, number)))
    };
    match kind {
        Kind::Organization | Kind::Pipeline => (text("name"), (Just("stages"), stages()))
            .prop_map(
                move |(name, stages)| if kind == Kind::Pipeline { vec![name, stages] } else { vec![name] },
            )
            .boxed(),
        Kind::Membership => Just(vec![]).boxed(),
        Kind::Contact => (text("name"), any::<bool>())
            .prop_map(|(name, split)| {
                if split { vec![("first_name", name.1.clone()), ("last_name", name.1)] } else { vec![name] }
            })
            .boxed(),
        Kind::Deal => (text("title"), pointer("contact", Kind::Contact))
            .prop_map(|(title, contact)| vec![title, contact])
            .boxed(),
        Kind::Task => (text("title"), pointer("deal", Kind::Deal))
            .prop_map(|(title, deal)| vec![title, deal, ("due_date", Choice::Plain(json!("2026-03-05")))])
            .boxed(),
        Kind::Activity => {
            (text("body"), pointer("deal", Kind::Deal), select(vec!["comment", "call", "note", "system"]))
                .prop_map(|(body, deal, word)| vec![body, deal, ("kind", Choice::Plain(json!(word)))])
                .boxed()
        }
    }
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        16 => Just(Who::Member(0)),
        8 => (1..5_u8).prop_map(Who::Member),
        2 => (0..5_u8).prop_map(Who::Agent),
        6 => Just(Who::System),
        1 => select(vec![Who::Inactive, Who::Removed, Who::Stranger, Who::Anonymous]),
    ]
}

/// The fields of a command.
fn fields(command: &'static str) -> BoxedStrategy<Vec<(&'static str, Choice)>> {
    let noun = |text: &str| if text == "member" { Some(Kind::Membership) } else { text.parse::<Kind>().ok() };
    let id = |name: &'static str, kind| place().prop_map(move |number| (name, Choice::Pointer(kind, number)));
    let word =
        |name: &'static str| select(words_of(name)).prop_map(move |word| (name, Choice::Plain(json!(word))));
    if let Some((verb, kind)) = command.split_once('_').and_then(|(verb, text)| Some((verb, noun(text)?))) {
        match verb {
            "create" => {
                let all = (id("id", kind), any::<bool>(), needed(kind), fields_of(kind));
                let named = kind == Kind::Membership;
                return all
                    .prop_map(move |(id, chosen, mut fields, more)| {
                        fields.extend((chosen || named).then_some(id));
                        fields.extend(more);
                        fields
                    })
                    .boxed();
            }
            "update" => {
                return (id("id", kind), fields_of(kind))
                    .prop_map(|(id, fields)| [vec![id], fields].concat())
                    .boxed();
            }
            "delete" | "restore" => return id("id", kind).prop_map(|id| vec![id]).boxed(),
            _ => {}
        }
    }
    match command {
        "remove_member" => {
            (id("id", Kind::Membership), proptest::option::of(id("successor", Kind::Membership)))
                .prop_map(|(id, successor)| [vec![id], successor.into_iter().collect()].concat())
                .boxed()
        }
        "leave_organization" => proptest::option::of(id("successor", Kind::Membership))
            .prop_map(|it| it.into_iter().collect())
            .boxed(),
        "add_stage" => id("pipeline", Kind::Pipeline)
            .prop_map(|pipeline| {
                vec![pipeline, ("stage", Choice::Plain(json!({ "key": "third", "probability": 60 })))]
            })
            .boxed(),
        "edit_stage" => (id("pipeline", Kind::Pipeline), word("stage"))
            .prop_map(|(pipeline, stage)| vec![pipeline, stage, ("probability", Choice::Plain(json!(33)))])
            .boxed(),
        "reorder_stages" => id("pipeline", Kind::Pipeline)
            .prop_map(|pipeline| {
                vec![pipeline, ("order", Choice::Plain(json!(["second", "first", "won", "lost"])))]
            })
            .boxed(),
        "remove_stage" => {
            (id("pipeline", Kind::Pipeline), word("stage"), proptest::option::of(word("move_deals_to")))
                .prop_map(|(pipeline, stage, to)| [vec![pipeline, stage], to.into_iter().collect()].concat())
                .boxed()
        }
        "move_deal" => {
            (id("id", Kind::Deal), word("stage"), proptest::option::of(id("pipeline", Kind::Pipeline)))
                .prop_map(|(id, stage, pipeline)| [vec![id, stage], pipeline.into_iter().collect()].concat())
                .boxed()
        }
        "lose_deal" => (id("id", Kind::Deal), proptest::option::of(select(TEXTS)))
            .prop_map(|(id, reason)| {
                [vec![id], reason.map(|text| ("reason", Choice::Plain(json!(text)))).into_iter().collect()]
                    .concat()
            })
            .boxed(),
        "transition_deal" => {
            (id("id", Kind::Deal), word("status")).prop_map(|(id, status)| vec![id, status]).boxed()
        }
        "win_deal" | "reopen_deal" | "archive_deal" => id("id", Kind::Deal).prop_map(|id| vec![id]).boxed(),
        "complete_task" | "reopen_task" => id("id", Kind::Task).prop_map(|id| vec![id]).boxed(),
        "import" => proptest::collection::vec(row(), 0..4)
            .prop_map(|rows| vec![("rows", Choice::Plain(Json::Array(rows)))])
            .boxed(),
        _ => Just(vec![]).boxed(),
    }
}

/// A row of an import.
fn row() -> impl Strategy<Value = Json> {
    let kinds = select(vec![
        Kind::Contact,
        Kind::Deal,
        Kind::Task,
        Kind::Activity,
        Kind::Membership,
        Kind::Organization,
    ]);
    kinds.prop_flat_map(|kind| {
        (place(), needed(kind), fields_of(kind)).prop_map(move |(number, needed, more)| {
            let mut row = json!({
                "record": kind, "id": super::id_of(kind, number), "status": "won", "currency": "USD", "kind": "note", "role": "member",
            });
            for (name, value) in needed.into_iter().chain(more) {
                if let Some(row) = row.as_object_mut() {
                    row.insert(name.to_owned(), value.json());
                }
            }
            row
        })
    })
}

/// Sequences of this many steps at the most.
pub fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let names = COMMANDS.iter().map(|(name, _)| (weight(name), Just(*name).boxed()));
    let step = proptest::strategy::Union::new_weighted(names.collect()).prop_flat_map(|command| {
        let version = proptest::option::weighted(0.05, 1..4_u64);
        let key = proptest::option::weighted(0.08, 0..2_u8);
        (who(), fields(command), version, key).prop_map(move |(who, fields, version, key)| Step {
            who,
            command,
            fields,
            version,
            key,
        })
    });
    proptest::collection::vec(step, 1..most)
}

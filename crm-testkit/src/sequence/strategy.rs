//! Sequences of steps for a profile.
//!
//! A sequence is made of single commands and of little stories: somebody is removed and comes back, a deal is won and
//! opened again. Without them, what can only happen after something else hardly ever would.
//!
//! Invariant: a sequence is drawn from the profile's words and a few ids alone; about one command in three is refused.

use crm_core::describe::Kind;
use crm_core::profile::{DealStatus, Module, Presence, ProfileSpec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use serde_json::{Value as Json, json};

use super::modules::{self, module_of, weight_of};
use super::sale;
use super::story::stories;
use super::values::{Fields, TEXTS, fields_of, fresh, needed, place, pointer, stage_words, value_of};
use super::{COMMANDS, Choice, Step, Who};

/// How often a command is drawn: what people do all day often, what ends the story or is always refused seldom.
fn weight(spec: &ProfileSpec, command: &str) -> u32 {
    if let Some(module) = module_of(command) {
        return if module.is_on(spec) { weight_of(command) } else { 1 };
    }
    let has = |kind| spec.deals.status.states.iter().any(|state| state.kind == kind);
    let machine = &spec.deals.status;
    let won = machine.states.iter().find(|state| state.kind == DealStatus::Won).map(|state| &state.name);
    let initial = machine.states.iter().find(|state| state.name == machine.initial);
    let wins_at_once = initial.zip(won).is_some_and(|(state, won)| state.to.contains(won));
    let stages = spec.fields.get("deal.stage").is_none_or(|rule| rule.presence != Presence::Unused);
    match command {
        "delete_organization" | "create_organization" | "register_organization" => 1,
        "update_activity" | "delete_activity" | "restore_activity" => 1,
        "archive_deal" if !has(DealStatus::Archived) => 1,
        "move_deal" if !stages => 1,
        "win_deal" if !wins_at_once => 6,
        "restore_organization"
        | "restore_member"
        | "restore_pipeline"
        | "restore_contact"
        | "restore_deal"
        | "restore_task"
        | "leave_organization" => 3,
        "delete_member" | "remove_member" | "reopen_deal" | "archive_deal" | "delete_pipeline" => 6,
        "create_deal" | "update_deal" | "move_deal" | "create_task" | "update_task" | "create_contact" => 80,
        "update_contact" | "create_activity" | "transition_deal" | "import" => 50,
        "win_deal" | "lose_deal" | "complete_task" | "reopen_task" | "batch" => 30,
        _ => 16,
    }
}

fn who() -> BoxedStrategy<Who> {
    prop_oneof![
        60 => Just(Who::Member(0)),
        14 => (1..5_u8).prop_map(Who::Member),
        5 => (0..5_u8).prop_map(Who::Agent),
        24 => Just(Who::System),
        2 => select(vec![Who::Inactive, Who::Removed, Who::Stranger, Who::Anonymous]),
    ]
    .boxed()
}

pub(super) fn plain(name: &'static str, values: Vec<Json>) -> BoxedStrategy<(&'static str, Choice)> {
    select(values).prop_map(move |value| (name, Choice::Plain(value))).boxed()
}

fn stage(spec: &ProfileSpec, name: &'static str) -> BoxedStrategy<(&'static str, Choice)> {
    let mut words: Vec<Json> = stage_words(spec).into_iter().map(Json::from).collect();
    words.extend((0..2).flat_map(|_| [json!("first"), json!("second")]));
    let odd = vec![json!("odd"), json!("Second"), json!("third")];
    prop_oneof![14 => plain(name, words), 1 => plain(name, odd)].boxed()
}

/// One strategy of fields out of some that must be there and one that may.
pub(super) fn join(
    must: Vec<BoxedStrategy<(&'static str, Choice)>>,
    may: Option<BoxedStrategy<(&'static str, Choice)>>,
) -> BoxedStrategy<Fields> {
    let may = match may {
        Some(may) => proptest::option::of(may).boxed(),
        None => Just(None).boxed(),
    };
    (must, may)
        .prop_map(|(mut must, may)| {
            must.extend(may);
            must
        })
        .boxed()
}

/// The fields of a command.
fn fields(spec: &ProfileSpec, command: &'static str) -> BoxedStrategy<Fields> {
    let noun = |text: &str| if text == "member" { Some(Kind::Membership) } else { text.parse::<Kind>().ok() };
    if let Some((verb, kind)) = command.split_once('_').and_then(|(verb, text)| Some((verb, noun(text)?))) {
        match verb {
            "create" => return created(spec, kind),
            "update" => {
                let more = fields_of(spec, kind);
                return (pointer("id", kind), more).prop_map(|(id, more)| [vec![id], more].concat()).boxed();
            }
            "delete" | "restore" => return join(vec![pointer("id", kind)], None),
            _ => {}
        }
    }
    if let Some(fields) = sale::fields(spec, command).or_else(|| modules::fields(spec, command)) {
        return fields;
    }
    let (deal, task) = (pointer("id", Kind::Deal), pointer("id", Kind::Task));
    let (line, successor) =
        (pointer("pipeline", Kind::Pipeline), Some(pointer("successor", Kind::Membership)));
    match command {
        "register_organization" => {
            let founder = pointer("founder", Kind::Membership);
            let id = pointer("id", Kind::Organization);
            (join(vec![id, founder], None), needed(spec, Kind::Organization))
                .prop_map(|(ids, more)| [ids, more].concat())
                .boxed()
        }
        "remove_member" => join(vec![pointer("id", Kind::Membership)], successor),
        "leave_organization" => join(vec![], successor),
        "add_stage" => {
            let keys = ["third", "fourth", "fifth", "first"];
            let stages = keys.map(|key| json!({ "key": key, "probability": 60 })).to_vec();
            join(vec![line, plain("stage", stages)], Some(stage(spec, "before")))
        }
        "edit_stage" => {
            let requires = plain("requires", vec![json!([{ "present": "contact" }]), Json::Null]);
            let to = plain("to", vec![json!(["second", "won", "lost"]), json!(["odd"]), Json::Null]);
            let probability = plain("probability", vec![json!(33), json!(0), json!(99), json!(101)]);
            let label = plain("label", vec![json!("Label"), Json::Null]);
            let one = prop_oneof![2 => requires, 2 => to, 4 => probability, 1 => label].boxed();
            join(vec![line, stage(spec, "stage"), one], None)
        }
        "reorder_stages" => {
            let orders = vec![
                json!(["second", "first", "won", "lost", "closed"]),
                json!(["closed", "second", "first", "won", "lost"]),
                json!(["second", "first", "won", "lost"]),
                json!(["first", "first", "won", "lost", "closed"]),
            ];
            join(vec![line, plain("order", orders)], None)
        }
        "remove_stage" => join(vec![line, stage(spec, "stage")], Some(stage(spec, "move_deals_to"))),
        "move_deal" => {
            let other = proptest::option::weighted(0.2, line);
            let both = (join(vec![deal, stage(spec, "stage")], None), other);
            both.prop_map(|(fields, line)| [fields, line.into_iter().collect()].concat()).boxed()
        }
        "lose_deal" => {
            let reason = plain("reason", TEXTS.iter().map(|text| json!(text)).collect());
            let unused =
                spec.fields.get("deal.lost_reason").is_some_and(|rule| rule.presence == Presence::Unused);
            let reason = proptest::option::weighted(if unused { 0.05 } else { 0.4 }, reason);
            let both = (join(vec![deal], None), reason);
            both.prop_map(|(fields, reason)| [fields, reason.into_iter().collect()].concat()).boxed()
        }
        "transition_deal" => {
            let status = Kind::Deal.field("status").map(|(_, field)| field);
            let status = status.map(|field| value_of(spec, Kind::Deal, field, 12));
            let status = status.unwrap_or_else(|| Just(Choice::Plain(Json::Null)).boxed());
            join(vec![deal, status.prop_map(|status| ("status", status)).boxed()], None)
        }
        "win_deal" | "reopen_deal" | "archive_deal" => join(vec![deal], None),
        "complete_task" | "reopen_task" => join(vec![task], None),
        "import" => proptest::collection::vec(row(spec), 0..4)
            .prop_map(|rows| vec![("rows", Choice::Plain(Json::Array(rows)))])
            .boxed(),
        "batch" => batch(spec),
        _ => Just(vec![]).boxed(),
    }
}

pub(super) fn created(spec: &ProfileSpec, kind: Kind) -> BoxedStrategy<Fields> {
    let id = prop_oneof![6 => fresh(kind), 1 => place(kind)].prop_map(move |it| Choice::Pointer(kind, it));
    let named = if kind == Kind::Membership { 0.99 } else { 0.6 };
    let id = proptest::option::weighted(named, id);
    (id, needed(spec, kind), fields_of(spec, kind))
        .prop_map(|(id, needed, more)| {
            let id = id.map(|id| ("id", id)).into_iter().collect();
            [needed, more, id].concat()
        })
        .boxed()
}

/// A row of an import.
fn row(spec: &ProfileSpec) -> BoxedStrategy<Json> {
    let one = |kind: Kind| {
        let number = prop_oneof![3 => fresh(kind), 1 => place(kind)];
        let fields = (number, needed(spec, kind), fields_of(spec, kind));
        fields
            .prop_map(move |(number, needed, more)| {
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
            .boxed()
    };
    let kinds = [Kind::Contact, Kind::Deal, Kind::Task, Kind::Activity, Kind::Membership, Kind::Organization];
    Union::new(kinds.map(one)).boxed()
}

/// A few commands as one; none of them is a batch itself.
fn batch(spec: &ProfileSpec) -> BoxedStrategy<Fields> {
    let single = singles(spec, &["batch", "delete_organization"]);
    let one = single.prop_map(|(command, fields)| {
        let step = Step { who: Who::System, command, fields, version: None, key: None };
        json!({ "command": command, "with": step.json() })
    });
    proptest::collection::vec(one, 1..4)
        .prop_map(|commands| vec![("commands", Choice::Plain(Json::Array(commands)))])
        .boxed()
}

fn singles(spec: &ProfileSpec, without: &[&str]) -> BoxedStrategy<(&'static str, Fields)> {
    // A profile without any module is that of a system that has none, and never hears of one.
    let modules = Module::ALL.iter().any(|module| module.is_on(spec));
    let names = COMMANDS.iter().map(|(name, _)| *name).filter(|name| !without.contains(name));
    let names = names.filter(|name| modules || module_of(name).is_none());
    let each = names.map(|name| {
        let fields = fields(spec, name).prop_map(move |fields| (name, fields));
        (weight(spec, name), fields.boxed())
    });
    Union::new_weighted(each.collect()).boxed()
}

/// A command by somebody, perhaps with a version or a key.
fn single(spec: &ProfileSpec) -> BoxedStrategy<Vec<Step>> {
    let version = proptest::option::weighted(0.04, prop_oneof![3 => Just(1_u64), 1 => 2..4_u64]);
    let key = proptest::option::weighted(0.08, 0..2_u8);
    (who(), singles(spec, &[]), version, key)
        .prop_map(|(who, (command, fields), version, key)| {
            let about_one = !command.starts_with("create_") && !matches!(command, "import" | "batch");
            let version = version.filter(|version| about_one || *version > 2);
            vec![Step { who, command, fields, version, key }]
        })
        .boxed()
}

/// Every command with fields that it can have, by somebody who may do everything.
#[must_use]
pub fn each_command(spec: &ProfileSpec) -> Vec<(&'static str, BoxedStrategy<Step>)> {
    let one = |(name, _): &(&'static str, _)| {
        let name = *name;
        let who = select(vec![Who::Member(0), Who::System]);
        let step = (who, fields(spec, name)).prop_map(move |(who, fields)| Step {
            who,
            command: name,
            fields,
            version: None,
            key: None,
        });
        (name, step.boxed())
    };
    COMMANDS.iter().map(one).collect()
}

/// Sequences for a profile, of about this many steps at the most.
pub fn steps(spec: &ProfileSpec, most: usize) -> BoxedStrategy<Vec<Step>> {
    let part = prop_oneof![14 => single(spec), 1 => stories(spec, single(spec), &who())];
    proptest::collection::vec(part, 1..most).prop_map(|parts| parts.concat()).boxed()
}

//! Little stories: commands that follow from each other, about one record.
//!
//! What can only happen after something else would hardly ever happen in a sequence of single commands.
//!
//! Invariant: a story is steps like any others, so a failing sequence can shrink in the middle of one.

use crm_core::describe::Kind;
use crm_core::profile::ProfileSpec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use serde_json::{Value as Json, json};

use super::values::Fields;
use super::{Choice, Step, Who};

fn on(kind: Kind, number: u8) -> Fields {
    vec![("id", Choice::Pointer(kind, number))]
}

fn with(kind: Kind, number: u8, name: &'static str, value: Choice) -> Fields {
    vec![("id", Choice::Pointer(kind, number)), (name, value)]
}

fn flag(kind: Kind, number: u8, active: bool) -> Fields {
    with(kind, number, "active", Choice::Plain(Json::Bool(active)))
}

fn step(who: Who, command: &'static str, fields: Fields) -> Step {
    Step { who, command, fields, version: None, key: None }
}

/// Something is done and then undone.
const TALES: &[(&str, &str, Kind, u8)] = &[
    ("delete_contact", "restore_contact", Kind::Contact, 3),
    ("delete_deal", "restore_deal", Kind::Deal, 0),
    ("delete_deal", "restore_deal", Kind::Deal, 1),
    ("delete_task", "restore_task", Kind::Task, 2),
    ("delete_pipeline", "restore_pipeline", Kind::Pipeline, 2),
    ("remove_member", "restore_member", Kind::Membership, 4),
    ("delete_member", "create_member", Kind::Membership, 3),
    ("win_deal", "reopen_deal", Kind::Deal, 1),
    ("lose_deal", "reopen_deal", Kind::Deal, 2),
    ("win_deal", "archive_deal", Kind::Deal, 2),
    ("complete_task", "reopen_task", Kind::Task, 1),
];

/// A story; `single` draws what happens in the middle of one, `who` somebody.
pub(super) fn stories(
    spec: &ProfileSpec,
    single: BoxedStrategy<Vec<Step>>,
    who: &BoxedStrategy<Who>,
) -> BoxedStrategy<Vec<Step>> {
    let tales = TALES.iter().map(|(first, then, kind, number)| {
        (who.clone(), who.clone())
            .prop_map(move |(one, other)| {
                vec![step(one, first, on(*kind, *number)), step(other, then, on(*kind, *number))]
            })
            .boxed()
    });
    let mut all: Vec<_> = tales.collect();
    all.push(switched_off_member(single.clone()));
    all.push(switched_off_organization(single));
    all.push(employer(who.clone()));
    all.push(against_the_grain(who.clone()));
    all.push(heir());
    all.push(newcomer(spec));
    Union::new(all).boxed()
}

/// A member is switched off, tries something, and is switched on again.
fn switched_off_member(single: BoxedStrategy<Vec<Step>>) -> BoxedStrategy<Vec<Step>> {
    let tale = |(number, mut between): (u8, Vec<Step>)| {
        let switch = |on| step(Who::System, "update_member", flag(Kind::Membership, number, on));
        between.iter_mut().for_each(|step| step.who = Who::Member(number));
        [vec![switch(false)], between, vec![switch(true)]].concat()
    };
    (1..5_u8, single).prop_map(tale).boxed()
}

/// The organisation is switched off, somebody tries something, and it is switched on again.
fn switched_off_organization(single: BoxedStrategy<Vec<Step>>) -> BoxedStrategy<Vec<Step>> {
    let switch = |on| step(Who::Member(0), "update_organization", flag(Kind::Organization, 0, on));
    single.prop_map(move |between| [vec![switch(false)], between, vec![switch(true)]].concat()).boxed()
}

/// Somebody works for a company, which then can neither become a person nor go.
fn employer(who: BoxedStrategy<Who>) -> BoxedStrategy<Vec<Step>> {
    let kind = |word: &str| with(Kind::Contact, 3, "kind", Choice::Plain(json!(word)));
    let tale = move |who| {
        let works = with(Kind::Contact, 1, "employer", Choice::Pointer(Kind::Contact, 3));
        vec![
            step(Who::System, "update_contact", kind("company")),
            step(Who::System, "update_contact", works),
            step(who, "update_contact", kind("person")),
            step(who, "delete_contact", on(Kind::Contact, 3)),
        ]
    };
    who.prop_map(tale).boxed()
}

/// A deal is won for nothing, and a task is done that was given up: some profiles have it, some do not.
fn against_the_grain(who: BoxedStrategy<Who>) -> BoxedStrategy<Vec<Step>> {
    let free = with(Kind::Deal, 1, "amount", Choice::Plain(json!(0)));
    let given_up = with(Kind::Task, 1, "status", Choice::Plain(json!("cancelled")));
    let tale = move |(who, deal): (Who, bool)| match deal {
        true => {
            vec![step(Who::System, "update_deal", free.clone()), step(who, "win_deal", on(Kind::Deal, 1))]
        }
        false => vec![
            step(Who::System, "update_task", given_up.clone()),
            step(who, "complete_task", on(Kind::Task, 1)),
        ],
    };
    (who, any::<bool>()).prop_map(tale).boxed()
}

/// Somebody goes, and what was theirs is somebody else's.
fn heir() -> BoxedStrategy<Vec<Step>> {
    let tale = |(leaver, heir, by_self): (u8, u8, bool)| {
        let to = ("successor", Choice::Pointer(Kind::Membership, heir));
        let own = with(Kind::Deal, 0, "owner", Choice::Pointer(Kind::Membership, leaver));
        let go = if by_self {
            step(Who::Member(leaver), "leave_organization", vec![to])
        } else {
            step(Who::System, "remove_member", [on(Kind::Membership, leaver), vec![to]].concat())
        };
        let last = step(Who::Member(leaver), "win_deal", on(Kind::Deal, 0));
        vec![step(Who::Member(0), "update_deal", own), go, last]
    };
    (1..5_u8, 0..5_u8, any::<bool>()).prop_map(tale).boxed()
}

/// Somebody who had been removed comes back in some role, does something, and gets another role.
fn newcomer(spec: &ProfileSpec) -> BoxedStrategy<Vec<Step>> {
    let roles: Vec<_> = spec.roles.iter().map(|role| role.name.to_string()).collect();
    let role = |role: String| with(Kind::Membership, 6, "role", Choice::Plain(json!(role)));
    let tale = move |(by, first, then): (u8, String, String)| {
        vec![
            step(Who::Member(by), "create_member", role(first)),
            step(Who::Removed, "delete_contact", on(Kind::Contact, 3)),
            step(Who::Member(by), "update_member", role(then)),
        ]
    };
    (0..3_u8, select(roles.clone()), select(roles)).prop_map(tale).boxed()
}

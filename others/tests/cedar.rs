//! The role tables against a second opinion: policies in Cedar, written by hand, and evaluated by its own engine.
//!
//! The other tests of the tables rest on the engine's own reading of a profile: its patterns, its merging of what a
//! preset extends, its ceiling for agents. A policy in `tests/cedar` was written by a person from what each role is for,
//! shares no code with that reading, and must come to the same answer in every cell.
//!
//! Invariant: for every preset, standing, action and row, Cedar permits exactly what `decide` allows.

#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

use std::collections::{HashMap, HashSet};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, Policy, PolicySet,
    Request, RestrictedExpression,
};
use crm_core::Profile;
use crm_core::access::{Action, Standing, decide};
use crm_core::profile::{Module, PRESETS};
use crm_core::value::Word;

const POLICIES: &[(&str, &str)] = &[
    ("general", include_str!("cedar/general.cedar")),
    ("mini_crm_assignment", include_str!("cedar/mini_crm_assignment.cedar")),
    ("mini_crm_as_built", include_str!("cedar/mini_crm_as_built.cedar")),
    ("crm_api", include_str!("cedar/crm_api.cedar")),
    ("real_estate", include_str!("cedar/real_estate.cedar")),
    ("apex", include_str!("cedar/apex.cedar")),
];

fn policies(preset: &str) -> PolicySet {
    let (_, text) = POLICIES.iter().find(|(name, _)| *name == preset).unwrap();
    let without = if Module::ALL.iter().any(|module| module.is_on(Profile::preset(preset).unwrap().spec())) {
        ""
    } else {
        include_str!("cedar/without_modules.cedar")
    };
    format!("{text}{without}").parse().unwrap()
}

fn uid(kind: &str, id: &str) -> EntityUid {
    let kind: EntityTypeName = kind.parse().unwrap();
    EntityUid::from_type_name_and_id(kind, EntityId::new(id))
}

/// Somebody who asks, as the engine knows them and as Cedar does.
struct Caller {
    standing: Standing,
    principal: EntityUid,
    /// The principal and those it is in, a row that is its own, one that is not, and the organisation.
    entities: Entities,
}

impl Caller {
    /// A person in a role; the program that acts for them is in the person.
    fn person(standing: Standing, role: &str, by_agent: bool) -> Self {
        let (me, robot, other) = (uid("Person", "me"), uid("Agent", "robot"), uid("Person", "other"));
        // The other person has the same role: a row is foreign for whose it is, not for what they may do.
        let around = vec![
            within(&me, [uid("Role", role)]),
            within(&robot, [me.clone()]),
            within(&other, [uid("Role", role)]),
        ];
        let principal = if by_agent { robot } else { me.clone() };
        Self { standing, principal, entities: entities(&me, &other, around) }
    }

    /// Somebody without a role. Even a row that carried their name would be as good as none.
    fn outsider(standing: Standing, kind: &str) -> Self {
        let (me, other) = (uid(kind, "me"), uid("Person", "other"));
        let around = vec![within(&me, []), within(&other, [])];
        Self { standing, entities: entities(&me, &other, around), principal: me }
    }

    /// Everybody who can stand in an organisation with this profile.
    fn all(profile: &Profile) -> Vec<Self> {
        let roles: Vec<&str> = profile.role_names().map(Word::as_str).collect();
        let past = roles.len();
        let mut all = vec![
            Self::outsider(Standing::System, "System"),
            Self::outsider(Standing::Anonymous, "Anonymous"),
            Self::person(Standing::Unknown, "forgotten", false),
            Self::person(Standing::Member(past), "forgotten", false),
            Self::person(Standing::Agent(past), "forgotten", true),
        ];
        for (place, role) in roles.into_iter().enumerate() {
            all.push(Self::person(Standing::Member(place), role, false));
            all.push(Self::person(Standing::Agent(place), role, true));
        }
        all
    }

    fn is_permitted(&self, policies: &PolicySet, action: Action, own: Option<bool>) -> bool {
        let resource = match own {
            None => uid("Organization", "home"),
            Some(true) => uid("Row", "own"),
            Some(false) => uid("Row", "foreign"),
        };
        let action = uid("Action", action.name());
        let request = Request::new(self.principal.clone(), action, resource, Context::empty(), None).unwrap();
        let response = Authorizer::new().is_authorized(&request, policies, &self.entities);
        // Cedar leaves out a policy that fails: an answer that came about so would prove nothing.
        assert_eq!(response.diagnostics().errors().count(), 0, "{:?}", response.diagnostics());
        response.decision() == Decision::Allow
    }
}

fn within<const N: usize>(uid: &EntityUid, parents: [EntityUid; N]) -> Entity {
    Entity::new_no_attrs(uid.clone(), HashSet::from(parents))
}

fn entities(me: &EntityUid, other: &EntityUid, mut around: Vec<Entity>) -> Entities {
    for (row, owner) in [("own", me), ("foreign", other)] {
        let owner = RestrictedExpression::new_entity_uid(owner.clone());
        let attributes = HashMap::from([("owner".to_owned(), owner)]);
        around.push(Entity::new(uid("Row", row), attributes, HashSet::new()).unwrap());
    }
    around.push(within(&uid("Organization", "home"), []));
    Entities::from_entities(around, None).unwrap()
}

/// Asks both about every cell. Returns how many there are, and a line for each in which they differ.
fn compare(profile: &Profile, policies: &PolicySet) -> (usize, Vec<String>) {
    let (mut cells, mut differences) = (0, Vec::new());
    for caller in Caller::all(profile) {
        for action in Action::ALL {
            for own in [None, Some(true), Some(false)] {
                let ours = decide(profile, caller.standing, *action, own);
                let theirs = caller.is_permitted(policies, *action, own);
                cells += 1;
                if ours != theirs {
                    let name = &profile.spec().name;
                    let (standing, principal) = (caller.standing, &caller.principal);
                    differences.push(format!(
                        "{name}: {standing:?} ({principal}) {action} own={own:?}: decide says {ours}, Cedar {theirs}"
                    ));
                }
            }
        }
    }
    (cells, differences)
}

#[test]
fn every_cell_is_as_the_policies_in_cedar_say() {
    let (mut cells, mut differences) = (0, Vec::new());
    for preset in PRESETS {
        let (more, found) = compare(&Profile::preset(preset).unwrap(), &policies(preset));
        cells += more;
        differences.extend(found);
    }
    println!("cedar: {cells} cells compared, {} differences", differences.len());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// The comparison can fail, and no rule is idle: without any one of them it finds a difference.
#[test]
fn a_policy_without_one_of_its_rules_is_noticed() {
    let mut without = 0;
    for preset in PRESETS {
        let profile = Profile::preset(preset).unwrap();
        let whole = policies(preset);
        for rule in whole.policies() {
            let rest = whole.policies().filter(|other| other.id() != rule.id()).cloned();
            let rest = PolicySet::from_policies(rest).unwrap();
            let (_, differences) = compare(&profile, &rest);
            assert!(!differences.is_empty(), "{preset}: nothing notices the loss of {}", name(rule));
            without += 1;
        }
    }
    println!("cedar: {without} rules left out one by one, each noticed");
}

/// One cell that is permitted too much is a difference, and it is named.
#[test]
fn a_policy_that_permits_one_cell_more_is_noticed() {
    let profile = Profile::preset("general").unwrap();
    let mut wider = policies("general");
    let rule = r#"permit (principal is Anonymous, action == Action::"deal.read", resource == Row::"own");"#;
    wider.add(Policy::parse(None, rule).unwrap().new_id("wider".parse().unwrap())).unwrap();
    let (_, differences) = compare(&profile, &wider);
    let expected =
        "general: Anonymous (Anonymous::\"me\") deal.read own=Some(true): decide says false, Cedar true";
    assert_eq!(differences, [expected]);
}

fn name(rule: &Policy) -> String {
    rule.annotation("id").map_or_else(|| rule.to_string(), str::to_owned)
}

//! A decision about access, against two engines that people use for it: Cedar and Casbin.
//!
//! All three get the preset `general` and the same requests: every standing, action and row. Whatever can be prepared is
//! prepared before: Cedar has its requests and entities, Casbin its compiled matcher and its links between roles.
//!
//! Invariant: nothing is measured before all three have answered every request alike.

#![expect(clippy::unwrap_used, reason = "a measurement ends where its set-up fails")]

use std::collections::{HashMap, HashSet};
use std::hint::black_box;

use casbin::{CoreApi, DefaultModel, Enforcer, StringAdapter};
use cedar_policy::{
    Authorizer, Context, Entities, Entity, EntityId, EntityUid, PolicySet, Request, RestrictedExpression,
};
use crm_benches::{Contender, Table, alternate};
use crm_core::Profile;
use crm_core::access::{Action, Standing, decide};

/// Both of the others take at least so many times as long.
const FLOOR: f64 = 50.0;
const ROUNDS: usize = 31;
/// How often a turn goes through all requests, so that it takes long enough to be measured.
const PASSES: [u32; 3] = [400, 4, 1];

/// The policy that the tests compare with `decide` in every cell.
const CEDAR: &str = include_str!("tests/cedar/general.cedar");

/// The first line that matches decides, so what agents may not comes first and the search ends at the first grant.
const CASBIN_MODEL: &str = r#"
[request_definition]
r = who, owner, act

[policy_definition]
p = role, act, rows, eft

[role_definition]
g = _, _

[policy_effect]
e = priority(p.eft) || deny

[matchers]
m = keyMatch(r.act, p.act) && g(r.who, p.role) && (p.rows == "all" || g(r.who, r.owner))
"#;

const CASBIN_POLICY: &str = "
p, agent, organization.update, all, deny
p, agent, organization.delete, all, deny
p, agent, member.add, all, deny
p, agent, member.change, all, deny
p, agent, member.remove, all, deny
p, agent, member.leave, all, deny
p, agent, import.run, all, deny
p, admin, organization.delete, all, deny
p, system, *, all, allow
p, owner, *, all, allow
p, admin, *, all, allow
p, manager, organization.read, all, allow
p, manager, member.read, all, allow
p, manager, member.leave, all, allow
p, manager, pipeline.*, all, allow
p, manager, contact.*, all, allow
p, manager, deal.*, all, allow
p, manager, task.*, all, allow
p, manager, activity.*, all, allow
p, manager, filter.by_owner, all, allow
p, manager, history.read, all, allow
p, manager, report.read, all, allow
p, member, organization.read, all, allow
p, member, member.read, all, allow
p, member, member.leave, all, allow
p, member, pipeline.read, all, allow
p, member, contact.read, all, allow
p, member, contact.create, all, allow
p, member, contact.update, own, allow
p, member, contact.delete, own, allow
p, member, contact.restore, own, allow
p, member, deal.read, all, allow
p, member, deal.create, all, allow
p, member, deal.update, own, allow
p, member, deal.delete, own, allow
p, member, deal.restore, own, allow
p, member, deal.transition, own, allow
p, member, deal.move, own, allow
p, member, deal.move_back, own, allow
p, member, task.read, all, allow
p, member, task.create, all, allow
p, member, task.update, own, allow
p, member, task.delete, own, allow
p, member, task.restore, own, allow
p, member, task.reassign, own, allow
p, member, activity.*, all, allow
p, member, history.read, own, allow
p, member, report.read, all, allow
p, viewer, organization.read, all, allow
p, viewer, member.read, all, allow
p, viewer, member.leave, all, allow
p, viewer, pipeline.read, all, allow
p, viewer, contact.read, all, allow
p, viewer, deal.read, all, allow
p, viewer, task.read, all, allow
p, viewer, activity.read, all, allow
p, viewer, report.read, all, allow
";

/// One who asks: how they stand, the person whose rows are their own, and the name of the one who acts.
struct Caller {
    standing: Standing,
    person: String,
    who: String,
    kind: &'static str,
    role: Option<String>,
}

fn callers(profile: &Profile) -> Vec<Caller> {
    let alone = |standing, name: &str, kind, role: Option<&str>| Caller {
        standing,
        person: name.to_owned(),
        who: name.to_owned(),
        kind,
        role: role.map(str::to_owned),
    };
    let mut all = vec![
        alone(Standing::System, "host", "System", None),
        alone(Standing::Anonymous, "nobody", "Anonymous", None),
        alone(Standing::Unknown, "former", "Person", Some("forgotten")),
    ];
    for (place, role) in profile.role_names().enumerate() {
        let person = format!("person_{role}");
        all.push(alone(Standing::Member(place), &person, "Person", Some(role.as_str())));
        let who = format!("agent_{role}");
        all.push(Caller { standing: Standing::Agent(place), person, who, kind: "Agent", role: None });
    }
    all
}

/// A request, in the words of each of the three.
struct Case {
    ours: (Standing, Action, Option<bool>),
    cedar: Request,
    casbin: [String; 3],
}

fn cases(callers: &[Caller]) -> Vec<Case> {
    let mut all = Vec::new();
    for caller in callers {
        for action in Action::ALL {
            for own in [None, Some(true), Some(false)] {
                let (resource, owner) = match own {
                    None => (uid("Organization", "home"), ""),
                    Some(true) => (uid("Row", &caller.person), caller.person.as_str()),
                    Some(false) => (uid("Row", "foreign"), "somebody"),
                };
                let (principal, act) = (uid(caller.kind, &caller.who), uid("Action", action.name()));
                let cedar = Request::new(principal, act, resource, Context::empty(), None).unwrap();
                let casbin = [caller.who.clone(), owner.to_owned(), action.name().to_owned()];
                all.push(Case { ours: (caller.standing, *action, own), cedar, casbin });
            }
        }
    }
    all
}

fn uid(kind: &str, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.parse().unwrap(), EntityId::new(id))
}

/// A person is in a role, an agent in its person; everybody has one row.
fn entities(callers: &[Caller]) -> Entities {
    let mut all = vec![row("foreign", uid("Person", "somebody"))];
    all.push(Entity::new_no_attrs(uid("Organization", "home"), HashSet::new()));
    for caller in callers {
        let role = caller.role.as_ref().map(|role| uid("Role", role));
        let parent = if caller.kind == "Agent" { Some(uid("Person", &caller.person)) } else { role };
        let me = uid(caller.kind, &caller.who);
        if caller.kind != "Agent" {
            all.push(row(&caller.person, me.clone()));
        }
        all.push(Entity::new_no_attrs(me, parent.into_iter().collect()));
    }
    Entities::from_entities(all, None).unwrap()
}

fn row(name: &str, owner: EntityUid) -> Entity {
    let owner = ("owner".to_owned(), RestrictedExpression::new_entity_uid(owner));
    Entity::new(uid("Row", name), HashMap::from([owner]), HashSet::new()).unwrap()
}

fn enforcer(callers: &[Caller]) -> Enforcer {
    let mut policy = CASBIN_POLICY.to_owned();
    for Caller { person, who, kind, role, .. } in callers {
        match (*kind, role) {
            ("Agent", _) => policy.push_str(&format!("g, {who}, {person}\ng, {who}, agent\n")),
            ("System", _) => policy.push_str(&format!("g, {who}, system\n")),
            (_, Some(role)) => policy.push_str(&format!("g, {who}, {role}\n")),
            _ => {}
        }
    }
    pollster::block_on(async {
        let model = DefaultModel::from_str(CASBIN_MODEL).await.unwrap();
        Enforcer::new(model, StringAdapter::new(&policy)).await.unwrap()
    })
}

fn main() {
    let profile = Profile::preset("general").unwrap();
    let callers = callers(&profile);
    let cases = cases(&callers);

    let (authorizer, entities) = (Authorizer::new(), entities(&callers));
    let policies: PolicySet = CEDAR.parse().unwrap();
    let enforcer = enforcer(&callers);

    let ours = |case: &Case| {
        let (standing, action, own) = case.ours;
        decide(&profile, standing, action, own)
    };
    let cedar = |case: &Case| {
        authorizer.is_authorized(&case.cedar, &policies, &entities).decision()
            == cedar_policy::Decision::Allow
    };
    let casbin = |case: &Case| {
        let [who, owner, act] = &case.casbin;
        enforcer.enforce((who, owner, act)).unwrap()
    };

    for case in &cases {
        let answers = (ours(case), cedar(case), casbin(case));
        let alike = answers.0 == answers.1 && answers.1 == answers.2;
        assert!(alike, "decide, Cedar and Casbin say {answers:?} to {:?} {:?}", case.ours, case.casbin);
    }
    let allowed = cases.iter().filter(|case| ours(case)).count();
    println!("{} requests, {allowed} of them allowed, each answered alike by all three", cases.len());

    let number = u32::try_from(cases.len()).unwrap();
    let [many, few, once] = PASSES;
    let figures = alternate(
        ROUNDS,
        &mut [
            Contender::new("decide", number * many, || ask(many, &cases, ours)),
            Contender::new("cedar-policy", number * few, || ask(few, &cases, cedar)),
            Contender::new("casbin", number * once, || ask(once, &cases, casbin)),
        ],
    );
    println!("\n{}", Table(&figures));
    for slow in figures.iter().skip(1) {
        assert!(slow.ratio >= FLOOR, "only {:.1} times as fast as {}", slow.ratio, slow.name);
    }
}

fn ask(passes: u32, cases: &[Case], answer: impl Fn(&Case) -> bool) {
    for _ in 0..passes {
        for case in cases {
            black_box(answer(black_box(case)));
        }
    }
}

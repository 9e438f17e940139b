//! Every answer of the engine, held against the auditor's.
//!
//! `CRM_CASES` multiplies the number of sequences. A failure tells the shortest story that was found, one line for each
//! step with its answer, then what was foretold and what was answered.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test panics where it fails")]

use std::sync::{Arc, Mutex};

use crm_core::Profile;
use crm_core::access::Scope;
use crm_core::clock::Clock;
use crm_core::profile::{Coupling, Presence, ProfileSpec, Requirement, Same, Trigger};
use crm_core::store::Store;
use crm_store_memory::MemoryStore;
use crm_testkit::auditor::{Auditor, Tally, rows_of};
use crm_testkit::cases::config;
use crm_testkit::sequence::{How, Step, World, run, steps};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{TestCaseError, TestError, TestRunner};

/// Most single commands and stories of a sequence.
const LENGTH: usize = 25;

/// Runs a sequence under one profile, and judges it by another; the story of the first answer that nobody foretold.
fn audit(profile: &Profile, judged_by: &ProfileSpec, steps: &[Step]) -> Result<Tally, String> {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let world = World::under(&store, profile, true, &[0xA]);
    let mut auditor = Auditor::new(judged_by.clone(), world.home, rows_of(&*store, world.home));
    let mut story = String::new();
    for step in steps {
        world.clock.advance_hours(1);
        let at = world.clock.now();
        let prediction = auditor.predict(step, at);
        let answer = run(&world.crm.act(world.home, step.who.actor()), step, How::Apply);
        let told = match &answer {
            Ok(_) => "applied".to_owned(),
            Err((code, details)) => format!("{code} {details}"),
        };
        story.push_str(&format!("\n  {step:?}: {told}"));
        let held = auditor.hold(step, &prediction, &answer, at, rows_of(&*store, world.home));
        held.map_err(|why| format!("{story}\n  foretold: {prediction}\n  answered: {why}"))?;
    }
    Ok(auditor.tally())
}

/// Runs sequences under a profile; all answers must be foretold.
fn foretold(what: &str, profile: &Profile, cases: u32) -> Tally {
    let total = Mutex::new(Tally::default());
    let mut runner = TestRunner::new(config(cases));
    let outcome = runner.run(&steps(profile.spec(), LENGTH), |steps| {
        let tally = audit(profile, profile.spec(), &steps).map_err(TestCaseError::fail)?;
        total.lock().unwrap().add(&tally);
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, _)) => panic!("{what}: {why}"),
        Err(other) => panic!("{what}: {other}"),
    }
    *total.lock().unwrap()
}

fn sequences(preset: &str) {
    let tally = foretold(preset, &Profile::preset(preset).unwrap(), 200);
    let Tally { predictions, exact, refused, coded, few, single } = tally;
    println!(
        "{preset}: {predictions} answers foretold, {exact} with one verdict; {refused} refused; \
         of {coded} predictions with codes {single} had one, {few} at most three"
    );
    assert!(exact * 100 >= predictions * 80, "most predictions must be one verdict");
    assert!(few * 100 >= coded * 80, "most predictions must name few codes");
    assert!(refused * 100 <= predictions * 45, "a sequence of refusals proves little");
}

#[test]
fn general() {
    sequences("general");
}

#[test]
fn mini_crm_assignment() {
    sequences("mini_crm_assignment");
}

#[test]
fn mini_crm_as_built() {
    sequences("mini_crm_as_built");
}

#[test]
fn crm_api() {
    sequences("crm_api");
}

/// A preset, one thing that is different, and the change that makes it so.
type Forgery = (&'static str, &'static str, fn(&mut ProfileSpec));

fn grant(spec: &mut ProfileSpec, role: &str, action: &str, scope: Scope) {
    let role = spec.roles.iter_mut().find(|known| known.name == role).unwrap();
    role.grants.insert(action.to_owned(), scope);
}

const FORGERIES: &[Forgery] = &[
    ("general", "members change the deals of others", |spec| {
        grant(spec, "member", "deal.update", Scope::All);
    }),
    ("general", "viewers create contacts", |spec| grant(spec, "viewer", "contact.create", Scope::All)),
    ("general", "managers see to no tasks", |spec| grant(spec, "manager", "task.*", Scope::None)),
    ("general", "programs import", |spec| {
        spec.actors.agent.insert("import.run".to_owned(), Scope::All);
    }),
    ("general", "an admin adds no managers", |spec| {
        let admin = spec.roles.iter_mut().find(|role| role.name == "admin").unwrap();
        admin.adds.retain(|role| *role != "manager");
    }),
    ("general", "a task is its assignee's alone", |spec| {
        spec.ownership.insert(crm_core::describe::Kind::Task, vec!["assignee".to_owned()]);
    }),
    ("general", "an open deal can be archived", |spec| {
        let open = spec.deals.status.states.iter_mut().find(|state| state.name == "open").unwrap();
        open.to.push("archived".parse().unwrap());
    }),
    ("mini_crm_assignment", "a new deal cannot be won", |spec| {
        let new = spec.deals.status.states.iter_mut().find(|state| state.name == "new").unwrap();
        new.to.retain(|to| *to != "won");
    }),
    ("general", "a cancelled task can be done", |spec| {
        let state = spec.tasks.status.states.iter_mut().find(|state| state.name == "cancelled").unwrap();
        state.to.push("done".parse().unwrap());
    }),
    ("mini_crm_as_built", "a deal can be won for nothing", |spec| {
        let won = spec.deals.status.states.iter_mut().find(|state| state.name == "won").unwrap();
        won.requires.clear();
    }),
    ("general", "parking needs a day", |spec| {
        let parked = spec.deals.status.states.iter_mut().find(|state| state.name == "parked").unwrap();
        parked.requires.push(Requirement::Present("expected_close_date".to_owned()));
    }),
    ("crm_api", "a deal may be moved to where it is", |spec| spec.deals.status.same = Same::NoOp),
    ("general", "winning only closes the stage", |spec| {
        spec.deals.coupling = Coupling::OutcomeClosesStage;
    }),
    ("mini_crm_as_built", "winning leaves the stage", |spec| spec.deals.coupling = Coupling::Independent),
    ("mini_crm_as_built", "a new deal's stage is taken", |spec| spec.deals.stage_at_creation = true),
    ("mini_crm_as_built", "an e-mail address is not needed", |spec| {
        spec.fields.get_mut("contact.email").unwrap().presence = Presence::Optional;
    }),
    ("crm_api", "a deal needs no contact", |spec| {
        spec.fields.get_mut("deal.contact").unwrap().presence = Presence::Optional;
    }),
    ("mini_crm_as_built", "two contacts share an address", |spec| spec.unique.clear()),
    ("crm_api", "amounts are shorter", |spec| spec.money.integer_digits = 9),
    ("mini_crm_assignment", "amounts are rounded", |spec| {
        spec.money.excess = crm_core::profile::Excess::Round;
    }),
    ("general", "a command writes three rows at the most", |spec| spec.limits.rows_per_command = 3),
    ("general", "another currency", |spec| spec.currency = "EUR".parse().unwrap()),
    ("general", "a new deal leaves no word", |spec| {
        spec.activities.triggers.remove(&Trigger::DealCreated);
    }),
];

/// Profiles beside the presets: what these have nowhere, or not together.
const VARIANTS: &[Forgery] = &[
    ("general", "members see only what is theirs", |spec| {
        for action in ["contact.read", "deal.read", "task.read", "activity.read"] {
            grant(spec, "member", action, Scope::Own);
            grant(spec, "manager", action, Scope::Own);
        }
    }),
    ("general", "managers see no contacts and bring deals back", |spec| {
        grant(spec, "manager", "contact.*", Scope::None);
    }),
    ("mini_crm_assignment", "everybody goes anywhere", |spec| {
        (spec.deals.status.free, spec.tasks.status.free) = (true, true);
        spec.tasks.status.same = Same::Refuse;
    }),
    ("general", "strangers read and write", |spec| {
        spec.actors.anonymous.insert("*".to_owned(), Scope::All);
    }),
    ("general", "the host sees no deals", |spec| {
        spec.actors.system.insert("deal.read".to_owned(), Scope::None);
    }),
    ("general", "names and numbers are unique", |spec| {
        let fields = ["contact.phone", "contact.email", "pipeline.name"].map(str::to_owned);
        spec.unique.extend(fields);
    }),
    ("general", "losing needs a reason from the list", |spec| {
        spec.deals.lost_reasons = vec!["roof".parse().unwrap(), "иван".parse().unwrap()];
        let lost = spec.deals.status.states.iter_mut().find(|state| state.name == "lost").unwrap();
        lost.requires.push(Requirement::Present("lost_reason".to_owned()));
    }),
    ("general", "a deal that is worked on has an amount", |spec| {
        spec.deals.coupling = Coupling::OutcomeClosesStage;
        for state in &mut spec.deals.status.states {
            state.requires.push(Requirement::Positive("amount".to_owned()));
        }
        spec.deals.amount = Some("5".parse().unwrap());
    }),
    ("general", "texts are short", |spec| {
        for (field, max) in [("contact.name", 11), ("deal.title", 6), ("task.title", 4)] {
            spec.fields.entry(field.to_owned()).or_default().max = Some(max);
        }
    }),
    ("crm_api", "deals belong to their contact's owner", |spec| {
        spec.fields.remove("contact.owner");
        spec.ownership.insert(crm_core::describe::Kind::Deal, vec!["contact.owner".to_owned()]);
        spec.ownership.insert(crm_core::describe::Kind::Contact, vec!["owner".to_owned()]);
        grant(spec, "sales", "deal.*", Scope::Own);
        grant(spec, "sales", "contact.*", Scope::Own);
    }),
];

/// Both read the same profile, whatever it says.
#[test]
fn other_profiles_are_foretold_too() {
    for (preset, what, change) in FORGERIES.iter().chain(VARIANTS) {
        let mut spec = Profile::preset(preset).unwrap().spec().clone();
        change(&mut spec);
        let profile = Profile::new(spec).unwrap_or_else(|faults| panic!("{what}: {faults}"));
        let cases = if VARIANTS.iter().any(|(_, variant, _)| variant == what) { 60 } else { 12 };
        let tally = foretold(&format!("{preset}: {what}"), &profile, cases);
        println!("{preset}: {what}: {} answers foretold", tally.predictions);
    }
}

/// The auditor reads the preset, the engine runs under something else: the sequences must notice.
#[test]
fn a_forged_profile_is_noticed() {
    for (preset, what, forge) in FORGERIES {
        let spec = Profile::preset(preset).unwrap().spec().clone();
        let mut forged = spec.clone();
        forge(&mut forged);
        let forged = Profile::new(forged).unwrap_or_else(|faults| panic!("{what}: {faults}"));
        let (mut runner, steps) = (TestRunner::deterministic(), steps(&spec, LENGTH));
        let noticed = (1..=1000).find_map(|number| {
            let steps = steps.new_tree(&mut runner).unwrap().current();
            audit(&forged, &spec, &steps).err().map(|story| (number, story))
        });
        let (number, story) = noticed.unwrap_or_else(|| panic!("{preset}: nobody noticed: {what}"));
        let last = story.lines().rev().take(3).collect::<Vec<_>>();
        println!("{preset}: {what}: noticed in sequence {number}: {}", last.join(" <-"));
    }
}

//! Every command and every query of the public API, with ids that another organisation has: it answers as for ids that
//! nobody has, changes nothing there, and leaves here what it would leave alone.
//!
//! Which commands there are is held against the code, so one that is new is missed here.
//!
//! `CRM_CASES` multiplies how often each command is tried.
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crm_core::store::Store;
use crm_core::value::{OrganizationId, Uuid};
use crm_store_memory::MemoryStore;
use crm_testkit::auditor::rows_of;
use crm_testkit::cases;
use crm_testkit::sequence::{
    Build, COMMANDS, EVERYTHING, How, TWIN, TYPES, World, each_command, of_modules, profile, queries,
    reports_of_modules, run,
};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

/// Commands that are in the code and not in the registry, and why.
const ELSEWHERE: &[(&str, &str)] =
    &[("MergePriceGrid", "of the feature `real-estate`: it is `MergePrices` of another shape of file")];

fn strangers(preset: &'static str) {
    let cases = cases::config(3).cases;
    let (mut runner, mut tried, mut applied) = (TestRunner::deterministic(), 0, 0);
    for (name, steps) in each_command(profile(preset).spec()) {
        let stores: [Arc<MemoryStore>; 2] = Default::default();
        let shared = stores.clone().map(|store| -> Arc<dyn Store> { store });
        let build = Build { preset, hints: true };
        let (alone, beside) = (World::bare(&shared[0], build, false), World::bare(&shared[1], build, true));
        let twin = OrganizationId::from_uuid(Uuid::from_u128(TWIN));
        let before = rows_of(&*shared[1], twin);
        for _ in 0..cases {
            let step = steps.new_tree(&mut runner).unwrap().current();
            let sessions = [&alone, &beside].map(|world| world.crm.act(world.home, step.who.actor()));
            for how in [How::Plan, How::Apply] {
                let [wanted, found] = sessions.each_ref().map(|session| run(session, &step, how));
                assert_eq!(found, wanted, "{preset}: beside another organisation: {step:?}");
                applied += usize::from(found.is_ok());
            }
            let asked = sessions.each_ref().map(|session| {
                let reports = reports_of_modules(session).into_iter().map(|(_, figures)| figures).collect();
                [queries(session), of_modules(session), reports].concat()
            });
            assert_eq!(asked[1], asked[0], "{preset}: asked beside another organisation after {step:?}");
            tried += 1;
        }
        assert_eq!(
            rows_of(&*shared[1], twin),
            before,
            "{preset}: `{name}` reached into another organisation"
        );
        let [left, wanted] =
            [(&shared[1], &beside), (&shared[0], &alone)].map(|(store, world)| rows_of(&**store, world.home));
        assert_eq!(left, wanted, "{preset}: `{name}` left something else");
    }
    println!(
        "{preset}: {} commands, tried {tried} times, {applied} answers were no refusals",
        COMMANDS.len()
    );
    assert!(applied > 20, "where everything is refused nothing is proved");
}

#[test]
fn strangers_under_the_general_preset() {
    strangers("general");
}

#[test]
fn strangers_with_every_module() {
    strangers(EVERYTHING);
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The commands that the code has: those that are written out, the names that records give the common ones, and those that
/// the Python package offers.
fn commands_in_the_code() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut sources = Vec::new();
    files(&root.join("crm-core/src"), &mut sources);
    let mut names = BTreeSet::new();
    let word = |text: &str| text.chars().take_while(|letter| letter.is_alphanumeric()).collect::<String>();
    for source in sources {
        let text = std::fs::read_to_string(source).unwrap();
        let written = text.split("\nimpl Command for ").skip(1).map(word).filter(|name| !name.is_empty());
        names.extend(written);
    }
    let library = std::fs::read_to_string(root.join("crm-core/src/lib.rs")).unwrap();
    let aliases = library.split_once("common_commands! {").unwrap().1;
    names.extend(
        aliases.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name.trim().to_owned()),
    );
    let python = std::fs::read_to_string(root.join("crm-py/src/commands.rs")).unwrap();
    let offered = python.split_once("\ncommands! {").unwrap().1.split_once('}').unwrap().0;
    names.extend(offered.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()));
    names
}

#[test]
fn no_command_is_missing() {
    let known: BTreeSet<_> = TYPES.iter().copied().collect();
    let elsewhere = |name: &str| ELSEWHERE.iter().any(|(other, _)| *other == name);
    let code = commands_in_the_code();
    let missing: Vec<_> =
        code.iter().filter(|name| !known.contains(name.as_str()) && !elsewhere(name)).collect();
    println!("{} commands in the code, {} in the registry", code.len(), known.len());
    assert!(missing.is_empty(), "the registry of sequences has no {missing:?}");
    assert!(code.len() > 100, "the code was not read");
}

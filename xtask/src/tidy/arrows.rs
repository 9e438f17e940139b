//! Which crate may depend on which, and under which lints.
//!
//! The core stays embeddable anywhere because nothing below it starts a runtime or opens a socket.
//! Invariant: what a manifest says and what cargo resolves are both looked at.

use crate::failure::Failure;
use crate::manifest;
use crate::steps;
use crate::tidy::Violation;
use crate::tree::Tree;

/// Each library crate and the workspace crates it may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("crm-core", &[]),
    ("crm-accounts", &["crm-core"]),
    ("crm-sheets", &["crm-core"]),
    ("crm-store-memory", &["crm-core"]),
    ("crm-store-sqlx", &["crm-accounts", "crm-core"]),
    ("crm-testkit", &["crm-core", "crm-store-memory"]),
    ("crm-py", &["crm-accounts", "crm-core", "crm-sheets", "crm-store-memory", "crm-store-sqlx"]),
    ("crm-examples", &["crm-accounts", "crm-core", "crm-store-memory", "crm-store-sqlx", "crm-testkit"]),
    ("crm-benches", &["crm-core", "crm-store-memory", "crm-store-sqlx", "crm-testkit"]),
];

/// Packages that crm-core never reaches; a star stands for any ending.
const FOREIGN: &[&str] = &[
    "async-std",
    "futures-executor",
    "hyper",
    "mio",
    "postgres",
    "pyo3",
    "reqwest",
    "rusqlite",
    "smol",
    "socket2",
    "sqlx*",
    "tokio",
    "tokio-postgres",
];

/// Asks cargo for everything crm-core is built with, with all of its features.
pub(super) fn core_tree_is_pure(tree: &Tree) -> Result<Vec<Violation>, Failure> {
    let arguments = [
        "tree",
        "--package",
        "crm-core",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--all-features",
        "--locked",
    ];
    let mut cargo = steps::cargo(tree.root());
    let output = cargo.args(arguments).output().map_err(Failure::while_trying("starting cargo"))?;
    if !output.status.success() {
        return Err(Failure(format!(
            "`cargo tree` failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )));
    }
    let reached = String::from_utf8_lossy(&output.stdout);
    Ok(foreign_in(&reached).into_iter().map(reached_by_core).collect())
}

fn reached_by_core(name: &str) -> Violation {
    let text =
        format!("reaches `{name}`; see `cargo tree --package crm-core --edges normal --invert {name}`");
    Violation::new("crm-core/Cargo.toml", 1, text)
}

/// The foreign packages among the first words of a listing's lines.
fn foreign_in(listing: &str) -> Vec<&str> {
    let is_foreign = |name: &&str| {
        FOREIGN.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == pattern,
        })
    };
    let names = listing.lines().filter_map(|line| line.split_whitespace().next());
    let mut found: Vec<&str> = names.filter(is_foreign).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Compares the dependencies in each library's manifest with its arrows.
pub(super) fn crate_arrows(tree: &Tree) -> Result<Vec<Violation>, Failure> {
    let members = manifest::members(tree)?;
    let mut violations = Vec::new();
    for member in members.iter().filter(|member| member.name.starts_with("crm-")) {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == member.name) else {
            let text =
                format!("`{}` has no arrows yet; give it a row in xtask/src/tidy/arrows.rs", member.name);
            violations.push(Violation::new(&member.manifest(), 1, text));
            continue;
        };
        for (dependency, line) in member.dependencies() {
            let ours = members.iter().any(|other| other.name == dependency);
            if ours && !allowed.contains(&dependency.as_str()) {
                let text = format!("`{}` must not depend on `{dependency}`", member.name);
                violations.push(Violation::new(&member.manifest(), line, text));
            }
        }
    }
    Ok(violations)
}

/// Looks for `workspace = true` under `[lints]`.
pub(super) fn workspace_lints(tree: &Tree) -> Result<Vec<Violation>, Failure> {
    let obeys = |entry: &manifest::Entry| {
        (entry.table == "lints" && entry.key == "workspace" || entry.key == "lints.workspace")
            && entry.value == "true"
    };
    let members = manifest::members(tree)?;
    let without = members.iter().filter(|member| !member.entries.iter().any(obeys));
    let text = "lacks `[lints]` with `workspace = true`";
    Ok(without.map(|member| Violation::new(&member.manifest(), 1, text)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    const ROOT: &str =
        "[workspace]\nresolver = \"3\"\nmembers = [\"crm-core\", \"crm-store-memory\", \"tokio\"]\n";

    fn package(name: &str, rest: &str) -> String {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}")
    }

    fn workspace(core: &str, store: &str) -> Fixture {
        Fixture::new(&[
            ("Cargo.toml", ROOT),
            ("crm-core/Cargo.toml", &package("crm-core", core)),
            ("crm-core/src/lib.rs", ""),
            ("crm-store-memory/Cargo.toml", &package("crm-store-memory", store)),
            ("crm-store-memory/src/lib.rs", ""),
            ("tokio/Cargo.toml", &package("tokio", "")),
            ("tokio/src/lib.rs", ""),
        ])
    }

    fn locked(fixture: Fixture) -> Fixture {
        let made = steps::cargo(fixture.root()).args(["generate-lockfile", "--offline"]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        fixture
    }

    #[test]
    fn a_core_that_reaches_a_runtime_is_caught() {
        let bad = locked(workspace("[dependencies]\ntokio = { path = \"../tokio\" }\n", ""));
        let violations = core_tree_is_pure(&bad.tree()).unwrap();
        assert!(violations.first().unwrap().to_string().contains("reaches `tokio`"));
    }

    #[test]
    fn a_runtime_behind_a_feature_is_caught() {
        let optional = "[dependencies]\ntokio = { path = \"../tokio\", optional = true }\n";
        assert_eq!(core_tree_is_pure(&locked(workspace(optional, "")).tree()).unwrap().len(), 1);
    }

    #[test]
    fn a_runtime_that_only_tests_use_is_no_violation() {
        let good = locked(workspace("[dev-dependencies]\ntokio = { path = \"../tokio\" }\n", ""));
        assert_eq!(core_tree_is_pure(&good.tree()), Ok(Vec::new()));
    }

    #[test]
    fn stars_match_endings_and_plain_names_match_whole() {
        let listing = "crm-core v0.1.0\nsqlx-core v0.9.0 (*)\nsqlx v0.9.0\ntokio-util v0.7.0\nmio v1.0.0\n";
        assert_eq!(foreign_in(listing), ["mio", "sqlx", "sqlx-core"]);
    }

    #[test]
    fn an_arrow_against_the_architecture_is_caught() {
        let bad = workspace("[dependencies]\ncrm-store-memory = { path = \"../crm-store-memory\" }\n", "");
        let violations = crate_arrows(&bad.tree()).unwrap();
        let expected = "crm-core/Cargo.toml:6: `crm-core` must not depend on `crm-store-memory`";
        assert_eq!(violations.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
    }

    #[test]
    fn arrows_of_the_architecture_and_of_tests_are_fine() {
        let development = "[dev-dependencies]\ncrm-store-memory = { path = \"../crm-store-memory\" }\n";
        let good = workspace(development, "[dependencies]\ncrm-core = { path = \"../crm-core\" }\n");
        assert_eq!(crate_arrows(&good.tree()), Ok(Vec::new()));
    }

    #[test]
    fn a_new_library_needs_arrows() {
        let bad = Fixture::new(&[
            ("Cargo.toml", "[workspace]\nmembers = [\"crm-new\"]\n"),
            ("crm-new/Cargo.toml", &package("crm-new", "")),
        ]);
        assert_eq!(crate_arrows(&bad.tree()).unwrap().len(), 1);
    }

    #[test]
    fn a_crate_without_the_workspace_lints_is_caught() {
        let fixture = Fixture::new(&[
            ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\", \"c\"]\n"),
            ("a/Cargo.toml", &package("a", "[lints]\nworkspace = true\n")),
            ("b/Cargo.toml", &package("b", "[lints.rust]\nunsafe_code = \"forbid\"\n")),
            ("c/Cargo.toml", &package("c", "lints.workspace = true\n")),
        ]);
        let violations = workspace_lints(&fixture.tree()).unwrap();
        assert_eq!(violations.iter().map(|found| found.path.as_str()).collect::<Vec<_>>(), ["b/Cargo.toml"]);
    }
}

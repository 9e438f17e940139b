//! `cargo xtask lint`: everything that can be judged without running the engine.
//!
//! The workspace is linted as a whole, and then each library alone without features and with each feature
//! alone, because cargo unites features across a workspace and so hides a missing one.
//! Invariant: no step writes to the tree; `fix` does that.

use std::path::Path;

use crate::failure::Failure;
use crate::manifest::{self, Member};
use crate::steps::{self, Step};
use crate::tidy;
use crate::tree::Tree;

/// Runs the verb.
pub(crate) fn run(root: &Path) -> Result<(), Failure> {
    steps::run_all(root, "lint", &steps(&Tree::open(root)?)?)
}

fn steps(tree: &Tree) -> Result<Vec<Step>, Failure> {
    let mut steps = vec![
        Step::cargo("format", &["fmt", "--all", "--check"]),
        Step::task("architecture", "cargo xtask tidy", tidy::run_every_check),
        clippy("the workspace", &["--workspace", "--all-targets", "--all-features"]),
    ];
    let members = manifest::members(tree)?;
    for member in members.iter().filter(|member| is_library(tree, member)) {
        let name = member.name.as_str();
        steps
            .push(clippy(&format!("{name} without features"), &["--package", name, "--no-default-features"]));
        for feature in member.features() {
            let arguments = ["--package", name, "--no-default-features", "--features", feature];
            steps.push(clippy(&format!("{name} with `{feature}` alone"), &arguments));
        }
    }
    steps.push(
        Step::cargo("documentation", &["doc", "--workspace", "--all-features", "--no-deps", "--locked"])
            .with_variable("RUSTDOCFLAGS", "-D warnings"),
    );
    Ok(steps)
}

fn clippy(what: &str, arguments: &[&str]) -> Step {
    let arguments = [&["clippy", "--locked"], arguments, &["--", "-D", "warnings"]].concat();
    Step::cargo(format!("clippy for {what}"), &arguments)
}

fn is_library(tree: &Tree, member: &Member) -> bool {
    tree.holds(&format!("{}/src/lib.rs", member.directory))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn each_library_is_linted_alone_with_each_of_its_features() {
        let fixture = Fixture::new(&[
            ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n"),
            ("a/Cargo.toml", "[package]\nname = \"crm-a\"\n[features]\ndefault = [\"x\"]\nx = []\ny = []\n"),
            ("a/src/lib.rs", ""),
            ("b/Cargo.toml", "[package]\nname = \"b\"\n"),
            ("b/src/main.rs", ""),
        ]);
        let steps = steps(&fixture.tree()).unwrap();
        let alone: Vec<String> =
            steps.iter().map(Step::command).filter(|line| line.contains("--package")).collect();
        let line = |rest: &str| {
            format!("cargo clippy --locked --package crm-a --no-default-features{rest} -- -D warnings")
        };
        assert_eq!(alone, [line(""), line(" --features x"), line(" --features y")]);
    }
}

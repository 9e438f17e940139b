//! `cargo xtask lint`: everything that can be judged without running the engine.
//!
//! The workspace is linted as a whole, and then the libraries that are published without features, and each of them with
//! each of its features alone, because cargo unites features across a workspace and so hides a missing one.
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
    let libraries: Vec<&Member> = members.iter().filter(|member| member.is_published()).collect();
    let all: Vec<&str> = libraries.iter().flat_map(|member| ["--package", member.name.as_str()]).collect();
    steps.push(clippy("the libraries without features", &[&all[..], &["--no-default-features"]].concat()));
    for member in libraries {
        let name = member.name.as_str();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn each_library_is_linted_without_features_and_with_each_alone() {
        let fixture = Fixture::new(&[
            ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\", \"c\"]\n"),
            ("a/Cargo.toml", "[package]\nname = \"crm-a\"\n[features]\ndefault = [\"x\"]\nx = []\ny = []\n"),
            ("b/Cargo.toml", "[package]\nname = \"b\"\npublish.workspace = true\n"),
            ("c/Cargo.toml", "[package]\nname = \"c\"\npublish = false\n[features]\nz = []\n"),
        ]);
        let steps = steps(&fixture.tree()).unwrap();
        let alone: Vec<String> =
            steps.iter().map(Step::command).filter(|line| line.contains("--package")).collect();
        let line = |packages: &str, rest: &str| {
            format!("cargo clippy --locked {packages} --no-default-features{rest} -- -D warnings")
        };
        let a = "--package crm-a";
        let together = line("--package crm-a --package b", "");
        assert_eq!(alone, [together, line(a, " --features x"), line(a, " --features y")]);
    }
}

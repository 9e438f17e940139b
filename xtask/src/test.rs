//! `cargo xtask test`: the set-up a test needs, and then every test.
//!
//! One list, in the order of what fails fastest. A test that needs more than cargo (a database, another
//! language) gets a step that sets it up and a step that runs it, here and nowhere else.
//! Invariant: on a fresh checkout with a toolchain, this verb needs nothing done before it.

use std::path::Path;

use crate::failure::Failure;
use crate::postgres::{KILLED_A_FEW_TIMES, Servers};
use crate::steps::{self, Step};
use crate::tidy;

/// What a person types for servers.
const SERVERS: &str = "cargo xtask postgres";

/// Runs the verb; what follows `--` goes to `cargo test`.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), Failure> {
    let for_cargo = match arguments.split_first() {
        None => arguments,
        Some((first, rest)) if first == "--" => rest,
        Some((first, _)) => {
            return Err(Failure(format!("`test` takes arguments after `--` only, but got `{first}`")));
        }
    };
    steps::run_all(root, "test", &steps(for_cargo))
}

fn steps(for_cargo: &[String]) -> Vec<Step> {
    vec![
        Step::task("architecture", "cargo xtask tidy", tidy::run_every_check),
        Step::servers("database servers", SERVERS, Servers::start),
        Step::cargo(
            "unit, integration and doc tests",
            &["test", "--workspace", "--all-features", "--locked", "--no-fail-fast"],
        )
        .with_arguments(for_cargo)
        .beside_servers(SERVERS),
        Step::cargo(
            "tests inside examples",
            &["test", "--workspace", "--all-features", "--locked", "--examples"],
        )
        .beside_servers(SERVERS),
        Step::cargo("the Python package", &["xtask", "python"]).beside_servers(SERVERS),
        Step::servers("a server that is killed", KILLED_A_FEW_TIMES, Servers::start_killed),
        Step::cargo(
            "commits while the server is killed",
            &[
                "test",
                "--workspace",
                "--all-features",
                "--locked",
                "--test=killed",
                "servers_that_are_killed",
            ],
        )
        .beside_servers(KILLED_A_FEW_TIMES),
        Step::cargo("the example a reader runs first", &["run", "--locked", "--example", "quickstart"]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_after_the_dashes_reach_cargo_test() {
        let steps = steps(&["merge".to_owned(), "--".to_owned(), "--nocapture".to_owned()]);
        let commands: Vec<String> = steps.iter().map(Step::command).collect();
        assert!(
            commands.contains(
                &"cargo xtask postgres -- cargo test --workspace --all-features --locked --no-fail-fast merge -- --nocapture".to_owned()
            ),
            "{commands:?}"
        );
    }

    #[test]
    fn arguments_before_the_dashes_are_refused() {
        assert!(run(Path::new("."), &["merge".to_owned()]).is_err());
    }
}

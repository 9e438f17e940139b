//! The workspace's tasks: `cargo xtask help` lists the verbs.
//!
//! One door for everything a contributor or a continuous-integration run does, so that both do the same.
//! Standard library only, because whoever runs a task first compiles it.
//! Invariant: only `fix` writes to the tree; every other verb leaves it as it was.

mod failure;
mod fix;
mod fuzz;
mod lint;
mod loc;
mod manifest;
mod mutants;
mod others;
mod postgres;
mod python;
mod source;
mod steps;
mod test;
mod tidy;
mod tool;
mod tree;
mod wheels;

#[cfg(test)]
mod fixture;

use std::path::Path;
use std::process::ExitCode;

use crate::failure::Failure;

const HELP: &str = "\
cargo xtask <verb>

  test [-- <args>]        set up and pass every test; <args> are appended to
                          `cargo test --workspace --all-features --locked --no-fail-fast`
  lint                    format, clippy, documentation and tidy checks; never writes
  fix                     apply what clippy can repair, then format
  tidy [<check>...]       the architecture checks, all of them or those named
  tidy --list             the names of the checks, and what each one holds true
  postgres [--version <n>] [--killed <times>] [-- <command>]
                          a PostgreSQL server for as long as <command> runs, or until Enter; of major version <n>;
                          killed so many times meanwhile
  python [<args>]         builds the Python package and tests it as it is installed; <args> go to pytest
  wheels [<target>...]    the wheels of the Python package for every platform, and its source; those that fit this
                          machine are installed where nothing else is and tried
  loc                     lines of code for each crate: src, tests, other
  fuzz [<target>] [--seconds <n>]
                          random input for everything that parses, <n> seconds for each target or for the one named
  mutants [--quick] [--shard <k>/<n>] [<file>...]
                          changes the rules, or those in the files named, and sees whether a test notices
  others                  holds the roles against a second opinion, in Cedar; what `others/` measures against is
                          built for it, and takes a few minutes
  help                    this text";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a verb. Only that of a command, which a verb may run for somebody, is another status than success.
fn run(arguments: &[String]) -> Result<ExitCode, Failure> {
    let root = workspace_root()?;
    let (verb, rest) = match arguments.split_first() {
        Some((verb, rest)) => (verb.as_str(), rest),
        None => ("help", arguments),
    };
    let done = match verb {
        "postgres" => return postgres::run(root, rest),
        "python" => python::run(root, rest),
        "wheels" => wheels::run(root, rest),
        "test" => test::run(root, rest),
        "lint" => no_arguments(verb, rest).and_then(|()| lint::run(root)),
        "fix" => no_arguments(verb, rest).and_then(|()| fix::run(root)),
        "tidy" => tidy::run(root, rest),
        "fuzz" => fuzz::run(root, rest),
        "mutants" => mutants::run(root, rest),
        "others" => no_arguments(verb, rest).and_then(|()| others::run(root)),
        "loc" => no_arguments(verb, rest).and_then(|()| loc::run(root)),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        unknown => Err(Failure(format!("no verb `{unknown}`\n\n{HELP}"))),
    };
    done.map(|()| ExitCode::SUCCESS)
}

fn no_arguments(verb: &str, rest: &[String]) -> Result<(), Failure> {
    match rest.first() {
        None => Ok(()),
        Some(extra) => Err(Failure(format!("`{verb}` takes no arguments, but got `{extra}`"))),
    }
}

fn workspace_root() -> Result<&'static Path, Failure> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().ok_or_else(|| Failure::new("xtask has no directory above it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_unknown_verb_fails_and_lists_the_verbs() {
        let failure = run(&arguments(&["polish"])).unwrap_err();
        assert!(failure.0.contains("no verb `polish`") && failure.0.contains("cargo xtask <verb>"));
    }

    #[test]
    fn a_verb_without_arguments_refuses_them() {
        assert!(run(&arguments(&["lint", "--fast"])).is_err());
    }

    #[test]
    fn help_is_what_you_get_for_nothing() {
        assert_eq!(run(&[]), Ok(ExitCode::SUCCESS));
        assert_eq!(run(&arguments(&["help"])), Ok(ExitCode::SUCCESS));
    }
}

//! A verb is a list of steps; this file runs such a list and reports it.
//!
//! All steps run even after one has failed, so that one run tells everything there is to repair.
//! Invariant: a failed step is reported with the command that repeats it alone, from the root.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::failure::Failure;
use crate::postgres::Servers;

/// One thing a verb does.
#[derive(Debug)]
pub(crate) struct Step {
    name: String,
    action: Action,
}

#[derive(Debug)]
enum Action {
    /// Cargo with arguments, and variables set for it; perhaps beside the servers of an earlier step, and then with the
    /// command that starts those.
    Cargo {
        arguments: Vec<String>,
        variables: Vec<(&'static str, &'static str)>,
        beside_servers: Option<&'static str>,
    },
    /// Servers for the steps after it, which are gone when others are started or the last step has run.
    Servers { start: fn(&Path) -> Result<Servers, Failure>, command: &'static str },
    /// Part of this program, and the command a person types for it.
    Task { run: fn(&Path) -> Result<(), Failure>, command: &'static str },
}

impl Step {
    /// A step that runs cargo.
    pub(crate) fn cargo(name: impl Into<String>, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(ToString::to_string).collect();
        let action = Action::Cargo { arguments, variables: Vec::new(), beside_servers: None };
        Self { name: name.into(), action }
    }

    /// A step that runs part of this program; `command` repeats it alone.
    pub(crate) fn task(
        name: impl Into<String>,
        command: &'static str,
        run: fn(&Path) -> Result<(), Failure>,
    ) -> Self {
        Self { name: name.into(), action: Action::Task { run, command } }
    }

    /// A step that starts servers; `command` repeats it alone.
    pub(crate) fn servers(
        name: impl Into<String>,
        command: &'static str,
        start: fn(&Path) -> Result<Servers, Failure>,
    ) -> Self {
        Self { name: name.into(), action: Action::Servers { start, command } }
    }

    /// The same step, beside the servers that an earlier step started by this command.
    pub(crate) fn beside_servers(mut self, command: &'static str) -> Self {
        if let Action::Cargo { beside_servers, .. } = &mut self.action {
            *beside_servers = Some(command);
        }
        self
    }

    /// The same step with more arguments at its end.
    pub(crate) fn with_arguments(mut self, more: &[String]) -> Self {
        if let Action::Cargo { arguments, .. } = &mut self.action {
            arguments.extend_from_slice(more);
        }
        self
    }

    /// The same step with a variable set.
    pub(crate) fn with_variable(mut self, name: &'static str, value: &'static str) -> Self {
        if let Action::Cargo { variables, .. } = &mut self.action {
            variables.push((name, value));
        }
        self
    }

    /// What a person types to run this step alone.
    pub(crate) fn command(&self) -> String {
        match &self.action {
            Action::Task { command, .. } | Action::Servers { command, .. } => (*command).to_owned(),
            Action::Cargo { arguments, variables, beside_servers } => {
                let variables = variables.iter().map(|(name, value)| format!("{name}={}", in_shell(value)));
                let arguments = arguments.iter().map(|argument| in_shell(argument));
                let before = beside_servers.map(|command| format!("{command} --"));
                let words = variables.chain(before).chain(["cargo".to_owned()]).chain(arguments);
                words.collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// Runs the step; `servers` are those of an earlier one, if it could start them.
    fn run(&self, root: &Path, servers: &mut Option<Servers>) -> Result<(), Failure> {
        match &self.action {
            Action::Task { run, .. } => run(root),
            Action::Servers { start, .. } => {
                *servers = Some(start(root)?);
                Ok(())
            }
            Action::Cargo { arguments, variables, beside_servers } => {
                let mut command = cargo(root);
                command.args(arguments).envs(variables.iter().copied());
                if let Some(servers) = servers.as_ref().filter(|_| beside_servers.is_some()) {
                    command.envs(servers.variables().iter().map(|(name, value)| (name, value)));
                }
                let status = command.status().map_err(Failure::while_trying("starting cargo"))?;
                if status.success() { Ok(()) } else { Err(Failure(format!("cargo ended with {status}"))) }
            }
        }
    }
}

/// Runs every step, and fails with the list of those that failed.
pub(crate) fn run_all(root: &Path, verb: &str, steps: &[Step]) -> Result<(), Failure> {
    let mut failed = Vec::new();
    let mut servers = None;
    for step in steps {
        println!("{verb}: {}: {}", step.name, step.command());
        let start = Instant::now();
        let result = step.run(root, &mut servers);
        let seconds = start.elapsed().as_secs_f64();
        match result {
            Ok(()) => println!("{verb}: {}: ok in {seconds:.1} s", step.name),
            Err(failure) => {
                println!("{failure}");
                println!("{verb}: {}: FAILED in {seconds:.1} s", step.name);
                failed.push(step);
            }
        }
    }
    summary(verb, steps.len(), &failed)
}

fn summary(verb: &str, total: usize, failed: &[&Step]) -> Result<(), Failure> {
    if failed.is_empty() {
        println!("{verb}: all {total} steps passed");
        return Ok(());
    }
    let mut text = format!("{verb}: {} of {total} steps failed; to repeat each alone:", failed.len());
    for step in failed {
        text.push_str(&format!("\n  {}: {}", step.name, step.command()));
    }
    Err(Failure(text))
}

/// Cargo, the one that runs this program if one does, at the root and with nothing to read.
pub(crate) fn cargo(root: &Path) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    command.current_dir(root).stdin(Stdio::null());
    command
}

/// A word as a shell takes it back.
pub(crate) fn in_shell(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:,=@+".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_of_a_step_can_be_pasted_into_a_shell() {
        let step = Step::cargo("docs", &["doc", "--no-deps"])
            .with_variable("RUSTDOCFLAGS", "-D warnings")
            .with_arguments(&["it's".to_owned()]);
        assert_eq!(step.command(), "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps 'it'\\''s'");
    }

    #[test]
    fn a_step_beside_servers_is_repeated_beside_servers() {
        let step =
            Step::cargo("tests", &["test"]).with_variable("A", "b").beside_servers("cargo xtask postgres");
        assert_eq!(step.command(), "A=b cargo xtask postgres -- cargo test");
    }

    #[test]
    fn a_step_beside_servers_has_their_variables_and_no_other_step_has() {
        let servers: fn(&Path) -> Result<Servers, Failure> =
            |_| Ok(Servers::elsewhere(vec![("CARGO_ALIAS_BESIDE", "version".to_owned())]));
        let step = || Step::cargo("tests", &["beside"]);
        let run = |steps: &[Step]| run_all(&std::env::temp_dir(), "test", steps);
        let start = || Step::servers("servers", "cargo xtask postgres", servers);
        let beside = || step().beside_servers("cargo xtask postgres");
        assert_eq!(run(&[start(), beside()]), Ok(()));
        assert!(run(&[start(), step()]).is_err());
        assert!(run(&[beside()]).is_err());
    }

    #[test]
    fn a_failed_step_is_reported_with_its_command_and_later_steps_still_run() {
        let root = std::env::temp_dir();
        let steps = [
            Step::task("first", "cargo xtask first", |_| Err(Failure::new("no"))),
            Step::task("second", "cargo xtask second", |_| Ok(())),
            Step::cargo("third", &["no-such-subcommand"]),
        ];
        let failure = run_all(&root, "test", &steps).unwrap_err();
        assert_eq!(
            failure.0,
            "test: 2 of 3 steps failed; to repeat each alone:\n  first: cargo xtask first\n  \
             third: cargo no-such-subcommand"
        );
    }

    #[test]
    fn passing_steps_pass() {
        let steps = [Step::cargo("version", &["--version"])];
        assert_eq!(run_all(&std::env::temp_dir(), "test", &steps), Ok(()));
    }
}

//! Servers for tests, and `cargo xtask postgres`, which runs a command beside them.
//!
//! A test that needs PostgreSQL reads where it is from a variable. Whoever has a server sets the variable; for everybody
//! else this module starts one, for as long as the tests run, and gets PostgreSQL first where it is missing.
//! Invariant: a server that the caller names is used and not touched; one that is started here is gone afterwards.

mod account;
mod bouncer;
mod cluster;
mod package;
mod program;
mod release;
mod url;
mod watchdog;

use std::env;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};

use crate::failure::Failure;
use crate::postgres::account::Account;
use crate::postgres::program::Programs;
use crate::postgres::url::Url;
use crate::postgres::watchdog::Watchdog;

/// Where tests find PostgreSQL.
const POSTGRES_URL: &str = "CRM_TEST_POSTGRES_URL";

/// How often the server is killed while tests run; not set where it is not.
const UNSTEADY: &str = "CRM_TEST_POSTGRES_UNSTEADY";

/// How often that is done where nobody asked for more, and what a person types for it.
const FEW: u32 = 5;
pub(crate) const KILLED_A_FEW_TIMES: &str = "cargo xtask postgres --killed 5";

/// Where tests find the same server behind PgBouncer; not set where there is none.
const PGBOUNCER_URL: &str = "CRM_TEST_PGBOUNCER_URL";

/// Running servers, and the variables that lead to them.
#[derive(Debug)]
pub(crate) struct Servers {
    variables: Vec<(&'static str, String)>,
    started: Vec<Watchdog>,
}

impl Servers {
    /// Starts what the caller has not got.
    pub(crate) fn start(root: &Path) -> Result<Self, Failure> {
        Self::start_version(root, None)
    }

    /// Starts one that is killed a few times. That of the caller is not.
    pub(crate) fn start_killed(root: &Path) -> Result<Self, Failure> {
        match given(POSTGRES_URL) {
            None => Self::start_killed_version(root, None, FEW),
            Some(url) => {
                eprintln!("postgres: {UNSTEADY} is not set: the server of {POSTGRES_URL} is not killed");
                Ok(Self { variables: vec![(POSTGRES_URL, url)], started: Vec::new() })
            }
        }
    }

    fn start_killed_version(root: &Path, version: Option<u32>, times: u32) -> Result<Self, Failure> {
        if given(POSTGRES_URL).is_some() {
            return Err(Failure(format!("`--killed {times}` cannot be for the server of {POSTGRES_URL}")));
        }
        let (watchdog, url) = start_cluster(root, version, Some(times))?;
        let variables = vec![(POSTGRES_URL, url), (UNSTEADY, times.to_string())];
        Ok(Self { variables, started: vec![watchdog] })
    }

    fn start_version(root: &Path, version: Option<u32>) -> Result<Self, Failure> {
        let mut started = Vec::new();
        let url = match (given(POSTGRES_URL), version) {
            (Some(url), None) => url,
            (Some(_), Some(version)) => {
                return Err(Failure(format!(
                    "`--version {version}` cannot change the server of {POSTGRES_URL}"
                )));
            }
            (None, version) => {
                let (watchdog, url) = start_cluster(root, version, None)?;
                started.push(watchdog);
                url
            }
        };
        let mut servers = Self { variables: vec![(POSTGRES_URL, url.clone())], started };
        match given(PGBOUNCER_URL) {
            Some(url) => servers.variables.push((PGBOUNCER_URL, url)),
            None => servers.add_bouncer(&url)?,
        }
        Ok(servers)
    }

    /// Puts PgBouncer in front, where that is possible; where it is not, its tests have nothing to run against.
    fn add_bouncer(&mut self, url: &str) -> Result<(), Failure> {
        let without = |why: &str| eprintln!("postgres: {PGBOUNCER_URL} is not set: {why}");
        let Some(url) = Url::read(url).filter(Url::is_loopback) else {
            without("the URL of the server names no user, or no host on loopback");
            return Ok(());
        };
        match bouncer_program() {
            Ok(program) => {
                let (watchdog, url) = bouncer::start(&Account::of_servers()?, &program, &url)?;
                self.started.push(watchdog);
                self.variables.push((PGBOUNCER_URL, url));
            }
            Err(failure) => without(&failure.0),
        }
        Ok(())
    }

    /// Servers that run elsewhere, and are found by these variables.
    #[cfg(test)]
    pub(crate) fn elsewhere(variables: Vec<(&'static str, String)>) -> Self {
        Self { variables, started: Vec::new() }
    }

    /// What a test's process needs in its environment.
    pub(crate) fn variables(&self) -> &[(&'static str, String)] {
        &self.variables
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        // The last one first, because it may lean on those before it.
        while let Some(watchdog) = self.started.pop() {
            let times = cluster::times_killed(&watchdog);
            if times > 0 {
                eprintln!("postgres: the server was killed {times} times");
            }
            drop(watchdog);
        }
    }
}

fn start_cluster(
    root: &Path,
    version: Option<u32>,
    killed: Option<u32>,
) -> Result<(Watchdog, String), Failure> {
    let account = Account::of_servers()?;
    let programs = match version {
        Some(major) => release::programs(root, &account, major)?,
        None => system_programs()?,
    };
    cluster::start(&account, &programs, killed)
}

/// The system's programs, which are installed if there are none.
fn system_programs() -> Result<Programs, Failure> {
    if let Some(programs) = Programs::of_system() {
        return Ok(programs);
    }
    let why = match package::install("postgresql") {
        Ok(()) => "`postgresql` was installed, and has none of them".to_owned(),
        Err(failure) => failure.0,
    };
    Programs::of_system().ok_or_else(|| {
        Failure(format!(
            "no PostgreSQL server: `initdb` and `postgres` are not in {}; {why}\ninstall the package of your system \
             (postgresql, on Fedora and its like postgresql-server), or set {POSTGRES_URL} to a server of yours",
            program::LOOKED_AT
        ))
    })
}

fn bouncer_program() -> Result<PathBuf, Failure> {
    if let Some(program) = program::find("pgbouncer") {
        return Ok(program);
    }
    package::install("pgbouncer")?;
    program::find("pgbouncer").ok_or_else(|| Failure::new("`pgbouncer` was installed, and is nowhere"))
}

/// A variable of the caller; an empty one counts as none.
fn given(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    version: Option<u32>,
    killed: Option<u32>,
    command: Vec<String>,
}

/// Runs the verb: `[--version <n>] [--killed <times>] [-- <command>...]`. Its status is that of the command.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<ExitCode, Failure> {
    let request = Request::read(arguments)?;
    let servers = match request.killed {
        None => Servers::start_version(root, request.version)?,
        Some(times) => Servers::start_killed_version(root, request.version, times)?,
    };
    match request.command.split_first() {
        Some((program, arguments)) => beside(&servers, program, arguments),
        None => wait(&servers),
    }
}

impl Request {
    fn read(arguments: &[String]) -> Result<Self, Failure> {
        let mut request = Self { version: None, killed: None, command: Vec::new() };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            if word == "--" {
                request.command = words.by_ref().cloned().collect();
            } else if word == "--version" {
                let missing = || Failure::new("`--version` needs a major version");
                request.version = Some(number(words.next()).ok_or_else(missing)?);
            } else if word == "--killed" {
                let missing = || Failure::new("`--killed` needs how often");
                request.killed = Some(number(words.next()).ok_or_else(missing)?);
            } else {
                return Err(Failure(format!(
                    "`postgres` takes `--version`, `--killed` and, after `--`, a command, but got `{word}`"
                )));
            }
        }
        Ok(request)
    }
}

fn number(word: Option<&String>) -> Option<u32> {
    word?.parse().ok()
}

fn beside(servers: &Servers, program: &str, arguments: &[String]) -> Result<ExitCode, Failure> {
    let variables = servers.variables().iter().map(|(name, value)| (name, value));
    let status = Command::new(program).args(arguments).envs(variables).status();
    let status = status.map_err(Failure::while_trying(&format!("starting `{program}`")))?;
    Ok(ExitCode::from(code(status)))
}

/// The status as a shell gives it.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// Keeps the servers up until somebody presses Enter, or whoever writes to this program closes its input.
fn wait(servers: &Servers) -> Result<ExitCode, Failure> {
    for (name, value) in servers.variables() {
        println!("export {name}={}", crate::steps::in_shell(value));
    }
    eprintln!("postgres: Enter ends it");
    io::stdin().read_line(&mut String::new()).map_err(Failure::while_trying("waiting for Enter"))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Request, Failure> {
        Request::read(&words.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn what_follows_the_dashes_is_a_command() {
        let command = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        let command = command(&["cargo", "test", "--", "--version"]);
        let wanted = Request { version: Some(18), killed: Some(7), command };
        let words = ["--version", "18", "--killed", "7", "--", "cargo", "test", "--", "--version"];
        assert_eq!(read(&words), Ok(wanted));
        assert_eq!(read(&[]), Ok(Request { version: None, killed: None, command: Vec::new() }));
        for wrong in [&["--version"][..], &["--version", "new"], &["--killed"], &["cargo"], &["--fast"]] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_status_is_that_of_the_command() {
        let code = |script: &str| code(Command::new("sh").args(["-c", script]).status().unwrap());
        assert_eq!(code("exit 0"), 0);
        assert_eq!(code("exit 7"), 7);
        assert_eq!(code("kill -s TERM $$"), 143);
    }
}

//! `cargo xtask postgres` as a process: what it leaves behind, which has to be nothing.
//!
//! Only a program that is really killed shows what cleans up after it, so these tests run the verb itself with a server of
//! this machine. They install nothing. Where PostgreSQL is missing they fail, unless the caller has named a server
//! elsewhere: then none of this machine is ever started, and there is nothing to leave behind.
//! Invariant: each test ends with its server gone.
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const POSTGRES_URL: &str = "CRM_TEST_POSTGRES_URL";
const PGBOUNCER_URL: &str = "CRM_TEST_PGBOUNCER_URL";
const SOON: Duration = Duration::from_secs(5);

/// A verb that runs, and the servers that it told of.
struct Running {
    verb: Child,
    input: Option<ChildStdin>,
    servers: Vec<(u16, PathBuf)>,
}

/// The verb without the variables that the caller may have set, in a process group of its own like a job of a shell.
fn verb(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("postgres").args(arguments).env("CRM_TEST_INSTALL", "no").process_group(0);
    command.env_remove(POSTGRES_URL).env_remove(PGBOUNCER_URL);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts the verb, and waits until it has its servers; none, if there is rightly nothing to start.
fn running(arguments: &[&str]) -> Option<Running> {
    let mut running = Running { verb: verb(arguments).spawn().unwrap(), input: None, servers: Vec::new() };
    running.input = running.verb.stdin.take();
    let errors = running.verb.stderr.take().unwrap();
    let mut said = String::new();
    for line in BufReader::new(errors).lines().map_while(Result::ok) {
        let server = line.split_once("listens on port ").and_then(|(_, rest)| rest.split_once(", in "));
        if let Some((port, place)) = server {
            running.servers.push((port.parse().unwrap(), PathBuf::from(place)));
        }
        if line.contains("Enter ends it") {
            return Some(running);
        }
        said.push_str(&format!("{line}\n"));
    }
    let nothing_to_start = said.contains("no PostgreSQL server") && env::var_os(POSTGRES_URL).is_some();
    assert!(nothing_to_start, "the verb ended with {}:\n{said}", running.verb.wait().unwrap());
    eprintln!("nothing is started on this machine, so nothing can be left behind:\n{said}");
    None
}

impl Running {
    fn answers(&self) -> bool {
        self.servers.iter().any(|(port, _)| TcpStream::connect(("127.0.0.1", *port)).is_ok())
    }

    fn has_files(&self) -> bool {
        self.servers.iter().any(|(_, place)| place.exists())
    }

    fn signal(&self, signal: &str, whole_group: bool) {
        let target = format!("{}{}", if whole_group { "-" } else { "" }, self.verb.id());
        assert!(Command::new("kill").args(["-s", signal, "--", &target]).status().unwrap().success());
    }

    fn leaves_nothing(mut self) -> ExitStatus {
        let status = self.verb.wait().unwrap();
        let begun = Instant::now();
        while self.answers() || self.has_files() {
            assert!(begun.elapsed() < SOON, "still there after {SOON:?}: {:?}", self.servers);
            thread::sleep(Duration::from_millis(20));
        }
        status
    }
}

/// What the keyboard sends, with its number; who was started in the background ignores it, and is sent another.
fn interruption() -> (&'static str, i32) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    if ignored.is_some_and(|mask| mask & 0b10 != 0) { ("TERM", 15) } else { ("INT", 2) }
}

#[test]
fn when_it_is_killed_server_and_files_are_gone_within_seconds() {
    let Some(running) = running(&[]) else { return };
    assert!(running.answers() && running.has_files());
    running.signal("KILL", false);
    assert_eq!(running.leaves_nothing().signal(), Some(9));
}

#[test]
fn when_it_is_interrupted_at_the_terminal_server_and_files_are_gone() {
    let Some(running) = running(&[]) else { return };
    assert!(running.answers() && running.has_files());
    let (signal, number) = interruption();
    running.signal(signal, true);
    assert_eq!(running.leaves_nothing().signal(), Some(number));
}

#[test]
fn a_server_that_is_to_be_killed_goes_like_every_other() {
    for (signal, number) in [interruption(), ("KILL", 9)] {
        let Some(running) = running(&["--killed", "3"]) else { return };
        assert!(running.answers() && running.has_files());
        running.signal(signal, false);
        assert_eq!(running.leaves_nothing().signal(), Some(number));
    }
}

#[test]
fn a_server_of_the_callers_is_never_killed() {
    let mut verb = verb(&["--killed", "3", "--", "echo", "it runs"]);
    let output = verb.env(POSTGRES_URL, "postgres://ada@db.example.org/shop").output().unwrap();
    assert_eq!((output.status.success(), output.stdout), (false, Vec::new()));
}

#[test]
fn when_its_input_ends_it_has_cleaned_up_before_it_ends() {
    let Some(mut running) = running(&[]) else { return };
    let mut said = String::new();
    drop(running.input.take());
    assert!(running.verb.wait().unwrap().success());
    assert!(!running.answers() && !running.has_files());
    running.verb.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.starts_with(&format!("export {POSTGRES_URL}=postgres://postgres@127.0.0.1:")), "{said}");
}

#[test]
fn a_server_of_the_callers_is_passed_on_and_the_status_of_the_command_comes_back() {
    let script = format!("echo ${POSTGRES_URL} ${PGBOUNCER_URL}; exit 7");
    let mut verb = verb(&["--", "sh", "-c", &script]);
    verb.env(POSTGRES_URL, "postgres://ada@db.example.org/shop")
        .env(PGBOUNCER_URL, "postgres://ada@pool.example.org");
    let output = verb.output().unwrap();
    assert_eq!(output.status.code(), Some(7));
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, "postgres://ada@db.example.org/shop postgres://ada@pool.example.org\n");
}

#[test]
fn a_server_elsewhere_gets_no_bouncer() {
    let mut verb = verb(&["--", "sh", "-c", &format!("echo ${{{PGBOUNCER_URL}-none}}")]);
    let output = verb.env(POSTGRES_URL, "postgres://ada@db.example.org/shop").output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "none\n");
    assert!(String::from_utf8(output.stderr).unwrap().contains("is not set"));
}

//! Starts a server that cannot be left behind.
//!
//! A destructor does not run when this program is interrupted or killed, so something else must clean up. That is a small
//! shell script, `watchdog.sh`, which makes the directory, runs the server, and reads a pipe whose other side only this
//! program has. However this program ends, the pipe ends with it. The script has a process group of its own, so that an
//! interrupt typed at the terminal does not reach it, and it runs with the rights of the server.
//! Invariant: when this program is gone, however it went, the server and its directory follow within seconds.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::postgres::account::Account;

const SCRIPT: &str = include_str!("watchdog.sh");
/// Memory is the fastest disk, where there is enough of it.
const MEMORY: &str = "/dev/shm";
const ENOUGH_MEMORY_IN_KIB: u64 = 4 * 1024 * 1024;
/// Where a system keeps what outlives it.
const DISK: &str = "/var/tmp";
/// The path of a socket ends at 103 bytes on some systems; the names within the place take 31 of them.
const LONGEST_PLACE: usize = 70;
const PATIENCE: Duration = Duration::from_secs(60);
const ATTEMPTS: usize = 5;

/// What to run. The shell texts are run in the directory, and know it as `$directory`.
#[derive(Debug)]
pub(super) struct Server {
    /// For a person.
    pub(super) name: String,
    /// The text of the file `settings`, which is never an argument, because everybody may read those.
    pub(super) settings: String,
    /// A shell text that prepares the directory.
    pub(super) prepare: String,
    /// A shell text that becomes the server.
    pub(super) serve: String,
    /// The signal that ends it at once.
    pub(super) signal: &'static str,
    /// What the server writes when it answers.
    pub(super) ready: &'static str,
    /// Whether its files must not be in memory.
    pub(super) on_disk: bool,
}

/// A running server, for as long as this value lives.
#[derive(Debug)]
pub(super) struct Watchdog {
    script: Child,
    said: BufReader<ChildStdout>,
    directory: PathBuf,
}

/// Starts what `server` makes of a free port. Another process may be faster to take that port; then the next one is tried.
pub(super) fn start_on_free_port(
    account: &Account,
    server: impl Fn(u16) -> Server,
) -> Result<(Watchdog, u16), Failure> {
    let mut attempt = 1;
    loop {
        let port = free_port()?;
        match Watchdog::start(account, &server(port)) {
            Err(failure) if attempt < ATTEMPTS && failure.0.contains("already in use") => attempt += 1,
            result => return result.map(|watchdog| (watchdog, port)),
        }
    }
}

impl Watchdog {
    /// Starts the server, and waits until it answers.
    pub(super) fn start(account: &Account, server: &Server) -> Result<Self, Failure> {
        let mut script = command(account, server).spawn().map_err(Failure::while_trying("starting `sh`"))?;
        let said = script.stdout.take().ok_or_else(|| Failure::new("`sh` has no output"))?;
        let mut watchdog = Self { script, said: BufReader::new(said), directory: PathBuf::new() };
        let mut line = String::new();
        let read = watchdog.said.read_line(&mut line);
        read.map_err(Failure::while_trying(&format!("starting {}", server.name)))?;
        watchdog.directory = PathBuf::from(line.trim_end());
        watchdog.wait_for(server)?;
        Ok(watchdog)
    }

    /// Where the server has its files.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    fn wait_for(&mut self, server: &Server) -> Result<(), Failure> {
        let begun = Instant::now();
        while !self.log().contains(server.ready) {
            let ended = self.script.try_wait().map_err(Failure::while_trying("waiting for `sh`"))?;
            if ended.is_some() {
                return Err(Failure(format!("{} did not start:\n{}", server.name, self.last_words())));
            }
            if begun.elapsed() > PATIENCE {
                let seconds = PATIENCE.as_secs();
                return Err(Failure(format!(
                    "{} is not ready after {seconds} s:\n{}",
                    server.name,
                    self.log()
                )));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// What the server wrote before it ended.
    fn last_words(&mut self) -> String {
        let mut rest = String::new();
        // What cannot be read is missing from the text, and the text is of a failure either way.
        let _ = self.said.read_to_string(&mut rest);
        rest.trim().to_owned()
    }

    /// What the server wrote until now.
    pub(super) fn log(&self) -> String {
        fs::read(self.directory.join("log"))
            .map(|log| String::from_utf8_lossy(&log).into_owned())
            .unwrap_or_default()
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        if matches!(self.script.try_wait(), Ok(Some(_))) {
            let words = self.last_words();
            // There are none any more where it did not even start, which was told already.
            if !words.is_empty() {
                eprintln!("postgres: a server ended by itself:\n{words}");
            }
        }
        drop(self.script.stdin.take());
        // The script ends by itself, even if nobody can wait for it.
        let _ = self.script.wait();
    }
}

fn command(account: &Account, server: &Server) -> Command {
    let mut command = account.command("sh");
    command
        .args(["-c", SCRIPT, "sh", &server.prepare, &server.serve, server.signal])
        .args(places(server.on_disk));
    // What a person has set for their own servers and clients is not meant for these.
    let foreign =
        env::vars_os().map(|(name, _)| name).filter(|name| name.to_string_lossy().starts_with("PG"));
    foreign.for_each(|name| {
        command.env_remove(name);
    });
    command.env("SETTINGS", &server.settings).env("LC_ALL", "C");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
    command
}

/// Where the directory may be made, the best place first.
fn places(on_disk: bool) -> Vec<PathBuf> {
    let is_big_enough = |place: &Path| free_kib(place) >= ENOUGH_MEMORY_IN_KIB;
    let first =
        if on_disk { Some(DISK) } else { Some(MEMORY).filter(|place| is_big_enough(Path::new(place))) };
    let rest = [env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from(DISK)];
    let all = first.map(PathBuf::from).into_iter().chain(rest);
    all.filter(|place| place.is_absolute() && place.as_os_str().len() <= LONGEST_PLACE).collect()
}

/// How much fits into a directory; nothing, if nobody can say.
fn free_kib(place: &Path) -> u64 {
    let answer = Command::new("df").arg("-Pk").arg(place).stderr(Stdio::null()).output();
    let answer =
        answer.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let last = answer.lines().last().unwrap_or_default();
    last.split_whitespace().nth(3).and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn free_port() -> Result<u16, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let address = listener.and_then(|listener| listener.local_addr());
    address.map(|address| address.port()).map_err(Failure::while_trying("looking for a free port"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(prepare: &str, serve: &str) -> Server {
        Server {
            name: "the server".to_owned(),
            settings: "colour = 'red'".to_owned(),
            prepare: prepare.to_owned(),
            serve: serve.to_owned(),
            signal: "TERM",
            ready: "it answers",
            on_disk: false,
        }
    }

    fn start(prepare: &str, serve: &str) -> Result<Watchdog, Failure> {
        Watchdog::start(&Account::of_servers().unwrap(), &server(prepare, serve))
    }

    #[test]
    fn a_server_runs_in_its_directory_and_both_go_with_the_value() {
        let watchdog = start("cp settings copy", "echo it answers; exec sleep 60").unwrap();
        let directory = watchdog.directory().to_path_buf();
        assert_eq!(fs::read_to_string(directory.join("copy")).unwrap(), "colour = 'red'\n");
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&directory).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o700);
        drop(watchdog);
        assert!(!directory.exists());
    }

    #[test]
    fn a_server_that_ends_at_once_is_reported_with_its_last_words() {
        let failure = start("echo preparing", "echo 'no such colour'; exit 3").unwrap_err();
        assert_eq!(failure.0, "the server did not start:\npreparing\nno such colour");
    }

    #[test]
    fn what_cannot_be_prepared_is_not_served() {
        let failure = start("echo broken; false", "echo it answers; sleep 60").unwrap_err();
        assert_eq!(failure.0, "the server did not start:\nbroken");
    }

    #[test]
    fn a_port_that_was_taken_is_given_up_for_another() {
        let asked = std::cell::Cell::new(0);
        let busy_twice = |_| {
            asked.set(asked.get() + 1);
            let serve = if asked.get() < 3 {
                "echo address already in use"
            } else {
                "echo it answers; exec sleep 60"
            };
            server(":", serve)
        };
        assert!(start_on_free_port(&Account::of_servers().unwrap(), busy_twice).is_ok());
        assert_eq!(asked.get(), 3);
    }

    #[test]
    fn the_space_of_a_directory_is_known_and_that_of_nothing_is_none() {
        assert!(free_kib(Path::new("/")) > 0);
        assert_eq!(free_kib(Path::new("/no/such/place")), 0);
    }
}

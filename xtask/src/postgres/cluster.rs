//! A cluster of PostgreSQL that is made for one run and thrown away after it.
//!
//! Nothing in it has to outlive a power cut, so everything that waits for a disk is switched off; but for a cluster that is
//! killed on purpose, again and again, to see what outlives that. Who may connect is decided by where they connect from:
//! loopback, or a directory that only the server's account may enter.
//! Invariant: every cluster has its own port and directory, so any number of them run side by side.

use crate::failure::Failure;
use crate::postgres::account::Account;
use crate::postgres::program::Programs;
use crate::postgres::watchdog::{self, Server, Watchdog};
use crate::steps::in_shell;

const SETTINGS: &str = "\
listen_addresses = '127.0.0.1'
max_connections = 200
max_wal_size = 256MB
";

/// What waits for a disk.
const DURABLE: [&str; 3] = ["fsync", "full_page_writes", "synchronous_commit"];

/// Serves it, and kills it so many times.
const UNSTEADY: &str = include_str!("unsteady.sh");

/// What that script writes each time.
const KILLED: &str = "the server was killed";

/// Makes a certificate that is its own authority, for a server that can encrypt; where that cannot be had, it does not.
const CERTIFICATE: &str = "openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=127.0.0.1 \
    -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=IP:127.0.0.1 \
    -keyout data/server.key -out data/server.crt";

/// The name of the one user that every cluster has.
const USER: &str = "postgres";

/// Makes and starts one, which is killed so many times, and tells its URL.
pub(super) fn start(
    account: &Account,
    programs: &Programs,
    killed: Option<u32>,
) -> Result<(Watchdog, String), Failure> {
    let name = programs.version()?;
    let (watchdog, port) =
        watchdog::start_on_free_port(account, |port| server(name.clone(), programs, port, killed))?;
    eprintln!("postgres: {name} listens on port {port}, in {}", watchdog.directory().display());
    Ok((watchdog, format!("postgres://{USER}@127.0.0.1:{port}/postgres")))
}

/// How often it has been killed.
pub(super) fn times_killed(watchdog: &Watchdog) -> usize {
    watchdog.log().matches(KILLED).count()
}

/// A shell text that becomes the server, and kills it so many times.
fn unsteady(exec: &str, times: u32) -> String {
    format!("times={times}\nserve() {{ {exec} \"$@\"; }}\n{UNSTEADY}")
}

fn server(name: String, programs: &Programs, port: u16, killed: Option<u32>) -> Server {
    let initdb = in_shell(&programs.initdb.to_string_lossy());
    let postgres = in_shell(&programs.postgres.to_string_lossy());
    let initdb = format!("{initdb} -D \"$directory/data\" -U {USER} -A trust -E UTF8 --no-sync");
    let exec = format!("exec {postgres} -D \"$directory/data\" -k \"$directory\"");
    let (durable, signal, serve) = match killed {
        None => ("off", "QUIT", exec),
        Some(times) => ("on", "TERM", unsteady(&exec, times)),
    };
    let durable = DURABLE.map(|setting| format!("{setting} = {durable}\n")).concat();
    Server {
        name,
        settings: format!("{SETTINGS}{durable}port = {port}"),
        // The locale with every letter and no country is not everywhere; the one without letters is.
        prepare: format!(
            "{{ {initdb} --locale=C.UTF-8 || {initdb} --locale=C; }} && cat settings >>data/postgresql.conf && \
             {{ {CERTIFICATE} && {postgres} -D \"$directory/data\" -c ssl=on -C ssl && \
             echo ssl = on >>data/postgresql.conf || true; }}"
        ),
        serve,
        signal,
        ready: "ready to accept connections",
        on_disk: killed.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;

    /// This one is asked for a connection as soon as it stands, and says with which arguments.
    const SERVER: &str = "sh -c 'echo it answers $4, connection authorized; exec sleep 60' sh";

    #[test]
    fn a_server_is_killed_so_many_times_and_then_stays() {
        let server = Server {
            name: "the server".to_owned(),
            settings: String::new(),
            prepare: ":".to_owned(),
            serve: unsteady(&format!("exec {SERVER}"), 2),
            signal: "TERM",
            ready: "it answers",
            on_disk: true,
        };
        let watchdog = Watchdog::start(&Account::of_servers().unwrap(), &server).unwrap();
        let begun = Instant::now();
        while !watchdog.log().contains("crm.killed=2") {
            assert!(begun.elapsed() < Duration::from_secs(30), "{}", watchdog.log());
            thread::sleep(Duration::from_millis(20));
        }
        // Longer than any server lives that is to be killed.
        thread::sleep(Duration::from_millis(1_500));
        assert_eq!(times_killed(&watchdog), 2, "{}", watchdog.log());
        let directory = watchdog.directory().to_path_buf();
        drop(watchdog);
        assert!(!directory.exists());
    }
}

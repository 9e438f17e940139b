//! A cluster of PostgreSQL that is made for one run and thrown away after it.
//!
//! Nothing in it has to outlive a power cut, so everything that waits for a disk is switched off. Who may connect is
//! decided by where they connect from: loopback, or a directory that only the server's account may enter.
//! Invariant: every cluster has its own port and directory, so any number of them run side by side.

use crate::failure::Failure;
use crate::postgres::account::Account;
use crate::postgres::program::Programs;
use crate::postgres::watchdog::{self, Server, Watchdog};
use crate::steps::in_shell;

const SETTINGS: &str = "\
listen_addresses = '127.0.0.1'
max_connections = 200
fsync = off
full_page_writes = off
synchronous_commit = off
max_wal_size = 256MB
";

/// The name of the one user that every cluster has.
const USER: &str = "postgres";

/// Makes and starts one, and tells its URL.
pub(super) fn start(account: &Account, programs: &Programs) -> Result<(Watchdog, String), Failure> {
    let name = programs.version()?;
    let (watchdog, port) =
        watchdog::start_on_free_port(account, |port| server(name.clone(), programs, port))?;
    eprintln!("postgres: {name} listens on port {port}, in {}", watchdog.directory().display());
    Ok((watchdog, format!("postgres://{USER}@127.0.0.1:{port}/postgres")))
}

fn server(name: String, programs: &Programs, port: u16) -> Server {
    let initdb = in_shell(&programs.initdb.to_string_lossy());
    let postgres = in_shell(&programs.postgres.to_string_lossy());
    let initdb = format!("{initdb} -D \"$directory/data\" -U {USER} -A trust -E UTF8 --no-sync");
    Server {
        name,
        settings: format!("{SETTINGS}port = {port}"),
        // The locale with every letter and no country is not everywhere; the one without letters is.
        prepare: format!(
            "{{ {initdb} --locale=C.UTF-8 || {initdb} --locale=C; }} && cat settings >>data/postgresql.conf"
        ),
        serve: format!("exec {postgres} -D \"$directory/data\" -k \"$directory\""),
        signal: "QUIT",
        ready: "ready to accept connections",
    }
}

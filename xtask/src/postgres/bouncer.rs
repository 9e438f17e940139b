//! PgBouncer in front of a server, in session mode.
//!
//! Many who run PostgreSQL reach it only through a pool of connections, where a session begins with what the one before
//! it left behind. Tests that care can ask for that. It lets everybody in, as the user of the server's URL.
//! Invariant: it listens on loopback only, and stands only before a server that is there too.

use std::path::Path;

use crate::failure::Failure;
use crate::postgres::account::Account;
use crate::postgres::url::Url;
use crate::postgres::watchdog::{self, Server, Watchdog};
use crate::steps::in_shell;

/// Half of what a cluster of tests accepts, so that tests beside the pool find a place too. A connection that nobody
/// uses is given up soon, because it keeps its database from being dropped.
const SETTINGS: &str = "\
listen_addr = 127.0.0.1
unix_socket_dir =
auth_type = any
pool_mode = session
default_pool_size = 100
max_client_conn = 500
server_idle_timeout = 1
ignore_startup_parameters = extra_float_digits,search_path,options
";

/// Starts it, and tells the URL that leads through it.
pub(super) fn start(account: &Account, program: &Path, url: &Url) -> Result<(Watchdog, String), Failure> {
    let (watchdog, port) = watchdog::start_on_free_port(account, |port| server(program, url, port))?;
    eprintln!("postgres: PgBouncer listens on port {port}, in {}", watchdog.directory().display());
    Ok((watchdog, url.through(port)))
}

fn server(program: &Path, url: &Url, port: u16) -> Server {
    Server {
        name: "PgBouncer".to_owned(),
        settings: format!(
            "[databases]\n* = {}\n[pgbouncer]\n{SETTINGS}listen_port = {port}",
            url.connection()
        ),
        prepare: ":".to_owned(),
        serve: format!("exec {} settings", in_shell(&program.to_string_lossy())),
        // It has nothing to save, and what it does on the politer signals differs from version to version.
        signal: "KILL",
        ready: "process up",
        on_disk: false,
    }
}

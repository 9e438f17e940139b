//! Installs a package of Debian or one of its descendants, after saying so.
//!
//! The package of PostgreSQL would make a cluster on the usual port and start it with every boot. Nobody asked for
//! that, so a setting that its documentation names is there while the package is installed, and gone afterwards.
//! PgBouncer's has no such setting; its service is stopped and switched off.
//! Invariant: nothing is installed silently, and a package that is there is not touched.

use std::env;
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::postgres::account;
use crate::postgres::program;

/// Set to `no`, it keeps every verb from installing servers.
pub(super) const MAY_INSTALL: &str = "CRM_TEST_INSTALL";

const SCRIPT: &str = "
export DEBIAN_FRONTEND=noninteractive
common=/etc/postgresql-common
setting=$common/createcluster.d/crm-test.conf
trap 'rm -f $setting; rmdir $common/createcluster.d $common 2>/dev/null' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p $common/createcluster.d && echo 'create_main_cluster = false' >$setting || exit
install() {
    apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=120 \"$1\"
}
# Lists that are missing or old are the usual reason why the first one fails.
install \"$1\" || { apt-get update -q; install \"$1\"; } || exit
if [ \"$1\" = pgbouncer ]; then
    invoke-rc.d pgbouncer stop
    update-rc.d pgbouncer disable
    :
fi";

/// Installs the package, or says what stands in the way.
pub(super) fn install(package: &str) -> Result<(), Failure> {
    if env::var_os(MAY_INSTALL).is_some_and(|value| value == "no") {
        return Err(Failure(format!("`{package}` was not installed, because {MAY_INSTALL} is `no`")));
    }
    if program::find("apt-get").is_none() {
        return Err(Failure(format!("`{package}` was not installed, because there is no `apt-get`")));
    }
    let mut command = as_root(package)?;
    eprintln!("postgres: `{package}` is missing: apt-get install --no-install-recommends {package}");
    let output = command.args(["sh", "-c", SCRIPT, "sh", package]).stdin(Stdio::null()).output();
    let output = output.map_err(Failure::while_trying("starting `sh`"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    Err(Failure(format!("`{package}` could not be installed: {}\n{}", output.status, said.trim())))
}

/// The beginning of a command that root runs.
fn as_root(package: &str) -> Result<Command, Failure> {
    if account::is_root()? {
        return Ok(Command::new("env"));
    }
    // Never one that asks for a password: nobody may be there to answer.
    let mut asked = Command::new("sudo");
    let asked = asked.args(["-n", "true"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if !asked.status().is_ok_and(|status| status.success()) {
        let text =
            format!("`{package}` was not installed, because that needs root, and `sudo -n` does not give it");
        return Err(Failure(text));
    }
    let mut command = Command::new("sudo");
    command.args(["-n", "env"]);
    Ok(command)
}

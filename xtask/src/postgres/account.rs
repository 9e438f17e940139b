//! The account that a server runs as.
//!
//! PostgreSQL and PgBouncer refuse to run as root, and root is who runs everything in many containers. So root hands
//! over to an account without rights: that of PostgreSQL's package, or the one that owns nothing.
//! Invariant: no server runs as root, and nobody but root changes account.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use crate::failure::Failure;

/// Every system gives this number to the account that owns nothing.
const NOBODY: u32 = 65534;

/// Who runs the servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Account {
    /// Whoever runs this program.
    Own,
    /// Somebody else, because this program is run by root.
    Other { name: String, user: u32, group: u32 },
}

impl Account {
    /// The account for the servers that this program starts.
    pub(super) fn of_servers() -> Result<Self, Failure> {
        if !is_root()? {
            return Ok(Self::Own);
        }
        // A system without this file knows its accounts from elsewhere, and has a nobody all the same.
        let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
        Ok(Self::among(&accounts))
    }

    fn among(accounts: &str) -> Self {
        let nobody = || Self::Other { name: "nobody".to_owned(), user: NOBODY, group: NOBODY };
        let found = ["postgres", "nobody"].into_iter().find_map(|name| Self::named(name, accounts));
        found.unwrap_or_else(nobody)
    }

    fn named(name: &str, accounts: &str) -> Option<Self> {
        let fields = accounts.lines().map(|line| line.split(':').collect::<Vec<_>>());
        fields.into_iter().find_map(|fields| match fields.as_slice() {
            [found, _, user, group, ..] if *found == name => Some(Self::Other {
                name: name.to_owned(),
                user: user.parse().ok()?,
                group: group.parse().ok()?,
            }),
            _ => None,
        })
    }

    /// A command that this account runs, in a directory that every account may enter.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").stdin(Stdio::null());
        if let Self::Other { user, group, .. } = self {
            command.uid(*user).gid(*group);
        }
        command
    }

    /// Who that is, for a person.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Own => "this account",
            Self::Other { name, .. } => name,
        }
    }
}

/// Whether this program may do everything.
pub(super) fn is_root() -> Result<bool, Failure> {
    let answer = Command::new("id").arg("-u").output().map_err(Failure::while_trying("asking `id -u`"))?;
    Ok(answer.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_of_the_package_goes_before_the_one_that_owns_nothing() {
        let other = |name: &str, user, group| Account::Other { name: name.to_owned(), user, group };
        let nobody = "root:x:0:0:root:/root:/bin/bash\nnobody:x:99:98:nobody:/:/sbin/nologin\n";
        assert_eq!(Account::among(nobody), other("nobody", 99, 98));
        let both = format!("{nobody}postgres:x:101:104::/var/lib/postgresql:/bin/bash\n");
        assert_eq!(Account::among(&both), other("postgres", 101, 104));
        assert_eq!(Account::among(""), other("nobody", NOBODY, NOBODY));
    }

    #[test]
    fn servers_never_run_as_root() {
        let account = Account::of_servers().unwrap();
        let answer = account.command("id").arg("-u").output().unwrap();
        assert_ne!(String::from_utf8_lossy(&answer.stdout).trim(), "0");
    }
}

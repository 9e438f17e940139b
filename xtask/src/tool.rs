//! Programs beside cargo that a verb needs: found, or installed after saying so.
//!
//! They are for checks that nobody runs with every change, so a checkout does not ask for them before.
//! Invariant: nothing is installed silently, and nothing that is there is touched.

use std::path::Path;
use std::process::Stdio;

use crate::failure::Failure;
use crate::steps;

/// A subcommand of cargo that comes as a package of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tool {
    /// What is typed after `cargo`.
    pub(crate) subcommand: &'static str,
    /// The package that it comes in.
    pub(crate) package: &'static str,
}

impl Tool {
    /// Installs the package if the subcommand does not answer.
    pub(crate) fn ensure(self, root: &Path) -> Result<(), Failure> {
        if self.answers(root)? {
            return Ok(());
        }
        let install = self.install();
        println!("`cargo {}` is missing: cargo {}", self.subcommand, install.join(" "));
        let status = steps::cargo(root).args(install).status();
        let status = status.map_err(Failure::while_trying("starting cargo"))?;
        if status.success() {
            Ok(())
        } else {
            Err(Failure(format!("`{}` could not be installed: cargo ended with {status}", self.package)))
        }
    }

    fn answers(self, root: &Path) -> Result<bool, Failure> {
        let mut asked = steps::cargo(root);
        let asked = asked.args([self.subcommand, "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
        asked.status().map(|status| status.success()).map_err(Failure::while_trying("starting cargo"))
    }

    fn install(self) -> [&'static str; 3] {
        ["install", self.package, "--locked"]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_has_itself_answers_and_what_nobody_has_does_not() {
        let root = std::env::temp_dir();
        assert!(Tool { subcommand: "tree", package: "cargo" }.answers(&root).unwrap());
        let nothing = Tool { subcommand: "no-such-subcommand", package: "cargo-no-such-subcommand" };
        assert!(!nothing.answers(&root).unwrap());
        assert_eq!(nothing.install().join(" "), "install cargo-no-such-subcommand --locked");
    }
}

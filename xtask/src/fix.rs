//! `cargo xtask fix`: lets the tools repair what they can.
//!
//! Clippy first, because what it rewrites wants formatting afterwards.
//! Invariant: the only verb that writes to the tree.

use std::path::Path;

use crate::failure::Failure;
use crate::steps::{self, Step};

/// Runs the verb.
pub(crate) fn run(root: &Path) -> Result<(), Failure> {
    let clippy = ["clippy", "--fix", "--allow-dirty", "--allow-staged", "--workspace", "--all-targets"];
    let steps = [Step::cargo("clippy", &clippy), Step::cargo("format", &["fmt", "--all"])];
    steps::run_all(root, "fix", &steps)
}

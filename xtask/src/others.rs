//! `cargo xtask others`: the engine beside what other people made.
//!
//! `others/` is a workspace of its own, so what it needs is compiled for whoever asks, and by nobody else.
//! Invariant: it is held to the same lints as the rest.

use std::path::Path;

use crate::failure::Failure;
use crate::steps::{self, Step};

const MANIFEST: &str = "others/Cargo.toml";

/// Runs the verb.
pub(crate) fn run(root: &Path) -> Result<(), Failure> {
    let at = ["--manifest-path", MANIFEST];
    let steps = [
        Step::cargo("format", &[&["fmt", "--check"], &at[..]].concat()),
        Step::cargo(
            "clippy",
            &[&["clippy", "--locked", "--all-targets"], &at[..], &["--", "-D", "warnings"]].concat(),
        ),
        Step::cargo("second opinions", &[&["test", "--locked", "--tests"], &at[..]].concat()),
    ];
    steps::run_all(root, "others", &steps)
}

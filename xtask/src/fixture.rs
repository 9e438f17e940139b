//! A small tree in a temporary directory, for the tests that show a check passing and failing.
//!
//! Invariant: the directory lies outside every checkout and goes away with the value.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::tree::Tree;

static MADE: AtomicUsize = AtomicUsize::new(0);

/// Files that exist for the length of one test.
#[derive(Debug)]
pub(crate) struct Fixture {
    root: PathBuf,
}

impl Fixture {
    /// Writes each text to its path.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("crm-xtask-{}-{number}", std::process::id()));
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self { root }
    }

    /// Where the files are.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The files as a check sees them.
    pub(crate) fn tree(&self) -> Tree {
        Tree::open(&self.root).unwrap()
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        // A directory that stays behind in the temporary directory does not change what the test showed.
        let _ = fs::remove_dir_all(&self.root);
    }
}

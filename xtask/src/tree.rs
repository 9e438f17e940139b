//! The files of a checkout: what is tracked, or is new and not ignored.
//!
//! Every check reads the tree through this type, so a check can be shown a small bad tree in a temporary
//! directory as easily as the real one.
//! Invariant: paths are relative to the root, separated by `/`, sorted, and name files that exist.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;

/// A checkout and the list of its files.
#[derive(Debug)]
pub(crate) struct Tree {
    root: PathBuf,
    files: Vec<String>,
}

impl Tree {
    /// Lists the files below `root`, by git where it can answer and by walking where it cannot.
    pub(crate) fn open(root: &Path) -> Result<Self, Failure> {
        match listed_by_git(root) {
            Some(files) if !files.is_empty() => Ok(Self::of(root, files)),
            _ => Self::walk(root),
        }
    }

    /// Lists the files below `root` by walking, whether git knows them or not.
    pub(crate) fn walk(root: &Path) -> Result<Self, Failure> {
        Ok(Self::of(root, walked(root)?))
    }

    fn of(root: &Path, mut files: Vec<String>) -> Self {
        files.sort();
        files.dedup();
        Self { root: root.to_path_buf(), files }
    }

    /// Where the checkout is.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Every file.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    /// Every file with this extension.
    pub(crate) fn with_extension(&self, extension: &str) -> impl Iterator<Item = &str> {
        self.files().filter(move |path| has_extension(path, extension))
    }

    /// Whether a file, or a directory that holds one, has this path.
    pub(crate) fn holds(&self, path: &str) -> bool {
        let below = format!("{}/", path.trim_end_matches('/'));
        path.is_empty() || self.files().any(|file| file == path || file.starts_with(&below))
    }

    /// The text of a file.
    pub(crate) fn read(&self, path: &str) -> Result<String, Failure> {
        fs::read_to_string(self.root.join(path)).map_err(Failure::while_trying(&format!("reading `{path}`")))
    }

    /// Whether a file holds a zero byte, which no text does.
    pub(crate) fn is_binary(&self, path: &str) -> Result<bool, Failure> {
        let bytes = fs::read(self.root.join(path));
        let bytes = bytes.map_err(Failure::while_trying(&format!("reading `{path}`")))?;
        Ok(bytes.contains(&0))
    }
}

/// Whether the path ends in this extension.
pub(crate) fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

/// Whether one of the path's directories has this name.
pub(crate) fn has_directory(path: &str, name: &str) -> bool {
    path.rsplit_once('/').is_some_and(|(directories, _)| directories.split('/').any(|part| part == name))
}

fn listed_by_git(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .ok()?;
    let listing = output.status.success().then_some(output.stdout)?;
    let listing = String::from_utf8_lossy(&listing);
    let exists = |path: &&str| !path.is_empty() && root.join(path).is_file();
    Some(listing.split('\0').filter(exists).map(str::to_owned).collect())
}

fn walked(root: &Path) -> Result<Vec<String>, Failure> {
    let mut files = Vec::new();
    let mut directories = vec![String::new()];
    while let Some(directory) = directories.pop() {
        let listing = fs::read_dir(root.join(&directory))
            .map_err(Failure::while_trying(&format!("listing `{directory}`")))?;
        for entry in listing {
            let entry = entry.map_err(Failure::while_trying(&format!("listing `{directory}`")))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if directory.is_empty() { name.clone() } else { format!("{directory}/{name}") };
            let kind = entry.file_type().map_err(Failure::while_trying(&format!("looking at `{path}`")))?;
            if kind.is_file() {
                files.push(path);
            } else if kind.is_dir() && !matches!(name.as_str(), "target" | ".git") {
                directories.push(path);
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn a_walk_skips_what_is_built_and_sorts_the_rest() {
        let fixture = Fixture::new(&[("b/c.rs", ""), ("a.md", ""), ("target/x.rs", ""), (".git/config", "")]);
        assert_eq!(walked(fixture.root()).unwrap().len(), 2);
        let tree = fixture.tree();
        assert_eq!(tree.files().collect::<Vec<_>>(), ["a.md", "b/c.rs"]);
        assert_eq!(tree.with_extension("rs").collect::<Vec<_>>(), ["b/c.rs"]);
    }

    #[test]
    fn a_tree_holds_files_and_their_directories() {
        let tree = Fixture::new(&[("docs/guide.md", "")]).tree();
        assert!(tree.holds("docs/guide.md") && tree.holds("docs") && tree.holds("docs/"));
        assert!(!tree.holds("doc") && !tree.holds("docs/guide"));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let failure = Fixture::new(&[("a.md", "")]).tree().read("b.md").unwrap_err();
        assert!(failure.0.contains("`b.md`"));
    }

    #[test]
    fn directories_are_matched_by_whole_name() {
        assert!(has_directory("crm-core/tests/merge.rs", "tests"));
        assert!(!has_directory("crm-core/src/tests.rs", "tests"));
    }
}

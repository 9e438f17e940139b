//! A copy of the tree in which files can be changed and built, one after the other.
//!
//! Only files that differ are written, so that cargo finds what it built from the others to be fresh.
//! Invariant: after copying, the copy has the files of the tree and no others.

use std::fs;
use std::path::Path;

use crate::failure::Failure;
use crate::tree::Tree;

/// Makes `place` like the tree.
pub(super) fn copy(tree: &Tree, place: &Path) -> Result<(), Failure> {
    fs::create_dir_all(place).map_err(Failure::while_trying("making a copy of the tree"))?;
    let there = Tree::walk(place)?;
    for surplus in there.files().filter(|path| !tree.files().any(|file| file == *path)) {
        fs::remove_file(place.join(surplus))
            .map_err(Failure::while_trying(&format!("removing `{surplus}`")))?;
    }
    for path in tree.files() {
        let what = format!("copying `{path}`");
        let (from, to) = (tree.root().join(path), place.join(path));
        let text = fs::read(&from).map_err(Failure::while_trying(&what))?;
        if fs::read(&to).is_ok_and(|old| old == text) {
            continue;
        }
        if let Some(directory) = to.parent() {
            fs::create_dir_all(directory).map_err(Failure::while_trying(&what))?;
        }
        fs::write(&to, text).map_err(Failure::while_trying(&what))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn a_copy_is_like_the_tree_and_fresh_files_stay_untouched() {
        let tree = Fixture::new(&[("a/b.rs", "new"), ("c.rs", "same")]);
        let place = Fixture::new(&[("a/b.rs", "changed"), ("c.rs", "same"), ("d/e.rs", "surplus")]);
        let written = |path: &str| fs::metadata(place.root().join(path)).unwrap().modified().unwrap();
        let before = written("c.rs");
        copy(&tree.tree(), place.root()).unwrap();
        assert_eq!(place.tree().files().collect::<Vec<_>>(), ["a/b.rs", "c.rs"]);
        assert_eq!(place.tree().read("a/b.rs").unwrap(), "new");
        assert_eq!(written("c.rs"), before);
    }
}

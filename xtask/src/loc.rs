//! `cargo xtask loc`: how much code there is, and how much of it is tests.
//!
//! Counts lines that hold code: no blank line, no comment. Code under `#[cfg(test)]` counts as tests
//! wherever it stands.
//! Invariant: every counted line is in exactly one column.

use std::path::Path;

use crate::failure::Failure;
use crate::manifest;
use crate::source::{self, Source};
use crate::tree::Tree;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Count {
    src: usize,
    tests: usize,
    other: usize,
}

impl Count {
    fn add(&mut self, source: &Source, directory: &str) {
        let all = lines_of_code(&source.code);
        let production = lines_of_code(&source.production);
        self.tests += all - production;
        if source.path.starts_with(&format!("{directory}/src/")) {
            self.src += production;
        } else {
            self.other += production;
        }
    }

    fn plus(self, more: Self) -> Self {
        Self { src: self.src + more.src, tests: self.tests + more.tests, other: self.other + more.other }
    }
}

/// Runs the verb.
pub(crate) fn run(root: &Path) -> Result<(), Failure> {
    let counts = counts(&Tree::open(root)?)?;
    println!("{:<20} {:>8} {:>8} {:>8} {:>8}", "crate", "src", "tests", "other", "all");
    let mut total = Count::default();
    for (name, count) in &counts {
        print_row(name, *count);
        total = total.plus(*count);
    }
    print_row("all", total);
    Ok(())
}

fn print_row(name: &str, count: Count) {
    let all = count.src + count.tests + count.other;
    println!("{name:<20} {:>8} {:>8} {:>8} {all:>8}", count.src, count.tests, count.other);
}

fn counts(tree: &Tree) -> Result<Vec<(String, Count)>, Failure> {
    let mut counts = Vec::new();
    for member in manifest::members(tree)? {
        let mut count = Count::default();
        for source in &source::sources(tree, &format!("{}/", member.directory))? {
            count.add(source, &member.directory);
        }
        counts.push((member.name, count));
    }
    Ok(counts)
}

fn lines_of_code(code: &str) -> usize {
    code.lines().filter(|line| !line.trim().is_empty()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn lines_are_counted_once_and_in_their_column() {
        let fixture = Fixture::new(&[
            ("Cargo.toml", "[workspace]\nmembers = [\"a\"]\n"),
            ("a/Cargo.toml", "[package]\nname = \"crm-a\"\n"),
            (
                "a/src/lib.rs",
                "//! Head.\n\nfn a() {}\n\n#[cfg(test)]\nmod tests {\n    // why\n    fn b() {}\n}\n",
            ),
            ("a/tests/whole.rs", "fn c() {}\n"),
            ("a/build.rs", "fn main() {\n}\n"),
        ]);
        let expected = Count { src: 1, tests: 5, other: 2 };
        assert_eq!(counts(&fixture.tree()), Ok(vec![("crm-a".to_owned(), expected)]));
    }
}

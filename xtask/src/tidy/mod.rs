//! `cargo xtask tidy`: the sentences of the architecture that cargo and clippy cannot hold by themselves.
//!
//! Each check is a name, a sentence and a function from a tree to its violations. A new check is a function
//! in the file of its group, a row in [`CHECKS`], and a test that shows it failing on a small bad tree.
//! Invariant: all checks run, and all violations are listed, before the verb fails.

mod arrows;
mod defects;
mod documents;
mod files;
mod purity;

use std::fmt;
use std::path::Path;

use crate::failure::Failure;
use crate::tree::Tree;

/// A sentence about the tree, and the function that finds where it is not true.
#[derive(Debug)]
pub(crate) struct Check {
    name: &'static str,
    sentence: &'static str,
    run: fn(&Tree) -> Result<Vec<Violation>, Failure>,
}

/// Every check, in the order they run.
pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "core-tree-is-pure",
        sentence: "crm-core reaches no runtime, database driver, network stack or Python through its dependencies",
        run: arrows::core_tree_is_pure,
    },
    Check {
        name: "crate-arrows",
        sentence: "library crates depend on each other only along the arrows of the architecture",
        run: arrows::crate_arrows,
    },
    Check {
        name: "workspace-lints",
        sentence: "every crate of the workspace obeys the workspace's lints",
        run: arrows::workspace_lints,
    },
    Check {
        name: "core-does-no-io",
        sentence: "crm-core touches no file, network, process, thread, environment variable or terminal",
        run: purity::core_does_no_io,
    },
    Check {
        name: "core-names-no-store",
        sentence: "crm-core's source names no type of a database, runtime or Python crate",
        run: purity::core_names_no_store,
    },
    Check {
        name: "time-comes-from-the-clock",
        sentence: "only crm-core/src/clock.rs reads the system's time; tests, benches, xtask and the pool may measure durations",
        run: purity::time_comes_from_the_clock,
    },
    Check {
        name: "randomness-comes-from-the-seed",
        sentence: "only crm-core/src/seed.rs asks for randomness",
        run: purity::randomness_comes_from_the_seed,
    },
    Check {
        name: "file-length",
        sentence: "a source file has at most 600 lines, or a `Length:` line near its top that says why not",
        run: files::file_length,
    },
    Check {
        name: "no-binaries",
        sentence: "every file is text, but for what the fuzzer is fed with",
        run: files::no_binaries,
    },
    Check {
        name: "module-heads",
        sentence: "every file under src/ and tests/ begins with a `//!` head of at least one sentence",
        run: files::module_heads,
    },
    Check {
        name: "module-names",
        sentence: "a module is named after its subject, never utils, helpers, manager, common or misc",
        run: files::module_names,
    },
    Check {
        name: "invariants-have-proofs",
        sentence: "every invariant in ARCHITECTURE.md ends by naming a test or a tidy check that exists",
        run: documents::invariants_have_proofs,
    },
    Check {
        name: "links-resolve",
        sentence: "every relative link in a Markdown file points at a file of the tree, and at a heading it has",
        run: documents::links_resolve,
    },
    Check {
        name: "defects-are-tested",
        sentence: "every defect class and probe in docs/defects.md names tests, and each of them exists",
        run: defects::defects_are_tested,
    },
];

/// A place where a sentence is not true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    path: String,
    line: usize,
    text: String,
}

impl Violation {
    fn new(path: &str, line: usize, text: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, text: text.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.text)
    }
}

/// Runs the verb: all checks, the named ones, or the list of them.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), Failure> {
    if arguments.iter().any(|argument| argument == "--list") {
        for check in CHECKS {
            println!("{}: {}", check.name, check.sentence);
        }
        return Ok(());
    }
    run_checks(&Tree::open(root)?, &chosen(arguments)?)
}

/// Runs every check; a step of other verbs.
pub(crate) fn run_every_check(root: &Path) -> Result<(), Failure> {
    run(root, &[])
}

/// Whether a check has this name.
fn is_check(name: &str) -> bool {
    CHECKS.iter().any(|check| check.name == name)
}

fn chosen(names: &[String]) -> Result<Vec<&'static Check>, Failure> {
    if names.is_empty() {
        return Ok(CHECKS.iter().collect());
    }
    let find = |name: &String| {
        let check = CHECKS.iter().find(|check| check.name == name);
        check.ok_or_else(|| Failure(format!("no check `{name}`; `cargo xtask tidy --list` lists them")))
    };
    names.iter().map(find).collect()
}

fn run_checks(tree: &Tree, checks: &[&Check]) -> Result<(), Failure> {
    let mut failed = Vec::new();
    for check in checks {
        let found = (check.run)(tree);
        match &found {
            Ok(violations) if violations.is_empty() => {
                println!("tidy: {}: ok", check.name);
                continue;
            }
            Ok(violations) => violations.iter().for_each(|violation| println!("{violation}")),
            Err(failure) => println!("{failure}"),
        }
        println!("tidy: {}: FAILED: {}", check.name, check.sentence);
        failed.push(check.name);
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure(format!("tidy: to repeat what failed: cargo xtask tidy {}", failed.join(" "))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn names_are_kebab_case_and_unique() {
        for check in CHECKS {
            assert!(check.name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'));
            assert_eq!(CHECKS.iter().filter(|other| other.name == check.name).count(), 1);
        }
    }

    #[test]
    fn all_checks_run_and_those_that_failed_are_named() {
        let fixture = Fixture::new(&[("crm-core/src/lib.rs", "fn a() { std::fs::read(\"x\"); }\n")]);
        let names = ["module-heads", "module-names", "core-does-no-io"].map(str::to_owned);
        let failure = run(fixture.root(), &names).unwrap_err();
        assert_eq!(failure.0, "tidy: to repeat what failed: cargo xtask tidy module-heads core-does-no-io");
    }

    #[test]
    fn an_unknown_check_is_refused() {
        assert!(run(Path::new("."), &["spotless".to_owned()]).unwrap_err().0.contains("`spotless`"));
    }

    #[test]
    fn a_check_that_cannot_look_fails() {
        let fixture = Fixture::new(&[("a.md", "")]);
        assert!(run(fixture.root(), &["crate-arrows".to_owned()]).is_err());
    }
}

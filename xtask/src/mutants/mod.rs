//! `cargo xtask mutants`: changes the rules one by one, and sees whether a test notices.
//!
//! What is changed, `.cargo/mutants.toml` says. A mutant is judged twice: by quick tests, which need little built and catch
//! most, and only if it survives them by the thorough ones. Both work on a copy of the tree at one place, so that each
//! build goes on from the last.
//! Invariant: the tree itself is left as it was, and a survivor that docs/mutants.md does not explain fails the verb.

mod copy;
mod outcome;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use self::outcome::Outcomes;
use crate::failure::Failure;
use crate::steps;
use crate::tool::Tool;
use crate::tree::Tree;

const MUTANTS: Tool = Tool { subcommand: "mutants", package: "cargo-mutants" };
const PLACE: &str = "target/mutation";
const EQUIVALENTS: &str = "docs/mutants.md";

/// Generated tests take the same way each time, so that the same mutants survive.
const SAME_CASES: (&str, &str) = ("PROPTEST_RNG_SEED", "1");

/// The tests of one round, and how long they may take. Cargo runs the packages in this order, and the tests by name.
#[derive(Debug)]
struct Round {
    name: &'static str,
    profile: &'static str,
    packages: &'static [&'static str],
    /// Also the unit tests of the packages?
    units: bool,
    tests: &'static [&'static str],
    seconds: u32,
}

/// Few binaries, because building them takes nearly all of the time; these catch nearly all mutants.
const QUICK: Round = Round {
    name: "quick",
    profile: "mutants",
    packages: &["crm-core", "crm-store-memory"],
    units: false,
    tests: &["access", "machines", "profiles", "figures", "general"],
    seconds: 60,
};

/// What a mutant meets that has survived the quick tests: every other test of the rules. Unit tests are here because they
/// need a second build of their crate.
const THOROUGH: Round = Round {
    name: "thorough",
    profile: "dev",
    packages: &["crm-core", "crm-store-memory", "crm-testkit"],
    units: true,
    tests: &["presets", "crm_api", "golden", "mini_crm", "figures", "matrix", "rounds", "sequences"],
    seconds: 600,
};

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Request {
    quick: bool,
    shard: Option<String>,
    files: Vec<String>,
}

/// Runs the verb: `[--quick] [--shard <k>/<n>] [<file or directory>...]`. With `--quick` the thorough round is left out.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), Failure> {
    let request = Request::read(arguments)?;
    MUTANTS.ensure(root)?;
    let tree = Tree::open(root)?;
    let workshop = Workshop { place: root.join(PLACE), target: target(root) };
    copy::copy(&tree, &workshop.tree())?;
    let files = workshop.files()?;
    let (wanted, others) = request.split(&files)?;
    println!("mutants: {} files", wanted.len());
    workshop.pass_unchanged(&QUICK)?;
    let shard = request.shard.iter().flat_map(|shard| ["--shard", shard, "--sharding", "round-robin"]);
    let mut outcomes = workshop.judge(&QUICK, &others, shard.map(str::to_owned).collect())?;
    let survivors = outcomes.missed();
    if !request.quick && !survivors.is_empty() {
        workshop.pass_unchanged(&THOROUGH)?;
        let named = survivors.iter().flat_map(|mutant| ["--re".to_owned(), exactly(mutant)]).collect();
        let (_, others): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| lies_in(&survivors, file));
        outcomes.replace(workshop.judge(&THOROUGH, &others, named)?, &survivors);
    }
    let known = if tree.holds(EQUIVALENTS) { tree.read(EQUIVALENTS)? } else { String::new() };
    outcomes.report(&known)
}

impl Request {
    fn read(arguments: &[String]) -> Result<Self, Failure> {
        let mut request = Self::default();
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            if word == "--shard" {
                let shard = words.next().filter(|shard| is_shard(shard));
                request.shard =
                    Some(shard.ok_or_else(|| Failure::new("`--shard` needs a part such as `0/4`"))?.clone());
            } else if word == "--quick" {
                request.quick = true;
            } else if word.starts_with('-') {
                return Err(Failure(format!(
                    "`mutants` takes `--quick`, `--shard` and files, but got `{word}`"
                )));
            } else {
                request.files.push(word.trim_end_matches('/').to_owned());
            }
        }
        Ok(request)
    }

    /// The files to change, and those of the configuration that were not asked for.
    fn split(&self, files: &[String]) -> Result<(Vec<String>, Vec<String>), Failure> {
        let below = |file: &str, asked: &str| {
            file.strip_prefix(asked).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if let Some(unknown) = self.files.iter().find(|asked| !files.iter().any(|file| below(file, asked))) {
            return Err(Failure(format!("`{unknown}` is not in `.cargo/mutants.toml`, or has no rules")));
        }
        let wanted =
            |file: &&String| self.files.is_empty() || self.files.iter().any(|asked| below(file, asked));
        Ok(files.iter().cloned().partition(|file| wanted(&file)))
    }
}

fn is_shard(text: &str) -> bool {
    let part = text.split_once('/').and_then(|(k, n)| Some((k.parse::<u32>().ok()?, n.parse::<u32>().ok()?)));
    part.is_some_and(|(k, n)| k < n)
}

/// Where cargo builds, for the copy as for the tree.
fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |directory| root.join(directory))
}

fn lies_in(mutants: &[String], file: &str) -> bool {
    mutants.iter().any(|mutant| mutant.strip_prefix(file).is_some_and(|rest| rest.starts_with(':')))
}

/// A pattern for this text and no other.
fn exactly(text: &str) -> String {
    let mut pattern = String::from("^");
    for letter in text.chars() {
        if "\\.+*?()|[]{}^$".contains(letter) {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('$');
    pattern
}

/// The copy, and what it is built into.
#[derive(Debug)]
struct Workshop {
    place: PathBuf,
    target: PathBuf,
}

impl Workshop {
    fn tree(&self) -> PathBuf {
        self.place.join("tree")
    }

    fn cargo(&self) -> Command {
        let mut cargo = steps::cargo(&self.tree());
        cargo.env("CARGO_TARGET_DIR", &self.target).env(SAME_CASES.0, SAME_CASES.1);
        cargo
    }

    /// The files of the configuration that have something to change.
    fn files(&self) -> Result<Vec<String>, Failure> {
        let output = self.cargo().args(["mutants", "--list-files"]).output();
        let output = output.map_err(Failure::while_trying("listing files"))?;
        if !output.status.success() {
            return Err(Failure(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
    }

    /// A test that fails without a mutant would catch them all.
    fn pass_unchanged(&self, round: &Round) -> Result<(), Failure> {
        println!("mutants: {} tests without a mutant", round.name);
        let mut cargo = self.cargo();
        cargo.args(["test", "--quiet", "--locked", "--profile", round.profile]);
        cargo.args(round.packages.iter().map(|package| format!("--package={package}")));
        let status = cargo.args(round.test_arguments()).status();
        let status = status.map_err(Failure::while_trying("starting cargo"))?;
        if status.success() { Ok(()) } else { Err(Failure::new("the tests fail without a mutant")) }
    }

    /// Lets the tests of a round judge the mutants, `others` left out.
    fn judge(&self, round: &Round, others: &[String], more: Vec<String>) -> Result<Outcomes, Failure> {
        let output = self.place.join(round.name);
        if output.exists() {
            fs::remove_dir_all(&output).map_err(Failure::while_trying("clearing the last outcomes"))?;
        }
        println!("mutants: the {} round, outcomes in `{}`", round.name, output.display());
        let mut cargo = self.cargo();
        cargo.args(["mutants", "--in-place", "--baseline", "skip", "--colors", "never"]);
        cargo.arg("--output").arg(&output).args(round.arguments());
        cargo.args(others.iter().flat_map(|file| ["--exclude", file])).args(more);
        let status = cargo.status().map_err(Failure::while_trying("starting cargo"))?;
        match status.code() {
            // All were caught, some were missed, some ran for too long.
            Some(0 | 2 | 3) => Outcomes::read(&output.join("mutants.out")),
            _ => Err(Failure(format!("`cargo mutants` ended with {status}"))),
        }
    }
}

impl Round {
    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![
            format!("--test-package={}", self.packages.join(",")),
            format!("--profile={}", self.profile),
            format!("--timeout={}", self.seconds),
            "--build-timeout=1800".to_owned(),
        ];
        // For the build as well as the run: what is not asked for is not built.
        arguments.extend(self.test_arguments().map(|test| format!("--cargo-arg={test}")));
        arguments
    }

    fn test_arguments(&self) -> impl Iterator<Item = String> {
        let units = self.units.then(|| "--lib".to_owned());
        units.into_iter().chain(self.tests.iter().map(|test| format!("--test={test}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_part_and_files_come_in_any_order() {
        let request = Request::read(&words(&["a/b.rs", "--shard", "1/4", "c/"])).unwrap();
        let wanted = Request { quick: false, shard: Some("1/4".to_owned()), files: words(&["a/b.rs", "c"]) };
        assert_eq!(request, wanted);
        assert!(Request::read(&words(&["--quick"])).unwrap().quick);
        for wrong in [&["--shard"][..], &["--shard", "4/4"], &["--shard", "half"], &["--fast"]] {
            assert!(Request::read(&words(wrong)).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_directory_stands_for_its_files_and_nothing_for_all() {
        let files = words(&["a/b.rs", "a/c.rs", "ab.rs"]);
        let split = |asked: &[&str]| Request { files: words(asked), ..Request::default() }.split(&files);
        assert_eq!(split(&[]), Ok((files.clone(), vec![])));
        assert_eq!(split(&["a"]), Ok((words(&["a/b.rs", "a/c.rs"]), words(&["ab.rs"]))));
        assert_eq!(split(&["a/c.rs"]).unwrap().0, words(&["a/c.rs"]));
        assert!(split(&["a", "d"]).unwrap_err().0.contains("`d`"));
    }

    #[test]
    fn a_pattern_for_a_mutant_takes_its_marks_literally() {
        let mutant = "a.rs:1:2: replace < with <= in A<'a>::b -> Option<&'a X>";
        assert_eq!(exactly(mutant), "^a\\.rs:1:2: replace < with <= in A<'a>::b -> Option<&'a X>$");
        assert_eq!(exactly("|| ()"), "^\\|\\| \\(\\)$");
        assert!(lies_in(&[mutant.to_owned()], "a.rs") && !lies_in(&[mutant.to_owned()], "a"));
    }

    #[test]
    fn what_a_round_does_not_ask_for_is_not_built() {
        let arguments = QUICK.arguments();
        assert!(arguments.contains(&"--test-package=crm-core,crm-store-memory".to_owned()));
        assert!(arguments.contains(&"--cargo-arg=--test=general".to_owned()));
        assert!(!arguments.iter().any(|argument| argument.contains("matrix")));
    }
}

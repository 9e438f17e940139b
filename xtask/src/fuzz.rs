//! `cargo xtask fuzz`: random input for everything that parses, one target after the other.
//!
//! The targets are a workspace of their own in `fuzz/`. Their kept corpus is read only; what a run finds on the way goes
//! to a directory that git ignores, and an input that breaks a target to `fuzz/artifacts`. No sanitizer is used, because
//! the library has no unsafe code and a stable toolchain has none.
//! Invariant: a file `fuzz/fuzz_targets/<name>.rs` is a target; nothing else lists them.

use std::fs;
use std::path::Path;

use crate::failure::Failure;
use crate::steps::{self, Step};
use crate::tool::Tool;
use crate::tree::Tree;

const FUZZ: Tool = Tool { subcommand: "fuzz", package: "cargo-fuzz" };
const TARGETS: &str = "fuzz/fuzz_targets/";
const DICTIONARY: &str = "fuzz/json.dict";
const SECONDS: u32 = 60;

/// Directories of files that are good beginnings for a target, beside its own.
const MORE_SEEDS: &[(&str, &str)] = &[("profile", "crm-core/presets")];

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    target: Option<String>,
    seconds: u32,
}

/// Runs the verb: `[target] [--seconds <n>]`, where the seconds are those of each target.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), Failure> {
    let request = Request::read(arguments)?;
    let targets = chosen(&Tree::open(root)?, &request)?;
    FUZZ.ensure(root)?;
    for target in &targets {
        let grown = root.join(grown(target));
        fs::create_dir_all(&grown)
            .map_err(Failure::while_trying(&format!("making `{}`", grown.display())))?;
    }
    let steps: Vec<Step> = targets.iter().map(|target| step(target, request.seconds)).collect();
    steps::run_all(root, "fuzz", &steps)
}

impl Request {
    fn read(arguments: &[String]) -> Result<Self, Failure> {
        let mut request = Self { target: None, seconds: SECONDS };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            if word == "--seconds" {
                let seconds = words.next().and_then(|number| number.parse().ok());
                request.seconds = seconds.ok_or_else(|| Failure::new("`--seconds` needs a whole number"))?;
            } else if word.starts_with('-') || request.target.is_some() {
                return Err(Failure(format!("`fuzz` takes one target and `--seconds`, but got `{word}`")));
            } else {
                request.target = Some(word.clone());
            }
        }
        Ok(request)
    }
}

/// All targets, or the one that was asked for.
fn chosen(tree: &Tree, request: &Request) -> Result<Vec<String>, Failure> {
    let names = tree.with_extension("rs").filter_map(|path| path.strip_prefix(TARGETS)?.strip_suffix(".rs"));
    let names: Vec<String> = names.map(str::to_owned).collect();
    match &request.target {
        None => Ok(names),
        Some(name) if names.contains(name) => Ok(vec![name.clone()]),
        Some(name) => Err(Failure(format!("no target `{name}`; there are {}", names.join(", ")))),
    }
}

/// Where the inputs go that a run found worth keeping until the next.
fn grown(target: &str) -> String {
    format!("fuzz/target/grown/{target}")
}

fn step(target: &str, seconds: u32) -> Step {
    let (grown, kept) = (grown(target), format!("fuzz/corpus/{target}"));
    let more = MORE_SEEDS.iter().filter(|(name, _)| *name == target).map(|(_, directory)| *directory);
    let (time, dictionary) = (format!("-max_total_time={seconds}"), format!("-dict={DICTIONARY}"));
    let mut arguments = vec!["fuzz", "run", "--sanitizer", "none", target, grown.as_str(), kept.as_str()];
    arguments.extend(more);
    arguments.extend(["--", time.as_str(), dictionary.as_str(), "-timeout=10", "-print_final_stats=1"]);
    Step::cargo(target, &arguments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    fn read(words: &[&str]) -> Result<Request, Failure> {
        Request::read(&words.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn a_target_and_the_seconds_come_in_any_order() {
        let wanted = Request { target: Some("money".to_owned()), seconds: 5 };
        assert_eq!(read(&["money", "--seconds", "5"]), Ok(wanted));
        assert_eq!(read(&["--seconds", "5", "money"]).unwrap().seconds, 5);
        assert_eq!(read(&[]), Ok(Request { target: None, seconds: SECONDS }));
        for wrong in [&["--seconds"][..], &["--seconds", "soon"], &["money", "time"], &["--fast"]] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn every_file_of_the_folder_is_a_target_and_nothing_else_is() {
        let tree = Fixture::new(&[
            ("fuzz/fuzz_targets/money.rs", ""),
            ("fuzz/fuzz_targets/time.rs", ""),
            ("fuzz/src/lib.rs", ""),
        ])
        .tree();
        assert_eq!(chosen(&tree, &read(&[]).unwrap()).unwrap(), ["money", "time"]);
        assert_eq!(chosen(&tree, &read(&["time"]).unwrap()).unwrap(), ["time"]);
        let failure = chosen(&tree, &read(&["tme"]).unwrap()).unwrap_err();
        assert_eq!(failure.0, "no target `tme`; there are money, time");
    }

    #[test]
    fn a_run_grows_a_corpus_of_its_own_from_the_kept_one() {
        let command = step("profile", 7).command();
        let corpora = "fuzz/target/grown/profile fuzz/corpus/profile crm-core/presets -- -max_total_time=7";
        assert!(command.contains(corpora), "{command}");
        assert!(!step("money", 7).command().contains("presets"));
    }
}

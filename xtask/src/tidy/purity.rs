//! What the core's source must not name, and where time and randomness come in.
//!
//! Dependencies are not the only way to the outside: the standard library has files, sockets and clocks too.
//! Invariant: code is judged, not comments or literals, except where a check says it reads the whole text.

use crate::failure::Failure;
use crate::source::{self, Source};
use crate::tidy::Violation;
use crate::tree::{Tree, has_directory};

const CORE: &str = "crm-core/src/";
const CLOCK: &str = "crm-core/src/clock.rs";
const SEED: &str = "crm-core/src/seed.rs";
/// How long a connection is kept is a matter of the database's, and of no command.
const POOL: &str = "crm-store-sqlx/src/pool.rs";

const OUTSIDE_MODULES: &[&str] = &["env", "fs", "net", "process", "thread"];
const TERMINAL: &[&str] = &["dbg!", "eprint!", "eprintln!", "print!", "println!"];
const FOREIGN_PATHS: &[&str] = &["pyo3::", "rusqlite::", "sqlx::", "tokio::"];
const TIME: &[&str] = &["Local::now", "SystemTime::now", "Utc::now"];
const DURATION: &[&str] = &["Instant::now"];
const RANDOMNESS: &[&str] = &["Uuid::new_v4", "Uuid::now_v7", "getrandom", "rand::"];

/// Looks through what the core gives to hosts; its own tests may do as they like.
pub(super) fn core_does_no_io(tree: &Tree) -> Result<Vec<Violation>, Failure> {
    let mut violations = Vec::new();
    for source in source::sources(tree, CORE)? {
        for module in OUTSIDE_MODULES {
            let lines = source::lines_naming_path(&source.production, "std", module);
            let text = format!("`std::{module}` in the core");
            violations
                .extend(lines.into_iter().map(|line| Violation::new(&source.path, line, text.as_str())));
        }
        violations.extend(named(&source.path, &source.production, TERMINAL, "in the core"));
    }
    Ok(violations)
}

/// Reads the whole text, comments too: a link to a foreign type is a promise about it.
pub(super) fn core_names_no_store(tree: &Tree) -> Result<Vec<Violation>, Failure> {
    let mut violations = Vec::new();
    for path in tree.files().filter(|path| path.starts_with(CORE)) {
        violations.extend(named(path, &tree.read(path)?, FOREIGN_PATHS, "in the core"));
    }
    Ok(violations)
}

/// Tests get their time from a clock as well, so only measuring a duration is open to them, and to the pool.
pub(super) fn time_comes_from_the_clock(tree: &Tree) -> Result<Vec<Violation>, Failure> {
    let mut violations = Vec::new();
    for source in source::sources(tree, "")?.iter().filter(|source| source.path != CLOCK) {
        let why = "outside crm-core/src/clock.rs; take a `Clock`";
        violations.extend(named(&source.path, &source.code, TIME, why));
        if !may_measure(source) {
            violations.extend(named(&source.path, &source.production, DURATION, why));
        }
    }
    Ok(violations)
}

fn may_measure(source: &Source) -> bool {
    let path = source.path.as_str();
    path == POOL
        || path.starts_with("benches/")
        || path.starts_with("xtask/")
        || has_directory(path, "benches")
}

/// Tests included: a test with an id nobody chose is a test nobody can repeat.
pub(super) fn randomness_comes_from_the_seed(tree: &Tree) -> Result<Vec<Violation>, Failure> {
    let mut violations = Vec::new();
    for source in source::sources(tree, "")?.iter().filter(|source| source.path != SEED) {
        let why = "outside crm-core/src/seed.rs; take an `IdSource`";
        violations.extend(named(&source.path, &source.code, RANDOMNESS, why));
    }
    Ok(violations)
}

fn named(path: &str, text: &str, words: &[&str], why: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    for word in words {
        let lines = source::lines_naming(text, word);
        violations
            .extend(lines.into_iter().map(|line| Violation::new(path, line, format!("`{word}` {why}"))));
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    type Run = fn(&Tree) -> Result<Vec<Violation>, Failure>;

    fn lines(run: Run, path: &str, text: &str) -> Vec<usize> {
        let violations = run(&Fixture::new(&[(path, text)]).tree()).unwrap();
        assert!(violations.iter().all(|violation| violation.path == path));
        violations.iter().map(|violation| violation.line).collect()
    }

    #[test]
    fn io_in_the_core_is_caught() {
        let text = "use std::{collections::BTreeMap, fs};\nfn a() { std::env::var(\"A\"); }\nfn b() { println!(); }\n";
        let mut found = lines(core_does_no_io, "crm-core/src/a.rs", text);
        found.sort_unstable();
        assert_eq!(found, [1, 2, 3]);
    }

    #[test]
    fn talk_about_io_and_io_in_tests_or_elsewhere_is_fine() {
        let text = "//! No `std::fs`.\nconst A: &str = \"std::net\";\n#[cfg(test)]\nmod tests { use std::thread; }\n";
        assert!(lines(core_does_no_io, "crm-core/src/a.rs", text).is_empty());
        assert!(lines(core_does_no_io, "crm-testkit/src/a.rs", "use std::fs;\n").is_empty());
    }

    #[test]
    fn a_foreign_type_in_the_core_is_caught_even_in_a_comment() {
        assert_eq!(lines(core_names_no_store, "crm-core/src/a.rs", "\n/// See [`sqlx::Error`].\n"), [2]);
        assert_eq!(lines(core_names_no_store, "crm-core/src/a.rs", "fn a(_: tokio::Runtime) {}\n"), [1]);
        assert!(lines(core_names_no_store, "crm-core/src/a.rs", "/// The sqlx store.\n").is_empty());
    }

    #[test]
    fn time_from_elsewhere_is_caught() {
        let text =
            "fn a() { Utc::now(); }\nfn b() { std::time::SystemTime::now(); }\nfn c() { Instant::now(); }\n";
        let mut found = lines(time_comes_from_the_clock, "crm-store-memory/src/a.rs", text);
        found.sort_unstable();
        assert_eq!(found, [1, 2, 3]);
        assert_eq!(lines(time_comes_from_the_clock, "crm-core/tests/a.rs", "fn a() { Utc::now(); }\n"), [1]);
    }

    #[test]
    fn the_clock_reads_time_and_tests_may_measure() {
        assert!(lines(time_comes_from_the_clock, CLOCK, "fn a() { Utc::now(); }\n").is_empty());
        let measures = "fn a() { Instant::now(); }\n";
        for path in ["crm-core/tests/a.rs", "benches/benches/a.rs", "xtask/src/a.rs", POOL] {
            assert!(lines(time_comes_from_the_clock, path, measures).is_empty(), "{path}");
        }
        assert_eq!(lines(time_comes_from_the_clock, POOL, "fn a() { Utc::now(); }\n"), [1]);
        let inline = format!("#[cfg(test)]\nmod tests {{ {measures} }}\n");
        assert!(lines(time_comes_from_the_clock, "crm-core/src/a.rs", &inline).is_empty());
    }

    #[test]
    fn randomness_from_elsewhere_is_caught() {
        let text =
            "fn a() { Uuid::new_v4(); }\nfn b() { uuid::Uuid::now_v7(); }\nuse rand::Rng;\nuse getrandom;\n";
        let mut found = lines(randomness_comes_from_the_seed, "crm-testkit/src/a.rs", text);
        found.sort_unstable();
        assert_eq!(found, [1, 2, 3, 4]);
    }

    #[test]
    fn the_seed_asks_for_randomness_and_similar_names_are_fine() {
        assert!(lines(randomness_comes_from_the_seed, SEED, "fn a() { Uuid::new_v4(); }\n").is_empty());
        let similar = "use strand::Rng; // rand::\nfn a() { Uuid::from_u128(1); }\n";
        assert!(lines(randomness_comes_from_the_seed, "crm-core/src/a.rs", similar).is_empty());
    }
}

//! How a file looks from outside: its length, its head and its name.
//!
//! A reader who opens any file learns at once what it is for, and finds one subject in it.
//! Invariant: an exception is written in the file it is for, never in a list here.

use crate::failure::Failure;
use crate::source;
use crate::tidy::Violation;
use crate::tree::{Tree, has_directory, has_extension};

const MOST_LINES: usize = 600;
const LINES_OF_HEAD: usize = 30;
const VAGUE_NAMES: &[&str] = &["common", "helper", "helpers", "manager", "misc", "util", "utils"];

/// Counts lines, and accepts `//! Length: <reason>` (in Python `# Length: <reason>`) within the first thirty.
pub(super) fn file_length(tree: &Tree) -> Result<Vec<Violation>, Failure> {
    let mut violations = Vec::new();
    for path in tree.files().filter(|path| has_extension(path, "rs") || has_extension(path, "py")) {
        let text = tree.read(path)?;
        let lines = text.lines().count();
        if lines > MOST_LINES && !text.lines().take(LINES_OF_HEAD).any(gives_reason_for_length) {
            let text =
                format!("{lines} lines; split it, or say why not in a `//! Length:` line near its top");
            violations.push(Violation::new(path, MOST_LINES + 1, text));
        }
    }
    Ok(violations)
}

fn gives_reason_for_length(line: &str) -> bool {
    let line = line.trim();
    let reason = line.strip_prefix("//! Length:").or_else(|| line.strip_prefix("# Length:"));
    reason.is_some_and(|reason| !reason.trim().is_empty())
}

/// Outside the corpus of the fuzzer, whose files are meant to be anything.
pub(super) fn no_binaries(tree: &Tree) -> Result<Vec<Violation>, Failure> {
    let mut violations = Vec::new();
    for path in tree.files().filter(|path| !path.starts_with("fuzz/corpus/")) {
        if tree.is_binary(path)? {
            violations.push(Violation::new(path, 1, "what is built or packed is made anew, and not kept"));
        }
    }
    Ok(violations)
}

/// Wants the head on the first line, before any attribute.
pub(super) fn module_heads(tree: &Tree) -> Result<Vec<Violation>, Failure> {
    let mut violations = Vec::new();
    for path in
        tree.with_extension("rs").filter(|path| has_directory(path, "src") || has_directory(path, "tests"))
    {
        let text = tree.read(path)?;
        let head: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("//!")).collect();
        if !holds_sentence(&head.join(" ")) {
            violations.push(Violation::new(path, 1, "begins with no `//!` head of at least one sentence"));
        }
    }
    Ok(violations)
}

/// Two words or more, and a mark that ends them.
fn holds_sentence(text: &str) -> bool {
    let ends = |word: &str| word.trim_end_matches(['`', '*', '"', ')']).ends_with(['.', '!', '?', ':']);
    text.split_whitespace().skip(1).any(ends)
}

/// Looks at file names, directory names and inline modules.
pub(super) fn module_names(tree: &Tree) -> Result<Vec<Violation>, Failure> {
    let mut violations = Vec::new();
    for path in tree.files().filter(|path| has_extension(path, "rs") || has_extension(path, "py")) {
        let mut parts = path.split('/').map(|part| part.split('.').next().unwrap_or(part));
        if let Some(name) = parts.find(|part| VAGUE_NAMES.contains(part)) {
            violations.push(Violation::new(path, 1, says_nothing(name)));
        }
    }
    for source in source::sources(tree, "")? {
        for name in VAGUE_NAMES {
            let lines = source::lines_naming(&source.code, &format!("mod {name}"));
            violations
                .extend(lines.into_iter().map(|line| Violation::new(&source.path, line, says_nothing(name))));
        }
    }
    Ok(violations)
}

fn says_nothing(name: &str) -> String {
    format!("`{name}` says nothing about its subject; name the module after what is in it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    fn found(run: fn(&Tree) -> Result<Vec<Violation>, Failure>, files: &[(&str, &str)]) -> Vec<String> {
        let violations = run(&Fixture::new(files).tree()).unwrap();
        violations.iter().map(|violation| format!("{}:{}", violation.path, violation.line)).collect()
    }

    #[test]
    fn a_long_file_is_caught_unless_it_says_why() {
        let long = "fn a() {}\n".repeat(601);
        let reasoned = format!("//! Head.\n//! Length: one table, useless in parts.\n{long}");
        let empty = format!("//! Length:\n{long}");
        let late = format!("{}//! Length: too late.\n{long}", "\n".repeat(30));
        let files = [
            ("a.rs", long.as_str()),
            ("b.rs", &reasoned),
            ("c.rs", &empty),
            ("d.py", &long),
            ("e.rs", &late),
        ];
        assert_eq!(found(file_length, &files), ["a.rs:601", "c.rs:601", "d.py:601", "e.rs:601"]);
        assert!(found(file_length, &[("a.rs", &"\n".repeat(600)), ("a.md", &long)]).is_empty());
    }

    #[test]
    fn a_library_that_was_built_is_caught() {
        let built = "\u{7f}ELF\0\0";
        let files = [("a/b.so", built), ("a/c.md", "# C\n"), ("fuzz/corpus/text/1", built)];
        assert_eq!(found(no_binaries, &files), ["a/b.so:1"]);
    }

    #[test]
    fn a_file_without_a_head_is_caught() {
        let files = [
            ("a/src/bare.rs", "fn a() {}\n"),
            ("a/src/fine.rs", "//! What it is.\n\nfn a() {}\n"),
            ("a/src/late.rs", "use b::c;\n//! What it is.\n"),
            ("a/src/label.rs", "//! Deals\n"),
            ("a/tests/bare.rs", "fn a() {}\n"),
            ("a/build.rs", "fn main() {}\n"),
        ];
        let expected = ["a/src/bare.rs:1", "a/src/label.rs:1", "a/src/late.rs:1", "a/tests/bare.rs:1"];
        assert_eq!(found(module_heads, &files), expected);
    }

    #[test]
    fn a_vague_name_is_caught_as_file_directory_and_inline_module() {
        let files = [
            ("a/src/utils.rs", ""),
            ("a/tests/common/mod.rs", ""),
            ("a/src/inline.rs", "\npub(crate) mod helpers {}\n"),
            ("a/src/task_manager.rs", "mod utility {}\n// mod misc\n"),
            ("docs/common/a.md", ""),
        ];
        let expected = ["a/src/utils.rs:1", "a/tests/common/mod.rs:1", "a/src/inline.rs:2"];
        let mut found = found(module_names, &files);
        found.sort_unstable();
        assert_eq!(found, {
            let mut sorted = expected;
            sorted.sort_unstable();
            sorted
        });
    }
}

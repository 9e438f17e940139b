//! A reader of Rust source that knows just enough to tell code from comments, literals and tests.
//!
//! Checks look for words in code. A word in a comment or a string is talk about code, and a word under
//! `#[cfg(test)]` never reaches a host. A full parser would be a dependency; a scanner is enough.
//! Invariant: whatever is masked keeps its line breaks, so a line number in the mask is one in the file.

use crate::failure::Failure;
use crate::tree::Tree;

/// A source file split into what hosts get and what only tests get.
#[derive(Debug)]
pub(crate) struct Source {
    /// Where the file is.
    pub(crate) path: String,
    /// All code: comments are blank, the insides of literals are underscores.
    pub(crate) code: String,
    /// The code with everything under `#[cfg(test)]` blank as well.
    pub(crate) production: String,
}

/// Every Rust file of a tree whose path starts with `prefix`.
pub(crate) fn sources(tree: &Tree, prefix: &str) -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::new();
    let mut test_modules = Vec::new();
    for path in tree.with_extension("rs").filter(|path| path.starts_with(prefix)) {
        let text = tree.read(path)?;
        let code = mask(&text);
        let (production, declared) = without_tests(&code);
        test_modules.extend(declared.iter().map(|module| module.place(path, &text)));
        sources.push(Source { path: path.to_owned(), code, production });
    }
    for source in &mut sources {
        let holds = |module: &String| {
            let rest = source.path.strip_prefix(module.as_str());
            rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        };
        if test_modules.iter().any(holds) || is_test_path(&source.path) {
            source.production = blank(&source.code);
        }
    }
    Ok(sources)
}

/// Whether the file lies in a `tests/` directory beside a crate's `src/`.
fn is_test_path(path: &str) -> bool {
    let mut parts = path.split('/').take_while(|part| *part != "src");
    parts.any(|part| part == "tests")
}

/// A module that is declared in one file and written in another.
#[derive(Debug, PartialEq, Eq)]
struct Declared {
    name: String,
    line: usize,
}

impl Declared {
    /// The path of the module's own file, without its extension.
    fn place(&self, declared_in: &str, text: &str) -> String {
        let above: Vec<&str> = text.lines().take(self.line - 1).map(str::trim).collect();
        let mut attributes = above.iter().rev().take_while(|line| line.starts_with("#["));
        let moved = attributes.find_map(|line| line.strip_prefix("#[path = \"")?.strip_suffix(".rs\"]"));
        match (moved, declared_in.rsplit_once('/')) {
            (Some(moved), Some((directory, _))) => format!("{directory}/{moved}"),
            (Some(moved), None) => moved.to_owned(),
            (None, _) => format!("{}/{}", directory_of_children(declared_in), self.name),
        }
    }
}

/// Where the modules that a file declares have their own files.
fn directory_of_children(path: &str) -> &str {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    match name {
        "lib.rs" | "main.rs" | "mod.rs" => directory,
        _ => path.strip_suffix(".rs").unwrap_or(path),
    }
}

/// The lines, from one, on which `word` stands alone and is no part of a longer name.
pub(crate) fn lines_naming(text: &str, word: &str) -> Vec<usize> {
    let on_line = |line: &str| line.match_indices(word).any(|(at, _)| stands_alone(line, at, word));
    text.lines().enumerate().filter(|(_, line)| on_line(line)).map(|(index, _)| index + 1).collect()
}

fn stands_alone(line: &str, at: usize, word: &str) -> bool {
    let before = line.get(..at).and_then(|rest| rest.chars().next_back());
    let after = line.get(at + word.len()..).and_then(|rest| rest.chars().next());
    let starts_name = word.chars().next().is_some_and(is_name_letter);
    let ends_name = word.chars().next_back().is_some_and(is_name_letter);
    !(starts_name && before.is_some_and(is_name_letter) || ends_name && after.is_some_and(is_name_letter))
}

fn is_name_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The lines on which code names `parent::child`, written out or as part of a group `parent::{child, ..}`.
pub(crate) fn lines_naming_path(code: &str, parent: &str, child: &str) -> Vec<usize> {
    let mut lines = lines_naming(code, &format!("{parent}::{child}"));
    let opening = format!("{parent}::{{");
    for (at, _) in code.match_indices(&opening) {
        let (before, group) = code.split_at(at + opening.len());
        let first_line = before.matches('\n').count() + 1;
        let named = members_of_group(group).into_iter().filter(|(_, name)| name == child);
        lines.extend(named.map(|(line, _)| first_line + line));
    }
    lines.sort_unstable();
    lines.dedup();
    lines
}

/// The first name of each outermost item in a brace group, with the line breaks before it.
fn members_of_group(group: &str) -> Vec<(usize, String)> {
    let (mut depth, mut line, mut starts, mut item) = (0_usize, 0, 0, String::new());
    let mut members = Vec::new();
    for letter in group.chars() {
        if depth == 0 && matches!(letter, ',' | '}') {
            let name = item.split("::").next().unwrap_or_default().split_whitespace().next();
            members.push((starts, name.unwrap_or_default().to_owned()));
            item.clear();
            if letter == '}' {
                break;
            }
            continue;
        }
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            '\n' => line += 1,
            _ => {}
        }
        if item.trim().is_empty() {
            starts = line;
        }
        item.push(letter);
    }
    members
}

/// Blanks everything under `#[cfg(test)]`, and names the modules it declares in files of their own.
fn without_tests(code: &str) -> (String, Vec<Declared>) {
    if code.contains("#![cfg(test)]") {
        return (blank(code), Vec::new());
    }
    let (mut production, mut modules, mut rest) = (String::new(), Vec::new(), code);
    while let Some(at) = ["#[cfg(test)]", "#[cfg(all(test,"].iter().filter_map(|mark| rest.find(mark)).min() {
        let (before, marked) = rest.split_at(at);
        let (item, after) = marked.split_at(length_of_item(marked));
        production.push_str(before);
        production.push_str(&blank(item));
        let line = production.matches('\n').count() + 1;
        modules.extend(module_in_own_file(item).map(|name| Declared { name, line }));
        rest = after;
    }
    production.push_str(rest);
    (production, modules)
}

/// How many bytes an item takes, from its attributes to its semicolon or closing brace.
fn length_of_item(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => return at,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 && matches!(letter, ';' | '}') {
            return at + letter.len_utf8();
        }
    }
    text.len()
}

fn module_in_own_file(item: &str) -> Option<String> {
    let declaration = item.strip_suffix(';')?;
    let mut words = declaration.split_whitespace().rev();
    let name = words.next()?;
    (words.next()? == "mod").then(|| name.to_owned())
}

/// The same line breaks with nothing between them.
fn blank(text: &str) -> String {
    text.chars().filter(|letter| *letter == '\n').collect()
}

/// The code of a file: comments become blanks, the insides of literals become underscores.
pub(crate) fn mask(text: &str) -> String {
    let mut scanner = Scanner { rest: text, out: String::with_capacity(text.len()) };
    while !scanner.rest.is_empty() {
        scanner.step();
    }
    scanner.out
}

#[derive(Debug)]
struct Scanner<'a> {
    rest: &'a str,
    out: String,
}

impl Scanner<'_> {
    fn step(&mut self) {
        let inside_name = self.out.chars().next_back().is_some_and(is_name_letter);
        if self.rest.starts_with("//") {
            self.hide(self.rest.find('\n').unwrap_or(self.rest.len()), ' ');
        } else if self.rest.starts_with("/*") {
            self.hide(length_of_comment(self.rest), ' ');
        } else if let Some(opening) = raw_opening(self.rest).filter(|_| !inside_name) {
            let hashes = opening.matches('#').count();
            let closing = format!("\"{}", "#".repeat(hashes));
            self.keep(opening.len());
            self.hide(self.rest.find(&closing).unwrap_or(self.rest.len()), '_');
            self.keep(closing.len());
        } else if self.rest.starts_with('"') {
            self.keep(1);
            self.hide(length_of_literal(self.rest, '"'), '_');
            self.keep(1);
        } else if starts_character(self.rest) {
            self.keep(1);
            self.hide(length_of_literal(self.rest, '\''), '_');
            self.keep(1);
        } else {
            self.keep(self.rest.chars().next().map_or(0, char::len_utf8));
        }
    }

    fn keep(&mut self, bytes: usize) {
        let (taken, rest) = self.rest.split_at(bytes.min(self.rest.len()));
        self.out.push_str(taken);
        self.rest = rest;
    }

    fn hide(&mut self, bytes: usize, with: char) {
        let (taken, rest) = self.rest.split_at(bytes.min(self.rest.len()));
        self.out.extend(taken.chars().map(|letter| if letter.is_whitespace() { letter } else { with }));
        self.rest = rest;
    }
}

/// `r"`, `br#"` and their like at the start of a text.
fn raw_opening(text: &str) -> Option<&str> {
    let marker = ["r", "br", "cr"].into_iter().find(|marker| {
        let rest = text.strip_prefix(marker).map(|rest| rest.trim_start_matches('#'));
        rest.is_some_and(|rest| rest.starts_with('"'))
    })?;
    let hashes = text.strip_prefix(marker)?.chars().take_while(|letter| *letter == '#').count();
    text.get(..marker.len() + hashes + 1)
}

/// Whether a quote opens a character rather than a lifetime.
fn starts_character(text: &str) -> bool {
    let mut letters = text.chars();
    let quoted = letters.next() == Some('\'');
    quoted && (letters.next() == Some('\\') || letters.next() == Some('\''))
}

fn length_of_literal(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return at,
            _ => {}
        }
    }
    text.len()
}

/// Block comments nest.
fn length_of_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn comments_and_literals_are_masked_and_lines_stay() {
        let code =
            mask("let a = \"x // y\"; // std::fs\n/* std /* net */ fs */ b('\"', 'c', r#\"\"z\n\"#);\n");
        assert_eq!(code.matches('\n').count(), 3);
        assert!(code.starts_with("let a = \"_ __ _\";") && !code.contains("std") && !code.contains('z'));
        assert!(code.contains("b('_', '_', r#\"__\n\"#);"), "{code}");
    }

    #[test]
    fn lifetimes_and_raw_names_are_no_literals() {
        let text = "fn r#type<'a>(x: &'a str, y: &'static u8) -> &'a str { 'outer: loop {} }";
        assert_eq!(mask(text), text);
    }

    #[test]
    fn test_code_is_left_out_of_production() {
        let code = "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() { c(); }\n}\nfn d() {}\n";
        let (production, modules) = without_tests(code);
        assert_eq!(production, "fn a() {}\n\n\n\n\nfn d() {}\n");
        assert!(modules.is_empty());
        assert_eq!(without_tests("#![cfg(test)]\nfn a() {}\n").0, "\n\n");
        let kept = "#[cfg(any(test, feature = \"_\"))]\nfn a() {}\n";
        assert_eq!(without_tests(kept).0, kept);
    }

    #[test]
    fn a_test_module_in_its_own_file_is_test_code() {
        let fixture = Fixture::new(&[
            ("c/src/deal.rs", "#[cfg(test)]\nmod tests;\nmod stage;\n"),
            ("c/src/deal/tests.rs", "fn a() {}\n"),
            ("c/src/deal/stage.rs", "fn b() {}\n"),
            ("c/src/money.rs", "#[cfg(test)]\n#[path = \"money_tests.rs\"]\nmod tests;\nfn d() {}\n"),
            ("c/src/money_tests.rs", "fn e() {}\n"),
            ("c/tests/whole.rs", "fn c() {}\n"),
        ]);
        let sources = sources(&fixture.tree(), "c/").unwrap();
        let production =
            |path: &str| sources.iter().find(|source| source.path == path).unwrap().production.clone();
        assert_eq!(production("c/src/deal/tests.rs").trim(), "");
        assert_eq!(production("c/src/money_tests.rs").trim(), "");
        assert_eq!(production("c/src/money.rs").trim(), "fn d() {}");
        assert_eq!(production("c/tests/whole.rs").trim(), "");
        assert_eq!(production("c/src/deal/stage.rs").trim(), "fn b() {}");
    }

    #[test]
    fn words_are_found_whole() {
        let text = "strand::x\nrand::y\nUtc::now_local()\nUtc::now()\n";
        assert_eq!(lines_naming(text, "rand::"), [2]);
        assert_eq!(lines_naming(text, "Utc::now"), [4]);
    }

    #[test]
    fn grouped_imports_name_their_members() {
        let code = "use std::{\n  collections::{fs, B},\n  fs::File,\n  fsx,\n};\nuse std::fs;\nuse std::{net, fs};\n";
        assert_eq!(lines_naming_path(code, "std", "fs"), [3, 6, 7]);
        assert_eq!(lines_naming_path(code, "std", "net"), [7]);
        assert!(lines_naming_path(code, "std", "env").is_empty());
    }
}

//! The list of defect classes: complete, and each of them shown to be absent by tests that exist.
//!
//! A list that names a test that was renamed or deleted says that something is tested which is not.
//! Invariant: a table is known by its heading, and its rows are numbered from one without a gap.

use std::collections::BTreeMap;

use crate::failure::Failure;
use crate::source::{self, Source};
use crate::tidy::documents::{has_test_function, unfenced};
use crate::tidy::{Violation, is_check};
use crate::tree::{Tree, has_extension};

const DEFECTS: &str = "docs/defects.md";
/// What the second column of a numbered table is called, and how many rows all such tables have together.
const SERIES: [(&str, usize); 2] = [("defect class", 73), ("probe", 13)];

/// Wants each number once, in each row at least one test, and of each test that is named that it exists.
pub(super) fn defects_are_tested(tree: &Tree) -> Result<Vec<Violation>, Failure> {
    if !tree.holds(DEFECTS) {
        return Ok(vec![Violation::new(DEFECTS, 1, "is missing")]);
    }
    let text = tree.read(DEFECTS)?;
    let lines = unfenced(&text);
    let mut violations = Vec::new();
    for (name, last) in SERIES {
        violations.extend(numbering(&rows(&lines, name), name, last));
    }
    let sources = source::sources(tree, "")?;
    for (index, line) in lines.iter().enumerate() {
        for named in tests(line) {
            if !exists(tree, &sources, named)? {
                violations.push(Violation::new(DEFECTS, index + 1, format!("no test `{named}`")));
            }
        }
        for check in checks(line).filter(|check| !is_check(check)) {
            violations.push(Violation::new(DEFECTS, index + 1, format!("no tidy check `{check}`")));
        }
    }
    violations.sort_by_key(|violation| violation.line);
    Ok(violations)
}

/// The rows of all tables whose second column has this name: the line of each, and what it says.
fn rows<'a>(lines: &[&'a str], name: &str) -> Vec<(usize, &'a str)> {
    let mut inside = false;
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let heading = cells(line).nth(1) == Some(name);
        inside = (inside || heading) && line.starts_with('|');
        let rule = line.chars().all(|letter| matches!(letter, '|' | '-' | ':' | ' '));
        if inside && !heading && !rule {
            found.push((index + 1, *line));
        }
    }
    found
}

fn cells(row: &str) -> impl Iterator<Item = &str> {
    row.trim().trim_matches('|').split('|').map(str::trim)
}

/// What is wrong with the numbers of a series, and where a row names no test.
fn numbering(rows: &[(usize, &str)], name: &str, last: usize) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
    for (line, row) in rows {
        match cells(row).next().and_then(|number| number.parse().ok()) {
            Some(number) if (1..=last).contains(&number) => *seen.entry(number).or_default() += 1,
            _ => violations.push(Violation::new(DEFECTS, *line, format!("is no number of a {name}"))),
        }
        if tests(row).next().is_none() {
            violations.push(Violation::new(DEFECTS, *line, "names no test"));
        }
    }
    for number in 1..=last {
        let text = match seen.get(&number) {
            Some(1) => continue,
            Some(_) => format!("{name} {number} is there more than once"),
            None => format!("{name} {number} is missing"),
        };
        violations.push(Violation::new(DEFECTS, 1, text));
    }
    violations
}

/// The spans of inline code in a line.
fn spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The tests that a line names, each as a path and a function.
fn tests(line: &str) -> impl Iterator<Item = &str> {
    spans(line).filter(|span| {
        span.split_once("::").is_some_and(|(path, _)| has_extension(path, "rs") || has_extension(path, "py"))
    })
}

/// The tidy checks that a line says how to run.
fn checks(line: &str) -> impl Iterator<Item = &str> {
    spans(line).filter_map(|span| span.strip_prefix("cargo xtask tidy "))
}

/// Whether the file has the test: a test function in Rust, a function named `test_..` in Python.
fn exists(tree: &Tree, sources: &[Source], named: &str) -> Result<bool, Failure> {
    let Some((path, name)) = named.split_once("::") else { return Ok(false) };
    if has_extension(path, "rs") {
        return Ok(sources.iter().any(|source| source.path == path && has_test_function(source, name)));
    }
    let declared = format!("def {name}");
    let is_test = name.starts_with("test_") && tree.files().any(|file| file == path);
    Ok(is_test && !source::lines_naming(&tree.read(path)?, &declared).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    const RUST: (&str, &str) =
        ("crm-core/tests/sale.rs", "fn sell() {}\n#[test]\nfn a_unit_is_sold_once() {}\n");
    const PYTHON: (&str, &str) =
        ("crm-py/tests/test_sale.py", "def sale() -> None: ...\nasync def test_sold_once() -> None: ...\n");
    const SOLD: &str = "`crm-core/tests/sale.rs::a_unit_is_sold_once`";

    /// A whole list, with a row in place of the one of that number.
    fn list(name: &str, at: usize, row: &str) -> String {
        let mut text = String::from("# Defects\n");
        for (series, last) in SERIES {
            text += &format!("\n| # | {series} | guarantee | shown by |\n|---|---|---|---|\n");
            for number in 1..=last {
                let whole = format!("| {number} | sold twice | it is not | {SOLD} |");
                let row = if (series, number) == (name, at) { row } else { &whole };
                text.extend(row.lines().flat_map(|row| [row, "\n"]));
            }
        }
        text
    }

    fn problems(text: &str) -> Vec<String> {
        let fixture = Fixture::new(&[(DEFECTS, text), RUST, PYTHON]);
        defects_are_tested(&fixture.tree()).unwrap().iter().map(ToString::to_string).collect()
    }

    fn instead(row: &str) -> Vec<String> {
        problems(&list("defect class", 2, row))
    }

    #[test]
    fn a_missing_list_is_caught() {
        assert_eq!(defects_are_tested(&Fixture::new(&[RUST]).tree()).unwrap().len(), 1);
    }

    #[test]
    fn a_whole_list_is_fine() {
        let both = format!("| 2 | a | b | {SOLD}, `crm-py/tests/test_sale.py::test_sold_once` |");
        assert_eq!(instead(&both), Vec::<String>::new());
        let prose = "\nSee `crm_core::webhook` and `cargo xtask tidy file-length`.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";
        assert_eq!(problems(&(list("", 0, "") + prose)), Vec::<String>::new());
    }

    #[test]
    fn a_row_without_a_test_is_caught() {
        assert_eq!(
            instead("| 2 | sold twice | it is not | a review |"),
            ["docs/defects.md:6: names no test"]
        );
        assert_eq!(instead("| 2 | a | b | `crm_core::webhook` |"), ["docs/defects.md:6: names no test"]);
    }

    #[test]
    fn a_test_that_does_not_exist_is_caught() {
        for named in [
            "crm-core/tests/sale.rs::a_unit_is_sold_twice",
            "crm-core/tests/sale.rs::sell",
            "crm-core/tests/sales.rs::a_unit_is_sold_once",
            "tests/sale.rs::a_unit_is_sold_once",
            "crm-py/tests/test_sale.py::test_sold",
            "crm-py/tests/test_sale.py::sale",
            "crm-py/tests/test_sales.py::test_sold_once",
        ] {
            let wanted = [format!("docs/defects.md:6: no test `{named}`")];
            assert_eq!(instead(&format!("| 2 | a | b | {SOLD} `{named}` |")), wanted);
        }
        let prose = list("", 0, "") + "\nIt is shown by `crm-core/tests/sale.rs::gone` too.\n";
        assert!(problems(&prose)[0].ends_with("no test `crm-core/tests/sale.rs::gone`"));
        let check = list("", 0, "") + "\n`cargo xtask tidy spotless`\n";
        assert!(problems(&check)[0].ends_with("no tidy check `spotless`"));
    }

    #[test]
    fn a_number_that_is_missing_or_there_twice_is_caught() {
        let missing = "docs/defects.md:1: defect class 2 is missing";
        assert_eq!(instead(""), [missing], "and a line between is the end of the table");
        let twice = instead(&format!("| 3 | a | b | {SOLD} |"));
        assert_eq!(twice, [missing, "docs/defects.md:1: defect class 3 is there more than once"]);
        for number in ["74", "0", "two"] {
            let odd = instead(&format!("| {number} | a | b | {SOLD} |"));
            assert_eq!(odd, [missing, "docs/defects.md:6: is no number of a defect class"]);
        }
        assert_eq!(problems(&list("probe", 13, "")), ["docs/defects.md:1: probe 13 is missing"]);
    }
}

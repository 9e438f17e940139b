//! What the Markdown files promise: invariants that something proves, and links that lead somewhere.
//!
//! A sentence about the architecture that no test holds is a wish, and it ages into a lie.
//! Invariant: fenced blocks and inline code are talk about text, and are not read as text.

use crate::failure::Failure;
use crate::source::{self, Source};
use crate::tidy::{Violation, is_check};
use crate::tree::Tree;

const ARCHITECTURE: &str = "ARCHITECTURE.md";
const INVARIANT: &str = "**Invariant:**";

/// Wants ``(test: `path::name`)`` or ``(tidy: `check-name`)`` behind each invariant.
pub(super) fn invariants_have_proofs(tree: &Tree) -> Result<Vec<Violation>, Failure> {
    if !tree.holds(ARCHITECTURE) {
        return Ok(vec![Violation::new(ARCHITECTURE, 1, "is missing")]);
    }
    let sources = source::sources(tree, "")?;
    let mut violations = Vec::new();
    for (line, sentence) in invariants(&tree.read(ARCHITECTURE)?) {
        let proofs = proofs(&sentence);
        if proofs.is_empty() {
            let text = "an invariant that ends neither in (test: `path::name`) nor in (tidy: `check-name`)";
            violations.push(Violation::new(ARCHITECTURE, line, text));
        }
        for proof in proofs {
            let (exists, text) = match proof {
                Proof::Test(path) => {
                    (sources.iter().any(|source| has_test(source, path)), format!("no test `{path}`"))
                }
                Proof::Tidy(name) => (is_check(name), format!("no tidy check `{name}`")),
            };
            if !exists {
                violations.push(Violation::new(ARCHITECTURE, line, text));
            }
        }
    }
    Ok(violations)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof<'a> {
    Test(&'a str),
    Tidy(&'a str),
}

/// Each invariant with the line it begins on; it ends with its paragraph, its list item, or the next one.
fn invariants(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    for (index, line) in unfenced(text).into_iter().enumerate() {
        let starts_block =
            line.trim_start().starts_with(['#', '|', '-', '>']) || line.trim_start().starts_with("* ");
        inside = inside && !line.trim().is_empty() && !starts_block;
        let mut parts = line.split(INVARIANT);
        let before = parts.next().unwrap_or_default();
        if let Some((_, last)) = found.last_mut().filter(|_| inside) {
            last.push(' ');
            last.push_str(before);
        }
        // A mark inside backticks is a description of the form, such as the one in a guide.
        if before.ends_with('`') {
            continue;
        }
        for part in parts {
            found.push((index + 1, part.to_owned()));
            inside = true;
        }
    }
    found
}

fn proofs(sentence: &str) -> Vec<Proof<'_>> {
    let mut found: Vec<(usize, Proof<'_>)> = Vec::new();
    for (opening, make) in [("(test: `", Proof::Test as fn(_) -> _), ("(tidy: `", Proof::Tidy as fn(_) -> _)]
    {
        for (at, _) in sentence.match_indices(opening) {
            let rest = sentence.get(at + opening.len()..).unwrap_or_default();
            if let Some((name, _)) = rest.split_once("`)") {
                found.push((at, make(name)));
            }
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, proof)| proof).collect()
}

/// Whether the file has the test: its function, under modules that fit the file's place or contents.
fn has_test(source: &Source, path: &str) -> bool {
    let mut parts: Vec<&str> = path.split([':', '/']).filter(|part| !part.is_empty()).collect();
    let Some(name) = parts.pop() else { return false };
    let place = source.path.replace('-', "_");
    let fits = |part: &&str| {
        let part = part.trim_end_matches(".rs").replace('-', "_");
        let on_path = place.split('/').any(|step| step.trim_end_matches(".rs") == part);
        on_path || !source::lines_naming(&source.code, &format!("mod {part}")).is_empty()
    };
    parts.iter().all(fits) && has_test_function(source, name)
}

/// Where suites stand that stores run against themselves: their tests are plain functions.
const SUITES: [&str; 2] = ["crm-testkit/src/", "crm-accounts/src/testing/"];

/// Whether the file has a test function of this name.
pub(super) fn has_test_function(source: &Source, name: &str) -> bool {
    let lines: Vec<&str> = source.code.lines().collect();
    let is_test = |line: &usize| {
        let above = lines.iter().take(line - 1).rev().map(|text| text.trim());
        let mut attributes = above.take_while(|text| text.is_empty() || text.starts_with("#["));
        SUITES.iter().any(|suite| source.path.starts_with(suite))
            || attributes.any(|text| text.contains("test"))
    };
    source::lines_naming(&source.code, &format!("fn {name}")).iter().any(is_test)
}

/// Follows inline links and link definitions; what has a scheme leads outside and is not followed.
pub(super) fn links_resolve(tree: &Tree) -> Result<Vec<Violation>, Failure> {
    let mut violations = Vec::new();
    for path in tree.with_extension("md") {
        for (line, target) in links(&tree.read(path)?) {
            if let Some(problem) = problem_with(tree, path, &target)? {
                violations.push(Violation::new(path, line, format!("link to `{target}`: {problem}")));
            }
        }
    }
    Ok(violations)
}

fn problem_with(tree: &Tree, from: &str, target: &str) -> Result<Option<String>, Failure> {
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let file = if file.is_empty() { Some(from.to_owned()) } else { resolved(from, file) };
    let Some(file) = file else { return Ok(Some("leads out of the tree".to_owned())) };
    if !tree.holds(&file) {
        return Ok(Some(format!("no file `{file}`")));
    }
    if heading.is_empty()
        || !crate::tree::has_extension(&file, "md")
        || has_heading(&tree.read(&file)?, heading)
    {
        return Ok(None);
    }
    Ok(Some(format!("no heading `{heading}` in `{file}`")))
}

/// A link's path from the root; none if it climbs above the root.
fn resolved(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    if target.starts_with('/') {
        parts.clear();
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

fn has_heading(text: &str, wanted: &str) -> bool {
    let lines = unfenced(text);
    let mut headings = lines.iter().filter(|line| line.starts_with('#')).map(|line| anchor(line));
    headings.any(|heading| heading == wanted)
}

/// The anchor that Markdown viewers give to a heading.
fn anchor(heading: &str) -> String {
    let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
    let title = heading.trim_start_matches('#').trim();
    title
        .chars()
        .filter(kept)
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect::<String>()
        .to_lowercase()
}

fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (index, line) in unfenced(text).into_iter().enumerate() {
        let line = without_inline_code(line);
        let inline = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let definition = line.trim_start().strip_prefix('[').and_then(|rest| rest.split_once("]: "));
        let definition = definition.filter(|(name, _)| !name.starts_with('^')).map(|(_, target)| target);
        for target in inline.chain(definition) {
            let target = target.split_whitespace().next().unwrap_or_default().trim_matches(['<', '>']);
            let has_scheme = target.contains("://") || target.starts_with("mailto:");
            if !target.is_empty() && !has_scheme {
                found.push((index + 1, target.to_owned()));
            }
        }
    }
    found
}

/// The lines of a text, those of fenced blocks empty.
pub(super) fn unfenced(text: &str) -> Vec<&str> {
    let mut fence: Option<&str> = None;
    let mut lines = Vec::new();
    for line in text.lines() {
        let mark = ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark));
        lines.push(if fence.is_none() && mark.is_none() { line } else { "" });
        fence = match (fence, mark) {
            (None, mark) => mark,
            (Some(open), Some(mark)) if open == mark => None,
            (open, _) => open,
        };
    }
    lines
}

fn without_inline_code(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    const TESTS: (&str, &str) = (
        "crm-core/src/merge.rs",
        "fn not_a_test() {}\n#[cfg(test)]\nmod tests {\n    #[test]\n    // why\n    fn keeps_both() {}\n}\n",
    );

    fn invariant_problems(architecture: &str) -> Vec<String> {
        let suite = ("crm-testkit/src/suite/paging.rs", "pub async fn pages_are_stable() {}\n");
        let fixture = Fixture::new(&[(ARCHITECTURE, architecture), TESTS, suite]);
        let violations = invariants_have_proofs(&fixture.tree()).unwrap();
        violations.iter().map(|violation| format!("{}: {}", violation.line, violation.text)).collect()
    }

    #[test]
    fn a_missing_architecture_is_caught() {
        assert_eq!(invariants_have_proofs(&Fixture::new(&[TESTS]).tree()).unwrap().len(), 1);
    }

    #[test]
    fn invariants_with_proofs_that_exist_are_fine() {
        let text = "# A\n\n**Invariant:** both stay\nafter a merge (test: `crm-core::merge::tests::keeps_both`).\n\
                    - **Invariant:** pure (tidy: `core-does-no-io`)\n- **Invariant:** a page stays \
                    (test: `crm_testkit::suite::paging::pages_are_stable`).\n\n```\n**Invariant:** talk\n```\n\
                    Write `**Invariant:**` before it.\n";
        assert_eq!(invariant_problems(text), Vec::<String>::new());
    }

    #[test]
    fn an_invariant_without_a_proof_is_caught() {
        let text =
            "**Invariant:** one (tidy: `file-length`). **Invariant:** two.\n\nProse (tidy: `file-length`).\n";
        assert_eq!(invariant_problems(text).len(), 1);
        assert_eq!(invariant_problems("- **Invariant:** one\n- two (tidy: `file-length`)\n").len(), 1);
    }

    #[test]
    fn a_proof_that_does_not_exist_is_caught() {
        let problem = |proof: &str| invariant_problems(&format!("\n**Invariant:** it holds ({proof}).\n"));
        assert_eq!(problem("test: `merge::tests::keeps_none`"), ["2: no test `merge::tests::keeps_none`"]);
        assert_eq!(problem("test: `merge::not_a_test`"), ["2: no test `merge::not_a_test`"]);
        assert_eq!(problem("test: `split::tests::keeps_both`"), ["2: no test `split::tests::keeps_both`"]);
        assert_eq!(problem("tidy: `spotless`"), ["2: no tidy check `spotless`"]);
    }

    fn link_problems(files: &[(&str, &str)]) -> Vec<String> {
        let violations = links_resolve(&Fixture::new(files).tree()).unwrap();
        violations.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn links_that_lead_somewhere_are_fine() {
        let text = "# The `end` of it\n[a](docs/b.md) and [`c`](docs/) and [d](#the-end-of-it)\n\
                    [e](https://example.org/x.md) `[f](none.md)` [g](docs/b.md#add-a-field \"title\")\n\n\
                    ```\n[h](none.md)\n```\n[i]: docs/b.md\n[^1]: a note\n";
        let other = "[back](../a.md) [root](/a.md)\n## Add a field\n";
        assert_eq!(link_problems(&[("a.md", text), ("docs/b.md", other)]), Vec::<String>::new());
    }

    #[test]
    fn links_that_lead_nowhere_are_caught() {
        let text = "# A\n[a](b.md)\n[c](#gone)\n[d](../e.md)\n[f]: g.md\n";
        let expected = [
            "a.md:2: link to `b.md`: no file `b.md`",
            "a.md:3: link to `#gone`: no heading `gone` in `a.md`",
            "a.md:4: link to `../e.md`: leads out of the tree",
            "a.md:5: link to `g.md`: no file `g.md`",
        ];
        assert_eq!(link_problems(&[("a.md", text)]), expected);
    }
}

//! What became of each mutant, and what of it a person has to look at.
//!
//! Some mutants change nothing that anybody can see. They are listed with their reasons in docs/mutants.md, by file and
//! change but without a line number, and as often as they occur.
//! Invariant: every mutant has one outcome, that of the last round that judged it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::failure::Failure;

/// What became of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Caught,
    Missed,
    /// The tests ran for so long that they were stopped; a test that never ends is noticed too.
    Timeout,
    /// It does not compile, so nobody can make this mistake.
    Unviable,
}

const FILES: [(&str, Outcome); 4] = [
    ("caught.txt", Outcome::Caught),
    ("missed.txt", Outcome::Missed),
    ("timeout.txt", Outcome::Timeout),
    ("unviable.txt", Outcome::Unviable),
];

/// Mutants by name, such as `crm-core/src/a.rs:1:2: replace == with != in f`.
#[derive(Debug, Default)]
pub(super) struct Outcomes(BTreeMap<String, Outcome>);

/// How many of one area.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    viable: usize,
    caught: usize,
    missed: usize,
}

impl Outcomes {
    /// Reads the lists that a round left in its directory.
    pub(super) fn read(directory: &Path) -> Result<Self, Failure> {
        let mut outcomes = BTreeMap::new();
        for (file, outcome) in FILES {
            let text = fs::read_to_string(directory.join(file))
                .map_err(Failure::while_trying(&format!("reading `{file}`")))?;
            outcomes.extend(text.lines().map(|name| (name.to_owned(), outcome)));
        }
        Ok(Self(outcomes))
    }

    /// The names of those that no test noticed.
    pub(super) fn missed(&self) -> Vec<String> {
        let missed = self.0.iter().filter(|(_, outcome)| **outcome == Outcome::Missed);
        missed.map(|(name, _)| name.clone()).collect()
    }

    /// Takes the later outcomes of these mutants.
    pub(super) fn replace(&mut self, later: Self, of: &[String]) {
        self.0.extend(later.0.into_iter().filter(|(name, _)| of.contains(name)));
    }

    /// Prints the figures, and fails if somebody has to look.
    pub(super) fn report(&self, known: &str) -> Result<(), Failure> {
        println!("{:<14} {:>7} {:>7} {:>7}", "area", "viable", "caught", "missed");
        for (area, Count { viable, caught, missed }) in self.counts() {
            println!("{area:<14} {viable:>7} {caught:>7} {missed:>7}");
        }
        let (explained, unexplained) = self.explained(known);
        println!("mutants: {} of the missed ones are explained", explained.len());
        if unexplained.is_empty() {
            return Ok(());
        }
        let list: String = unexplained.iter().map(|name| format!("\n  {name}")).collect();
        Err(Failure(format!(
            "no test notices {} mutants, and nothing explains them:{list}",
            unexplained.len()
        )))
    }

    fn counts(&self) -> BTreeMap<String, Count> {
        let mut counts: BTreeMap<String, Count> = BTreeMap::new();
        for (name, outcome) in &self.0 {
            for area in [area(name), "all"] {
                let count = counts.entry(area.to_owned()).or_default();
                count.viable += usize::from(*outcome != Outcome::Unviable);
                count.caught += usize::from(matches!(outcome, Outcome::Caught | Outcome::Timeout));
                count.missed += usize::from(*outcome == Outcome::Missed);
            }
        }
        counts
    }

    /// The missed ones that the document explains, and the others.
    fn explained(&self, known: &str) -> (Vec<String>, Vec<String>) {
        let mut known: Vec<&str> = known
            .lines()
            .filter_map(|line| line.strip_prefix("- `")?.split_once('`'))
            .map(|(name, _)| name)
            .collect();
        self.missed().into_iter().partition(|name| {
            let place = without_position(name);
            let at = known.iter().position(|known| *known == place);
            at.map(|at| known.swap_remove(at)).is_some()
        })
    }
}

/// The folder below the crate's source.
fn area(name: &str) -> &str {
    name.split_once("/src/").and_then(|(_, rest)| rest.split(['/', ':']).next()).unwrap_or(name)
}

fn without_position(name: &str) -> String {
    let mut parts = name.splitn(4, ':');
    match (parts.next(), parts.nth(2)) {
        (Some(file), Some(change)) => format!("{file}:{change}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    const LESS: &str = "crm-core/src/deal/course.rs:9:7: replace < with <= in Course<'a>::judge";
    const LESS_AGAIN: &str = "crm-core/src/deal/course.rs:19:7: replace < with <= in Course<'a>::judge";
    const GONE: &str = "crm-core/src/access/decision.rs:1:1: replace decide -> bool with true";

    fn outcomes(caught: &str, missed: &str) -> Outcomes {
        let fixture = Fixture::new(&[
            ("caught.txt", caught),
            ("missed.txt", missed),
            ("timeout.txt", ""),
            ("unviable.txt", "crm-core/src/deal/mod.rs:1:1: replace a -> B with Default::default()\n"),
        ]);
        Outcomes::read(fixture.root()).unwrap()
    }

    #[test]
    fn a_later_round_has_the_last_word_on_those_it_was_asked_about() {
        let mut first = outcomes(GONE, &format!("{LESS}\n{LESS_AGAIN}\n"));
        first.replace(outcomes(LESS, &format!("{GONE}\n{LESS_AGAIN}\n")), &first.missed());
        assert_eq!(first.missed(), [LESS_AGAIN]);
        let counts = first.counts();
        assert_eq!(counts.get("deal"), Some(&Count { viable: 2, caught: 1, missed: 1 }));
        assert_eq!(counts.get("all"), Some(&Count { viable: 3, caught: 2, missed: 1 }));
    }

    #[test]
    fn a_survivor_without_an_explanation_fails_and_is_named() {
        let outcomes = outcomes("", &format!("{LESS}\n{LESS_AGAIN}\n"));
        let line =
            "- `crm-core/src/deal/course.rs: replace < with <= in Course<'a>::judge`: equal never comes.\n";
        assert!(outcomes.report("").unwrap_err().0.contains(LESS));
        assert!(
            outcomes.report(line).unwrap_err().0.contains("1 mutants"),
            "explained once, and there are two"
        );
        assert_eq!(outcomes.report(&line.repeat(2)), Ok(()));
    }
}
